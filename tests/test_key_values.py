"""Values in the file of a key come back bit for bit; a sketch fits its array and no other."""

import numpy as np
import pytest

from utils.bundling.sketches import sketch
from utils.checking.compare import same
from utils.checking.packed import dump, load
from utils.checking.sketch import SUMS, Sketch
from utils.text import Vocabulary

NAN, INF = float("nan"), float("inf")


def again(tmp_path, value):
    (tmp_path / "some.npz").write_bytes(dump({"it": value}))
    return load(tmp_path / "some.npz", "it")


VALUES = [
    *(None, True, 3, -(10**30), 0.1, 1e-320, -0.0, INF, "ŷ", "", [], (), {}),
    [1, (2.5, "a"), {"k": [None]}],
    *(np.float32(0.1), np.int64(7), np.bool_(True), np.str_("ab")),
]


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_plain_values_come_back(tmp_path, value):
    back = again(tmp_path, value)
    assert back == value and type(back) is type(value) and repr(back) == repr(value)


@pytest.mark.parametrize("dtype", ["f8", "f4", "i8", "i4", "u1", "?"])
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 3), (2, 1, 4)])
def test_arrays_come_back_bit_for_bit(tmp_path, dtype, shape):
    array = np.asarray(100 * np.random.default_rng(0).standard_normal(shape), dtype=dtype)
    back = again(tmp_path, [array])[0]
    assert (back.dtype, back.shape, back.tobytes()) == (array.dtype, array.shape, array.tobytes())
    assert back.flags.writeable


def test_nan_infinity_and_fortran_order_come_back(tmp_path):
    array = np.asfortranarray([[NAN, INF, -0.0], [1e-310, -INF, 2.0]])
    assert again(tmp_path, array).tobytes() == array.tobytes()
    assert np.isnan(again(tmp_path, NAN))


def test_one_object_stays_one_and_equal_ones_stay_two(tmp_path):
    one, other = np.zeros(3), np.zeros(3)
    P = {"W": one}
    back = again(tmp_path, {"P": P, "cache": (P, one), "m": other})
    assert back["P"] is back["cache"][0] and back["P"]["W"] is back["cache"][1]
    assert back["m"] is not back["cache"][1]


def test_vocabularies_come_back(tmp_path):
    assert again(tmp_path, Vocabulary(("a", "<EOS>", "<UNK>"))).tokens == ("a", "<EOS>", "<UNK>")


@pytest.mark.parametrize("value", [{1: 2}, {2}, np.array([None]), abs, np.random.default_rng(0)])
def test_what_is_no_value_is_refused(value):
    with pytest.raises(TypeError, match="cannot be kept in a file"):
        dump({"it": value})


# ---- sketches


def nearly(array, by):
    """The array with its last finite entry moved by so much of the largest."""
    changed = array.astype(float)
    place = np.argwhere(np.isfinite(changed))[-1]
    finite = np.abs(changed[np.isfinite(changed)]).max()
    changed[tuple(place)] += by * finite
    return changed


ARRAYS = {
    "one": np.array([[2.5]]),
    "two": np.array([1.0, -3.0]),
    "many": np.random.default_rng(1).standard_normal((4, 3, 5)),
    "large": 1e200 * np.random.default_rng(2).standard_normal(50),
    "small": 1e-200 * np.random.default_rng(2).standard_normal(50),
    "with NaN and infinity": np.array([NAN, INF, -INF, 1.0, 2.0, 3.0, 4.0]),
}


@pytest.mark.parametrize("what", ARRAYS)
def test_a_sketch_fits_its_array_and_what_is_within_the_tolerance(what):
    array = ARRAYS[what]
    shown = Sketch.of(array)
    for got, fits in ((array, True), (nearly(array, 1e-11), True), (nearly(array, 1e-7), False), (-array, False)):
        with np.errstate(invalid="ignore"):
            assert same(got, shown, 1e-9) == same(got, array, 1e-9) == fits
    assert same(np.asfortranarray(array), shown, 1e-9)


def test_a_sketch_of_zeros_is_measured_by_one():
    assert same(np.full(9, 1e-12), Sketch.of(np.zeros(9)), 1e-9)
    assert not same(np.full(9, 1e-6), Sketch.of(np.zeros(9)), 1e-9)


@pytest.mark.parametrize("swap", [(0, 1), (2, 5)])
def test_where_an_array_is_not_finite_counts(swap):
    array = ARRAYS["with NaN and infinity"]
    other = array.copy()
    other[list(swap)] = array[list(swap[::-1])]
    assert not same(other, Sketch.of(array), 1e-9)
    assert not same(np.nan_to_num(array, posinf=1.0, neginf=1.0), Sketch.of(array), 1e-9)


@pytest.mark.parametrize("seed", range(20))
def test_arrays_that_differ_a_little_everywhere_are_told_apart(seed):
    rng = np.random.default_rng(seed)
    array = rng.standard_normal((6, 7))
    for other in (array[::-1], array + 1e-6, array * (1 + 1e-6), np.roll(array, 1), array.round(5)):
        assert not same(other, Sketch.of(array), 1e-9)


ODD = [
    [np.zeros(3)],
    np.zeros(4),
    np.zeros((3, 1)),
    np.zeros(3, int),
    np.zeros(3, bool),
    np.zeros(3, complex),
    np.zeros(3, object),
    np.ma.masked_array(np.zeros(3)),
    *(0.0, None, "0", {"a": np.zeros(3)}, np.zeros(3, np.float32)),
]


@pytest.mark.parametrize("want", [np.zeros(3), np.zeros(3, int), np.zeros(3, bool)], ids=lambda a: a.dtype.name)
@pytest.mark.parametrize("got", ODD, ids=lambda value: repr(value).replace("\n", ""))
def test_structure_counts_as_it_does_with_the_array_itself(got, want):
    assert same(got, Sketch.of(want), 1e-9) == same(got, want, 1e-9)


@pytest.mark.parametrize("got", [{"a": [1.0]}, {"a": (1.0,), "b": 2}, {"b": 2}, {"a": [1.0, 2.0]}, {"a": 1.0}, []])
def test_trees_are_compared_as_the_values_are(got):
    want = {"a": (1.0,)}
    assert same(got, sketch(want, {}), 1e-9) == same(got, want, 1e-9)


def test_equal_values_are_one_object_and_true_is_not_one():
    shared = {}
    first, second = (sketch({"a": [np.arange(9.0), "x"]}, shared) for _ in range(2))
    assert first is second
    assert sketch((True,), shared) is not sketch((1.0,), shared)
    assert len(Sketch.of(np.zeros((5, 5))).sums) == SUMS
