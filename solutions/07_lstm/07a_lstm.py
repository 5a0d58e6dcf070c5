# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 7A · The LSTM: what is kept and what is shown
#
# You are told a room number at nine in the morning and asked for it at five. In between you talk all day, about other things. The number
# was neither on your lips nor lost. What you *keep* and what you *show* are two things.
#
# The cells of lessons 01 to 06 keep one state, and whatever is in it everybody can see. The cell of this lesson keeps two: a memory, and
# what it shows of it.
#
# **After this part you can**
#
# - say what each gate of an LSTM is for, and what happens without it;
# - write the cell and its sequence, forward and backward;
# - say when a gradient survives a long way along the memory, and when it does not;
# - measure whether your way back is right.
#
# *About 110 minutes. You need lessons 02 and 03, and the gates of lesson 06. A good place for a break is before section 7.5.* Part B,
# `07b_on_trial.ipynb`, puts the cell to work: sequences of 150 steps, and a sheet of equations that is wrong.

# %% tags=["setup"]
import utils

assert hasattr(utils, "__course__"), (
    f"Another utils.py is in the way: {utils.__file__}. Rename it and restart the kernel."
)

import numpy as np

from utils import reference
from utils.checking import check, hint, progress, quiz, try_it
from utils.experiments.lesson_07 import gradient_errors, gradients_by_forget_bias
from utils.plotting.gradients import plot_gradient_by_lag
from utils.reference import sigmoid, softmax

# %% [markdown]
# ## Before you begin
#
# Three questions from earlier lessons.
#
# **1.** The update gate of a GRU is 1. What is its memory after this step?
#
# a: the old memory, unchanged · b: the candidate c̃ alone · c: the old memory and c̃, added

# %%
quiz("gru-gate-at-one", "?")

# %% [markdown]
# **2.** A gate $\Gamma = \sigma(z)$ stands at 0.9. What is its slope, ∂Γ/∂z?
#
# a: 0.09 · b: 0.19 · c: 0.9

# %%
quiz("slope-of-a-gate", "?")

# %% [markdown]
# **3.** A number is used in two places. How does its gradient come about?
#
# a: the larger of two parts · b: the product of two parts · c: the sum of two parts

# %%
quiz("two-uses", "?")

# %% [markdown]
# ## 7.1 What is kept and what is shown
#
# > The **cat**, which already ate two fishes, **was** full. The **dogs** **were** not.
#
# Read with a pencil. At *cat* you note: one. Over *fishes*, though they are several, you leave the note alone. At *was* you need it. At
# *dogs* a new sentence begins; you cross out the old note and write: several.
#
# An LSTM, for *long short-term memory*, has such a note: the **memory** $c^{\langle t\rangle}$. Beside it runs $a^{\langle t\rangle}$,
# what the cell **shows** after the step. Predictions, any layer above and the gates of the next step see $a$ only.
#
# ![One step of the LSTM. Along the top, in purple, the old memory passes a product with the forget gate and a sum, and leaves as the new
# memory. Along the bottom the old shown state, blue, and the input, green, are stacked; from the stack come three gates and a candidate.
# Update gate times candidate is added to the memory. The new memory goes through tanh and a product with the output gate, and leaves as
# the new shown state, blue.](figures/lstm_cell.svg)
#
# Follow the purple line along the top. No matrix acts on it and no tanh bends it. One gate multiplies it, then something is added.
# Everything else happens below it: what is added, and how much of it is shown.
#
# A **gate** is a number between 0 and 1 for each unit: $\sigma$ of a sum with weights of its own. You know the update gate from the GRU.
# Here it has two companions.

