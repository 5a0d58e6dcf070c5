# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 2A · Back through time
#
# Think of the jar of lesson 00 once more: each evening you keep half of what is in it and add what the day brought. Had you kept a little
# more than half, how much more would be in it now? The answer is not one number times one evening. The share was used every evening, and
# whatever one evening changed was carried through all the evenings after it.
#
# Ask the same question about a weight, and you have what a recurrent network needs in order to learn.
#
# **After this part you can**
#
# - walk back through an unfolded network and read every gradient off one picture;
# - do backpropagation through time by hand, with one unit and three steps;
# - write it for a whole network, and say the shape of every gradient.
#
# *About 100 minutes. You need lesson 01 and the chain rule for one variable.* Part B, `02b_learning.ipynb`, is not an extra: there you
# measure whether such gradients are right, and your network learns.

# %% tags=["setup"]
import utils

assert hasattr(utils, "__course__"), (
    f"Another utils.py is in the way: {utils.__file__}. Rename it and restart the kernel."
)

import numpy as np

from utils.checking import check, hint, progress, quiz, try_it
from utils.reference import rnn_forward, sequence_loss

# %% [markdown]
# ## Before you begin
#
# A correct version of lesson 01 is imported above, so a mistake there does no harm here. Two questions from it.
#
# **1.** What does the cache of a cell hold, and what for?
#
# a: its gradient, for the update · b: its states, input and weights, for the way back · c: its prediction, for the loss

# %%
quiz("cache-what-for", "?")

# %% [markdown]
# **2.** A network is unfolded over five words. How many matrices $W_{aa}$ does it have to learn?
#
# a: five, one for each word · b: four, one for each arrow between two words · c: one

# %%
quiz("one-waa", "?")

# %% [markdown]
# ## 2.1 Who is to blame?
#
# The jar started with 8. You kept the share $w = 0.5$ each evening, and the days brought 1, 0 and 2. The jar held 5, then 2.5, then 3.25.
#
# Now let the share be a tiny bit larger, by $\delta$. Go through the evenings one by one, the last one first.
#
# - On the **third** evening the share met 2.5. Keeping $\delta$ more of it leaves $2.5\,\delta$ more at the end.
# - On the **second** evening it met 5, which makes $5\,\delta$ more on that evening. Half of it survives the third: $2.5\,\delta$.
# - On the **first** evening it met 8. Of those $8\,\delta$ the second and the third evening each keep half: $2\,\delta$.
#
# Together $7\,\delta$. Try it with $\delta = 0.01$, so with a share of 0.51: 5.08, then 2.5908, then 3.3213. That is 0.0713 more, where
# we said 0.07. The small rest comes from changes of changes; it shrinks much faster than $\delta$ does.
#
# The 7 is a **gradient**: how much the end changes, for each unit that the share changes. Look at how it came about.
#
# 1. The share was **used three times**, so the gradient is a sum of three terms.
# 2. Each term is **what the share met** on that evening, times what the **later evenings kept** of it.
# 3. We went **backwards**, because the later evenings are needed first.
#
# A recurrent network adds a squashing function and makes numbers into matrices. The walk stays the same, and its name is
# **backpropagation through time**, BPTT. Here it is in one picture.
#
# ![Three steps of an unfolded network. Grey arrows lead forwards: from the inputs and from state zero to the states, up to the
# predictions and to the losses of the steps. Beside each of them a dashed orange arrow leads back. States one and two receive two of them
# each: one from their own loss, one from the later state. At every step short orange arrows end at the weights Wya, Waa and
# Wax.](figures/unfolded_backward.svg)
#
# Forwards, the grey arrows compute the losses and keep what every step saw: the caches. Backwards, an orange arrow brings a gradient to
# the thing at its tip: how much the total loss $L$ changes with that thing, along this way. Where several of them end at one thing, their
# parts are added. Two end at $a^{\langle 2\rangle}$, so three names are needed: its **own** part, the part from **later**, and the
# **whole**. They are kept apart in all that follows.
#
# | written | what it is | in code | shape | section |
# |---|---|---|---|---|
# | $dz_y^{\langle t\rangle}$ | at the scores in front of the softmax | `dzy` | (n_y, m) | 2.5 |
# | $da_{\text{own}}^{\langle t\rangle}$ | at a state, from the loss of its own step | `da[:, :, t]` | (n_a, m) | 2.5 |
# | $da_{\text{later}}^{\langle t\rangle}$ | at a state, from the state after it | `da_prev` of step t + 1 | (n_a, m) | 2.3, 2.4 |
# | $da^{\langle t\rangle} = da_{\text{own}}^{\langle t\rangle} + da_{\text{later}}^{\langle t\rangle}$ | at a state, the whole | `da_next` | (n_a, m) | 2.3, 2.4 |
# | $dz^{\langle t\rangle}$ | at the sum inside the tanh | `dz` | (n_a, m) | 2.3 |
# | $dW_{ax}$, $dW_{aa}$, $db_a$ | at the weights of the cell | `dWax`, `dWaa`, `dba` | as `Wax`, `Waa`, `ba` | 2.3, 2.4 |
# | $dW_{ya}$, $db_y$ | at the weights of the output layer | `dWya`, `dby` | as `Wya`, `by` | 2.5 |
#
# The letter d stands for $\partial L/\partial$: $da^{\langle t\rangle}$ is short for $\partial L/\partial a^{\langle t\rangle}$. A gradient
# has the shape of the thing it belongs to, always. That rule catches many mistakes, but not those of `Waa`: it is square, so its
# transpose fits wherever it does.
#
# And a word on a word. BPTT is the name of this *computation of a gradient*. It is not the loss, which lesson 01 computed, and it is not
# the learning: what is done with a gradient afterwards is a separate decision, the matter of part B. You will find texts that use the
# name for each of the three.

