"""`python -m utils course [LESSON]`: the whole line once, from lesson text to a table of grades, on a sample class.

Everything happens in build/course/LESSON/, a course of its own with its own gradebook, made anew on each run: stock
nbgrader, run as anybody would run it, on submissions composed from today's release. The scores are compared with
tests/sample_class/LESSON.
"""

import argparse
import csv
import json
import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from utils.checking.exercises import known
from utils.errors import CourseError
from utils.grading.sample import compose, read_answers, students
from utils.grading.scores import WAITING, compare, number, read_scores, table, words_missing
from utils.paths import did_you_mean, hold_lock, root
from utils.threads import ONE_THREAD

OURS = ("released_blank", "our_solution")  # must earn nothing, and everything
CONFIG = """# Written by `python -m utils course`: the course's own settings, in a folder and gradebook apart.
c = get_config()
load_subconfig({settings!r})
# The sample class is our own: stock nbgrader grades it, in the kernels that a student's own would be.
del c.Autograde.autograde_preprocessors
c.CourseDirectory.root = {root!r}
c.CourseDirectory.db_url = {gradebook!r}
# Several kernels start side by side, and they must be of this Python.
c.Execute.kernel_manager_class = "utils.authoring.kernel.ThisInterpreter"
# Nothing of a kernel is wanted once its last cell has run.
c.Execute.shutdown_kernel = "immediate"
"""


@contextmanager
def phase(label):
    """Print one line for a step, with its seconds."""
    print(f"{label} ... ", end="", flush=True)
    start = time.perf_counter()
    yield
    print(f"{time.perf_counter() - start:.1f} s", flush=True)


def make_course(home, lesson, sample):
    """Lay out a course in `home`: settings, a gradebook that knows the lesson, submissions. Returns the students.

    Besides the class, the release itself is handed in, and the solution: OURS. Raises CourseError where what is there
    cannot be replaced.
    """
    from utils.authoring.release import register

    try:
        if home.exists():
            shutil.rmtree(home)
        home.mkdir(parents=True)
    except OSError as error:
        raise CourseError(
            f"Could not make {home} anew ({error.strerror or error}); it may belong to somebody else: "
            "have it removed, then run this again."
        ) from error
    gradebook = f"sqlite:///{home / 'gradebook.db'}"
    settings = CONFIG.format(settings=str(root() / "nbgrader_config.py"), root=str(home), gradebook=gradebook)
    (home / "nbgrader_config.py").write_text(settings, encoding="utf-8")
    register(lesson, gradebook)
    released = root() / "notebooks" / lesson

    def desk(name):
        target = home / "submitted" / name / lesson
        target.mkdir(parents=True)
        if (released / "figures").is_dir():
            shutil.copytree(released / "figures", target / "figures")
        return target

    for student in students(sample):
        target = desk(student.name)
        for text in sorted(student.glob("*.py")):
            submit(text, released, target)
    for name, folder in zip(OURS, ("notebooks", "solutions"), strict=True):
        target = desk(name)
        for notebook in sorted((root() / folder / lesson).glob("*.ipynb")):
            shutil.copyfile(notebook, target / notebook.name)
    return [*OURS, *(student.name for student in students(sample))]


def submit(text, released, target):
    """Write the submission that one text describes into the folder `target`."""
    where = f"{text.parent.name}/{text.name}"
    notebook = released / f"{text.stem}.ipynb"
    if not notebook.is_file():
        raise CourseError(
            f"{where} answers a notebook that {released} does not hold: rename it after one that is there."
        )
    answers, structure = read_answers(text)
    submission = compose(json.loads(notebook.read_text(encoding="utf-8")), answers, structure, where)
    (target / notebook.name).write_text(json.dumps(submission, indent=1, ensure_ascii=False), encoding="utf-8")


def environment(home):
    """The environment for nbgrader: this interpreter's tools first, and nobody's own Jupyter or IPython settings."""
    apart = {"JUPYTER_CONFIG_DIR": str(home / "jupyter"), "IPYTHONDIR": str(home / "ipython")}
    return os.environ | apart | ONE_THREAD


def nbgrader(home, command, lesson, names, workers):
    """Run one stock nbgrader command for all students, several processes at a time. Raises CourseError if it fails."""
    groups = [group for group in (names[i::workers] for i in range(workers)) if group]
    with ThreadPoolExecutor(len(groups)) as pool:
        runs = list(
            pool.map(lambda group: nbgrader_once(home, command, lesson, sorted(set(names) - set(group))), groups)
        )
    log = home / f"{command}.log"
    log.write_text("\n".join(run.stdout for run in runs), encoding="utf-8")
    if any(run.returncode for run in runs):
        raise CourseError(f"nbgrader {command} failed: its own words are in {os.path.relpath(log, root())}.")


def nbgrader_once(home, command, lesson, others):
    """One nbgrader process, for every student but `others`; it shares the lock that is held, and may outlive us."""
    arguments = [
        sys.executable,
        "-m",
        "nbgrader",
        command,
        lesson,
        f"--CourseDirectory.student_id_exclude={','.join(others)}",
    ]
    return subprocess.run(
        arguments,
        cwd=home,
        env=environment(home),
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        close_fds=False,
    )


