"""What must hold after every run, looked at from outside. Each function gives sentences about what does not."""

import hashlib
import os
import sqlite3
import stat
import time
from pathlib import Path

from .class_ import MARKED
from .desk import ROOT

KEPT = ("solutions", "notebooks", "utils", "data", "nbgrader_config.py", "pyproject.toml", "tests/sample_class")
LITTER = ("of-a-student", "by-a-student", "by_a_student", "by-an-orphan")  # what attacks write has this in its name
STATUSES = ("graded", "zero", "missing", "review")


def contents(*places) -> dict[str, str]:
    """path -> what it is: a hash, a link's target or a kind. Opens regular files only."""
    found = {}
    for place in places:
        walk = [(place, [], [])] if place.is_file() else os.walk(place)
        for folder, folders, names in walk:
            folders[:] = [name for name in folders if name != "__pycache__"]
            for path in [Path(folder)] if place.is_file() else [Path(folder) / name for name in folders + names]:
                about = path.lstat()
                if stat.S_ISREG(about.st_mode):
                    found[str(path)] = hashlib.sha256(path.read_bytes()).hexdigest()
                else:
                    found[str(path)] = os.readlink(path) if path.is_symlink() else str(stat.S_IFMT(about.st_mode))
    return found


def untouched(course) -> dict[str, str]:
    """All that grading must leave alone: the checkout's own files, the inbox, configurations, homes, packages."""
    site = Path(sqlite3.__file__).parents[1] / "site-packages"
    mine = (course.folder / "submitted", course.folder / "nbgrader_config.py", course.folder / "students.csv")
    ours = [ROOT / name for name in KEPT]
    homes = [
        course.home,
        *(Path.home() / name for name in (".jupyter", ".ipython", ".ssh") if (Path.home() / name).exists()),
    ]
    return contents(*mine, *ours, *homes) | {f"{site}/{name}": "" for name in os.listdir(site)}


def differences(before: dict, after: dict) -> list[str]:
    """Files that changed, came or went."""
    names = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    return [f"{name} was changed, made or deleted" for name in names]


def left_behind(course, mounts: str, since: float) -> list[str]:
    """Processes, mounts and temporary files that the run has left."""
    faults = [f"mounted: {line}" for line in Path("/proc/mounts").read_text().splitlines() if line not in mounts]
    until = time.monotonic() + 10
    while (found := orphans(course, since)) and time.monotonic() < until:
        time.sleep(0.2)
    faults += [f"a process is left: {one}" for one in found]
    faults += [f"a temporary file is left: {name}" for name in os.listdir(course.tmp)]
    for place in ("/tmp", "/var/tmp", "/dev/shm", ROOT, ROOT / "build", ROOT / "solutions", ROOT / "utils"):
        if os.path.isdir(place):
            faults += [f"{place}/{name} is left" for name in os.listdir(place) if any(word in name for word in LITTER)]
    return faults


