# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 8 · Reading from both ends
#
# > He said, **Teddy** Roosevelt was a great president.
# >
# > He said, **Teddy** bears are on sale.
#
# Cover everything after *Teddy*. Is it part of a person's name? You cannot know, and nobody can: what decides has not been said yet. All
# networks of this course so far read with that card in front of the line. This lesson takes it away.
#
# **After this lesson you can**
#
# - say what a network that reads from the left and must answer at once cannot know, however large it is;
# - turn sequences round without disturbing their padding;
# - build a network of two directions, forward and backward pass;
# - measure answers of yes or no, and count only the steps that are there;
# - say what the second direction costs in a live stream, and where it is of no use at all.
#
# *About 120 minutes. You need the mask of lesson 01, the way back and the gradient checker of lesson 02, and from lesson 04 softmax, bits,
# Adam and clipping. Lessons 06 and 07 are not needed. A good place for a break, or for a second sitting, is before section 8.6.*

# %% tags=["setup"]
import utils

assert hasattr(utils, "__course__"), (
    f"Another utils.py is in the way: {utils.__file__}. Rename it and restart the kernel."
)

import numpy as np

from utils import reference
from utils.checking import check, hint, progress, quiz, try_it
from utils.datasets import encode_words
from utils.loop import on_one_thread
from utils.models import init_brnn
from utils.reference import adam_step, clip_by_norm, gradient_check, init_rnn, minibatches
from utils.reference import rnn_states, rnn_states_backward, sigmoid

# %% [markdown]
# ## Before you begin
#
# Three questions from earlier lessons.
#
# **1.** A recurrent network reads from left to right. What can its state $a^{\langle t\rangle}$ depend on?
#
# a: on the inputs 1 to t · b: on all inputs of the sequence · c: on input t alone

# %%
quiz("what-the-state-has-read", "?")

# %% [markdown]
# **2.** A batch is padded on the right with zeros, and there is no mask. What does the state of a short sequence do behind its end?
#
# a: it stays, since zeros push nothing · b: it goes on moving · c: it becomes zero

# %%
quiz("behind-the-end", "?")

# %% [markdown]
# **3.** A state is used twice, by the prediction of its step and by the next state. What is its gradient?
#
# a: that of the later use · b: the mean of the two · c: the sum of the two

# %%
quiz("used-twice", "?")

# %% [markdown]
# ## 8.1 The card in front of the line
#
# Let a network read both sentences. It is not trained; what follows holds for every set of weights, so random ones will do. Four units,
# and we compare its states, word by word. Where do you expect them to differ first?

# %% tags=["setup"]
pair = [s.split() for s in ("he said teddy roosevelt was a great president", "he said teddy bears are on sale")]
x_pair, _ = encode_words(pair, sorted({word for sentence in pair for word in sentence}))

# %% tags=["demo"]
for seed in range(3):
    a, _ = rnn_states(x_pair, np.zeros((4, 2)), init_rnn(len(x_pair), 4, 1, np.random.default_rng(seed)))
    apart = np.abs(a[:, 0] - a[:, 1]).max(axis=0)
    words = ("he", "said", "teddy", "the next word")
    print(f"weights {seed}: ", ", ".join(f"{word} {float(gap):.4g}" for word, gap in zip(words, apart)))

# %% [markdown]
# At *teddy* the two states are equal to the last digit: the difference is 0, not nearly 0. The same words were read in the same order, so
# the same numbers came out. Whatever is computed from that state is the same in both sentences. If the tag is right in one, it is wrong in
# the other.
#
# This is the weakness of every network that reads in one direction and must answer at once. It is not a matter of training, nor of
# memory: gates do not help, for they decide what is kept of the past.
#
# **Question.** A tagger reads from the left and answers at each word at once. What lets it do better at *teddy* than the best bet?
#
# a: more units · b: more sentences to learn from · c: neither

# %%
quiz("better-than-a-bet", "?")

# %% [markdown]
# One way out is to wait, and section 8.8 takes it. Here is another. Let a second network read the sentence **from its end**. When it
# comes to *teddy*, it has read *roosevelt* or *bears*.

# %% [markdown]
# ## 8.2 A sequence turned round
#
# Reading from the end is nothing new for a network. Hand it the sequence turned round, and it reads as always. In NumPy that is
# `x[:, :, ::-1]`, and for one sentence it is right. In a batch it is not.
#
# ![Three rows of five boxes. The row: he, said, teddy, 0, 0. All of it turned: 0, 0, teddy, said, he; it reads padding first. Three words
# turned: teddy, said, he, 0, 0; the padding stays at the end.](figures/turned_round.svg)
#
# Short sentences have padding after their end. Turn the whole row, and the padding comes first. The network then reads some steps of
# nothing before its first word, and reading nothing does harm: the bias pushes the state at each of them.
#
# **By hand.** One unit, three steps and two of padding: $x = (0.4,\; -0.3,\; 0.8,\; 0,\; 0)$. The weights are $W_{ax} = 1$,
# $W_{aa} = 0.5$ and $b_a = 0.2$, and the network is to read from the end. The last input that counts is 0.8.
#
# - Turned rightly, the first state is $\tanh(0.8 + 0.2) = 0.762$.
# - With the whole row turned, two steps of padding come before: $\tanh(0.2) = 0.197$, then $\tanh(0.2 + 0.5 \cdot 0.197) = 0.290$.
#   The state that reads 0.8 is then $\tanh(0.8 + 0.2 + 0.5 \cdot 0.290) = 0.816$.
#
# The same sentence would get another state in each batch, depending on its longest neighbour. So only the steps that count are turned:
#
# $$x = (0.4,\; -0.3,\; 0.8,\; 0,\; 0) \qquad\longrightarrow\qquad (0.8,\; -0.3,\; 0.4,\; 0,\; 0)$$

