"""`python -m utils grade [LESSON…]`: grade what lies in submitted/, trusting nothing that comes from there.

This process never touches what a student wrote: others look at it (pool.py) and send reports; this one, alone, writes
the gradebook and autograded/. Whatever stops it, `--resume` continues.
"""

import argparse
import contextlib
import functools
import itertools
import json
import os
import sys
from pathlib import Path

from utils.checking.exercises import expect_installed
from utils.errors import CourseError
from utils.paths import did_you_mean, hold_lock, root

from . import pool
from .autograded import put_away, tidy
from .folder import Course, FirstSeen, settings
from .journal import Journal
from .record import Book
from .report import MISSING, REVIEW, Report
from .results import collect, in_words
from .sandbox import obstacle

UNSAFE = "Without a sandbox whoever handed in a notebook can read and change whatever you can on this machine"


def grade(
    home: Path,
    lessons=(),
    students=(),
    workers=None,
    seed=None,
    resume=False,
    unsafe=False,
    known=None,
    db=None,
    scheduler=None,
    say=print,
) -> dict:
    """Grade and record. Returns the results as in results.json. CourseError where nothing can be done.

    students: ids, all if there are none, or a function that picks from all. known: nbgrader's settings and the
    gradebook's address, where they are known already. db: another address, which comes before that. scheduler: the
    address of a Dask cluster that judges in our place.
    """
    course = Course(home)
    if not unsafe and scheduler is None and (reason := obstacle()):
        raise CourseError(f"{reason[0].upper()}{reason[1:]}. {UNSAFE}; for your own work type --unsafe in full.")
    config, db_url = known or settings(course.home)
    with (
        hold_lock(course.home / "grading" / "lock", "grade"),
        judges(scheduler, workers, unsafe, say) as look_at_all,
        Book(course.home, db or db_url, config) as book,
    ):
        book.keep_others_out()
        tidy(course.home)
        everyone, seen = everybody(course, book, say), FirstSeen(course)
        journal = open_journal(course, book, everyone, lessons, students, seed, resume, say)
        for lesson in journal.manifest["lessons"]:
            expect_installed(lesson.partition("_")[0])
        with stopped():
            book.backup()
            book.ensure_students(course.roster())
            reports = look_at_all(list(tasks(course, journal)), journal.manifest["seed"])
            for report in progress(not_handed_in(course, journal), reports, journal):
                seen.stamp(report)
                book.write(report)  # first the scores, then the notebooks; killed in between, both are done again
                put_away(course.home, report)
                journal.add(report)
            results = collect(course.home, book, journal, everyone)
            journal.end()
    return results


def judges(scheduler, workers, unsafe, say):
    """A context with what looks at submissions: (tasks, seed) -> reports, by processes of this machine or a cluster."""
    if scheduler is not None:
        from .cluster import joined  # which takes Dask, an extra

        return joined(scheduler, unsafe, say)
    how = {"workers": workers or default(), "unsafe": unsafe}
    return contextlib.nullcontext(functools.partial(pool.look_at_all, **how))


def default() -> int:
    """As many processes as there are cores."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def open_journal(course, book, everyone, lessons, students, seed, resume, say) -> Journal:
    """The run that was stopped, or a new one."""
    last = Journal.last(course.home)
    students = students(everyone) if callable(students) else students
    for student in students:
        if student not in everyone:
            raise CourseError(f"There is no student {student}{did_you_mean(student, everyone)}.")
    if resume and last:
        if last.manifest.get("gradebook", book.where) != book.where:
            raise CourseError(
                f"The run {last.manifest['run']}, which was stopped, wrote to {last.manifest['gradebook']}, not to "
                f"{book.where}: name that one with --db to continue it, or leave out --resume to begin a new one."
            )
        chosen = pick_lessons(course, book, lessons, everyone, say) if lessons else ()
        return last.resume(seed=seed, lessons=chosen, students=sorted(students))
    if resume:
        say("No run was stopped: this one is new.")
    elif last:
        say(f"The run {last.manifest['run']} was stopped before its end; this one is new (--resume would continue it).")
    students = sorted(set(students)) or everyone
    return Journal.begin(
        course.home, seed, pick_lessons(course, book, lessons, everyone, say), students, gradebook=book.where
    )


def everybody(course, book, say) -> list[str]:
    """The roster; without one, whoever handed in anything or is in the gradebook."""
    roster = {row["id"].strip() for row in course.roster()}
    everyone = roster or {*course.folders(), *book.students()}
    why = "is nobody's on the roster" if roster else "is no folder, or has a name that no student can have"
    for name in sorted({*course.entries()} - everyone):
        say(f"submitted/{name!r} {why}, and is left out.")
    return sorted(everyone)


def pick_lessons(course, book, wanted, students, say) -> list[str]:
    """The lessons that are named, or all of which anything was handed in. CourseError where there is none."""
    known, chosen = book.lessons(), []
    released = sorted(path.name for path in (root() / "notebooks").glob("[0-9][0-9]_*"))
    handed_in = {lesson: sum(course.has(student, lesson) for student in students) for lesson in released}
    for query in wanted:
        name = query.strip("/")
        found = [n for n in released if name in (n, n.partition("_")[0]) or name.zfill(2) == n[:2]]
        if not found:
            raise CourseError(f"There is no lesson {query}{did_you_mean(name, released)}.")
        if found[0] not in known:
            raise CourseError(f"{found[0]} {never_released(course, book, found[0])}.")
        chosen.append(found[0])
    for lesson, number in handed_in.items():
        if not wanted and number and lesson not in known:
            say(f"{lesson} is left out, though {number} handed it in: it {never_released(course, book, lesson)}.")
    chosen = list(dict.fromkeys(chosen)) or [n for n in released if n in known and handed_in[n]]
    if not any(handed_in[lesson] for lesson in chosen):
        what = ", ".join(chosen) or "any lesson that the gradebook knows"
        raise CourseError(
            f"{course.home / 'submitted'} holds nothing for {what}: put what was handed in there, as "
            "submitted/STUDENT/LESSON/NOTEBOOK.ipynb."
        )
    return chosen


def never_released(course, book, lesson) -> str:
    """What to say of a lesson that this gradebook does not know."""
    what = lesson if course.home == root() else f"{lesson} --course {course.home}"
    what += "" if book.where.endswith("gradebook.db") else f" --db {book.where}"
    return f"was never released to this gradebook: `python -m utils release {what}` does that"


def pairs(journal):
    """Whom and what this run looks at."""
    return ((student, lesson) for lesson in journal.manifest["lessons"] for student in journal.manifest["students"])


def tasks(course, journal):
    """(student, lesson, folder, digest of what was graded before this run was stopped) of what was handed in."""
    for student, lesson in pairs(journal):
        if course.has(student, lesson):
            folder = course.home / "submitted" / student / lesson
            yield student, lesson, folder, journal.done.get((lesson, student), {}).get("digest", "")


def not_handed_in(course, journal):
    """Reports on those of whom nothing lies there, unless that is known."""
    for student, lesson in pairs(journal):
        if not course.has(student, lesson):
            known = journal.done.get((lesson, student), {}).get("status") == MISSING
            yield None if known else Report(student, lesson, MISSING, reason=astray(course, student))


def astray(course, student) -> str:
    """What a student put where no lesson's folder is, in a sentence; "" where there is nothing of that kind."""
    lessons = {path.name for path in (root() / "notebooks").iterdir()}
    names = [repr(name[:60]) for name in course.inside(student) if name not in lessons]
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return f"submitted/{student} holds {', '.join(names[:3])}{more}, which is no lesson's folder." if names else ""


