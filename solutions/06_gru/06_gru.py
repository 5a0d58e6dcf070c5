# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 6 · A memory with a door
#
# Two ways to remember a telephone number while people talk to you. You can say it to yourself, again and again; each time a digit may
# slip. Or you can put it on paper and into your pocket. The plain network does the first: at every step it computes its whole state
# anew. This lesson gives it the pocket.
#
# **After this lesson you can**
#
# - say why a state that is copied can be learned from far back, and one that is recomputed can hardly;
# - write the gated recurrent unit, GRU for short, forwards and backwards, and prove your gradients right;
# - tell its two variants apart, and say which libraries use which;
# - let your own GRU find *The cats … were* over thirty words, and say what made it succeed.
#
# *About 120 minutes. You need lessons 02 and 03. A good place for a break is before section 6.5. Sections 6.11 and 6.12 are extra and
# not counted.*

# %% tags=["setup"]
import utils

assert hasattr(utils, "__course__"), (
    f"Another utils.py is in the way: {utils.__file__}. Rename it and restart the kernel."
)

import numpy as np

from utils.checking import check, hint, progress, quiz, try_it
from utils.datasets import encode_words, load_runs
from utils.experiments.lesson_06 import (
    bias_experiment,
    freeze_gates,
    gates_of,
    learn_marked_numbers,
    marked_numbers,
    relevance_experiment,
    squared_error,
)
from utils.generators import agreement_sentences, agreement_words
from utils.plotting.gates import plot_gates
from utils.plotting.gradients import plot_accuracy_by_gap, plot_first_right, plot_gradient_by_lag
from utils.reference import adam_step, clip_by_norm, gradient_check, gradient_norm_by_lag, init_gru, init_rnn
from utils.reference import gru_backward as right_backward
from utils.reference import gru_cell_backward as right_cell_backward
from utils.reference import gru_cell_forward as right_cell
from utils.reference import gru_forward as right_forward
from utils.reference import one_hot, rnn_cell_forward, sequence_loss, sigmoid, softmax
from utils.training import accuracy_to_one, on_one_thread

words = agreement_words()  # all words of the sentences about cats

# %% [markdown]
# ## Before you begin
#
# **1.** In lesson 03 a plain RNN learned from sentences with 20 to 40 words between subject and verb, and stayed at chance. What could
# it not do?
#
# a: hold one bit over 40 words · b: find out what it should hold · c: tell *cat* from *cats*

# %%
quiz("hold-or-find-out", "?")

# %% [markdown]
# **2.** `gradient_check` gives an error for each parameter: below 1e-8 for all of them, and 0.3 for one small bias. What follows?
#
# a: nothing, their mean is small · b: rounding, which biases suffer from most · c: the gradient of that bias is wrong

# %%
quiz("one-small-bias", "?")

# %% [markdown]
# ## 6.1 Copy, do not compute
#
# ![Above: five states in a row, a word under each, and between each two of them a tanh; were is read from the last. Below: one long
# line of memory. Under it stand the words The cats that he fed were, with a gate between each word and the line. The gate is open at
# cats and shut at the others; at were the memory is read.](figures/copy_or_overwrite.svg)
#
# Above, what the network knows passes through a tanh at every word. Below, it lies on a line, and a word may change it only where a
# **gate** lets it. One gate opens, at *cats*; the others are shut.
#
# Why should copying beat computing? Take one unit with the value 0.9 and twenty steps in which nothing comes in. What is left of the
# *value*, and what is left of a *gradient* on its way back? Three units compete.
#
# - **Plain, w = 1**: $a \leftarrow \tanh(a)$. Back, each step multiplies by the slope $1 - a^2$.
# - **Plain, w = 1.5**: $a \leftarrow \tanh(1.5\,a)$. Back, each step multiplies by $1.5\,(1 - a^2)$.
# - **Copying**: $c \leftarrow 0.99\,c$. Back, each step multiplies by 0.99.
#
# **By hand.** The third is compound interest again: $0.99^{20} \approx 0.818$. So the value is $0.9 \cdot 0.818 \approx 0.736$, and the
# gradient keeps 0.818 of its strength. For the other two let Python walk.

# %% tags=["try-it"]
for w in (1.0, 1.5):
    a, gradient = 0.9, 1.0
    for _ in range(20):
        a = np.tanh(w * a)
        gradient *= w * (1 - a**2)
    print(f"plain, w = {w}: value {a:.3f}, gradient {gradient:.1g}")
print(f"copying:        value {0.9 * 0.99**20:.3f}, gradient {0.99**20:.3f}")

# %% [markdown]
# With w = 1 most of the value leaks away, and most of the gradient. With w = 1.5 the value is held for good, at 0.859, because there
# $\tanh(1.5\,a) = a$. But it is held where tanh is flat, and the gradient is gone: the bind of lesson 03. Copying keeps both.
#
# A memory that is only copied would never take in anything new, though. Something has to decide, at each step, how much is copied and
# how much is new.