# %% [markdown]
# ### Exercise · `reverse_valid`
# *10 minutes · 3 points · first of five*
#
# Let $T_i$ be `lengths[i]`, the number of steps of example i that count.
#
# $$\text{out}^{(i)\langle t\rangle} = \begin{cases} x^{(i)\langle T_i + 1 - t\rangle} & t \le T_i \\ x^{(i)\langle t\rangle} & t > T_i \end{cases}$$
#
# `x` is (n_x, m, T), and so is the result, a new array; `x` stays as it is. What stands behind the end is copied, whatever it is. Done
# twice, it gives x again.
#
# In words: start from a copy, go through the examples, and turn a slice of each. Stuck for ten minutes? Run `hint("reverse_valid")`;
# there are three for each exercise.

# %% nbgrader={"grade": false, "grade_id": "reverse_valid", "locked": false, "schema_version": 3, "solution": true, "task": false}
# answer: reverse_valid

# %% tags=["setup"]
row = np.array([[[0.4, -0.3, 0.8, 0.0, 0.0]]])  # (n_x, m, T) = (1, 1, 5), of which three steps count
three = np.array([3])

# %% tags=["try-it"]
try_it(lambda: reverse_valid(row.copy(), three))  # by hand: 0.8, -0.3, 0.4, 0, 0

# %% nbgrader={"grade": true, "grade_id": "reverse_valid-check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check(reverse_valid)

# %% [markdown]
# Now read it, turned in both ways. The state at which 0.8 has just been read should be the one you computed: 0.762 or 0.816.

# %% tags=["try-it"]
def read_from_the_end():
    P = {"Wax": np.array([[1.0]]), "Waa": np.array([[0.5]]), "ba": np.array([[0.2]])}
    whole, _ = rnn_states(row[:, :, ::-1], np.zeros((1, 1)), P)
    valid, _ = rnn_states(reverse_valid(row.copy(), three), np.zeros((1, 1)), P)
    return f"the whole row turned {whole[0, 0].round(3)}\nthree steps turned   {valid[0, 0].round(3)}"


try_it(read_from_the_end)

# %% [markdown]
# In the second line two states follow the end. They are computed and belong to no word; soon they will be put to zero.

# %% [markdown]
# ## 8.3 Two passes, one answer
#
# ![Four words in a row, each an input x. Blue states above them, joined by arrows from left to right, beginning with zeros at the start.
# Above those, grey states joined by arrows from right to left, beginning with zeros at the end. Each word feeds both states of its step,
# and both states feed the prediction of that step.](figures/both_directions.svg)
#
# Two networks over the same words, each with weights of its own. At each step their two states are stacked, and one output layer answers
# from both:
#
# $$\overrightarrow{a}^{\langle t\rangle} = \tanh\left(\overrightarrow{W}_{ax}\, x^{\langle t\rangle} + \overrightarrow{W}_{aa}\, \overrightarrow{a}^{\langle t-1\rangle} + \overrightarrow{b}_a\right)$$
#
# $$\overleftarrow{a}^{\langle t\rangle} = \tanh\left(\overleftarrow{W}_{ax}\, x^{\langle t\rangle} + \overleftarrow{W}_{aa}\, \overleftarrow{a}^{\langle t+1\rangle} + \overleftarrow{b}_a\right)$$
#
# $$\hat y^{\langle t\rangle} = \sigma\left(W_y \begin{bmatrix} \overrightarrow{a}^{\langle t\rangle} \\ \overleftarrow{a}^{\langle t\rangle} \end{bmatrix} + b_y\right)$$
#
# | symbol | code | shape | says |
# |---|---|---|---|
# | $\overrightarrow{a}$ | `a[:n_a]` | (n_a, m, T) | what came before, and the word itself |
# | $\overleftarrow{a}$ | `a[n_a:]` | (n_a, m, T) | what comes after, and the word itself |
# | $[\overrightarrow{a}; \overleftarrow{a}]$ | `a` | (2 n_a, m, T) | both, the one from the start on top |
# | $\overrightarrow{W}_{ax}$, $\overleftarrow{W}_{ax}$, … | `P["Wax_fwd"]`, `P["Wax_bwd"]`, … | as in an RNN | two sets, nothing shared |
# | $W_y$ | `P["Wy"]` | (n_y, 2 n_a) | weighs both |
# | $\hat y$ | `y_pred` | (n_y, m, T) | a probability of yes |
#
# Three things to see in the picture.
#
# - **Both passes go forward.** The direction from the end is called *backward* in most books, and `_bwd` in code. It has nothing to do with
#   the backward pass of gradients. It computes states from inputs, with solid arrows.
# - **There is no circle.** No arrow leads from a grey state to a blue one, or back. It makes no difference which are computed first.
# - **The whole sentence is needed** before the first answer. The grey state of *he* waits for *roosevelt*.
#
# Here **σ**, and no softmax: the question is yes or no. $\sigma(z) = 1/(1 + e^{-z})$ turns any number into a probability: 1/2 at
# $z = 0$, nearly 1 for large z, nearly 0 far below zero. Section 8.5 says more.
#
# The output layer takes one step at a time: `P["Wy"] @ a[:, :, t] + P["by"]` is (n_y, m). For all steps at once `@` will not do: it works
# on the last two axes of `a`, (m, T). `np.tensordot(P["Wy"], a, axes=1)` sums over the last axis of Wy and the *first* of `a`, which gives
# (n_y, m, T). The bias then needs a third axis, `P["by"][:, :, None]`.
#
# The states from the end come out in the order in which they were read, that of the last word first. Before they are stacked they must be
# put back into the order of the words. Turning rightly twice gives the first order again, so `reverse_valid` does that, too.
#
# **By hand.** The row of section 8.2. From the end we use the weights from there: $\overleftarrow{W}_{aa} = 0.5$. From the start,
# $\overrightarrow{W}_{aa} = -0.5$. Both have $W_{ax} = 1$ and $b_a = 0.2$.
#
# | t | 1 | 2 | 3 | 4, 5 |
# |---|---|---|---|---|
# | $\overrightarrow{a}$ | tanh 0.6 = 0.537 | tanh(−0.1 − 0.5 · 0.537) = −0.353 | tanh(1 + 0.5 · 0.353) = 0.826 | 0 |
# | $\overleftarrow{a}$ | tanh(0.6 + 0.5 · 0.274) = 0.627 | tanh(−0.1 + 0.5 · 0.762) = 0.274 | tanh 1 = 0.762 | 0 |
#
# With $W_y = (2,\; 1)$ and $b_y = 0.5$ the second answer is $\sigma(-0.705 + 0.274 + 0.5) = \sigma(0.068) = 0.517$.
# Three decimals are shown in this lesson and more are carried, so your last one may differ by one: $2 \cdot (-0.353)$ is −0.706 on paper.

