# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 4A · Which word comes next?
#
# *Ladies and …* You heard a word that nobody said. Whoever knows a language always runs a little ahead of the speaker. A network that
# runs ahead in the same way can tell a likely sentence from an unlikely one. It can also write, and in this lesson it will: names for
# dinosaurs that nobody has dug up.
#
# **After this part you can**
#
# - turn a text into numbers, word by word or letter by letter;
# - say how probable a whole sentence is;
# - measure a language model in bits, and hold it against plain counting;
# - train with Adam, which you build yourself;
# - let the model write.
#
# *About 120 minutes. The end of section 4.5 is a good place for a break. You need lessons 01 to 03: the cell, the loss, one step of
# learning, clipping.*

# %% tags=["setup"]
import utils

assert hasattr(utils, "__course__"), (
    f"Another utils.py is in the way: {utils.__file__}. Rename it and restart the kernel."
)

from functools import cache

import numpy as np

from utils.baselines import NGrams, ngram_bits
from utils.checking import check, hint, progress, quiz, try_it
from utils.datasets import CATS_SLEEP, fruit_sentences, load_dinosaurs, load_runs
from utils.plotting.language import plot_bits_by_epoch, plot_by_symbol
from utils.reference import adam_step as right_adam
from utils.reference import build_vocabulary as right_vocabulary
from utils.reference import clip_by_norm, init_rnn, one_hot, rnn_cell_forward, rnn_forward, softmax
from utils.reference import encode as right_encode
from utils.reference import sample_sequence as right_sample
from utils.reference import shift_targets as right_shift
from utils.text import Vocabulary
from utils.training import EVERY_STEP, evaluate, every_step_gradients, on_one_thread, train_every_step

# %% [markdown]
# ## Before you begin
#
# Three questions from earlier lessons. Replace the question mark by a letter.
#
# **1.** At each of three steps a network gave the right class the probability 1/4. What is the loss, in nats?
#
# a: log 4 · b: 3 log 4 · c: 3/4

# %%
quiz("three-quarters", "?")

# %% [markdown]
# **2.** A gradient has the norm 8, and it goes through `clip_by_norm` with a limit of 2. What changes?
#
# a: its length, not its direction · b: only the entries above 2 · c: nothing, 8 is allowed

# %%
quiz("clip-eight", "?")

# %% [markdown]
# **3.** Why are some examples held out and never learned from?
#
# a: to save time · b: so that the gradient is smaller · c: to see what the network does with what it has not met

# %%
quiz("held-out", "?")

# %% [markdown]
# ## 4.1 Two sentences that sound alike
#
# Say these two aloud:
#
# > The apple and pear salad was fresh.
# >
# > The apple and pair salad was fresh.
#
# No ear can tell them apart. A telephone that writes down what you say has to choose all the same. It chooses well because it knows which
# of the two people are likelier to say.
#
# A **language model** answers one question, again and again: given what came before, how probable is each symbol as the next one? In
# short, it gives p(next | all before).
#
# ![Two beginnings, each read by four states, zeros first. After "the apple and" a perfect model gives pear, plum and cherry one third each
# and pair nothing. After "the hat and" it gives everything to pair.](figures/next_word.svg)
#
# In both rows the word right before the gap is *and*. What decides stands one word further back, and elsewhere it may stand ten words
# back. The state carries it to the place where it is needed.
#
# Nothing in the network is new. The prediction is a softmax with one entry for each symbol, and the loss of a step is the categorical
# cross-entropy of lesson 01. New is where the right answers come from: the text itself. Every word is the answer to the question *what
# comes after the words before it?* Nobody has to label anything.
#
# Such a model has two uses. It can **judge**: which of these sentences is likelier? And it can **write**: draw a next symbol, read it,
# and go on. You will make it judge first.

# %% [markdown]
# ## 4.2 Which symbols there are
#
# A model can only choose among symbols that it knows. Somebody has to make the list, the **vocabulary**, before training begins. There
# are two common ways.
#
# | | words | characters |
# |---|---|---|
# | symbols in the list | 30 to 50 thousand in an ordinary dictionary | 28 for the names of section 4.6 |
# | *cats average 15 hours of sleep a day* | 8 symbols | 36, with the spaces |
# | what can be said with it | the words of the list | whatever can be spelt |
# | what it has to learn | which words go together | that, and spelling |
#
# Each symbol goes in as a one-hot column, as in lesson 00. With words such a column has 30 to 50 thousand places, and `Wax` has a column
# of weights for each. Most words of a language are rare, so most of these columns would be badly learned. One therefore keeps the frequent
# words and puts a single symbol in the place of all others: `<UNK>`, the unknown word. The model learns that *some* rare word comes here,
# never which.
#
# A second symbol that no text contains is `<EOS>`, the end of the sequence. Without it the model could not say that it has finished.
#
# The functions that you write now do not care whether a symbol is a word or a letter. They see a list of strings.
#
# **By hand.** The text is *the pear and the plum and the fig*, and there is room for five symbols. *the* occurs three times and *and*
# twice; *fig*, *pear* and *plum* occur once each. Two places go to `<EOS>` and `<UNK>`, so three are left. *the* and *and* are in, and
# among the three equals the alphabet decides: *fig*. The list is `<EOS>`, `<UNK>`, `the`, `and`, `fig`. Counted from 0, *the* is number
# 2. *pear* is not in the list, so it is `<UNK>`, number 1. With `<EOS>` at the end, *the pear* becomes 2, 1, 0.

# %% [markdown]
# ### Exercise · `build_vocabulary`
# *10 minutes · 3 points · first of eight*
#
# $$\left[\,\texttt{<EOS>},\ \texttt{<UNK>},\ \text{most frequent},\ \text{second},\ \dots\right] \qquad \text{at most } \texttt{size} \text{ entries}$$
#
# Count the symbols of a text and return the list. `tokens` is a list of strings; equally frequent symbols stand in alphabetical order. If
# `<EOS>` or `<UNK>` stands in the text itself, do not count it: both are in the list already. A text with few symbols gives a list
# shorter than `size`.
#
# Start with a dict that maps each symbol to its count. Python's `sorted` takes a `key` and leaves equals in the order in which it found
# them.

# %% nbgrader={"grade": false, "grade_id": "build_vocabulary", "locked": false, "schema_version": 3, "solution": true, "task": false}
# answer: build_vocabulary

# %% tags=["try-it"]
text = "the pear and the plum and the fig".split()
# by hand: <EOS>, <UNK>, the, and, fig
try_it(lambda: build_vocabulary(text, 5))

# %% nbgrader={"grade": true, "grade_id": "build_vocabulary-check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check(build_vocabulary)

# %% [markdown]
# The list says which symbol has which number. Next comes the way from a text to its numbers.

# %% [markdown]
# ### Exercise · `encode`
# *5 minutes · 2 points · second of eight*
#
# $$\text{token} \to \text{its place in the list, or that of } \texttt{<UNK>} \qquad\qquad \text{at the very end: that of } \texttt{<EOS>}$$
#
# `vocabulary` is a small object: `vocabulary.tokens` is the list, `vocabulary.unk` and `vocabulary.eos` are the places of the two special
# symbols. Do not rely on these being 1 and 0. Return an array of whole numbers, one longer than `tokens`.
#
# Looking a symbol up in a dict is much faster than searching the list, and `dict.get` lets you say what to answer for a stranger.

