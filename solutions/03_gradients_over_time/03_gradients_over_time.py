# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 3 · How far back does learning reach?
#
# Twenty people stand in a row. The last one finds a mistake and whispers it to the person in front; each passes on what was heard. If
# everybody whispers half as loud as the one before, the first in the row hears nothing. If everybody adds a little, the first is
# deafened. Lesson 02 sent an error back through a network in this way. This lesson asks what arrives.
#
# **After this lesson you can**
#
# - measure how strong a gradient still is, any number of steps back;
# - say what makes it fade or grow, and why the largest eigenvalue is only half of the answer;
# - choose first weights, and say what the choice is worth;
# - stop a training from ending in NaN, in two ways, and tell them apart;
# - train on a sequence that is too long for one piece, and know what is lost.
#
# *About 120 minutes. You need lesson 02, and from mathematics: the length of a vector, and what an eigenvalue is. A good place for a
# break is before section 3.5.*

# %% tags=["setup"]
import utils

assert hasattr(utils, "__course__"), (
    f"Another utils.py is in the way: {utils.__file__}. Rename it and restart the kernel."
)

import numpy as np

from utils.checking import check, hint, progress, quiz, try_it
from utils.datasets import random_symbols
from utils.experiments.lesson_03 import is_finite, last_but_one, recurrence_gradients
from utils.plotting.gradients import plot_gradient_by_lag
from utils.reference import clip_by_norm as right_by_norm
from utils.reference import clip_by_value as right_by_value
from utils.reference import gradient_norm_by_lag as right_norms
from utils.reference import init_rnn, output_layer_backward, rnn_backward, rnn_cell_backward, rnn_forward
from utils.reference import scale_to_spectral_radius as right_scale
from utils.reference import truncated_bptt as right_truncated
from utils.reference import update_parameters

# %% [markdown]
# ## Before you begin
#
# Two questions from lesson 02.
#
# **1.** A network with one unit has the weight $w_a$ on its state. By which factor does a gradient change on its way from
# $a^{\langle t\rangle}$ back to $a^{\langle t-1\rangle}$?
#
# a: $w_a\,(1 - (a^{\langle t-1\rangle})^2)$ · b: $w_a\,(1 - (a^{\langle t\rangle})^2)$ · c: $1 - (a^{\langle t\rangle})^2$

# %%
quiz("factor-of-one-step", "?")

# %% [markdown]
# **2.** All T steps use the same Waa. How does its gradient come about?
#
# a: as a sum of T parts, one for each step · b: as a product of T parts, one for each step · c: from the last step, which has seen all

# %%
quiz("one-part-each", "?")

# %% [markdown]
# ## 3.1 One number, twenty steps
#
# What comes next in *the clouds are in the …*? *Sky*: the word that gives it away stands four words back. Now compare these two:
#
# > The **cat** that the two girls beside the old dog fed every morning **was** hungry.
# >
# > The **cats** that the two girls beside the old dog fed every morning **were** hungry.
#
# The verb depends on the second word, and eleven words stand in between. Forward, a network has to *carry* one bit over them. In
# training it first has to *find out* that it should. All it hears is that *was* was wrong, and this message has to walk back, past all
# those words, to the step that read *cats*.
#
# Take the smallest network that can carry anything: one unit, no input, and for a moment no tanh.
#
# $$a^{\langle t\rangle} = w\, a^{\langle t-1\rangle} \qquad\qquad \frac{\partial a^{\langle 20\rangle}}{\partial a^{\langle 0\rangle}} = w \cdot w \cdots w = w^{20}$$
#
# **By hand.** Three weights that do not look very different. Halving ten times gives about 1/1000, so halving twenty times gives about
# one millionth. One stays one. And $1.5^5 \approx 7.6$, so $1.5^{10} \approx 57.7$, and $1.5^{20} \approx 3325$.

# %% tags=["try-it"]
for w in (0.5, 1.0, 1.5):
    print(f"w = {w}: after 20 steps {w**20:.7g}")

# %% [markdown]
# A factor below 1 makes the message **vanish**; a factor above 1 makes it **explode**. It is compound interest.

# %% [markdown]
# ## 3.2 The same with many units
#
# Put the tanh and the other units back. In lesson 02 one step of the way back was
#
# $$\frac{\partial L}{\partial a^{\langle t-1\rangle}} = W_{aa}^{\mathsf T}\;\text{diag}\left(1 - (a^{\langle t\rangle})^2\right)\;\frac{\partial L}{\partial a^{\langle t\rangle}}$$
#
# Read it from the right. The gradient arrives, each entry is multiplied by the slope of its tanh, and the result by the matrix. Where the
# scalar chain had $w$, there is now a matrix times a diagonal of slopes. Twenty steps make a product of twenty such pairs.
#
# ![Four states in a row, a of T minus 3 to a of T, and a loss above the last one. Blue arrows lead forward from state to state. Dashed
# orange arrows lead back, from the loss to the last state and from there to the first; at each step the gradient is multiplied by the
# transpose of Waa and by the slopes. A bar under each state shows how much is left: it shrinks with each lag.](figures/way_back.svg)
#
# Number the states from the loss: **lag** 0 is the last step, lag k lies k steps before it. The size of a gradient is its **norm**, the
# root of the sum of all its squared entries, written ‖·‖.
#
# | symbol | code | shape | is |
# |---|---|---|---|
# | $\partial L / \partial a^{\langle T-k\rangle}$ | `da` | (n_a, m) | what arrives k steps back |
# | $1 - (a^{\langle t\rangle})^2$ | inside `rnn_cell_backward` | (n_a, m) | slopes of tanh, between 0 and 1 |
# | $\lVert \partial L / \partial a^{\langle T-k\rangle} \rVert$ | `norms[k]` | (T,) altogether | how strong it still is |
#
# **By hand.** One unit, $W_{ya} = (1, -1)^{\mathsf T}$, everything else zero except $W_{aa} = w$. Without input all states are 0, so all
# slopes are 1. The prediction is (0.5, 0.5). If class 0 was right, then $\hat y - y = (-0.5, 0.5)$, and the state receives
# $1 \cdot (-0.5) - 1 \cdot 0.5 = -1$: a norm of 1. From there each step back multiplies by w. With $w = 0.5$ the norms are 1, 0.5, 0.25
# and 0.125; with $w = 1.5$ they are 1, 1.5, 2.25 and 3.375.
#
# And if the state were not at 0 but at 0.8? The slope is $1 - 0.64 = 0.36$, and the factor $1.5 \cdot 0.36 = 0.54$. The same weight that
# made the message grow now makes it fade.

