"""Make `.venv` and install the course in it: `python3 utils/bootstrap.py lab,grade`.

Standard library only, and nothing newer than Python 3.6 before the version is checked: this file runs before
anything is installed, perhaps under a Python that is too old. A stamp in `.venv` says what has been installed; where
it already covers what is asked, nothing is done. Every way to fail ends in one sentence on stderr and exit code 1.
"""

import hashlib
import json
import os
import re
import subprocess
import sys
import time

NEEDED = (3, 11)
TESTED = "constraints.txt"
OTHER_PYTHONS = ("python3.13", "python3.12", "python3.11")
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
NETWORK = re.compile(
    r"NewConnectionError|NameResolutionError|Temporary failure in name resolution|Max retries exceeded|ConnectTimeout"
    r"|ReadTimeout|ProxyError|Connection (refused|aborted|reset)|Network is unreachable|connection broken|SSLError"
    r"|from versions: none"
)


class SetupError(Exception):
    """One sentence for the person who started the set-up."""


def log_path(root):
    """Where pip's own words are kept."""
    return os.path.join(root, "build", "setup.log")


def venv_python(root):
    """The interpreter inside `.venv`, on POSIX or Windows."""
    inside = ("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")
    return os.path.join(root, ".venv", *inside)


def newer_python(version):
    """None if `version` is new enough, else the path of an installed Python that is. Raises SetupError without one."""
    if tuple(version[:2]) >= NEEDED:
        return None
    for name in OTHER_PYTHONS:
        try:
            code = "import sys; print(sys.executable)"
            return subprocess.check_output([name, "-c", code], stderr=subprocess.DEVNULL).decode().strip()
        except (OSError, subprocess.CalledProcessError):
            continue
    raise SetupError(
        "The course needs Python {}.{} or newer and this is Python {}.{}: install a newer one from python.org, then "
        "run the command again with PYTHON=/path/to/it.".format(*(NEEDED + tuple(version[:2])))
    )


def constraints():
    """The file, seen from the root, that holds versions still: the tested ones, or what COURSE_CONSTRAINTS names."""
    return os.environ.get("COURSE_CONSTRAINTS") or TESTED


def fingerprint(root):
    """A hash of everything that decides what gets installed: the two files' names and contents."""
    digest = hashlib.sha256()
    for name in ("pyproject.toml", constraints()):
        with open(os.path.join(root, name), "rb") as file:
            digest.update(name.encode() + b"\n" + file.read())
    return digest.hexdigest()


def read_stamp(root):
    """What the last complete set-up left: its "root", "hash" and "extras"; empty ones where there was none."""
    try:
        with open(os.path.join(root, ".venv", "course.json")) as file:
            stamp = json.load(file)
        return {"root": str(stamp["root"]), "hash": str(stamp["hash"]), "extras": sorted(stamp["extras"])}
    except (OSError, ValueError, KeyError, TypeError):
        return {"root": "", "hash": "", "extras": []}


def covers(root, stamp, extras):
    """Whether what the stamp tells of is all that is asked for, in this folder and at these versions."""
    done = stamp["hash"] == fingerprint(root) and stamp["root"] == root and set(extras) <= set(stamp["extras"])
    return done and os.path.exists(venv_python(root))


def write_stamp(root, stamp):
    """Write the stamp in one step; it is the last thing a set-up does."""
    path = os.path.join(root, ".venv", "course.json")
    with open(path + ".new", "w") as file:
        json.dump(stamp, file)
    os.replace(path + ".new", path)


def hold_lock(root):
    """Take the set-up's lock and return the open file; the system drops it when the process ends, however it ends."""
    folder = os.path.join(root, "build")
    try:
        os.makedirs(folder, exist_ok=True)
        file = open(os.path.join(folder, "setup.lock"), "a+")
    except OSError as error:
        words = "The course cannot write in {} ({}): copy it to a folder of your own and run the command there."
        raise SetupError(words.format(root, error.strerror))
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise SetupError("Another set-up is running here: wait until it has ended, then run the command again.")
    return file