# %% nbgrader={"grade": false, "grade_id": "encode", "locked": false, "schema_version": 3, "solution": true, "task": false}
# answer: encode

# %% tags=["try-it"]
five = Vocabulary(("<EOS>", "<UNK>", "the", "and", "fig"))
# by hand: 2, 1, 0
try_it(lambda: encode("the pear".split(), five))

# %% nbgrader={"grade": true, "grade_id": "encode-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(encode)

# %% [markdown]
# Now a text of some size: 1,000 sentences from a small grammar of our own, half of them about two fruits, half about something to wear
# and a pair of something. A few dishes are rare on purpose.

# %% tags=["setup"]
sentences = fruit_sentences(np.random.default_rng(0), 1000)
all_words = [word for sentence in sentences for word in sentence]

# %% tags=["try-it"]
def words_and_letters():
    everything = build_vocabulary(all_words, 1000)
    kept = Vocabulary(tuple(build_vocabulary(all_words, 31)))
    lost = [word for word in everything if word not in kept.tokens]
    unknown = np.mean([word in lost for word in all_words])
    letters_of_khaan = Vocabulary(tuple(build_vocabulary(list("khaan"), 28)))
    return (
        f"{' '.join(sentences[0])}\n{' '.join(sentences[1])}\n"
        f"{len(everything)} symbols, of which 31 are kept; <UNK> stands for {', '.join(sorted(lost))}:\n"
        f"{unknown:.1%} of all the words\n"
        f"letters of khaan: {letters_of_khaan.tokens}, encoded: {encode(list('khaan'), letters_of_khaan)}"
    )


try_it(words_and_letters)

# %% [markdown]
# Four words go, and hardly any text is lost with them. And a name is read letter by letter by the same two functions: to Python,
# `list("khaan")` is a list of strings like any other.

# %% [markdown]
# ## 4.3 What is read, and what is asked
#
# Take the sentence *Cats average 15 hours of sleep a day* and go through it slowly. The order matters: the network is **asked** for a
# word first, and only then gets to **read** it.
#
# ![Nine steps of one network. Below, what is read: zeros, cats, average, 15, hours, of, sleep, a, day. Above, what is asked: cats,
# average, 15, hours, of, sleep, a, day, end of sequence. The state begins as 0 on the left and runs through all nine
# steps.](figures/cats_unfolded.svg)
#
# | t | goes in, $x^{\langle t\rangle}$ | what the network knows by then | asked: the probability |
# |---|---|---|---|
# | 1 | zeros | nothing | p(cats) |
# | 2 | cats | cats | p(average \| cats) |
# | 3 | average | cats average | p(15 \| cats average) |
# | 4 | 15 | cats average 15 | p(hours \| cats average 15) |
# | 5 | hours | cats average 15 hours | p(of \| cats average 15 hours) |
# | 6 | of | … | p(sleep \| cats … of) |
# | 7 | sleep | … | p(a \| cats … sleep) |
# | 8 | a | … | p(day \| cats … a) |
# | 9 | day | the whole sentence | p(`<EOS>` \| cats … day) |
#
# Nothing was read before step 1. So $x^{\langle 1\rangle} = 0$, a column of zeros, and $a^{\langle 0\rangle} = 0$. From these the network
# has to say how sentences begin: *the* often, *cats* sometimes, *hours* hardly ever. Then *cats* goes in, and the question is what cats
# do. In training the right word goes in at each step, whatever the network would have said: this is the teacher forcing of lesson 01B.
# After the last word the answer should be `<EOS>`.
#
# Input and answers are the same row of numbers, one of them moved by one place. What is asked at t is read at t + 1.
#
# **By hand.** *the pear* is 2, 1, 0. What is asked is 2, 1, 0. What is read is *nothing*, 2, 1. As a number *nothing* cannot be 0, which
# is taken: it is `<EOS>`. So it is written −1, as in lesson 00, and `one_hot` makes of it the column of zeros.
#
# **Question.** At $t = 5$ the network is asked for *of*. What was the last word that it has read?
#
# a: 15 · b: hours · c: of

# %%
quiz("read-before-five", "?")

# %% [markdown]
# ### Exercise · `shift_targets`
# *5 minutes · 2 points · third of eight*
#
# $$\text{read}^{\langle 1\rangle} = -1 \qquad \text{read}^{\langle t\rangle} = \text{indices}^{\langle t-1\rangle} \qquad \text{target}^{\langle t\rangle} = \text{indices}^{\langle t\rangle}$$
#
# Make what is read and what is asked from one encoded sequence, shape (T,). Both have shape (T,), too: the last symbol, `<EOS>`, is asked
# for and never read. The stub calls the first row `x`. It holds numbers of symbols, not yet columns.
#
# Write the two rows below each other for a word of three letters before you write code.

# %% nbgrader={"grade": false, "grade_id": "shift_targets", "locked": false, "schema_version": 3, "solution": true, "task": false}
# answer: shift_targets

# %% tags=["try-it"]
# by hand: -1, 2, 1 and 2, 1, 0
try_it(lambda: shift_targets(np.array([2, 1, 0])))

# %% nbgrader={"grade": true, "grade_id": "shift_targets-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(shift_targets)

# %% [markdown]
# See it on the sentence about cats, and on one about manuls. A manul is a wild cat of the steppe, too rare for this vocabulary. Look at
# its first two steps.

# %% tags=["try-it"]
def step_by_step(sentence):
    vocabulary = Vocabulary(tuple(build_vocabulary(list(CATS_SLEEP), 10)))
    x, targets = shift_targets(encode(sentence, vocabulary))
    lines = []
    for t in range(len(x)):
        read = "zeros" if x[t] == -1 else vocabulary.tokens[x[t]]
        lines.append(f"t = {t + 1}   reads {read:9} is asked for {vocabulary.tokens[targets[t]]}")
    return "\n".join(lines)


try_it(lambda: step_by_step(CATS_SLEEP))
try_it(lambda: step_by_step("manuls average 15 hours".split()))

# %% [markdown]
# At step 1 the second sentence asks for *some word that I do not know*, and at step 2 that is all that goes in. That somebody sleeps for
# 15 hours survives; who it was is lost.
#
# **Many at once.** Names have different lengths. The short ones are filled up with padding, and a mask says which steps count. The next
# cell makes the three arrays that every training step in this lesson takes, with your two functions.

