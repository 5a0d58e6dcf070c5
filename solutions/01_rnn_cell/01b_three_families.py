# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 1B · Three families
#
# The cell of part A hands its state to itself. That is one way to remember. Here are two more, and a way to write the first one with a
# single matrix.
#
# **After this part you can**
#
# - write the cell in the compact form that most papers use;
# - build a network whose only memory is its own last answer, and say what that costs;
# - build one that reads a whole sequence and answers once;
# - tell the five shapes of task apart, and run each of them.
#
# *About 60 minutes. You need part A.*

# %% tags=["setup"]
import utils

assert hasattr(utils, "__course__"), (
    f"Another utils.py is in the way: {utils.__file__}. Rename it and restart the kernel."
)

import numpy as np

from utils.checking import check, hint, progress, quiz, try_it
from utils.reference import rnn_cell_forward, rnn_forward, softmax

# %% [markdown]
# ## Before you begin
#
# From here on a correct version of part A is imported, so a mistake there does no harm here.
#
# **A question from part A.** A sequence is repeated, so that it is twice as long, and the network happens to be equally surprised by
# both halves. What happens to `sequence_loss`?
#
# a: it doubles · b: it stays the same · c: it is squared

# %%
quiz("loss-sum", "?")

# %% [markdown]
# ## 1.10 One matrix instead of two
#
# The cell multiplies the state by one matrix and the input by another, and adds the products. Put the two columns on top of each other
# and the two matrices side by side, and a single product does both:
#
# $$W_a = \left[\,W_{aa} \mid W_{ax}\,\right] \qquad\qquad a^{\langle t\rangle} = \tanh\left(W_a \begin{bmatrix} a^{\langle t-1\rangle} \\ x^{\langle t\rangle} \end{bmatrix} + b_a\right)$$
#
# | array | shape |
# |---|---|
# | $W_{aa}$, $W_{ax}$ | (n_a, n_a), (n_a, n_x) |
# | $W_a$ | (n_a, n_a + n_x) |
# | $[a^{\langle t-1\rangle}; x^{\langle t\rangle}]$ | (n_a + n_x, m) |
#
# The state stands on top because its matrix stands on the left. Every gate of lessons 06 and 07 is written in this way.
#
# **By hand.** The tiny cell of part A: $W_a = (-0.8 \mid 0.3)$, and the column is (0.5, 2). So $-0.8 \cdot 0.5 + 0.3 \cdot 2 = 0.2$, plus the
# bias 0.3 makes 0.5, and $\tanh 0.5 \approx 0.4621$, as before.

# %% [markdown]
# ### Exercise · `rnn_cell_forward_compact`
# *5 minutes · 2 points · first of three*
#
# $$a^{\langle t\rangle} = \tanh\left(W_a \begin{bmatrix} a^{\langle t-1\rangle} \\ x^{\langle t\rangle} \end{bmatrix} + b_a\right)$$
#
# Return the new state only. `Wa` is (n_a, n_a + n_x).

# %% nbgrader={"grade": false, "grade_id": "rnn_cell_forward_compact", "locked": false, "schema_version": 3, "solution": true, "task": false}
# answer: rnn_cell_forward_compact

# %% tags=["try-it"]
# 0.4621
Wa, ba = np.array([[-0.8, 0.3]]), np.array([[0.3]])
try_it(lambda: rnn_cell_forward_compact(np.array([[2.0]]), np.array([[0.5]]), Wa, ba))

# %% nbgrader={"grade": true, "grade_id": "rnn_cell_forward_compact-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(rnn_cell_forward_compact)

# %% [markdown]
# ## 1.11 Three ways to remember
#
# ![Three unfolded networks of three steps. Left: each state feeds the next state, and each gives a prediction. Middle: each prediction feeds
# the next state; there is no arrow from state to state. Right: each state feeds the next, and only the last one gives a
# prediction.](figures/three_families.svg)
#
# - **State to state.** The network of part A. It can carry whatever it likes.
# - **Output to state only.** What goes round is the last *answer*. Everything that the next step should know has to fit into it. The
#   memory is poorer: a network that has to answer *name or not* can hand on one number and no more. This family is called Jordan's,
#   the first one Elman's.
# - **Whole sequence, one answer.** The state goes round as in part A, but only the last one is asked.
#
# Why would anybody want the second family? Because of how it can be trained. In training the right answers are known.
# Feeding back the *right* last answer in place of the network's own is called **teacher forcing**. No step then has to wait for the one
# before: all steps can be computed at once. People say that recurrent networks cannot be computed in parallel. For this family, trained in this way, they
# can; lesson 10 shows another kind that can.