# %% [markdown]
# ## 2.2 By hand, with one unit
#
# Before the matrices come, take the smallest network there is: one number in, one number of state.
#
# $$z^{\langle t\rangle} = w_x\,x^{\langle t\rangle} + w_a\,a^{\langle t-1\rangle} + b \qquad\qquad a^{\langle t\rangle} = \tanh z^{\langle t\rangle}$$
#
# It reads three inputs, and we ask for $\partial a^{\langle 3\rangle}/\partial w_a$: how does the last state change with the weight of
# the state? For the jar the later evenings kept half. Here a step does two things to a small change of the old state. It multiplies by
# $w_a$, and it sends the result through tanh, which multiplies by the **slope** of tanh at that place. Tanh is kind here: its slope is
# made of its own value,
#
# $$\tanh' z = 1 - \tanh^2 z = 1 - a^2$$
#
# so the state, which we have kept anyway, is all that is needed. Where a state is near 1 or −1 the slope is near 0: a unit that is
# pressed against the wall hardly moves.
#
# **The way forward, on paper.** Let $w_x = 1$, $w_a = 0.5$, $b = 0$ and $a^{\langle 0\rangle} = 0.25$. The inputs look strange; they were
# chosen so that the states come out round:
#
# | t | $x^{\langle t\rangle}$ | $z^{\langle t\rangle} = x^{\langle t\rangle} + 0.5\,a^{\langle t-1\rangle}$ | $a^{\langle t\rangle}$ | slope $1 - (a^{\langle t\rangle})^2$ |
# |---|---|---|---|---|
# | 1 | 0.5681 | 0.5681 + 0.125 = 0.6931 | 0.6 | 0.64 |
# | 2 | 0.7986 | 0.7986 + 0.3 = 1.0986 | 0.8 | 0.36 |
# | 3 | 0.2931 | 0.2931 + 0.4 = 0.6931 | 0.6 | 0.64 |
#
# **The way back.** The weight was used three times, so there are three ways from the last state back to it.
#
# ![Three rows, each with the states zero to three. In the first row an arrow goes from state three straight to the weight of step three.
# In the second it goes to state two first and then to the weight of step two. In the third it goes over states two and one to the weight
# of step one. Beside each row stands the product of the slopes, weights and the state on that way.](figures/three_paths.svg)
#
# Two small facts are enough to put numbers on them. A **hop** from a state to the one before it, the direct effect of one step:
#
# $$\frac{\partial a^{\langle t\rangle}}{\partial a^{\langle t-1\rangle}} = \left(1 - (a^{\langle t\rangle})^2\right) w_a$$
#
# And the **end** of a way, where the weight met a state: moving $w_a$ by $\delta$ moves the sum by $\delta\,a^{\langle t-1\rangle}$, and
# tanh multiplies that by its slope, which makes $(1 - (a^{\langle t\rangle})^2)\,a^{\langle t-1\rangle}$. Now multiply along each way.
#
# - Term 3, no hop: $0.64 \cdot 0.8 = 0.512$.
# - Term 2, one hop, $0.64 \cdot 0.5 = 0.32$: then $0.32 \cdot 0.36 \cdot 0.6 = 0.06912$.
# - Term 1, two hops, $0.32 \cdot (0.36 \cdot 0.5) = 0.0576$: then $0.0576 \cdot 0.64 \cdot 0.25 = 0.009216$.
#
# The gradient is their sum, $0.590336$.
#
# **One step more.** Let a fourth input come, −0.3. The sum is $-0.3 + 0.5 \cdot 0.6 = 0$, so $a^{\langle 4\rangle} = 0$ and the slope
# there is 1. Looking back from step 4, there are three hops to $a^{\langle 1\rangle}$, and there are **four** terms, because the weight
# was used four times. The old terms all take one more hop, which multiplies each by $1 \cdot 0.5$: 0.256, then 0.03456, then 0.004608.
# The new one takes no hop: $1 \cdot 0.6 = 0.6$. Their sum is 0.895168.
#
# Look at the four side by side: 0.6, 0.256, 0.035, 0.005. The further back a use of the weight lies, the less it counts here. Lesson 03
# is about that.

