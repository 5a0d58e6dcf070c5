# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 9B · One reads, another writes
#
# Lesson 01 began with the alphabet, said backwards. You stumbled. Now a network has to do it: somebody says *f g h i*, and it answers
# *i h g f* and stops. Nobody tells it how long the answer will be. It reads first and writes afterwards, as you do when you translate a
# sentence, and between reading and writing it has nothing but its state.
#
# **After this lesson you can**
#
# - join two recurrent networks, one that reads and one that writes, and send the gradient from one into the other;
# - tell teacher forcing from running freely, and measure what lies between them;
# - measure how far one state carries as what is read grows longer;
# - search for a likely answer, and say why the likeliest need not be the right one;
# - let a network write a melody and listen to it.
#
# *About 135 minutes. That is too much for one evening, so take two sittings: about 80 minutes up to the end of section 9.11, and 55
# from section 9.12 on. You need lessons 01 and 02, Adam and the language model from lesson 04, part A, and padding from lesson 05.
# Nothing here is built on part A of this lesson.*

# %% tags=["setup"]
import utils

assert hasattr(utils, "__course__"), (
    f"Another utils.py is in the way: {utils.__file__}. Rename it and restart the kernel."
)

import numpy as np

from utils import reference
from utils.checking import check, hint, progress, quiz, try_it
from utils.experiments.lesson_09b import STOP, accuracy_of_decoding, answer_to, in_letters, kinds_of_mistakes
from utils.experiments.lesson_09b import random_words, split_stretches, stretch_network, two_ways
from utils.generators import END, NOTES
from utils.loop import on_one_thread
from utils.reference import adam_step, clip_by_norm, gradient_check, init_encoder_decoder, minibatches, one_hot
from utils.reference import rnn_cell_forward, rnn_states, rnn_states_backward, sequence_loss, shift_right, softmax

# %% [markdown]
# ## Before you begin
#
# Three questions from earlier lessons.
#
# **1.** Words of different lengths are padded on the left and read in one batch with a mask. In which column does the state of a word
# stand when all of it has been read?
#
# a: in the one of its own length · b: in the last one, for all words · c: in the first one after the padding

# %%
quiz("left-padded-state", "?")

# %% [markdown]
# **2.** A model gives the three symbols of an answer the probabilities 1/2, 1/2 and 1/4, each after those before it. What is the log p
# of the whole answer, in nats?
#
# a: −0.92 · b: −1.25 · c: −2.77

# %%
quiz("whole-answer-log-p", "?")

# %% [markdown]
# **3.** In section 1.11 a network was fed by a teacher. What does it get at step t?
#
# a: the right answer of step t − 1 · b: the right answer of step t · c: its own answer of step t − 1

# %%
quiz("what-the-teacher-feeds", "?")

# %% [markdown]
# ## 9.8 Two networks and one state between them
#
# So far every answer had a place among the inputs: one for each letter, or one at the end. In a translation that fails. Five words may
# become three or seven, and the first word of the answer may depend on the last one of the question. So give the two jobs to two
# networks. One reads to the end and says nothing. The other says everything and reads nothing but what has been said already.
#
# ![Left, the encoder: the letters f, g, h, i enter four states from below, and nothing comes out above. The last state leads over to
# the right, to the decoder. It has five states. Above them stand i, h, g, f and the end; below them what each is fed: nothing, then i,
# h, g, f.](figures/encoder_decoder.svg)
#
# The reading one is called the **encoder**, the writing one the **decoder**. Both are the cell of lesson 01, each with weights of its
# own:
#
# $$a^{\langle t\rangle} = \tanh\left(W_{ax}^{\text{enc}}\,x^{\langle t\rangle} + W_{aa}^{\text{enc}}\,a^{\langle t-1\rangle} + b_a^{\text{enc}}\right) \qquad a^{\langle 0\rangle} = 0$$
#
# $$s^{\langle t\rangle} = \tanh\left(W_{ax}^{\text{dec}}\,y_{\text{in}}^{\langle t\rangle} + W_{aa}^{\text{dec}}\,s^{\langle t-1\rangle} + b_a^{\text{dec}}\right) \qquad s^{\langle 0\rangle} = a^{\langle T_x\rangle}$$
#
# $$\hat y^{\langle t\rangle} = \text{softmax}\left(W_{ya}\,s^{\langle t\rangle} + b_y\right)$$
#
# The states of the decoder are called s here, so that they are not mixed up with those of the encoder. Everything that is new stands at
# the end of the second line: **the decoder starts where the encoder stopped.**
#
# | symbol | code | shape | what it is |
# |---|---|---|---|
# | $x^{\langle t\rangle}$ | `x[:, :, t]` | (n_x, m) | the letter that is read, T_x steps |
# | $a^{\langle t\rangle}$ | | (n_a, m) | state of the encoder |
# | $s^{\langle t\rangle}$ | | (n_a, m) | state of the decoder, T_y steps |
# | $y_{\text{in}}^{\langle t\rangle}$ | `y_in[:, :, t]` | (n_y, m) | what the decoder is fed |
# | $W_{ax}^{\text{enc}}$, $W_{ax}^{\text{dec}}$ | `Wax_enc`, `Wax_dec` | (n_a, n_x), (n_a, n_y) | let each be moved by what it is fed |
# | $W_{aa}^{\text{enc}}$, $W_{aa}^{\text{dec}}$ | `Waa_enc`, `Waa_dec` | (n_a, n_a) each | let each state move itself |
# | $b_a^{\text{enc}}$, $b_a^{\text{dec}}$ | `ba_enc`, `ba_dec` | (n_a, 1) each | a constant push |
# | $W_{ya}$, $b_y$ | `Wya`, `by` | (n_y, n_a), (n_y, 1) | make an answer from s |
#
# The answer ends with a symbol of its own, the end, which says that enough has been said. So 26 letters can be read and 27 symbols
# written.
#
# What is $y_{\text{in}}$? The decoder should know what has been said so far, or it may say *h* twice. In training the right answer is
# at hand, so at step t it gets the **right** symbol of step t − 1, and at the first step nothing, a column of zeros. That is the
# **teacher forcing** of lesson 01. In code it is one call: `shift_right(targets, -1)` turns the answer h, g, end into −1, h, g, and
# `one_hot` makes a column of zeros of −1.
#
# **By hand.** One unit each. The encoder has $W_{ax} = 1$, $W_{aa} = 0.5$, no bias, and reads 1 and then −1:
#
# $$a^{\langle 1\rangle} = \tanh(1) = 0.7616 \qquad a^{\langle 2\rangle} = \tanh(-1 + 0.5 \cdot 0.7616) = -0.5506$$
#
# The decoder can write two symbols, number 0 and number 1, and number 1 is the end. It has $W_{ax} = (1, -1)$, $W_{aa} = 2$,
# $W_{ya} = (1, -1)^{\mathsf T}$, no biases. The right answer is 0, then 1.
#
# | step | fed | inside tanh | $s$ | $\hat y$ |
# |---|---|---|---|---|
# | 1 | nothing | $2 \cdot (-0.5506) = -1.1011$ | −0.8009 | (0.168, 0.832) |
# | 2 | 0, which was right | $1 + 2 \cdot (-0.8009) = -0.6018$ | −0.5383 | (0.254, 0.746) |
#
# Look at step 1: left to itself this decoder would have written 1. It is fed a 0 all the same, because 0 was right.

