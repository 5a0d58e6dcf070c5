"""Layers on top of each other: where noise may stand, what depth is worth, and what a backward pass keeps in memory."""

import numpy as np

from utils.datasets import random_symbols
from utils.models import init_deep, layers_of
from utils.reference import adam_step, clip_by_norm, draw_dropout_masks, softmax
from utils.training import on_one_thread

PLACES = ("no dropout", "between the layers", "along time", "along time, one mask for all steps")


def draw_masks_along_time(rng, L, n_a, m, T, keep):
    """Inverted dropout on the way from each step to the next, in every layer: 0 or 1 / keep, (L, n_a, m, T)."""
    return (rng.random((L, n_a, m, T)) < keep) / keep


def draw_masks(place, rng, L, n_a, m, T, keep):
    """What `noisy_pass` takes for dropout at one of PLACES: the masks between the layers, and those along time."""
    up = draw_dropout_masks(rng, L, n_a, m, T, keep) if place == PLACES[1] else None
    if place not in PLACES[2:]:
        return up, None
    along = draw_masks_along_time(rng, L, n_a, m, T, keep)
    return up, along if place == PLACES[2] else np.repeat(along[..., :1], T, axis=-1)


def noisy_pass(P, x, labels, up=None, along=None):
    """Layers that answer once, at the last step, with dropout between them, along time, or not at all.

    P: as from `init_deep`; x: (n_x, m, T); labels: int (m,); up: (L - 1, n_a, m, T), what stands between the layers;
    along: (L, n_a, m, T), what stands on the way from step t to step t + 1. The states start from zeros.
    Returns the mean loss in nats, y_pred (n_y, m), and a function without arguments that gives the gradients G.
    """
    layers, (m, T) = layers_of(P), x.shape[1:]
    read, states = [x], []  # what each layer reads and its states, a⟨0⟩ in front: (n, m, T) and T + 1 of (n_a, m)
    for number, layer in enumerate(layers):
        a = [np.zeros((len(layer["ba"]), m))]
        for t in range(T):
            kept = a[-1] if along is None or t == 0 else a[-1] * along[number, :, :, t - 1]
            a.append(np.tanh(layer["Wax"] @ read[-1][:, :, t] + layer["Waa"] @ kept + layer["ba"]))
        states.append(a)
        above = np.stack(a[1:], axis=-1)
        read.append(above if up is None or number == len(layers) - 1 else above * up[number])
    rows = np.arange(m)
    y_pred = softmax(P["Wya"] @ states[-1][-1] + P["by"])

    def gradients():
        dz = (y_pred - (np.arange(len(y_pred))[:, None] == labels)) / m
        G = {"dWya": dz @ states[-1][-1].T, "dby": dz.sum(axis=1, keepdims=True)}
        da = np.zeros((len(states[-1][0]), m, T))
        da[:, :, -1] = P["Wya"].T @ dz
        for number in reversed(range(len(layers))):
            layer, a = layers[number], states[number]
            g = {name: np.zeros_like(value) for name, value in layer.items()}
            dx, later = np.zeros(read[number].shape), 0.0
            for t in reversed(range(T)):
                inside = (da[:, :, t] + later) * (1 - a[t + 1] ** 2)
                mask = 1.0 if along is None or t == 0 else along[number, :, :, t - 1]
                g["Wax"] += inside @ read[number][:, :, t].T
                g["Waa"] += inside @ (a[t] * mask).T
                g["ba"] += inside.sum(axis=1, keepdims=True)
                dx[:, :, t] = layer["Wax"].T @ inside
                later = (layer["Waa"].T @ inside) * mask
            G |= {f"d{name}_{number + 1}": value for name, value in g.items()}
            if number:
                da = dx if up is None else dx * up[number - 1]
        return G

    return float(-np.log(y_pred[labels, rows]).mean()), y_pred, gradients


@on_one_thread
def dropout_experiment(
    seed=0, *, lags=(2, 4, 6, 8, 10), keep=0.5, L=2, n_x=4, n_a=24, m=384, epochs=12, batch=64, progress=False
):
    """Name the first of lag + 1 random symbols; two layers learn with dropout at one of PLACES, and are tested without.

    Returns {place: share of right answers on fresh sequences, (len(lags),)}.
    """
    result = {place: [] for place in PLACES}
    for place in PLACES:
        for lag in lags:
            T = lag + 1
            indices, x = random_symbols(np.random.default_rng([seed, lag]), n_x, 2 * m, T)
            P, adam = init_deep(n_x, n_a, n_x, L, np.random.default_rng([seed, 1])), None
            rng = np.random.default_rng([seed, 2])
            for _ in range(epochs):
                order = rng.permutation(m)
                for start in range(0, m, batch):
                    some = order[start : start + batch]
                    masks = draw_masks(place, rng, L, n_a, len(some), T, keep)
                    _, _, gradients = noisy_pass(P, x[:, some], indices[some, 0], *masks)
                    G, _ = clip_by_norm(gradients(), 1.0)
                    P, adam = adam_step(P, G, adam, 0.01)
            _, y_pred, _ = noisy_pass(P, x[:, m:], indices[m:, 0])
            result[place].append(float(np.mean(y_pred.argmax(axis=0) == indices[m:, 0])))
        if progress:
            print(f"{place:35}", "  ".join(f"{share:.2f}" for share in result[place]), flush=True)
    return {place: np.array(shares) for place, shares in result.items()}
