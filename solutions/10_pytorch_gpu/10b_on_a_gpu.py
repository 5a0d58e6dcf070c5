# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 10B · On a GPU
#
# A kitchen with a thousand cooks, and one waiter who takes every order to it. *Cut this onion. Done? Now this one.* The cooks are not the
# trouble. They stand about and wait for the waiter. A GPU is such a kitchen, and a loop over time steps, written in Python, is such a
# waiter. This part is about giving larger orders: a whole loop at once, a whole table of names, all steps of a sequence. And about the
# one order that seems impossible to enlarge, because each dish needs the one before it.
#
# **After this part you can**
#
# - count what a loop asks of a machine, and say why a faster machine may not help;
# - write the course's own GRU for PyTorch, with one product for all inputs, and say why cuDNN has no such cell;
# - run sequences of different lengths without computing their padding, and draw hundreds of names at once;
# - say what a compiler, a recorded graph and half the bits do for a recurrent network, and where half the bits hurt;
# - compute a recurrence in ten rounds instead of a thousand steps, and say what has to be given up for it;
# - share a batch between processes, take a model out of PyTorch, and say what recurrent networks are for today.
#
# *About 125 minutes. The end of section 10.15 is a good place for a break. You need part A, the GRU of lesson 06, padding from lesson 05
# and sampling from lesson 04. You need no GPU. Everything runs on the CPU; where a cell finds a GPU, it uses it.*

# %% tags=["setup"]
import utils

assert hasattr(utils, "__course__"), (
    f"Another utils.py is in the way: {utils.__file__}. Rename it and restart the kernel."
)

import utils.torch_port  # without PyTorch this says what to install

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from utils.checking import check, hint, progress, quiz, try_it
from utils.datasets import load_surnames
from utils.reference import encode_batch, gru_backward, gru_forward, pad_left

# %% [markdown]
# ## Before you begin
#
# Three questions from earlier lessons.
#
# **1.** On what does the reset gate of PyTorch's `nn.GRU` act?
#
# a: on the old state, before its product with the matrix · b: on the result of that product · c: on the blend of old and new
#
# (In this course it is called the relevance gate, $\Gamma_r$. In this part we use PyTorch's word, too.)

# %%
quiz("where-the-reset-acts", "?")

# %% [markdown]
# **2.** What does a temperature of 0.5 do when a letter is drawn?
#
# a: likely letters become likelier · b: all probabilities are halved · c: rare letters come more often

# %%
quiz("half-a-temperature", "?")

# %% [markdown]
# **3.** A tanh RNN reads 100 steps, and the machine has 100 processors. How many of its steps can be computed at the same time?
#
# a: 100 · b: 10 · c: 1

# %%
quiz("a-hundred-processors", "?")

# %% [markdown]
# ## 10.12 Where the time goes
#
# What are we running on?

# %% tags=["demo", "nbval-ignore-output"]
from utils.torch_port.devices import best_device, describe_device

device = best_device()
print(describe_device())

# %% [markdown]
# A GPU does not run your Python. Python runs on the CPU and hands over one piece of work after the other: this product, that tanh. Each
# piece is a small program of the GPU, a **kernel**, and handing it over is a **launch**. A launch takes a few millionths of a second,
# however little there is to do. A tanh of a thousand numbers takes the GPU less than that. So it waits.
#
# ![Two rows of time. Above, your loop: Python hands over nine pieces of work one after the other, and after each the GPU works for a
# moment and then waits. Below, one call into cuDNN: Python hands over once, and the GPU works without a gap and is done much
# earlier.](figures/launches.svg)
#
# You need no GPU to see it. A CPU has the same trouble on a smaller scale: calling an operation costs something, whatever its size.

# %% tags=["demo", "nbval-ignore-output"]
from utils.torch_port.demos_10b import count_kernels, gru_as_in_lesson_06, seconds_of, some_gru

one = seconds_of(torch.tanh, torch.randn(1), repeats=51)
for size in (100, 10_000, 1_000_000):
    factor = seconds_of(torch.tanh, torch.randn(size), repeats=51) / one
    print(f"tanh of {size:9,} numbers: {factor:6.1f} times as long as of one")

# %% [markdown]
# A hundred numbers take about as long as one. Only when they are many does the arithmetic show. The states of this course, 64 numbers for
# a few examples, stand at the top of that table.
#
# So count launches. **By hand**, one step of the GRU as you wrote it in lesson 06:
#
# | line | operations |
# |---|---|
# | `stacked = [c; x]` | 1 |
# | `gate_u`, `gate_r`: product, plus bias, σ | 3 + 3 |
# | `[gate_r * c; x]` | 2 |
# | `c_tilde`: product, plus bias, tanh | 3 |
# | `gate_u * c_tilde + (1 - gate_u) * c` | 4 |
#
# Sixteen for each step, and one at the end that puts the states together: $16\,T + 1$. The next cell counts for you. It compares the
# loop of lesson 06 with PyTorch's own layers.

# %% tags=["demo", "nbval-ignore-output"]
rng = np.random.default_rng(0)
P = some_gru(rng, n_x=8, n_c=16)
loop_P = {name: torch.tensor(value, dtype=torch.float32) for name, value in P.items()}
layers = {"nn.GRU": nn.GRU(8, 16), "nn.LSTM": nn.LSTM(8, 16)}
print("steps | loop of lesson 06 |  nn.GRU | nn.LSTM")
for T in (20, 40, 80):
    x, c0 = torch.randn(T, 4, 8), torch.randn(4, 16)
    counts = [count_kernels(gru_as_in_lesson_06, loop_P, x.permute(2, 1, 0), c0.T)]
    counts += [count_kernels(layer, x) for layer in layers.values()]
    print(f"{T:5d} | {counts[0]:17d} | {counts[1]:7d} | {counts[2]:7d}")

# %% [markdown]
# Eighty steps of your loop are 1,281 launches, and the way back has its own on top. PyTorch's GRU, on a CPU, is a loop, too, only not one
# in Python. And look at the last column. On many processors (it depends on the build of PyTorch) `nn.LSTM` in float32 needs five
# operations, **whatever T is**: the whole loop is one of them.
#
# On an NVIDIA GPU `nn.RNN`, `nn.LSTM` and `nn.GRU` are one call from Python, whatever T is: they hand the whole sequence to a library,
# cuDNN. What does it do that a loop does not? Three things, which Appleyard, Kočiský and Blunsom described in 2016 (arXiv:1604.01946):
#
# - **One product for all gates.** The matrices of the gates are stacked; one large product replaces three or four small ones.
# - **One product for all inputs.** $W_x x^{\langle t\rangle}$ waits for no state. So all T of them are one product, before the loop.
# - **Fused kernels.** Adding a bias, σ, tanh and the blend are done in one kernel, while the numbers are at hand, and several steps
#   overlap where layers lie on top of each other.
#
# The first two you can do yourself, in the next section.
#
# How much faster? If you have an NVIDIA GPU, `python benchmarks/gpu.py` measures it in some minutes, and `benchmarks/RESULTS.md`,
# under *On a GPU*, keeps what was measured, or says that no GPU has been at hand yet. On the CPU, now:

# %% tags=["demo", "nbval-ignore-output"]
x, c0 = torch.randn(50, 1, 32), torch.zeros(1, 32)
wide = some_gru(rng, n_x=32, n_c=32)
wide_P = {name: torch.tensor(value, dtype=torch.float32) for name, value in wide.items()}
layer = nn.GRU(32, 32)
loop = seconds_of(gru_as_in_lesson_06, wide_P, x.permute(2, 1, 0), c0.T)
print(f"50 steps of one example: the loop takes {loop / seconds_of(layer, x):.1f} times as long as nn.GRU")

# %% [markdown]
# **Question.** A loop over 1,000 small operations keeps a GPU busy for a tenth of the time. You get a GPU with twice as many multipliers.
# What becomes of the running time?
#
# a: it is halved · b: hardly anything changes · c: it grows, since the GPU has more to do

# %%
quiz("a-larger-gpu", "?")

# %% [markdown]
# ## 10.13 Your GRU, and why no library has its loop
#
# In part A a GRU that resets **after** the product found its place in `nn.GRU`. The one of lesson 06, which resets **before** it, found
# none. There is a reason. Look at what waits for what within one step:
#
# ![Left, reset after: the old state enters one product with three matrices; its result goes to the gates and to the candidate, and the
# reset gate goes on to the candidate. One wait in every step. Right, reset before: the old state enters the product for the two gates;
# the reset gate multiplies the old state; that enters a second product, which gives the candidate. Two waits, one behind the
# other.](figures/reset_two_ways.svg)
#
# On the left everything that multiplies the old state is one product, and the gate is applied to what comes out. On the right the second
# product cannot begin before the first is done, σ is taken, and $\Gamma_r * c$ is known. Two products, one after the other, in every
# step: the arithmetic is the same, the waiting is doubled. cuDNN offers the left cell only, and PyTorch's GRU is what cuDNN offers.
#
# So the right one has to be written. You keep the first two tricks of the list above. The course's P comes apart like this:
#
# | parameter | shape | is |
# |---|---|---|
# | `Wx` | (3 n_c, n_x) | the columns of x from Wu, Wr, Wc, one below the other |
# | `b` | (3 n_c,) | bu, br, bc, one below the other |
# | `Wh` | (2 n_c, n_c) | the columns of c from Wu and Wr |
# | `Wc` | (n_c, n_c) | the columns of $\Gamma_r * c$ from Wc |
#
# Axes are PyTorch's: x is (T, m, n_x), a state is (m, n_c), an example is a **row**. A matrix that stood on the left of a column now
# stands on the right of a row, transposed: $W c$ becomes `c @ W.T`. With $X$ for all rows of x at once:
#
# $$\text{once: } \; A = X\,W_x^{\mathsf T} + b \quad (T, m, 3 n_c) \qquad\qquad \text{at each step, with its part } A_u, A_r, A_c \text{ of } A^{\langle t\rangle}:$$
#
# $$\Gamma_u, \Gamma_r = \sigma\left([A_u, A_r] + c\,W_h^{\mathsf T}\right) \qquad \tilde c = \tanh\left(A_c + (\Gamma_r * c)\,W_c^{\mathsf T}\right) \qquad c \leftarrow \Gamma_u * \tilde c + (1 - \Gamma_u) * c$$
#
# **By hand.** The two units of section 6.7, with a door less wide: $c^{\langle 0\rangle} = (0, 0.8)$, $\Gamma_u = 1/4$,
# $\Gamma_r = (1/4, 3/4)$ at every step, nothing comes from x, and the candidate of unit 1 reads unit 2. Step 1: it reads
# $0.75 \cdot 0.8 = 0.6$, so unit 1 becomes $\tanh(0.6)/4 = 0.1343$, and unit 2 keeps three quarters, 0.6. Step 2: it reads
# $0.75 \cdot 0.6 = 0.45$, and unit 1 becomes $\tanh(0.45)/4 + \tfrac34 \cdot 0.1343 = 0.2062$; unit 2 is 0.45.

# %% tags=["setup"]
two_units = {"Wu": np.zeros((2, 3)), "bu": np.full((2, 1), -np.log(3)), "Wr": np.zeros((2, 3)), "bc": np.zeros((2, 1))}
two_units |= {"br": np.array([[-np.log(3)], [np.log(3)]]), "Wc": np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 0.0]])}
silence, start = torch.zeros(2, 1, 1, dtype=torch.float64), torch.tensor([[0.0, 0.8]], dtype=torch.float64)

# %% [markdown]
# ### Exercise · `SeedGRU`
# *20 minutes · 7 points · first of four*
#
# $$x\;(T, m, n_x),\; c^{\langle 0\rangle}\;(m, n_c) \;\longrightarrow\; c^{\langle 1\rangle}, \dots, c^{\langle T\rangle}\;(T, m, n_c)$$
#
# `__init__` is there. Write `forward`. The product with x stands **before** the loop and serves all steps. `@` multiplies the last axis
# of a (T, m, n_x) tensor, so one line does it. Collect the states in a list; `torch.stack` makes a tensor of it. Change nothing in
# place: the tape still needs the old numbers. `torch.sigmoid` and `torch.tanh` are σ and tanh, and n_c is `len(self.Wc)`. One hint:
# `for step in from_x` gives the steps one by one, each (m, 3 n_c).
#
# Points are given for the states and for the gradients of all parameters and of x. The check also counts the products with x, and says so
# when they grow with T. It speaks in the course's axes and counts from 0: `states[0, 2, 5]` is unit 0, example 2, step t = 5.

# %% nbgrader={"grade": false, "grade_id": "SeedGRU", "locked": false, "schema_version": 3, "solution": true, "task": false}
# answer: SeedGRU writes forward

# %% tags=["try-it"]
try_it(lambda: SeedGRU(two_units)(silence, start)[:, 0].detach().numpy().round(4))  # by hand: 0.1343, 0.6, then 0.2062, 0.45

# %% nbgrader={"grade": true, "grade_id": "SeedGRU-check", "locked": true, "points": 7, "schema_version": 3, "solution": false, "task": false}
check(SeedGRU)

# %% [markdown]
# The backward pass you did not write this time. Does the tape find what `gru_backward` of lesson 06 finds? Same weights, same inputs, and
# the same random gradient entering at every step:

# %% tags=["try-it"]
def beside_lesson_06():
    rng = np.random.default_rng(1)
    P = {f"W{gate}": rng.normal(0, 0.5, (7, 12)) for gate in "urc"}
    P |= {f"b{gate}": rng.normal(0, 0.5, (7, 1)) for gate in "urc"} | {"Wy": np.ones((2, 7)), "by": np.zeros((2, 1))}
    x, c0, dc = rng.normal(size=(5, 3, 30)), rng.normal(size=(7, 3)), rng.normal(size=(7, 3, 30))
    c, _, caches = gru_forward(x, c0, P)
    G = gru_backward(dc, caches)
    model, x_rows = SeedGRU(P), torch.tensor(x.transpose(2, 1, 0)).requires_grad_()
    states = model(x_rows, torch.tensor(c0.T))
    states.backward(torch.tensor(dc.transpose(2, 1, 0)))
    dW = np.concatenate([G["dWu"], G["dWr"], G["dWc"]])
    pairs = {"states": (states.detach().numpy().transpose(2, 1, 0), c), "dx": (x_rows.grad.numpy().transpose(2, 1, 0), G["dx"])}
    pairs |= {"dWx": (model.Wx.grad.numpy(), dW[:, 7:]), "dWh": (model.Wh.grad.numpy(), dW[:14, :7])}
    pairs |= {"dWc": (model.Wc.grad.numpy(), dW[14:, :7])}
    return "\n".join(f"{name:7} agree to 1e-12: {np.abs(a - b).max() < 1e-12 * np.abs(b).max()}" for name, (a, b) in pairs.items())