# %% tags=["setup"]
def quiet(w):
    """One unit that hears nothing: its states stay at 0."""
    return {
        "Wax": np.array([[0.0]]),
        "Waa": np.array([[w]]),
        "ba": np.array([[0.0]]),
        "Wya": np.array([[1.0], [-1.0]]),
        "by": np.array([[0.0], [0.0]]),
    }


silence, zero = np.zeros((1, 1, 4)), np.zeros((1, 1))  # (n_x, m, T) = (1, 1, 4) and (n_a, m) = (1, 1)

# %% [markdown]
# ### Exercise · `gradient_norm_by_lag`
# *20 minutes · 4 points · first of six*
#
# $$\text{norms}_k = \left\lVert \frac{\partial L}{\partial a^{\langle T-k\rangle}} \right\rVert \qquad k = 0, \dots, T-1 \qquad\qquad L = -\sum_i \log \hat y^{(i)\langle T\rangle}_{\text{right}}$$
#
# Only the last step has a loss. Run `rnn_forward`, make the gradient of the last state, measure it, go back one cell, measure again,
# until the first step. `x` is (n_x, m, T), `targets` is (m,), and `norms` is (T,). Return the norms as they are, not divided by the first.
#
# To recall: `rnn_forward(x, a0, P)` returns `a`, `y_pred` and the caches, a pair: a list with one cache for each step, and `x`.
# `rnn_cell_backward(da, cache)` returns a dict, and its `"da_prev"` is the gradient one step earlier.
#
# In words: the last prediction minus 1 at the right class, through Wya to the state; then back, cell by cell. Stuck for ten minutes? Run
# `hint("gradient_norm_by_lag")`; there are three for each exercise.

# %% nbgrader={"grade": false, "grade_id": "gradient_norm_by_lag", "locked": false, "schema_version": 3, "solution": true, "task": false}
# answer: gradient_norm_by_lag

# %% tags=["try-it"]
# by hand: 1, 0.5, 0.25, 0.125
try_it(lambda: gradient_norm_by_lag(silence, zero, quiet(0.5), np.array([0])))

# %% tags=["try-it"]
# by hand: 1, 1.5, 2.25, 3.375
try_it(lambda: gradient_norm_by_lag(silence, zero, quiet(1.5), np.array([0])))

# %% nbgrader={"grade": true, "grade_id": "gradient_norm_by_lag-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check(gradient_norm_by_lag)

# %% [markdown]
# You now have a measuring instrument. It shows how much each *state* hears of the loss. What the *weights* hear is a sum over all steps:
#
# $$\frac{\partial L}{\partial W_{aa}} = \sum_{t} \text{diag}\left(1 - (a^{\langle t\rangle})^2\right) \frac{\partial L}{\partial a^{\langle t\rangle}} \left(a^{\langle t-1\rangle}\right)^{\mathsf T}$$
#
# Because it is a sum, it does not vanish: the near steps keep it large. Only its far parts do. A network whose gradients vanish does
# learn, then: it learns what stands nearby.
#
# **Question.** Training goes well and the norm of the gradient of Waa is healthy. Does that show that the network learns from far back?
#
# a: yes, a vanished one would be near zero · b: yes, all steps share Waa, so all are heard · c: no, the near steps can make it large

# %%
quiz("healthy-norm", "?")

# %% [markdown]
# ## 3.3 How large is a matrix?
#
# For one unit, $|w|$ times the slope decides. What takes the place of $|w|$ for a matrix? There are two candidates, often confused.
#
# - The **largest singular value** is the most that one multiplication can stretch any vector.
# - The **spectral radius** ρ is the size of the largest eigenvalue, $\max_i |\lambda_i|$. It says what *many* multiplications by the same
#   matrix do: in the long run every step multiplies the length by about ρ.
#
# The second is never larger than the first, and it can be far smaller.
#
# **By hand.** Take $W_{aa}^{\mathsf T} = \begin{bmatrix} 0.5 & 0 \\ 4 & 0.5 \end{bmatrix}$. Both eigenvalues are 0.5: they stand on the
# diagonal. Start from the gradient (1, 0). One step gives (0.5, 4), the next (0.25, 4), then (0.125, 3) and (0.0625, 2). The first entry
# halves, as the eigenvalue says. The length nevertheless jumps to four before it begins to fall.

# %% tags=["demo"]
back = np.array([[0.5, 0.0], [4.0, 0.5]])
message, lengths = np.array([1.0, 0.0]), []
for _ in range(13):
    lengths.append(np.linalg.norm(message))
    message = back @ message
print("spectral radius       ", np.abs(np.linalg.eigvals(back)).max())
print("largest singular value", np.linalg.svd(back, compute_uv=False)[0].round(2))
print("length by lag         ", " ".join(f"{length:.2f}" for length in lengths))

