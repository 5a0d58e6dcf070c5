"""How long a check takes, in CPU time: `python benchmarks/checks.py`.

Three figures per exercise: a right answer, the slowest of the planted mistakes, and an answer that no mistake
explains, for which every single mistake and the capped number of pairs is tried. Budget: 5 ms right and 100 ms wrong,
five times that for an exercise that calls other functions of the course, mostly one for each step of a sequence.
Medians of several runs, because the machine is shared. Exit 1 when the budget is exceeded.
"""

import statistics
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from utils.checking.exercise import _compiled, called, planted
from utils.checking.exercises import find, known
from utils.checking.judge import judge
from utils.checking.message import message
from utils.prove import spoiled

BUDGET = (5.0, 100.0)
ON_OTHERS = (25.0, 500.0)


def cpu_ms(exercise, function, runs):
    """Median CPU time of one judgement and its message, in milliseconds."""
    taken = []
    for run in range(runs):
        _compiled.cache_clear()  # a learner's first wrong answer has to compile the mistakes
        start = time.process_time()
        message(judge(exercise, function, np.random.default_rng(run)))
        taken.append(1000 * (time.process_time() - start))
    return statistics.median(taken)


def measure(exercise) -> tuple[float, float, float]:
    """Right, slowest planted mistake, unexplained: milliseconds of CPU time."""
    right = cpu_ms(exercise, exercise.textbook, 9)
    slowest = max(cpu_ms(exercise, planted(exercise, (mistake,)), 3) for mistake in exercise.mistakes)

    def unexplained(*args, **kwargs):
        return spoiled(exercise.textbook(*args, **kwargs), lambda v: v * 1.01)

    return right, slowest, cpu_ms(exercise, unexplained, 5)


def main() -> int:
    """Print the table."""
    rows = {name: measure(find(name)) for name in known()}
    width = max(map(len, rows))
    print(f"{'CPU time in ms':<{width}}  {'right':>7}  {'mistake':>7}  {'unexplained':>11}")
    over = []
    for name, (right, wrong, unexplained) in rows.items():
        budget = ON_OTHERS if called(find(name).textbook) else BUDGET
        if right > budget[0] or max(wrong, unexplained) > budget[1]:
            over.append(name)
        print(f"{name:<{width}}  {right:>7.1f}  {wrong:>7.1f}  {unexplained:>11.1f}{'  over budget' * (name in over)}")
    print(f"Budget: {BUDGET} ms for a right and for a wrong answer, {ON_OTHERS} where it calls other functions.")
    return int(bool(over))


if __name__ == "__main__":
    sys.exit(main())