# %% [markdown]
# ### Exercise · `scalar_bptt`
# *15 minutes · 4 points · first of four*
#
# $$\text{term}^{\langle t\rangle} = \frac{\partial a^{\langle T\rangle}}{\partial a^{\langle t\rangle}}\,\left(1 - (a^{\langle t\rangle})^2\right) a^{\langle t-1\rangle} \qquad\qquad \frac{\partial a^{\langle T\rangle}}{\partial w_a} = \sum_{t=1}^{T} \text{term}^{\langle t\rangle}$$
#
# Do for T steps what you did for three. Go forward first and keep the states, $a^{\langle 0\rangle}$ too. Then go back with one variable
# that says how strongly $a^{\langle t\rangle}$ moves $a^{\langle T\rangle}$ (the first factor of the formula): it starts as 1, and every
# hop multiplies it. Everything is a plain number here; `terms` is an array of T numbers.

# %% nbgrader={"grade": false, "grade_id": "scalar_bptt", "locked": false, "schema_version": 3, "solution": true, "task": false}
# answer: scalar_bptt

# %% tags=["setup"]
three_inputs = [np.log(2) - 0.125, np.log(3) - 0.3, np.log(2) - 0.4]  # the inputs of the table, unrounded
one_unit = {
    "Wax": np.array([[1.0]]),
    "Waa": np.array([[0.5]]),
    "ba": np.array([[0.0]]),
    "Wya": np.array([[1.0], [-1.0]]),
    "by": np.array([[0.0], [0.0]]),
}  # the same network as matrices, for the next sections

# %% tags=["try-it"]
# by hand: 0.0092, 0.0691, 0.512 and their sum, 0.590336
try_it(lambda: scalar_bptt(three_inputs, 0.25, 1.0, 0.5, 0.0))

# %% tags=["try-it"]
# by hand: 0.0046, 0.0346, 0.256, 0.6 and their sum, 0.895168
try_it(lambda: scalar_bptt([*three_inputs, -0.3], 0.25, 1.0, 0.5, 0.0))

# %% nbgrader={"grade": true, "grade_id": "scalar_bptt-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check(scalar_bptt)

# %% [markdown]
# You have walked back through time. What is left is the same walk with matrices, and with a loss at every step.

