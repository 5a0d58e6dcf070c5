"""The database of nbgrader's gradebook: found, opened when it is fit, its refusals in one sentence."""

import contextlib
import re
import sqlite3
from pathlib import Path

from utils.errors import CourseError
from utils.grading import postgres
from utils.grading.tables import expect_todays, never_released

WAIT = postgres.WAIT  # seconds that another program's writing is waited for

# What SQLite says, and what it means to a person.
REFUSALS = {
    r"locked": f"has been locked by another program for {WAIT} seconds: wait for that program or close it",
    r"readonly|read-only|unable to open|permission|denied": "or its folder may not be written to: allow that",
    r"full|disk I/O error|no space": "finds no room on its disk: make some",
    r"not a database|malformed": "is damaged or not a database: put back the newest copy from grading/backups/",
}


def address(url):
    """The address of a gradebook, nbgrader's `db_url`, as SQLAlchemy's URL: printed, it shows no password.

    Raises CourseError where it is none.
    """
    from sqlalchemy import make_url
    from sqlalchemy.exc import SQLAlchemyError

    try:
        it = make_url(url)
    except (SQLAlchemyError, TypeError, ValueError):  # whose words may hold the password
        raise CourseError(
            "The gradebook's address cannot be used: write it as sqlite:////FOLDER/gradebook.db or as "
            "postgresql+psycopg://USER@HOST/DATABASE."
        ) from None
    if "@" in (it.host or ""):
        raise CourseError("The gradebook's address cannot be used: write an @ in a user's name or password as %40.")
    return postgres.driven(it) if it.get_backend_name() == "postgresql" else it


def open_database(url):
    """An engine on the gradebook at `url`, as nbgrader's own `db_url`. Nothing is created, changed or upgraded.

    Raises CourseError where no lesson was ever released to it, where it cannot be written to, and where it is of
    another version of nbgrader.
    """
    engine = _engine(address(url))
    try:
        file = file_of(engine)
        if file is not None and not file.is_file():
            raise never_released(place(engine))
        with reading(engine) as db:
            _begin(db)
            expect_todays(db, place(engine))
            db.rollback()
    except CourseError:
        engine.dispose()
        raise
    return engine


def prepare(url):
    """Make sure that lessons can be released to the gradebook at `url`. Returns the address, as `address` gives it.

    CourseError where its server does not let us in. SQLite needs no preparation: nbgrader makes the file.
    """
    engine = _engine(address(url))
    try:
        if engine.dialect.name != "sqlite":
            with reading(engine):
                pass  # which waits no longer than it must
            with refusals(engine):
                postgres.add_nameless_course(engine.url)
    finally:
        engine.dispose()
    return engine.url


def _engine(url):
    from sqlalchemy import create_engine, event
    from sqlalchemy.exc import SQLAlchemyError

    backend = url.get_backend_name()
    options = {"connect_args": {"timeout": WAIT}} if backend == "sqlite" else {}
    try:
        engine = create_engine(url, **(postgres.options(url) if backend == "postgresql" else options))
    except (SQLAlchemyError, ImportError, TypeError) as error:
        need = "write postgresql+psycopg:// and " if "psycopg2" in str(error) else ""
        mend = f'{need}install it with `pip install -e ".[postgres]"`' if backend == "postgresql" else "mend db_url"
        raise CourseError(f"The gradebook's address cannot be used ({first_line(error)}): {mend}.") from error
    if backend == "postgresql":
        event.listen(engine, "connect", postgres.tune)
    return engine


def file_of(engine):
    """The file of a SQLite database; None for other databases, and for one in memory."""
    name = engine.url.database or ":memory:"
    return None if engine.dialect.name != "sqlite" or name == ":memory:" else Path(name.removeprefix("file:"))


def place(engine):
    """Where a database is, in words without a password."""
    return file_of(engine) or engine.url.set(query={}).render_as_string(hide_password=True)


@contextlib.contextmanager
def writing(engine):
    """One transaction: everything that the block does, or nothing. CourseError when the database refuses."""
    with refusals(engine), engine.begin() as db, _patience(db):
        _begin(db)
        yield db


@contextlib.contextmanager
def reading(engine):
    """A connection to read from. CourseError when the database refuses."""
    with refusals(engine), engine.connect() as db, _patience(db):
        yield db


def _begin(db):
    """Keep other writers out from the start: nobody changes what is read here before it is written.

    PostgreSQL keeps them from single rows, those that are read for update (rows.py).
    """
    if db.dialect.name == "sqlite":
        db.exec_driver_sql("BEGIN IMMEDIATE")


def _patience(db):
    """SQLite is part of this process and always answers; a server may not."""
    return postgres.given_up_when_silent(db) if db.dialect.driver == "psycopg" else contextlib.nullcontext()


def keep_others_out(engine):
    """Keep other runs out of a PostgreSQL database, from whatever machine, until the engine is disposed of.

    The engine has one connection: when it is lost, and the lock with it, the next write fails. A file has the lock in
    its course's folder.
    """
    if engine.dialect.name == "postgresql":
        with reading(engine) as db:
            postgres.keep_others_out(db, place(engine))


@contextlib.contextmanager
def refusals(engine):
    """Say in one sentence what a database refuses."""
    from sqlalchemy.exc import SQLAlchemyError

    known = postgres.REFUSALS if engine.dialect.name == "postgresql" else REFUSALS
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error) as error:
        cause = getattr(error, "orig", None) or error
        reason = first_line(cause)
        said = f"{getattr(cause, 'sqlstate', None) or ''} {reason}".strip()
        meanings = (meaning for words, meaning in known.items() if re.search(words, said, re.IGNORECASE))
        raise CourseError(
            f"The gradebook {place(engine)} {next(meanings, 'refused: mend that')}, then run this again; nothing was "
            f"written by halves ({reason})."
        ) from error


def first_line(error):
    """The first line of an error's words, without its full stop."""
    words = [line.strip() for line in str(error).splitlines() if line.strip()]
    return words[0].rstrip(".") if words else type(error).__name__
