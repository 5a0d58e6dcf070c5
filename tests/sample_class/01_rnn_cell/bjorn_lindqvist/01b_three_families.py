# %% rnn_cell_forward_compact
def rnn_cell_forward_compact(xt, a_prev, Wa, ba):
    return np.tanh(np.einsum("ij,jm->im", Wa, np.vstack((a_prev, xt))) + ba)

# %% jordan_forward
def jordan_forward(x, y0, P, teacher=None):
    drive = np.tensordot(P["Wax"], x, axes=1) + P["ba"][:, :, None]
    a, y_pred = [], [y0]
    for t in range(x.shape[2]):
        back = teacher[:, :, t - 1] if teacher is not None and t > 0 else y_pred[-1]
        a.append(np.tanh(drive[:, :, t] + P["Way"] @ back))
        y_pred.append(softmax(P["Wya"] @ a[-1] + P["by"]))
    return np.dstack(a), np.dstack(y_pred[1:])

# %% sequence_to_one_forward
def sequence_to_one_forward(x, a0, P, mask=None):
    drive = np.tensordot(P["Wax"], x, axes=1) + P["ba"][:, :, None]
    a, cells = a0, []
    for t in range(x.shape[2]):
        new = np.tanh(drive[:, :, t] + P["Waa"] @ a)
        cells.append((new, a, x[:, :, t], P))
        keep = 1.0 if mask is None else mask[:, t].astype(float)
        a = keep * new + (1 - keep) * a
    return a, softmax(P["Wya"] @ a + P["by"]), (cells, x, mask)
