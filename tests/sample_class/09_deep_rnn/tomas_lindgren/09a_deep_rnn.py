# %% deep_rnn_forward
def deep_rnn_forward(x, a0, layers, dropout_masks=None):
    caches = []
    a, cache = rnn_states(x, a0[0], layers[0])
    caches.append(cache)
    for l in range(1, len(layers)):
        if dropout_masks is not None:
            a = a * dropout_masks[l - 1]
        a, cache = rnn_states(a, a0[l], layers[l])
        caches.append(cache)
    return a, (caches, dropout_masks)

# %% deep_rnn_backward
def deep_rnn_backward(da, caches):
    cache_list, masks = caches
    da0 = []
    gradients = []
    for l in range(len(cache_list) - 1, -1, -1):
        G = rnn_states_backward(da, cache_list[l])
        da0.insert(0, G["da0"])
        gradients.insert(0, {"dWax": G["dWax"], "dWaa": G["dWaa"], "dba": G["dba"]})
        da = G["dx"]
        if l > 0 and masks is not None:
            da = da * masks[l - 1]
    return da, np.array(da0), gradients