# %% [markdown]
# Only at lag 6 is the length below 1 again, and from there each step keeps little more than half of it. So the singular value bounds each
# step, the radius rules the long run. Since slopes are at most 1, a largest singular value below 1 does make every gradient vanish. That
# is a law. For the radius there is none: slopes stand between the matrices, and they differ from unit to unit.
#
# Still, the radius is the usual dial. Multiplying a matrix by a number multiplies all its eigenvalues by it, so any radius can be had.
#
# **By hand.** $W = \begin{bmatrix} 0 & -2 \\ 2 & 0 \end{bmatrix}$ has the eigenvalues $2i$ and $-2i$, both of size 2. To get a radius of
# 1, divide by 2: $\begin{bmatrix} 0 & -1 \\ 1 & 0 \end{bmatrix}$, a quarter turn.

# %% [markdown]
# ### Exercise · `scale_to_spectral_radius`
# *5 minutes · 2 points · second of six*
#
# $$W_{\text{scaled}} = \frac{\text{radius}}{\max_i |\lambda_i|}\; W$$
#
# W is (n, n), and so is the result. `np.linalg.eigvals` gives all eigenvalues. Some are negative and some complex; it is their size that
# counts, and `np.abs` gives it for complex numbers as well.

# %% nbgrader={"grade": false, "grade_id": "scale_to_spectral_radius", "locked": false, "schema_version": 3, "solution": true, "task": false}
# answer: scale_to_spectral_radius

# %% tags=["try-it"]
# by hand: a quarter turn
try_it(lambda: scale_to_spectral_radius(np.array([[0.0, -2.0], [2.0, 0.0]]), 1.0))

# %% nbgrader={"grade": true, "grade_id": "scale_to_spectral_radius-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(scale_to_spectral_radius)

# %% [markdown]
# ### The poster
#
# Now both tools together. Networks with 64 units, and only the radius of Waa is changed. One more thing is varied, and it is easily
# forgotten: how strong the inputs are. Either the network reads one letter of 28 at each step, one-hot, or 28
# numbers at once, each about as large as 1. The first 200 steps only let the states settle; then the gradient walks 30 steps back.
#
# Before you run the cell, write down what you expect for a radius of 1.5. Without tanh, $1.5^{30}$ would be about two hundred thousand.

# %% tags=["demo"]
inputs = {
    "letters, one-hot": lambda rng: random_symbols(rng, 28, 16, 231)[1],
    "strong inputs: 28 numbers at once, standard deviation 1": lambda rng: rng.standard_normal((28, 16, 231)),
}
poster = {heading: {} for heading in inputs}
for heading, draw in inputs.items():
    print(heading)
    for radius in (0.8, 1.0, 1.2, 1.5):
        kept, slopes = [], []
        for seed in range(10):
            rng = np.random.default_rng(seed)
            P = init_rnn(28, 64, 28, rng)
            P["Waa"] = right_scale(P["Waa"], radius)
            x = draw(rng)
            a = rnn_forward(x, np.zeros((64, 16)), P)[0]
            norms = right_norms(x[:, :, 200:], a[:, :, 199], P, rng.integers(28, size=16))
            kept.append(norms / norms[0])
            slopes.append(np.mean(1 - a[:, :, 200:] ** 2))
        poster[heading][f"radius {radius}"] = np.median(kept, axis=0)
        low, middle, high = np.quantile([norms[30] for norms in kept], (0, 0.5, 1))
        left = f"left at lag 30: {middle:.0e}  ({low:.0e} to {high:.0e})"
        print(f"  radius {radius}: mean slope {np.mean(slopes):.2f}, {left}")

# %% tags=["demo"]
plot_gradient_by_lag(
    poster, title="The radius does not decide alone: the stronger the inputs, the faster gradients fade"
)

# %% [markdown]
# Each curve is the median of ten networks; the grey line is the strength at the last step.
#
# On the left one letter at a time moves the states little, and the slopes of tanh stay fairly steep. The radius sorts the curves: 0.8
# leaves less than a ten-thousandth, 1 about a fiftieth, 1.2 about a third. With 1.5 the message arrives about as strong as it left:
# twice as strong in the median, and in the ten networks anything from a thirtieth to six times. Not two hundred thousand times. As soon as
# states grow, tanh flattens, and its slopes damp what the matrix stretches.
#
# On the right only the inputs have changed, and **every** curve falls, that of radius 1.5 to a few thousandths. Strong inputs push the
# states into the flat ends of tanh. Compare the mean slopes that were printed, left and right.
#
# So "a radius above 1 explodes" is not true of a tanh network. It can grow, while the slopes allow it. The same slopes make fading the
# common case.
#
# **Question.** Waa has a spectral radius of 1.5. What is certain about the gradients?
#
# a: nothing; it depends on the slopes, too · b: that they explode, since 1.5 is above 1 · c: that they vanish, since tanh flattens

# %%
quiz("radius-decides", "?")

# %% [markdown]
# ## 3.4 Where to begin
#
# Weights are drawn once, before training, and everything after starts from there. `init_rnn` draws Waa from a Gaussian with variance
# $1/n$: its radius is near 1, give or take the luck of the draw, and its singular values lie anywhere between nearly 0 and 2. Some
# directions are squeezed flat at every step, others are doubled.
#
# An **orthogonal** matrix does neither. It turns a vector, or mirrors it, and leaves its length alone: $Q^{\mathsf T} Q = I$. All its
# singular values are 1, and all its eigenvalues have size 1. Multiplied by a number, the **gain**, they are all as large as the gain.
#
# **By hand.** $Q = \begin{bmatrix} 0.6 & -0.8 \\ 0.8 & 0.6 \end{bmatrix}$ sends (1, 2) to $(0.6 - 1.6,\; 0.8 + 1.2) = (-1, 2)$. The
# length was $\sqrt 5$ and still is.
#
# To draw such a matrix, draw a Gaussian one, A, and make its columns perpendicular and of length 1. The QR split of linear algebra does
# that: $A = QR$ with Q orthogonal and R a triangle. The sign of each column of Q is arbitrary, and the usual routine prefers some. Choose
# the signs such that R has a positive diagonal, and every orthogonal matrix is equally likely.

