"""The GPU benchmark compares like with like: the same numbers, the work that is counted; and what fails is told."""

import gc
import math
import os
import weakref

import numpy as np
import pytest
import torch
from torch.profiler import ProfilerActivity, profile

from benchmarks import gpu_beside_numpy, gpu_clock, gpu_layers, gpu_lstm, gpu_numpy, gpu_speed, gpu_step
from benchmarks.gpu_sizes import TOY, Shape
from utils.torch_port.text_batches import NameBatches, split_names

CPU = torch.device("cpu")


@pytest.fixture
def lstm():
    """An nn.LSTM in float64, x (T, m, n_x), and two states (m, n) that are not zero."""
    torch.manual_seed(3)
    x, a, c = (torch.randn(*shape, dtype=torch.float64).requires_grad_() for shape in ((6, 4, 3), (4, 5), (4, 5)))
    return torch.nn.LSTM(3, 5, dtype=torch.float64), x, a, c


def gradients(states, inputs):
    weights = torch.linspace(-1, 1, states.numel(), dtype=states.dtype).reshape(states.shape)
    return torch.autograd.grad(states, inputs, weights)


def test_every_way_of_the_lstm_computes_the_same(lstm):
    layer, x, a, c = lstm
    wanted, _ = layer(x, (a[None], c[None]))
    inputs = gradients(wanted, [x, a, c, *layer.parameters()])
    W, b = gpu_lstm.by_gate(layer)
    found = gpu_lstm.by_hand(x, a, c, W, b)
    torch.testing.assert_close(found, wanted, rtol=0, atol=1e-12)
    grads = gradients(found, [x, a, c, *W, *b])
    in_one = [*grads[:3], torch.cat(grads[3:7])[:, 5:], torch.cat(grads[3:7])[:, :5], *[torch.cat(grads[7:])] * 2]
    torch.testing.assert_close(in_one, list(inputs), rtol=0, atol=1e-12)
    for step in (gpu_lstm.step, gpu_lstm.compiled_step(CPU)):
        Wx, Wa, bias = gpu_lstm.stacked(layer)
        with gpu_clock.products_in("fp32"):  # which keeps a warning of the compiler's away
            found = gpu_lstm.hoisted(x, a, c, Wx, Wa, bias, step)
        torch.testing.assert_close(found, wanted, rtol=0, atol=1e-12)
        grads = gradients(found, [x, a, c, Wx, Wa, bias])
        torch.testing.assert_close([*grads, grads[-1]], list(inputs), rtol=0, atol=1e-12)


def operations(run):
    """Floating-point operations of the products in a call; what layers of torch.nn do inside is not seen."""
    with profile(activities=[ProfilerActivity.CPU], with_flops=True) as profiler:
        run()
    return sum(event.flops for event in profiler.events() if event.name in ("aten::mm", "aten::addmm"))


@pytest.mark.parametrize("name", [name for name in gpu_layers.CONTESTANTS if not name.startswith("nn.")])
def test_contestants_of_a_kind_do_the_same_and_the_work_that_is_counted(name):
    shape, (kind, build) = Shape(6, 3, 5), gpu_layers.CONTESTANTS[name]
    like = {"LSTM": "nn.LSTM", "GRU": "SeedGRU", "minGRU": "minGRU, scan"}[kind]  # the GRU of torch.nn is another one
    with gpu_clock.products_in("fp32"):
        run = build(shape, "fp32", CPU)
        (states, grads), (wanted, of_that) = run(), gpu_layers.CONTESTANTS[like][1](shape, "fp32", CPU)()
    assert states.shape == grads[0].shape == (5, 3, 6) and all(grad.abs().sum() > 0 for grad in grads)
    torch.testing.assert_close([states, grads[0]], [wanted, of_that[0]], rtol=0, atol=1e-5)
    assert operations(run) == gpu_layers.operations(kind, 6) * shape.tokens


