"""The same attacks under stock nbgrader: each alone with two honest students, in a sandbox, on a copy of a course.

Nothing that an attack does there outlives it: it may delete, overwrite, kill and fill as it likes.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from utils.authoring.release import register
from utils.grading.course import environment
from utils.grading.scores import WAITING, read_scores

from .desk import ROOT, Desk, submit, written_in_code

WALL = 120  # seconds for a run of three submissions
EARLY, LATE = "a-honest", "z-honest"  # graded before the attack came, and after it in the same run
CANARY = "canary-of-stock"
CONFIG = """
c = get_config()
c.CourseDirectory.root = {course!r}
c.CourseDirectory.db_url = "sqlite:///{course}/gradebook.db"
c.Execute.skip_cells_with_tag = "demo"
"""


def main(file: Path, table) -> dict:
    """Run them all, two at a time; return and keep in a file {attack: what came of it}, and show a table.

    What stands in the file already is not run again.
    """
    found = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    ahead = sorted((attack for attack in table if attack.name not in found), key=lambda attack: not attack.quick)
    with tempfile.TemporaryDirectory(prefix="stock-") as place, ThreadPoolExecutor(2) as pool:
        lessons = {attack.lesson for attack in ahead}
        originals = {lesson: original(Path(place) / f"original-{lesson}", lesson) for lesson in lessons}
        runs = [pool.submit(alone, a, originals[a.lesson], Path(place) / a.name) for a in ahead]
        for attack, run in zip(ahead, runs, strict=True):
            found[attack.name] = run.result()
            print(f"{attack.name:34} {words(found[attack.name])}", flush=True)
            file.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(f"\n{summary(found)}")
    return found


def original(home: Path, lesson: str) -> Path:
    """A course with one honest student who is graded already, and one who is not."""
    course = home / "course"
    for folder in (course / "submitted", home / "home" / ".ssh"):
        folder.mkdir(parents=True)
    (home / "home" / ".ssh" / "id_rsa").write_text(CANARY)
    (course / "secret.txt").write_text(CANARY)
    configure(course)
    register(lesson, f"sqlite:///{course / 'gradebook.db'}")
    hand_in(course, EARLY, lesson)
    if autograde(home, lesson):
        log = (home / "log").read_text(encoding="utf-8")
        raise RuntimeError(f"Stock nbgrader does not run here, not even on honest work: {log[-600:]}")
    hand_in(course, LATE, lesson)
    return home


def configure(course):
    """Stock settings, for the place where the course is now."""
    (course / "nbgrader_config.py").write_text(CONFIG.format(course=str(course)), encoding="utf-8")


def hand_in(course, name, lesson):
    """A submission in which everything is right."""
    desk = Desk(course / "submitted" / name / lesson, lesson)
    desk.right(*written_in_code(lesson))
    desk.hand_in()


def autograde(home: Path, lesson: str) -> str:
    """Run stock nbgrader in a sandbox in which only `home` can be written to. Returns "", "hung" or "failed"."""
    inside = ["bwrap", "--unshare-all", "--die-with-parent", "--new-session", "--ro-bind", "/", "/", "--dev", "/dev"]
    inside += ["--proc", "/proc", "--tmpfs", "/tmp", "--tmpfs", "/dev/shm"]
    inside += ["--ro-bind", str(ROOT), str(ROOT), "--ro-bind", sys.prefix, sys.prefix]  # may lie in /tmp
    inside += ["--bind", str(home), str(home)]
    inside += ["--setenv", "HOME", str(home / "home"), "--setenv", "CANARY", CANARY, "--chdir", str(home / "course")]
    limits = 'ulimit -v 12000000; ulimit -f 4000000; exec "$@"'
    command = [*inside, "bash", "-c", limits, "-", sys.executable, "-m", "nbgrader", "autograde", lesson]
    try:
        with (home / "log").open("ab") as log:
            options = {"stdout": log, "stderr": log, "stdin": subprocess.DEVNULL, "env": environment(home / "course")}
            done = subprocess.run(command, timeout=WALL, **options)
    except subprocess.TimeoutExpired:
        return "hung"
    return "failed" if done.returncode else ""


def alone(attack, original: Path, home: Path) -> dict:
    """What stock nbgrader makes of one attack."""
    shutil.copytree(original, home)
    course = home / "course"
    configure(course)
    database = course / "gradebook.db"
    full = points(course, attack.lesson)[EARLY]
    places = {"COURSE": str(course), "ROOT": str(ROOT), "HOME": str(home / "home"), "PORT": "9", "SOCKET": "%nobody"}
    submit(attack, course / "submitted", places)
    end = autograde(home, attack.lesson)
    if attack.then:
        submit(attack, course / "submitted", places, second=True)
        end = autograde(home, attack.lesson) or end
    found = points(course, attack.lesson) if database.is_file() else {}
    mine = found.get(attack.name, {})
    result = {
        "unearned": sum(max(0, mine.get(e, 0) - attack.earns.get(e, 0)) for e in {*mine, *attack.earns}),
        "lost": sum(max(0, due - mine.get(e, 0)) for e, due in attack.earns.items()),
        "others": sum(found.get(name, {}) != full for name in (EARLY, LATE)),
        "leak": leak(course),
        "no grade": attack.name not in found,
        "end": end,
        "group": attack.group,
        "why": attack.why,
    }
    subprocess.run(["chmod", "-R", "u+rwX", str(home)], check=False, stderr=subprocess.DEVNULL)
    shutil.rmtree(home, ignore_errors=True)
    return result


def points(course, lesson) -> dict:
    """{student: {exercise: points}}; what waits for a person counts nothing. Nothing where the gradebook is lost."""
    try:
        _, scores = read_scores(course, lesson)
    except Exception as error:  # whatever an attack made of the database
        print(f"  the gradebook cannot be read: {type(error).__name__}", file=sys.stderr)
        return {}
    return {who: {e: 0 if p == WAITING else p or 0 for e, p in row.items()} for who, row in scores.items()}


def leak(course) -> bool:
    """Whether the canary stands in what was graded."""
    graded = [path for path in (course / "autograded").rglob("*") if path.is_file()]
    return any(CANARY.encode() in path.read_bytes() for path in graded)


def words(result: dict) -> str:
    """What came of an attack, in a line; "ok" where nothing did."""
    said = [f"{result[kind]:g} points {kind}" for kind in ("unearned", "lost") if result[kind]]
    said += [f"{result['others']} others changed"] if result["others"] else []
    said += ["the canary leaks"] if result["leak"] else []
    said += ["no grade"] if result["no grade"] else []
    said += {"hung": ["hangs"], "failed": ["the run fails"]}.get(result["end"], [])
    return ", ".join(said) or "ok"


def summary(found: dict) -> str:
    """How many submissions did what, as a table in Markdown: a row per group."""
    kinds = ("unearned", "lost", "others", "leak", "no grade", "hung", "failed")
    heads = ("got unearned points", "lost honest points", "changed others", "leaked", "no grade", "hung", "run failed")
    lines = [f"| group | submissions | {' | '.join(heads)} |", f"|---|{'---:|' * (len(heads) + 1)}"]
    for group in [*dict.fromkeys(r["group"] for r in found.values()), "all"]:
        rows = [r for r in found.values() if group in (r["group"], "all")]
        counts = [sum(bool(r.get(kind)) or r["end"] == kind for r in rows) for kind in kinds]
        lines.append(f"| {group} | {len(rows)} | {' | '.join(map(str, counts))} |")
    return "\n".join(lines)
