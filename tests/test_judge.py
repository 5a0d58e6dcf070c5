"""The judge: each kind of fault in its order and in words, where it is wrong, and what must not count as a fault."""

import numpy as np
import pytest
from verdicts import spoil, verdict_on

from utils import reference, textbook
from utils.checking.compare import KINDS
from utils.checking.exercises import find
from utils.checking.message import message


def second(replace):
    """Replace the prediction of a cell."""
    return lambda answer: (answer[0], replace(answer[1]), answer[2])


def not_written(xt, a_prev, P):
    raise NotImplementedError


def raises(xt, a_prev, P):
    return P["Wxa"] @ xt


def writes_into_its_input(xt, a_prev, P):
    answer = textbook.rnn_cell_forward(xt, a_prev.copy(), P)
    a_prev += 1.0
    return answer


KIND = {
    "not attempted": (not_written, "not attempted", "not written yet."),
    "raised": (raises, "raised", "Your function stopped with KeyError: 'Wxa'"),
    "None": (lambda xt, a_prev, P: None, "none", "Your function returned None. Did you forget the return?"),
    "too few outputs": (
        spoil("rnn_cell_forward", lambda v: v[:2]), "type", "Expected 3 outputs (a_next, yt_pred, cache), got 2",
    ),
    "one array": (
        spoil("rnn_cell_forward", lambda v: v[0]),
        "type", "Expected 3 outputs (a_next, yt_pred, cache), got an array.",
    ),
    "a dict": (
        spoil("rnn_cell_forward", lambda v: {"a": v[0]}),
        "type", "Expected 3 outputs (a_next, yt_pred, cache), got a dict.",
    ),
    "a list": (
        spoil("rnn_cell_forward", second(lambda y: y.tolist())),
        "type", "yt_pred should be a NumPy array of shape (n, m), got a list.",
    ),
    "object dtype": (
        spoil("rnn_cell_forward", second(lambda y: y.astype(object))),
        "type", "yt_pred should hold real numbers, got Python objects (dtype object).",
    ),
    "a masked array": (
        spoil("rnn_cell_forward", second(lambda y: np.ma.masked_array(y))),
        "type", "yt_pred should be a NumPy array of shape (n, m), got a masked array.",
    ),
    "complex": (
        spoil("rnn_cell_forward", second(lambda y: y + 0j)),
        "type", "yt_pred should hold real numbers, got complex numbers.",
    ),
    "a matrix": (
        spoil("rnn_cell_forward", second(np.asmatrix)),
        "type", "yt_pred should be a NumPy array of shape (n, m), got an old-style np.matrix.",
    ),
    "a generator": (
        spoil("rnn_cell_forward", second(lambda y: (row for row in y))),
        "type", "got a generator (yield stands where return belongs).",
    ),
    "texts": (
        spoil("rnn_cell_forward", second(lambda y: y.astype(str))),
        "type", "yt_pred should hold real numbers, got dtype <U",
    ),
    "shape": (
        spoil("rnn_cell_forward", second(lambda y: y.ravel())), "shape", "yt_pred should have shape (n, m), got (n*m,)",
    ),
    "NaN": (
        spoil("rnn_cell_forward", second(lambda y: np.where(y == y.max(), np.nan, y))),
        "nan", "yt_pred holds NaN, first at yt_pred[i, j].",
    ),
    "inputs changed": (
        writes_into_its_input, "inputs", "Your function changed its input a_prev; work on a copy.",
    ),
    "values": (spoil("rnn_cell_forward", second(lambda y: y + 0.01)), "values", "yt_pred is wrong"),
}  # fmt: skip


@pytest.mark.parametrize("what", KIND)
def test_each_kind_of_fault(what):
    function, kind, text = KIND[what]
    verdict = verdict_on("rnn_cell_forward", function)
    general = find("rnn_cell_forward").cases(np.random.default_rng(0))["several examples"]
    n, m = reference.rnn_cell_forward(**general)[1].shape
    text = text.replace("n*m", str(n * m)).replace("(n, m)", f"({n}, {m})")
    if "[i, j]" in text:
        y = reference.rnn_cell_forward(**general)[1]
        text = text.replace("i, j", ", ".join(map(str, np.unravel_index(y.argmax(), y.shape))))
    assert not verdict.ok and verdict.problem.kind == kind
    assert text in verdict.problem.text
    assert verdict.causes == ()
    assert message(verdict)


def test_a_generator_function_is_told_so():
    def unfold(f, s0, xs):
        for x in xs:
            s0 = f(s0, x)
            yield s0

    problem = verdict_on("unfold", unfold).problem
    assert problem.kind == "type"
    assert problem.text == "states should be a list of 4, got a generator (yield stands where return belongs)."


