"""Waiting for what another process does."""

import contextlib
import time

import psutil


def until(found, seconds=60):
    """What `found` finds, as soon as it finds something; what cannot be looked at yet is looked at again."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(psutil.Error, OSError, ValueError):
            if it := found():
                return it
        time.sleep(0.01)
    raise AssertionError("it did not come about")