# %% [markdown]
# ### Exercise · `brnn_forward`
# *25 minutes · 6 points · second of five*
#
# The three equations above, for a batch. `a0_fwd` and `a0_bwd`, each (n_a, m), are the states before the first step of either direction.
# Return `a`, (2 n_a, m, T), zero behind the end of each example; `y_pred`, (n_y, m, T), made from that `a`, so that it is
# $\sigma(b_y)$ where `a` is zero; and the caches `(caches_fwd, caches_bwd, lengths)`.
#
# `rnn_states(x, a0, P)` is given. It is `rnn_forward` without the output layer, and returns `a`, (n_a, m, T), and caches. Its P has the
# plain names `Wax`, `Waa`, `ba`, so each direction needs a small dict.
#
# In words: run one direction as it is; turn, run, turn back for the other; stack; blank out what is not there; then `Wy @ a[:, :, t] + by`
# and σ at each step. The comparison `np.arange(T) < lengths[:, None]` is (m, T) and says which steps count. `sigmoid` is imported.

# %% nbgrader={"grade": false, "grade_id": "brnn_forward", "locked": false, "schema_version": 3, "solution": true, "task": false}
# answer: brnn_forward

# %% tags=["setup"]
by_hand = {name: np.array([[1.0]]) for name in ("Wax_fwd", "Wax_bwd")}
by_hand |= {name: np.array([[0.2]]) for name in ("ba_fwd", "ba_bwd")}
by_hand |= {"Waa_fwd": np.array([[-0.5]]), "Waa_bwd": np.array([[0.5]])}
by_hand |= {"Wy": np.array([[2.0, 1.0]]), "by": np.array([[0.5]])}
zero = np.zeros((1, 1))

# %% tags=["try-it"]
def two_passes():
    a, y_pred, _ = brnn_forward(row.copy(), zero, zero, by_hand, three)
    rows = ("from the start", a[0, 0]), ("from the end  ", a[1, 0]), ("answers       ", y_pred[0, 0])
    return "\n".join(f"{name} {values.round(3)}" for name, values in rows)


try_it(two_passes)  # by hand: the table above, and 0.517 as the second answer

# %% nbgrader={"grade": true, "grade_id": "brnn_forward-check", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
check(brnn_forward)

# %% [markdown]
# Two promises to test. A sentence must get the same states alone and in a batch with a longer one. And the two *teddys* must differ now, in
# the lower half and only there. The random biases are not zero; after training they would not be, either.

# %% tags=["try-it", "nbval-ignore-output"]
def promises():
    rng = np.random.default_rng(1)
    P = {name: rng.normal(size=value.shape) / 2 for name, value in init_brnn(len(x_pair), 4, 1, rng).items()}
    a, _, _ = brnn_forward(x_pair.copy(), np.zeros((4, 2)), np.zeros((4, 2)), P, np.array([8, 7]))
    alone, _, _ = brnn_forward(x_pair[:, 1:, :7].copy(), np.zeros((4, 1)), np.zeros((4, 1)), P, np.array([7]))
    from_end = {"Wax": P["Wax_bwd"], "Waa": P["Waa_bwd"], "ba": P["ba_bwd"]}
    naive = rnn_states(x_pair[:, :, ::-1], np.zeros((4, 2)), from_end)[0][:, 1, 1:]  # the first step is padding
    turned = rnn_states(x_pair[:, 1:, 6::-1], np.zeros((4, 1)), from_end)[0][:, 0]
    moved, moved_naive = np.abs(a[:, 1, :7] - alone[:, 0]).max(), np.abs(naive - turned).max()
    upper, lower = (np.abs(half[:, 0, 2] - half[:, 1, 2]).max() for half in (a[:4], a[4:]))
    return (
        f"alone or in a batch: states differ by {moved:.0e}; with the whole row turned by {moved_naive:.2f}\n"
        f"teddy roosevelt, teddy bears: upper halves differ by {upper:.4g}, lower halves by {lower:.2f}"
    )


try_it(promises)

# %% [markdown]
# Alone or in company, the sentence keeps its states. With the whole row turned, a single step of padding would have moved one of them by
# 0.23, on a scale from −1 to 1. And at *teddy* the card is gone.

# %% [markdown]
# ## 8.4 Which steps count
#
# Every word gets an answer, and every answer costs something. The table of costs is (m, T). Behind the end of a sentence it holds costs of
# answers to nothing, and these must not count.
#
# **By hand.** A sentence of three words costs 0.2, 0.4 and 0.6 nats, and two steps of padding cost 0.1 each. The sum of what counts is
# **1.2**. Divided by the three words it is 0.4 a word. A plain mean over the table says $1.4/5 = 0.28$; in a batch of ten columns it
# would say $1.9/10 = 0.19$. The network has not improved. There is more padding.
#
# So: add up what counts, and divide once, in training, by the number of steps that count. That is what this course does throughout.
#
# One more trap. `mask * loss_per_step` looks right, but the padding may hold *anything*: a NaN, or the infinite cost of a probability of 0.
# Zero times NaN is NaN. Choose entries; do not multiply them away. And do not reach for `np.nansum`: it would also hide a NaN in a step
# that *counts*, which is a fault that you want to see.

