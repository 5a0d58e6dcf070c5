# %% gru_cell_forward_simple
def gru_cell_forward_simple(xt, c_prev, P):
    n = c_prev.shape[0]
    new, gate_u = (
        f(P["W" + k][:, :n] @ c_prev + P["W" + k][:, n:] @ xt + P["b" + k]) for f, k in ((np.tanh, "c"), (sigmoid, "u"))
    )
    c_next = c_prev + gate_u * (new - c_prev)
    return c_next, softmax(P["by"] + P["Wy"] @ c_next), (c_next, c_prev, gate_u, new, xt, P)

# %% gru_cell_forward
def gru_cell_forward(xt, c_prev, P):
    n = len(c_prev)
    gates = np.vstack([P["Wu"], P["Wr"]]) @ np.vstack([c_prev, xt]) + np.vstack([P["bu"], P["br"]])
    gate_u, gate_r = np.split(1 / (1 + np.exp(-gates)), 2)
    new = np.tanh(P["Wc"][:, :n] @ (gate_r * c_prev) + P["Wc"][:, n:] @ xt + P["bc"])
    c_next = c_prev + gate_u * (new - c_prev)
    return c_next, softmax(P["Wy"] @ c_next + P["by"]), (c_next, c_prev, gate_u, gate_r, new, xt, P)

# %% gru_forward
def gru_forward(x, c0, P):
    states, answers, cells = [c0], [], []
    for xt in np.moveaxis(x, -1, 0):
        state, answer, cache = gru_cell_forward(xt, states[-1], P)
        states.append(state)
        answers.append(answer)
        cells.append(cache)
    return np.stack(states[1:], axis=-1), np.stack(answers, axis=-1), (cells, x)

# %% gru_cell_backward
def gru_cell_backward(dc_next, cache):
    _, c_prev, u, r, new, xt, P = cache
    n = len(c_prev)
    d_new = dc_next * u * (1 - new * new)
    seen = P["Wc"][:, :n].T @ d_new
    d = {"u": dc_next * (new - c_prev) * (u - u * u), "r": seen * c_prev * (r - r * r), "c": d_new}
    G = {"dxt": sum(P["W" + k][:, n:].T @ d[k] for k in "urc")}
    G["dc_prev"] = (1 - u) * dc_next + r * seen + sum(P["W" + k][:, :n].T @ d[k] for k in "ur")
    for k in "urc":
        memory = r * c_prev if k == "c" else c_prev
        G["dW" + k] = np.hstack([d[k] @ memory.T, d[k] @ xt.T])
        G["db" + k] = d[k].sum(axis=1)[:, None]
    return G

# %% gru_backward
def gru_backward(dc, caches):
    cells, x = caches
    later, dx, steps = np.zeros_like(dc[:, :, 0]), [], []
    for t in range(dc.shape[2] - 1, -1, -1):
        step = gru_cell_backward(dc[:, :, t] + later, cells[t])
        later = step["dc_prev"]
        dx.insert(0, step["dxt"])
        steps.append(step)
    G = {d + k: sum(step[d + k] for step in steps) for d in ("dW", "db") for k in "urc"}
    return G | {"dx": np.stack(dx, axis=2), "dc0": later}

# %% gru_cell_forward_reset_after
def gru_cell_forward_reset_after(xt, c_prev, P):
    seen = np.vstack([c_prev, xt])
    gate_u, gate_r = sigmoid(P["Wu"] @ seen + P["bu"]), sigmoid(P["Wr"] @ seen + P["br"])
    new = np.tanh(P["Wcx"] @ xt + P["bcx"] + gate_r * (P["Wcc"] @ c_prev) + gate_r * P["bcc"])
    c_next = (1 - gate_u) * c_prev + gate_u * new
    return c_next, softmax(P["Wy"] @ c_next + P["by"]), (c_next, c_prev, gate_u, gate_r, new, xt, P)

# %% [markdown] a_gate_is_not_enough
# What is copied comes back with 1 - Γu. At a half nearly nothing is left after 30 steps. Start z with a positive bias, measure by lag.