# %% [markdown]
# ### Exercise · `jordan_forward`
# *20 minutes · 4 points · second of three*
#
# $$a^{\langle t\rangle} = \tanh\left(W_{ax}\,x^{\langle t\rangle} + W_{ay}\,y^{\langle t-1\rangle} + b_a\right) \qquad \hat y^{\langle t\rangle} = \text{softmax}\left(W_{ya}\,a^{\langle t\rangle} + b_y\right)$$
#
# At the first step $y^{\langle 0\rangle}$ is the argument `y0`. After that $y^{\langle t-1\rangle}$ is the network's own softmax of the step
# before, all of it, or, if there is a `teacher` of shape (n_y, m, T), the teacher's answer of the step before. Never the teacher's
# answer of the *same* step: that is the one being asked for.
#
# `Way` is (n_a, n_y) and stands where `Waa` stood.
#
# **By hand.** Let $W_{ax} = 1$, $W_{ay} = (2, -2)$, $W_{ya} = (1, -1)^{\mathsf T}$, no biases, and an undecided start (0.5, 0.5). The input is 0.5, then
# 0. First step: inside the tanh stands $0.5 + 2 \cdot 0.5 - 2 \cdot 0.5 = 0.5$, so $a = 0.4621$ and the answer is about (0.716, 0.284). Second
# step: the input is silent, but the answer speaks: $2 \cdot (0.716 - 0.284) = 0.864$, and $\tanh 0.864 \approx 0.698$.

# %% nbgrader={"grade": false, "grade_id": "jordan_forward", "locked": false, "schema_version": 3, "solution": true, "task": false}
# answer: jordan_forward

# %% tags=["try-it"]
small = {
    "Wax": np.array([[1.0]]),
    "Way": np.array([[2.0, -2.0]]),
    "ba": np.array([[0.0]]),
    "Wya": np.array([[1.0], [-1.0]]),
    "by": np.array([[0.0], [0.0]]),
}
start = np.array([[0.5], [0.5]])
# by hand: 0.4621, then about 0.698
try_it(lambda: jordan_forward(np.array([[[0.5, 0.0]]]), start, small)[0])

# %% nbgrader={"grade": true, "grade_id": "jordan_forward-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check(jordan_forward)

# %% [markdown]
# How poor can a memory made of answers be? An extreme case, without training: give the network two classes, and let its output
# weights be zero: its answer is always (0.5, 0.5). Whatever it has read, nothing goes round. The first family, with the same zero output
# weights, still remembers in its state.

# %% tags=["demo"]
from utils.reference import jordan_forward as right_jordan

rng = np.random.default_rng(1)
P = {"Wax": rng.normal(size=(3, 2)), "Waa": rng.normal(size=(3, 3)), "Way": rng.normal(size=(3, 2))}
P |= {"ba": np.zeros((3, 1)), "Wya": np.zeros((2, 3)), "by": np.zeros((2, 1))}
first, second = rng.normal(size=(2, 1, 4)), rng.normal(size=(2, 1, 4))
second[:, :, -1] = first[:, :, -1]  # two different pasts, the same last input

state_to_state = [rnn_forward(x, np.zeros((3, 1)), P)[0][:, 0, -1] for x in (first, second)]
output_to_state = [right_jordan(x, np.full((2, 1), 0.5), P)[0][:, 0, -1] for x in (first, second)]
print("largest difference that the past makes")
print("state to state: ", np.abs(state_to_state[0] - state_to_state[1]).max().round(4))
print("output to state:", np.abs(output_to_state[0] - output_to_state[1]).max().round(4))

# %% [markdown]
# Two different pasts end in two different states in the first family, and in exactly the same hidden values in the second: the past
# left no trace in the answers, so it is gone.

# %% [markdown]
# ## 1.12 Read everything, answer once
#
# What is this review worth? Which language is this name from? Such questions come after the last word. The third family keeps the state
# going and asks it once:
#
# $$\hat y = \text{softmax}\left(W_{ya}\,a^{\langle T\rangle} + b_y\right)$$
#
# In a batch the sequences have different lengths, and the short ones are filled up with padding. A padded step must not count, and here
# that means: it must leave the state of that example exactly as it was. The mask, (m, T), says which steps are real.
#
# **By hand.** The tiny cell of part A read 2 and then 0, and ended at −0.0696. Call the second step padding, and the state stays at 0.4621.

# %% [markdown]
# ### Exercise · `sequence_to_one_forward`
# *15 minutes · 4 points · last of three*
#
# $$\hat y = \text{softmax}\left(W_{ya}\,a_{\text{last}} + b_y\right)$$
#
# Return the last state, one prediction per example, and `caches = (list of the T cell caches, x, mask)`. `np.where(mask[:, t], new, old)` chooses
# example by example; the condition has one entry per column and NumPy uses it for every row. At a padded step the cache is what the cell
# returned, although its state is then put back. Return the mask as it came, None included.

# %% nbgrader={"grade": false, "grade_id": "sequence_to_one_forward", "locked": false, "schema_version": 3, "solution": true, "task": false}
# answer: sequence_to_one_forward