# %% [markdown]
# ## 7.2 Three gates, one at a time
#
# All of them look at the same column: what was shown before, on top of the input. It is written
# $[a^{\langle t-1\rangle};\, x^{\langle t\rangle}]$.
#
# **The candidate** proposes what could be noted. It is no gate; its tanh lets it be negative, too.
#
# $$\tilde c = \tanh\left(W_c\,[a^{\langle t-1\rangle};\, x^{\langle t\rangle}] + b_c\right)$$
#
# **The update gate** decides whether the proposal is written. At *cat* it should be near 1, at *fishes* near 0. Without it, every noun
# goes into the memory, and at *was* the note says something about fishes.
#
# $$\Gamma_u = \sigma\left(W_u\,[a^{\langle t-1\rangle};\, x^{\langle t\rangle}] + b_u\right)$$
#
# **The forget gate** decides how much of the old note stays. Near 1 through the whole clause; near 0 at *dogs*. Without it nothing is
# ever crossed out: *one* and *several* are added on top of one another.
#
# $$\Gamma_f = \sigma\left(W_f\,[a^{\langle t-1\rangle};\, x^{\langle t\rangle}] + b_f\right) \qquad\qquad c^{\langle t\rangle} = \Gamma_f * c^{\langle t-1\rangle} + \Gamma_u * \tilde c$$
#
# The GRU had one gate for both: it kept $1 - \Gamma_u$. Here keeping and writing are free of each other. A cell may keep everything and
# add to it, which is how one counts, or keep nothing and write nothing, which wipes the slate.
#
# **The output gate** decides what is shown. The number of the cat is needed at *was*. Until then it need not disturb anybody.
#
# $$\Gamma_o = \sigma\left(W_o\,[a^{\langle t-1\rangle};\, x^{\langle t\rangle}] + b_o\right) \qquad\qquad a^{\langle t\rangle} = \Gamma_o * \tanh\left(c^{\langle t\rangle}\right)$$
#
# The prediction is made from what is shown, as always: $\hat y^{\langle t\rangle} = \text{softmax}(W_y\,a^{\langle t\rangle} + b_y)$.
#
# | symbol | code | shape | says |
# |---|---|---|---|
# | $x^{\langle t\rangle}$ | `xt` | (n_x, m) | the input |
# | $a^{\langle t-1\rangle}$, $c^{\langle t-1\rangle}$ | `a_prev`, `c_prev` | (n_a, m) each | what was shown, what was kept |
# | $[a^{\langle t-1\rangle};\, x^{\langle t\rangle}]$ | `stacked` | (n_a + n_x, m) | what the gates see |
# | $\Gamma_f$, $\Gamma_u$, $\Gamma_o$ | `gate_f`, `gate_u`, `gate_o` | (n_a, m) each | keep, write, show |
# | $\tilde c$ | `c_tilde` | (n_a, m) | what could be written |
# | $W_f$, $W_u$, $W_c$, $W_o$ | `P["Wf"]`, … | (n_a, n_a + n_x) each | four matrices of one shape |
# | $b_f$, $b_u$, $b_c$, $b_o$ | `P["bf"]`, … | (n_a, 1) each | four biases |
#
# **By hand.** One unit, one number in: $x = 1$, $a^{\langle t-1\rangle} = 0.5$, $c^{\langle t-1\rangle} = 0.8$. Let the sums inside come to
# $\ln 3$ for the forget gate, $\ln 4$ for the update gate, $\ln 2$ for the candidate and $\ln 1.5$ for the output gate. Logarithms are
# kind here, because $\sigma(\ln q) = q/(1+q)$ and $\tanh(\ln q) = (q^2-1)/(q^2+1)$.
#
# | $\Gamma_f$ | $\Gamma_u$ | $\tilde c$ | $\Gamma_o$ | $c^{\langle t\rangle}$ | $a^{\langle t\rangle}$ |
# |---|---|---|---|---|---|
# | 3/4 | 4/5 | 3/5 | 3/5 | $0.75 \cdot 0.8 + 0.8 \cdot 0.6 = 1.08$ | $0.6 \cdot \tanh 1.08 = 0.6 \cdot 0.7932 = 0.4759$ |
#
# Two gates need not add up to 1: here they give 1.55. And a memory may be larger than 1, which no state has been so far.

