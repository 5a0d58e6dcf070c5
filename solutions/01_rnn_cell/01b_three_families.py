# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Three families
#
# Thin version.

# %% tags=["setup"]
import numpy as np

import utils
from utils.checking import check, hint, progress, quiz, try_it
from utils.reference import rnn_cell_forward, softmax

assert hasattr(utils, "__course__"), f"Another utils.py hides the course: {utils.__file__}. Rename it and restart the kernel."

# %% [markdown]
# ### Exercise · `rnn_cell_forward_compact`
#
# (statement)

# %% nbgrader={"grade": false, "grade_id": "rnn_cell_forward_compact", "locked": false, "schema_version": 3, "solution": true, "task": false}
# answer: rnn_cell_forward_compact

# %% nbgrader={"grade": true, "grade_id": "rnn_cell_forward_compact-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(rnn_cell_forward_compact)

# %% [markdown]
# ### Exercise · `jordan_forward`
#
# (statement)

# %% nbgrader={"grade": false, "grade_id": "jordan_forward", "locked": false, "schema_version": 3, "solution": true, "task": false}
# answer: jordan_forward

# %% nbgrader={"grade": true, "grade_id": "jordan_forward-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check(jordan_forward)

# %% [markdown]
# ### Exercise · `sequence_to_one_forward`
#
# (statement)

# %% nbgrader={"grade": false, "grade_id": "sequence_to_one_forward", "locked": false, "schema_version": 3, "solution": true, "task": false}
# answer: sequence_to_one_forward

# %% nbgrader={"grade": true, "grade_id": "sequence_to_one_forward-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check(sequence_to_one_forward)

