"""The doors of what lessons 02, 03 and 09 build around a gradient: wrong input is one sentence."""

import math

import numpy as np
import pytest
from nearness import N_A, N_X, N_Y, M, T

from utils import reference, textbook
from utils.checking.exercises import draw

RNG = np.random.default_rng(0)
X, TARGETS, A0 = RNG.standard_normal((N_X, M, T)), RNG.integers(0, N_Y, (M, T)), RNG.standard_normal((N_A, M))
P0 = draw.rnn_parameters(RNG, N_X, N_A, N_Y)
G0 = {"d" + name: np.ones(value.shape) for name, value in P0.items()}
STEP = {"x": X, "targets": TARGETS, "mask": None, "a0": A0, "P": P0, "learning_rate": 0.1, "limit": 1.0}
LAG = {"x": X, "a0": A0, "P": P0, "targets": TARGETS[:, 0]}
WINDOWS = {"x": X, "targets": TARGETS, "a0": A0, "P": P0, "window": 2}
SEGMENTS = {"x": X, "targets": TARGETS, "a0": A0, "P": P0, "segment": 2}
SLOPE = {"f": lambda theta: float(theta.sum()), "theta": np.ones((2, 3))}
UNIT = {"x": [1.0, 2.0], "a0": 0.1, "w_x": 0.2, "w_a": 0.3, "b": 0.4}
WRONG = {
    "no inputs": ("scalar_bptt", UNIT | {"x": []}, "x is empty along T: expected at least 1, got shape (0,)"),
    "a table of inputs": ("scalar_bptt", UNIT | {"x": np.ones((2, 3))}, "x must have the 1 axes (T), got shape (2, 3)"),
    "NaN among the inputs": ("scalar_bptt", UNIT | {"x": [1.0, math.nan]}, "x holds NaN"),
    "an endless input": ("scalar_bptt", UNIT | {"x": [1.0, math.inf]}, "x must hold real and finite numbers, got"),
    "a state in an array": ("scalar_bptt", UNIT | {"a0": np.ones(1)}, "a0 must be a number, got ndarray"),
    "a weight that is NaN": ("scalar_bptt", UNIT | {"w_a": math.nan}, "w_a must be a number, got nan"),
    "a text for a weight": ("scalar_bptt", UNIT | {"w_x": "1"}, "w_x must be a number, got str"),
    "an endless bias": ("scalar_bptt", UNIT | {"b": -math.inf}, "b must be a number, got -inf"),
    "a gradient missing": (
        "update_parameters",
        {"P": P0, "G": {k: v for k, v in G0.items() if k != "dby"}, "learning_rate": 1},
        "G must hold dWax, dWaa, dba, dWya, dby; dby is missing",
    ),
    "a gradient transposed": (
        "update_parameters",
        {"P": P0, "G": G0 | {"dWya": G0["dWya"].T}, "learning_rate": 1},
        "must have the shape of Wya, (2, 5), got (5, 2)",
    ),
    "a gradient of NaN": (
        "update_parameters",
        {"P": P0, "G": G0 | {"dba": np.full((N_A, 1), np.nan)}, "learning_rate": 1},
        "dba must hold finite numbers, got NaN",
    ),
    "a gradient without end": (
        "update_parameters",
        {"P": P0, "G": G0 | {"dba": np.full((N_A, 1), np.inf)}, "learning_rate": 1},
        "dba must hold finite numbers, got an infinite number",
    ),
    "a rate below zero": (
        "update_parameters",
        {"P": P0, "G": G0, "learning_rate": -0.1},
        "learning_rate must be a number of at least 0, got -0.1",
    ),
    "a rate without end": (
        "update_parameters",
        {"P": P0, "G": G0, "learning_rate": math.inf},
        "learning_rate must be a number of at least 0, got inf",
    ),
    "a limit of zero": ("train_step", STEP | {"limit": 0}, "limit must be a number above 0, got 0"),
    "a limit that is NaN": ("train_step", STEP | {"limit": math.nan}, "limit must be a number above 0, got nan"),
    "True for a rate": ("train_step", STEP | {"learning_rate": True}, "must be a number of at least 0, got True"),
    "another batch of targets": ("train_step", STEP | {"targets": TARGETS[:3]}, "targets must have shape (m, T) with"),
    "targets of another length": ("train_step", STEP | {"targets": TARGETS[:, :5]}, "with T = 6, got (4, 5)"),
    "a target that is no class": ("train_step", STEP | {"targets": TARGETS + 5}, "targets must lie between 0 and 1"),
    "a mask that counts nothing": (
        "train_step",
        STEP | {"mask": np.zeros((M, T), bool)},
        "mask must let at least one step count, got False everywhere",
    ),
    "a mask of numbers": ("train_step", STEP | {"mask": np.ones((M, T))}, "mask must hold True and False, got float64"),
    "a mask of another batch": ("train_step", STEP | {"mask": np.ones((3, T), bool)}, "mask must have shape (m, T)"),
    "a state of another batch": ("train_step", STEP | {"a0": A0[:, :2]}, "a0 must have shape (n_a, m) with m = 4"),
    "no steps at all": ("train_step", STEP | {"x": X[:, :, :0], "targets": TARGETS[:, :0]}, "x is empty along T"),
    "a parameter missing": ("train_step", STEP | {"P": {"Wax": P0["Wax"]}}, "P must hold Wax, Waa, ba, Wya, by;"),
    "whole numbers to be moved": (
        "numerical_gradient",
        SLOPE | {"theta": np.ones(3, int)},
        "floating numbers, got dtype int64",
    ),
    "a list to be moved": (
        "numerical_gradient",
        SLOPE | {"theta": [1.0]},
        "theta must be a NumPy array of floating numbers, got list",
    ),
    "a step of zero": ("numerical_gradient", SLOPE | {"h": 0.0}, "h must be a number above 0, got 0.0"),
    "a target for every step": (
        "gradient_norm_by_lag",
        LAG | {"targets": TARGETS},
        "targets must have the 1 axes (m), got shape (4, 6)",
    ),
    "a target too large": (
        "gradient_norm_by_lag",
        LAG | {"targets": TARGETS[:, 0] + 2},
        "targets must lie between 0 and 1",
    ),
    "targets that are fractions": (
        "gradient_norm_by_lag",
        LAG | {"targets": np.ones(M)},
        "targets must be whole numbers, got float64",
    ),
    "a start of one example": (
        "gradient_norm_by_lag",
        LAG | {"a0": A0[:, :1]},
        "a0 must have shape (n_a, m) with m = 4, got (5, 1)",
    ),
    "a list of gradients": (
        "clip_by_norm",
        {"G": [np.ones(2)], "limit": 1},
        "G must be a dict with at least one array, got list",
    ),
    "no gradient": ("clip_by_norm", {"G": {}, "limit": 1}, "G must be a dict with at least one array, got an empty"),
    "a gradient in a list": (
        "clip_by_norm",
        {"G": {"dW": [1.0]}, "limit": 1},
        "dW must be a NumPy array of floating numbers, got list",
    ),
    "whole numbers for a gradient": (
        "clip_by_value",
        {"G": {"dW": np.ones(2, int)}, "limit": 1},
        "floating numbers, got dtype int64",
    ),
    "NaN to be clipped": (
        "clip_by_norm",
        {"G": {"dW": np.array([np.nan])}, "limit": 1},
        "dW must hold finite numbers, got NaN",
    ),
    "infinity to be clipped": (
        "clip_by_norm",
        {"G": {"dW": np.array([-np.inf])}, "limit": 1},
        "got an infinite number",
    ),
    "NaN to be cut off": (
        "clip_by_value",
        {"G": {"dW": np.array([np.nan])}, "limit": 1},
        "dW must hold finite numbers, got NaN",
    ),
    "a limit below zero": ("clip_by_norm", {"G": G0, "limit": -1.0}, "limit must be a number above 0, got -1.0"),
    "a limit for each entry": (
        "clip_by_value",
        {"G": G0, "limit": np.ones(2)},
        "limit must be a number above 0, got ndarray",
    ),
    "no limit": ("clip_by_norm", {"G": G0, "limit": None}, "limit must be a number above 0, got NoneType"),
    "an oblong matrix": (
        "scale_to_spectral_radius",
        {"W": np.ones((2, 3)), "radius": 1},
        "W must have shape (n, n) with n = 2, got (2, 3)",
    ),
    "a vector for a matrix": (
        "scale_to_spectral_radius",
        {"W": np.ones(4), "radius": 1},
        "W must have the 2 axes (n, n), got shape (4,)",
    ),
    "a matrix of zeros": (
        "scale_to_spectral_radius",
        {"W": np.zeros((3, 3)), "radius": 1},
        "an eigenvalue other than zero, got a matrix whose powers",
    ),
    "a matrix that shifts": (
        "scale_to_spectral_radius",
        {"W": np.eye(4, k=1), "radius": 1},
        "an eigenvalue other than zero, got a matrix whose powers",
    ),
    "a matrix without end": (
        "scale_to_spectral_radius",
        {"W": np.full((2, 2), np.inf), "radius": 1},
        "W must hold finite numbers, got an infinite one",
    ),
    "a matrix of NaN": ("scale_to_spectral_radius", {"W": np.full((2, 2), np.nan), "radius": 1}, "W holds NaN"),
    "a radius of zero": (
        "scale_to_spectral_radius",
        {"W": np.eye(2), "radius": 0},
        "radius must be a number above 0, got 0",
    ),
    "no units": ("orthogonal_init", {"n": 0, "rng": RNG}, "n must be a whole number of at least 1, got 0"),
    "half a unit": ("orthogonal_init", {"n": 2.5, "rng": RNG}, "n must be a whole number of at least 1, got 2.5"),
    "a gain of zero": ("orthogonal_init", {"n": 2, "rng": RNG, "gain": 0}, "gain must be a number above 0, got 0"),
    "a layer without outputs": (
        "glorot_init",
        {"rows": 0, "columns": 2, "rng": RNG},
        "rows must be a whole number of at least 1, got 0",
    ),
    "a layer without inputs": (
        "glorot_init",
        {"rows": 2, "columns": 0, "rng": RNG},
        "columns must be a whole number of at least 1",
    ),
    "a net without states": (
        "init_rnn",
        {"n_x": 2, "n_a": 0, "n_y": 3, "rng": RNG},
        "n_a must be a whole number of at least 1, got 0",
    ),
    "a memory of two steps": (
        "long_memory_biases",
        {"n": 3, "longest": 2, "rng": RNG},
        "longest must be a number above 2, got 2",
    ),
    "a memory without end": (
        "long_memory_biases",
        {"n": 3, "longest": math.inf, "rng": RNG},
        "longest must be a number above 2, got inf",
    ),
    "a window of no steps": ("truncated_bptt", WINDOWS | {"window": 0}, "window must be a whole number"),
    "half a window": ("truncated_bptt", WINDOWS | {"window": 2.5}, "window must be a whole number"),
    "windows over another batch": (
        "truncated_bptt",
        WINDOWS | {"a0": A0[:, :3]},
        "a0 must have shape (n_a, m) with m = 4",
    ),
    "windows without steps": (
        "truncated_bptt",
        WINDOWS | {"x": X[:, :, :0], "targets": TARGETS[:, :0]},
        "x is empty along T",
    ),
    "windows with too few targets": (
        "truncated_bptt",
        WINDOWS | {"targets": TARGETS[:, 1:]},
        "targets must have shape (m, T) with T = 6",
    ),
    "windows with a mask of numbers": (
        "truncated_bptt",
        WINDOWS | {"mask": np.ones((M, T), int)},
        "mask must hold True and False, got int64",
    ),
    "a segment of no steps": ("checkpointed_bptt", SEGMENTS | {"segment": -1}, "segment must be a whole number"),
    "segments over NaN": ("checkpointed_bptt", SEGMENTS | {"x": X * np.nan}, "x holds NaN"),
    "segments with a strange target": (
        "checkpointed_bptt",
        SEGMENTS | {"targets": TARGETS - 1},
        "targets must lie between 0 and 1",
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_wrong_input_is_one_sentence(what):
    name, kwargs, text = WRONG[what]
    with pytest.raises(ValueError) as caught:
        getattr(reference, name)(**kwargs)
    said = str(caught.value)
    assert text in said and "\n" not in said and said.endswith(".") and len(said) < 140, said


def test_right_input_passes_every_door():
    """The cases above differ from these in one thing each."""
    for module in (reference, textbook):
        module.scalar_bptt(**UNIT)
        module.update_parameters(P0, G0, 1)
        module.train_step(**STEP)
        module.numerical_gradient(**SLOPE)
        module.gradient_norm_by_lag(**LAG)
        module.truncated_bptt(**WINDOWS)
        module.checkpointed_bptt(**SEGMENTS)
        module.scale_to_spectral_radius(np.eye(4, k=1) + 1e-3 * np.eye(4), 1)
        module.orthogonal_init(2, RNG)
        module.glorot_init(1, 2, RNG)
        module.long_memory_biases(3, 2.1, RNG)
        module.clip_by_norm(G0, np.inf)
        module.clip_by_value({"dW": np.ones(2)}, np.inf)