try_it(beside_lesson_06)

# %% [markdown]
# And what was saved? Your step has eleven operations where the loop of lesson 06 has sixteen:

# %% tags=["try-it", "demo"]
def launches_of_mine():
    lines = ["steps | loop of lesson 06 | SeedGRU"]
    model = SeedGRU(P).float()
    for T in (20, 40, 80):
        x, c0 = torch.randn(T, 4, 8), torch.randn(4, 16)
        old = count_kernels(gru_as_in_lesson_06, loop_P, x.permute(2, 1, 0), c0.T)
        lines.append(f"{T:5d} | {old:17d} | {count_kernels(model, x, c0):7d}")
    return "\n".join(lines)


try_it(launches_of_mine)

# %% [markdown]
# (If you wrote it as our solution does, 883 for 80 steps: $11\,T + 3$.) With PyTorch's combined operations it goes down to six a step:
# `torch.addmm` is a product and a sum in one, `torch.lerp` is the blend. `utils/torch_port/seed_gru.py` does that. Only a
# kernel of one's own gets below it. And in time? On this machine, compared with `nn.GRU` of the same size:

# %% tags=["try-it", "demo", "nbval-ignore-output"]
def time_of_mine():
    lines, mine = ["examples | loop of lesson 06 | SeedGRU | nn.GRU"], SeedGRU(wide).float()
    for m in (1, 64):
        x, c0 = torch.randn(50, m, 32), torch.zeros(m, 32)
        taken = [seconds_of(gru_as_in_lesson_06, wide_P, x.permute(2, 1, 0), c0.T), seconds_of(mine, x, c0), seconds_of(layer, x)]
        lines.append(f"{m:8d} | {taken[0] / taken[2]:17.1f} | {taken[1] / taken[2]:7.1f} | {1:6.1f}")
    return "\n".join(lines)


try_it(time_of_mine)

# %% [markdown]
# The numbers are multiples of what `nn.GRU` takes. Do not be disappointed if your loop is no faster here than that of lesson 06. On a CPU
# taking a slice costs nearly as much as a small operation, and yours takes more slices; on a GPU a slice launches nothing. With more
# examples there is more arithmetic in each launch, and it matters less who wrote the loop.
#
# **Question.** `nn.GRU` has about as much arithmetic in a step as `SeedGRU`. Why can cuDNN do without waiting what your loop has to wait
# for?
#
# a: it has fewer rows to multiply · b: it does not read x step by step · c: its reset comes after the product, so nothing that is
# multiplied waits for a gate

# %%
quiz("why-it-waits", "?")

# %% [markdown]
# ## 10.14 Nobody waits for padding
#
# Larger orders for the kitchen mean many sequences at once, and sequences have different lengths. Lesson 05 padded them and let a mask
# keep the state at the padded steps. The answers were right, and the padding was computed all the same, and thrown away.
#
# How much is that? The 5,706 surnames of lesson 05 have 2 to 18 letters:

# %% tags=["demo"]
lengths = np.array([len(name) for name, _ in load_surnames()])
order = np.random.default_rng(0).permutation(len(lengths))
padded_cells = sum(len(rows) * lengths[rows].max() for rows in np.array_split(order, 178))  # batches of 32
print(f"{lengths.sum():,} letters; in one table {len(lengths) * lengths.max():,} cells, in batches {padded_cells:,}")
print(f"of these are letters: {lengths.sum() / lengths.size / lengths.max():.2f} and {lengths.sum() / padded_cells:.2f}")

# %% [markdown]
# In batches of 32 names, more than 40 of 100 cells are padding. **Packing** leaves them out. The sequences are sorted by length, the
# longest first. Then at each step those that still run stand at the top, and the batch becomes smaller as it goes on:
#
# ![Left, a padded table of three rows with lengths 2, 4 and 3: twelve cells, three of them empty, every cell is computed. Right, the same
# letters packed, the longest row first: nine cells; three rows run at steps 1 and 2, two at step 3, one at step
# 4.](figures/packed_steps.svg)
#
# | step | rows that run | read |
# |---|---|---|
# | 1 | 3 | c, g, a |
# | 2 | 3 | d, h, b |
# | 3 | 2 | e, i |
# | 4 | 1 | f |
#
# Nine cells in place of twelve, and no mask. For the caller nothing changes: results come back in the order in which the rows went in.
# PyTorch does the sorting and the sorting back, if you let it:
#
# - `nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)` packs x (m, T, n_x), padded on the **right**;
# - a layer takes what was packed in place of x, and returns what it always returns: the outputs (packed, too) and the last state;
# - **the last state is that of each row's own last letter.** That is what we want.
#
# In which shape? `h_n` is (layers · directions, m, n): the lowest layer first, in each layer forwards before backwards. So `h_n[-1]` is the
# top layer, or, if it reads both ways, its backward direction, and `h_n[-2]` its forward one. The backward direction starts at each
# row's own last letter and ends at its first. An LSTM returns the pair $(a, c)$; what is shown to others is a.
#
# **By hand.** Let a layer add up what it reads: one unit, ReLU, both weights 1, no biases. Rows 1 2 9 9, then 5 1 3 9, then 4 9 9 9, with
# lengths 2, 3 and 1; the nines are padding. The answers are $1 + 2 = 3$, $5 + 1 + 3 = 9$ and 4.

# %% tags=["setup"]
adds_up = nn.RNN(1, 1, nonlinearity="relu", batch_first=True)
with torch.no_grad():
    for name, value in adds_up.named_parameters():
        value.fill_(1.0 if name.startswith("weight") else 0.0)
rows = torch.tensor([[1.0, 2, 9, 9], [5, 1, 3, 9], [4, 9, 9, 9]])[:, :, None]  # (m, T, n_x) = (3, 4, 1)

# %% [markdown]
# ### Exercise · `encode_packed`
# *12 minutes · 6 points · second of four*
#
# $$\text{one direction: } a^{\langle \text{length}\rangle}\;(m, n) \qquad\qquad \text{two: } \left[\overrightarrow{a}^{\langle \text{length}\rangle}, \overleftarrow{a}^{\langle 1\rangle}\right]\;(m, 2n)$$
#
# The top layer's state of each row after its last valid letter; with two directions the backward one beside it. `rnn` may be an
# `nn.RNN`, `nn.GRU` or `nn.LSTM`; `rnn.bidirectional` says whether it reads both ways. Rows stay in the caller's order. One hint: an
# LSTM gives itself away by returning a tuple.

# %% nbgrader={"grade": false, "grade_id": "encode_packed", "locked": false, "schema_version": 3, "solution": true, "task": false}
# answer: encode_packed

# %% tags=["try-it"]
try_it(lambda: encode_packed(adds_up, rows, torch.tensor([2, 3, 1])).detach().numpy()[:, 0])  # by hand: 3, 9, 4

# %% nbgrader={"grade": true, "grade_id": "encode_packed-check", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
check(encode_packed)

