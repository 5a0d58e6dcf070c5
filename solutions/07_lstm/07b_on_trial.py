# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 7B · The LSTM on trial
#
# What stands in print looks right. Here four printed equations are put on trial, and three are convicted. After them it is the cell's turn.
# Does it remember over 150 steps? Is each gate worth its weights? Is it better than the GRU?
#
# **After this part you can**
#
# - give an LSTM its first weights, and say what the forget bias does and what it does not;
# - convict a wrong equation by measuring, and find what is wrong in it;
# - judge a network on a task over 150 steps by an honest baseline;
# - say what each gate was worth on three tasks, and how LSTM and GRU differ.
#
# *About 80 minutes. You need part A.* A good place for a break is before section 7.10. Sections 7.11 and 7.12 are extra: nothing later
# needs them.

# %% tags=["setup"]
import utils

assert hasattr(utils, "__course__"), (
    f"Another utils.py is in the way: {utils.__file__}. Rename it and restart the kernel."
)

from functools import partial

import numpy as np

from utils import reference
from utils.checking import check, hint, progress, quiz, try_it
from utils.datasets import load_runs
from utils.experiments.lesson_07 import adding_run, backward_with, from_the_sheet, gradient_errors
from utils.generators import adding_problem
from utils.plotting.adding import plot_adding, plot_trials_by_task
from utils.reference import lstm_backward, lstm_cell_backward, lstm_cell_forward, lstm_forward, sigmoid, softmax

# %% [markdown]
# ## Before you begin
#
# Correct versions of part A are imported above. If you would rather see your own train, paste your four functions into a cell below this
# one. Three questions.
#
# **1.** A forget gate stands at 0.5 for three steps. How much of a memory is left after them?
#
# a: an eighth · b: a sixth · c: nothing

# %%
quiz("three-half-gates", "?")

# %% [markdown]
# **2.** dc is the whole gradient at the memory $c^{\langle t\rangle}$. Of which two parts is it the sum?
#
# a: from the forget gate and from the update gate · b: from step t + 1 and through a⟨t⟩ · c: from c⟨t−1⟩ and from x⟨t⟩

# %%
quiz("two-parts-of-dc", "?")

# %% [markdown]
# **3.** A gradient check measures slopes with differences. What of the network does it run?
#
# a: the way forward and the way back · b: the way back, twice for each weight · c: the way forward, twice for each weight

# %%
quiz("what-a-witness-runs", "?")

# %% [markdown]
# ## 7.8 The first weights
#
# A fresh network has to begin somewhere. With all biases zero the gates stand near $\sigma(0) = 0.5$, and the memory halves at each step.
# One fears that what is to be learned from far away is gone before learning has begun. A common remedy costs nothing: begin with the
# forget gate's bias at 1. Then it stands near $\sigma(1) = 0.73$. Section 7.10 will test the fear and the remedy.
#
# **By hand.** How many steps until half of a memory is left? With a gate of Γ, $\ln 2 / (-\ln \Gamma)$ steps: one for 0.5, 2.2 for 0.73,
# 5.5 for $\sigma(2) = 0.88$, and 38 for $\sigma(4) = 0.98$.

# %% [markdown]
# ### Exercise · `init_lstm`
# *7 minutes · 3 points · the only one of this part*
#
# $$W = \frac{\text{standard normal, (rows, columns)}}{\sqrt{\text{columns}}} \qquad b_f = \text{forget\_bias} \qquad b_u = b_c = b_o = b_y = 0$$
#
# The four matrices that act on the stack have n_a + n_x columns, $W_y$ has n_a. Draw Wf, Wu, Wc, Wo, Wy, in this order, with one call of
# `rng.standard_normal` each. Return the dict P.

# %% nbgrader={"grade": false, "grade_id": "init_lstm", "locked": false, "schema_version": 3, "solution": true, "task": false}
# answer: init_lstm

# %% tags=["try-it"]
def first_weights(n_x=28, n_a=64):
    P = init_lstm(n_x, n_a, 2, np.random.default_rng(0), forget_bias=2)
    spread = {name: round(float(np.std(P[name])), 3) for name in ("Wf", "Wo")}
    biases = {name: sorted(set(np.ravel(P[name]).tolist())) for name in ("bf", "bu", "bc", "bo", "by")}
    cell = sum(P[kind + gate].size for kind in "Wb" for gate in "fuco")
    return f"standard deviations {spread}\nbiases {biases}\nnumbers in the cell: {cell}"


