# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 1A · A cell that remembers
#
# Say the alphabet. Easy. Now say it backwards, from Z. You know the same 26 letters and yet you stumble, because you never stored
# them as a set: you stored *what comes next*. This lesson builds a network to which order matters, too.
#
# **After this lesson you can**
#
# - say why a plain network struggles with sequences, and show it with numbers;
# - write one step of a recurrent network, and the whole sequence;
# - compute its loss, and count what it has to learn;
# - measure what its memory keeps, and for how long.
#
# *About 110 minutes. You need lesson 00, the matrix product, tanh, and what a network with one hidden layer is.*

# %% tags=["setup"]
import utils

assert hasattr(utils, "__course__"), (
    f"Another utils.py is in the way: {utils.__file__}. Rename it and restart the kernel."
)

import numpy as np

from utils.checking import check, hint, progress, quiz, try_it
from utils.reference import softmax

# %% [markdown]
# ## Before you begin
#
# Two questions from lesson 00. Replace the question mark by a letter.
#
# **1.** What should `one_hot(np.array([-1]), 5)` return?
#
# a: a column with its 1 in the last row · b: a column of zeros · c: an error

# %%
quiz("one-hot-minus-one", "?")

# %% [markdown]
# **2.** How often does `unfold` apply f on the way from $s^{\langle 0\rangle}$ to $s^{\langle 3\rangle}$?
#
# a: twice · b: three times · c: four times

# %%
quiz("unfold-three", "?")

# %% [markdown]
# ## 1.1 When the past matters
#
# Some questions can be answered from what is in front of you. Show somebody a photograph of a dog, then one of an elephant: that the
# dog came first changes nothing about the elephant.
#
# Other questions cannot. What will a share cost tomorrow? Today's price alone does not tell whether it is climbing or falling. Which
# note comes next in this tune? Hum it from its last bar to its first and you lose the thread, though you know every bar. What am I
# being asked? Take the words *What time is it?* one at a time: only at the last one can you answer, and yet *it* alone says nothing.
#
# Such data are called **sequences**, and they are everywhere:
#
# | what comes in | what is wanted |
# |---|---|
# | sound, slice by slice | the words that were spoken |
# | a melody, note by note | the note that comes next |
# | a review, word by word | how many stars it would give |
# | a strand of DNA, base by base | which stretches are genes |
# | a sentence in one language | the same sentence in another |
# | a film, frame by frame | what is being done in it |
# | a sentence, word by word | which of the words are names |
#
# In all of them what was seen earlier changes what the next item means. A network that is to work on sequences has to carry
# something along. What it carries we call its **state**, and the state is all the memory that it has.
#
# **Question.** Which of these can be answered from the last item alone?
#
# a: is the share price rising? · b: does this photograph show an elephant? · c: who is meant by *she* in *Then she left*?

# %%
quiz("needs-memory", "?")

# %% [markdown]
# ## 1.2 What a plain network cannot do
#
# Two sentences, one question: in which year was the trip to Nepal?
#
# > I went to Nepal in **2009**.
# >
# > In **2009** I went to Nepal.
#
# A plain network, of the kind called **feed-forward**, has a fixed row of inputs. The first word goes to the first places, the second to the next,
# and each place has weights of its own. This causes three kinds of trouble.
#
# 1. **The length is fixed.** A network built for eight words has no place for the ninth.
# 2. **Nothing is shared between positions.** The weights that learned *2009 is a year* at the sixth word know nothing about the second
#    word. Everything has to be learned again at each position.
# 3. **The number of weights grows with the length.** A dictionary of 10,000 words and sentences of 50 words make half a million
#    inputs, and each needs a weight to every hidden unit.
#
# One could also throw the positions away and only count which words occur, a **bag of words**. That works while a sentence has one
# year in it. In *I went to Nepal in 2009 and to Peru in 2014* it has two, and the bag cannot tell which one belongs to Nepal.
#
# At the end of this lesson, in section 1.7, all three stand side by side: plain network, bag of words and recurrent network, trained
# on the same sentences.

