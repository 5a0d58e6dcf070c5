# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 5 · One answer for a whole word
#
# *Virtanen*, *Yamashita*, *Kowalska*. Perhaps you can say in which language each of these is spelt, though you never met anybody of that
# name. You read to the end, and something about the letters and their order settles it. This lesson builds a network that does the same:
# it reads a word of any length and answers once.
#
# **After this lesson you can**
#
# - describe a recurrent network as a chain of moves of one vector;
# - read many words of different lengths at the same time, without their padding doing harm;
# - carry the gradient from one answer back through a whole word, and train with it;
# - read a confusion matrix, and judge a network by a plain rival, here one that wins.
#
# *About 120 minutes. You need lessons 01 and 02, clipping from lesson 03 and Adam from lesson 04, part A. A good place for a break is
# before section 5.7. Sections 5.9 and 5.10 are extra: nothing later needs them.*

# %% tags=["setup"]
import utils

assert hasattr(utils, "__course__"), (
    f"Another utils.py is in the way: {utils.__file__}. Rename it and restart the kernel."
)

import numpy as np

from utils import reference
from utils.checking import check, hint, progress, quiz, try_it
from utils.datasets import LANGUAGES, cat_words
from utils.loop import on_one_thread
from utils.reference import adam_step, clip_by_norm, gradient_check, init_rnn, one_hot
from utils.reference import rnn_cell_backward, rnn_cell_forward, rnn_forward, softmax

# %% [markdown]
# ## Before you begin
#
# Three questions from earlier lessons.
#
# **1.** The same `Waa` works at every step. In lesson 02, what is its gradient for a whole sequence?
#
# a: the sum of what all steps give · b: that of the last step · c: the largest of what the steps give

# %%
quiz("shared-weight-gradient", "?")

# %% [markdown]
# **2.** `sequence_to_one_forward` meets a step whose mask is False. What becomes of the state of that example?
#
# a: it is set to zeros · b: it is computed as always · c: it stays as it was

# %%
quiz("masked-step", "?")

# %% [markdown]
# **3.** Nine classes, and a network that gives each of them a ninth. What does one answer cost?
#
# a: 0.11 nats · b: 2.20 nats · c: 9 nats

# %%
quiz("ninth-in-nats", "?")

# %% [markdown]
# ## 5.1 A vector on its way
#
# Here is the smallest collection of words in this course: "cat", in twelve languages.

# %% tags=["setup"]
CATS = [word for word, _ in cat_words()]
CAT_LANGUAGES = [language for _, language in cat_words()]

# %% tags=["demo"]
print("  ".join(f"{word} ({language})" for word, language in cat_words()))

# %% [markdown]
# One word goes in, letter by letter, and one language should come out. Lesson 01 called this shape **many to one**. It spoke of cells and
# layers. Neither word is needed. All that happens is that **one vector moves**.
#
# ![Three panels of a plane with a dashed square from minus one to one. First: the old state at (0.76, 0) is turned by a quarter and
# halved, to (0, 0.38). Second: the column of the letter a pushes it to (−1.4, 0.98), outside the square. Third: tanh presses it back
# inside, to (−0.89, 0.75).](figures/vector_chain.svg)
#
# The vector is the state, here with two numbers, so that it is a point in a plane. It begins at the origin. For each letter it makes
# three moves.
#
# 1. **A matrix moves it.** $W_{aa}$ turns and stretches the plane, always in the same way. In the picture it turns by a quarter and
#    halves.
# 2. **The letter pushes it.** Each letter has a vector of its own, a column of $W_{ax}$, and that vector is added. The bias is added,
#    too.
# 3. **tanh presses it into the square** from −1 to 1, each number on its own.
#
# Then comes the next letter. After the last one the vector stands somewhere, and from where it stands the answer is made: one more
# matrix, one softmax.
#
# | symbol | code | shape here | what it does |
# |---|---|---|---|
# | $a^{\langle t\rangle}$ | `a` | (2, 1) | the point after t letters |
# | $W_{aa}$ | `P["Waa"]` | (2, 2) | the matrix that moves it at every step |
# | $W_{ax}$ | `P["Wax"]` | (2, n_x) | one column for each letter: its push |
# | $W_{ya}$, $b_y$ | `P["Wya"]`, `P["by"]` | (n_y, 2), (n_y, 1) | make an answer from the last point |
#
# **By hand.** Let $W_{aa}$ take $(p, q)$ to $(-q/2,\; p/2)$: a quarter turn to the left, and half the length. Let the push of *c* be
# $(1, 0)$, that of *a* $(-1.4,\; 0.6)$ and that of *t* $(0.8,\; -0.6)$, and the bias zero. Read *cat*.
#
# | letter | moved by $W_{aa}$ | pushed by the letter | pressed by tanh |
# |---|---|---|---|
# | c | (0, 0) | (1, 0) | (0.762, 0) |
# | a | (0, 0.381) | (−1.4, 0.981) | (−0.885, 0.753) |
# | t | (−0.377, −0.443) | (0.423, −1.043) | (0.400, −0.779) |
#
# Where does *act* end? It has the same letters, so it gets the same three pushes, in another order. The cell below follows both words.
# Its last line for *cat* should be your last row.

# %% tags=["demo"]
push = {"c": np.array([1.0, 0.0]), "a": np.array([-1.4, 0.6]), "t": np.array([0.8, -0.6])}
turn = np.array([[0.0, -0.5], [0.5, 0.0]])

for word in ("cat", "act"):
    a = np.zeros(2)
    for letter in word:
        a = np.tanh(turn @ a + push[letter])
        print(f"{word}, after {letter}: ({a[0]:+.3f}, {a[1]:+.3f})")

# %% [markdown]
# The two words end far apart. A sum of three pushes could not tell them from each other; the turn between the pushes can. So the place
# where the vector ends stands for the whole word, its order included. A vector that stands for something is called an **embedding** of it.
# This one is not learned: the matrix and the pushes are, and the vector is what they do to one word. And t is no time here. It counts
# letters.

# %% [markdown]
# ## 5.2 A product that is only a look-up
#
# So far a letter was a column with a single 1, and its push was a matrix product, $W_{ax}\,x$. Write that product out for three letters,
# *b* being the second:
#
# $$\begin{bmatrix} 0.2 & \mathbf{0.7} & -0.1 \\ 0.5 & \mathbf{-0.3} & 0.4 \end{bmatrix} \begin{bmatrix} 0 \\ 1 \\ 0 \end{bmatrix} = \begin{bmatrix} \mathbf{0.7} \\ \mathbf{-0.3} \end{bmatrix}$$
#
# The first and the third column are multiplied by zero. All the arithmetic only fetches the second column. So fetch it.
#
# How much work does that save? The product needs n · n_x multiplications for each symbol; the look-up needs none, it copies n numbers.