# %% tags=["try-it"]
tiny = {
    "Wax": np.array([[0.3]]),
    "Waa": np.array([[-0.8]]),
    "ba": np.array([[0.3]]),
    "Wya": np.array([[1.0], [-1.0]]),
    "by": np.array([[0.0], [0.0]]),
}
padded = np.array([[[2.0, 0.0]]])
# 0.4621
mask = np.array([[True, False]])
try_it(lambda: sequence_to_one_forward(padded, np.array([[0.5]]), tiny, mask)[0])

# %% nbgrader={"grade": true, "grade_id": "sequence_to_one_forward-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check(sequence_to_one_forward)

# %% [markdown]
# **What can go wrong.** Leave the mask out and nothing fails: the shapes are right, the numbers look like numbers. But the state goes on
# changing while it reads padding, and the answer depends on how long the *longest* sequence of the batch is.

# %% tags=["demo"]
from utils.reference import sequence_to_one_forward as right_to_one

for padding in (0, 1, 2, 5):
    x = np.concatenate([np.array([[[2.0, 1.0]]]), np.zeros((1, 1, padding))], axis=2)
    mask = np.arange(2 + padding)[None] < 2
    without = right_to_one(x, np.array([[0.5]]), tiny)[0][0, 0]
    with_mask = right_to_one(x, np.array([[0.5]]), tiny, mask)[0][0, 0]
    print(f"{padding} padded steps: state without mask {without:+.4f}, with mask {with_mask:+.4f}")

# %% [markdown]
# With the mask the state is the same for any amount of padding. Without it the same two inputs end in four different states.

# %% [markdown]
# ## 1.13 Five shapes of task
#
# Input and output need not have the same length. Sorted by how many steps go in and come out, there are five shapes. Where nothing comes in
# from outside, the last answer is fed back: the dashed arrows.
#
# ![Five small unfolded networks; a dashed arrow is an answer that is fed back as the next input. One to one: a photo and its label. One to many: a first note and a melody. Many to one: a sentence and its
# year. Many to many of equal length: each word and whether it is a name. Many to many of unequal length: a sentence and its
# translation.](figures/one_many_table.svg)
#
# | shape | example | what runs it |
# |---|---|---|
# | one to one | a picture, its label | a plain network; the cell with T = 1 |
# | one to many | a first note, a melody | the answer is fed back as the next input |
# | many to one | a sentence, its year | `sequence_to_one_forward` |
# | many to many, equal | words, name or not for each | `rnn_forward` |
# | many to many, unequal | a sentence, its translation | one network reads, its last state starts another that writes |
#
# With what you have, all five can be run. The weights are random, so the answers mean nothing; look at the shapes. One set of weights both
# reads and writes here; lesson 09 gives each its own.

# %% tags=["demo"]
rng = np.random.default_rng(2)
n, n_a, m, T = 5, 4, 3, 6  # five symbols in and out, three examples, six steps
shapes = {"Wax": (n_a, n), "Waa": (n_a, n_a), "ba": (n_a, 1), "Wya": (n, n_a), "by": (n, 1)}
P = {name: rng.normal(size=shape) for name, shape in shapes.items()}
x, a0 = rng.normal(size=(n, m, T)), np.zeros((n_a, m))


def write(first, a, steps):
    """Start from one input and a state, feed each answer back as the next input."""
    answers = []
    for _ in range(steps):
        a, first, _ = rnn_cell_forward(first, a, P)
        answers.append(first)
    return np.stack(answers, axis=-1)


state_after_reading = right_to_one(x, a0, P)[0]
print("one to one             ", x[:, :, 0].shape, "→", rnn_cell_forward(x[:, :, 0], a0, P)[1].shape)
print("one to many            ", x[:, :, 0].shape, "→", write(x[:, :, 0], a0, steps=4).shape)
print("many to one            ", x.shape, "→", right_to_one(x, a0, P)[1].shape)
print("many to many, equal    ", x.shape, "→", rnn_forward(x, a0, P)[1].shape)
print("many to many, unequal  ", x.shape, "→", write(np.zeros((n, m)), state_after_reading, steps=8).shape)

# %% [markdown]
# The last line reads six steps and writes eight: nothing ties the two lengths together.
#
# **Question.** For each word of a message: is it a person's name? Which shape is that?
#
# a: many to one · b: many to many of equal length · c: many to many of unequal length

# %%
quiz("shape-of-task", "?")

# %% [markdown]
# Lesson 04 already writes, letter by letter. Lesson 05 trains many to one, lesson 08 many to many of equal length, and lesson 09 a melody
# from one note and one sequence from another.

# %% [markdown]
# ## What you have now
#
# | function | what goes round | answers |
# |---|---|---|
# | `rnn_cell_forward_compact` | the state, through one stacked matrix | the caller decides |
# | `jordan_forward` | the last answer, or the teacher's | at every step |
# | `sequence_to_one_forward` | the state; padded steps leave it alone | once |

# %% tags=["nbval-ignore-output"]
progress("01b")

# %% [markdown]
# **Where next.** Everything so far was forward. Lesson 02 goes back, from the loss to every weight, and your network learns: `02_bptt`.