# by hand: 1/√92 = 0.104, so near that, for both; bf all 2, the others all 0; 4 · 64 · (64 + 28 + 1) = 23,808 numbers
try_it(first_weights)

# %% nbgrader={"grade": true, "grade_id": "init_lstm-check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check(init_lstm)

# %% [markdown]
# A GRU of this size has three such blocks where the LSTM has four, a plain RNN one.

# %% [markdown]
# ## 7.9 Find the bug: equations from a sheet
#
# Here are the gate gradients of an LSTM as they stand on many a sheet. Lay section 7.5 beside them, take a pencil and five minutes.
#
# $$\begin{aligned} dz_f &= dc_{\text{next}} * \tilde c^{\langle t-1\rangle} + \Gamma_o (1 - \tanh^2 c^{\langle t\rangle}) * c^{\langle t-1\rangle} * da_{\text{next}} * \Gamma_f * (1-\Gamma_f) \\ dz_u &= dc_{\text{next}} * \tilde c^{\langle t\rangle} + \Gamma_o (1 - \tanh^2 c^{\langle t\rangle}) * \tilde c^{\langle t\rangle} * da_{\text{next}} * \Gamma_u * (1-\Gamma_u) \\ dz_c &= dc_{\text{next}} * \Gamma_u + \Gamma_o (1 - \tanh^2 c^{\langle t\rangle}) * \Gamma_u * da_{\text{next}} * (1-(\tilde c^{\langle t\rangle})^2) \\ dz_o &= da_{\text{next}} * \tanh(c^{\langle t\rangle}) * \Gamma_o * (1-\Gamma_o) \end{aligned}$$
#
# All the pieces are there. One line is right, three are not.
#
# **Question.** Which line is right?
#
# a: that of $dz_u$ · b: that of $dz_c$ · c: that of $dz_o$

# %%
quiz("the-line-that-is-right", "?")

# %% [markdown]
# **Question.** The line of $dz_f$ has two faults. Which?
#
# a: a bracket and the old memory are wrong · b: Γo and the slope of tanh do not belong · c: dc_next and c⟨t−1⟩ do not belong

# %%
quiz("two-faults-in-dzf", "?")

# %% [markdown]
# Whoever did not see it is in good company. So call the witness of section 7.7, now against the sheet. `backward_with` walks back through
# time with these four lines; all else in it is right. One step first, then two, then six.

# %% tags=["setup"]
def witness(heading, T, mended=()):
    """A line: the error of each gate's weights on T steps, or "ok" where it is below 1e-6, the checker's tolerance."""
    errors = gradient_errors(partial(backward_with, partial(from_the_sheet, mended=mended)), T)
    words = [f"d{name} {'ok  ' if errors[name] < 1e-6 else f'{errors[name]:.2f}'}" for name in ("Wf", "Wu", "Wc", "Wo")]
    print(f"{heading:32} {'   '.join(words)}".rstrip())


# %% tags=["demo"]
for T in (1, 2, 6):
    witness(f"as printed, T = {T}", T)

# %% [markdown]
# **Question.** With T = 1 the printed equations pass. Why?
#
# a: one step has too few numbers for a fair check · b: nothing comes from later, so dc_next is zero · c: c̃⟨t−1⟩ and c⟨t−1⟩ are equal

# %%
quiz("passes-with-one-step", "?")

# %% [markdown]
# So a test on one step proves nothing here: a whole term was switched off. With two steps three gradients are convicted, and $dW_o$ goes
# free: its line has no dc, and the da that comes back from the second step is still right, because there dc_next is zero. With six, all
# four are wrong, though the line for $dz_o$ is right: it is fed with a $da_{\text{next}}$ that went through the other three. A wrong
# gradient does not say where the mistake is. The shortest sequence that still fails says most, and here that is two.
#
# Mend one thing at a time: the wrong memory, then three brackets.

