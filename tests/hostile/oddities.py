"""Honest work that looks odd: every point must be given."""

import codecs
import json

from .desk import ONE, SEVEN, TWO, answers, attack, both, code, runs, solution, written_in_code

FORWARD = solution("rnn_forward")
COUNT = "return n_a * n_x + n_a * n_a + n_a + n_y * n_a + n_y"
WARNINGS = "import logging, sys, warnings\nwarnings.warn('odd')\nlogging.warning('odd')\nprint('odd', file=sys.stderr)"
TQDM = (
    "import sys\nfor i in range(50):\n    sys.stderr.write(f'\\r{i * 2}%|#####     | {i}/50')\n    sys.stderr.flush()"
)
CLASS = """
class Counter:
    def __init__(self, n_x, n_a, n_y): self.sizes = n_x, n_a, n_y
    def total(self):
        n_x, n_a, n_y = self.sizes
        return n_a * n_x + n_a * n_a + n_a + n_y * n_a + n_y
def count_rnn_parameters(n_x, n_a, n_y):
    return Counter(n_x, n_a, n_y).total()
"""
PLOT = (
    "import matplotlib.pyplot as plt\nfor _ in range(3):\n    plt.figure()\n    plt.plot(np.arange(10))\n    plt.show()"
)
TIMED = """
import functools, time
def timed(f):
    @functools.wraps(f)
    def inner(*a, **k):
        start = time.perf_counter()
        try:
            return f(*a, **k)
        finally:
            print(f.__name__, time.perf_counter() - start)
    return inner
"""


def after(name, statement):
    """The right answer, whose results this changes in form: `result` stands for what would have been returned."""
    inner = solution(name).replace(f"def {name}(", f"def _{name}(", 1)
    return answers(**{name: f"{inner}\ndef {name}(*a, **k):\n    result = _{name}(*a, **k)\n    return {statement}"})


def at(name, text, new):
    """The right answer with this text changed."""
    source = solution(name)
    assert text in source, (name, text)
    return answers(**{name: source.replace(text, new)})


def moved(desk):
    """All answers in one row behind the setup, the last one first."""
    for book in desk.books.values():
        cells = [
            c for c in book["cells"] if c["metadata"].get("nbgrader", {}).get("solution") and c["cell_type"] == "code"
        ]
        rest = [c for c in book["cells"] if c not in cells]
        book["cells"] = (
            rest[:3]
            + [c for c in rest[3:] if "setup" in c["metadata"].get("tags", [])]
            + cells[::-1]
            + [c for c in rest[3:] if "setup" not in c["metadata"].get("tags", [])]
        )


def encoded(encoding, mark=b""):
    """Both notebooks in another encoding."""

    def make(desk):
        for name, book in list(desk.books.items()):
            desk.write(name, mark + json.dumps(book, ensure_ascii=False).encode(encoding))

    return make


def setup_edited(desk):
    """The setup cell with lines of one's own."""
    cell = next(c for c in desk.book["cells"] if "setup" in c["metadata"].get("tags", []))
    cell["source"] = "".join(cell["source"]) + "\nimport math\nimport collections\nnp.random.seed(3)"


def nothing(desk):
    """Nothing beside the right answers."""


def odd(name, why, make, lesson=ONE, quick=False):
    """An oddity beside right answers to all exercises of a lesson."""
    return attack(f"oddities-{name}", why, make, *written_in_code(lesson), lesson=lesson, quick=quick)


def many_cells(desk):
    """Cells at the end of the first notebook."""
    desk.book["cells"].extend(code(f"x = {number}") for number in range(300))


