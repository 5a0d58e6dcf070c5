"""A training on disk: one safetensors file, from which it goes on as if it had never stopped.

Tensors (weights, the moments of Adam, the states of generators) lie in the file under their names. All the rest is JSON
in its header, with the names of tensors in their places. Reading runs no code, whoever wrote the file. Writing replaces
it in one step: a save that is killed leaves the one before.
"""

import json
from pathlib import Path

import numpy as np
import torch

from utils.errors import CourseError
from utils.paths import did_you_mean, write_atomic
from utils.torch_port.packages import needed

FORMAT, VERSION = "rnn-course checkpoint", 1
SHOWN = 3  # how many differences a sentence names


def save_checkpoint(path, run, architecture=None):
    """Write a Run to `path`, in one step.

    architecture: a small dict of numbers and strings from which the model can be made again, such as
    {"n_tokens": 27, "n_embed": 16, "n_hidden": 64}. `architecture_of` returns it, and `load_checkpoint` compares it.
    CourseError when the file cannot be written.
    """
    write_atomic(Path(path), _to_bytes(run, architecture))


def load_checkpoint(path, run, architecture=None):
    """Put a Run that was made as for its first epoch into the state that `path` holds, random generators included.

    On the CPU all that follows is then the same, bit for bit, as without the stop. architecture: None is not compared;
    the shapes of the weights always are. CourseError for a file that is missing, cut short, no checkpoint or of a later
    format, and for one of another architecture, with other kinds of parts or other settings: nothing is loaded then.
    """
    saved = _read(path)
    for what, here in _about_run(run, architecture).items():
        if what != "architecture" or architecture is not None:
            _expect_same(path, what, saved[what], here)
    before = _to_bytes(run)
    try:
        run.load(saved["state"])
    except Exception as error:  # which one depends on the part that refuses
        run.load(_from_bytes(before)["state"])
        raise _refused(path, "does not fit this training, which is as it was") from error


def load_weights(path, model, best=True):
    """Put the weights of a checkpoint into a model, for use: those of the best epoch where there is one, or the last.

    CourseError as for `load_checkpoint`; nothing is loaded then.
    """
    saved = _read(path)
    _expect_same(path, "weights", saved["weights"], _shapes(model.state_dict()))
    state = saved["state"]
    model.load_state_dict(state["best"] if best and state["best"] is not None else state["model"])


def architecture_of(path) -> dict:
    """The architecture that a checkpoint was saved with, to make the model from. CourseError as for `load_weights`."""
    return _read(path)["architecture"]


def _about_run(run, architecture=None):
    """What has to be the same when a run goes on."""
    parts = {name: getattr(run, name) for name in ("optimizer", "scheduler", "scaler")}
    kinds = {name: None if part is None else type(part).__name__ for name, part in parts.items()}
    try:
        about = {"architecture": dict(architecture or {}), "settings": run.settings}
        about = json.loads(json.dumps(about, default=lambda number: number.item()))  # NumPy's numbers
    except (TypeError, ValueError, AttributeError):
        raise ValueError(f"architecture must be a dict of numbers and strings, got {architecture!r}.") from None
    return about | {
        "weights": _shapes(run.model.state_dict()),
        "parts": kinds | {"rng": None if run.rng is None else type(run.rng.bit_generator).__name__},
    }


def _shapes(weights):
    """{name: shape and dtype, in words}."""
    return {name: f"{tuple(w.shape)} {str(w.dtype).removeprefix('torch.')}" for name, w in weights.items()}


OTHER = {
    "architecture": "another architecture",
    "weights": "weights of other shapes",
    "parts": "parts of other kinds",
    "settings": "other settings",
}


def _expect_same(path, what, there, here):
    """CourseError, naming what differs, unless two dicts agree."""
    differ = [name for name in there | here if there.get(name, "absent") != here.get(name, "absent")]
    if differ:
        shown = [f"{name} is {there.get(name, 'absent')} there, {here.get(name, 'absent')} here" for name in differ]
        more = [f"{len(differ) - SHOWN} more"] if len(differ) > SHOWN else []
        raise _refused(path, f"has {OTHER[what]}: {'; '.join(shown[:SHOWN] + more)}", "take the same as there")


def _refused(path, why, advice="name another file"):
    return CourseError(f"The checkpoint {path} {why}; {advice}, or begin anew.")


def _to_bytes(run, architecture=None):
    """A run as the content of a safetensors file."""
    tensors, packages = {}, needed("safetensors.torch", "Saving a checkpoint")
    content = _about_run(run, architecture) | {"state": _pack(run.state(), "state", tensors)}
    return packages.save(tensors, {"format": FORMAT, "version": str(VERSION), "content": json.dumps(content)})


def _about_file(data):
    """The header of a safetensors file: eight bytes that say how long it is, then JSON. {} where it holds no text."""
    length = int.from_bytes(data[:8], "little")
    return json.loads(data[8 : 8 + length]).get("__metadata__", {})


def _from_bytes(data):
    """What `_to_bytes` was given: what `_about_run` says, and the state."""
    tensors = needed("safetensors.torch", "Reading a checkpoint").load(data)
    content = json.loads(_about_file(data)["content"])
    state = _unpack(content["state"], tensors)
    if state["best"] is not None and _shapes(state["best"]) != _shapes(state["model"]):
        raise ValueError("the best weights and the last ones differ in shape.")
    return content | {"state": state, "weights": _shapes(state["model"])}


def _read(path):
    """A checkpoint as `_from_bytes` returns it, or a sentence."""
    path = Path(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        near = did_you_mean(path.name, [other.name for other in path.parent.glob("*")])
        raise _refused(path, f"could not be read, {error.strerror}{near}") from None
    if data[8:9] != b"{":
        raise _refused(path, "is none, or only a piece of one")
    try:
        about = _about_file(data)
        if about.get("format") == FORMAT and int(about["version"]) <= VERSION:
            return _from_bytes(data)
    except CourseError:
        raise
    except Exception:  # whatever the bytes may be
        raise _refused(path, "is cut short or damaged") from None
    if about.get("format") != FORMAT:
        raise _refused(path, "holds tensors of something else")
    raise _refused(path, f"has format {about['version']}, newer than {VERSION}", "bring the course up to date")


def _pack(value, name, tensors):
    """A value as JSON can hold it. Its tensors are copied into `tensors`, under the path that leads to them."""
    if isinstance(value, torch.Tensor):
        tensors[name] = value.detach().to("cpu", copy=True).contiguous()
        return {"tensor": name}
    if isinstance(value, dict):  # pairs, for JSON knows no keys but strings
        return {"pairs": [[key, _pack(each, f"{name}.{key}", tensors)] for key, each in value.items()]}
    if isinstance(value, list | tuple):
        return [_pack(each, f"{name}.{i}", tensors) for i, each in enumerate(value)]
    return value.tolist() if isinstance(value, np.ndarray) else value


def _unpack(value, tensors):
    """The inverse of `_pack`, with lists for tuples and arrays."""
    if isinstance(value, dict):
        if "tensor" in value:
            return tensors[value["tensor"]]
        return {key: _unpack(each, tensors) for key, each in value["pairs"]}
    return [_unpack(each, tensors) for each in value] if isinstance(value, list) else value
