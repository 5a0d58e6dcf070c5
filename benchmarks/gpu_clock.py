"""Time on a card: precisions, a clock that waits for the queue, the measured peak, and what to do when a run fails.

A card works through a queue while Python goes on. A clock around a call would measure how fast Python fills the queue;
here events are put into the queue itself, before and after several calls in a row, and the last one is waited for.
On the CPU, where the dry run of this benchmark takes place, it is an ordinary clock.
"""

import gc
import statistics
import time
import warnings
from contextlib import contextmanager

import numpy as np
import torch

PEAKS = {"fp32": "fp32", "tf32": "tf32", "bf16 autocast": "bf16", "bf16": "bf16"}  # which peak is whose
# Warnings that hold and change nothing here: the newer setting for TF32 is one that other versions of PyTorch do not
# have; fp32 does without TF32 on purpose; a cuDNN layer copies weights, such as those in bfloat16, that do not lie in
# one piece; and torch.compile looks for gradients at the states of the step before, where none are kept.
KNOWN = "Please use the new API|TensorFloat32 tensor cores|RNN module weights|The .grad attribute of a Tensor"
STRETCH = 0.03  # seconds between two looks at the clock, at least: as many calls in a row as that takes


@contextmanager
def products_in(precision):
    """A block whose matrix products of float32 numbers, and those inside cuDNN, may use TF32 or may not."""
    matmul, cudnn = torch.backends.cuda.matmul, torch.backends.cudnn
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", KNOWN, UserWarning)
        before = matmul.allow_tf32, cudnn.allow_tf32
        matmul.allow_tf32 = cudnn.allow_tf32 = precision == "tf32"
        try:
            yield
        finally:
            matmul.allow_tf32, cudnn.allow_tf32 = before


def dtype_of(precision):
    """What weights and inputs are stored in."""
    return torch.bfloat16 if precision == "bf16" else torch.float32


def autocast(precision, device, cache=True):
    """The block around a forward pass; the backward pass stands outside and follows it. cache: casts are kept in it."""
    enabled = precision == "bf16 autocast"
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=enabled, cache_enabled=cache)


def seconds(run, calls, device):
    """Seconds for each of so many calls in a row."""
    if device.type != "cuda":
        start = time.perf_counter()
        for _ in range(calls):
            run()
        return (time.perf_counter() - start) / calls
    start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    torch.cuda.synchronize(device)
    start.record()
    for _ in range(calls):
        run()
    end.record()
    end.synchronize()
    return start.elapsed_time(end) / 1000 / calls


def measured(builders, rounds, device):
    """{name: median seconds of a call, or in words why there are none}, taken in turns, in another order each round.

    builders: {name: function that makes the function to be timed}. Two calls come before the clock: the first plans,
    compiles and reserves memory, the second says how many make a stretch. Who fails leaves the others running.
    """
    ready, failed, times = {}, {}, {name: [] for name in builders}
    for name, build in builders.items():
        made, why = tried(_ready, build, device)
        if why:
            failed[name] = why
        else:
            ready[name] = made
    rng = np.random.default_rng(0)
    for _ in range(rounds):
        for name in rng.permutation(list(ready)):
            taken, why = tried(seconds, *ready[name], device)
            if why:
                failed[name] = why
                del ready[name]
            else:
                times[name].append(taken)
    return {name: failed.get(name) or statistics.median(times[name]) for name in builders}


def _ready(build, device):
    """What build() makes, called twice, and how often it is to be called in a row."""
    run = build()
    run()
    once = seconds(run, 1, device)
    return run, max(1, min(50, round(STRETCH / max(once, 1e-9))))


def tried(function, *arguments):
    """(what the function returns, None), or (None, why it failed): no part of a long run takes the others with it."""
    try:
        return function(*arguments), None
    except Exception as error:
        why = reason(error)
    give_back()  # behind the except block, where the error and with it the tensors of its frames are gone
    return None, why


def give_back():
    """Free the memory that nobody uses any more. A graph of `make_graphed_callables` stands in a class of its own, and
    classes are cycles: without this it would keep gigabytes, or be freed while another one is recorded.
    """
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def reason(error):
    """Why something failed, in one line. Libraries and captured graphs hide that memory ran out behind other errors."""
    chain, one = [], error
    while one is not None:
        chain.append(one)
        one = one.__cause__ or one.__context__
    if any(isinstance(e, torch.cuda.OutOfMemoryError) or "ALLOC_FAILED" in str(e) for e in chain):
        return "out of memory"
    first = str(error).strip().splitlines()
    return f"{type(error).__name__}: {first[0][:150]}" if first else type(error).__name__


def peak(n, rounds, device):
    """{precision: operations per second} of a product of two n × n matrices of random numbers, 2 n³ operations."""
    found = {}
    for precision in dict.fromkeys(PEAKS.values()):
        with products_in(precision):
            one, other = (torch.randn(n, n, device=device, dtype=dtype_of(precision)) for _ in range(2))
            taken = measured({"product": lambda one=one, other=other: lambda: one @ other}, rounds, device)["product"]
        if isinstance(taken, str):
            raise RuntimeError(f"a product of {n} × {n} matrices in {precision} failed: {taken}")
        found[precision] = 2 * n**3 / taken
    return found
