# %% deep_rnn_forward
def deep_rnn_forward(x, a0, layers, dropout_masks=None):
    caches = []
    signal = x
    for start, P in zip(a0, layers):
        signal, cache = rnn_states(signal, start, P)
        caches.append(cache)
    return signal, (caches, dropout_masks)

# %% deep_rnn_backward
def deep_rnn_backward(da, caches):
    layer_caches, dropout_masks = caches
    L = len(layer_caches)
    da0 = np.zeros((L, *da.shape[:2]))
    gradients = []
    for l in reversed(range(L)):
        G = rnn_states_backward(da, layer_caches[l])
        da0[l] = G["da0"]
        gradients.append({name: G[name] for name in ("dWax", "dWaa", "dba")})
        da = G["dx"]
        if l > 0 and dropout_masks is not None:
            da = da * dropout_masks[l - 1]
    return da, da0, gradients

# %% checkpointed_bptt
def checkpointed_bptt(x, targets, a0, P, segment, mask=None):
    G = {"d" + name: np.zeros_like(P[name]) for name in P}
    loss, later = 0.0, np.zeros_like(a0)
    for start in reversed(range(0, x.shape[2], segment)):
        steps = slice(start, start + segment)
        a, y_pred, caches = rnn_forward(x[:, :, steps], a0, P)
        part = None if mask is None else mask[:, steps]
        dWya, dby, da, nats = output_layer_backward(y_pred, targets[:, steps], a, P, part)
        da[:, :, -1] += later
        back = rnn_backward(da, caches)
        later = back["da0"]
        back = back | {"dWya": dWya, "dby": dby}
        G = {name: G[name] + back[name] for name in G}
        loss += nats
    return G, loss

# %% [markdown] long_recordings
# Dropout between the layers: a message passes three masks instead of 9,999. Checkpoints need about 200 states and the gradient stays the same.
