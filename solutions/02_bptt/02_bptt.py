# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 2 · Learning through time
#
# Think of the jar of lesson 00 once more: each evening you keep half of what is in it and add what the day brought. Had you kept a little
# more than half, how much more would be in it now? The answer is not one number times one evening. The share was used every evening, and
# whatever one evening changed was carried through all the evenings after it.
#
# Ask the same question about a weight, and you have what a recurrent network needs in order to learn.
#
# **After this lesson you can**
#
# - walk back through an unfolded network and read every gradient off one picture;
# - write backpropagation through time, and train a network of your own with it;
# - measure a gradient without any calculus, and convict a wrong one;
# - say why a loss that falls does not prove that a gradient is right.
#
# *About 120 minutes. You need lesson 01 and the chain rule for one variable. A good place for a break is before section 2.6.*

# %% tags=["setup"]
import utils

assert hasattr(utils, "__course__"), (
    f"Another utils.py is in the way: {utils.__file__}. Rename it and restart the kernel."
)

import numpy as np

from utils.checking import check, hint, progress, quiz, try_it
from utils.reference import clip_by_norm, init_rnn, rnn_forward, sequence_loss

# %% [markdown]
# ## Before you begin
#
# A correct version of lesson 01 is imported above, so a mistake there does no harm here. Three questions from it.
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
# **3.** A network knows nothing yet and gives each of 28 symbols the same probability. What is its loss in one step?
#
# a: log 28, about 3.33 nats · b: 1/28, about 0.036 nats · c: 28 nats

# %%
quiz("knows-nothing", "?")

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
# each: one from their own loss, one from the later state.](figures/unfolded_backward.svg)
#
# Forwards, the grey arrows compute the losses and keep what every step saw: the caches. Backwards, the orange arrows say how much the
# total loss $L$ would change if the thing at their tip changed. Each section of this lesson writes some of the orange arrows.
#
# | written | in code | shape | section |
# |---|---|---|---|
# | $\partial L/\partial z_y^{\langle t\rangle}$, at the scores in front of the softmax | `dz` | (n_y, m) | 2.5 |
# | $\partial L/\partial a^{\langle t\rangle}$, at a state | `da_next`, `da_prev` | (n_a, m) | 2.3, 2.4 |
# | $\partial L/\partial z^{\langle t\rangle}$, at the sum inside the tanh | `dz` | (n_a, m) | 2.3 |
# | $\partial L/\partial W_{ax}$, $\partial L/\partial W_{aa}$, $\partial L/\partial b_a$ | `dWax`, `dWaa`, `dba` | as `Wax`, `Waa`, `ba` | 2.3, 2.4 |
# | $\partial L/\partial W_{ya}$, $\partial L/\partial b_y$ | `dWya`, `dby` | as `Wya`, `by` | 2.5 |
#
# A gradient has the shape of the thing it belongs to, always. That one rule will catch half of your mistakes.
#
# And a word on a word. BPTT is the name of this *computation of a gradient*. It is not the loss, which lesson 01 computed, and it is not
# the learning: what is done with a gradient afterwards is a separate decision, the matter of section 2.7. You will find texts that use
# the name for each of the three.

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
# Two small facts are enough to put numbers on them. A **hop** from a state to the one before:
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
# *12 minutes · 4 points · first of eight*
#
# $$\text{term}^{\langle t\rangle} = \frac{\partial a^{\langle T\rangle}}{\partial a^{\langle t\rangle}}\,\left(1 - (a^{\langle t\rangle})^2\right) a^{\langle t-1\rangle} \qquad\qquad \frac{\partial a^{\langle T\rangle}}{\partial w_a} = \sum_{t=1}^{T} \text{term}^{\langle t\rangle}$$
#
# Do for T steps what you did for three. Go forward first and keep the states, $a^{\langle 0\rangle}$ too. Then go back with one variable
# that says how strongly $a^{\langle t\rangle}$ moves $a^{\langle T\rangle}$: it starts as 1, and every hop multiplies it. Everything is a
# plain number here; `terms` is an array of T numbers.

# %% nbgrader={"grade": false, "grade_id": "scalar_bptt", "locked": false, "schema_version": 3, "solution": true, "task": false}
# answer: scalar_bptt

# %% tags=["try-it"]
three_inputs = [np.log(2) - 0.125, np.log(3) - 0.3, np.log(2) - 0.4]  # the inputs of the table, unrounded
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
# Somebody hands us $\partial L/\partial a^{\langle t\rangle}$, the gradient at the new state, and we want it at everything that made this
# state: the input, the old state, two matrices and the bias. Two stations lie on the way.
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
# The shapes would have told us. $dv$ must have the shape of $v$, and there is one way only to multiply $W$ and $dz$ so that it does.
#
# The sum inside the tanh has two products and a bias, so:
#
# | gradient | formula | shape |
# |---|---|---|
# | `dxt` | $W_{ax}^{\mathsf T}\,dz$ | (n_x, m) |
# | `da_prev` | $W_{aa}^{\mathsf T}\,dz$ | (n_a, m) |
# | `dWax` | $dz\,(x^{\langle t\rangle})^{\mathsf T}$ | (n_a, n_x) |
# | `dWaa` | $dz\,(a^{\langle t-1\rangle})^{\mathsf T}$ | (n_a, n_a) |
# | `dba` | $dz$, summed over the m columns | (n_a, 1) |
#
# **By hand.** Step 3 of the walk above: $x = 0.2931$, old state 0.8, new state 0.6, weights 1 and 0.5. Let the gradient at the new state
# be 1. Then $dz = 0.64$, `dxt` is $1 \cdot 0.64 = 0.64$, `da_prev` is $0.5 \cdot 0.64 = 0.32$, `dWax` is $0.64 \cdot 0.2931 = 0.1876$,
# `dWaa` is $0.64 \cdot 0.8 = 0.512$ and `dba` is 0.64. You met the 0.32 and the 0.512 before: a hop, and term 3.

# %% [markdown]
# ### Exercise · `rnn_cell_backward`
# *12 minutes · 7 points · second of eight*
#
# $$dz = \left(1 - (a^{\langle t\rangle})^2\right) * da^{\langle t\rangle} \qquad da^{\langle t-1\rangle} = W_{aa}^{\mathsf T}\,dz \qquad dW_{aa} = dz\,(a^{\langle t-1\rangle})^{\mathsf T}$$
#
# Return the five gradients of the table in a dict. The cache holds all you need: `a_next, a_prev, xt, P = cache`. The state in it has
# been through the tanh already. `np.sum(..., axis=1, keepdims=True)` sums over the columns and leaves a column.

