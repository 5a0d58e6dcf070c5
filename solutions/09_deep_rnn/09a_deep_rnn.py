# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 9A · Layers on layers
#
# Two people sit in a lecture. The first hears the speaker and takes notes. The second hears nothing: she reads the first one's notes while
# they are being written, and keeps notes of her own. A third reads hers. Each has a memory, and each further one works on material that
# somebody has already thought about. This lesson builds that row of note-takers, sends gradients back through it, and asks what it is
# worth. Then it asks what the way back costs in memory, and pays less.
#
# **After this lesson you can**
#
# - stack recurrent layers, and say how information travels in the grid of layers and steps;
# - carry a gradient back through that grid;
# - say where noise may stand in a recurrent network, and where it hinders a memory from being learned;
# - compare networks of different depth fairly;
# - compute the full gradient of a long sequence while keeping only a few of its states.
#
# *About 115 minutes. You need lessons 02 and 03, and perplexity and bits from lesson 04. A good place for a break is before section 9.5.*

# %% tags=["setup"]
import utils

assert hasattr(utils, "__course__"), (
    f"Another utils.py is in the way: {utils.__file__}. Rename it and restart the kernel."
)

import numpy as np

from utils.checking import check, hint, progress, quiz, try_it
from utils.loop import on_one_thread  # products as small as ours run fastest on one core
from utils.models import init_deep, layers_of  # all weights of a deep network in one dict: Wax_1, Waa_1, ba_1, Wax_2, …
from utils.reference import checkpointed_bptt as right_checkpointed
from utils.reference import deep_rnn_forward as right_deep_forward
from utils.reference import draw_dropout_masks, gradient_check, init_rnn
from utils.reference import output_layer_backward, rnn_backward, rnn_forward
from utils.reference import rnn_states, rnn_states_backward

# %% [markdown]
# ## Before you begin
#
# Two questions from lesson 02.
#
# **1.** In a network with one layer that predicts at every step, what arrives at $a^{\langle t\rangle}$ on the way back?
#
# a: only what comes from step t + 1 · b: what its own prediction sends, and what step t + 1 sends · c: only what its own prediction sends

# %%
quiz("arrives-at-a-state", "?")

# %% [markdown]
# **2.** Why does backpropagation through time keep the states of all steps until the walk back has passed them?
#
# a: the update changes them · b: the last state is their sum · c: the slopes of tanh and dWaa are computed from them

# %%
quiz("why-caches", "?")

# %% [markdown]
# ## 9.1 A grid of states
#
# Your recurrent network makes a state at every step. A sequence of states is a sequence like any other. So let a second recurrent layer
# read it, with weights of its own, and a third one read the second.
#
# ![A grid of three layers and four steps. Inputs x at the bottom, predictions at the top. Blue arrows lead from each state to the next one
# in its layer, and up to the layer above. Each state has a small grey number, layer plus step minus one: equal numbers lie on
# diagonals.](figures/grid_of_layers.svg)
#
# Every state now needs two numbers to name it. Square brackets say the layer, pointed ones the step:
#
# | written | says | in code |
# |---|---|---|
# | $a^{[2]\langle 5\rangle}$ | layer 2, step 5 | column block `[:, :, 4]` of the second layer's states |
# | $a^{[2](3)\langle 5\rangle}_4$ | the same, of example 3, its entry 4 | `[3, 2, 4]` of the same array |
# | $a^{[l]\langle 0\rangle}$ | what layer l starts from | `a0[l - 1]`, shape (n_a, m) |
# | $W_{ax}^{[l]}$, $W_{aa}^{[l]}$, $b_a^{[l]}$ | the weights of layer l, the same at every step | `layers[l - 1]["Wax"]`, … |
#
# Layers, steps and examples count from 1 in mathematics and from 0 in code. L is the **number of layers** in this lesson; so the loss gets
# no letter here, and its gradients are written as in code, with a d in front: $da$, $dW_{aa}$.
#
# Information can travel in two ways. **To the right**, inside a layer: that is memory. **Upwards**, inside a step: that is further
# processing. A letter that comes in at step 1 reaches the top of step 4 by many ways, because it can climb early or late. Between layers it
# changes its form; along a layer it has to last.
#
# **Question.** Three layers, and a new letter comes in at step 5. At which step does the top layer's state first differ? Follow the arrows.
#
# a: at step 5 · b: at step 7 · c: at step 8

# %%
quiz("no-delay", "?")

# %% [markdown]
# **Layers do not delay.** The second note-taker does not wait for the end of the lecture, nor for the next sentence.
#
# **Layers need not be computed one after the other**, either. A state waits for its left and its lower neighbour, and for nothing else. So
# all states with the same grey number in the picture can be computed at the same time, along a diagonal. Twelve states take six rounds; L
# layers and T steps take T + L − 1 rounds in place of T · L, if the machine can do L things at once. The steps of one layer still wait for
# each other. You will compute layer by layer all the same: the numbers are the same, and the program is shorter.