# %% tags=["setup"]
pair = {
    "Wax_enc": np.array([[1.0]]),
    "Waa_enc": np.array([[0.5]]),
    "ba_enc": np.array([[0.0]]),
    "Wax_dec": np.array([[1.0, -1.0]]),
    "Waa_dec": np.array([[2.0]]),
    "ba_dec": np.array([[0.0]]),
    "Wya": np.array([[1.0], [-1.0]]),
    "by": np.zeros((2, 1)),
}
two_inputs = np.array([[[1.0, -1.0]]])  # (n_x, m, T_x) = (1, 1, 2)
two_answers = np.array([[0, 1]])  # (m, T_y)


def as_columns(indices, n):
    """Indices (m, T) as one-hot columns (n, m, T); -1 becomes a column of zeros."""
    return np.stack([one_hot(column, n) for column in indices.T], axis=-1)


# %% [markdown]
# ### Exercise · `encoder_decoder_forward`
# *12 minutes · 5 points · first of five*
#
# $$x \;\xrightarrow{\;\text{encoder, from } 0\;}\; a^{\langle T_x\rangle} = s^{\langle 0\rangle} \;\xrightarrow{\;\text{decoder, fed } y_{\text{in}}\;}\; s^{\langle 1\rangle}, \dots, s^{\langle T_y\rangle} \;\to\; \hat y$$
#
# Return `y_pred` (n_y, m, T_y) and the caches. You need not write the cell again: `rnn_states(x, a0, P, mask)` runs one over a whole
# sequence, keeps the state at padded steps, and returns the states and the caches. It wants its weights under the names `Wax`, `Waa`
# and `ba`, so hand it a small dict for each half. `x_mask` belongs to the encoder alone: the decoder runs over all its steps, and what
# it says after an end is left out of the loss later. `y_in` comes shifted already.

# %% nbgrader={"grade": false, "grade_id": "encoder_decoder_forward", "locked": false, "schema_version": 3, "solution": true, "task": false}
# answer: encoder_decoder_forward

# %% tags=["try-it"]
fed = as_columns(shift_right(two_answers, -1), 2)  # nothing, then symbol 0
# by hand: a column of 0.168 and 0.832, then one of 0.254 and 0.746
try_it(lambda: encoder_decoder_forward(two_inputs, None, fed, pair)[0][:, 0].round(3))

# %% nbgrader={"grade": true, "grade_id": "encoder_decoder_forward-check", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
check(encoder_decoder_forward)

# %% [markdown]
# Two networks, but one chain of states: from the first letter that is read to the last one that is written, no link is missing. So the
# gradient can walk all of it.

# %% [markdown]
# ## 9.9 One gradient crosses over
#
# Where do gradients come in? At the answers, and answers stand above the decoder alone. Nothing was asked of the encoder. It learns
# only by what comes back to it over the one arrow that joins the two.
#
# ![Three states of the encoder, three of the decoder. Solid arrows lead forward, one of them from the encoder's last state into the
# decoder's first. Dashed orange arrows lead back: from the three answers into the decoder's states, from state to state, over the joint
# into the encoder's last state, and down to the gradients of each net's weights. Above the encoder there are no answers and no
# arrows.](figures/gradient_bridge.svg)
#
# **At the answers.** As always with softmax and cross-entropy, and zero where an answer is padding:
#
# $$dz^{\langle t\rangle} = \hat y^{\langle t\rangle} - y^{\langle t\rangle} \qquad (n_y, m)$$
#
# **Through the output layer.** Its weights serve every step, so the shares add up:
#
# $$dW_{ya} = \sum_t dz^{\langle t\rangle}\, s^{\langle t\rangle\mathsf T} \qquad db_y = \sum_t \sum_i dz^{(i)\langle t\rangle} \qquad da_{\text{dec}}^{\langle t\rangle} = W_{ya}^{\mathsf T}\, dz^{\langle t\rangle}$$
#
# The last one, (n_a, m), enters $s^{\langle t\rangle}$ from above.
#
# **Through the decoder.** One call: `rnn_states_backward(da_dec, caches)` takes the gradients that enter from above, (n_a, m, T_y), walks
# back through the steps and returns `dWax`, `dWaa`, `dba`, and `da0`, the gradient of the state it started from.
#
# **Over the joint.** The decoder's first state *is* the encoder's last one. So `da0` enters the encoder there, and nothing enters
# anywhere else:
#
# $$da_{\text{enc}}^{\langle T_x\rangle} = da0_{\text{dec}} \qquad da_{\text{enc}}^{\langle t\rangle} = 0 \;\text{ for } t < T_x$$
#
# **Through the encoder.** The same call once more.
#
# **By hand.** The pair of section 9.8, right answers 0 and 1.
#
# | | | |
# |---|---|---|
# | at the answers | $dz^{\langle 1\rangle}$, $dz^{\langle 2\rangle}$ | (−0.8323, 0.8323), (0.2541, −0.2541) |
# | into $s^{\langle 2\rangle}$ | $0.2541 + 0.2541$ | 0.5083 |
# | inside tanh, step 2 | $(1 - 0.5383^2) \cdot 0.5083$ | 0.3610 |
# | into $s^{\langle 1\rangle}$: from its answer and from step 2 | $-1.6645 + 2 \cdot 0.3610$ | −0.9426 |
# | inside tanh, step 1 | $(1 - 0.8009^2) \cdot (-0.9426)$ | −0.3380 |
# | over the joint, `da0` | $2 \cdot (-0.3380)$ | −0.6759 |
# | encoder, inside tanh, step 2 | $(1 - 0.5506^2) \cdot (-0.6759)$ | −0.4710 |
# | encoder, inside tanh, step 1 | $(1 - 0.7616^2) \cdot 0.5 \cdot (-0.4710)$ | −0.0989 |
# | `dWax_enc`, inputs 1 and −1 | $-0.0989 \cdot 1 - 0.4710 \cdot (-1)$ | 0.3721 |
# | `dWaa_enc`, from $a^{\langle 1\rangle}$ | $-0.4710 \cdot 0.7616$ | −0.3587 |
#
# (Worked with more digits and then rounded.)

