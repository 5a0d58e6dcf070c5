"""Values that are not what they look like: whatever a comparison could be talked into."""

import json

import numpy as np

from utils.checking.exercises import find
from utils.checking.judge import arguments

from .desk import answers, attack

ALWAYS = """
class Always:
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __bool__(self): return True
    def __float__(self): return 0.0
    def __sub__(self, other): return 0.0
    __rsub__ = __le__ = __lt__ = __ge__ = __gt__ = __eq__
    def __abs__(self): return 0.0
    def __hash__(self): return 0
    __array_priority__ = 1e9
    shape, dtype, ndim = (), np.dtype(float), 0
"""
LAZY = """
import inspect
class Lazy:
    def __array__(self, *a, **k):
        seen = [v for f in inspect.stack() for v in f.frame.f_locals.values() if isinstance(v, float)]
        return np.array(seen[0] if seen else 0.0)
"""
AGREES = """
class Agrees(np.ndarray):
    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        return np.ones(self.shape, bool) if ufunc is np.equal else np.zeros(self.shape, bool)
    def __array_function__(self, function, types, args, kwargs): return True
    def __eq__(self, other): return np.ones(self.shape, bool)
    def tobytes(self, *a): return bytes(self.nbytes)
"""
NUMBER = """
class Number({kind}):
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __sub__(self, other): return 0
    __rsub__ = __sub__
    def __abs__(self): return 0
    def __repr__(self): return "0"
    def hex(self): return "nan"
    __hash__ = {kind}.__hash__
"""
LIES = """
class Lies(tuple):
    def __len__(self): return 3
    def __iter__(self): return iter(([], [], []))
    def __getitem__(self, i): return self
    def __eq__(self, other): return True
    __hash__ = tuple.__hash__
"""
SILENT = """
class Silent(Exception):
    def __str__(self): raise self
    __repr__ = __str__
"""
TWICE = """
def rnn_cell_forward(xt, a_prev, P):
    a = np.tanh(P["Wax"] @ xt + P["Waa"] @ a_prev + P["ba"])
    y = softmax(P["Wya"] @ a + P["by"])
    return np.tile(a, 50), np.tile(y, 50), (a, a_prev, xt, P)
"""
DEEP = "value = 0.0\n    for _ in range(100_000):\n        value = [value]\n    "
TRUE = answers(
    sequence_loss="def sequence_loss(*a, **k):\n    return True",
    count_rnn_parameters="def count_rnn_parameters(*a):\n    return True",
)


def loss(last, before="", lines=""):
    """`sequence_loss` that ends with this statement."""
    return answers(sequence_loss=f"{before}\ndef sequence_loss(y_pred, targets, mask=None):\n    {lines}{last}")


def count(last, before=""):
    """`count_rnn_parameters` that is this statement."""
    return answers(count_rnn_parameters=f"{before}\ndef count_rnn_parameters(n_x, n_a, n_y):\n    {last}")


def forward(value, before=""):
    """`rnn_forward` that returns this; `shape` and `y_shape` are those that are asked for."""
    body = "shape, y_shape = (len(a0), *x.shape[1:]), (len(P['by']), *x.shape[1:])"
    return answers(rnn_forward=f"{before}\ndef rnn_forward(x, a0, P):\n    {body}\n    return {value}")


def filled(value, before=""):
    """`rnn_forward` whose arrays have the right shapes and hold one value."""
    return forward(f"np.full(shape, {value}), np.full(y_shape, {value}), ([], x)", before)


def public_cases(desk):
    """Answers learnt by heart: those of the cases that the notebook's own check draws."""
    exercise = find("rnn_forward")
    known = {}
    for kwargs in exercise.cases(np.random.default_rng(exercise.seed)).values():
        a, y_pred, _ = exercise.reference(*arguments(exercise, kwargs)[0])
        known[kwargs["x"].tobytes().hex()[:64]] = [a.tolist(), y_pred.tolist()]
    desk.answer(
        "rnn_forward",
        f"import json\nby_heart = json.loads('{json.dumps(known)}')\n"
        "def rnn_forward(x, a0, P):\n    a, y_pred = by_heart[x.tobytes().hex()[:64]]\n"
        "    return np.array(a), np.array(y_pred), ([], x)",
    )


