"""`python -m tests.hostile [--quick] [--kills N] [--only NAME…] [--keep DIR]`: grade all attacks, count the damage.

`--stock FILE` runs stock nbgrader on each of them instead, in isolation, and writes what came of it to FILE.
"""

import argparse
import contextlib
import copy
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.attacks import OURS, STOCK, keep
from utils.cli import tools_first

from . import attacks, holds
from .class_ import MARKED, NOBODY, SAMPLE, Course
from .desk import ONE
from .tally import Tally, expected_of

SEED = 7
SMALL = ("structure-points", "oddities-warnings", "values-nan", "liveness-os-exit-called", "structure-fifo")
MOST_MB = {"driver": 500, "processes that judge": 1500}
MOST_SECONDS = 60  # for a submission on average, hanging ones included
SLOW = ("channel-heavy-lent", "liveness-slow-cells", "liveness-loop-ignoring", "channel-slow")
MOST_ALONE = 150  # seconds for one of these


def say(words) -> None:
    """A line about what is going on."""
    print(words, flush=True)


def reversed_name(name: str) -> str:
    """A name by which the class stands in the opposite order."""
    return "".join(chr(ord("a") + ord("z") - ord(letter)) if "a" <= letter <= "z" else letter for letter in name)


def main_run(place, table, few, tally):
    """The class alone, then with everybody, then what is handed in twice. Returns what the class got alone."""
    lessons = {attack.lesson for attack in table} | {ONE}
    with Course(place, lessons, few) as course:
        mounts, since = Path("/proc/mounts").read_text(), time.time() - 1
        say(f"The class alone: {len(course.honest)} honest students, {len(lessons)} lessons")
        graded(course, tally, workers=1)
        alone = course.statuses()
        tally.holds("1 one status each", holds.one_status_each(course, pairs(course)))
        for lesson in course.lessons:
            if (SAMPLE / lesson).is_dir():
                tally.below(alone, expected_of(SAMPLE, lesson, course.honest))
        unmarked = copy.deepcopy(honest(course, alone))
        marked = (ONE, MARKED[0]) in alone and not any(tally.broken)
        if marked:
            holds.mark(course)
            alone[ONE, MARKED[0]]["scores"][MARKED[2]] = MARKED[3]
        for attack in table:
            course.submit(attack)
        before = holds.untouched(course)
        say(f"Everybody: {len(table)} submissions more")
        graded(course, tally, most=MOST_SECONDS * (len(table) + 10))
        tally.holds("5 nothing else touched", holds.differences(before, holds.untouched(course)))
        tally.same(honest(course, alone), honest(course, course.statuses()), "with hostile submissions beside it")
        first = course.statuses()
        twice = [attack for attack in table if attack.then]
        for attack in twice:
            course.submit(attack, second=True)
        if twice:
            say(f"A second time: {len(twice)} submissions")
            rows = holds.gradebook(course)
            graded(course, tally, "--student", *(attack.name for attack in twice), lessons=[ONE])
            names = {attack.name for attack in twice}
            moved = [
                key for key, row in holds.gradebook(course).items() if key[1] not in names and rows.get(key) != row
            ]
            tally.holds("6 only graded rows", (f"{key} changed, though it was not graded" for key in moved))
        for attack in (attack for attack in table if attack.name in SLOW):
            say(f"{attack.name} alone")
            graded(course, tally, "--student", attack.name, lessons=[attack.lesson], most=MOST_ALONE)
        entries = first | {key: entry for key, entry in course.statuses().items()}
        for attack in table:
            tally.judge(attack, entries.get((attack.lesson, attack.name)))
        tally.holds("1 one status each", holds.one_status_each(course, pairs(course, table)))
        tally.holds("6 only graded rows", holds.sound(course, marked))
        tally.holds("7 nothing left", holds.left_behind(course, mounts, since))
        tally.holds("8 no leak", holds.leaked(course))
        large = [
            f"{who}: {mb:.0f} MB, more than {MOST_MB[who]}" for who, mb in course.peaks.items() if mb > MOST_MB[who]
        ]
        tally.holds("9 bounded", large)
        return unmarked, {key: entry for key, entry in first.items() if key not in alone}


def pairs(course, table=()):
    """Everybody who must have a status."""
    found = [(lesson, NOBODY) for lesson in course.lessons]
    there = [(folder.name, folder.parent.name) for folder in course.folder.glob("submitted/*/*")]
    found += [pair for pair in there if pair[0] in course.lessons]
    return found + [(attack.lesson, attack.name) for attack in table]


def honest(course, entries):
    """The entries of the honest class, by the names of the sample class."""
    return {(lesson, course.honest[name]): entry for (lesson, name), entry in entries.items() if name in course.honest}


def graded(course, tally, *arguments, most=3600, **options):
    """Grade; what does not end well is an invariant broken."""
    code, seconds = course.grade(*arguments, seed=SEED, **options)
    say(f"  graded in {seconds:.0f} s")
    if code:
        tally.holds("0 the run ends", [f"exit code {code}; the last words were {course.last_words()[-600:]!r}"])
    if seconds > most:
        tally.holds("9 bounded", [f"it took {seconds:.0f} s, more than {most}"])


