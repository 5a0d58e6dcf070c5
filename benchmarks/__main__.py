"""`make bench`: measure, then write benchmarks/results.json and benchmarks/RESULTS.md.

Every figure is a ratio of two things that ran side by side. `python -m benchmarks grading` measures only that part; the
figures of the others stay. `--quick` leaves out what takes long and writes nothing.
"""

import argparse
import json
import platform
import sys
from pathlib import Path

import numpy as np

from . import report

HERE = Path(__file__).parent


def cpu():
    """The name of the processor."""
    return next(
        (line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")),
        platform.processor() or platform.machine(),
    )


def machine():
    """What the figures depend on."""
    import torch

    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    return {
        "cpu": cpu(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "blas": f"{blas['name']} {blas['version']}",
        "torch": torch.__version__,
    }


def _lines(path):
    try:
        return Path(path).read_text(encoding="utf-8").splitlines()
    except OSError:
        return []


def maths(quick):
    """The mathematics beside PyTorch and the textbook."""
    from .maths import SHAPES, measure
    from .through_time import cost_against_length, sampling

    found = {"machine": machine(), "maths": measure(("tiny", "small") if quick else tuple(SHAPES))}
    return found | {"through_time": cost_against_length(), "sampling": sampling()}


def grading(quick):
    """Our grading beside stock nbgrader's."""
    from .grading import QUICK, measure

    return {"grading": {"cpu": cpu()} | measure(**(QUICK if quick else {}))}


def gpu(quick):
    """Layers and training on a card, where there is one."""
    from . import gpu as part

    device, why = part.card()
    if why:
        print(why)
        return {}
    return {"gpu": part.measured(tuple(part.PARTS), device, quick, None)}


PARTS = {"maths": maths, "grading": grading, "gpu": gpu}


def main(arguments=None):
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{' or '.join(PARTS)}; all if none is named")
    parser.add_argument("--quick", action="store_true", help="little of everything; nothing is written")
    options = parser.parse_args(arguments)
    if unknown := sorted(set(options.parts) - set(PARTS)):
        parser.error(f"there is no part {unknown[0]}; the parts are {', '.join(PARTS)}.")
    path = HERE / "results.json"
    results = json.loads(path.read_text(encoding="utf-8")) if path.exists() and not options.quick else {}
    for part in options.parts or PARTS:
        results |= PARTS[part](options.quick)  # what others wrote stays
        if not options.quick:
            path.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
            (HERE / "RESULTS.md").write_text(report.written(results), encoding="utf-8")
    print(report.bars(results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