# %% [markdown]
# ## 9.2 Upwards
#
# One equation is enough. Write $a^{[0]\langle t\rangle} = x^{\langle t\rangle}$, so that the inputs are layer zero. Then every layer does
# what the first one does:
#
# $$a^{[l]\langle t\rangle} = \tanh\left(W_{ax}^{[l]}\;a^{[l-1]\langle t\rangle} + W_{aa}^{[l]}\;a^{[l]\langle t-1\rangle} + b_a^{[l]}\right)$$
#
# | symbol | code | shape |
# |---|---|---|
# | $a^{[0]\langle t\rangle}$, the inputs | `x[:, :, t]` | (n_x, m) |
# | $a^{[l]\langle t\rangle}$ | | (n_a, m), the same n_a in every layer |
# | $W_{ax}^{[1]}$ | `layers[0]["Wax"]` | (n_a, n_x) |
# | $W_{ax}^{[l]}$ above the first | `layers[l - 1]["Wax"]` | (n_a, n_a) |
# | all first states | `a0` | (L, n_a, m) |
#
# The prediction is made from the top layer alone, by the same output layer as ever.
#
# **By hand.** Below, the tiny cell of lesson 01: $W_{ax} = 0.3$, $W_{aa} = -0.8$, $b_a = 0.3$, start 0.5, inputs 2 and 0. Its states were
# 0.4621 and −0.0696. Above, $W_{ax} = 2$, $W_{aa} = 0.5$, $b_a = -0.4$, start −0.2.
#
# | step | read from below | sum inside tanh | $a^{[2]\langle t\rangle}$ |
# |---|---|---|---|
# | 1 | 0.4621 | $2 \cdot 0.4621 + 0.5 \cdot (-0.2) - 0.4 = 0.4242$ | 0.4005 |
# | 2 | −0.0696 | $2 \cdot (-0.0696) + 0.5 \cdot 0.4005 - 0.4 = -0.3389$ | −0.3265 |
#
# (Here and in section 9.3 we carry on with unrounded numbers; with the printed ones a last digit may differ by one.)

# %% tags=["setup"]
def one_unit(w_x, w_a, b):
    """A layer with a single unit."""
    return {"Wax": np.array([[w_x]]), "Waa": np.array([[w_a]]), "ba": np.array([[b]])}


two_layers = [one_unit(0.3, -0.8, 0.3), one_unit(2.0, 0.5, -0.4)]  # the lower one first
two_steps = np.array([[[2.0, 0.0]]])  # (n_x, m, T) = (1, 1, 2)
two_starts = np.array([[[0.5]], [[-0.2]]])  # (L, n_a, m) = (2, 1, 1)
two_masks = np.array([[[[0.0, 1.25]]]])  # (L - 1, n_a, m, T) = (1, 1, 1, 2)

# %% [markdown]
# **Smudged notes.** One thing is added while a network learns: noise on the way up. A network that knows its training names by heart is of
# little use. So disturb it: each entry that a layer hands up is kept with probability *keep*, and set to zero otherwise. Then no unit can
# rely on one single other. This is **dropout**. What is kept is divided by keep:
#
# $$M^{[l]\langle t\rangle}_j = \begin{cases} 1/\text{keep} & \text{with probability keep} \\ 0 & \text{otherwise} \end{cases} \qquad\qquad \text{layer } l+1 \text{ reads } M^{[l]\langle t\rangle} * a^{[l]\langle t\rangle}$$
#
# The **mask** M is drawn anew for each batch: one entry for every unit, example and step. With keep = 0.8 and a state of 0.6, the next
# layer reads $0.6 / 0.8 = 0.75$ eight times in ten, and 0 twice. On average that is $0.8 \cdot 0.75 = 0.6$, as without dropout. So when the
# network is *used*, nothing has to be rescaled: the masks are None.

# %% tags=["demo"]
masks = draw_dropout_masks(np.random.default_rng(0), 2, 4, 1, 8, 0.8)  # two layers, 4 units, 1 example, 8 steps
print(masks[0, :, 0])
print("mean of 100,000 entries:", draw_dropout_masks(np.random.default_rng(0), 2, 10, 100, 100, 0.8).mean().round(2))

# %% [markdown]
# One row is a unit, one column a step. A unit that is silent at one step is back at the next.

# %% [markdown]
# ### Exercise · `deep_rnn_forward`
# *15 minutes · 5 points · first of three*
#
# $$a^{[l]} = \text{states of layer } l \text{ on } M^{[l-1]} * a^{[l-1]} \qquad\qquad a^{[1]} = \text{states of layer } 1 \text{ on } x$$
#
# Return the states of the **top** layer, (n_a, m, T), and as caches the pair (list of what each layer cached, `dropout_masks`).
#
# One layer over the whole sequence is given: `rnn_states(x, a0, P)` returns `a` and its caches. It is your `rnn_forward` without
# predictions. If `dropout_masks` is not None, then `dropout_masks[0]`, (n_a, m, T), stands between the first two layers,
# `dropout_masks[1]` between the next two. None stands below the first layer, and none above the last.
#
# In words: one loop over the layers; one variable holds what the next layer will read. Stuck for ten minutes? Run
# `hint("deep_rnn_forward")`; there are three for each exercise.

# %% nbgrader={"grade": false, "grade_id": "deep_rnn_forward", "locked": false, "schema_version": 3, "solution": true, "task": false}
# answer: deep_rnn_forward

# %% tags=["try-it"]
try_it(lambda: deep_rnn_forward(two_steps, two_starts, two_layers)[0])  # by hand: 0.4005, -0.3265
try_it(lambda: deep_rnn_forward(two_steps, two_starts, two_layers, two_masks)[0])  # step 1 dropped: -0.4621, -0.6668

# %% nbgrader={"grade": true, "grade_id": "deep_rnn_forward-check", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
check(deep_rnn_forward)

# %% [markdown]
# Now ask your own function whether layers delay. Three layers with random weights read six letters; then letter 5 is exchanged.

