"""The one exception that this course shows to people."""


class CourseError(Exception):
    """A fault that a person can mend. Its text is one sentence: what was expected, what came, what to do."""
