# %% rnn_cell_forward_compact
def rnn_cell_forward_compact(xt, a_prev, Wa, ba):
    n_a, m = a_prev.shape
    a_next = np.empty((n_a, m))
    for k in range(m):
        column = list(a_prev[:, k]) + list(xt[:, k])
        for i in range(n_a):
            a_next[i, k] = np.tanh(sum(w * v for w, v in zip(Wa[i], column)) + ba[i, 0])
    return a_next

# %% jordan_forward
def jordan_forward(x, y0, P, teacher=None):
    states, answers = [], []
    for t in range(x.shape[2]):
        if t == 0:
            last = y0
        elif teacher is None:
            last = answers[-1]
        else:
            last = teacher[:, :, t - 1]
        states.append(np.tanh(P["Wax"] @ x[:, :, t] + P["Way"] @ last + P["ba"]))
        answers.append(softmax(P["Wya"] @ states[-1] + P["by"]))
    return np.stack(states, axis=-1), np.stack(answers, axis=-1)

# %% sequence_to_one_forward
def sequence_to_one_forward(x, a0, P, mask=None):
    cells = []
    a = a0.copy()
    for t in range(x.shape[2]):
        new, _, cache = rnn_cell_forward(x[:, :, t], a, P)
        cells.append(cache)
        kept = a.copy()
        for i in range(x.shape[1]):
            if mask is None or mask[i, t]:
                kept[:, i] = new[:, i]
        a = kept
    return a, softmax(P["Wya"] @ a + P["by"]), (cells, x, mask)
