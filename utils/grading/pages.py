"""What nbgrader's settings name: the exporter of feedback pages, and what formgrader gets to see of a notebook."""

import re

from nbconvert.exporters import Exporter
from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode, from_dict
from nbgrader.preprocessors import GetGrades
from traitlets import default

from utils.grading.outputs import harmless_outputs, plain
from utils.grading.sheet import grading, page

NAME = re.compile(r"[\w-]{1,100}", re.ASCII)  # an exercise's name, which stands in attributes of the page


class Grades(GetGrades):
    """nbgrader's own preprocessor, which writes points and comments into the cells, and what a person has yet to do."""

    def _get_score(self, cell, resources):
        super()._get_score(cell, resources)
        grade = self.gradebook.find_grade(
            cell.metadata.nbgrader["grade_id"], self.notebook_id, self.assignment_id, self.student_id
        )
        given = grade.manual_score is not None
        # graded again, what a person gave is to be looked at again; to the student it has been read, and it counts
        cell.metadata.nbgrader["waits"] = grade.needs_manual_grade and not given
        cell.metadata.nbgrader["by_hand"] = grade.auto_score is not None and given


class FeedbackPage(Exporter):
    """What one student wants to know of one notebook, as a page of its own that loads nothing."""

    output_mimetype = "text/html"

    @default("file_extension")
    def _file_extension_default(self):
        return ".html"

    def from_notebook_node(self, nb, resources=None, **kw):
        nb, resources = super().from_notebook_node(nb, resources, **kw)
        return page(nb, resources["nbgrader"]), resources


class Harmless(Preprocessor):
    """Leaves of a notebook what formgrader needs: sources, nbgrader's own data, plain text and PNG pictures."""

    enabled = True

    def preprocess(self, nb, resources):
        cells = []
        for number, cell in enumerate(nb.cells):
            if cell.cell_type == "raw":
                continue
            kept = {"id": f"c{number}", "cell_type": cell.cell_type, "source": plain(cell.source), "metadata": {}}
            if NAME.fullmatch(str(grading(cell).get("grade_id", ""))):
                kept["metadata"] = {"nbgrader": cell.metadata["nbgrader"]}
            if cell.cell_type == "code":
                kept |= {"outputs": harmless_outputs(cell.outputs), "execution_count": None}
            cells.append(from_dict(kept))
        return NotebookNode(nb, cells=cells, metadata=NotebookNode()), resources