# %% [markdown]
# ## 6.2 One gate
#
# The memory is called c now. In this cell it is also the state, the a of earlier lessons. Two things are made from the same column, the
# old memory stacked on the input.
#
# - A **candidate** $\tilde c$: what the memory would become if it were overwritten. It is the plain cell of lesson 01 with its two
#   matrices side by side: $W_c\,[c;\, x] = W_{cc}\,c + W_{cx}\,x$.
# - The **update gate** $\Gamma_u$: how much of the candidate is taken, a number between 0 and 1 for each unit.
#
# Between 0 and 1 is what the **sigmoid** gives: $\sigma(z) = 1/(1 + e^{-z})$, which is 1/2 at $z = 0$.
#
# $$\Gamma_u = \sigma\left(W_u\,[c^{\langle t-1\rangle};\, x^{\langle t\rangle}] + b_u\right) \qquad \tilde c = \tanh\left(W_c\,[c^{\langle t-1\rangle};\, x^{\langle t\rangle}] + b_c\right)$$
#
# $$c^{\langle t\rangle} = \Gamma_u * \tilde c + (1 - \Gamma_u) * c^{\langle t-1\rangle}$$
#
# The star multiplies entry by entry. The last line is a mixture: the shares $\Gamma_u$ and $1 - \Gamma_u$ add up to 1 in every unit. With
# $\Gamma_u = 0.01$ and a candidate of 0 it is the $c \leftarrow 0.99\,c$ of section 6.1.
#
# ![One step with one gate. The old memory on the left is used three times: in the share that is kept, 1 minus gamma u times c; in the
# update gate; in the candidate. Input enters the gate and the candidate. The gate decides both shares, kept and new; their sum is the new
# memory, from which the prediction is made.](figures/one_gate.svg)
#
# | symbol | code | shape | is |
# |---|---|---|---|
# | $c^{\langle t-1\rangle}$, $c^{\langle t\rangle}$ | `c_prev`, `c_next` | (n_c, m) | the memory before and after the step |
# | $[c^{\langle t-1\rangle};\, x^{\langle t\rangle}]$ | | (n_c + n_x, m) | memory on top, input below |
# | $\Gamma_u$ | `gate_u` | (n_c, m) | the share of the new, unit by unit |
# | $\tilde c$ | `c_tilde` | (n_c, m) | the candidate |
# | $W_u$, $W_c$ | `Wu`, `Wc` | (n_c, n_c + n_x) | act on the stacked column |
# | $b_u$, $b_c$ | `bu`, `bc` | (n_c, 1) | one bias each |
#
# **By hand.** One unit: $c = 0.8$, $x = 1$. Let $W_u = (1, -1)$ and $b_u = 0.2 - \ln 3$. The sum is $0.8 - 1 + 0.2 - \ln 3 = -\ln 3$, and
# $\sigma(-\ln 3) = 1/(1 + 3) = 0.25$. Let $W_c = (0.5, 0.2)$ and $b_c = 0$: the candidate is
# $\tanh(0.4 + 0.2) = \tanh 0.6 \approx 0.5370$. The new memory is $0.25 \cdot 0.5370 + 0.75 \cdot 0.8 \approx 0.7343$.

# %% tags=["setup"]
tiny = {
    "Wu": np.array([[1.0, -1.0]]),
    "bu": np.array([[0.2 - np.log(3)]]),
    "Wr": np.array([[-1.0, 0.5]]),  # for section 6.3
    "br": np.array([[0.3 + np.log(3)]]),
    "Wc": np.array([[0.5, 0.2]]),
    "bc": np.array([[0.0]]),
    "Wy": np.array([[1.0], [-1.0]]),
    "by": np.array([[0.0], [0.0]]),
}
one, before = np.array([[1.0]]), np.array([[0.8]])  # x and the old memory of the small case

# %% [markdown]
# ### Exercise · `gru_cell_forward_simple`
# *10 minutes · 4 points · first of six*
#
# $$c^{\langle t\rangle} = \Gamma_u * \tilde c + (1 - \Gamma_u) * c^{\langle t-1\rangle} \qquad \hat y^{\langle t\rangle} = \text{softmax}\left(W_y\,c^{\langle t\rangle} + b_y\right)$$
#
# Write one step of the cell with one gate. Wy is (n_y, n_c) and by (n_y, 1); `sigmoid` and `softmax` are imported.
#
# In words: stack once, use the column twice, mix. Stuck? Run `hint("gru_cell_forward_simple")`; there are three for each exercise.

# %% nbgrader={"grade": false, "grade_id": "gru_cell_forward_simple", "locked": false, "schema_version": 3, "solution": true, "task": false}
# answer: gru_cell_forward_simple

# %% tags=["try-it"]
try_it(lambda: gru_cell_forward_simple(one, before, tiny)[0])  # by hand: 0.7343

# %% nbgrader={"grade": true, "grade_id": "gru_cell_forward_simple-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check(gru_cell_forward_simple)

# %% [markdown]
# Now the cats, with weights set by hand: one unit, and a gate of 0.99 at *cats* and 0.01 at any other word. To make it hard, every other
# word asks for the opposite: its candidate is −0.995. Eleven such words follow. Is the memory still above 0, which is to mean *were*?

# %% tags=["try-it"]
def eleven_words_later():
    P = tiny | {"Wu": np.array([[0.0, 4.6, -4.6]]), "bu": np.array([[0.0]]), "Wc": np.array([[0.0, 3.0, -3.0]])}
    cats, other = np.array([[1.0], [0.0]]), np.array([[0.0], [1.0]])
    c = first = gru_cell_forward_simple(cats, np.array([[0.0]]), P)[0]
    for _ in range(11):
        c = gru_cell_forward_simple(other, c, P)[0]
    return f"after cats {first[0, 0]:.3f}, eleven words later {c[0, 0]:.3f}"


try_it(eleven_words_later)

# %% [markdown]
# It is. Each word moves the memory one hundredth of the way towards −0.995: by two hundredths at first. Eleven words are not enough; it
# would take about seventy. Whether a trained network does it like this is another question; section 6.9 looks.
#
# **Question.** A gate stands half open, $\Gamma_u = 0.5$, and the candidate is 0 each time. What is left of the memory after three steps?
#
# a: one eighth · b: one half · c: nothing

# %%
quiz("half-open", "?")

# %% [markdown]
# ## 6.3 What the candidate may look at
#
# Sometimes the old memory is in the way of the new. A sentence begins, with the subject *cat*, and the unit still holds 0.9, for
# *several*. Let *cat* come in as $x = -1$, and let the candidate be $\tanh(2\,c + x)$. Then $\tanh(1.8 - 1) = \tanh 0.8 \approx 0.66$:
# still *several*. The gate may open as wide as it likes; what it lets in is wrong.
#
# The full cell has a second gate, for how much of the old memory the candidate gets to see: the **relevance gate** $\Gamma_r$, in other
# books the *reset gate*. With $\Gamma_r = 0.1$ the sum is $2 \cdot 0.1 \cdot 0.9 - 1 = -0.82$, and $\tanh(-0.82) \approx -0.68$:
# *one*.
#
# $$\Gamma_r = \sigma\left(W_r\,[c^{\langle t-1\rangle};\, x^{\langle t\rangle}] + b_r\right) \qquad \tilde c = \tanh\left(W_c\,[\Gamma_r * c^{\langle t-1\rangle};\, x^{\langle t\rangle}] + b_c\right)$$
#
# The relevance gate changes what the candidate sees; it does not touch the share that is copied.
#
# ![One step with two gates. As before, and now the relevance gate, fed by old memory and input, multiplies the old memory before the
# candidate sees it. The old memory is used four times: in the kept share, the update gate, the product with the relevance gate, and the
# relevance gate itself.](figures/two_gates.svg)
#
# Its code name is `gate_r`; it is (n_c, m), and `Wr` and `br` have the shapes of `Wu` and `bu`.
#
# **By hand.** The case of before, with $W_r = (-1, 0.5)$ and $b_r = 0.3 + \ln 3$: the sum is $-0.8 + 0.5 + 0.3 + \ln 3 = \ln 3$, so
# $\Gamma_r = 3/4$. The candidate sees $0.75 \cdot 0.8 = 0.6$ and becomes $\tanh(0.3 + 0.2) = \tanh 0.5 \approx 0.4621$. The new memory is
# $0.25 \cdot 0.4621 + 0.75 \cdot 0.8 \approx 0.7155$. With $W_y = (1, -1)^{\mathsf T}$ the prediction is about (0.807, 0.193).

