# %% encoder_decoder_forward
def encoder_decoder_forward(x, x_mask, y_in, P):
    n_y, m, T = y_in.shape
    enc = {"Wax": P["Wax_enc"], "Waa": P["Waa_enc"], "ba": P["ba_enc"]}
    dec = {"Wax": P["Wax_dec"], "Waa": P["Waa_dec"], "ba": P["ba_dec"]}
    a, enc_caches = rnn_states(x, np.zeros((len(P["ba_enc"]), m)), enc, x_mask)
    s, dec_caches = rnn_states(y_in, a[:, :, -1], dec)
    y_pred = np.zeros((n_y, m, T))
    for t in range(T):
        y_pred[:, :, t] = softmax(P["Wya"] @ s[:, :, t] + P["by"])
    return y_pred, (enc_caches, dec_caches, P)

# %% generate_melody
def generate_melody(first, P, length, rng):
    melody, a = [first], np.zeros_like(P["ba"])
    while len(melody) < length:
        a, p, _ = rnn_cell_forward(one_hot(np.array([melody[-1]]), len(P["by"])), a, P)
        melody.append(int(rng.choice(len(p), p=p[:, 0])))
    return np.array(melody)
