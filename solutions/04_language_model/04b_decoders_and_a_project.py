# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 4B · Choosing the next letter, and a project from end to end
#
# Ask the model that finished your name in lesson 00 to write a name of its own, always with the letter that it finds most probable. It
# writes *angosaurus*. Ask again, and it writes *angosaurus*. It has read 1,318 names, and this is all that it will ever say. Now let it
# draw each letter by chance, and it comes up with things like *wuawanuseurus*. Between the parrot and the babbler lies a choice that no
# training makes for you.
#
# **After this part you can**
#
# - write the three rules that most language models are sampled with: temperature, top-k and nucleus;
# - measure what each of them gains and what it loses;
# - take a project through its six stages, from a list of names to a program that runs without this course;
# - say which numbers of a project may be trusted, and how far.
#
# *About 90 minutes. You need part A.*

# %% tags=["setup"]
import utils

assert hasattr(utils, "__course__"), (
    f"Another utils.py is in the way: {utils.__file__}. Rename it and restart the kernel."
)

import numpy as np

from utils.checking import check, hint, progress, quiz, try_it
from utils.reference import one_hot, rnn_cell_forward, softmax

# %% [markdown]
# ## Before you begin
#
# Correct versions of earlier functions are imported, so a mistake made in part A does no harm here.
#
# **1.** On the same held-out names one model needs 3 bits per letter and another one 2. What does the missing bit mean?
#
# a: a third fewer mistakes · b: twice the probability for the right letters, on the geometric mean · c: shorter names

# %%
quiz("one-bit-less", "?")

# %% [markdown]
# **2.** A model begins to write a name. What does it read at the first step?
#
# a: the letter a · b: a letter drawn by chance · c: a column of zeros

# %%
quiz("first-input", "?")

# %% [markdown]
# ## 4.10 Between the model and the draw
#
# A language model says how probable each next letter is. There its work ends. Something else has to choose one of them, and whatever does
# that is called a **decoder**. (In lesson 09 you will meet a whole network of that name. Here it is only a rule.)
#
# ![From left to right: the model gives probabilities to the letters a, n, o, r and s. The decoder turns them into other probabilities,
# here with nothing left for a and o. A letter is drawn from those, here an s, and an arrow brings it back to the model as its next
# input.](figures/decoder.svg)
#
# The decoder does not touch the model. It takes probabilities, gives back other probabilities, and the draw is made from these. The
# letter drawn goes back into the model, as in part A.
#
# Two rules come to mind at once. *Draw from the probabilities as they are*, or be **greedy** and always take the most probable letter.
# Here are both.

# %% tags=["demo", "nbval-ignore-output"]
from utils.datasets import load_name_model

P, vocabulary = load_name_model()


def write_name(P, vocabulary, decode, rng, max_length=20):
    """Let a model write one name; decode stands between its probabilities and the draw."""
    n, name = len(vocabulary), ""
    a, xt = np.zeros_like(P["ba"]), np.zeros((n, 1))
    for _ in range(max_length):
        a, yt_pred, _ = rnn_cell_forward(xt, a, P)
        p = yt_pred[:, 0].copy()
        p[vocabulary.unk] = 0.0
        p = decode(p / np.sum(p))
        index = int(rng.choice(n, p=p))
        if index == vocabulary.eos:
            break
        name += vocabulary.tokens[index]
        xt = one_hot([index], n)
    return name


def greedy(p):
    return (np.arange(len(p)) == np.argmax(p)) * 1.0


def as_it_is(p):
    return p


for rule in (greedy, as_it_is):
    rng = np.random.default_rng(1)
    print(f"{rule.__name__:9}", *(write_name(P, vocabulary, rule, rng) for _ in range(4)))

# %% [markdown]
# The greedy rule has nothing random in it, so it has only one name to give. The free draw gives a new name each time. Some of them you
# would believe; in others something slips.
#
# **Temperature** goes from one to the other without a jump. Divide the numbers in front of the softmax by a number $\tau$ (say *tau*):
#
# $$p_i = \text{softmax}\left(\frac{z}{\tau}\right)_i$$
#
# | symbol | code | shape | what it is |
# |---|---|---|---|
# | $z$ | `logits` | (n,) | the numbers in front of the softmax, or the logarithms of probabilities |
# | $\tau$ | `tau` | one number | the temperature, above 0 |
# | $p$ | `p` | (n,) | the new probabilities |
#
# Why may logarithms of probabilities stand for the logits? Because they differ from them by one constant, the same for all letters, and a
# softmax does not see a constant. This also says what a temperature does. If the old probability of a letter is $q_i$, then
#
# $$e^{\log q_i / \tau} = q_i^{\,1/\tau} \qquad\text{and so}\qquad p_i = \frac{q_i^{\,1/\tau}}{\sum_j q_j^{\,1/\tau}}$$
#
# At $\tau = \tfrac12$ every probability is squared, and then all are divided by their sum. What was large pulls ahead, what was small
# nearly vanishes. At $\tau = 2$ it is the square root, and all of them move together. At $\tau = 1$ nothing happens.
#
# **By hand.** Five letters, which will stay with us for three exercises:
#
# | letter | a | n | o | r | s | sum |
# |---|---|---|---|---|---|---|
# | probability | 0.10 | 0.20 | 0.05 | 0.15 | 0.50 | 1 |
# | squared | 0.0100 | 0.0400 | 0.0025 | 0.0225 | 0.2500 | 0.3250 |
# | divided by the sum: $\tau = \tfrac12$ | 0.031 | 0.123 | 0.008 | 0.069 | 0.769 | 1 |
#
# The most probable letter had one half, and now it has three quarters. The least probable one falls from one in twenty to less than one
# in a hundred.

