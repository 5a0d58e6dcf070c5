# %% rnn_cell_forward
def rnn_cell_forward(xt, a_prev, P):
    n_a, m = a_prev.shape
    a_next = np.empty((n_a, m))
    for i in range(n_a):
        for k in range(m):
            total = P["ba"][i, 0]
            for j in range(xt.shape[0]):
                total += P["Wax"][i, j] * xt[j, k]
            for j in range(n_a):
                total += P["Waa"][i, j] * a_prev[j, k]
            a_next[i, k] = np.tanh(total)
    columns = []
    for k in range(m):
        columns.append(softmax(P["Wya"] @ a_next[:, k : k + 1] + P["by"]))
    yt_pred = np.hstack(columns)
    return a_next, yt_pred, (a_next, a_prev, xt, P)

# %% rnn_forward
def rnn_forward(x, a0, P):
    states, predictions, caches = [], [], []
    a_prev = a0
    for t in range(x.shape[2]):
        a_prev, y, cache = rnn_cell_forward(x[:, :, t], a_prev, P)
        states.append(a_prev)
        predictions.append(y)
        caches.append(cache)
    return np.stack(states, axis=2), np.stack(predictions, axis=2), (caches, x)

# %% sequence_loss
def sequence_loss(y_pred, targets, mask=None):
    total = 0.0
    for i in range(targets.shape[0]):
        for t in range(targets.shape[1]):
            if mask is None or mask[i, t]:
                total -= np.log(y_pred[targets[i, t], i, t])
    return total

# %% count_rnn_parameters
def count_rnn_parameters(n_x, n_a, n_y):
    count = 0
    for rows, columns in [(n_a, n_x), (n_a, n_a), (n_a, 1), (n_y, n_a), (n_y, 1)]:
        count += rows * columns
    return count

# %% [markdown] why_share
# Because reading is the same work at every position. With weights of its own for each step the net would need to see
# every word at every position before it knew it there.