# %% tags=["demo"]
for what, n_x in (("26 letters", 26), ("30,000 words", 30_000)):
    print(f"{what:12}: a batch of 32, n = 64: {64 * n_x * 32:>12,d} multiplications, or {64 * 32:,d} numbers copied")

# %% [markdown]
# With a dictionary of words, one-hot columns are not built at all. The matrix is kept as a table, and a word is the number of its vector
# in it. Most libraries call this an *embedding layer*: here the embedding stands for a single symbol, and not for a whole word as above.
# They keep one row for each symbol, and usually let $W_{ax}$ follow as a second matrix. Two matrices in a row are one product, so what is
# pushed is a column of that product.
#
# One index is special: −1 means that nothing is there. A one-hot column of zeros gives a push of zeros, so the look-up must do the same.

# %% [markdown]
# ### Exercise · `embed_symbols`
# *10 minutes · 2 points · first of six*
#
# $$\text{columns}_{:,\,j} = W_{:,\,\text{indices}_j} \qquad \text{and zeros where } \text{indices}_j = -1$$
#
# `indices` is (m,), `W` is (n, n_x), the result is (n, m) and equals `W @ one_hot(indices, n_x)`. The check accepts that product, too, but
# doing without it is the point. `W` itself must stay as it is. Remember what NumPy takes an index of −1 for, if nobody stops it.

# %% nbgrader={"grade": false, "grade_id": "embed_symbols", "locked": false, "schema_version": 3, "solution": true, "task": false}
# answer: embed_symbols

# %% tags=["try-it"]
W = np.array([[0.2, 0.7, -0.1], [0.5, -0.3, 0.4]])
try_it(lambda: embed_symbols(np.array([1, -1, 1]), W))  # twice the second column, zeros between

# %% nbgrader={"grade": true, "grade_id": "embed_symbols-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(embed_symbols)

# %% [markdown]
# Both ways on the letters of *cat*, with 26 letters and three numbers each:

# %% tags=["setup"]
def letters(word):
    """The letters a to z of a word as numbers from 0 to 25."""
    return [ord(letter) - ord("a") for letter in word]


# %% tags=["try-it"]
def both_ways():
    W = np.random.default_rng(0).normal(size=(3, 26))
    indices = np.array(letters("cat"))
    product, fetched = W @ one_hot(indices, 26), embed_symbols(indices, W)
    return f"letters {indices}\n\nproduct\n{product.round(3)}\n\nfetched\n{fetched.round(3)}"


try_it(both_ways)

# %% [markdown]
# The two tables are the same: one column for *c*, one for *a*, one for *t*.
#
# **Question.** A batch holds only the word *kot*. Which columns of `Wax` can get a gradient from it?
#
# a: those of k, o and t · b: all 26 · c: that of t, the last letter

# %%
quiz("embedding-gradient", "?")

# %% [markdown]
# ## 5.3 Words of different lengths in one table
#
# *kot* has three letters, *macska* six. A table has rows of one length, so the short words must be filled up. With −1, of course: nothing
# is there. But on which side?
#
# Put the padding on the **left**, and all words end together, in the last column. The vector of *kot* waits at the origin while *macska*
# is already moving, and both arrive at the same step. That is convenient: after the last column everything is ready.
#
# A second table, the **mask**, says where a letter stands.
#
# | indices | | | | | | | mask | | | | | |
# |---|---|---|---|---|---|---|---|---|---|---|---|---|
# | kot | −1 | −1 | −1 | 10 | 14 | 19 | F | F | F | T | T | T |
# | neko | −1 | −1 | 13 | 4 | 10 | 14 | F | F | T | T | T | T |
# | macska | 12 | 0 | 2 | 18 | 10 | 0 | T | T | T | T | T | T |
#
# Look at the last row: the *a* is 0. Zero is a letter. The padding is −1, and the two must not be confused.

# %% [markdown]
# ### Exercise · `pad_left`
# *10 minutes · 3 points · second of six*
#
# Let sequence i be $s^{(i)}_1, s^{(i)}_2, \dots$ with $T_i$ symbols.
#
# $$T = \text{length of the longest} \qquad \text{row } i:\; \underbrace{-1, \dots, -1}_{T - T_i},\; s^{(i)}_1, \dots, s^{(i)}_{T_i}$$
#
# Take a list of m lists of numbers and return `indices`, whole numbers of shape (m, T), and `mask`, True or False, of the same shape.
# Each row ends in the last column.

# %% nbgrader={"grade": false, "grade_id": "pad_left", "locked": false, "schema_version": 3, "solution": true, "task": false}
# answer: pad_left

# %% tags=["try-it"]
try_it(lambda: pad_left([letters("kot"), letters("neko"), letters("macska")])[0])  # the table above

# %% nbgrader={"grade": true, "grade_id": "pad_left-check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check(pad_left)

# %% [markdown]
# ## 5.4 The state becomes a matrix
#
# One word has one state, a column. Twelve words have twelve. Put them side by side and the state is a matrix with one column for each word.
# It is the $a^{\langle t\rangle}$ of all lessons, shape (n_a, m). Code that reads batches often calls it **H**, after the h of other books,
# and so does this lesson in code and in pictures.
#
# ![A table of three words, kot, neko and macska, with their ends aligned, padded on the left with minus one. Below it the matrix H at each
# of six steps, with one column per word; columns are white until their word has begun. One step reads one column of the table, for all
# words at once.](figures/batch_matrix.svg)
#
# The equation does not change. Only the number of columns does:
#
# $$a^{\langle t\rangle} = \tanh\left(W_{ax}\,x^{\langle t\rangle} + W_{aa}\,a^{\langle t-1\rangle} + b_a\right) \qquad \text{where a letter stands; elsewhere } a \text{ keeps its column}$$
#
# | symbol | code | shape | |
# |---|---|---|---|
# | $x^{\langle t\rangle}$ | `x[:, :, t]` | (n_x, m) | the letters at place t of all m words |
# | $a^{\langle t\rangle}$ | `H` | (n_a, m) | column i is the state of word i |
# | $a^{\langle 0\rangle}$ | | (n_a, m) | zeros: every word starts from the origin |
# | mask | `mask[:, t]` | (m,) | which words have a letter at place t |
#
# There are two ways to go through the table. One takes the words in turn and, inside, the letters of each. The other takes the places in
# turn and lets one product serve all words: **the loop runs over time, and the words need none.** The steps must wait for each other, the
# words need not.