# %% [markdown]
# ## 2.3 One cell, backwards
#
# Somebody hands us $da^{\langle t\rangle}$, the whole gradient at the new state, and we want what goes on from here to everything that
# made this state: the input, the old state, two matrices and the bias. Two stations lie on the way.
#
# ![A cell read from right to left. The gradient of the new state is multiplied by one minus the state squared and becomes dz. From dz
# arrows lead to the gradient of the old state, through Waa transposed; to that of the input, through Wax transposed; and to the gradients
# of Wax, Waa and the bias.](figures/cell_backward.svg)
#
# **Station one: the tanh.** It acts on each entry alone, so going back multiplies each entry by its own slope:
#
# $$dz = \left(1 - (a^{\langle t\rangle})^2\right) * da^{\langle t\rangle} \qquad (n_a, m)$$
#
# **Station two: the products.** Take a product on its own, $z = W v$, for one example. Entry j of $v$ enters every entry of $z$: it
# enters $z_i$ with the factor $W_{ij}$. So what comes back to it is $\sum_i W_{ij}\,dz_i$, which is entry j of $W^{\mathsf T} dz$. The
# weight $W_{ij}$ enters $z_i$ only, with the factor $v_j$. So what comes back to it is $dz_i\,v_j$, which is an entry of
# $dz\,v^{\mathsf T}$. With m columns the weights meet m examples, and their parts add up; the matrix product does the adding by itself.
# Two rules:
#
# $$dv = W^{\mathsf T} dz \qquad\qquad dW = dz\,v^{\mathsf T}$$
#
# Shapes help to remember this: $dv$ must have the shape of $v$. They do not help where $W$ is square.
#
# The sum inside the tanh has two products and a bias, so:
#
# | gradient | formula | shape |
# |---|---|---|
# | `dxt` | $W_{ax}^{\mathsf T}\,dz$ | (n_x, m) |
# | `da_prev`, the later part of the state before | $W_{aa}^{\mathsf T}\,dz$ | (n_a, m) |
# | `dWax` | $dz\,(x^{\langle t\rangle})^{\mathsf T}$ | (n_a, n_x) |
# | `dWaa` | $dz\,(a^{\langle t-1\rangle})^{\mathsf T}$ | (n_a, n_a) |
# | `dba` | $dz$, summed over the m columns | (n_a, 1) |
#
# **By hand.** Step 3 of the walk above: $x = 0.2931$, old state 0.8, new state 0.6, weights 1 and 0.5. Let the gradient at the new state
# be 1. Then $dz = 0.64$, `dxt` is $1 \cdot 0.64 = 0.64$, `da_prev` is $0.5 \cdot 0.64 = 0.32$, `dWax` is $0.64 \cdot 0.2931 = 0.1876$,
# `dWaa` is $0.64 \cdot 0.8 = 0.512$ and `dba` is 0.64. You met the 0.32 and the 0.512 before: a hop, and term 3.
#
# One unit cannot show a forgotten transpose. So take two, with a gradient of (1, 0) at the new state (0.6, 0.8), an old state of
# (0.5, −1) and $W_{aa}$ with the rows (0.5, 0.25) and (1, 0). Then $dz = (0.64, 0)$. Going back through the transpose takes the first
# *row*: `da_prev` is $(0.5 \cdot 0.64, 0.25 \cdot 0.64) = (0.32, 0.16)$. And `dWaa` has the rows $0.64 \cdot (0.5, -1) = (0.32, -0.64)$ and
# (0, 0).

# %% [markdown]
# ### Exercise · `rnn_cell_backward`
# *12 minutes · 7 points · second of four*
#
# $$dz = \left(1 - (a^{\langle t\rangle})^2\right) * da^{\langle t\rangle} \qquad da_{\text{later}}^{\langle t-1\rangle} = W_{aa}^{\mathsf T}\,dz \qquad dW_{aa} = dz\,(a^{\langle t-1\rangle})^{\mathsf T}$$
#
# Return the five gradients of the table in a dict. The cache holds all you need: `a_next, a_prev, xt, P = cache`. The state in it has
# been through the tanh already. `np.sum(..., axis=1, keepdims=True)` sums over the columns and leaves a column.

# %% nbgrader={"grade": false, "grade_id": "rnn_cell_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
# answer: rnn_cell_backward

# %% tags=["try-it"]
def third_step():
    cache = (np.array([[0.6]]), np.array([[0.8]]), np.array([[three_inputs[2]]]), one_unit)
    gradients = rnn_cell_backward(np.array([[1.0]]), cache)
    return "\n".join(f"{name:8} {gradient.item():.4f}" for name, gradient in gradients.items())


try_it(third_step)  # by hand: 0.64, 0.32, 0.1876, 0.512, 0.64


# %% tags=["try-it"]
def two_units():
    weights = {"Wax": np.ones((2, 1)), "Waa": np.array([[0.5, 0.25], [1.0, 0.0]])}
    cache = (np.array([[0.6], [0.8]]), np.array([[0.5], [-1.0]]), np.array([[1.0]]), weights)
    gradients = rnn_cell_backward(np.array([[1.0], [0.0]]), cache)
    return f"da_prev {gradients['da_prev'][:, 0]}\ndWaa\n{gradients['dWaa']}"


