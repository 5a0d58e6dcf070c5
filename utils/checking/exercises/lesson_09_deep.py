"""Lesson 09, part A: recurrent layers on top of each other."""

from utils import reference, textbook

from .. import views
from ..exercise import Exercise, Mistake, Quiz
from . import draw


def _sizes(rng, L):
    """Four sizes that differ from each other and from the number of layers."""
    return [size for size in draw.sizes(rng) if size != L][:4]


def _inputs(rng, n_x, n_a, m, T, L, keep=None):
    """Keyword arguments of deep_rnn_forward; with keep, the masks drop something and keep something."""
    layers = []
    for layer in range(L):
        P = draw.rnn_parameters(rng, n_a if layer else n_x, n_a, 1)
        layers.append({name: P[name] for name in ("Wax", "Waa", "ba")})
    inputs = {"x": draw.numbers(rng, n_x, m, T), "a0": 0.8 * draw.numbers(rng, L, n_a, m), "layers": layers}
    if keep is None:
        return inputs
    masks = textbook.draw_dropout_masks(rng, L, n_a, m, T, keep)
    masks[:, 0, 0, 0], masks[:, -1, -1, -1] = 0.0, 1 / keep
    return inputs | {"dropout_masks": masks}


def _all_inputs(rng):
    return {
        "three layers": _inputs(rng, *_sizes(rng, 3), 3),
        "dropout": _inputs(rng, *_sizes(rng, 4), 4, keep=0.6),
        "dropout, inputs as wide as the state": _inputs(rng, 4, 4, 2, 5, 3, keep=0.7),
        "one layer": _inputs(rng, *_sizes(rng, 6), 1),
        "a batch of one": _inputs(rng, *_sizes(rng, 2)[:2], 1, 4, 2, keep=0.5),
        "one time step": _inputs(rng, *_sizes(rng, 3)[:3], 1, 3),
    }


_LAYER = "rnn_states(signal, a0[layer], P)"
_DROPPED = "signal = signal * dropout_masks[layer - 1]"
_GIVEN = "if layer > 0 and dropout_masks is not None:"
_ANSWER = "return a, (layer_caches, dropout_masks)"

deep_rnn_forward = Exercise(
    name="deep_rnn_forward",
    lesson="09a",
    reference=reference.deep_rnn_forward,
    textbook=textbook.deep_rnn_forward,
    parts={"a": 5, "caches": 0},
    cases=_all_inputs,
    read="section 9.2",
    mistakes=(
        Mistake("nothing is dropped: dropout_masks is not used", ((_GIVEN, "if False:"),)),
        Mistake(
            "what is kept is not divided by keep; the mask already holds 1 / keep, so multiply by it as it is",
            ((_DROPPED, "signal = signal * (dropout_masks[layer - 1] > 0)"),),
        ),
        Mistake(
            "the top layer's states are dropped, too; masks stand between layers only",
            (
                (
                    _ANSWER,
                    "return (a if dropout_masks is None else a * dropout_masks[-1]), (layer_caches, dropout_masks)",
                ),
            ),
        ),
        Mistake(
            "the inputs x are dropped, too; masks stand between layers only",
            ((_GIVEN, "if dropout_masks is not None:"),),
        ),
        Mistake(
            "the masks are one off: dropout_masks[layer - 1] stands below this layer",
            (("dropout_masks[layer - 1]", "dropout_masks[layer]"),),
        ),
        Mistake(
            "all layers share the first mask; there is one for each pair of layers",
            (("dropout_masks[layer - 1]", "dropout_masks[0]"),),
        ),
        Mistake(
            "all layers use the weights of the first; each has its own dict in layers",
            ((_LAYER, "rnn_states(signal, a0[layer], layers[0])"),),
        ),
        Mistake(
            "all layers above the first share the weights of the second; each has its own dict in layers",
            ((_LAYER, "rnn_states(signal, a0[layer], layers[min(layer, 1)])"),),
        ),
        Mistake(
            "the layers are built from the top down; the first dict in layers is the bottom one",
            ((_LAYER, "rnn_states(signal, a0[layer], layers[-1 - layer])"),),
        ),
        Mistake(
            "all layers start from a0[0]; each has its own first state",
            ((_LAYER, "rnn_states(signal, a0[0], P)"),),
        ),
        Mistake(
            "the layers above the first start from zeros; each has its own first state in a0",
            ((_LAYER, "rnn_states(signal, a0[layer] * (layer == 0), P)"),),
        ),
        Mistake(
            "the first states are taken from the top down; a0[0] belongs to the bottom layer",
            ((_LAYER, "rnn_states(signal, a0[-1 - layer], P)"),),
        ),
        Mistake(
            "a layer starts from the last state of the layer below; it starts from its own a0[layer]",
            ((_LAYER, "rnn_states(signal, a[:, :, -1] if layer else a0[0], P)"),),
        ),
        Mistake(
            "every layer reads x; the layers above the first read the states of the one below",
            (("signal = a", "signal = x"),),
        ),
        Mistake(
            "the states of the bottom layer are returned; the answer is the top layer's",
            ((_ANSWER, "return rnn_states(x, a0[0], layers[0])[0], (layer_caches, dropout_masks)"),),
        ),
        Mistake("the top layer is left out", (("enumerate(layers)", "enumerate(layers[: max(1, len(layers) - 1)])"),)),
        Mistake(
            "caches lacks the dropout masks: it should be (list, dropout_masks)",
            ((_ANSWER, "return a, layer_caches"),),
        ),
        Mistake(
            "the states of all layers are returned; the answer is those of the top one",
            (
                (
                    _ANSWER,
                    "return np.stack([np.stack([cell[0] for cell in some[0]], axis=-1) for some in layer_caches]), "
                    "(layer_caches, dropout_masks)",
                ),
            ),
        ),
        Mistake(
            "the masks are one off the other way: dropout_masks[layer - 1] stands below this layer",
            (("dropout_masks[layer - 1]", "dropout_masks[layer - 2]"),),
        ),
    ),
    hints=(
        "One loop over the layers, from the bottom up. One variable holds what the next layer reads; it begins as x.",
        "Below every layer but the first, multiply that variable by dropout_masks[layer - 1], unless the masks are "
        "None. Then call rnn_states.",
        "for layer, P in enumerate(layers): if layer > 0 and dropout_masks is not None: signal = signal * "
        "dropout_masks[layer - 1]; a, cache = rnn_states(signal, a0[layer], P); signal = a.",
    ),
)


