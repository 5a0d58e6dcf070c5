# %% reverse_valid
def reverse_valid(x, lengths):
    out = x.copy()
    for i in range(x.shape[1]):
        out[:, i, : lengths[i]] = x[:, i, : lengths[i]][::-1]
    return out

# %% brnn_forward
def brnn_forward(x, a0_fwd, a0_bwd, P, lengths):
    T = x.shape[2]
    P_fwd = {"Wax": P["Wax_fwd"], "Waa": P["Waa_fwd"], "ba": P["ba_fwd"]}
    P_bwd = {"Wax": P["Wax_bwd"], "Waa": P["Waa_bwd"], "ba": P["ba_bwd"]}
    a_fwd, caches_fwd = rnn_states(x, a0_fwd, P_fwd)
    a_bwd, caches_bwd = rnn_states(reverse_valid(x, lengths), a0_bwd, P_bwd)
    a = np.concatenate([a_fwd, reverse_valid(a_bwd, lengths)], axis=0)
    a = np.where(np.arange(T) < lengths[:, None], a, 0.0)
    z = np.tensordot(P["Wy"], a, axes=1) + P["by"][:, :, None]
    e = np.exp(z)
    return a, e / e.sum(axis=0), (caches_fwd, caches_bwd, lengths)

# %% masked_loss
def masked_loss(loss_per_step, mask):
    return loss_per_step[mask].mean()

# %% binary_cross_entropy
def binary_cross_entropy(y_pred, y, mask):
    p = np.where(y == 1, y_pred, 1 - y_pred)
    return masked_loss(np.mean(-np.log(p), axis=0), mask)

# %% brnn_backward
def brnn_backward(da, caches):
    caches_fwd, caches_bwd, lengths = caches
    n_a = da.shape[0] // 2
    da = np.where(np.arange(da.shape[2]) < lengths[:, None], da, 0.0)
    fwd = rnn_states_backward(da[:n_a], caches_fwd)
    bwd = rnn_states_backward(reverse_valid(da[n_a:], lengths), caches_bwd)
    G = {"dx": fwd["dx"]}
    for name in ("da0", "dWax", "dWaa", "dba"):
        G[name + "_fwd"], G[name + "_bwd"] = fwd[name], bwd[name]
    return G

# %% [markdown] two_programs
# The first fits, the second does not: it sees the next word. 0.03 is cheating.