# %% tags=["demo"]
mended = ()
witness("as printed, T = 2", 2)
for repair in ("memory", "bracket f", "bracket u", "bracket c"):
    mended += (repair,)
    witness(f"  and now: {repair}", 2, mended)
witness("all mended, T = 6", 6, mended)

# %% [markdown]
# The first repair puts $c^{\langle t-1\rangle}$ where $\tilde c^{\langle t-1\rangle}$ stood: the forget gate was multiplied by the old
# *memory*. There is a hint on the sheet itself: at the first step, $\tilde c^{\langle 0\rangle}$ does not exist. The other three repairs
# are the same one: $\Gamma(1-\Gamma)$, or $1-\tilde c^2$, must multiply the whole of dc and not its second part only.
#
# **Question.** After the first repair the error of $dW_f$ went up. Was the repair wrong?
#
# a: no, the mistakes had partly cancelled · b: yes, an error must fall with each repair · c: no, the error went up by rounding

# %%
quiz("repair-raises-error", "?")

# %% [markdown]
# ## 7.10 Remembering over 150 steps
#
# The task is due to Hochreiter and Schmidhuber, who published the LSTM in 1997. T numbers between 0 and 1 come in, one after the other.
# Beside each stands a mark, 1 for two of them, one in each half, and 0 for all others. After the last number: what do the two marked ones
# add up to? It is easy to say and cruel to learn, because 148 of 150 numbers are noise.
#
# **An answer that is a number.** So far networks chose among classes. Here $\hat y = W_y\,a^{\langle T\rangle} + b_y$, linear; the softmax
# of `lstm_forward` is passed by. The loss is the **squared error** $L = (\hat y - y)^2$. Its gradient is as short as that of the softmax was:
#
# $$\frac{\partial L}{\partial \hat y} = 2\,(\hat y - y)$$
#
# **By hand: the baseline.** How well does one do with always the same answer? A number drawn evenly from 0 to 1 is ½ on average, and its
# variance is $\int_0^1 x^2 dx - \left(\tfrac12\right)^2 = \tfrac13 - \tfrac14 = \tfrac1{12}$. The sum of two independent ones is 1 on
# average, with the variance $\tfrac1{12} + \tfrac1{12} = \tfrac16 \approx 0.167$. So "always 1" has a squared error of 0.167. Below it, a network has
# understood something.

# %% tags=["demo"]
x, y = adding_problem(np.random.default_rng(0), 100_000, 20)
print(f"first example: numbers {x[0, 0, :4].round(2)} …, marked at {np.flatnonzero(x[1, 0]) + 1}, sum {y[0]:.2f}")
print(f"always answering 1: squared error {np.mean((y - 1) ** 2):.3f}")

# %% [markdown]
# **Now train**, from your `init_lstm`: 16 units, T = 20, 1,000 examples, ten epochs of Adam with clipping. And train a second time, from
# the same first weights, with the way back of the sheet. Would anybody notice? The cell takes some ten seconds.

# %% tags=["try-it", "demo", "nbval-ignore-output"]
def trained(way_back):
    errors = adding_run(way_back, seed=2, way_forward=lstm_forward, init=init_lstm)
    return "squared error by epoch: " + " ".join(f"{error:.3f}" for error in errors)


print("the right way back")
try_it(lambda: trained(lstm_backward))
print("the one on the sheet")
try_it(lambda: trained(partial(backward_with, from_the_sheet)))

# %% [markdown]
# The error stands at the baseline for some epochs as though nothing were happening, and then it falls. Patience is part of this task.
#
# With the wrong equations it falls as well, later and not as far. On five seeds the error after the last epoch was 0.0007 to 0.0035 with
# the right ones and 0.006 to 0.05 with the printed ones. Somebody who never saw the first line would be content. Over 40 numbers and 12
# epochs, on three seeds, it was no longer a matter of degree: the lowest error was at most 0.005 with the right equations, and 0.08 or
# more with the printed ones. A wrong gradient is often right *enough*, until the task is hard.
#
# **Stored**: 150 steps, 2,000 examples, 16 units, five networks, one trial each, computed once and read from a file. On the left all learn
# with a rate of 0.02. That is unfair to the plain RNN: at this rate it stayed near the baseline over 50 steps, too, on each of three seeds.
# So on the right it has a rate of its own, ten times smaller, and more time, over both lengths.