# %% [markdown]
# In lesson 05 the padding stood on the left, and a mask did what packing does now. Is it the same state? Surnames, the same random
# weights, your `encode_packed` beside `encode_batch` of lesson 05:

# %% tags=["try-it", "demo"]
from utils.torch_port.weights import to_torch_rnn


def beside_lesson_05():
    rng = np.random.default_rng(2)
    names = [name for name, _ in load_surnames()[:200:4]]
    codes = [[ord(letter) - ord("a") for letter in name if letter.isascii() and letter.isalpha()] for name in names]
    P = {"Wax": rng.normal(0, 0.5, (20, 26)), "Waa": rng.normal(0, 0.2, (20, 20)), "ba": rng.normal(0, 0.5, (20, 1))}
    indices, mask = pad_left(codes)
    x = (np.arange(26)[:, None, None] == indices).astype(float)  # (n_x, m, T), a column of zeros where padded
    old = encode_batch(x, mask, P)  # (n_a, m)
    rnn = to_torch_rnn(P)
    rnn.batch_first = True
    right = nn.utils.rnn.pad_sequence([torch.tensor(code) for code in codes], batch_first=True)
    new = encode_packed(rnn, F.one_hot(right, 26).double(), torch.tensor([len(code) for code in codes]))
    return f"{len(names)} names, largest difference below 1e-12: {np.abs(new.detach().numpy().T - old).max() < 1e-12}"


try_it(beside_lesson_05)

# %% [markdown]
# The same numbers from fewer cells. One condition remains: packing saves time where rows end early *within* a batch. Putting names of
# similar length together saves as much without it, and costs a little of the random order.
#
# **Question.** Three sequences of 4, 3 and 1 steps. What does packing save?
#
# a: parameters, since short sequences need fewer · b: four steps in twelve · c: nothing, but short sequences come first

# %%
quiz("what-packing-saves", "?")

# %% [markdown]
# ## 10.15 Many names at once
#
# Writing cannot be made parallel in time. Each letter is drawn, fed back, and only then can the next one be drawn. But nobody wants one
# name. Two hundred names side by side make the orders two hundred times larger, and the waiter walks as often as before.
#
# Here is a model to draw from: the `CharLM` of part A, trained for some seconds on the dinosaurs of lesson 04. Token 0 is both the start
# and the end of a name; 1 to 26 are the letters.

# %% tags=["demo", "nbval-ignore-output"]
from utils.torch_port.demos_10b import train_names

model, held_out_nats = train_names(seed=0, device=device)
print(f"held out: {held_out_nats / np.log(2):.2f} bits per letter")

# %% [markdown]
# About 2.45 bits on names that it has not seen. (Five seeds gave 2.43 to 2.46.) Now let it write. Step by step, for all m rows together, with V tokens to
# choose from (27 here):
#
# $$p = \text{softmax}(\text{logits}/\tau)\;(m, V) \qquad \text{token}^{(i)} \sim p^{(i)} \qquad \text{after a row has drawn 0: } \text{token}^{(i)} = 0$$
#
# Three things go wrong easily. **Dropout**, which the training wanted, still switches units off; `model.eval()` stops it. Whoever calls
# you may be in the middle of a training, so put the mode back afterwards. **The tape** would record every step of every name and hold on
# to all of it; inside `torch.no_grad()` nothing is recorded. **Rows that have ended** go on producing letters, as the batch has no holes;
# multiply what they draw by 0.
#
# So that your draws are those of the check, they follow a protocol: one call `torch.multinomial(p, 1, generator=generator)` in each step,
# for the whole batch. It draws one column, (m, 1), a token for each row of p.
#
# **By hand.** A model without doubts: after token k comes k + 1, and after 2 comes 0. From the start token 0, m = 2, five letters at most:
# both rows are 1, 2, 0, 0, 0. The two last zeros are draws multiplied by 0. (You may stop once all rows
# have ended.)

# %% tags=["setup"]
class CountsToTwo(nn.Module):
    """After token k comes k + 1, after 2 comes 0. It has no state."""

    def __init__(self):
        super().__init__()
        self.sure = nn.Parameter(torch.tensor(100.0))

    def forward(self, tokens, state=None):
        return self.sure * F.one_hot((tokens + 1) % 3, 3).float(), state  # (m, 1, 3)


# %% [markdown]
# ### Exercise · `sample_batch`
# *15 minutes · 6 points · third of four*
#
# Return tokens (m, max_length), int64. `model(tokens, state)` takes tokens (m, 1) and returns logits (m, 1, V) and the new state; the
# first state is None. `model.training` says in which mode a model is, `model.train(mode)` sets it. The tokens must lie where the model
# lies: `next(model.parameters()).device`. Mode and tape cost no points, but the check looks at them. One hint: a column `alive` of ones,
# which becomes 0 for a row once it has drawn 0, keeps account.

# %% nbgrader={"grade": false, "grade_id": "sample_batch", "locked": false, "schema_version": 3, "solution": true, "task": false}
# answer: sample_batch

# %% tags=["try-it"]
try_it(lambda: sample_batch(CountsToTwo(), 2, 5).tolist())  # by hand: [1, 2, 0, 0, 0], twice

# %% nbgrader={"grade": true, "grade_id": "sample_batch-check", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
check(sample_batch)

# %% tags=["try-it", "demo", "nbval-ignore-output"]
from utils.torch_port.text_batches import decode_names, split_names


def write_names():
    generator = torch.Generator(device).manual_seed(1)
    names = decode_names(sample_batch(model, 1000, 20, 1.0, generator))
    known = set(split_names(0)[0])
    new = np.mean([name not in known for name in names])
    return f"{', '.join(names[:8])}\n1,000 names, {len(set(names)) / len(names):.0%} of them different, {new:.0%} new"


try_it(write_names)

# %% [markdown]
# Nearly all of them are new and hardly two alike. What did drawing them together cost? For batches of 1 to 1,024 names, 20 letters each, the cell
# measures the time of a whole batch, as a multiple of the time of a single name:

# %% tags=["demo", "nbval-ignore-output"]
from utils.plotting.torch_port import plot_growth
from utils.torch_port.sampling import sample_batch as right_sampling

sizes = [1, 4, 16, 64, 256, 1024]
rounds = [[seconds_of(right_sampling, model, m, 20, repeats=2) for m in sizes] for _ in range(4)]
seconds = np.min(rounds, axis=0)
factors = seconds / seconds[0]
plot_growth(
    sizes,
    {"measured here": factors, "one after the other": sizes},
    title=f"256 names take {factors[4]:.1f} times as long as one",
    xlabel="names in a batch",
    ylabel="time of a batch, one name = 1",
)
print("\n".join(f"{m:5d} names: {factor:5.1f} times as long as one" for m, factor in zip(sizes, factors)))

# %% [markdown]
# The dashed line is what a loop over names would take. The measured one stays near the bottom at first: a handful of names costs what
# one costs. Only where the arithmetic begins to count does it rise. On a GPU the flat part reaches much further to the right. This is
# the cheapest speed there is, and the reason why services collect requests for a moment and answer them in one batch.

