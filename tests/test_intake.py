"""Intake: whatever lies in a submission's folder, nothing stops it and no file elsewhere is read."""

import copy
import errno
import json
import os
import socket

import pytest
from handed_in import ANSWERS, LESSON, OTHER, RELEASE, RELEASES, STEM, answers, own, sound, write, written

from utils.errors import CourseError
from utils.grading import inbox, intake
from utils.grading.inbox import read
from utils.grading.intake import releases
from utils.grading.sample import grade_id


def take_in(folder, releases):
    """From a folder to notebooks of the release."""
    return intake.take_in(read(folder, releases), releases)


@pytest.fixture
def desk(tmp_path):
    folder = tmp_path / "submitted" / "ann" / LESSON
    folder.mkdir(parents=True)
    return folder


def test_an_ordinary_submission(desk):
    write(desk, written())
    write(desk, RELEASES[OTHER], OTHER)
    (desk / "timestamp.txt").write_text("1999")
    before = copy.deepcopy(RELEASES)
    taken = take_in(desk, RELEASES)
    assert list(taken.sheets) == [STEM, OTHER] and RELEASES == before
    sheet = taken.sheets[STEM]
    assert (sheet.fault, sheet.missing, sheet.remarks, taken.remarks) == ("", False, (), ())
    sound(sheet.notebook)
    assert answers(sheet.notebook) == ANSWERS and own(sheet.notebook) == []
    times = [path.stat().st_ctime for path in desk.glob("*.ipynb")]
    assert taken.received == max(times)


def test_the_time_of_receipt_is_not_the_students_to_set(desk):
    write(desk, written())
    os.utime(desk / f"{STEM}.ipynb", (0, 0))
    assert take_in(desk, RELEASES).received > 1e9


def test_the_digest_changes_with_a_byte_and_with_a_fault_and_with_nothing_else(desk):
    seen = {take_in(desk, RELEASES).digest}
    write(desk, written())
    path = desk / f"{STEM}.ipynb"
    seen.add(take_in(desk, RELEASES).digest)
    os.utime(path, (0, 0))
    seen.add(take_in(desk, RELEASES).digest)
    assert len(seen) == 2
    path.write_bytes(path.read_bytes().replace(b"return 1", b"return 0"))
    seen.add(take_in(desk, RELEASES).digest)
    path.rename(desk / "elsewhere")
    os.symlink("elsewhere", path)
    seen.add(take_in(desk, RELEASES).digest)
    assert len(seen) == 4


def nothing_taken(taken, words, missing=False, stem=STEM):
    sheet = taken.sheets[stem]
    assert words in sheet.fault and sheet.missing is missing
    assert sheet.fault.endswith(".") and "\n" not in sheet.fault
    sound(sheet.notebook, RELEASES[stem])
    assert own(sheet.notebook) == []


@pytest.mark.parametrize("gone", ["notebook", "lesson", "student", "inbox"])
def test_nothing_handed_in(desk, gone):
    folder = {"notebook": desk, "lesson": desk, "student": desk.parent, "inbox": desk.parent.parent}[gone]
    for path in (desk, desk.parent, desk.parent.parent):
        if gone != "notebook" and path.is_relative_to(folder):
            path.rmdir()
    taken = take_in(desk, RELEASES)
    nothing_taken(taken, "was not handed in", missing=True)
    assert taken.received is None


def as_fifo(path):
    os.mkfifo(path)


def as_link(path):
    write(path.parent.parent, written())
    os.symlink(path.parent.parent / path.name, path)


def as_hard_link(path):
    write(path.parent.parent, written())
    os.link(path.parent.parent / path.name, path)


def as_device(path):
    os.symlink("/dev/zero", path)


def as_loop(path):
    os.symlink(path.name, path)


def as_socket(path):
    here = os.open(path.parent, os.O_RDONLY)
    try:  # a socket's path must be short
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(f"/proc/self/fd/{here}/{path.name}")
    finally:
        os.close(here)


@pytest.mark.parametrize("make", [as_fifo, as_link, as_hard_link, as_device, as_loop, as_socket, os.mkdir])
def test_what_is_no_ordinary_file_is_not_read(desk, make):
    write(desk, RELEASES[OTHER], OTHER)
    make(desk / f"{STEM}.ipynb")
    taken = take_in(desk, RELEASES)
    nothing_taken(taken, "second name" if make is as_hard_link else "no ordinary file")
    assert taken.sheets[OTHER].fault == ""


@pytest.mark.parametrize("level", ["lesson", "student"])
@pytest.mark.parametrize("kind", ["link", "file"])
def test_a_folder_that_is_none(desk, tmp_path, level, kind):
    write(desk, written())
    folder = desk if level == "lesson" else desk.parent
    folder.rename(tmp_path / "elsewhere")
    if kind == "link":
        os.symlink(tmp_path / "elsewhere", folder)
        assert (desk / f"{STEM}.ipynb").exists()  # a plain open would follow it
    else:
        folder.write_text("")
    nothing_taken(take_in(desk, RELEASES), "no ordinary folder")


def test_a_link_above_the_students_folder_is_the_teachers_own(desk, tmp_path):
    write(desk, written())
    os.symlink(tmp_path / "submitted", tmp_path / "inbox")
    assert take_in(tmp_path / "inbox" / "ann" / LESSON, RELEASES).sheets[STEM].fault == ""


def test_the_folder_may_be_named_from_here(desk, monkeypatch):
    write(desk, written())
    monkeypatch.chdir(desk.parent)
    assert take_in(desk.relative_to(desk.parent), RELEASES).sheets[STEM].fault == ""