# %% [markdown]
# **Question.** *The cat, which already ate two fishes, was full.* At which word should the update gate of the unit that notes the number
# be open, and at which the output gate?
#
# a: update at *cat*, output at *was* · b: update at *was*, output at *cat* · c: update at *cat* and *fishes*, output at *was*

# %%
quiz("which-gate-when", "?")

# %% tags=["setup"]
# the cell worked out by hand: the sums inside come to ln 3, ln 4, ln 2 and ln 1.5
paper = {
    "Wf": np.array([[2 * np.log(3), 0.0]]),
    "Wu": np.array([[0.0, np.log(4)]]),
    "Wc": np.array([[0.0, np.log(2)]]),
    "Wo": np.array([[0.0, np.log(1.5)]]),
    "Wy": np.array([[1.0], [-1.0]]),
    "by": np.zeros((2, 1)),
} | {name: np.zeros((1, 1)) for name in ("bf", "bu", "bc", "bo")}


def on_paper():
    """x, a and c before the step, and P: new arrays at each call."""
    return np.array([[1.0]]), np.array([[0.5]]), np.array([[0.8]]), dict(paper)


# %% [markdown]
# ### Exercise · `lstm_cell_forward`
# *15 minutes · 6 points · first of five*
#
# One step: the seven equations of this section, from $\tilde c$ to $\hat y^{\langle t\rangle}$, for m examples side by side. `sigmoid` and
# `softmax` are imported. Return `a_next`, `c_next` (n_a, m), `yt_pred` (n_y, m) and the cache, in this order; the docstring lists what the
# cache holds.
#
# In words: stack once, then four lines that differ in a letter, one of them with tanh. Stuck for ten minutes? Run
# `hint("lstm_cell_forward")`; there are three for each exercise.

# %% nbgrader={"grade": false, "grade_id": "lstm_cell_forward", "locked": false, "schema_version": 3, "solution": true, "task": false}
# answer: lstm_cell_forward

# %% tags=["try-it"]
# by hand: a is 0.4759, c is 1.08
try_it(lambda: lstm_cell_forward(*on_paper())[:2])

# %% nbgrader={"grade": true, "grade_id": "lstm_cell_forward-check", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
check(lstm_cell_forward)

# %% [markdown]
# You have a cell with two outlets. Both go back into it at the next step.

# %% [markdown]
# ## 7.3 A whole sentence
#
# The loop is that of `rnn_forward`. Two things go round instead of one. Nobody gives a first memory most of the time: without `c0` it
# begins as zeros.

# %% [markdown]
# ### Exercise · `lstm_forward`
# *10 minutes · 6 points · second of five*
#
# $$a^{\langle t\rangle}, c^{\langle t\rangle}, \hat y^{\langle t\rangle} = \text{cell}\left(x^{\langle t\rangle},\, a^{\langle t-1\rangle},\, c^{\langle t-1\rangle}\right) \qquad t = 1, \dots, T \qquad c^{\langle 0\rangle} = 0 \text{ if not given}$$
#
# `x` is (n_x, m, T). Return `a` and `c`, both (n_a, m, T), `y_pred` (n_y, m, T) and the caches; the order is a, y_pred, c, caches. The
# caches are a pair, as in lesson 01: the list of the T cell caches, and x.
#
# In words: `a_next` and `c_next` begin as `a0` and `c0`, and each call of the cell replaces both.

# %% nbgrader={"grade": false, "grade_id": "lstm_forward", "locked": false, "schema_version": 3, "solution": true, "task": false}
# answer: lstm_forward

# %% [markdown]
# Now the sentence. One unit, and weights that nobody trained: we set them so that the gates do what section 7.2 asked for. Each word comes
# as three numbers: the number of a noun (−1 one, +1 several, 0 no noun), whether it is a subject, and whether a verb is due.
#
# The forget gate gets the bias +4 and the weight −8 on "subject". So it stands at $\sigma(4) = 0.98$ and drops to $\sigma(-4) = 0.02$ at a
# subject. The other two have a bias of −4 and a weight of +8, the update gate on "subject", the output gate on "verb due": shut, unless.
# Before you run the cell, say what c will be after *fishes*: nearly −1, or nearly 0?

