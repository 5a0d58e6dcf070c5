"""Packages that only a part of lesson 10 needs: one that is missing is a sentence, at the place that needs it."""

import importlib

from utils.errors import CourseError


def needed(package, doing):
    """Import a package and return it. CourseError when it is missing; doing: what it is for, as in "Saving weights"."""
    try:
        return importlib.import_module(package)
    except ModuleNotFoundError:
        raise CourseError(
            f"{doing} needs the package {package.partition('.')[0]}, which is not installed: run `make torch` in the "
            "course's folder (in Colab or conda: `pip install safetensors onnx onnxruntime`), then restart the kernel."
        ) from None