# %% [markdown]
# ## 1.3 The cell: one step
#
# A **recurrent neural network**, RNN for short, reads a sequence item by item. Two things meet in every step: what has just come in,
# and what was kept from before. Together they make what is kept from now on.
#
# ![One cell. From the left comes the old state, multiplied by Waa. From below comes the input, multiplied by Wax. Both are added to the
# bias ba and pass through tanh. The result is the new state; through Wya, by and softmax it also makes the prediction,
# above.](figures/rnn_cell.svg)
#
# Read the picture from the left. The old state and the input are each multiplied by a matrix, the two products and a bias are added,
# and tanh presses every sum into the range from −1 to 1:
#
# $$a^{\langle t\rangle} = \tanh\left(W_{ax}\,x^{\langle t\rangle} + W_{aa}\,a^{\langle t-1\rangle} + b_a\right)$$
#
# Whenever something is asked of the network, it answers from the new state:
#
# $$\hat y^{\langle t\rangle} = \text{softmax}\left(W_{ya}\,a^{\langle t\rangle} + b_y\right)$$
#
# | symbol | code | shape | what it does |
# |---|---|---|---|
# | $x^{\langle t\rangle}$ | `xt` | (n_x, m) | the input of this step, one column per example |
# | $a^{\langle t-1\rangle}$ | `a_prev` | (n_a, m) | the old state: n_a numbers for each example |
# | $W_{ax}$ | `Wax` | (n_a, n_x) | lets the input change the state |
# | $W_{aa}$ | `Waa` | (n_a, n_a) | lets the state change itself |
# | $b_a$ | `ba` | (n_a, 1) | a constant push |
# | $a^{\langle t\rangle}$ | `a_next` | (n_a, m) | the new state |
# | $W_{ya}$, $b_y$ | `Wya`, `by` | (n_y, n_a), (n_y, 1) | turn the state into a prediction |
# | $\hat y^{\langle t\rangle}$ | `yt_pred` | (n_y, m) | the prediction: each column sums to 1 |
#
# Elsewhere you will meet the same network in other letters: h, the *hidden state*, for a; U for $W_{ax}$, W for $W_{aa}$, V for $W_{ya}$. NOTATION.md has the
# whole translation.
#
# **By hand.** One number comes in, and the state is one number, too: $x = 2$, $a^{\langle 0\rangle} = 0.5$, $W_{ax} = 0.3$, $W_{aa} = -0.8$, $b_a = 0.3$.
# The sum is $0.3 \cdot 2 - 0.8 \cdot 0.5 + 0.3 = 0.5$, and $\tanh 0.5 \approx 0.4621$.
#
# For the prediction let $W_{ya} = (1, -1)^{\mathsf T}$ and $b_y = 0$. The two scores are 0.4621 and −0.4621, and their softmax is about
# (0.716, 0.284).

# %% tags=["setup"]
tiny = {
    "Wax": np.array([[0.3]]),
    "Waa": np.array([[-0.8]]),
    "ba": np.array([[0.3]]),
    "Wya": np.array([[1.0], [-1.0]]),
    "by": np.array([[0.0], [0.0]]),
}

# %% [markdown]
# ### Exercise · `rnn_cell_forward`
# *15 minutes · 6 points · first of four*
#
# $$a^{\langle t\rangle} = \tanh\left(W_{ax}\,x^{\langle t\rangle} + W_{aa}\,a^{\langle t-1\rangle} + b_a\right) \qquad \hat y^{\langle t\rangle} = \text{softmax}\left(W_{ya}\,a^{\langle t\rangle} + b_y\right)$$
#
# Write one step: the new state, the prediction, and a **cache**. The cache is the tuple `(a_next, a_prev, xt, P)`. Nothing is computed
# with it now; lesson 02 walks back through the network and needs to know what each step saw.
#
# The m columns go through together. `ba` has one column only; NumPy repeats it for the others. `softmax` is the one of lesson 00, already
# imported.

# %% nbgrader={"grade": false, "grade_id": "rnn_cell_forward", "locked": false, "schema_version": 3, "solution": true, "task": false}
# answer: rnn_cell_forward

