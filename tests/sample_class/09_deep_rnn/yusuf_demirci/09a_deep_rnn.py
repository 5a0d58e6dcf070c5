# %% deep_rnn_forward
def deep_rnn_forward(x, a0, layers, dropout_masks=None):
    caches = []
    a = x
    for l in range(len(layers)):
        if l > 0 and dropout_masks is not None:
            a = a * dropout_masks[l - 1]
        a, cache = rnn_states(a, a0[0], layers[l])
        caches.append(cache)
    return a, (caches, dropout_masks)

# %% deep_rnn_backward
def deep_rnn_backward(da, caches):
    layer_caches, dropout_masks = caches
    L = len(layer_caches)
    da0 = np.zeros((L, da.shape[0], da.shape[1]))
    gradients = [None] * L
    for l in reversed(range(L)):
        G = rnn_states_backward(da, layer_caches[l])
        da0[l] = G["da0"]
        gradients[l] = {name: G[name] for name in ("dWax", "dWaa", "dba")}
        da = G["dx"]
    return da, da0, gradients

# %% checkpointed_bptt
def checkpointed_bptt(x, targets, a0, P, segment, mask=None):
    T = x.shape[2]
    saved = {0: a0}
    for start in range(0, T, segment):
        a, _, _ = rnn_forward(x[:, :, start : start + segment], saved[start], P)
        saved[start + segment] = a[:, :, -1].copy()
    G = {"d" + name: np.zeros_like(P[name]) for name in P}
    loss = 0.0
    for start in reversed(range(0, T, segment)):
        steps = slice(start, start + segment)
        a, y_pred, caches = rnn_forward(x[:, :, steps], saved[start], P)
        part = None if mask is None else mask[:, steps]
        dWya, dby, da, nats = output_layer_backward(y_pred, targets[:, steps], a, P, part)
        back = rnn_backward(da, caches) | {"dWya": dWya, "dby": dby}
        G = {name: G[name] + back[name] for name in G}
        loss += nats
    return G, loss

# %% [markdown] long_recordings
# Checkpoints are like windows but with copies, so both give the same gradient. Dropout on the state is good against overfitting.
