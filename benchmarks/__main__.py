"""`make bench`: measure, then write benchmarks/results.json and benchmarks/RESULTS.md.

Every figure is a ratio of two things that ran side by side. `--quick` leaves out the large shapes and writes nothing.
"""

import argparse
import json
import platform
import sys
from pathlib import Path

import numpy as np

from . import report
from .maths import SHAPES, measure
from .through_time import cost_against_length, sampling

HERE = Path(__file__).parent


def machine():
    """What the figures depend on."""
    import torch

    cpu = next(
        (line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")),
        platform.processor() or platform.machine(),
    )
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    return {
        "cpu": cpu,
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


def main(arguments=None):
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="tiny and small shapes only; nothing is written")
    quick = parser.parse_args(arguments).quick
    shapes = ("tiny", "small") if quick else tuple(SHAPES)
    found = {"machine": machine(), "maths": measure(shapes)}
    found |= {"through_time": cost_against_length(), "sampling": sampling()}
    path = HERE / "results.json"
    results = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    results |= found  # what other benchmarks wrote stays
    text = report.written(results)
    print(report.bars(results))
    if not quick:
        path.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
        (HERE / "RESULTS.md").write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