# %% tags=["setup"]
WORDS = {
    "cat": (-1, 1, 0), "ate": (0, 0, 0), "fishes": (1, 0, 0), "was": (0, 0, 1), "dogs": (1, 1, 0), "were": (0, 0, 1),
}  # fmt: skip
sentence = np.array(list(WORDS.values()), float).T[:, None]  # (n_x, m, T) = (3, 1, 6)
noting = {  # columns: what was shown, then number, subject, verb
    "Wf": np.array([[0.0, 0.0, -8.0, 0.0]]),
    "bf": np.array([[4.0]]),
    "Wu": np.array([[0.0, 0.0, 8.0, 0.0]]),
    "bu": np.array([[-4.0]]),
    "Wc": np.array([[0.0, 3.0, 0.0, 0.0]]),
    "bc": np.array([[0.0]]),
    "Wo": np.array([[0.0, 0.0, 0.0, 8.0]]),
    "bo": np.array([[-4.0]]),
    "Wy": np.array([[-4.0], [4.0]]),  # first class: was, second: were
    "by": np.zeros((2, 1)),
}


# %% tags=["try-it"]
def read_aloud():
    a, y_pred, c, (cells, _) = lstm_forward(sentence, np.zeros((1, 1)), noting)
    lines = ["word     forget  update  output       c       a"]
    for t, (word, cell) in enumerate(zip(WORDS, cells, strict=True)):
        gate_f, gate_u, gate_o = (cell[place].item() for place in (4, 5, 7))
        lines.append(f"{word:7} {gate_f:7.2f} {gate_u:7.2f} {gate_o:7.2f} {c[0, 0, t]:7.2f} {a[0, 0, t]:7.2f}")
    return "\n".join(lines)


try_it(read_aloud)

# %% nbgrader={"grade": true, "grade_id": "lstm_forward-check", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
check(lstm_forward)

# %% [markdown]
# Nearly −1. The note is written at *cat*, wears off a little at each word, for 0.98 is not 1, and takes a trace of *fishes*. Gates blend;
# they do not switch. At *was* it is shown. At *dogs* it is replaced, by a number of the other sign.
#
# Now hold one gate open for good: weights 0 and a bias of 40. $\sigma(40)$ is 1 to the last digit that a computer keeps.

# %% tags=["demo"]
def held_open(gate, P=noting):
    """The same weights, but one gate is always 1."""
    return P | {f"W{gate}": np.zeros_like(P[f"W{gate}"]), f"b{gate}": np.full_like(P[f"b{gate}"], 40.0)}


for name, P in {
    "all three gates": noting,
    "forget gate held open": held_open("f"),
    "update gate held open": held_open("u"),
    "output gate held open": held_open("o"),
}.items():
    y_pred = reference.lstm_forward(sentence, np.zeros((1, 1)), P)[1]
    print(f"{name:22} probability of were: {y_pred[1, 0, 3]:.3f} after the cat, {y_pred[1, 0, 5]:.3f} after the dogs")

# %% [markdown]
# With all gates the verbs are right: *was*, then *were*. Without forgetting, −1 and +1 cancel, and after the dogs it is nearly a coin's
# toss. Without the update gate the fishes cancel the cat already. Without the output gate nothing goes wrong *here*: showing too early
# disturbs nobody, because no gate of ours listens to $a$. We set these weights by hand to make a point. What *trained* networks lose
# without a gate is measured in part B, and it is less.