# %% tags=["setup"]
five = np.array([0.10, 0.20, 0.05, 0.15, 0.50])  # a, n, o, r, s

# %% [markdown]
# ### Exercise · `apply_temperature`
# *5 minutes · 2 points · first of three*
#
# $$p = \text{softmax}\left(\frac{z}{\tau}\right)$$
#
# Two lines are enough. `softmax` is the one of lesson 00, and works for a single column (n,), too.

# %% nbgrader={"grade": false, "grade_id": "apply_temperature", "locked": false, "schema_version": 3, "solution": true, "task": false}
# answer: apply_temperature

# %% tags=["try-it"]
# by hand: 0.031, 0.123, 0.008, 0.069, 0.769
try_it(lambda: apply_temperature(np.log(five), 0.5))

# %% tags=["try-it"]
# flatter: the square roots, divided by their sum
try_it(lambda: apply_temperature(np.log(five), 2.0))

# %% nbgrader={"grade": true, "grade_id": "apply_temperature-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(apply_temperature)

# %% [markdown]
# Now write names with it. Change the temperature and run the cell again; 0.3 and 1.5 are worth a look.

# %% tags=["try-it", "nbval-ignore-output"]
tau = 0.7


def with_my_temperature(p):
    with np.errstate(divide="ignore"):  # log 0 is −∞, and e^−∞ is 0 again
        return apply_temperature(np.log(p), tau)


rng = np.random.default_rng(1)
try_it(lambda: [write_name(P, vocabulary, with_my_temperature, rng) for _ in range(5)])

# %% [markdown]
# **Question.** Can a temperature change *which* letter is the most probable one?
#
# a: yes, when it is above 1 · b: yes, when it is below 1 · c: no, at no temperature

# %%
quiz("temperature-order", "?")

# %% [markdown]
# ## 4.11 Only the best k
#
# A temperature changes how much each letter gets, but it never takes a letter off the table. Each distribution has a long row of letters
# to which the model gave next to nothing. At a single step one of them is rarely drawn. A name, however, has a dozen steps, and about one
# freely drawn name in three has a letter to which the model gave less than 1 in 100.
#
# **Top-k** cuts that row off: keep the k most probable letters, give the others nothing, and divide by what is left, so that the sum is 1
# again.
#
# $$p_i = \frac{q_i}{\sum_{j \in \text{best } k} q_j} \quad\text{for the best } k, \qquad p_i = 0 \quad\text{for all the others}$$
#
# Both `q` and `p` have the shape (n,). Every letter stays in its place: letter number 3 is still letter number 3, even if its neighbours
# are gone.
#
# **By hand.** With k = 2 our five letters keep s and n, together 0.7. So s gets 0.5 / 0.7 ≈ 0.714 and n gets 0.2 / 0.7 ≈ 0.286. With
# k = 1 you have the greedy rule again.
#
# ![Four bar charts over the letters a, n, o, r and s. As the model says: 0.10, 0.20, 0.05, 0.15, 0.50. Temperature one half: 0.03, 0.12,
# 0.01, 0.07, 0.77. Top-k with k equal to two: only n with 0.29 and s with 0.71. Nucleus with 0.8: n with 0.24, r with 0.18, s with
# 0.59.](figures/four_decoders.svg)
#
# The last of the four pictures is the next section's.

# %% [markdown]
# ### Exercise · `top_k`
# *10 minutes · 3 points · second of three*
#
# Return probabilities of shape (n,): the k largest of `p`, divided by their sum, each in its old place, and 0 everywhere else.
#
# What if two letters are equally probable and only one fits in? Then the one with the lower index is kept, so that everybody's answer is
# the same. `np.argsort(-p, kind="stable")` lists the indices in just this order.

# %% nbgrader={"grade": false, "grade_id": "top_k", "locked": false, "schema_version": 3, "solution": true, "task": false}
# answer: top_k

# %% tags=["try-it"]
# by hand: n has 0.286, s has 0.714
try_it(lambda: top_k(five, 2))

# %% nbgrader={"grade": true, "grade_id": "top_k-check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check(top_k)

# %% [markdown]
# Which k is right? Ask the model at three places of one name: before its first letter, after *dino*, and after *dinosau*.

# %% tags=["demo"]
from utils.names import next_letters

for beginning in ("", "dino", "dinosau"):
    p = next_letters(beginning, P, vocabulary)
    best = np.argsort(-p, kind="stable")[:5]
    letters = " ".join(vocabulary.tokens[i] for i in best)
    print(f"after {beginning!r:10} best five: {letters}   the first has {p[best[0]]:.3f}, all five {p[best].sum():.3f}")

# %% [markdown]
# Before the first letter the five best have 0.433 of the probability between them. Top-5 throws more than half of it away: no name may
# begin with a *d* or an *m* any more, although 145 of the 1,318 do. After *dinosau* the *r* alone has 0.992. Here top-5 is not too strict
# but too lax: it keeps four letters more, which have 0.004 in all, and each of them would be a slip.
#
# One fixed k is too small where the model is open and too large where it is sure. And a name has both kinds of place.