# %% tags=["try-it"]
def delay():
    rng = np.random.default_rng(0)
    layers, a0 = layers_of(init_deep(4, 8, 4, 3, rng)), np.zeros((3, 8, 1))
    x = np.eye(4)[:, rng.integers(4, size=(1, 6))]  # (n_x, m, T) = (4, 1, 6)
    other = x.copy()
    other[:, :, 4] = np.roll(x[:, :, 4], 1, axis=0)  # step 5 has number 4
    moved = np.abs(deep_rnn_forward(x, a0, layers)[0] - deep_rnn_forward(other, a0, layers)[0])
    return f"top layer moved at step 1 to 6: {[bool(step > 1e-9) for step in moved.max(axis=(0, 1))]}"


try_it(delay)

# %% [markdown]
# It moves at step 5, the moment the letter arrives, and stays moved. Nothing before step 5 changes: a stack of causal layers is causal.

# %% [markdown]
# ## 9.3 Backwards through the grid
#
# Turn all the arrows round. A state fed two others: its right neighbour and the one above it. So two messages come back, and they are
# added. That is lesson 02 again, where a state fed its own prediction and the next state. For every layer but the top one, *the layer
# above* stands where the prediction stood.
#
# ![Two layers and three steps. Blue arrows lead forwards, to the right and upwards through boxes named mask. Dashed orange arrows lead
# back. The lower state at step t is framed: one orange arrow reaches it from the right, one from above through the
# mask.](figures/two_messages.svg)
#
# Take one unit in each layer first, and no masks. Write $dz$ for the gradient of the sum inside tanh. It is what arrives, times the slope:
#
# $$dz^{[l]\langle t\rangle} = \left(1 - (a^{[l]\langle t\rangle})^2\right) da^{[l]\langle t\rangle}$$
#
# What arrives at a state below the top:
#
# $$da^{[l]\langle t\rangle} = \underbrace{w_a^{[l]}\; dz^{[l]\langle t+1\rangle}}_{\text{from the right}} \;+\; \underbrace{w_x^{[l+1]}\; dz^{[l+1]\langle t\rangle}}_{\text{from above}}$$
#
# At the top, what comes from above is the gradient of the prediction, the `da` of lesson 02. At the last step nothing comes from the right.
# With many units the weights become transposed matrices, and with dropout the message from above passes the same mask $M$ that the state
# went through on its way up:
#
# $$da^{[l]\langle t\rangle} = W_{aa}^{[l]\mathsf T}\; dz^{[l]\langle t+1\rangle} + M^{[l]\langle t\rangle} * \left(W_{ax}^{[l+1]\mathsf T}\; dz^{[l+1]\langle t\rangle}\right)$$
#
# | message | shape | who computes it |
# |---|---|---|
# | from the right, $W_{aa}^{[l]\mathsf T} dz^{[l]\langle t+1\rangle}$ | (n_a, m) | `rnn_states_backward`, inside one layer |
# | from above, $W_{ax}^{[l+1]\mathsf T} dz^{[l+1]\langle t\rangle}$ | (n_a, m) | it is the `dx` of the layer above |
# | all messages from above, $da^{[l]}$ | (n_a, m, T) | you hand it down, layer by layer |
#
# **By hand.** The two layers of section 9.2, and a gradient of 1 at the top of step 2, none at step 1.
#
# | state | from the right | from above | together | slope | $dz$ |
# |---|---|---|---|---|---|
# | $a^{[2]\langle 2\rangle}$ | none | 1 | 1 | $1 - 0.3265^2 = 0.8934$ | 0.8934 |
# | $a^{[2]\langle 1\rangle}$ | $0.5 \cdot 0.8934 = 0.4467$ | 0 | 0.4467 | $1 - 0.4005^2 = 0.8396$ | 0.3750 |
# | $a^{[1]\langle 2\rangle}$ | none | $2 \cdot 0.8934 = 1.7868$ | 1.7868 | $1 - 0.0696^2 = 0.9952$ | 1.7781 |
# | $a^{[1]\langle 1\rangle}$ | $-0.8 \cdot 1.7781 = -1.4225$ | $2 \cdot 0.3750 = 0.7501$ | −0.6724 | $1 - 0.4621^2 = 0.7864$ | −0.5288 |
#
# Look at the last row. Two messages of opposite sign meet there. Raising this state would lower the loss by way of its own layer, and raise
# it by way of the layer above. The inputs get $0.3 \cdot (-0.5288) = -0.1586$ and $0.3 \cdot 1.7781 = 0.5334$, and the starts $-0.8 \cdot
# (-0.5288) = 0.4231$ below and $0.5 \cdot 0.3750 = 0.1875$ above.

# %% [markdown]
# ### Exercise · `deep_rnn_backward`
# *20 minutes · 10 points · second of three*
#
# $$da^{[l]} = M^{[l]} * dx^{[l+1]} \qquad\qquad dx = dx^{[1]}$$
#
# Here $dx^{[l]}$ is the gradient of what layer l *read*. `da` is (n_a, m, T) and belongs to the top layer. Return `dx`, (n_x, m, T); `da0`,
# (L, n_a, m); and a list with a dict `dWax`, `dWaa`, `dba` for each layer. In `da0` and in the list the bottom layer comes first.
#
# One layer is given: `rnn_states_backward(da, caches)` takes what comes from above at all steps, adds what comes from the right itself, and
# returns a dict with `dx`, `da0`, `dWax`, `dWaa`, `dba`.
#
# In words: the loop of the forward pass, from the top down; one variable holds what will enter the next layer from above.

# %% nbgrader={"grade": false, "grade_id": "deep_rnn_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
# answer: deep_rnn_backward