def test_the_module_learns_what_numpy_learns():
    learn, others = split_names(m=40)
    batches, others = list(NameBatches(learn, 9))[:3], list(NameBatches(others, 3))
    P = {name: value.astype(float) for name, value in gpu_beside_numpy.parameters(5).items()}
    learner = gpu_beside_numpy.TorchLearner(P, CPU)
    learner.model.double()
    arrays = gpu_beside_numpy.in_numpy(batches)
    taken, P, _, nats = gpu_numpy.epoch(P, None, arrays, gpu_beside_numpy.LIMIT, gpu_beside_numpy.RATE)
    assert taken > 0 and learner.learn(batches) == pytest.approx(nats, rel=1e-9)
    for found, wanted in zip(learner.model.parameters(), gpu_beside_numpy.as_module(P).parameters(), strict=True):
        torch.testing.assert_close(found, wanted.double(), rtol=0, atol=1e-6)
    held_out = gpu_numpy.held_out(P, gpu_beside_numpy.in_numpy(others))
    assert gpu_beside_numpy.evaluate(learner.model, others) == pytest.approx(held_out, abs=1e-6)


def test_numpy_stays_in_float32():
    batches = gpu_beside_numpy.in_numpy(list(NameBatches(split_names(m=20)[0], 9)))
    _, P, adam, _ = gpu_numpy.epoch(gpu_beside_numpy.parameters(4), None, batches, 1.0, 0.003)
    assert {value.dtype for part in (P, *adam[1:]) for value in part.values()} == {np.dtype("float32")}