# %% nbgrader={"grade": false, "grade_id": "rnn_cell_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
# answer: rnn_cell_backward

# %% tags=["try-it"]
one_unit = {
    "Wax": np.array([[1.0]]),
    "Waa": np.array([[0.5]]),
    "ba": np.array([[0.0]]),
    "Wya": np.array([[1.0], [-1.0]]),
    "by": np.array([[0.0], [0.0]]),
}


def third_step():
    cache = (np.array([[0.6]]), np.array([[0.8]]), np.array([[three_inputs[2]]]), one_unit)
    gradients = rnn_cell_backward(np.array([[1.0]]), cache)
    return "\n".join(f"{name:8} {gradient.item():.4f}" for name, gradient in gradients.items())


try_it(third_step)  # by hand: 0.64, 0.32, 0.1876, 0.512, 0.64

# %% nbgrader={"grade": true, "grade_id": "rnn_cell_backward-check", "locked": true, "points": 7, "schema_version": 3, "solution": false, "task": false}
check(rnn_cell_backward)

# %% [markdown]
# ## 2.4 The whole sequence
#
# Now put the cells in a row. Find $a^{\langle 2\rangle}$ in the first picture and count the orange arrows that end there. There are two.
#
# - **Its own.** The state made the prediction of its own step, and the loss of that step sends a gradient back. Call it `da[:, :, t]`;
#   section 2.5 computes it, for all steps at once.
# - **From later.** The state also made the next state. What comes back from there is the `da_prev` of step t + 1.
#
# A change of $a^{\langle t\rangle}$ changes the loss in both ways, so the two are **added**. In one line, where $da_{\text{own}}$ is the
# first of them:
#
# $$\frac{\partial L}{\partial a^{\langle t\rangle}} = da_{\text{own}}^{\langle t\rangle} + W_{aa}^{\mathsf T}\left[\left(1 - (a^{\langle t+1\rangle})^2\right) * \frac{\partial L}{\partial a^{\langle t+1\rangle}}\right]$$
#
# At the last step nothing comes from later, and the second part is zero. So the walk begins at T and goes back to 1.
#
# Mind the order in the second part. Read from right to left, it goes the way that the orange arrow goes: from the later state through the
# slopes, *then* through the matrix. Many texts write the slopes as a diagonal matrix, and then it is
# $W_{aa}^{\mathsf T}\,\text{diag}(1 - a^2)\,\partial L/\partial a$. You may find it printed with the last two factors swapped. For one
# example $\partial L/\partial a$ is a column, (n_a, 1), and a column cannot stand to the left of an (n_a, n_a) matrix. The shapes object,
# and they are right.
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
# | t | own + from later | dz | part of `dWaa` | goes on to t − 1 |
# |---|---|---|---|---|
# | 3 | 1 + 0 = 1 | 0.64 | 0.64 · 0.8 = 0.512 | 0.32 |
# | 2 | 1 + 0.32 = 1.32 | 1.32 · 0.36 = 0.4752 | 0.4752 · 0.6 = 0.28512 | 0.2376 |
# | 1 | 1 + 0.2376 = 1.2376 | 1.2376 · 0.64 = 0.792064 | 0.792064 · 0.25 = 0.198016 | 0.396032 |
#
# So `dWaa` is $0.512 + 0.28512 + 0.198016 = 0.995136$, `dba` is the sum of the dz, 1.907264, and `da0` is 0.396032.

# %% [markdown]
# **Question.** One sequence, six units. At the later state stands the gradient `later`, (6, 1), and `D` is the diagonal matrix of that
# state's slopes, (6, 6). What comes back from there?
#
# a: `Waa.T @ later @ D` · b: `Waa.T @ D @ later` · c: `D @ Waa.T @ later`

# %%
quiz("order-of-factors", "?")

# %% [markdown]
# ### Exercise · `rnn_backward`
# *12 minutes · 10 points · third of eight*
#
# $$\text{arriving}^{\langle t\rangle} = da_{\text{own}}^{\langle t\rangle} + da_{\text{later}}^{\langle t\rangle} \qquad \text{cell backwards} \qquad da_{\text{later}}^{\langle t-1\rangle} = \texttt{da\_prev}$$
#
# `da` is (n_a, m, T) and holds the gradient of each step's own output. `caches` is the pair (list of cell caches, x) of `rnn_forward`.
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
# This is backpropagation through time. It fits in a dozen lines, and nothing in the rest of this course changes its shape: a GRU or an
# LSTM only puts another cell in the middle.

# %% [markdown]
# ## 2.5 Where the gradient enters
#
# The walk needs a beginning: the gradient that each step's own loss sends into its state. Between the two lie the softmax and the scores
# $z_y = W_{ya}\,a + b_y$.
#
# It looks like a lot of calculus and is two lines. The loss of one step is minus the logarithm of a softmax, and the logarithm undoes the
# exponential on top:
#
# $$L = -\log\frac{e^{z_{\text{right}}}}{\sum_k e^{z_k}} = -z_{\text{right}} + \log\sum_k e^{z_k}$$
#
# Now move one score, $z_j$. The first part changes only if j is the right class, by −1. The second part changes by
# $e^{z_j}/\sum_k e^{z_k}$, which is $\hat y_j$:
#
# $$\frac{\partial L}{\partial z_j} = \hat y_j - \begin{cases} 1 & j \text{ is the right class} \\ 0 & \text{otherwise} \end{cases}$$
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
# **By hand.** The prediction is (0.7, 0.2, 0.1), the right class is the second one. Then $dz_y = (0.7, -0.8, 0.1)$; it sums to zero, as
# it always does. With one unit, a state of 0.5 and $W_{ya} = (1, 0, -1)^{\mathsf T}$: `dWya` is $(0.35, -0.4, 0.05)^{\mathsf T}$, and
# `da` is $1 \cdot 0.7 + 0 \cdot (-0.8) - 1 \cdot 0.1 = 0.6$. The loss is $-\log 0.2 \approx 1.6094$.