# %% [markdown]
# ## 10.16 A loop that is recorded
#
# Fewer launches without writing kernels: two tools do that.
#
# **`torch.compile`** watches your function run once, notes every operation, and writes new kernels in which neighbours are fused: in a GRU
# everything between two products becomes one kernel. It does not note your *loop*. It notes what the loop did: forty steps become forty copies,
# one after the other. That is called **unrolling**. We can look at the notes without compiling anything, with a *backend* of our own that
# counts the operations and runs them as they are.

# %% tags=["demo"]
from utils.torch_port.seed_gru import SeedGRU as SmallestSteps

noted = []


def count_and_run(graph, inputs):
    """A backend for torch.compile that compiles nothing: it counts the operations in the notes."""
    noted.append(sum(node.op in ("call_function", "call_method") for node in graph.graph.nodes))
    return graph.forward


gru = SmallestSteps(P)
for T in (5, 10, 20):
    torch.compiler.reset()
    watched = torch.compile(gru, backend=count_and_run, dynamic=False)
    watched(torch.zeros(T, 4, 8, dtype=torch.float64), torch.zeros(4, 16, dtype=torch.float64))
print("operations noted for 5, 10 and 20 steps:", noted)

# %% [markdown]
# Twice the steps, twice the notes. (There are more of them than kernels, since looking at a part of a tensor is noted, too.) So compiling
# takes longer the longer the sequence is, and another T means compiling again. The remedy is a piece of fixed length: compile sixteen
# steps once, and run them again and again. `utils/torch_port/seed_gru_fast.py` does this.
#
# **A CUDA graph** is the other tool. The whole train of launches is recorded once, then played back with a single launch. No kernel gets
# faster, but the waiter walks once. The price: everything is fixed, shapes, places in memory, the path through your code. An `if` that
# looks at a number, or a T that varies, breaks it.
#
# The next cell takes both roads, beside the plain loop. Both are there for NVIDIA's GPUs. Elsewhere the cell runs the loop as it is, which
# PyTorch calls *eager*, and says so.

# %% tags=["demo", "nbval-ignore-output"]
import shutil

from utils.torch_port.seed_gru_fast import compiled, graphed

x, c0 = torch.randn(64, 16, 8, device=device), torch.zeros(16, 16, device=device)
gru = SmallestSteps(P).float().to(device)
plain = seconds_of(gru, x, c0)
roads = {"recorded": graphed(gru, x, c0)}
if shutil.which("gcc") or not x.is_cuda:  # compiling for a GPU needs a C compiler, too
    roads["compiled"] = compiled(gru)
for name, road in roads.items():
    print(f"{name}: {plain / seconds_of(road, x, c0):.1f} times as fast as the module ({road.how})")

# %% [markdown]
# ## 10.17 Half the bits
#
# Memory has to be read before anything can be computed. In a large model with a small batch, where the launches are no longer what takes
# the time, the reading is. Half the bits, half the reading; and GPUs multiply such numbers several times as fast. **bfloat16** keeps the range of float32, so nothing overflows that did
# not before, and pays with precision: eight bits for the digits, where float32 has 24.
#
# **By hand.** Between 1 and 2 its steps are $1/128$. So 1.003 has no number of its own and becomes 1. Between 256 and 512 the steps are 2:
# 257 does not exist.

# %%
print(torch.tensor([1.003, 1.004, 255, 256, 257, 258]).bfloat16().tolist())

# %% [markdown]
# Two or three digits. Is that enough for a network? Ask the trained model: the same weights, all products in bfloat16.

# %% tags=["demo", "nbval-ignore-output"]
from utils.torch_port.text_batches import NameBatches
from utils.torch_port.training import evaluate

unseen = NameBatches(split_names(0)[1], 256)
for amp in (False, True):
    bits = evaluate(model, unseen, device, amp=amp) / np.log(2)
    print(f"{'products in bfloat16' if amp else 'all in float32      '}: {bits:.4f} bits per letter")

# %% [markdown]
# The loss moves in its fourth or fifth digit. A product adds up in float32 inside and rounds once, at its end, and a network that was
# trained with noise does not mind a little more. (The weights stay in float32, and softmax and loss are taken in float32. That is what
# **autocast** means: products in half the bits, what is delicate as before. An `nn.LSTM` is treated as one large product, and its states
# are in half the bits, too.)
#
# And where does it hurt? Wherever **many small things are added to one large one**. Three rows of numbers, each computed in bfloat16 and
# in float32:
#
# - a sum: 0.001 is added ten thousand times;
# - a weight that begins at 1, and a thousand updates of −0.001;
# - a state of 0.5 behind a door that is nearly shut, $\Gamma_u = 0.001$, with $\tilde c = 1$, for five thousand steps.

# %% tags=["demo"]
from utils.plotting.torch_port import plot_running_sums


def run(step, start, times, dtype):
    """Apply a step so many times to a number of this type. Returns all values as floats."""
    value, values = torch.tensor(start, dtype=dtype), []
    for _ in range(times):
        value = step(value)
        values.append(value.item())
    return values


ROWS = {
    "sum": (lambda s: s + 0.001, 0.0, 10_000),
    "weight": (lambda w: w - 0.001, 1.0, 1_000),
    "state": (lambda c: c + 0.001 * (1 - c), 0.5, 5_000),
}
results = {name: [run(*row, dtype) for dtype in (torch.float32, torch.bfloat16)] for name, row in ROWS.items()}
for name, (single, half) in results.items():
    print(f"{name:6}: float32 {single[-1]:6.3f}, bfloat16 {half[-1]:6.3f}")
shown = range(499, 10_000, 500)
curves = {kind: [values[i] for i in shown] for kind, values in zip(("float32", "bfloat16"), results["sum"])}
plot_running_sums([i + 1 for i in shown], curves, title=f"0.001, ten thousand times: bfloat16 stops at {results['sum'][1][-1]}")

# %% [markdown]
# The sum should be 10 and stands still at 0.5. Above 0.5 the steps of bfloat16 are $1/256 \approx 0.0039$. Adding 0.001 is less than
# half a step, and rounding takes it back every time. The weight has not moved at all: a learning rate can be too small for a
# number format. And the state, the slow memory for which lesson 06 built a door, is stuck where it was.
#
# Hence the division of labour: **products in bfloat16; sums, losses, softmax, weights, Adam's means and the memory of a cell in float32.**
# (Autocast keeps to all of it but the last, as was said above of `nn.LSTM`. On names of ten letters that did no harm.)
# float16, the older half, has three more bits for digits and far fewer for the range: small gradients become 0 in it. That is what the
# `scaler` in `train_epoch` is for; it multiplies the loss by a large number and divides the gradients again. With bfloat16 it is not
# needed. Keep it all the same on an NVIDIA GPU: there autocast hands cuDNN's recurrent layers float16, whichever of the two you asked for.
#
# **Question.** One of these must not be done in bfloat16. Which?
#
# a: the product of a weight matrix and a batch · b: storing one-hot inputs · c: adding up the losses of ten thousand letters

# %%
quiz("what-half-the-bits-spoil", "?")