def collect_feedback(home, lesson):
    """Put every feedback page into one folder: feedback/STUDENT-NOTEBOOK.html. Returns the pages."""
    nested = home / "feedback"
    pages = sorted(nested.glob(f"*/{lesson}/*.html"))
    flat = []
    for page in pages:
        flat.append(nested / f"{page.parent.parent.name}-{page.name}")
        os.replace(page, flat[-1])
    for folder in nested.iterdir():
        if folder.is_dir():
            shutil.rmtree(folder)
    return flat


def run(home, lesson, sample, workers):
    """The whole line. Returns the list of differences from what is written in the sample class's CSV files."""
    from utils.authoring.build import build

    print("Building what has changed", flush=True)
    build([lesson], to_gradebook=False, say=lambda line: line.endswith("unchanged") or print(f"  {line}", flush=True))
    with phase("Composing the submissions of the sample class"):
        names = make_course(home, lesson, sample)
    with phase(f"Grading {len(names)} students with nbgrader, {workers} at a time"):
        nbgrader(home, "autograde", lesson, names, workers)
    with phase("Writing their feedback"):
        nbgrader(home, "generate_feedback", lesson, names, workers)
        pages = collect_feedback(home, lesson)
    exercises, scores = read_scores(home, lesson)
    print(f"\n{table(exercises, scores)}\n")
    if any(WAITING in row.values() for row in scores.values()):
        print(f"{WAITING} waits for a person and is not in the total yet: an answer in words, or a lost check cell.")
    of_class = {name: row for name, row in scores.items() if name not in OURS}
    faults = compare(sample / "expected_scores.csv", exercises, of_class) + ours_wrong(exercises, scores)
    return faults + words_missing(sample / "expected_words.csv", pages)


def find_lesson(classes, query):
    """The lesson that has a sample class and that `query` names: 01 or 01_rnn_cell. Raises CourseError if none does."""
    lessons = sorted(path.name for path in classes.iterdir() if path.is_dir()) if classes.is_dir() else []
    wanted = query.strip("/")
    found = [name for name in lessons if wanted in (name, name.partition("_")[0]) or wanted.zfill(2) == name[:2]]
    if not found:
        raise CourseError(
            f"There is no sample class for {query}{did_you_mean(wanted, lessons)}; "
            f"the lessons that have one are {', '.join(lessons) or 'none: restore tests/sample_class'}."
        )
    return found[0]


def page_to_read(sample):
    """A feedback page on which a mistake is named: the first of expected_words.csv."""
    with (sample / "expected_words.csv").open(encoding="utf-8", newline="") as file:
        named = [row for row in csv.DictReader(file) if row["words"].startswith("Likely cause")]
    return f"{named[0]['student']}-{named[0]['notebook']}.html"


def ours_wrong(exercises, scores):
    """A sentence for each score of the blank release that is not 0, and of the solution that is not the full points.

    The solution's written answers wait for a person.
    """
    blank, solved = ({name: scores.get(who, {}).get(name, "nothing") for name in exercises} for who in OURS)
    faults = [f"{OURS[0]}, {name}: 0 expected, {number(came)} came." for name, came in blank.items() if came != 0]
    for name, points in exercises.items():
        full = points if name in known() else WAITING
        if solved[name] != full:
            faults.append(f"{OURS[1]}, {name}: {number(full)} expected, {number(solved[name])} came.")
    return faults


def main(arguments):
    """Command line. Returns 0 if every score and every word of feedback is as expected."""
    parser = argparse.ArgumentParser(
        prog="python -m utils course", description="Build what changed, grade the sample class of a lesson."
    )
    parser.add_argument("lesson", nargs="?", default="01", metavar="LESSON", help="01 if none is named")
    parser.add_argument(
        "--workers", type=int, default=min(4, os.cpu_count() or 1), help="nbgrader processes side by side"
    )
    options = parser.parse_args(arguments)
    if options.workers < 1:
        raise CourseError(f"--workers must be 1 or more, got {options.workers}.")
    classes = root() / "tests" / "sample_class"
    lesson = find_lesson(classes, options.lesson)
    home, sample = root() / "build" / "course" / lesson, classes / lesson
    with hold_lock(root() / "build" / f"course-{lesson}.lock", "course"):
        faults = run(home, lesson, sample, options.workers)
    where = home.relative_to(root())
    if faults:
        print(
            f"{len(faults)} differences from what {sample.relative_to(root())} expects:",
            *faults,
            sep="\n  ",
            file=sys.stderr,
        )
        print(f"See the feedback pages in {where}/feedback/ and nbgrader's logs in {where}/.", file=sys.stderr)
        return 1
    page = where / "feedback" / page_to_read(sample)
    print(f"Every score is as expected. Next: open {page} to see what a learner reads,")
    print("`make lab` to do the lesson yourself, or solutions/ to see how it is made.")
    return 0