# %% [markdown]
# ## 4.12 Only as many as it takes
#
# So do not fix the number of letters. Fix how much probability they must have together, and take as few as it takes. This is the
# **nucleus**:
#
# 1. sort the letters, the most probable first;
# 2. add up their probabilities until the sum is at least the **mass** you asked for;
# 3. keep these letters, *including the one that reached the mass*, and divide by their sum.
#
# **By hand.** Our five letters, sorted, and a mass of 0.8:
#
# | | s | n | r | a | o |
# |---|---|---|---|---|---|
# | probability | 0.50 | 0.20 | 0.15 | 0.10 | 0.05 |
# | sum so far | 0.50 | 0.70 | 0.85 | 0.95 | 1.00 |
# | kept? | yes | yes | yes, this one reaches 0.8 | no | no |
# | divided by 0.85 | 0.588 | 0.235 | 0.176 | 0 | 0 |
#
# Why is the one that crosses the line kept? Think of a mass of 0.4. Without it nothing would be kept at all, and you would divide by
# zero.

# %% [markdown]
# ### Exercise · `nucleus`
# *15 minutes · 3 points · last of three*
#
# Return probabilities of shape (n,), each letter in its old place. Ties are broken as in `top_k`.
#
# A running sum is `np.cumsum`. Ask yourself how many of its entries are still *below* the mass, and how many letters are kept then.

# %% nbgrader={"grade": false, "grade_id": "nucleus", "locked": false, "schema_version": 3, "solution": true, "task": false}
# answer: nucleus

# %% tags=["try-it"]
# by hand: n has 0.235, r has 0.176, s has 0.588
try_it(lambda: nucleus(five, 0.8))

# %% tags=["try-it"]
# a mass that one letter reaches alone: s has everything
try_it(lambda: nucleus(five, 0.4))

# %% nbgrader={"grade": true, "grade_id": "nucleus-check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check(nucleus)

# %% [markdown]
# Watch it adapt. We lead the model through *brachiosaurus*, one letter at a time, and count before each letter how many the nucleus would
# let through, with a mass of 0.9.

# %% tags=["demo"]
from utils.plotting.decoders import plot_kept
from utils.reference import nucleus as right_nucleus

name = "brachiosaurus"
kept = [np.sum(right_nucleus(next_letters(name[:t], P, vocabulary), 0.9) > 0) for t in range(len(name) + 1)]
print("letters kept:", *kept)
plot_kept(
    [*name, "the end"],
    kept,
    fixed=8,
    fixed_name="kept by top-k, k = 8",
    title="Eighteen letters at the beginning, one where there is no doubt",
)

# %% [markdown]
# Eighteen letters may begin a name. After *brachi* there are still eleven ways to go on. From *brachiosa* on there is one, because nearly
# everything that the model has read goes on with *urus* there. The dashed line, a fixed k, is too low on the left and too high on the
# right.
#
# **Question.** After *dinosau* the model gives 0.992 to *r*. Which of these decoders may still write something else there?
#
# a: nucleus with a mass of 0.9 · b: top-k with k = 5 · c: the greedy rule

# %%
quiz("who-may-slip", "?")

# %% [markdown]
# ## 4.13 Four decoders, one model
#
# Which one is best? That depends on what you want, and there are two things to want.
#
# - The names should be **likely**: they should look like names. The model itself is a poor judge of that, because it would be judging its
#   own taste. We ask someone else, the trigram of part A, which knows only how often three letters stand together. It gets nine tenths of
#   the names to learn from, and we note how many bits per letter it needs for what our model writes. Fewer bits, likelier names.
# - The names should be **varied**: of 300 names, what share are in no list that the model has read, and no repeats?
#
# The tenth that the judge has not read gives us a mark to aim at: so many bits does it need for names that are real but new to it.
#
# First some examples, then the numbers. The settings are ones that turned out to be comparable.

# %% tags=["demo", "nbval-ignore-output"]
from utils.datasets import load_dinosaurs
from utils.experiments.lesson_04b import judge_of, judged_bits, letter_probabilities, share_fresh, tempered, write_names
from utils.reference import top_k as right_top_k

dinosaurs = load_dinosaurs()
order = np.random.default_rng(0).permutation(len(dinosaurs))
unseen, seen = ([dinosaurs[i] for i in part] for part in (order[:132], order[132:]))
judge = judge_of(seen)

decoders = {
    "greedy": greedy,
    "as it is": as_it_is,
    "temperature 0.8": lambda p: tempered(p, 0.8),
    "top-k, k = 8": lambda p: right_top_k(p, 8),
    "nucleus, 0.9": lambda p: right_nucleus(p, 0.9),
}
written = {}
for rule, decode in decoders.items():
    written[rule] = write_names(P, vocabulary, decode, np.random.default_rng(3), 300)
    print(f"{rule:16}", *written[rule][:5])

# %% tags=["demo", "nbval-ignore-output"]
print(f"{'':16} bits per letter   new and different   with a letter below 1 in 100")
for rule, names in written.items():
    slips = np.mean(letter_probabilities(P, names).min(axis=1) < 0.01)
    print(f"{rule:16} {judged_bits(names, judge):12.2f} {share_fresh(names, dinosaurs):17.2f} {slips:22.2f}")
slips = np.mean(letter_probabilities(P, unseen).min(axis=1) < 0.01)
print(f"{'real names':16} {judged_bits(unseen, judge):12.2f} {'':17} {slips:22.2f}")

