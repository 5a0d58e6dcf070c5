"""The walls of the sandbox, each pushed against from inside, with root outside and with an ordinary user."""
# ruff: noqa: F811 - tests name the fixtures that are imported

import errno
import os
import re
import socket

import pytest
from sandboxes import SLOT, inside, sandbox, sandboxed, tree, whoever  # noqa: F401

from utils.grading import syscalls, walls
from utils.grading.sandbox import Sandbox, python_command


def test_runs_a_module_of_the_tree_with_data(tree, tmp_path, whoever):
    (tmp_path / "data").mkdir()
    (tmp_path / "data/word").write_text("data")
    with Sandbox(tree, tmp_path / "data", python_command("-m", "utils.echo"), slot=SLOT) as box:
        assert box.process.communicate(b"hello\n", timeout=60)[0] == b"HELLO data\n"
        assert box.process.returncode == 0


def test_numpy_and_a_plot_work(inside, whoever):
    size = inside("""
        import numpy as np, matplotlib.pyplot as plt
        plt.plot(np.eye(200) @ np.ones(200))
        plt.savefig("plot.png")
        print(os.path.getsize("/tmp/plot.png"))
    """)
    assert size > 1000


def test_sees_nothing_but_its_own(inside, whoever, root, tmp_path, monkeypatch):
    (tmp_path / "canary").write_text("canary")
    monkeypatch.setenv("CANARY", "canary")
    outside = [root / "utils", root / "solutions", root / "gradebook.db", tmp_path / "canary", "/etc/passwd", "/home"]
    seen = inside(f"""
        def read(path):
            try:
                return open(path).read()
            except OSError:
                return ""
        import utils
        print(json.dumps({{
            "files": [path for path in {[str(path) for path in outside]} if os.path.exists(path)],
            "processes": [name for name in os.listdir("/proc") if name.isdigit()],
            "host": os.uname().nodename,
            "open": [os.readlink("/proc/self/fd/" + name) for name in sorted(os.listdir("/proc/self/fd"))[:-1]],
            "environment": sorted(os.environ),
            "canary": "canary" in read("/proc/1/environ") + str(os.environ),
            "utils": utils.__path__,
            "path": sys.path,
        }}))
    """)
    assert seen["files"] == [] and seen["processes"] == ["1", "2"] and seen["host"] == "sandbox" and not seen["canary"]
    assert [kind.partition(":")[0] for kind in seen["open"]] == ["pipe", "pipe", "/dev/null"]
    plain = {"PATH", "HOME", "LANG", "PWD", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "MPLCONFIGDIR", "MPLBACKEND"}
    assert set(seen["environment"]) - {"LD_LIBRARY_PATH"} == plain | walls.ONE_THREAD.keys()
    assert seen["utils"] == ["/course/utils"] and str(root) not in seen["path"]


def test_no_other_copy_of_the_course_is_in_it(inside, whoever):
    copies = inside("""
        copies = [
            folder
            for top in os.listdir("/")
            if top not in ("course", "proc")
            for folder, folders, files in os.walk("/" + top)
            if "gru_reset_after.py" in files or folder.endswith("-packages/utils") and folders + files
        ]
        print(json.dumps(copies))
    """)
    assert copies == []


def test_only_tmp_can_be_written_to(inside, whoever):
    places = inside("""
        places = {"/", *("/" + name for name in os.listdir("/")), *sys.path, "/dev/shm", "/course/utils"}
        found = []
        for place in filter(os.path.isdir, places):
            try:
                if place not in ("/tmp", "/proc", "/dev/shm"):
                    os.chmod(place, 0o777)
                    found.append(place)
            except OSError:
                pass
            try:
                open(place + "/new", "w").close()
                found.append(place)
            except OSError:
                pass
        print(json.dumps(sorted({os.path.realpath(place) for place in found})))
    """)
    assert places == ["/tmp"]


