# structure: check-before rnn_forward

# %% rnn_cell_forward
def rnn_cell_forward(xt, a_prev, P):
    z = P["Wax"] @ xt + P["Waa"] @ a_prev + P["ba"]
    a_next = np.tanh(z)
    yt_pred = softmax(P["Wya"] @ a_next + P["by"])
    return a_next, yt_pred, (a_next, a_prev, xt, P)

# %% rnn_forward
def rnn_forward(x, a0, P):
    n_x, m, T = x.shape
    n_y, n_a = P["Wya"].shape
    a = np.zeros((n_a, m, T))
    y_pred = np.zeros((n_y, m, T))
    cells = []
    state = a0
    for t in range(T):
        state, y_pred[:, :, t], cache = rnn_cell_forward(x[:, :, t], state, P)
        a[:, :, t] = state
        cells.append(cache)
    return a, y_pred, (cells, x)

# %% sequence_loss
def sequence_loss(y_pred, targets, mask=None):
    n_y, m, T = y_pred.shape
    loss = 0.0
    for t in range(T):
        p_right = y_pred[targets[:, t], np.arange(m), t]
        nats = -np.log(p_right)
        if mask is not None:
            nats = np.where(mask[:, t], nats, 0.0)
        loss += nats.sum()
    return loss

# %% count_rnn_parameters
def count_rnn_parameters(n_x, n_a, n_y):
    return n_a * n_x + n_a * n_a + n_a + n_y * n_a + n_y

# %% [markdown] why_share
# Grammar does not change in the middle of a sentence, so neither do the weights.