# %% [markdown]
# Read the first column from top to bottom. The greedy name is far *too* likely: real names are not that plain. The free draw is off to
# the other side, with about 0.4 bits per letter more than real names. A likely reason: the long row of unlikely letters is where the
# model knows least, and the free draw visits it often. The three decoders in between come out close to real names, and nearly all that
# they write is new.
#
# The last column shows what they paid for it. About a third of the real names have a letter to which the model gave less than 1 in 100,
# and so have about a third of the free draws. Rare letters are not mistakes. Real names put them in the right places, and this model does
# not know which places these are. The nucleus gives them up almost altogether, top-k nearly so, and the temperature keeps about half.
# Choose a decoder, and you choose which surprises you can do without.
#
# Now all settings, not one of each. Every point is 300 names.

# %% tags=["demo", "nbval-ignore-output"]
from utils.experiments.lesson_04b import decoder_sweep
from utils.plotting.decoders import plot_likelihood_and_diversity

sweep = decoder_sweep(P, vocabulary, dinosaurs, judge, seed=0)
plot_likelihood_and_diversity(
    sweep,
    real=judge.bits_per_character(unseen),
    labels={
        "temperature": {0.3: (-16, 4), 0.5: (-4, 13), 1.2: (0, -13)},
        "top-k": {2: (14, -4), 3: (12, -8), 8: (8, -14)},
        "nucleus": {0.3: (20, 0), 0.5: (20, 0), 0.9: (-10, -14)},
    },
    title="A small k repeats itself most; from real names on, all decoders tie",
)
for rule, curve in sweep.items():
    at = np.interp([1.9, 2.6], curve["bits"], curve["fresh"])
    print(f"{rule:12} new and different at 1.9 bits: {at[0]:.2f}, at 2.6 bits: {at[1]:.2f}")

# %% [markdown]
# All three lines start at the left with (almost) one name and end at the right with the free draw; only a temperature above 1 goes
# further still. Follow them upwards. To be as likely as 1.9 bits, top-k has to come down to two letters, and then more than half of what
# it writes is old or a repeat. Temperature and nucleus have clearly more to offer at the same likelihood, and between those two the gap
# is small; with other seeds it was at times the other way round. At the likelihood of real names, the dotted line, all three lines lie on
# top of each other.
#
# You may have read that the nucleus is the best decoder. It was invented for long texts of words, where the row that it cuts off has tens
# of thousands of symbols, and there its inventors found it ahead (Holtzman and others, 2020). Our names have 26 letters and an end, and
# here it is as good as a temperature. Only the case against a small k shows as clearly.
#
# **Question.** Is the name that the greedy rule writes the most probable of all names?
#
# a: not necessarily · b: yes, because each of its letters is the most probable one · c: yes, if the model was trained to the end

# %%
quiz("greedy-is-best", "?")

# %% [markdown]
# ## 4.14 A project: the list
#
# You have all the parts. What is missing is to put them together once, from a bare list to a program that somebody else can use. Six
# stages:
#
# ![Six boxes in a row: data set, architecture, training, better generalisation, testing, deployment. Below them, training names are
# learned from in stages two to four, validation names are looked at to decide in stages two to four, and test names are used once, in
# stage five.](figures/six_stages.svg)
#
# In each stage there is a decision, and each decision is measured. The colours say what with: most of the work is to keep the three kinds
# of name apart.
#
# Our list holds the Finnish surnames of `data/surnames.csv`. It is a list of spellings, and says nothing about people. A list of your own
# fits as well: towns, plants, stars, villages in a fantasy novel. Write the path of a text file with one name a line between the
# quotation marks, and everything that follows runs with it. A few hundred names are enough. (The numbers in the prose are those of the
# Finnish list.)

# %% tags=["demo"]
from pathlib import Path

from utils.datasets import load_surnames
from utils.errors import CourseError
from utils.names import LETTERS, fold_name

own_list = ""  # for example "/home/me/towns.txt"; empty: Finnish surnames

if own_list:
    lines = Path(own_list).read_text(encoding="utf-8").splitlines()
else:
    lines = [name for name, language in load_surnames() if language == "fi"]


def clean(lines, longest=18):
    """Every name once, in the letters a to z; lines without such a letter, and very long ones, are dropped."""
    names = {}  # a dict keeps its order, and each key once
    for line in lines:
        try:
            name = fold_name(line)
        except CourseError:
            continue
        if len(name) <= longest:
            names[name] = True
    return list(names)


print(clean(["Mäkinen", "  mäkinen", "MAKINEN", "", "Иванов", "Niskavuori-Heikkilä"]))
names = clean(lines)
print(len(lines), "lines,", len(names), "names, such as", *names[::100])

# %% [markdown]
# The first line is a test with messy input: three spellings of one name become one, and what cannot be read goes. The supplied list is
# clean already.
#
# Then the list is cut in three, in random order. **Training** names are learned from. **Validation** names are looked at whenever
# something is decided. **Test** names are put away, and taken out once.

# %% tags=["demo"]
def split(names, rng, share=0.15):
    order = [names[i] for i in rng.permutation(len(names))]
    held = round(share * len(names))
    return order[2 * held :], order[held : 2 * held], order[:held]  # training, validation, test


train, valid, test = split(names, np.random.default_rng(0))
print(len(train), "for training,", len(valid), "for validation,", len(test), "for the test")