# %% [markdown]
# ### Exercise · `gru_cell_forward`
# *10 minutes · 6 points · second of six*
#
# $$\tilde c = \tanh\left(W_c\,[\Gamma_r * c^{\langle t-1\rangle};\, x^{\langle t\rangle}] + b_c\right) \qquad c^{\langle t\rangle} = \Gamma_u * \tilde c + (1 - \Gamma_u) * c^{\langle t-1\rangle}$$
#
# Copy your simple cell and add the second gate. The cache now holds both: `(c_next, c_prev, gate_u, gate_r, c_tilde, xt, P)`.
#
# In words: both gates look at `[c_prev; xt]`; the candidate looks at another column.

# %% nbgrader={"grade": false, "grade_id": "gru_cell_forward", "locked": false, "schema_version": 3, "solution": true, "task": false}
# answer: gru_cell_forward

# %% tags=["try-it"]
try_it(lambda: gru_cell_forward(one, before, tiny)[:2])  # by hand: 0.7155, then 0.807 and 0.193

# %% nbgrader={"grade": true, "grade_id": "gru_cell_forward-check", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
check(gru_cell_forward)

# %% [markdown]
# Both cells are used today. What the second gate brings depends on the task; section 6.12 measures it on two.

# %% [markdown]
# ## 6.4 The whole sequence
#
# ### Exercise · `gru_forward`
# *5 minutes · 5 points · third of six*
#
# $$\left(c^{\langle t\rangle}, \hat y^{\langle t\rangle}\right) = \text{cell}\left(x^{\langle t\rangle}, c^{\langle t-1\rangle}\right) \qquad t = 1, \dots, T$$
#
# Run `gru_cell_forward` over all T steps, from `c0` (n_c, m), as in lesson 01. `x` is (n_x, m, T), `c` is (n_c, m, T), `y_pred` is
# (n_y, m, T), and `caches` is the pair (list, x). In words: one variable holds the memory and is replaced at each step.

# %% nbgrader={"grade": false, "grade_id": "gru_forward", "locked": false, "schema_version": 3, "solution": true, "task": false}
# answer: gru_forward

# %% tags=["try-it"]
two_steps = np.array([[[1.0, 0.0]]])  # (n_x, m, T) = (1, 1, 2)
try_it(lambda: gru_forward(two_steps, before, tiny)[0])  # begins with the 0.7155 of section 6.3

# %% nbgrader={"grade": true, "grade_id": "gru_forward-check", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
check(gru_forward)

# %% [markdown]
# ## 6.5 One step back
#
# One gradient arrives, $dc^{\langle t\rangle}$, short for $\partial L/\partial c^{\langle t\rangle}$. Follow the arrows from right to left.
#
# ![The step with two gates, walked backwards along dashed arrows. Four of them end at the old memory, numbered: one, copied, 1 minus
# gamma u times dc; two, through the update gate; three, through the candidate, times gamma r; four, through the relevance gate. Three
# more end at the input, from both gates and the candidate.](figures/four_ways_back.svg)
#
# **The mixture.** In $c^{\langle t\rangle} = \Gamma_u \tilde c + (1 - \Gamma_u)\, c^{\langle t-1\rangle}$ three things vary. One unit
# first, so that all are plain numbers:
#
# $$d\tilde c = dc^{\langle t\rangle}\, \Gamma_u \qquad d\Gamma_u = dc^{\langle t\rangle}\, (\tilde c - c^{\langle t-1\rangle}) \qquad \text{copied: } dc^{\langle t\rangle}\, (1 - \Gamma_u)$$
#
# Look at the middle one. Opening the gate lets the new in and pushes the old out, so what counts is their difference.
#
# **Through tanh and σ.** The slope of tanh is $1 - \tilde c^2$. That of $\Gamma = 1/(1 + e^{-z})$ is
# $e^{-z}/(1 + e^{-z})^2 = \Gamma\,(1 - \Gamma)$, since $1 - \Gamma = e^{-z}/(1 + e^{-z})$. Here z is what stands inside the brackets:
#
# $$dz_c = d\tilde c\, (1 - \tilde c^2) \qquad dz_u = d\Gamma_u\, \Gamma_u (1 - \Gamma_u)$$
#
# **To what the candidate saw.** $z_c = w\,(\Gamma_r c^{\langle t-1\rangle}) + \dots$ sends back
# $d(\Gamma_r c^{\langle t-1\rangle}) = w\, dz_c$. That is a product, so each factor gets the other one:
#
# $$d\Gamma_r = d(\Gamma_r c^{\langle t-1\rangle})\; c^{\langle t-1\rangle} \qquad dz_r = d\Gamma_r\, \Gamma_r (1 - \Gamma_r) \qquad \text{to the old memory: } d(\Gamma_r c^{\langle t-1\rangle})\; \Gamma_r$$
#
# **With matrices** each line stays, with $*$ for the product of numbers and a transposed matrix where a weight stood.
# $W_c^{\mathsf T}\, dz_c$ is (n_c + n_x, m): its upper n_c rows (top) belong to $\Gamma_r * c^{\langle t-1\rangle}$, the lower n_x rows to
# the input. What the gates send back, $W_u^{\mathsf T} dz_u + W_r^{\mathsf T} dz_r$, is split in the same way.
#
# **Four ways into the old memory**, added:
#
# $$dc^{\langle t-1\rangle} = \underbrace{(1 - \Gamma_u) * dc^{\langle t\rangle}}_{1\text{: copied}} + \underbrace{\left(W_u^{\mathsf T} dz_u\right)_{\text{top}}}_{2\text{: update gate}} + \underbrace{\Gamma_r * \left(W_c^{\mathsf T} dz_c\right)_{\text{top}}}_{3\text{: candidate}} + \underbrace{\left(W_r^{\mathsf T} dz_r\right)_{\text{top}}}_{4\text{: relevance gate}}$$
#
# The first way has no matrix, no tanh and no σ on it. The input has three ways: the lower rows of the same three products.
#
# **By hand.** The small case, with $dc^{\langle t\rangle} = 1$. Forward gave $\Gamma_u = 0.25$, $\Gamma_r = 0.75$, $\tilde c = 0.4621$.
#
# | | | |
# |---|---|---|
# | $d\tilde c = 0.25$ | $dz_c = 0.25 \cdot (1 - 0.2135)$ | 0.1966 |
# | $d\Gamma_u = 0.4621 - 0.8 = -0.3379$ | $dz_u = -0.3379 \cdot 0.25 \cdot 0.75$ | −0.0634 |
# | $d(\Gamma_r c) = 0.5 \cdot 0.1966 = 0.0983$ | $d\Gamma_r = 0.0983 \cdot 0.8$ | 0.0786 |
# | | $dz_r = 0.0786 \cdot 0.75 \cdot 0.25$ | 0.0147 |
# | the four ways | $0.75 + 1 \cdot (-0.0634) + 0.75 \cdot 0.0983 + (-1) \cdot 0.0147$ | **0.746** |
# | to the input | $0.2 \cdot 0.1966 + (-1) \cdot (-0.0634) + 0.5 \cdot 0.0147$ | **0.110** |
#
# A matrix collects dz times what it saw, as in lesson 02. Wc saw (0.6, 1), so $dW_c \approx (0.1180, 0.1966)$. Wu and Wr saw (0.8, 1):
# $dW_u \approx (-0.0507, -0.0634)$ and $dW_r \approx (0.0118, 0.0147)$. The gradient of each bias is the sum of its dz over the examples,
# here the dz itself.