# %% [markdown]
# ## 7.4 The way along the memory
#
# In lesson 03 a gradient went back through a matrix and a slope at every step, and mostly faded. What stands in its way here? Take the
# line along the top of the picture, $c^{\langle t\rangle} = \Gamma_f * c^{\langle t-1\rangle} + \Gamma_u * \tilde c$, and for a moment
# treat the gates as given numbers. Each unit then depends on its own old memory only, so, entry by entry,
#
# $$\frac{\partial c^{\langle t\rangle}}{\partial c^{\langle t-1\rangle}} = \Gamma_f^{\langle t\rangle} \qquad\text{and over k steps}\qquad \frac{\partial c^{\langle T\rangle}}{\partial c^{\langle T-k\rangle}} = \Gamma_f^{\langle T\rangle} * \Gamma_f^{\langle T-1\rangle} * \cdots * \Gamma_f^{\langle T-k+1\rangle}$$
#
# ![Four memories in a row. Forward, purple, each is multiplied by the forget gate of the step and something new is added. Back, dashed
# orange, the gradient is multiplied by the same forget gates and by nothing else.](figures/product.svg)
#
# A product of k numbers again. But these numbers belong to the network: it can set them, word by word, and where it must remember it can
# hold them near 1. What is kept and how far a message travels back are the same number.
#
# **By hand.** $0.5^{20}$ is about a millionth. $0.9^{20} \approx 0.12$. And $0.98^{20} \approx 0.67$.
#
# This is one way of several. The old memory is also shown, $a^{\langle t-1\rangle}$ enters all gates, and through them it moves
# $c^{\langle t\rangle}$. How much of the gradient arrives on *all* ways must be measured, as in lesson 03: a loss at the last step only,
# networks with 64 units and fresh weights, random letters. Only the bias of the forget gate differs; at 0 the gate stands near
# $\sigma(0) = 0.5$, at 4 near 0.98. Ten seeds; the plain RNN is beside them.

# %% tags=["demo", "nbval-ignore-output"]
by_bias = gradients_by_forget_bias((0, 1, 2, 4), range(10))
for name, kept in by_bias.items():
    low, middle, high = np.quantile(kept[:, 30], (0, 0.5, 1))
    words = f"left at lag 30: {middle:.0e}  ({low:.0e} to {high:.0e})"
    if name.startswith("forget bias"):
        words += f"   along the memory alone: about {sigmoid(float(name.split()[-1])) ** 30:.0e}"
    print(f"{name:14} {words}")
plot_gradient_by_lag(
    {"": {name: np.median(kept, axis=0) for name, kept in by_bias.items()}},
    title="Before learning, the forget bias decides: gradients vanish, fade or even grow",
    ylabel="norm of ∂L/∂c (RNN: ∂L/∂a), relative to lag 0",
    size=(9.5, 5),
)

# %% [markdown]
# Each curve is the median of ten networks. With a bias of 0 a hundred-thousandth is left after 30 steps, far *less* than in the plain RNN.
# With a bias of 1 the two are about even up to there; later the LSTM's falls behind. With 2 the gradient falls at first and is above 1
# again from about lag 20 on; with 4 it grows all the way.
#
# Now compare the two numbers of a line. With a bias of 1 some six hundred times more arrives than the memory alone would carry, with 0 ten
# thousand times. So in a *fresh* network with such a bias the memory is not what carries the gradient. The other ways do, with
# matrices in them.
#
# It is not true, then, that an LSTM's gradients cannot vanish, nor that they cannot explode. Along the memory alone they cannot grow,
# because no gate exceeds 1; on the other ways they can. Clipping stays in the loop. What the LSTM has is a way on which gradients *need*
# not fade, once it has learned to hold a gate near 1.
#
# **Question.** A trained unit holds its forget gate at 0.99 over 100 steps. What is certain?
#
# a: its gradient arrives unchanged · b: along the memory about a third arrives · c: its gradient can explode along the memory

# %%
quiz("gate-near-one", "?")

