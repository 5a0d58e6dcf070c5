"""How fast `python -m utils grade` is beside stock `nbgrader autograde`, and whether it stays so for a large class.

The same small class, copied under other names, is handed in to both: two right, one half done, two wrong. Whole
processes are timed, from start to end: their start is shared out over the class. Stock stands between two runs of ours,
so that other work on the machine slows both. Stock nbgrader has its own defaults, grades one submission after another,
and runs every cell; so the class is graded once as the lesson is released, and once with its demo cells taken out (they
train and draw, and we never run them): what is left is what grading itself costs.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from utils.authoring.release import register
from utils.grading.course import environment, submit
from utils.paths import root

CLASS = {
    "01_rnn_cell": ("amara_okafor", "bjorn_lindqvist", "diego_fernandez", "hana_sato", "kavya_raman"),
    "07_lstm": ("tane_rewiti", "tane_rewiti", "marisol_vega", "nandini_iyer", "kofi_asante"),
}
TURNS = ("ours", "stock", "ours")
# submissions a turn; as released stock takes about 20 s for one of lesson 01, so five must do
PER_TURN = {"bare": {"stock": 20, "ours": 50}, "released": {"stock": 5, "ours": 25}}
SIZES = (10, 100, 1000)
QUICK = {
    "lessons": ("01_rnn_cell",),
    "turns": ("stock", "ours"),
    "per_turn": {"bare": {"stock": 1, "ours": 2}},
    "sizes": (5,),
}
GLANCE = 0.05  # seconds between two looks at the memory of a run
STOCK = """# stock nbgrader: nothing but where things lie
c = get_config()
c.CourseDirectory.root = {home!r}
c.CourseDirectory.db_url = {gradebook!r}
"""


def make_course(home: Path, lesson: str, form: str, count: int) -> None:
    """A course in which so many have handed in the lesson. form: "released", or "bare", without its demo cells."""
    home.mkdir()
    gradebook = f"sqlite:///{home / 'gradebook.db'}"
    (home / "nbgrader_config.py").write_text(STOCK.format(home=str(home), gradebook=gradebook), encoding="utf-8")
    register(lesson, gradebook)
    for number in range(count):
        name = CLASS[lesson][number % len(CLASS[lesson])]
        target = home / "submitted" / f"{number:04}-{name}" / lesson
        target.mkdir(parents=True)
        for text in sorted((root() / "tests" / "sample_class" / lesson / name).glob("*.py")):
            submit(text, root() / "notebooks" / lesson, target)
        if form == "bare":
            for path in target.glob("*.ipynb"):
                path.write_text(json.dumps(without_demos(json.loads(path.read_text(encoding="utf-8")))), "utf-8")


def without_demos(notebook: dict) -> dict:
    """The notebook without the cells that only show something."""
    cells = [cell for cell in notebook["cells"] if "demo" not in cell["metadata"].get("tags", ())]
    return notebook | {"cells": cells}


def command(who: str, home: Path, lesson: str) -> list[str]:
    """What grades the course in `home`."""
    if who == "stock":
        return [sys.executable, "-m", "nbgrader", "autograde", lesson]
    return [sys.executable, "-m", "utils", "grade", lesson, "--course", str(home)]


def grade(who: str, lesson: str, form: str, count: int) -> dict:
    """Grade a new course once. {"submissions", "seconds", "driver_mb", "worker_mb"}; RuntimeError where it failed."""
    print(f"grading {count} × {lesson}, {form}, {who} ... ", end="", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        home, log = Path(scratch, "course"), Path(scratch, "log")
        make_course(home, lesson, form, count)
        tools = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))
        with log.open("wb") as output:
            start = time.perf_counter()
            process = subprocess.Popen(
                command(who, home, lesson),
                cwd=home if who == "stock" else root(),
                env=environment(home) | {"PATH": tools},
                stdout=output,
                stderr=subprocess.STDOUT,
            )
            try:
                driver, worker = highest_memory(process)
            finally:
                process.kill()  # nothing, unless we were interrupted
            seconds = time.perf_counter() - start
        graded = len(list((home / "autograded").glob(f"*/{lesson}")))
        if process.returncode or graded != count:
            end = log.read_text(encoding="utf-8", errors="replace")[-2000:]
            raise RuntimeError(f"{who} graded {graded} of {count}, exit code {process.returncode}:\n{end}")
    print(f"{seconds:.1f} s", file=sys.stderr, flush=True)
    return {"submissions": count, "seconds": seconds, "driver_mb": driver, "worker_mb": worker}


def highest_memory(process) -> tuple[float, float]:
    """Wait for a process. Returns the most memory that it held itself, and the largest of its children, in MB."""
    driver, worker = 0.0, 0.0
    while process.poll() is None:
        driver = max(driver, high_water(process.pid))
        with suppress(OSError):
            children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
            worker = max([worker, *map(high_water, children)])
        time.sleep(GLANCE)
    return driver, worker


def high_water(pid) -> float:
    """The most memory that a process has held so far, in MB; 0 where it has ended."""
    with suppress(OSError):
        found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
        return int(found[1]) / 1024 if found else 0.0
    return 0.0


def each(runs: list[dict]) -> float:
    """Seconds per submission, of several runs together."""
    return sum(run["seconds"] for run in runs) / sum(run["submissions"] for run in runs)


def beside_stock(lesson: str, form: str, turns=TURNS, per_turn=PER_TURN) -> dict:
    """{"stock": seconds per submission, "ours": the same}."""
    runs = {"stock": [], "ours": []}
    for who in turns:
        runs[who].append(grade(who, lesson, form, per_turn[form][who]))
    return {who: each(found) for who, found in runs.items()}


def figures(seconds: dict, line: dict, cores: int) -> dict:
    """What is stored. seconds: {lesson: {form: what beside_stock returns}}; line: {submissions: a run of ours}."""
    names = {"released": "throughput_over_stock_nbgrader", "bare": "overhead_over_stock_nbgrader"}
    largest = max(line)
    ratios = {
        lesson: {names[form]: both["stock"] / both["ours"] for form, both in forms.items()}
        for lesson, forms in seconds.items()
    }
    return {
        "cores": cores,
        "lessons": {lesson: found | {"seconds": seconds[lesson]} for lesson, found in ratios.items()},
        "seconds_per_submission": {str(size): each([run]) for size, run in line.items()},
        f"driver_peak_mb_at_{largest}": line[largest]["driver_mb"],
        f"worker_peak_mb_at_{largest}": line[largest]["worker_mb"],
    }


def measure(lessons=tuple(CLASS), turns=TURNS, per_turn=PER_TURN, sizes=SIZES) -> dict:
    """Everything; about a quarter of an hour on two cores. The line is that of the first lesson, as released."""
    grade("ours", lessons[0], "released", 1)  # the sandbox's package is built once
    seconds = {lesson: {form: beside_stock(lesson, form, turns, per_turn) for form in per_turn} for lesson in lessons}
    line = {size: grade("ours", lessons[0], "released", size) for size in sizes}
    return figures(seconds, line, len(os.sched_getaffinity(0)))
