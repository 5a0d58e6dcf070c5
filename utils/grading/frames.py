"""Frames: how messages follow one another in a stream of bytes.

A frame is two unsigned 32-bit numbers (length of the header, length of the arrays), a JSON header, and the bytes of all
arrays one after the other. Limits are checked before anything is read.
"""

import json
import os
import struct

MAX_HEADER, MAX_ARRAYS = 16 << 20, 256 << 20
_LENGTHS = struct.Struct(">II")


class WireError(Exception):
    """What came over the wire is not a message, or cannot be made one; the sentence says why."""


class Descriptor:
    """A pipe's end as a stream that keeps nothing back, neither read ahead nor unwritten: a fork may share it."""

    def __init__(self, number: int):
        self.number = number

    def read(self, size: int) -> bytes:
        """`size` bytes, or fewer at the end of the stream."""
        parts = []
        while size and (part := os.read(self.number, min(size, 1 << 20))):
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def write(self, content: bytes) -> None:
        """Write everything."""
        left = memoryview(content)
        while left:
            left = left[os.write(self.number, left) :]

    def flush(self) -> None:
        """There is nothing to flush."""


def framed(message: dict, packer=None) -> bytes:
    """One frame. `message` holds values as `Packer.pack` left them. Raises WireError when it is too large."""
    header = json.dumps(message, separators=(",", ":"), allow_nan=False).encode()
    arrays = b"".join(packer.chunks) if packer else b""
    if len(header) > MAX_HEADER or len(arrays) > MAX_ARRAYS:
        raise WireError("the message is too large to be sent.")
    return _LENGTHS.pack(len(header), len(arrays)) + header + arrays


def send(stream, message: dict, packer=None) -> None:
    """Write one frame at once. Raises WireError, with nothing written, when it is too large."""
    stream.write(framed(message, packer))
    stream.flush()


def receive(stream) -> tuple[dict, bytes] | None:
    """Read one frame: its header and its bytes; None at the end of the stream. Raises WireError for anything else."""
    prefix = stream.read(_LENGTHS.size)
    if not prefix:
        return None
    if len(prefix) < _LENGTHS.size:
        raise WireError("the stream ended inside a message.")
    header_size, arrays_size = _LENGTHS.unpack(prefix)
    if header_size > MAX_HEADER or arrays_size > MAX_ARRAYS:
        raise WireError("a message announces more bytes than are allowed.")
    header, arrays = stream.read(header_size), stream.read(arrays_size)
    if len(header) < header_size or len(arrays) < arrays_size:
        raise WireError("the stream ended inside a message.")
    try:
        message = json.loads(header)
    except (ValueError, RecursionError) as error:
        raise WireError("a header is not JSON.") from error
    if not isinstance(message, dict):
        raise WireError("a header is not a JSON object.")
    return message, arrays
