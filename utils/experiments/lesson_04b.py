"""One model of names and several decoders; and what a project of names of one's own is measured with."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from utils.baselines import NGrams, fitted_ngrams
from utils.models import every_step_pass
from utils.names import LETTERS, arrays_of
from utils.reference import apply_temperature, init_rnn, nucleus, rnn_cell_forward, top_k
from utils.training import EVERY_STEP, evaluate, on_one_thread, train

TEMPERATURES = (0.1, 0.3, 0.5, 0.7, 1.0, 1.2)
KS = (1, 2, 3, 5, 8, 28)
MASSES = (0.1, 0.3, 0.5, 0.7, 0.9, 1.0)


def tempered(p, tau):
    """Probabilities at another temperature: softmax(log p / tau). p: (n,), zeros allowed and kept."""
    with np.errstate(divide="ignore"):  # log 0 is -inf, and its probability 0 again
        return apply_temperature(np.log(p), tau)


SWEEP = {"temperature": (tempered, TEMPERATURES), "top-k": (top_k, KS), "nucleus": (nucleus, MASSES)}


@on_one_thread
def write_names(P, vocabulary, decode, rng, m, max_length=20):
    """m names, written side by side, which is faster than one after another. Returns m strings.

    decode: a function of p (n,), in which <UNK> has 0 already; it returns the p to draw from. Every name that has not
    ended makes one draw a step, in order.
    """
    n, names, running = len(vocabulary), [""] * m, list(range(m))
    a, xt = np.zeros((len(P["ba"]), m)), np.zeros((n, m))
    for _ in range(max_length):
        a, y_pred, _ = rnn_cell_forward(xt, a, P)
        y_pred[vocabulary.unk] = 0.0
        y_pred /= y_pred.sum(axis=0)
        xt, going_on = np.zeros((n, m)), []
        for i in running:
            total = decode(y_pred[:, i]).cumsum()
            token = int(total.searchsorted(rng.random() * total[-1], side="right"))
            if token != vocabulary.eos:
                names[i] += vocabulary.tokens[token]
                xt[token, i] = 1.0
                going_on.append(i)
        running = going_on
    return names


def judge_of(names):
    """A trigram of the names, to judge what another model writes: it knows nothing of how that was written.

    It is the trigram of `ngram_bits`, so that it is also an honest baseline.
    """
    return fitted_ngrams(names, 3)


def share_fresh(written, known):
    """The share of the names written that are new: not known, and not written before. The empty name is not new."""
    return len(set(written) - set(known) - {""}) / len(written)


def judged_bits(written, judge):
    """Bits per letter under the judge, of all names that are not empty."""
    return judge.bits_per_character([name for name in written if name])


def decoder_sweep(P, vocabulary, known, judge, seed=0, m=300, sweep=None):
    """Each decoder at each of its settings writes m names, from the same seed.

    known: the names that the model has learned. judge: see `judge_of`. sweep: {name: (decoder, settings)}, SWEEP.
    Returns {name: {"setting", "bits", "fresh"}}, arrays over the settings: see `judged_bits` and `share_fresh`.
    """
    result = {}
    for name, (decode, settings) in (SWEEP if sweep is None else sweep).items():
        written = [
            write_names(P, vocabulary, partial(_with, decode, setting), np.random.default_rng(seed), m)
            for setting in settings
        ]
        result[name] = {
            "setting": np.array(settings, float),
            "bits": np.array([judged_bits(names, judge) for names in written]),
            "fresh": np.array([share_fresh(names, known) for names in written]),
        }
    return result


def _with(decode, setting, p):
    return decode(p, setting)


def lines_of(path):
    """The lines of a text file. One that cannot be read has none, and a sentence says so."""
    try:
        return Path(path).expanduser().read_text(encoding="utf-8-sig").splitlines()
    except (OSError, ValueError) as error:  # UnicodeDecodeError is a ValueError
        print(f"{path} cannot be read as text in UTF-8 ({type(error).__name__}).")
        return []


def letter_probabilities(P, names):
    """What the model gave to each letter and to the end of each name: (m, T), with 1 behind the end."""
    x, mask, targets = arrays_of(names)
    _, y_pred, _ = every_step_pass(P, x, mask, targets)
    return np.where(mask, np.take_along_axis(y_pred, targets[None], axis=0)[0], 1.0)


@on_one_thread
def bits_per_letter(P, names):
    """How surprised the model is by the names, in bits per letter; the end of a name counts as one."""
    return evaluate(EVERY_STEP, arrays_of(names), P)[0] / np.log(2)


def difference_in_bits(P, other, names):
    """By how many bits per letter P is above the other model on the same names, and the error of that number.

    other: parameters, or a judge. The error is the standard error of a ratio of sums (bits over letters): so far would
    the number move with other names. How far it moves with another training, it does not say.
    """
    steps = np.array([len(name) + 1 for name in names])
    first = -np.log2(letter_probabilities(P, names)).sum(axis=1)
    if isinstance(other, NGrams):
        second = steps * np.array([other.bits_per_character([name]) for name in names])
    else:
        second = -np.log2(letter_probabilities(other, names)).sum(axis=1)
    more = first - second
    mean = more.sum() / steps.sum()
    rest = more - mean * steps
    return float(mean), float(np.sqrt(np.sum(rest**2) * len(names) / (len(names) - 1)) / steps.sum())


def _hidden_pass(P, x, mask, targets, *, hide, rng):
    """The pass while learning, made harder: a share of the letters is hidden from the input."""
    shown = rng.random((1, *x.shape[1:])) >= hide
    return every_step_pass(P, x * shown, mask, targets)  # a hidden letter is a column of zeros


@on_one_thread
def train_names(names, held_out, P, rng, *, hide=0.0, patience=15, **settings):
    """Train a model of names; stop when the names held out get no likelier.

    names, held_out: lists of strings; held_out None: all epochs. P: the parameters to begin with. hide: the share of
    letters that the model does not get to read while learning; they are still asked for. settings: as for `train`; the
    400 epochs are a limit that models of these sizes do not reach.
    Returns the parameters of the best epoch and the curves {"learning", "held out"}, bits per letter by epoch.
    """
    settings = {"epochs": 400, "batch": 32, "learning_rate": 0.01} | settings
    if held_out is not None:
        settings |= {"held_out": arrays_of(held_out), "patience": patience}
    task = replace(EVERY_STEP, learning=partial(_hidden_pass, hide=hide, rng=rng)) if hide else EVERY_STEP
    P, history = train(task, arrays_of(names), P, rng, **settings)
    return P, {"learning": np.array(history.loss) / np.log(2), "held out": np.array(history.held_out) / np.log(2)}


def new_model(n_a, rng):
    """Random parameters of an RNN for names, a to z, with n_a numbers of state."""
    return init_rnn(len(LETTERS), n_a, len(LETTERS), rng)