def test_has_no_rights(inside, whoever):
    status = inside("""
        print(json.dumps(dict(map(str.strip, line.split(":", 1)) for line in open("/proc/self/status"))))
    """)
    user = 60000 + (SLOT if whoever == "root" else 0)
    assert status["Uid"].split() == status["Gid"].split() == [str(user)] * 4 and not status["Groups"].strip()
    assert {name: int(value, 16) for name, value in status.items() if name.startswith("Cap")} == dict.fromkeys(
        ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"), 0
    )
    assert status["NoNewPrivs"] == "1" and status["Seccomp"] == "2"


def test_no_program_gives_rights_to_who_starts_it(inside, whoever):
    lines = inside("print(json.dumps(open('/proc/self/mountinfo').read().splitlines()))")
    assert len(lines) > 5 and all("nosuid" in line.split()[5] for line in lines)


def test_refused_system_calls(inside, whoever):
    sc = pytest.importorskip("pyseccomp")
    names = " ".join(syscalls.REFUSED.values()).split()
    numbers = {name: sc.resolve_syscall(sc.Arch.NATIVE, name) for name in (*names, "clone", "clone3")}
    results = inside(f"""
        import ctypes, errno, socket
        libc = ctypes.CDLL(None, use_errno=True)
        def call(number, *arguments):
            ctypes.set_errno(0)
            result = libc.syscall(number, *(list(arguments) + [0] * 6)[:6])
            return errno.errorcode.get(ctypes.get_errno(), str(result))
        numbers = {numbers}
        clone = numbers.pop("clone")
        results = {{name: call(number) for name, number in numbers.items() if number >= 0}}
        for bit in (7, 17, 25, 26, 27, 28, 29, 30):
            results["clone %d" % bit] = call(clone, 1 << bit | 17)
            if results["clone %d" % bit] == "0":
                os._exit(0)  # the copy
        for family in (2, 10, 16, 17, 38, 40):
            for make in (socket.socket, socket.socketpair):
                try:
                    make(family, socket.SOCK_STREAM)
                    results["%s %d" % (make.__name__, family)] = "made"
                except OSError as error:
                    results["%s %d" % (make.__name__, family)] = errno.errorcode[error.errno]
        print(json.dumps(results))
    """)
    assert len(results) > 70 and results.pop("clone3") == "ENOSYS"
    assert {name: result for name, result in results.items() if result != "EPERM"} == {}


def test_no_network_and_no_socket_of_outside(inside, whoever):
    name = f"rnn-course-{os.getpid()}"
    with socket.socket(socket.AF_UNIX) as abstract:
        abstract.bind(f"\0{name}")
        abstract.listen()
        with socket.socket(socket.AF_UNIX) as ours:
            ours.connect(f"\0{name}")  # as anybody outside can
        seen = inside(f"""
            import socket
            try:
                socket.socket(socket.AF_UNIX).connect(chr(0) + "{name}")
                said = "connected"
            except OSError as error:
                said = type(error).__name__
            print(json.dumps([said, open("/proc/net/dev").read()]))
        """)
    assert seen[0] == "ConnectionRefusedError" and re.findall(r"(\w+):", seen[1]) == ["lo"]


def test_packages_that_lie_in_tmp_are_there_too(whoever, tmp_path, inside, monkeypatch):
    """A checkout may lie in /tmp, with all that is installed in it; only its own /tmp can be written to."""
    place = tmp_path / "site-packages"
    (place / "utils").mkdir(parents=True)
    (place / "word.py").write_text("said = 'here'")
    folders = walls._package_folders()
    monkeypatch.setattr(walls, "_package_folders", lambda: [*folders, str(place)])
    code = f"""
import word
try:
    open({str(place / "new")!r}, "w")
except OSError as error:
    print(json.dumps([word.said, error.errno, os.listdir({str(place / "utils")!r})]))
"""
    said, error, listed = inside(code)
    assert said == "here" and error in (errno.EROFS, errno.EACCES) and listed == []
