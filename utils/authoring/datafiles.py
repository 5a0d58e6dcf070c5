"""`python -m utils data`: rebuild every file of data/ from its pinned source and compare it with its known sha256."""

import argparse
import csv
import hashlib
import shutil
import tarfile
import tempfile
from pathlib import Path

import numpy as np

from utils.authoring.data_surnames import PACKAGES, choose, read_lists, surnames_text
from utils.authoring.data_wheels import fetch_wheel, unpack
from utils.authoring.download import download, expect_published
from utils.datasets import SHA256
from utils.errors import CourseError
from utils.names import LETTERS, name_batch
from utils.paths import root, write_atomic
from utils.reference import init_rnn
from utils.stored_runs import npz_bytes
from utils.training import train_every_step

PACKAGE = "dinosaurs@1.2.1"
MEMBER = "package/dinosaurs.csv"
MEMBER_SHA256 = "01b13929f8ab736388ee2a28df07d7f681ac137a0995c7a15a33393fbb60d134"
SUNSPOTS = "statsmodels/datasets/sunspots/sunspots.csv"
MODEL_SEED = 0


def fetch_names(scratch: Path) -> list[str]:
    """The lines of the pinned npm package, one name each, as published. CourseError without npm or network."""
    npm = shutil.which("npm")
    if npm is None:
        raise CourseError(
            "Rebuilding data/ fetches one package with npm, which was not found: install Node.js, or keep the files as "
            "they are, since lessons never need npm."
        )
    command = [npm, "pack", PACKAGE, "--silent", "--pack-destination", str(scratch)]
    archive = download("npm", command, PACKAGE, scratch)
    try:
        with tarfile.open(archive) as opened:
            content = opened.extractfile(MEMBER).read()
    except (tarfile.TarError, KeyError, AttributeError, EOFError, OSError) as error:
        raise CourseError(f"The archive of {PACKAGE} holds no readable {MEMBER}: run this again.") from error
    expect_published(content, MEMBER_SHA256, f"{MEMBER} of {PACKAGE}", "npm")
    return content.decode("ascii").split()


def dinosaurs_text(names: list[str]) -> bytes:
    """One name a line, each once, where it first stood."""
    return "".join(f"{name}\n" for name in dict.fromkeys(names)).encode("ascii")


def build_surnames(scratch: Path, progress: bool = False) -> bytes:
    """surnames.csv, from the wheels of PACKAGES."""
    folder = scratch / "surnames"
    for package in PACKAGES:
        if progress:
            print(f"fetching {package} …", flush=True)
        unpack(fetch_wheel(package, scratch), package, folder)
    if progress:
        print("reading the surname lists …", flush=True)
    return surnames_text(choose(read_lists(folder)))


def build_sunspots(scratch: Path, progress: bool = False) -> bytes:
    """sunspots.csv, from the data file in the wheel of statsmodels."""
    if progress:
        print("fetching statsmodels …", flush=True)
    unpack(fetch_wheel("statsmodels", scratch), SUNSPOTS, scratch)
    return sunspots_text((scratch / SUNSPOTS).read_text(encoding="utf-8"))


def sunspots_text(published: str) -> bytes:
    """One year a line: the year and the yearly mean of the sunspot number, as many decimals as published."""
    titles, *rows = csv.reader(published.splitlines())
    years = [int(year) for year, _ in rows]
    if titles != ["YEAR", "SUNACTIVITY"] or years != list(range(1700, 2009)):
        raise CourseError(f"The years 1700 to 2008 were expected in {SUNSPOTS}, got {len(years)} rows under {titles}.")
    lines = ["year,sunspots", *(f"{year},{float(number):g}" for year, (_, number) in zip(years, rows, strict=True))]
    return "".join(f"{line}\n" for line in lines).encode("ascii")


def train_name_model(names: list[str], nudge: float = 0.0, progress: bool = False) -> dict[str, np.ndarray]:
    """The small character model, trained in float64: RNN parameters. nudge is added to Waa first, to measure drift."""
    rng = np.random.default_rng(MODEL_SEED)
    x, targets, mask = name_batch(names)
    P = init_rnn(len(LETTERS), 64, len(LETTERS), rng)
    P["Waa"] = P["Waa"] + nudge
    P, _ = train_every_step(x, mask, targets, P, rng, epochs=20, learning_rate=0.005, progress=progress)
    return P


def name_model_bytes(P: dict[str, np.ndarray]) -> bytes:
    """The parameters in float16 and the tokens, as an .npz whose bytes depend on nothing else.

    float16 steps are a thousandth of a weight: far wider than the rounding differences between machines, far finer than
    the predictions need. Not compressed, because compressors differ between systems.
    """
    arrays = {name: theta.astype(np.float16) for name, theta in P.items()}
    return npz_bytes(arrays | {"tokens": np.array(LETTERS.tokens)})


def rebuild(progress: bool = False) -> dict[str, bytes]:
    """The content of every data file, made from the pinned packages and fixed seeds."""
    with tempfile.TemporaryDirectory() as scratch:
        text = dinosaurs_text(fetch_names(Path(scratch)))
        surnames = build_surnames(Path(scratch), progress)
        sunspots = build_sunspots(Path(scratch), progress)
    return {
        "dinosaurs.txt": text,
        "name_model.npz": name_model_bytes(train_name_model(text.decode("ascii").split(), progress=progress)),
        "sunspots.csv": sunspots,
        "surnames.csv": surnames,
    }


def main(argv: list[str]) -> int:
    """`python -m utils data [--check]`."""
    parser = argparse.ArgumentParser(prog="python -m utils data", description="Rebuild data/ from its pinned sources.")
    parser.add_argument("--check", action="store_true", help="rebuild and compare, but write nothing")
    options = parser.parse_args(argv)
    folder = root() / "data"
    built = rebuild(progress=True)
    for name, content in built.items():
        found = hashlib.sha256(content).hexdigest()
        if found != SHA256[name]:
            raise CourseError(
                f"{name} came out with sha256 {found} where {SHA256[name]} was expected, and data/ was left as it was; "
                "if the change is meant, write the new value into utils/datasets.py and data/README.md."
            )
    for name, content in built.items():
        path = folder / name
        same = path.is_file() and path.read_bytes() == content
        if options.check and not same:
            raise CourseError(f"data/{name} is missing or differs from its rebuild: run `python -m utils data`.")
        if not same:
            write_atomic(path, content)
        print(f"{name}: {len(content)} bytes, sha256 as expected, {'unchanged' if same else 'written'}")
    return 0