# %% [markdown]
# ### Exercise · `encoder_decoder_backward`
# *22 minutes · 10 points · second of five*
#
# $$dz \;\to\; dW_{ya},\, db_y,\, da_{\text{dec}} \;\xrightarrow{\;\text{decoder}\;}\; da0 \;\to\; da_{\text{enc}}^{\langle T_x\rangle} \;\xrightarrow{\;\text{encoder}\;}\; \text{its gradients}$$
#
# Return a dict with the names of P and a `d` in front. `caches` is what your forward pass returned. The docstring says where the states
# of the decoder stand in it; the encoder's cache ends with its x and its mask, and x tells you T_x. `y_mask` is (m, T_y); None means
# that every answer counts. Where it is False, `targets` may hold −1.

# %% nbgrader={"grade": false, "grade_id": "encoder_decoder_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
# answer: encoder_decoder_backward

# %% tags=["try-it"]
def pair_gradients():
    y_in = as_columns(shift_right(two_answers, -1), 2)
    y_pred, caches = reference.encoder_decoder_forward(two_inputs, None, y_in, pair)
    G = encoder_decoder_backward(y_pred, two_answers, None, caches)
    return {name: G[name].round(4).tolist() for name in ("dWax_enc", "dWaa_enc")}


try_it(pair_gradients)  # by hand: 0.3721 and -0.3587

# %% nbgrader={"grade": true, "grade_id": "encoder_decoder_backward-check", "locked": true, "points": 10, "schema_version": 3, "solution": false, "task": false}
check(encoder_decoder_backward)

# %% [markdown]
# Lesson 02 gave you a witness that knows nothing of your derivation. Three stretches of the alphabet of different lengths, padded,
# random weights, and central differences for every one of the parameters:

# %% tags=["try-it"]
def ask_the_witness():
    known, _ = split_stretches(seed=0)
    x, x_mask, targets, y_mask = known[0][:, :3], known[1][:3], np.maximum(known[2][:3], 0), known[3][:3]
    y_in = as_columns(shift_right(targets, -1), END + 1)
    P = init_encoder_decoder(END, 4, END + 1, np.random.default_rng(0))

    def loss(P):
        return sequence_loss(reference.encoder_decoder_forward(x, x_mask, y_in, P)[0], targets, y_mask)

    y_pred, caches = reference.encoder_decoder_forward(x, x_mask, y_in, P)
    found = gradient_check(loss, P, encoder_decoder_backward(y_pred, targets, y_mask, caches))
    return "\n".join(f"{name:8} as by differences: {bool(ok)}" for name, (_, ok) in found.items())


try_it(ask_the_witness)

# %% [markdown]
# **Question.** Only the *last* answer of the decoder counts; the others are masked. Which of the encoder's steps get a gradient?
#
# a: all of them, by way of the last · b: the last one alone · c: none, since nothing was asked there

# %%
quiz("over-the-joint", "?")

# %% [markdown]
# ## 9.10 Learning with help, answering without
#
# The data: every stretch of the alphabet of 3 to 12 letters, 195 of them. A fifth, 39, is held out. The loop is the one of lesson 05,
# with one new line, the shift.

# %% tags=["setup"]
known, held_out = split_stretches(seed=0)
trained = {}


@on_one_thread
def learn(data, seed=0, epochs=60, size=16, learning_rate=0.003):
    """Train an encoder and a decoder with teacher forcing; print a line now and then. Returns the parameters."""
    x, x_mask, targets, y_mask = data
    rng = np.random.default_rng(seed)
    P, adam = init_encoder_decoder(END, 48, END + 1, rng), None
    for epoch in range(1, epochs + 1):
        nats, hits = 0.0, 0
        for batch in minibatches(len(targets), size, rng):
            counts = y_mask[batch]
            right = np.where(counts, targets[batch], 0)
            y_in = as_columns(shift_right(right, -1), END + 1)  # the teacher: one step late
            y_pred, caches = encoder_decoder_forward(x[:, batch], x_mask[batch], y_in, P)
            G = encoder_decoder_backward(y_pred, right, counts, caches)
            G, _ = clip_by_norm({name: g / counts.sum() for name, g in G.items()}, 1.0)
            P, adam = adam_step(P, G, adam, learning_rate)
            nats += sequence_loss(y_pred, right, counts)
            hits += (y_pred.argmax(axis=0) == right)[counts].sum()
        if epoch % 15 == 0:
            n = y_mask.sum()
            print(f"epoch {epoch}: {nats / n:.2f} nats per symbol, {hits / n:.2f} right", flush=True)
    return P


def network_for(order):
    """The parameters that you trained, or those of a network trained with our functions if yours are not ready."""
    if order not in trained:
        print(f"(This network, {order}, was trained with our functions.)")
        trained[order], _ = stretch_network(0, order)
    return trained[order]


# %% tags=["try-it", "demo", "nbval-ignore-output"]
def learn_backwards():
    trained["backwards"] = learn(known)
    return "done"


try_it(learn_backwards)

