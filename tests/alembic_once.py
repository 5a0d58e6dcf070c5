"""Imported for what it does: nbgrader asks alembic once for the version of a new gradebook, and then remembers it.

It asks another program, which imports nbgrader a second time: seconds for each of the many gradebooks of the tests.
"""

import functools

from nbgrader import api

api.get_alembic_version = functools.cache(api.get_alembic_version)
