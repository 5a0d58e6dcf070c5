"""What a sandbox is made of: the words that make bubblewrap build it, and the reason why it cannot.

Inside there are the system's programs, this Python, the folders in which NumPy and Matplotlib lie, the course's tree
and a small /tmp. Nothing else can be seen, nothing but /tmp can be written to, and no network or other process exists.
"""

import functools
import importlib.util
import os
import shutil
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

from utils.paths import ROOT
from utils.threads import ONE_THREAD

from . import syscalls

FIRST_UID = 60000
PYTHON = os.path.realpath(sys.base_prefix)  # the folder of the interpreter and its library
COURSE = "/course"  # where the tree stands inside
PACKAGES = "numpy", "matplotlib", "torch"
SYSTEM = "/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"
FONTS = "/usr/share/fonts", "/usr/local/share/fonts"  # Matplotlib would read each one in each sandbox; it has its own
SETTINGS = Path("/proc/sys")
FORBIDDING = (  # a setting, the value that forbids user namespaces, and one that does not
    ("user/max_user_namespaces", "0", "15000"),
    ("kernel/unprivileged_userns_clone", "0", "1"),
    ("kernel/apparmor_restrict_unprivileged_userns", "1", "0"),
)
DEVICES = "null", "zero", "full", "random", "urandom"


@dataclass(frozen=True)
class Limits:
    """How much the processes of a sandbox may use. Bytes, unless it says otherwise."""

    memory: int = 2 << 30  # addresses of one process: NumPy takes 0.1 GB, a plot 0.3, torch 0.6
    resident: int = 1 << 30  # memory of all of them, with what stands in /tmp
    processes: int = 32  # and threads
    cpu: int = 300  # seconds of one process
    file: int = 32 << 20  # the largest file
    files: int = 256  # open ones of one process
    scratch: int = 64 << 20  # all of /tmp
    entries: int = 10_000  # names in /tmp: empty files take memory too


def python_command(*arguments: str) -> list[str]:
    """What to run inside for this Python: python_command("-m", "utils.grading.worker").

    It looks for modules in the tree and in the folders of NumPy and Matplotlib only (PYTHONPATH), not in those that
    files of an environment name (-S), the folder it stands in (-P) or the user's (-s).
    """
    program = os.path.realpath(sys._base_executable)  # not the link to it in a virtual environment
    return [program, "-s", "-S", "-B", "-P", *arguments]


@functools.cache
def _package_folders() -> list[str]:
    specs = filter(None, map(importlib.util.find_spec, PACKAGES))
    return list(dict.fromkeys(str(Path(spec.origin).resolve().parent.parent) for spec in specs))


def bubblewrap(tree: Path | None, data: Path | None, command: list[str], limits: Limits, slot: int) -> list[str]:
    """The whole command that runs `command` in a sandbox; --seccomp and --info-fd go in behind its first word."""
    confined = [*_other_user(slot), *_limited(limits), *command]
    return ["bwrap", *_apart(), *_environment(), *_visible(tree, data, limits), "--chdir", "/tmp", "--", *confined]


def _apart():
    """Its own everything. Root needs no user namespace, but the rights to become somebody else inside."""
    spaces = [f"--unshare-{name}" for name in ("ipc", "pid", "net", "uts", "cgroup-try")]
    words = [*spaces, "--die-with-parent", "--new-session", "--hostname", "sandbox", "--cap-drop", "ALL"]
    if os.geteuid() == 0:
        return words + [word for right in ("SETUID", "SETGID", "SETPCAP") for word in ("--cap-add", f"CAP_{right}")]
    return [*words, "--unshare-user", "--disable-userns", "--uid", str(FIRST_UID), "--gid", str(FIRST_UID)]


def _other_user(slot):
    """The limit on processes does not bind root, and counts all processes of a user: one user for each slot."""
    if os.geteuid() != 0:
        return []
    user = str(FIRST_UID + slot)
    rights = ["--inh-caps=-all", "--ambient-caps=-all", "--bounding-set=-all"]
    return ["/usr/bin/setpriv", "--reuid", user, "--regid", user, "--clear-groups", *rights]


def _limited(limits):
    """Limits that are inherited and cannot be raised again."""
    asked = {"as": limits.memory, "nproc": limits.processes, "fsize": limits.file, "nofile": limits.files}
    asked |= {"core": 0, "memlock": 0, "msgqueue": 0, "sigpending": 256, "rtprio": 0}
    words = [f"--{name}={_allowed(name, value)}" for name, value in asked.items()]
    # at the first number a signal that may be ignored, at the second the end
    return ["/usr/bin/prlimit", *words, f"--cpu={_allowed('cpu', limits.cpu)}:{_allowed('cpu', limits.cpu + 1)}"]


def _allowed(name, value):
    import resource  # Windows has none

    hard = resource.getrlimit(getattr(resource, f"RLIMIT_{name.upper()}"))[1]
    return value if hard == resource.RLIM_INFINITY else min(value, hard)


def _environment():
    names = {"PATH": "/usr/bin:/bin", "HOME": "/tmp", "LANG": "C.UTF-8", "MPLCONFIGDIR": "/tmp", "MPLBACKEND": "Agg"}
    names |= {"PYTHONPATH": ":".join([COURSE, *_package_folders()]), "PYTHONDONTWRITEBYTECODE": "1"} | ONE_THREAD
    if sysconfig.get_config_var("Py_ENABLE_SHARED"):
        names["LD_LIBRARY_PATH"] = f"{PYTHON}/lib"
    return ["--clearenv", *(word for name, value in names.items() for word in ("--setenv", name, value))]