def progress(missing, reports, journal):
    """All reports that are new, with a bar and an estimate where somebody is watching."""
    from tqdm import tqdm

    of = len(journal.manifest["lessons"]) * len(journal.manifest["students"])
    with tqdm(total=of, unit="submission", disable=None, file=sys.stderr) as bar:
        for report in itertools.chain(missing, reports):
            if report is not None:
                yield report
            bar.update()


@contextlib.contextmanager
def stopped():
    """What the disk or the gradebook refuses in this block stops a run that can be continued."""
    try:
        yield
    except (CourseError, OSError) as error:
        why = str(error).rstrip(".")
        raise Stopped(f"{why}. Then `python -m utils grade --resume` goes on after what is done.") from error


class Stopped(CourseError):
    """The run cannot go on, and can be continued."""


class _Parser(argparse.ArgumentParser):
    """Usage errors have the exit code 1 here; 2 says that a person must look at a submission."""

    def error(self, message):
        self.print_usage(sys.stderr)
        self.exit(1, f"{self.prog}: {message}\n")


def parser() -> argparse.ArgumentParser:
    """The command line."""
    it = _Parser(prog="python -m utils grade", description="Grade what lies in submitted/.", allow_abbrev=False)
    it.add_argument("lessons", nargs="*", metavar="LESSON", help="01 or 01_rnn_cell; all that were handed in if none")
    it.add_argument("--course", type=Path, help="the folder with submitted/ and gradebook.db, if it is not this one")
    it.add_argument("--db", metavar="URL", help="the gradebook, if it is not the course's own; see README")
    it.add_argument("--student", nargs="+", default=[], metavar="S", dest="students", help="only these students")
    it.add_argument("--workers", type=int, help="processes side by side; as many as there are cores if not given")
    it.add_argument("--scheduler", metavar="ADDRESS", help="of a Dask cluster that judges: tcp://HOST:8786")
    it.add_argument("--seed", type=int, help="seed of the cases; drawn if not given, and written to the results")
    it.add_argument("--json", action="store_true", help="print the results as JSON instead of a table")
    it.add_argument("--resume", action="store_true", help="continue the run that was stopped")
    it.add_argument("--unsafe", action="store_true", help="without a sandbox: only for work that is your own")
    return it


def main(arguments) -> int:
    """Command line. 0: all graded, 1: usage, 2: something of ours failed and a person must look."""
    options = parser().parse_args(arguments)
    if options.workers is not None and options.workers < 1 or (options.seed or 0) < 0:
        raise CourseError("--workers must be 1 or more, and --seed not negative.")
    if options.workers and options.scheduler is not None:
        raise CourseError("--workers is for this machine; a cluster has those that were started for it.")
    # nbgrader brings in a grammar of addresses that nobody asks here; building it takes two seconds
    sys.modules.setdefault("rfc3987_syntax", None)
    given = vars(options)
    as_json, home = given.pop("json"), given.pop("course") or root()
    try:
        results = grade(home, say=lambda line: print(line, file=sys.stderr), **given)
    except Stopped as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Interrupted: `python -m utils grade --resume` goes on after what is done.", file=sys.stderr)
        return 130
    lessons = graded_now(results, home)
    print(json.dumps(results, indent=1, ensure_ascii=False) if as_json else in_words(results, lessons))
    if not as_json:
        print(f"\nThe same is in {home / 'grading'}: results.csv and results.json. Seed {results['seed']}.")
    left = any(line["status"] == REVIEW for n in lessons for line in results["lessons"][n]["students"].values())
    return 2 if left else 0


def graded_now(results, home) -> list[str]:
    """The lessons of the run that has just ended."""
    manifest = home / "grading" / "runs" / results["run"] / "manifest.json"
    return json.loads(manifest.read_text(encoding="utf-8"))["lessons"]