# %% [markdown]
# ### Exercise · `orthogonal_init`
# *10 minutes · 2 points · third of six*
#
# $$A = QR \qquad\qquad W = \text{gain} \cdot Q\;\text{diag}\left(\text{sign}(R_{11}), \dots, \text{sign}(R_{nn})\right)$$
#
# Draw A with one call of `rng.standard_normal((n, n))`. A diagonal matrix on the *right* multiplies columns: column j of Q by the sign of
# $R_{jj}$. The result is (n, n).

# %% nbgrader={"grade": false, "grade_id": "orthogonal_init", "locked": false, "schema_version": 3, "solution": true, "task": false}
# answer: orthogonal_init

# %% tags=["try-it"]
def turned():
    W = orthogonal_init(2, np.random.default_rng(3))
    return f"lengths: {np.sqrt(5):.4f} before, {np.linalg.norm(W @ np.array([1.0, 2.0])):.4f} after"


try_it(turned)

# %% nbgrader={"grade": true, "grade_id": "orthogonal_init-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(orthogonal_init)

# %% [markdown]
# What is it worth? A task: sixteen random symbols come in, four kinds, and after the last one the network has to name the *first*, 15
# steps back. Four starts differ in Waa and in nothing else: 32 units, 500 sequences, 15 epochs with Adam, the optimiser that lesson 04
# explains. Your instrument measures, before any learning, how much of the gradient arrives at the first symbol. Then each network learns,
# and we note the epoch in which more than nine in ten are right for the first time. Five seeds each; it takes some seconds.

# %% tags=["demo", "nbval-ignore-output"]
from utils.experiments.lesson_03 import starts_experiment
from utils.plotting.gradients import plot_first_right

starts = starts_experiment(seeds=range(5), progress=True)
plot_first_right(
    {name: found["epoch"] for name, found in starts.items()},
    15,
    title="All orthogonal starts learned it, and with a gain of 1.5 fastest",
)

# %% [markdown]
# First the **speed**. From a radius of 0.5 about a millionth arrives, from the orthogonal start one or two hundredths, with a gain of 1.5
# more than half, and in this order they learn: late if at all, in six to nine epochs, in three or four.
#
# Then the **reliability**. The Gaussian start is a lottery: some networks learn as soon as the orthogonal ones, others not at all. The
# length of the gradient does not explain it, for as much of it arrives in both.
#
# Five seeds are few. When we ran 24, the small start learned in 8 of them, the Gaussian in 17, and both orthogonal starts in all 24. One
# task with one length, and no more than that.

# %% [markdown]
# ## 3.5 When it blows up
#
# Vanishing is silent. Explosion is not: the loss jumps, and soon the log may say `nan`, **not a number**, and stay so.
#
# A tanh network rarely gets that far. Its gradients can explode, as those of the quiet unit did with $w = 1.5$, but its states cannot.
# Take that bound away: replace tanh by the **ReLU**, $\max(0, z)$, whose slope is 1 wherever it is not 0. The task is easy: name the last
# symbol but one. Waa starts with a radius of 1.6, and the loop is that of lesson 02, without clipping.

# %% tags=["setup"]
@np.errstate(all="ignore")  # numbers that are too large are what we are looking for
def training(squash, seed=0, steps=100, clip=None, learning_rate=0.1, show=0):
    """Train for some steps, or until a weight is no number any more. Returns the losses and the last weights."""
    rng, losses = np.random.default_rng(seed), []
    P = init_rnn(4, 24, 4, rng)
    P["Waa"] = right_scale(P["Waa"], 1.6)
    for step in range(1, steps + 1):
        x, labels = last_but_one(rng)
        loss, G = recurrence_gradients(x, labels, P, squash)
        losses.append(loss)
        if clip is not None:
            G = clip(G)  # before the step, never after it
        P = {name: theta - learning_rate * G["d" + name] for name, theta in P.items()}
        if step <= show:
            norm = np.sqrt(sum(np.sum(g**2) for g in G.values()))
            largest = max(np.abs(theta).max() for theta in P.values())
            print(f"step {step}: loss {loss:.2f}, norm of the gradient {norm:.1e}; largest weight then {largest:.1e}")
        if not is_finite(P):
            break
    return losses, P


# %% tags=["demo", "nbval-ignore-output"]
losses, P = training("relu", show=3)
print("weights that are NaN:", {name: f"{np.isnan(theta).mean():.0%}" for name, theta in P.items()})

# %% [markdown]
# Three steps are enough. One update with a gradient longer than two thousand, and some weights are far too large. Forty multiplications
# by them send the loss to infinity, `inf`, and the gradient to a number with 38 digits. After the next update the states themselves
# overflow. The softmax subtracts infinity from infinity, and that is `nan`. From the loss it goes into the gradients, and from there into
# every single weight. There is no way back from that.
#
# Not every draw ends like this. Of eight seeds, four ended in `nan`. Two learned as though nothing were wrong. And two died in another
# way: a huge step pushed all their units below zero, where the ReLU has slope 0, and their loss stayed at $\log 4 \approx 1.39$ for good.
#
# The same start, the same data, the same rate, with tanh:

# %% tags=["demo", "nbval-ignore-output"]
losses, P = training("tanh")
print(f"tanh: first loss {losses[0]:.2f}, mean of the last ten {np.mean(losses[-10:]):.2f}; finite: {is_finite(P)}")

