"""Slabs: a sequence as memory (T, n, m), in which every step is one contiguous matrix (n, m), as in the equations.

The functions of the course have the axes (n, m, T). A slab is the same array with time first in memory; `axes` shows it
in the order of the course without copying. What a cell multiplies at each step, [state; input; 1], lies ready in one
slab, `seen`: one product with [W | b] gives the sums of all gates, and after the loop one product gives the gradients
of all weights and biases.
"""

import numpy as np

COLUMNS = 1 << 11  # columns of one product: enough to make it fast, few enough to keep the copies small
AT_ONCE = 1 << 16  # numbers that are worked on in one go: few calls, and they stay in the cache


def slab(x):
    """(n, m, T) as a contiguous slab (T, n, m); no copy where memory has that order already."""
    return np.ascontiguousarray(x.transpose(2, 0, 1))


def axes(steps):
    """A slab (T, n, m) seen with the axes of the course, (n, m, T)."""
    return steps.transpose(1, 2, 0)


def handed_out(steps):
    """The same as an array of its own: what a caller does to it must not reach the caches, which show the slab."""
    return axes(steps.copy())


def all_gates(W, sums):
    """How to write W @ column into sums[t] for all gates: the function, and W and sums in the form it takes.

    W: (gates, n, columns); sums: (T, gates, n, m). One product for all gates is the faster one for a single example,
    a product for each gate for several.
    """
    gates, n, columns = W.shape
    if sums.shape[3] == 1:
        return np.dot, W.reshape(gates * n, columns), sums.reshape(len(sums), gates * n, 1)
    return np.matmul, W, sums


def every_step(W, x):
    """W @ x[t] for every step of a slab (T, n, m): all steps at once, because none of them waits for another.

    With a single example the steps become the columns of one product; a product each would cost more in calls.
    """
    if x.shape[2] == 1:
        return (x[:, :, 0] @ W.T)[:, :, None]
    return np.matmul(W, x)


def over_steps(dz, x):
    """Σ over t of dz[t] @ x[t]ᵀ: the gradient of a weight shared by all steps, as one product after the loop."""
    return np.tensordot(dz, x, axes=([0, 2], [0, 2]))


def stacked(cells, *places):
    """One entry of every cell cache as a slab (T, n, m), or several as (T, places, n, m)."""
    whole = np.concatenate([cell[place] for cell in cells for place in places])  # as np.stack, but faster
    between = () if len(places) == 1 else (len(places),)
    return whole.reshape(len(cells), *between, *cells[0][places[0]].shape)


def weights_and_biases(P, gates, dtype):
    """[W | b] of each gate, stacked: (gates, n, n + n_x + 1). gates: the last letters of the names, such as "ofuc"."""
    n, columns = P[f"W{gates[0]}"].shape
    stack = np.empty((len(gates), n, columns + 1), dtype)
    for k, gate in enumerate(gates):
        stack[k, :, :-1], stack[k, :, -1:] = P[f"W{gate}"], P[f"b{gate}"]
    return stack


def seen_by(states, x, dtype, steps=None):
    """The slab [state; input; 1], (steps, n + n_x + 1, m).

    states: (k, n, m), what the first k steps see of the state; x: (T, n_x, m), a slab. One step more than T
    leaves room for the last state; its input is never read.
    """
    T, n_x, m = x.shape
    n = states.shape[1]
    seen = np.empty((steps or T, n + n_x + 1, m), dtype)
    seen[: len(states), :n], seen[:T, n:-1], seen[:, -1] = states, x, 1
    return seen


def gradients(d, seen, W_input=None):
    """From the gradients of the sums, d (T, rows, m), to that of [W | b] (rows, columns), and to dx where it is wanted.

    W_input: (rows, n_x), the columns of W that act on the input; None: dx is not computed. dx has axes (n_x, m, T).
    """
    T, rows, m = d.shape
    columns = seen.shape[1]
    dW = np.zeros((rows, columns), d.dtype)
    dx = None if W_input is None else np.empty((W_input.shape[1], T, m), d.dtype)
    for now in backwards(T, m, COLUMNS):
        flat = d[now].transpose(1, 0, 2).reshape(rows, -1)
        dW += flat @ seen[now].transpose(0, 2, 1).reshape(-1, columns)
        if dx is not None:
            dx[:, now] = (W_input.T @ flat).reshape(-1, now.stop - now.start, m)
    return dW, None if dx is None else dx.transpose(0, 2, 1)


def backwards(T, size, at_once=AT_ONCE):
    """Slices of time, from the last to the first, that hold about `at_once` numbers each. size: numbers a step."""
    chunk = max(1, at_once // size)
    return (slice(max(0, end - chunk), end) for end in range(T, 0, -chunk))