# %% tags=["setup"]
def batch_of(sequences, vocabulary, encode, shift_targets):
    """Sequences of symbols as x, one-hot (n_x, m, T), mask (m, T) and targets (m, T), padded on the right."""
    encoded = [encode(list(sequence), vocabulary) for sequence in sequences]
    m, T = len(encoded), max(len(indices) for indices in encoded)
    read, mask, targets = np.full((m, T), -1), np.zeros((m, T), dtype=bool), np.zeros((m, T), dtype=int)
    for i, indices in enumerate(encoded):
        steps = len(indices)
        read[i, :steps], targets[i, :steps] = shift_targets(indices)
        mask[i, :steps] = True
    x = (np.arange(len(vocabulary))[:, None, None] == read).astype(float)  # -1 is no symbol: a column of zeros
    return x, mask, targets


# %% tags=["try-it"]
def three_names():
    names = ["mei", "talos", "zby"]
    vocabulary = Vocabulary(("<EOS>", "<UNK>", *"abeilmostyz"))
    x, mask, targets = batch_of(names, vocabulary, encode, shift_targets)
    lines = [f"x {x.shape}, mask {mask.shape}, targets {targets.shape}; {mask.sum()} of {mask.size} steps count"]
    for i in range(len(names)):
        row = [vocabulary.tokens[k] if counts else "·" for k, counts in zip(targets[i], mask[i])]
        lines.append("asked: " + " ".join(f"{token:5}" for token in row))
    return "\n".join(lines)


try_it(three_names)

# %% [markdown]
# Each dot is padding. The loss and its gradient leave the dots out, and whoever divides by a number of steps divides by 14 here, not by
# 18. Section 4.9 shows what happens otherwise.

# %% [markdown]
# ## 4.4 How probable is a whole sentence?
#
# The table of section 4.3 has a last column of nine probabilities. Multiply them and you have the probability of the whole sentence. This
# is no approximation but the **chain rule** of probability: the chance that two things happen is the chance of the first times the chance
# of the second, given the first.
#
# $$\begin{aligned}
# p(\text{cats average} \dots \text{day}) = {} & p(\text{cats}) \cdot p(\text{average} \mid \text{cats}) \\
# {} \cdot {} & p(15 \mid \text{cats average}) \cdot p(\text{hours} \mid \text{cats average 15}) \\
# {} \cdot {} & p(\text{of} \mid \text{cats average 15 hours}) \cdot p(\text{sleep} \mid \text{cats average 15 hours of}) \\
# {} \cdot {} & p(\text{a} \mid \text{cats average 15 hours of sleep}) \\
# {} \cdot {} & p(\text{day} \mid \text{cats average 15 hours of sleep a}) \\
# {} \cdot {} & p(\texttt{<EOS>} \mid \text{cats average 15 hours of sleep a day})
# \end{aligned}$$
#
# A product of a thousand such numbers is too small for a computer: 0.1 to the power of 1,000 is stored as 0, and the logarithm of 0 is
# minus infinity. So one takes logarithms first and adds them:
#
# $$\log p = \sum_{t=1}^{T} \log \hat y^{\langle t\rangle}_{\text{symbol } t}$$
#
# You have met this sum. It is the loss of lesson 01 with its sign turned round. A network that is trained to make the loss small is
# trained to make the sentences of its text probable.
#
# **Why `<EOS>` counts.** Leave the last factor out, and *the apple* is never less probable than *the apple and pear*, since every further
# word multiplies by something of at most 1. With `<EOS>` the question is about sentences that end there.
#
# **By hand.** A language with three letters, a, r and x. Its model looks at the last letter only, and this is its table. Each column sums
# to 1.
#
# | next | at the start | after a | after r | after x |
# |---|---|---|---|---|
# | `<EOS>` | 0.05 | 0.20 | 0.10 | 0.60 |
# | `<UNK>` | 0.20 | 0.20 | 0.20 | 0.20 |
# | a | 0.25 | 0.10 | 0.40 | 0.10 |
# | r | 0.40 | 0.10 | 0.10 | 0.05 |
# | x | 0.10 | 0.40 | 0.20 | 0.05 |
#
# The name *rax* begins with r, 0.40; a after r, 0.40; x after a, 0.40; the end after x, 0.60. The product is 0.0384, and its logarithm
# about −3.26. For *xra* it is $0.10 \cdot 0.05 \cdot 0.40 \cdot 0.20 = 0.0004$. The same letters in another order are nearly a hundred
# times less probable.
#
# The next cell writes this table into the weights of an RNN, `tiny`. Its state is the one-hot column of the last letter. `Waa` is zero,
# since the table looks one letter back and no further; whether your function carries the state on, only the check can tell.

# %% tags=["setup"]
three_letters = Vocabulary(("<EOS>", "<UNK>", "a", "r", "x"))
at_start = np.array([0.05, 0.20, 0.25, 0.40, 0.10])
after = {"a": [0.20, 0.20, 0.10, 0.10, 0.40], "r": [0.10, 0.20, 0.40, 0.10, 0.20], "x": [0.60, 0.20, 0.10, 0.05, 0.05]}
after_end = [0.20, 0.20, 0.20, 0.20, 0.20]  # never used: nothing comes after <EOS>
table = np.log([after_end, at_start, after["a"], after["r"], after["x"]]).T
tiny = {
    "Wax": 20 * np.eye(5),
    "Waa": np.zeros((5, 5)),
    "ba": np.zeros((5, 1)),
    "Wya": table - np.log(at_start)[:, None],
    "by": np.log(at_start)[:, None],
}

# %% [markdown]
# ### Exercise · `sequence_log_probability`
# *15 minutes · 4 points · fourth of eight*
#
# $$\log p = \sum_{t=1}^{T} \log \hat y^{\langle t\rangle}_{\text{symbol } t} \qquad x^{\langle 1\rangle} = 0 \qquad a^{\langle 0\rangle} = 0$$
#
# `indices` has shape (T,) and ends with `<EOS>`; the dict `P` holds an RNN with as many outputs as inputs. Run one cell per step with
# m = 1: the input is a column (n, 1), the state is (n_a, 1). Look up how probable the symbol of this step was, add the logarithm, and make
# the symbol the next input. Return one number in nats. It is 0 or negative.
#
# Ask first, read afterwards: if the symbol goes in before its probability is looked up, the network has seen the answer.

# %% nbgrader={"grade": false, "grade_id": "sequence_log_probability", "locked": false, "schema_version": 3, "solution": true, "task": false}
# answer: sequence_log_probability

# %% tags=["try-it"]
# by hand: log 0.0384 = -3.26 and log 0.0004 = -7.82
try_it(lambda: np.round(sequence_log_probability(np.array([3, 2, 4, 0]), tiny), 3))  # rax
try_it(lambda: np.round(sequence_log_probability(np.array([4, 3, 2, 0]), tiny), 3))  # xra

# %% nbgrader={"grade": true, "grade_id": "sequence_log_probability-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check(sequence_log_probability)

# %% [markdown]
# **Pear or pair?** Now a model that was trained: an RNN with 24 units reads the 1,000 sentences twelve times. The percentage in its lines
# says how often the most probable word was the one that came. It cannot come near 100, for much in these sentences is drawn at random.
# `right_…` is the name of the supplied version of a function that you wrote.

# %% tags=["setup"]
words = Vocabulary(tuple(right_vocabulary(all_words, 31)))
fresh = fruit_sentences(np.random.default_rng(1), 1000)