def other_order(place, table, few, tally, before):
    """The class under other names, in the opposite order, with other neighbours: the same points, seed for seed."""
    table = [attack for attack in table if attack.quick and not attack.then and attack.group in ("values", "channel")]
    lessons = {attack.lesson for attack in table} | {ONE}
    with Course(place, lessons, few, rename=reversed_name) as course:
        for attack in table:
            course.submit(attack)
        say(f"In the opposite order: {len(table)} submissions beside the class")
        graded(course, tally)
        wanted, theirs = before
        # who is in the class of another lesson is not on this course's roster
        here = {key: entry for key, entry in wanted.items() if key[0] in lessons and entry["status"] != "missing"}
        tally.same(here, honest(course, course.statuses()), "in another order")
        found = {(a.lesson, a.name): theirs[a.lesson, a.name] for a in table if (a.lesson, a.name) in theirs}
        later = Tally()
        later.same(found, course.statuses(), "with the same seed")
        tally.holds("4 same seed, same scores", later.changed)


def killed(place, table, kills, tally):
    """Kill the grader again and again at random moments, and resume: in the end the gradebook is the same."""
    draw = random.Random(SEED)
    with Course(place, {ONE}, few=True) as course:
        since, mounts = time.time() - 1, Path("/proc/mounts").read_text()
        for attack in table:
            if attack.name in SMALL:
                course.submit(attack)
        empty = (course.folder / "gradebook.db").read_bytes()
        _, whole = course.grade(seed=SEED)
        rows, results = holds.gradebook(course), course.statuses()
        say(f"{kills} times SIGKILL at a random moment of {whole:.1f} s, then resumed")
        done, ends = 0, 0
        anew(course, empty)
        while done < kills:
            process = course.start("--resume", seed=SEED)
            with contextlib.suppress(Exception):
                process.wait(draw.uniform(0.1, whole))
            if process.poll() is None:
                process.kill()
                process.wait()
                done += 1
            else:
                ends += 1
                compare(course, rows, results, tally, f"after {done} kills")
                anew(course, empty)
        course.grade("--resume", seed=SEED)
        compare(course, rows, results, tally, f"after {done} kills")
        say(f"  {ends + 1} runs came to their end in between")
        tally.holds("7 nothing left", holds.left_behind(course, mounts, since))


def anew(course, empty):
    """As if nothing had been graded yet."""
    for path in course.folder.glob("gradebook.db*"):
        path.unlink()
    course.forget()
    (course.folder / "gradebook.db").write_bytes(empty)


def compare(course, rows, results, tally, when):
    """Whether gradebook and results are those of a run that nobody killed."""
    now = holds.gradebook(course)
    changed = [key for key in sorted(rows.keys() | now.keys()) if rows.get(key) != now.get(key)]
    faults = [f"{when}: {key} is {now.get(key)}, not {rows.get(key)}" for key in changed]
    entries = course.statuses()
    faults += [
        f"{when}: {key} differs in results.json" for key in results if told(entries.get(key)) != told(results[key])
    ]
    tally.holds("10 kill and resume", faults)


def told(entry):
    """Of an entry, what must be the same after a kill."""
    return entry and (entry["status"], entry["scores"], entry["total"])


def run(options, place) -> Tally:
    """Everything, in `place`."""
    table, tally = attacks(options.quick, options.only), Tally()
    before = main_run(place / "main", table, options.quick, tally)
    if not options.only:
        other_order(place / "order", table, options.quick, tally, before)
    if options.kills:
        killed(place / "kills", attacks(), options.kills, tally)
    return tally


def main(argv) -> int:
    """Print a table, every discrepancy, and the line that everything comes down to."""
    parser = argparse.ArgumentParser(prog="python -m tests.hostile", description="grade submissions that cheat")
    parser.add_argument("--quick", action="store_true", help="the quick ones, in three minutes")
    parser.add_argument("--only", nargs="+", default=(), metavar="NAME", help="those whose names begin like this")
    parser.add_argument("--kills", type=int, metavar="N", help="kills of the grader: 25, or 3 with --quick")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="work in this folder, and leave it there")
    parser.add_argument("--write", action="store_true", help="put the counts into benchmarks/RESULTS.md")
    parser.add_argument("--stock", type=Path, metavar="FILE", help="what stock nbgrader makes of them, as JSON")
    options = parser.parse_args(argv)
    tools_first()
    if options.stock:
        from .stock import main as stock

        found = stock(options.stock, attacks(options.quick, options.only))
        if options.write:
            keep(STOCK, found)
        return 0
    if options.kills is None:
        options.kills = 0 if options.only else 3 if options.quick else 25
    place = options.keep or Path(tempfile.mkdtemp(prefix="hostile-"))
    place.mkdir(parents=True, exist_ok=True)
    try:
        tally = run(options, place)
    finally:
        if not options.keep:
            shutil.rmtree(place, ignore_errors=True)
    if options.write:
        keep(OURS, tally.kept(options.kills))
    say("\n".join([tally.table(), "", *tally.told()]))
    say(tally.last_line())
    return 0 if tally.ok else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
