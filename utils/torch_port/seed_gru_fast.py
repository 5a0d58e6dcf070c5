"""Faster ways to run a SeedGRU on a GPU, where a step takes less time than launching its kernels does.

All give the same numbers and gradients as the module itself, whose weights they use and do not copy.

`compiled` fuses what stands between two products into one kernel; `graphed` records the whole loop once, forwards and
backwards, and replays it with a single launch; `compiled_and_graphed` records what was compiled: fewer kernels, and one
launch. `graphed` needs every batch to have one shape; `compiled` needs time to compile, and a compiler on the machine.
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass

import torch

from utils.reference.door import expect_number
from utils.torch_port.door import expect_tensors
from utils.torch_port.seed_gru import SeedGRU, stretch

RECORDED = "one CUDA graph forwards, one backwards"


@dataclass(frozen=True)
class Route:
    """A way to run a module: call it as (x, c0) -> c; `how` says in words what it does."""

    run: Callable
    how: str

    def __call__(self, x, c0):
        return self.run(x, c0)


def compiled(module, chunk=16, backend="inductor"):
    """A `Route` through torch.compile. x may have any T; a new number of examples compiles anew.

    torch.compile unrolls a Python loop, and the time it takes grows with the steps in it: `chunk` steps are compiled,
    once, and used again and again; the T % chunk steps that are left run as they are. On the CPU the default backend is
    not used, because there is no launch to save, and the Route runs the module itself; backends without a code
    generator ("eager", "aot_eager") run anywhere, for tests.
    """
    _expect_seed(module)
    expect_number("chunk", chunk, least=1, whole=True)
    if backend == "inductor" and not _on_gpu(module):
        return Route(module, f"eager, because torch.compile pays off on a GPU and the weights are on {_place(module)}")
    unrolled = torch.compile(stretch, backend=backend, fullgraph=True, dynamic=False)

    def run(x, c):
        module.expect(x, c)
        pieces = []
        for part in module.from_input(x).split(chunk):
            step = unrolled if len(part) == chunk else stretch
            pieces.append(step(part, c, module.Wh, module.Wc))
            c = pieces[-1][-1]
        return torch.cat(pieces)

    return Route(run, f"compiled by {backend}, {chunk} steps at a time")


def graphed(module, x, c0):
    """A `Route` through a CUDA graph, recorded on x (T, m, n_x) and c0 (m, n_c), which are samples of what will come.

    Later calls must have their shapes, dtypes, place and requires_grad. A graph reads and writes at fixed addresses:
    changes of the weights in place, as an optimiser makes them, are seen, but the module must not be moved; a result is
    overwritten by the next call, and gradients by the next backward pass, so set them to None in between, as
    `optimizer.zero_grad()` does, and do not add up several. On the CPU there is nothing to record, and the Route runs
    the module itself. Raises ValueError where a later call differs from the samples.
    """
    _expect_seed(module)
    eager = f"eager, because a CUDA graph needs a GPU and the weights are on {_place(module)}"
    return Route(_recorded(module, module.__call__, x, c0), RECORDED if _on_gpu(module) else eager)


def compiled_and_graphed(module, x, c0, chunk=16, backend="inductor"):
    """A `Route` that records, as `graphed` does, the chunks that `compiled` makes; arguments and terms are theirs."""
    route = compiled(module, chunk, backend)
    recorded = f"in {RECORDED}" if _on_gpu(module) else "in no CUDA graph, which needs a GPU"
    return Route(_recorded(module, route.__call__, x, c0), f"{route.how}, {recorded}")


def _recorded(module, forward, x, c0):
    """forward, a way to run the module, behind a look at its arguments; recorded where there is a GPU."""
    module.expect(x, c0)
    samples, replay = _look(x, c0), forward
    if _on_gpu(module):
        # The call replaces the forward of what it is given: a shallow copy has the same weights and a forward to lose.
        # It is a module, because only a module's weights are among what the graph gives gradients to.
        shadow = copy.copy(module)
        shadow.forward = forward
        own = tuple(one.detach().clone().requires_grad_(one.requires_grad) for one in (x, c0))
        replay = torch.cuda.make_graphed_callables(shadow, own)

    def run(x, c0):
        expect_tensors(x=(x, "T m n_x"), c0=(c0, "m n_c"))
        if _look(x, c0) != samples:
            raise ValueError(f"the graph was recorded for {', '.join(samples)}; got {', '.join(_look(x, c0))}.")
        return replay(x, c0)

    return run


def _expect_seed(module):
    if not isinstance(module, SeedGRU):
        raise ValueError(f"module must be a SeedGRU, got {type(module).__name__}.")


def _on_gpu(module):
    return module.Wx.is_cuda


def _place(module):
    return f"the {module.Wx.device.type.upper()}"


def _look(x, c0):
    """What a recorded graph fixes about its arguments, in words."""
    looks = []
    for name, one in (("x", x), ("c0", c0)):
        dtype = str(one.dtype).removeprefix("torch.")
        looks.append(f"{name} {tuple(one.shape)} {dtype} on {one.device}{' with gradient' * one.requires_grad}")
    return looks