# %% [markdown]
# ### Exercise · `masked_loss`
# *5 minutes · 2 points · third of five*
#
# $$L = \sum_i \sum_t \begin{cases} \text{loss}_{i,t} & \text{mask}_{i,t} \text{ is True} \\ 0 & \text{otherwise} \end{cases}$$
#
# `loss_per_step` and `mask` are (m, T); the result is one number, a sum. The mask may have gaps.
#
# In words: choose the entries that count, then add.

# %% nbgrader={"grade": false, "grade_id": "masked_loss", "locked": false, "schema_version": 3, "solution": true, "task": false}
# answer: masked_loss

# %% tags=["try-it"]
costs = np.array([[0.2, 0.4, 0.6, 0.1, np.nan]])
try_it(lambda: round(masked_loss(costs, np.array([[True, True, True, False, False]])), 3))  # by hand: 1.2

# %% nbgrader={"grade": true, "grade_id": "masked_loss-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(masked_loss)

# %% [markdown]
# ## 8.5 Yes or no
#
# The language model of lesson 04 chose one word out of many: a softmax, and a **categorical** cross-entropy. The tagger answers a question
# that has two answers: *is this word part of a person's name?* One number is enough, the probability of yes:
#
# $$\hat y = \sigma(z) \qquad\qquad P(\text{no}) = 1 - \hat y$$
#
# A softmax over a single number would be 1 always, whatever the number. And where there are several questions, a part of a name *and* a
# title, each gets a σ of its own, because more than one of them may be answered with yes.
#
# The cost is what it always was, minus the logarithm of the probability of the right answer. With $y = 1$ for yes and $y = 0$ for no, both
# cases fit on one line, the **binary cross-entropy**:
#
# $$L^{\langle t\rangle} = -\, y^{\langle t\rangle} \log \hat y^{\langle t\rangle} - (1 - y^{\langle t\rangle}) \log(1 - \hat y^{\langle t\rangle}) \qquad\qquad L = \sum_{t \text{ counts}} L^{\langle t\rangle}$$
#
# One of the two terms is always zero times something. If that something is $\log 0$, a program finds NaN where the cost is 0. So do what
# the line means: take ŷ where the answer is yes, $1 - \hat y$ where it is no, and then *one* logarithm.
#
# **By hand.** Three words with $y = (0, 0, 1)$ and $\hat y = (0.1,\; 0.5,\; 0.6)$. The right answers had 0.9, 0.5 and 0.6. The cost is
# $0.105 + 0.693 + 0.511 = 1.309$ nats. Whoever knows nothing says 0.5 and pays $\log 2 \approx 0.693$ a word.

# %% [markdown]
# ### Exercise · `binary_cross_entropy`
# *10 minutes · 3 points · fourth of five*
#
# $$p = \begin{cases} \hat y & y = 1 \\ 1 - \hat y & y = 0 \end{cases} \qquad\qquad L = -\sum_{i,\,t \text{ count}}\; \sum_j \log p_j^{(i)\langle t\rangle}$$
#
# `y_pred` and `y` are (n_y, m, T), `mask` is (m, T). Add up the n_y outputs of a step, then let `masked_loss` do the rest. A model that is
# certain and right pays 0.
#
# In words: pick the probability of the right answer, one logarithm, one sum over the outputs.

# %% nbgrader={"grade": false, "grade_id": "binary_cross_entropy", "locked": false, "schema_version": 3, "solution": true, "task": false}
# answer: binary_cross_entropy

# %% tags=["try-it"]
said, right = np.array([[[0.1, 0.5, 0.6]]]), np.array([[[0, 0, 1]]])
try_it(lambda: round(binary_cross_entropy(said, right, np.array([[True, True, True]])), 3))  # by hand: 1.309

# %% nbgrader={"grade": true, "grade_id": "binary_cross_entropy-check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check(binary_cross_entropy)

# %% [markdown]
# One weakness lies in front of your function. σ(40) is rounded to exactly 1, so a tagger that is that sure and wrong costs infinity.
# Computed from z, as $\log(1 + e^z)$, the cost is 40, and libraries therefore offer this loss for z. Here it does no harm: in the networks
# that we trained for section 8.7, z stayed below 15, and the gradient, as you will see, does not pass through the logarithm.
#
# **Question.** Two questions about each word: *part of a name? a title?* A word may be both, or neither. Which output fits?
#
# a: one softmax over two numbers · b: a σ for each · c: one σ for the two together

# %%
quiz("two-questions", "?")