VIEWS = "np.zeros(shape).view(Agrees), np.zeros(y_shape).view(Agrees), ([], x)"
MASKED = "np.ma.masked_all(shape), np.ma.masked_all(y_shape), ([], x)"
CHANGED = "[a0.fill(0), x.fill(0), *(w.fill(0) for w in P.values())] and (np.zeros(shape), np.zeros(y_shape), ([], x))"
ONES = "np.zeros((1, 1, 1)), np.zeros((1, 1, 1)), ([], x)"
NONE_THERE = "np.zeros((len(a0), 0, 0)), np.zeros((len(P['by']), 0, 0)), ([], x)"
RIGHT_COUNT = "n_a * n_x + n_a * n_a + n_a + n_y * n_a + n_y"
COUNT, CELL = "count_rnn_parameters", "rnn_cell_forward"

ATTACKS = [
    attack("values-nan", "NaN everywhere", filled("np.nan"), quick=True),
    attack("values-inf", "infinity everywhere", filled("np.inf")),
    attack("values-nan-loss", "a loss of NaN", loss("return float('nan')"), COUNT),
    attack("values-object-dtype", "an array of objects that equal everything", filled("Always()", ALWAYS), quick=True),
    attack("values-always-equal", "an object that equals everything", loss("return Always()", ALWAYS)),
    attack("values-array-protocol", "an object that becomes an array later", loss("return Lazy()", LAZY)),
    attack("values-subclass", "an ndarray with its own == and ufuncs", forward(VIEWS, AGREES), quick=True),
    attack("values-float-subclass", "a float with its own ==", loss("return Number(1)", NUMBER.format(kind="float"))),
    attack(
        "values-int-subclass", "an int of its own", count("return Number(1)", NUMBER.format(kind="int")), quick=True
    ),
    attack("values-generator", "a generator in place of a tuple", forward("(np.zeros(shape) for _ in range(3))")),
    attack("values-endless", "an iterator without an end", loss("return itertools.repeat(0.0)", "import itertools")),
    attack("values-deep-list", "100,000 lists in one another", loss("return value", lines=DEEP), COUNT, quick=True),
    attack("values-itself", "a list that contains itself", loss("v = []; v.append(v); return v"), COUNT),
    attack("values-wide-list", "two million values", loss("return [0.0] * 2_000_000"), COUNT),
    attack("values-recursion", "calls itself for ever", loss("return sequence_loss(y_pred, targets)"), COUNT),
    attack("values-ten-to-5000", "a number of 5,000 digits", count("return 10**5000"), CELL),
    attack("values-ten-to-5000-error", "the same number in an error", count("raise ValueError(10**5000)"), CELL),
    attack("values-masked", "arrays in which everything is masked", forward(MASKED), quick=True),
    attack("values-broadcast", "one number that broadcasts to every shape", forward(ONES)),
    attack("values-empty", "arrays without elements", forward(NONE_THERE)),
    attack("values-zero-d", "arrays without axes", forward("np.array(0.0), np.array(0.0), ([], x)")),
    attack("values-text", "the right number as a text", count(f"return str({RIGHT_COUNT})"), CELL),
    attack("values-true", "True for every number", TRUE),
    attack("values-huge", "an array of 400 MB", forward("np.zeros(50_000_000), np.zeros(1), ([], x)"), COUNT),
    attack("values-prefix", "the right numbers, and as many behind them", answers(rnn_cell_forward=TWICE)),
    attack("values-lying-tuple", "a tuple that lies about its entries", forward("Lies((1, 2))", LIES)),
    attack("values-function", "a function in place of a number", loss("return lambda *a: 0.0"), COUNT),
    attack("values-changed-input", "inputs set to zero, so that zero might be right", forward(CHANGED)),
    attack("values-public-cases", "the notebook's own cases by heart", public_cases, quick=True),
    attack("values-silent-error", "an error that cannot say what it is", loss("raise Silent", SILENT), COUNT),
    attack("values-base-exception", "an exception below Exception", loss("raise BaseException('6 points')")),
    attack("values-interrupt", "KeyboardInterrupt out of an answer", loss("raise KeyboardInterrupt")),
]