# %% [markdown]
# ## 7.5 One step back
#
# Take a breath; this is the longest walk of the course, and it goes through one picture.
#
# ![The same step backwards, all arrows dashed and orange. A gradient arrives at the new shown state and one at the new memory. The first
# goes through the output gate and the slope of tanh and meets the second; their sum is called dc. From there dc times the forget gate
# reaches the old memory, dc times the old memory the forget gate, dc times the candidate the update gate, dc times the update gate the
# candidate. Each passes its slope and is then called dz; all four dz meet in the stack.](figures/lstm_back.svg)
#
# Two gradients come in from the right. `da_next` is everything that reached $a^{\langle t\rangle}$. `dc_next` is what came back to
# $c^{\langle t\rangle}$ from the next step.
#
# **First, meet at the memory.** $c^{\langle t\rangle}$ is used in two places: the next step reads it, and $a^{\langle t\rangle}$ shows it.
# Two uses, so two parts are added. The second passes the output gate and the slope of tanh:
#
# $$dc = dc_{\text{next}} + da_{\text{next}} * \Gamma_o * \left(1 - \tanh^2 c^{\langle t\rangle}\right) \qquad\qquad (n_a, m)$$
#
# From here on everything on the upper line starts from this whole `dc`.
#
# **Second, part again.** A product sends to each factor the gradient times the *other* factor. There are three products.
#
# | product | one factor gets | the other gets |
# |---|---|---|
# | $\Gamma_f * c^{\langle t-1\rangle}$ | $\Gamma_f$: $\;dc * c^{\langle t-1\rangle}$ | $c^{\langle t-1\rangle}$: $\;dc * \Gamma_f$ |
# | $\Gamma_u * \tilde c$ | $\Gamma_u$: $\;dc * \tilde c$ | $\tilde c$: $\;dc * \Gamma_u$ |
# | $\Gamma_o * \tanh c^{\langle t\rangle}$ | $\Gamma_o$: $\;da_{\text{next}} * \tanh c^{\langle t\rangle}$ | (done above) |
#
# **Third, pass the slopes.** A gate is $\sigma$ of a sum, and the slope of σ is $\Gamma(1-\Gamma)$. The candidate is tanh of a sum, slope
# $1 - \tilde c^2$. Call the gradients at the sums dz:
#
# $$\begin{aligned} dz_f &= (dc * c^{\langle t-1\rangle}) * \Gamma_f (1-\Gamma_f) & dz_u &= (dc * \tilde c) * \Gamma_u (1-\Gamma_u) \\ dz_c &= (dc * \Gamma_u) * (1-\tilde c^2) & dz_o &= (da_{\text{next}} * \tanh c^{\langle t\rangle}) * \Gamma_o (1-\Gamma_o) \end{aligned}$$
#
# **Fourth, four plain layers.** Each sum is $W\,[a^{\langle t-1\rangle};\, x^{\langle t\rangle}] + b$, and the rules of lesson 02 apply.
# For the weights, with the same pattern for u, c and o:
#
# $$dW_f = dz_f\,[a^{\langle t-1\rangle};\, x^{\langle t\rangle}]^{\mathsf T} \;\; (n_a, n_a + n_x) \qquad\qquad db_f = \sum_i dz_f^{(i)} \;\; (n_a, 1)$$
#
# The stack was used four times, so four parts are added. Its first n_a rows belong to $a^{\langle t-1\rangle}$, the rest to the input:
#
# $$[\,da_{\text{prev}};\; dx^{\langle t\rangle}\,] = W_f^{\mathsf T} dz_f + W_u^{\mathsf T} dz_u + W_c^{\mathsf T} dz_c + W_o^{\mathsf T} dz_o \qquad (n_a + n_x, m)$$
#
# And the old memory has $dc_{\text{prev}} = dc * \Gamma_f$. Only that, because nothing else in this step reads it.
#
# **By hand.** The cell of section 7.2 again: gates 3/4, 4/5, 3/5, candidate 3/5, $c^{\langle t-1\rangle} = 0.8$, $\tanh 1.08 = 0.7932$. Let
# $da_{\text{next}} = 1$ and $dc_{\text{next}} = 0.5$.
#
# | | | |
# |---|---|---|
# | dc | $0.5 + 1 \cdot 0.6 \cdot (1 - 0.6292)$ | 0.7225 |
# | dz_f | $0.7225 \cdot 0.8 \cdot 0.75 \cdot 0.25$ | 0.1084 |
# | dz_u | $0.7225 \cdot 0.6 \cdot 0.8 \cdot 0.2$ | 0.0694 |
# | dz_c | $0.7225 \cdot 0.8 \cdot 0.64$ | 0.3699 |
# | dz_o | $1 \cdot 0.7932 \cdot 0.6 \cdot 0.4$ | 0.1904 |
# | dc_prev | $0.7225 \cdot 0.75$ | 0.5419 |
#
# With one example the biases have these very dz as gradients. `dWf` is $0.1084 \cdot (0.5, 1)$.

