# %% scalar_bptt
def scalar_bptt(x, a0, w_x, w_a, b):
    before, after, a = [], [], a0
    for number in x:
        before.append(a)
        a = np.tanh(w_x * number + w_a * a + b)
        after.append(a)
    terms, arriving = [], 1.0
    for old, new in zip(before[::-1], after[::-1]):
        at_sum = arriving * (1 - new * new)
        terms.insert(0, at_sum * old)
        arriving = at_sum * w_a
    return np.array(terms), sum(terms)

# %% rnn_cell_backward
def rnn_cell_backward(da_next, cache):
    a, before, x, P = cache
    dz = da_next - da_next * a * a
    return {
        "dba": dz @ np.ones((dz.shape[1], 1)),
        "dWax": np.einsum("am,xm->ax", dz, x),
        "dWaa": np.einsum("am,bm->ab", dz, before),
        "da_prev": (dz.T @ P["Waa"]).T,
        "dxt": (dz.T @ P["Wax"]).T,
    }

# %% rnn_backward
def rnn_backward(da, caches):
    cells, x = caches
    steps, back = [], 0
    for own, cell in zip(np.moveaxis(da, 2, 0)[::-1], cells[::-1]):
        steps.append(rnn_cell_backward(own + back, cell))
        back = steps[-1]["da_prev"]
    total = {name: sum(step[name] for step in steps) for name in ("dWax", "dWaa", "dba")}
    return total | {"da0": back, "dx": np.stack([step["dxt"] for step in reversed(steps)], axis=2)}

# %% output_layer_backward
def output_layer_backward(y_pred, targets, a, P, mask=None):
    truth = np.arange(len(y_pred))[:, None, None] == targets
    dz = y_pred - truth
    if mask is not None:
        dz = dz * mask
    return (
        np.einsum("ymt,amt->ya", dz, a),
        dz.sum(axis=(1, 2)).reshape(-1, 1),
        np.einsum("ya,ymt->amt", P["Wya"], dz),
        sequence_loss(y_pred, targets, mask),
    )