# %% [markdown]
# ## 10.18 A recurrence that need not wait
#
# Lessons 01 and 02 left a promise open. *A recurrent network cannot be computed in parallel*, people say, because each state needs the one
# before it. Lesson 01 showed an exception: the family whose memory is its output, trained with a teacher. Here is another.
#
# What exactly makes the steps wait? Not that a state depends on the one before. A sum does so, too:
# $s^{\langle t\rangle} = s^{\langle t-1\rangle} + x^{\langle t\rangle}$, and nobody would say that a hundred people cannot share an addition. Each
# adds up a piece, and then the pieces are added. It works because two additions in a row are again an addition. Two tanh in a row are not
# again a tanh of the same kind. **Only the tanh, and the gates that look at the state, force us to wait.**
#
# So take them out. A GRU whose gate and candidate look at the input alone:
#
# $$z^{\langle t\rangle} = \sigma(W_z x^{\langle t\rangle} + b_z) \qquad \tilde h^{\langle t\rangle} = W_h x^{\langle t\rangle} + b_h \qquad h^{\langle t\rangle} = (1 - z^{\langle t\rangle}) * h^{\langle t-1\rangle} + z^{\langle t\rangle} * \tilde h^{\langle t\rangle}$$
#
# This is the **minGRU** of Feng, Tung, Ahmed, Bengio and Hajimirsadeghi (2024, arXiv:2410.01201). In the letters of lesson 06 it is a
# GRU with $z = \Gamma_u$ (not the z of `nn.GRU`, which keeps), whose gate does not see the state, and without relevance gate and tanh. All z and all $\tilde h$ are two products before the loop. And the loop? Each
# step is a straight line,
#
# $$h \;\to\; \text{keep} \cdot h + \text{add} \qquad \text{keep} = 1 - z, \quad \text{add} = z\,\tilde h,$$
#
# and two straight lines, one after the other, are a straight line. First (keep′, add′), then (keep, add):
#
# $$\text{keep} \cdot (\text{keep}' h + \text{add}') + \text{add} \;=\; \underbrace{\text{keep} \cdot \text{keep}'}_{\text{new keep}} h \;+\; \underbrace{\text{keep} \cdot \text{add}' + \text{add}}_{\text{new add}}$$
#
# So stretches can be joined, all at once. In round 1 every step is joined with the one before it. Then each entry stands for two steps. In
# round 2 every entry is joined with the one two before it, and stands for four. Then four before it, and so on:
#
# ![Eight boxes in a row, steps 1 to 8, and three rounds above them. In round 1 each box is joined with its left neighbour and covers two
# steps, in round 2 with the box two to the left, in round 3 with the box four to the left. In the end every box covers all steps from 1
# on. Boxes that reach back to step 1 are done.](figures/scan_rounds.svg)
#
# Three rounds for eight steps, ten for a thousand: about $\log_2 T$. Each round is a few operations on the whole sequence, large orders
# for the kitchen. It is called a **parallel scan**; this way of doubling carries the names of Hillis and Steele. It makes more additions
# than the loop does, about $T \log_2 T$ instead of T. Waiting is saved, not work. Martin and Cundy (2018, arXiv:1709.04057) used scans
# to train recurrent networks.
#
# **By hand.** One unit, T = 4, $z = (1/4, 1/2, 1/2, 1/2)$, $\tilde h = (8, 0, 0, 16)$, $h^{\langle 0\rangle} = 16$.
#
# | | t = 1 | t = 2 | t = 3 | t = 4 |
# |---|---|---|---|---|
# | keep, add | 3/4, 2 | 1/2, 0 | 1/2, 0 | 1/2, 8 |
# | after round 1 | 3/4, 2 | 3/8, 1 | 1/4, 0 | 1/4, 8 |
# | after round 2 | 3/4, 2 | 3/8, 1 | 3/16, 0.5 | 3/32, 8.25 |
# | $h = \text{keep} \cdot 16 + \text{add}$ | 14 | 7 | 3.5 | 9.75 |
#
# Check the last row by walking: three quarters of 16 plus a quarter of 8 is 14; half of that is 7; then 3.5; then $1.75 + 8 = 9.75$.

# %% tags=["setup"]
doors = torch.tensor([0.25, 0.5, 0.5, 0.5], dtype=torch.float64)[:, None, None]  # (T, m, n) = (4, 1, 1)
news = torch.tensor([8.0, 0.0, 0.0, 16.0], dtype=torch.float64)[:, None, None]
sixteen = torch.full((1, 1), 16.0, dtype=torch.float64)

# %% [markdown]
# ### Exercise · `min_gru_scan`
# *20 minutes · 6 points · last of four*
#
# $$h^{\langle t\rangle} = (1 - z^{\langle t\rangle}) * h^{\langle t-1\rangle} + z^{\langle t\rangle} * \tilde h^{\langle t\rangle} \qquad \text{in about } \log_2 T \text{ rounds}$$
#
# z and $\tilde h$ are (T, m, n), $h^{\langle 0\rangle}$ is (m, n); return h (T, m, n). A loop over *rounds* is right, a loop over t is not.
# `add[:-reach]` are the entries that others reach back to, `add[reach:]` those that reach back, and the first `reach` entries stay as they
# are: `torch.cat` puts the two pieces together. T need not be a power of two. Change nothing in place, since the tape needs the
# old numbers. Points are given for the numbers and the gradients; whether
# you go through the steps one by one, the check sees and says. One hint: in each round, renew add before keep.

# %% nbgrader={"grade": false, "grade_id": "min_gru_scan", "locked": false, "schema_version": 3, "solution": true, "task": false}
# answer: min_gru_scan

# %% tags=["try-it"]
try_it(lambda: min_gru_scan(doors, news, sixteen).flatten().tolist())  # by hand: 14, 7, 3.5, 9.75

# %% nbgrader={"grade": true, "grade_id": "min_gru_scan-check", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
check(min_gru_scan)

# %% [markdown]
# Now count launches against the length, your scan beside a loop over the same recurrence:

# %% tags=["try-it", "demo"]
def step_by_step(z, h_tilde, h0):
    h, states = h0, []
    for zt, new in zip(z, h_tilde):
        h = (1 - zt) * h + zt * new
        states.append(h)
    return torch.stack(states)


def count_both():
    steps, counts = [8, 32, 128, 512, 2048], {"a loop over the steps": [], "your scan": []}
    for T in steps:
        some = torch.rand(T, 2, 3)
        for name, function in zip(counts, (step_by_step, min_gru_scan)):
            counts[name].append(count_kernels(function, some, some, some[0]))
    plot_growth(
        steps,
        counts,
        title=f"{steps[-1]:,} steps: {counts['a loop over the steps'][-1]:,} launches in a loop, {counts['your scan'][-1]} in a scan",
        xlabel="steps T",
        ylabel="launches",
    )
    return "\n".join(f"{name:22} {numbers}" for name, numbers in counts.items())


try_it(count_both)

# %% [markdown]
# The loop doubles with T. The scan grows by one round, five launches in our solution, for each doubling. At 2,048 steps it is 59
# against 8,193. What the clock says about that depends on the machine; here it is:

# %% tags=["demo", "nbval-ignore-output"]
from utils.torch_port.scan import min_gru_scan as right_scan

for T in (32, 256, 2048):
    z, new = torch.rand(T, 4, 16, device=device), torch.randn(T, 4, 16, device=device)
    gain = seconds_of(step_by_step, z, new, new[0]) / seconds_of(right_scan, z, new, new[0])
    print(f"{T:5d} steps: the loop takes {gain:5.1f} times as long as the scan")

