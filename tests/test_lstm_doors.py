"""The doors of the LSTM: what is wrong with the input is said in one sentence, with what came."""

import math

import numpy as np
import pytest
from refusals import refused

from utils import reference, textbook
from utils.checking.exercises import draw

RNG = np.random.default_rng(0)
X, A0, C0 = (RNG.standard_normal(shape) for shape in ((3, 4, 6), (5, 4), (5, 4)))
P = draw.lstm_parameters(RNG, 3, 5, 2)
PEEP = P | {name: np.ones((5, 1)) for name in ("pf", "pu", "po")}
XT = X[:, :, 0]
CELL = textbook.lstm_cell_forward(XT, A0, C0, P)[3]
CACHES = textbook.lstm_forward(X, A0, P, C0)[3]
DA = RNG.standard_normal((5, 4, 6))
NAN = np.where(np.eye(5, 4) == 1, np.nan, C0)


def cell(**changes):
    return lambda: reference.lstm_cell_forward(**{"xt": XT, "a_prev": A0, "c_prev": C0, "P": P} | changes)


def peep(**changes):
    return lambda: reference.lstm_cell_forward_peephole(**{"xt": XT, "a_prev": A0, "c_prev": C0, "P": PEEP} | changes)


def back(**changes):
    return lambda: reference.lstm_cell_backward(**{"da_next": A0, "dc_next": C0, "cache": CELL} | changes)


def whole(**changes):
    return lambda: reference.lstm_forward(**{"x": X, "a0": A0, "P": P, "c0": C0} | changes)


def first(**changes):
    return lambda: reference.init_lstm(**{"n_x": 3, "n_a": 5, "n_y": 2, "rng": RNG} | changes)


def without(P, name):
    return {key: value for key, value in P.items() if key != name}


# what is called, with what, and what the sentence must hold: the name, what was expected, what came
WRONG = {
    "xt with three axes": (cell(xt=X), "xt", "2 axes (n_x, m)", "(3, 4, 6)"),
    "a flat memory": (cell(c_prev=C0[:, 0]), "c_prev", "2 axes (n_a, m)", "(5,)"),
    "a memory for one example": (cell(c_prev=C0[:, :1]), "c_prev", "m = 4", "(5, 1)"),
    "a memory of another size": (cell(c_prev=C0[:4]), "c_prev", "n_a = 5", "(4, 4)"),
    "another batch": (cell(a_prev=A0[:, :3]), "a_prev", "m = 4", "(5, 3)"),
    "NaN in the memory": (cell(c_prev=NAN), "c_prev", "holds NaN", "the step that made it"),
    "a list": (cell(xt=XT.tolist()), "xt", "a NumPy array", "list"),
    "texts": (cell(a_prev=A0.astype(str)), "a_prev", "must hold numbers", "<U"),
    "no example": (cell(xt=XT[:, :0], a_prev=A0[:, :0], c_prev=C0[:, :0]), "xt", "empty along m", "(3, 0)"),
    "a gate without its input part": (cell(P=P | {"Wu": P["Wu"][:, :5]}), "Wu", "(n_a, n_a+n_x)", "(5, 5)"),
    "a gate with a flat bias": (cell(P=P | {"bo": np.ones(5)}), "bo", "2 axes (n_a, 1)", "(5,)"),
    "a bias for each example": (cell(P=P | {"bc": np.ones((5, 4))}), "bc", "(n_a, 1)", "(5, 4)"),
    "Wy transposed": (cell(P=P | {"Wy": P["Wy"].T}), "Wy", "(n_y, n_a)", "(5, 2)"),
    "a parameter missing": (cell(P=without(P, "Wf")), "P", "Wf is missing", "Wu"),
    "the output layer missing": (cell(P=without(P, "by")), "P", "by is missing", "Wy"),
    "no parameters": (cell(P=None), "P", "a dict with Wf", "NoneType"),
    "no peepholes": (peep(P=P), "P", "pf, pu, po is missing", "Wf"),
    "a flat peephole": (peep(P=PEEP | {"po": np.ones(5)}), "po", "2 axes (n_a, 1)", "(5,)"),
    "a peephole matrix": (peep(P=PEEP | {"pf": np.ones((5, 5))}), "pf", "(n_a, 1)", "(5, 5)"),
    "peepholes, another batch": (peep(c_prev=C0[:, :3]), "c_prev", "m = 4", "(5, 3)"),
    "da of another batch": (back(da_next=A0[:, :3]), "da_next", "m = 4", "(5, 3)"),
    "dc of one example": (back(dc_next=C0[:, :1]), "dc_next", "m = 4", "(5, 1)"),
    "dc of all steps": (back(dc_next=DA), "dc_next", "2 axes (n_a, m)", "(5, 4, 6)"),
    "dc left out": (back(dc_next=0), "dc_next", "a NumPy array of shape (n_a, m)", "int"),
    "NaN in dc": (back(dc_next=NAN), "dc_next", "holds NaN", "the step that made it"),
    "the cache of an RNN cell": (back(cache=(A0, A0, XT, P)), "cache", "10 values (a_next, c_next", "got 4 values"),
    "no cache": (back(cache=None), "cache", "10 values (a_next, c_next", "got NoneType"),
    "a cache with the input first": (back(cache=(XT, *CELL[1:])), "c_next", "n_a = 3", "(5, 4)"),
    "x with two axes": (whole(x=XT), "x", "3 axes (n_x, m, T)", "(3, 4)"),
    "no step": (whole(x=X[:, :, :0]), "x", "empty along T", "(3, 4, 0)"),
    "c0 of another batch": (whole(c0=C0[:, :3]), "c0", "m = 4", "(5, 3)"),
    "c0 as a number": (whole(c0=0.0), "c0", "a NumPy array of shape (n_a, m)", "float"),
    "da of one step": (lambda: reference.lstm_backward(A0, CACHES), "da", "3 axes (n_a, m, T)", "(5, 4)"),
    "da of another length": (lambda: reference.lstm_backward(DA[:, :, 1:], CACHES), "x", "T = 5", "(3, 4, 6)"),
    "no unit": (first(n_a=0), "n_a", "a whole number of at least 1", "got 0"),
    "half an input": (first(n_x=1.5), "n_x", "a whole number of at least 1", "got 1.5"),
    "a seed for a generator": (first(rng=3), "rng", "numpy.random.Generator", "got int"),
    "the module for a generator": (first(rng=np.random), "rng", "numpy.random.Generator", "got module"),
    "a forget bias per unit": (first(forget_bias=np.ones((5, 1))), "forget_bias", "a number", "got ndarray"),
    "a forget bias NaN": (first(forget_bias=math.nan), "forget_bias", "a number", "got nan"),
    "an endless forget bias": (first(forget_bias=math.inf), "forget_bias", "a number", "got inf"),
}


@pytest.mark.parametrize("what", WRONG)
def test_wrong_input_is_one_sentence(what):
    refused(*WRONG[what])


def test_right_input_passes_every_door():
    """The cases above differ from these in one thing each."""
    for call in (cell(), peep(), back(), whole(), whole(c0=None), first(), back(cache=list(CELL))):
        call()
    reference.lstm_backward(DA, CACHES)
    reference.lstm_cell_backward(A0, C0, (*CELL[:9], without(without(P, "Wy"), "by")))