# %% [markdown]
# ### Exercise · `output_layer_backward`
# *12 minutes · 8 points · fourth of eight*
#
# $$dz_y^{\langle t\rangle} = \hat y^{\langle t\rangle} - (1 \text{ at the right class}) \qquad da^{\langle t\rangle} = W_{ya}^{\mathsf T}\,dz_y^{\langle t\rangle} \qquad dW_{ya} = \sum_t dz_y^{\langle t\rangle}\,(a^{\langle t\rangle})^{\mathsf T}$$
#
# Return `dWya` (n_y, n_a), `dby` (n_y, 1), `da` (n_a, m, T) and the loss. The loss is that of `sequence_loss(y_pred, targets, mask)`,
# which is imported. As in lesson 01, the m right classes of a step can be picked with a list of rows and a list of columns. Work on a
# copy of the prediction: it belongs to the caller.

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
# Every orange arrow of the first picture is now written. Here they are on one page, with the letters that many books use:
#
# | gradient | formula | shape | in other books |
# |---|---|---|---|
# | scores, $dz_y^{\langle t\rangle}$ | $\hat y^{\langle t\rangle} - y^{\langle t\rangle}$ | (n_y, m) | ∇o⟨t⟩ |
# | last state | $W_{ya}^{\mathsf T}\,dz_y^{\langle T\rangle}$ | (n_a, m) | ∇h⟨τ⟩ |
# | any other state | $W_{ya}^{\mathsf T}\,dz_y^{\langle t\rangle} + W_{aa}^{\mathsf T}\left[(1 - (a^{\langle t+1\rangle})^2) * da^{\langle t+1\rangle}\right]$ | (n_a, m) | ∇h⟨t⟩ |
# | `dby` | $\sum_t dz_y^{\langle t\rangle}$, columns summed | (n_y, 1) | ∇c |
# | `dWya` | $\sum_t dz_y^{\langle t\rangle}\,(a^{\langle t\rangle})^{\mathsf T}$ | (n_y, n_a) | ∇V |
# | `dba` | $\sum_t dz^{\langle t\rangle}$, columns summed | (n_a, 1) | ∇b |
# | `dWaa` | $\sum_t dz^{\langle t\rangle}\,(a^{\langle t-1\rangle})^{\mathsf T}$ | (n_a, n_a) | ∇W |
# | `dWax` | $\sum_t dz^{\langle t\rangle}\,(x^{\langle t\rangle})^{\mathsf T}$ | (n_a, n_x) | ∇U |
#
# A good place to stand up and walk around.

# %% [markdown]
# ## 2.6 Do not believe it: measure it
#
# How steep is the path under your feet? No formula is needed. Measure the height one step ahead and one step behind, take the difference,
# and divide by the two steps between them:
#
# $$\frac{\partial f}{\partial \theta} \approx \frac{f(\theta + h) - f(\theta - h)}{2h}$$
#
# For a network, $f$ is the loss and $\theta$ one single weight. This knows nothing of tanh, of time, or of your backward pass. It needs
# the forward pass only, and so it can be a witness against the backward pass.
#
# **By hand.** Take $f(\theta) = \theta^3$ at 2, where the slope is 12, with $h = 0.1$. The two heights are 9.261 and 6.859, and
# $(9.261 - 6.859)/0.2 = 12.01$. With a step to one side only, $(9.261 - 8)/0.1 = 12.61$. Both sides are worth the second look.

# %% [markdown]
# ### Exercise · `numerical_gradient`
# *8 minutes · 3 points · fifth of eight*
#
# $$g_j = \frac{f(\theta + h\,e_j) - f(\theta - h\,e_j)}{2h} \qquad e_j: \text{1 at entry } j, \text{ 0 elsewhere}$$
#
# Move one entry of the array at a time, in both directions, and leave the others where they are. `np.ndindex(theta.shape)` visits the
# index of every entry, whatever the number of axes. Keep the old number before you move it, and put exactly that back.

# %% nbgrader={"grade": false, "grade_id": "numerical_gradient", "locked": false, "schema_version": 3, "solution": true, "task": false}
# answer: numerical_gradient

# %% tags=["try-it"]
# θ³ at 2 and at -1, with h = 0.1: by hand 12.01 and 3.01
try_it(lambda: numerical_gradient(lambda theta: np.sum(theta**3), np.array([2.0, -1.0]), h=0.1))

# %% nbgrader={"grade": true, "grade_id": "numerical_gradient-check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check(numerical_gradient)

# %% [markdown]
# **How long should a step be?** Surely as short as possible? Measure it. Here is a small RNN with random weights, its loss as a function
# of its parameters, and the exact gradient of its `Waa`. The next cell measures that gradient with steps from a tenth down to a millionth
# of a millionth. Guess the curve before you run it.

# %% tags=["setup"]
rng = np.random.default_rng(0)
small = {name: W + 0.3 * rng.normal(size=W.shape) for name, W in init_rnn(3, 4, 2, rng).items()}
x_small, a_small = rng.normal(size=(3, 5, 6)), rng.normal(size=(4, 5))  # five sequences of six steps
right_small = rng.integers(2, size=(5, 6))


def loss_of(P):
    return sequence_loss(rnn_forward(x_small, a_small, P)[1], right_small)


# %% tags=["demo", "nbval-ignore-output"]
from utils.plotting.learning_checks import plot_error_by_step
from utils.reference import full_bptt
from utils.reference import numerical_gradient as both_sides


def loss_of_Waa(Waa):
    return loss_of({**small, "Waa": Waa})


def one_side(f, theta, h):
    slopes = np.zeros_like(theta)
    for index in np.ndindex(theta.shape):
        moved = theta.copy()
        moved[index] += h
        slopes[index] = (f(moved) - f(theta)) / h
    return slopes


exact = full_bptt(x_small, right_small, a_small, small)[0]["dWaa"]
steps = 10.0 ** -np.arange(1, 13)
errors = {"to both sides": [], "to one side only": []}
for h in steps:
    for way, measure in zip(errors, (both_sides, one_side), strict=True):
        measured = measure(loss_of_Waa, small["Waa"].copy(), h)
        sizes = np.linalg.norm(measured) + np.linalg.norm(exact)
        errors[way].append(np.linalg.norm(measured - exact) / sizes)

