"""Copies of the gradebook from before a run, the newest ten of them."""

import contextlib
import logging
import os
import re
import sqlite3
import subprocess
from datetime import UTC, datetime

from utils.errors import CourseError
from utils.grading import postgres
from utils.grading.database import WAIT, file_of, first_line, place

KEPT = 10
COPY = re.compile(r"\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{6}Z\.(db|dump)")


def copy_to(engine, folder):
    """Copy a gradebook to folder/TIME.db, one in PostgreSQL to folder/TIME.dump. Returns the copy.

    Where it cannot be copied from here: says so and returns None. Raises CourseError where copying fails.
    """
    make, ending = (_copy_file, "db") if file_of(engine) else (postgres.dump, "dump")
    if reason := _obstacle(engine):
        logging.getLogger(__name__).warning(
            f"No copy was made of the gradebook {place(engine)}, as {reason}: use that database's own tool."
        )
        return None
    target = folder / f"{datetime.now(UTC):%Y-%m-%dT%H-%M-%S.%f}Z.{ending}"
    scratch = folder / f".new.{ending}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        scratch.unlink(missing_ok=True)
        make(engine, scratch)
        os.replace(scratch, target)
        for copy in sorted(path for path in folder.iterdir() if COPY.fullmatch(path.name))[:-KEPT]:
            copy.unlink()
    except (OSError, sqlite3.Error, subprocess.SubprocessError) as error:
        with contextlib.suppress(OSError):
            scratch.unlink(missing_ok=True)
        raise CourseError(
            f"Could not copy the gradebook {place(engine)} to {folder} ({first_line(error)}): mend that, then run this "
            f"again; nothing was graded."
        ) from error
    return target


def _obstacle(engine):
    """Why no copy can be made; None where one can."""
    if file_of(engine) is not None:
        return None
    if engine.dialect.name != "postgresql":
        return "only one in a SQLite file or in PostgreSQL can be copied from here"
    return postgres.no_dump(engine)


def _copy_file(engine, target):
    with (
        contextlib.closing(sqlite3.connect(file_of(engine), timeout=WAIT)) as old,
        contextlib.closing(sqlite3.connect(target)) as new,
    ):
        old.backup(new)