# %% [markdown]
# So the sentence has to be put more carefully. **A recurrence whose steps are straight lines can be computed in parallel; one that sends
# its state through a tanh or a gate cannot.** (Not in this way, at least.) Writing one letter after the other is not helped: there the
# loop over time is the task itself.
#
# **Question.** How many rounds does a scan over 1,000 steps need?
#
# a: 10 · b: 32 · c: 500

# %%
quiz("rounds-for-a-thousand", "?")

# %% [markdown]
# ## 10.19 What was given up
#
# Nothing is free. The gates of a GRU look at the state: *there is a plural in memory already, so let this in.* The gates of a minGRU
# cannot. Does that matter? Here is the smallest task in which it does. Bits are read, and after each the network says whether the ones so
# far are even or odd in number. You do it with one finger: at every 1, turn it over.
#
# All of them have 24 numbers of state in each layer, 500 batches, the same Adam. They train on 2 to 12 bits and are asked for up to 40. Make a guess
# first.

# %% tags=["demo", "nbval-ignore-output"]
from utils.plotting.torch_port import plot_right_by_length
from utils.torch_port.demos_10b import learn_parity, right_by_length

how_long, shares = [2, 4, 8, 12, 20, 40], {}
for name, kind, layers_of in (("GRU", "GRU", 1), ("minGRU", "minGRU", 1), ("minGRU, 2 layers", "minGRU", 2)):
    shares[name] = right_by_length(learn_parity(kind, seed=0, layers=layers_of), how_long)
    print(f"{name:17}", "  ".join(f"{share:.2f}" for share in shares[name]), flush=True)
finding = f"Even or odd after 40 bits: GRU {shares['GRU'][-1]:.2f} right, minGRU {shares['minGRU'][-1]:.2f}"
plot_right_by_length(how_long, shares, title=finding, trained=12)

# %% [markdown]
# The GRU makes hardly a mistake, not even at lengths that it never saw. The minGRU has two bits right, is unsure at four, and guesses soon
# after, well inside the lengths of its training. A second layer does not help. (Three seeds gave the same picture: GRU at least 0.99
# everywhere; minGRU at most 0.70 at eight bits, and between 0.45 and 0.55 from twenty on.)
#
# Look at the straight line again. When a 1 is read, the state must turn over: what was high becomes low, what was low becomes high. A line
# that does this falls, and its slope is negative. But the slope is $1 - z$, between 0 and 1. Whatever $\tilde h$ is, the line pulls
# every state *towards* it, from both sides, and a second 1 only pulls further in the same direction. The GRU has a candidate that sees
# the state, and may answer high with low.
#
# That is no defect of our small network. Sarrof, Veitsman and Hahn (2024, arXiv:2405.17394) prove it for all networks whose steps are such
# lines with slopes that are never negative, in layers or not: none of them tells even from odd at every length. Merrill, Petty and
# Sabharwal (2024, arXiv:2404.08819) show, under an assumption that most who study such questions share, that wider families of parallel
# recurrences cannot follow harder things, such as how five cups change places. For much of language, as far as has been seen, that does
# not matter. For telling even from odd, for moves on a chess board, for running a program, it does.
#
# **Question.** Why can the minGRU not learn it?
#
# a: it forgets the first bits · b: 24 numbers are too few · c: its step pulls towards a value, and never turns a state over

# %%
quiz("why-it-cannot-count", "?")

# %% [markdown]
# ## 10.20 Several processes, one gradient
#
# When one GPU is busy, take two. The usual way is **data parallel**: every process has a copy of the model, reads its own share of the
# batch, and computes its gradient. Then the gradients are averaged over all processes, and all of them make the same step. So the copies
# stay equal without ever being compared. In PyTorch a wrapper called DistributedDataParallel, DDP, does that. In the course's folder:
#
# ```
# torchrun --nproc-per-node 2 -m utils.torch_port.distributed --epochs 2
# ```
#
# `torchrun` starts the program twice and tells each copy which one it is. Without a GPU the two share the cores, which saves nothing,
# but works all the same. Try it in a terminal.
#
# One trap is worth a cell. DDP takes the **mean** of the gradients. If each process divides its loss by its own number of letters, a
# letter in a share of short names weighs more than one in a share of long names. The remedy: each share divides by the number of letters
# *of the whole batch*, and multiplies by the number of processes. Below, no process is needed to see it: a batch is cut in two.

# %% tags=["demo", "nbval-ignore-output"]
from utils.torch_port.models import CharLM
from utils.torch_port.training import summed_nats

torch.manual_seed(0)
twin = CharLM(27, 8, 12).double()
by_length = sorted(split_names(0)[0][:32], key=len)
x, y = next(iter(NameBatches(by_length, 32)))


def gradient_of(loss):
    """All gradients of a loss by the weights of the model, in one vector."""
    return torch.cat([g.flatten() for g in torch.autograd.grad(loss, list(twin.parameters()))])


def nats(part):
    return summed_nats(twin(x[part])[0], y[part])


short, long, both = slice(0, 16), slice(16, 32), slice(0, 32)
letters = [int((y[part] >= 0).sum()) for part in (short, long, both)]
whole = gradient_of(nats(both) / letters[2])
naive = (gradient_of(nats(short) / letters[0]) + gradient_of(nats(long) / letters[1])) / 2
right = (gradient_of(2 * nats(short) / letters[2]) + gradient_of(2 * nats(long) / letters[2])) / 2
print(f"letters in the two shares: {letters[0]} and {letters[1]}")
for name, mine in (("own number of letters", naive), ("all letters, times two", right)):
    print(f"divided by {name:23}: {((mine - whole).norm() / whole.norm()).item():.0e} away from the gradient of the whole")

# %% [markdown]
# The second line is rounding error, the first a few percent of every step in a direction that nobody asked for. It trains all the same,
# and nobody notices. You have met this before, as a mean of means.

# %% [markdown]
# ## 10.21 Out of PyTorch
#
# In section 4.18 a model left its notebook: weights in a file, forty lines of NumPy to run them. For a large model nobody wants to write
# those lines. **ONNX** is a file format that holds both, the weights and the graph of operations, and programs for servers, telephones and
# browsers read it. Out it goes, and back for a comparison:

# %% tags=["demo", "nbval-ignore-output"]
import tempfile
from pathlib import Path

from utils.torch_port.export import open_onnx, run_onnx, to_onnx

file = Path(tempfile.mkdtemp()) / "names.onnx"
to_onnx(model, file)
there = open_onnx(file)
tokens = NameBatches(split_names(0)[1], 64).x[:64]
with torch.no_grad():
    here, _ = model.cpu().eval()(tokens)
away, _ = run_onnx(there, tokens.numpy())
print(f"{file.stat().st_size / 1024:.0f} KiB; largest difference of all logits {np.abs(away - here.numpy()).max():.0e}")

token, state, name, rng = np.array([[0]]), None, "", np.random.default_rng(3)
while len(name) < 20:
    logits, state = run_onnx(there, token, state)
    p = np.exp(logits[0, 0].astype(float) - logits.max())
    token = np.array([[rng.choice(27, p=p / p.sum())]])
    if token[0, 0] == 0:
        break
    name += chr(ord("a") + token[0, 0] - 1)
print("a name drawn without PyTorch:", name)

# %% [markdown]
# The numbers agree to six or seven digits, as float32 does. ONNX has an order of gates of its own, i, o, f, c, the third that you
# meet. (`to_onnx` writes the graph by hand; for other models there is `torch.onnx.export`.) What has to travel with the file, as in
# section 4.18, is what no file format knows: that token 0 is the start, how letters are numbered, and what the model is good for.