# %% [markdown]
# ### Exercise · `gru_cell_backward`
# *25 minutes · 11 points · fourth of six*
#
# $$dz_u = dc^{\langle t\rangle} * (\tilde c - c^{\langle t-1\rangle}) * \Gamma_u * (1 - \Gamma_u) \qquad dz_c = dc^{\langle t\rangle} * \Gamma_u * (1 - \tilde c^2)$$
#
# $$dz_r = \left(W_c^{\mathsf T} dz_c\right)_{\text{top}} * c^{\langle t-1\rangle} * \Gamma_r * (1 - \Gamma_r) \qquad dW_u = dz_u\,[c^{\langle t-1\rangle};\, x^{\langle t\rangle}]^{\mathsf T}$$
#
# `dc_next` is (n_c, m). Return a dict: `dxt` (n_x, m), `dc_prev` (n_c, m), the matrices `dWu`, `dWr`, `dWc` (n_c, n_c + n_x), and `dbu`,
# `dbr`, `dbc` (n_c, 1), summed over the examples. The prediction's gradient is already in `dc_next`.
#
# In words: the three dz first, in the order u, c, r; then the weights, each a dz times what it saw; then the ways back. You may check in
# between: parts that are right earn their points at once, while others are still missing.

# %% nbgrader={"grade": false, "grade_id": "gru_cell_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
# answer: gru_cell_backward

# %% tags=["try-it"]
def by_hand():
    step = gru_cell_backward(one, right_cell(one, before, tiny)[2])
    return "\n".join(f"{name:7} {np.round(value, 4).tolist()}" for name, value in step.items())


try_it(by_hand)  # dc_prev 0.7456, dxt 0.11, dbu -0.0634, dbr 0.0147, dbc 0.1966

# %% nbgrader={"grade": true, "grade_id": "gru_cell_backward-check", "locked": true, "points": 11, "schema_version": 3, "solution": false, "task": false}
check(gru_cell_backward)

# %% [markdown]
# Lesson 03 measured how much of a gradient is left k steps back. Do it again: the same sentences with a gap of 30 words, the same plain
# RNN, and beside it GRUs that have learned nothing yet. They differ in one thing only: what $b_u$ is filled with. A bias of −2 means gates
# near $\sigma(-2) \approx 0.12$ at the start, −4 near 0.02. The cell also prints what comes back by copying alone, without ways 2 to 4.
#
# Before you run it: a bias of 0 puts the gates at 1/2. What is $0.5^{30}$?

# %% tags=["try-it", "demo", "nbval-ignore-output"]
def left_by_lag():
    sentences, labels, _ = agreement_sentences(np.random.default_rng(5), 200, 30)
    x, _ = encode_words(sentences, words)
    zeros, sizes = np.zeros((24, 200)), (len(words), 24, 2)
    curves = {"plain RNN": gradient_norm_by_lag(x, zeros, init_rnn(*sizes, np.random.default_rng([1, 1])), labels)}
    by_copying = {}
    for bias in (-4, -2, 0):
        P, name = init_gru(*sizes, np.random.default_rng([1, 1]), update_bias=bias), f"GRU, bias {bias}".replace("-", "−")
        _, y_pred, (cells, _) = right_forward(x, zeros, P)
        dc = copied = P["Wy"].T @ (y_pred[:, :, -1] - one_hot(labels, 2))
        norms = [np.linalg.norm(dc)]
        for cell in reversed(cells[-30:]):  # cell[2] is Γu
            dc, copied = gru_cell_backward(dc, cell)["dc_prev"], (1 - cell[2]) * copied
            norms.append(np.linalg.norm(dc))
        curves[name] = np.array(norms)
        by_copying[name] = f", by copying alone {np.linalg.norm(copied) / norms[0]:.0e}"
    curves = {name: norms[:31] / norms[0] for name, norms in curves.items()}
    plot_gradient_by_lag(
        {"": curves},
        title="A gate that starts half open lets less through than a plain RNN",
        ylabel="norm of the gradient, relative to lag 0",
        size=(9, 5),
    )
    return "\n".join(f"{name:12} left: {norms[30]:.0e}{by_copying.get(name, '')}" for name, norms in curves.items())


try_it(left_by_lag)

