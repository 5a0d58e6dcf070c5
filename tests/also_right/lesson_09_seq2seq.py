"""Right answers on melodies and on reading before writing, as students write them. `prove` must accept every one."""

import itertools

import numpy as np


def softmax(z):
    e = np.exp(z - z.max(axis=0))
    return e / e.sum(axis=0)


def generate_melody__uniform_number(first, P, length, rng):
    """rng.choice is one uniform number looked up in the running total of p; here it is written out."""
    notes = np.zeros(length, dtype=int)
    notes[0] = first
    a = np.zeros((P["Waa"].shape[0], 1))
    for t in range(1, length):
        a = np.tanh(P["Wax"][:, [notes[t - 1]]] + P["Waa"] @ a + P["ba"])
        p = softmax(P["Wya"] @ a + P["by"]).ravel()
        total = np.cumsum(p)
        notes[t] = np.searchsorted(total / total[-1], rng.random(), side="right")
    return notes


def generate_melody__while(first, P, length, rng):
    n, note, melody = P["Wax"].shape[1], first, np.array([first])
    state = 0 * P["ba"]
    while len(melody) < length:
        x = np.zeros((n, 1))
        x[note] = 1
        state = np.tanh(P["Wax"].dot(x) + P["Waa"].dot(state) + P["ba"])
        weights = np.exp(P["Wya"].dot(state) + P["by"])
        note = rng.choice(np.arange(n), p=(weights / weights.sum())[:, 0])
        melody = np.append(melody, note)
    return melody


def generate_melody__generator(first, P, length, rng):
    """Flat states, and an endless stream of notes of which the first ones are kept."""

    def notes():
        a, note = np.zeros(len(P["ba"])), first
        while True:
            yield note
            a = np.tanh(P["Wax"][:, note] + P["Waa"] @ a + P["ba"][:, 0])
            note = int(rng.choice(len(P["by"]), p=softmax(P["Wya"] @ a + P["by"][:, 0])))

    return np.array(list(itertools.islice(notes(), length)))


def generate_melody__eye(first, P, length, rng):
    n = len(P["by"])
    eye, a, melody = np.eye(n), np.zeros_like(P["ba"]), [first]
    for t in range(length):
        if t == length - 1:
            break
        a = np.tanh(P["Wax"] @ eye[:, melody[t] : melody[t] + 1] + P["Waa"] @ a + P["ba"])
        melody.append(rng.choice(n, p=softmax(P["Wya"] @ a + P["by"]).squeeze(axis=1)))
    return np.asarray(melody)


def run(x, a, P, mask):
    """rnn_states in the words of a student: states (n_a, m, T) and the documented caches."""
    states, cells = [], []
    for t in range(x.shape[2]):
        new = np.tanh(np.dot(P["Wax"], x[..., t]) + np.dot(P["Waa"], a) + P["ba"])
        cells.append((new, a, x[..., t], P))
        a = new.copy()
        if mask is not None:
            a[:, ~mask[:, t]] = cells[-1][1][:, ~mask[:, t]]
        states.append(a)
    return np.stack(states, axis=-1), (cells, x, mask)


def weights(P, net):
    return {name: P[name + "_" + net] for name in ["Wax", "Waa", "ba"]}


def encoder_decoder_forward__all_steps_at_once(x, x_mask, y_in, P):
    read, encoder_caches = run(x, np.zeros((P["Waa_enc"].shape[0], x.shape[1])), weights(P, "enc"), x_mask)
    written, decoder_caches = run(y_in, read[..., -1], weights(P, "dec"), None)
    z = np.einsum("ya,amt->ymt", P["Wya"], written) + P["by"][..., None]
    return softmax(z), (encoder_caches, decoder_caches, P)


def encoder_decoder_forward__two_loops(x, x_mask, y_in, P):
    m = x.shape[1]
    enc, dec = weights(P, "enc"), weights(P, "dec")
    a = np.zeros((len(P["ba_enc"]), m))
    read, written, y_pred = [], [], []
    for t in range(x.shape[2]):
        counts = np.ones(m) if x_mask is None else x_mask[:, t].astype(float)
        a_next = np.tanh(P["Wax_enc"] @ x[:, :, t] + P["Waa_enc"] @ a + P["ba_enc"])
        read.append((a_next, a, x[:, :, t], enc))
        a = counts * a_next + (1 - counts) * a
    for t in range(y_in.shape[2]):
        a_next = np.tanh(P["Wax_dec"] @ y_in[:, :, t] + P["Waa_dec"] @ a + P["ba_dec"])
        written.append((a_next, a, y_in[:, :, t], dec))
        y_pred.append(softmax(P["Wya"] @ a_next + P["by"]))
        a = a_next
    return np.dstack(y_pred), ((read, x, x_mask), (written, y_in, None), P)