# %% [markdown]
# ### Exercise · `lstm_cell_backward`
# *25 minutes · 12 points · third of five*
#
# The four stages of this section. `da_next` and `dc_next` are (n_a, m), and so are dc and all dz. Return a dict with the keys of the
# docstring.
#
# In words: meet at the memory, part again, pass the slopes, four plain layers. Begin with dc, return `{"dc_prev": dc * gate_f}` alone and
# run the cell below; it shows what is there. Then add the next key.

# %% nbgrader={"grade": false, "grade_id": "lstm_cell_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
# answer: lstm_cell_backward

# %% tags=["try-it"]
def one_step_back():
    cache = reference.lstm_cell_forward(*on_paper())[3]
    gradients = lstm_cell_backward(np.array([[1.0]]), np.array([[0.5]]), cache)
    names = ("dc_prev", "dbf", "dbu", "dbc", "dbo", "dWf")
    return {name: np.round(gradients[name], 4).tolist() for name in names if name in gradients}


try_it(one_step_back)  # by hand: 0.5419; 0.1084, 0.0694, 0.3699, 0.1904; and (0.0542, 0.1084)

# %% nbgrader={"grade": true, "grade_id": "lstm_cell_backward-check", "locked": true, "points": 12, "schema_version": 3, "solution": false, "task": false}
check(lstm_cell_backward)

# %% [markdown]
# That was the hard part of the lesson. What remains of the way back is a loop that you know.

# %% [markdown]
# ## 7.6 All the way back
#
# From step t + 1 two gradients return: one to what was shown, one to what was kept. The first is added to the step's own `da[:, :, t]`,
# which the loss of that step sends. The second has no partner: no loss ever looks at a memory.

# %% [markdown]
# ### Exercise · `lstm_backward`
# *15 minutes · 10 points · fourth of five*
#
# $$da^{\langle t\rangle} = da_{\text{own}}^{\langle t\rangle} + da_{\text{later}}^{\langle t\rangle} \qquad dc_{\text{next}} = dc_{\text{later}}^{\langle t\rangle} \qquad \text{cell backwards} \qquad da_{\text{later}}^{\langle t-1\rangle},\; dc_{\text{later}}^{\langle t-1\rangle} = da_{\text{prev}},\; dc_{\text{prev}}$$
#
# `da` is (n_a, m, T), `caches` the pair of `lstm_forward`. Return a dict with `dx` (n_x, m, T), `da0`, `dc0` (n_a, m), and the eight
# gradients of weights and biases, each summed over all steps. Here is a skeleton; copy it into your answer and fill the five gaps.
#
# ```python
# cells, x = caches
# n_a, m, T = da.shape
# dx = np.zeros(x.shape)
# names = ["Wf", "bf", "Wu", "bu", "Wc", "bc", "Wo", "bo"]
# total = {"d" + name: np.zeros(cells[0][9][name].shape) for name in names}   # place 9 of a cell's cache is P
# da_later = ...            # 1: nothing follows the last step
# dc_later = ...            # 2
# for t in ...:             # 3: from which step to which?
#     step = lstm_cell_backward(..., ..., cells[t])   # 4: what arrives at a, what arrives at c
#     ...                   # 5: hand on, store dxt, add up
# return {"dx": dx, "da0": da_later, "dc0": dc_later, **total}
# ```
#
# In words: the loop of `rnn_backward` with two things that come back.

# %% nbgrader={"grade": false, "grade_id": "lstm_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
# answer: lstm_backward

