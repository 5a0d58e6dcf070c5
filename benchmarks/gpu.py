"""Recurrent layers and training on a GPU: `python benchmarks/gpu.py`, or `python -m benchmarks.gpu`.

Needs a CUDA card, PyTorch and NumPy, nothing else; made to fit into eight minutes on a data-centre card. The figures
with bars come first, and what is found is written at once, into results.json and RESULTS.md or the file of --out, so a
run that is cut short keeps what it has. What is compared is said by the parts themselves: layers, sweep and launches in
gpu_speed.py, step in gpu_step.py, numpy and bits in gpu_beside_numpy.py; how time is taken, in gpu_clock.py.

The bars, all in float32 with TF32 products: a whole training step reaches 0.95 of the tokens per second of the bare
cuDNN layer; the course's GRU takes at most twice as long as nn.GRU; a step is 20 times faster than in NumPy.
"""

import argparse
import json
import platform
import subprocess
import sys
import time
import traceback
from importlib import import_module
from pathlib import Path

import numpy as np

if not __package__:  # called as a script
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import gpu_report
from benchmarks.attacks import keep
from benchmarks.gpu_sizes import FULL, QUICK, TOY
from utils.paths import write_atomic

RESULTS = Path(__file__).parent / "results.json"
PARTS = {  # generators of dicts, each with what was found; those with bars first, short ones before those that compile
    "step": ("gpu_step", "step"),
    "numpy": ("gpu_beside_numpy", "beside_numpy"),
    "layers": ("gpu_speed", "layers"),
    "bits": ("gpu_beside_numpy", "to_same_bits"),
    "sweep": ("gpu_speed", "sweep"),
    "launches": ("gpu_speed", "launches"),  # last, because profilers and CUDA graphs have crashed processes together
}
NO_CARD = "No CUDA card was found, so no GPU was measured; `python benchmarks/gpu.py --toy` rehearses on the CPU."
NO_TORCH = "This part needs PyTorch, which is not installed: run `pip install torch`."
REHEARSAL = (
    "A rehearsal on the CPU, which shows that all parts run and no speed: a CUDA graph is a plain call, torch.compile "
    "generates no code, operations are counted in place of kernels."
)


def say(words):
    """A line at once, also where the output goes into a file."""
    print(words, flush=True)


def card():
    """The CUDA device, or None and why not in one sentence."""
    try:
        import torch
    except ModuleNotFoundError:
        return None, NO_TORCH
    return (torch.device("cuda"), None) if torch.cuda.is_available() else (None, NO_CARD)


def described(device):
    """What the figures depend on."""
    import torch

    cuda = device.type == "cuda"
    return {
        "card": torch.cuda.get_device_name(device) if cuda else "none, a rehearsal on the CPU",
        "driver": driver() if cuda else None,
        "torch": torch.__version__,
        "cuda": torch.version.cuda,
        "cudnn": torch.backends.cudnn.version() if cuda else None,
        "python": platform.python_version(),
        "numpy": np.__version__,
    }


def driver():
    """The version of the card's driver, None where nvidia-smi does not say."""
    command = ["nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"]
    try:
        said = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True).stdout.splitlines()
    except (OSError, subprocess.SubprocessError):
        return None
    return said[0].strip() if said else None


def measure(sizes, device, parts=tuple(PARTS), before=None, after=lambda found: None, say=say):
    """All that is found, part by part.

    before: what an earlier run found; it stays if that was on the same card with the same software. after: called with
    all that is found so far, whenever a part has found something and when it ends.
    """
    from benchmarks.gpu_clock import peak

    found = described(device)
    if before and all(before.get(key) == found[key] for key in found):
        found = before | found
    peaks = peak(sizes.peak, sizes.rounds, device)
    found |= {"peak_tflops": {precision: rate / 1e12 for precision, rate in peaks.items()}}
    say(f"{found['card']}, measured peak in TFLOP/s: {found['peak_tflops']}")
    found["failed"] = failed = dict(found.get("failed", {}))

    def hand_on():
        found["bars"] = gpu_report.bars(found)
        try:
            after(found)
        except Exception:  # a full disk is no reason to stop measuring
            traceback.print_exc()

    for name in parts:
        start = time.perf_counter()
        try:
            module, function = PARTS[name]
            for more in getattr(import_module(f"benchmarks.{module}"), function)(sizes, device, peaks, say):
                found |= more
                hand_on()
            failed.pop(name, None)
        except Exception as error:  # the other parts go on
            traceback.print_exc()
            failed[name] = f"{type(error).__name__}: {error}"
        hand_on()
        say(f"{name}: {'failed' if name in failed else 'done'} after {time.perf_counter() - start:.0f} s")
    return found


def main(arguments=None):
    """Command line. Returns 0, 1 where a part failed, 2 where there is nothing to measure with."""
    parser = argparse.ArgumentParser(prog="benchmarks/gpu.py", description=__doc__.splitlines()[0])
    parser.add_argument("--only", action="append", choices=PARTS, help="this part; may be given several times")
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", action="store_true", help="small sizes, about two minutes; written only with --out")
    size.add_argument("--toy", action="store_true", help="a rehearsal of all parts on the CPU; writes nothing")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write here instead of results.json and RESULTS.md")
    parser.add_argument("--keep", type=Path, metavar="FILE", help="put what --out wrote elsewhere into results.json")
    options = parser.parse_args(arguments)
    if options.toy and options.out:
        parser.error("--toy writes nothing, so it takes no --out.")
    if options.keep:
        keep("gpu", json.loads(options.keep.read_text(encoding="utf-8")))
        return 0
    device, why = card()
    if why == NO_TORCH or (why and not options.toy):
        print(why)
        return 2
    parts = options.only or tuple(PARTS)
    found = rehearsed(parts) if options.toy else measured(parts, device, options.quick, options.out)
    print("\n".join(gpu_report.section({"gpu": found})))
    return int(bool(found["failed"]))


def rehearsed(parts):
    """All parts on the CPU, at sizes that take seconds; nothing is written."""
    import torch

    from utils.torch_port.devices import on_threads

    say(REHEARSAL)
    with on_threads(1):  # so small products lose by being shared out
        return measure(TOY, torch.device("cpu"), parts)


def measured(parts, device, quick, out):
    """All parts on the card, written as they are done."""
    before, after = where(out, quick)
    return measure(QUICK if quick else FULL, device, parts, before, after)


def where(out, quick):
    """What was found before, and a function that writes what is found."""
    if out:
        before = json.loads(out.read_text(encoding="utf-8")) if out.exists() else {}

        def write(found):
            write_atomic(out, json.dumps(found, indent=1) + "\n")

        write(before)  # a place that cannot be written is found before anything is measured
        return before, write
    if quick:
        return {}, lambda found: None
    return json.loads(RESULTS.read_text(encoding="utf-8")).get("gpu", {}), lambda found: keep("gpu", found)


if __name__ == "__main__":
    sys.exit(main())