LAMBDA = "count_rnn_parameters = lambda n_x, n_a, n_y: " + COUNT.removeprefix("return ")
RENAMED = "def count_rnn_parameters(i, h, o):\n    return h * i + h * h + h + o * h + o"
MAGICS = "%matplotlib inline\n%time x = 1\n!ls\nfiles = !ls"
CHECKS = "check(rnn_forward)\nhint('rnn_forward')\nprogress('01a')"
HELPER = both(
    runs("def one_step(x, a, P):\n    return rnn_cell_forward(x, a, P)", before="rnn_forward"),
    at("rnn_forward", "rnn_cell_forward(x[", "one_step(x["),
)
PARTIAL = (
    "import functools\ndef counts(k, n_x, n_a, n_y):\n    "
    + COUNT
    + "\ncount_rnn_parameters = functools.partial(counts, 1)"
)
TYPED = at("count_rnn_parameters", "(n_x, n_a, n_y):", "(n_x: int, n_a: 'int', n_y: int | None) -> int:")
SINGLE = "(result[0].astype(np.float32), result[1].astype(np.float32), result[2])"
FORTRAN = "(np.asfortranarray(result[0]), np.asfortranarray(result[1]), result[2])"
STRIDED = "(np.repeat(result[0], 2, axis=0)[::2], result[1][::-1][::-1], result[2])"

ATTACKS = [
    odd("none", "right answers, nothing else", nothing, quick=True),
    odd("warnings", "warnings, logging and prints on stderr", runs(WARNINGS), quick=True),
    odd("tqdm", "a bar of progress on stderr", runs(TQDM)),
    odd("overflow", "an overflow in an answer", after("sequence_loss", "[np.exp(np.array([1e3])), result][1]")),
    odd("int64", "np.int64 where an int is asked for", after("count_rnn_parameters", "np.int64(result)"), quick=True),
    odd("zero-d", "an array without axes where a number is asked for", after("sequence_loss", "np.array(result)")),
    odd("python-float", "a float of Python's", after("sequence_loss", "float(result)")),
    odd("float32", "float32 out of the cell", after("rnn_cell_forward", SINGLE), quick=True),
    odd("fortran", "arrays in Fortran order", after("rnn_forward", FORTRAN)),
    odd("strided", "views that are not contiguous", after("rnn_forward", STRIDED)),
    odd("big-endian", "bytes in the other order", after("rnn_forward", "(result[0].astype('>f8'), *result[1:])")),
    odd("helper", "a helper in a cell of its own", HELPER),
    odd("constant", "a constant in a cell of its own", both(runs("START = 0.0"), at("sequence_loss", "0.0", "START"))),
    odd("typed", "annotations", TYPED),
    odd("decorated", "a decorator of the student's", both(runs(TIMED), answers(rnn_forward="@timed\n" + FORWARD))),
    odd("lambda", "a lambda with a name", answers(count_rnn_parameters=LAMBDA)),
    odd("partial", "functools.partial", answers(count_rnn_parameters=PARTIAL)),
    odd("class", "a class beside the function", answers(count_rnn_parameters=CLASS)),
    odd("renamed", "arguments with other names", answers(count_rnn_parameters=RENAMED)),
    odd("magics", "%matplotlib, %time, !ls and %%bash", both(runs(MAGICS), runs("%%bash\necho hello")), quick=True),
    odd("plots", "three plots", runs(PLOT)),
    odd("print", "100 KB of print", runs("for _ in range(1000):\n    print('x' * 100)")),
    odd("print-called", "prints in every call", at("rnn_forward", "    for t in", "    print(a0)\n    for t in")),
    odd("slow", "a cell of two seconds", runs("import time\ntime.sleep(2)")),
    odd("order", "answers in another order", moved, quick=True),
    odd("checks", "more checks, hints and progress", runs(CHECKS, after="rnn_forward-check")),
    odd("setup", "a setup cell with more imports", setup_edited),
    odd("seed", "np.random.seed, and its numbers used", runs("np.random.seed(0)\nrandom_start = np.random.randn(3)")),
    odd("bom", "UTF-8 with a byte order mark", encoded("utf-8", codecs.BOM_UTF8)),
    odd("utf-16", "UTF-16", encoded("utf-16"), quick=True),
    odd("twice", "an answer once more, in a cell of its own", runs(FORWARD, after="rnn_forward")),
    odd("broken-cell", "an own cell that stops with an error", runs("1 / 0")),
    odd("syntax", "an own cell that cannot be read", runs("for x in range(3) print(x)")),
    odd("emoji", "names and texts beyond ASCII", runs("größe = 'ŷ → 🦖'\nprint(größe)")),
    odd("lstm", "all of the LSTM", nothing, lesson=SEVEN),
    odd("bptt", "all of backpropagation, with a warning", runs(WARNINGS), lesson=TWO),
    odd("cells", "three hundred cells of one's own", many_cells),
]
