"""Which device there is, in words; a full memory as a sentence; threads as they were."""

import gc
import types
import weakref

import pytest
import torch

from utils.errors import CourseError
from utils.torch_port import devices, packages
from utils.torch_port.devices import (
    best_device,
    describe_device,
    expect_device,
    explain_out_of_memory,
    half_precision,
    on_threads,
    scaler_for,
)


def pretend(monkeypatch, cuda=False, mps=False, built_for_cuda=None):
    """A machine with other devices."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
    monkeypatch.setattr(torch.version, "cuda", built_for_cuda)
    monkeypatch.setattr(torch.version, "hip", None, raising=False)
    card = types.SimpleNamespace(name="NVIDIA T4", total_memory=15 * 2**30)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda device: card)
    monkeypatch.setattr(devices.os, "cpu_count", lambda: 6)


@pytest.mark.parametrize(
    ("machine", "best", "words"),
    [
        ({"cuda": True, "mps": True}, "cuda", "Training runs on a GPU, NVIDIA T4 with 15 GiB."),
        ({"mps": True}, "mps", "Training runs on this Mac's GPU (mps); should an operation be missing"),
        ({}, "cpu", "Runtime > Change runtime type in Colab, elsewhere install a build of PyTorch for your GPU."),
        ({"built_for_cuda": "12.8"}, "cpu", "CPU (6 cores), which is enough for this lesson; for a GPU choose Runtime"),
        ({"built_for_cuda": "12.8"}, "cpu", "elsewhere look whether `nvidia-smi` finds a GPU."),
    ],
)
def test_the_best_device_is_found_and_described(machine, best, words, monkeypatch):
    pretend(monkeypatch, **machine)
    text = describe_device()
    assert best_device() == best and words in text and text == describe_device(torch.device(best))
    assert text.endswith(".") and "\n" not in text


def test_a_cpu_beside_a_gpu_is_told_of(monkeypatch):
    pretend(monkeypatch, cuda=True)
    assert describe_device("cpu") == "Training runs on the CPU although there is a GPU: use device='cuda'."


def test_half_precision_is_scaled_on_an_nvidia_gpu_only(monkeypatch):
    """There autocast hands cuDNN's recurrent layers float16."""
    monkeypatch.setattr(torch.amp, "GradScaler", lambda kind: f"a scaler for {kind}")
    assert scaler_for("cuda:1", True) == "a scaler for cuda"
    assert scaler_for("cuda", False) is scaler_for("cpu", True) is scaler_for("mps", True) is None


def test_a_device_that_is_not_there():
    assert expect_device("cpu") == torch.device("cpu") == expect_device(torch.device("cpu"))
    for wrong in ("cuda:31", "gpu"):
        with pytest.raises(CourseError, match=f"^There is no device '{wrong}' on this machine: take 'c.*finds.$"):
            expect_device(wrong)


@pytest.mark.parametrize(
    "error",
    [
        torch.cuda.OutOfMemoryError("full"),
        RuntimeError("MPS backend out of memory"),
        RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
        RuntimeError("cuDNN error: CUDNN_STATUS_ALLOC_FAILED"),
    ],
    ids=lambda error: str(error)[:12],
)
def test_a_full_memory_is_a_sentence_and_gives_back_what_it_held(error, monkeypatch):
    emptied, held = [], []
    monkeypatch.setattr(torch.cuda, "empty_cache", lambda: emptied.append(held[0]() is None))

    def fill():
        tensor = torch.ones(3)
        held.append(weakref.ref(tensor))
        raise error

    with pytest.raises(CourseError) as caught, explain_out_of_memory(33):
        fill()
    assert str(caught.value) == (
        "The GPU's memory is full: take half as many examples into a batch (16 instead of 33), or shorter sequences, "
        "and run this again."
    )
    assert emptied == [True] and caught.value.__suppress_context__
    held.clear()

    @explain_out_of_memory()
    def decorated():
        fill()

    with pytest.raises(CourseError, match=r"\(m / 2 instead of m\)"):
        decorated()


def test_other_errors_pass_and_a_batch_of_one_stays_one():
    for error in (RuntimeError("size mismatch"), ValueError("out of memory"), KeyboardInterrupt()):
        with pytest.raises(type(error)) as caught, explain_out_of_memory():
            raise error
        assert caught.value is error
    with pytest.raises(CourseError, match="1 instead of 1"), explain_out_of_memory(1):
        raise torch.cuda.OutOfMemoryError("full")
    gc.collect()


def test_half_precision_is_bfloat16_where_asked_for():
    one = torch.ones(2, 2)
    with half_precision("cpu", True):
        assert (one @ one).dtype == torch.bfloat16
    with half_precision("cpu", False):
        assert (one @ one).dtype == torch.float32


def test_threads_are_as_they_were_even_after_an_error():
    before = torch.get_num_threads()
    with pytest.raises(ZeroDivisionError), on_threads(before + 2):
        assert torch.get_num_threads() == before + 2
        raise ZeroDivisionError
    assert torch.get_num_threads() == before

    @on_threads()
    def threads():
        return torch.get_num_threads()

    assert threads() == 1 and torch.get_num_threads() == before


def test_a_package_that_is_missing_is_one_sentence():
    assert packages.needed("json", "Reading") is __import__("json")
    with pytest.raises(CourseError) as caught:
        packages.needed("no_such_package.part", "Writing ONNX")
    assert str(caught.value) == (
        "Writing ONNX needs the package no_such_package, which is not installed: run `make torch` in the course's "
        "folder (in Colab or conda: `pip install safetensors onnx onnxruntime`), then restart the kernel."
    )
