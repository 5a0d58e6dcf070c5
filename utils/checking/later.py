"""Functions that are imported when they are first used: those of `utils.torch_port`, as torch need not be installed.

The contract that checking stays light is kept by this: nothing here imports torch before a lesson asks for it.
"""

import functools
import importlib


class Later:
    """Stands for a function or class by the name of its module and its own, for `inspect` too."""

    def __init__(self, module: str, name: str):
        self.__module__, self.__name__ = module, name

    @functools.cached_property
    def __wrapped__(self):
        return getattr(importlib.import_module(self.__module__), self.__name__)

    def __call__(self, *args, **kwargs):
        return self.__wrapped__(*args, **kwargs)

    def __repr__(self):
        return f"Later({self.__module__!r}, {self.__name__!r})"
