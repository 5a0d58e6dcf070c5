"""Where training runs: the best device there is, what to do when its memory is full, half precision, threads."""

import contextlib
import os
import traceback

import torch

from utils.errors import CourseError


def best_device() -> str:
    """ "cuda" (an NVIDIA or AMD GPU), else "mps" (a Mac's GPU), else "cpu"."""
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def describe_device(device=None) -> str:
    """One sentence: which device this is, best_device() by default, and what to change for a better one."""
    device = best_device() if device is None else str(device)
    if device.startswith("cuda"):
        card = torch.cuda.get_device_properties(device)
        return f"Training runs on a GPU, {card.name} with {card.total_memory / 2**30:.0f} GiB."
    if device == "mps":
        return "Training runs on this Mac's GPU (mps); should an operation be missing there, use device='cpu'."
    if best_device() != "cpu":
        return f"Training runs on the CPU although there is a GPU: use device='{best_device()}'."
    built_for_gpus = torch.version.cuda or torch.version.hip
    better = "look whether `nvidia-smi` finds a GPU" if built_for_gpus else "install a build of PyTorch for your GPU"
    return (
        f"Training runs on the CPU ({os.cpu_count()} cores), which is enough for this lesson; for a GPU choose "
        f"Runtime > Change runtime type in Colab, elsewhere {better}."
    )


def expect_device(device):
    """The device, if it is here. CourseError otherwise."""
    try:
        return torch.empty(0, device=device).device
    except (RuntimeError, AssertionError):  # which of the two, and in what words, depends on the build
        raise CourseError(
            f"There is no device {str(device)!r} on this machine: take {best_device()!r}, which best_device() finds."
        ) from None


def half_precision(device, amp):
    """The block in which products are computed in bfloat16 where `amp` is true, and nothing changes where it is not.

    Weights, their gradients and what autocast deems delicate, such as a softmax, stay in float32. One exception: on an
    NVIDIA GPU autocast hands cuDNN's recurrent layers float16, whichever type was asked for (AutocastRNN.cpp in
    PyTorch's sources), so that small gradients may be lost there unless they are scaled: see `scaler_for`.
    """
    if not amp:
        return contextlib.nullcontext()
    return torch.autocast(torch.device(device).type, dtype=torch.bfloat16)


def scaler_for(device, amp):
    """The GradScaler that half precision needs on this device: on a GPU of NVIDIA's one that works, elsewhere None."""
    kind = torch.device(device).type
    return torch.amp.GradScaler(kind) if amp and kind == "cuda" else None


@contextlib.contextmanager
def explain_out_of_memory(m=None):
    """Turn a GPU that is out of memory into a CourseError, with the memory given back. A block or a decorator.

    m: the number of examples in a batch, if it is known; the sentence then names half of it.
    """
    try:
        yield
    except RuntimeError as error:  # on a Mac, and from cuDNN and cuBLAS, nothing but its words tells what it is
        full = any(words in str(error) for words in ("out of memory", "STATUS_ALLOC_FAILED"))
        if not full and not isinstance(error, torch.cuda.OutOfMemoryError):
            raise
        traceback.clear_frames(error.__traceback__)  # a notebook keeps the error, and that would keep their tensors
        torch.cuda.empty_cache()
        half = f"{max(1, m // 2)} instead of {m}" if m else "m / 2 instead of m"
        raise CourseError(
            f"The GPU's memory is full: take half as many examples into a batch ({half}), or shorter sequences, and "
            "run this again."
        ) from None


@contextlib.contextmanager
def on_threads(n=1):
    """The block in which products on the CPU are computed by n threads. A block or a decorator.

    Those of small networks lose by being shared out, and lose much where other programs want the cores as well.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(n)
    try:
        yield
    finally:
        torch.set_num_threads(before)
