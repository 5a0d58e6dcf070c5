"""Ending, hanging, filling. Every bomb stops by itself at a limit that this machine bears without a sandbox."""

from .desk import answers, attack, runs

SOME = ("rnn_cell_forward", "sequence_loss", "jordan_forward")
COUNT = "count_rnn_parameters"
IGNORING = """
import signal, time
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM, signal.SIGXCPU):
    signal.signal(number, signal.SIG_IGN)
while True:
    try:
        while True:
            pass
    except BaseException:
        pass
"""
MEMORY = """
held = []
for _ in range(30):  # 3 GB at most
    held.append(bytearray(b"x") * (100 << 20))
"""
FORKS = """
import os, time
for _ in range(200):
    try:
        child = os.fork()
    except OSError:
        break
    if child == 0:
        os.setsid()
        time.sleep(30)
        os._exit(0)
"""
THREADS = """
import threading, time
for _ in range(200):
    threading.Thread(target=time.sleep, args=(30,)).start()
"""
FULL = """
import os
for place in ("/tmp", os.getcwd(), "/dev/shm", os.path.expanduser("~")):
    try:
        with open(f"{place}/full-of-zeros-of-a-student", "wb") as file:
            for _ in range(300):  # 300 MB at most
                file.write(bytes(1 << 20))
    except OSError as error:
        print(error)
os.unlink(place + "/full-of-zeros-of-a-student") if os.path.exists(place + "/full-of-zeros-of-a-student") else None
"""
FILES = """
import os
os.makedirs("/tmp/many-of-a-student", exist_ok=True)
for number in range(20_000):
    open(f"/tmp/many-of-a-student/{number}", "w").close()
"""
CLOSED = "import os\nfor fd in range(64):\n    try:\n        os.close(fd)\n    except OSError:\n        pass"
LATER = "import os, threading\nthreading.Timer(0.5, os._exit, (0,)).start()"
REGEX = "import re\nre.match(r'(a+)+$', 'a' * 60 + 'b')"
NO_LIMIT = "import sys\nsys.setrecursionlimit(10**9)\ndef down(n):\n    return down(n + 1) + 1\ndown(0)"
LIMITS = "import resource as r\nfor kind in (r.RLIMIT_NOFILE, r.RLIMIT_NPROC):\n    r.setrlimit(kind, (0, 0))"
ENDLESS_PRINT = "import time\nuntil = time.monotonic() + 60\nwhile time.monotonic() < until:\n    print('x' * 10_000)"
DEL = "class Stays:\n    def __del__(self):\n        while True: pass\nimport atexit\natexit.register(Stays().__del__)"


def called(body, name="count_rnn_parameters"):
    """An answer that does this when it is called."""
    return answers(**{name: f"def {name}(*arguments):\n    {body}"})


def slow_cells(desk):
    """Sixty cells of ten seconds each, in the first part; the second part is right."""
    for _ in range(60):
        desk.own("import time\ntime.sleep(10)")


ATTACKS = [
    attack("liveness-exit", "exit() in a cell", runs("exit()"), *SOME, quick=True),
    attack("liveness-sys-exit", "SystemExit out of an answer", called("raise SystemExit(0)"), *SOME),
    attack("liveness-os-exit", "os._exit(0) in a cell", runs("import os\nos._exit(0)"), *SOME, quick=True),
    attack("liveness-os-exit-called", "os._exit(0) in an answer", called("import os; os._exit(0)"), *SOME, quick=True),
    attack("liveness-kill", "kill -9 on itself", runs("import os\nos.kill(os.getpid(), 9)"), *SOME),
    attack("liveness-stop", "SIGSTOP on itself", runs("import os\nos.kill(os.getpid(), 19)"), *SOME),
    attack("liveness-segfault", "a null pointer", runs("import ctypes\nctypes.string_at(0)"), *SOME),
    attack("liveness-loop", "a loop without an end in a cell", runs("while True:\n    pass"), *SOME),
    attack("liveness-loop-called", "a loop without an end in an answer", called("while True: pass"), *SOME),
    attack("liveness-loop-ignoring", "a loop that ignores every interrupt", runs(IGNORING), *SOME),
    attack("liveness-loop-c", "a regular expression that never returns", runs(REGEX), *SOME),
    attack("liveness-power", "a power in C that takes minutes", called("return len(str(7 ** (10**8)))"), *SOME),
    attack("liveness-sleep", "an answer that sleeps for an hour", called("import time; time.sleep(3600)"), *SOME),
    attack("liveness-memory", "3 GB in a cell", runs(MEMORY), *SOME, quick=True),
    attack(
        "liveness-memory-called",
        "3 GB in an answer",
        called("return [bytearray(b'x') * (100 << 20) for _ in range(30)]"),
    ),
    attack("liveness-forks", "200 processes in sessions of their own", runs(FORKS), *SOME),
    attack("liveness-threads", "200 threads", runs(THREADS), *SOME),
    attack("liveness-print", "100 MB of print", runs("for _ in range(1000):\n    print('x' * 100_000)"), *SOME),
    attack(
        "liveness-print-stderr",
        "100 MB on stderr",
        runs("import sys\nfor _ in range(1000):\n    sys.stderr.write('x' * 100_000)"),
    ),
    attack("liveness-print-on", "a minute of print", runs(ENDLESS_PRINT), *SOME),
    attack("liveness-full", "files until nothing fits", runs(FULL), *SOME),
    attack("liveness-files", "20,000 files", runs(FILES), *SOME),
    attack("liveness-input", "input() in a cell", runs("name = input('Who are you? ')"), *SOME, quick=True),
    attack("liveness-stdin", "reading until the end of stdin", runs("import sys\nsys.stdin.read()"), *SOME),
    attack(
        "liveness-slow-cells", "sixty cells of ten seconds", slow_cells, "jordan_forward", "sequence_to_one_forward"
    ),
    attack("liveness-closed", "every descriptor is closed", runs(CLOSED), *SOME),
    attack("liveness-later", "a thread ends the process a little later", runs(LATER)),
    attack("liveness-recursion", "recursion until the stack is gone", runs(NO_LIMIT), *SOME),
    attack("liveness-limits", "no files and no processes are allowed any more", runs(LIMITS)),
    attack("liveness-at-exit", "an end that never comes", runs(DEL), *SOME),
]