# %% [markdown]
# ## 10.22 What can go wrong
#
# A student packs by hand. PyTorch wanted the longest sequence first, so she sorts, and it runs. The task could hardly be easier: four
# kinds of symbols, 2 to 8 of them, *which was the first?* Below, `encode_packed` learns it first; then her function tries.

# %% tags=["demo", "nbval-ignore-output"]
from utils.torch_port.demos_10b import learn_first_symbol, share_right
from utils.torch_port.packed import encode_packed as right_packing


def packed_by_hand(rnn, x, lengths):
    order = lengths.argsort(descending=True)
    packed = nn.utils.rnn.pack_padded_sequence(x[order], lengths[order], batch_first=True)
    return rnn(packed)[1][-1]


for name, encode in (("encode_packed", right_packing), ("packed by hand", packed_by_hand)):
    print(name)
    parts = learn_first_symbol(encode)
    print(f"  {share_right(encode, parts):.2f} of new sequences right")

# %% [markdown]
# **Question.** No error, shapes as they should be, and no learning at all: $\ln 4 = 1.39$ nats, a quarter right. What happened?
#
# a: the states at the ends of the sequences are wrong · b: states and labels stand in different orders · c: no gradient comes through
# packing

# %%
quiz("answers-in-another-order", "?")

# %% [markdown]
# The rows came back sorted, the labels stayed where they were. Every state is right and belongs to somebody else. Where you sort, keep
# the way back: `result[order.argsort()]`, or `enforce_sorted=False`, which does it for you. The test for such faults takes one line: **one
# example alone must get the answer that it gets in a batch.** You have met that test at the end of section 10.11.

# %% [markdown]
# ## 10.23 Outlook
#
# What came after the networks of this course, what it does differently, and what stays:
#
# **Attention.** In section 9.11 everything that was read had to pass through one state. Bahdanau, Cho and Bengio (2015, arXiv:1409.0473)
# kept all states of the encoder and let the decoder look at them with weights that it computes: a soft search in memory. Vaswani and
# others (2017, *Attention is all you need*) left the recurrence out altogether. In such a **transformer** every step looks at every
# earlier one, all at once. No state is handed on, so nothing waits in training. The price is paid in length: T steps are T² looks, and when
# writing, all that was read has to be kept at hand. A recurrent network keeps one state and takes the same time for every letter.
#
# **State-space models.** The straight line of section 10.18, with more structure in the state. Mamba (Gu and Dao, 2023, arXiv:2312.00752)
# lets the input decide what is kept, as the z of the minGRU does, has a larger state for each unit, and runs as a scan in one fused
# kernel that never writes the states to slow memory.
#
# **LSTMs, grown.** xLSTM (Beck and others, 2024, arXiv:2405.04517) gives the LSTM exponential gates and, in one of its two forms, a
# matrix for a memory. That form gives up the look at the state and can be computed in parallel. The other keeps it, and waits. Section
# 10.19 is a reason to have both.
#
# **minGRU** you have just written. Its authors found it close to much larger designs on the tasks that they tried. Your parity experiment
# says what to ask of such a sentence: on which tasks?
#
# And the GRU and the LSTM themselves? Large language models are not made of them any more. They are a good choice where
#
# - a stream never ends and each step must be answered at once, with little memory: speech on a telephone, a sensor, a control loop;
# - data are few and models small, as they were in nearly all of this course;
# - a state has to be *followed*, step by step, for longer than was trained;
# - and as the first thing to try, and the thing to beat, on any sequence of numbers.
#
# What you know by now outlives the cells. States as lossy summaries, gradients through time, gates that keep, masks, sampling, searching,
# measuring against a simple rival: every one of the models above is discussed in these words.

# %% [markdown]
# ## Written question
#
# *8 minutes · 4 points · read by a person*
#
# A colleague has carried the GRU of lesson 06 to a rented GPU, as a loop in Python, the reset before the product: batches of 4, 200 steps,
# 64 units. It is slower than on her laptop. She plans to rent a GPU that is three times as fast, and to compute in bfloat16. In five to
# eight sentences: say where the time goes, and why neither plan will help much; name two measures that would, the one with least work first, and
# say what each of them changes; and say what she would gain and what she might lose with a minGRU in its place.

# %% [markdown] nbgrader={"grade": true, "grade_id": "a_slow_gpu", "locked": false, "points": 4, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# Every step is some sixteen operations on 4 × 64 numbers, 3,200 launches for a sequence and as many again on the way back. Each launch costs
# a few millionths of a second on the CPU's side, and the GPU finishes such a piece sooner than the next one arrives. It waits most of the
# time. A faster GPU waits longer, and half the bits shorten what was never the trouble; a slow update of the state might even be lost in
# bfloat16.
#
# The cheapest measure is a larger batch: on a GPU 256 rows cost little more than 4, since each launch then carries more. Next, fewer
# launches: one product for all inputs before the loop, the gates stacked, combined operations; then compiling a piece of the loop, or recording it as a
# CUDA graph. If the order of reset and product does not matter for her, `nn.GRU` does the whole loop in cuDNN; the weights then have to be
# trained anew. (Packing, if the lengths differ much.)
#
# A minGRU's steps are straight lines, so a scan needs about eight rounds for 200 steps in place of 200 steps one after the other. Its
# gate and candidate no longer see the state. Tasks in which the state must be followed, such as even or odd, cannot be learned; whether
# hers is one of them has to be measured against the GRU. When answering step by step, nothing is gained.
#
# **Marking.** One point for each: launches, not arithmetic, take the time, so that neither plan helps; a first measure that makes the
# pieces larger or fewer, with what it changes; a second one; minGRU: log T rounds in training, and the loss of what the gate sees.
# ### END SOLUTION

# %% [markdown]
# ## What you have now
#
# | function | takes | gives |
# |---|---|---|
# | `SeedGRU` | x (T, m, n_x), c0 (m, n_c) | all states (T, m, n_c) of the course's GRU |
# | `encode_packed` | a layer, x (m, T, n_x), lengths | each row's last state, (m, n) or (m, 2n) |
# | `sample_batch` | a model, m, max_length, temperature, generator | tokens (m, max_length) |
# | `min_gru_scan` | z, h̃ (T, m, n), h0 (m, n) | all states h (T, m, n), in log T rounds |
#
# | often said | what we found |
# |---|---|
# | a GPU makes it faster | it makes large pieces of work faster; thousands of small ones wait for their launches |
# | a recurrent network cannot be computed in parallel | true where the state goes through a tanh or a gate; a straight line can |
# | what can be computed in parallel is as good | it cannot follow a state: even or odd stayed a guess |
# | half the bits cost half the accuracy | products hardly notice; long sums, small updates and slow states are lost |
# | the gradients of several processes are averaged, and that is all | only if each divides by the letters of all |

# %% tags=["nbval-ignore-output"]
progress("10b")

# %% [markdown]
# The written question adds 4 points, given by a person.
#
# **Where next.** This was the last lesson. Take the project of section 4.14 and do it once more with what you have now: your own list, your
# own model, `train_epoch` on whatever machine you have, and a table that says how it compares with counting. Then read one of the papers
# of section 10.23. You know all its words.