@cache  # trained once, when a cell asks for it first
def word_model():
    rng = np.random.default_rng(0)
    P, _ = train_every_step(
        *batch_of(sentences, words, right_encode, right_shift),
        init_rnn(len(words), 24, len(words), rng),
        rng,
        held_out=batch_of(fresh, words, right_encode, right_shift),
        epochs=12,
        batch=32,
        learning_rate=0.01,
        progress=True,
    )
    return P


# %% tags=["demo", "nbval-ignore-output"]
P = word_model()

# %% [markdown]
# How probable is each word right after *and*? Beside the network stands the plainest rival, a **bigram**: it counts how often each word
# followed *and* in the 1,000 sentences, and knows nothing of the words before.

# %% tags=["demo", "nbval-ignore-output"]
def after_reading(beginning, P):
    """p(next word | beginning), by word."""
    x, _, _ = batch_of([beginning.split()], words, right_encode, right_shift)
    y_pred = rnn_forward(x, np.zeros((len(P["ba"]), 1)), P)[1]
    return dict(zip(words.tokens, y_pred[:, 0, -1]))


followed = [b for sentence in sentences for a, b in zip(sentence, sentence[1:]) if a == "and"]
print(f"{'':24} {'pear':>6} {'pair':>6}")
print(f"{'bigram, after: and':24} {followed.count('pear') / len(followed):6.2f} {followed.count('pair') / len(followed):6.2f}")
for beginning in ("the apple and", "the hat and"):
    p = after_reading(beginning, word_model())
    print(f"{'RNN, after: ' + beginning:24} {p['pear']:6.2f} {p['pair']:6.2f}")

# %% [markdown]
# The bigram says *pair* about whatever it is, for *pair* follows *and* four times as often. The network gives *pear* about a quarter after
# an apple (the grammar says a third, the other fruits being plum and cherry; other runs gave 0.13 to 0.43), and after a hat it says
# *pair*. A **trigram**, which looks two words back, could do that too. The network was not told how far to look.
#
# Your function turns these steps into a verdict on whole sentences. A difference of 1 nat is a factor of e ≈ 2.7.

# %% tags=["try-it", "nbval-ignore-output"]
def verdict(first, second):
    nats = [sequence_log_probability(encode(s.split(), words), word_model()) for s in (first, second)]
    return (
        f"{nats[0]:7.2f}  {first}\n{nats[1]:7.2f}  {second}\n"
        f"         the first one is {np.exp(nats[0] - nats[1]):,.0f} times as probable"
    )


try_it(lambda: verdict("the apple and pear salad was fresh", "the apple and pair salad was fresh"))
try_it(lambda: verdict("the hat and pair of gloves was new", "the hat and pear of gloves was new"))

# %% [markdown]
# *Pear* where a pear belongs, *pair* where a pair belongs. How large the factors are depends on the run: sixteen runs gave tens to
# thousands for the first pair, hundreds to a hundred thousand for the second, and never the wrong word.

# %% [markdown]
# ## 4.5 One number for a model
#
# A long sentence is less probable than a short one, so the sum of section 4.4 says little about a model. Divide the loss by the number of
# symbols, and different texts can be compared. The result is in nats per symbol. People quote it in one of two other ways.
#
# **Perplexity.** How many equally likely symbols would be as hard to guess? A model that hesitates between four equal ones gives each 1/4
# and loses log 4 nats. Turn it round: whoever loses L nats per step hesitates as if between $e^L$ symbols.
#
# **Bits per character.** One bit is the answer to one fair yes-or-no question, and it is log 2 ≈ 0.693 nats. Dividing by log 2 changes
# the unit, as from inches to metres. With 27 equally likely symbols, the 26 letters and the end of a name, it takes
# $\log_2 27 \approx 4.75$ questions to find the right one.
#
# **By hand.** Three steps gave the right symbol 1/2, 1/4 and 1/8. The loss is 6 log 2 ≈ 4.1589 nats, as in lesson 01. Per step it is 2
# log 2. So the perplexity is $e^{2 \log 2} = 4$, and the model needs 2 bits per character. The two always agree: 2 to the power of the
# bits is the perplexity.

# %% [markdown]
# ### Exercise · `perplexity`
# *3 minutes · 1 point · fifth of eight*
#
# $$\text{perplexity} = e^{\,\text{nats} / \text{steps}}$$
#
# `nats` is a loss summed over `steps` steps. A model that is always sure and right has perplexity 1.
#
# One of NumPy's functions undoes the natural logarithm.

# %% nbgrader={"grade": false, "grade_id": "perplexity", "locked": false, "schema_version": 3, "solution": true, "task": false}
# answer: perplexity

# %% tags=["try-it"]
# by hand: 4
try_it(lambda: perplexity(6 * np.log(2), 3))

# %% nbgrader={"grade": true, "grade_id": "perplexity-check", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check(perplexity)

# %% [markdown]
# ### Exercise · `bits_per_character`
# *2 minutes · 1 point · sixth of eight*
#
# $$\text{bits} = \frac{\text{nats}}{\text{steps} \cdot \log 2}$$
#
# The same two arguments, another unit. Are there more bits than nats, or fewer? Decide before you run it.

# %% nbgrader={"grade": false, "grade_id": "bits_per_character", "locked": false, "schema_version": 3, "solution": true, "task": false}
# answer: bits_per_character

# %% tags=["try-it"]
# by hand: 2
try_it(lambda: bits_per_character(6 * np.log(2), 3))
# the network of lesson 02 ended at about 2.0 nats per letter
try_it(lambda: np.round(bits_per_character(2.0, 1), 1))

# %% nbgrader={"grade": true, "grade_id": "bits_per_character-check", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check(bits_per_character)

# %% [markdown]
# Lesson 02 stopped at about 2.9 bits, then. Section 4.7 takes up its names again.
#
# Perplexity is easiest to believe where the truth is known. The grammar of the fruit sentences is ours, so we can count between how many
# words it chooses at each step: always *the*; then one of eight things; always *and*; one of the three other fruits; a dish (four, and
# now and then a rare one, which makes about 4.6); *was*; one of four tastes; the end. Below is what the word model makes of those of 1,000
# fresh sentences that are about fruit.

# %% tags=["demo"]
about_fruit = [sentence for sentence in fresh if len(sentence) == 7]
x, mask, targets = batch_of(about_fruit, words, right_encode, right_shift)
y_pred = rnn_forward(x, np.zeros((24, len(about_fruit))), word_model())[1]
given = np.take_along_axis(y_pred, targets[None], axis=0)[0]  # what the right word got, (m, T)
hesitation = np.exp(-np.log(given).mean(axis=0))  # perplexity of each step, (T,)
rare = 1 / 20
dishes = np.exp(-(1 - rare) * np.log((1 - rare) / 4) - rare * np.log(rare))
plot_by_symbol(
    ["the", "a fruit\nor garment", "and", "another\nfruit", "dish", "was", "taste", "<EOS>"],
    hesitation,
    expected=[1, 8, 1, 3, dishes, 1, 4, 1],
    expected_name="choices that the grammar has",
    title="The model hesitates where the grammar has a choice, and nowhere else",
    ylabel="perplexity of the step",
)