# %% [markdown]
# ## 8.6 Back through both
#
# Now the gradients, a step at a time. Begin at one answer, in scalars.
#
# **At the output.** First the slope of σ, with $\hat y = 1/(1 + e^{-z})$:
#
# $$\frac{\partial \hat y}{\partial z} = \frac{e^{-z}}{(1 + e^{-z})^2} = \frac{1}{1 + e^{-z}} \cdot \frac{e^{-z}}{1 + e^{-z}} = \hat y\,(1 - \hat y)$$
#
# Let the right answer be yes. Then $L = -\log \hat y$, so $\partial L/\partial \hat y = -1/\hat y$. The product of the two is
# $-(1 - \hat y) = \hat y - 1$. With no as the right answer it comes out as $\hat y - 0$. Both together:
#
# $$dz^{\langle t\rangle} = \hat y^{\langle t\rangle} - y^{\langle t\rangle} \qquad (n_y, m) \qquad \text{and } 0 \text{ where the step does not count}$$
#
# It is the form that softmax had in lesson 02. No logarithm is left in it, so it is never infinite.
#
# **Through $W_y$.** As in any output layer, with the stacked states for the state:
#
# $$dW_y = \sum_t dz^{\langle t\rangle}\, a^{\langle t\rangle\mathsf T} \quad (n_y, 2 n_a) \qquad db_y = \sum_t \sum_i dz^{(i)\langle t\rangle} \qquad da^{\langle t\rangle} = W_y^{\mathsf T}\, dz^{\langle t\rangle} \quad (2 n_a, m)$$
#
# **Apart.** The upper half of `da` belongs to $\overrightarrow{a}$, the lower to $\overleftarrow{a}$. Here the two ways part, and they
# share nothing any more: each goes back through its own chain, as in lesson 02.
#
# ![The same two rows of states. From the loss of step two, dashed arrows go to both states of that step. In the lower row they go on to
# the left, to the state of step one; in the upper row to the right, to steps three and four. Each of these states sends a dashed arrow
# down to its word.](figures/two_ways_back.svg)
#
# Each message goes *against* the arrows of its direction. Together they reach all words of the sentence.
#
# **Turned again.** The direction from the end lived on the turned sequence. Its gradient has to be turned on the way in. The `dx` that
# comes out is in that order, too, and is turned once more. Weights and first states have no order in time: nothing to turn.
#
# **Together.** Every x was used twice, by both directions. So its two gradients are added.
#
# **By hand.** The row and the weights of section 8.3, with $da = (1, 1)$ at step 2 and zero elsewhere.
#
# | | from the start | from the end |
# |---|---|---|
# | at step 2 | $1 - 0.353^2 = 0.876$ | $1 - 0.274^2 = 0.925$ |
# | one step on | to step 1: $-0.5 \cdot 0.876 \cdot (1 - 0.537^2) = -0.312$ | to step 3: $0.5 \cdot 0.925 \cdot (1 - 0.762^2) = 0.194$ |
#
# With $W_{ax} = 1$ these are the gradients of x. Step 2 gets both: $dx = (-0.312,\; 1.801,\; 0.194,\; 0,\; 0)$.

# %% [markdown]
# ### Exercise · `brnn_backward`
# *20 minutes · 10 points · last of five*
#
# $$dx = \overrightarrow{dx} + \text{turned}\left(\overleftarrow{dx}\right) \qquad\text{where } \overleftarrow{dx} \text{ comes from the turned lower half of } da$$
#
# `da` is (2 n_a, m, T). What stands in it behind the end of a sentence is ignored, even a NaN: set it to zero first.
# `rnn_states_backward(da, caches)` is given: one direction back, with the dict `dx`, `da0`, `dWax`, `dWaa`, `dba` as its result. Return one dict with `dx`, and the other
# four for each direction, `da0_fwd`, `da0_bwd` and so on. Wy is not your concern here; its gradient was made before.
#
# In words: blank out, cut in two, turn the lower half, go back twice, turn one dx, add, rename.

# %% nbgrader={"grade": false, "grade_id": "brnn_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
# answer: brnn_backward

# %% tags=["try-it"]
def one_message():
    _, _, caches = reference.brnn_forward(row.copy(), zero, zero, by_hand, three)
    da = np.array([[[0, 1, 0, 9, 9]], [[0, 1, 0, 9, 9]]], float)  # the nines stand in the padding
    return brnn_backward(da, caches)["dx"].round(3)


try_it(one_message)  # by hand: -0.312, 1.801, 0.194, 0, 0

# %% nbgrader={"grade": true, "grade_id": "brnn_backward-check", "locked": true, "points": 10, "schema_version": 3, "solution": false, "task": false}
check(brnn_backward)

# %% [markdown]
# Do not take our word for it. The instrument of lesson 02 compares every gradient with differences: a random network, three sentences of
# unequal length, and the whole way from the loss to each array of P. The lines from `dz` on are what a training loop needs.

# %% tags=["setup"]
def all_gradients(forward, backward, x, mask, y, P):
    """Predictions, and the gradients of all arrays in P, from a forward and a backward function."""
    start = np.zeros((len(P["ba_fwd"]), x.shape[1]))
    a, y_pred, caches = forward(x, start, start, P, mask.sum(axis=1))
    dz = np.where(mask, y_pred - y, 0.0)  # (n_y, m, T)
    G = backward(np.tensordot(P["Wy"].T, dz, axes=1), caches)  # Wy.T @ dz at every step
    G["dWy"] = np.tensordot(dz, a, axes=([1, 2], [1, 2]))  # summed over examples and steps
    G["dby"] = dz.sum(axis=(1, 2))[:, None]
    return y_pred, {f"d{name}": G[f"d{name}"] for name in P}


# %% tags=["try-it", "nbval-ignore-output"]
def by_differences():
    rng = np.random.default_rng(0)
    P = {name: value + 0.1 for name, value in init_brnn(4, 3, 2, rng).items()}  # no bias stays zero
    x, y = rng.normal(size=(4, 3, 5)), rng.integers(0, 2, (2, 3, 5))
    lengths, start = np.array([5, 3, 2]), np.zeros((3, 3))
    mask = np.arange(5) < lengths[:, None]
    _, G = all_gradients(brnn_forward, brnn_backward, x, mask, y, P)

    def loss(P):
        return binary_cross_entropy(brnn_forward(x, start, start, P, lengths)[1], y, mask)

    found = gradient_check(loss, P, G)
    lines = (f"{name:8} error {error:.0e}  {'right' if ok else 'wrong'}" for name, (error, ok) in found.items())
    return "\n".join(lines)


try_it(by_differences)

