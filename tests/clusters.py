"""Dask clusters for tests: a scheduler and workers, real processes that share nothing with the test but the wire.

Workers run in a copy of the checkout and, where root and iproute2 allow it, each in a network of its own.
"""

import asyncio
import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import psutil
from waiting import until

ROOT = Path(__file__).resolve().parent.parent


def copy_of_the_checkout(place, change=""):
    """What a worker's machine needs of it. change: a line at the end of one module."""
    for name in ("utils", "notebooks", "data"):
        shutil.copytree(ROOT / name, place / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy2(ROOT / "pyproject.toml", place)
    with (place / "utils/text.py").open("a") as file:
        file.write(change)
    return place


class Network:
    """A network of its own, joined to the machine's by one cable. `here` and `there`: the addresses of its two ends."""

    def __init__(self, number):
        self.name = f"rnn{os.getpid()}-{number}"
        subnet = f"10.213.{os.getpid() % 250}"
        self.here, self.there = f"{subnet}.{4 * number + 1}", f"{subnet}.{4 * number + 2}"
        self._ip(f"netns add {self.name}")
        try:
            self._ip(f"link add {self.name}a type veth peer name {self.name}b netns {self.name}")
            self._ip(f"address add {self.here}/30 dev {self.name}a", f"link set {self.name}a up")
            inside = f"-n {self.name}"
            self._ip(f"{inside} address add {self.there}/30 dev {self.name}b", f"{inside} link set {self.name}b up")
            self._ip(f"{inside} link set lo up")
        except subprocess.CalledProcessError:
            self.remove()
            raise

    def remove(self):
        self._ip(f"netns delete {self.name}")

    def _ip(self, *lines):
        for line in lines:
            subprocess.run(["ip", *line.split()], check=True, capture_output=True)


class Cluster:
    """A scheduler, and the workers that are started for it. As a context manager it ends them, and sees them dead."""

    def __init__(self, folder, checkout, **environment):
        self.folder, self.checkout, self.workers, self.networks = folder, checkout, [], []
        self.processes = []
        file = folder / f"scheduler-{time.monotonic_ns()}.json"
        words = ["--host", "tcp://0.0.0.0:0", "--scheduler-file", str(file)]
        self.scheduler = self._start(checkout, "scheduler", *words, **environment)
        address = until(lambda: file.is_file() and json.loads(file.read_text())["address"])
        self.port = address.rpartition(":")[2]
        self.address = f"tcp://127.0.0.1:{self.port}"

    def add(self, checkout=None, apart=False, **environment):
        """Start a worker, from this checkout, and wait until the scheduler knows it. apart: in a network of its own."""
        before, host, inside = len(self.members()), "127.0.0.1", []
        if apart:
            with contextlib.suppress(OSError, subprocess.CalledProcessError):  # not root, or without iproute2
                self.networks.append(Network(len(self.networks)))
                host, inside = self.networks[-1].here, ["ip", "netns", "exec", self.networks[-1].name]
            print("A worker runs in", "a network of its own." if inside else "the network of this machine.")
        words = [f"tcp://{host}:{self.port}", "--nthreads", "1", "--no-nanny", "--local-directory", str(self.folder)]
        worker = self._start(checkout or self.checkout, "worker", *words, inside=inside, **environment)
        self.workers.append(worker)
        until(lambda: len(self.members()) > before)
        return worker

    def members(self):
        """The addresses of the workers that the scheduler knows."""
        from distributed import rpc

        async def ask():
            async with rpc(self.address) as there:
                return list((await there.identity())["workers"])

        return asyncio.run(ask())

    def judging(self):
        """(worker, process) of a worker that is judging with a sandbox open."""
        for worker in self.workers:
            for child in psutil.Process(worker.pid).children() if worker.poll() is None else ():
                if any("bwrap" in deeper.name() for deeper in child.children()):
                    return worker, child
        return None

    def _start(self, checkout, kind, *words, inside=(), **environment):
        command = [*inside, sys.executable, "-m", f"distributed.cli.dask_{kind}", "--no-dashboard", *words]
        log = open(self.folder / f"{kind}.log", "ab")
        surroundings = os.environ | {"PYTHONPATH": str(checkout)} | environment
        with log:
            process = subprocess.Popen(command, cwd=self.folder, env=surroundings, stdout=log, stderr=log)
        self.processes.append(process)
        return process

    def __enter__(self):
        return self

    def __exit__(self, *_):
        family = []
        for process in self.processes:
            with contextlib.suppress(psutil.Error):
                family += psutil.Process(process.pid).children(recursive=True)
            process.kill()
        for process in self.processes:
            process.wait(30)
        for network in self.networks:
            network.remove()
        _, alive = psutil.wait_procs(family, timeout=20)
        assert [p for p in alive if p.status() != psutil.STATUS_ZOMBIE] == []