# %% [markdown]
# ### Exercise · `encode_batch`
# *7 minutes · 4 points · third of six*
#
# $$a^{(i)\langle t\rangle} = \begin{cases} \tanh\left(W_{ax}\,x^{(i)\langle t\rangle} + W_{aa}\,a^{(i)\langle t-1\rangle} + b_a\right) & \text{mask}_{i,t} \text{ is True} \\ a^{(i)\langle t-1\rangle} & \text{otherwise} \end{cases}$$
#
# Read the batch `x`, (n_x, m, T), and return `H`, (n_a, m), as it stands after the last step. Start from zeros; `rnn_cell_forward` makes
# one step of all columns. You know this loop: it is that of section 1.12 without the answer. Write it again, and look at what is a
# matrix now.

# %% nbgrader={"grade": false, "grade_id": "encode_batch", "locked": false, "schema_version": 3, "solution": true, "task": false}
# answer: encode_batch

# %% tags=["setup"]
def as_columns(indices):
    """Indices (m, T) as one-hot columns (26, m, T); -1 becomes a column of zeros."""
    return np.stack([one_hot(column, 26) for column in indices.T], axis=-1)


# %% tags=["try-it"]
# the chain of section 5.1 as a batch of two words: by hand, cat ends at (0.400, -0.779)
def by_hand():
    P = {"Wax": np.zeros((2, 26)), "Waa": np.array([[0.0, -0.5], [0.5, 0.0]]), "ba": np.zeros((2, 1))}
    P |= {"Wya": np.zeros((2, 2)), "by": np.zeros((2, 1))}
    P["Wax"][:, letters("cat")] = [[1.0, -1.4, 0.8], [0.0, 0.6, -0.6]]
    indices, mask = reference.pad_left([letters("cat"), letters("act")])
    return encode_batch(as_columns(indices), mask, P)


try_it(by_hand)

# %% nbgrader={"grade": true, "grade_id": "encode_batch-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check(encode_batch)

# %% [markdown]
# Now all twelve cats in one batch. The weights are random and the state has three numbers, so that H can be printed: each row below is
# one column of H.

# %% tags=["try-it"]
def twelve_cats():
    indices, mask = reference.pad_left([letters(word) for word in CATS])
    H = encode_batch(as_columns(indices), mask, init_rnn(26, 3, 12, np.random.default_rng(0)))
    return "\n".join(f"{word:7} {h.round(2)}" for word, h in zip(CATS, H.T, strict=True))


try_it(twelve_cats)

# %% [markdown]
# *gatto* and *gato* are neighbours in spelling, and yet their vectors need not be: with random pushes, where a word ends means nothing.
# Training has to give the places a meaning.
#
# Your look-up fits in here. Fetch the pushes first, and the batch needs no one-hot column. $W_{ax}$ has then done its work, and the
# identity takes its place.

# %% tags=["try-it"]
def without_one_hot():
    P = init_rnn(26, 3, 12, np.random.default_rng(0))
    indices, mask = reference.pad_left([letters(word) for word in CATS])
    pushes = np.stack([embed_symbols(column, P["Wax"]) for column in indices.T], axis=-1)
    fetched = encode_batch(pushes, mask, P | {"Wax": np.eye(3)})
    return f"same H: {np.allclose(fetched, encode_batch(as_columns(indices), mask, P))}"


try_it(without_one_hot)

# %% [markdown]
# With 26 letters the product costs little, so the loops below keep the one-hot columns, and with them the gradients as you know them.
#
# What is gained already is speed. Here are the twelve cats forty times over, 480 words, read by your function in one batch and one by one.

# %% tags=["try-it", "demo", "nbval-ignore-output"]
from time import process_time


@on_one_thread
def race():
    some, P = [letters(word) for word in CATS * 40], init_rnn(26, 64, 12, np.random.default_rng(0))
    indices, mask = reference.pad_left(some)
    x, alone = as_columns(indices), [as_columns(np.array([one])) for one in some]
    start = process_time()
    together = encode_batch(x, mask, P)
    middle = process_time()
    one_by_one = [encode_batch(one, np.ones(one.shape[1:], dtype=bool), P) for one in alone]
    end = process_time()
    return (
        f"one by one takes {(end - middle) / (middle - start):.0f} times as long as the batch\n"
        f"largest difference of the states: {np.abs(together - np.hstack(one_by_one)).max():.0e}"
    )


try_it(race)

# %% [markdown]
# The same states, up to the last digits, and many times faster. Nothing clever was done: the same multiplications, in few large products
# in place of many small ones.
#
# **Is the mask needed if the padding stands on the left?** You will read that it is not: nothing is pushed, so the vector waits at the
# origin. Look at the equation before you believe it. At a padded step the push of the letter is zero, and $W_{aa}$ moves the origin to the
# origin. But the bias is added as well. So measure: how far does padding move the last states of the twelve cats, on average?

# %% tags=["setup"]
from utils.reference import sequence_to_one_forward


def padded(words, side):
    """Indices and mask of some words, padded on that side."""
    indices, mask = reference.pad_left([letters(word) for word in words])
    if side == "right":
        indices = np.array([np.roll(row, -np.sum(row < 0)) for row in indices])
        mask = indices >= 0
    return indices, mask


def last_states(words, side, P, masked=True):
    """The last states (n_a, m) of some words, read in one batch."""
    indices, mask = padded(words, side)
    a0 = np.zeros((len(P["ba"]), len(words)))
    return sequence_to_one_forward(as_columns(indices), a0, P, mask if masked else None)[0]


# %% tags=["demo"]
def moved_by_padding(words, side, P, masked):
    """How far each last state is from where it would be if its word were read alone, (m,)."""
    alone = np.hstack([last_states([word], side, P) for word in words])
    return np.linalg.norm(last_states(words, side, P, masked) - alone, axis=0)


rng = np.random.default_rng(0)
without_bias = init_rnn(26, 3, 12, rng)
with_bias = without_bias | {"ba": 0.1 * rng.normal(size=(3, 1))}
print("                    no bias   a small bias")
for what, side, masked in (("left, no mask", "left", False), ("right, no mask", "right", False),
                           ("left, masked", "left", True), ("right, masked", "right", True)):  # fmt: skip
    moves = [moved_by_padding(CATS, side, P, masked).mean() for P in (without_bias, with_bias)]
    print(f"{what:18}  {moves[0]:7.3f}   {moves[1]:12.3f}")

# %% [markdown]
# **Left, no mask:** harmless as long as the bias is zero. A bias moves the waiting vector away from the origin before its word has begun.
# **Right, no mask:** harm with and without a bias. The word is over, and $W_{aa}$ goes on turning its vector. **With a mask** both sides
# give exactly the state of the word read alone. So we mask, and the side is a matter of convenience.
#
# Biases start at zero here, and training does not leave them there. Section 5.7 measures the same cases on a trained network, where they
# are far from small.