def test_without_handles_of_folders_links_are_still_refused(desk, monkeypatch):
    monkeypatch.setattr(inbox, "HANDLES", False)
    nothing_taken(take_in(desk, RELEASES), "was not handed in", missing=True)
    write(desk, written())
    assert answers(take_in(desk, RELEASES).sheets[STEM].notebook) == ANSWERS
    (desk / f"{STEM}.ipynb").unlink()
    as_link(desk / f"{STEM}.ipynb")
    nothing_taken(take_in(desk, RELEASES), "no ordinary file")
    desk.rename(desk.parent / "elsewhere")
    nothing_taken(take_in(desk, RELEASES), "was not handed in", missing=True)
    os.symlink(desk.parent / "elsewhere", desk)
    nothing_taken(take_in(desk, RELEASES), "no ordinary folder")


def test_a_file_that_is_too_large(desk, monkeypatch):
    monkeypatch.setattr(inbox, "MAX_BYTES", 1000)
    write(desk, written())
    taken = take_in(desk, RELEASES)
    nothing_taken(taken, "larger than")
    assert taken.received is not None


def test_a_file_that_grows_while_it_is_read(desk, monkeypatch):
    monkeypatch.setattr(inbox, "MAX_BYTES", 1000)
    monkeypatch.setattr(inbox, "_unfit", lambda facts, name: "")
    write(desk, written())
    nothing_taken(take_in(desk, RELEASES), "larger than")


@pytest.mark.parametrize("number", [errno.EACCES, errno.EIO, errno.EMFILE])
def test_a_fault_of_the_machine_is_raised(desk, monkeypatch, number):
    write(desk, written())
    real = os.open

    def broken(path, *arguments, **options):
        if str(path).endswith(".ipynb"):
            raise OSError(number, os.strerror(number))
        return real(path, *arguments, **options)

    monkeypatch.setattr(os, "open", broken)
    with pytest.raises(OSError) as caught:
        take_in(desk, RELEASES)
    assert caught.value.errno == number


def test_no_handle_stays_open(desk):
    write(desk, written())
    as_fifo(desk / f"{OTHER}.ipynb")
    before = sorted(os.listdir("/proc/self/fd"))
    take_in(desk, RELEASES)
    assert sorted(os.listdir("/proc/self/fd")) == before


@pytest.mark.parametrize("raw", [b"", b"{", b"[" * 200_000, b'{"nbformat": 99, "cells": []}'])
def test_a_file_that_is_no_notebook(desk, raw):
    (desk / f"{STEM}.ipynb").write_bytes(raw)
    taken = take_in(desk, RELEASES)
    nothing_taken(taken, f"{STEM}.ipynb ")
    assert taken.received is not None


# names


@pytest.mark.parametrize("name", ["01a_rnn_cell (1)", "RNN", "01A_RNN_Cell"])
def test_another_name_is_taken_when_it_can_only_be_this(desk, name):
    write(desk, RELEASES[OTHER], OTHER)
    write(desk, written(), name)
    (desk / "._RNN.ipynb").write_text("what macOS leaves")
    taken = take_in(desk, RELEASES)
    sheet = taken.sheets[STEM]
    assert sheet.fault == "" and answers(sheet.notebook) == ANSWERS and taken.received is not None
    if not name.startswith("01A"):
        assert any(f"{name}.ipynb was taken for {STEM}.ipynb" in remark for remark in sheet.remarks)


def test_another_name_is_not_taken_for_another_notebook(desk):
    write(desk, RELEASES[OTHER], OTHER)
    few = [cell for cell in written()["cells"] if grade_id(cell) in ("rnn_forward", "why_share")]
    write(desk, {"nbformat": 4, "cells": few}, "scratch")
    nothing_taken(take_in(desk, RELEASES), "not handed in; found scratch.ipynb")


def test_of_two_other_names_none_is_taken(desk):
    write(desk, RELEASES[OTHER], OTHER)
    write(desk, written(), "one")
    write(desk, written(), "two")
    nothing_taken(take_in(desk, RELEASES), "found one.ipynb, two.ipynb")


def test_a_link_under_another_name_is_not_followed(desk):
    write(desk, RELEASES[OTHER], OTHER)
    as_link(desk / f"{STEM}.ipynb")
    (desk / f"{STEM}.ipynb").rename(desk / "RNN.ipynb")
    nothing_taken(take_in(desk, RELEASES), "found RNN.ipynb")


def test_an_upper_case_copy_beside_the_notebook_is_nothing(desk):
    write(desk, RELEASES[OTHER], OTHER.upper())
    write(desk, RELEASES[OTHER], OTHER)
    nothing_taken(take_in(desk, RELEASES), "was not handed in.", missing=True)


def test_helpers_and_crowds_are_remarked_on(desk):
    write(desk, written())
    write(desk, RELEASES[OTHER], OTHER)
    (desk / "helper\n.py").write_text("")
    assert ["helper?.py" in remark for remark in take_in(desk, RELEASES).remarks] == [True]
    for number in range(inbox.MAX_ENTRIES):
        (desk / f"{number}").touch()
    taken = take_in(desk, RELEASES)
    assert "More than 200 files" in taken.remarks[0] and taken.sheets[STEM].fault == ""


def test_releases_of_a_lesson(root):
    assert list(RELEASES) == [STEM, OTHER]
    assert RELEASE == json.loads((root / "notebooks" / LESSON / f"{STEM}.ipynb").read_text())
    with pytest.raises(CourseError, match="did you mean 01_rnn_cell"):
        releases("01_rnn_cel")
    with pytest.raises(CourseError, match="There is no lesson"):
        releases("")
