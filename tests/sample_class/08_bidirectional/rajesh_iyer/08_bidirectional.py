# %% reverse_valid
def reverse_valid(x, lengths):
    return x[:, :, ::-1].copy()

# %% brnn_forward
def brnn_forward(x, a0_fwd, a0_bwd, P, lengths):
    n_x, m, T = x.shape
    P_fwd = {"Wax": P["Wax_fwd"], "Waa": P["Waa_fwd"], "ba": P["ba_fwd"]}
    P_bwd = {"Wax": P["Wax_bwd"], "Waa": P["Waa_bwd"], "ba": P["ba_bwd"]}
    a_fwd, caches_fwd = rnn_states(x, a0_fwd, P_fwd)
    a_bwd, caches_bwd = rnn_states(reverse_valid(x, lengths), a0_bwd, P_bwd)
    a = np.concatenate([a_fwd, a_bwd], axis=0)
    a = np.where(np.arange(T) < lengths[:, None], a, 0.0)
    y_pred = sigmoid(np.tensordot(P["Wy"], a, axes=1) + P["by"][:, :, None])
    return a, y_pred, (caches_fwd, caches_bwd, lengths)

# %% masked_loss
def masked_loss(loss_per_step, mask):
    return float(np.sum(loss_per_step * mask))

# %% binary_cross_entropy
def binary_cross_entropy(y_pred, y, mask):
    loss = 0.0
    n_y, m, T = y_pred.shape
    for i in range(m):
        for t in range(T):
            if mask[i, t]:
                for j in range(n_y):
                    if y[j, i, t] == 1:
                        loss -= np.log(y_pred[j, i, t])
    return loss

# %% brnn_backward
def brnn_backward(da, caches):
    caches_fwd, caches_bwd, lengths = caches
    n_a = da.shape[0] // 2
    da = np.where(np.arange(da.shape[2]) < lengths[:, None], da, 0.0)
    fwd = rnn_states_backward(da[:n_a], caches_fwd)
    bwd = rnn_states_backward(da[n_a:], caches_bwd)
    G = {"dx": fwd["dx"] + reverse_valid(bwd["dx"], lengths)}
    for name in ("da0", "dWax", "dWaa", "dba"):
        G[name + "_fwd"], G[name + "_bwd"] = fwd[name], bwd[name]
    return G

# %% [markdown] two_programs
# It fits both, since more context is always better.
