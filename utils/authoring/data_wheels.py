"""Pinned wheels from the Python package index, for building data/ only: fetched, checked by sha256, never installed."""

import sys
import zipfile
from pathlib import Path

from utils.authoring.download import download, expect_published
from utils.errors import CourseError

WHEELS = {  # package -> version, sha256 of the wheel
    "mimesis": ("22.2.0", "037011eb3d5edf0b0b5d9eafd74d9881f6dce25b4f01032da0e13fb2a56f37e9"),
    "faker": ("40.54.0", "2dd88ee8cb63a9149e19ef48bdd73879bc3854d8ba2d6c1535e902a762e603f7"),
    "pypinyin": ("0.55.0", "d53b1e8ad2cdb815fb2cb604ed3123372f5a28c6f447571244aca36fc62a286f"),
    "janome": ("0.5.0", "d098670394a77881ce2f6b7d696c0ea5ff74c0c8cf74a8a882159ec82c0e6dc7"),
    "statsmodels": ("0.15.0", "b67886b66d9c7ca118526accedb5c6de7ffd74c015dc0492ea0b1690192b65da"),
}
# the same files on every machine: only data are read from a wheel that holds machine code
PLATFORM = ["--python-version", "3.11", "--implementation", "cp", "--platform", "manylinux_2_28_x86_64"]


def fetch_wheel(package: str, scratch: Path) -> Path:
    """The wheel of one pinned package, downloaded to `scratch`. CourseError without network or with another sha256."""
    version, sha256 = WHEELS[package]
    folder = scratch / f"{package}-wheel"
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "download", "--quiet"]
    command += ["--no-deps", "--only-binary=:all:", *PLATFORM, "--dest", str(folder), f"{package}=={version}"]
    wheel = download("pip", command, f"{package} {version}", folder)
    expect_published(wheel.read_bytes(), sha256, f"The wheel of {package} {version}", "pip")
    return wheel


def unpack(wheel: Path, member: str, folder: Path) -> None:
    """Everything below `member` of a wheel, written to `folder`. CourseError when nothing is there."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            inside = [name for name in archive.namelist() if name == member or name.startswith(f"{member}/")]
            archive.extractall(folder, inside)
    except (zipfile.BadZipFile, OSError) as error:
        raise CourseError(f"{wheel.name} could not be unpacked ({error}): run this again.") from error
    if not inside:
        raise CourseError(f"{wheel.name} holds no {member}: the pinned version has changed its folders.")
