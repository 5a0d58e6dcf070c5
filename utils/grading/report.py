"""What is known of one submission once it has been looked at: the one thing that leaves the judge's process."""

from dataclasses import dataclass, field

GRADED, ZERO, MISSING, REVIEW = "graded", "zero", "missing", "review"


@dataclass
class Report:
    """The verdict on one student's submission of one lesson.

    status: "graded"; "zero" (the student's fault, `reason` says which); "missing" (nothing was handed in); "review" (a
    fault of ours: no grade, a person must look). scores: {notebook: {grade_id of a graded cell: points, or None where
    a person has to mark it}}. unanswered: grade_ids of answers that stand as they were released. notebooks: what is to
    be written to autograded/, as dicts of nbformat 4. received: when the work came in, seconds since 1970, or None.
    verdicts: {exercise: what was found, see `found`}, for the class report.
    """

    student: str
    lesson: str
    status: str = GRADED
    reason: str = ""
    remarks: list[str] = field(default_factory=list)
    received: float | None = None
    digest: str = ""
    scores: dict[str, dict[str, float | None]] = field(default_factory=dict)
    unanswered: dict[str, list[str]] = field(default_factory=dict)
    notebooks: dict[str, dict] = field(default_factory=dict)
    verdicts: dict[str, dict] = field(default_factory=dict)