# %% [markdown]
# Nearly all symbols. But look at how they were counted: at each step the network was given the right letter of the step before.
# Whoever is told *h* and has to say what comes before it in the alphabet has an easy life. When it answers for real, nobody tells it
# anything. It has to **run freely** and read what it has written itself. Imagine a decoder that has to repeat *f g h i* and begins
# with a wrong *h*:
#
# ![Two decoders, asked for f, g, h, i; both begin with a wrong h. Left, forced: below stand nothing, f, g, h, and after the wrong h the
# letters g, h, i are right. Right, free: each letter that was chosen is fed to the next step, and after h come i, j, k, all of them
# wrong.](figures/forced_and_free.svg)
#
# On the left the right letter is fed next, whatever was said, and three of four letters count as right. On the right the decoder goes on
# from its *h*, quite sensibly, and all four are wrong. Both know the alphabet.

# %% [markdown]
# ### Exercise · `decode_greedy`
# *15 minutes · 5 points · third of five*
#
# $$y_{\text{in}}^{\langle 1\rangle} = \text{start} \qquad y_{\text{in}}^{\langle t+1\rangle} = \text{one-hot of } \arg\max_k\, \hat y_k^{\langle t\rangle}$$
#
# Run the encoder as before. Then make one step of the decoder at a time for all m examples, and feed the chosen symbols back. An
# example that chooses `eos` is done; the others go on, for at most `max_length` symbols. Return a list of m lists of numbers, with
# neither `start` nor `eos` in them. The largest score is also the largest probability, so you need no softmax. `start` is −1 here: a
# column of zeros, as `one_hot` makes it.

# %% nbgrader={"grade": false, "grade_id": "decode_greedy", "locked": false, "schema_version": 3, "solution": true, "task": false}
# answer: decode_greedy

# %% tags=["try-it"]
# The pair of section 9.8 left to itself. 1 is the end. By hand:
# reads 1, then -1: its first choice is 1 (the table of 9.8), and nothing is written
# reads -1, then 1: s = tanh(1.1011) = 0.801, it chooses 0; fed 0, s = tanh(1 + 1.602) = 0.989, 0 again, and so on to max_length
try_it(lambda: decode_greedy(np.array([[[1.0, -1.0], [-1.0, 1.0]]]), None, pair, -1, 1, 5))

# %% nbgrader={"grade": true, "grade_id": "decode_greedy-check", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
check(decode_greedy)

# %% [markdown]
# Now both ways on the 39 stretches that it has never seen, and one thing more: how are the wrong answers wrong?

# %% tags=["setup"]
def report(order, data, P):
    forced, free = two_ways(data, P)
    mask = data[3]
    wrong = kinds_of_mistakes(reference.decode_greedy(*data[:2], P, -1, END, mask.shape[1]), data[2])
    print(f"{order}, on {len(mask)} new stretches with {mask.sum()} symbols")
    print(f"  symbols right, with the right ones fed  {forced[mask].mean():.2f}  ({np.sum(~forced & mask)} wrong)")
    print(f"  symbols right, running freely           {free[mask].mean():.2f}  ({np.sum(~free & mask)} wrong)")
    print(f"  whole answers right, running freely     {(free | ~mask).all(axis=1).mean():.2f}")
    kinds = f"{wrong['begin']} begin wrong, {wrong['early']} end too early, {wrong['late']} too late"
    print(f"  {sum(wrong.values())} wrong answers: {kinds}, {wrong['other']} others")


# %% tags=["try-it", "demo", "nbval-ignore-output"]
def say_some():
    P = network_for("backwards")
    x, x_mask = held_out[0][:, :6], held_out[1][:6]
    lines = []
    for i, answer in enumerate(decode_greedy(x, x_mask, P, -1, END, 14)):
        lines.append(f"{in_letters(x[:, i].argmax(axis=0)[x_mask[i]]):>12} → {in_letters(answer)}")
    return "\n".join(lines)


try_it(say_some)

# %% tags=["demo", "nbval-ignore-output"]
report("backwards", held_out, network_for("backwards"))

# %% [markdown]
# With help about 0.94 of the symbols are right, without it about 0.91: a small gap. Of the *whole* answers fewer are right, here 0.56,
# from three seeds 0.56 to 0.77. The letters are hardly ever at fault. The decoder does not know when to stop. An end that comes too
# late is one wrong symbol, with help and without. An end that comes too early costs one symbol more when nobody helps: the end itself,
# which is missing where it belongs. Eleven early ends, 18 symbols wrong with help and 29 without: that is the whole gap.
#
# Does more training help? Here is the stored run: five trials of 150 epochs each, every trial with another fifth held out.

# %% tags=["demo", "nbval-ignore-output"]
from utils.datasets import load_runs
from utils.plotting.seq2seq import plot_by_epoch

run = load_runs("alphabet")
mean = {name: run[name].mean(axis=0) for name in ("free_running_known", "teacher_forced", "free_running", "answers")}
shown = dict(zip(("known, free", "new, forced", "new, free", "whole answers, new, free"), mean.values(), strict=True))
symbols, answers = mean["free_running"][-1], mean["answers"][-1]
finding = f"New ones in the end: {symbols:.2f} of the symbols, {answers:.2f} of the answers right (stored run)"
plot_by_epoch(run["epochs"], shown, title=finding)
for name, values in shown.items():
    print(f"{name:25} {values[-1]:.3f}")

# %% [markdown]
# The stretches that it learned from it says without a mistake in the end. On new ones 0.956 of the symbols are right with help and
# 0.936 without, and 0.733 of the whole answers. The gap narrows and does not close.
#
# Is it harmless? That depends on the task. Ask for the same letters **in the same order**: *f g h i* in, *f g h i* out. For you that
# is the easy direction. Make a guess before you run the cell: will the network find it easier, too?

# %% tags=["try-it", "demo", "nbval-ignore-output"]
def learn_same_order():
    trained["same order"] = learn(split_stretches(0, "same order")[0])
    return "done"


try_it(learn_same_order)

# %% tags=["demo", "nbval-ignore-output"]
from utils.plotting.seq2seq import plot_answers

panels = {}
for order in ("backwards", "same order"):
    data, P = split_stretches(0, order)[1], network_for(order)
    report(order, data, P)
    free = two_ways(data, P)[1]
    written = reference.decode_greedy(*data[:2], P, -1, END, data[2].shape[1])
    rows = range(13)
    read = [in_letters(data[0][:, i].argmax(axis=0)[data[1][i]]) for i in rows]
    said = [[*in_letters(written[i]), "·"][: data[3][i].sum()] for i in rows]
    panels[f"{order}, running freely"] = (read, said, [free[i][: data[3][i].sum()] for i in rows])
