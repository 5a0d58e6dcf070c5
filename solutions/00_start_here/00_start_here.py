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
# A machine is about to finish your name. It has read 1,318 names of dinosaurs, one letter at a time, and nothing else. By the
# end of lesson 04 you will have built every part of it yourself.
#
# **After this lesson you can**
#
# - work with the cells, checks and hints of this course;
# - read its notation: which axis is which, and what each mark on a symbol means;
# - write three small functions that every later lesson leans on: `one_hot`, `softmax` and `unfold`.
#
# *About 45 minutes. You need Python and NumPy arrays. The three exercises are practice for the tools, and small: 2 points each.*

# %% tags=["setup"]
import utils

assert hasattr(utils, "__course__"), (
    f"Another utils.py is in the way: {utils.__file__}. Rename it and restart the kernel."
)

import numpy as np

from utils.checking import check, hint, progress, quiz, try_it

# %% [markdown]
# ## 0.1 A machine finishes your name
#
# Run the cell above first: click into it, hold Shift and press Enter. Then put your name between the quotation marks below, and run that
# cell in the same way.

# %% tags=["demo", "nbval-ignore-output"]
from utils.datasets import load_name_model
from utils.names import finish_name

your_name = "maria"

P, vocabulary = load_name_model()
rng = np.random.default_rng(7)
for _ in range(5):
    print(finish_name(your_name, P, vocabulary, rng, temperature=0.7, at_least=4))

# %% [markdown]
# The model behind this cell reads your name letter by letter. After each letter it keeps a short list of numbers: all that it
# remembers. From those numbers it makes one probability for every possible next letter, draws one, reads it, and goes on. A temperature of 0.7 makes likely letters likelier still; lesson 04 says how.

# %% tags=["demo"]
from utils.names import next_letters
from utils.plotting.bars import plot_next_letters

plot_next_letters(
    next_letters("dino", P, vocabulary),
    vocabulary.tokens,
    title="After 'dino' the model bets on an s, but is far from sure",
)

# %% [markdown]
# After *dino* the letter *s* is the likeliest: many names it has read go on with *saurus*. Yet it gets less than a third of the
# probability, and the rest is spread over all the other letters, of which the chart shows the likeliest. The model does not know the answer; it knows how likely each
# answer is. You will write the functions behind this bar chart in lessons 01 to 04. Three of them come now, in small.

# %% [markdown]
# ## 0.2 How a lesson works
#
# ![The parts of an exercise from left to right: a statement with the equation, an answer cell for your code, a cell to try it, and a
# check that says what is wrong and why.](figures/parts_of_a_lesson.svg)
#
# Every exercise has the same four parts.
#
# 1. **Statement.** What to compute, with its equation and its shapes, and how long it should take.
# 2. **Answer.** A function with a full description and no body. Replace the two lines below the description by your code.
# 3. **Try it.** A small experiment with your function. It costs nothing and is never graded.
# 4. **Check.** Run it as often as you like. When your function is right it says so in one line. When it is not, it says what came
#    out, what was expected, and, if it recognises the mistake, what you probably did.
#
# Stuck for ten minutes? `hint("one_hot")` prints the first of three hints; run it again for the next. The last one is nearly the
# answer.
#
# `progress("00")`, at the end, lists what the checks have found since the kernel started; after a restart, run them again.
#
# Checks use several cases: an ordinary one, a batch of one, and the odd ones. Grading draws fresh numbers for the same kinds of
# case; a function that is right, and not made to fit, is right there too.
#
# Between the exercises stand short questions. Replace the question mark by a letter and run the cell.

# %% [markdown]
# ## 0.3 Notation, in one table
#
# A sequence of words or letters becomes one block of numbers. Its axes always come in the same order: **features, examples,
# time**. A block `x` of shape (n_x, m, T) holds m sequences of T steps, with n_x numbers in each step. `x[:, :, t]` is step t of all
# of them: a matrix with one column per example.
#
# | written | in code | means |
# |---|---|---|
# | $x^{\langle t\rangle}$ | `xt`, `x[:, :, t]` | the input at step t; t counts steps, whatever they are: letters, words, days |
# | $x^{(i)}$ | `x[:, i]` | example number i |
# | $x^{(i)\langle t\rangle}$ | `x[:, i, t]` | step t of example i |
# | $a^{[l]}$ | `a` of layer l | layer number l, from lesson 09 on |
# | $x_j$ | `x[j]` | entry number j |
# | $T_x$, $T_y$ | `T` | how many steps the input and the output have |
# | $m$ | `m` | how many examples are worked on at once |
#
# In mathematics steps count from 1, in code from 0. $x^{\langle 1\rangle}$ is `x[:, :, 0]`. The page `NOTATION.md` at the top of the
# course repeats all of this and translates two other dialects.
#
# **Question.** Three sentences of seven words, five numbers for each word. Which shape does the block have?
#
# a: (3, 5, 7) · b: (5, 3, 7) · c: (7, 3, 5)