# %% [markdown]
# Where the grammar leaves no choice, the bars stand at 1. Elsewhere they end close to the orange lines. What is drawn at random cannot be
# foreseen, so a low perplexity is a matter of the text as much as of the model. Never hold two such numbers against each other that come
# from different texts, or from different vocabularies.
#
# **Question.** A model has perplexity 27 on a text with 27 symbols. How does it do, compared with guessing among all 27 alike?
#
# a: better than that · b: worse than that · c: neither of the two

# %%
quiz("perplexity-27", "?")

# %% [markdown]
# ## 4.6 Adam, a better step
#
# Until now each weight moved by its gradient times a learning rate α, one α for all. The rest of this lesson works on names, letter by
# letter, and there this goes badly. The list has 1,318 names and was gathered by somebody from an online dictionary of dinosaurs. A few of
# them are no dinosaurs: *yanornis* and *jeholornis* were birds, *poposaurus* was a relative of the crocodiles, and even *dinosaurus*,
# which is in the list, was none. For learning to spell such names that does no harm. One name in ten is held out.

# %% tags=["setup"]
names = load_dinosaurs()
order = np.random.default_rng(0).permutation(len(names))
held_out_names, known_names = [names[i] for i in order[:132]], [names[i] for i in order[132:]]
letters = Vocabulary(tuple(right_vocabulary(list("".join(known_names)), 28)))
known = batch_of(known_names, letters, right_encode, right_shift)
held_out = batch_of(held_out_names, letters, right_encode, right_shift)

# %% tags=["demo"]
P = init_rnn(28, 64, 28, np.random.default_rng(0))
G, _, _ = every_step_gradients(*known, P)  # the backward pass of lesson 02, output layer and cell in one call
column_size = np.sqrt(np.mean(G["dWax"] ** 2, axis=0)) / known[1].sum()
for letter in "asqf":
    times = "".join(known_names).count(letter)
    print(f"{letter}: {times:5,d} times in the names, typical gradient of its weights {column_size[letters.tokens.index(letter)]:.6f}")

# %% [markdown]
# These are the columns of `Wax`, one for each letter. The weights of *a* have a gradient about fifty times as large as those of *q*,
# because *q* is hardly ever read. With one α for both, a step moves the weights of *q* a fiftieth as far. Raise α until *q* gets along,
# and *a* is thrown about.
#
# **Adam** changes the step in two ways, and for each it keeps a running mean with the shape of the weight. With g for the gradient of this
# step:
#
# $$m \leftarrow \beta_1\,m + (1 - \beta_1)\,g \qquad\qquad v \leftarrow \beta_2\,v + (1 - \beta_2)\,g^2$$
#
# - m is the mean of the last gradients, each older one counting a little less. (It has nothing to do with m, the number of examples.)
#   Where gradients keep changing their sign, they cancel, and the weight stays almost where it is. Walk along m, and the way is steadier.
# - v is the mean of their squares, entry by entry. Its root is the usual size of this weight's gradients. Divide by it, and every weight
#   has a step length of its own.
#
# $\beta_1 = 0.9$ looks back over about 10 steps, $\beta_2 = 0.999$ over about 1,000.
#
# **Both begin at zero**, and that makes them too small at first. Suppose that all gradients are the same g. After k steps
# $m = 0.1\,(1 + 0.9 + \dots + 0.9^{k-1})\,g = (1 - 0.9^k)\,g$, where it should be g. So each mean is divided by the weight that it has
# gathered so far:
#
# $$\hat m = \frac{m}{1 - \beta_1^k} \qquad\qquad \hat v = \frac{v}{1 - \beta_2^k} \qquad\qquad \theta \leftarrow \theta - \alpha\,\frac{\hat m}{\sqrt{\hat v} + \varepsilon}$$
#
# $\varepsilon = 10^{-8}$ only prevents a division by zero. It stands **outside** the root. Inside it would act as if it were
# $\sqrt{\varepsilon} = 10^{-4}$: a weight whose gradients are about $10^{-6}$ would then move by a hundredth of a step, and helping such
# weights was the point.
#
# **By hand.** One weight, $\theta = 1$, learning rate 0.1, first gradient 0.5.
#
# | | step 1, g = 0.5 | step 2, g = −0.5 |
# |---|---|---|
# | m | $0.1 \cdot 0.5 = 0.05$ | $0.9 \cdot 0.05 - 0.1 \cdot 0.5 = -0.005$ |
# | v | $0.001 \cdot 0.25 = 0.00025$ | $0.999 \cdot 0.00025 + 0.001 \cdot 0.25 \approx 0.0005$ |
# | m̂ | $0.05 / 0.1 = 0.5$ | $-0.005 / 0.19 \approx -0.026$ |
# | v̂ | $0.00025 / 0.001 = 0.25$ | $\approx 0.0005 / 0.002 = 0.25$ |
# | moves by | $-0.1 \cdot 0.5 / 0.5 = -0.1$ | $+0.1 \cdot 0.026 / 0.5 \approx +0.005$ |
# | θ | 0.9 | ≈ 0.905 |
#
# The first step is practically as long as the learning rate, and would be for a gradient of 50 or of 0.00005 as well: only the sign
# remains. The second gradient points the other way, the mean nearly cancels, and the weight hardly moves.

# %% [markdown]
# ### Exercise · `adam_step`
# *20 minutes · 5 points · seventh of eight*
#
# $$\theta \leftarrow \theta - \alpha\,\frac{\hat m}{\sqrt{\hat v} + \varepsilon} \qquad \hat m = \frac{m}{1 - \beta_1^k} \qquad \hat v = \frac{v}{1 - \beta_2^k}$$
#
# Do one step for every parameter in P. `G` holds the gradients under the same names with a d in front. `state` is None before the first
# step; afterwards it is the tuple (steps so far, dict of m, dict of v) that your last call returned, both dicts under the names of P.
# Count this step first, then use the count as k. What goes into the new state are m and v *without* hats. Make new dicts: the old P and
# the old state stay as they are.
#
# The whole is one loop over the names in P, with one line for each formula.

# %% nbgrader={"grade": false, "grade_id": "adam_step", "locked": false, "schema_version": 3, "solution": true, "task": false}
# answer: adam_step

# %% tags=["try-it"]
def two_steps():
    P, state, path = {"w": np.array([[1.0]])}, None, []
    for g in (0.5, -0.5):
        P, state = adam_step(P, {"dw": np.array([[g]])}, state, learning_rate=0.1)
        path.append(P["w"][0, 0])
    return np.array(path)


# by hand: 0.9, then about 0.905
try_it(two_steps)

# %% nbgrader={"grade": true, "grade_id": "adam_step-check", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
check(adam_step)

# %% [markdown]
# **Is it worth it, and which of the two changes does it?** The same network, the same starting weights, the same names in the same order,
# six epochs. Only the rule of the step differs: plain descent, each of Adam's changes alone, and both. The learning rates were the best of
# three to five that we tried with each rule; plain descent gets two.

