"""Lesson 07: backpropagation through time with an LSTM."""

from utils import reference, textbook

from ..exercise import Exercise, Mistake
from . import draw


def _cases(rng):
    def case(n_x, n_a, n_y, m, T):
        P = draw.lstm_parameters(rng, n_x, n_a, n_y)
        before = 0.8 * draw.numbers(rng, n_a, m), P, draw.numbers(rng, n_a, m)
        caches = textbook.lstm_forward(draw.numbers(rng, n_x, m, T), *before)[3]
        return {"da": draw.numbers(rng, n_a, m, T), "caches": caches}

    return draw.sequences(rng, case)


_STEP = "lstm_cell_backward(da[:, :, t] + da_later, dc_later, cells[t])"
_ADD = "total[name] = total[name] + step[name]"

lstm_backward = Exercise(
    name="lstm_backward",
    lesson="07a",
    reference=reference.lstm_backward,
    textbook=textbook.lstm_backward,
    parts={"dx": 1, "da0": 1, "dc0": 2} | {f"dW{gate}": 1 for gate in "fuco"} | {f"db{gate}": 0.5 for gate in "fuco"},
    cases=_cases,
    uses=("lstm_cell_backward",),
    read="section 7.6",
    mistakes=(
        Mistake(
            "what comes back to a from step t + 1 is dropped; add it to da[:, :, t]",
            ((_STEP, "lstm_cell_backward(da[:, :, t], dc_later, cells[t])"),),
        ),
        Mistake(
            "what comes back to the memory from step t + 1 is dropped; pass on the dc_prev of that step",
            ((_STEP, "lstm_cell_backward(da[:, :, t] + da_later, np.zeros((n_a, m)), cells[t])"),),
        ),
        Mistake(
            "nothing comes back from step t + 1; both da_prev and dc_prev of that step must be handed on",
            ((_STEP, "lstm_cell_backward(da[:, :, t], np.zeros((n_a, m)), cells[t])"),),
        ),
        Mistake(
            "da_prev and dc_prev are swapped on the way back to the step before",
            (
                ('da_later = step["da_prev"]', 'da_later = step["dc_prev"]'),
                ('dc_later = step["dc_prev"]', 'dc_later = step["da_prev"]'),
            ),
        ),
        Mistake(
            "da[:, :, t] is added to the memory's gradient as well; it enters through a only",
            ((_STEP, "lstm_cell_backward(da[:, :, t] + da_later, da[:, :, t] + dc_later, cells[t])"),),
        ),
        Mistake(
            "only the last step's own gradient enters; every step adds its da[:, :, t]",
            ((_STEP, "lstm_cell_backward((da[:, :, t] if t == T - 1 else 0) + da_later, dc_later, cells[t])"),),
        ),
        Mistake(
            "the gradients of weights and biases are overwritten at each step; the steps share them, so they add up",
            ((_ADD, "total[name] = step[name]"),),
        ),
        Mistake(
            "the gradients of the biases are overwritten at each step; the steps share them, so they add up",
            ((_ADD, 'total[name] = step[name] + (total[name] if name[1] == "W" else 0)'),),
        ),
        Mistake(
            "the loop runs forwards; gradients flow from the last step to the first",
            (("in reversed(range(T))", "in range(T)"),),
        ),
        Mistake("step t uses the cache of step t + 1", (("cells[t])", "cells[min(t + 1, T - 1)])"),)),
        Mistake("the last step is skipped", (("reversed(range(T))", "reversed(range(T - 1))"),)),
        Mistake("the first step is skipped", (("reversed(range(T))", "reversed(range(1, T))"),)),
        Mistake(
            "da0 holds da[:, :, 0]; it should hold what comes back out of the first step, its da_prev",
            (('"da0": da_later', '"da0": da[:, :, 0]'),),
        ),
        Mistake(
            "dc0 repeats da0; it should hold what comes back to the memory out of the first step, its dc_prev",
            (('"dc0": dc_later', '"dc0": da_later'),),
        ),
        Mistake(
            "da0 and dc0 are swapped: da0 is the last da_prev, dc0 the last dc_prev",
            (('"da0": da_later, "dc0": dc_later', '"da0": dc_later, "dc0": da_later'),),
        ),
        Mistake(
            "the gradients of weights and biases are divided by T; the loss is a sum over the steps",
            (("**total}", "**{name: value / T for name, value in total.items()}}"),),
        ),
        Mistake(
            "dx is stored in reversed order of time; the gradient of step t belongs in dx[:, :, t]",
            (('"dx": dx', '"dx": dx[:, :, ::-1]'),),
        ),
        Mistake(
            "what came back is passed in the wrong places: da_prev is added to da[:, :, t], dc_prev comes second",
            ((_STEP, "lstm_cell_backward(da[:, :, t] + dc_later, da_later, cells[t])"),),
        ),
        Mistake(
            "what comes back to a is added up over the steps; hand on the da_prev of this step alone",
            (('da_later = step["da_prev"]', 'da_later = da_later + step["da_prev"]'),),
        ),
        Mistake(
            "what comes back to c is added up over the steps; hand on the dc_prev of this step alone",
            (('dc_later = step["dc_prev"]', 'dc_later = dc_later + step["dc_prev"]'),),
        ),
        Mistake(
            "dx stays zeros; the dxt of each step belongs in dx[:, :, t]",
            (('dx[:, :, t] = step["dxt"]', "pass"),),
        ),
        Mistake(
            "the last step's own gradient is counted twice; what comes back from later begins as zeros",
            (("da_later = np.zeros((n_a, m))", "da_later = da[:, :, -1]"),),
        ),
        Mistake(
            "only da_prev is handed on; dc_later must become the dc_prev of each step",
            (('dc_later = step["dc_prev"]', "dc_later = np.zeros((n_a, m))"),),
        ),
        Mistake(
            "only dc_prev is handed on; da_later must become the da_prev of each step",
            (('da_later = step["da_prev"]', "da_later = np.zeros((n_a, m))"),),
        ),
        Mistake(
            "da0 is zeros; it should hold what comes back out of the first step, its da_prev",
            (('"da0": da_later', '"da0": np.zeros((n_a, m))'),),
        ),
        Mistake(
            "dc0 is zeros; it should hold what comes back to the memory out of the first step, its dc_prev",
            (('"dc0": dc_later', '"dc0": np.zeros((n_a, m))'),),
        ),
        Mistake(
            "dxt is stored one step too early; the gradient of step t belongs in dx[:, :, t]",
            (("dx[:, :, t] = step", "dx[:, :, t - 1] = step"),),
        ),
    ),
    hints=(
        "The loop of rnn_backward with two things that come back: one to a, one to c. Both begin as zeros.",
        "At step t the cell gets da[:, :, t] plus what came back to a, and what came back to c. Its da_prev and "
        "dc_prev are for step t - 1.",
        "step = lstm_cell_backward(da[:, :, t] + da_later, dc_later, cells[t]); da_later = step['da_prev']; dc_later = "
        "step['dc_prev']; add up the rest, store dxt. da0 and dc0 are the last da_later and dc_later.",
    ),
)

EXERCISES = (lstm_backward,)
QUIZZES = ()