# %% [markdown]
# To try it, let only the last of three steps have a loss, and let the cell do next to nothing but keep. All weights are zero, so all
# gates stand at $\sigma(0) = 0.5$, except the forget gate, which a bias of $\ln 9$ sets to 0.9, and the candidate is 0.
#
# - A first memory of 1 has shrunk to $0.9^3 = 0.729$ at the end. There $da = 1$ sends $0.5 \cdot (1 - \tanh^2 0.729) = 0.3063$ into it.
# - Each step back multiplies by 0.9, so $0.3063 \cdot 0.729 = 0.2233$ arrives at $c^{\langle 0\rangle}$.
# - In the last step $dz_f = 0.3063 \cdot 0.81 \cdot 0.09 = 0.0223$. One step earlier dc is smaller by 0.9 and the old memory larger by as
#   much: 0.0223 again, and once more. Together $db_f = 0.0670$.

# %% tags=["try-it"]
def only_keeping():
    P = {name: np.zeros_like(theta) for name, theta in paper.items()} | {"bf": np.array([[np.log(9)]])}
    _, _, _, caches = reference.lstm_forward(np.zeros((1, 1, 3)), np.zeros((1, 1)), P, np.ones((1, 1)))
    gradients = lstm_backward(np.array([[[0.0, 0.0, 1.0]]]), caches)
    return f"dc0 {gradients['dc0'].item():.4f}, dbf {gradients['dbf'].item():.4f}"


try_it(only_keeping)  # by hand: dc0 0.2233, dbf 0.0670

# %% nbgrader={"grade": true, "grade_id": "lstm_backward-check", "locked": true, "points": 10, "schema_version": 3, "solution": false, "task": false}
check(lstm_backward)

# %% [markdown]
# ## 7.7 Is it right? Measure it
#
# The check compares with our solution. You have a witness of your own that knows no calculus: `gradient_check` of lesson 02. It moves every
# weight and every bias a little, runs your `lstm_forward`, and compares the slope of the loss with what your `lstm_backward` says. Small
# random networks; one step, two steps, six.

# %% tags=["try-it", "nbval-ignore-output"]
def my_errors():
    lines = []
    for T in (1, 2, 6):
        errors = gradient_errors(lstm_backward, T, way_forward=lstm_forward)
        words = "  ".join(f"{name} {error:.0e}" for name, error in errors.items())
        lines.append(f"T = {T}: {words}" + ("" if max(errors.values()) < 1e-6 else "   <- wrong"))
    return "\n".join(lines)


try_it(my_errors)

# %% [markdown]
# Errors around 1e-9 are rounding: forward and back agree. Why three lengths? Leave something out on purpose. Take `+ da_later` out of your
# `lstm_backward`, run its cell and this one again, and look at the line for T = 1. Then put it back. Part B will ask you why.

# %% [markdown]
# ## What you have now
#
# | function | takes | gives |
# |---|---|---|
# | `lstm_cell_forward` | xt (n_x, m), a and c before the step, P | a and c after it, the prediction, a cache |
# | `lstm_forward` | x (n_x, m, T), a⟨0⟩, P, perhaps c⟨0⟩ | a, predictions, c of every step, the caches |
# | `lstm_cell_backward` | what arrives at a⟨t⟩ and, from later, at c⟨t⟩; a cache | eleven gradients of one step |
# | `lstm_backward` | the own part of each step (n_a, m, T), the caches | dx, da0, dc0, eight gradients summed over time |
#
# | often said | measured here |
# |---|---|
# | in an LSTM gradients cannot vanish | with a forget bias of 0 less was left at lag 30 than in a plain RNN |
# | nor explode | with biases of 2 and 4 they grew, on the ways beside the memory |

# %% tags=["nbval-ignore-output"]
progress("07a")

# %% [markdown]
# **Where next.** You have a cell, and a way back that a witness has seen. Part B, `07b_on_trial.ipynb`, gives it first weights and a task
# over 150 steps, and puts a sheet of printed equations before the same witness.