# %% tags=["demo", "nbval-ignore-output"]
from utils.experiments.lesson_04a import step_rule_experiment

step_rules = step_rule_experiment(seed=0, progress=True)

# %% tags=["demo"]
plot_bits_by_epoch(
    step_rules,
    title="Either half of Adam helps; both together help most",
    ylabel="held-out bits per character",
    ylim=(2.4, 3.6),
)

# %% [markdown]
# The mean alone gains more than the usual size alone. Together they gain most: two epochs of Adam do more than six of plain descent. On
# two other splits of the names it was the same; Adam was ahead of the mean alone by less than a tenth of a bit each time.
#
# Adam has its price: two more numbers are stored for every weight. And α is still yours to choose. We took 0.01. With 0.001, a usual
# choice elsewhere, Adam was behind plain descent after six epochs, on all three splits.

# %% [markdown]
# ## 4.7 Your model against counting
#
# Vocabulary, shifted targets, masks, clipping, Adam: here is the whole training loop. After each epoch it measures the held-out names, and
# in the end it keeps the weights of the best epoch. This is **early stopping** in its patient form; the impatient one leaves the loop as
# soon as a few epochs have brought nothing.

# %% tags=["setup"]
@on_one_thread  # matrices this small get slower when two processors share them
def train_names(adam_step, known, held_out, epochs=20, size=32, learning_rate=0.01):
    """Returns the best parameters, bits per character by epoch, and the best epoch, counted from 1."""
    rng = np.random.default_rng(0)
    (x, mask, targets), n = known, len(known[0])
    P, state = init_rnn(n, 64, n, rng), None
    best_P, best, bits = P, 0, {"while learning": [], "held out": []}
    for epoch in range(1, epochs + 1):
        nats, order = 0.0, rng.permutation(len(targets))
        for first in range(0, len(order), size):
            some = order[first : first + size]
            G, loss, _ = every_step_gradients(x[:, some], mask[some], targets[some], P)
            per_step = {name: g / mask[some].sum() for name, g in G.items()}
            P, state = adam_step(P, clip_by_norm(per_step, 1.0)[0], state, learning_rate)
            nats += loss
        bits["while learning"].append(nats / mask.sum() / np.log(2))
        nats_per_symbol, _ = evaluate(EVERY_STEP, held_out, P)  # EVERY_STEP: one prediction at each step
        bits["held out"].append(nats_per_symbol / np.log(2))
        if bits["held out"][-1] == min(bits["held out"]):
            best_P, best = P, epoch
        if epoch % 4 == 0:
            print(f"epoch {epoch:2d} of {epochs}: {bits['held out'][-1]:.2f} bits per character held out", flush=True)
    return best_P, bits, best


trained = {}


def my_model():
    """The parameters that your functions trained; as long as there are none, those of the supplied functions."""
    if not trained:
        trained["P"], trained["bits"], trained["best"] = train_names(right_adam, known, held_out)
    return trained["P"]


# %% [markdown]
# It runs with *your* `encode`, `shift_targets` and `adam_step`, for some seconds. If they are not written yet, the cells that follow train
# with the supplied ones.

# %% tags=["try-it", "demo", "nbval-ignore-output"]
def with_my_functions():
    mine = batch_of(known_names, letters, encode, shift_targets)
    theirs = batch_of(held_out_names, letters, encode, shift_targets)
    P, bits, best = train_names(adam_step, mine, theirs)
    trained.update(P=P, bits=bits, best=best)
    return f"best after epoch {trained['best']}: {min(trained['bits']['held out']):.2f} bits per character"


try_it(with_my_functions)

# %% tags=["demo", "nbval-ignore-output"]
P = my_model()
orders = {"uniform": 0, "unigram": 1, "bigram": 2, "trigram": 3, "five-gram": 5}
counting = {name: ngram_bits(known_names, held_out_names, n) for name, n in orders.items()}
plot_bits_by_epoch(
    trained["bits"],
    levels={name: counting[name] for name in ("bigram", "trigram", "five-gram")},
    best={"held out": trained["best"]},
    ylim=(2.0, 3.5),
    title="After about ten epochs only the training names get cheaper",
)

# %% [markdown]
# On the names that it learns from, the network improves to the last epoch. (That curve starts above the other one, because it is the mean
# over an epoch in which the network was still improving.) On the held-out names it improves for about ten epochs and then stands still, or
# gets a little worse: what it learns from then on is those names, and no longer how such names are spelt. With other starting weights and
# other splits the best epoch was between the 9th and the 17th. The ring marks the one whose weights are kept.
#
# The dotted lines are rivals that only count. An **n-gram** looks at the last n − 1 letters and asks how often each letter followed them.
# A unigram only knows how frequent each letter is; *uniform* knows nothing. Where a run of letters is too rare to be counted, each leans
# on the next shorter one.

# %% tags=["demo", "nbval-ignore-output"]
from utils.plotting.bars import plot_bars

network = min(trained["bits"]["held out"])
plot_bars(
    counting | {"the RNN": network},
    own="the RNN",
    title="The network beats the trigram, and the five-gram beats the network",
    xlabel="bits per character on held-out names (less is better)",
)
counts = len(NGrams(known_names, order=5, symbols=27, strength=4).counts)  # the strength changes no count
weights = sum(theta.size for theta in my_model().values())
print(f"the five-gram keeps {counts:,d} counts, the network {weights:,d} weights")
print(f"perplexity of the network: {2**network:.1f} letters")

# %% [markdown]
# The network needs about a tenth of a bit less than the trigram. It went from hesitating between 27 symbols to hesitating between about
# six. And a five-gram, a table of counts with some care for rare cases, is better still, here by about as much. On two other splits it
# was ahead by less than a tenth of a bit. With a thousand short names and a plain cell, counting is hard to beat. The five-gram pays with
# twice as many numbers as the network has, and with every letter further back its table grows.
#
# One more caution. The network's best epoch was picked by the same held-out names that are then reported, which flatters it a little. The
# n-grams had no such help: how much they lean was chosen on training names. Part B holds out two sets, one to choose by, one to report.
#
# **A longer run.** The plot below was not computed here. It comes from a *stored run*: the same split of the names, a smaller learning
# rate, 40 epochs. Beside your cell stands the GRU, the cell of lesson 06, with two and a half times as many weights.

# %% tags=["demo"]
stored = load_runs("names")
plot_bits_by_epoch(
    {
        "RNN, learning": stored["rnn_learning"],
        "RNN, held out": stored["rnn"],
        "GRU, learning": stored["gru_learning"],
        "GRU, held out": stored["gru"],
    },
    best={"RNN, held out": stored["rnn"].argmin() + 1, "GRU, held out": stored["gru"].argmin() + 1},
    levels={"five-gram": float(ngram_bits(known_names, held_out_names, 5))},
    ylim=(1.7, 3.3),
    title="Stored run: learning goes on, the held-out names stop gaining",
)
for cell in ("rnn", "gru"):
    best = stored[cell].argmin()
    print(f"{cell.upper()}: best {stored[cell][best]:.2f} after epoch {best + 1}, {stored[cell][-1]:.2f} after epoch 40")