# %% tags=["try-it"]
def back_by_hand(masks=None):
    _, caches = right_deep_forward(two_steps, two_starts, two_layers, masks)
    dx, da0, gradients = deep_rnn_backward(np.array([[[0.0, 1.0]]]), caches)
    dba = [float(G["dba"][0, 0].round(4)) for G in gradients]
    return f"dx {dx.ravel().round(4)}, da0 {np.ravel(da0).round(4)}, dba {dba}"


try_it(back_by_hand)  # by hand: dx -0.1586, 0.5334; da0 0.4231, 0.1875; dba is the sum of the dz of a layer
try_it(lambda: back_by_hand(two_masks))  # nothing comes down at step 1: dx -0.2608, 0.4145; da0 0.6954, 0.1092

# %% nbgrader={"grade": true, "grade_id": "deep_rnn_backward-check", "locked": true, "points": 10, "schema_version": 3, "solution": false, "task": false}
check(deep_rnn_backward)

# %% [markdown]
# Lesson 02 taught you not to believe a gradient because it was computed. Here is its checker, on three layers with dropout between them.
# All weights of all layers go into one dict, and each gets its own verdict.

# %% tags=["try-it"]
def by_differences():
    rng = np.random.default_rng(0)
    L, n_x, n_a, m, T = 3, 2, 4, 3, 5
    P = {name: W for name, W in init_deep(n_x, n_a, 2, L, rng).items() if name not in ("Wya", "by")}
    x, a0, da = rng.normal(size=(n_x, m, T)), rng.normal(size=(L, n_a, m)), rng.normal(size=(n_a, m, T))
    masks = draw_dropout_masks(rng, L, n_a, m, T, 0.7)

    def loss(P):  # its gradient with respect to the top states is da
        return float(np.sum(da * right_deep_forward(x, a0, layers_of(P), masks)[0]))

    _, _, gradients = deep_rnn_backward(da, right_deep_forward(x, a0, layers_of(P), masks)[1])
    G = {f"{name}_{layer}": g for layer, each in enumerate(gradients, start=1) for name, g in each.items()}
    verdicts = gradient_check(loss, P, G)
    return "\n".join(f"{name:6} as by differences: {ok}" for name, (_, ok) in verdicts.items())


try_it(by_differences)

# %% [markdown]
# **How many ways back?** Your function can count. Give every layer one unit, every weight the value 1 and no input: all states are 0, all
# slopes 1. A message is then copied at every fork and added at every meeting, so what arrives at $x^{\langle t\rangle}$ is the *number of
# ways* that lead there from the top of the last step. Count by hand for two layers and four steps: from $x^{\langle 1\rangle}$ one can
# climb at step 1, 2, 3 or 4. Four ways; from $x^{\langle 2\rangle}$ three.

# %% tags=["try-it"]
def arriving(L, T, w=1.0):
    layers = [one_unit(1.0, w, 0.0) for _ in range(L)]
    _, caches = right_deep_forward(np.zeros((1, 1, T)), np.zeros((L, 1, 1)), layers)
    at_the_end = np.zeros((1, 1, T))
    at_the_end[:, :, -1] = 1.0
    dx, _, _ = deep_rnn_backward(at_the_end, caches)
    return dx.ravel()


try_it(lambda: "\n".join(f"{L} layer{'s' * (L > 1)}: {arriving(L, 4).astype(int).tolist()}" for L in (1, 2, 3)))

# %% [markdown]
# The rows stand in Pascal's triangle. From step 1 to step 4 **each** of these ways takes three hops to the right. Let every hop cost
# something now: $w_a = 0.9$. Does depth help against fading?

# %% tags=["try-it"]
def fading():
    lines = ["steps back        40          80         160"]
    for L in (1, 2, 3):
        lines.append(f"{L} layer{'s' * (L > 1):1}   " + "".join(f"{arriving(L, k + 1, 0.9)[0]:12.2g}" for k in (40, 80, 160)))
    return "\n".join(lines)


try_it(fading)

# %% [markdown]
# Each single way fades as fast as before: forty hops leave $0.9^{40} \approx 0.015$ of it. But there are more ways, 41 with two layers and
# 861 with three. Their number grows like a power of the distance, $T^{L-1}$; what is left of each shrinks by the same factor at every hop,
# and that wins in the end. So **depth puts the fading off and does not stop it**. And this is the best case: here all ways have the same
# sign, while in the last row by hand two of them worked against each other. Lessons 06 and 07 have the remedy, and it can be stacked as
# well.

# %% [markdown]
# ## 9.4 Noise, but not everywhere
#
# **Question.** A network learned with keep = 0.5 between its layers. How is it used afterwards?
#
# a: with all states halved · b: with no masks and nothing rescaled · c: with the masks of the last batch

# %%
quiz("dropout-in-use", "?")

# %% [markdown]
# **Why only between the layers?** The second note-taker may find some lines smudged. Her *own* notebook nobody touches. Count on the grid
# what a smudge costs. A message from $x^{\langle 1\rangle}$ to the top of step T climbs L − 1 times, by whatever way it goes. With masks
# between the layers it passes **L − 1** of them, for any T. With masks on the way from step to step it would pass **T − 1**. For two
# layers, ten hops and keep = 0.5 an entry gets through the one with probability 1/2, through the other with $0.5^{10} \approx 0.001$.
#
# That is an argument about one entry. Units can help each other, and it says nothing about learning. So measure. Two layers of 24 units
# read random symbols, of four kinds, and name the *first* at the end. They learn in four ways:
#
# - with no dropout;
# - with masks **between the layers**;
# - with masks **along time**, in both layers: what goes up stays whole, what goes on to the next step is smudged afresh at every step;
# - along time, but with **one mask for all steps** of a sequence.
#
# keep is 0.5. Each update uses 64 fresh sequences. After every ten updates the network is tested without masks, on 400 others; it has
# learned its task when 95 % are right. It gets at most 250 updates, each Waa starts orthogonal (lesson 03), and there are three seeds.
# Before you run it, guess: which way takes longest, and what does it depend on?