plot_error_by_step(steps, errors, title="A medium step measures best, and both sides beat one")
for i in (0, 2, 4, 7, 11):
    print(f"h = {steps[i]:.0e}: both sides {errors['to both sides'][i]:.0e}, one side {errors['to one side only'][i]:.0e}")

# %% [markdown]
# With steps to both sides the error falls a hundredfold each time the step gets ten times shorter. That goes well until about $10^{-5}$,
# where ten digits are right. Then it turns and climbs, and at $10^{-12}$ only three digits are left.
#
# On the left the step is too long: the path is curved, and what is measured is the slope of a chord. On the right it is too short: the
# two losses agree in nearly all their digits, a computer keeps about sixteen of them, and the subtraction throws away all those that
# agree. What remains is rounding, divided by a tiny number. With one side only, the left branch falls more slowly, and its best point is
# hundreds of times worse.

# %% [markdown]
# **Question.** With $h = 10^{-12}$ the error is about a thousandth. Where does it come from?
#
# a: from the curve of the path · b: from a mistake in the gradient · c: from taking away two nearly equal losses

# %%
quiz("too-small-a-step", "?")

# %% [markdown]
# **From a measurement to a verdict.** Two gradients are never equal to the last digit. How far apart may they be? A distance of 0.001 is
# much for a gradient of size 0.01 and nothing for one of size 1,000. So divide by the sizes:
#
# $$\text{relative error} = \frac{\lVert g_{\text{measured}} - g \rVert}{\lVert g_{\text{measured}} \rVert + \lVert g \rVert}$$
#
# The bars stand for the length of all entries taken together, `np.linalg.norm`. This number lies between 0 and 1, and it can be read. If
# your gradient is c times the right one, c above 0, it is $|c - 1|/(c + 1)$.
#
# | relative error | likely reading |
# |---|---|
# | below about $10^{-7}$ | right; the rest is rounding |
# | between $10^{-7}$ and $10^{-4}$ | look again: is the step too short or too long, are the numbers float32? |
# | 1/3 | a factor of 2, or of 1/2 |
# | anything like 0.05 to 0.9 | something is left out, or counted twice |
# | exactly 1 | the sign is turned round, or one of the two is zero |
#
# **One verdict for each parameter.** Suppose `Waa` has a gradient of length 1,000 and is right, and `ba` has one of length 0.0001 whose
# sign is turned round. Put into one long list, the error is $10^{-7}$: right, it would seem. The small bias hides behind the large
# matrix. Alone, it has an error of 1, and nowhere to hide.

# %% [markdown]
# ### Exercise · `gradient_check`
# *8 minutes · 6 points · sixth of eight*
#
# $$\text{error} = \frac{\lVert g_{\text{measured}} - g \rVert}{\lVert g_{\text{measured}} \rVert + \lVert g \rVert} \quad (0 \text{ if both are zero}) \qquad \text{ok} = \text{error} < \text{tolerance}$$
#
# For each name in `P`, measure the gradient with your `numerical_gradient` and compare it with `G["d" + name]`. Here `f` takes the whole
# dict, and `numerical_gradient` wants a function of one array. A small function in between puts the array into a copy of the dict:
# `{**P, name: theta}`. Give it a copy of `P[name]` to move about in, and leave `P` alone.
#
# The check counts every error below $10^{-6}$ as $10^{-6}$, because nobody can be asked to reproduce rounding. Where a message says
# *expected 1e-06*, read: rounding only.

# %% nbgrader={"grade": false, "grade_id": "gradient_check", "locked": false, "schema_version": 3, "solution": true, "task": false}
# answer: gradient_check

# %% tags=["setup"]
def verdicts(checked):
    """What gradient_check returned, a line for each parameter."""
    return "\n".join(f"{name:8} {error:<8.2g} {'right' if ok else 'WRONG'}" for name, (error, ok) in checked.items())


# %% tags=["try-it", "nbval-ignore-output"]
slope_of_cubes = {"dright": np.array([12.0, 3.0]), "ddoubled": np.array([24.0, 6.0])}
cubes = {"right": np.array([2.0, -1.0]), "doubled": np.array([2.0, -1.0])}
# the first error is rounding, the second is 1/3
try_it(lambda: verdicts(gradient_check(lambda P: np.sum(P["right"] ** 3 + P["doubled"] ** 3), cubes, slope_of_cubes)))

# %% nbgrader={"grade": true, "grade_id": "gradient_check-check", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
check(gradient_check)

# %% [markdown]
# Now turn it on yourself. The next cell runs your own backward pass on the small network and checks all five gradients. What do you
# expect to read in the second column?

# %% tags=["setup"]
def gradients_of(output_layer, through_time):
    """The gradients of loss_of at `small`, made with the given two functions."""
    a, y_pred, caches = rnn_forward(x_small, a_small, small)
    dWya, dby, da, _ = output_layer(y_pred, right_small, a, small)
    return {**through_time(da, caches), "dWya": dWya, "dby": dby}


# %% tags=["try-it", "nbval-ignore-output"]
try_it(lambda: verdicts(gradient_check(loss_of, small, gradients_of(output_layer_backward, rnn_backward))))

# %% [markdown]
# Errors of about $10^{-10}$: calculus and measurement agree in ten digits. From now on nobody has to take your word for your gradient,
# you included.
#
# So why not measure always, and spare the calculus? Count. Each weight needs two forward passes. A network with 28 symbols and 64 units
# has 7,772 weights, which makes 15,544 forward passes for one gradient. The walk back gives all of them at once; section 2.11 measures
# its price.

# %% [markdown]
# ## 2.7 Walk downhill
#
# The gradient says which way is up. To make the loss smaller, walk the other way:
#
# $$\theta \leftarrow \theta - \alpha\,\frac{\partial L}{\partial \theta}$$
#
# The number $\alpha$ is the **learning rate**. Too small, and it takes for ever; too large, and one jumps across the valley and up the
# other side. All parameters take their step at the same moment, from the same gradient.
#
# This is the other half that section 2.1 spoke of. The gradient is a fact about the loss. The update is a choice: this one is called
# gradient descent, and *stochastic* gradient descent when each step looks at a few examples only. Lesson 04 makes another choice with the
# very same gradients. BPTT does not care.
#
# **By hand.** A weight of 2 with a gradient of 3, and a learning rate of 0.1: $2 - 0.1 \cdot 3 = 1.7$.

