"""A trained CharLM as an ONNX file, which runs where there is no PyTorch: in a browser, on a phone, behind a server.

The graph is written by hand, because it is short. torch.onnx.export follows any model; but with an LSTM in it that of
torch 2.13 declares the T of its example to be that of every answer, and the older one, dynamo=False, is to be removed.
"""

from pathlib import Path

import numpy as np
import torch
from torch import nn

from utils.errors import CourseError
from utils.paths import write_atomic
from utils.torch_port.packages import needed

OPSET, IR = 17, 8  # the operators and the file format of 2022, which every runtime of today reads
INPUTS, OUTPUTS = ("tokens", "h0", "c0"), ("logits", "h", "c")


def to_onnx(model, path):
    """Write a CharLM to `path`, without dropout and in float32, whatever its mode and device.

    tokens int64 (m, T), h0 and c0 (1, m, n_hidden) -> logits (m, T, n_tokens), h and c (1, m, n_hidden), for any m and
    T: a text can be read at once or a step at a time.

    A third order of gates: the rows of ONNX's LSTM are i, o, f, c, which PyTorch calls i, o, f, g and this course Γu,
    Γo, Γf, c̃. CourseError for another model, when onnx is missing and when the file cannot be written.
    """
    onnx, h = needed("onnx", "Writing ONNX"), needed("onnx.helper", "Writing ONNX")
    weights = _expect_char_lm(model)
    (n_tokens, _), n_hidden = weights["embed"].shape, model.rnn.hidden_size
    graph = h.make_graph(
        [
            h.make_node("Transpose", ["tokens"], ["tokens_T"], perm=[1, 0]),  # (T, m)
            h.make_node("Gather", ["embed", "tokens_T"], ["x"]),  # (T, m, n_embed)
            h.make_node("LSTM", ["x", "W", "R", "B", "", "h0", "c0"], ["a_1", "h", "c"], hidden_size=n_hidden),
            h.make_node("Squeeze", ["a_1", "axis_1"], ["a"]),  # (T, 1, m, n_hidden) -> (T, m, n_hidden)
            h.make_node("MatMul", ["a", "Wy"], ["z"]),
            h.make_node("Add", ["z", "by"], ["logits_T"]),  # (T, m, n_tokens)
            h.make_node("Transpose", ["logits_T"], ["logits"], perm=[1, 0, 2]),
        ],
        "CharLM",
        [h.make_tensor_value_info("tokens", onnx.TensorProto.INT64, ["m", "T"])]
        + [h.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [1, "m", n_hidden]) for name in INPUTS[1:]],
        [h.make_tensor_value_info("logits", onnx.TensorProto.FLOAT, ["m", "T", n_tokens])]
        + [h.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [1, "m", n_hidden]) for name in OUTPUTS[1:]],
        [needed("onnx.numpy_helper", "Writing ONNX").from_array(array, name) for name, array in weights.items()],
    )
    file = h.make_model(graph, producer_name="rnn-course", ir_version=IR, opset_imports=[h.make_opsetid("", OPSET)])
    onnx.checker.check_model(file, full_check=True)
    write_atomic(Path(path), file.SerializeToString())


def _expect_char_lm(model):
    """The arrays of the graph, in ONNX's order. CourseError unless the model is embed, LSTM of one layer, and out."""
    parts = [getattr(model, name, None) for name in ("embed", "rnn", "out")]
    fits = [isinstance(part, kind) for part, kind in zip(parts, (nn.Embedding, nn.LSTM, nn.Linear), strict=True)]
    if not all(fits) or parts[1].num_layers != 1 or parts[1].bidirectional or parts[1].proj_size or not parts[1].bias:
        raise CourseError(
            "to_onnx expects a CharLM (embed; rnn, an nn.LSTM of one layer and one direction; out), got "
            f"{type(model).__name__}: for another model use torch.onnx.export."
        )
    embed, rnn, out = parts

    def rows(name):
        """One of the LSTM's parameters, (1, 4 n_hidden, …), from i, f, g, o to i, o, f, g."""
        i, f, g, o = getattr(rnn, name).chunk(4)
        return torch.cat([i, o, f, g])[None]

    tensors = {
        "embed": embed.weight,
        "W": rows("weight_ih_l0"),
        "R": rows("weight_hh_l0"),
        "B": torch.cat([rows("bias_ih_l0"), rows("bias_hh_l0")], dim=1),
        "Wy": out.weight.T,
        "by": out.bias,
    }
    arrays = {name: np.ascontiguousarray(tensor.detach().float().cpu().numpy()) for name, tensor in tensors.items()}
    return arrays | {"axis_1": np.array([1])}


def open_onnx(path):
    """An ONNX file, ready to run, for `run_onnx`. CourseError when it cannot be read or onnxruntime is missing."""
    runtime = needed("onnxruntime", "Running ONNX")
    try:
        session = runtime.InferenceSession(Path(path).read_bytes(), providers=["CPUExecutionProvider"])
    except OSError as error:
        raise CourseError(f"Could not read {path} ({error.strerror}): write the file with to_onnx first.") from None
    except Exception:  # onnxruntime's own, one for each way a file can be wrong
        raise CourseError(f"{path} is no ONNX file that can be run: write it again with to_onnx.") from None
    if tuple(each.name for each in session.get_inputs()) != INPUTS:
        raise CourseError(f"{path} is another model than a CharLM: write it again with to_onnx.")
    return session


def run_onnx(model, tokens, state=None):
    """What a CharLM in an ONNX file answers: logits (m, T, n_tokens) and the state (h, c), each (1, m, n_hidden).

    model: a path, or what `open_onnx` returned, which saves reading the file at each step. tokens: integers (m, T), all
    of them tokens of the model. state: (h, c) from the last call, or None for zeros. All arrays are NumPy's, float32.
    ValueError for tokens and states of another shape, CourseError as for `open_onnx`.
    """
    session = model if hasattr(model, "run") else open_onnx(model)
    n_hidden, n_tokens = session.get_inputs()[1].shape[2], session.get_outputs()[0].shape[2]
    tokens = np.asarray(tokens)
    if tokens.ndim != 2 or not tokens.size or tokens.dtype.kind not in "iu":
        raise ValueError(f"tokens must be whole numbers (m, T), got {tokens.dtype} {tokens.shape}.")
    if tokens.min() < 0 or tokens.max() >= n_tokens:
        raise ValueError(f"tokens must lie between 0 and {n_tokens - 1}, got {tokens.min()} … {tokens.max()}.")
    zeros = np.zeros((1, len(tokens), n_hidden), np.float32)
    h, c = (zeros, zeros) if state is None else (np.asarray(part, np.float32) for part in state)
    if {h.shape, c.shape} != {zeros.shape}:
        came = f"{h.shape} and {c.shape}"
        raise ValueError(f"state must be (h, c), both {zeros.shape} for m = {len(tokens)}, got {came}.")
    logits, *state = session.run(list(OUTPUTS), dict(zip(INPUTS, (tokens.astype(np.int64), h, c), strict=True)))
    return logits, tuple(state)
