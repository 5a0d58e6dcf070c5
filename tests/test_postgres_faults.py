"""What a PostgreSQL server refuses is one sentence without a password; a gradebook there is copied, and put back."""
# ruff: noqa: F811 - tests name the fixtures that are imported

import contextlib
import secrets
import shutil
import stat
import subprocess

import pytest
from postgres import LESSON, door, empty, released_there, run_sql, server, url  # noqa: F401
from postgres_server import PASSWORD
from test_postgres import aside, everything, report_of

from utils.errors import CourseError
from utils.grading import copies, database, postgres
from utils.grading.record import Book

pytestmark = pytest.mark.postgres


def refused(work, words):
    """See that work is refused in one sentence, in these words and without the password. Returns the sentence."""
    with pytest.raises(CourseError, match=words) as caught:
        work()
    text = str(caught.value)
    assert "\n" not in text and text.endswith(".") and "Traceback" not in text
    assert PASSWORD not in text and "cret" not in text and "wrong" not in text
    return text


@contextlib.contextmanager
def user(url, *rights):
    """The same address for a user of its own, who may do no more than these."""
    name, password = f"course_{secrets.token_hex(4)}", secrets.token_hex(8)
    run_sql(url, f"CREATE ROLE {name} LOGIN PASSWORD '{password}'", *(f"GRANT {right} TO {name}" for right in rights))
    try:
        yield url.set(username=name, password=password)
    finally:
        run_sql(url, f"DROP OWNED BY {name}", f"DROP ROLE {name}")


# --------------------------------------------------------------------------------------------------------- addresses


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("postgresql//course:secret@host/x", "cannot be used: write it as sqlite:.* or as postgresql"),
        ("postgresql://course:secret@host:port/x", "cannot be used: write it as"),
        ("postgresql://course:sec@ret@host/x", "write an @ in a user's name or password as %40"),
        (
            "postgresql+psycopg2://course:secret@host/x",
            r'write postgresql\+psycopg:// and install it with `pip install -e "',
        ),
        ("postgres://course:secret@host/x", "cannot be used .*: mend db_url"),
        (17, "cannot be used"),
    ],
)
def test_an_address_that_is_none(tmp_path, address, words):
    refused(lambda: Book(tmp_path, address), words)


def test_no_printed_address_shows_a_password():
    for address in ("postgresql://course:secret@host/x", "postgresql://course@host/x?password=secret&sslmode=require"):
        it = database.address(address)
        assert it.password == "secret" and it.drivername == "postgresql+psycopg"
        engine = database._engine(it)
        assert database.place(engine) == "postgresql+psycopg://course:***@host/x" and "secret" not in f"{it} {it!r}"


def test_what_an_address_asks_for_comes_before_our_limits():
    asked = database.address("postgresql://host/x?connect_timeout=99&keepalives_idle=5")
    given = postgres.options(asked)["connect_args"]
    assert "connect_timeout" not in given and "keepalives_idle" not in given and given["tcp_user_timeout"] == 30_000


# ----------------------------------------------------------------------------------------------------- at the start


def test_a_server_that_lets_nobody_in(tmp_path, url):
    refused(
        lambda: Book(tmp_path, url.set(password="wrong")), r"^The gradebook \S+ does not let this user in: mend the"
    )
    refused(lambda: Book(tmp_path, url.set(username="nobody_here")), "does not let this user in")
    refused(lambda: Book(tmp_path, url.set(database="nowhere")), "is not there: make it with `createdb`, .*nowhere")
    refused(lambda: database.prepare(url.set(database="nowhere")), "is not there: make it with `createdb`")


def test_a_database_without_a_lesson(tmp_path, empty):
    refused(
        lambda: Book(tmp_path, empty), "^No lesson was ever released to a gradebook at postgresql.*--db or --course"
    )
    run_sql(empty, "CREATE TABLE x (y int)")
    refused(lambda: Book(tmp_path, empty), "is no gradebook of nbgrader")


def test_a_server_that_is_down(tmp_path, door):
    Book(tmp_path, door.url).__exit__()
    door.shut()
    refused(lambda: Book(tmp_path, door.url), "cannot be reached: start its server or mend the address, .*refused")
    refused(lambda: database.prepare(door.url), "cannot be reached")
    refused(lambda: Book(tmp_path, door.url.set(host="nowhere.invalid")), "cannot be reached")
    door.open()
    Book(tmp_path, door.url).__exit__()


def test_a_server_that_never_answers(tmp_path, door, monkeypatch):
    monkeypatch.setattr(postgres, "WAIT", 2)
    door.flows.clear()
    answer = aside(Book, tmp_path, door.url)
    refused(lambda: answer.result(20), "did not answer in time: see what its server is busy with")


def test_a_user_without_rights(tmp_path, url):
    with user(url) as poor:
        refused(lambda: Book(tmp_path, poor), "may not be written to by this user: allow that")
        refused(lambda: database.prepare(poor), "may not be written to by this user: allow that")
    with user(url, "SELECT ON ALL TABLES IN SCHEMA public") as poor:
        refused(lambda: Book(tmp_path, poor), "may not be written to by this user.*permission denied for table")
    with user(url, "SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA public") as fit, Book(tmp_path, fit) as book:
        assert book.write(report_of(book))["total"] > 0
        run_sql(url, f"ALTER ROLE {fit.username} CONNECTION LIMIT 1")
        refused(lambda: Book(tmp_path, fit), "has no connection left: end a program that holds one")


def test_a_database_that_may_only_be_read(tmp_path, url):
    run_sql(url, f'ALTER DATABASE "{url.database}" SET default_transaction_read_only = on')
    refused(lambda: Book(tmp_path, url), "may not be written to by this user: allow that.*read-only transaction")


