"""What comes over the wire and is no message is refused at once, without much memory."""

import io
import json
import struct
import time
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from utils.grading import frames, wire
from utils.grading.frames import WireError, receive
from utils.grading.wire import Unpacker


def frame(header, arrays=b"", header_size=None, arrays_size=None):
    header = header if isinstance(header, bytes) else json.dumps(header).encode()
    sizes = len(header) if header_size is None else header_size, len(arrays) if arrays_size is None else arrays_size
    return struct.pack(">II", *sizes) + header + arrays


DEEP = b'{"value":' + b'{"list":[' * 200_000 + b"1" + b"]}" * 200_000 + b"}"
HOSTILE_FRAMES = {
    "cut in the lengths": b"\x00\x00\x00",
    "cut in the header": frame(b'{"a": 1}', header_size=20),
    "cut in the arrays": frame({"a": 1}, b"1234", arrays_size=9),
    "a header of 2^31 bytes": frame(b"{}", header_size=1 << 31),
    "arrays of 2^31 bytes": frame(b"{}", arrays_size=1 << 31),
    "lengths of 2^32 - 1": b"\xff" * 8,
    "a header that is cut and vast": frame(b"{}", header_size=frames.MAX_HEADER),
    "not JSON": frame(b"\x80\x04pickle"),
    "half JSON": frame(b'{"a": '),
    "not UTF-8": frame(b'{"a": "\xff\xfe"}'),
    "a list": frame(b"[1, 2]"),
    "a number": frame(b"3"),
    "nothing": frame(b""),
    "JSON 200,000 levels deep": frame(DEEP),
    "a number of 100,000 digits": frame(b'{"a": ' + b"9" * 100_000 + b"}"),
}
ARRAY = {"array": ["<f8", [2], 0]}
HOSTILE_VALUES = {
    "an unknown tag": {"pickle": "gASV"},
    "a tag that is a method": {"array__": 1},
    "a dunder": {"_init__": 1},
    "no tag": {},
    "two tags": {"list": [], "tuple": []},
    "a bare list": [1, 2],
    "a bare float": 0.5,
    "a list that is a number": {"list": 3},
    "a tuple that is a text": {"tuple": "abc"},
    "a dict without pairs": {"dict": [1]},
    "a dict with a triple": {"dict": [["a", 1, 2]]},
    "a dict with a number as key": {"dict": [[1, 2]]},
    "a float that is a word": {"float": "two"},
    "a float that is a number": {"float": 2},
    "a negative shape": {"array": ["<f8", [-1], 0]},
    "a shape below -1": {"array": ["<f8", [-8, -1], 0]},
    "a fraction in a shape": {"array": ["<f8", [1.5], 0]},
    "true in a shape": {"array": ["<f8", [True], 0]},
    "a shape that is a number": {"array": ["<f8", 2, 0]},
    "a shape of nine axes": {"array": ["<f8", [1] * 9, 0]},
    "a vast shape": {"array": ["<f8", [2**30, 2**30, 2**30], 0]},
    "a vast axis": {"array": ["|u1", [2**40], 0]},
    "a vast empty shape": {"array": ["<f8", [0] + [2**31 - 1] * 7, 0]},
    "an array beyond the end": {"array": ["<f8", [3], 0]},
    "a start beyond the end": {"array": ["<f8", [1], 9]},
    "a negative start": {"array": ["<f8", [1], -8]},
    "object dtype": {"array": ["|O", [2], 0]},
    "void dtype": {"array": ["|V8", [2], 0]},
    "a structured dtype": {"array": [[["a", "<f8"]], [2], 0]},
    "a text dtype": {"array": ["<U2", [2], 0]},
    "a date": {"array": ["<M8[s]", [2], 0]},
    "a dtype that is a list": {"array": [["<f8"], [2], 0]},
    "an array without a start": {"array": ["<f8", [2]]},
    "overlapping arrays": {"list": [{"array": ["<f8", [2], 0]}, {"array": ["<f8", [1, 2], 0]}]},
    "a scalar with axes": {"scalar": ["<f8", [2], 0]},
    "a generator without a state": {"generator": {}},
    "a generator that is a text": {"generator": "PCG64"},
    "a generator with words": {"generator": {"state": "a", "inc": "b", "has_uint32": 0, "uinteger": 0}},
    "a generator with a vast state": {
        "generator": {"state": "9" * 100, "inc": "1", "has_uint32": 0, "uinteger": 0}
    },
    "a generator with a list": {"generator": {"state": "1", "inc": "1", "has_uint32": [], "uinteger": 0}},
    "a vocabulary without <EOS>": {"vocabulary": ["a", "<UNK>"]},
    "a vocabulary of lists": {"vocabulary": [["a"], "<UNK>", "<EOS>"]},
    "a vocabulary of numbers": {"vocabulary": [1, "<UNK>", "<EOS>"]},
    "a vocabulary that is a number": {"vocabulary": 7},
    "a function": {"function": 0},
    "a function by name": {"function": "os.system"},
}  # fmt: skip