# %% [markdown]
# ### Exercise · `update_parameters`
# *3 minutes · 2 points · seventh of eight*
#
# $$\theta_{\text{new}} = \theta - \text{learning rate} \cdot \frac{\partial L}{\partial \theta}$$
#
# Return a new dict with the keys of `P`. The gradient of `P["Wax"]` is `G["dWax"]`; G may hold more than is needed. The old arrays stay
# as they are.

# %% nbgrader={"grade": false, "grade_id": "update_parameters", "locked": false, "schema_version": 3, "solution": true, "task": false}
# answer: update_parameters

# %% tags=["try-it"]
try_it(lambda: update_parameters({"w": np.array([2.0])}, {"dw": np.array([3.0])}, 0.1))  # 1.7

# %% nbgrader={"grade": true, "grade_id": "update_parameters-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(update_parameters)

# %% [markdown]
# ## 2.8 One step of training
#
# Forward, loss, backward, update: you have the parts. Between the backward pass and the update stand two small things.
#
# **Divide once.** Our loss is a sum over steps and examples. A batch with twice as many letters would have a gradient twice as long, and
# the same learning rate would walk twice as far. So the gradients are divided by the number of steps that count, in all examples
# together: the number of True in the mask. Then they are the gradients of the loss *per step*.
#
# **Do not jump.** Now and then a batch has a very long gradient, and one step along it can ruin what many small ones had built.
# `clip_by_norm` shortens the whole gradient to a given length when it is longer, and leaves its direction alone. It is imported; lesson
# 03 says why it is needed, and you will write it there.

# %% [markdown]
# ### Exercise · `train_step`
# *8 minutes · 6 points · last of eight*
#
# $$\text{forward} \to \text{output layer} \to \text{back through time} \to \frac{1}{\text{steps}} \to \text{clip} \to \text{update}$$
#
# Put the five gradients into one dict, divide each by the number of steps that count (m · T if there is no mask), give all five to one
# call of `clip_by_norm(G, limit)`, which returns the dict and the old length, and update. Return the new parameters, the loss per step
# *before* the update, and the last state `a[:, :, -1]`.

# %% nbgrader={"grade": false, "grade_id": "train_step", "locked": false, "schema_version": 3, "solution": true, "task": false}
# answer: train_step

# %% tags=["try-it"]
def three_steps():
    P, losses = small, []
    for _ in range(3):
        P, nats, _ = train_step(x_small, right_small, None, a_small, P, 0.5, 1.0)
        losses.append(nats)
    return np.array(losses)


try_it(three_steps)  # the loss per step should fall

# %% nbgrader={"grade": true, "grade_id": "train_step-check", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
check(train_step)

# %% [markdown]
# That was the last exercise. What follows is what it was for.

# %% [markdown]
# ## 2.9 Before the first loop
#
# The names of dinosaurs are back, 1,318 of them. Your network will read a name letter by letter and say at each step which letter comes
# next; `name_batch` makes the arrays, and lesson 04 takes that apart. Two preparations and two sanity checks come first. They take
# minutes.
#
# **Hold something back.** A network can learn its names by heart, and then a small loss says nothing about any other name. So one name in
# ten is put aside. These names are never trained on; they only ever measure.

# %% tags=["setup"]
from utils.datasets import load_dinosaurs
from utils.loop import on_one_thread  # products as small as ours run fastest on one core
from utils.names import LETTERS, finish_name, name_batch

names = load_dinosaurs()
order = np.random.default_rng(0).permutation(len(names))
held_out = [names[i] for i in order[:132]]
training = [names[i] for i in order[132:]]

# %% [markdown]
# **Begin with random weights.** Why not with zeros? Because units that are alike stay alike. If two units have the same weights, they
# hold the same state and receive the same gradient, so they take the same step, and the next, and are still the same afterwards. With all
# weights zero it is worse: `Waa`, `Wax` and `Wya` send zeros to one another, and their gradients are zero for ever. Small random numbers
# break the tie. `init_rnn` draws them so that the sums neither die out nor blow up; lesson 03 says more about their size.
#
# The next cell trains three networks with 48 units on the same 64 names. How far apart are the most different two units, afterwards?

# %% tags=["demo", "nbval-ignore-output"]
from utils.reference import train_step as right_step

random_start = init_rnn(28, 48, 28, np.random.default_rng(0))
starts = {
    "all zero": {name: np.zeros_like(W) for name, W in random_start.items()},
    "weights 0.1": {name: np.full_like(W, 0.1 * name.startswith("W")) for name, W in random_start.items()},
    "random": random_start,
}
x, targets, mask = name_batch(training[:64])
a0 = np.zeros((48, 64))


@on_one_thread
def train_on_one_batch(P, steps=100):
    for _ in range(steps):
        P, nats, _ = right_step(x, targets, mask, a0, P, 0.3, 1.0)
    return P, nats


for start, P in starts.items():
    P, nats = train_on_one_batch(P)
    a, _, _ = rnn_forward(x, a0, P)
    print(f"{start:12} {nats:.2f} nats per letter; units differ by up to {np.ptp(a, axis=0).max():.2f}")

# %% [markdown]
# From zeros, and from equal weights, all 48 units end up as one and the same unit. Such a network hardly learns more than how frequent
# each letter is. From random weights the units go their own ways, and the loss is much lower after the same 100 steps.
#
# **Sanity check one: the loss at the start.** Before any learning all 28 symbols are about equally likely, so the loss per letter should
# be close to $\log 28 \approx 3.33$. You know the right value before the first step; use it.

# %% tags=["demo", "nbval-ignore-output"]
_, y_pred, _ = rnn_forward(x, a0, random_start)
loss = sequence_loss(y_pred, targets, mask)
_, y_large, _ = rnn_forward(x, a0, {name: 3 * W for name, W in random_start.items()})
print(f"log 28                           {np.log(28):.2f}")
print(f"loss per letter                  {loss / np.sum(mask):.2f}")
print(f"with weights three times larger  {sequence_loss(y_large, targets, mask) / np.sum(mask):.2f}")
print(f"divided by m · T, padding too    {loss / mask.size:.2f}")
print(f"not divided                      {loss:.0f}")

