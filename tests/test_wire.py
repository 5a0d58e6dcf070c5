"""The wire: what is sent arrives, bit for bit; what cannot be sent is named."""

import io
import math
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of

from utils.checking.running import last_line
from utils.grading import frames, wire
from utils.grading.frames import WireError, framed, receive, send
from utils.grading.wire import DTYPES, MAX_ERROR, Packer, RemoteError, Unpacker, error_line
from utils.text import Vocabulary


def across(value, proxy=None):
    """Send a value through a stream and read it back."""
    stream, packer = io.BytesIO(), Packer()
    send(stream, {"value": packer.pack(value)}, packer)
    stream.seek(0)
    message, data = receive(stream)
    return Unpacker(data, proxy).unpack(message["value"])


def identical(one, other):
    """The same type, structure, dtype, shape and bits."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return list(one) == list(other) and all(identical(one[k], other[k]) for k in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(identical, one, other))
    if isinstance(one, np.ndarray | np.generic):
        return (one.dtype, one.shape, one.tobytes()) == (other.dtype, other.shape, other.tobytes())
    if isinstance(one, float):
        return struct.pack("<d", one) == struct.pack("<d", other) or (math.isnan(one) and math.isnan(other))
    return one == other


# ---- round trips


PLAIN = [None, True, False, 0, -1, 2**255, -(2**255), "", "ŷ⟨t⟩ “quotes” \n \x00", "<EOS>", [], (), {}, [[[()]]]]
FLOATS = [0.0, -0.0, 0.1, 1 / 3, 1e308, 5e-324, 2.2250738585072014e-308, math.inf, -math.inf, math.nan, math.pi]


@pytest.mark.parametrize("value", PLAIN + FLOATS, ids=repr)
def test_plain_values_arrive(value):
    assert identical(across(value), value)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(), (1,), (0,), (3, 0, 2), (2, 3, 4)])
def test_arrays_of_every_kind_arrive(dtype, shape):
    value = np.random.default_rng(0).integers(0, 2, shape).astype(dtype)
    assert identical(across(value), value)


def test_floats_in_arrays_arrive_bit_for_bit():
    value = np.array(FLOATS + [-math.nan, np.uint64(0x7FF8000000000123).view(np.float64)])
    assert identical(across(value), value)


@pytest.mark.parametrize(
    "value", [np.float64(0.1), np.float32(0.1), np.int64(-3), np.True_, np.complex128(1j)], ids=repr
)
def test_numpy_numbers_stay_numpy_numbers(value):
    assert identical(across(value), value)
    assert isinstance(across(value), np.generic)


def test_arrays_in_any_layout_arrive():
    value = np.arange(24.0).reshape(2, 3, 4)
    for odd in (value.T, value[:, ::-1], np.asfortranarray(value), value[..., 1], np.broadcast_to(value[0], (2, 3, 4))):
        got = across(odd)
        assert got.shape == odd.shape and np.array_equal(got, odd)
    assert np.array_equal(across(value.astype(">f8")), value)


def test_what_arrives_may_be_written_to():
    got = across({"a": np.ones(3)})
    got["a"][0] = 7.0
    assert got["a"].tolist() == [7.0, 1.0, 1.0]


def test_a_shared_array_is_sent_once_and_stays_shared():
    weights = np.ones((50, 50))
    packer = Packer()
    packed = packer.pack([{"W": weights}, (weights, weights), np.zeros(2)])
    assert packer.size == weights.nbytes + 16 and len(packer.chunks) == 2
    got = Unpacker(b"".join(packer.chunks)).unpack(packed)
    assert got[0]["W"] is got[1][0] is got[1][1]


def test_equal_but_separate_arrays_stay_separate():
    got = across([np.ones(3), np.ones(3)])
    assert got[0] is not got[1]


def test_an_array_that_is_gone_lends_its_id_to_nobody():
    packer = Packer()
    packed = [packer.pack(np.full(100, float(i))) for i in range(20)]  # each dies unless the packer keeps it
    got = [Unpacker(b"".join(packer.chunks)).unpack(p)[0] for p in packed]
    assert got == list(range(20))


def test_an_empty_array_that_is_gone_lends_its_id_to_nobody_either():
    """Empty arrays share their place among the bytes, so a later one takes the place of an earlier one there."""
    packer = Packer()
    for i in range(50):
        packer.pack(np.empty(0))
        packer.pack(np.empty(0))
        packed = packer.pack(np.full(3, float(i)))
        assert Unpacker(b"".join(packer.chunks)).unpack(packed).tolist() == [i] * 3


@pytest.mark.parametrize("used", [0, 1, 7])
def test_generators_go_on_identically(used):
    rng = np.random.default_rng(42)
    rng.random(used)
    rng.integers(0, 9, used, dtype=np.uint32)  # leaves half a 64-bit number behind
    got = across(rng)
    assert got is not rng
    assert np.array_equal(got.integers(0, 2**31, 9, dtype=np.uint32), rng.integers(0, 2**31, 9, dtype=np.uint32))
    assert got.random() == rng.random() and got.normal() == rng.normal()


def test_vocabularies_arrive():
    vocabulary = Vocabulary(("a", "ß", "<EOS>", "<UNK>"))
    got = across(vocabulary)
    assert got == vocabulary and got.eos == 2


def test_functions_stay_and_are_called_by_number():
    packer = Packer()
    packed = packer.pack([math.sin, {"f": math.cos}])
    got = Unpacker(b"", lambda number: packer.functions[number]).unpack(packed)
    assert got[0](1.0) == math.sin(1.0) and got[1]["f"](1.0) == math.cos(1.0)
    with pytest.raises(WireError, match="a function is malformed"):
        Unpacker(b"").unpack(packed)  # nobody is there to call


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**255), 2**255)
    | st.floats()
    | st.text(st.characters(exclude_categories=["Cs"]))
    | arrays_of.arrays(st.sampled_from([np.dtype(d) for d in DTYPES]), arrays_of.array_shapes(min_dims=0, min_side=0)),
    lambda inner: st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=15,
)


@settings(deadline=None, max_examples=150)
@given(values)
def test_anything_nested_arrives(value):
    assert identical(across(value), value)


def test_several_frames_follow_one_another():
    stream = io.BytesIO()
    for i in range(3):
        packer = Packer()
        send(stream, {"value": packer.pack(np.full(i, float(i)))}, packer)
    stream.seek(0)
    for i in range(3):
        message, data = receive(stream)
        assert Unpacker(data).unpack(message["value"]).tolist() == [float(i)] * i
    assert receive(stream) is None


# ---- what cannot be sent


@pytest.mark.parametrize(
    "value, words",
    [
        ({1, 2}, "a value of type set cannot be sent"),
        (1j, "a value of type complex cannot be sent"),
        (object(), "a value of type object cannot be sent"),
        (np.array([None]), "an array of dtype object cannot be sent"),
        (np.array(["a"]), "an array of dtype <U1 cannot be sent"),
        (np.ma.masked_array([1.0]), "a masked array cannot be sent"),
        ({1: 2}, "the keys of a dict must be texts"),
        (1 << 256, "a whole number is larger"),
        (np.random.Generator(np.random.MT19937(0)), "a generator of kind MT19937 cannot be sent"),
        ((i for i in ()), "a value of type generator cannot be sent"),
    ],
)
def test_what_cannot_be_sent_is_named(value, words):
    with pytest.raises(WireError, match=words):
        Packer().pack([value])


def test_a_list_that_contains_itself_is_refused():
    value = []
    value.append(value)
    with pytest.raises(WireError, match="nested deeper than 40"):
        Packer().pack(value)


def test_a_small_value_that_unfolds_into_a_large_one_is_refused(monkeypatch):
    monkeypatch.setattr(wire, "MAX_VALUES", 1000)
    value = 1
    for _ in range(30):
        value = [value, value]  # 2^30 leaves
    with pytest.raises(WireError, match="over 1000 values"):
        Packer().pack(value)


def test_a_message_too_large_to_send_is_refused(monkeypatch):
    monkeypatch.setattr(frames, "MAX_ARRAYS", 100)
    packer, stream = Packer(), io.BytesIO()
    message = {"value": packer.pack(np.zeros(101, np.uint8))}
    with pytest.raises(WireError, match="too large to be sent"):
        send(stream, message, packer)
    assert stream.getvalue() == b""
    monkeypatch.setattr(frames, "MAX_ARRAYS", 101)
    send(stream, message, packer)
    assert stream.getvalue() == framed(message, packer)
    monkeypatch.setattr(frames, "MAX_HEADER", 10)
    with pytest.raises(WireError, match="too large to be sent"):
        framed(message, packer)


# ---- errors in one line


@pytest.mark.parametrize(
    "error",
    [ValueError("two\nlines,  and  gaps"), KeyError("a"), ValueError(), SystemExit(3), ValueError(" ")],
    ids=repr,
)
def test_an_error_has_the_words_of_the_notebook(error):
    assert error_line(error) == last_line(error)


def test_an_error_from_the_other_side_keeps_its_kind():
    assert error_line(RemoteError("KeyError: 'a'")) == "KeyError: 'a'"


def test_a_long_error_is_cut():
    for kind in (ValueError, RemoteError):
        assert len(error_line(kind("x" * 10_000))) == MAX_ERROR == 400
    assert len(error_line(ValueError("x" * 386))) == 398


# ---- arrays that are handed through


def answered(build, asked_by=None):
    """Send (array, same array) as a question; the other side answers with build(args). Returns array and answer."""
    array, stream, question = np.arange(6.0).reshape(2, 3), io.BytesIO(), Packer()
    send(stream, {"args": question.pack([array, array])}, question)
    stream.seek(0)
    message, data = receive(stream)
    there = Unpacker(data)
    stream, answer = io.BytesIO(), Packer(answering=there)
    send(stream, {"value": answer.pack(build(there.unpack(message["args"])))}, answer)
    stream.seek(0)
    message, data = receive(stream)
    return array, Unpacker(data, asked=question).unpack(message["value"])


def test_an_array_that_is_handed_through_stays_the_same_one():
    array, value = answered(lambda args: (args[1], args[0] + 1))
    assert value[0] is array
    assert value[1] is not array and np.array_equal(value[1], array + 1)


@pytest.mark.parametrize("asked", [None, Packer()])
def test_a_reference_to_an_array_that_was_never_sent_is_refused(asked):
    with pytest.raises(WireError, match="a yours is malformed"):
        Unpacker(b"", asked=asked).unpack({"yours": ["<f8", [2, 3], 0]})