def encoder_decoder_forward__stacked_weights(x, x_mask, y_in, P):
    """One product a step, [Waa | Wax] @ [a; x], for both nets."""

    def states(a, x, net, mask):
        p = weights(P, net)
        W = np.hstack([p["Waa"], p["Wax"]])
        cells, kept = [], np.zeros((*a.shape, x.shape[2]))
        for t, xt in enumerate(np.moveaxis(x, 2, 0)):
            new = np.tanh(W @ np.vstack([a, xt]) + p["ba"])
            cells.append((new, a, xt, p))
            a = new if mask is None else np.where(mask[:, t][None, :], new, a)
            kept[:, :, t] = a
        return kept, (cells, x, mask)

    a_enc, first = states(np.zeros((len(P["ba_enc"]), x.shape[1])), x, "enc", x_mask)
    a_dec, second = states(a_enc[:, :, -1], y_in, "dec", None)
    y_pred = np.array([softmax(P["Wya"] @ a_dec[:, :, t] + P["by"]) for t in range(y_in.shape[2])])
    return y_pred.transpose(1, 2, 0), (first, second, P)


def back(da, caches):
    """rnn_states_backward in the words of a student."""
    cells, x, mask = caches
    P, flowing = cells[0][3], 0
    dz = np.zeros_like(da)
    for t in range(da.shape[2] - 1, -1, -1):
        flowing = flowing + da[:, :, t]
        counts = 1.0 if mask is None else mask[:, t] * 1.0
        dz[:, :, t] = counts * (1 - cells[t][0] ** 2) * flowing
        flowing = P["Waa"].T @ dz[:, :, t] + (1 - counts) * flowing
    before = np.stack([cell[1] for cell in cells], axis=2)
    dWax, dWaa = np.einsum("amt,imt->ai", dz, x), np.einsum("amt,bmt->ab", dz, before)
    return flowing, {"dWax": dWax, "dWaa": dWaa, "dba": dz.sum(axis=(1, 2)).reshape(-1, 1)}


def encoder_decoder_backward__einsum(y_pred, targets, y_mask, caches):
    read, written, P = caches
    dz = y_pred - np.moveaxis(np.eye(len(y_pred))[targets], 2, 0)
    if y_mask is not None:
        dz[:, ~y_mask] = 0
    states = np.stack([cell[0] for cell in written[0]], axis=2)
    da0, dec = back(np.einsum("ya,ymt->amt", P["Wya"], dz), written)
    da = np.concatenate([np.zeros((*da0.shape, len(read[0]) - 1)), da0[:, :, None]], axis=2)
    _, enc = back(da, read)
    G = {"dWya": np.einsum("ymt,amt->ya", dz, states), "dby": dz.sum(axis=(1, 2))[:, None]}
    for key in ("dWax", "dWaa", "dba"):
        G[key + "_enc"], G[key + "_dec"] = enc[key], dec[key]
    return G


def encoder_decoder_backward__subtracts_one(y_pred, targets, y_mask, caches):
    """Own arrays changed in place; the gradient enters the encoder at the last step that counts, which is the same."""
    (cells, x, mask), written, P = caches
    m, T = targets.shape
    dz = y_pred.copy()
    for j in range(m):
        for t in range(T):
            dz[targets[j, t], j, t] -= 1
            if y_mask is not None and not y_mask[j, t]:
                dz[:, j, t] = 0
    dWya, dby, da = np.zeros(P["Wya"].shape), np.zeros(P["by"].shape), []
    for t in range(T):
        dWya += dz[:, :, t] @ written[0][t][0].T
        dby += dz[:, :, [t]].sum(axis=1)
        da.append(P["Wya"].T @ dz[:, :, t])
    da0, dec = back(np.dstack(da), written)
    da = np.zeros((*da0.shape, x.shape[2]))
    for j in range(m):
        last = x.shape[2] - 1 if mask is None else np.flatnonzero(mask[j])[-1]
        da[:, j, last] = da0[:, j]
    enc = back(da, (cells, x, mask))[1]
    return (
        {f"{key}_enc": g for key, g in enc.items()} | {f"{k}_dec": g for k, g in dec.items()} | dict(dWya=dWya, dby=dby)
    )