# %% [markdown]
# **The decision of this stage: are repeats to be removed?** It looks like a matter of tidiness. Suppose that the list came together from
# two sources, and every name is in it twice. Nothing else changes. Measure with the trigram, which is quick.

# %% tags=["demo"]
from utils.baselines import ngram_bits

twice, twice_valid, _ = split(names * 2, np.random.default_rng(0))
known = np.mean([name in twice for name in twice_valid])
print(f"each name once:  {ngram_bits(train, valid, 3):.2f} bits per letter on validation names")
print(f"each name twice: {ngram_bits(twice, twice_valid, 3):.2f}; {known:.0%} of these validation names were learned from")

# %% [markdown]
# With repeats the score is better, and it is worth less: two validation names in three had a twin among the training names. They were not
# predicted, they were remembered. Repeats go out before the list is cut.

# %% [markdown]
# ## 4.15 How large, how long
#
# **Stage 2, architecture.** The network is the RNN of lesson 01. How many numbers should its state have? Too few, and it cannot hold what
# a name needs. Too many, and with 400 names it has room enough to learn them by heart.
#
# **Stage 3, training.** Adam, in batches of 32, until the validation names have got no likelier for 15 epochs. Then the parameters of the
# best epoch are taken, not those of the last. This is **early stopping**.
#
# Three sizes; before you run the cell, guess which will win. It trains for some seconds.

# %% tags=["demo", "nbval-ignore-output"]
from utils.experiments.lesson_04b import bits_per_letter, new_model, train_names

models, curves = {}, {}
for n_a in (8, 32, 128):
    rng = np.random.default_rng(1)
    models[n_a], curves[n_a] = train_names(train, valid, new_model(n_a, rng), rng)
    bits = curves[n_a]["held out"]
    print(
        f"{n_a:3d} numbers of state: best epoch {np.argmin(bits) + 1:2d} with {bits.min():.2f} on validation names, "
        f"{bits_per_letter(models[n_a], train):.2f} on training names",
        flush=True,
    )
trigram = judge_of(train)
print(f"trigram: {trigram.bits_per_character(valid):.2f} on validation names")

# %% tags=["demo"]
from utils.plotting.language import plot_bits_by_epoch

longest = max(len(curve["held out"]) for curve in curves.values())
by_size = {}
for n_a, curve in curves.items():
    by_size[f"{n_a} numbers"] = np.append(curve["held out"], np.full(longest - len(curve["held out"]), np.nan))
plot_bits_by_epoch(
    by_size,
    levels={"trigram": trigram.bits_per_character(valid)},
    best={name: int(np.nanargmin(bits)) + 1 for name, bits in by_size.items()},
    ylim=(2.2, 3.6),
    title="Too small learns too little; too large turns round early",
)

# %% [markdown]
# The curves are for validation names; the rings mark the best epochs. With 8 numbers the curve is still falling, slowly, when time is up,
# and stays above the trigram. With 128 it falls fastest, turns after some twenty epochs and climbs. While it climbs, it goes on getting
# better on its training names. With 32 it goes lowest and beats the trigram.
#
# So 32 it is. Early stopping mattered most where there was most to stop: for 128 numbers the last epoch is more than a tenth of a bit
# worse than the best one, for 32 hardly at all. We cut the list in four other ways as well. 32 numbers won each time.

# %% [markdown]
# ## 4.16 Better on names not seen
#
# **Stage 4.** The model knows its training names better than others. What helps against that? You have already seen two remedies, a
# smaller state and early stopping. Three more are cheap to try, all with 32 numbers of state.
#
# - **Pull the weights towards zero**, a little in each step, so that only weights that are needed stay large. This is called *weight
#   decay*.
# - **Hide letters.** While learning, one letter in five is not shown to the model (it reads a column of zeros), but it still has to
#   predict the next one. It cannot lean on one letter alone.
# - **More data.** There are no more Finnish names in the file, but over 5,000 in eight other languages. Let the model read all of them
#   first, and then go on with the Finnish ones.
#
# How is one to know whether a difference means something? Both models read the same 86 names, so we take the difference name by name,
# which gives its mean and the error of the mean. A whisker of two errors to either side that does not touch zero is a sign that the
# change did something. One that does is not.

# %% tags=["demo", "nbval-ignore-output"]
from utils.experiments.lesson_04b import difference_in_bits

rng = np.random.default_rng(1)
models["weight decay"], _ = train_names(train, valid, new_model(32, rng), rng, decay=0.003)
rng = np.random.default_rng(1)
models["letters hidden"], _ = train_names(train, valid, new_model(32, rng), rng, hide=0.2)
print("weight decay and hidden letters: done", flush=True)

others = [name for name, language in load_surnames() if name not in set(names)]
rng = np.random.default_rng(1)
all_languages, _ = train_names(train + others, None, new_model(32, rng), rng, epochs=6, batch=64, learning_rate=0.005)
print(f"all languages, no more: {bits_per_letter(all_languages, valid):.2f} on validation names", flush=True)
rng = np.random.default_rng(1)
models["all languages first"], _ = train_names(train, valid, all_languages, rng)
rng = np.random.default_rng(1)
models["first, and hidden"], _ = train_names(train, valid, all_languages, rng, hide=0.2)

changes = {f"{n_a} numbers" if isinstance(n_a, int) else n_a: P_new for n_a, P_new in models.items() if n_a != 32}
changes = {name: difference_in_bits(P_new, models[32], valid) for name, P_new in changes.items()}
for name, (difference, error) in changes.items():
    print(f"{name:20} {difference:+.3f} ± {2 * error:.3f}")