# %% [markdown]
# The second line is a little above the first, as it should be: random weights have small opinions, and they are wrong ones. The other
# three show what a wrong value tells. Far above: the network is sure of itself before it has seen anything, so the weights are too large,
# or the targets do not belong to these inputs. Below: no network is that good by chance, so something was divided by the wrong number, or
# the answer has leaked into the input.
#
# **Sanity check two: two names by heart.** A network with thousands of weights can remember two names. If it cannot, something is broken,
# and there is no sense in feeding it a thousand. The loss should go down to almost nothing. Not quite nothing: before the first letter
# nobody can know which of the two names is coming. That choice costs log 2 nats in each of them, $2 \log 2/23 \approx 0.060$ per letter.
# Here is your own `train_step` on two names.

# %% tags=["try-it", "demo", "nbval-ignore-output"]
def two_by_heart():
    x, targets, mask = name_batch(["diplodocus", "stegosaurus"])
    P = init_rnn(28, 48, 28, np.random.default_rng(0))
    for k in range(301):
        P, nats, _ = train_step(x, targets, mask, np.zeros((48, 2)), P, 0.3, 1.0)
        if k in (0, 10, 50, 100, 300):
            print(f"after {k:3d} steps: {nats:.3f} nats per letter")
    return f"the best that anybody can do: {2 * np.log(2) / np.sum(mask):.3f}"


try_it(two_by_heart)

# %% [markdown]
# From 3.4 down to 0.07, a hair above what is possible. The wiring works: inputs, targets, gradient and update belong together.

# %% [markdown]
# **Question.** Your first loss per letter is 1.9, with 28 symbols and before any training. What do you think?
#
# a: a lucky start · b: something is wrong: a division, or the answer is in the input · c: the weights are too large

# %%
quiz("loss-at-the-start", "?")

# %% [markdown]
# ## 2.10 Your network learns
#
# The loop that trains a network has about ten lines, and here they are. An **epoch** is one pass through all training names, in a fresh
# random order each time, a few names per step. After each epoch the loss is measured on both sets.

# %% tags=["setup"]
def nats_per_letter(some_names, P):
    x, targets, mask = name_batch(some_names)
    _, y_pred, _ = rnn_forward(x, np.zeros((len(P["ba"]), len(some_names))), P)
    return sequence_loss(y_pred, targets, mask) / np.sum(mask)


@on_one_thread
def learn(step, seed=0, epochs=8, n_a=48):
    """Train on the names with a function like train_step. Returns the parameters and the losses, epoch 0 included."""
    rng = np.random.default_rng(seed)
    P = init_rnn(28, n_a, 28, rng)
    losses = {"training names": [], "held-out names": []}
    for epoch in range(epochs + 1):
        if epoch > 0:
            for rows in np.array_split(rng.permutation(len(training)), 37):
                x, targets, mask = name_batch([training[i] for i in rows])
                P, _, _ = step(x, targets, mask, np.zeros((n_a, len(rows))), P, 0.3, 1.0)
        losses["training names"].append(nats_per_letter(training, P))
        losses["held-out names"].append(nats_per_letter(held_out, P))
        print(f"epoch {epoch}: training {losses['training names'][-1]:.2f}, held out {losses['held-out names'][-1]:.2f}")
    return P, losses


# %% [markdown]
# What would be a good result? A number means nothing until there is something to beat. Here are four rivals that need no network, all
# measured on the held-out names: every symbol equally likely; each letter as likely as it is frequent; each letter as likely as it is
# *after the letter before it*; and the same *after the two letters before it*. Lesson 04 explains the last two.

# %% tags=["demo"]
from utils.baselines import ngram_bits

_, letters, counted = name_batch(training)
frequency = np.bincount(letters[counted], minlength=28) + 1.0  # one more for each, so that none is impossible
_, letters, counted = name_batch(held_out)
rivals = {
    "all alike": np.log(28),
    "letter frequencies": -np.mean(np.log(frequency / frequency.sum())[letters[counted]]),
    "pairs of letters": ngram_bits(training, held_out, 2, symbols=28) * np.log(2),
    "triples of letters": ngram_bits(training, held_out, 3, symbols=28) * np.log(2),
}
for rival, nats in rivals.items():
    print(f"{rival:18} {nats:.2f} nats per letter")

# %% [markdown]
# Now your network. The cell trains it with *your* `train_step`, draws the losses, and lets it write five names. It takes a few seconds.

# %% tags=["try-it", "demo", "nbval-ignore-output"]
from utils.plotting.learning_checks import plot_losses


def my_network():
    P, losses = learn(train_step)
    plot_losses(losses, baselines=rivals, title="Your network learns, and beats three of four rivals on names it never saw")
    rng = np.random.default_rng(1)
    written = [finish_name(letter, P, LETTERS, rng, at_least=4) for letter in "amrst"]
    return f"held-out names: {losses['held-out names'][-1]:.2f} nats per letter\nit writes: {', '.join(written)}"


try_it(my_network)

# %% [markdown]
# The loss starts near log 28 and falls, quickly at first. After one epoch it is below the letter frequencies, after a few below the pairs
# of letters: the network has found out that more than one letter of the past matters. After eight epochs it stands at about 2.0 nats per
# letter. The triples of letters are still ahead, at 1.84. They count, and counting is good at short memories; in lesson 04 a plain
# network trained longer, with a better update, gets past them, by a little.
#
# Compare the two curves. They go down together, the held-out one ending a little higher. While both fall, the network learns about names.
# Once the training loss goes on falling and the held-out loss does not, it learns *these* names by heart, and that is the time to stop.
# The bumps are the price of small batches: each step follows a few names only.

# %% [markdown]
# ## 2.11 What it costs
#
# The walk has to be paid for twice. In **time**: each step forward and each step back is done once, one after the other. In **memory**:
# the way back needs what every step saw, so all caches are kept until it has passed. Measure both while the sequences get longer, each
# time by a factor of two.

# %% tags=["demo", "nbval-ignore-output"]
import time

from utils.reference import output_layer_backward as right_output
from utils.reference import rnn_backward as right_backward