# %% tags=["demo"]
stored = load_runs("adding")
names = {
    "rnn": "plain RNN",
    "gru": "GRU",
    "lstm_0": "LSTM, forget bias 0",
    "lstm_1": "LSTM, forget bias 1",
    "lstm_4": "LSTM, forget bias 4",
}
alone = {"plain RNN, 150 steps": stored["rnn_slow"], "plain RNN, 50 steps": stored["rnn_short"]}
plot_adding(
    {
        "150 steps, rate 0.02": {name: (stored["steps"], stored[key]) for key, name in names.items()},
        "the plain RNN alone, rate 0.002": {name: (stored["steps_short"], errors) for name, errors in alone.items()},
    },
    title="Over 150 steps three of five networks learn the sum; over 50 the plain RNN learns it, less well",
    blind=1 / 6,
)
for name, errors in {name: stored[key] for key, name in names.items()}.items():
    print(f"{name:20}  rate 0.02   lowest squared error {errors.min():.4f}")
for name, errors in alone.items():
    print(f"{name:20}  rate 0.002  lowest squared error {errors.min():.4f}")
print(f"always 1 on these held-out examples: {stored['baseline']:.4f} (150 steps), {stored['baseline_short']:.4f} (50)")

# %% [markdown]
# On the left the GRU and the LSTMs with forget biases 0 and 1 come down to an error below 0.001. The plain RNN and the LSTM with bias 4 lie
# on top of one another at the baseline. Three things that one might not expect:
#
# - **A plain RNN can do it over 50 steps**, less well and after thousands of steps. Over 150 it hardly leaves the baseline, and between the
#   two curves on the right only the length differs. On two other seeds it came to 0.02 and 0.008 over 50 steps, to 0.16 and 0.05 over
#   150. So the distance is hard for it, and not always too hard.
# - **A forget bias of 1 was no better than 0**; the two are a tie, on another seed as well. What of the fear, then? A fresh network with
#   bias 0 has next to no gradient left at lag 30, and yet it learned the first mark, which is 75 steps back or more. A conjecture, not
#   measured: now and then the second mark stands near the end. That can be learned, and a forget gate that opens for it lets through what
#   comes from further away.
# - **A forget bias of 4 did not learn in this time**, although it keeps its memory longest. On two other seeds it failed once more, and
#   once it learned near the end. Perhaps it keeps too much, the 148 unmarked numbers too; we did not look inside.
#
# And the GRU, with a quarter fewer numbers to learn than the LSTM, does as well. What you see is one trial each: read the order of the
# winners as luck.
#
# **Question.** A network for T = 150 reports a squared error of 0.165. What do you say?
#
# a: good, the error is small · b: it found one of the two marks · c: it answers about 1, always

# %%
quiz("error-near-a-sixth", "?")

# %% [markdown]
# ## 7.11 Extra: which gate is needed for what?
#
# In section 7.3 we took gates away from a cell made by hand. Now train without them. Holding a gate open with a bias of 40 has a pretty
# side effect: its slope $\Gamma(1-\Gamma)$ is 0, so learning never moves it. Five LSTMs, all with forget bias 1 to begin with:
#
# - one with all gates;
# - three with the forget, the update or the output gate held at 1;
# - one with $\Gamma_u = 1 - \Gamma_f$, two gates **coupled** as in a GRU.
#
# The LSTM of 1997 had no forget gate; it was added by Gers, Schmidhuber and Cummins in 2000.
#
# Three tasks: the sum of two marked numbers among 30; the **last** of four marked numbers among 30, where each mark makes the one before
# obsolete; and the names of lesson 04, in bits per letter. Four trials each, three on the names. Each dot is the lowest loss of 12 epochs
# on held-out examples; that flatters a little, all five alike.