# %% [markdown]
# The lowest curve is a GRU. $0.5^{30}$ is about 1e-9, and little more comes back by copying; what does arrive, about a millionth, came
# nearly all by the other three ways. That is thousands of times less than in the plain RNN. With −2 a few hundredths arrive, with −4 more
# than half. On five draws the GRUs came in this order. The plain RNN let through about a hundredth to a twentieth, once as much as −2:
# how much arrives is not everything, as lesson 03 found.
#
# So to have a gate is not enough. It has to start **nearly shut**. How nearly? What is copied over T steps is about $(1 - \sigma(b))^T$:
# for 30 steps 0.02 with −2, and 0.58 with −4. Gates of about 1/T leave a third, and that is $b \approx -\ln T$. The farther you have to
# look, the further they must be shut.
#
# **Question.** A gate is shut completely, $\Gamma_u = 0$ in every unit. What part of $dc^{\langle t\rangle}$ reaches
# $c^{\langle t-1\rangle}$?
#
# a: nothing, the gate is shut · b: all of it, unchanged · c: half, the other half goes to the candidate

# %%
quiz("shut-completely", "?")

# %% [markdown]
# ## 6.6 All steps back
#
# At each step two gradients meet: the one of that step's own output, and what comes back from the step after it.
#
# ### Exercise · `gru_backward`
# *10 minutes · 10 points · fifth of six*
#
# $$dc^{\langle t\rangle} = dc^{\langle t\rangle}_{\text{own}} + dc^{\langle t\rangle}_{\text{later}} \qquad\qquad dW = \sum_{t} dW^{\langle t\rangle}$$
#
# `dc` is (n_c, m, T). Go from the last step to the first and use `gru_cell_backward`. Return a dict with `dx` (n_x, m, T), `dc0` (n_c,
# m), and the six sums `dWu`, `dbu`, `dWr`, `dbr`, `dWc`, `dbc`. In words: it is your `rnn_backward` with another cell and another letter.

# %% nbgrader={"grade": false, "grade_id": "gru_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
# answer: gru_backward

# %% tags=["try-it"]
one_step = one[:, :, None]  # the small case as a sequence of one step
try_it(lambda: gru_backward(one_step, gru_forward(one_step, before, tiny)[2])["dc0"])  # 0.7456 again

# %% nbgrader={"grade": true, "grade_id": "gru_backward-check", "locked": true, "points": 10, "schema_version": 3, "solution": false, "task": false}
check(gru_backward)

# %% [markdown]
# The check compared your gradients with ours. The gradient checker of lesson 02 needs no gradients of ours: it moves each weight a
# little and looks at the loss.

# %% tags=["try-it", "nbval-ignore-output"]
def prove_it():
    rng = np.random.default_rng(0)
    P, x, targets = init_gru(3, 4, 5, rng), rng.standard_normal((3, 2, 6)), rng.integers(5, size=(2, 6))
    c0 = rng.standard_normal((4, 2))
    _, y_pred, caches = gru_forward(x, c0, P)
    dz = y_pred - one_hot(targets.ravel(), 5).reshape(5, 2, 6)  # the softmax and the loss, backwards
    G = gru_backward(np.einsum("yc,ymt->cmt", P["Wy"], dz), caches)
    gated = {name: P[name] for name in ("Wu", "bu", "Wr", "br", "Wc", "bc")}
    found = gradient_check(lambda p: sequence_loss(gru_forward(x, c0, P | p)[1], targets), gated, G)
    return "\n".join(f"{name}: relative error {error:.0e}, right: {ok}" for name, (error, ok) in found.items())


try_it(prove_it)

# %% [markdown]
# Six parameters, six errors below 1e-8. Your GRU can learn.

# %% [markdown]
# ## 6.7 The other order
#
# Open another library and its GRU may be a different cell. Cho and colleagues, who introduced it in 2014, changed their paper: in its
# first version on arXiv the relevance gate acts **after** the product with the matrix, in the third **before** it, as in this course.
# PyTorch's `nn.GRU` acts after; so does Keras unless told otherwise (`reset_after=True`).
#
# To write it, Wc is cut in two: `Wcc` (n_c, n_c) acts on the memory, `Wcx` (n_c, n_x) on the input, each with a bias of its own.
#
# $$\text{before: } \tanh\left(W_{cc}\,(\Gamma_r * c^{\langle t-1\rangle}) + W_{cx}\,x^{\langle t\rangle} + b_c\right) \qquad \text{after: } \tanh\left(\Gamma_r * (W_{cc}\,c^{\langle t-1\rangle} + b_{cc}) + W_{cx}\,x^{\langle t\rangle} + b_{cx}\right)$$
#
# The first gates what is *read from* each unit, the second what *arrives at* each unit, bcc included.
#
# **By hand.** Two units, $c = (0, 0.8)$, $\Gamma_r = (1/4, 3/4)$, and a matrix with one entry, from unit 2 to unit 1:
# $W_{cc} = \begin{bmatrix} 0 & 1 \\ 0 & 0 \end{bmatrix}$. No input, no biases. Before: unit 2 is read at 3/4, and unit 1 receives
# $0.75 \cdot 0.8 = 0.6$. After: unit 1 is offered 0.8 and takes a quarter, 0.2. With $\Gamma_u = 1/2$ its memory becomes
# $\tanh(0.6)/2 \approx 0.2685$ in one cell and $\tanh(0.2)/2 \approx 0.0987$ in the other.

# %% tags=["setup"]
pair = {"Wu": np.zeros((2, 3)), "bu": np.zeros((2, 1)), "Wr": np.zeros((2, 3))}
pair |= {"br": np.array([[-np.log(3)], [np.log(3)]]), "Wy": np.ones((2, 2)), "by": np.zeros((2, 1))}
pair |= {"Wcc": np.array([[0.0, 1.0], [0.0, 0.0]]), "Wcx": np.zeros((2, 1))}
pair |= {"bcc": np.zeros((2, 1)), "bcx": np.zeros((2, 1))}
pair |= {"Wc": np.concatenate([pair["Wcc"], pair["Wcx"]], axis=1), "bc": np.zeros((2, 1))}
nothing, two_units = np.array([[0.0]]), np.array([[0.0], [0.8]])