# %%
quiz("axes", "?")

# %% [markdown]
# ## 0.4 Symbols as columns
#
# A network multiplies and adds. A letter cannot be multiplied, so it needs numbers first.
#
# The plainest way: list all symbols once, the **dictionary**, and give each its own row. A symbol is then a column that is zero
# everywhere except for a single 1 in its row. Four symbols, three examples:
#
# | | example 0: `b` | example 1: nothing | example 2: `a` |
# |---|---|---|---|
# | row 0: `<EOS>` | 0 | 0 | 0 |
# | row 1: `<UNK>` | 0 | 0 | 0 |
# | row 2: `a` | 0 | 0 | 1 |
# | row 3: `b` | 1 | 0 | 0 |
#
# The two odd names will follow us through the course. `<EOS>` marks the end of a sequence. `<UNK>` stands for every symbol that is
# not in the dictionary: a dictionary of words usually keeps the 30,000 to 50,000 most common ones, and the rest become `<UNK>`.
#
# The column in the middle is all zeros. It means "nothing here", and its index is written −1. Sequences of different lengths are
# filled up with such columns, and a sentence that is about to begin starts from one.

# %% [markdown]
# ### Exercise · `one_hot`
# *10 minutes · 2 points*
#
# Turn m indices into m columns. Column j is zero but for a 1 in row `indices[j]`; where the index is −1 it stays zero.
#
# $$x_{kj} = 1 \text{ if } k = \text{indices}_j, \text{ else } 0 \qquad \text{shape } (n_x, m)$$

# %% nbgrader={"grade": false, "grade_id": "one_hot", "locked": false, "schema_version": 3, "solution": true, "task": false}
# answer: one_hot

# %% tags=["try-it"]
try_it(lambda: one_hot(np.array([3, -1, 2]), 4))  # the table above

# %% nbgrader={"grade": true, "grade_id": "one_hot-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(one_hot)

# %% [markdown]
# Columns of zeros with a single 1 look wasteful, and they are: lesson 05 shows that multiplying a matrix by such a column only
# picks out one of the matrix's columns. They have one great virtue. No symbol is closer to another than the rest, so the network
# has to find out by itself which ones behave alike.

# %% [markdown]
# ## 0.5 Numbers that sum to one
#
# The last layer of our models gives a list of real numbers, one per symbol: large means likely. To draw from them we need
# probabilities: positive, and adding up to 1.
#
# The **softmax** takes e to the power of each number, which makes it positive, and divides by the sum:
#
# $$\text{softmax}(z)_i = \frac{e^{z_i}}{e^{z_1} + \dots + e^{z_n}}$$
#
# **By hand.** Take $z = (0, \ln 2, \ln 5)$. Then $e^z = (1, 2, 5)$, the sum is 8, and the probabilities are 0.125, 0.25 and 0.625.
#
# One thing goes wrong in practice. $e^{1000}$ is too large for a computer, and the division then gives "not a number". The cure:
# subtract the largest entry first. Adding a constant c to every entry multiplies above and below by the same $e^c$, so the result
# stays as it was, and the largest power is now $e^0 = 1$.

# %% [markdown]
# ### Exercise · `softmax`
# *10 minutes · 2 points*
#
# $$p_{ij} = \frac{e^{z_{ij} - c_j}}{\sum_k e^{z_{kj} - c_j}} \qquad c_j = \max_k z_{kj}$$
#
# Each column j is one example and must sum to 1 on its own. Subtract each column's own largest entry first.
#
# `z` is (n, m), and so is the result.

# %% nbgrader={"grade": false, "grade_id": "softmax", "locked": false, "schema_version": 3, "solution": true, "task": false}
# answer: softmax

# %% tags=["try-it"]
# left column: 0.125, 0.25, 0.625
try_it(lambda: softmax(np.log(np.array([[1.0, 1.0], [2.0, 1.0], [5.0, 2.0]]))))

# %% nbgrader={"grade": true, "grade_id": "softmax-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(softmax)

# %% [markdown]
# **Question.** A softmax of shape (4, 3) holds the predictions for three examples. What sums to 1?
#
# a: each column · b: each row · c: the whole array

# %%
quiz("columns", "?")