try_it(two_units)  # by hand: 0.32 and 0.16; the rows 0.32, -0.64 and 0, 0

# %% nbgrader={"grade": true, "grade_id": "rnn_cell_backward-check", "locked": true, "points": 7, "schema_version": 3, "solution": false, "task": false}
check(rnn_cell_backward)

# %% [markdown]
# ## 2.4 The whole sequence
#
# Now put the cells in a row. Find $a^{\langle 2\rangle}$ in the first picture and count the orange arrows that end there. There are two.
#
# - **Its own part.** The state made the prediction of its own step, and the loss of that step sends a gradient back. It stands in
#   `da[:, :, t]`; section 2.5 computes it, for all steps at once.
# - **The part from later.** The state also made the next state. What comes back from there is the `da_prev` of step t + 1.
#
# A change of $a^{\langle t\rangle}$ changes the loss in both ways, so the two are **added**:
#
# $$\underbrace{da^{\langle t\rangle}}_{\text{whole}} = \underbrace{da_{\text{own}}^{\langle t\rangle}}_{\text{own}} + \underbrace{W_{aa}^{\mathsf T}\left[\left(1 - (a^{\langle t+1\rangle})^2\right) * da^{\langle t+1\rangle}\right]}_{\text{later}}$$
#
# At the last step nothing comes from later, and the second part is zero. So the walk begins at T and goes back to 1.
#
# Read the part from later from right to left, as the arrow goes: through the slopes, *then* through the matrix. With the slopes as a
# diagonal matrix it is $W_{aa}^{\mathsf T}\,\text{diag}(1 - (a^{\langle t+1\rangle})^2)\,da^{\langle t+1\rangle}$. Some texts print the
# last two factors swapped; for one example the shapes then do not fit.
#
# **Shared weights.** All steps use the same `Waa`. Each step sends its own part of `dWaa`, as each use of $w_a$ had its own term, and the
# parts are added up over time. The same holds for `Wax` and `ba`:
#
# $$dW_{aa} = \sum_{t=1}^{T} dz^{\langle t\rangle}\,(a^{\langle t-1\rangle})^{\mathsf T} \qquad dW_{ax} = \sum_{t=1}^{T} dz^{\langle t\rangle}\,(x^{\langle t\rangle})^{\mathsf T} \qquad db_a = \sum_{t=1}^{T} \sum_{i=1}^{m} dz^{(i)\langle t\rangle}$$
#
# What comes out of the first step in the end belongs to $a^{\langle 0\rangle}$: `da0`.
#
# **By hand.** The three steps of section 2.2 again, now with a gradient of 1 of its own at *every* state.
#
# | t | own + later = whole | dz | part of `dWaa` | goes on to t − 1 |
# |---|---|---|---|---|
# | 3 | 1 + 0 = 1 | 1 · 0.64 = 0.64 | 0.64 · 0.8 = 0.512 | 0.32 |
# | 2 | 1 + 0.32 = 1.32 | 1.32 · 0.36 = 0.4752 | 0.4752 · 0.6 = 0.28512 | 0.2376 |
# | 1 | 1 + 0.2376 = 1.2376 | 1.2376 · 0.64 = 0.792064 | 0.792064 · 0.25 = 0.198016 | 0.396032 |
#
# So `dWaa` is $0.512 + 0.28512 + 0.198016 = 0.995136$, `dba` is the sum of the dz, 1.907264, and `da0` is 0.396032.

# %% [markdown]
# **Question.** One sequence, six units. The next state has the whole gradient `whole`, (6, 1), and `D` is the diagonal matrix of that
# state's slopes, (6, 6). What comes back from there?
#
# a: `Waa.T @ D @ whole` · b: `Waa.T @ whole @ D` · c: `D @ Waa.T @ whole`

# %%
quiz("order-of-factors", "?")

# %% [markdown]
# ### Exercise · `rnn_backward`
# *15 minutes · 10 points · third of four*
#
# $$da^{\langle t\rangle} = da_{\text{own}}^{\langle t\rangle} + da_{\text{later}}^{\langle t\rangle} \qquad \text{cell backwards} \qquad da_{\text{later}}^{\langle t-1\rangle} = \texttt{da\_prev}$$
#
# `da` is (n_a, m, T) and holds the own part of each step. `caches` is the pair (list of cell caches, x) of `rnn_forward`.
# Walk from the last step to the first, call your `rnn_cell_backward` at each, store `dxt` in `dx[:, :, t]`, and add up what belongs to
# the weights. Return `dx`, `da0`, `dWax`, `dWaa` and `dba` in a dict.

