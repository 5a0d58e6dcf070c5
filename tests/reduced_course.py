"""Checkouts to make reduced packages from, and a Python that sees one."""

import json
import shutil
import subprocess
import sys

from utils.paths import root


def linked(folder):
    """A checkout whose build/ is its own."""
    for name in ("utils", "notebooks", "data"):
        (folder / name).symlink_to(root() / name)
    return folder


def copied(folder):
    """A checkout whose utils/ may be changed."""
    shutil.copytree(root() / "utils", folder / "utils", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "notebooks").symlink_to(root() / "notebooks")
    return folder


def inside(folder, code):
    """What a program prints that sees the package in `folder`, read as JSON."""
    program = f"import json, sys; sys.path.insert(0, {folder!r})\n{code}"
    ended = subprocess.run([sys.executable, "-I", "-c", program], text=True, capture_output=True)
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)