P = init_rnn(28, 64, 28, np.random.default_rng(0))
for T in (25, 50, 100, 200, 400):
    x, targets = np.random.default_rng(1).normal(size=(28, 32, T)), np.zeros((32, T), dtype=int)
    forward, both = [], []
    for _ in range(5):
        start = time.perf_counter()
        a, y_pred, caches = rnn_forward(x, np.zeros((64, 32)), P)
        forward.append(time.perf_counter() - start)
        _, _, da, _ = right_output(y_pred, targets, a, P)
        right_backward(da, caches)
        both.append(time.perf_counter() - start)
    kept = caches[1].nbytes + sum(a_next.nbytes for a_next, _, _, _ in caches[0])
    if T == 25:
        first_time, first_kept = min(both), kept
    ratios = f"time × {min(both) / first_time:4.1f}, memory × {kept / first_kept:4.1f}"
    print(f"T = {T:3d}: {ratios}; all of it took {min(both) / min(forward):.1f} times as long as forward alone")

# %% [markdown]
# Twice as long a sequence keeps exactly twice as much, and takes about twice the time. Both grow in proportion to T, which is written
# O(T). The whole gradient, all 7,772 numbers of it, costs a few forward passes. Measuring it would have cost 15,544.
#
# Two things that are often said about this need a second sentence. *It cannot be computed in parallel*: true for this cell, whose state
# must be known before the next one can be computed. In part B of lesson 01 a network that was fed its teacher's answers did not have to
# wait, and lesson 10 shows a kind of recurrence without a tanh that need not wait either. *It needs memory in proportion to T*: true for
# this way of doing it. One can keep a few states only, compute the others again on the way back, and get by with memory in proportion to
# $\sqrt T$, for one more forward pass. That is in lesson 09.

# %% [markdown]
# ## 2.12 It trains, so it must be right
#
# A colleague shows you a backward pass. It is shorter than yours, and it works: the loss falls. Nothing about it is far-fetched. A
# handout that very many learners have worked through had mistakes of just these kinds in its backward pass, and its network trained. Read
# it slowly, and decide what you think of it before you go on.

# %% tags=["setup"]
def shortcut_backward(da, caches):
    cells, x = caches
    P = cells[0][3]
    dWax, dWaa, dba = np.zeros_like(P["Wax"]), np.zeros_like(P["Waa"]), np.zeros_like(P["ba"])
    for t in reversed(range(len(cells))):
        a_next, a_prev, xt, _ = cells[t]
        dz = (1 - np.tanh(a_next) ** 2) * da[:, :, t]
        dWax += dz @ xt.T
        dWaa += dz @ a_prev.T
        dba += np.sum(dz, axis=1, keepdims=True)
    return {"dWax": dWax, "dWaa": dWaa, "dba": dba}


# %% [markdown]
# First the test that most people make: train with it. Both networks below start from the same weights and see the same names in the same
# order. The first goes back with a correct `rnn_backward`, the second with the colleague's.

# %% tags=["demo", "nbval-ignore-output"]
from utils.reference import update_parameters as right_update


def step_with(backward):
    """A train_step that goes back through time with the given function."""

    def step(x, targets, mask, a0, P, learning_rate, limit):
        a, y_pred, caches = rnn_forward(x, a0, P)
        dWya, dby, da, loss = right_output(y_pred, targets, a, P, mask)
        G = {**backward(da, caches), "dWya": dWya, "dby": dby}
        G = {"d" + name: G["d" + name] / np.sum(mask) for name in P}
        return right_update(P, clip_by_norm(G, limit)[0], learning_rate), loss / np.sum(mask), a[:, :, -1]

    return step


through_time = step_with(right_backward)
shortcut = step_with(shortcut_backward)
print("right")
_, right_losses = learn(through_time)
print("shortcut")
_, shortcut_losses = learn(shortcut)

# %% tags=["demo"]
plot_losses(
    {"right": right_losses["held-out names"], "shortcut": shortcut_losses["held-out names"]},
    baselines=rivals,
    title="On the names, the colleague's network learns nearly as well",
)

# %% [markdown]
# The two curves nearly lie on each other. Of the 1.4 nats that the right gradient takes off the loss on the held-out names, the shortcut
# takes off all but 0.05, and it beats the same three rivals. (With three other seeds it was all but 0.06 or 0.07.) Had you not seen the
# other curve, you would be content.

# %% [markdown]
# **Question.** The loss of the colleague's network fell from 3.4 to 2.0 nats. What follows?
#
# a: its gradient is right · b: its steps went downhill on average, no more · c: its learning rate is right

# %%
quiz("the-loss-fell", "?")

# %% [markdown]
# Now a task in which the past matters. The network reads random symbols, eight kinds of them, and has to say at every step which symbol
# came one step ago; another network, two steps ago; and so on up to six. Guessing is right one time in eight. Each network has 300
# batches to learn it. What do you expect of the two?

# %% tags=["demo", "nbval-ignore-output"]
from utils.experiments.lesson_02 import echo_experiment
from utils.plotting.learning_checks import plot_recall_by_lag

lags = (1, 2, 3, 4, 5, 6)
recalled = {}
for name, step in (("right", through_time), ("shortcut", shortcut)):
    recalled[name] = echo_experiment(step, seed=0, lags=lags)
    print(f"{name:8}", "  ".join(f"{share:.2f}" for share in recalled[name]))

plot_recall_by_lag(lags, recalled, chance=1 / 8, title="Asked for something older, the shortcut fails")

# %% [markdown]
# One step back, both are perfect. From two steps on the shortcut falls, and at lag 4 it is wrong four times out of ten where the right
# one makes no mistake. At lag 6 the right one slips as well, in the time it had: nine answers in ten are right. Of the shortcut's, fewer
# than half are.
#
# It does not drop to guessing, and that is no accident. Random weights keep a blurred copy of the recent past, as section 1.8 measured,
# and the shortcut can learn to read that copy. What it cannot learn is to *keep* a symbol on purpose, because no later loss ever tells an
# earlier step what would have been worth keeping.
#
# The names did not show it. To guess the next letter of a name, the last two letters do most of the work, as the triples showed, and
# those are in the blurred copy anyway. Which task shows a mistake is luck. A measurement is not. Here is *your* gradient check, and the
# colleague's code in the dock.

# %% tags=["try-it", "nbval-ignore-output"]
try_it(lambda: verdicts(gradient_check(loss_of, small, gradients_of(output_layer_backward, shortcut_backward))))

# %% [markdown]
# No doubt left, and it took no training at all. Three of the five gradients are wrong by tenths, where rounding would be ten digits down.
# Two are right.

# %% [markdown]
# **Question.** Why are the gradients of `Wya` and `by` right?
#
# a: they are small · b: they are made before the walk through the states begins · c: their mistakes cancel