# %% tags=["demo", "nbval-ignore-output"]
from utils.experiments.lesson_09a import dropout_experiment
from utils.plotting.depth import plot_updates_by_lag

lags, limit = (3, 6, 9, 12), 250
print(f"{'updates until learned, three seeds':35}", "  |  ".join(f"{lag:8d} steps" for lag in lags))
updates = dropout_experiment(lags=lags, limit=limit, progress=True)
middle = {place: np.median(needed[:, 2]) for place, needed in updates.items()}  # over 9 steps
slower = middle["along time"] > 2 * middle["between the layers"]
plot_updates_by_lag(
    lags,
    updates,
    limit,
    title="Fresh noise along time delays the learning of a memory, more the longer it is"
    if slower
    else "On this machine all places of dropout did about as well",
)

# %% [markdown]
# A dash means *not within 250 updates*. Over three steps nobody minds the noise. From there on the ways part. Without dropout, and with
# masks between the layers, a few dozen updates are enough for nine steps. We looked at eight seeds. Over six steps fresh masks along time
# needed 50 to 90 updates, and masks between the layers 20 to 30. Over nine steps it was 150 to 190 for four of the eight, and the other
# four had not learned it after 250; between the layers all eight had after 50. Over twelve steps the start itself begins to matter: now and
# then a network fails with any masks, or with none.
#
# So fresh noise along time does not forbid a memory: it makes it slow to learn, more so the further it reaches. With up to 3,000 updates,
# seven of the eight seeds learned nine steps after all, and six of them twelve. The argument from a single entry was too gloomy, for units
# help each other: one entry survives nine hops with probability 0.002, and still the symbol got through.
#
# The fourth way is a fair objection. Draw **one mask for each sequence** and use it at all its steps: then a unit is either away or
# reliable, and a memory can be laid into the reliable ones. Gal and Ghahramani proposed this in 2016. Over nine steps it took 70 to 200
# updates: more than masks between the layers, and on each of the eight seeds fewer than fresh ones along time. So the rule is not *no
# dropout along time*. It is: **no fresh erasing on the path that has to remember.**
#
# In this task nothing can be overfitted, so it shows only what dropout costs. What it is good for comes next.

# %% [markdown]
# ## 9.5 What is depth worth?
#
# Is a network with three layers better than one with one? It certainly has more to learn with, if the layers are equally wide. That would
# be no fair comparison: a wider single layer would profit, too. Fair is an **equal number of parameters**.
#
# **By hand.** Names letter by letter, 28 symbols in and out. Count the weights of three networks, with the shapes of section 9.2:
#
# | | one layer, n_a = 84 | two layers, n_a = 54 | three layers, n_a = 43 |
# |---|---|---|---|
# | first layer: n_a · 28 + n_a² + n_a | 9,492 | 4,482 | 3,096 |
# | each further layer: 2 n_a² + n_a | | 5,886 | 2 · 3,741 |
# | output: 28 · n_a + 28 | 2,380 | 1,540 | 1,232 |
# | together | **11,872** | **11,908** | **11,810** |
#
# So depth is paid for with width: the memory of each layer shrinks from 84 numbers to 43.
#
# The next figure is a **stored** run: dinosaur names, 25 epochs, no dropout, three trials. In each trial another tenth of the names is held
# out, the same tenth for all depths; 1,186 names are left to learn from. What counts is the best epoch on the held-out ones.

# %% tags=["setup"]
from utils.datasets import load_runs
from utils.stored_runs.language import data

stored = load_runs("depth")

# %% tags=["demo", "nbval-ignore-output"]
from utils.baselines import ngram_bits
from utils.plotting.depth import plot_trials

best = {f"{L} layer{'s' * (L > 1)}\n{stored['units'][L - 1]:.0f} units": stored[f"layers_{L}"].min(axis=1) for L in (1, 2, 3)}
for name, bits in best.items():
    print(f"{name:20}".replace("\n", ", "), "by trial", " ".join(f"{b:.3f}" for b in bits), f" mean {bits.mean():.3f}")
trigram = np.mean([ngram_bits(*data([0, trial]), 3) for trial in range(3)])
print(f"a trigram on the same splits: {trigram:.3f}")
plot_trials(
    best,
    rivals={"trigram": trigram},
    title="Two layers win a little in each trial; which names are held out matters more",
)

# %% [markdown]
# Look at the spread first. With one layer, about 0.16 bits lie between the trials: some tenths of the names are easier than others. Between
# the depths lie 0.06. Had each depth been tested on a split of its own, the splits would have decided. Along one line, on the same names,
# the comparison is fair.
#
# Two layers beat one in each of the three trials, by 0.04, 0.05 and 0.08 bits. Three layers beat one in two trials out of three, and two in
# none. So the gain is **0.06 bits**, on these names, at this size. A trigram is 0.15 bits behind two layers.
#
# Is that more than the luck of the random start? We began trial 1 three more times from other weights. With the stored run, four starts of
# one layer gave 2.54 to 2.58 bits, and four of two layers 2.51 to 2.54. So a new start moves a run by some 0.02 bits; the gain is small,
# and just above that. All widths learned with one rate, 0.003; a careful study would look for the best one for each.
#
# Now a run of your own, **live**: the two layers of trial 1 once more, with dropout between them, keep = 0.8. Beside it the stored curves
# of the same trial.

