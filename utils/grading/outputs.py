"""Outputs of the cells in autograded/: what a verdict looks like there, what a student's cell printed and drew.

nbgrader reads the points of a check cell from its outputs; a learner reads the message. Whatever was printed, raised or
drawn by a student comes from outside, and is let through as plain text and small PNG pictures only.
"""

import base64
import binascii
import math
import re
import struct
import zlib

TEXT, LINE = 20_000, 500  # characters shown of a text, and of an error
SIDE, BYTES, PLOTS = 4_000, 2_000_000, 10  # pixels along a side, size of a picture, pictures of one cell
LEFT_OUT = f"only PNG pictures of up to {SIDE:,} × {SIDE:,} pixels and 2 MB are shown, {PLOTS} of a cell."
NOT_JUDGED = "This exercise has no verdict yet."

# sequences that move a terminal's cursor, set its title or its colours, also those that were never closed
ESCAPES = re.compile(r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?|\x1b[]PX^_][^\x07\x1b\n]*(?:\x07|\x1b\\)?|\x1b[ -/]*.?")
# control characters, halves of characters, and marks that turn the direction of writing round
CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
OVERWRITTEN = re.compile(r"^[^\n]*\r(?=[^\r\n])", re.MULTILINE)  # a progress bar: only its last state is read
POINTS = re.compile(r"<strong>[\d.]+ of [\d.]+ points</strong>")


def plain(text, limit=TEXT):
    """The text as a person may read it: no escape sequences, no control characters, cut after `limit` characters."""
    text = OVERWRITTEN.sub("", ESCAPES.sub("", str(text)).replace("\r\n", "\n"))
    text = CONTROLS.sub("", text)
    more = len(text) - limit
    return f"{text[:limit]}\n… cut here: {more:,} more characters" if more > 0 else text


def line(text):
    """The text on one line, for an error."""
    return plain(" ".join(plain(text).split()), LINE).replace("\n", " ")


def check_outputs(points: float, out_of: float, message: str, parts: list[tuple[str, float, float]]) -> list[dict]:
    """The outputs of a check cell: for people the message and the points by part, for nbgrader the points.

    parts: the name of each part, its points, and how many it can earn. ValueError where points is not in 0 … out_of.
    """
    if not 0 <= points <= out_of < math.inf:  # also false for NaN
        raise ValueError(f"points must lie between 0 and {out_of}, got {points}.")
    worth = [f"{name} {got:g} of {most:g}" for name, got, most in parts if most > 0]
    told = [plain(message).rstrip(), " · ".join(worth) if len(worth) > 1 else ""]
    html = f"<strong>{points:g} of {out_of:g} points</strong>"
    return [
        _printed("\n".join(filter(None, told)) + "\n"),
        {
            "output_type": "execute_result",
            "execution_count": None,
            "metadata": {},
            # float(): a NumPy number would be written np.float64(…), which nbgrader takes for full marks
            "data": {"text/plain": repr(float(points)), "text/html": html},
        },
    ]


def not_judged() -> list[dict]:
    """What a check cell holds until there is a verdict: an error, for which nbgrader gives nothing."""
    return [_error("NotJudged", NOT_JUDGED)]


def display_outputs(printed: str, error: str, plots: list[bytes]) -> list[dict]:
    """The outputs of a student's cell: what it printed, its plots, and the error that it stopped with."""
    kept = [plot for plot in plots if is_png(plot)][:PLOTS]
    outputs = [_printed(plain(printed))] if printed else []
    outputs += [_picture(base64.b64encode(plot).decode()) for plot in kept]
    if lost := len(plots) - len(kept):
        outputs.append(_printed(f"{lost} plot{'s are' if lost > 1 else ' is'} left out: {LEFT_OUT}\n"))
    return outputs + ([_error("Error", error)] if error else [])


def harmless_outputs(outputs) -> list[dict]:
    """The same outputs with nothing but plain text, PNG pictures and our own line of points; for whatever was read."""
    shown = []
    for output in outputs:
        kind, data = output.get("output_type"), output.get("data", {})
        if kind == "stream":
            name = "stderr" if output.get("name") == "stderr" else "stdout"
            shown.append(_printed(plain(output.get("text", "")), name))
        elif kind == "error":
            shown.append(_error(output.get("ename", "Error"), output.get("evalue", "")))
        elif picture := _read_picture(data.get("image/png")):
            shown.append(_picture(picture))
        elif "text/plain" in data:
            safe = {"text/plain": plain(data["text/plain"])}
            if POINTS.fullmatch(str(data.get("text/html", ""))):
                safe["text/html"] = data["text/html"]
            shown.append({"output_type": "execute_result", "execution_count": None, "metadata": {}, "data": safe})
    return shown


def is_png(data: bytes) -> bool:
    """Whether the bytes begin as a PNG picture of a plausible size does."""
    if not 45 <= len(data) <= BYTES or data[:16] != b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR":
        return False
    width, height, depth, colour = struct.unpack(">IIBB", data[16:26])
    checksum = struct.unpack(">I", data[29:33])[0]
    plausible = 0 < width <= SIDE and 0 < height <= SIDE and depth in (1, 2, 4, 8, 16) and colour in (0, 2, 3, 4, 6)
    return plausible and checksum == zlib.crc32(data[12:29])


def _read_picture(text):
    try:
        data = base64.b64decode("".join(str(text).split()), validate=True)
    except (binascii.Error, ValueError):
        return ""
    return base64.b64encode(data).decode() if is_png(data) else ""


def _printed(text, name="stdout"):
    return {"output_type": "stream", "name": name, "text": text}


def _picture(encoded):
    return {"output_type": "display_data", "metadata": {}, "data": {"image/png": encoded, "text/plain": "a plot"}}


def _error(name, words):
    name, words = line(name), line(words)
    told = words if name == "Error" else f"{name}: {words}"
    return {"output_type": "error", "ename": name, "evalue": words, "traceback": [told]}
