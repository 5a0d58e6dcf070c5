"""`python -m utils experiments`: compute the stored runs again, compare them with their bands, keep them in data/."""

import argparse
import hashlib
import io
import multiprocessing
import os
import time
from concurrent.futures import ProcessPoolExecutor, as_completed

import numpy as np

from utils.datasets import SHA256
from utils.errors import CourseError
from utils.paths import did_you_mean, root, write_atomic
from utils.threads import ONE_THREAD

from . import EXPERIMENTS, runs_bytes

FILE = "runs.npz"


def compute(name, seed=0):
    """One experiment: its arrays and the seconds that it took. Runs in a process of its own."""
    start = time.perf_counter()
    return EXPERIMENTS[name].run(seed, progress=True), time.perf_counter() - start


def compute_all(names, seed=0, processes=2):
    """{experiment: arrays}, one process each, at most `processes` at a time, each with one thread for products."""
    results, before = {}, {name: os.environ.get(name) for name in ONE_THREAD}
    os.environ |= ONE_THREAD
    try:
        with ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("spawn")) as pool:
            waiting = {pool.submit(compute, name, seed): name for name in names}
            for done in as_completed(waiting):
                name = waiting[done]
                results[name], seconds = done.result()
                print(f"{name}: done after {seconds:.0f} s ({len(results)} of {len(names)})", flush=True)
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
    return results


def table(results):
    """A line for each figure: what came out and where it should lie."""
    lines = []
    for name in results:
        experiment = EXPERIMENTS[name]
        for figure, value in experiment.figures(results[name]).items():
            low, high = experiment.bands.get(figure, (-np.inf, np.inf))
            lines.append(f"  {name + '.' + figure:32} {value:9.3f}   ({low} … {high})")
    return "\n".join(lines)


def stored(path):
    """{experiment: arrays} of the file that is there; CourseError when there is none."""
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as file:
            results = {}
            for key in file.files:
                experiment, _, name = key.partition(".")
                results.setdefault(experiment, {})[name] = file[key]
    except (OSError, ValueError) as error:
        raise CourseError(f"There is no readable {path}: run `python -m utils experiments` without names.") from error
    return results


def main(argv) -> int:
    """`python -m utils experiments [NAME …] [--check] [--seed N]`."""
    parser = argparse.ArgumentParser(
        prog="python -m utils experiments",
        description="Compute the stored runs of data/runs.npz again from their seeds; compare them with their bands.",
        epilog=f"names: {', '.join(EXPERIMENTS)}",
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these experiments (default: all)")
    parser.add_argument("--check", action="store_true", help="compute and compare, but write nothing")
    parser.add_argument("--seed", type=int, default=0, help="another seed, with --check (default: 0)")
    options = parser.parse_args(argv)
    for name in options.names:
        if name not in EXPERIMENTS:
            raise CourseError(f"There is no experiment {name!r}{did_you_mean(name, EXPERIMENTS)}.")
    if options.seed and not options.check:
        raise CourseError("Only the runs of seed 0 are stored: give --check as well to look at another seed.")
    path = root() / "data" / FILE
    names = [name for name in EXPERIMENTS if name in options.names or not options.names]
    others = {} if options.check or not options.names else stored(path)
    results = compute_all(names, options.seed, min(2, os.cpu_count() or 1))
    print(table({name: results[name] for name in names}))
    outside = [sentence for name in names for sentence in EXPERIMENTS[name].outside(results[name])]
    if outside:
        kept = "" if options.check else f" data/{FILE} was left as it was."
        raise CourseError(f"{len(outside)} figures lie outside their bands. {' '.join(outside)}{kept}")
    if options.check:
        print(f"all figures of {len(names)} experiments lie inside their bands; nothing was written")
        return 0
    content = runs_bytes(others | results)
    write_atomic(path, content)
    found = hashlib.sha256(content).hexdigest()
    print(f"data/{FILE}: {len(content)} bytes, sha256 {found}")
    if found != SHA256.get(FILE):
        print("the file is new: write its size and sha256 into data/README.md and the sha256 into utils/datasets.py")
    return 0