def _backward_cases(rng):
    cases = {}
    for category, inputs in _all_inputs(rng).items():
        a, caches = textbook.deep_rnn_forward(**inputs)
        cases[category] = {"da": draw.numbers(rng, *a.shape), "caches": caches}
    return cases


_BACK = "G = rnn_states_backward(flowing, layer_caches[layer])"
_MASKED = "flowing = flowing * dropout_masks[layer - 1]"
_RETURN = "return flowing, da0, gradients"

deep_rnn_backward = Exercise(
    name="deep_rnn_backward",
    lesson="09a",
    reference=reference.deep_rnn_backward,
    textbook=textbook.deep_rnn_backward,
    parts={"dx": 3, "da0": 2, "dWax": 2, "dWaa": 2, "dba": 1},
    cases=_backward_cases,
    read="section 9.3",
    view=views.by_parameter,
    mistakes=(
        Mistake(
            "the masks are not applied on the way back; a state that was dropped gets no gradient",
            ((_GIVEN, "if False:"),),
        ),
        Mistake(
            "what was kept is not divided by keep on the way back; multiply by the mask as it is",
            ((_MASKED, "flowing = flowing * (dropout_masks[layer - 1] > 0)"),),
        ),
        Mistake(
            "the masks are one off: what comes down from this layer passes dropout_masks[layer - 1]",
            (("dropout_masks[layer - 1]", "dropout_masks[layer]"),),
        ),
        Mistake(
            "all layers share the first mask; there is one for each pair of layers",
            (("dropout_masks[layer - 1]", "dropout_masks[0]"),),
        ),
        Mistake(
            "a mask is applied above the top layer; its states went out whole",
            (("flowing = da\n", "flowing = da if dropout_masks is None else da * dropout_masks[-1]\n"),),
        ),
        Mistake(
            "a mask is applied to dx of the bottom layer; x went in whole",
            ((_GIVEN, "if dropout_masks is not None:"),),
        ),
        Mistake(
            "the layers are walked from the bottom up; gradients flow from the top layer down",
            (("in reversed(range(L))", "in range(L)"),),
        ),
        Mistake(
            "da enters every layer in place of what comes down; below the top it is the dx of the layer above",
            ((_BACK, "G = rnn_states_backward(da, layer_caches[layer])"),),
        ),
        Mistake(
            "da is added at every layer; it enters at the top layer only",
            ((_BACK, "G = rnn_states_backward(flowing + (da if layer < L - 1 else 0), layer_caches[layer])"),),
        ),
        Mistake(
            "da0 is in reversed order; the bottom layer comes first",
            ((_RETURN, "return flowing, da0[::-1], gradients"),),
        ),
        Mistake(
            "the list of gradients is in reversed order; the bottom layer comes first",
            ((_RETURN, "return flowing, da0, gradients[::-1]"),),
        ),
        Mistake(
            "dx is that of the top layer; the gradient of x comes out of the bottom layer",
            ((_RETURN, 'return rnn_states_backward(da, layer_caches[-1])["dx"], da0, gradients'),),
        ),
        Mistake(
            "da0 of the bottom layer stands in for all layers; each has its own",
            (("da0[layer] = G", "da0[:] = G"),),
        ),
        Mistake(
            "every layer goes back through the top layer's cache; each has its own",
            ((_BACK, "G = rnn_states_backward(flowing, layer_caches[-1])"),),
        ),
        Mistake(
            "da0 and the list of gradients are both in reversed order; the bottom layer comes first",
            ((_RETURN, "return flowing, da0[::-1], gradients[::-1]"),),
        ),
        Mistake(
            "each mask acts one layer too high; what comes out of a layer passes the mask before it reaches the next "
            "one down",
            (
                (_GIVEN, "if False:"),
                (
                    _BACK,
                    "G = rnn_states_backward(flowing if layer == 0 or dropout_masks is None else "
                    "flowing * dropout_masks[layer - 1], layer_caches[layer])",
                ),
            ),
        ),
        Mistake(
            "what came from above is passed on beside dx; the layer below gets the dx of this one alone",
            (('flowing = G["dx"]', 'flowing = G["dx"] + (flowing if layer > 0 else 0)'),),
        ),
    ),
    hints=(
        "Walk the layers from the top down. One variable holds the gradient that reaches this layer's states; it "
        "begins as da.",
        "rnn_states_backward gives da0, dWax, dWaa and dba of this layer. Its dx, times the mask that its inputs went "
        "through, is what reaches the layer below.",
        "for layer in reversed(range(L)): G = rnn_states_backward(flowing, layer_caches[layer]); da0[layer] = "
        'G["da0"]; flowing = G["dx"]; if layer > 0 and dropout_masks is not None: flowing = flowing * '
        "dropout_masks[layer - 1].",
    ),
)