def test_a_complex_number_and_an_array_for_a_number():
    assert "a real number, got a complex one" in verdict_on("sequence_loss", lambda *a, **k: 1j).problem.text
    assert (
        "one number, got an array of shape (2,)" in verdict_on("sequence_loss", lambda *a, **k: np.ones(2)).problem.text
    )
    assert "one number, got True or False" in verdict_on("sequence_loss", lambda *a, **k: True).problem.text


def test_the_most_fundamental_fault_is_told_first():
    """One function, all kinds at once, each in its own case: the order is that of KINDS."""
    name = "rnn_cell_forward"
    ways = [KIND[k][0] for k in ("None", "a list", "shape", "inputs changed", "NaN", "values")]
    for skipped in range(len(ways)):
        remaining = ways[skipped:]
        turn = iter([*remaining[:3], *[remaining[-1]] * 9])
        verdict = verdict_on(name, lambda *args, turn=turn: next(turn)(*args))
        assert verdict.problem.kind == KIND[["None", "a list", "shape", "inputs changed", "NaN", "values"][skipped]][1]
    assert KINDS == ("not attempted", "raised", "none", "type", "shape", "inputs", "nan", "values")


def test_within_one_answer_too():
    verdict = verdict_on("rnn_cell_forward", spoil("rnn_cell_forward", lambda v: (v[0] + 1, v[1].ravel(), v[2])))
    assert verdict.problem.kind == "shape" and verdict.problem.part == "yt_pred" and verdict.others == ("a_next",)
    assert verdict.right == {"a_next": False, "yt_pred": False, "cache": True} and verdict.points == 0


def test_an_infinite_value_is_wrong_not_a_crash():
    verdict = verdict_on("softmax", spoil("softmax", lambda p: np.full_like(p, np.inf)))
    assert verdict.problem.kind == "values" and "inf" in verdict.problem.detail


@pytest.mark.parametrize(
    "steps, words",
    [
        (slice(None), "a is wrong at every step"),
        (slice(1, None), "a is wrong from t = 1 on"),
        (slice(0, 1), "a is wrong at t = 0 only"),
        (slice(0, 2), "a is wrong up to t = 1 and right from t = 2 on"),
        (slice(1, 2), "a is wrong at t = 1 only"),
    ],
)
def test_the_earliest_wrong_step_is_named(steps, words):
    def change(answer):
        a = answer[0].copy()
        a[-1, -1, steps] += 0.5
        return a, *answer[1:]

    function = spoil("rnn_forward", change)
    verdict = verdict_on("rnn_forward", function, seed=next(filter(has_three_steps, range(50))))
    assert verdict.problem.text == words
    first = steps.start or 0
    assert f", {first}] is " in verdict.problem.detail


def has_three_steps(seed):
    """Whether the first case drawn from this seed is long enough to have a middle."""
    return next(iter(find("rnn_forward").cases(np.random.default_rng(seed)).values()))["x"].shape[2] >= 3


def test_got_and_expected_are_shown_with_an_index():
    problem = verdict_on("sequence_loss", spoil("sequence_loss", lambda loss: loss + 1)).problem
    got, _, expected = problem.detail.partition(", expected ")
    assert float(got.removeprefix("loss is ")) == pytest.approx(float(expected) + 1, abs=0.02)


def test_the_case_it_was_seen_in_is_named():
    def no_mask(y_pred, targets, mask=None):
        return textbook.sequence_loss(y_pred, targets) + (0 if mask is None else 0.125)

    verdict = verdict_on("sequence_loss", no_mask)
    assert verdict.where == "a mask" and (verdict.cases, verdict.cases_right) == (5, 3)


def test_an_output_that_is_missing_costs_its_own_points_only():
    """Without the cache, which earns nothing, all points stay; without the prediction, three are lost."""
    without_cache = verdict_on("rnn_cell_forward", spoil("rnn_cell_forward", lambda v: v[:2]))
    assert without_cache.points == 6 and not without_cache.ok
    only_state = verdict_on("rnn_cell_forward", spoil("rnn_cell_forward", lambda v: v[:1]))
    assert only_state.points == 3 and only_state.problem.part == "yt_pred"


def test_a_part_that_earns_points_is_told_before_one_that_does_not():
    """The cache has the wrong shape, the more fundamental fault; the value of a_next is what costs points."""
    verdict = verdict_on("rnn_cell_forward", spoil("rnn_cell_forward", lambda v: (v[0] + 1, v[1], (v[0],))))
    assert (verdict.problem.part, verdict.problem.kind) == ("a_next", "values")
    assert verdict.others == ("cache",)
