"""The gradebook holds, row for row, what stock nbgrader would have written."""
# ruff: noqa: F811 - tests name the fixtures that are imported

import shutil
from datetime import UTC, datetime

import pytest
from gradebooks import CELL, DUE, address, all_of_it, dump, home, mark, open_book, released, report_of  # noqa: F401

from utils.paths import ROOT


def late_by_hand(config):
    """A penalty of half the points a day, as a teacher would write one."""
    from nbgrader.plugins import BasePlugin

    class HalfADay(BasePlugin):
        def late_submission_penalty(self, student_id, score, total_seconds_late):
            return total_seconds_late / 86400 * score / 2

    config.AssignLatePenalties.plugin_class = HalfADay


def stock(home, report, config):
    """What stock nbgrader makes of the same verdict, found in the notebooks' outputs. Returns what was unanswered."""
    import nbformat
    from nbgrader.api import Gradebook
    from nbgrader.preprocessors import AssignLatePenalties, OverwriteCells, SaveAutoGrades
    from nbgrader.utils import compute_checksum

    with Gradebook(address(home)) as gradebook:
        gradebook.update_or_create_student(report.student)
        time = datetime.fromtimestamp(report.received, UTC).isoformat()
        gradebook.update_or_create_submission(report.lesson, report.student, timestamp=time)
    unanswered = {}
    for name, scores in report.scores.items():
        notebook = nbformat.read(ROOT / "notebooks" / report.lesson / f"{name}.ipynb", 4)
        where = {"notebook": name, "assignment": report.lesson, "student": report.student, "db_url": address(home)}
        resources = {"nbgrader": where}
        answers = iter(range(100))
        for cell in notebook.cells:
            mark = cell.metadata.get("nbgrader", {})
            if mark.get("solution") and next(answers) % 2 == 0:
                cell.source += "\nSomething of the student's."
            if mark.get("grade") and cell.cell_type == "code":
                data = {"text/plain": str(scores[mark.grade_id])}
                cell.outputs = [nbformat.v4.new_output("execute_result", data, execution_count=1)]
        OverwriteCells(config=config).preprocess(notebook, resources)
        unanswered[name] = [
            mark.grade_id
            for cell in notebook.cells
            if (mark := cell.metadata.get("nbgrader", {})).get("solution") and mark.checksum == compute_checksum(cell)
        ]
        SaveAutoGrades(config=config).preprocess(notebook, resources)
        AssignLatePenalties(config=config).preprocess(notebook, resources)
    return unanswered


@pytest.mark.filterwarnings("ignore:Object of type")  # nbgrader's own
@pytest.mark.parametrize("penalty", [None, all_of_it, late_by_hand])
@pytest.mark.parametrize("hours", [-1, 30])
def test_every_row_is_as_of_stock_nbgrader(home, tmp_path, released, hours, penalty):
    from traitlets.config import Config

    config = Config()
    if penalty:
        penalty(config)
    (tmp_path / "stock").mkdir()
    theirs = tmp_path / "stock"
    shutil.copy(released, theirs / "gradebook.db")
    with open_book(home, config) as book:
        for turn, share in enumerate((1.0, 0.5)):
            received = DUE.replace(tzinfo=UTC).timestamp() + 3600 * hours + turn + 0.25
            report = report_of(book, share=share, received=received)
            report.unanswered = stock(theirs, report, config)
            for part, names in report.unanswered.items():
                report.scores[part] |= {name: 0 for name in names if name in report.scores[part]}
            assert book.write(report)["total"] > 0
            assert dump(home) == dump(theirs)
            for folder in (home, theirs):
                mark(folder, "ada", CELL, 1.5, "A person's words.")
    rows = dump(home)
    assert any(row[4] == "No response." for row in rows["comment"])
    assert any(row[4] is None for row in rows["grade"])
    given = [row[3] for row in rows["submitted_notebook"]]
    assert all(given) if hours > 0 and penalty else given == [None, None]