# %%
quiz("why-two-are-right", "?")

# %% [markdown]
# **Find them.** There are two mistakes in `shortcut_backward`. Compare it with your own pass, line by line. Then go back to its cell,
# mend *one* of them, run that cell and the gradient check again, and look at the numbers. Then mend the other. You are done when all five
# lines say *right*. If you see only one mistake, the check will tell you so.
#
# <details><summary>When you have found both, or want to be told</summary>
#
# **One.** `np.tanh(a_next)`: the state has been through the tanh already, so the slope is taken at the wrong value. It belongs to
# `1 - a_next**2`. Mend this alone, and the three errors stay where they were, between 0.2 and 0.7.
#
# **Two.** Nothing comes from later. `dz` starts from `da[:, :, t]` alone; the `Waa.T @ dz` of step t + 1 is nowhere to be found. Each
# step learns from its own loss only. Nothing goes back *through time* at all, and so the network never learns what to keep. Mend this
# alone, and the errors shrink to somewhere between 0.1 and 0.4.
#
# Now for the sting. Train the version in which only the second mistake is mended: its gradient is nearer to the right one, and with this
# seed its loss on the names gets stuck near 2.9, *worse* than with both mistakes. (So it did with three of the four seeds that were
# tried.) The slope is too large everywhere, and what comes back is multiplied by it at every hop. Whoever judges by the loss would put
# the second mistake back in.
#
# </details>

# %% [markdown]
# Why did it train, then? One more number. Take the two gradients as two arrows and measure the angle between them.

# %% tags=["demo", "nbval-ignore-output"]
def all_gradients(backward, P):
    x, targets, mask = name_batch(training[:128])
    a, y_pred, caches = rnn_forward(x, np.zeros((48, 128)), P)
    dWya, dby, da, _ = right_output(y_pred, targets, a, P, mask)
    G = {**backward(da, caches), "dWya": dWya, "dby": dby}
    return np.concatenate([G["d" + name].ravel() for name in P])


right, wrong = (all_gradients(backward, random_start) for backward in (right_backward, shortcut_backward))
cosine = right @ wrong / np.linalg.norm(right) / np.linalg.norm(wrong)
print(f"cosine {cosine:.2f}, angle {np.degrees(np.arccos(cosine)):.0f} degrees")

# %% [markdown]
# An angle of some fifty degrees: the wrong arrow points off to the side, but still downhill. Anything below ninety degrees makes the loss
# fall, if the steps are short. Gradient descent forgives a great deal, and that is exactly why it is no witness. Whoever writes a
# backward pass measures it.

# %% [markdown]
# ## Written question
#
# *10 minutes · 4 points · read by a person*
#
# A friend has written the backward pass of a new kind of cell. It trains: on names the loss has fallen from 3.3 to 2.1 nats per letter,
# on held-out names too. "So the gradient is right", says the friend. In five to eight sentences: say why that does not follow, with a
# number from this lesson; say what you would do instead, how long its step should be and why, and how you would read what it prints; and
# name one mistake that this test would *not* find.

# %% [markdown] nbgrader={"grade": true, "grade_id": "it_trains", "locked": false, "points": 4, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# A falling loss says only that the steps lead downhill on average. In section 2.12 a backward pass that never went back through time,
# with a wrong slope besides, came within a few hundredths of a nat of the right one on held-out names; its gradient was some fifty
# degrees off. That the names were held out does not help: it shows that the network generalises, not that the gradient is right. On the
# symbol of four steps ago the same code was right six times out of ten, where the right one was always right.
#
# I would compare each parameter's gradient with central differences of the loss, on a small network in float64, with biases and first
# states that are not zero. The step should be about 1e-5: longer, and the curve of the loss enters; much shorter, and two nearly equal
# losses are taken from each other, so that rounding is left. Relative errors below 1e-7 mean right, tenths mean that something is
# missing, exactly 1 means a turned sign. I would look at each parameter alone, because a small wrong bias hides behind a large matrix.
#
# The test compares the gradient with the loss that the code computes. If that loss itself is wrong, with shifted targets, a mask that is
# ignored or a state that is not handed on, both agree, and nothing is found.
#
# **Marking.** One point for each: why it does not follow, with a number (nearly the same loss, 0.6 at lag 4, the angle); central
# differences parameter by parameter, with how to read the error; a step of medium length with both reasons (too long: curvature; too
# short: rounding); a mistake that the test does not find (a wrong loss or forward pass, targets, mask; a bad learning rate; a path that
# the tested case does not use, such as T = 1 or zero biases). Half a point where a statement is right and its number or reason is
# missing.
# ### END SOLUTION

# %% [markdown]
# ## What you have now
#
# | function | takes | gives |
# |---|---|---|
# | `scalar_bptt` | inputs, a⟨0⟩, three numbers | the term of each step, and their sum |
# | `rnn_cell_backward` | the gradient at a⟨t⟩ (n_a, m), a cell's cache | five gradients of one step |
# | `rnn_backward` | each step's own gradient (n_a, m, T), the caches | dx, da0, and dWax, dWaa, dba summed over time |
# | `output_layer_backward` | predictions, targets (m, T), states, mask | dWya, dby, da (n_a, m, T), the loss |
# | `numerical_gradient` | a function, an array, h | the measured slope of every entry |
# | `gradient_check` | a loss, P, G | an error and a verdict for each parameter |
# | `update_parameters` | P, G, the learning rate | new parameters, one step downhill |
# | `train_step` | a batch, P, the learning rate, a limit | new parameters, the loss per step, the last state |
#
# What to take along:
#
# - Each use of a shared weight sends back its own term; the gradient is their sum.
# - What reaches a state comes from two sides: its own loss, and the later state.
# - Before training: hold data back, break the tie between units, know the first loss, learn two examples by heart.
# - That the loss falls proves nothing about the gradient. Measuring does.

# %% [markdown]
# The written question adds 4 points, given by a person.

# %% tags=["nbval-ignore-output"]
progress("02")

# %% [markdown]
# **Where next.** On the way back every hop multiplied by slope · weight, and the oldest of four terms was a hundred times smaller than
# the newest. Over forty steps such products vanish, or explode. Lesson 03 measures it and does what can be done:
# `03_gradients_over_time`.
