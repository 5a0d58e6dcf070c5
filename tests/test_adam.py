"""Lesson 04: the step of Adam, on paper, beside PyTorch, and at its door."""

import math

import numpy as np
import pytest
from nearness import BOTH, near
from refusals import refused

from utils import reference


@BOTH
def test_adam_by_hand(maths):
    """The first step is learning_rate · sign(g), nearly: both moments are corrected to g and g²."""
    P, G = {"W": np.array([[1.0, -2.0]])}, {"dW": np.array([[0.5, -0.1]])}
    new, (steps, first, second) = maths.adam_step(P, G, None, 0.1)
    near(new, {"W": [[1 - 0.1 * 0.5 / (0.5 + 1e-8), -2 + 0.1 * 0.1 / (0.1 + 1e-8)]]})
    assert steps == 1
    near((first, second), ({"W": [[0.05, -0.01]]}, {"W": [[0.00025, 0.00001]]}))
    # the second step, with g = 0.2 and -0.1: m = 0.9 · 0.05 + 0.02, v = 0.999 · 0.00025 + 0.00004
    newer, (steps, first, second) = maths.adam_step(new, {"dW": np.array([[0.2, -0.1]])}, (steps, first, second), 0.1)
    m, v = 0.065, 0.00028975
    near(first["W"][0, 0], m)
    near(second["W"][0, 0], v)
    step = 0.1 * (m / 0.19) / (math.sqrt(v / 0.001999) + 1e-8)
    near(newer["W"][0, 0], new["W"][0, 0] - step)
    assert steps == 2


@BOTH
@pytest.mark.parametrize("settings", [{}, {"beta1": 0.5, "beta2": 0.9, "eps": 0.03}])
@pytest.mark.parametrize("size", [1.0, 1e-8])
def test_adam_against_torch(maths, torch, rng, settings, size):
    P = {"W": rng.standard_normal((3, 5)), "b": rng.standard_normal((3, 1))}
    theirs = {name: torch.tensor(value.copy(), requires_grad=True) for name, value in P.items()}
    betas = settings.get("beta1", 0.9), settings.get("beta2", 0.999)
    optimiser = torch.optim.Adam(theirs.values(), lr=0.05, betas=betas, eps=settings.get("eps", 1e-8))
    state = None
    for _ in range(7):
        G = {"d" + name: size * rng.standard_normal(value.shape) for name, value in P.items()}
        for name, value in theirs.items():
            value.grad = torch.tensor(G["d" + name])
        optimiser.step()
        P, state = maths.adam_step(P, G, state, 0.05, **settings)
        near(P, {name: value.detach().numpy() for name, value in theirs.items()})
    assert state[0] == 7


@BOTH
def test_adam_changes_no_argument(maths, rng):
    P, G = {"W": rng.standard_normal((2, 3))}, {"dW": rng.standard_normal((2, 3))}
    state = (3, {"W": rng.standard_normal((2, 3))}, {"W": rng.uniform(1, 2, (2, 3))})
    kept = P["W"].copy(), G["dW"].copy(), state[1]["W"].copy(), state[2]["W"].copy()
    new, (_, first, second) = maths.adam_step(P, G, state, 0.1)
    near((P["W"], G["dW"], state[1]["W"], state[2]["W"]), kept, 0)
    assert state[0] == 3
    for array in (new["W"], first["W"], second["W"]):
        assert not any(np.shares_memory(array, old) for old in (P["W"], G["dW"], state[1]["W"], state[2]["W"]))


@BOTH
def test_adam_does_not_see_the_size_of_the_gradient(maths, rng):
    """Gradients a thousand times larger give the same step, up to eps."""
    P, G = {"W": rng.standard_normal((2, 3))}, {"dW": rng.standard_normal((2, 3))}
    one, _ = maths.adam_step(P, G, None, 0.1)
    other, _ = maths.adam_step(P, {"dW": 1000 * G["dW"]}, None, 0.1)
    near(one["W"], other["W"], 1e-6)
    assert np.abs(one["W"] - P["W"]).max() <= 0.1


def test_adam_keeps_single_precision(rng):
    P, G = {"W": np.ones((2, 2), np.float32)}, {"dW": np.full((2, 2), 0.3, np.float32)}
    new, state = reference.adam_step(P, G, None, np.float64(0.1))
    new, state = reference.adam_step(new, G, state, np.float64(0.1), beta1=np.float64(0.9))
    assert {a.dtype for a in (new["W"], state[1]["W"], state[2]["W"])} == {np.dtype(np.float32)}
    assert type(state[0]) is int


def test_adam_reaches_the_bottom_of_a_bowl(rng):
    P, state = {"W": rng.standard_normal((2, 3))}, None
    for _ in range(2000):
        P, state = reference.adam_step(P, {"dW": 2 * (P["W"] - 3)}, state, 0.01)
    near(P["W"], np.full((2, 3), 3.0), 1e-3)


ONE, GRADIENT = {"W": np.ones((2, 3)), "b": np.ones((2, 1))}, {"dW": np.ones((2, 3)), "db": np.ones((2, 1))}
STATE = (1, ONE, ONE)


def adam(P=ONE, G=GRADIENT, state=None, learning_rate=0.1, **settings):
    return lambda: reference.adam_step(P, G, state, learning_rate, **settings)


# what is called, the name at the head of the sentence, what was expected, what came
WRONG = {
    "a gradient is missing": (adam(G={"dW": GRADIENT["dW"]}), "G", "dW, db", "db is missing"),
    "a gradient of another shape": (
        adam(G=GRADIENT | {"db": np.ones((2, 2))}), "db in G", "(2, 1)", "got (2, 2)",
    ),
    "a gradient with NaN": (adam(G=GRADIENT | {"db": np.full((2, 1), np.nan)}), "db", "finite", "got NaN"),
    "gradients in a list": (adam(G=[1, 2]), "G", "a dict", "got list"),
    "a state of two": (adam(state=(1, ONE)), "state", "first moments, second moments", "2 entries"),
    "a number as state": (adam(state=3), "state", "first moments, second moments", "int"),
    "a count below zero": (adam(state=(-1, ONE, ONE)), "steps", "at least 0", "got -1"),
    "a moment is missing": (adam(state=(1, ONE, {"W": ONE["W"]})), "second moments", "W, b", "b is missing"),
    "a moment of another shape": (
        adam(state=(1, ONE | {"b": np.ones(2)}, ONE)), "b in first moments", "(2, 1)", "got (2,)",
    ),
    "a mean of squares below zero": (
        adam(state=(1, ONE, ONE | {"b": -np.ones((2, 1))})), "second moments", "at least 0", "got -1.0",
    ),
    "steps backwards": (adam(learning_rate=-0.1), "learning_rate", "at least 0", "got -0.1"),
    "beta1 of one": (adam(beta1=1.0), "beta1", "below 1", "got 1.0"),
    "beta2 below zero": (adam(beta2=-0.1), "beta2", "at least 0", "got -0.1"),
    "eps of zero": (adam(eps=0.0), "eps", "above 0", "got 0.0"),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_wrong_input_is_one_sentence(what):
    refused(*WRONG[what])


def test_right_input_passes_the_door():
    """The cases above differ from these in one thing each."""
    adam()()
    adam(state=STATE)()
