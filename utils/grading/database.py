"""The database of nbgrader's gradebook: opened when it is fit, its refusals in one sentence, copies of it."""

import contextlib
import functools
import logging
import os
import re
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

from utils.errors import CourseError

WAIT = 10  # seconds that another program's writing is waited for
KEPT = 10  # copies
COPY = re.compile(r"\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{6}Z\.db")

# What the database drivers say, and what it means to a person.
REFUSALS = {
    r"locked": f"has been locked by another program for {WAIT} seconds: wait for that program or close it",
    r"readonly|read-only|unable to open|permission|denied": "or its folder may not be written to: allow that",
    r"full|disk I/O error|no space": "finds no room on its disk: make some",
    r"not a database|malformed": "is damaged or not a database: put back the newest copy from grading/backups/",
}


def open_database(url):
    """An engine on the gradebook at `url`, as nbgrader's own `db_url`. Nothing is created, changed or upgraded.

    Raises CourseError where no lesson was ever released to it, where it cannot be written to, and where it is of
    another version of nbgrader.
    """
    from sqlalchemy import create_engine
    from sqlalchemy.exc import SQLAlchemyError

    try:
        engine = create_engine(url)
        if engine.dialect.name == "sqlite":
            engine = create_engine(url, connect_args={"timeout": WAIT})
    except (SQLAlchemyError, ImportError, TypeError) as error:
        raise CourseError(f"The gradebook's address cannot be used ({first_line(error)}): mend db_url.") from error
    try:
        file = file_of(engine)
        if file is not None and not file.is_file():
            raise _never_released(engine)
        with refusals(engine), engine.connect() as db:
            _begin(db)
            _fit(db, engine)
            db.rollback()
    except CourseError:
        engine.dispose()
        raise
    return engine


def _fit(db, engine):
    """Raise CourseError unless the tables are today's, and may be written to: a row goes in, for the caller to undo."""
    from sqlalchemy import inspect, text

    tables = inspect(db).get_table_names()
    if not tables:
        raise _never_released(engine)
    if "assignment" not in tables:
        raise CourseError(f"The database {place(engine)} is no gradebook of nbgrader: mend db_url.")
    version = db.scalar(text("SELECT version_num FROM alembic_version")) if "alembic_version" in tables else None
    newest, known = _versions()
    if version is not None and version not in known:
        raise CourseError(
            f"The gradebook {place(engine)} was left untouched, as a newer nbgrader made it (version {version} of the "
            f"tables came, {newest} is the newest known here): install that nbgrader, as `nbgrader db upgrade` goes "
            f"forward only."
        )
    if version != newest:
        raise CourseError(
            f"The gradebook {place(engine)} was left untouched, as an older nbgrader made it (version {version} of "
            f"the tables came, {newest} was expected): run `nbgrader db upgrade`, then this again."
        )
    # a row that is written as it is would not do: SQLite leaves out what changes nothing
    db.execute(text("INSERT INTO alembic_version (version_num) VALUES ('')"))


@functools.cache
def _versions():
    """The version of the tables that the installed nbgrader writes, and all those that it can upgrade."""
    from alembic.script import ScriptDirectory
    from nbgrader.dbutil import ALEMBIC_DIR

    scripts = ScriptDirectory(ALEMBIC_DIR)
    return scripts.get_current_head(), {script.revision for script in scripts.walk_revisions()}


def _never_released(engine):
    return CourseError(
        f"No lesson was ever released to a gradebook at {place(engine)}: run `python -m utils release`, then this "
        f"again."
    )


def file_of(engine):
    """The file of a SQLite database; None for other databases, and for one in memory."""
    name = engine.url.database or ":memory:"
    return None if engine.dialect.name != "sqlite" or name == ":memory:" else Path(name.removeprefix("file:"))


def place(engine):
    """Where a database is, in words without a password."""
    return file_of(engine) or engine.url.render_as_string(hide_password=True)


@contextlib.contextmanager
def writing(engine):
    """One transaction: everything that the block does, or nothing. CourseError when the database refuses."""
    with refusals(engine), engine.begin() as db:
        _begin(db)
        yield db


@contextlib.contextmanager
def reading(engine):
    """A connection to read from. CourseError when the database refuses."""
    with refusals(engine), engine.connect() as db:
        yield db


def _begin(db):
    """Keep other writers out from the start: nobody changes what is read here before it is written."""
    if db.dialect.name == "sqlite":
        db.exec_driver_sql("BEGIN IMMEDIATE")


@contextlib.contextmanager
def refusals(engine):
    """Say in one sentence what a database refuses."""
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except (SQLAlchemyError, sqlite3.Error) as error:
        reason = first_line(getattr(error, "orig", None) or error)
        meanings = [meaning for words, meaning in REFUSALS.items() if re.search(words, reason, re.IGNORECASE)]
        meaning = meanings[0] if meanings else "refused: mend that"
        raise CourseError(
            f"The gradebook {place(engine)} {meaning}, then run this again; what was being written was taken back "
            f"({reason})."
        ) from error


def first_line(error):
    """The first line of an error's words, without its full stop."""
    words = [line.strip() for line in str(error).splitlines() if line.strip()]
    return words[0].rstrip(".") if words else type(error).__name__


def copy_to(engine, folder):
    """Copy a SQLite database to folder/TIME.db, and keep the newest ten copies. Returns the copy.

    Other databases: says so and returns None. Raises CourseError where the copy cannot be made.
    """
    source = file_of(engine)
    if source is None:
        logging.getLogger(__name__).warning(
            f"No copy was made of the gradebook {place(engine)}, as only one in a SQLite file can be copied from "
            f"here: use that database's own tool."
        )
        return None
    target = folder / f"{datetime.now(UTC):%Y-%m-%dT%H-%M-%S.%f}Z.db"
    scratch = folder / ".new.db"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        scratch.unlink(missing_ok=True)
        with (
            contextlib.closing(sqlite3.connect(source, timeout=WAIT)) as old,
            contextlib.closing(sqlite3.connect(scratch)) as new,
        ):
            old.backup(new)
        os.replace(scratch, target)
        for copy in sorted(path for path in folder.iterdir() if COPY.fullmatch(path.name))[:-KEPT]:
            copy.unlink()
    except (OSError, sqlite3.Error) as error:
        with contextlib.suppress(OSError):
            scratch.unlink(missing_ok=True)
        raise CourseError(
            f"Could not copy the gradebook {source} to {folder} ({first_line(error)}): mend that, then run this "
            f"again; nothing was graded."
        ) from error
    return target