plot_answers(panels, title="A wrong first letter is carried through the answer, a wrong end spoils little")

# %% [markdown]
# Each row is a stretch in grey and what was written for it, cut off where the right answer ends. The dot is the end symbol; wrong
# symbols stand on orange, and an empty orange box is a symbol that is missing. On the left the rows are blue up to the last symbols. On
# the right some are orange from the first letter on, and look what is written there: a stretch in perfect order, begun at the wrong
# place, as in the picture above. Over all 39, half of the wrong answers are of that kind.
#
# With help the same order does not look bad, 0.85 of the symbols. Left to itself the network gets 0.59, and one answer in five is
# right. From three seeds: 0.85 to 0.89 with help, 0.59 to 0.66 without. **The forced score hides the fault**: a wrong first letter
# counts once there, because the right one is fed next. So report the free number. The forced one tells how the training goes.
#
# One mistake was carried on here, faultlessly. Another danger has a name, **exposure bias**: a network trained in this way has never
# been fed a mistake, and may go astray after one. That is not what happened here.

# %% [markdown]
# **Whose direction is backwards?** For you the forward order is easy, because you stored what follows what. Ask yourself which letter
# stands before *q*. Many people go back a little, to *m* or so, run forwards and wait for *q* to come. A song is like that, too: its
# last line is easy once the line before it is sung, and singing it line by line from the end is hard, although you know every line. A
# memory that was learned in one direction is a path. It is not an index, in which any entry can be looked up; you can enter at few
# places and walk one way.
#
# The network has a path of its own, and it runs the other way. Backwards, the first letter wanted is the one that was read last. In the
# same order it is the oldest, and everything read since has been pressed on top of it. That is a likely reason; the measurement shows
# only that the same order is harder. Sutskever, Vinyals and Le, who translated whole sentences with a pair of deep LSTMs in 2014, found
# that theirs learned better when every input sentence was turned round.
#
# **Question.** A decoder gets 0.85 of its symbols right when the right ones are fed. What does that say about the answers it will write
# on its own?
#
# a: about 0.85 of them will be right · b: little, until it is run freely · c: 0.85 of their symbols will be right

# %%
quiz("what-forcing-hides", "?")

# %% [markdown]
# ## 9.11 Other lengths, and one state for everything
#
# **Lengths that differ in earnest.** An alphabet backwards is as long as the alphabet, plus its end. The network does not know that,
# and nothing in it demands it. So drop the vowels: *d e f g* becomes *g f d*. Now how much shorter the answer is depends on which
# letters were read.

# %% tags=["demo", "nbval-ignore-output"]
order = "backwards without vowels"
P, (_, unequal) = stretch_network(0, order)[0], split_stretches(0, order)
for i in range(4):
    letters_read = unequal[0][:, i].argmax(axis=0)[unequal[1][i]]
    written = reference.decode_greedy(unequal[0][:, [i]], unequal[1][[i]], P, -1, END, 14)[0]
    asked_for = in_letters(answer_to(letters_read.tolist(), order))
    print(f"{in_letters(letters_read):>12} → {in_letters(written):12} asked for {asked_for}")
report(order, unequal, P)

# %% [markdown]
# Nothing was changed but the targets. Whole answers are right at least as often as before, from three seeds 0.74 to 0.92 of them.
#
# **One state for everything.** Between reading and writing stands a column of n_a numbers. A stretch of the alphabet is kind to it: its
# first letter and its length say all. Take the kindness away. Words without sense, letters *a* to *h* drawn at random, to be said
# backwards. Each letter now has to be kept.
#
# What do you expect from the share of right answers as the words grow longer? And what will help more, a state twice as wide or four
# times as much training? (The cell trains for about fifteen seconds.)

# %% tags=["setup"]
from utils.experiments.lesson_09b import right_by_length, word_network

word_nets = {}


def word_net(n_a, epochs=15):
    """A network of that width that says words without sense backwards; trained when it is first asked for."""
    if (n_a, epochs) not in word_nets:
        word_nets[n_a, epochs], _ = word_network(0, n_a, epochs)
    return word_nets[n_a, epochs]


# %% tags=["demo", "nbval-ignore-output"]
from utils.plotting.seq2seq import plot_by_length

lengths = range(1, 11)
by_length = {}
for n_a, epochs in ((16, 15), (32, 15), (16, 60)):
    name = f"{n_a} numbers, {epochs} epochs"
    by_length[name] = right_by_length(word_net(n_a, epochs), lengths)
    print(f"{name}:", "  ".join(f"{share:.2f}" for share in by_length[name]), flush=True)
at, wide, long = (shares[5] for shares in by_length.values())
finding = f"Six letters: {at:.2f} right; with twice the state {wide:.2f}; trained longer {long:.2f}"
plot_by_length(lengths, by_length, title=finding, trained=(1, 8))

# %% [markdown]
# Short words are right. Then each curve falls, well inside the lengths that were trained. (Nine and ten letters never were.) Twice the
# state moves the fall to the right. So does four times the training with the old state, at six letters even further: from three seeds
# 0.26 to 0.41 with 16 numbers, 0.50 to 0.66 with 32, and 0.68 to 0.70 with 16 trained longer. So we have not seen how much a state *can*
# hold. We have seen what the training got into it.
#
# Still, this is the **bottleneck** of the pair: whatever is read, of whatever length, has to pass through one column, and the longer it
# is, the harder that is to learn. The way out is to keep *all* the encoder's states and let the decoder look at them again while it
# writes. That is called **attention**; the outlook of lesson 10 returns to it.