# %% [markdown]
# ## 8.7 See it work: teddy, rose and will
#
# The sentences come from a small grammar. Some of its words are a first name or an ordinary word: *teddy*, *rose*, *mark*, *will*,
# *grace*, *bill*, *pearl*, *dawn*. What decides stands to the right of them, one word on or two: *teddy roosevelt*, *teddy bears*, *teddy
# and anna*, *teddy and kites*. Such a word we call **ambiguous**. Sometimes it is settled from the left, *doctor rose*, *the rose*; then
# it is not.

# %% tags=["setup"]
from utils.datasets import load_runs
from utils.experiments.lesson_08 import delayed_tagger, shares_right, taggers, tagging_data, usual_tag, window_tagger
from utils.generators import tagging_sentences
from utils.models import tagger_pass
from utils.plotting.bars import plot_bars
from utils.plotting.tagging import plot_share_by_wait, plot_tags

known, fresh, WORDS = tagging_data(seed=0)  # 1,000 sentences to learn from, 1,000 fresh ones: x, mask, y, ambiguous
nets = {}


def ours(name):
    """A network trained with our functions: "both", or "one direction" with 32 units. Both are trained once."""
    if name not in nets:
        nets.update(taggers(known))
    return nets[name]


def tagger_of_both():
    """The parameters that you trained, or those of a network trained with our functions if yours are not ready."""
    if "yours" not in nets:
        print("(This network was trained with our functions.)")
    return nets["yours"] if "yours" in nets else ours("both")


# %% tags=["demo"]
for words, tags, open_words in zip(*tagging_sentences(np.random.default_rng(4), 5)):
    marks = [f"{word}{'*' * tag}{'?' * unclear}" for word, tag, unclear in zip(words, tags, open_words)]
    print(" ".join(marks))
_, mask, y, ambiguous = fresh
share = y[0][mask].mean()
print(f"\n{mask.sum():,d} words in the fresh sentences: {share:.0%} are parts of names, {ambiguous.sum()} are ambiguous")

# %% [markdown]
# A star marks a part of a person's name, a question mark an ambiguous word. Two shares will be reported, over all words and over the
# ambiguous ones. For nine words in ten are not ambiguous: a tagger that is lost on *every* ambiguous word can tag nearly all words right.
#
# **Baselines first.** Always saying no is right wherever there is no name. Each ambiguous word leans one way: *teddy* is a name in 59 of
# 100 such sentences, *rose* in 41. So the best bet, word by word, is right in 59 of 100. And there is a rival without any state: a weight
# for each word at each place of a small window, the word before and the two after, and one σ.
#
# Your network learns now: 16 units in each direction, twelve epochs, your functions. It needs `brnn_forward` and `brnn_backward` passed;
# a fault in them may not show here. The rival in one direction has 32 units, so both have as many units in all.

# %% tags=["try-it", "demo", "nbval-ignore-output"]
@on_one_thread
def learn(known, P, rng, epochs=12):
    x, mask, y, _ = known
    adam = None
    for epoch in range(1, epochs + 1):
        loss, hits = 0.0, 0
        for rows in minibatches(len(mask), 32, rng):
            some = x[:, rows], mask[rows], y[:, rows]
            y_pred, G = all_gradients(brnn_forward, brnn_backward, *some, P)
            loss += binary_cross_entropy(y_pred, some[2], some[1])
            hits += ((y_pred > 0.5) == some[2])[:, some[1]].sum()
            G, _ = clip_by_norm({name: g / some[1].sum() for name, g in G.items()}, 1.0)
            P, adam = adam_step(P, G, adam, 0.005)
        if epoch % 3 == 0:
            print(f"epoch {epoch:2}: {loss / mask.sum():.3f} nats per word, {hits / mask.sum():.3f} right")
    return P


def learn_to_tag():
    nets.pop("yours", None)
    rng = np.random.default_rng(0)
    nets["yours"] = learn(known, init_brnn(len(WORDS), 16, 1, rng), rng)
    return "done"


try_it(learn_to_tag)

# %% tags=["demo", "nbval-ignore-output"]
said = {name: tagger_pass(P, *fresh[:3])[1] for name, P in (("both", tagger_of_both()), ("one", ours("one direction")))}
own = "your two directions" if "yours" in nets else "our two directions"
answers = {
    own: said["both"],
    "window: 1 before, 2 after": window_tagger(known, fresh, 1, 2),
    "window: next word": window_tagger(known, fresh, 0, 1),
    "usual tag of the word": usual_tag(known, fresh),
    "one direction": said["one"],
    "always no": 0 * said["one"],
}
shares = {name: shares_right(y_pred, fresh) for name, y_pred in answers.items()}  # of all words, of ambiguous ones
for name, (everything, unclear) in shares.items():
    print(f"{name:27} all words {everything:.3f}, ambiguous {unclear:.3f}")
stored = load_runs("tagging")
for way in ("both_directions", "one_direction"):
    everything, unclear = float(stored[f"{way}_all"]), float(stored[f"{way}_ambiguous"])
    print(f"{'stored: ' + way.replace('_', ' '):27} all words {everything:.3f}, ambiguous {unclear:.3f}")
settled = "settle" if shares[own][1] > 0.95 else "do not settle"
window = ", and so does a window" if shares["window: 1 before, 2 after"][1] > 0.95 else ""
plot_bars(
    {name: unclear for name, (_, unclear) in shares.items()},
    own=own,
    title=f"One direction bets; two {settled} it{window}",
    xlabel="share of ambiguous words tagged right",
)