# %% tags=["demo", "nbval-ignore-output"]
from utils.names import LETTERS, arrays_of
from utils.plotting.depth import plot_held_out
from utils.training import train_deep


@on_one_thread
def learn_with_dropout(trial, keep=0.8, epochs=25):
    known, held_out = data([0, trial])
    rng = np.random.default_rng([0, trial, 1])
    P = init_deep(len(LETTERS), 54, len(LETTERS), 2, rng)
    options = {"epochs": epochs, "batch": 32, "learning_rate": 0.003, "progress": True}
    _, history = train_deep(*arrays_of(known), P, rng, keep=keep, held_out=arrays_of(held_out), **options)
    return np.array(history.held_out) / np.log(2)


with_dropout = learn_with_dropout(0)
print(f"best epoch: {stored['layers_2'][0].min():.3f} bits without dropout, {with_dropout.min():.3f} with it")
without = stored["layers_2"][0]
helped = with_dropout.min() < without.min() and with_dropout.argmin() > without.argmin()
plot_held_out(
    {
        "1 layer (stored)": stored["layers_1"][0],
        "2 layers (stored)": stored["layers_2"][0],
        "2 layers, dropout (live)": with_dropout,
    },
    title="With dropout the best epoch is better, and comes later" if helped else "On this machine dropout did not help",
)

# %% [markdown]
# The ring marks the best epoch. With two layers and no dropout it is the 19th of 25: what the network still learns about its own names
# after that no longer helps with others. With dropout it comes near the end. In three trials, one start each, the best of 25 epochs was
# better by 0.04, 0.03 and 0.02 bits: each gain no larger than what a new start can do, but all three of one sign, and they cost no
# parameters.
#
# **Is three a lot?** You will read that three recurrent layers are already many. That was said around 2017 of plain stacks. It was not a
# law even then: Google's translation system of 2016 had eight LSTM layers. Its authors reported that plain stacks went well up to four
# layers and very badly beyond eight; they led a **skip connection** round most layers, which adds the layer's input to its output. Mamba,
# of 2023, stacks up to 64 blocks; each has a skip connection, a normalisation, and a recurrence without a tanh, which lesson 10 explains.
# Depth needed its own remedy, as time had.
#
# **Question.** What do the three trials allow you to say?
#
# a: two layers are best for language · b: the deeper the better, up to a limit · c: here, at this size, two did a little better than one

# %%
quiz("what-depth-showed", "?")

# %% [markdown]
# ## 9.6 A long way back with little luggage
#
# Lesson 02 measured what the way back costs: every state must be kept until the walk has passed it, so memory grows with T. Lesson 03 cut
# the sequence into windows; that saves memory and gives a *different* gradient. There is a third way, with the **same** gradient.
#
# You play a long game of chess and want to go through it backwards afterwards, position by position. You could photograph the board after
# every move. Or take a photograph every tenth move only, and keep the list of moves. Going back, you set up the last photograph, play its
# ten moves again, and have those ten positions. Then the photograph before it, and so on.
#
# The photographs are called **checkpoints**; the list of moves is the input x. Here are nine steps in three segments:
#
# ![Four rows of the states 0 to 9. First row: forwards, only the states 0, 3 and 6 are kept. Second: from state 6 the states 7, 8, 9 are
# computed again, dashed orange arrows walk back through them and hand the gradient on to state 6. Third and fourth: the same from state 3
# and from state 0.](figures/kept_states.svg)
#
# The first walk goes forwards and keeps the state *before* each segment. The second goes through the segments from the last to the first.
# For each it computes the states once more and walks back through them as usual. What arrives at the state before the segment, the `da0` of
# `rnn_backward`, is handed on: it belongs to the **last** state of the segment before, and is added to what that state gets from its own
# prediction. A checkpoint whose segment is done may go: that is why a⟨6⟩ is white in the third row.
#
# | name | shape | kept |
# |---|---|---|
# | the state before each segment, a⟨0⟩ the first | (n_a, m) each | ⌈T / s⌉ of them, until their segment is done |
# | states and caches of one segment | s steps of (n_a, m) | until the walk has left the segment |
# | `from_later`, the gradient handed on | (n_a, m) | one |
# | gradients of the weights | as the weights | one sum for all segments |
#
# **By hand.** With segments of s steps about T/s + s states are in memory at once. For T = 9 and s = 3 that is 3 + 3 = 6 in place of 10
# (a⟨0⟩ to a⟨9⟩). Not impressive. For T = 10,000:
#
# | s | checkpoints + one segment |
# |---|---|
# | 1 | 10,000 + 1 |
# | 10 | 1,000 + 10 |
# | 100 | 100 + 100 = **200** |
# | 1,000 | 10 + 1,000 |
# | 10,000 | 1 + 10,000 |
#
# Long segments cost at one end, short ones at the other. The product of the two parts is always T, and of two numbers with a given product
# the sum is smallest where they are equal: at $s = \sqrt T$. It is then $2\sqrt T$.
#
# And the price? Nearly every step is computed twice. The last segment need not be computed in the first walk: nobody needs the state after
# it. So T = 9 and s = 3 take $6 + 9 = 15$ steps forwards in place of 9, and always less than 2 T. On the way back nothing is done twice.