@pytest.mark.parametrize("what", HOSTILE_FRAMES)
def test_hostile_frames_are_refused_quickly(what):
    assert_refused(lambda: receive(io.BytesIO(HOSTILE_FRAMES[what])), allowed=40 << 20)


@pytest.mark.parametrize("what", HOSTILE_VALUES)
def test_hostile_values_are_refused_quickly(what):
    assert_refused(lambda: Unpacker(b"\x00" * 16).unpack(HOSTILE_VALUES[what]), allowed=1 << 20)


@pytest.mark.parametrize("limit, size", [("MAX_HEADER", 2), ("MAX_ARRAYS", 8)])
def test_a_frame_over_a_limit_is_refused_although_it_is_whole(monkeypatch, limit, size):
    monkeypatch.setattr(frames, limit, size)
    assert receive(io.BytesIO(frame(b"{}", b"x" * 8))) == ({}, b"x" * 8)
    monkeypatch.setattr(frames, limit, size - 1)
    with pytest.raises(WireError, match="announces more bytes than are allowed"):
        receive(io.BytesIO(frame(b"{}", b"x" * 8)))


@pytest.mark.parametrize("size", ["header_size", "arrays_size"])
def test_what_is_announced_over_a_limit_is_not_even_read(size):
    stream = io.BytesIO(frame(b"{}", **{size: 1 << 31}))
    with pytest.raises(WireError, match="announces more bytes than are allowed"):
        receive(stream)
    assert stream.tell() == 8


def assert_refused(work, allowed):
    """A WireError with one sentence, in under half a second of CPU time and without much memory."""
    tracemalloc.start()
    start = time.process_time()
    try:
        with pytest.raises(WireError) as caught:
            work()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert time.process_time() - start < 0.5
    assert peak < allowed, f"{peak >> 20} MiB"
    text = str(caught.value)
    assert text.endswith(".") and "\n" not in text and len(text) < 120


def test_values_nested_41_deep_are_refused():
    value = 1
    for _ in range(wire.MAX_DEPTH + 1):
        value = {"list": [value]}
    with pytest.raises(WireError, match="nests them too deeply"):
        Unpacker(b"").unpack(value)


def test_a_vast_count_of_values_is_refused(monkeypatch):
    monkeypatch.setattr(wire, "MAX_VALUES", 5000)
    with pytest.raises(WireError, match="too many values"):
        Unpacker(b"").unpack({"list": [1] * 5001})


def test_one_array_named_a_thousand_times_is_one_array():
    got = Unpacker(b"\x00" * 16).unpack({"list": [ARRAY] * 1000})
    assert all(item is got[0] for item in got)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["list", "tuple", "dict", "array", "scalar", "float", "generator", "vocabulary", "function", "x"]
            ),
            inner,
            max_size=2,
        )
    ),
    max_leaves=10,
)


@settings(deadline=None, max_examples=300)
@given(json_values, st.binary(max_size=32))
def test_any_json_is_a_value_or_a_wire_error(tagged, data):
    try:
        Unpacker(data).unpack(tagged)
    except WireError:
        pass


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=64))
def test_any_bytes_are_a_message_or_a_wire_error(data):
    try:
        receive(io.BytesIO(data))
    except WireError:
        pass