# %% [markdown]
# ## 0.6 A state that is handed on
#
# Here is the idea of the whole course without a single weight.
#
# Think of money in a jar. Each evening you keep half of what is in it and add what the day brought. To know what is in the jar
# tonight you need two things only: what was in it yesterday, and what came in today. You do not need the list of all the days
# before: what is in the jar stands for them all.
#
# Whatever is handed from one step to the next is called the **state**. One rule, used again and again, makes the new state from the
# old one and from what came in:
#
# $$s^{\langle t\rangle} = f\left(s^{\langle t-1\rangle},\; x^{\langle t\rangle}\right)$$
#
# ![Two chains unfolded in time. Above, a system on its own: the first state passes through f to become the second, and through f again
# to become the third. Below, a system with inputs: state zero and the first input enter f, state one comes out, and so on up to state
# three.](figures/unfold.svg)
#
# Writing out the rule once per step is called **unfolding**. The loop in the equation, where s depends on s, becomes a straight
# line: nothing in the picture leads back. The upper chain has no inputs and runs on its own; the lower one is driven from outside, as
# the jar is. Count the boxes. From $s^{\langle 1\rangle}$ to $s^{\langle 3\rangle}$ the rule is applied twice;
# from $s^{\langle 0\rangle}$ it is applied three times, once per input.
#
# **By hand.** The jar starts with 8. The rule is half of the old plus the new, and the days bring 1, 0 and 2. So: 4 + 1 = 5, then
# 2.5 + 0 = 2.5, then 1.25 + 2 = 3.25.

# %% [markdown]
# ### Exercise · `unfold`
# *10 minutes · 2 points*
#
# $$s^{\langle t\rangle} = f\left(s^{\langle t-1\rangle}, x^{\langle t\rangle}\right) \qquad t = 1, \dots, T$$
#
# Apply f once per input and collect the states after each step. The first argument, f, is itself a function: call it as `f(s, x)`.

# %% nbgrader={"grade": false, "grade_id": "unfold", "locked": false, "schema_version": 3, "solution": true, "task": false}
# answer: unfold

# %% tags=["try-it"]
try_it(lambda: unfold(lambda s, x: 0.5 * s + x, 8, [1, 0, 2]))  # the jar: 5, 2.5, 3.25

# %% nbgrader={"grade": true, "grade_id": "unfold-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(unfold)

# %% [markdown]
# A recurrent network is this loop. In lesson 01 the rule f gets weights, and from lesson 02 on it learns them.

# %% [markdown]
# ## 0.7 What can go wrong
#
# A fellow student writes `one_hot` in one line. The identity matrix has all the columns that are needed, so why not pick from it?

# %% tags=["demo"]
def one_hot_from_the_identity(indices, n_x):
    return np.eye(n_x)[:, indices]


print(one_hot_from_the_identity(np.array([3, -1, 2]), 4))

# %% [markdown]
# Compare with the table in section 0.4. The first and the last column are right. The middle one should be all zeros, and it says
# `b`: for NumPy −1 means *the last one*. No error, no warning, and a model trained with it would read every short name as if it ended
# in a row of *b*. Mistakes that raise an error are the friendly ones; this course spends much of its time on the others.

# %% [markdown]
# ## 0.8 If something does not work
#
# Open a terminal in the course's folder and run `make doctor` (with conda or on Windows: activate the environment, then
# `python -m utils doctor`). It looks at the Python version, the packages, the data
# files and at which `utils` is found, and says in one line each what to do.
#
# `.venv/bin/python -m utils reset 00 softmax` puts one answer cell of your copy in `work/` back as it was, and keeps your text in a file
# beside the notebook.
#
# Three things happen to everybody.
#
# - **`name 'check' is not defined`**, or another name: the kernel was restarted, or a cell above was skipped. Click into the cell
#   that stopped and choose *Run → Run All Above Selected Cell*.
# - **A check cell was deleted.** `.venv/bin/python -m utils check 00` names it, and `.venv/bin/python -m utils reset 00 softmax-check`
#   puts it back.
# - **`np`, `sum` or `list` was given another meaning**, such as `sum = 0`. The cell that stops says so, and says the way back.

# %% [markdown]
# ## What you have now
#
# | function | takes | gives | will be used for |
# |---|---|---|---|
# | `one_hot` | indices (m,) | columns (n_x, m) | every input from lesson 01 on |
# | `softmax` | numbers (n, m) | probabilities (n, m) | every prediction |
# | `unfold` | a rule, a start, inputs | the list of states | the idea behind every recurrent network |

# %% tags=["nbval-ignore-output"]
progress("00")

# %% [markdown]
# **Where next.** Here is the whole course. An arrow leads from a lesson to what builds on it.
#
# ![Seventeen notebooks from top to bottom, with their minutes and points. Arrows lead from 0 to 1A, from there through 2A, 2B and 3 to 4A,
# and on to 5. 6 builds on 3 and leads to 7A and 7B; 8 and 9A build on 4A, 9B on 5, 10A on 4A and 7A, 10B on 10A. 1B, 4B and 9B are
# dashed.](figures/course_map.svg)
#
# Lesson 01 puts weights into the rule: `01_rnn_cell/01a_rnn_cell.ipynb`.
