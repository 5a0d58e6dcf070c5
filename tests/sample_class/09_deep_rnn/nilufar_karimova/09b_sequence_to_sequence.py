# %% encoder_decoder_forward
def encoder_decoder_forward(x, x_mask, y_in, P):
    def half(which):
        return {name: P[name + "_" + which] for name in ("Wax", "Waa", "ba")}

    a0 = np.zeros((P["Waa_enc"].shape[0], x.shape[1]))
    read, enc = rnn_states(x, a0, half("enc"), x_mask)
    s, dec = rnn_states(y_in, read[..., -1], half("dec"), None)
    scores = np.einsum("ya,amt->ymt", P["Wya"], s) + P["by"][:, :, None]
    scores = np.exp(scores - scores.max(axis=0))
    return scores / scores.sum(axis=0), (enc, dec, P)

# %% encoder_decoder_backward
def encoder_decoder_backward(y_pred, targets, y_mask, caches):
    enc, dec, P = caches
    n_y, m, T = y_pred.shape
    s = np.stack([cell[0] for cell in dec[0]], axis=-1)
    dz = y_pred.copy()
    for i in range(m):
        for t in range(T):
            if y_mask is None or y_mask[i, t]:
                dz[targets[i, t], i, t] -= 1
            else:
                dz[:, i, t] = 0
    G = {"dWya": np.einsum("ymt,amt->ya", dz, s), "dby": dz.sum(axis=(1, 2)).reshape(-1, 1)}
    back = rnn_states_backward(np.einsum("ya,ymt->amt", P["Wya"], dz), dec)
    into = np.zeros((s.shape[0], m, len(enc[0])))
    into[..., -1] += back["da0"]
    front = rnn_states_backward(into, enc)
    for name in ("dWax", "dWaa", "dba"):
        G[name + "_dec"] = back[name]
        G[name + "_enc"] = front[name]
    return G

# %% decode_greedy
def decode_greedy(x, x_mask, P, start, eos, max_length):
    encoder = {"Wax": P["Wax_enc"], "Waa": P["Waa_enc"], "ba": P["ba_enc"]}
    states = rnn_states(x, np.zeros((len(P["ba_enc"]), x.shape[1])), encoder, x_mask)[0][:, :, -1]
    answers = []
    for i in range(x.shape[1]):
        s, symbol, answer = states[:, [i]], start, []
        while len(answer) < max_length:
            s = np.tanh(P["Wax_dec"] @ one_hot(np.array([symbol]), len(P["by"])) + P["Waa_dec"] @ s + P["ba_dec"])
            symbol = int((P["Wya"] @ s + P["by"]).argmax())
            if symbol == eos:
                break
            answer.append(symbol)
        answers.append(answer)
    return answers

# %% beam_search
def beam_search(step, state0, start, eos, width, max_length):
    beams = [{"tokens": (), "log_p": 0.0, "last": start, "state": state0, "open": True}]
    rounds = 0
    while rounds < max_length and any(beam["open"] for beam in beams):
        grown = []
        for beam in beams:
            if not beam["open"]:
                grown.append(beam)
                continue
            log_p, state = step(beam["last"], beam["state"])
            for token, gain in enumerate(log_p):
                new = dict(beam, log_p=beam["log_p"] + gain, last=token, state=state, open=token != eos)
                if token != eos:
                    new["tokens"] = beam["tokens"] + (token,)
                grown.append(new)
        beams = sorted(grown, key=lambda beam: beam["log_p"], reverse=True)[:width]
        rounds += 1
    return [(list(beam["tokens"]), beam["log_p"]) for beam in beams]

# %% generate_melody
def generate_melody(first, P, length, rng):
    melody = np.full(length, first)
    a = np.zeros((P["Waa"].shape[0], 1))
    for t in range(1, length):
        xt = np.zeros((len(P["by"]), 1))
        xt[melody[t - 1]] = 1
        a, p, _ = rnn_cell_forward(xt, a, P)
        melody[t] = rng.choice(len(P["by"]), p=p.ravel())
    return melody

# %% [markdown] forced_to_shine
# 0.97 was measured while the right words were fed. Customers read what the network writes on its own, and one wrong word at the
# start leads to more. Long descriptions do not fit into one state. First compare how likely the model holds a good translation with
# how likely it holds its own; if its own is likelier, a wider beam cannot help. A wide beam may also prefer short or empty texts.