# %% tags=["demo"]
ablation = load_runs("ablation")
kinds = {
    "full": "all gates",
    "no_forget": "forget gate held open",
    "no_update": "update gate held open",
    "no_output": "output gate held open",
    "coupled": "update = 1 − forget",
}
tasks = {"sum": "sum: squared error", "last": "last: squared error", "names": "names: bits per letter"}
found = {
    heading: {name: ablation[f"{task}_{kind}"].min(axis=1) for kind, name in kinds.items()}
    for task, heading in tasks.items()
}
for heading, rows in found.items():
    print(heading)
    for name, best in rows.items():
        print(f"  {name:22} {np.median(best):8.4f}  ({best.min():.4f} to {best.max():.4f})")
print("names, trial by trial, more than with all gates:")
everything = found[tasks["names"]]["all gates"]
for name, best in found[tasks["names"]].items():
    if best is not everything:
        print(f"  {name:22}", "  ".join(f"{more:+.3f}" for more in best - everything))
plot_trials_by_task(
    found,
    title="Without the update gate the sum is not solved; without the forget gate names cost more",
    blind={tasks["sum"]: 1 / 6, tasks["last"]: 1 / 12},
)

# %% [markdown]
# The further left, the better; in the first two panels from line to line it is a factor of ten. Call an error below 0.01 solved.
#
# - **Sum.** All gates: solved in all four trials. Update gate held open: in none; each of the 28 unmarked numbers leaves something in the
#   memory, and 0.02 to 0.08 is as far as it came. Forget gate held open: two of four, although nothing has to be forgotten here. With
#   another seed it was four of four, so call it luck.
# - **Last.** All five solve it, even the cell that cannot forget, though in three of four trials with an error more than ten times as
#   large as with all gates. It need not be stuck: it sees what it shows, so it could write the *difference* between the new number and the
#   old one. Whether it does, we did not look.
# - **Names.** Without the forget gate a letter costs 0.07 to 0.11 of a bit more. Coupling costs some 0.02 in each trial. Without the output
#   gate it is about as much *less*.
#
# The output gate is missed in none of the three, and coupling was best on the sum. So no gate is the heart of the matter; each is worth
# something on some task, or we have not found the task. Four trials, three on the names: do not read small distances.

# %% [markdown]
# ## 7.12 Extra: relatives
#
# **Beside the GRU.** The two differ in more than the number of gates.
#
# | | GRU | LSTM |
# |---|---|---|
# | blocks of weights (a plain RNN has one) | 3 | 4 |
# | keep and write | one gate: $1 - \Gamma_u$ and $\Gamma_u$ | two gates, free of each other |
# | size of the memory | a blend of numbers between −1 and 1 stays there | may grow: it can count steps |
# | what others see | the memory itself | $\Gamma_o * \tanh c$, as much as the gate lets through |
# | reset gate: how much the candidate sees of the memory | yes | no |
#
# You may read that the LSTM is the more general of the two. As mathematics that is false. Take a GRU whose gate stands at ½ and whose
# candidate is 0: a memory of 4 becomes 2 and is seen as 2. No weights make an LSTM show a 2, because $\Gamma_o * \tanh c$ stays between −1
# and 1. And the other way round? All gates at 1 and a candidate of 0.995 let an LSTM count its steps; a GRU's blend cannot grow like that.
#
# Which is better? On the adding problem both learned. For the names of lesson 04 a run is stored, one trial each.

# %% tags=["demo"]
counting = {name: np.zeros_like(theta) for name, theta in reference.init_lstm(1, 1, 2, np.random.default_rng(0)).items()}
counting |= {name: np.array([[40.0]]) for name in ("bf", "bu", "bo")} | {"bc": np.array([[3.0]])}
a, _, c, _ = reference.lstm_forward(np.zeros((1, 1, 10)), np.zeros((1, 1)), counting)
print("kept: ", " ".join(f"{number:5.2f}" for number in c[0, 0]))
print("shown:", " ".join(f"{number:5.2f}" for number in a[0, 0]))
lowest = {cell: load_runs("names")[cell].min() for cell in ("gru", "lstm")}
print(f"names, bits per letter: GRU {lowest['gru']:.2f}, LSTM {lowest['lstm']:.2f}")