# %% [markdown]
# The RNN stays on its plateau and rises slightly. The GRU comes down to about the level of the five-gram, stays there until about epoch
# 28, and then gets clearly worse, while its loss on the names that it learns from never stops falling.
#
# **Where are the bits spent?** Here is one held-out name, the first in the held-out list that ends in *-saurus* and has at least 14
# letters. Each bar says how surprised the model was by that letter.

# %% tags=["demo", "nbval-ignore-output"]
name = next(n for n in held_out_names if n.endswith("saurus") and len(n) >= 14)
x, _, targets = batch_of([name], letters, right_encode, right_shift)
y_pred = rnn_forward(x, np.zeros((64, 1)), my_model())[1]
surprise = -np.log2(y_pred[targets[0], 0, np.arange(len(name) + 1)])
plot_by_symbol(
    [*name, "end"],
    surprise,
    title=f"{name}: once -sa- is read, the rest is nearly free",
    ylabel="surprise in bits",
)
print(f"{surprise[:-7].mean():.1f} bits per letter before -saurus, {surprise[-5:].mean():.2f} per symbol once -sa- was read")

# %% [markdown]
# What stands before *-saurus* could be almost anything, and it costs bits to the middle of the name. Once *-sa-* has been read there is
# little doubt. The one number in bits per character is an average over two very different situations.

# %% [markdown]
# ## 4.8 Let it write
#
# The model says how probable each next letter is. To write, draw one letter according to these probabilities, read it in as the next
# input, and ask again.
#
# ![Four steps. From zeros and the state a0 comes the first prediction; a is drawn from it and becomes the input of step two. There r is
# drawn and becomes the input of step three, then x. At step four the end of the sequence is drawn and the writing
# stops.](figures/sampling.svg)
#
# Four rules:
#
# 1. **Begin as in training**: $x^{\langle 1\rangle} = 0$, $a^{\langle 0\rangle} = 0$.
# 2. **Draw** from the distribution; do not take the most probable symbol.
# 3. **Reject `<UNK>`.** It stands for words that we cannot spell. Set its probability to zero and divide the others by their sum.
# 4. **Stop** at `<EOS>`, or when a given length is reached: nothing guarantees that `<EOS>` is drawn soon.
#
# In training the right symbol went in; now the network reads what it wrote itself. If it makes an odd turn, it has to live with it.
#
# **By hand.** Draw a number between 0 and 1, and walk down the column, adding up, until the sum exceeds it. The three-letter model of
# section 4.4 has 0.20 for `<UNK>` in each column, so the rest is divided by 0.8:
#
# | next | at the start | sum | after a | sum | after r | sum | after x | sum |
# |---|---|---|---|---|---|---|---|---|
# | `<EOS>` | 0.0625 | 0.0625 | 0.25 | 0.25 | 0.125 | 0.125 | 0.75 | 0.75 |
# | a | 0.3125 | 0.375 | 0.125 | 0.375 | 0.5 | 0.625 | 0.125 | 0.875 |
# | r | 0.5 | 0.875 | 0.125 | 0.5 | 0.125 | 0.75 | 0.0625 | 0.9375 |
# | x | 0.125 | 1 | 0.5 | 1 | 0.25 | 1 | 0.0625 | 1 |
#
# The numbers drawn are 0.181, 0.398, 0.894 and 0.403. The first lies between 0.0625 and 0.375: **a**. After a the second, 0.398, lies
# between 0.375 and 0.5: **r**. After r, 0.894 is above 0.75: **x**. After x, 0.403 is below 0.75: the **end**. The name is *arx*.
# `rng.choice` with probabilities does the same walk.
#
# **Temperature.** Divide the log-probabilities by a number τ and take the softmax. τ = 1 changes nothing. Below 1 the likely symbols get
# likelier still, and the writing gets safer and more alike; above 1 it gets wilder. Part B turns this knob in earnest.

# %% [markdown]
# ### Exercise · `sample_sequence`
# *15 minutes · 6 points · last of eight*
#
# $$p = \text{softmax}\left(\frac{\log \hat y^{\langle t\rangle}}{\tau}\right) \qquad p_{\texttt{<UNK>}} \leftarrow 0 \qquad p \leftarrow \frac{p}{\sum_i p_i} \qquad \text{index} \sim p$$
#
# Return the list of the indices drawn, without `<EOS>`, at most `max_length` of them. Draw exactly once per step, with
# `rng.choice(n, p=p)` (not `np.random.choice`), where n is `len(vocabulary)` and p has shape (n,): with the same `rng` your name is then
# the same as ours. `vocabulary.unk` and `vocabulary.eos` are the numbers of the two special symbols. m = 1.
#
# It is the loop of `sequence_log_probability`, with a draw in the place of the given symbol.

# %% nbgrader={"grade": false, "grade_id": "sample_sequence", "locked": false, "schema_version": 3, "solution": true, "task": false}
# answer: sample_sequence

# %% tags=["try-it"]
print("drawn numbers:", np.random.default_rng(36).random(4).round(3))
# by hand: a r x, which are the numbers 2, 3, 4
try_it(lambda: sample_sequence(tiny, three_letters, np.random.default_rng(36), 10))

# %% nbgrader={"grade": true, "grade_id": "sample_sequence-check", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
check(sample_sequence)

# %% [markdown]
# Two dozen names, written by your function with your model, twelve at each of two temperatures. They are the first that were drawn; nobody
# picked them. Change the seed, and there are others.

# %% tags=["try-it", "nbval-ignore-output"]
def twelve_names(temperature):
    rng, P = np.random.default_rng(3), my_model()
    drawn = [sample_sequence(P, letters, rng, 30, temperature) for _ in range(12)]
    spelt = ["".join(letters.tokens[i] for i in indices) for indices in drawn]
    return f"temperature {temperature}\n  " + "\n  ".join(", ".join(spelt[k : k + 4]) for k in (0, 4, 8))


try_it(lambda: twelve_names(1.0))
try_it(lambda: twelve_names(0.5))

# %% [markdown]
# At temperature 1 most of them can be pronounced, and a few are far too long. At 0.5 they are tidier and more alike.
#
# **Are they new?** A model could learn its list by heart and recite it. So count, among 1,000 drawn names: how many stand in the training
# names, how many are held-out names that it never saw, and how many are in neither list? And do they look like what it read?

# %% tags=["demo", "nbval-ignore-output"]
for temperature in (1.0, 0.5):
    rng = np.random.default_rng(4)
    drawn = [right_sample(my_model(), letters, rng, 30, temperature) for _ in range(1000)]
    written = ["".join(letters.tokens[i] for i in indices) for indices in drawn]
    copies, guessed = (sum(name in some for name in written) for some in (known_names, held_out_names))
    ending, length = np.mean([name.endswith("saurus") for name in written]), np.mean([len(name) for name in written])
    print(f"temperature {temperature}: {copies:2d} training names, {guessed} held-out names, {1000 - copies - guessed} in neither list;")
    print(f"  {len(set(written))} different ones, {ending:.0%} end in -saurus, {length:.1f} letters on average")
