"""A CharLM as an ONNX file: the same numbers from another runtime, for any m and T, at once and step by step."""

import sys

import numpy as np
import onnx
import pytest
import torch
from language_models import N_EMBED, N_HIDDEN, N_TOKENS, small_model
from refusals import refused
from torch import nn

from utils.errors import CourseError
from utils.torch_port.export import open_onnx, run_onnx, to_onnx
from utils.torch_port.models import CharLM


@pytest.fixture
def path(tmp_path):
    """An exported model, and where its file is."""
    to_onnx(small_model(dropout=0.5), tmp_path / "names.onnx")
    return tmp_path / "names.onnx"


def torch_says(tokens, state=None, model=None):
    """Logits and state of the model that was exported, without dropout, as arrays."""
    model = (small_model() if model is None else model.eval()).float()
    with torch.no_grad():
        logits, state = model(torch.tensor(tokens), state and tuple(torch.tensor(part) for part in state))
    return [part.numpy() for part in (logits, *state)]


def agree(got, want):
    """Logits and state, alike to 1e-5 as floats; shapes and dtypes are the same."""
    for one, other in zip([got[0], *got[1]], want, strict=True):
        assert one.shape == other.shape and one.dtype == other.dtype == np.float32
        assert np.abs(one - other).max() < 1e-5


@pytest.mark.parametrize(("m", "T"), [(1, 1), (4, 6), (2, 1), (1, 9), (8, 13)])
def test_onnxruntime_and_torch_agree_for_every_size(m, T, path, rng):
    tokens = rng.integers(N_TOKENS, size=(m, T))
    state = tuple(rng.standard_normal((1, m, N_HIDDEN)).astype(np.float32) for _ in range(2))
    agree(run_onnx(path, tokens), torch_says(tokens))
    agree(run_onnx(path, tokens, state), torch_says(tokens, state))
    assert np.abs(run_onnx(path, tokens)[0] - run_onnx(path, tokens, state)[0]).max() > 0.01


def test_a_text_read_a_step_at_a_time_is_the_text_read_at_once(path, rng):
    tokens, model, state = rng.integers(N_TOKENS, size=(3, 7)), open_onnx(path), None
    whole, end = run_onnx(model, tokens)
    for t in range(7):
        logits, state = run_onnx(model, tokens[:, t : t + 1], state)
        assert np.abs(logits[:, 0] - whole[:, t]).max() < 1e-5
    assert all(np.abs(one - other).max() < 1e-6 for one, other in zip(state, end, strict=True))


def test_a_trained_size_and_a_tied_model(tmp_path, rng):
    torch.manual_seed(0)
    for model in (CharLM(27, 16, 64), CharLM(27, 24, 24, dropout=0.3, tied=True)):
        to_onnx(model.train(), tmp_path / "c")
        assert model.training
        tokens = rng.integers(27, size=(5, 11))
        agree(run_onnx(tmp_path / "c", tokens), torch_says(tokens, model=model))


def test_the_file_says_what_it_wants_and_gives(path):
    graph = onnx.load(path).graph

    def shapes(values):
        dims = {value.name: value.type.tensor_type.shape.dim for value in values}
        return {name: [dim.dim_param or dim.dim_value for dim in axes] for name, axes in dims.items()}

    state = [1, "m", N_HIDDEN]
    assert shapes(graph.input) == {"tokens": ["m", "T"], "h0": state, "c0": state}
    assert shapes(graph.output) == {"logits": ["m", "T", N_TOKENS], "h": state, "c": state}
    assert sum(node.op_type == "LSTM" for node in graph.node) == 1
    weights = {one.name: tuple(one.dims) for one in graph.initializer}
    assert weights["embed"] == (N_TOKENS, N_EMBED) and weights["R"] == (1, 4 * N_HIDDEN, N_HIDDEN)


def test_nothing_is_printed(path, tmp_path, capfd):
    to_onnx(small_model(), tmp_path / "quiet")
    run_onnx(tmp_path / "quiet", [[1, 2]])
    assert capfd.readouterr() == ("", "")


def test_other_models_are_refused(tmp_path):
    two, no_bias, gru = small_model(), small_model(), small_model()
    two.rnn = nn.LSTM(N_EMBED, N_HIDDEN, num_layers=2)
    no_bias.rnn = nn.LSTM(N_EMBED, N_HIDDEN, bias=False)
    gru.rnn = nn.GRU(N_EMBED, N_HIDDEN)
    for model in (two, no_bias, gru, nn.Linear(2, 3), None):
        with pytest.raises(CourseError) as caught:
            to_onnx(model, tmp_path / "never")
        text = str(caught.value)
        assert text.startswith("to_onnx expects a CharLM (embed; rnn, an nn.LSTM of one layer and one direction; out),")
        assert text.endswith(f" got {type(model).__name__}: for another model use torch.onnx.export.")
    assert not (tmp_path / "never").exists()


def test_files_that_cannot_be_run(path, tmp_path):
    with pytest.raises(CourseError, match="^Could not read .*none.onnx .No such file or directory.: write the file"):
        open_onnx(tmp_path / "none.onnx")
    whole = path.read_bytes()
    for data in (b"", b"no model", whole[: len(whole) // 2]):
        path.write_bytes(data)
        with pytest.raises(CourseError, match="names.onnx is no ONNX file that can be run: write it again with to_on"):
            run_onnx(path, [[1]])
    h = onnx.helper
    value = [h.make_tensor_value_info(name, 1, [1]) for name in ("x", "y")]
    graph = h.make_graph([h.make_node("Neg", ["x"], ["y"])], "other", value[:1], value[1:])
    onnx.save(h.make_model(graph, ir_version=8, opset_imports=[h.make_opsetid("", 17)]), path)
    with pytest.raises(CourseError, match="names.onnx is another model than a CharLM"):
        open_onnx(path)


def test_tokens_and_states_that_do_not_fit(path):
    model, state = open_onnx(path), tuple(np.ones((2, 1, 2, N_HIDDEN), np.float32))
    refused(lambda: run_onnx(model, [1, 2]), "tokens", "(m, T)", "(2,)")
    refused(lambda: run_onnx(model, [[0.5]]), "tokens", "whole numbers", "float64")
    refused(lambda: run_onnx(model, np.zeros((0, 2), int)), "tokens", "(m, T)", "(0, 2)")
    refused(lambda: run_onnx(model, [[0, N_TOKENS]]), "tokens", f"between 0 and {N_TOKENS - 1}", f"0 … {N_TOKENS}")
    refused(lambda: run_onnx(model, [[-1]]), "tokens", "between 0", "-1 … -1")
    refused(lambda: run_onnx(model, [[1]], state), "state", "(1, 1, 5) for m = 1", "(1, 2, 5)")
    assert run_onnx(model, [[1], [2]], state)[0].shape == (2, 1, N_TOKENS)


@pytest.mark.parametrize(("package", "use"), [("onnx", "Writing"), ("onnxruntime", "Running")])
def test_without_the_packages_it_is_one_sentence(package, use, path, monkeypatch):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(CourseError) as caught:
        to_onnx(small_model(), path) if use == "Writing" else run_onnx(path, [[1]])
    assert str(caught.value).startswith(f"{use} ONNX needs the package {package}, which is not installed: run `make")