# %% [markdown]
# ## 5.5 One answer, all the way back
#
# In lesson 02 every step had an answer of its own, and every answer sent a gradient back. Here there is one answer, so one gradient comes
# in, at the end, and walks back through the whole word.
#
# ![Four steps: first padding, then the letters k, o, t. The answer stands above the last one. Solid arrows lead forward. Dashed orange
# arrows lead back from the answer to the last state and from state to state. From each of the three letters' states a dashed arrow leads
# down to the gradients of the weights: its share. At the padding the gradient passes through and nothing is
# added.](figures/one_answer_back.svg)
#
# Take it one arrow at a time. Let y be the one-hot column of the right class, and L the loss, summed over the examples.
#
# **At the answer.** Softmax and cross-entropy together have the short gradient that you know from lesson 02:
#
# $$dz_y = \hat y - y \qquad (n_y, m)$$
#
# **Through the output layer.** The scores were $z_y = W_{ya}\,a_{\text{last}} + b_y$, so
#
# $$dW_{ya} = dz_y\; a_{\text{last}}^{\mathsf T} \qquad db_y = \sum_i dz_y^{(i)} \qquad da = W_{ya}^{\mathsf T}\, dz_y \qquad (n_a, m)$$
#
# **Through one letter.** This is `rnn_cell_backward`, unchanged. It turns the gradient of the state after a letter into that of the state
# before it, and gives the letter's share of $dW_{ax}$, $dW_{aa}$ and $db_a$. The shares are added up, because the letters use the same
# weights.
#
# **Through padding.** A padded step copied the state. A copy passes the gradient on as it is, and it adds nothing to the gradients of the
# weights:
#
# $$da^{\langle t-1\rangle} = \begin{cases} \text{what the cell hands back} & \text{mask is True} \\ da^{\langle t\rangle} & \text{mask is False} \end{cases}$$
#
# In code: give `rnn_cell_backward` zeros for the examples that are padded, and its shares for them are zero. Then choose with `np.where`,
# as on the way there.
#
# **By hand.** The tiny cell of lesson 01 reads 2 and then 0 and stands at 0.4621 and −0.0696. The two scores are −0.0696 and 0.0696, so ŷ
# ≈ (0.465, 0.535). The right class is the first.
#
# | | | |
# |---|---|---|
# | at the answer | $dz_y$ | (−0.5347, 0.5347) |
# | into the last state | $da^{\langle 2\rangle} = -0.5347 - 0.5347$ | −1.0695 |
# | inside tanh, step 2 | $(1 - 0.0696^2) \cdot (-1.0695)$ | −1.0643 |
# | back through $W_{aa}$ | $-0.8 \cdot (-1.0643)$ | 0.8514 |
# | inside tanh, step 1 | $(1 - 0.4621^2) \cdot 0.8514$ | 0.6696 |
# | $db_a$, both steps | $-1.0643 + 0.6696$ | −0.3947 |
# | $dW_{ax}$, inputs 2 and 0 | $0.6696 \cdot 2 - 1.0643 \cdot 0$ | 1.3392 |
#
# (Worked with more digits and then rounded; yours may differ by one in the last place.)
#
# Call the second step padding, and the answer is made at 0.4621. Then ŷ ≈ (0.716, 0.284), $da = -0.568$, step 2 is passed over, and
# inside the tanh of step 1 stands $0.786 \cdot (-0.568) = -0.447$. So $db_a = -0.447$ and $dW_{ax} = -0.894$.

# %% tags=["setup"]
tiny = {
    "Wax": np.array([[0.3]]),
    "Waa": np.array([[-0.8]]),
    "ba": np.array([[0.3]]),
    "Wya": np.array([[1.0], [-1.0]]),
    "by": np.array([[0.0], [0.0]]),
}
two_steps, half = np.array([[[2.0, 0.0]]]), np.array([[0.5]])

# %% [markdown]
# ### Exercise · `classify_backward`
# *25 minutes · 10 points · fourth of six*
#
# $$dz_y = \hat y - y \;\to\; dW_{ya},\, db_y,\, da \;\to\; \text{back through the steps } T, \dots, 1 \;\to\; dW_{ax},\, dW_{aa},\, db_a$$
#
# Return a dict with `dWax`, `dWaa`, `dba`, `dWya`, `dby`, each of the shape of its parameter. `labels` is (m,). `caches` is what
# `sequence_to_one_forward` returned: the list of cell caches, x and the mask. A mask of None means that every step counts; put a table of
# True in its place first.
#
# Two details. The last cell's `a_next` is the state before the mask had its say, so $a_{\text{last}}$ is `a_next` where the last step
# counts and `a_prev` where it does not. And `y_pred` belongs to the caller: work on a copy.

# %% nbgrader={"grade": false, "grade_id": "classify_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
# answer: classify_backward

# %% tags=["try-it"]
def tiny_gradients(mask=None):
    _, y_pred, caches = sequence_to_one_forward(two_steps, half, tiny, mask)
    G = classify_backward(y_pred, np.array([0]), caches, tiny)
    return {name: G[name].round(3).tolist() for name in ("dWax", "dba")}


try_it(tiny_gradients)  # by hand: 1.339 and -0.395

# %% tags=["try-it"]
# the second step is padding; by hand: -0.894 and -0.447
try_it(lambda: tiny_gradients(np.array([[True, False]])))

# %% nbgrader={"grade": true, "grade_id": "classify_backward-check", "locked": true, "points": 10, "schema_version": 3, "solution": false, "task": false}
check(classify_backward)

# %% [markdown]
# Two tests of your own, on the cats. The first compares with differences, as in lesson 02. The second asks what a batch is: the gradient
# of twelve words read together should be the sum of the gradients of the twelve words read one by one. If padding leaked anywhere, it
# would not be.

# %% tags=["try-it"]
def gradients_of(words, right, P):
    indices, mask = reference.pad_left([letters(word) for word in words])
    a0 = np.zeros((len(P["ba"]), len(words)))
    _, y_pred, caches = sequence_to_one_forward(as_columns(indices), a0, P, mask)
    loss = -np.log(y_pred[right, np.arange(len(words))]).sum()
    return classify_backward(y_pred, right, caches, P), loss


def two_tests():
    P, right = init_rnn(26, 4, 12, np.random.default_rng(0)), np.arange(12)
    together, _ = gradients_of(CATS, right, P)
    found = gradient_check(lambda P: gradients_of(CATS, right, P)[1], P, together)
    lines = [f"{name:4} as by differences: {bool(ok)}" for name, (_, ok) in found.items()]
    singles = [gradients_of([word], right[[i]], P)[0] for i, word in enumerate(CATS)]
    gap = max(np.abs(together[name] - sum(G[name] for G in singles)).max() for name in together)
    return "\n".join([*lines, f"batch = sum of the words one by one: {bool(gap < 1e-12)}"])