# %% [markdown]
# Look at the first column alone and one direction does not look bad: 0.95 of all words. But always saying no already has 0.85. On the
# ambiguous words it is betting, and not even well: 0.55 to 0.57 right on three seeds, each with other sentences and other starting
# weights, and 0.58 in a stored run. The best bet would give 0.59. Good bets lie close to one half, and the network's are often on the wrong
# side of it. Your network gets all of them right, and so it did on all three seeds.
#
# Look at the window as well. With not a single state it is as good as yours. With the next word alone it gets about 0.8, since half of
# the cues stand two words on. In this grammar nothing is further away, and whoever knows that needs no recurrence. What the second
# direction saves you is *knowing the distance beforehand*. Where it is known and small, try a window first.
#
# It is not a matter of size, either: the two directions have 2,465 numbers to learn, the one has 2,977, since no unit of one direction has
# a weight on a unit of the other. With n_a units in *each* direction, on the other hand, everything is done twice.
#
# Now watch it decide. Two sentences that are the same up to *teddy*:

# %% tags=["demo", "nbval-ignore-output"]
sentences = [s.split() for s in ("he said that teddy roosevelt came first", "he said that teddy bears came first")]
x, mask = encode_words(sentences, WORDS)
p = {
    name: list(tagger_pass(P, x, mask, np.zeros((1, *mask.shape)))[1][0])
    for name, P in (("one direction", ours("one direction")), ("both directions", tagger_of_both()))
}
apart = {name: abs(rows[0][3] - rows[1][3]) for name, rows in p.items()}
print("the two probabilities at teddy differ by", {name: round(float(gap), 2) for name, gap in apart.items()})
plot_tags(
    sentences,
    p,
    title="At teddy, one direction must say the same twice",
    yes="probability of a name",
)

# %% [markdown]
# At *teddy* the round markers stand equally high in both panels, not far from the middle: a bet. In this run it is on the side to which
# *teddy* leans; over three seeds it was 0.49 to 0.66. One word later the same network knows, and it is too late, for the answer has
# been given. At *teddy* the diamonds are at 1 above and at 0 below.

# %% [markdown]
# ## 8.8 What a live stream costs
#
# Subtitles are tagged while somebody speaks. There is no end from which to read, and it is often said that this rules the second direction
# out. It does not. **You can wait a little.** Hold each answer back until k more words have come, and let the second direction start
# there. The price is a delay of k words, and k + 1 steps of the second direction for each word, since it starts anew each time.
#
# How much waiting is enough? Take the network that you trained on whole sentences and cut the future off after k more words. Beside it
# stands a tagger of *one* direction, trained to answer k words late, so that its state has read them. And a limit: what someone who knows
# the grammar could get. At k = 0 that is the bet, 0.59. At k = 1 half of the cues have come, which makes $(1 + 0.59)/2 = 0.795$ on average;
# on some 730 words, chance alone moves it by about 0.015 either way. Two words are always enough.

# %% tags=["demo", "nbval-ignore-output"]
def with_lookahead(P, x, lengths, k):
    """The answers of both directions when at each step only k more words have been heard."""
    start, y_pred = np.zeros((len(P["ba_fwd"]), x.shape[1])), np.zeros((1, *x.shape[1:]))
    for t in range(x.shape[2]):
        end = min(x.shape[2], t + k + 1)
        heard = np.minimum(lengths, end)
        y_pred[:, :, t] = reference.brnn_forward(x[:, :, :end], start, start, P, heard)[1][:, :, t]
    return y_pred


waits, lengths, net = np.arange(4), fresh[1].sum(axis=1), tagger_of_both()
cut = [shares_right(with_lookahead(net, fresh[0], lengths, k), fresh)[1] for k in waits]
late = []
for k in waits:
    late.append(shares_right(delayed_tagger(known, fresh, k), fresh)[1])
    print(f"{k} words: both directions, cut {cut[k]:.3f}; one direction, late {late[k]:.3f}")
enough = int(np.argmax(np.array(cut) > 0.99))
plot_share_by_wait(
    waits,
    {"both directions, cut after k": cut, "one direction, k words late": late},
    limit=[0.59, 0.795, 1, 1],
    title=f"Waiting for {enough} words gives all that the whole sentence gives",
)

# %% [markdown]
# Two words of patience, and both are as good as with the whole sentence, on all three seeds. Before that both stay a little below the
# limit. At k = 1 the network of both directions got 0.73 to 0.76 over the seeds, and the late one 0.76 to 0.77.
#
# So in a stream ask how long you may wait, and how far away the cues are. Where a short delay is fixed beforehand, the late tagger is the
# cheaper one: a single pass.
#
# **Question.** Subtitles may lag behind the speaker by three words. Which tagger can be used as it is?
#
# a: both directions, over the whole speech · b: both directions, cut after three words · c: both directions, cut after ten words

# %%
quiz("three-words-late", "?")

# %% [markdown]
# ## 8.9 Where it must not be used
#
# The network sees the future. For a tagger that is fair: the whole sentence is given, the tags are asked. Now ask it for the **next
# word**.
#
# We build a language model of both directions for the dinosaur names of lesson 04: the state from the start and the state from the end, and
# a softmax over the next letter. Look at the picture of section 8.3 and at the grey state of step t. Which letters has it read?
#
# The second line asks the same network the same questions, with the future cut off, as it is for anyone who *writes* a name.

# %% tags=["demo", "nbval-ignore-output"]
from utils.experiments.lesson_08 import cut_off, next_letter_pass, two_way_language_model
from utils.names import LETTERS

reader, held_out = two_way_language_model(seed=0, progress=True)
_, mask, targets = held_out


def bits(y_pred):
    return reference.sequence_loss(y_pred, targets, mask) / mask.sum() / np.log(2)


writing = cut_off(reader, *held_out)
symbols = len(LETTERS) - 1  # <UNK> is never a right answer
print(f"held-out names, the whole name given: {bits(next_letter_pass(reader, *held_out)[1]):.2f} bits per character")
print(f"the future cut off, as in writing:    {bits(writing):.2f} bits per character")
print(f"always saying that all {symbols} symbols are equally likely: {np.log2(symbols):.2f} bits per character")
ends = (writing.argmax(axis=0) == LETTERS.eos)[mask].mean()
rightly = len(mask) / mask.sum()
print(f"in writing, the end is its first choice at {ends:.0%} of the steps; it comes at {rightly:.0%} of them")

