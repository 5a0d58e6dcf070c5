"""Names in a sentence: reading in one direction and in both, on words that only their right neighbours decide."""

import numpy as np

from utils.datasets import encode_words
from utils.generators import tagging_sentences, tagging_words
from utils.models import init_brnn, tagger_pass
from utils.reference import init_rnn
from utils.training import on_one_thread, train_tagger

from .experiment import Experiment, say


def sentences(rng, m, words):
    """x, mask, y (1, m, T) and where the ambiguous words stand, bool (m, T)."""
    texts, tags, ambiguous = tagging_sentences(rng, m)
    x, mask = encode_words(texts, words)
    y, unclear = np.zeros((1, *mask.shape)), np.zeros(mask.shape, bool)
    y[0, mask], unclear[mask] = [t for row in tags for t in row], [a for row in ambiguous for a in row]
    return x, mask, y, unclear


@on_one_thread
def tagging_run(seed=0, *, progress=False, m=1000, m_test=1000, epochs=12, n_a=32):
    """Shares of right tags on fresh sentences: all words, the ambiguous ones; n_a units in all for either model."""
    rng, words = np.random.default_rng(seed), tagging_words()
    x, mask, y, _ = sentences(rng, m, words)
    x_test, mask_test, y_test, unclear = sentences(rng, m_test, words)
    arrays = {}
    for name, P in (
        ("one_direction", init_rnn(len(words), n_a, 1, rng)),
        ("both_directions", init_brnn(len(words), n_a // 2, 1, rng)),
    ):
        P, history = train_tagger(x, mask, y, P, rng, epochs=epochs, batch=32, learning_rate=0.005)
        right = (tagger_pass(P, x_test, mask_test, y_test)[1] > 0.5) == y_test
        arrays[f"{name}_learning"] = np.array(history.accuracy)
        arrays[f"{name}_all"], arrays[f"{name}_ambiguous"] = right[:, mask_test].mean(), right[:, unclear].mean()
        say(progress, f"tagging, {name}: {arrays[f'{name}_ambiguous']:.3f} of the ambiguous words right")
    return arrays


def figures(arrays):
    """The shares of right tags."""
    return {name: float(value) for name, value in arrays.items() if not name.endswith("_learning")}


TAGGING = Experiment(
    name="tagging",
    shows="reading in both directions decides the ambiguous words, reading in one cannot",
    run=tagging_run,
    figures=figures,
    bands={
        "one_direction_all": (0.93, 0.98),
        "one_direction_ambiguous": (0.5, 0.66),
        "both_directions_all": (0.99, 1.0),
        "both_directions_ambiguous": (0.98, 1.0),
    },
    tiny={"m": 60, "m_test": 40, "epochs": 1, "n_a": 6},
)