# %% [markdown]
# ### Exercise · `gru_cell_forward_reset_after`
# *5 minutes · 4 points · last of six*
#
# $$\tilde c = \tanh\left(\Gamma_r * (W_{cc}\,c^{\langle t-1\rangle} + b_{cc}) + W_{cx}\,x^{\langle t\rangle} + b_{cx}\right)$$
#
# Copy your `gru_cell_forward` and change the candidate, nothing else. In words: two sums, each with its own bias; the gate multiplies the
# memory's sum and leaves the input's alone.

# %% nbgrader={"grade": false, "grade_id": "gru_cell_forward_reset_after", "locked": false, "schema_version": 3, "solution": true, "task": false}
# answer: gru_cell_forward_reset_after

# %% tags=["try-it"]
# by hand: before 0.2685, after 0.0987; the second unit only keeps half of its 0.8
try_it(lambda: [f(nothing, two_units, pair)[0][:, 0] for f in (gru_cell_forward, gru_cell_forward_reset_after)])

# %% nbgrader={"grade": true, "grade_id": "gru_cell_forward_reset_after-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check(gru_cell_forward_reset_after)

# %% [markdown]
# Same weights, different memories: weights trained in one order are not meant for the other.
#
# A second difference is easier to miss. The gate z of Cho's paper, of PyTorch and of Keras **keeps**:
# $(1 - z) * \tilde c + z * c^{\langle t-1\rangle}$. It is our $1 - \Gamma_u$, and since $1 - \sigma(s) = \sigma(-s)$, every weight and bias
# of that gate has the opposite sign. Which array of PyTorch goes where is a matter for lesson 10.
#
# **Question.** You want the memory of a PyTorch GRU to start out as ours does with a bias of −2. What is the bias of z?
#
# a: −2, as here · b: +2 · c: 0, since z is 1/2 then

# %%
quiz("bias-of-z", "?")

# %% [markdown]
# ## 6.8 See it work: the cats were
#
# Now the task that lesson 03 left open: *was* or *were*, learned from far subjects alone. Each of 120 steps draws 32 fresh sentences, all
# with the same gap, 20 to 30 words. Only the last step has a loss: its gradient enters through Wy and walks back through **your**
# `gru_backward`.

# %% tags=["setup"]
@on_one_thread  # products as small as these are slower when two processor cores share them
def learn(forward, backward, gaps, update_bias=-2, seed=0, steps=120, show=True):
    """Learn was or were from subjects `gaps` = (fewest, most) words away. Returns P and the share right in each step."""
    rng = np.random.default_rng([seed, 2])
    P, adam, right = init_gru(len(words), 24, 2, np.random.default_rng([seed, 1]), update_bias=update_bias), None, []
    for step in range(1, steps + 1):
        sentences, labels, _ = agreement_sentences(rng, 32, int(rng.integers(gaps[0], gaps[1] + 1)))
        x, _ = encode_words(sentences, words)
        c, y_pred, caches = forward(x, np.zeros((24, 32)), P)
        dz = (y_pred[:, :, -1] - one_hot(labels, 2)) / 32
        dc = np.zeros(c.shape)
        dc[:, :, -1] = P["Wy"].T @ dz
        G = {name: g for name, g in backward(dc, caches).items() if name[1:] in P}  # dWu belongs to Wu; dx to none
        G |= {"dWy": dz @ c[:, :, -1].T, "dby": dz.sum(axis=1, keepdims=True)}
        G, _ = clip_by_norm(G, 1.0)
        P, adam = adam_step(P, G, adam, 0.01)
        right.append(float(np.mean(y_pred[:, :, -1].argmax(axis=0) == labels)))
        if show and step % 40 == 0:
            print(f"step {step}: {np.mean(right[-20:]):.2f} right in the last 20 steps", flush=True)
    return P, right


def accuracy_by_gap(P, gaps):
    """The share of right answers on 200 fresh sentences for each gap."""
    accuracy = []
    for gap in gaps:
        sentences, labels, _ = agreement_sentences(np.random.default_rng([7, gap]), 200, gap)
        accuracy.append(accuracy_to_one(*encode_words(sentences, words), labels, P))
    return np.array(accuracy)


# %% tags=["try-it", "demo", "nbval-ignore-output"]
def your_gru():
    print("your GRU, bias −2:")
    P, _ = learn(gru_forward, gru_backward, gaps=(20, 30))
    print("the same with ours and a bias of 0:")
    half_open, _ = learn(right_forward, right_backward, gaps=(20, 30), update_bias=0)
    gaps, stored = np.arange(10, 61, 10), load_runs("agreement")
    far = stored["gaps_far"][::4]
    now = {"GRU, bias −2": (gaps, accuracy_by_gap(P, gaps)), "GRU, bias 0": (gaps, accuracy_by_gap(half_open, gaps))}
    before = {"GRU, bias −2": "gru_slow_far", "GRU, bias 0": "gru_far", "plain RNN": "rnn_far"}
    (_, shut), (_, wide) = now.values()
    usual = shut.min() > 0.9 and wide.mean() < 0.65
    plot_accuracy_by_gap(
        {
            "made now: learned on gaps 20 to 30": now,
            "stored run: learned on gaps 20 to 40": {name: (far, stored[key][::4]) for name, key in before.items()},
        },
        title=f"The same cell: what its gates start from {'decides' if usual else 'did not decide here'}",
    )
    return "done"


try_it(your_gru)

# %% [markdown]
# On the left are two networks trained just now; on the right is a **stored** run, read from a file, with longer training on gaps of 20 to
# 40 and a plain RNN beside them. The GRU that starts nearly shut is right on all gaps, also on those of 10, 40 and 60 words that it
# never met. The one that starts half open guesses, like the plain RNN.
#
# Two networks prove little, so here are more: fresh draws, 600 sentences, seven epochs. A mark stands for a network, at the first epoch
# in which more than nine in ten were right.

# %% tags=["demo", "nbval-ignore-output"]
starts = bias_experiment(seeds=range(2), progress=True)
plot_first_right(starts, 7, title="From a bias of −2 or −4 the far subject is found")

# %% [markdown]
# When we ran it on eight seeds it succeeded 8 times with −4, 8 times with −2, 4 times with −1 and never with 0. A plain RNN with 47 units,
# which has nearly as many parameters as this GRU, never did on four seeds.
#
# It is one task, made of far subjects only, and short training; near sentences among the far ones helped the plain RNN in lesson 03. But
# here, where all that was to be learned was far away, the first bias decided.

