"""The tables of a gradebook: are they those that the installed nbgrader writes?"""

import functools

from utils.errors import CourseError


def expect_todays(db, where):
    """CourseError unless the tables are today's, and may be written to: a row goes in, for the caller to undo.

    where: the gradebook's place, in words.
    """
    from sqlalchemy import inspect, text

    tables = inspect(db).get_table_names()
    if not tables:
        raise never_released(where)
    if "assignment" not in tables:
        raise CourseError(f"The database {where} is no gradebook of nbgrader: mend db_url.")
    version = db.scalar(text("SELECT version_num FROM alembic_version")) if "alembic_version" in tables else None
    newest, known = _versions()
    if version is not None and version not in known:
        raise CourseError(
            f"The gradebook {where} was left untouched, as a newer nbgrader made it (version {version} of the tables "
            f"came, {newest} is the newest known here): install that nbgrader, as `nbgrader db upgrade` goes forward "
            f"only."
        )
    if version != newest:
        raise CourseError(
            f"The gradebook {where} was left untouched, as an older nbgrader made it (version {version} of the tables "
            f"came, {newest} was expected): run `nbgrader db upgrade`, then this again."
        )
    # a row that is written as it is would not do: SQLite leaves out what changes nothing
    db.execute(text("INSERT INTO alembic_version (version_num) VALUES ('')"))


def never_released(where):
    """What to say of a gradebook that knows no lesson."""
    return CourseError(
        f"No lesson was ever released to a gradebook at {where}: run `python -m utils release`, with the same --db or "
        f"--course if you named one, then this again."
    )


@functools.cache
def _versions():
    """The version of the tables that the installed nbgrader writes, and all those that it can upgrade."""
    from alembic.script import ScriptDirectory
    from nbgrader.dbutil import ALEMBIC_DIR

    scripts = ScriptDirectory(ALEMBIC_DIR)
    return scripts.get_current_head(), {script.revision for script in scripts.walk_revisions()}