losses, P = training("tanh", learning_rate=100)
print(f"tanh, a rate of 100: largest loss {max(losses)}, largest weight {max(np.abs(w).max() for w in P.values()):.0f}")
print(f"                     all weights finite: {is_finite(P)}")

# %% [markdown]
# At the same rate tanh learns. With a rate a thousand times as large it breaks as well, but differently: the network is so sure of wrong
# answers that their probability rounds to 0, and $-\log 0$ is infinite. The weights are absurd, yet finite, because the states stay
# between −1 and 1, and $\hat y - y$ does too. If a log of yours shows `nan`, look for something without a bound, or for 0/0, such as a
# mean over a mask that counts nothing.

# %% [markdown]
# ### The plain cure
#
# The direction of such a gradient may be good; its size is not. The plainest cure looks at each number by itself and cuts off what lies
# beyond a limit N, on either side.
#
# **By hand.** N = 5, and the gradients are dW = (3, −4) and db = 12. Then dW stays as it is, and db becomes 5.

# %% [markdown]
# ### Exercise · `clip_by_value`
# *10 minutes · 2 points · fourth of six*
#
# $$g \leftarrow \min\left(\max(g, -\text{limit}),\; \text{limit}\right)$$
#
# Do this for every entry of every array in G, whatever its shape. This one function works **in place**: whoever holds one of the arrays
# from before must see it change. `G[name] = …` does not do that; it puts a new array into the dict and leaves the old one as it was.
# Return the same dict.
#
# In words: an index made of True and False picks the entries that are too large; give them a new value. Or look for the argument `out` of
# `np.clip`.

# %% nbgrader={"grade": false, "grade_id": "clip_by_value", "locked": false, "schema_version": 3, "solution": true, "task": false}
# answer: clip_by_value

# %% tags=["try-it"]
def cut_off():
    G = {"dW": np.array([[3.0, -4.0]]), "db": np.array([[12.0]])}
    clip_by_value(G, 5.0)
    return G  # by hand: 3, -4 and 5


try_it(cut_off)

# %% nbgrader={"grade": true, "grade_id": "clip_by_value-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(clip_by_value)

# %% [markdown]
# This stops an explosion, as the end of the next section shows. It also has a side effect.

# %% [markdown]
# ## 3.6 Shorter, in the same direction
#
# A gradient points somewhere. (3, 0.5) points nearly along the first axis, about 9 degrees off. Cut off at 1 it becomes (1, 0.5), nearly
# 27 degrees off: it has **turned**. The large entry lost two thirds, the small one nothing.
#
# To keep the direction, multiply all entries by the same number. Measure the whole gradient, all arrays together, as one long vector:
#
# $$\lVert G\rVert = \sqrt{\sum_{\text{arrays}} \sum_{\text{entries}} g^2} \qquad\qquad G \leftarrow \frac{N}{\lVert G\rVert}\, G \quad \text{if } \lVert G\rVert > N$$
#
# A gradient that is short enough stays as it is. It is never stretched.
#
# **By hand.** dW = (3, −4) and db = 12. The norm is $\sqrt{9 + 16 + 144} = 13$. With a limit of 6.5 everything is halved: dW = (1.5, −2),
# db = 6. Had each array been measured on its own, dW with its norm of 5 would have stayed, db would have become 6.5, and the whole would
# have turned.

# %% [markdown]
# ### Exercise · `clip_by_norm`
# *10 minutes · 4 points · fifth of six*
#
# $$G_{\text{clipped}} = \min\left(1,\; \frac{\text{limit}}{\lVert G\rVert}\right) G$$
#
# Return a **new** dict with the shortened arrays, each of the shape it had, and the norm before clipping, as one number. The arrays in G
# stay as they are: this time not in place. `train_step` of lesson 02 used this function.
#
# In words: one loop adds up the squares of all arrays, then one root, one comparison, one factor for all.

# %% nbgrader={"grade": false, "grade_id": "clip_by_norm", "locked": false, "schema_version": 3, "solution": true, "task": false}
# answer: clip_by_norm

# %% tags=["try-it"]
# by hand: halved, and 13
try_it(lambda: clip_by_norm({"dW": np.array([[3.0, -4.0]]), "db": np.array([[12.0]])}, 6.5))

# %% nbgrader={"grade": true, "grade_id": "clip_by_norm-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check(clip_by_norm)

# %% [markdown]
# Four gradients of two numbers, clipped in both ways with a limit of 1. Dashed arrows are before, full ones after.

# %% tags=["demo"]
from utils.plotting.gradients import plot_clipping

arrows = np.array([[3.0, 0.5], [-1.0, 2.0], [-0.4, -0.6], [1.5, -2.5]])
by_value = np.array([right_by_value({"dW": arrow.copy()}, 1.0)["dW"] for arrow in arrows])
by_norm = np.array([right_by_norm({"dW": arrow}, 1.0)[0]["dW"] for arrow in arrows])
plot_clipping(arrows, by_value, by_norm, 1.0, title="Cut off by value, a gradient turns; by norm it only becomes shorter")


def degrees(rows):
    return " ".join(f"{angle:7.1f}" for angle in np.degrees(np.arctan2(rows[:, 1], rows[:, 0])))


print("degrees before  ", degrees(arrows))
print("cut off by value", degrees(by_value))
print("by norm         ", degrees(by_norm))

# %% [markdown]
# On the left the three long arrows end on the border of the square, all in another direction than before, two of them in a corner. On the
# right they keep their direction and end on the circle. The short arrow is left alone both times.
#
# Now the ReLU network of section 3.5, with the seed that ended in `nan`:

# %% tags=["demo", "nbval-ignore-output"]
cures = {
    "by norm, limit 1": lambda G: right_by_norm(G, 1.0)[0],
    "by value, limit 0.1": lambda G: right_by_value(G, 0.1),
}
for name, clip in cures.items():
    losses, P = training("relu", clip=clip)
    last = np.mean(losses[-10:])
    print(f"{name:20} first loss {losses[0]:.2f}, last ten {last:.2f} nats; {len(losses)} steps, finite: {is_finite(P)}")

# %% [markdown]
# Both cure it. The first loss is as bad as it was, since the first weights are the same; but now one bad gradient costs one step of
# bounded length. On the eight seeds, neither way of clipping met a `nan`, and with this one the network went on to learn. Not with every
# one: after 100 steps the losses lay between 0.2 and 1.3. Clipping cures *explosion* and nothing else. What has vanished is short, and
# what is short is left as it is.
#
# In this course clipping is by norm, with a limit of 1 where nothing else is said, and always **before** the step: what is clipped
# afterwards has already done its harm.
#
# **Question.** The norm of a gradient is 0.3 and the limit is 1. What does `clip_by_norm` return?
#
# a: the gradient, scaled to norm 1 · b: the gradient as it was, and 0.3 · c: the gradient, each entry cut off at 1

# %%
quiz("short-gradient", "?")

# %% [markdown]
# ## 3.7 Too long for one piece
#
# A text of a million letters is one sequence. Its full gradient would need the caches of a million steps before the first update. So the
# text is cut into **windows**, and the way back ends where the window begins. This is **truncated** backpropagation through time.
#
# ![Two windows of three steps, a loss above each state. Blue arrows carry the state from a0 through all six states, across the border
# between the windows. Dashed orange arrows lead from each loss to its state and back from state to state, and stop at the border of the
# window.](figures/windows.svg)
#
# The **state** crosses the border: the second window starts from $a^{\langle 3\rangle}$, so what was read before can still be remembered.
# The **gradient** does not: nothing that goes wrong in the second window changes what the first one is taught.
#
# What is lost can be counted. Each loss can teach its own state and all those before it: for four steps, ten pairs. Windows of two steps
# keep six of them.
#
# ![Left, a triangle of ten squares: the losses 1 to 4 in rows, each with the states up to its own step. Right, the same triangle; the
# four squares that pair the losses 3 and 4 with the states 1 and 2 are empty.](figures/pairs.svg)
#
# **By hand.** The quiet unit of section 3.2 with $w = 1$: each loss sends −1 to its state, and with $w = 1$ and slope 1 this −1 arrives
# unchanged at every state before it. Each pair adds −1 to the gradient of $b_a$. In full that is −10; with windows of two, −6; with
# windows of one, −4.
#
# When does what start anew?
#
# | | starts anew |
# |---|---|
# | the weights | never; they are drawn once, before training |
# | the state | at each new record, such as a name or an article: zeros; from window to window of one record it is carried |
# | the gradient | at each border of a window |
# | the update | after a record or a batch of records; on one long text, after each window |

# %% [markdown]
# ### Exercise · `truncated_bptt`
# *20 minutes · 8 points · last of six*
#
# $$G = \sum_{\text{windows}} G_{\text{window}} \qquad\qquad a_0 \text{ of a window} = \text{the last state of the window before}$$
#
# Return the summed gradients, the summed loss and the last state. There is no update in this function: P stays as it is in all windows, so
# that the result can be compared with the full gradient. One window is what you did in lesson 02: `rnn_forward`, `output_layer_backward`
# (it returns dWya, dby, da and the loss), `rnn_backward` (it returns a dict with dWax, dWaa and dba).
#
# `x` is (n_x, m, T), `targets` (m, T), `a_last` (n_a, m). The last window may be shorter. If there is a mask, cut it as you cut the
# targets.
#
# In words: one loop over the first steps of the windows, 0, window, 2 · window, …; a slice of the last axis picks the steps; the state is
# the only thing the loop hands on.

# %% nbgrader={"grade": false, "grade_id": "truncated_bptt", "locked": false, "schema_version": 3, "solution": true, "task": false}
# answer: truncated_bptt

# %% tags=["try-it"]
def pairs(window):
    G, _, _ = truncated_bptt(silence, np.zeros((1, 4), int), zero, quiet(1.0), window)
    return float(G["dba"][0, 0])


try_it(lambda: [pairs(window) for window in (4, 2, 1)])  # by hand: -10, -6, -4

# %% nbgrader={"grade": true, "grade_id": "truncated_bptt-check", "locked": true, "points": 8, "schema_version": 3, "solution": false, "task": false}
check(truncated_bptt)

# %% [markdown]
# How wrong is a truncated gradient? Take a task that needs six steps of memory, the echo: say at every step the symbol of six steps ago.
# Sixty steps, a random network, and the gradient with windows of 1 to 60 steps beside the full one.

# %% tags=["demo"]
from utils.generators import echo_task
from utils.plotting.gradients import plot_error_by_window

rng = np.random.default_rng(0)
symbols, echo, counts = echo_task(rng, 16, 4, 60, 6)  # 16 sequences of 60 symbols, 4 kinds, 6 steps
x, echo = (np.arange(4)[:, None, None] == symbols).astype(float), np.where(counts, echo, 0)
P, start = init_rnn(4, 32, 4, rng), np.zeros((32, 16))
windows, errors = (1, 2, 3, 5, 10, 20, 30, 60), {"Wya": [], "Wax": [], "Waa": []}
full, full_loss, _ = right_truncated(x, echo, start, P, 60, counts)
for window in windows:
    G, loss, _ = right_truncated(x, echo, start, P, window, counts)
    for name, row in errors.items():
        difference = np.linalg.norm(G["d" + name] - full["d" + name])
        row.append(float(difference / np.linalg.norm(full["d" + name])))
    print(f"window {window:2d}: loss {loss:.3f} nats, error of dWaa {errors['Waa'][-1]:.2f}")