try_it(two_tests)

# %% [markdown]
# ## 5.6 Many words at a time, in a new order
#
# The gradient is there. What is done with it is another matter (section 2.7): backpropagation through time computes it, plain descent or
# Adam makes a step of it.
#
# When do the weights change? Not after each letter: all letters of a word are read with the same weights. One could change them after
# each word, or once after all the words. The usual way lies between, a **mini-batch**: some words, one gradient, one step. A pass through
# all the words is an **epoch**, and every epoch deals the words anew, so that the same ones do not always sit together.
#
# | what | begins as | changes |
# |---|---|---|
# | `Wax`, `Waa`, `ba`, `Wya`, `by` | random numbers and zero biases, once, before the training | after each batch |
# | the states, `H` | zeros, for each batch | at each letter; after the answer they are thrown away |
# | t | the first place | counts the places of the table |
# | the order of the words | drawn from `rng` | with each epoch |

# %% [markdown]
# ### Exercise · `minibatches`
# *10 minutes · 2 points · fifth of six*
#
# $$\text{a random order of } 0, \dots, n - 1 \quad\to\quad \text{pieces of } \textit{size},\text{ the last one smaller if need be}$$
#
# Draw `rng.permutation(n)` once, and cut it from the front. Return a list of arrays. Seven words in batches of three make pieces of 3, 3
# and 1: no word is left out, none comes twice.

# %% nbgrader={"grade": false, "grade_id": "minibatches", "locked": false, "schema_version": 3, "solution": true, "task": false}
# answer: minibatches

# %% tags=["try-it"]
try_it(lambda: minibatches(7, 3, np.random.default_rng(0)))

# %% nbgrader={"grade": true, "grade_id": "minibatches-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(minibatches)

# %% [markdown]
# Everything is there for training. Read the loop slowly; each line is something that you wrote in this lesson or an earlier one.

# %% tags=["setup"]
@on_one_thread
def learn(words, labels, P, rng, epochs, size=32, learning_rate=0.003, every=1):
    """Train on words; print a line after every so many epochs. Returns new parameters."""
    adam = None
    for epoch in range(1, epochs + 1):
        nats, hits = 0.0, 0
        for batch in minibatches(len(words), size, rng):
            indices, mask = pad_left([letters(words[i]) for i in batch])
            start = np.zeros((len(P["ba"]), len(batch)))  # every word starts from the origin
            _, y_pred, caches = sequence_to_one_forward(as_columns(indices), start, P, mask)
            G = classify_backward(y_pred, labels[batch], caches, P)
            G, _ = clip_by_norm({name: g / len(batch) for name, g in G.items()}, 1.0)
            P, adam = adam_step(P, G, adam, learning_rate)
            nats -= np.log(y_pred[labels[batch], np.arange(len(batch))]).sum()
            hits += (y_pred.argmax(axis=0) == labels[batch]).sum()
        if epoch % every == 0:
            print(f"epoch {epoch:2d}: {nats / len(words):.2f} nats per word, {hits / len(words):.2f} right")
    return P


# %% tags=["try-it", "demo", "nbval-ignore-output"]
def learn_cats():
    P = init_rnn(26, 16, 12, np.random.default_rng(0))
    P = learn(CATS, np.arange(12), P, np.random.default_rng(0), epochs=40, size=4, learning_rate=0.01, every=8)
    indices, mask = pad_left([letters(word) for word in CATS])
    answers = (P["Wya"] @ encode_batch(as_columns(indices), mask, P) + P["by"]).argmax(axis=0)
    return "  ".join(f"{word}: {CAT_LANGUAGES[k]}" for word, k in zip(CATS, answers, strict=True))


try_it(learn_cats)

# %% [markdown]
# All twelve, after a second. What has it learned? Nothing about Polish or Swahili: with one word for each language there is nothing to
# generalise from, and no new word to test it on. It has learned twelve words by heart. As a test of the plumbing that is worth doing: a
# network that cannot even learn twelve words by heart has a fault somewhere.
#
# **Question.** A batch has been learned from. What goes on into the next batch?
#
# a: H, for the next words to start from · b: the gradients, so that they pile up · c: the weights, and Adam's running means

# %%
quiz("into-the-next-batch", "?")

# %% [markdown]
# ## 5.7 Nine ways of spelling
#
# Now real words. `data/surnames.csv` holds 5,706 surnames from nine languages: Greek, English, Finnish, Italian, Japanese, Korean, Polish,
# Russian, Chinese. All are written in the letters a to z.
#
# **This is about spelling, and not about people.** A surname does not say where somebody was born, what they speak or who they are. Names
# travel, are married into, are chosen. What the network learns is which letters stand together in nine lists. Use it for nothing else.
#
# **And the lists are tidier than the world.** They come from packages that make up test data. Five of the nine languages do not write in
# these letters at all; tables and dictionaries put their names into them, and the network learns those tables as well. Names that two of
# the languages know, such as *lee* and *wang*, were dropped. So were *garcia* and *nguyen* from the English list, and Russian names without
# one of the usual endings. Feminine forms were made by rule. So every share in this lesson flatters: a name from the street is harder.
# `data/README.md` tells the whole story.
#
# One fifth of the names is held out. Before training anything, the lowest of all baselines: always say the language that comes most
# often.

# %% tags=["setup"]
from utils.experiments.lesson_05 import split_surnames, surname_network

SPELLINGS = list(LANGUAGES.values())
names, labels, held_names, held_labels = split_surnames(seed=0)
trained = {}


def trained_network():
    """The parameters that you trained, or those of a network trained with our functions if yours are not ready."""
    if not trained:
        print("(This network was trained with our functions.)")
        trained["P"], _ = surname_network()
    return trained["P"]


# %% tags=["demo"]
print(f"{len(names)} names to learn from, {len(held_names)} held out; for example {', '.join(held_names[:6])}")
print(f"always the most frequent spelling: {np.bincount(held_labels).max() / len(held_labels):.2f} of the held-out names")

# %% [markdown]
# Your functions, your loop, 64 numbers of state, eight epochs. It takes some seconds. Knowing nothing costs 2.20 nats; already the mean of
# the first epoch should lie well below.

# %% tags=["try-it", "demo", "nbval-ignore-output"]
def learn_surnames():
    rng = np.random.default_rng(1)
    P = init_rnn(26, 64, 9, rng)
    trained["P"] = learn(names, labels, P, rng, epochs=8)
    return "done"


try_it(learn_surnames)

