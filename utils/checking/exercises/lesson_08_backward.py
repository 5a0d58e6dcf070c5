"""Lesson 08: gradients through both directions."""

import numpy as np

from utils import reference, textbook

from ..exercise import Exercise, Mistake
from . import draw
from .lesson_08 import two_way_inputs


def _sizes(rng):
    """n_x, n_a, n_y, m, T, all different, and different from the 2 n_a rows of both directions."""
    while True:
        n_x, n_a, n_y, m, T = draw.sizes(rng)
        if 2 * n_a not in (m, T):
            return n_x, n_a, n_y, m, T


def _backward_cases(rng):
    def case(n_x, n_a, n_y, m, T, padded=True):
        inputs = two_way_inputs(rng, n_x, n_a, n_y, m, T)
        if not padded:
            inputs["lengths"] = np.full(m, T)
        return {"da": draw.numbers(rng, 2 * n_a, m, T), "caches": textbook.brnn_forward(**inputs)[2]}

    empty = case(*_sizes(rng))
    lengths = empty["caches"][2]
    empty["da"][:, np.arange(empty["da"].shape[2]) >= lengths[:, None]] = np.nan
    return {
        "several examples and steps": case(*_sizes(rng)),
        "other sizes": case(*_sizes(rng)),
        "padding that is NaN": empty,
        "no padding": case(4, 3, 2, 5, 6, padded=False),
        "a batch of one": case(*draw.sizes(rng, 3), 1, 4),
        "one time step": case(*draw.sizes(rng, 4), 1),
    }


_BLANK = "da = np.where(counts, da, 0.0)"
# What rnn_states_backward says in a notebook. The textbook's takes NaN as it comes.
_REFUSED = """
    if np.isnan(da).any():
        raise ValueError("da holds NaN: look at the step that made it before you pass it on.")"""
_IN = "da_from_end = reverse_valid(da_bwd, lengths)"
_OUT = 'dx_bwd = reverse_valid(bwd["dx"], lengths)'
_SUM = 'fwd["dx"] + dx_bwd'

brnn_backward = Exercise(
    name="brnn_backward",
    lesson="08",
    reference=reference.brnn_backward,
    textbook=textbook.brnn_backward,
    parts={
        "dx": 2,
        "da0_fwd": 1,
        "dWax_fwd": 1,
        "dWaa_fwd": 1,
        "dba_fwd": 1,
        "da0_bwd": 1,
        "dWax_bwd": 1,
        "dWaa_bwd": 1,
        "dba_bwd": 1,
    },
    cases=_backward_cases,
    uses=("reverse_valid",),
    read="section 8.6",
    mistakes=(
        Mistake(
            "gradients behind the end of a sequence are let in; set them to zero first",
            ((_BLANK, "da = da + 0.0" + _REFUSED),),
        ),
        Mistake(
            "the halves are swapped; the upper half of da belongs to the forward direction",
            (("da_fwd = da[:n_a]", "da_fwd = da[n_a:]"), ("da_bwd = da[n_a:]", "da_bwd = da[:n_a]")),
        ),
        Mistake(
            "both directions get the upper half of da; the lower half belongs to the backward direction",
            (("da_bwd = da[n_a:]", "da_bwd = da[:n_a]"),),
        ),
        Mistake(
            "da goes into the backward direction as it is; that direction read the reversed sequence, so reverse da",
            ((_IN, "da_from_end = da_bwd"),),
        ),
        Mistake(
            "the backward direction's dx is left in reversed order; turn it round again before adding",
            ((_OUT, 'dx_bwd = bwd["dx"]'),),
        ),
        Mistake(
            "nothing is turned round: the backward direction's da on its way in, and its dx on its way out",
            ((_IN, "da_from_end = da_bwd"), (_OUT, 'dx_bwd = bwd["dx"]')),
        ),
        Mistake(
            "on its way in da is turned round together with the padding; reverse_valid turns only the steps that count",
            ((_IN, "da_from_end = da_bwd[:, :, ::-1]"),),
        ),
        Mistake(
            "da and dx are both turned round together with the padding; reverse_valid turns only the steps that count",
            ((_IN, "da_from_end = da_bwd[:, :, ::-1]"), (_OUT, 'dx_bwd = bwd["dx"][:, :, ::-1]')),
        ),
        Mistake("dx holds the forward direction only; x fed both, so add the two", ((_SUM, 'fwd["dx"]'),)),
        Mistake("dx holds the backward direction only; x fed both, so add the two", ((_SUM, "dx_bwd"),)),
        Mistake("dx is a mean of the two directions; it is their sum", ((_SUM, f"({_SUM}) / 2"),)),
        Mistake(
            "both directions go back through the forward caches; the backward one has its own",
            (
                (
                    "rnn_states_backward(da_from_end, caches_bwd)",
                    "rnn_states_backward(da_from_end, caches_fwd)",
                ),
            ),
        ),
        Mistake(
            "the gradients of the two directions have each other's names",
            (('G[name + "_fwd"]', 'G[name + "_other"]'), ('"_bwd"', '"_fwd"'), ('"_other"', '"_bwd"')),
        ),
        Mistake(
            "the two directions' gradients are added up; they share no weights, so each keeps its own",
            (
                ('"_fwd"] = fwd[name]', '"_fwd"] = fwd[name] + bwd[name]'),
                ('"_bwd"] = bwd[name]', '"_bwd"] = fwd[name] + bwd[name]'),
            ),
        ),
        Mistake(
            "the caches of the two directions are swapped; caches_fwd comes first",
            (("caches_fwd, caches_bwd, lengths = caches", "caches_bwd, caches_fwd, lengths = caches"),),
        ),
        Mistake(
            "da goes in as it is, and dx is turned round together with its padding; both pass through reverse_valid",
            ((_IN, "da_from_end = da_bwd"), (_OUT, 'dx_bwd = bwd["dx"][:, :, ::-1]')),
        ),
        Mistake(
            "da is multiplied by the mask, but 0 times NaN is NaN; choose with np.where(counts, da, 0.0)",
            ((_BLANK, "da = da * counts" + _REFUSED),),
        ),
        Mistake(
            "only the forward half of da is set to zero behind the ends; blank all of it, before it is cut in two",
            ((_BLANK, "da = np.concatenate([np.where(counts, da[:n_a], 0.0), da[n_a:]])" + _REFUSED),),
        ),
        Mistake(
            "even and odd rows are taken for the two halves; the first n_a rows belong to the forward direction",
            (("da_fwd = da[:n_a]", "da_fwd = da[::2]"), ("da_bwd = da[n_a:]", "da_bwd = da[1::2]")),
        ),
    ),
    hints=(
        "Cut da into its two halves. Each half goes back through its own caches with rnn_states_backward.",
        "The backward direction lives on the reversed sequence: what goes in, and the dx that comes out, pass through "
        "reverse_valid. Its da0 and weights need no turning.",
        'bwd = rnn_states_backward(reverse_valid(da[n_a:], lengths), caches_bwd); dx = fwd["dx"] + '
        'reverse_valid(bwd["dx"], lengths); before all that da = np.where(np.arange(T) < lengths[:, None], da, 0.0).',
    ),
)

EXERCISES = (brnn_backward,)
QUIZZES = ()