# %% [markdown]
# ## 6.9 Does the gate open at *cats*?
#
# That is how the story is told, and how we drew it in section 6.1. Look at a trained network. Two sentences that differ in the subject
# alone, and the four units whose memories at the end differ most between them: their update gates above, their memories below.

# %% tags=["demo", "nbval-ignore-output"]
P, _ = learn(right_forward, right_backward, gaps=(20, 30), show=False)
several = "the cats near the old dog beside the small girl".split()
x, _ = encode_words([several, ["the", "cat", *several[2:]]], words)
gate_u, gate_r, c = gates_of(x, P)
apart = c[:, 0] - c[:, 1]  # (n_c, T): how far the two sentences are apart in each unit
units = np.argsort(-np.abs(apart[:, -1]))[:4]
print(f"widest of all 24 update gates at cats: {gate_u[:, 0, 1].max():.2f}")
plot_gates(
    several,
    {"update gate Γu": gate_u[units, 0], "memory with cats, minus memory with cat": apart[units]},
    title="No gate opens at cats; the difference begins there and grows by itself",
    mark=[1],
    units=[str(unit) for unit in units],
)

# %% [markdown]
# At *cats* none of the 24 gates is wide open, nor was it on two more seeds; none came above 0.27. At other words and in other sentences
# some do open. What happens at *cats*: the memories come apart by about a tenth. From there the difference **grows**. Who makes it grow?
# Take all words after the subject away, so that every later input is zero. And test the gates: fix each at its own mean over 300
# sentences, by setting its matrix to zero and choosing its bias; first the update gates, then the relevance gates too.

# %% tags=["demo", "nbval-ignore-output"]
silent = x.copy()
silent[:, :, 2:] = 0
_, _, c_silent = gates_of(silent, P)
for name, memory in (("with all words", c), ("no word after the subject", c_silent)):
    length = np.linalg.norm(memory[:, 0] - memory[:, 1], axis=0)
    print(f"{name:25} distance of the memories at the subject {length[1]:.2f}, at the end {length[-1]:.2f}")

sentences, labels, _ = agreement_sentences(np.random.default_rng(9), 300, 25)
x_many, mask = encode_words(sentences, words)
gate_u, gate_r, _ = gates_of(x_many, P)
networks = {"": P, "update gates fixed": freeze_gates(P, u=gate_u), "both fixed": freeze_gates(P, u=gate_u, r=gate_r)}
for name, network in networks.items():
    print(f"was or were: right {accuracy_to_one(x_many, mask, labels, network):.2f} {name}")

# %% [markdown]
# The difference grows more than tenfold without a single word: each candidate looks at the memory and asks for more of the same. And with
# all gates standing still the verb is still right. Both held on each of three seeds. For *this* task the trained GRU does not need its
# gates as gates. They gave it a slow memory, through which gradients could reach back until it had found its own way to hold one bit: by
# pushing it towards −1 or +1.
#
# That works for a bit, not for a number: what pushes towards ±1 destroys 0.37. Section 6.11 has a task in which the gates must move.
#
# **Question.** With every gate fixed, the network still knew *was* from *were*. What does that show?
#
# a: this task, once learned, needs no moving gate · b: any first bias would have done · c: the memory is not read at the end

# %%
quiz("frozen-gates", "?")

# %% [markdown]
# ## 6.10 What can go wrong
#
# A student's `gru_cell_backward` lacks one of the four ways: the first one, the copy. There is no error message. The student tests it on
# short sentences.

# %% tags=["demo", "nbval-ignore-output"]
def without_the_copy(dc, caches):
    """gru_backward with a step that forgets the term (1 - Γu) * dc."""
    cells, x = caches
    G, later = {}, 0.0
    for t in reversed(range(len(cells))):
        arriving = dc[:, :, t] + later
        step = right_cell_backward(arriving, cells[t])
        later = step.pop("dc_prev") - (1 - cells[t][2]) * arriving
        G = {name: G.get(name, 0.0) + g for name, g in step.items() if name != "dxt"}
    return G


for gaps in ((0, 4), (20, 30)):
    print(f"gaps of {gaps[0]} to {gaps[1]}")
    learn(right_forward, without_the_copy, gaps)

# %% [markdown]
# **Question.** Short sentences are learned perfectly, far ones not at all; with the right gradient both are. Why does the wrong one still
# do for short sentences?
#
# a: there the copied part is zero · b: the forward pass is wrong in the same way · c: over a few steps the other three ways carry enough

# %%
quiz("short-works", "?")

# %% [markdown]
# The forward pass was right all the time: the memory *was* copied. As in lesson 02b, that a network trains does not prove its gradient;
# and this wrong gradient fails exactly where the cell was to be better. `gradient_check` finds it before the first training.

# %% [markdown]
# ## 6.11 Extra: a number that must be kept
#
# At each step comes a number between −1 and 1. Some are marked, the first one always; at the end the network has to say the last marked
# one. Three units, squared error, a linear output $W_y\,c + b_y$. The loss looks at the last answer alone, but we may read the answer at
# every step. Whoever always says 0 has an error of about 0.33.

# %% tags=["demo", "nbval-ignore-output"]
marker = learn_marked_numbers(seed=0)
x, y = marked_numbers(np.random.default_rng(1), 300, 30)
gate_u, _, c = gates_of(x, marker)
fixed = freeze_gates(marker, u=gate_u)
print(f"squared error {squared_error(x, y, marker):.3f}, with fixed update gates {squared_error(x, y, fixed):.2f}")
marked = x[1] == 1
print(f"update gates, mean: at marks {gate_u[:, marked].mean():.2f}, elsewhere {gate_u[:, ~marked].mean():.2f}")
answer = np.einsum("yc,cmt->ymt", marker["Wy"], c) + marker["by"][:, :, None]
i, T = 169, 13  # an example with three marks far apart
marks = np.flatnonzero(marked[i, :T])
asked = [x[0, i, marks[marks <= t][-1]] for t in range(T)]  # the last marked number so far
kept = np.abs(answer[0, i, :T] - asked).max() < 0.15
plot_gates(
    [f"{'•' if t in marks else ''}{x[0, i, t]:.2f}".replace("-", "−") for t in range(T)],
    {"update gate Γu": gate_u[:, i, :T], "memory c": c[:, i, :T], "answer": answer[:, i, :T]},
    title=f"The marked number {'is kept' if kept else 'is not kept'} until the next mark",
    mark=marks,
)

