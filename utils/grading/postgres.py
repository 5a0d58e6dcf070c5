"""A gradebook in PostgreSQL: how its server is asked, how one run keeps others out, what it says when it refuses.

Passwords go to libpq and nowhere else: it finds them in the address, in PGPASSWORD or in ~/.pgpass.
"""

import contextlib
import os
import re
import shutil
import socket
import subprocess
import threading

from utils.errors import CourseError

WAIT = 10  # seconds for a connection, and for what another program has locked
SILENCE = 12 * WAIT  # seconds after which a server that never answers is given up
RUN = int.from_bytes(b"rnncours")  # the advisory lock of a run
# A peer that has vanished is found out after 30 + 3 * 10 seconds, by us and by the server, which then frees the lock.
KEEPALIVE = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}
SETTINGS = {"lock_timeout": f"{WAIT}s", "statement_timeout": f"{3 * WAIT}s"}
SETTINGS |= {f"tcp_{name}": seconds for name, seconds in KEEPALIVE.items()}

# What the server says, by its code where it sends one, and what it means to a person. The first that fits counts.
REFUSALS = {
    r"28P01|28000|password|authentication|pg_hba|role .* does not exist": "does not let this user in: mend the user in "
    "the address, or the password in ~/.pgpass or PGPASSWORD",
    r"3D000|database .* does not exist": "is not there: make it with `createdb`, release the lessons to it",
    r"25006|42501|read-only|permission denied": "may not be written to by this user: allow that",
    r"53300|too many (clients|connections)|connection slots": "has no connection left: end a program that holds one",
    r"53100|no space left|disk full": "finds no room on its disk: make some",
    r"55P03": f"has been locked by another program for {WAIT} seconds: wait for that program or close it",
    r"40P01|40001": "was being changed by another program at the same moment: wait for that program",
    r"57014|time(d )?out": "did not answer in time: see what its server is busy with",
    r"57P0|^08|refused|resolve|unreachable|no route|no such file|closed|lost|terminat|reset|starting|shutting|recovery":
    "cannot be reached: start its server or mend the address",
}  # fmt: skip


def driven(url):
    """The same address for psycopg 3, which older versions of SQLAlchemy have to be told, its password in its place."""
    query = dict(url.query)
    if password := query.pop("password", None):
        url = url.set(password=password, query=query)
    return url.set(drivername="postgresql+psycopg") if url.drivername == "postgresql" else url


def options(url):
    """What SQLAlchemy makes an engine with: one connection, which holds the lock of the run, and no endless waiting."""
    patience = {"connect_timeout": WAIT, "tcp_user_timeout": 3000 * WAIT, **KEEPALIVE}
    return {
        "connect_args": {name: value for name, value in patience.items() if name not in url.query},
        "isolation_level": "READ COMMITTED",
        "pool_size": 1,
        "max_overflow": 0,
    }


def tune(connection, _):
    """Set a new connection's limits. What it commits has to outlive the server: the journal counts on it."""
    with connection.cursor() as cursor:
        cursor.execute("; ".join(f"SET {name} = '{value}'" for name, value in SETTINGS.items()))
        name = "synchronous_commit"
        cursor.execute(f"SELECT set_config('{name}', 'on', false) WHERE current_setting('{name}') = 'off'")
    connection.commit()


def add_nameless_course(url):
    """Make the tables, and the course to which lessons belong where CourseDirectory.course_id is not set.

    nbgrader refers to it and never makes it, which SQLite does not mind.
    """
    from nbgrader.api import Course, Gradebook

    with Gradebook(url, "") as gradebook:
        gradebook.db.merge(Course(id=""))
        gradebook.db.commit()


def keep_others_out(db, where):
    """Take the lock of a run; the server frees it when this connection ends. CourseError when another run has it."""
    from sqlalchemy import func, select

    if not db.scalar(select(func.pg_try_advisory_lock(RUN))):
        raise CourseError(
            f"Another run is grading into the gradebook {where}, perhaps from another machine: wait until it has "
            f"ended, and run this again; of a machine that was lost the server takes notice within a minute."
        )


@contextlib.contextmanager
def given_up_when_silent(db):
    """End the connection when the block takes too long: a server may take all that is sent, and never answer."""

    def hang_up():
        with contextlib.suppress(OSError), socket.socket(fileno=os.dup(handle)) as line:
            line.shutdown(socket.SHUT_RDWR)

    handle = db.connection.fileno()
    timer = threading.Timer(SILENCE, hang_up)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def dump(engine, target):
    """Copy the database to the file `target`, in the form that `pg_restore` reads. OSError when pg_dump fails."""
    _, given = engine.dialect.create_connect_args(engine.url)
    password = given.pop("password", None)
    words = {"connect_timeout": WAIT} | {name: value for name, value in given.items() if isinstance(value, str | int)}
    where = " ".join("{}='{}'".format(name, re.sub(r"(['\\])", r"\\\1", str(value))) for name, value in words.items())
    command = ["pg_dump", "--format=custom", "--no-password", f"--lock-wait-timeout={WAIT}s"]
    ended = subprocess.run(
        [*command, f"--file={target}", f"--dbname={where}"],
        env=os.environ | ({"PGPASSWORD": password} if password else {}),
        capture_output=True,
        text=True,
        timeout=5 * SILENCE,
    )
    if ended.returncode:
        raise OSError(ended.stderr.strip() or f"pg_dump ended with {ended.returncode}")


def no_dump(engine):
    """Why pg_dump cannot copy this server's databases; None where it can."""
    if shutil.which("pg_dump") is None:
        return "there is no pg_dump on PATH"
    said = subprocess.run(["pg_dump", "--version"], capture_output=True, text=True).stdout
    server, ours = engine.dialect.server_version_info[0], re.search(r"\) (\d+)", said)
    if ours is None or int(ours[1]) < server:
        return f"pg_dump is of version {ours[1] if ours else 'unknown'} and the server of {server}"
    return None