def test_a_database_of_another_version(tmp_path, url):
    run_sql(url, "UPDATE alembic_version SET version_num = 'ffffffffffff'")
    refused(lambda: Book(tmp_path, url), "untouched, as a newer nbgrader made it")


# -------------------------------------------------------------------------------------------------- while it is open


def test_a_full_disk_loses_nothing(tmp_path, url):
    with Book(tmp_path, url) as book:
        book.write(report_of(book))
        before = everything(url)
        run_sql(url, """CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$""",
            "CREATE TRIGGER full_disk BEFORE UPDATE ON comment EXECUTE FUNCTION full_disk()")  # fmt: skip
        refused(lambda: book.write(report_of(book, share=0.0)), "finds no room on its disk: make some")
        assert everything(url) == before
        run_sql(url, "DROP TRIGGER full_disk ON comment")
        assert book.write(report_of(book, share=0.0))["total"] == 0


def test_a_server_that_falls_silent_is_given_up(tmp_path, door, monkeypatch):
    with Book(tmp_path, door.url) as book:
        report = report_of(book)
        monkeypatch.setattr(postgres, "SILENCE", 0.5)
        door.flows.clear()
        refused(lambda: aside(book.write, report).result(20), "cannot be reached: start its server or mend the address")


def test_a_statement_that_takes_too_long(tmp_path, url, monkeypatch):
    monkeypatch.setitem(postgres.SETTINGS, "statement_timeout", "100ms")
    with Book(tmp_path, url) as book, pytest.raises(CourseError, match="did not answer in time"):
        with database.reading(book.engine) as db:
            db.exec_driver_sql("SELECT pg_sleep(60)")


def test_the_server_finds_out_about_a_lost_machine(tmp_path, url):
    with Book(tmp_path, url) as book, database.reading(book.engine) as db:
        shown = {name: db.exec_driver_sql(f"SHOW {name}").scalar() for name in postgres.SETTINGS}
    assert shown == {name: str(value) for name, value in postgres.SETTINGS.items()}


# ------------------------------------------------------------------------------------------------------------- copies


def test_a_copy_can_be_put_back(tmp_path, url, empty):
    with Book(tmp_path, url) as book:
        book.write(report_of(book, "zoë"))
        before, made = everything(url), book.backup()
        book.write(report_of(book, share=0.0))
    assert made.parent == tmp_path / "grading" / "backups" and made.suffix == ".dump"
    where = f"host={empty.host} port={empty.port} user={empty.username} dbname={empty.database}"
    restore = ["pg_restore", "--no-owner", "--exit-on-error", f"--dbname={where}", made]
    subprocess.run(restore, env={"PGPASSWORD": empty.password, "PATH": "/usr/bin:/bin"}, check=True)
    assert everything(empty) == before != everything(url)
    with Book(tmp_path, empty) as book:
        assert book.totals(LESSON)["zoë"]["total"] > 0


def fake_dump(folder, body):
    """A pg_dump of our own, first on PATH."""
    folder.mkdir(exist_ok=True)
    program = folder / "pg_dump"
    program.write_text(f"#!/bin/sh\n{body}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)


def test_ten_copies_are_kept_and_no_program_is_told_the_password_in_its_words(tmp_path, url, monkeypatch):
    fake_dump(tmp_path / "bin", f"""echo "$@" >> {tmp_path}/said
        case "$1" in --version) echo "pg_dump (PostgreSQL) 99.1";; *) for word; do case "$word" in
        --file=*) echo "$PGPASSWORD" > "${{word#--file=}}";; esac; done;; esac""")  # fmt: skip
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    folder = tmp_path / "copies"
    folder.mkdir()
    (folder / "mine.dump").write_text("kept")
    with Book(tmp_path, url) as book:
        made = [book.backup(folder) for _ in range(copies.KEPT + 1)]
    assert sorted(folder.iterdir()) == sorted([*made[1:], folder / "mine.dump"])
    said = (tmp_path / "said").read_text()
    assert "cret" not in said and made[-1].read_text() == f"{url.password}\n" and f"port='{url.port}'" in said


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("echo 'pg_dump (PostgreSQL) 9.6.1'", "as pg_dump is of version 9 and the server of"),
        (None, "there is no pg_dump"),
    ],
)
def test_without_a_fit_pg_dump_no_copy_is_made_and_that_is_said(tmp_path, url, monkeypatch, caplog, body, words):
    if body:
        fake_dump(tmp_path / "bin", body)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    with Book(tmp_path, url) as book:
        assert book.backup() is None
    assert words in caplog.text and "use that database's own tool" in caplog.text and "cret" not in caplog.text


def test_any_name_of_a_database_reaches_pg_dump_whole(tmp_path, monkeypatch):
    fake_dump(tmp_path / "bin", f"printf '%s ' \"$@\" > {tmp_path}/said")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    engine = database._engine(database.address("postgresql://ada@host/o'n%5C%20e"))
    postgres.dump(engine, tmp_path / "copy")
    assert r"dbname='o\'n\\ e'" in (tmp_path / "said").read_text()


def test_a_copy_that_fails_is_one_sentence(tmp_path, url, monkeypatch):
    fake_dump(tmp_path / "bin", """case "$1" in --version) echo "pg_dump (PostgreSQL) 99.1";; *)
        for word; do case "$word" in --file=*) echo half > "${word#--file=}";; esac; done
        echo "pg_dump: error: no space" >&2; exit 3;; esac""")  # fmt: skip
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{shutil.os.environ['PATH']}")
    with Book(tmp_path, url) as book:
        refused(
            book.backup, "^Could not copy the gradebook .*pg_dump: error: no space.: mend that, .*nothing was graded"
        )
    assert not list((tmp_path / "grading" / "backups").iterdir())