# %% [markdown]
# ### Exercise · `checkpointed_bptt`
# *25 minutes · 8 points · last of three*
#
# $$dW = \sum_{\text{segments}} dW_{\text{segment}} \qquad\qquad da^{\langle \text{last of a segment}\rangle} \mathrel{+}= da_0 \text{ of the segment after it}$$
#
# This is the network of lesson 02, with one layer. `x` is (n_x, m, T), `targets` (m, T). Return `G`, a dict with dWax, dWaa, dba, dWya and
# dby, and the summed loss: what full backpropagation gives. The last segment may be shorter. If there is a mask, cut it as you cut the
# targets.
#
# To recall: `rnn_states(x, a0, P)` returns `a`, caches, which is enough for the first walk; `rnn_forward(x, a0, P)` returns `a`, `y_pred`,
# caches; `output_layer_backward(y_pred, targets, a, P, mask)` returns dWya, dby, da, loss; `rnn_backward(da, caches)` returns a dict with
# dWax, dWaa, dba, and da0.
#
# In words: two loops. Forwards: begin with a0, and after each segment but the last keep a copy of its last state. Backwards over the
# segments, as in `truncated_bptt`, but with `from_later` added at the last step before the walk back.

# %% nbgrader={"grade": false, "grade_id": "checkpointed_bptt", "locked": false, "schema_version": 3, "solution": true, "task": false}
# answer: checkpointed_bptt

# %% tags=["setup"]
def long_sequence(T, n_x=4, n_a=32, n_y=4, m=64):
    """Random inputs and targets, zeros to start from, random parameters."""
    rng = np.random.default_rng(0)
    x, targets = rng.normal(size=(n_x, m, T)), rng.integers(n_y, size=(m, T))
    return x, targets, np.zeros((n_a, m)), init_rnn(n_x, n_a, n_y, rng)


# %% tags=["try-it"]
def three_against_one():
    problem = long_sequence(10, n_a=5, m=3)
    whole, loss_of_whole = checkpointed_bptt(*problem, 10)  # one segment: nothing is cut
    G, loss = checkpointed_bptt(*problem, 3)  # the last segment has one step
    same = {name: bool(np.allclose(G[name], whole[name], rtol=1e-10)) for name in G}
    return f"same loss: {bool(np.isclose(loss, loss_of_whole))}\nsame gradients: {same}"


try_it(three_against_one)

# %% nbgrader={"grade": true, "grade_id": "checkpointed_bptt-check", "locked": true, "points": 8, "schema_version": 3, "solution": false, "task": false}
check(checkpointed_bptt)

# %% [markdown]
# The gradients agree to the last digits, with any segment. Compare lesson 03: there the windows changed the gradient, by half of it where
# they were short. The code differs by a second walk and one addition.
#
# But the check compares numbers, and full backpropagation gives the same ones. Whether yours **saves** anything has to be weighed. Python
# can tell how much memory was in use at most while a function ran, counted from its start; x and the targets were there before and are not
# counted.

# %% tags=["setup"]
import time
import tracemalloc


def peak_memory(function, *arguments):
    """Million bytes that were in use at most while the function ran, beyond what was there before."""
    tracemalloc.start()
    function(*arguments)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most / 1e6


# %% tags=["try-it", "demo", "nbval-ignore-output"]
def weigh():
    problem = long_sequence(1024)
    parts, whole = (peak_memory(checkpointed_bptt, *problem, segment) for segment in (32, 1024))
    return f"T = 1,024: {parts:.1f} million bytes in segments of 32, {whole:.1f} in one; below 10: {parts < 10}"


try_it(weigh)

# %% [markdown]
# Should the last word be False, your function keeps more than it needs: its gradients are right, and section 9.7 will help to find the
# rest.
#
# How does it grow? The next cell weighs the reference. Both scales are logarithmic: what grows like T is a line of slope 1, what grows like
# $\sqrt T$ one of slope 1/2.

# %% tags=["demo", "nbval-ignore-output"]
from utils.plotting.depth import plot_bytes_by_length

lengths = (256, 576, 1024, 2304)
memory = {"all states kept": [], "segments of √T steps": []}
for T in lengths:
    problem, root = long_sequence(T), round(T**0.5)
    for name, segment in (("all states kept", T), ("segments of √T steps", root)):
        memory[name].append(peak_memory(right_checkpointed, *problem, segment))
    print(f"T = {T:4d}: {memory['all states kept'][-1]:5.1f} or, in segments of {root}, "
          f"{memory['segments of √T steps'][-1]:4.1f} million bytes")  # fmt: skip
plot_bytes_by_length(lengths, memory, title="All states: memory grows like T. With checkpoints: like the root of T")

# %% [markdown]
# The upper line has a slope of nearly 1, the lower one of nearly one half. Both stay a little below, because some working space does not
# grow with T. At T = 1,024 the checkpoints need less than a tenth. And the longer the sequence, the larger the difference.
#
# What does it cost in time?

# %% tags=["demo", "nbval-ignore-output"]
@on_one_thread
def seconds(segment, rounds=5):
    best = np.inf
    for _ in range(rounds):
        start = time.perf_counter()
        right_checkpointed(*long_sequence_576, segment)
        best = min(best, time.perf_counter() - start)
    return best


long_sequence_576 = long_sequence(576)
print(f"T = 576, segments of 24: {seconds(24) / seconds(576):.2f} times as long as with all states kept")

# %% [markdown]
# One more forward pass: 1.1 to 1.5 times as long, whenever we measured with nothing else running. Lesson 02 promised to qualify a
# sentence, and here it is. *Backpropagation through time needs memory in proportion to T* is true of the usual way. **It can be had for
# $\sqrt T$, for one more forward pass.** With checkpoints inside the segments, and again inside those, one gets down to about log T, for
# about log T passes. It is used for layers as well as for steps; in PyTorch the tool is `torch.utils.checkpoint`.
#
# **Question.** T = 2,500 steps. How many states are in memory at once, with the best segment?
#
# a: about 50 · b: about 100 · c: about 1,250

