# %% lstm_cell_forward
def lstm_cell_forward(xt, a_prev, c_prev, P):
    n_a = len(a_prev)
    z = {gate: P["W" + gate][:, :n_a] @ a_prev + P["W" + gate][:, n_a:] @ xt + P["b" + gate] for gate in "fuco"}
    keep, write, out = (1 / (1 + np.exp(-z[gate])) for gate in "fuo")
    idea = np.tanh(z["c"])
    c = keep * c_prev + write * idea
    a = out * np.tanh(c)
    return a, c, softmax(P["Wy"] @ a + P["by"]), (a, c, a_prev, c_prev, keep, write, idea, out, xt, P)

# %% lstm_forward
def lstm_forward(x, a0, P, c0=None):
    a, c = a0, np.zeros_like(a0) if c0 is None else c0
    shown, kept, answers, cells = [], [], [], []
    for t in range(x.shape[-1]):
        a, c, answer, cache = lstm_cell_forward(x[..., t], a, c, P)
        shown.append(a)
        kept.append(c)
        answers.append(answer)
        cells.append(cache)
    return np.stack(shown, -1), np.stack(answers, -1), np.stack(kept, -1), (cells, x)

# %% lstm_cell_backward
def lstm_cell_backward(da_next, dc_next, cache):
    a, c, a_prev, c_prev, f, u, new, o, xt, P = cache
    t = np.tanh(c)
    dc = dc_next + da_next * o - da_next * o * t * t
    dz = {"f": dc * c_prev * (f - f * f), "u": dc * new * (u - u * u), "c": dc * u * (1 - new) * (1 + new)}
    dz["o"] = da_next * a * (1 - o)
    seen = np.vstack((a_prev, xt))
    G = {"dW" + g: np.einsum("am,sm->as", d, seen) for g, d in dz.items()}
    G |= {"db" + g: d @ np.ones((d.shape[1], 1)) for g, d in dz.items()}
    back = sum(P["W" + g].T @ d for g, d in dz.items())
    return G | {"da_prev": back[: len(a)], "dxt": back[len(a) :], "dc_prev": f * dc}

# %% lstm_backward
def lstm_backward(da, caches):
    cells, x = caches
    a_back = c_back = np.zeros_like(da[:, :, 0])
    steps = []
    for own, cell in list(zip(np.moveaxis(da, 2, 0), cells))[::-1]:
        steps.append(lstm_cell_backward(own + a_back, c_back, cell))
        a_back, c_back = steps[-1]["da_prev"], steps[-1]["dc_prev"]
    G = {k: sum(step[k] for step in steps) for k in steps[0] if k[1] in "Wb"}
    return G | {"dx": np.stack([step["dxt"] for step in steps[::-1]], axis=2), "da0": a_back, "dc0": c_back}
