# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Start here
#
# Thin version.

# %% tags=["setup"]
import numpy as np

import utils
from utils.checking import check, hint, progress, quiz, try_it


assert hasattr(utils, "__course__"), f"Another utils.py hides the course: {utils.__file__}. Rename it and restart the kernel."

# %% [markdown]
# ### Exercise · `one_hot`
#
# (statement)

# %% nbgrader={"grade": false, "grade_id": "one_hot", "locked": false, "schema_version": 3, "solution": true, "task": false}
# answer: one_hot

# %% nbgrader={"grade": true, "grade_id": "one_hot-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(one_hot)

# %% [markdown]
# ### Exercise · `softmax`
#
# (statement)

# %% nbgrader={"grade": false, "grade_id": "softmax", "locked": false, "schema_version": 3, "solution": true, "task": false}
# answer: softmax

# %% nbgrader={"grade": true, "grade_id": "softmax-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(softmax)

# %% [markdown]
# ### Exercise · `unfold`
#
# (statement)

# %% nbgrader={"grade": false, "grade_id": "unfold", "locked": false, "schema_version": 3, "solution": true, "task": false}
# answer: unfold

# %% nbgrader={"grade": true, "grade_id": "unfold-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(unfold)

