"""Run a lesson from top to bottom in a fresh kernel and keep what it printed."""

import copy
import os
import tempfile
from pathlib import Path

from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from utils import paths
from utils.authoring.kernel import ThisInterpreter
from utils.authoring.text import plain_metadata
from utils.errors import CourseError

SECONDS_PER_CELL = 300


def execute(notebook: NotebookNode, folder: Path, name: str, timeout: int = SECONDS_PER_CELL) -> NotebookNode:
    """The notebook with outputs and execution counts 1..n, run in `folder`.

    CourseError, naming the cell and the last line of the error, when a cell raises without the tag `raises-exception`,
    takes longer than `timeout` seconds, or ends the kernel. The notebook given is not changed.
    """
    result, started = copy.deepcopy(notebook), [0]
    with tempfile.TemporaryDirectory() as profile:
        client = NotebookClient(
            result,
            timeout=timeout,
            record_timing=False,
            coalesce_streams=True,
            kernel_manager_class=ThisInterpreter,
            resources={"metadata": {"path": str(folder)}},
            on_cell_execute=lambda cell, cell_index: started.append(cell_index),
        )
        try:
            client.execute(env=_environment(profile))
        except CellExecutionError as error:
            raise CourseError(
                f"{name}: {_cell(result, started[-1])} raised {_last_line(error)}; correct it."
            ) from error
        except CellTimeoutError as error:
            raise CourseError(
                f"{name}: {_cell(result, started[-1])} ran longer than {timeout} seconds; make it shorter."
            ) from error
        except DeadKernelError as error:
            raise CourseError(
                f"{name}: the kernel died in {_cell(result, started[-1])}; is there enough memory for it?"
            ) from error
    result.metadata = plain_metadata()
    return result


def _environment(profile: str) -> dict[str, str]:
    """This process's environment without what would change the outputs of a lesson."""
    removed = {"MPLBACKEND", "NBGRADER_EXECUTION", "NBGRADER_VALIDATING", "PYTHONSTARTUP"}
    kept = {key: value for key, value in os.environ.items() if key not in removed}
    source_path = os.pathsep.join(filter(None, [str(paths.PACKAGE.parent), os.environ.get("PYTHONPATH")]))
    # a private IPython folder: an author's start-up files are not part of the lesson
    return kept | {"PYTHONPATH": source_path, "PYTHONHASHSEED": "0", "IPYTHONDIR": profile}


def _cell(notebook: NotebookNode, index: int) -> str:
    return f"cell {index + 1} ({notebook.cells[index].id})"


def _last_line(error: CellExecutionError) -> str:
    words = [line.strip() for line in str(error.evalue).splitlines() if line.strip()]
    return f"{error.ename}: {words[-1]}" if words else error.ename
