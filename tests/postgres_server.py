"""A PostgreSQL server of the tests' own, in a temporary folder. It ends with the process that started it."""

import contextlib
import glob
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from pathlib import Path

from waiting import until

PASSWORD = "se'cret@1 %"  # what an address has to quote
SPEED = ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "shared_buffers=16MB", "max_connections=30")
FOLDER = "course-postgres-"


def binaries():
    """The folder of the newest server that is installed, or None."""
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"), key=lambda path: float(path.split("/")[4]))
    here = shutil.which("initdb") or (found[-1] if found else None)
    return here and Path(os.path.realpath(here)).parent


@contextlib.contextmanager
def own_server():
    """A private server, stopped at the end, and by the system where this process is killed."""
    with _folder() as home:
        server = Server(home)
        try:
            server.start()
            yield server
        finally:
            server.stop()


class Server:
    """A server in the folder `home`, its address `url`. It can be stopped or killed, and started again."""

    def __init__(self, home):
        from sqlalchemy import URL

        self.account, self.data, self.log = _account(home), home / "data", home / "log"
        (secret := home / "password").write_text(PASSWORD)
        secret.chmod(0o644)
        how = ["--auth=scram-sha-256", f"--pwfile={secret}", "-U", "course", "--no-sync", "-E", "UTF8", "--locale=C"]
        subprocess.run([*self.account, binaries() / "initdb", "-D", self.data, *how], check=True, capture_output=True)
        port = free_port()
        self.settings = [f"port={port}", "listen_addresses=127.0.0.1", f"unix_socket_directories={home}", *SPEED]
        self.url = URL.create("postgresql+psycopg", "course", PASSWORD, "127.0.0.1", port, "postgres")
        self.process = None

    def start(self):
        """Start it, again and again while what was left of a killed one is still ending."""
        try:
            until(self._is_up, 20)
        except AssertionError:
            raise AssertionError(self.log.read_text()) from None

    def _is_up(self):
        settings = (word for one in self.settings for word in ("-c", one))
        with self.log.open("w") as log:
            command = [*self.account, binaries() / "postgres", "-D", self.data, *settings]
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        until(lambda: self.process.poll() is not None or "ready to accept" in self.log.read_text())
        return self.process.poll() is None

    def stop(self, how=signal.SIGINT):
        """End it: PostgreSQL's fast shutdown, or what the signal says."""
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait()


@contextlib.contextmanager
def _folder():
    """A folder of our own, marked as in use by a lock; those whose processes were killed are cleared away.

    It is not below pytest's own folder, where root lets no other user in; its path is short, as a socket's must be.
    """
    for left in Path(tempfile.gettempdir()).glob(f"{FOLDER}*"):
        with contextlib.suppress(OSError), _held(left):
            shutil.rmtree(left, ignore_errors=True)
    made = Path(tempfile.mkdtemp(prefix=f"new-{FOLDER}"))
    with _held(made):
        home = made.rename(made.with_name(made.name.removeprefix("new-")))
        try:
            yield home
        finally:
            shutil.rmtree(home, ignore_errors=True)


@contextlib.contextmanager
def _held(folder):
    """A lock on a folder, which the system takes from a process that is killed. OSError where another has it."""
    import fcntl

    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(handle)


def _account(home):
    """Words that start a command as a user that PostgreSQL accepts, not root; `home` is made that user's."""
    words = ["setpriv", "--pdeathsig", "QUIT"] if shutil.which("setpriv") else []
    if os.geteuid() == 0:
        import pwd

        known = {user.pw_name for user in pwd.getpwall()}
        user = pwd.getpwnam("postgres" if "postgres" in known else "nobody")
        os.chown(home, user.pw_uid, user.pw_gid)
        words += [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    return words


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]