EXERCISES = (deep_rnn_forward, deep_rnn_backward)
QUIZZES = (
    Quiz(
        "arrives-at-a-state",
        {
            "a": (False, "That is one of two messages: the state was used for its own prediction, too."),
            "b": (True, "The state was used twice, so two messages come back, and they are added."),
            "c": (False, "That would be a network without a past: the state also made the next one."),
        },
    ),
    Quiz(
        "why-caches",
        {
            "a": (False, "The update changes the weights, and it comes after the walk."),
            "b": (False, "No state is the sum of others; each is a tanh of the one before and of its input."),
            "c": (True, "The slope is 1 - a⟨t⟩², and dWaa is a sum of products with a⟨t-1⟩."),
        },
    ),
    Quiz(
        "no-delay",
        {
            "a": (True, "Within a step the signal climbs through all layers; layers do not delay."),
            "b": (False, "One step for each climb would be a delay, and there is none: follow the arrows upwards."),
            "c": (False, "The arrows that lead upwards stay in the same step, however many there are."),
        },
    ),
    Quiz(
        "dropout-in-use",
        {
            "a": (False, "Dividing by keep while learning has taken care of that: the mean is the same."),
            "b": (True, "The mean of a mask is 1, so what the next layer sums is the same on average."),
            "c": (False, "Masks are noise for learning; with one of them units would be missing for good."),
        },
    ),
    Quiz(
        "what-depth-showed",
        {
            "a": (False, "One data set and one size cannot show what is best for language."),
            "b": (False, "Three layers were behind two in every trial, and no limit was looked for."),
            "c": (True, "That is what was measured: 0.06 bits in the mean of three trials, and nothing beyond it."),
        },
    ),
)
