"""The code behind the course: what the notebooks import, and what builds, checks and grades them.

This module imports nothing, so that `import utils` costs nothing and can be asked which `utils` it is:
the first cell of every notebook looks for `utils.__course__`.
"""

__course__ = "rnn-course"
__version__ = "0.1.0"
