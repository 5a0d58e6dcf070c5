"""What a sandbox may use, and how it ends: with root outside and with an ordinary user."""
# ruff: noqa: F811 - tests name the fixtures that are imported

import os
import signal
import subprocess
import sys
import textwrap
import time

import psutil
import pytest
from sandboxes import SLOT, inside, sandbox, sandboxed, tree, whoever  # noqa: F401

MB = 1 << 20
LIMITED = {
    "memory": ({"memory": 300 * MB}, "bytearray(400 << 20)", "MemoryError"),
    "a file": ({"file": MB}, "open('/tmp/a', 'wb').write(bytes(2 << 20))", "OSError 27"),
    "all of /tmp": ({"scratch": 2 * MB}, "open('/tmp/a', 'wb', 0).write(bytes(3 << 20)) < 3 << 20 or 1/0", ""),
    "another file in /tmp": (
        {"scratch": 2 * MB},
        "[open(f'/tmp/{n}', 'wb').write(bytes(1 << 20)) for n in range(3)]",
        "OSError 28",
    ),
    "shared memory": ({"scratch": MB}, "open('/dev/shm/a', 'wb').write(bytes(2 << 20))", "OSError 28"),
    "open files": ({"files": 50}, "[open('/dev/null') for _ in range(60)]", "OSError 24"),
    "locked memory": ({}, "import mmap, ctypes; 1 / (1 + ctypes.CDLL(None).mlockall(1))", "ZeroDivisionError"),
}


@pytest.mark.parametrize("what", LIMITED)
def test_limits(inside, whoever, what):
    limits, code, expected = LIMITED[what]
    said = f"""
        try:
            {code}
            said = ""
        except Exception as error:
            said = " ".join(str(part) for part in (type(error).__name__, getattr(error, "errno", None)) if part)
        print(json.dumps(said))
    """
    assert inside(said, **limits) == expected


def test_a_fork_loop_stops(inside):
    """With whoever runs the tests: root in the way of a user is root all the same, whom no such limit binds."""
    code = """
        import time
        made = 0
        try:
            for _ in range(100):
                if not os.fork():
                    time.sleep(30)
                    os._exit(0)
                made += 1
        except BlockingIOError:
            pass
        print(made, flush=True)
        os._exit(0)
    """
    assert 0 < inside(code, processes=12) <= 12


def test_computing_time_ends(sandbox, whoever):
    code = "import signal; signal.signal(signal.SIGXCPU, signal.SIG_IGN)\nwhile True: pass"
    assert sandbox(code, cpu=1).process.wait(60) == 128 + 9


STUBBORN = """
    import os, signal, time
    for number in range(1, 65):
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            pass
    for kind in range(3):
        if not os.fork():
            os.setsid()
            if os.fork():
                os._exit(0)
            print(kind, flush=True)
            if kind:
                os.kill(os.getpid(), signal.SIGSTOP)
            time.sleep(60)
            os._exit(0)
    os.kill(os.getpid(), signal.SIGSTOP)
"""


def wait_for(condition):
    """True as soon as the condition holds, False if it does not within ten seconds."""
    until = time.monotonic() + 10
    while not (holds := condition()) and time.monotonic() < until:
        time.sleep(0.02)
    return bool(holds)


def all_of(number, least):
    """The processes below the one of this number, once they are so many."""
    me = psutil.Process(number)
    assert wait_for(lambda: len(me.children(recursive=True)) >= least)
    return me.children(recursive=True)


def alive(processes):
    """Those that still run; a zombie that its new parent has not waited for has ended."""
    return [p for p in processes if runs(p)]


def runs(process):
    """Whether it does; it may end between two questions."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_kill_ends_orphans_and_the_stubborn(sandbox, whoever):
    box = sandbox(STUBBORN)
    assert sorted(box.process.stdout.readline() for _ in range(3)) == [b"0\n", b"1\n", b"2\n"]
    processes = [psutil.Process(box.process.pid), *all_of(box.process.pid, 5)]
    before = len(os.listdir("/proc/self/fd"))
    box.kill()
    assert box.process.returncode is not None and len(os.listdir("/proc/self/fd")) == before - 1
    assert [p for p in processes if p.is_running()] == []  # not even as a zombie
    box.kill()
    assert box.excess() == ""


def test_nothing_outlives_a_killed_parent(tree, whoever):
    holder = f"""
        import os, sys, time
        from pathlib import Path
        from utils.grading.sandbox import Sandbox, python_command
        if {whoever == "user"}:
            os.geteuid = lambda: 1000
        box = Sandbox(Path({str(tree)!r}), None, python_command("-c", {textwrap.dedent(STUBBORN)!r}), slot={SLOT})
        for _ in range(3):
            box.process.stdout.readline()
        print("ready", flush=True)
        time.sleep(60)
    """
    with subprocess.Popen([sys.executable, "-c", textwrap.dedent(holder)], stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"ready\n"
        processes = all_of(process.pid, 6)
        assert len(alive(processes)) == len(processes)
        process.kill()
    assert wait_for(lambda: not alive(processes))


def test_nothing_outlives_a_parent_killed_while_it_starts_one(tree, whoever):
    """Nobody reads what bubblewrap reports, and still its first process must not wait for ever."""
    holder = f"""
        import os, signal, subprocess
        from pathlib import Path
        from utils.grading.sandbox import Sandbox, python_command
        if {whoever == "user"}:
            os.geteuid = lambda: 1000
        start = subprocess.Popen
        def killed(*words, **options):
            process = start(*words, **options)
            if "--info-fd" in words[0]:
                os.kill(os.getpid(), signal.SIGKILL)
            return process
        subprocess.Popen = killed
        Sandbox(Path({str(tree)!r}), None, python_command("-c", "input()"), slot={SLOT})
    """
    for _ in range(10):
        assert subprocess.run([sys.executable, "-c", textwrap.dedent(holder)]).returncode == -signal.SIGKILL
    assert wait_for(lambda: not [p for p in psutil.process_iter(["cmdline"]) if str(tree) in (p.info["cmdline"] or ())])


def test_memory_is_summed_over_all_processes(sandbox, whoever):
    fill = """
        import os, time
        for _ in range({}):
            if not os.fork():
                break
        keep = b"1" * (60 << 20)
        print("full", flush=True)
        time.sleep(60)
    """
    box = sandbox(fill.format(0), resident=100 * MB)
    assert box.process.stdout.readline() == b"full\n" and box.excess() == ""
    box = sandbox(fill.format(1), resident=100 * MB)
    assert wait_for(box.excess) and box.excess() == "it used more memory than allowed"


def test_what_stands_in_tmp_counts(sandbox, whoever):
    write = """
        import time
        for number in range({}):
            open(f"/tmp/{{number}}", "wb").write(bytes({}))
        print("full", flush=True)
        time.sleep(60)
    """
    box = sandbox(write.format(3, 10 * MB), resident=30 * MB)
    assert box.process.stdout.readline() == b"full\n" and box.excess() == "it used more memory than allowed"
    box = sandbox(write.format(300, 0), entries=200)
    assert box.process.stdout.readline() == b"full\n" and box.excess() == "it made more files than allowed"