# %% [markdown]
# ## 9.12 Searching for a likely answer
#
# The greedy decoder takes the likeliest symbol at each step. Does that give the likeliest *answer*? Picture two roads. One begins wide
# and soon splits into many paths; the other begins a little narrower and stays one road. Whoever always takes the wider road now ends
# on a path.
#
# **By hand.** Three symbols: a, b and the end. The first column says what has been written so far.
#
# | so far | a | b | end |
# |---|---|---|---|
# | nothing | 0.5 | 0.4 | 0.1 |
# | a | 0.4 | 0.3 | 0.3 |
# | b | 0.05 | 0.05 | 0.9 |
# | anything else | 0.2 | 0.2 | 0.6 |
#
# Greedy: a (0.5), a (0.4), end (0.6). Together $0.5 \cdot 0.4 \cdot 0.6 = 0.12$. But b and the end have $0.4 \cdot 0.9 = 0.36$, three
# times as much. Greedy gave b away in the first step.
#
# **Beam search** gives nothing away so fast. It keeps the best few beginnings, here two, lengthens each by every symbol, and again
# keeps the best two of *all* that came of it.
#
# ![A tree in three rounds. Round 1: a 0.5 and b 0.4 are kept, the end 0.1 is dropped. Round 2: from a come aa 0.20, ab 0.15 and a, end
# 0.15; from b come b, end 0.36 and ba, bb 0.02 each. Kept are b, end and aa. Round 3: aa, end has 0.12, aaa and aab 0.04 each
# are dropped; b, end stays at 0.36 and wins.](figures/beam_tree.svg)
#
# Blue boxes were kept. In round 2 *b, end* is finished. It stays in the race as it is, and beside it the likeliest of the others is
# kept, *aa*, although it is behind. In round 3 everything kept is finished, and the search stops.
#
# How wide should a beam be? With width 1 it is the greedy decoder. With room for every beginning it searches everything: here seven
# answers end within three rounds, *end* with 0.1, *a* 0.15, *aa* 0.12, *ab* 0.09, *b* 0.36, *ba* and *bb* 0.012 each, and 0.36 is the
# best of all. But of ten letters there are more than 10¹⁴ answers. A beam of a few lies between, and may miss the best.
#
# Products of many probabilities become tiny, so code adds their logarithms: $\log 0.36 = -1.0217$, $\log 0.12 = -2.1203$. A larger log
# p is a likelier answer.

# %% tags=["setup"]
from utils.experiments.lesson_09b import search_gain

TABLE = {"": [0.5, 0.4, 0.1], "a": [0.4, 0.3, 0.3], "b": [0.05, 0.05, 0.9]}


def table_step(token, state):
    """The table above for a search: symbols 0 (a), 1 (b), 2 (end); the state is what was written so far."""
    written = state + ("ab"[token] if token in (0, 1) else "")
    return np.log(TABLE.get(written, [0.2, 0.2, 0.6])), written


# %% [markdown]
# ### Exercise · `beam_search`
# *25 minutes · 8 points · fourth of five*
#
# $$\log p(y^{\langle 1\rangle}, \dots, y^{\langle t\rangle}) = \log p(y^{\langle 1\rangle}, \dots, y^{\langle t-1\rangle}) + \log p(y^{\langle t\rangle} \mid \text{all before})$$
#
# `step(token, state)` reads one token and returns the log-probabilities of every next one, (n,), and the new state; the old state stays
# as it was, so several beginnings may go on from it. Keep for each beginning its tokens, its sum, its last token, its state and whether
# it is finished. A round turns the list of beginnings into a list of candidates, sorts it and cuts it to `width`. Finished ones enter
# as they are. Stop after `max_length` rounds, or when all that are kept are finished. Compare plain sums of log p.

# %% nbgrader={"grade": false, "grade_id": "beam_search", "locked": false, "schema_version": 3, "solution": true, "task": false}
# answer: beam_search

# %% tags=["try-it"]
# by hand: width 1 finds a, a with -2.1203; width 2 finds b with -1.0217 and then a, a
try_it(lambda: [beam_search(table_step, "", -1, 2, width, 3) for width in (1, 2)])

# %% nbgrader={"grade": true, "grade_id": "beam_search-check", "locked": true, "points": 8, "schema_version": 3, "solution": false, "task": false}
check(beam_search)

# %% [markdown]
# **Is the likelier answer the right one?** Take the network with 32 numbers of state that says words without sense backwards. Give it
# 100 new words of each length. Greedy answers once, a beam of five answers once.

# %% tags=["try-it", "demo", "nbval-ignore-output"]
def is_likelier_righter():
    lines = ["letters | right: greedy  beam | likelier: found  greedy right  beam right | truth likelier"]
    for length in (4, 5, 6, 7, 8):
        n = search_gain(word_net(32), length, search=beam_search)
        right, found = f"{n['greedy_right']:13d} {n['beam_right']:5d}", f"{n['likelier']:15d} {n['then_greedy']:13d}"
        lines.append(f"{length:7d} | {right} | {found} {n['then_beam']:11d} | {n['truth_likelier']:14d}")
    return "\n".join(lines)


try_it(is_likelier_righter)

# %% [markdown]
# In the middle, *found* counts the words for which the beam had a likelier answer than greedy, and then how many of the two answers
# were right.
#
# Read it from the top. At four letters greedy is nearly always right, and the beam seldom finds anything likelier. The longer the words,
# the more often it does, and the less that is worth. Three networks together, 300 words of each length: at five letters 16 of 20
# likelier answers were right, at six 14 of 44, at seven 20 of 75, at eight 9 of 105. Where the network knows most of the word, the
# search repairs a slip. Where the word is lost, the likeliest answer is a guess like any other. And it tends to be short: at eight
# letters, about half of what the beam found had fewer letters than greedy's answer.
#
# The last column is the important one. Not once in those 1,500 words was the right answer likelier than what the beam had found. So a
# wider beam could not have got it right: **the search has done its work, and the model is wrong.**

# %% [markdown]
# **The likeliest text is short.** One thing more can go wrong with a search that is too good. Every further symbol multiplies by a
# number below 1, so every symbol makes an answer less likely. Let us see what your search makes of the model of dinosaur names from
# lesson 00, with beams of 1 to 100.

# %% tags=["try-it", "demo", "nbval-ignore-output"]
from utils.datasets import load_name_model


def likeliest_names():
    P, vocabulary = load_name_model()
    step, lines = reference.rnn_step(P), []
    for width in (1, 5, 20, 100):
        found = beam_search(step, np.zeros_like(P["ba"]), -1, vocabulary.eos, width, 20)
        names = ["".join(vocabulary.tokens[token] for token in tokens) for tokens, _ in found]
        lines.append(f"width {width:3d}: '{names[0]}', log p {found[0][1]:.2f}")
    means = [log_p / (len(tokens) + 1) for tokens, log_p in found]
    lines.append(f"by log p per symbol, of these 100: '{names[int(np.argmax(means))]}', {max(means):.2f}")
    return "\n".join(lines)


