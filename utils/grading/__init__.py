"""Grades: the sample class through stock nbgrader, and the wire by which a function is judged in another process."""
