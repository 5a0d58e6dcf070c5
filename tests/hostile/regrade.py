"""Handed in twice: good work, graded, then something else. Points of the first time must not stay; new work counts."""

import os
import shutil

from .desk import attack, runs
from .leaks import GET, PUT
from .structure_files import FIRST, SECOND

RIGHT = ("rnn_cell_forward", "rnn_forward", "sequence_loss")


def good(desk):
    """Right answers, the first time."""
    desk.right(*RIGHT)


def again(*right):
    """Fewer or other right answers, the second time."""
    return lambda desk: desk.right(*right)


def gone(desk):
    """The whole folder is deleted."""
    shutil.rmtree(desk.folder)
    desk.books.clear()


def written(content):
    """The first notebook is this, the second is as released."""
    return lambda desk: desk.write(FIRST, content)


def missing(desk):
    """The first notebook is gone."""
    desk.books.pop(FIRST)
    os.unlink(desk.folder / FIRST)


def fifo(desk):
    """The first notebook is a FIFO."""
    missing(desk)
    os.mkfifo(desk.folder / FIRST)


def kept(source):
    """Right answers to begin with, and then what a first visit could have left behind."""
    return lambda desk: (desk.right("sequence_loss"), desk.own(source))


def crash(desk):
    """Answers that end the process when they are called."""
    for name in RIGHT:
        desk.answer(name, f"import os\ndef {name}(*a, **k):\n    os._exit(1)")


def both_parts(desk):
    """Both notebooks are noise."""
    for name in (FIRST, SECOND):
        desk.write(name, b"\x80\x04not a notebook")


def second(name, why, then, *right, make=good, quick=False):
    """Good work first; `right` is what counts in the end."""
    points = attack("regrade", "", good, *right).earns
    return attack(f"regrade-{name}", why, make, then=then, earns=points, quick=quick)


ATTACKS = [
    second("blank", "the release, as it was", again()),
    second("half", "one answer is left", again("sequence_loss"), "sequence_loss", quick=True),
    second("deleted", "the folder is gone", gone, quick=True),
    second("part-missing", "one notebook is gone", missing),
    second("unreadable", "half a notebook", written(b'{"cells": [{"cell_ty'), quick=True),
    second("empty", "an empty file", written(b"")),
    second("noise", "noise in both parts", both_parts),
    second("fifo", "a FIFO", fifo),
    second("crash", "answers that end the process", crash),
    second("better", "more is right than before", again(*RIGHT), *RIGHT, make=again("sequence_loss"), quick=True),
    second(
        "hung",
        "a loop in a cell, and less",
        lambda desk: (desk.right("sequence_loss"), runs("while True:\n    pass")(desk)),
        "sequence_loss",
    ),
    second("note", "what the first visit wrote is read in the second", kept(GET), "sequence_loss", make=kept(PUT)),
]
