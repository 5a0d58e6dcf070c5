"""A JupyterLab of a test's own: started as anybody starts it, apart from all others, and gone at the end."""

import json
import os
import shutil
import signal
import subprocess
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from utils.threads import ONE_THREAD

SECONDS = 120
# A free port; root may run it, as in a container; the browser gets the address itself, not a file that leads there.
SERVER = {"ServerApp": {"port": 0, "allow_root": True, "use_redirect_file": False}}
# JupyterLab asks on its first start whether it may fetch news, in a corner of the screen: there is no network.
NEWS = {"fetchNews": "false", "checkForUpdates": False}
OPEN = """#!/bin/sh
printf %s "$1" > "{where}.new" && mv "{where}.new" "{where}"
"""


@contextmanager
def jupyter(command, checkout, scratch, log):
    """Run a command that opens JupyterLab, in a checkout. Yields the address that it opens in a browser.

    command: the words of the command. scratch: an empty folder for what Jupyter keeps. log: the file for what it says.
    RuntimeError where it ends, or opens nothing. At the end the command, its server and their kernels are stopped.
    """
    opened = scratch / "opened"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w") as words:
        process = subprocess.Popen(
            [*map(str, command)],
            cwd=checkout,
            env=environment(checkout, scratch, opened),
            stdin=subprocess.DEVNULL,
            stdout=words,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            yield address(process, opened, log)
        finally:
            stop(process)


def environment(checkout, scratch, opened):
    """No settings but ours; the checkout's modules, in kernels too; as browser, a script that notes the address."""
    write(scratch / "config" / "jupyter_server_config.json", json.dumps(SERVER))
    settings = scratch / "config" / "lab" / "user-settings" / "@jupyterlab" / "apputils-extension"
    write(settings / "notification.jupyterlab-settings", json.dumps(NEWS))
    write(scratch / "browser", OPEN.format(where=opened)).chmod(0o755)
    own = {"JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "data", "JUPYTER_RUNTIME_DIR": "runtime"}
    own |= {"IPYTHONDIR": "ipython", "BROWSER": "browser"}
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("JUPYTER")}
    return inherited | ONE_THREAD | {name: str(scratch / f) for name, f in own.items()} | {"PYTHONPATH": str(checkout)}


def write(path, text):
    """Write a file, and the folders above it. Returns its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def address(process, opened, log):
    """Wait for the address that the command opens."""
    end = time.monotonic() + SECONDS
    while not opened.exists():
        try:
            code = process.wait(timeout=0.1)
            raise RuntimeError(f"Expected JupyterLab to open a page; it ended with exit code {code}: see {log}.")
        except subprocess.TimeoutExpired:
            if time.monotonic() > end:
                raise RuntimeError(f"JupyterLab opened no page within {SECONDS} s: see {log}.") from None
    return opened.read_text(encoding="utf-8")


def stop(process):
    """End the command and all that it started. Its kernels are in groups of their own: they are looked up before."""
    family = []
    with suppress(psutil.NoSuchProcess, ProcessLookupError):
        leader = psutil.Process(process.pid)
        family = [leader, *leader.children(recursive=True)]
        os.killpg(process.pid, signal.SIGTERM)  # Jupyter then stops its kernels itself
    _, left = psutil.wait_procs(family, timeout=20)
    for one in left:
        one.kill()
    process.wait()


def checkout_at(place: Path, root: Path):
    """A copy of the course's folder, without its history and environment, in which a test may work. Returns it."""
    for name in ("utils", "notebooks", "solutions", "data"):
        shutil.copytree(root / name, place / name)
    for name in ("nbgrader_config.py", "pyproject.toml"):
        shutil.copy2(root / name, place / name)
    return place
