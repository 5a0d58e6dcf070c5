"""What stands for the names that were left out: it can be kept, any use says what it is, and cells go on behind it."""

import numpy as np
import pytest

from utils.grading import absent
from utils.grading.absent import Absent, NotAvailable


@pytest.mark.parametrize(
    "use",
    [
        lambda x: x(),
        lambda x: x + 1,
        lambda x: np.ones(2) * x,
        lambda x: np.exp(x),
        lambda x: np.mean(x),
        lambda x: float(x),
        lambda x: list(x),
        lambda x: bool(x),
        lambda x: x["key"],
        lambda x: x.attribute(),
        lambda x: x == 1,
        lambda x: len(x),
        lambda x: exec("class Mine(x): pass", {"x": x}),
    ],
)
def test_any_use_of_an_absent_thing_says_so(use):
    with pytest.raises(NotAvailable, match=r"^utils\.a\.b(\.attribute)? is not available while grading$"):
        use(Absent("utils.a.b"))


def test_an_absent_thing_can_be_kept_and_shown():
    one = Absent("utils.a.b")
    assert {one: [one]}[one][0] is one
    assert repr(one) == "<utils.a.b is not available while grading>"
    assert not hasattr(one, "__wrapped__") and not hasattr(one, "_repr_html_")
    assert type(one).__module__.startswith("utils.")  # so that it counts as ours, not as a learner's function


def test_a_cell_goes_on_behind_a_statement_that_uses_an_absent_thing():
    space = {"gone": Absent("utils.a.b"), "value": 1}
    text = "value, (other, *rest) = gone()\nfor i in gone:\n    total = i\ndef f(x):\n    return x\nright = f(3)"
    reasons = absent.replay(text, space)
    assert reasons == ["utils.a.b is not available while grading"] * 2
    assert {n for n, v in space.items() if isinstance(v, Absent)} == {"gone", "value", "other", "rest", "i", "total"}
    assert space["right"] == 3


def test_other_errors_end_a_cell():
    space = {}
    with pytest.raises(ZeroDivisionError):
        absent.replay("a = 1\n1 / 0\nb = 2", space)
    assert space["a"] == 1 and "b" not in space
    with pytest.raises(SyntaxError):
        absent.replay("a = 2\nb = = 2", space)
    assert space["a"] == 1