# %% tags=["try-it"]
# by hand: 0.4621, then 0.716 and 0.284
try_it(lambda: rnn_cell_forward(np.array([[2.0]]), np.array([[0.5]]), tiny)[:2])

# %% nbgrader={"grade": true, "grade_id": "rnn_cell_forward-check", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
check(rnn_cell_forward)

# %% [markdown]
# One step works. What went in as the old state was made up, though, and what came out goes nowhere. Now the cell gets a past of its
# own.

# %% [markdown]
# ## 1.4 The whole sequence
#
# The cell is used again and again. What leaves it at one step enters it at the next.
#
# ![Left, the circuit: the state feeds back into itself through Waa, one step later. Right, the same network unfolded over the three words
# I, saw, Nepal: state zero leads to state one, two and three, each fed by its word from below and giving a prediction above, with the same
# three matrices at every step.](figures/circuit_unfolded.svg)
#
# There are two ways to draw it, and both show the same network.
#
# - The **circuit** on the left is short. It is the network as you would build it in hardware; the square on the loop holds the state
#   back for one step.
# - The **unfolded graph** on the right says which computation follows which. The loop is gone: every arrow leads forward, so the graph
#   has no cycle, and one can walk along it to compute the outputs and, in lesson 02, back along it to compute the gradients.
#
# Unfolded over a sentence of three words it looks like an ordinary network with three layers. Two things are special about these
# layers: each gets a word of its own, and all three have **the same weights**.
#
# Because each state is made from the one before, $a^{\langle t\rangle}$ depends on all the inputs up to t and on none after it:
#
# $$a^{\langle t\rangle} = g^{\langle t\rangle}\left(x^{\langle t\rangle}, x^{\langle t-1\rangle}, \dots, x^{\langle 1\rangle}\right)$$
#
# A sequence of any length is pressed into the same n_a numbers. When the sequence is long, something is lost. Section 1.8 measures what.
#
# **By hand.** Go on with the tiny cell and a second input, $x^{\langle 2\rangle} = 0$. The state is now 0.4621, so the sum is
# $-0.8 \cdot 0.4621 + 0.3 = -0.0697$, and $a^{\langle 2\rangle} \approx -0.0696$. The second input was zero, and still the state changed:
# it changes itself.

# %% [markdown]
# ### Exercise · `rnn_forward`
# *15 minutes · 6 points · second of four*
#
# $$\left(a^{\langle t\rangle}, \hat y^{\langle t\rangle}\right) = \text{cell}\left(x^{\langle t\rangle}, a^{\langle t-1\rangle}\right) \qquad t = 1, \dots, T$$
#
# Run your cell over all T steps. The first step starts from `a0`, each later step from the state of the one before. Collect the states
# in `a` (n_a, m, T), the predictions in `y_pred` (n_y, m, T), and the cell caches in a list; return `caches` as the pair (list, x).

# %% nbgrader={"grade": false, "grade_id": "rnn_forward", "locked": false, "schema_version": 3, "solution": true, "task": false}
# answer: rnn_forward

# %% tags=["try-it"]
two_steps = np.array([[[2.0, 0.0]]])  # (n_x, m, T) = (1, 1, 2)
try_it(lambda: rnn_forward(two_steps, np.array([[0.5]]), tiny)[0])  # by hand: 0.4621, -0.0696

# %% nbgrader={"grade": true, "grade_id": "rnn_forward-check", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
check(rnn_forward)

# %% [markdown]
# Two things that the text claimed can now be tried. First: unfolded over three words, the network is three layers with the same
# weights. So three calls of your cell, one inside the other, must give the third state. Second: the future cannot reach back. So
# changing the last word must leave the first two predictions as they were.

