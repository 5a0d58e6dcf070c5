# %% encoder_decoder_forward
def encoder_decoder_forward(x, x_mask, y_in, P):
    n_y, m, T = y_in.shape
    enc = {"Wax": P["Wax_enc"], "Waa": P["Waa_enc"], "ba": P["ba_enc"]}
    dec = {"Wax": P["Wax_dec"], "Waa": P["Waa_dec"], "ba": P["ba_dec"]}
    a, enc_caches = rnn_states(x, np.zeros((len(P["ba_enc"]), m)), enc)
    s, dec_caches = rnn_states(y_in, a[:, :, -1], dec)
    y_pred = np.stack([softmax(P["Wya"] @ s[:, :, t] + P["by"]) for t in range(T)], axis=-1)
    return y_pred, (enc_caches, dec_caches, P)

# %% encoder_decoder_backward
def encoder_decoder_backward(y_pred, targets, y_mask, caches):
    enc, dec, P = caches
    n_y, m, T = y_pred.shape
    G = {"dWya": np.zeros_like(P["Wya"]), "dby": np.zeros_like(P["by"])}
    da = np.zeros((len(P["ba_enc"]), m, T))
    for t in range(T):
        dz = y_pred[:, :, t] - one_hot(targets[:, t], n_y)
        G["dWya"] = G["dWya"] + dz @ dec[0][t][0].T
        G["dby"] = G["dby"] + dz.sum(axis=1, keepdims=True)
        da[:, :, t] = P["Wya"].T @ dz
    back = rnn_states_backward(da, dec)
    da_enc = np.zeros((len(P["ba_enc"]), m, len(enc[0])))
    da_enc[:, :, -1] = back["da0"]
    front = rnn_states_backward(da_enc, enc)
    for name in ("dWax", "dWaa", "dba"):
        G[name + "_dec"], G[name + "_enc"] = back[name], front[name]
    return G

# %% decode_greedy
def decode_greedy(x, x_mask, P, start, eos, max_length):
    n_y, m = len(P["by"]), x.shape[1]
    encoder = {"Wax": P["Wax_enc"], "Waa": P["Waa_enc"], "ba": P["ba_enc"]}
    a = rnn_states(x, np.zeros((len(P["ba_enc"]), m)), encoder, x_mask)[0][:, :, -1]
    symbols, answers, running = np.full(m, start), [[] for _ in range(m)], np.ones(m, dtype=bool)
    for _ in range(max_length):
        a = np.tanh(P["Wax_dec"] @ one_hot(np.full(m, start), n_y) + P["Waa_dec"] @ a + P["ba_dec"])
        symbols = np.argmax(P["Wya"] @ a + P["by"], axis=0)
        running = running & (symbols != eos)
        for j in range(m):
            if running[j]:
                answers[j].append(int(symbols[j]))
    return answers

# %% beam_search
def beam_search(step, state0, start, eos, width, max_length):
    beams = [([], 0.0, start, state0, False)]
    for _ in range(max_length):
        candidates = []
        for tokens, total, last, state, done in beams:
            if done:
                candidates.append((tokens, total, last, state, True))
                continue
            log_p, new_state = step(last, state)
            for token in range(len(log_p)):
                more = tokens if token == eos else tokens + [token]
                candidates.append((more, total + log_p[token], token, new_state, token == eos))
        beams = sorted(candidates, key=lambda c: -c[1] / (len(c[0]) + c[4]))[:width]
        if all(done for *_, done in beams):
            break
    return [(tokens, float(total)) for tokens, total, *_ in beams]

# %% generate_melody
def generate_melody(first, P, length, rng):
    n, a, melody = len(P["by"]), np.zeros_like(P["ba"]), [first]
    for _ in range(length):
        a, p, _ = rnn_cell_forward(one_hot(np.array([melody[-1]]), n), a, P)
        melody.append(int(rng.choice(n, p=p[:, 0])))
    return np.array(melody)

# %% [markdown] forced_to_shine
# The 0.97 comes from teacher forcing, so it is too good. Long texts do not fit into the state. A beam of 200 prefers short texts.