# %% [markdown]
# A few hundredths of a bit on names that it has never seen. The five-gram of lesson 04 needs about 2.45 on them. It would be a
# triumph, were it not a copy: input t + 1 *is* the letter that step t is asked for. The state from the end read it one step
# before it came to step t, and the network learned to pass it on.
#
# When it has to write, there is nothing to copy, and it needed 4.0 to 4.5 bits on three seeds. Counting how often each letter comes, and
# nothing else, costs about 4.05. And often it wants to stop: in training, nothing after a step meant that the name was over, and to a
# writer every step looks like that.
#
# So before you use both directions, ask: **when the answer is needed, will the future be there?** Tagging, sorting reviews: yes. Writing,
# forecasting: no. And where a loss is too good to be true, look for the way by which the answer got in.

# %% [markdown]
# ## 8.10 What can go wrong
#
# A network of both directions can also answer *once*, for a whole sequence. A student tests that on a plain task: sequences of 20 to 30
# random symbols, four kinds, and the network is asked for the **first** one. The direction from the end reads it last. From `a`, aligned
# as `brnn_forward` returns it, the student makes the summary of each sequence:
#
# ```python
# rows = np.arange(m)
# summary = np.concatenate([a[:n_a, rows, lengths - 1],   # from the start: where it ended
#                           a[n_a:, rows, lengths - 1]])  # from the end: where it ended
# ```
#
# Guessing gives 0.25.

# %% tags=["demo", "nbval-ignore-output"]
from utils.experiments.lesson_08 import summary_experiment

for share in summary_experiment(seed=0, ways=("the last word of each sequence",)).values():
    print(f"first symbol named right in {share:.2f} of 500 fresh sequences")

# %% [markdown]
# **Question.** It guesses. Which column of the lower half did the student want?
#
# a: column 0 · b: column T − 1, the last of the table · c: column lengths − 1, so the bug lies elsewhere

# %%
quiz("where-it-ended", "?")

# %% tags=["demo", "nbval-ignore-output"]
for way, share in summary_experiment(seed=0, ways=("each where it ended", "the last column")).items():
    print(f"{way:22} {share:.2f}")

# %% [markdown]
# In the aligned array the direction from the end *begins* at the last word. Its state there has read a single symbol. It ends at column 0.
# With that column the task is solved, on three seeds out of three. The direction from the start has read the first symbol in any case, but
# 20 to 30 steps ago, and lesson 03 showed what becomes of that. With `a[:, :, -1]`, the plain last column, it is no better than before: for
# all sequences but the longest, that column lies in the padding and holds zeros.
#
# Nothing warned the student. Asked for the *last* symbol, the same wrong summary named it in all 500 sequences, on each of three seeds,
# because both halves have just read it. Libraries hand out both things, all states aligned and the last state of each direction, and
# lesson 10 will tell them apart.

# %% [markdown]
# ## Written question
#
# *10 minutes · 4 points · read by a person*
#
# A newspaper wants two programs. The first marks the names of persons in finished articles. The second proposes the next word while a
# reporter types. A colleague uses a network of both directions for each, and reports 0.96 of all words tagged right for the first, and a
# loss of 0.03 nats per word for the second. In five to eight sentences: say for which of the two this network fits, and why; say what the
# 0.03 shows; name a number that the 0.96 should stand beside; and say what you would change if the first program had to work on
# live subtitles.

# %% [markdown] nbgrader={"grade": true, "grade_id": "two_programs", "locked": false, "points": 4, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# For the finished articles both directions fit: the whole sentence is there before any tag is needed, and what decides a word such as
# *Teddy* often comes after it. A network from the left has the same state in both readings and can only bet.
#
# For the next word it does not fit. The state from the end has read word t + 1, which is the answer; 0.03 nats shows that it copies. When
# the reporter types, that word is not there, and the network does about as badly as one that knows nothing. It needs a model that reads
# from the left.
#
# 0.96 over all words says little, since most words are easy. In section 8.7 always saying no had 0.85, and a network that only bet on the
# ambiguous words 0.95. Report the share on the ambiguous words, beside the best bet per word and a window of a few words.
#
# On live subtitles let each answer wait for k words, and start the direction from the end there, or train one direction to answer k words
# late. Measure the share for several k and choose the shortest delay that is good enough.
#
# **Marking.** One point for each: the first fits and the second does not, with the reason that the future is or is not there when the
# answer is needed; 0.03 means that the answer was read, and says nothing about writing; a sensible companion for 0.96 (share on ambiguous
# words, always no, best bet per word, a window); a delay of k words, cut or late. Half a point where the claim is right and the reason
# is missing.
# ### END SOLUTION

# %% [markdown]
# ## What you have now
#
# | function | takes | gives |
# |---|---|---|
# | `reverse_valid` | x (n_x, m, T), lengths (m,) | the steps that count turned round, the padding where it was |
# | `brnn_forward` | x, two first states, P, lengths | a (2 n_a, m, T), ŷ (n_y, m, T), caches |
# | `masked_loss` | costs (m, T), mask (m, T) | the sum of those that count |
# | `binary_cross_entropy` | ŷ and y (n_y, m, T), mask | nats, summed |
# | `brnn_backward` | da (2 n_a, m, T), caches | dx, and the gradients of both directions |

# %% tags=["nbval-ignore-output"]
progress("08")

# %% [markdown]
# The written question adds 4 points, given by a person.
#
# **Where next.** Here two chains stood side by side over the same words. Lesson 09 puts chains on top of each other, so that one reads what
# another has made of the sentence: `09_deep_rnn`.
