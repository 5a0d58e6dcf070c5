"""Lesson 09, part B: stretches of the alphabet, words without sense and melodies: what is read, what is written.

An answer is right if every symbol of it is, its end included. Data come as the four arrays of `train_encoder_decoder`:
x one-hot (n_x, m, T_x) padded on the left, x_mask (m, T_x), targets (m, T_y) padded on the right, y_mask (m, T_y).
"""

import numpy as np

from utils.generators import END, melodies
from utils.generators.melodies import CHORDS, LEAP, NOTES, SCALES
from utils.loop import on_one_thread
from utils.reference import (
    beam_search,
    decode_greedy,
    encoder_decoder_forward,
    init_encoder_decoder,
    init_rnn,
    pad_left,
    rnn_states,
    rnn_step,
)
from utils.stored_runs.alphabet import distinct
from utils.training import (
    ENCODER_DECODER,
    accuracy_of_decoding,
    teacher_forced,
    train,
    train_encoder_decoder,
    train_every_step,
)

VOWELS = (0, 4, 8, 14, 20)
STOP = 8  # the end of a word without sense; its letters are 0 … 7
NOTES_PER_MELODY = 16


def as_data(words, answers, n):
    """Lists of numbers as the four arrays; `answers` hold their end already. n: how many symbols can be read."""
    x, x_mask = pad_left(words)
    y, y_mask = pad_left([answer[::-1] for answer in answers])
    return (np.arange(n)[:, None, None] == x).astype(float), x_mask, y[:, ::-1].copy(), y_mask[:, ::-1].copy()


def answer_to(stretch, order):
    """What is to be said about a stretch of the alphabet, as a list of numbers with END."""
    back = stretch[::-1]
    said = {
        "backwards": back,
        "same order": stretch,
        "backwards without vowels": [letter for letter in back if letter not in VOWELS],
    }
    return [*said[order], END]


def split_stretches(seed, order="backwards"):
    """All 195 stretches of 3 to 12 letters, a fifth held out. Returns two sets of data: known, held out."""
    rng = np.random.default_rng(seed)
    x, x_mask, _, _ = distinct(rng, 3, 12)
    stretches = [row[read].tolist() for row, read in zip(x, x_mask, strict=True)]
    size = len(stretches) // 5
    parts = (stretches[size:], stretches[:size])
    return tuple(as_data(part, [answer_to(s, order) for s in part], END) for part in parts)


@on_one_thread
def stretch_network(seed=0, order="backwards", epochs=60):
    """Parameters after training on the known stretches, 48 units."""
    known, _ = split_stretches(seed, order)
    rng = np.random.default_rng(seed)
    P = init_encoder_decoder(END, 48, END + 1, rng)
    return train_encoder_decoder(*known, P, rng, epochs=epochs, batch=16)


def in_letters(row, eos=END):
    """Numbers as letters: 0 is a. The end, and what stands behind it, is left out."""
    row = [int(symbol) for symbol in row if symbol >= 0]
    row = row[: row.index(eos)] if eos in row else row
    return "".join(chr(ord("a") + symbol) for symbol in row)


@on_one_thread
def two_ways(data, P, eos=END):
    """Which symbols are right, bool (m, T_y) each: with the right ones before it, and running freely."""
    _, _, _, targets, y_mask = forced = teacher_forced(*data, eos + 1)
    y_pred, _ = encoder_decoder_forward(*forced[:3], P)
    written = np.full(targets.shape, -1)
    for row, answer in zip(written, decode_greedy(*data[:2], P, -1, eos, targets.shape[1]), strict=True):
        whole = [*answer, eos][: len(row)]
        row[: len(whole)] = whole
    return (y_pred.argmax(axis=0) == targets) & y_mask, (written == targets) & y_mask


def kinds_of_mistakes(written, targets, eos=END):
    """How answers are wrong. written: lists without eos; targets (m, T_y). A dict of counts, each answer once:

    begin: a wrong first symbol, or no symbol at all; early: right as far as it goes, and then an end; late: an end is
    missing where it should stand; other.
    """
    kinds = dict.fromkeys(("begin", "early", "late", "other"), 0)
    for answer, row in zip(written, targets.tolist(), strict=True):
        right = row[: row.index(eos)]
        if answer == right:
            continue
        if answer[:1] != right[:1]:
            kinds["begin"] += 1
        elif answer == right[: len(answer)]:
            kinds["early"] += 1
        elif answer[: len(right)] == right:
            kinds["late"] += 1
        else:
            kinds["other"] += 1
    return kinds


def after_first_error(forced, free, y_mask):
    """Behind the first mistake made running freely: the shares of right symbols, forced and free, and how many."""
    wrong = ~free & y_mask
    behind = (np.cumsum(wrong, axis=1) - wrong > 0) & y_mask
    return forced[behind].mean(), free[behind].mean(), int(behind.sum())


def random_words(rng, m, shortest, longest):
    """Words of letters a … h drawn alike, to be said backwards. The four arrays."""
    lengths = rng.integers(shortest, longest + 1, size=m)
    words = [rng.integers(STOP, size=length).tolist() for length in lengths]
    return as_data(words, [[*word[::-1], STOP] for word in words], STOP)


@on_one_thread
def word_network(seed=0, n_a=32, epochs=15):
    """Parameters after training on 1,500 words without sense of 1 to 8 letters."""
    rng = np.random.default_rng(seed)
    data = random_words(rng, 1500, 1, 8)
    P = init_encoder_decoder(STOP, n_a, STOP + 1, rng)
    return train_encoder_decoder(*data, P, rng, epochs=epochs, batch=32, learning_rate=0.01)


