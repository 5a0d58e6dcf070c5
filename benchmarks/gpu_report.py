"""What was measured on a GPU, as a part of RESULTS.md, and which of its bars hold. Knows no torch."""

from .markdown import bars_table, number, table

BARS = {  # name: (in words, bar, whether to be above it)
    "step_over_cudnn": ("training step: tokens/s / bare cuDNN layer", 0.95, True),
    "seed_gru_slowdown": ("the course's GRU: time / nn.GRU", 2.0, False),
    "speedup_over_numpy": ("training step: time in NumPy / on the card", 20.0, True),
}
NOT_MEASURED = (
    "No CUDA card was at hand when these figures were made; where there is one, `python benchmarks/gpu.py` measures\n"
    "this part in some minutes, and `make bench` does it by itself.\n"
)
WAYS = {"numpy": "NumPy, two threads", "torch_cpu": "PyTorch on the CPU, two threads", "card": "PyTorch on the card"}


def bars(found):
    """{name: {"measured", "bar", "held"}} of what was tried; what gave no figure is not held."""
    verdicts = {}
    for name, (_, bar, above) in BARS.items():
        if name in found:
            value = found[name]
            held = value is not None and (value >= bar if above else value <= bar)
            verdicts[name] = {"measured": value, "bar": bar, "held": held}
    return verdicts


def verdicts(results):
    """The bars as (what, measured or None, bar, whether it holds), as those of report.py."""
    for name, found in results.get("gpu", {}).get("bars", {}).items():
        yield BARS[name][0], found["measured"], found["bar"], found["held"]


def section(results):
    """The part of RESULTS.md, paragraph by paragraph."""
    yield "## On a GPU\n"
    found = results.get("gpu")
    if not found:
        yield NOT_MEASURED
        return
    yield _circumstances(found)
    yield bars_table(verdicts(results)) + "\n"
    for name, tell in PARTS.items():
        if name in found:
            yield from tell(found)
    for name, why in found.get("failed", {}).items():
        yield f"The part {name} failed: {why}\n"


def _circumstances(found):
    card = f"Card: {found['card']}, driver {found['driver']}, CUDA {found['cuda']}, cuDNN {found['cudnn']}"
    software = f"PyTorch {found['torch']}, Python {found['python']}, NumPy {found['numpy']}"
    peaks = ", ".join(f"{rate:.3g} in {precision}" for precision, rate in found["peak_tflops"].items())
    return (
        f"{card}; {software}.\nA large matrix product ran at {peaks}, in TFLOP/s. Shares are those of that peak.\n"
        "What is compared is said in `benchmarks/gpu_layers.py`, `gpu_step.py` and `gpu_beside_numpy.py`. The bars\n"
        "are about float32 with TF32 products, in which nn.LSTM computes unless it is told otherwise.\n"
    )


def _speed(row):
    """Millions of tokens per second and the share of the peak; in a word why not, where there is none."""
    if row["tokens_per_second"] is None:
        return row["why_not"].partition(":")[0]
    return f"{_millions(row['tokens_per_second'])} ({row['share_of_peak']:.0%})"


def _millions(value):
    return "–" if value is None else f"{value / 1e6:.3g}"


def _across(rows, down, across):
    """Rows as a table: a line for each value of the keys `down`, a column for each value of the key `across`."""
    heads = list(dict.fromkeys(row[across] for row in rows))
    lines = {}
    for row in rows:
        lines.setdefault(tuple(row[key] for key in down), {})[row[across]] = _speed(row)
    return table((*down, *heads), [[*key, *(cells.get(head, "–") for head in heads)] for key, cells in lines.items()])


def _layers(found):
    rows, engines = found["layers"], found["engines"]
    yield "### One layer, forward and backward\n"
    shape = "width {width}, batch {batch}, length {length}".format(**rows[0])
    yield f"Millions of tokens per second at {shape}, and the share of the peak.\n"
    yield _across(rows, ("who",), "precision") + "\n"
    yield "What the layers of torch.nn made of a precision:\n"
    kinds = list(next(iter(engines.values())))
    lines = [[precision, *(both[kind] or "–" for kind in kinds)] for precision, both in engines.items()]
    yield table(("precision", *kinds), lines) + "\n"


def _launches(found):
    yield "### Kernels of one time step, forward and backward, in fp32\n"
    lines = [
        [who, row["why_not"] if "why_not" in row else number(row["kernels"]), number(row.get("starts"))]
        for who, row in found["launches"].items()
    ]
    yield table(("who", "kernels", "calls that start them"), lines) + "\n"


def _step(found):
    yield "### A whole training step beside the bare layer\n"
    lines = [
        [row["precision"], row["runs_on"]]
        + [_millions(row[key]) for key in ("ours_tokens_per_second", "bare_tokens_per_second")]
        + [row["why_not"] or number(row["ours_over_bare"])]
        for row in found["step"]
    ]
    yield table(("precision", "nn.LSTM ran on", "ours, M tokens/s", "bare, M tokens/s", "ours / bare"), lines) + "\n"


def _beside_numpy(found):
    row = found["beside_numpy"]
    yield "### Beside NumPy\n"
    yield (
        f"A training step on names at width {row['width']}, batch {row['batch']}: {row['numpy_ms_per_step']:.0f} ms in "
        f"NumPy on two threads,\n{row['card_ms_per_step']:.2f} ms on the card.\n"
    )


def _bits(found):
    bits = found["bits"]
    yield (
        f"Training at width {bits['width']}, batch {bits['batch']}, until names held out cost {bits['target']} bits a\n"
        "character, from the same weights, with the same batches:\n"
    )
    lines = [[words, *(bits[way][key] for key in ("seconds", "epochs", "bits"))] for way, words in WAYS.items()]
    lines = [[words, number(seconds), epochs, number(reached)] for words, seconds, epochs, reached in lines]
    yield table(("who", "seconds", "epochs", "bits reached"), lines) + "\n"


def _sweep(found):
    yield "### Against width, batch and length\n"
    yield "Millions of tokens per second, forward and backward, and the share of the peak.\n"
    yield _across(found["sweep"], ("width", "batch", "length", "precision"), "who") + "\n"


PARTS = {  # key of what was found: how it is told
    "layers": _layers,
    "launches": _launches,
    "step": _step,
    "beside_numpy": _beside_numpy,
    "bits": _bits,
    "sweep": _sweep,
}