# %% tags=["demo"]
plot_error_by_window(windows, errors, title="The shorter the window, the more of the gradient is missing")

# %% [markdown]
# The loss is the same in every line: the state is carried, so forward nothing is cut. The gradient of the output weights is exact as
# well, since it needs no way back. What suffers are the weights that the state passes through. With windows shorter than the six steps of
# the echo half of the gradient of Waa is missing, or more. With ten it is about a quarter, with thirty less than a tenth, although a
# border then still separates half of all pairs. Most of those are far pairs, and they have faded anyway.

# %% [markdown]
# ### Where the cuts fall
#
# Here is a stream with a rhythm, made to be nasty: in every record of 20 steps a cue comes at step 18, one of four, and six steps later,
# in the next record, a question. All else is noise. With windows of 20 steps from the beginning, a border falls between each cue and its
# question. *Always.*
#
# Three ways to learn along such a stream of 4,000 steps, with one update after each window: fixed windows with the state set to zero at
# each border; fixed windows with the state carried; windows of random length, 10 to 30 steps, with the state carried.

# %% tags=["demo", "nbval-ignore-output"]
from utils.experiments.lesson_03 import stream_experiment
from utils.plotting.gradients import plot_along_stream

cuts = stream_experiment(seed=0, progress=True)
plot_along_stream(
    np.arange(200, 4001, 200),
    {name: result["loss"] for name, result in cuts.items()},
    chance=np.log(4),
    title="Carrying the state helps a little; windows of random length solve the task",
)

# %% [markdown]
# With the state set to zero the cue is gone when the question comes: guessing, a quarter right. With the state carried it is still in
# there, in traces that nobody taught the network to keep; the output weights can read some of it, and on four seeds between a half and
# three quarters of the answers were right. But no gradient ever reaches the step that read the cue, and the loss never settles. Among
# windows of random length some hold both, cue and question, and those are enough.
#
# Do not take this for a law. When the rhythm of the stream was 21 or 23 steps instead of 20, the borders wandered by themselves, and
# fixed windows did as well as random ones. It is where the cuts fall that matters.
#
# **Question.** What does truncation leave out?
#
# a: the state of the window before · b: the losses of the steps near a border · c: what a loss could teach earlier windows

# %%
quiz("left-out", "?")

# %% [markdown]
# ## 3.8 See it work: the cats were
#
# Back to the cats. The sentences come from a small grammar; the **gap** counts the words between subject and verb. From a gap of six on,
# nouns of both numbers stand in between. Only the second word tells, and always answering *was* would be right half of the time.

# %% tags=["demo"]
from utils.generators import VERBS, agreement_sentences

rng = np.random.default_rng(2)
for gap in (5, 10, 22):
    (words,), (label,), _ = agreement_sentences(rng, 1, gap)
    print(f"gap {gap:2d}: {' '.join(words)} → {VERBS[label]}")

# %% [markdown]
# Two plain RNNs with 24 units learn **now**, from 1,500 sentences each: one from gaps of 0 to 10 words in five epochs, the other from gaps
# of 20 to 40 in ten. Both are tested on all gaps. A third one is a **stored** run, read from a file: 2,000 sentences with gaps of 0 to
# 40, near ones among the far ones, 15 epochs.

# %% tags=["demo", "nbval-ignore-output"]
from utils.datasets import load_runs
from utils.experiments.lesson_03 import agreement_live
from utils.plotting.gradients import plot_accuracy_by_gap

stored = load_runs("agreement")
gaps = np.arange(5, 41, 5)
untrained, near, near_accuracy, near_learning = agreement_live(1, (0, 10), gaps=gaps, epochs=5)
print("learned on gaps 0 to 10:  right by epoch ", " ".join(f"{share:.2f}" for share in near_learning))
_, far, far_accuracy, far_learning = agreement_live(1, (20, 40), gaps=gaps, epochs=10)
print("learned on gaps 20 to 40: right by epoch ", " ".join(f"{share:.2f}" for share in far_learning))
plot_accuracy_by_gap(
    {
        "made now": {
            "learned on gaps 0 to 10": (gaps, near_accuracy),
            "learned on gaps 20 to 40": (gaps, far_accuracy),
        },
        "stored run": {"learned on gaps 0 to 40": (stored["gaps_mixed"][5:], stored["rnn_mixed"][5:])},
    },
    title="From far subjects alone it stays at chance; near ones teach the rule for all gaps",
)

# %% [markdown]
# From near sentences the rule is learned in an epoch or two. From far ones the network stays at chance on new sentences, though the same
# rule holds, the same words occur, and it trains longer. On eight seeds seven failed in this way. The eighth was right from a gap of 15
# on, and wrong on nearly all sentences with a gap of 10 or less: whatever it found, it was not the rule.
#
# Now look at the upper curve on the left: it goes on, perfectly, to gaps of 40, which that network has never seen. So 24 units **can**
# hold one bit over forty words. What failed is not memory. It is *learning* what to remember.
#
# The instrument of section 3.2 shows both sides. Sentences with a gap of 30: the subject stands at lag 30.

# %% tags=["demo", "nbval-ignore-output"]
from utils.datasets import encode_words
from utils.generators import agreement_words

sentences, labels, _ = agreement_sentences(np.random.default_rng(5), 200, 30)
x, _ = encode_words(sentences, agreement_words())
by_lag = {}
for name, P in {"before learning": untrained, "learned far, failed": far, "learned near, right": near}.items():
    norms = right_norms(x, np.zeros((24, 200)), P, labels)
    by_lag[name] = norms / norms[0]
    print(f"{name:20} left at the subject, 30 steps back: {by_lag[name][30]:.0e}")
