"""Recurrent layers on top of each other, with dropout between them.

Source: Graves et al. (2013), https://arxiv.org/abs/1303.5778; dropout between the layers only, never from one step to
the next: Zaremba et al. (2014), https://arxiv.org/abs/1409.2329.
"""

import numpy as np

from .door import expect, expect_caches, expect_entries, expect_number, expect_rng
from .rnn import rnn_states, rnn_states_backward


def draw_dropout_masks(rng, L, n_a, m, T, keep):
    """Masks of inverted dropout between L layers: 1 / keep with probability keep, else 0; (L - 1, n_a, m, T).

    One draw, rng.random((L - 1, n_a, m, T)); what is below keep is kept. The mean of a mask is 1, so nothing is
    rescaled after training. Raises ValueError for sizes below 1 and for keep outside (0, 1].
    """
    expect_rng(rng)
    for name, size in {"L": L, "n_a": n_a, "m": m, "T": T}.items():
        expect_number(name, size, least=1, whole=True)
    expect_number("keep", keep, above=0)
    if keep > 1:
        raise ValueError(f"keep must be at most 1, got {keep}.")
    return (rng.random((L - 1, n_a, m, T)) < keep) / keep


def _expect_dropout(masks, shape):
    """Check masks (L - 1, n_a, m, T): 0, or the same 1 / keep >= 1 everywhere. One layer has no mask to check."""
    if masks is None:
        return
    axes = "(L - 1, n_a, m, T)"
    if not isinstance(masks, np.ndarray) or masks.shape != shape:
        came = f"shape {masks.shape}" if isinstance(masks, np.ndarray) else type(masks).__name__
        raise ValueError(f"dropout_masks must be an array {axes} = {shape}, got {came}.")
    if masks.dtype.kind != "f":
        raise ValueError(f"dropout_masks must hold 0 or 1 / keep as floats, got {masks.dtype}.")
    kept = masks[masks != 0]
    if kept.size and not (1 <= kept.min() == kept.max() < np.inf):
        raise ValueError(f"dropout_masks must hold 0 or one and the same 1 / keep, got {kept.min()} … {kept.max()}.")


def _expect_layers(x, a0, layers):
    """Check a list of L layers against x (n_x, m, T) and a0 (L, n_a, m). Returns the sizes by name."""
    if not isinstance(layers, list | tuple) or not layers:
        came = "none" if isinstance(layers, list | tuple) else type(layers).__name__
        raise ValueError(f"layers must be a list of dicts with Wax, Waa and ba, at least one, got {came}.")
    sizes = expect({"L": len(layers)}, x=(x, "n_x m T"), a0=(a0, "L n_a m"))
    for number, P in enumerate(layers):
        missing = [name for name in ("Wax", "Waa", "ba") if name not in P]
        if missing:
            raise ValueError(f"layers[{number}] must hold Wax, Waa, ba; {', '.join(missing)} is missing.")
        shapes = {"Wax": "n_a n_a" if number else "n_a n_x", "Waa": "n_a n_a", "ba": "n_a 1"}
        expect(sizes, **{f'layers[{number}]["{name}"]': (P[name], axes) for name, axes in shapes.items()})
    return sizes


def deep_rnn_forward(x, a0, layers, dropout_masks=None):
    """a[l] are the states of layer l on dropout_masks[l-1] * a[l-1], the lowest on x. One layer equals `rnn_states`.

    x: (n_x, m, T); a0: (L, n_a, m); layers: a list of L dicts Wax, Waa, ba, n_a the same in all; dropout_masks:
    (L - 1, n_a, m, T) of 0 and 1 / keep, or None. Returns the top layer's a (n_a, m, T) and caches
    (list of the layers' `rnn_states` caches, dropout_masks).
    Raises ValueError where a shape does not fit, a parameter is missing or a mask holds anything else.
    """
    sizes = _expect_layers(x, a0, layers)
    _expect_dropout(dropout_masks, (sizes["L"] - 1, sizes["n_a"], sizes["m"], sizes["T"]))
    a, cache = rnn_states(x, a0[0], layers[0])
    caches = [cache]
    for number in range(1, sizes["L"]):
        below = a if dropout_masks is None else a * dropout_masks[number - 1].astype(a.dtype, copy=False)
        a, cache = rnn_states(below, a0[number], layers[number])
        caches.append(cache)
    return a, (caches, dropout_masks)


def deep_rnn_backward(da, caches):
    """Backward of `deep_rnn_forward` from the gradient of the top layer's states, da (n_a, m, T).

    Returns dx (n_x, m, T), da0 (L, n_a, m) and a list of {dWax, dWaa, dba}, the lowest layer first.
    Raises ValueError where da and the caches do not fit together.
    """
    expect_entries("caches", caches, "(list of the layers' caches, dropout_masks)")
    layer_caches, masks = caches
    if not isinstance(layer_caches, list | tuple) or not layer_caches:
        came = "none" if isinstance(layer_caches, list | tuple) else type(layer_caches).__name__
        raise ValueError(f"caches[0] must be a list with the caches of at least one layer, got {came}.")
    for number, one in enumerate(layer_caches):
        expect_caches(one, "(cells, x, mask)", "(a_next, a_prev, xt, P)", f"caches[0][{number}]")
    a0 = layer_caches[0][0][0][1]
    sizes = expect(x=(layer_caches[0][1], "n_x m T"), a0=(a0, "n_a m"), da=(da, "n_a m T"))
    _expect_dropout(masks, (len(layer_caches) - 1, sizes["n_a"], sizes["m"], sizes["T"]))
    G = [rnn_states_backward(da, layer_caches[-1])]  # the top layer first
    for number in reversed(range(len(layer_caches) - 1)):
        above = G[-1]["dx"] if masks is None else G[-1]["dx"] * masks[number].astype(da.dtype, copy=False)
        G.append(rnn_states_backward(above, layer_caches[number]))
    G = G[::-1]
    return G[0]["dx"], np.stack([g["da0"] for g in G]), [{n: g[n] for n in ("dWax", "dWaa", "dba")} for g in G]
