"""Student bundles of other lessons than 03: they are made, they are small, and every module in them can be imported."""

import subprocess
import sys

import bundles
import pytest

from utils.bundling import archive


@pytest.mark.parametrize("number", ["00", "02", "04", "07", "10"])
def test_every_module_of_a_bundle_can_be_imported(number, tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "recordings", lambda *_: b"")
    files = bundles.made(number)
    assert len(archive.zipped(files)) < 2_000_000
    bundle = bundles.unzipped(files, tmp_path)
    places = [path for path in files if path.startswith("utils/") and path.endswith(".py") and "__main__" not in path]
    modules = [path.removesuffix(".py").removesuffix("/__init__").replace("/", ".") for path in places]
    code = f"import sys, importlib; sys.path.insert(0, {str(bundle)!r})\n"
    code += f"for module in {modules!r}: importlib.import_module(module)"
    ended = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
