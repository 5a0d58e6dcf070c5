"""The parts that measure layers: all contestants at one shape, a few of them at many, and the kernels of a step."""

from dataclasses import replace
from itertools import product

import torch
from torch.autograd import DeviceType
from torch.profiler import ProfilerActivity, profile

from .gpu_clock import PEAKS, give_back, measured, products_in, tried
from .gpu_layers import CONTESTANTS, engine, operations
from .gpu_sizes import Shape

IN_SWEEP = ("LSTM, input hoisted", "nn.LSTM", "nn.GRU", "minGRU, scan")
SWEEP_PRECISIONS = ("tf32", "bf16")
COUNTED = ("LSTM by hand", "LSTM, input hoisted", "LSTM, hoisted, compiled", "nn.LSTM", "LSTM, compiled, graph")
BAR_PRECISION = "tf32"  # what nn.LSTM computes in on a recent card unless it is told otherwise: PyTorch's default
SEED_GRU_WAYS = ("SeedGRU", "SeedGRU, compiled", "SeedGRU, graph", "SeedGRU, compiled, graph")


def rows(names, precision, shape, rounds, device, peaks):
    """A row for each contestant: tokens per second forward and backward, and its share of the card's measured peak."""
    with products_in(precision):
        builders = {name: lambda build=CONTESTANTS[name][1]: build(shape, precision, device) for name in names}
        found = measured(builders, rounds, device)
    for name in names:
        speed = None if isinstance(found[name], str) else shape.tokens / found[name]
        used = speed and speed * operations(CONTESTANTS[name][0], shape.width)
        yield {
            "who": name,
            "precision": precision,
            "width": shape.width,
            "batch": shape.batch,
            "length": shape.length,
            "tokens_per_second": speed,
            "share_of_peak": used and used / peaks[PEAKS[precision]],
            "why_not": found[name] if speed is None else None,
        }


def layers(sizes, device, peaks, say):
    """Every contestant in every precision at one shape; what cuDNN made of a precision; how much slower SeedGRU is.

    seed_gru_slowdown is the time of the fastest way that utils/torch_port has for the course's GRU over the time of
    nn.GRU. That one resets after the product, so all its gates share one product a step, where ours waits for a second.
    """
    found, engines = [], {}
    for precision in sizes.precisions:
        give_back()
        torch.compiler.reset()  # a compiler keeps a few variants of a function, and every precision is a new one
        found += rows(CONTESTANTS, precision, sizes.layer, sizes.rounds, device, peaks)
        with products_in(precision):
            engines[precision] = {f"nn.{kind}": tried(engine, kind, precision, device)[0] for kind in ("LSTM", "GRU")}
        say(line(found[-len(CONTESTANTS) :]))
        yield {"layers": found, "engines": engines}
        if precision == BAR_PRECISION:
            slowdown = seed_gru_slowdown(found)
            say(f"seed_gru_slowdown {slowdown}")
            yield {"seed_gru_slowdown": slowdown}


def seed_gru_slowdown(found, precision=BAR_PRECISION):
    """Tokens per second of nn.GRU over those of the fastest SeedGRU; None where one of them has none."""
    speeds = {row["who"]: row["tokens_per_second"] for row in found if row["precision"] == precision}
    ours = max((speeds[who] for who in SEED_GRU_WAYS if speeds.get(who)), default=None)
    return speeds["nn.GRU"] / ours if ours and speeds.get("nn.GRU") else None


def sweep(sizes, device, peaks, say):
    """A few contestants over width × batch × length."""
    found = []
    give_back()
    for precision, *numbers in product(SWEEP_PRECISIONS, *sizes.sweep):
        found += rows(IN_SWEEP, precision, Shape(*numbers), sizes.sweep_rounds, device, peaks)
        say(line(found[-len(IN_SWEEP) :]))
        yield {"sweep": found}


def line(some):
    """Rows of one shape and precision in a line."""
    found = [(row["who"], row["tokens_per_second"], row["why_not"]) for row in some]
    speeds = "; ".join(f"{who} {why or f'{speed / 1e6:.3g} M'}" for who, speed, why in found)
    return "{precision}, n {width}, m {batch}, T {length}, tokens/s: ".format(**some[0]) + speeds


def launches(sizes, device, peaks, say):
    """Kernels of one time step, forward and backward, and the calls that started them: {name: both, or why not}.

    A profiler counts them in a short sequence and in a longer one; the difference over the steps between is what a step
    costs, without what a sequence costs once. A CUDA graph starts all kernels with one call.
    """
    give_back()
    torch.compiler.reset()
    found = {}
    for name in COUNTED:
        with products_in("fp32"):
            counts, why = tried(per_step, CONTESTANTS[name][1], sizes, device)
        found[name] = {"why_not": why} if why else dict(zip(("kernels", "starts"), counts, strict=True))
        say(f"launches per step, {name}: {found[name]}")
        yield {"launches": found}


def per_step(build, sizes, device):
    """(kernels, starts) of one more step in a sequence."""
    shapes = [replace(sizes.layer, length=length) for length in sizes.counted]
    few, many = (counted(build(shape, "fp32", device), device) for shape in shapes)
    return [(b - a) / (shapes[1].length - shapes[0].length) for a, b in zip(few, many, strict=True)]


def counted(run, device):
    """(kernels, starts) of one call. On the CPU, which has neither, both are the operations of PyTorch."""
    run()  # what happens only the first time is not counted
    with profile(activities=[ProfilerActivity.CPU, *[ProfilerActivity.CUDA] * (device.type == "cuda")]) as profiler:
        run()
        if device.type == "cuda":
            torch.cuda.synchronize(device)
    events = profiler.events()
    if device.type != "cuda":
        return (sum(event.name.startswith("aten::") for event in events),) * 2
    # what a compiler names in the trace, "a compiled region" for instance, appears on the card's side as well
    on_card = [e for e in events if e.device_type == DeviceType.CUDA and not getattr(e, "is_user_annotation", False)]
    kernels = sum(not event.name.startswith(("Memcpy", "Memset")) for event in on_card)
    starts = sum(event.device_type == DeviceType.CPU and is_start(event.name) for event in events)
    if not kernels:
        raise RuntimeError("the profiler saw no kernels: the driver may keep its counters from programs")
    return kernels, starts


def is_start(name):
    """Whether a call of CUDA starts kernels: cudaLaunchKernel, cuLaunchKernelEx, cudaGraphLaunch and their like."""
    return name.startswith("cu") and "Launch" in name