try_it(likeliest_names)

# %% [markdown]
# A beam of five finds a likelier name than greedy's, *saurosaurus*, and a beam of twenty nothing better. A hundred find one that is
# likelier still: **the empty name**. The model gives an immediate end a probability of 0.004, a small slip, since no name in its list is
# empty. But every whole name has to share what is left with all the others, and none of them reaches 0.004. (Trying out everything that
# could still reach it confirms that.) Narrow beams lose the empty name early: in the first round all 26 letters were likelier.
#
# The usual remedy is to compare log p **per symbol**, the end counted, as the last line does. It prefers *ceratosaurus*. Know what that
# is: no longer the question which text is the likeliest, but a preference that we add. And when variety is wanted, as with names,
# drawing (lesson 04) is the better tool.
#
# **Question.** A beam of five finds a wrong answer that is likelier than the right one. What is the remedy?
#
# a: a beam of fifty · b: starting from another first symbol · c: a better model

# %%
quiz("a-wider-beam", "?")

# %% [markdown]
# ## 9.13 One note in, a melody out
#
# One shape is still missing: nothing is read but a single note, and a whole melody is written. The melodies come from a small grammar of
# ours: 16 notes over the chords I, IV, V, I, four notes each, in C major or C minor. Every second note belongs to the chord of its
# quarter and lies at most a fifth, seven semitones, from the note before. The notes between go one step up or down the scale. The last
# is a C.
#
# A plain RNN, 48 numbers of state, was asked for each next note of 1,000 such melodies. It was told nothing of chords, quarters, major
# or minor. To keep the rules it has to count to sixteen and to remember which mode it is in.
#
# | symbol | code | shape | |
# |---|---|---|---|
# | $x^{\langle 1\rangle}$ | `one_hot([first], n)` | (n, 1) | the note that is given |
# | $\hat y^{\langle t\rangle}$ | | (n, 1) | probabilities of the next note; one is drawn |
# | $x^{\langle t+1\rangle}$ | | (n, 1) | the note that was drawn, one-hot |
#
# **By hand.** A net with all weights zero and $b_y = (0, 0, 100)^{\mathsf T}$ draws note 2 whatever it is fed. From first note 0, four
# notes in all: 0, 2, 2, 2.

# %% [markdown]
# ### Exercise · `generate_melody`
# *8 minutes · 4 points · last of five*
#
# $$x^{\langle 1\rangle} = \text{first} \qquad \text{note}_{t+1} \sim \hat y^{\langle t\rangle} \qquad x^{\langle t+1\rangle} = \text{one-hot of note}_{t+1}$$
#
# Start from a state of zeros, and let `rnn_cell_forward` make each step. Draw with `rng.choice(n, p=p)`, once a step. `length` counts
# the first note as well.

# %% nbgrader={"grade": false, "grade_id": "generate_melody", "locked": false, "schema_version": 3, "solution": true, "task": false}
# answer: generate_melody

# %% tags=["try-it"]
stubborn = {"Wax": np.zeros((1, 3)), "Waa": np.zeros((1, 1)), "ba": np.zeros((1, 1))}
stubborn |= {"Wya": np.zeros((3, 1)), "by": np.array([[0.0], [0.0], [100.0]])}
try_it(lambda: generate_melody(0, stubborn, 4, np.random.default_rng(0)))  # by hand: 0, 2, 2, 2

# %% nbgrader={"grade": true, "grade_id": "generate_melody-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check(generate_melody)

# %% [markdown]
# Two hundred melodies of the network, beside 200 of the grammar and 200 of random notes. Two numbers are counted: how many of the notes
# that should be chord tones are, and how many melodies break no rule at all.

# %% tags=["setup"]
from utils.experiments.lesson_09b import judge_melody, melody_network
from utils.generators import melodies


def melody_net():
    """The network of this section; trained when it is first asked for."""
    if "melodies" not in trained:
        trained["melodies"], _ = melody_network(0)
    return trained["melodies"]


# %% tags=["try-it", "demo", "nbval-ignore-output"]
def compare_melodies():
    rng = np.random.default_rng(10)
    models, _ = melodies(rng, 200, 16)
    by_net = [generate_melody(int(model[0]), melody_net(), 16, rng) for model in models]
    lines = []
    for name, some in (("grammar", models), ("network", by_net), ("random notes", rng.integers(15, size=(200, 16)))):
        chord, clean = np.mean([judge_melody(np.asarray(one)) for one in some], axis=0)
        lines.append(f"{name:13} chord tones {chord:.2f}, melodies without a broken rule {clean:.2f}")
    return "\n".join(lines)


try_it(compare_melodies)

# %% [markdown]
# About 0.99 of the notes that should be chord tones are; random notes manage 0.4 by luck. Whole melodies are harder: two in three break
# no rule, from three seeds 0.63 to 0.72, and of the random ones none does. Fifteen draws are fifteen chances to slip.
#
# Numbers are one thing. Look and listen, one melody each, from the same first note. (Each plays for under three seconds. There is no
# sound in a printed page.)

# %% tags=["demo", "nbval-ignore-output"]
from IPython.display import Audio, display

from utils.experiments.lesson_09b import chord_tones
from utils.generators import render_melody, wav_bytes
from utils.plotting.seq2seq import plot_melodies

rng = np.random.default_rng(1)
example, mode = melodies(rng, 1, 16)
tune = {
    "grammar": example[0],
    "network": reference.generate_melody(int(example[0, 0]), melody_net(), 16, rng),
    "random notes": np.array([example[0, 0], *rng.integers(15, size=15)]),
}


panels = {name: (np.array(NOTES)[notes], chord_tones(notes)) for name, notes in tune.items()}
on_chord = {name: f"{name} {judge_melody(notes)[0]:.0%}" for name, notes in tune.items()}
plot_melodies(
    panels,
    ["I", "IV", "V", "I"],
    title=f"Every second note on a chord tone: {on_chord['network']}, {on_chord['random notes']}",
)
for name, notes in tune.items():
    print(name)
    display(Audio(data=wav_bytes(render_melody(notes, rate=8_000, beat=0.16), rate=8_000)))