# %% tags=["demo"]
from utils.plotting.project import plot_changes

plot_changes(
    changes,
    xlabel="change in bits per letter on validation names (left: better)",
    nothing="32 numbers, nothing else",
    title="The right size matters most; all languages first helps a little",
)

# %% [markdown]
# The size of the state is what matters most: with 8 or 128 numbers it is clearly worse. Of the three remedies one helps: all languages
# first, with 0.05 bits, and its whisker only just stays clear of zero (on another machine it may just touch it). Hidden letters lean to
# the good side, but one cannot be sure. Weight decay did nothing that we can see. And two things that help need not help twice: hidden
# letters on top of all languages add nothing.
#
# The other languages alone would have been a disaster. The model that has read all of them and was not trained further stands near 3.3
# bits: it knows how names are spelt in general, and nothing about Finnish. As a *place to start from* the same model is worth having.
#
# One list, cut once, is thin evidence. So we cut it in four other ways and trained everything again. On the validation names of these
# cuts all languages first was better twice, by 0.07 or more, and made no difference twice. On their test names, with which nothing was
# decided, it helped each time, by 0.04 or 0.05 bits. Hidden letters helped there, too, by 0.02 or 0.03. Weight decay came out anywhere
# between −0.02 and +0.01. With 86 names, differences below 0.03 are hard to tell from luck, and two of our three remedies are no larger
# than that.
#
# The decision: 32 numbers, all languages first, stopped early. Hidden letters stay out, because they make it more complicated for nothing
# that we can see.

# %% [markdown]
# ## 4.17 The test, once
#
# One decision is left: how to write with it. We take the nucleus, and ask for the mass at which the names that the model writes are as
# likely, under the trigram, as the validation names.

# %% tags=["demo", "nbval-ignore-output"]
final = models["all languages first"]
print(f"validation names: {trigram.bits_per_character(valid):.2f} bits per letter under the trigram")
for mass in (0.5, 0.7, 0.8, 0.9, 1.0):
    invented = write_names(final, LETTERS, lambda p, mass=mass: right_nucleus(p, mass), np.random.default_rng(0), 300)
    print(
        f"written with a mass of {mass}: {judged_bits(invented, trigram):.2f}, "
        f"{share_fresh(invented, train):.2f} new and different, such as", *invented[:4]
    )  # fmt: skip

# %% [markdown]
# A mass of 0.9 comes nearest. Below, names repeat themselves and more of them are copies of training names; above, they drift away from
# what Finnish looks like.
#
# **Stage 5, testing.** Everything is decided. Only now do the test names come out. Run the next cell once, and write the number down.
# Whoever goes back to stage 2 because the number is disappointing has turned the test names into validation names, and has no test any
# more.

# %% tags=["demo", "nbval-ignore-output"]
test_bits = bits_per_letter(final, test)
difference, error = difference_in_bits(final, trigram, test)
invented = write_names(final, LETTERS, lambda p: right_nucleus(p, 0.9), np.random.default_rng(5), 300)

print(f"test names: our model {test_bits:.2f}, trigram {trigram.bits_per_character(test):.2f} bits per letter")
print(f"difference {difference:+.2f} ± {2 * error:.2f}")
copied, hit = (sum(name in group for name in invented) for group in (set(train), set(valid + test)))
print(f"of 300 names written {copied} stand in the training list, {hit} in the lists held out; the others are new")

# %% [markdown]
# On names that nobody has looked at before, our model needs 2.35 bits per letter and the trigram 2.49. The difference is well clear of
# its whisker, so it is not luck. It was 2.27 on validation names, where everything was chosen: part of such a gap is that choosing
# flatters, part that every handful of names is easier or harder than another. (The trigram, for which nothing was chosen there, went from
# 2.47 to 2.49.)
#
# Only a few in a hundred of the names it writes are copies. Now and then it writes a real Finnish name that stands in the lists it never
# saw. Some of those that we call new will be real, too: our list has 572 names, and Finland has many more.
#
# **Question.** You have trained twelve models that differ in size and settings. Which names should choose among them?
#
# a: the training names · b: the validation names · c: the test names

# %%
quiz("who-chooses", "?")

# %% [markdown]
# ## 4.18 Out of the notebook
#
# **Stage 6, deployment.** A model that lives in a notebook dies with its kernel. To be of use it has to run elsewhere: in another
# program, without these cells, perhaps without this course. Three things have to travel:
#
# | what | why |
# |---|---|
# | the five arrays of P | that is what was learned |
# | the vocabulary, in order | without it nobody knows that row 7 means *f* |
# | the settings of the decoder | the names were judged with a mass of 0.9, and should be written with it |
#
# They go into one `.npz` file. It holds arrays and nothing else, if one is strict about it. Python's own way of storing objects,
# *pickle*, can run any program while a file is being read. So we save without it, and the reader refuses it: `allow_pickle=False`.

# %% tags=["demo"]
import json
import tempfile

temporary = tempfile.TemporaryDirectory()  # it goes when the kernel goes
folder = Path(temporary.name)
settings = {"mass": 0.9, "max_length": 20}
np.savez(folder / "model.npz", **final, tokens=np.array(LETTERS.tokens), settings=np.array(json.dumps(settings)))
(folder / "test.txt").write_text("\n".join(test), encoding="utf-8")
print(sum(array.size for array in final.values()), "numbers")