ending, length = np.mean([name.endswith("saurus") for name in names]), np.mean([len(name) for name in names])
print(f"the list: {ending:.0%} end in -saurus, {length:.1f} letters on average")

# %% [markdown]
# At temperature 1 nearly all are new, fewer than one in a hundred is a copy, and the share of *-saurus* and the usual length are close to
# those of the list. At 0.5 three to six in a hundred are copies, and far more end in *-saurus* than in the list: what is likely anyway
# crowds out the rest. Two other splits gave the same. A held-out name comes up rarely or not at all. That a name is in neither list says
# only that it is not copied letter for letter; it may differ from a known one by a single letter.
#
# **Words.** The same function writes sentences, for it never looks at what a symbol is. Now and then one has a slip. `<UNK>`, to which the
# word model gives some probability after two fruits, never appears.

# %% tags=["demo", "nbval-ignore-output"]
rng = np.random.default_rng(5)
for _ in range(5):
    print(" ".join(words.tokens[i] for i in right_sample(word_model(), words, rng, 12)))

# %% [markdown]
# **Question.** Suppose that each step took the most probable letter and did not draw. What would the 1,000 names be?
#
# a: the 1,000 most probable names · b: 1,000 times the same name · c: all of them copies from the list

# %%
quiz("always-the-best", "?")

# %% [markdown]
# ## 4.9 Too good to be true
#
# A student rewrites `batch_of`, trains on the same names, and reports the numbers below with pride. Find the line that is to blame.

# %% tags=["demo", "nbval-ignore-output"]
def proud_batch(sequences, vocabulary):
    encoded = [right_encode(list(sequence), vocabulary) for sequence in sequences]
    m, T = len(encoded), max(len(indices) for indices in encoded)
    read, mask, targets = np.full((m, T), -1), np.zeros((m, T), dtype=bool), np.zeros((m, T), dtype=int)
    for i, indices in enumerate(encoded):
        steps = len(indices)
        read[i, :steps] = indices
        targets[i, :steps] = indices
        mask[i, :steps] = True
    x = (np.arange(len(vocabulary))[:, None, None] == read).astype(float)
    return x, mask, targets


proud_P, bits, _ = train_names(
    right_adam, proud_batch(known_names, letters), proud_batch(held_out_names, letters), epochs=4
)
print("held-out bits per character by epoch:", np.array(bits["held out"]).round(3))

# %% [markdown]
# After four epochs less than a fiftieth of a bit, on names that it never saw. Then the student lets it write, and at last measures it on
# input that is shifted as it should be. Guessing alike among 27 symbols would need 4.75 bits.

# %% tags=["demo", "nbval-ignore-output"]
rng = np.random.default_rng(6)
for _ in range(5):
    print("".join(letters.tokens[i] for i in right_sample(proud_P, letters, rng, 16)))
print(f"asked properly: {evaluate(EVERY_STEP, held_out, proud_P)[0] / np.log(2):.1f} bits per character")

# %% [markdown]
# **Question.** What did this network learn?
#
# a: the names by heart · b: to say the letter that it is reading at that moment · c: nothing, its learning rate is too large

# %%
quiz("reads-the-answer", "?")

# %% [markdown]
# The held-out names did not raise the alarm, for the mistake is in them, too. The writing did, at the first glance. Held-out numbers
# guard against learning by heart; they do not guard against a question that contains its own answer.
#
# **A quieter relative.** Take your good model and divide its loss on the held-out names by all places in the table, padding included:

# %% tags=["demo", "nbval-ignore-output"]
x, mask, targets = held_out
nats = evaluate(EVERY_STEP, held_out, my_model())[0] * mask.sum()
print(f"divided by the {mask.sum():,d} steps that count:  {nats / mask.sum() / np.log(2):.2f} bits per character")
print(f"divided by all {targets.size:,d} places:           {nats / targets.size / np.log(2):.2f} bits per character")

# %% [markdown]
# Nothing was learned in between, and yet the second number is better than any honest one in this lesson. A number that is much better than
# everybody else's is a reason to look for the mistake first.

# %% [markdown]
# ## Written question
#
# *10 minutes · 4 points · read by a person*
#
# Two models were measured on the same held-out sentences, ends included. Model A works on words and has a perplexity of 64 per word.
# Model B works on characters and has a perplexity of 4 per character. A word, with the space behind it, has 5.5 characters on average.
# Somebody concludes: 4 is less than 64, so B is better. In five to eight sentences: say what is wrong with this conclusion, compare the
# two by a calculation that is fair to both, name an advantage that `<UNK>` gives to A, and say how you would take it away.

# %% [markdown] nbgrader={"grade": true, "grade_id": "fair_comparison", "locked": false, "points": 4, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# Perplexity counts per symbol, and the symbols differ. To choose among 64 words once is another task than to choose among four characters
# again and again, until the word is spelt. What both models share is the text, so I compare what they need for the same piece of it. A
# needs $\log_2 64 = 6$ bits for a word. B needs $\log_2 4 = 2$ bits per character, which makes $5.5 \cdot 2 = 11$ bits for a word. So far
# A is the better one, by 5 bits per word.
#
# But A was helped. Each word outside its vocabulary counts as guessed when it says `<UNK>`, which is frequent and easy; B had to spell
# it. I would charge A for the spelling as well, for instance the bits that B needs for that word, or measure both only on sentences that
# hold no unknown word, and say how many those are. (Also right: report the share of `<UNK>`; a vocabulary cut to a few words would make A
# look ever better.)
#
# **Marking.** One point each: the symbols differ, so the two numbers have different units; the calculation, 6 against 11 bits per word
# (or the same per sentence, in nats, or as a perplexity per word, $2^{11} = 2048$ against 64); what `<UNK>` saves A; a remedy that would
# work. Half a point for the calculation if the idea is right and a number is wrong.
# ### END SOLUTION

# %% [markdown]
# ## What you have now
#
# | function | takes | gives |
# |---|---|---|
# | `build_vocabulary` | tokens, size | list of symbols, `<EOS>` and `<UNK>` first |
# | `encode` | tokens, vocabulary | their numbers and that of `<EOS>`, (T,) |
# | `shift_targets` | indices (T,) | what is read and what is asked, (T,) each |
# | `sequence_log_probability` | indices (T,), P | log p of the whole sequence, in nats |
# | `perplexity`, `bits_per_character` | nats, steps | one number |
# | `adam_step` | P, G, state, learning rate | new P, new state |
# | `sample_sequence` | P, vocabulary, rng, length, temperature | list of symbols drawn |

# %% tags=["nbval-ignore-output"]
progress("04a")

# %% [markdown]
# The written question adds 4 points, given by a person.
#
# **Where next.** Part B takes one trained model and lets it write in four ways, then carries a small project from its data to a program
# that others can run: `04b_decoders_and_a_project.ipynb`. Lesson 05 turns the network round: it reads a whole name and answers once
# (`05_sequence_classification`).
