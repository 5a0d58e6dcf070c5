"""nbgrader's settings for what is shown of a student's work: feedback pages, and the pages of formgrader.

Read by every nbgrader command: classes are named here, and imported only where they are used.
"""

from importlib.util import find_spec
from pathlib import Path

TEMPLATES = Path(__file__).with_name("templates")


def settings(c) -> None:
    """Set in nbgrader's configuration how notebooks are shown: harmless, and complete without a network."""
    c.GenerateFeedback.exporter_class = "utils.grading.pages.FeedbackPage"
    c.GenerateFeedback.preprocessors = ["utils.grading.pages.Grades"]

    # formgrader shows notebooks with nbconvert's own exporter, beside everything else that Jupyter serves
    c.HTMLExporter.preprocessors = ["utils.grading.pages.Harmless"]
    c.HTMLExporter.filters = {"markdown2html": "utils.grading.harmless.harmless_html"}
    c.HTMLExporter.sanitize_html = True
    formgrader = Path(find_spec("nbgrader").origin).parent / "server_extensions" / "formgrader" / "templates"
    c.HTMLExporter.extra_template_basedirs = [str(TEMPLATES), str(formgrader)]
