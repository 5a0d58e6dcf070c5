"""nbgrader's settings for this course: read by `nbgrader`, by JupyterLab's Validate button and by `make notebooks`."""

from pathlib import Path

from utils.grading import feedback
from utils.grading.plug import into_nbgrader

ROOT = Path(__file__).resolve().parent
c = get_config()  # noqa: F821  (nbgrader puts this name here)

# absolute, so that every nbgrader command works from any folder
c.CourseDirectory.root = str(ROOT)
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "notebooks"
c.CourseDirectory.db_url = f"sqlite:///{ROOT / 'gradebook.db'}"

# nbgrader copies whatever lies beside a notebook; *.py there is the authored text, answers included
c.CourseDirectory.ignore = ["*.py", "*.pyc", "__pycache__", ".ipynb_checkpoints", ".*"]

# an untouched stub raises this, which is how a check tells "not attempted" from "wrong"
c.ClearSolutions.code_stub = {"python": "# your code here\nraise NotImplementedError"}
c.ClearSolutions.text_stub = "*Write your answer here.*"

# demo cells train and draw; nothing graded depends on them, so grading and Validate skip them
c.Execute.skip_cells_with_tag = "demo"

# a check takes milliseconds; these are limits for a loop that never ends and for a busy machine
c.Execute.timeout = 60
c.Execute.startup_timeout = 120

# `nbgrader autograde` and formgrader's button do what `python -m utils grade` does: no code of a student's runs here
into_nbgrader(c)  # noqa: F821

# what is shown of a student's work, to the student and in formgrader, is plain and complete in itself
feedback.settings(c)  # noqa: F821