# %% [markdown]
# Those shares are counted on the names that it learns from. The next cell asks about names that it has never read, with the padding
# treated in the three ways of section 5.4.

# %% tags=["demo", "nbval-ignore-output"]
net = trained_network()
at_rest = last_states(held_names, "left", net)
for what, side, masked in (("masked", "left", True), ("left, no mask", "left", False), ("right, no mask", "right", False)):
    H = last_states(held_names, side, net, masked)
    share = np.mean((net["Wya"] @ H + net["by"]).argmax(axis=0) == held_labels)
    move = np.median(np.linalg.norm(H - at_rest, axis=0))
    print(f"{what:15} {share:.2f} of the held-out names right; states moved by {move:.1f} (median)")
print(f"the states themselves are {np.median(np.linalg.norm(at_rest, axis=0)):.1f} long (median)")
print(f"the bias ba began as zeros and is {np.linalg.norm(net['ba']):.2f} long now")

# %% [markdown]
# With the mask about 0.85 of the new names are read right, more than five times the lowest baseline. While it learned, the last epoch
# got about 0.90 right: on names that it has practised it is a little better than on new ones.
#
# Now the other two lines. All these names are padded to the longest one, as they would be in one big batch. Without a mask, padding on
# the left costs a good part of the right answers, and padding on the right nearly all of them. The states are about 4.8 long, and they
# have moved by half of that and by all of it. So much for harmless. The bias has grown, and this network was trained with a mask: it
# never met a vector that did not start at the origin.
#
# A network can also be *trained* without a mask, and gets used to it. We did that from three seeds. With padding on the left, in batches
# of 32 as in training, it read 0.84 to 0.85 of the held-out names right, hardly fewer; each name alone, about 0.81. With padding on the
# right it was about 0.72 in batches and 0.49 alone. So either way the answer to a name depends on which other names are in its batch. With a
# mask it does not.

# %% [markdown]
# **Who is taken for whom?** One share says how often, not where. A **confusion matrix** counts each pair: the row is the true class, the
# column is what the network said. Right answers lie on the diagonal.
#
# **By hand.** True classes 0, 0, 1, 2 and answers 0, 1, 1, 1 give
#
# $$\begin{bmatrix} 1 & 1 & 0 \\ 0 & 1 & 0 \\ 0 & 1 & 0 \end{bmatrix}$$
#
# Half of class 0 went astray, class 2 was never found, and class 1 is the place where everything ends up.

# %% [markdown]
# ### Exercise · `confusion_matrix`
# *5 minutes · 2 points · last of six*
#
# $$\text{counts}_{ij} = \text{number of examples of class } i \text{ that were taken for class } j \qquad (n, n)$$
#
# Whole numbers. A class that never comes still has its row and its column.

# %% nbgrader={"grade": false, "grade_id": "confusion_matrix", "locked": false, "schema_version": 3, "solution": true, "task": false}
# answer: confusion_matrix

# %% tags=["try-it"]
try_it(lambda: confusion_matrix(np.array([0, 0, 1, 2]), np.array([0, 1, 1, 1]), 3))  # the matrix above

# %% nbgrader={"grade": true, "grade_id": "confusion_matrix-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(confusion_matrix)

# %% tags=["demo", "nbval-ignore-output"]
from utils.plotting.classification import plot_confusion

net = trained_network()
predicted = (net["Wya"] @ last_states(held_names, "left", net) + net["by"]).argmax(axis=0)
counts = reference.confusion_matrix(held_labels, predicted, 9)
shares = counts / counts.sum(axis=1, keepdims=True)
best = SPELLINGS[shares.diagonal().argmax()]
astray = np.unravel_index((shares * (1 - np.eye(9))).argmax(), shares.shape)
worst, taken_for = (SPELLINGS[k] for k in astray)
plot_confusion(counts, SPELLINGS, title=f"{best} is read best; {worst} is most easily taken for {taken_for}")
for true, said in (("Korean", "Chinese"), ("Chinese", "Korean"), ("Greek", "Italian")):
    i, j = SPELLINGS.index(true), SPELLINGS.index(said)
    found = [name for name, k, p in zip(held_names, held_labels, predicted, strict=True) if (k, p) == (i, j)]
    print(f"{true}, taken for {said}: {', '.join(found[:6])}")

# %% [markdown]
# Read it row by row. The numbers count names; the shade shows which share of its row a field holds. The Russian row is nearly all on the
# diagonal. That is no wonder, since names without a usual ending were taken off its list. The palest field of the diagonal belongs to
# Korean. A fifth of the Korean names goes to Chinese, 8 of 41, and nearly as large a share of the Chinese ones comes back, 9 of 48. There
# are two likely reasons. Look at the printed lines: most of these names have two to four letters, which is not much to hold on to. And both
# lists are short, about 200 names each, where the other lists hold 572 to 800.
#
# We trained from two other seeds, each with another fifth held out. Korean taken for Chinese was the largest share of mistakes each time;
# the way back was less than half as large; Russian was always read best. The rest changes places.

# %% [markdown]
# ## 5.8 A plain rival, and why it wins
#
# A network with a state is not the only way to read a name. Count how often each **run of letters** stands in it, up to four letters long,
# its beginning and end marked: *kim* holds *k*, *i*, *m*, *^k*, *ki*, *im*, *m\$*, and so on. These counts are a long column, nearly all
# zeros. Put it in the place of $a_{\text{last}}$ in front of an output layer: one matrix, one bias, one softmax, and the gradient
# $dz_y = \hat y - y$ as before. That is all, and it is called **logistic regression**. It has no state and no order beyond four letters.
#
# The next cell trains it on the same names. Beside it stand the same model on single letters only, your network, and an LSTM, the cell of
# lesson 07. The LSTM comes from a stored run of 15 epochs; the rest is computed now. One more bar will be explained in a moment.

# %% tags=["demo", "nbval-ignore-output"]
from utils.baselines import LetterRuns
from utils.datasets import load_runs
from utils.experiments.lesson_05 import pairs_network
from utils.plotting.bars import plot_bars


@on_one_thread
def rivals(net):
    predicted = (net["Wya"] @ last_states(held_names, "left", net) + net["by"]).argmax(axis=0)
    single = LetterRuns(names, labels, 9, longest=1)
    runs = LetterRuns(names, labels, 9, longest=4)
    _, history = pairs_network(seed=0, epochs=2)
    return {
        "runs of 1 to 4 letters": np.mean(runs.predict(held_names) == held_labels),
        "LSTM (stored run)": load_runs("surnames")["lstm"][-1],
        "RNN on pairs of letters": history[-1][2],
        "your RNN": np.mean(predicted == held_labels),
        "single letters": np.mean(single.predict(held_names) == held_labels),
        "always the largest": np.bincount(held_labels).max() / len(held_labels),
    }, runs.P["W"].shape