# %% tags=["try-it"]
def three_layers():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(1, 4, 3))  # four sequences of three steps
    a0 = np.zeros((1, 4))
    a, y_pred, _ = rnn_forward(x, a0, tiny)
    nested = a0
    for t in (0, 1, 2):
        nested = rnn_cell_forward(x[:, :, t], nested, tiny)[0]
    changed = x.copy()
    changed[:, :, 2] += 1.0
    y_changed = rnn_forward(changed, a0, tiny)[1]
    same = [bool(np.allclose(y_pred[:, :, t], y_changed[:, :, t])) for t in range(3)]
    layers = np.allclose(nested, a[:, :, 2])
    return f"three layers give the third state: {layers}\npredictions unchanged at t = 0, 1, 2: {same}"


try_it(three_layers)

# %% [markdown]
# The third prediction has changed, the first two have not: a recurrent network of this kind is **causal**. Where the words to the right
# are needed too, lesson 08 reads from both ends.

# %% [markdown]
# ## 1.5 How wrong was it?
#
# At every step the network gives a probability to each class, and one class turns out to be the right one. If that one had a high
# probability, the network was hardly surprised. If it had a low one, the surprise is large. Minus the logarithm measures it:
#
# $$L^{\langle t\rangle} = -\log \hat y^{\langle t\rangle}_{\text{right}} \qquad\qquad L = \sum_t L^{\langle t\rangle}$$
#
# A probability of 1 costs nothing, one of a half costs $\log 2 \approx 0.693$, and one near zero costs a great deal. The natural logarithm
# gives the loss in **nats**. Because a product of probabilities becomes a sum of logarithms, L is minus the logarithm of the
# probability that the network gives to the *whole* answer, each step judged from what it had read by then:
#
# $$L = -\sum_t \log p\left(y^{\langle t\rangle} \mid x^{\langle 1\rangle}, \dots, x^{\langle t\rangle}\right)$$
#
# Look at the condition: it ends at t. A causal network cannot use the words after it. Some texts write all the inputs there, up to the
# last one; that is a different network.
#
# With exactly two classes, such as *name* and *not a name*, one probability is enough and the loss of a step is written
# $-y \log \hat y - (1 - y) \log (1 - \hat y)$. It is the same idea, called binary cross-entropy; lesson 08 uses it. Here there may be
# many classes, and one of them is right.
#
# **Summed, not averaged.** In this course the loss is a sum over steps and examples, and `sequence_loss` never divides. Whoever reports a
# loss per step divides afterwards, once, by the number of steps that count. Sequences of different lengths are filled up with padding, and padded steps do not count: a **mask** says which
# do.
#
# **By hand.** Three steps give the right class the probabilities 1/2, 1/4 and 1/8. The losses are log 2, 2 log 2 and 3 log 2, together
# 6 log 2 ≈ 4.1589 nats. With the last step masked it is 3 log 2 ≈ 2.0794.

# %% [markdown]
# ### Exercise · `sequence_loss`
# *15 minutes · 4 points · third of four*
#
# $$L = -\sum_{t}\sum_{i} \log \hat y^{(i)\langle t\rangle}_{\text{right}} \qquad \text{over the steps that count}$$
#
# `targets` is (m, T) and holds, for each example and step, the number of the right class. `mask` has the same shape; True means that the
# step counts, and without a mask all do. Return one number.
#
# At step t you need m probabilities: for example i the one in row `targets[i, t]`. NumPy picks them all at once if you give it a list of
# rows and a list of columns of the same length.

# %% nbgrader={"grade": false, "grade_id": "sequence_loss", "locked": false, "schema_version": 3, "solution": true, "task": false}
# answer: sequence_loss

# %% tags=["try-it"]
by_hand = np.array([[[1 / 2, 1 / 4, 7 / 8]], [[1 / 2, 3 / 4, 1 / 8]]])  # (n_y, m, T) = (2, 1, 3)
right = np.array([[0, 0, 1]])
try_it(lambda: sequence_loss(by_hand, right))  # 4.1589

# %% tags=["try-it"]
try_it(lambda: sequence_loss(by_hand, right, np.array([[True, True, False]])))  # 2.0794

# %% nbgrader={"grade": true, "grade_id": "sequence_loss-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check(sequence_loss)