def _visible(tree, data, limits):
    """The files inside, each where it stands outside, so that libraries find one another."""
    # first of all, as this Python or the course may themselves lie in /tmp
    words, shown, hidden = ["--size", str(limits.scratch), "--perms", "1777", "--tmpfs", "/tmp"], [], []

    def folder(path):
        words.extend(["--perms", "0755", "--dir", str(path)])

    def show(path, inside):
        for parent in reversed(Path(inside).parents[:-1]):
            folder(parent)
        words.extend(["--ro-bind", str(path), str(inside)])
        shown.append(inside)

    def hide(path):
        if os.path.isdir(path) and _within(path, shown):
            words.extend(["--size", "4096", "--perms", "0555", "--tmpfs", str(path)])
            hidden.append(str(path))

    for path in SYSTEM:
        if os.path.islink(path):
            words += ["--symlink", os.readlink(path), path]
        elif os.path.isdir(path):
            show(path, path)
    if not _within(PYTHON, shown):
        show(PYTHON, PYTHON)
    for path in [*([ROOT] if ROOT else []), *_other_packages(), *FONTS]:
        hide(path)
    for path in _package_folders():
        if not _within(path, shown) or _within(path, hidden):
            show(path, path)
        hide(f"{path}/utils")  # the course itself, where it was installed from a wheel
    if tree is not None:
        show(tree, COURSE)
    if data is not None:
        show(data, f"{COURSE}/utils/data")
    folder("/dev")
    folder("/etc")
    words += [w for name in ("ld.so.cache", "alternatives") for w in ("--ro-bind-try", f"/etc/{name}", f"/etc/{name}")]
    words += [word for name in DEVICES for word in ("--dev-bind", f"/dev/{name}", f"/dev/{name}")]
    words += ["--symlink", "/proc/self/fd", "/dev/fd", "--symlink", "/tmp", "/dev/shm", "--proc", "/proc"]
    return words + [word for path in [*hidden, "/"] for word in ("--remount-ro", path)]


def _within(path, folders):
    return any(Path(path).is_relative_to(folder) for folder in folders)


def _other_packages():
    """Folders of packages that this Python does not use here: an old copy of the course may lie in one."""
    homes = {Path("/usr"), Path("/usr/local"), Path(PYTHON)}
    found = {p for home in homes for kind in ("site", "dist") for p in home.glob(f"lib*/python*/{kind}-packages")}
    return sorted(str(p) for p in found if not p.is_symlink() and str(p.resolve()) not in _package_folders())


def start(command: list[str], extra=(), pass_fds=(), **options) -> subprocess.Popen:
    """Start a command of `bubblewrap` with the filter of system calls on.

    Without an environment: a learner may be able to read that of bubblewrap, whatever it clears for others.
    """
    reading, writing = os.pipe()
    with open(reading, "rb"), open(writing, "wb") as pipe:
        pipe.write(syscalls.program())  # smaller than what a pipe holds
        pipe.close()
        words = [shutil.which(command[0]) or command[0], "--seccomp", str(reading), *extra, *command[1:]]
        return subprocess.Popen(words, env={}, pass_fds=[reading, *pass_fds], start_new_session=True, **options)


@functools.cache
def obstacle() -> str:
    """Why there can be no sandbox on this machine, and what to do about it; "" where one was started just now."""
    if sys.platform != "linux":
        return (
            f"a sandbox needs Linux, and this is {sys.platform}; grade in WSL2 (Windows) or in a Linux virtual machine "
            "or container (macOS), in which bubblewrap is installed"
        )
    for program, package in (("bwrap", "bubblewrap"), ("setpriv", "util-linux"), ("prlimit", "util-linux")):
        if not shutil.which(program):
            return f"a sandbox needs the program {program}, which is not here; `sudo apt install {package}`"
    try:
        syscalls.program()
    except (ImportError, OSError, RuntimeError):
        return (
            "a sandbox needs pyseccomp and its library, which are not here; `pip install -e '.[grade]'` and "
            "`sudo apt install libseccomp2`"
        )
    command = bubblewrap(None, None, python_command("-c", "pass"), Limits(), 4999)
    with start(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        said = process.stderr.read().decode(errors="replace").strip()
    return _explained(said.splitlines()[-1] if said else "it said nothing") if process.returncode else ""


def _explained(said):
    """What to do when a sandbox was tried and did not start."""
    if "Unknown option" in said:
        return f"a sandbox needs bubblewrap 0.8 or newer, and this one is older ({said}); install a newer one"
    if "bwrap" not in said:
        return f"a sandbox started, but this Python did not run in it ({said}); give its folders to everybody to read"
    if os.geteuid() == 0:
        cure = "root may make no namespaces in this container: start it with --privileged"
    else:
        cure = f"an administrator has to allow user namespaces ({_forbidding()}), or grade as root"
    return (
        f"bubblewrap could not start a sandbox here ({said}); {cure}; until then verdicts are still reached outside a "
        "learner's process, but their code may read and change whatever you may"
    )


def _forbidding():
    """The cure for the setting of the kernel that forbids a sandbox."""
    for name, forbids, cure in FORBIDDING:
        path = SETTINGS / name
        if path.is_file() and path.read_text().strip() == forbids:
            return f"`sudo sysctl {name.replace('/', '.')}={cure}`"
    return "for instance with `sudo sysctl user.max_user_namespaces=15000`"
