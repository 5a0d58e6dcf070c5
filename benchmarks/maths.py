"""How fast the reference is: beside PyTorch on the CPU, beside the textbook, beside the bare matrix products.

Everything that is compared runs in one process, one after the other, round after round, and the medians are compared:
other work on the machine then slows all of them. CPU time on one thread; wall time on two, for information only.

Three pairs, each of equal work:
- the block primitive (states in, states out, no output layer) beside `torch.nn` on the same layout, both with the
  gradient of the inputs;
- the pair of public functions beside the textbook's pair (with predictions and cell caches);
- the block beside its bare products: what a library of matrix products alone would take.
"""

import statistics
import time
from contextlib import contextmanager
from functools import partial

import numpy as np
from threadpoolctl import threadpool_limits

from utils import reference, textbook
from utils.reference.gru import gru_block, gru_block_backward
from utils.reference.lstm import lstm_block, lstm_block_backward
from utils.reference.rnn import rnn_block, rnn_block_backward

SHAPES = {  # n_x, n_a, m, T, rounds
    "tiny": (27, 50, 1, 30, 60),
    "small": (64, 128, 32, 64, 20),
    "medium": (256, 256, 64, 128, 8),
    "large": (512, 512, 64, 256, 3),
}
N_Y = 10
PASSES = ("forward", "forward+backward")
# name, letters of the gates, block, block back, public pair, layer of torch.nn, number of states
CELLS = {
    "RNN": ("", rnn_block, rnn_block_backward, ("rnn_forward", "rnn_backward"), 1),
    "GRU": ("urc", gru_block, gru_block_backward, ("gru_forward", "gru_backward"), 1),
    "LSTM": ("fuco", lstm_block, lstm_block_backward, ("lstm_forward", "lstm_backward"), 2),
}


def parameters(rng, gates, n_x, n_a, dtype):
    """Parameters of a cell with biases that are not zero."""

    def numbers(*shape):
        return (rng.standard_normal(shape) / np.sqrt(n_a)).astype(dtype)

    if not gates:
        P = {"Wax": numbers(n_a, n_x), "Waa": numbers(n_a, n_a), "ba": numbers(n_a, 1)}
        return P | {"Wya": numbers(N_Y, n_a), "by": numbers(N_Y, 1)}
    P = {f"W{gate}": numbers(n_a, n_a + n_x) for gate in gates} | {f"b{gate}": numbers(n_a, 1) for gate in gates}
    return P | {"Wy": numbers(N_Y, n_a), "by": numbers(N_Y, 1)}


def contestants(cell, shape, dtype):
    """{(who, pass): function of no arguments} for one cell and shape."""
    gates, block, back, public, states = CELLS[cell]
    n_x, n_a, m, T, _ = SHAPES[shape]
    rng = np.random.default_rng(0)
    P = parameters(rng, gates, n_x, n_a, dtype)
    x, da = (rng.standard_normal((T, n, m)).astype(dtype) for n in (n_x, n_a))
    state = tuple(rng.standard_normal((n_a, m)).astype(dtype) for _ in range(states))
    nothing = tuple(np.zeros_like(s) for s in state)
    seen, grads = x.transpose(1, 2, 0), da.transpose(1, 2, 0)

    def pair(maths, both):
        caches = getattr(maths, public[0])(seen, state[0], P)[-1]
        return getattr(maths, public[1])(grads, caches) if both else caches

    def blocks(both):
        states, _, tape = block(x, state, P)
        return back(da, nothing, tape) if both else states

    who = {
        "reference": blocks,
        "torch": _torch_layer(cell, x, da, state),
        "floor": _products(max(1, len(gates)), x, da, n_a),
        "public": lambda both: pair(reference, both),
        "textbook": lambda both: pair(textbook, both),
    }
    return {(name, which): partial(run, both) for both, which in enumerate(PASSES) for name, run in who.items()}