# %% nbgrader={"grade": false, "grade_id": "rnn_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
# answer: rnn_backward

# %% tags=["try-it"]
def three_steps_back():
    x = np.array([[three_inputs]])  # (1, 1, 3)
    a, _, caches = rnn_forward(x, np.array([[0.25]]), one_unit)
    gradients = rnn_backward(np.ones((1, 1, 3)), caches)
    return "\n".join(f"{name:5} {gradients[name].item():.6f}" for name in ("dWaa", "dba", "da0"))


try_it(three_steps_back)  # by hand: 0.995136, 1.907264, 0.396032

# %% nbgrader={"grade": true, "grade_id": "rnn_backward-check", "locked": true, "points": 10, "schema_version": 3, "solution": false, "task": false}
check(rnn_backward)

# %% [markdown]
# This is backpropagation through time, in a dozen lines. Later lessons put another cell in the middle; an LSTM's hands back two things
# instead of one. The walk stays.

# %% [markdown]
# ## 2.5 Where the gradient enters
#
# The walk needs a beginning: the own part, which the loss of each step sends into its state. Between the two lie the softmax and the scores
# $z_y = W_{ya}\,a + b_y$.
#
# It looks like a lot of calculus and is two lines. The loss of one step, $L^{\langle t\rangle}$, is minus the logarithm of a softmax, and
# the logarithm undoes the exponential on top:
#
# $$L^{\langle t\rangle} = -\log\frac{e^{z_{\text{right}}}}{\sum_k e^{z_k}} = -z_{\text{right}} + \log\sum_k e^{z_k}$$
#
# Now move one score, $z_j$. The first part changes only if j is the right class, by −1. The second part changes by
# $e^{z_j}/\sum_k e^{z_k}$, which is $\hat y_j$:
#
# $$\frac{\partial L^{\langle t\rangle}}{\partial z_j} = \hat y_j - \begin{cases} 1 & j \text{ is the right class} \\ 0 & \text{otherwise} \end{cases}$$
#
# The **prediction minus the truth**. If the network was sure and right, almost nothing comes back. If it gave the right class a small
# probability, that class is pulled up by nearly 1, and the others are pushed down, each by the probability it had been given.
#
# From there on it is a plain layer, and the two rules of section 2.3 apply. The layer, too, is shared by all steps, so its gradients are
# sums over time.
#
# $$dW_{ya} = \sum_t dz_y^{\langle t\rangle}\,(a^{\langle t\rangle})^{\mathsf T} \qquad db_y = \sum_t \sum_i dz_y^{(i)\langle t\rangle} \qquad da_{\text{own}}^{\langle t\rangle} = W_{ya}^{\mathsf T}\,dz_y^{\langle t\rangle}$$
#
# Steps that are padding have no loss. They send nothing back: where the mask is False, the whole column of $dz_y$ is zero. Without a
# mask, `mask=None`, every step counts.
#
# **By hand.** Say the prediction is (0.7, 0.2, 0.1) and the right class is the second one. Then $dz_y = (0.7, -0.8, 0.1)$; it sums to zero,
# as it always does. Let one unit stand at 0.5, with $W_{ya} = (1, 0, -1)^{\mathsf T}$ (and with whatever bias makes that prediction):
# `dWya` is $(0.35, -0.4, 0.05)^{\mathsf T}$, and `da` is $1 \cdot 0.7 + 0 \cdot (-0.8) - 1 \cdot 0.1 = 0.6$. The loss is
# $-\log 0.2 \approx 1.6094$.

