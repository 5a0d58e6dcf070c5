"""The one preprocessor that stock nbgrader is given for grading here: it stops, so nothing of a student's runs."""

from nbconvert.preprocessors import Preprocessor


class Refuse(Preprocessor):
    """Stops every notebook that gets here."""

    enabled = True

    def preprocess(self, nb, resources):
        """RuntimeError, always."""
        raise RuntimeError(
            "This course's grades are reached in a sandbox, and this nbgrader goes another way: use nbgrader 0.9.6, or "
            "grade with `python -m utils grade`."
        )
