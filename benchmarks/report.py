"""The tables of RESULTS.md from results.json, and which bars hold."""

from . import attacks, gpu_report
from .markdown import bars_table, number, table

# reference / torch.nn for forward+backward in float32 on one thread: at most this, and what we are after
TORCH = {
    ("tiny", "RNN"): (0.25, 0.15),
    ("tiny", "GRU"): (0.25, 0.15),
    ("tiny", "LSTM"): (0.7, 0.5),
    ("small", "RNN"): (0.8, 0.6),
    ("small", "GRU"): (0.8, 0.6),
    ("small", "LSTM"): (1.5, 1.2),
} | {
    (shape, cell): bar
    for shape in ("medium", "large")
    for cell, bar in (("RNN", (1.1, 0.9)), ("GRU", (1.3, 1.05)), ("LSTM", (1.3, 1.05)))
}
TEXTBOOK = {"tiny": 4.0, "small": 1.8, "medium": 1.5, "large": 1.4}  # textbook / reference: at least this
SAMPLING = {"batch_1": 2.0, "batch_256": 4.0}
CHECKPOINTS = {"T": 1024, "memory": 1 / 6, "time": 1.45}
GRADING, AFTER_THAT, DRIVER_MB = 4.0, 10.0, 500  # stock nbgrader / ours: at least this, then that; the driver: below


def _main_rows(results):
    return [r for r in results["maths"] if (r["pass"], r["dtype"], r["threads"]) == ("forward+backward", "float32", 1)]


def verdicts(results):
    """Every bar as (what, measured, bar, whether it holds)."""
    for row in _main_rows(results):
        place = f"{row['cell']} {row['shape']}"
        bar, _ = TORCH[row["shape"], row["cell"]]
        yield f"{place}: reference / torch", row["reference_over_torch"], bar, row["reference_over_torch"] <= bar
        least, ratio = TEXTBOOK[row["shape"]], row["textbook_over_reference"]
        yield f"{place}: textbook / reference", ratio, least, ratio >= least
    for batch, least in SAMPLING.items():
        ratio = results["sampling"][batch]
        yield f"sampling, {batch.replace('_', ' of ')}: reference / textbook", ratio, least, ratio >= least
    last = next(row for row in results["through_time"] if row["T"] == CHECKPOINTS["T"])
    for what in ("memory", "time"):
        ratio = last[f"checkpointed_{what}_over_full"]
        yield f"checkpoints at T = 1024: {what} / full", ratio, CHECKPOINTS[what], ratio <= CHECKPOINTS[what]


def grading_verdicts(results):
    """The same for grading; nothing of what was not measured."""
    found = results.get("grading", {"lessons": {}})
    for lesson, ratios in found["lessons"].items():
        ratio = ratios["overhead_over_stock_nbgrader"]
        yield f"{lesson}, without demo cells: stock / ours", ratio, GRADING, ratio >= GRADING
    if (peak := found.get("driver_peak_mb_at_1000")) is not None:
        yield "memory of the driver at 1,000, MB", peak, DRIVER_MB, peak < DRIVER_MB


def bars(results):
    """One line a bar."""
    found = [*(verdicts(results) if "maths" in results else ()), *grading_verdicts(results)]
    found += gpu_report.verdicts(results)
    line = "{:6}  {:45} {:>6}  bar {:.2f}"
    return "\n".join(line.format("holds" if ok else "MISSED", what, number(got), bar) for what, got, bar, ok in found)


RATIOS = ("reference / torch.nn", "textbook / reference", "bare products / reference")


def maths_tables(results):
    """One table for each number of threads and dtype."""
    for threads in (1, 2):
        for dtype in ("float32", "float64"):
            rows = [r for r in results["maths"] if (r["threads"], r["dtype"]) == (threads, dtype)]
            if not rows:
                continue
            clock = "CPU time" if threads == 1 else "wall time, for information"
            yield f"### {dtype}, {threads} thread{'s' * (threads > 1)} ({clock})\n"
            ratios = ("reference_over_torch", "textbook_over_reference", "floor_over_reference")
            lines = [[r["cell"], r["shape"], r["pass"], *(number(r[k]) for k in ratios)] for r in rows]
            yield table(("cell", "shape", "pass", *RATIOS), lines) + "\n"


def grading_section(results):
    """What grading costs, if it was measured."""
    if (found := results.get("grading")) is None:
        return
    yield "## Grading\n"
    yield (
        "Stock `nbgrader autograde`, between two runs of `python -m utils grade` with the sandbox on, graded the same\n"
        "class (two right, one half done, two wrong, copied under other names); whole processes were timed, their\n"
        "start included. Stock grades one after another, ours one on each core. "
        f"Machine: {found['cpu']}, {found['cores']} cores.\n"
        f"After the bar of {GRADING:g} comes {AFTER_THAT:g}.\n"
    )
    yield bars_table(grading_verdicts(results)) + "\n"
    names = ("throughput_over_stock_nbgrader", "overhead_over_stock_nbgrader")
    forms = (("released", "as released", names[0]), ("bare", "without demo cells", names[1]))
    yield table(
        ("lesson", "form", "stock, s each", "ours, s each", "stock / ours"),
        [
            [lesson, words, *(number(row["seconds"][form][who]) for who in ("stock", "ours")), number(row[name])]
            for lesson, row in found["lessons"].items()
            for form, words, name in forms
        ],
    ) + "\n"  # fmt: skip
    line = found["seconds_per_submission"]
    costs = ", ".join(f"{seconds:.2f} s at {int(size):,}" for size, seconds in line.items())
    yield (
        f"A submission of lesson 01 costs {costs}: the start of the run is shared out, the rest is a straight line.\n"
        f"At 1,000 the driver held at most {found['driver_peak_mb_at_1000']:.0f} MB, and the largest process that "
        f"judges {found['worker_peak_mb_at_1000']:.0f} MB.\n"
    )


def written(results):
    """RESULTS.md."""
    computer = results["machine"]
    parts = [
        "# Measured\n",
        "Written by `make bench` from `results.json`. Every figure is a ratio of two things that ran side by side in\n"
        "one process, medians of interleaved rounds. The head of `benchmarks/maths.py` says what is compared.\n",
        f"Machine: {computer['cpu']}; Python {computer['python']}, NumPy {computer['numpy']} with {computer['blas']}, "
        f"PyTorch {computer['torch']}.\n",
        "## The bars\n",
        "Forward and backward, float32, one thread.\n",
        bars_table(verdicts(results)) + "\n",
        "## Cells\n",
        "Shapes are n_x, n_a, m, T: tiny (27, 50, 1, 30), small (64, 128, 32, 64), medium (256, 256, 64, 128), large "
        "(512, 512, 64, 256).\n",
        *maths_tables(results),
        "## Against the length of the sequence\n",
        "RNN with n_x = 32, n_a = 128, m = 16; segments of √T steps.\n",
        table(
            ("T", "time / T = 64", "memory / T = 64", "checkpointed: time / full", "checkpointed: memory / full"),
            [[str(r["T"]), *(number(r[k]) for k in list(r)[1:])] for r in results["through_time"]],
        )
        + "\n",
        "## Writing\n",
        f"Characters per second, reference / textbook: {results['sampling']['batch_1']:.1f} for one sequence, "
        f"{results['sampling']['batch_256']:.1f} for 256 at once.\n",
        *gpu_report.section(results),
        *grading_section(results),
        *attacks.section(results),
    ]
    return "\n".join(parts)