# %% [markdown]
# ### Exercise · `output_layer_backward`
# *20 minutes · 8 points · last of four*
#
# $$dz_y^{\langle t\rangle} = \hat y^{\langle t\rangle} - (1 \text{ at the right class}) \qquad da_{\text{own}}^{\langle t\rangle} = W_{ya}^{\mathsf T}\,dz_y^{\langle t\rangle} \qquad dW_{ya} = \sum_t dz_y^{\langle t\rangle}\,(a^{\langle t\rangle})^{\mathsf T}$$
#
# Return `dWya` (n_y, n_a), `dby` (n_y, 1), `da` (n_a, m, T), which holds the own part of every step, and the loss. The loss is that of
# `sequence_loss(y_pred, targets, mask)`, which is imported. As in lesson 01, the m right classes of a step can be picked with a list of
# rows and a list of columns. Work on a copy of the prediction: it belongs to the caller.

# %% nbgrader={"grade": false, "grade_id": "output_layer_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
# answer: output_layer_backward

# %% tags=["try-it"]
prediction, state = np.array([0.7, 0.2, 0.1]).reshape(3, 1, 1), np.array([[[0.5]]])
three_classes = {"Wya": np.array([[1.0], [0.0], [-1.0]]), "by": np.zeros((3, 1))}


def into_the_state():
    dWya, dby, da, loss = output_layer_backward(prediction, np.array([[1]]), state, three_classes)
    return f"dWya {dWya[:, 0]}\ndby  {dby[:, 0]}\nda   {da[:, 0, 0]}\nloss {loss:.4f}"


# by hand: dWya 0.35, -0.4, 0.05; dby 0.7, -0.8, 0.1; da 0.6; loss 1.6094
try_it(into_the_state)

# %% nbgrader={"grade": true, "grade_id": "output_layer_backward-check", "locked": true, "points": 8, "schema_version": 3, "solution": false, "task": false}
check(output_layer_backward)

# %% [markdown]
# The whole lesson so far on one page, with the letters that many books use. They write h for our a, o for the scores, and τ for the last
# step, our T.
#
# | gradient | formula | shape | in other books |
# |---|---|---|---|
# | scores, $dz_y^{\langle t\rangle}$ | $\hat y^{\langle t\rangle} - (1 \text{ at the right class})$ | (n_y, m) | ∇o⟨t⟩ |
# | last state, whole | $W_{ya}^{\mathsf T}\,dz_y^{\langle T\rangle}$ | (n_a, m) | ∇h⟨τ⟩ |
# | any other state, whole | $W_{ya}^{\mathsf T}\,dz_y^{\langle t\rangle} + W_{aa}^{\mathsf T}\left[(1 - (a^{\langle t+1\rangle})^2) * da^{\langle t+1\rangle}\right]$ | (n_a, m) | ∇h⟨t⟩ |
# | `dby` | $\sum_t dz_y^{\langle t\rangle}$, columns summed | (n_y, 1) | ∇c |
# | `dWya` | $\sum_t dz_y^{\langle t\rangle}\,(a^{\langle t\rangle})^{\mathsf T}$ | (n_y, n_a) | ∇V |
# | `dba` | $\sum_t dz^{\langle t\rangle}$, columns summed | (n_a, 1) | ∇b |
# | `dWaa` | $\sum_t dz^{\langle t\rangle}\,(a^{\langle t-1\rangle})^{\mathsf T}$ | (n_a, n_a) | ∇W |
# | `dWax` | $\sum_t dz^{\langle t\rangle}\,(x^{\langle t\rangle})^{\mathsf T}$ | (n_a, n_x) | ∇U |

# %% [markdown]
# ## What you have now
#
# | function | takes | gives |
# |---|---|---|
# | `scalar_bptt` | inputs, a⟨0⟩, three numbers | the term of each step, and their sum |
# | `rnn_cell_backward` | the whole gradient at a⟨t⟩ (n_a, m), a cell's cache | five gradients of one step |
# | `rnn_backward` | the own part of each step (n_a, m, T), the caches | dx, da0, and dWax, dWaa, dba summed over time |
# | `output_layer_backward` | predictions, targets (m, T), states, mask | dWya, dby, da (n_a, m, T), the loss |
#
# What to take along:
#
# - Each use of a shared weight sends back its own term; the gradient is their sum.
# - What reaches a state comes from two sides: its own loss, and the later state.
# - At the scores of a softmax the gradient is the prediction minus the truth.

# %% tags=["nbval-ignore-output"]
progress("02a")

# %% [markdown]
# **Where next.** You have a gradient, and so far only our word that it is right. Part B, `02b_learning.ipynb`, takes nobody's word:
# you write a tool that measures a gradient, then one step of training, and your network learns to write names. Lesson 03 builds on both
# parts.