# %% [markdown]
# ## 1.6 What is learned, and what is not
#
# Three questions come up again and again.
#
# **Is the state learned?** No. Training changes the five arrays in P: `Wax`, `Waa`, `ba`, `Wya`, `by`. The state is what they compute while
# they read one sequence. It starts from a⟨0⟩, usually zeros, for each new sequence, and is thrown away after it.
#
# **Is the state the output?** It depends on where you stand. It does leave the cell, and later layers read it. What the whole network
# answers is ŷ, made from the state by one more matrix.
#
# **Is t a time?** For share prices, yes. For a name, t counts letters. It is the counter of the loop, nothing more.
#
# All steps share the five arrays. That buys three things: a sequence may have any length, what was learned at one position holds at all
# the others, and the number of weights does not grow with the length. It has a price, too. The network cannot simply look at position
# three: it has to count. Section 1.7 measures both sides.
#
# | array | shape | numbers |
# |---|---|---|
# | `Wax` | (n_a, n_x) | n_a · n_x |
# | `Waa` | (n_a, n_a) | n_a · n_a |
# | `ba` | (n_a, 1) | n_a |
# | `Wya` | (n_y, n_a) | n_y · n_a |
# | `by` | (n_y, 1) | n_y |

# %% [markdown]
# ### Exercise · `count_rnn_parameters`
# *5 minutes · 2 points · last of four*
#
# How many numbers does an RNN with these sizes learn? The length of the sequence is not among the arguments, and you now know why.

# %% nbgrader={"grade": false, "grade_id": "count_rnn_parameters", "locked": false, "schema_version": 3, "solution": true, "task": false}
# answer: count_rnn_parameters

# %% tags=["try-it"]
# the model that finished your name in lesson 00: 7772
try_it(lambda: count_rnn_parameters(28, 64, 28))

# %% nbgrader={"grade": true, "grade_id": "count_rnn_parameters-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(count_rnn_parameters)

# %% [markdown]
# **Question.** A network was trained on sentences of seven words and now reads one of eight. How many new parameters does it need?
#
# a: one more set of matrices · b: none · c: one for each example of eight words

# %%
quiz("same-weights", "?")

# %% [markdown]
# ## 1.7 See it work: which year was Nepal?
#
# Time for the promise of section 1.2. Three models read the same 2,000 sentences, such as *well we travelled to Nepal in 2012*, and learn to
# name the year of the trip to Nepal out of ten. During training there are 0 to 3 words, such as *well*, in front of the sentence. Then
# they are tested on fresh sentences with 0 to 12 words in front: the same question, moved to the right.
#
# How they are trained is the matter of lesson 02; here it is a demonstration. It takes some seconds.

# %% tags=["demo", "nbval-ignore-output"]
from utils.experiments.lesson_01 import SHIFTS, TRAINED_SHIFTS, nepal_experiment
from utils.plotting.curves import plot_accuracy_by_shift

one_trip = nepal_experiment(seed=0, trips=1)
for name, result in one_trip.items():
    trained, moved = result["accuracy"][:4].mean(), result["accuracy"][8:].mean()
    print(f"{name:13} right with 0 to 3 words in front {trained:.2f}, with 8 to 12 {moved:.2f}")
    print(f"{'':13} {result['parameters']:,d} parameters")

# %% tags=["demo"]
plot_accuracy_by_shift(
    SHIFTS,
    {name: result["accuracy"] for name, result in one_trip.items()},
    trained=TRAINED_SHIFTS,
    chance=0.1,
    title="Move the sentence, and the feed-forward network falls to chance",
)

# %% [markdown]
# Where it was trained, the feed-forward network is as good as the others. Move the sentence by eight words and it falls to
# chance: the year now stands at a place whose weights have never seen one. In between, with four to seven words in front, it is right
# about half of the time. *In 2009 I went* then has its year at a place that was trained, *I went in 2009* no longer does. The bag of words does
# not care, for it has no places. The recurrent network
# uses the same weights at every step, so a year is a year wherever it stands. With about ten words or more in front it begins
# to lose a little: it never met such long beginnings in training.
#
# Look at the counts as well. The feed-forward network has the most numbers to learn, because each of its places needs weights of
# its own. The recurrent one has less than half as many, for any length.
#
# So why not the bag of words? Now the sentences name two trips and two years.