def orphans(course, since: float) -> list[str]:
    """Processes of the grader, and of sandboxes whose grader is gone: started since then, with nobody above them."""
    table = {}
    for number in filter(str.isdigit, os.listdir("/proc")):
        try:
            about = os.stat(f"/proc/{number}")
            parent = int(Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[1])
            command = Path(f"/proc/{number}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            environment = Path(f"/proc/{number}/environ").read_bytes()
        except OSError:
            continue
        table[int(number)] = (about.st_uid, parent, command, environment)

    def above(number):
        while number in table:
            number = table[number][1]
            yield number

    found = []
    for number, (uid, _, command, environment) in table.items():
        ours = course.canary.encode() in environment
        lost = (uid >= 60_000 or command.startswith("bwrap")) and not any(
            "python" in table[one][2] and table[one][0] < 60_000 for one in above(number) if one in table
        )
        if command and (ours or lost) and born(number) >= since:
            found.append(f"{number} {command[:80]}")
    return found


def born(number: int) -> float:
    """When a process was started, seconds since 1970; now where it is gone."""
    try:
        return os.stat(f"/proc/{number}").st_ctime
    except OSError:
        return 0.0


def leaked(course) -> list[str]:
    """Where the canary stands that must not be anywhere, and who called."""
    faults = []
    for folder, _, names in os.walk(course.folder):
        for path in (Path(folder) / name for name in names):
            if path.name in ("secret.txt",) or not path.is_file() or path.is_symlink():
                continue
            if course.canary.encode() in path.read_bytes():
                faults.append(f"the canary stands in {path.relative_to(course.folder)}")
    return faults + [f"somebody called: {call[:80]!r}" for call in course.server.calls]


def one_status_each(course, expected) -> list[str]:
    """Whether everybody has exactly one status. expected: (lesson, student) pairs."""
    found = course.statuses()
    faults = [f"{student} has no status in {lesson}" for lesson, student in expected if (lesson, student) not in found]
    faults += [
        f"{key} has the status {e.get('status')!r}" for key, e in found.items() if e.get("status") not in STATUSES
    ]
    waiting = [
        f"{student} waits for review: {e.get('reason')}" for (_, student), e in found.items() if e["status"] == "review"
    ]
    return faults + waiting


def mark(course) -> None:
    """A person marks one answer, and comments on it."""
    from nbgrader.api import Gradebook

    student, lesson, cell, points, words = MARKED
    with Gradebook(f"sqlite:///{course.folder / 'gradebook.db'}") as book:
        grade = book.find_grade(cell, "01a_rnn_cell", lesson, student)
        grade.manual_score, grade.needs_manual_grade = points, False
        comment = book.find_comment(cell, "01a_rnn_cell", lesson, student)
        comment.manual_comment = words
        book.db.commit()


def gradebook(course) -> dict:
    """Row for row what the gradebook says of scores and comments: (student, lesson, part, cell) -> values."""
    lines = """
        select s.student_id, a.name, n.name, c.name, {columns} from {table} g join base_cell c on c.id = g.cell_id
        join submitted_notebook sn on sn.id = g.notebook_id join submitted_assignment s on s.id = sn.assignment_id
        join assignment a on a.id = s.assignment_id join notebook n on n.id = sn.notebook_id
    """
    wanted = {
        "grade": "g.auto_score, g.manual_score, g.extra_credit, g.needs_manual_grade",
        "comment": "g.auto_comment, g.manual_comment",
    }
    rows = {}
    base = sqlite3.connect(f"file:{course.folder / 'gradebook.db'}?mode=ro", uri=True)
    try:
        for table, columns in wanted.items():
            for *key, a, b, c, d in base.execute(
                lines.format(table=table, columns=columns + ", 0, 0" * (table == "comment"))
            ):
                rows[table, *key] = (a, b, c, d)
    finally:
        base.close()
    return rows


def sound(course, marked: bool) -> list[str]:
    """Whether the database is whole, agrees with results.json, and a person's marks are still there."""
    base = sqlite3.connect(f"file:{course.folder / 'gradebook.db'}?mode=ro", uri=True)
    try:
        (answer,) = base.execute("pragma integrity_check").fetchone()
    finally:
        base.close()
    faults = [] if answer == "ok" else [f"the gradebook is damaged: {answer}"]
    rows = gradebook(course)
    for (lesson, student), entry in course.statuses().items():
        for exercise, points in entry["scores"].items():
            found = [
                row
                for key, row in rows.items()
                if key[:3] == ("grade", student, lesson) and key[4] in (exercise, f"{exercise}-check")
            ]
            in_book = found[0] if found else (0, None, None, 0)
            score = in_book[1] if in_book[1] is not None else None if in_book[3] else in_book[0] or 0
            if (points or 0) != (score or 0):
                faults.append(f"{student}, {exercise}: {points} in results.json, {score} in the gradebook")
    student, lesson, cell, points, words = MARKED
    if marked:
        key = (student, lesson, "01a_rnn_cell", cell)
        if rows.get(("grade", *key), (0, 0))[1] != points or rows.get(("comment", *key), ("", ""))[1] != words:
            faults.append(f"the mark that a person gave {student} is gone")
    return faults
