"""The cats that … were: how far back a verb finds its subject."""

import numpy as np

from utils.datasets import encode_words
from utils.generators import VERBS, agreement_sentences, agreement_words
from utils.reference import init_gru, init_lstm
from utils.training import accuracy_to_one, on_one_thread, train_to_one

from .experiment import CELLS, Experiment, say

# words between subject and verb: which nets learn from which sentences
RANGES = {"near": (0, 10), "far": (20, 40), "mixed": (0, 40)}
MODELS = {
    "near": ("rnn", "gru", "lstm"),
    "far": ("rnn", "gru", "lstm", "gru_slow", "lstm_slow"),
    "mixed": ("rnn",),  # the same far sentences, and near ones among them
}
INIT = CELLS | {  # slow: a memory that at first keeps its value for longer
    "gru_slow": lambda *sizes: init_gru(*sizes, update_bias=-2),
    "lstm_slow": lambda *sizes: init_lstm(*sizes, forget_bias=2),
}


@on_one_thread
def agreement_run(seed=0, *, progress=False, m=2000, m_test=200, epochs=15, n_a=24, ranges=RANGES):
    """Accuracy by gap on fresh sentences, and while learning by epoch, for near and for far subjects, and for both."""
    arrays, words = {}, agreement_words()
    for where, (fewest, most) in ranges.items():
        rng = np.random.default_rng([seed, fewest, most])
        sentences, labels, _ = agreement_sentences(rng, m, (fewest, most))
        x, mask = encode_words(sentences, words)
        arrays[f"gaps_{where}"] = np.arange(fewest, most + 1)
        tests = []
        for gap in range(fewest, most + 1):
            moved, answers, _ = agreement_sentences(rng, m_test, gap)
            tests.append((*encode_words(moved, words), answers))
        for model in MODELS[where]:
            P = INIT[model](len(words), n_a, len(VERBS), np.random.default_rng([seed, 1]))
            P, history = train_to_one(
                x, mask, labels, P, np.random.default_rng([seed, 2]), epochs=epochs, batch=32, learning_rate=0.005
            )
            name = f"{model}_{where}"
            arrays[f"{name}_learning"] = np.array(history.accuracy)
            arrays[name] = np.array([accuracy_to_one(*test, P) for test in tests])
            say(progress, f"agreement, {fewest} to {most} words, {model}: {arrays[name].mean():.3f} right")
    return arrays


def figures(arrays):
    """Mean accuracy over the gaps; for the mixed sentences over those of 20 words and more."""
    means = {f"{model}_{where}": arrays[f"{model}_{where}"] for where, models in MODELS.items() for model in models}
    means["rnn_mixed"] = means["rnn_mixed"][arrays["gaps_mixed"] >= RANGES["far"][0]]
    return {name: float(values.mean()) for name, values in means.items()}


AGREEMENT = Experiment(
    name="agreement",
    shows=(
        "learning from far subjects alone, cells that start out keeping their memory find them and the RNN does not; "
        "with near ones among them it does too"
    ),
    run=agreement_run,
    figures=figures,
    bands={
        "rnn_near": (0.98, 1.0),
        "gru_near": (0.98, 1.0),
        "lstm_near": (0.98, 1.0),
        "rnn_far": (0.4, 0.65),
        "gru_far": (0.4, 1.0),
        "lstm_far": (0.4, 1.0),
        "gru_slow_far": (0.97, 1.0),
        "lstm_slow_far": (0.97, 1.0),
        "rnn_mixed": (0.8, 1.0),
    },
    tiny={"m": 60, "m_test": 5, "epochs": 1, "n_a": 4, "ranges": {"near": (0, 2), "far": (5, 6), "mixed": (19, 21)}},
)