@on_one_thread
def copier(seed=0, n_a=32, epochs=2):
    """As `word_network`, but the shift is missing: at every step the decoder is fed the answer of that very step."""
    rng = np.random.default_rng(seed)
    data = random_words(rng, 1500, 1, 8)
    P = init_encoder_decoder(STOP, n_a, STOP + 1, rng)
    forced = list(teacher_forced(*data, STOP + 1))
    forced[2] = (np.arange(STOP + 1)[:, None, None] == data[2]).astype(float)
    return train(ENCODER_DECODER, tuple(forced), P, rng, epochs=epochs, batch=32, learning_rate=0.01)


@on_one_thread
def right_by_length(P, lengths, m=200, seed=100):
    """The share of new words of each length that are said backwards without a mistake, (len(lengths),)."""
    rng = np.random.default_rng(seed)
    return np.array([accuracy_of_decoding(*random_words(rng, m, n, n), P, STOP)[1] for n in lengths])


def decoder_step(P):
    """The decoder as `beam_search` takes it: step(token, state) -> log ŷ (n_y,), new state (n_a, 1)."""
    return rnn_step({name: P[f"{name}_dec"] for name in ("Wax", "Waa", "ba")} | {"Wya": P["Wya"], "by": P["by"]})


def handed_over(x, x_mask, P):
    """The encoder's last states (n_a, m)."""
    encoder = {name: P[f"{name}_enc"] for name in ("Wax", "Waa", "ba")}
    return rnn_states(x, np.zeros((len(P["ba_enc"]), x.shape[1])), encoder, x_mask)[0][:, :, -1]


def log_probability(answer, step, state, start=-1):
    """log p of a whole answer, a list of numbers with its end."""
    total, token = 0.0, start
    for following in answer:
        log_p, state = step(token, state)
        total, token = total + log_p[following], following
    return total


@on_one_thread
def search_gain(P, length, *, search=beam_search, width=5, m=100, seed=200):
    """New words without sense: what a beam finds that greedy decoding does not. A dict of counts out of m.

    greedy_right, beam_right; likelier: the beam found a likelier answer; then_greedy, then_beam: right among these;
    truth_likelier: the right answer is likelier than what the beam found; shorter: beam answers shorter than greedy's.
    """
    rng = np.random.default_rng(seed)
    x, x_mask, targets, y_mask = random_words(rng, m, length, length)
    states, step = handed_over(x, x_mask, P), decoder_step(P)
    names = ("greedy_right", "beam_right", "likelier", "then_greedy", "then_beam", "truth_likelier", "shorter")
    counts = dict.fromkeys(names, 0)
    for i in range(m):
        right = targets[i][y_mask[i]].tolist()
        (greedy, at), (beam, best) = (search(step, states[:, [i]], -1, STOP, w, length + 6)[0] for w in (1, width))
        likelier, hits = best > at + 1e-9, (greedy == right[:-1], beam == right[:-1])
        truth = log_probability(right, step, states[:, [i]]) > best + 1e-9
        found = (*hits, likelier, likelier and hits[0], likelier and hits[1], truth, len(beam) < len(greedy))
        for name, value in zip(names, found, strict=True):
            counts[name] += int(value)
    return counts


@on_one_thread
def melody_network(seed=0, epochs=20):
    """Parameters of a plain RNN after 1,000 melodies of the grammar, asked for each next note."""
    rng = np.random.default_rng(seed)
    notes, _ = melodies(rng, 1000, NOTES_PER_MELODY)
    x = (np.arange(len(NOTES))[:, None, None] == notes[:, :-1]).astype(float)
    P = init_rnn(len(NOTES), 48, len(NOTES), rng)
    mask = np.ones(notes[:, 1:].shape, dtype=bool)
    return train_every_step(x, mask, notes[:, 1:], P, rng, epochs=epochs, batch=32, learning_rate=0.005)


def chord_tones(notes):
    """For each quarter, the pitches on its chord; major or minor, whichever holds more of every second note."""
    pitches = np.array(NOTES)[notes]
    fits = [sum(pitches[t] % 12 in chords[t // 4] for t in range(0, NOTES_PER_MELODY, 2)) for chords in CHORDS]
    return [[pitch for pitch in range(55, 85) if pitch % 12 in chord] for chord in CHORDS[int(np.argmax(fits))]]


def _rules(notes, mode):
    """For each of 16 notes, whether the grammar allows it after the one before, and whether it is on a chord tone."""
    pitches = np.array(NOTES)[notes]
    scale = [pitch for pitch in NOTES if pitch % 12 in SCALES[mode]]
    allowed, chord = [], []
    for t, (before, pitch) in enumerate(zip([scale[0], *pitches[:-1]], pitches, strict=True)):
        on_chord = pitch % 12 in CHORDS[mode][t // 4]
        near = abs(pitch - before) <= LEAP
        if t == NOTES_PER_MELODY - 1:
            allowed.append(pitch % 12 == 0 and near)
        elif t % 2 == 0:
            allowed.append(on_chord and near)
            chord.append(on_chord)
        else:
            both = pitch in scale and before in scale
            allowed.append(both and abs(scale.index(pitch) - scale.index(before)) == 1)
    return allowed, chord


def judge_melody(notes):
    """The share of chord tones among the eight notes that must be one, and whether no rule is broken.

    Major or minor, whichever fits better; both numbers are of that one mode.
    """
    both = [_rules(notes, mode) for mode in (0, 1)]
    allowed, chord = max(both, key=lambda one: (all(one[0]), np.mean(one[1])))
    return float(np.mean(chord)), bool(all(allowed))
