"""The hostile suite: submissions that cheat, break or surprise, each with the points that its honest part earns.

A group is a module with a table ATTACKS. `python -m tests.hostile` grades them all beside an honest class and counts
what went wrong; `python -m tests.hostile --stock` shows what stock nbgrader makes of the same submissions.
"""

import importlib

MODULES = (
    "kernel", "kernel_ipython", "values", "leaks", "others", "liveness", "structure", "structure_files", "oddities",
    "channel", "regrade", "pytorch",
)  # fmt: skip


def attacks(quick=False, only=()):
    """All attacks, group by group; the quick ones; or those whose names begin with one of `only`."""
    found = [a for name in MODULES for a in importlib.import_module(f".{name}", __name__).ATTACKS]
    return [a for a in found if (a.quick or not quick) and (not only or a.name.startswith(tuple(only)))]