share, (runs, languages) = rivals(trained_network())
share = dict(sorted(share.items(), key=lambda one: -one[1]))
plot_bars(share, own="your RNN", title=f"Read best by {next(iter(share))}", xlabel="share of held-out names right")
print(f"numbers to learn: {runs:,d} runs times {languages} languages = {runs * languages:,d} in the rival, ", end="")
print(f"{reference.count_rnn_parameters(26, 64, 9):,d} in your RNN")

# %% [markdown]
# The rival wins, 0.93 to about 0.85, and the LSTM does not catch it either. (The stored run holds the plain network, too: with the end of
# the name as one letter more, and 15 epochs, it stood at 0.83.)
#
# Why? Order matters, that much is clear: single letters, in any order, reach only about 0.7, and your network is far above them. What the
# rival has is a weight for every run and every language, more than twenty times as many numbers as yours has in all. It never has to find
# out that *s*, *k*, *i* in this order belong together: *ski* is one of its inputs. Your network has to build that out of single pushes and
# turns.
#
# If that is the reason, then handing it the pairs should help. That is the bar called *RNN on pairs of letters*: the same network, but one
# symbol now is two neighbouring letters, so that each pair has a push of its own. After two epochs it is above what single letters gave
# after eight. About half of what was missing is found here; from two other seeds it was less, a fifth and two fifths. (Its pushes are 537
# columns in place of 26, so it also has more numbers to learn. This is a hint at the reason, not a proof.)
#
# Take two things from this. On short words, counting runs is hard to beat. And a baseline is not there to look good beside. It tells you
# what your model lacks.

# %% [markdown]
# ## 5.9 What the state has become
#
# *Extra, 10 minutes.* Training changed weights, and nobody told it what a letter is. What is in there now?
#
# **First, the pushes.** Each letter has its column of `Wax`. Which two letters push most alike? For each vowel, the cell prints the
# letter whose column points most nearly in the same direction, after the mean of all columns has been taken off. The random weights are
# those from which this very network started.

# %% tags=["demo", "nbval-ignore-output"]
def nearest_letter(letter, Wax):
    columns = Wax - Wax.mean(axis=1, keepdims=True)
    columns = columns / np.linalg.norm(columns, axis=0)
    likeness = columns.T @ columns[:, letters(letter)[0]]
    likeness[letters(letter)[0]] = -1
    return chr(ord("a") + int(likeness.argmax()))


before, net = init_rnn(26, 64, 9, np.random.default_rng(1)), trained_network()
for when, Wax in (("random weights", before["Wax"]), ("after training", net["Wax"])):
    print(f"{when}: ", "  ".join(f"{vowel} → {nearest_letter(vowel, Wax)}" for vowel in "aeiou"))

# %% [markdown]
# Before training a vowel's nearest letter may be any letter. Afterwards it is another vowel, for all five. The network was given numbers from
# 0 to 25 and no word about vowels and consonants. We trained it from three seeds, and it was so each time.
#
# **Second, what is still easy to read.** Section 1.8 read old symbols back from the state with a linear reader. Do it again: which letter
# stood k steps before the end of the name? Only names that are long enough can be asked, so on the right of the picture stand long names
# alone. The lowest curve is the share that always saying the most frequent letter of that place gets right.

# %% tags=["demo", "nbval-ignore-output"]
from utils.experiments.lesson_05 import most_frequent_letters, read_language_back, read_letters_back
from utils.plotting.curves import plot_memory_by_lag

before, net, lags = init_rnn(26, 64, 9, np.random.default_rng(1)), trained_network(), tuple(range(8))
guess, asked = most_frequent_letters(names, held_names, lags)
kept = {
    "random weights": read_letters_back(names, held_names, before, lags),
    "after training": read_letters_back(names, held_names, net, lags),
    "most frequent letter": guess,
}
plot_memory_by_lag(lags, kept, title="After training a linear reader finds fewer old letters")
print(f"names asked: {asked[0]} at lag 0, {asked[7]} at lag 7")
for name, Q in (("random weights", before), ("after training", net)):
    language = read_language_back(names, labels, held_names, held_labels, Q)
    print(f"{name}: letter of 3 steps before the end {kept[name][3]:.2f}, language {language:.2f}")

# %% [markdown]
# From the trained state the reader finds *fewer* letters than from the random one, and more of what the answer needs: the same kind of
# reader now finds the language in more than 0.8 of the names, where the random state gave less than 0.7. That fits what section 1.8
# said, that training decides what the summary keeps. But the caveat of that section holds here, too. What a linear reader does not find
# may still be in there, written in a way that it cannot read.
#
# **Third, the road of a name.** The state has 64 numbers; a page has two. So take the held-out names of three spellings, and look for the
# plane in which their last states spread most (the first two directions of a singular value decomposition, after the mean has been taken
# off). Then follow two names that begin in the same way.

# %% tags=["demo", "nbval-ignore-output"]
from utils.experiments.lesson_05 import plane_of
from utils.plotting.classification import plot_states

net, three = trained_network(), [SPELLINGS.index(name) for name in ("Italian", "Polish", "Russian")]
chosen = np.isin(held_labels, three)
H = last_states(held_names, "left", net)[:, chosen]
mean, basis, spread = plane_of(H)


def road(name):
    """The states after each letter, the origin in front, as points of the plane."""
    a, _, _ = rnn_forward(as_columns(np.array([letters(name)])), np.zeros((64, 1)), net)
    return basis.T @ (np.hstack([np.zeros((64, 1)), a[:, 0]]) - mean)


plot_states(
    basis.T @ (H - mean),
    np.searchsorted(three, held_labels[chosen]),
    ["Italian", "Polish", "Russian"],
    {"kowalski": road("kowalski"), "kolyadin": road("kolyadin")},
    title="Two letters together, then kowalski and kolyadin part",
    xlabel="first direction of the plane",
    ylabel="second direction",
)
print(f"the plane keeps {spread:.2f} of the variance of these states")

# %% [markdown]
# Each dot is the last state of one held-out name. Although nobody asked for it, the three spellings lie in three regions. Follow the dark
# line from the origin of the 64 numbers, marked 0, where every name begins: *k*, *o*. There the two roads part. *kowalsk* keeps to the
# middle of the plane, where nothing is decided, and its last letter carries it over to the Polish names in one stride. *kolyadin* wanders
# into the Russian region and out of it again, until its *n* sets it down there. Neither name was among those that the network learned
# from.
#
# Two warnings about such pictures. The plane keeps less than half of the variance, so names that look close here may be far apart in the
# other 62 directions. And the dots are *last* states. What the vector does in the middle of a name was never asked about in training.