# %% [markdown]
# The memory counts to 9.95. But look at what is shown: from the fourth step on 1.00, whatever the count. The cell counts and cannot tell,
# unless it counts in smaller steps. On the names the two lie some hundredths of a bit apart; one trial each, so that is no verdict. Try both.
#
# **Peepholes.** The gates of an LSTM look at $a^{\langle t-1\rangle}$, which shows the memory only where the output gate was open. If it
# was shut, they decide about a memory that they cannot see. Gers and Schmidhuber (2000) gave them a hole to look through:
#
# $$\Gamma_f = \sigma\left(W_f\,[a^{\langle t-1\rangle};\, x^{\langle t\rangle}] + p_f * c^{\langle t-1\rangle} + b_f\right) \qquad \Gamma_u = \sigma\left(W_u\,[a^{\langle t-1\rangle};\, x^{\langle t\rangle}] + p_u * c^{\langle t-1\rangle} + b_u\right) \qquad \Gamma_o = \sigma\left(W_o\,[a^{\langle t-1\rangle};\, x^{\langle t\rangle}] + p_o * c^{\langle t\rangle} + b_o\right)$$
#
# Each unit sees its own memory only, so $p_f$, $p_u$ and $p_o$ are one number per unit, shape (n_a, 1). The output gate comes last and
# looks at the *new* memory. On tasks of precise timing it helped its inventors. The course's function is
# `reference.lstm_cell_forward_peephole`; with all three holes at zero it is your cell.

# %% [markdown]
# ## Written question
#
# *15 minutes · 4 points · read by a person*
#
# A friend has written an LSTM's way back from a sheet. "It passes the gradient check," he says, "on one step. And it trains: the loss
# goes down." His sequences will have 200 steps, and he has set the forget bias to 4, "because then gradients cannot vanish". In five to
# eight sentences: say what his two proofs are worth, with a number or a finding of this lesson for each; describe a test that you would
# believe, with its lengths; and say what is right and what is wrong about his forget bias.

# %% [markdown] nbgrader={"grade": true, "grade_id": "a_friends_lstm", "locked": false, "points": 4, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# On one step dc_next is zero, because nothing comes from later. Whatever is wrong with the term that it multiplies cannot show: the
# printed equations passed with T = 1, and with T = 2 three of the four gradients had errors of 0.11 to 0.68.
#
# That the loss goes down proves little as well. With the printed equations the adding problem over 20 steps came down to 0.006 to 0.05;
# over 40 steps it stayed at 0.08 or more where the right ones reached 0.005. With 200 steps I would expect trouble.
#
# I would compare with differences, in float64, on T = 1, 2 and about 6, with several examples, a first memory that is not zero and random
# biases, and ask for relative errors below 1e-6 in every array. T = 2 is the one that tells where the fault lies.
#
# A forget bias of 4 puts the gate near 0.98, so along the memory about half is left after 38 steps, and the gradient does last longer. But
# that is one way only: over all ways it grew in section 7.4, to about four times at lag 30, so clipping is needed. And keeping is not yet
# learning: on the adding problem over 150 steps a bias of 4 did not learn in the time that 0 and 1 needed.
#
# **Marking.** One point for each: one step switches off what comes from later; "it trains" is weak, with a number; a test with more than
# one step and with differences; the bias keeps longer but guarantees nothing (one of: other ways, growth, did not learn). Half a point
# where the statement is right but no finding is named.
# ### END SOLUTION

# %% [markdown]
# ## What you have now
#
# | function | takes | gives |
# |---|---|---|
# | `init_lstm` | sizes, a generator, a forget bias | P |
#
# | often said | found here |
# |---|---|
# | it passes the gradient check, so it is right | the printed equations passed on one step and failed on two |
# | a forget bias of 1 helps | on the adding problem it tied with 0, and 4 did not learn |
# | a plain RNN cannot do the adding problem | over 50 steps it could; over 150 on one of three seeds, and badly |
# | every gate is needed | the update gate for the sum, the forget gate on names; the output gate was missed nowhere |
# | the LSTM contains the GRU | it shows numbers between −1 and 1 only, and has no reset gate |

# %% tags=["nbval-ignore-output"]
progress("07b")

# %% [markdown]
# The written question adds 4 points, given by a person.
#
# **Where next.** Every network so far has read from left to right. Whether *Rose* is a name or a flower may depend on the word after it.
# Lesson 08 reads from both sides: `08_bidirectional`.