# %% tags=["demo", "nbval-ignore-output"]
two_trips = nepal_experiment(seed=0, trips=2)
plot_accuracy_by_shift(
    SHIFTS,
    {name: result["accuracy"] for name, result in two_trips.items()},
    trained=TRAINED_SHIFTS,
    chance=0.5,
    title="With two years in the sentence only the recurrent network knows which",
)
for name, result in two_trips.items():
    trained, moved = result["accuracy"][:4].mean(), result["accuracy"][8:].mean()
    print(f"{name:13} right with 0 to 3 words in front {trained:.2f}, with 8 to 12 {moved:.2f}")

# %% [markdown]
# The dotted line is now at one half: whoever sees both years and guesses between them is right half of the time. That is where the bag of
# words stays. The feed-forward network does hardly better with 2,000 sentences, and worse once the sentence moves far. One likely
# reason: it has to learn each combination of positions on its own. The recurrent network answers nearly every question
# where it was trained. Moved further than it has ever seen, it gets worse step by step; shared weights help with new positions, not
# with situations that never occurred.

# %% [markdown]
# **What sharing costs.** Turn the question round. Ten random symbols come in, and the answer is *the third one*. Now the position is
# everything. A feed-forward network gives position three its own weights and is done. The recurrent one has to learn to count to three with
# weights that are the same at every step.

# %% tags=["demo", "nbval-ignore-output"]
from utils.experiments.lesson_01 import position_experiment
from utils.plotting.curves import plot_learning

third = position_experiment(seed=0)
plot_learning(
    {name: result["accuracy"] for name, result in third.items()},
    title="Asked for the third symbol, the feed-forward network learns sooner",
)
for name, result in third.items():
    epoch = int(np.argmax(result["accuracy"] > 0.9)) + 1
    print(f"{name:13} {result['parameters']:4d} parameters · above 0.9 for the first time in epoch {epoch}")

# %% [markdown]
# Here right answers are counted on the training sequences while learning: the question is how soon, not how well on new ones. Both get
# there. The feed-forward network needs a few passes through the data, the recurrent one more than twice as many. Sharing is a bet that the
# same thing means the same wherever it stands. For language the bet is good; where the position itself is the message, it is not.

# %% [markdown]
# ## 1.8 What the memory keeps
#
# The state has a fixed size and the past does not. So what does it keep?
#
# This can be measured. Feed random symbols, eight kinds of them, to a network with 16 numbers of state. Then try to read the symbol of k
# steps ago from the last state, with the plainest reader there is: one linear layer, fitted by least squares on half of the sequences and
# tested on the other half. If it succeeds, the symbol is still in there; if it fails, a cleverer reader might yet find it. Guessing would be right one time in eight.
#
# Three networks: one with random weights, one trained to name at every step the symbol of one step ago, one trained to name that of three
# steps ago.

# %% tags=["demo", "nbval-ignore-output"]
from utils.experiments.lesson_01 import memory_experiment
from utils.plotting.curves import plot_memory_by_lag

lags = tuple(range(10))
kept = memory_experiment(seed=0, lags=lags)
plot_memory_by_lag(lags, kept, chance=1 / 8, title="Memory fades, and training decides which lags are kept")
for name, share in kept.items():
    print(f"{name:24}", "  ".join(f"{s:.2f}" for s in share))

# %% [markdown]
# Each curve falls to the dotted line, the level of guessing. With random weights it falls gently: something is lost at every step. After
# training the fall becomes a cliff. The network that goes back one step keeps two symbols, this one and the one before; of older
# ones this reader finds less than it did with random weights. The network that goes back three steps keeps four, and a trace of the
# fifth.
#
# So the state is a **summary that leaves things out**, and the task decides what. The network that goes back three steps also keeps the
# symbols of now, of one and of two steps ago. It has to: each of them will be three steps old soon. How training
# finds out what to keep, and why it fails to keep things for long, is the subject of lessons 02 and 03.
#
# **Question.** What changes when a recurrent network is trained?
#
# a: its states, from one sentence to the next · b: its weights and biases · c: a⟨0⟩ for each sentence, and nothing else