# %% [markdown]
# Here is the program that will use it. It needs NumPy and nothing of ours. Its first half is there for bad days: a file may be missing,
# broken, or somebody else's, and whoever runs the program should be told so in a sentence.

# %% tags=["demo"]
first_half = '''
"""python write_names.py MODEL SEED NAMES: write names with a stored model, and say how likely it finds a list."""
import json
import sys
import zipfile

import numpy as np


def load(path):
    try:
        with np.load(path, allow_pickle=False) as stored:
            P = {name: stored[name] for name in ("Wax", "Waa", "ba", "Wya", "by")}
            tokens, settings = [str(t) for t in stored["tokens"]], json.loads(str(stored["settings"]))
    except FileNotFoundError:
        sys.exit(f"There is no file {path}.")
    except (OSError, ValueError, KeyError, EOFError, AttributeError, TypeError, zipfile.BadZipFile) as error:
        sys.exit(f"{path} is not a stored model of names ({type(error).__name__}).")
    n, n_a = len(tokens), len(P["ba"])
    for name, shape in {"Wax": (n_a, n), "Waa": (n_a, n_a), "ba": (n_a, 1), "Wya": (n, n_a), "by": (n, 1)}.items():
        if P[name].shape != shape:
            sys.exit(f"{path}: {name} should be {shape} and is {P[name].shape}.")
    return P, tokens, settings
'''

# %% [markdown]
# The second half is what you have built in this lesson and the one before: a step of the RNN, the nucleus, the loop that writes, and the
# bits that a name costs. `sys.argv` holds what was typed behind the name of the program.

# %% tags=["demo"]
second_half = '''

def step(index, a, P):
    """Read one symbol, or nothing (None); return the state and the probabilities of the next one."""
    z = P["Waa"] @ a + P["ba"][:, 0] + (0 if index is None else P["Wax"][:, index])
    a = np.tanh(z)
    z = P["Wya"] @ a + P["by"][:, 0]
    p = np.exp(z - z.max())
    return a, p / p.sum()


def nucleus(p, mass):
    order = np.argsort(-p, kind="stable")
    best = order[: np.sum(np.cumsum(p[order]) < mass) + 1]
    kept = np.zeros(len(p))
    kept[best] = p[best]
    return kept / kept.sum()


def write(P, tokens, settings, rng):
    index, a, name = None, np.zeros(len(P["ba"])), ""
    while len(name) < settings["max_length"]:
        a, p = step(index, a, P)
        p[tokens.index("<UNK>")] = 0
        index = rng.choice(len(p), p=nucleus(p / p.sum(), settings["mass"]))
        if tokens[index] == "<EOS>":
            break
        name += tokens[index]
    return name


def bits(name, P, tokens):
    index, a, total = None, np.zeros(len(P["ba"])), 0.0
    for following in [*(tokens.index(letter) for letter in name), tokens.index("<EOS>")]:
        a, p = step(index, a, P)
        total, index = total - np.log2(p[following]), following
    return total


path, seed, names = sys.argv[1:]
P, tokens, settings = load(path)
rng = np.random.default_rng(int(seed))
with open(names, encoding="utf-8") as file:
    names = file.read().split()
steps = sum(len(name) + 1 for name in names)
answer = {"written": [write(P, tokens, settings, rng) for _ in range(6)]}
print(json.dumps(answer | {"bits": sum(bits(name, P, tokens) for name in names) / steps}))
'''
program = first_half + second_half
(folder / "write_names.py").write_text(program, encoding="utf-8")
print(len(program.splitlines()), "lines")

# %% [markdown]
# Another process now runs it, a Python that has never seen this notebook. All that the two share is the folder. It should write names,
# and it should need the very same number of bits for the test names.

# %% tags=["demo", "nbval-ignore-output"]
import subprocess
import sys


def elsewhere(model):
    """Run the program in a process of its own; its answer, or the sentence with which it refused."""
    arguments = [sys.executable, "write_names.py", model, "3", "test.txt"]
    ended = subprocess.run(arguments, cwd=folder, capture_output=True, text=True, timeout=60)
    return json.loads(ended.stdout) if ended.returncode == 0 else ended.stderr.strip()


answer = elsewhere("model.npz")
print("written elsewhere:", *answer["written"])
print(f"test names elsewhere {answer['bits']:.4f}, here {test_bits:.4f} bits per letter")
print("the same number:", abs(answer["bits"] - test_bits) < 1e-9)

# %% [markdown]
# The number is the same to nine digits, so nothing was lost on the way: not a row of the vocabulary, not a digit of a weight. That
# comparison is the test of a deployment, and it is worth more than a look at the names. A vocabulary in another order would still write
# *something*.
#
# Now the bad files: one cut short, one with a matrix on its side, one with a pickle in it, and one that does not exist.

