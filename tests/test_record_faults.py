"""A gradebook survives kills and full disks, is copied, and is refused where it does not fit."""
# ruff: noqa: F811 - tests name the fixtures that are imported

import contextlib
import os
import shutil
import sqlite3
from pathlib import Path

import pytest
from gradebooks import PARTS, address, book, dump, home, open_book, released, report_of, sql  # noqa: F401

from utils.errors import CourseError
from utils.grading import copies, database, rows
from utils.grading.autograded import put_away
from utils.grading.record import Book

# ----------------------------------------------------------------------------------------- interrupted, or out of room


def test_a_kill_before_the_folder_is_in_place_is_harmless(home, book, monkeypatch):
    report = report_of(book, notebooks={PARTS[0]: {"cells": []}})
    book.write(report)
    before, ids = dump(home), sql(home, "SELECT id FROM grade ORDER BY id")
    with monkeypatch.context() as patch:
        patch.setattr(os, "rename", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt()))
        with pytest.raises(KeyboardInterrupt):
            put_away(home, report)
    book.write(report)
    put_away(home, report)
    assert dump(home) == before and sql(home, "SELECT id FROM grade ORDER BY id") == ids


@pytest.mark.parametrize("where", ["put_grades", "put_comments", "standing"])
def test_an_interrupt_in_the_middle_leaves_what_was(home, book, monkeypatch, where):
    book.write(report_of(book))
    before = dump(home)

    def stop(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(rows, where, stop)
        with pytest.raises(KeyboardInterrupt):
            book.write(report_of(book, share=0.0))
    assert dump(home) == before
    assert book.write(report_of(book, share=0.0))["total"] == 0


def pages(book, setting):
    with book.engine.connect() as db:
        return db.exec_driver_sql(f"PRAGMA {setting}").scalar()


def test_a_full_disk_is_one_sentence_and_loses_nothing(home, book):
    before = dump(home)
    pages(book, f"max_page_count = {pages(book, 'page_count')}")
    with pytest.raises(CourseError, match="finds no room on its disk: make some, .*database or disk is full") as caught:
        for number in range(100):
            book.write(report_of(book, f"student{number}"))
            before = dump(home)
    assert "\n" not in str(caught.value) and dump(home) == before
    pages(book, "max_page_count = 1000000")
    assert book.write(report_of(book))["total"] > 0
    assert sql(home, "PRAGMA integrity_check") == [("ok",)]


def test_a_disk_that_fills_at_the_commit(home, book):
    from sqlalchemy import event

    def full(_):
        raise sqlite3.OperationalError("database or disk is full")

    before = dump(home)
    event.listen(book.engine, "commit", full)
    with pytest.raises(CourseError, match="database or disk is full"):
        book.write(report_of(book))
    event.remove(book.engine, "commit", full)
    assert dump(home) == before
    assert book.write(report_of(book))["total"] > 0


# ------------------------------------------------------------------------------------------------------------- backups


def test_backups(home, book):
    folder = home / "grading" / "backups"
    folder.mkdir(parents=True)
    (folder / "mine.db").write_text("kept")
    (folder / ".new.db").write_text("of a killed run")
    book.write(report_of(book))
    first = book.backup()
    before = dump(home)
    for _ in range(copies.KEPT):
        last = book.backup(folder)
    assert not first.exists() and (folder / "mine.db").read_text() == "kept"
    assert len(list(folder.iterdir())) == copies.KEPT + 1
    book.write(report_of(book, share=0.0))
    shutil.copy(last, home / "gradebook.db")
    assert dump(home) == before


def test_a_backup_that_cannot_be_made(home, book):
    (home / "grading").write_text("")
    with pytest.raises(CourseError, match="^Could not copy the gradebook .* nothing was graded.$"):
        book.backup()


def test_other_databases_are_not_copied(home, caplog):
    from sqlalchemy import create_engine

    assert copies.copy_to(create_engine("sqlite://"), home / "backups") is None
    assert "only one in a SQLite file or in PostgreSQL can be copied" in caplog.text and not (home / "backups").exists()


# --------------------------------------------------------------------------------------- gradebooks that do not fit


def refused(home, words, url=None):
    """Open a gradebook that must not be opened; it is one sentence, and no byte of the file changes."""
    path = home / "gradebook.db"
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(CourseError, match=words) as caught:
        Book(home, url or address(home))
    text = str(caught.value)
    assert "\n" not in text and text.endswith(".") and "Traceback" not in text
    assert (path.read_bytes() if path.is_file() else None) == before
    assert [p.name for p in home.iterdir()] == ([path.name] if before is not None else [])


@pytest.mark.parametrize(
    ("version", "words"),
    [
        ("'167914646830'", r"untouched, as an older .*version 167914646830 .*: run `nbgrader db upgrade`, then"),
        ("'ffffffffffff'", r"untouched, as a newer .*version ffffffffffff .*: install that nbgrader"),
    ],
)
def test_another_version_of_nbgrader(home, version, words):
    sql(home, f"UPDATE alembic_version SET version_num = {version}")
    refused(home, words)


def test_tables_without_a_version(home):
    sql(home, "DROP TABLE alembic_version")
    refused(home, "as an older nbgrader made it .version None")


def test_what_is_no_gradebook(home):
    path = home / "gradebook.db"
    path.write_bytes(b"rubbish" * 1000)
    refused(home, "is damaged or not a database: put back the newest copy from grading/backups/, then")
    path.write_bytes(b"")
    refused(home, "No lesson was ever released to a gradebook at .*: run `python -m utils release`")
    sql(home, "CREATE TABLE x (y)")
    refused(home, "is no gradebook of nbgrader: mend db_url")
    path.unlink()
    refused(home, "No lesson was ever released")
    refused(home, "^The gradebook's address cannot be used", "no address")
    refused(home, "^The gradebook's address cannot be used", "nodb://x")


def test_a_file_that_may_only_be_read(home):
    read_only = f"sqlite:///file:{home / 'gradebook.db'}?mode=ro&uri=true"
    refused(home, "or its folder may not be written to: allow that, .*readonly database", read_only)


@pytest.mark.skipif(not hasattr(os, "seteuid"), reason="folders have no owner here")
def test_a_folder_that_may_only_be_read(released):
    # below /tmp itself: others may not even enter pytest's own folders
    home = Path("/tmp") / f"test_record_{os.getpid()}"
    home.mkdir(mode=0o755)
    try:
        shutil.copy(released, home / "gradebook.db")
        (home / "gradebook.db").chmod(0o666)
        with open_book(home):
            pass  # everything is imported, and read, now
        home.chmod(0o555)
        with as_nobody():
            refused(home, "or its folder may not be written to: allow that")
    finally:
        home.chmod(0o755)
        shutil.rmtree(home)


@contextlib.contextmanager
def as_nobody():
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_lock_that_stays_is_one_sentence(home, monkeypatch):
    monkeypatch.setattr(database, "WAIT", 0.1)
    book = open_book(home)
    with contextlib.closing(sqlite3.connect(home / "gradebook.db", isolation_level=None)) as other, book:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(CourseError, match="has been locked by another program for 10 seconds: wait for that"):
            open_book(home)
        other.execute("ROLLBACK")
        report = report_of(book)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(CourseError, match="has been locked by another program"):
            book.write(report)
        other.execute("ROLLBACK")
        assert book.write(report)["total"] > 0


def test_the_wait_for_a_lock_is_what_the_sentence_says(book):
    assert pages(book, "busy_timeout") == database.WAIT * 1000 == 10_000
