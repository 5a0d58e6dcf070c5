"""The judge: each kind of fault in its order, causes, blame, and what must not count as a fault."""

import sys
import warnings

import numpy as np
import pytest

from utils import reference, textbook
from utils.checking import causes as search
from utils.checking.compare import KINDS
from utils.checking.exercise import planted
from utils.checking.exercises import find
from utils.checking.judge import Here, judge
from utils.checking.message import message


def verdict_on(name, function, seed=0):
    return judge(find(name), function, np.random.default_rng(seed))


def cell(xt, a_prev, P):
    return textbook.rnn_cell_forward(xt, a_prev, P)


def spoil(name, change):
    """The right function with its answer changed."""
    return lambda *args, **kwargs: change(getattr(textbook, name)(*args, **kwargs))


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


# ---- every kind, told in words


KIND = {
    "not attempted": (not_written, "not attempted", "not written yet."),
    "raised": (raises, "raised", "your function stopped with KeyError: 'Wxa'"),
    "None": (lambda xt, a_prev, P: None, "none", "your function returned None. Did you forget the return?"),
    "too few outputs": (
        spoil("rnn_cell_forward", lambda v: v[:2]), "type", "expected 3 outputs (a_next, yt_pred, cache), got 2 values.",
    ),
    "one array": (
        spoil("rnn_cell_forward", lambda v: v[0]),
        "type", "expected 3 outputs (a_next, yt_pred, cache), got an array.",
    ),
    "a dict": (
        spoil("rnn_cell_forward", lambda v: {"a": v[0]}),
        "type", "expected 3 outputs (a_next, yt_pred, cache), got a dict.",
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
        spoil("rnn_cell_forward", second(lambda y: y.ravel())), "shape", "yt_pred should have shape (n, m), got (n*m,).",
    ),
    "NaN": (
        spoil("rnn_cell_forward", second(lambda y: np.where(y == y.max(), np.nan, y))),
        "nan", "yt_pred holds NaN, first at yt_pred[i, j].",
    ),
    "inputs changed": (
        writes_into_its_input, "inputs", "your function changed its input a_prev; work on a copy.",
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
    ways = [KIND[k][0] for k in ("None", "a list", "shape", "NaN", "inputs changed", "values")]
    for skipped in range(len(ways)):
        remaining = ways[skipped:]
        turn = iter([*remaining[:3], *[remaining[-1]] * 9])
        verdict = verdict_on(name, lambda *args, turn=turn: next(turn)(*args))
        assert verdict.problem.kind == KIND[["None", "a list", "shape", "NaN", "inputs changed", "values"][skipped]][1]
    assert KINDS == ("not attempted", "raised", "none", "type", "shape", "nan", "inputs", "values")


def test_within_one_answer_too():
    verdict = verdict_on("rnn_cell_forward", spoil("rnn_cell_forward", lambda v: (v[0] + 1, v[1].ravel(), v[2])))
    assert verdict.problem.kind == "shape" and verdict.problem.part == "yt_pred" and verdict.others == ("a_next",)
    assert verdict.right == {"a_next": False, "yt_pred": False, "cache": True} and verdict.points == 0


def test_an_infinite_value_is_wrong_not_a_crash():
    verdict = verdict_on("softmax", spoil("softmax", lambda p: np.full_like(p, np.inf)))
    assert verdict.problem.kind == "values" and "inf" in verdict.problem.detail


# ---- where it is wrong


@pytest.mark.parametrize(
    "steps, words",
    [
        (slice(None), "a is wrong at every step"),
        (slice(1, None), "a is wrong from t = 1 on"),
        (slice(0, 1), "a is wrong at t = 0 only"),
        (slice(0, 2), "a is wrong up to t = 1, right after it"),
        (slice(1, 2), "a is wrong, first at t = 1"),
    ],
)
def test_the_earliest_wrong_step_is_named(steps, words):
    def change(answer):
        a = answer[0].copy()
        a[-1, -1, steps] += 0.5
        return a, *answer[1:]

    function = spoil("rnn_forward", change)
    verdict = next(v for v in (verdict_on("rnn_forward", function, seed) for seed in range(50)) if find_steps(v) >= 3)
    assert verdict.problem.text == words
    first = steps.start or 0
    assert f", {first}] is " in verdict.problem.detail


def find_steps(verdict):
    """How many steps the case has that the problem was seen in, from the words `expected …` of a fresh draw."""
    for seed in range(50):
        cases = find("rnn_forward").cases(np.random.default_rng(seed))
        if verdict.where in cases:
            return cases[verdict.where]["x"].shape[2]
    return 0


def test_got_and_expected_are_shown_with_an_index():
    problem = verdict_on("sequence_loss", spoil("sequence_loss", lambda loss: loss + 1)).problem
    got, _, expected = problem.detail.partition(", expected ")
    assert float(got.removeprefix("loss is ")) == pytest.approx(float(expected) + 1, abs=0.02)


def test_the_case_it_was_seen_in_is_named():
    def no_mask(y_pred, targets, mask=None):
        return textbook.sequence_loss(y_pred, targets) + (0 if mask is None else 0.125)

    verdict = verdict_on("sequence_loss", no_mask)
    assert verdict.where == "a mask" and (verdict.cases, verdict.cases_right) == (5, 3)


# ---- causes


def test_the_cause_is_named_when_the_numbers_agree():
    def rnn_forward(x, a0, P):
        return textbook.rnn_forward(x, np.zeros_like(a0), P)

    assert verdict_on("rnn_forward", rnn_forward).causes == ("a0 is ignored: the first step starts from zeros",)


def test_two_causes_at_once_are_both_named():
    exercise = find("jordan_forward")
    one, other = (m for m in exercise.mistakes if m.cause.startswith(("y0 is ignored", "the bias by")))
    function = planted(exercise, (one, other))
    assert set(verdict_on("jordan_forward", function).causes) == {one.cause, other.cause}


def test_an_inherited_cause_is_named():
    """The learner wrote the cell's mathematics into the loop and left out its bias."""

    def rnn_forward(x, a0, P):
        return textbook.rnn_forward(x, a0, P | {"ba": 0 * P["ba"]})

    def with_the_caches_right(x, a0, P):
        a, y, (cells, _) = rnn_forward(x, a0, P)
        return a, y, ([(*c[:3], P) for c in cells], x)

    assert verdict_on("rnn_forward", with_the_caches_right).causes == ("the bias ba is missing",)


def test_no_cause_for_a_fault_that_none_explains():
    verdict = verdict_on("rnn_forward", spoil("rnn_forward", lambda v: (v[0] * 1.01, *v[1:])))
    assert verdict.causes == () and verdict.right == {"a": False, "y_pred": True, "caches": True}


def test_one_case_in_agreement_is_not_enough():
    """Right but for one case, where the numbers are those of a known mistake: nothing is named."""
    right, wrong = textbook.rnn_forward, planted(find("rnn_forward"), find("rnn_forward").mistakes[:1])
    calls = iter([wrong, right, right, right, right])
    assert verdict_on("rnn_forward", lambda *args: next(calls)(*args)).causes == ()


def test_the_search_is_capped_by_number(monkeypatch):
    planted_pairs = []

    def counting(exercise, mistakes):
        planted_pairs.append(len(mistakes))
        return planted(exercise, mistakes)

    monkeypatch.setattr(search, "planted", counting)
    monkeypatch.setattr(search, "PAIRS", 7)
    verdict_on("jordan_forward", spoil("jordan_forward", lambda v: (v[0] * 1.01, v[1])))
    assert planted_pairs.count(2) == 7 and planted_pairs.count(1) == len(search.mistakes_of(find("jordan_forward")))


def test_a_stub_and_a_forgotten_return_have_no_likely_cause(monkeypatch):
    monkeypatch.setattr(search, "planted", lambda *_: pytest.fail("nothing is to be searched"))
    verdict_on("rnn_cell_forward", not_written)
    verdict_on("rnn_cell_forward", lambda *_: None)


# ---- the fault of an earlier function


def namespace(*texts):
    """A learner's notebook: the cells run one after the other."""
    place = {"np": np}
    for text in texts:
        exec(text, place)
    return place


RIGHT_LOOP = """
def rnn_forward(x, a0, P):
    a, y, cells, state = [], [], [], a0
    for t in range(x.shape[2]):
        state, answer, cache = rnn_cell_forward(x[:, :, t], state, P)
        a.append(state); y.append(answer); cells.append(cache)
    return np.stack(a, 2), np.stack(y, 2), (cells, x)
"""
WRONG_CELL = """
def softmax(z):
    return np.exp(z) / np.exp(z).sum(axis=0)

def rnn_cell_forward(xt, a_prev, P):
    a = np.tanh(P["Wax"] @ xt + P["ba"])
    return a, softmax(P["Wya"] @ a + P["by"]), (a, a_prev, xt, P)
"""


def test_a_wrong_earlier_function_is_blamed_and_paid_for_once():
    place = namespace(WRONG_CELL, RIGHT_LOOP)
    mine = place["rnn_cell_forward"]
    verdict = verdict_on("rnn_forward", place["rnn_forward"])
    assert verdict.ok and verdict.points == 6 and verdict.blame == ("rnn_cell_forward",)
    text = message(verdict).replace("\n  ", " ")
    assert "This function is right; the fault is in rnn_cell_forward, which it calls." in text
    assert place["rnn_cell_forward"] is mine  # put back


def test_a_stub_that_it_calls_is_blamed_too():
    place = namespace("def rnn_cell_forward(xt, a_prev, P):\n    raise NotImplementedError", RIGHT_LOOP)
    assert verdict_on("rnn_forward", place["rnn_forward"]).blame == ("rnn_cell_forward",)


def test_a_right_earlier_function_is_not_blamed():
    place = namespace(WRONG_CELL.replace('@ xt + P["ba"]', '@ xt + P["Waa"] @ a_prev + P["ba"]'), RIGHT_LOOP)
    verdict = verdict_on("rnn_forward", place["rnn_forward"])
    assert verdict.ok and verdict.blame == ()


def test_both_wrong_the_own_fault_is_named_on_right_ground():
    place = namespace(WRONG_CELL, RIGHT_LOOP.replace("state = [], [], [], a0", "state = [], [], [], 0 * a0"))
    verdict = verdict_on("rnn_forward", place["rnn_forward"])
    assert (
        not verdict.ok
        and "a0 is ignored: the first step starts from zeros" in verdict.causes + ("",)
        or verdict.problem
    )
    assert verdict.points == 0


def test_the_fewest_are_blamed():
    text = WRONG_CELL.partition("def rnn_cell")[0].replace("axis=0", "axis=1, keepdims=True")
    right_cell = (
        "def rnn_cell_forward(xt, a_prev, P):\n"
        "    a = np.tanh(P['Wax'] @ xt + P['Waa'] @ a_prev + P['ba'])\n"
        "    z = P['Wya'] @ a + P['by']\n"
        "    return a, np.exp(z) / np.exp(z).sum(axis=0), (a, a_prev, xt, P)\n"
    )
    loop = (
        "def sequence_to_one_forward(x, a0, P, mask=None):\n"
        "    a, cells = a0, []\n"
        "    for t in range(x.shape[2]):\n"
        "        new, _, cache = rnn_cell_forward(x[:, :, t], a, P)\n"
        "        cells.append(cache)\n"
        "        a = new if mask is None else np.where(mask[:, t], new, a)\n"
        "    return a, softmax(P['Wya'] @ a + P['by']), (cells, x, mask)\n"
    )
    place = namespace(text, right_cell, loop)
    verdict = verdict_on("sequence_to_one_forward", place["sequence_to_one_forward"])
    assert verdict.ok and verdict.blame == ("softmax",)


# ---- what is copied, and when


def test_an_aliased_buffer_in_the_caches_is_wrong_although_the_values_are_right():
    def rnn_forward(x, a0, P):
        buffer, a, y, cells = a0.copy(), [], [], []
        for t in range(x.shape[2]):
            new, answer, _ = textbook.rnn_cell_forward(x[:, :, t], buffer, P)
            buffer[...] = new
            a.append(new)
            y.append(answer)
            cells.append((buffer, buffer, x[:, :, t], P))
        return np.stack(a, 2), np.stack(y, 2), (cells, x)

    verdict = verdict_on("rnn_forward", rnn_forward)
    assert verdict.right == {"a": True, "y_pred": True, "caches": False} and verdict.points == 6 and not verdict.ok
    assert verdict.causes[0].startswith("one array holds the state of every step")


def test_answers_are_copied_case_by_case():
    """One global buffer for all results: right while it lasts, and it must be judged while it lasts."""
    buffers = {}

    def softmax(z):
        out = buffers.setdefault(z.shape, np.empty(z.shape))
        out[...] = textbook.softmax(z)
        return out

    kwargs = [{"z": np.ones((2, 3))}, {"z": np.arange(6.0).reshape(2, 3)}]
    first, second = (Here(softmax).run(find("softmax"), k) for k in kwargs)
    assert first.value is not second.value and not np.array_equal(first.value, second.value)
    assert verdict_on("softmax", softmax).ok


def test_stale_buffers_are_judged_as_what_they_were():
    """The other way round: the first answer would become right when the second overwrites it."""
    buffer = np.zeros((3, 3))
    one, other = {"z": np.zeros((3, 3))}, {"z": np.eye(3)}

    def softmax(z):
        buffer[...] = 0.0 if not z.any() else textbook.softmax(z)
        return buffer

    runner = Here(softmax)
    outcome = runner.run(find("softmax"), one)
    runner.run(find("softmax"), other)
    assert not outcome.value.any()


@pytest.mark.parametrize("what", ["an entry", "a new key", "a key gone", "deep inside"])
def test_changed_inputs_are_seen(what):
    def rnn_cell_backward(da_next, cache):
        answer = textbook.rnn_cell_backward(da_next, cache)
        P = cache[3]
        if what == "an entry":
            da_next[0, 0] += 1e-9
        elif what == "a new key":
            P["Wa"] = 1.0
        elif what == "a key gone":
            del P["by"]
        else:
            P["Wya"][0, 0] = 0.0
        return answer

    verdict = verdict_on("rnn_cell_backward", rnn_cell_backward)
    assert verdict.problem.kind == "inputs" and verdict.points == 0
    assert ("da_next" if what == "an entry" else "cache") in verdict.problem.text


def test_cases_reach_the_function_untouched_after_an_earlier_one_spoilt_them():
    seen = []

    def softmax(z):
        seen.append(z.sum())
        z[...] = 0.0
        return z

    verdict_on("softmax", softmax)
    expected = [k["z"].sum() for k in find("softmax").cases(np.random.default_rng(0)).values()]
    assert seen == expected


def test_a_generator_may_advance():
    assert verdict_on("sample_sequence", textbook.sample_sequence).ok


def test_a_generator_is_the_same_for_both():
    def sample_sequence(P, vocabulary, rng, max_length, temperature=1.0):
        rng.random()  # one draw too many
        return textbook.sample_sequence(P, vocabulary, rng, max_length, temperature)

    assert not verdict_on("sample_sequence", sample_sequence).ok


def test_a_result_that_contains_itself():
    def unfold(f, s0, xs):
        states = []
        states.append(states)
        return states

    assert verdict_on("unfold", unfold).problem.text.endswith("RecursionError: the result contains itself")


# ---- quiet


def test_stderr_stays_empty_and_its_words_are_not_lost(capsys):
    def talkative(z):
        print("to stderr", file=sys.stderr)
        warnings.warn("a warning", stacklevel=1)
        np.array([1.0]) / np.array([0.0])
        np.log(np.array([-1.0]))
        return textbook.softmax(z)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert verdict_on("softmax", talkative).ok
    out, err = capsys.readouterr()
    assert err == "" and out == "to stderr\n" * 4


def test_stderr_is_handed_over_even_when_the_function_raises(capsys):
    def dying(z):
        print("last words", file=sys.stderr)
        raise ValueError("no")

    assert verdict_on("softmax", dying).problem.text == "your function stopped with ValueError: no"
    out, err = capsys.readouterr()
    assert err == "" and out.count("last words") == 4


def test_the_search_for_causes_prints_nothing(capsys):
    verdict_on("softmax", spoil("softmax", lambda p: 2 * p))
    assert capsys.readouterr() == ("", "")


# ---- what does not matter


def test_arguments_may_have_other_names():
    def rnn_cell_forward(the_input, the_state, weights):
        return textbook.rnn_cell_forward(the_input, the_state, weights)

    assert verdict_on("rnn_cell_forward", rnn_cell_forward).ok


def test_but_optional_ones_are_called_by_name():
    verdict = verdict_on(
        "sequence_loss", lambda y_pred, targets, valid=None: textbook.sequence_loss(y_pred, targets, valid)
    )
    assert verdict.problem.kind == "raised" and "mask" in verdict.problem.text


def test_float32_is_right_with_a_note():
    verdict = verdict_on("softmax", spoil("softmax", lambda p: p.astype(np.float32)))
    assert verdict.ok and verdict.note.startswith("float32 came back")
    assert "float32 came back" in message(verdict)
    worse = verdict_on("softmax", spoil("softmax", lambda p: (p * 1.001).astype(np.float32)))
    assert not worse.ok


def test_float64_has_no_note():
    assert verdict_on("softmax", textbook.softmax).note == ""


def test_rounding_is_right_and_one_part_in_a_billion_is_not():
    assert verdict_on("softmax", spoil("softmax", lambda p: p * (1 + 1e-11))).ok
    assert not verdict_on("softmax", spoil("softmax", lambda p: p * (1 + 1e-8))).ok


def test_every_case_counts():
    verdict = verdict_on("rnn_cell_forward", cell)
    assert verdict.ok and verdict.cases == verdict.cases_right == len(
        find("rnn_cell_forward").cases(np.random.default_rng(0))
    )
    assert message(verdict) == "rnn_cell_forward: right in 4 of 4 cases; grading uses fresh ones. 6 of 6 points."


def test_points_go_part_by_part():
    no_softmax = planted(
        find("rnn_cell_forward"), [m for m in find("rnn_cell_forward").mistakes if "no softmax" in m.cause]
    )
    verdict = verdict_on("rnn_cell_forward", no_softmax)
    assert verdict.points == 3 and verdict.right == {"a_next": True, "yt_pred": False, "cache": True}