# %% tags=["demo"]
whole = (folder / "model.npz").read_bytes()
(folder / "short.npz").write_bytes(whole[: len(whole) // 2])
extra = {"tokens": np.array(LETTERS.tokens), "settings": np.array(json.dumps(settings))}
np.savez(folder / "turned.npz", **final | {"Wax": final["Wax"].T}, **extra)
np.savez(folder / "pickled.npz", **final | {"ba": np.array([{}], dtype=object)}, **extra)
for bad in ("short.npz", "turned.npz", "pickled.npz", "lost.npz"):
    print(elsewhere(bad))

# %% [markdown]
# One sentence each, and no traceback. That was the sixth stage, and the project is done.

# %% [markdown]
# ## 4.19 What can go wrong
#
# A student writes a decoder of her own. It runs, its results sum to 1, and a lower temperature does make the most probable letter more
# probable. Yet this is what comes out.

# %% tags=["demo", "nbval-ignore-output"]
def sharper(p, tau):
    return softmax(p / tau)


for tau in (1.0, 0.7, 0.3):
    scrambled = write_names(P, vocabulary, lambda p, tau=tau: sharper(p, tau), np.random.default_rng(0), 300)
    bits = judged_bits([name.replace("<UNK>", "") for name in scrambled], judge)
    print(f"temperature {tau}: {bits:.2f} bits per letter, such as", *scrambled[:3])

# %% tags=["demo"]
p = next_letters("dinosau", P, vocabulary)
r = vocabulary.tokens.index("r")
print(f"r after dinosau: the model {p[r]:.2f}, her decoder {sharper(p, 0.7)[r]:.2f}, a temperature {tempered(p, 0.7)[r]:.2f}")

# %% [markdown]
# At a temperature of 1 nothing should change at all. Her names need more bits per letter than 27 equally likely symbols would, which is
# 4.75. Even `<UNK>`, which came in with a probability of 0, is back. And where the model is almost certain, her decoder leaves 0.13.
#
# **Question.** What is wrong?
#
# a: she divides by tau and should multiply · b: the draw uses the same seed each time · c: probabilities stand where logarithms belong

# %%
quiz("probabilities-as-logits", "?")

# %% [markdown]
# Probabilities lie between 0 and 1. As exponents they are all nearly alike: at $\tau = 0.7$ the surest letter comes out at most
# $e^{1/0.7} \approx 4.2$ times as probable as an impossible one, and there are 27 others.

# %% [markdown]
# ## Written question
#
# *10 minutes · 4 points · read by a person*
#
# A friend has trained a model on 900 names of towns and writes to you: "I tried forty sizes and settings and kept the best: 1.9 bits per
# letter on my test set! And with top-k, k = 2, of 100 names it wrote every single one looks real, so I publish it as it is." You ask, and
# learn that 60 of the 100 stand in the list, that many of the rest are repeats, and that the list was copied together from three
# websites. In six to nine sentences: name three things that make these numbers look better than they are, say for each what you would do
# instead, and back at least two of them with a number from this lesson.

# %% [markdown] nbgrader={"grade": true, "grade_id": "too_good", "locked": false, "points": 4, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# First, the test set chose among forty settings, so its 1.9 is the luckiest of forty numbers and not what new names will get. The choice
# belongs to validation names; the test names come out once, afterwards. In section 4.17 the model had 2.27 on the names that chose it and
# 2.35 on the test names, and that was a choice among a handful. Second, three websites will share many names. If repeats are not removed
# before the list is cut, test names have twins in the training list: in section 4.14 the trigram went from 2.47 to 2.34 bits per letter
# because two thirds of the validation names had been learned from. Remove repeats first, after folding the spelling.
#
# Third, "looks real" is measured on copies. Of the 100 names 60 are in the list, so of course they look real. Count only what is new and
# different, and say so. Top-k with k = 2 makes it worse: in section 4.13 fewer than half of its names were new and different, and it was
# more "likely" than real names are. A nucleus or a temperature at the likelihood of held-out names writes almost only new ones. Finally
# 1.9 bits say little without a baseline: the trigram on the same names belongs beside it, with an error bar.
#
# **Marking.** One point for each of three different flaws with its cure: the test set was used to choose; repeats across the cut; copies
# and repeats counted as successes, or k = 2; no baseline; no error given (at most three of them count). One point if at least two are
# backed by a fitting number or experiment of this lesson, half a point if only one is. Half a point less for a flaw without a cure.
# ### END SOLUTION

# %% [markdown]
# ## What you have now
#
# | function | takes | keeps | fails when |
# |---|---|---|---|
# | `apply_temperature` | logits (n,), τ | every letter, in the same order | it is fed probabilities |
# | `top_k` | p (n,), k | k letters, always | the model is now open, now sure |
# | `nucleus` | p (n,), mass | as few as reach the mass | surprises are wanted |
#
# | stage | decision | measured by |
# |---|---|---|
# | data set | no repeats, cut in three | 2.34 bits that should be 2.47 |
# | architecture | 32 numbers of state | validation names |
# | training | stop at the best epoch | validation names |
# | better generalisation | all languages first; the rest did not pay | differences with whiskers |
# | testing | nothing is decided any more | test names, once, beside the trigram |
# | deployment | arrays, vocabulary and settings in one file | the same bits in another process |

# %% tags=["nbval-ignore-output"]
progress("04b")

# %% [markdown]
# The written question adds 4 points, given by a person.
#
# **A project of your own.** Find a list of names that you care about: put its path into `own_list` in section 4.14, and run everything
# from there. Then change one decision at a time. Does a larger state pay off once the list has thousands of names? Which other list is a
# good place to start from? At which mass do people who know the subject begin to be fooled? Before you publish a list of invented names,
# look for those that belong to somebody.
#
# **Where next.** The model writes, one symbol at a time. Lesson 05 turns it round: it reads a whole name and answers once, in which
# language it is spelt: `05_sequence_classification`.