plot_gradient_by_lag({"": by_lag}, title="The network that is always right lets the least gradient through", size=(9, 5))

# %% [markdown]
# Before learning, about a hundredth of the gradient arrives at the subject; on eight seeds it was between a hundred-and-fiftieth and a
# fifth. The message is faint, but it is there, and with it come the messages to thirty words that say nothing about the answer. In most
# draws each of the last ten hears several times as much as the subject. Fading is a part of the trouble, then, and not all of it.
#
# The network that learned the rule lets through next to nothing. That looks like a contradiction and is none. To hold a bit firmly
# against 30 words it pushes its states to the flat ends of tanh, where inputs hardly move them. And where inputs hardly move a state,
# gradients hardly pass it: it is the same slope. For a tanh network, **holding safely and learning from afar pull in opposite
# directions**. Bengio, Simard and Frasconi described this in 1994.
#
# What helps? The right panel has an answer that needs no new network: with near sentences among the far ones the plain RNN is right on
# all of them, and so it was on five other seeds. But you cannot count on easy examples lying about. Lesson 06 changes the cell, so that a
# state can be carried without passing through a slope at every step.

# %% [markdown]
# ## 3.9 What can go wrong
#
# A student has read section 3.6 and adds clipping to the loop. Nothing else is changed. Run it.

# %% tags=["demo", "nbval-ignore-output"]
rng = np.random.default_rng(0)
P = init_rnn(4, 24, 4, rng)
P["Waa"] = right_scale(P["Waa"], 1.6)
for step in (1, 2):
    x, labels = last_but_one(rng)
    loss, G = recurrence_gradients(x, labels, P, "relu")
    right_by_norm(G, 1.0)
    P = update_parameters(P, G, 0.1)
    print(f"step {step}: loss {loss:.2f}, largest weight then {max(np.abs(theta).max() for theta in P.values()):.1e}")

# %% [markdown]
# **Question.** Loss and weights blow up exactly as they did without clipping. Why?
#
# a: the shortened gradient is thrown away · b: a limit of 1 is too large for this network · c: clipping belongs after the update

# %%
quiz("clipped-and-dropped", "?")

# %% [markdown]
# Python does not complain about a result that nobody keeps. Of the two functions you wrote, one changes what it is given, the other
# returns something new; whoever mixes them up clips nothing. A habit that finds this in a minute: print the norm of the gradient that
# goes into the update.

# %% [markdown]
# ## Written question
#
# *15 minutes · 4 points · read by a person*
#
# A colleague trains a plain tanh RNN on reports of 400 words; the answer depends on the first sentence. The loss falls a little and then
# stays where it is. She has two ideas: to raise the spectral radius of Waa to 1.5, and to clip gradients by norm at 0.1. In five to eight
# sentences: say what each idea can and cannot do, with numbers or figures from this lesson; name one measurement that you would make
# before changing anything; and name one thing that may really help.

# %% [markdown] nbgrader={"grade": true, "grade_id": "why_it_forgets", "locked": false, "points": 4, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# A larger radius makes the matrix stretch more, but the slopes of tanh decide as well. On the poster a gradient with radius 1.5 kept
# about its strength over 30 steps with letters (from a thirtieth to six times), and with strong inputs it fell to a few thousandths. It
# may help over short distances (in section 3.4 the gain of 1.5 learned fastest over 15 steps), but there is no telling that it helps
# over 400 words.
#
# Clipping shortens gradients that are too long. Nothing here explodes: the loss would jump or become infinite, and it stands still. A
# vanished gradient is short and passes the clipping unchanged, so that clipping cannot help; a limit of 0.1 would only make learning
# slower.
#
# Before changing anything I would measure the gradient norm by lag on real reports, at the beginning and during training, and see what is
# left at the first sentence. (Also right: accuracy by length of the report.) What may help: shorter reports or short cuts among the long
# ones, as the mixed gaps in section 3.8; a cell with gates, which lesson 06 promises; an orthogonal start, with less hope.
#
# **Marking.** One point for each: the radius is not decisive because of the slopes, with a number or figure; clipping is a cure for
# explosion only and leaves short gradients alone; a measurement that could tell whether gradients vanish; a remedy that fits the cause.
# Half a point where the statement is right but nothing from the lesson is named.
# ### END SOLUTION

# %% [markdown]
# ## What you have now
#
# | function | takes | gives |
# |---|---|---|
# | `gradient_norm_by_lag` | x (n_x, m, T), a⟨0⟩, P, targets (m,) | (T,) norms of ∂L/∂a, lag 0 first |
# | `scale_to_spectral_radius` | W (n, n), a radius | W times one number |
# | `orthogonal_init` | n, a generator, a gain | (n, n), which keeps lengths |
# | `clip_by_value` | G, a limit | the same G, changed in place; may turn |
# | `clip_by_norm` | G, a limit | a new G in the same direction, and the norm before |
# | `truncated_bptt` | x, targets (m, T), a⟨0⟩, P, a window | G and loss, summed; the last state |
#
# | often said | measured here |
# |---|---|
# | a radius above 1 makes gradients explode | tanh damps: 1.5 about kept them with letters, and let them die out with strong inputs |
# | a tanh network that breaks ends in NaN | its loss went to infinity, its weights stayed finite; a ReLU network did end in NaN |
# | the plain RNN cannot remember for long | it held one bit over 40 words; it could not *learn* to from far examples alone |

# %% tags=["nbval-ignore-output"]
progress("03")

# %% [markdown]
# The written question adds 4 points, given by a person.
#
# **Where next.** Your network can learn, and you know how far it sees. Lesson 04 lets it read and write: `04_language_model`.