# %% [markdown]
# A dot and the colour show the marks. Look at the last row first: the answer takes on the marked number and keeps it until the next mark,
# whatever comes in between. No single unit does: each drifts, and the answer is a mixture in which the drifts cancel. The gates stand
# wider at the marks than elsewhere, but some open at other numbers, too. When we ran four seeds, the mean gate was above 0.5 at marks and
# below 0.2 elsewhere; with fixed update gates the error went from below 0.01 to about that of always saying 0, once to three times that.
#
# Here, where a value has to be kept as it is and then replaced, the gates must move. If you want to know what a gate does, draw it, and
# then freeze it.

# %% [markdown]
# ## 6.12 Extra: what the gates cost, and what the second one brings
#
# Where the plain cell has one pair of matrices, for memory and input, this one has three. Count the weights, and time one step of both at
# 128 units.

# %% tags=["demo", "nbval-ignore-output"]
from timeit import repeat


def count(P):
    return sum(theta.size for theta in P.values())


rng, n_words = np.random.default_rng(0), len(words)
for n in (24, 47):
    print(f"plain RNN, {n} units: {count(init_rnn(n_words, n, 2, rng)):5,d} weights and biases")
print(f"GRU,       24 units: {count(init_gru(n_words, 24, 2, rng)):5,d}")
plain, gated, x = init_rnn(64, 128, 8, rng), init_gru(64, 128, 8, rng), rng.standard_normal((64, 32))
state = np.zeros((128, 32))
slow = repeat(lambda: right_cell(x, state, gated), repeat=40, number=1)
fast = repeat(lambda: rnn_cell_forward(x, state, plain), repeat=40, number=1)
print(f"one step of the GRU takes {min(slow) / min(fast):.1f} times as long as one of the plain cell")

# %% [markdown]
# At equal units a GRU has nearly three times the parameters; a step took between three and six times as long on our machine. That is why section
# 6.8 set a plain RNN with 47 units against it.
#
# And the second gate? A task made for it: ups, downs and stops come in, and at every step the network says how far up it is since the last
# stop. At a stop the old total is irrelevant. Two cells with 16 units learn it: the full one, and one whose $\Gamma_r$ is fixed at 1,
# which makes it the simple cell.

# %% tags=["demo", "nbval-ignore-output"]
relevance = relevance_experiment(seeds=range(2), progress=True)

# %% [markdown]
# After the same training the full cell has about half the loss; when we ran six seeds, between 0.4 and 0.7 times the loss of the other.
# That is a help, no more: the simple cell learns the task, too. And on *was or were*, where nothing has to be dropped, it learned as soon
# or sooner on each of the three seeds we ran. The second gate costs a third of the weights. Whether it pays depends on the task.

# %% [markdown]
# ## Written question
#
# *10 minutes · 4 points · read by a person*
#
# A colleague replaces the plain RNN in her program by a GRU, with all biases 0, because "gates solve vanishing gradients". On her reports
# of 400 words, where the first sentence decides, it still guesses. In four to six sentences: explain from the equation of
# $c^{\langle t\rangle}$ why a gate *can* help and why hers does not yet, with a number for each; say what you would change first, in her
# library whose z is $1 - \Gamma_u$; and name one measurement that would show, before training, whether the change is enough.

# %% [markdown] nbgrader={"grade": true, "grade_id": "a_gate_is_not_enough", "locked": false, "points": 4, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# In $c^{\langle t\rangle} = \Gamma_u * \tilde c + (1 - \Gamma_u) * c^{\langle t-1\rangle}$ the old memory is copied with the factor
# $1 - \Gamma_u$, and a gradient comes back with the same factor, past tanh and matrices. With $\Gamma_u = 0.01$ there is 0.82 left of it
# after 20 steps. With zero biases the gates start near 1/2, so that little more than half comes back at each step: in section 6.5 about a
# millionth was left after 30 steps, less than in a plain RNN, and in section 6.8 this start failed on all eight seeds where a bias of −2
# succeeded on all.
#
# I would start the gates nearly shut. In her library z is $1 - \Gamma_u$ and keeps, so the bias of z must be positive, for 400 words
# about $\ln 400 \approx 6$: $0.9975^{400}$ is about 0.37, while with 4 it would be $0.982^{400}$, less than a thousandth. Before training I would measure the norm of the gradient by lag
# on real reports and look at what is left at the first sentence, with several biases. (Also right: shorter reports among the long ones,
# as in lesson 03, with the measurement.)
#
# **Marking.** One point for each: copying with the factor $1 - \Gamma_u$ forward and back, with a number; gates that start half open lose
# too much, with a number; a start nearly shut with the right sign for z and a size for 400 words (half a point without one of the two);
# the gradient by lag, before training, on texts of that length.
# ### END SOLUTION

# %% [markdown]
# ## What you have now
#
# | function | takes | gives |
# |---|---|---|
# | `gru_cell_forward_simple` | x⟨t⟩, c⟨t-1⟩, P | c⟨t⟩, ŷ⟨t⟩, cache; one gate |
# | `gru_cell_forward`, `gru_cell_forward_reset_after` | x⟨t⟩, c⟨t-1⟩, P | the same; two gates, relevance before or after the product |
# | `gru_forward` | x, c⟨0⟩, P | c, ŷ, caches |
# | `gru_cell_backward` | dc⟨t⟩, cache | dx⟨t⟩, dc⟨t-1⟩ and six gradients |
# | `gru_backward` | dc, caches | dx, dc⟨0⟩ and six sums |
#
# | often said | measured here |
# |---|---|
# | gates solve vanishing gradients | with gates half open at the start less came back than in a plain RNN; a start nearly shut decided |
# | the gate opens at *cats* | not in our networks; with fixed gates they knew *was* from *were* as well |
# | a GRU is a GRU | the relevance gate acts before or after the product, and z of other texts is $1 - \Gamma_u$ |

# %% tags=["nbval-ignore-output"]
progress("06")

# %% [markdown]
# The written question adds 4 points, given by a person.
#
# **Where next.** Here one gate decides two things: as much as comes in must go out. And whatever is in the memory is shown to all. Lesson
# 07, `07_lstm`, parts what is kept from what is shown, and has two gates where the GRU has one.