def test_numpy_has_two_threads_and_a_process_of_its_own(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    monkeypatch.delenv("MKL_NUM_THREADS", raising=False)
    with gpu_numpy.on_two_threads() as call:
        assert call(os.getpid) != os.getpid()
        assert [call(os.getenv, name) for name in gpu_numpy.TWO_THREADS] == ["2"] * len(gpu_numpy.TWO_THREADS)
        assert os.environ["OMP_NUM_THREADS"] == "7" and "MKL_NUM_THREADS" not in os.environ


def test_speed_and_share_of_the_peak_are_reckoned_from_seconds(monkeypatch):
    monkeypatch.setattr(gpu_speed, "measured", lambda builders, *rest: dict.fromkeys(builders, 0.5) | {"nn.GRU": "no"})
    shape = Shape(width=6, batch=3, length=5)
    lstm, gru = gpu_speed.rows(["nn.LSTM", "nn.GRU"], "bf16", shape, 1, CPU, {"bf16": 2.0e5})
    assert lstm["tokens_per_second"] == 30 and lstm["share_of_peak"] == 30 * 24 * 6 * 12 / 2.0e5
    assert (gru["tokens_per_second"], gru["share_of_peak"], gru["why_not"]) == (None, None, "no")
    assert [lstm[key] for key in ("who", "width", "batch", "length", "why_not")] == ["nn.LSTM", 6, 3, 5, None]
    monkeypatch.setattr(gpu_clock, "measured", lambda *_: {"product": 0.5})
    assert gpu_clock.peak(3, 1, CPU) == dict.fromkeys(("fp32", "tf32", "bf16"), 2 * 27 / 0.5)


def test_a_step_costs_what_a_longer_sequence_costs_more(monkeypatch):
    monkeypatch.setattr(gpu_speed, "counted", lambda length, device: (7 + 3 * length, 11))
    few, many = TOY.counted
    assert few != many
    assert gpu_speed.per_step(lambda shape, precision, device: shape.length, TOY, CPU) == [3, 0]


def test_every_way_of_the_course_s_gru_is_in_the_ratio():
    assert [name for name in gpu_layers.CONTESTANTS if name.startswith("SeedGRU")] == [*gpu_speed.SEED_GRU_WAYS]


def test_what_gave_no_speed_is_in_no_ratio():
    rows = [
        ("SeedGRU", 30.0),
        ("SeedGRU, compiled", None),
        ("SeedGRU, graph", 60.0),
        ("nn.GRU", 90.0),
        ("nn.LSTM", None),
    ]
    rows = [{"who": who, "precision": "tf32", "tokens_per_second": speed} for who, speed in rows]
    assert gpu_speed.seed_gru_slowdown(rows) == 1.5
    assert gpu_speed.seed_gru_slowdown([row for row in rows if row["who"] != "nn.GRU"]) is None
    assert gpu_speed.seed_gru_slowdown(rows[1:2] + rows[3:]) is None
    failed = gpu_step.compared({"ours": "out of memory", "bare": 2.0}, TOY)
    assert failed["ours_over_bare"] is None and failed["why_not"] == "ours: out of memory"
    tokens = TOY.layer.batch * TOY.layer.length
    row = gpu_step.compared({"ours": 4.0, "bare": 0.5}, TOY)
    assert (
        row["ours_tokens_per_second"] == TOY.step_batches * tokens / 4 and row["ours_over_bare"] == TOY.step_batches / 8
    )


class Learner:
    """Epochs of two seconds that end with these bits."""

    def __init__(self, *bits):
        self.nats = iter([one * math.log(2) for one in bits])

    def epoch(self, batches, held_out):
        return 2.0, next(self.nats)


def test_training_ends_with_the_bits_or_the_epochs():
    found = gpu_beside_numpy.until(Learner(4.0, 3.0, 2.0), [], [], 3.5, 9)
    assert found == {"seconds": 4.0, "epochs": 2, "bits": pytest.approx(3.0)}
    found = gpu_beside_numpy.until(Learner(4.0, 3.0, 2.0), [], [], 2.5, 2)
    assert found == {"seconds": None, "epochs": 2, "bits": pytest.approx(3.0)}


def test_who_fails_leaves_the_others_running():
    calls = []

    def fails_in_the_third_call():
        calls.append(1)
        if len(calls) > 2:
            raise ValueError("no more\nof this")

    builders = {
        "works": lambda: lambda: None,
        "full": lambda: (_ for _ in ()).throw(torch.cuda.OutOfMemoryError("CUDA out of memory.")),
        "later": lambda: fails_in_the_third_call,
    }
    found = gpu_clock.measured(builders, 3, CPU)
    assert list(found) == list(builders) and found["works"] > 0
    assert found["full"] == "out of memory" and found["later"] == "ValueError: no more"
    assert len(calls) == 3  # and is asked no more


@pytest.mark.parametrize("part", ["layers", "sweep", "launches"])
def test_a_part_does_not_inherit_the_memory_of_another(part, monkeypatch):
    """A recorded graph stands in a class, which reference counts alone never free."""
    recorded = type("Graphed", (), {"states": torch.ones(3)})
    states = weakref.ref(recorded.states)
    seen = []
    row = {"who": "nn.LSTM", "precision": "tf32", "width": 1, "batch": 1, "length": 1}
    row |= {"tokens_per_second": 1.0, "why_not": None}
    monkeypatch.setattr(gpu_speed, "rows", lambda *_: seen.append(states()) or [row])
    monkeypatch.setattr(gpu_speed, "tried", lambda *_: seen.append(states()) or ((1.0, 1.0), None))
    gc.disable()
    try:
        del recorded
        assert states() is not None
        next(getattr(gpu_speed, part)(TOY, CPU, {}, lambda words: None))
    finally:
        gc.enable()
    assert seen and seen[0] is None


def test_memory_that_ran_out_is_seen_behind_other_errors():
    try:
        try:
            raise torch.cuda.OutOfMemoryError("CUDA out of memory.")
        except RuntimeError as error:
            raise RuntimeError("operation failed due to a previous error during capture") from error
    except RuntimeError as error:
        assert gpu_clock.reason(error) == "out of memory"
    assert gpu_clock.reason(RuntimeError("cuDNN error: CUDNN_STATUS_ALLOC_FAILED")) == "out of memory"
    assert gpu_clock.reason(KeyError()) == "KeyError"


def test_a_precision_holds_inside_its_block_alone():
    matmul, cudnn = torch.backends.cuda.matmul, torch.backends.cudnn
    before = matmul.allow_tf32, cudnn.allow_tf32
    for precision in ("fp32", "tf32", "bf16"):
        with gpu_clock.products_in(precision):
            assert (matmul.allow_tf32, cudnn.allow_tf32) == (precision == "tf32",) * 2
        assert (matmul.allow_tf32, cudnn.allow_tf32) == before


@pytest.mark.parametrize(
    "name", ["cudaLaunchKernel", "cuLaunchKernelEx", "cudaLaunchCooperativeKernel", "cudaGraphLaunch"]
)
def test_what_starts_kernels_is_told_by_its_name(name):
    assert gpu_speed.is_start(name)
    assert not any(map(gpu_speed.is_start, ("cudaMemcpyAsync", "aten::addmm", "Runtime Triggered Module Loading")))
