"""Every graded function of the reference refuses spoilt arrays with one sentence, whatever place they stand in."""

import numpy as np
import pytest

from utils.checking.exercises import find, known
from utils.checking.running import duplicate

SPOILS = {
    "NaN": lambda a: np.where(np.arange(a.size).reshape(a.shape) == 0, np.nan, a),
    "an axis more": lambda a: a[None],
    "an axis fewer": lambda a: a[0],
    "nothing along the first axis": lambda a: a[:0],
    "a list": lambda a: a.tolist(),
    "texts": lambda a: a.astype(str),
    "objects": lambda a: a.astype(object),
    "None": lambda a: None,
}
# What a spoil leaves meaningful is accepted: {exercise, or exercise and argument: spoils}
SHAPES = {"an axis more", "an axis fewer", "nothing along the first axis"}
ACCEPTED = {
    "one_hot": {"a list", "nothing along the first axis"},  # a list of numbers says the same; no index, no column
    "softmax": {"an axis more", "an axis fewer", "NaN"},  # any number of axes; a column with NaN stays NaN
    "scalar_bptt": {"a list"},
    "numerical_gradient": SHAPES,  # theta has any shape
    "clip_by_value": SHAPES,  # so have gradients
    "clip_by_norm": SHAPES,
    "shift_targets": {"a list"},
    "sequence_log_probability indices": {"a list"},
    "encode_batch Wya": set(SPOILS),  # only the states are computed
    "encode_batch by": set(SPOILS),
    "lstm_forward c0": {"None"},  # None is a documented value of these
    "sequence_to_one_forward mask": {"None"},
    "sequence_loss mask": {"None"},
    "output_layer_backward mask": {"None"},
    "train_step mask": {"None"},
    "encoder_decoder_forward x_mask": {"None"},
    "encoder_decoder_backward y_mask": {"None"},
    "decode_greedy x_mask": {"None"},
    "deep_rnn_forward dropout_masks": {"None"},
    "jordan_forward teacher": {"None"},
    "masked_loss loss_per_step": {"NaN"},  # the first entry may be padding
}


def places(kwargs):
    """(argument, key in it or None) of every array that a caller hands in directly or in a dict of parameters."""
    for name, value in kwargs.items():
        if isinstance(value, np.ndarray):
            yield name, None
        elif isinstance(value, dict):
            yield from ((name, key) for key, array in value.items() if isinstance(array, np.ndarray))


# those of utils.torch_port have doors of their own, see test_torch_*.py: a probe would stand before them
@pytest.mark.parametrize("name", [name for name in known() if name != "gradient_check" and not find(name).probe])
def test_spoilt_arrays_are_refused_in_one_sentence(name):
    exercise = find(name)
    general = next(iter(exercise.cases(np.random.default_rng(0)).values()))
    for argument, key in places(general):
        fine = ACCEPTED.get(name, set()) | ACCEPTED.get(f"{name} {key or argument}", set())
        for label, spoil in SPOILS.items():
            kwargs = duplicate(general, {})
            holder, place = (kwargs, argument) if key is None else (kwargs[argument], key)
            array = holder[place]
            impossible = {"NaN"} if array.dtype.kind != "f" else {"an axis fewer"} if array.ndim < 2 else set()
            if label in fine | impossible:
                continue
            holder[place] = spoil(array)
            with pytest.raises(ValueError, match=r"\.$") as error:
                exercise.reference(**kwargs)
            assert "\n" not in str(error.value) and len(str(error.value)) < 300, f"{argument} {key}: {label}"


@pytest.mark.parametrize("what", ["f", "P", "G"])
@pytest.mark.parametrize("spoilt", [None, 3, {}, "text"], ids=repr)
def test_the_gradient_checker_refuses_what_it_cannot_check(what, spoilt):
    kwargs = next(iter(find("gradient_check").cases(np.random.default_rng(0)).values()))
    with pytest.raises(ValueError, match=rf"^({what}|f) must .*\.$"):
        find("gradient_check").reference(**kwargs | {what: spoilt})


@pytest.mark.parametrize("name", [name for name in known() if name.endswith("_backward") and "cell" not in name])
@pytest.mark.parametrize("spoilt", [None, 3, (), [], ((), None), ([], None)], ids=repr)
def test_caches_of_another_form_are_refused(name, spoilt):
    kwargs = next(iter(find(name).cases(np.random.default_rng(0)).values()))
    if "caches" not in kwargs:
        assert name == "output_layer_backward"
        return
    with pytest.raises(ValueError, match=r"caches(\[0\])? must .*\.$"):
        find(name).reference(**kwargs | {"caches": spoilt})


@pytest.mark.parametrize("name", ["rnn_cell_backward", "gru_cell_backward", "lstm_cell_backward"])
@pytest.mark.parametrize("spoilt", [None, 3, (), "text"], ids=repr)
def test_a_cache_of_another_form_is_refused(name, spoilt):
    kwargs = next(iter(find(name).cases(np.random.default_rng(0)).values()))
    with pytest.raises(ValueError, match=r"^cache must be .*\.$"):
        find(name).reference(**kwargs | {"cache": spoilt})