# %%
quiz("best-segment", "?")

# %% [markdown]
# ## 9.7 What can go wrong
#
# A student's version passes every comparison of gradients. It is meant to save memory. Read the first loop, then look at what it needs.

# %% tags=["demo", "nbval-ignore-output"]
def student_bptt(x, targets, a0, P, segment):
    T, before = x.shape[2], {0: a0}
    for start in range(0, T - segment, segment):
        a, _, _ = rnn_forward(x[:, :, start : start + segment], before[start], P)
        before[start + segment] = a[:, :, -1]
    G, loss, from_later = {"d" + name: 0.0 for name in P}, 0.0, 0.0
    for start in reversed(before):
        steps = slice(start, start + segment)
        a, y_pred, caches = rnn_forward(x[:, :, steps], before[start], P)
        dWya, dby, da, nats = output_layer_backward(y_pred, targets[:, steps], a, P)
        da[:, :, -1] += from_later
        back = rnn_backward(da, caches) | {"dWya": dWya, "dby": dby}
        from_later, loss = back["da0"], loss + nats
        G = {name: G[name] + back[name] for name in G}
    return G, loss


right, student = (function(*long_sequence(256), 16)[0] for function in (right_checkpointed, student_bptt))
print("same gradients:", all(np.allclose(right[name], student[name]) for name in right))
for T in (256, 1024):
    needed = [peak_memory(function, *long_sequence(T), round(T**0.5)) for function in (right_checkpointed, student_bptt)]
    print(f"T = {T:4d}: {needed[0]:4.1f} million bytes expected, {needed[1]:4.1f} needed")

# %% [markdown]
# Four times as many steps should need about twice as much. The student's version needs more than three times as much.
#
# **Question.** Why?
#
# a: Python frees memory only when a function ends · b: the segments are too short · c: each kept state is a view of its whole segment

# %%
quiz("view-keeps-all", "?")

# %% [markdown]
# A slice such as `a[:, :, -1]` copies nothing: it is a **view** of `a`, and as long as the view is kept, all of `a` stays. Add `.copy()`
# and the memory falls to what was promised. In lesson 01 an array was shared where a copy was needed, and the numbers came out wrong. Here
# they come out right, and no check of values can notice. What is meant to save something must be measured in that something. If `weigh`
# said False to you, look for such a slice in your own function, and then for a place that ignores `segment`.

# %% [markdown]
# ## Written question
#
# *10 minutes · 4 points · read by a person*
#
# A team trains a network of four plain recurrent layers on recordings of 10,000 steps. It does not fit into memory, and on new recordings
# it is much worse than on those it learned. Three proposals: windows of 100 steps; checkpoints every 100 steps; dropout with keep = 0.5 on
# the state, drawn afresh at each step. In five to eight sentences: say of each what it does to the memory, to the gradient or to what is
# remembered, with a number from this lesson or lesson 03; say which you would take and what you would put in place of the third; and say
# how you would find out whether four layers were worth it.

# %% [markdown] nbgrader={"grade": true, "grade_id": "long_recordings", "locked": false, "points": 4, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# Windows of 100 steps keep 100 steps in place of 10,000, but no gradient crosses a border, so what lies further back is not learned (in
# lesson 03 half of the gradient of Waa was missing when windows were shorter than the memory that was needed). Checkpoints every 100 steps
# keep about 100 + 100 = 200 states of each layer; the gradient is exactly the full one, and the price is one more forward pass.
#
# Fresh noise on the state from step to step makes far memories slow to learn: an entry survives 10 steps with probability 0.001, and in
# section 9.4 half of the seeds had not learned nine steps after 250 updates, where masks between the layers took at most 50. In its place:
# masks between the layers, of which a message passes only three, however long the recording; or one mask for a whole sequence.
#
# I would take checkpoints and dropout between the layers (windows are fine if nothing important lies further back). To judge the depth:
# one, two and four layers with equal numbers of parameters, on the same held-out recordings, in several trials; in section 9.5 the gain was
# 0.06 bits while splits differed by 0.16, and a new start alone moved a run by 0.02.
#
# **Marking.** One point for each: windows change the gradient, with what is lost; checkpoints keep it, with 200 states or the price; why
# fresh noise along time harms and what replaces it; a fair comparison of depths (equal parameters and the same held-out data). Half a point
# where the statement is right but no number or experiment is named.
# ### END SOLUTION

# %% [markdown]
# ## What you have now
#
# | function | takes | gives |
# |---|---|---|
# | `deep_rnn_forward` | x (n_x, m, T), a0 (L, n_a, m), a list of L layers, masks | the top layer's a (n_a, m, T), caches |
# | `deep_rnn_backward` | da (n_a, m, T), caches | dx (n_x, m, T), da0 (L, n_a, m), gradients of each layer |
# | `checkpointed_bptt` | x, targets (m, T), a0, P, segment | G and loss, the full ones |
#
# | often said | what we found |
# |---|---|
# | higher layers see a letter later | every layer sees it in the same step |
# | dropout must never act along time | fresh noise delays far memories, the more the further; one mask for all steps less so |
# | three recurrent layers are already a lot | our three plain layers were no better than two; with skip connections dozens are trained today |
# | the full gradient needs memory in proportion to T | in proportion to $\sqrt T$, for one more forward pass |

# %% tags=["nbval-ignore-output"]
progress("09a")

# %% [markdown]
# The written question adds 4 points, given by a person.
#
# **Where next.** Part B lets one network read and another write, of any length: `09b_sequence_to_sequence.ipynb`. Lesson 10 takes all of
# this to PyTorch.