def runs(command):
    """Whether the command can be started and ends well."""
    try:
        return subprocess.call(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0
    except OSError:
        return False


def usable(root, stamp):
    """Whether `.venv` can be installed into: not copied from elsewhere, nothing cut short in it, its pip runs."""
    if stamp["root"] not in ("", root) or os.path.exists(os.path.join(root, ".venv", "installing")):
        return False
    return runs([venv_python(root), "-c", "import pip, sys; sys.exit(sys.version_info < (3, 11))"])


def call(command, root, lock):
    """Run a command with its output in the log; returns its exit code. The child shares the lock and may outlive us."""
    shared = () if lock is None or os.name == "nt" else (lock.fileno(),)
    with open(log_path(root), "w") as log:
        return subprocess.call(command, cwd=root, stdout=log, stderr=subprocess.STDOUT, pass_fds=shared)


def make_venv(root, lock=None):
    """Make `.venv` anew. Raises SetupError where Python came without venv (Debian splits it off)."""
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        raise SetupError(
            "{} came without its venv module: on Debian or Ubuntu install it with `sudo apt install python{}.{}-venv`, "
            "then run the command again.".format(sys.executable, *sys.version_info[:2])
        )
    if call([sys.executable, "-m", "venv", "--clear", os.path.join(root, ".venv")], root, lock):
        raise SetupError("Python could not make .venv ({}): {}".format(last_line(root), where_to_read(root)))


def install(root, extras, lock=None):
    """Install the course with these extras in `.venv`, at the wanted versions. Raises SetupError with the reason."""
    marker = os.path.join(root, ".venv", "installing")
    open(marker, "w").close()
    what = ".[{}]".format(",".join(extras)) if extras else "."
    command = [venv_python(root), "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--retries", "2"]
    command += ["-c", constraints(), "-e", what]
    # Versions that are not held still are to be the newest, also where an older one is installed.
    command += [] if constraints() == TESTED else ["--upgrade", "--upgrade-strategy", "eager"]
    if call(command, root, lock):
        raise SetupError(reason(root))
    os.remove(marker)


def reason(root):
    """Why pip failed, in one sentence, from what it wrote."""
    with open(log_path(root), errors="replace") as log:
        text = log.read()
    if "No space left on device" in text:
        return "The disk is full: free about 2 GB and run the command again; " + where_to_read(root)
    if NETWORK.search(text):
        advice = "check the network and run the command again; "
        return "The set-up could not reach the package index: " + advice + where_to_read(root)
    return "pip could not install the course ({}): {}".format(last_line(root), where_to_read(root))


def last_line(root):
    """The last line of the log that says what went wrong."""
    with open(log_path(root), errors="replace") as log:
        lines = [line.strip() for line in log if line.strip()]
    # Below a bare "ERROR: Exception:" stands a traceback, which says it in its last line.
    errors = [line for line in lines if line.startswith(("ERROR:", "Error:")) and line != "ERROR: Exception:"]
    return (errors or lines or ["it said nothing"])[-1]


def where_to_read(root):
    """The half sentence that names the log."""
    return "its whole output is in {}.".format(os.path.relpath(log_path(root), root))


def timed(label, function, *arguments):
    """Run one phase and print its line with the seconds it took."""
    sys.stdout.write(label + " ... ")
    sys.stdout.flush()
    start = time.time()
    try:
        function(*arguments)
    except BaseException:
        sys.stdout.write("failed\n")
        sys.stdout.flush()
        raise
    sys.stdout.write("{:.0f} s\n".format(time.time() - start))
    sys.stdout.flush()


def set_up(root, extras):
    """Bring `.venv` to hold the course with at least these extras; returns whether anything had to be done."""
    stamp = read_stamp(root)
    if covers(root, stamp, extras):
        return False
    with hold_lock(root) as lock:
        fresh = not usable(root, stamp)
        extras = sorted(set(extras) if fresh else set(extras) | set(stamp["extras"]))
        if fresh:
            timed("Making .venv", make_venv, root, lock)
        timed("Installing {}".format(", ".join(["the course"] + extras)), install, root, extras, lock)
        write_stamp(root, {"root": root, "hash": fingerprint(root), "extras": extras})
    return True


def main(arguments):
    """Set up `.venv` with the extras named in `arguments` ("lab,grade" or "lab" "grade"); returns the exit code."""
    try:
        better = newer_python(sys.version_info)
        if better:
            return subprocess.call([better, os.path.abspath(__file__)] + list(arguments))
        extras = sorted({extra for argument in arguments for extra in argument.split(",") if extra})
        set_up(ROOT, extras)
        return 0
    except SetupError as error:
        sys.stderr.write(str(error) + "\n")
    except OSError as error:
        place = error.filename or "a file"
        sys.stderr.write("The set-up stopped at {} ({}): mend that, then run again.\n".format(place, error.strerror))
    except KeyboardInterrupt:
        sys.stderr.write("The set-up was interrupted: run the command again and it starts afresh.\n")
    return 1


if __name__ == "__main__":
    # The folder of this file stands first on the path: its modules would hide those of the standard library.
    sys.path.pop(0)
    sys.exit(main(sys.argv[1:]))
