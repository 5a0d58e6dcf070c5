"""Layers on top of each other: where noise may stand, what depth is worth, and what a backward pass keeps in memory."""

import numpy as np

from utils.datasets import random_symbols
from utils.models import init_deep, layers_of
from utils.reference import adam_step, clip_by_norm, draw_dropout_masks, orthogonal_init, softmax
from utils.training import on_one_thread

PLACES = ("no dropout", "between the layers", "along time", "along time, one mask for all steps")


def draw_masks(place, rng, L, n_a, m, T, keep):
    """What `noisy_pass` takes for dropout at one of PLACES: the masks between the layers, and those along time."""
    up = draw_dropout_masks(rng, L, n_a, m, T, keep) if place == PLACES[1] else None
    if place not in PLACES[2:]:
        return up, None
    along = draw_dropout_masks(rng, L + 1, n_a, m, T, keep)  # one for each of L layers, in place of those between
    return up, along if place == PLACES[2] else np.repeat(along[..., :1], T, axis=-1)


def first_steps(masks):
    """Masks with the steps in front, one array (T, n_a, m) for each place; None stays None."""
    return None if masks is None else np.ascontiguousarray(np.moveaxis(masks, -1, 1))


def noisy_pass(P, x, labels, up=None, along=None):
    """Layers that answer once, at the last step, with dropout between them, along time, or not at all.

    P: as from `init_deep`; x: (n_x, m, T); labels: int (m,); up: (L - 1, n_a, m, T), what stands between the layers;
    along: (L, n_a, m, T), what stands on the way from step t to step t + 1. The states start from zeros.
    Returns the mean loss in nats, y_pred (n_y, m), and a function without arguments that gives the gradients G.
    """
    layers, (m, T) = layers_of(P), x.shape[1:]
    up, along = first_steps(up), first_steps(along)
    read, states = [np.ascontiguousarray(np.moveaxis(x, -1, 0))], []  # each (T, n, m); states have a⟨0⟩ in front
    for number, layer in enumerate(layers):
        sums = layer["Wax"] @ read[-1] + layer["ba"]
        a = np.zeros((T + 1, len(layer["ba"]), m))
        for t in range(T):
            kept = a[t] if along is None or t == 0 else a[t] * along[number, t - 1]
            a[t + 1] = np.tanh(sums[t] + layer["Waa"] @ kept)
        states.append(a)
        read.append(a[1:] if up is None or number == len(layers) - 1 else a[1:] * up[number])
    y_pred = softmax(P["Wya"] @ states[-1][-1] + P["by"])

    def gradients():
        dz = (y_pred - (np.arange(len(y_pred))[:, None] == labels)) / m
        G = {"dWya": dz @ states[-1][-1].T, "dby": dz.sum(axis=1, keepdims=True)}
        da = np.zeros((T, len(states[-1][0]), m))
        da[-1] = P["Wya"].T @ dz
        for number in reversed(range(len(layers))):
            layer, a = layers[number], states[number]
            kept = a[:-1].copy()
            if along is not None:
                kept[1:] *= along[number, :-1]
            inside, later = 1 - a[1:] ** 2, 0.0
            for t in reversed(range(T)):
                inside[t] *= da[t] + later
                later = layer["Waa"].T @ inside[t]
                if along is not None and t:
                    later *= along[number, t - 1]
            G[f"dWax_{number + 1}"] = np.tensordot(inside, read[number], ([0, 2], [0, 2]))
            G[f"dWaa_{number + 1}"] = np.tensordot(inside, kept, ([0, 2], [0, 2]))
            G[f"dba_{number + 1}"] = inside.sum(axis=(0, 2))[:, None]
            if number:
                da = layer["Wax"].T @ inside
                da = da if up is None else da * up[number - 1]
        return G

    return float(-np.log(y_pred[labels, np.arange(m)]).mean()), y_pred, gradients


def updates_until_right(place, seed, lag, *, limit, keep=0.5, L=2, n_x=4, n_a=24, batch=64, every=10, enough=0.95):
    """Name the first of lag + 1 random symbols, with dropout at one of PLACES: the updates until that is learned.

    Every batch is fresh, and every Waa starts orthogonal. Learned means: `enough` of 400 other sequences are right,
    without dropout, looked at after every `every` updates. inf: not learned within `limit` updates.
    """
    indices, x = random_symbols(np.random.default_rng([seed, lag, 1]), n_x, 400, lag + 1)
    start, rng = np.random.default_rng([seed, 2]), np.random.default_rng([seed, lag, 3])
    P, adam = init_deep(n_x, n_a, n_x, L, start), None
    P |= {f"Waa_{layer}": orthogonal_init(n_a, start) for layer in range(1, L + 1)}
    for update in range(1, limit + 1):
        fresh, fresh_x = random_symbols(rng, n_x, batch, lag + 1)
        masks = draw_masks(place, rng, L, n_a, batch, lag + 1, keep)
        G, _ = clip_by_norm(noisy_pass(P, fresh_x, fresh[:, 0], *masks)[2](), 1.0)
        P, adam = adam_step(P, G, adam, 0.01)
        if update % every == 0:
            y_pred = noisy_pass(P, x, indices[:, 0])[1]
            if np.mean(y_pred.argmax(axis=0) == indices[:, 0]) >= enough:
                return update
    return np.inf


@on_one_thread
def dropout_experiment(seeds=(0, 1, 2), *, lags=(3, 6, 9, 12), limit=300, progress=False, **options):
    """How many updates it takes to learn to keep a symbol, for dropout at each of PLACES and each lag.

    Returns {place: (seeds, lags)}, inf where it was not learned within `limit` updates.
    """
    result = {}
    for place in PLACES:
        rows = [[updates_until_right(place, seed, lag, limit=limit, **options) for lag in lags] for seed in seeds]
        result[place] = np.array(rows, dtype=float)
        if progress:
            columns = [" ".join(f"{n:4.0f}" if n < np.inf else "   –" for n in column) for column in result[place].T]
            print(f"{place:35}", "  |  ".join(columns), flush=True)
    return result