def _torch_layer(cell, x, da, state):
    """The layer of torch.nn as a function of one argument: with the way back or without."""
    import torch

    net = getattr(torch.nn, cell)(x.shape[1], state[0].shape[0]).to(torch.from_numpy(x).dtype)
    inputs = torch.tensor(x.transpose(0, 2, 1).copy(), requires_grad=True)
    arriving = torch.tensor(da.transpose(0, 2, 1).copy())
    start = tuple(torch.tensor(s.T.copy())[None] for s in state)
    start = start if len(start) > 1 else start[0]

    def run(both):
        inputs.grad = None
        net.zero_grad(set_to_none=True)
        outputs, _ = net(inputs, start)
        if both:
            outputs.backward(arriving)

    return run


def _products(gates, x, da, n):
    """The matrix products of a cell and nothing else, as large as may be: all steps at once where no step waits."""
    rng = np.random.default_rng(1)
    T, n_x, m = x.shape
    rows = gates * n
    W_input, W_state = (rng.standard_normal((rows, k)).astype(x.dtype) for k in (n_x, n))
    columns, states = x.transpose(1, 0, 2).reshape(n_x, T * m), da.transpose(1, 0, 2).reshape(n, T * m)
    d = rng.standard_normal((T, rows, m)).astype(x.dtype)
    flat, back = d.transpose(1, 0, 2).reshape(rows, T * m), W_state.T.copy()
    wide, narrow = np.empty((rows, m), x.dtype), np.empty((n, m), x.dtype)

    def run(both):
        W_input @ columns
        for state in da:
            np.dot(W_state, state, out=wide)
        if both:
            for d_t in d:
                np.dot(back, d_t, out=narrow)
            flat @ columns.T, flat @ states.T, W_input.T @ flat

    return run


@contextmanager
def on_threads(number):
    """NumPy and PyTorch on so many threads."""
    from utils.torch_port import devices

    with devices.on_threads(number), threadpool_limits(number, user_api="blas"):
        yield


def interleaved(functions, rounds, clock=time.process_time):
    """Median seconds of each function, run in turns. Where rounds are many, and so short, the first does not count.

    The order is another one in each round, so that nobody always finds the caches warm, or cold.
    """
    taken, names, rng = {name: [] for name in functions}, list(functions), np.random.default_rng(0)
    if rounds > 5:
        for function in functions.values():
            function()
    for _ in range(rounds):
        for i in rng.permutation(len(names)):
            start = clock()
            functions[names[i]]()
            taken[names[i]].append(clock() - start)
    return {name: statistics.median(times) for name, times in taken.items()}


def rows(cell, shape, dtype, threads):
    """The two rows of one cell, shape, dtype and number of threads: forward, forward+backward."""
    functions, rounds = contestants(cell, shape, dtype), SHAPES[shape][4]
    if (threads, np.dtype(dtype)) != (1, np.float32):  # what the bars are about is measured most carefully
        rounds = (rounds + 1) // 2
    if threads > 1:  # for information; the textbook would take most of the time
        functions = {key: f for key, f in functions.items() if key[0] not in ("public", "textbook")}
    clock = time.process_time if threads == 1 else time.perf_counter
    with on_threads(threads):
        seconds = interleaved(functions, rounds, clock)
    for which in PASSES:
        mine = seconds["reference", which]
        slow = seconds["textbook", which] / seconds["public", which] if threads == 1 else None
        yield {
            "cell": cell,
            "shape": shape,
            "pass": which,
            "dtype": np.dtype(dtype).name,
            "threads": threads,
            "reference_over_torch": mine / seconds["torch", which],
            "textbook_over_reference": slow,
            "floor_over_reference": seconds["floor", which] / mine,
        }


def measure(shapes=tuple(SHAPES), progress=print):
    """All rows."""
    found = []
    for threads in (1, 2):
        for dtype in (np.float32, np.float64):
            for shape in shapes:
                for cell in CELLS:
                    found += rows(cell, shape, dtype, threads)
                    last = found[-1]
                    progress(
                        f"{cell:4} {shape:6} {last['dtype']} {threads} thread(s): "
                        f"reference / torch {last['reference_over_torch']:.2f} forward+backward"
                    )
    return found
