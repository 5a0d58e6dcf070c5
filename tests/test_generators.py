"""The generated data: the same from the same seed, balanced, and right when somebody else reads it."""

import hashlib

import numpy as np
import pytest
from refusals import refused

from utils import generators


def rng(seed=0):
    return np.random.default_rng(seed)


EACH = {
    "tagging_sentences": (30,),
    "agreement_sentences": (30, (0, 12)),
    "melodies": (20, 13),
    "adding_problem": (20, 9),
    "copy_task": (6, 4, 5, 3),
    "echo_task": (6, 4, 9, 2),
    "alphabets": (20, 2, 9),
}


def flat(value):
    """Everything inside as one line of text."""
    if isinstance(value, list | tuple):
        return " ".join(map(flat, value))
    return " ".join(map(str, value.ravel().tolist())) if isinstance(value, np.ndarray) else str(value)


@pytest.mark.parametrize("name", EACH)
def test_the_same_seed_gives_the_same_data_and_another_seed_other_data(name):
    make = getattr(generators, name)
    one, again, other = (flat(make(rng(seed), *EACH[name])) for seed in (3, 3, 4))
    assert one == again != other


# Drawn once and written down: another platform, or a change of the grammar, would show here.
FIRST = {
    "tagging_sentences": "e3fa64a6d1fd6180",
    "agreement_sentences": "cea3b3cfd8715b20",
    "melodies": "84bf2f6364e580df",
    "adding_problem": "e889ea67fcfa3efa",
    "copy_task": "59b1f1ccd02c40de",
    "echo_task": "3aeaaffd3e0e6b4c",
    "alphabets": "41b0ffc203c6f20f",
}


@pytest.mark.parametrize("name", EACH)
def test_the_data_are_the_same_on_every_platform(name):
    text = flat(getattr(generators, name)(rng(3), *EACH[name]))
    assert hashlib.sha256(text.encode()).hexdigest()[:16] == FIRST[name]


# Doors

WRONG = {
    "no sentence": (lambda: generators.tagging_sentences(rng(), 0), "m", "at least 1", "got 0"),
    "a seed": (lambda: generators.tagging_sentences(3, 5), "rng", "numpy.random.Generator", "got int"),
    "the old generator": (
        lambda: generators.melodies(np.random.RandomState(0), 5, 8), "rng", "numpy.random.Generator", "RandomState",
    ),
    "half a sentence": (lambda: generators.agreement_sentences(rng(), 2.5, 3), "m", "whole number", "got 2.5"),
    "True sentences": (lambda: generators.agreement_sentences(rng(), True, 3), "m", "whole number", "got True"),
    "a gap below 0": (lambda: generators.agreement_sentences(rng(), 2, -1), "gap", "0 <= fewest <= most", "got -1"),
    "a gap turned round": (lambda: generators.agreement_sentences(rng(), 2, (5, 2)), "gap", "fewest", "got (5, 2)"),
    "three gaps": (lambda: generators.agreement_sentences(rng(), 2, (1, 2, 3)), "gap", "fewest", "got (1, 2, 3)"),
    "a fraction of a gap": (lambda: generators.agreement_sentences(rng(), 2, 1.5), "gap", "whole number", "got 1.5"),
    "three notes": (lambda: generators.melodies(rng(), 2, 3), "length", "at least 4", "got 3"),
    "no melody": (lambda: generators.melodies(rng(), 0, 8), "m", "at least 1", "got 0"),
    "one step to add in": (lambda: generators.adding_problem(rng(), 2, 1), "T", "at least 2", "got 1"),
    "no example to add": (lambda: generators.adding_problem(rng(), 0, 5), "m", "at least 1", "got 0"),
    "one symbol to copy": (lambda: generators.copy_task(rng(), 2, 1, 3, 3), "n_symbols", "at least 2", "got 1"),
    "nothing to copy": (lambda: generators.copy_task(rng(), 2, 3, 0, 3), "length", "at least 1", "got 0"),
    "a delay below 0": (lambda: generators.copy_task(rng(), 2, 3, 3, -1), "delay", "at least 0", "got -1"),
    "no lag": (lambda: generators.echo_task(rng(), 2, 3, 5, 0), "lag", "at least 1", "got 0"),
    "a lag as long as all": (lambda: generators.echo_task(rng(), 2, 3, 5, 5), "T", "at least 6", "got 5"),
    "no letter": (lambda: generators.alphabets(rng(), 2, 0, 3), "shortest", "1 <= shortest", "got 0 and 3"),
    "27 letters": (lambda: generators.alphabets(rng(), 2, 3, 27), "shortest", "<= 26", "got 3 and 27"),
    "lengths turned round": (lambda: generators.alphabets(rng(), 2, 5, 3), "shortest", "<= longest", "got 5 and 3"),
    "a note outside": (lambda: generators.render_melody([0, 15]), "notes", "between 0 and 14", "0 … 15"),
    "no note": (lambda: generators.render_melody([]), "notes", "shape (length,)", "(0,)"),
    "notes in a table": (lambda: generators.render_melody([[1, 2]]), "notes", "shape (length,)", "(1, 2)"),
    "half a note": (lambda: generators.render_melody([0.5]), "notes", "whole numbers", "float64"),
    "a low rate": (lambda: generators.render_melody([1], rate=100), "rate", "at least 8000", "got 100"),
    "no beat": (lambda: generators.render_melody([1], beat=0), "beat", "above 0", "got 0"),
    "a beat of NaN": (lambda: generators.render_melody([1], beat=float("nan")), "beat", "above 0", "got nan"),
    "too loud": (lambda: generators.wav_bytes([0.5, 2.0]), "samples", "from -1 to 1", "largest 2"),
    "silence without end": (lambda: generators.wav_bytes([]), "samples", "shape (n,)", "(0,)"),
    "a sample that is NaN": (lambda: generators.wav_bytes([np.nan]), "samples", "from -1 to 1", "nan"),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_wrong_input_is_one_sentence(what):
    refused(*WRONG[what])


def test_sizes_may_be_numpy_numbers():
    assert len(generators.tagging_sentences(rng(), np.int64(3))[0]) == 3
    assert generators.agreement_sentences(rng(), 2, [np.int32(1), 4])[2].max() <= 4
