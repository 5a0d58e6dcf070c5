"""A sandbox with one program in it: started, watched and ended from outside. `walls` says what it is made of.

Start a sandbox in a thread that outlives it: when that thread ends, or its process is killed, the kernel ends
everything inside. Whatever runs in one sandbox can change all else that runs in it: never put two learners into one.
"""

import contextlib
import json
import os
import signal
import subprocess
from pathlib import Path

from utils.errors import CourseError

from .walls import Limits, bubblewrap, obstacle, python_command, start

__all__ = ["Limits", "Sandbox", "obstacle", "python_command"]

PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096


class Sandbox:
    """One bubblewrap sandbox with `command` running in it. Use as a context manager.

    `tree` is what stands at /course, and `data`, if any, at /course/utils/data; `slot` is a number below 5,000 that no
    other sandbox of this machine has at the moment. `process` has the pipes of the command. CourseError without one.
    """

    def __init__(self, tree: Path, data: Path | None, command: list[str], limits: Limits | None = None, slot: int = 0):
        if reason := obstacle():
            raise CourseError(f"There is no sandbox: {reason}.")
        self.limits = limits or Limits()
        self.init, self.process = _started(bubblewrap(tree, data, command, self.limits, slot))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()
        for stream in (self.process.stdin, self.process.stdout):
            with contextlib.suppress(OSError):
                stream.close()

    def excess(self) -> str:
        """An empty text, or what all processes in it together used too much of. Cheap: only they are looked at."""
        if self.init is None:
            return ""
        inside = f"/proc/self/fd/{self.init}/root"
        try:
            if os.stat(f"{inside}/proc").st_dev == os.stat("/proc").st_dev:
                return ""  # it is still being built: this is the machine's own /proc
            scratch = os.statvfs(f"{inside}/tmp")
            processes = filter(str.isdigit, os.listdir(f"{inside}/proc"))
            memory = sum(_resident(f"{inside}/proc/{number}/statm") for number in processes)
        except OSError:
            return ""  # being built, or ended
        memory += (scratch.f_blocks - scratch.f_bfree) * scratch.f_frsize
        if memory > self.limits.resident:
            return "it used more memory than allowed"
        if scratch.f_files - scratch.f_ffree > self.limits.entries:
            return "it made more files than allowed"
        return ""

    def kill(self) -> None:
        """End everything in it, and wait until it has ended. Once more does nothing."""
        init, self.init = self.init, None
        if init is None:
            return
        # when the first process of its namespace dies, the kernel ends the others, whatever they ignore
        with contextlib.suppress(OSError):
            signal.pidfd_send_signal(init, signal.SIGKILL)
        os.close(init)
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def _resident(statm):
    with contextlib.suppress(OSError), open(statm) as file:
        return int(file.read().split()[1]) * PAGE
    return 0


def _started(command):
    """Its first process, as a descriptor that no later process can be mistaken for, and the process of bubblewrap.

    Bubblewrap holds the reading end of its own report too. Without it, were we killed before it wrote, the broken pipe
    would end it between two steps, and its first process would wait for the second for ever (seen: 18 of 100 kills).
    """
    reading, writing = os.pipe()
    with open(reading) as report:
        try:
            process = start(
                command,
                ("--info-fd", str(writing), "--sync-fd", str(reading)),
                (writing, reading),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
            )
        finally:
            os.close(writing)
        try:
            number = json.loads(report.read())["child-pid"]
            return os.open(f"/proc/{number}", os.O_RDONLY | os.O_DIRECTORY), process
        except (ValueError, OSError) as error:
            with process:  # closes its pipes and waits
                process.kill()
            raise CourseError("bubblewrap did not start a sandbox, though it could before; run this again.") from error
