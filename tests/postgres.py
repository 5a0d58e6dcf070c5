"""PostgreSQL for the tests: the server that COURSE_TEST_DATABASE names, or one of our own in a temporary folder.

Each test makes its own database and drops it. Where no server can be had, tests marked `postgres` fail in CI, and are
left out elsewhere, which is said at the end.
"""

import contextlib
import importlib.util
import itertools
import os
import secrets
import socket
import threading

import postgres_server
import pytest

SERVER = "COURSE_TEST_DATABASE"
LESSON, OTHER = "00_start_here", "01_rnn_cell"
number = itertools.count(1)


# --------------------------------------------------------------------------------------------------- with or without


def obstacle(own=False):
    """Why there can be no server here, or none of our own; None where there can."""
    if importlib.util.find_spec("psycopg") is None:
        return 'psycopg is missing: pip install -e ".[postgres]"'
    named = bool(os.environ.get(SERVER))
    if postgres_server.binaries() is None and (own or not named):
        return "no PostgreSQL server: sudo apt install postgresql" + ("" if named else f", or name one in {SERVER}")
    return None


def select(config, items):
    """Leave the tests marked `postgres` out where there is no server; in CI they stay, and fail.

    Those marked `postgres(own=True)` need one of their own, whatever server is named.
    """
    marks = {item: mark for item in items if (mark := item.get_closest_marker("postgres"))}
    reasons = {item: reason for item, mark in marks.items() if (reason := obstacle(**mark.kwargs))}
    if reasons and not os.environ.get("CI"):
        items[:] = [item for item in items if item not in reasons]
        config.hook.pytest_deselected(items=list(reasons))
        notes(config)["postgres"] = "; ".join(sorted(set(reasons.values())))


NOTED = pytest.StashKey()


def notes(config):
    """What is to be said at the end of all tests: a dict, which a process of xdist hands on."""
    return getattr(config, "workeroutput", config.stash.setdefault(NOTED, {}))


# -------------------------------------------------------------------------------------------------------- the server


@pytest.fixture(scope="session")
def server(ran):
    """The address of a server, as SQLAlchemy's URL, where databases may be made."""
    from sqlalchemy import make_url

    if reason := obstacle():
        pytest.fail(reason)
    with contextlib.ExitStack() as stack:
        named = os.environ.get(SERVER)
        url = make_url(named) if named else stack.enter_context(postgres_server.own_server()).url
        ran("PostgreSQL", run_sql(url, "SHOW server_version")[0][0])
        yield url


@pytest.fixture
def mortal():
    """A server that the test may kill."""
    if reason := obstacle(own=True):
        pytest.fail(reason)
    with postgres_server.own_server() as own:
        yield own


# ----------------------------------------------------------------------------------------------------- its databases


def run_sql(url, *commands):
    """Run commands, each by itself; the rows of the last one."""
    from sqlalchemy import create_engine, text

    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with contextlib.closing(engine.connect()) as db:
        for command in commands:
            found = db.execute(text(command))
        rows = found.fetchall() if found.returns_rows else []
    engine.dispose()
    return rows


@contextlib.contextmanager
def database(server, template="template1"):
    """A database of its own, dropped at the end."""
    name = f"course_{os.getpid()}_{secrets.token_hex(3)}_{next(number)}"
    run_sql(server, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    try:
        yield server.set(database=name)
    finally:
        run_sql(server, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def released_there(server):
    """The name of a database that knows two lessons."""
    import alembic_once  # noqa: F401  (makes new gradebooks cheap)

    from utils.authoring.release import register
    from utils.grading.database import prepare

    with database(server) as url:
        prepare(url)
        for lesson in (LESSON, OTHER):
            register(lesson, url)
        yield url.database


@pytest.fixture
def empty(server):
    """The address of a database that holds nothing."""
    with database(server) as url:
        yield url


@pytest.fixture
def url(server, released_there):
    """The address of a gradebook that knows two lessons."""
    with database(server, released_there) as url:
        yield url


def plain(url):
    """An address as a person writes it, password and all."""
    return url.render_as_string(hide_password=False)


# ------------------------------------------------------------------------------------------------------- the wire


class Door:
    """Another address of a server, which a test can shut (connections end, new ones are refused) or freeze."""

    def __init__(self, url):
        self.behind = (url.host, url.port or 5432)
        self.flows, self.ends, self.port = threading.Event(), [], 0
        self.flows.set()
        self.open()
        self.url = url.set(host="127.0.0.1", port=self.port)

    def open(self):
        self.listener = socket.create_server(("127.0.0.1", self.port))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._let_in, args=[self.listener], daemon=True).start()

    def shut(self):
        for end in (self.listener, *self.ends):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        self.ends.clear()
        self.flows.set()

    def _let_in(self, listener):
        with contextlib.suppress(OSError):
            while True:
                near, far = listener.accept()[0], socket.create_connection(self.behind)
                self.ends += [near, far]
                for pair in ((near, far), (far, near)):
                    threading.Thread(target=self._carry, args=pair, daemon=True).start()

    def _carry(self, one, other):
        with contextlib.suppress(OSError):
            while said := one.recv(65536):
                self.flows.wait()
                other.sendall(said)
            other.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def door(url):
    """A way to the gradebook that the test can shut."""
    door = Door(url)
    yield door
    door.shut()