def encoder_decoder_backward__example_by_example(y_pred, targets, y_mask, caches):
    """A batch of one for every example, added up."""

    def only(j, part):
        cells, x, mask = part
        one = slice(j, j + 1)
        return (
            [(a[:, one], b[:, one], c[:, one], P) for a, b, c, P in cells],
            x[:, one],
            mask if mask is None else mask[one],
        )

    G = {"d" + name: np.zeros_like(value) for name, value in caches[2].items()}
    for j in range(len(targets)):
        mine = None if y_mask is None else y_mask[j : j + 1]
        parts = only(j, caches[0]), only(j, caches[1]), caches[2]
        part = encoder_decoder_backward__einsum(y_pred[:, j : j + 1], targets[j : j + 1], mine, parts)
        for key in G:
            G[key] += part[key]
    return G


def decode_greedy__one_example_at_a_time(x, x_mask, P, start, eos, max_length):
    answers = []
    for j in range(x.shape[1]):
        a = np.zeros(len(P["ba_enc"]))
        for t in range(x.shape[2]):
            if x_mask is None or x_mask[j, t]:
                a = np.tanh(P["Wax_enc"] @ x[:, j, t] + P["Waa_enc"] @ a + P["ba_enc"][:, 0])
        answer, symbol = [], start
        while len(answer) < max_length:
            heard = P["Wax_dec"][:, symbol] if symbol >= 0 else 0.0
            a = np.tanh(heard + P["Waa_dec"] @ a + P["ba_dec"][:, 0])
            symbol = np.argmax(softmax(P["Wya"] @ a + P["by"][:, 0]))
            if symbol == eos:
                break
            answer.append(symbol)
        answers.append(answer)
    return answers


def decode_greedy__all_the_way_then_cut(x, x_mask, P, start, eos, max_length):
    a = run(x, np.zeros((len(P["ba_enc"]), x.shape[1])), weights(P, "enc"), x_mask)[0][:, :, -1]
    symbols, table = [np.full(x.shape[1], start)], np.eye(len(P["by"]) + 1)[:, :-1]  # row -1 is zero
    for _ in range(max_length):
        a = np.tanh(P["Wax_dec"] @ table[symbols[-1]].T + P["Waa_dec"] @ a + P["ba_dec"])
        symbols.append((P["Wya"] @ a + P["by"]).argmax(0))
    rows = np.array(symbols[1:]).T
    return [[int(s) for s in itertools.takewhile(lambda s: s != eos, row)] for row in rows]


def decode_greedy__recursion(x, x_mask, P, start, eos, max_length):
    states = run(x, np.zeros((len(P["ba_enc"]), x.shape[1])), weights(P, "enc"), x_mask)[0]

    def rest(a, symbol, left):
        """What is still to be written, at most `left` symbols."""
        if left == 0:
            return []
        heard = P["Wax_dec"][:, [symbol]] if symbol != -1 else 0.0
        a = np.tanh(heard + P["Waa_dec"] @ a + P["ba_dec"])
        scores = (P["Wya"] @ a + P["by"]).ravel().tolist()
        chosen = scores.index(max(scores))
        return [] if chosen == eos else [chosen, *rest(a, chosen, left - 1)]

    return [rest(states[:, j : j + 1, -1], start, max_length) for j in range(x.shape[1])]


def decode_greedy__teacher_forcing_with_its_own_words(x, x_mask, P, start, eos, max_length):
    """Runs the whole decoder again for every symbol: slow, and right."""
    m, n_y = x.shape[1], len(P["by"])
    fed = np.zeros((n_y, m, max_length + 1))
    if start >= 0:
        fed[start, :, 0] = 1
    done, answers = set(), [[] for _ in range(m)]
    for t in range(max_length):
        y_pred, _ = encoder_decoder_forward__two_loops(x, x_mask, fed[:, :, : t + 1], P)
        for j, best in enumerate(y_pred[:, :, -1].argmax(axis=0)):
            fed[best, j, t + 1] = 1
            if best == eos:
                done.add(j)
            elif j not in done:
                answers[j] += [best]
    return answers
