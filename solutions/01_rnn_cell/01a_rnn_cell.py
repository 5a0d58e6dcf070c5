# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # The recurrent cell
#
# Thin version.

# %% tags=["setup"]
import numpy as np

import utils
from utils.checking import check, hint, progress, quiz, try_it
from utils.reference import softmax

assert hasattr(utils, "__course__"), f"Another utils.py hides the course: {utils.__file__}. Rename it and restart the kernel."

# %% [markdown]
# ### Exercise · `rnn_cell_forward`
#
# (statement)

# %% nbgrader={"grade": false, "grade_id": "rnn_cell_forward", "locked": false, "schema_version": 3, "solution": true, "task": false}
# answer: rnn_cell_forward

# %% nbgrader={"grade": true, "grade_id": "rnn_cell_forward-check", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
check(rnn_cell_forward)

# %% [markdown]
# ### Exercise · `rnn_forward`
#
# (statement)

# %% nbgrader={"grade": false, "grade_id": "rnn_forward", "locked": false, "schema_version": 3, "solution": true, "task": false}
# answer: rnn_forward

# %% nbgrader={"grade": true, "grade_id": "rnn_forward-check", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
check(rnn_forward)

# %% [markdown]
# ### Exercise · `sequence_loss`
#
# (statement)

# %% nbgrader={"grade": false, "grade_id": "sequence_loss", "locked": false, "schema_version": 3, "solution": true, "task": false}
# answer: sequence_loss

# %% nbgrader={"grade": true, "grade_id": "sequence_loss-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check(sequence_loss)

# %% [markdown]
# ### Exercise · `count_rnn_parameters`
#
# (statement)

# %% nbgrader={"grade": false, "grade_id": "count_rnn_parameters", "locked": false, "schema_version": 3, "solution": true, "task": false}
# answer: count_rnn_parameters

# %% nbgrader={"grade": true, "grade_id": "count_rnn_parameters-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(count_rnn_parameters)

# %% [markdown] nbgrader={"grade": true, "grade_id": "why_share", "locked": false, "points": 4, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# A model answer.
# ### END SOLUTION