# %% [markdown]
# ## 5.10 Your name
#
# *Extra, 5 minutes.* Put a name between the quotation marks. Accents are dropped, and so is everything that is not a letter. The picture
# shows, letter by letter, what the network would answer if the name ended there, in per cent.

# %% tags=["demo", "nbval-ignore-output"]
from utils.errors import CourseError
from utils.experiments.lesson_05 import probabilities
from utils.names import fold_name
from utils.plotting.classification import plot_letter_by_letter

your_name = "Yamashita"

try:
    name = fold_name(your_name)
except CourseError as error:
    print(error)
else:
    p = probabilities(name, trained_network())
    winner = SPELLINGS[int(p[:, -1].argmax())]
    plot_letter_by_letter(p, name, SPELLINGS, title=f"Read to its end, '{name}' looks {winner} to this network")

# %% [markdown]
# *Yamashita* ends where a reader of Japanese would put it, but look at the way there. The columns jump: an *s* turns everything over, the
# next *h* turns it back. As in the plane, only the last column was ever trained.
#
# Now try a name from a language that is not among the nine, *Okafor*, *Garcia* or *Nguyen*. It will be given to one of the nine, sometimes
# with great confidence: our network took Okafor for Greek with 0.91, Nguyen for English with 0.64 and Garcia for Italian with 0.58, and
# those of two other seeds named other spellings for the last two. A softmax over nine classes has no way to say *none of these*: its
# numbers sum to 1 whatever it reads. So a probability of 0.9 means *this, if it is one of the nine*, and not *I am nearly sure*.

# %% [markdown]
# ## 5.11 What can go wrong
#
# A student tidies the loop of section 5.6. The names are shuffled once per epoch, then cut into batches from front to back. Everything
# else is as it was. No error, no warning. Here are three epochs of it.

# %% tags=["demo", "nbval-ignore-output"]
@on_one_thread
def tidied(names, labels, P, rng, epochs=3, size=32):
    adam = None
    for epoch in range(1, epochs + 1):
        nats, hits = 0.0, 0
        shuffled_names = [names[i] for i in rng.permutation(len(names))]
        shuffled_labels = labels[rng.permutation(len(labels))]
        for start in range(0, len(names), size):
            some, right = shuffled_names[start : start + size], shuffled_labels[start : start + size]
            indices, mask = reference.pad_left([letters(name) for name in some])
            _, y_pred, caches = sequence_to_one_forward(as_columns(indices), np.zeros((64, len(some))), P, mask)
            G = reference.classify_backward(y_pred, right, caches, P)
            G, _ = clip_by_norm({name: g / len(some) for name, g in G.items()}, 1.0)
            P, adam = adam_step(P, G, adam, 0.003)
            nats -= np.log(y_pred[right, np.arange(len(some))]).sum()
            hits += (y_pred.argmax(axis=0) == right).sum()
        print(f"epoch {epoch}: {nats / len(names):.2f} nats per word, {hits / len(names):.2f} right")


tidied(names, labels, init_rnn(26, 64, 9, np.random.default_rng(1)), np.random.default_rng(2))
shares = np.bincount(labels) / len(labels)
print(f"who knows only how often each spelling comes pays {-(shares * np.log(shares)).sum():.2f} nats")

# %% [markdown]
# **Question.** Your own network was below 1 nat after two epochs. This one is not. What is the matter?
#
# a: the learning rate is too small · b: names and labels are shuffled apart · c: 64 numbers of state are too few

# %%
quiz("two-permutations", "?")

# %% [markdown]
# The loss says it almost by itself. It does not stay at 2.20, the cost of knowing nothing. It comes down a little and then rests just above
# the number in the last line, the cost of knowing only how often each class comes. That is all the labels still say about the names.
# Remember this number, the *entropy of the classes*: a loss that rests there means that the inputs and the targets have lost each other.

# %% [markdown]
# ## Written question
#
# *10 minutes · 4 points · read by a person*
#
# A colleague sorts book titles by language. The batches are padded on the right, without a mask. Asked about *Kot* alone, the network
# answers Polish; asked about *Kot* in a batch with a title of 90 letters, it answers Finnish. The colleague reports an accuracy of 0.91.
# In five to eight sentences: say what happens to the state of *Kot* in the long batch, and how to mend it; say whether moving the padding
# to the left would be enough; name a baseline that the 0.91 should stand beside; and say what a confusion matrix would tell that the 0.91
# does not.

# %% [markdown] nbgrader={"grade": true, "grade_id": "answer_depends_on_batch", "locked": false, "points": 4, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# After its third letter *Kot* is over, but the loop goes on for 87 more steps. At each of them $W_{aa}$ and the bias move its state and
# tanh presses it, so the answer is read from a vector that has little to do with *Kot* any more, and that depends on the longest title in
# the batch. The cure is a mask: a padded step keeps the state, and the gradient passes through it unchanged. Then the side of the padding
# no longer matters.
#
# Padding on the left alone is not enough. It leaves the state at the origin only if the bias is zero, and after training it is not; in
# section 5.7 a trained network lost a good part of its right answers to padding on the left, although fewer than to padding on the right.
#
# 0.91 should stand beside the share of the largest class, and beside a model of runs of letters, which won against our network in section
# 5.8. A confusion matrix shows where the mistakes are: whether they fall on one pair of languages, or on a small class that is hardly
# ever found and that one share hides.
#
# **Marking.** One point for each: the state goes on moving during the padding, so that it depends on the batch; the mask as the cure, and
# why the left side alone does not do (bias); a baseline that makes sense, largest class or runs of letters or both; what the confusion
# matrix adds (which pairs, or small classes). Half a point where the claim is right and the reason is missing.
# ### END SOLUTION

# %% [markdown]
# ## What you have now
#
# | function | takes | gives |
# |---|---|---|
# | `embed_symbols` | indices (m,), W (n, n_x) | columns of W (n, m); zeros for −1 |
# | `pad_left` | a list of m sequences | indices (m, T), mask (m, T) |
# | `encode_batch` | x (n_x, m, T), mask, P | H (n_a, m), one column per word |
# | `classify_backward` | ŷ (n_y, m), labels (m,), caches, P | the gradients of all five arrays |
# | `minibatches` | n, size, rng | a list of arrays of numbers |
# | `confusion_matrix` | labels (m,), answers (m,), n | counts (n, n): row true, column said |

# %% tags=["nbval-ignore-output"]
progress("05")

# %% [markdown]
# The written question adds 4 points, given by a person.
#
# **Where next.** The vector of this lesson moves at every letter, whether the letter matters or not. Lesson 06 gives it a gate, which can
# decide to stay: `06_gru`.