# %%
quiz("state-learned", "?")

# %% [markdown]
# ## 1.9 What can go wrong
#
# A student wants to save memory and keeps the state in one array, which every step overwrites. The states come out right. Run it, and look
# at the two lines that it prints.

# %% tags=["demo"]
from utils.reference import rnn_cell_forward as right_cell


def thrifty_forward(x, a0, P):
    state, history, cells = a0.copy(), [], []
    for t in range(x.shape[2]):
        state[...], _, _ = right_cell(x[:, :, t], state, P)
        history.append(state.copy())
        cells.append(state)
    return np.stack(history, axis=-1), cells


x = np.array([[[2.0, 0.0, -1.0]]])
a, cells = thrifty_forward(x, np.array([[0.5]]), tiny)
print("states:          ", a[0, 0].round(4))
print("states in caches:", np.array([cell[0, 0] for cell in cells]).round(4))

# %% [markdown]
# **Question.** The first line is right. Why does the second say the same number three times?
#
# a: tanh has saturated · b: every entry of the list is the same array, and it holds the last state · c: a0 was not copied

# %%
quiz("one-buffer", "?")

# %% [markdown]
# Nothing in the forward pass uses the caches, so nothing there looks wrong. The gradients of lesson 02 would all be computed from the
# last state. This is why the check of `rnn_forward` looks into the caches, although they earn no points of their own.

# %% [markdown]
# ## Written question
#
# *10 minutes · 4 points · read by a person*
#
# A bank wants to sort customers' messages, between 3 and 300 words long, by what they are about. Somebody proposes a feed-forward network
# with 300 places, one for each word. In five to eight sentences: name two reasons against it that you could show with numbers from this
# lesson, say what a recurrent network does instead, and name one thing that it will do worse.

# %% [markdown] nbgrader={"grade": true, "grade_id": "why_share", "locked": false, "points": 4, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# First, nothing is shared between places: what the network learns about *card* at place 5 does not help at place 50. In section 1.7 the
# feed-forward network fell to chance when the same sentence was moved by eight words. Second, the number of weights grows with the length:
# in section 1.7 it had more than twice as many as the recurrent one, for sentences of a few words only. (Also right: with two years in a
# sentence it hardly did better than guessing.) A message of 301 words does not fit at all.
#
# A recurrent network reads one word at a time with the same weights and carries a state of fixed size, so any length fits and what is
# learned at one place holds at all. What it does worse: the state is a summary that leaves things out, so details from the beginning of a long message
# may be gone at its end (section 1.8); it also has to work word by word, one after the other.
#
# **Marking.** One point for each: a first reason with its numbers; a second reason with its numbers; shared weights and a state of fixed size; an
# honest weakness (fading memory, one word after the other, or counting positions). Half a point where a reason is right but no number or
# experiment is named.
# ### END SOLUTION

# %% [markdown]
# ## What you have now
#
# | function | takes | gives |
# |---|---|---|
# | `rnn_cell_forward` | x⟨t⟩ (n_x, m), a⟨t-1⟩ (n_a, m) | a⟨t⟩ (n_a, m), ŷ⟨t⟩ (n_y, m), cache |
# | `rnn_forward` | x (n_x, m, T), a⟨0⟩ (n_a, m) | a (n_a, m, T), ŷ (n_y, m, T), caches |
# | `sequence_loss` | ŷ (n_y, m, T), targets (m, T), mask | one number, in nats |
# | `count_rnn_parameters` | n_x, n_a, n_y | a whole number |

# %% tags=["nbval-ignore-output"]
progress("01a")

# %% [markdown]
# The written question adds 4 points, given by a person.
#
# **Where next.** Part B writes the same cell with a single matrix and builds the two other families of recurrent network:
# `01b_three_families.ipynb`. In a hurry? Lesson 02 teaches your network to learn: `02_bptt`.