# %% [markdown]
# The pale bands are the tones of each quarter's chord; filled notes lie on one. In the first two panels every second note is filled, and
# the hollow ones lie a step from the note before. In the third nothing holds. No rule was written down for the network. It is no
# composer either: the grammar has no tune to tell, and so neither has the network.
#
# Section 1.13 named five shapes. Now each of them has been trained.
#
# | shape | what ran it | where |
# |---|---|---|
# | one to one | a plain network, one answer for one column | 1.7, 5.8 |
# | one to many | `generate_melody` | here |
# | many to one | a name, its spelling | 5.7 |
# | many to many, equal | the language model; one tag for each word | 4.8, lesson 08 |
# | many to many, unequal | encoder and decoder | 9.10, 9.11 |

# %% [markdown]
# ## 9.14 What can go wrong
#
# A student writes the loop of section 9.10 from memory, for words without sense, and one call is missing. The network learns amazingly
# fast: two epochs. Then it is asked for new words, running freely.

# %% tags=["demo", "nbval-ignore-output"]
@on_one_thread
def from_memory(data, seed=0, epochs=2):
    x, x_mask, targets, y_mask = data
    rng = np.random.default_rng(seed)
    P, adam = init_encoder_decoder(STOP, 32, STOP + 1, rng), None
    for epoch in range(1, epochs + 1):
        hits = 0
        for batch in minibatches(len(targets), 32, rng):
            counts = y_mask[batch]
            right = np.where(counts, targets[batch], 0)
            y_in = as_columns(right, STOP + 1)
            y_pred, caches = reference.encoder_decoder_forward(x[:, batch], x_mask[batch], y_in, P)
            G = reference.encoder_decoder_backward(y_pred, right, counts, caches)
            G, _ = clip_by_norm({name: g / counts.sum() for name, g in G.items()}, 1.0)
            P, adam = adam_step(P, G, adam, 0.01)
            hits += (y_pred.argmax(axis=0) == right)[counts].sum()
        print(f"epoch {epoch}: {hits / y_mask.sum():.2f} of the symbols right")
    return P


P = from_memory(random_words(np.random.default_rng(0), 1500, 1, 8))
x, x_mask, targets, y_mask = random_words(np.random.default_rng(1), 200, 1, 8)
for i, answer in enumerate(reference.decode_greedy(x[:, :4], x_mask[:4], P, -1, STOP, 9)):
    print(f"{in_letters(x[:, i].argmax(axis=0)[x_mask[i]]):>12} → {in_letters(answer)}")
print(f"whole answers right, running freely: {accuracy_of_decoding(x, x_mask, targets, y_mask, P, STOP)[1]:.2f}")
fed = as_columns(np.where(y_mask, targets, 0), STOP + 1)
unread, _ = reference.encoder_decoder_forward(0 * x, x_mask, fed, P)
share = (unread.argmax(axis=0) == targets)[y_mask].mean()
print(f"symbols right, fed as in training, but with nothing to read: {share:.2f}")

# %% [markdown]
# **Question.** Every symbol right after two epochs, and no answer. What has the network learned?
#
# a: the known words by heart · b: to copy what it is fed · c: the words in the wrong direction

# %%
quiz("an-easy-teacher", "?")

# %% [markdown]
# `shift_right` is missing. At step t the decoder is fed the very symbol that it is asked for. Copying is enough, so nothing need be
# read: with x set to zero the last line still says 1.00. Running freely, the network copies itself, one letter over and over. (That
# letter is mostly the right first one. At the first step the state already holds what was read last.) No check of shapes finds this, no
# gradient check, and no held-out set either, if the held-out answers are fed in the same way. Running freely finds it at once. Whenever
# a decoder learns faster than the task allows, look at what it is fed.

# %% [markdown]
# ## Written question
#
# *10 minutes · 4 points · read by a person*
#
# A team translates product descriptions with an encoder and a decoder. In training they report 0.97 of the words right. Customers
# complain: many translations start well off the subject and stay there, and long descriptions are the worst. The team proposes to raise
# the beam from 5 to 200. In five to eight sentences: say how 0.97 and the complaints can both be true; say why long descriptions suffer
# more; say what you would measure before raising the beam, and what might go wrong with a beam of 200.

# %% [markdown] nbgrader={"grade": true, "grade_id": "forced_to_shine", "locked": false, "points": 4, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# The 0.97 was counted with teacher forcing: every word was predicted with the right words before it. Customers get free running, where
# the model reads its own words. A wrong beginning is then followed by words that fit the mistake; in section 9.10 the same order gave
# 0.85 of the symbols with help and 0.59 without, because the first letter was often wrong. So whole answers, run freely, should be
# reported.
#
# All that the decoder knows of a description is one state of fixed size. Short texts fit, and beyond some length details are lost: in
# section 9.11 words of three letters were nearly always right and words of eight hardly ever, with a wider state and with longer training
# as well.
#
# Before raising the beam I would compare the log p of a correct translation with that of what the beam of 5 found. If the beam's is
# already likelier, the model is wrong and not the search, as in section 9.12, where the right answer was never likelier. A beam of 200
# compares sums of log p, and these favour short answers; with the names, a beam of 100 found the empty name. Dividing by the length
# would soften that.
#
# **Marking.** One point for each: forced against free, with the wrong beginning that spreads; the state of fixed size as the
# bottleneck; compare the likelihood of the right answer with the answer found, or an equivalent measurement; short or empty answers as
# the danger of a wide beam. Half a point where the claim is right and neither reason nor measurement is named.
# ### END SOLUTION

# %% [markdown]
# ## What you have now
#
# | function | takes | gives |
# |---|---|---|
# | `encoder_decoder_forward` | x (n_x, m, T_x), mask, y_in (n_y, m, T_y), P | ŷ (n_y, m, T_y), caches |
# | `encoder_decoder_backward` | ŷ, targets (m, T_y), mask, caches | the gradients of both networks |
# | `decode_greedy` | x, mask, P, start, eos, max_length | m lists of symbols, written freely |
# | `beam_search` | a step function, its first state, width | at most `width` pairs (tokens, log p), the likeliest first |
# | `generate_melody` | a first note, P, length, rng | (length,) notes |

# %% tags=["nbval-ignore-output"]
progress("09b")

# %% [markdown]
# The written question adds 4 points, given by a person.
#
# **Where next.** You have written all these networks by hand. Lesson 10 hands the backward passes to a library, checks it against yours,
# and moves everything to PyTorch and, where there is one, to a GPU.
