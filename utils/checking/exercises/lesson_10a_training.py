"""Lesson 10, part A: an epoch of training."""

from ..exercise import Mistake
from . import draw
from .lesson_10a_weights import ported


def _epoch_cases(rng):
    def case(n_tokens, n, m, T, limit=1e6, count=3, momentum=0.0, learning_rate=0.5, padded=True, **rest):
        weights = {"embed": draw.numbers(rng, n_tokens, n), "Waa": 0.5 * draw.numbers(rng, n, n)}
        weights["out"] = draw.numbers(rng, n_tokens, n)
        batches = []
        for k in range(count):
            x, y = rng.integers(n_tokens, size=(2, m, T))
            if padded:  # another number of steps counts in each batch
                y[~draw.mask(rng, m, T)] = -1
                y[:, 0] = rng.integers(n_tokens, size=m)
                y[0, max(1, T - k) :] = -1
            batches.append((x, y))
        settings = {"limit": limit, "learning_rate": learning_rate, "momentum": momentum}
        return {"weights": weights, "batches": batches} | settings | rest

    return {
        "gradients below the limit": case(*draw.sizes(rng, 4)),
        "gradients above the limit": case(*draw.sizes(rng, 4), limit=0.05, momentum=0.5),
        "a scaler": case(*draw.sizes(rng, 4), limit=0.4, scale=1024.0),
        "a state that is carried": case(*draw.sizes(rng, 4), carry=True, padded=False),
        "bfloat16": case(*draw.sizes(rng, 4), count=1, amp=True, learning_rate=20.0),
        "a batch of one": case(*draw.sizes(rng, 2), 1, 5, limit=0.1),
    }


_LOSS = "F.cross_entropy(logits.float().flatten(0, 1), y.flatten(), ignore_index=-1)"
_TOTAL = "nats, steps = nats + loss.item() * counted, steps + counted"
_ZERO = "        optimizer.zero_grad()\n"
_BACK = "        scaler.scale(loss).backward()\n"
_UNSCALE = "        scaler.unscale_(optimizer)\n"
_CLIP = "        nn.utils.clip_grad_norm_(model.parameters(), limit)\n"
_STEP = "        scaler.step(optimizer)\n"
_UPDATE = "        scaler.update()\n"
_DETACHED = "tuple(part.detach() for part in state)"
_CARRY = f"state = {_DETACHED} if carry else None"

train_epoch = ported(
    "train_epoch",
    lesson="10a",
    probe="training",
    textbook="training",
    module="training",
    parts={"parameters": 6, "nats_per_step": 2, "scaler": 0},
    cases=_epoch_cases,
    read="section 10.10",
    tolerance=1e-4,
    mistakes=(  # the first two are also tried with each of the others
        Mistake(
            "unscale_ is missing before the clipping, so gradients many times too large are held against the limit",
            ((_UNSCALE, ""),),
        ),
        Mistake(
            "zero_grad is missing in the loop, so every batch adds its gradients to those of the batches before",
            ((_ZERO, ""),),
        ),
        Mistake(
            "zero_grad stands after backward and throws the gradients away, so no weight moves; put it before backward",
            ((_ZERO, ""), (_BACK, _BACK + _ZERO)),
        ),
        Mistake(
            "zero_grad stands after backward and unscale_ and throws the gradients away; put it before backward",
            ((_ZERO, ""), (_UNSCALE, _UNSCALE + _ZERO)),
        ),
        Mistake(
            "scaler.step(optimizer) is missing, so no weight ever moves",
            ((_STEP, ""),),
        ),
        Mistake(
            "the gradients are clipped after the step, or never; clip them between unscale_ and the step",
            ((_CLIP, ""), (_UPDATE, _CLIP + _UPDATE)),
        ),
        Mistake(
            "clip_grad_value_ cuts each entry by itself, which turns the direction; clip_grad_norm_ scales all alike",
            (("clip_grad_norm_", "clip_grad_value_"),),
        ),
        Mistake(
            "the loss was not scaled before backward, but the scaler divides the gradients all the same",
            (("scaler.scale(loss).backward()", "loss.backward()"),),
        ),
        Mistake(
            "scaler.update() is missing behind scaler.step; the scaler unscales once, then waits for it",
            ((_UPDATE, ""),),
        ),
        Mistake(
            "optimizer.step() stands where scaler.step(optimizer) belongs; only that skips infinite gradients",
            ((_STEP, "        optimizer.step()\n"),),
        ),
        Mistake(
            "the scaler that was handed in takes no part; scale, unscale_, step and update are all its own",
            ((_BACK, "        loss.backward()\n"), (_UNSCALE, ""), (_STEP + _UPDATE, "        optimizer.step()\n")),
        ),
        Mistake(
            "the carried state is not detached, or only one part is, so backward runs on into a tape that is gone",
            ((_DETACHED, "state"),),
        ),
        Mistake(
            "without carry each batch begins with None; here the state of the last one went on, with its tape",
            ((_CARRY, f"state = {_DETACHED} if carry else state"),),
        ),
        Mistake(
            "the state goes on as it came; with carry its parts should be detached, without carry it is None",
            ((f"        {_CARRY}\n", ""),),
        ),
        Mistake(
            "the state is a tuple, which has no detach; detach its parts one by one",
            ((_DETACHED, "state.detach()"),),
        ),
        Mistake(
            "only h is carried on, and c begins anew; the state is the pair of both",
            ((_DETACHED, "(state[0].detach(), 0 * state[1].detach())"),),
        ),
        Mistake(
            "with carry=True the next batch should begin with the state in which the last one ended; it begins anew",
            ((_CARRY, "state = None"),),
        ),
        Mistake(
            "the state is carried although carry is False; then each batch begins without a state",
            ((_CARRY, f"state = {_DETACHED}"),),
        ),
        Mistake(
            "model.train() is missing, so a network that was last in eval() learns with its dropout switched off",
            (("    model.train()\n", ""),),
        ),
        Mistake(
            "the steps with y = -1 are asked for token 0; ignore_index=-1 leaves them out of the loss",
            (("y.flatten(), ignore_index=-1", "y.flatten().clamp(min=0)"),),
        ),
        Mistake(
            "ignore_index=-1 is missing: cross_entropy looks for a token with the number -1",
            ((", ignore_index=-1", ""),),
        ),
        Mistake(
            "the steps of padding are counted in the report; only those with y of at least 0 count",
            (("steps + counted", "steps + y.numel()"),),
        ),
        Mistake(
            "the mean of the batches' means is returned; weigh each by how many steps count in it",
            ((_TOTAL, "nats, steps = nats + loss.item(), steps + 1"),),
        ),
        Mistake(
            "the sum of the nats is returned; divide it by the number of steps that count",
            (("return nats / steps", "return nats"),),
        ),
        Mistake(
            "the sum of the batches' means is returned; weigh each by its steps, and divide by all steps that count",
            ((_TOTAL, "nats = nats + loss.item()"), ("return nats / steps", "return nats")),
        ),
        Mistake(
            "the loss of the last batch is returned; all batches of the epoch count",
            (("return nats / steps", "return loss.item()"),),
        ),
        Mistake(
            "steps whose answer is token 0 are not counted; y >= 0 leaves out the -1 only",
            (("(y >= 0)", "(y > 0)"),),
        ),
        Mistake(
            "a softmax was taken before cross_entropy, which takes one itself",
            (("logits.float().flatten(0, 1)", "logits.float().flatten(0, 1).softmax(-1)"),),
        ),
        Mistake(
            "the loss was summed over the steps; limit and learning rate are meant for its mean",
            (("ignore_index=-1)", 'ignore_index=-1, reduction="sum")'), ("loss.item() * counted", "loss.item()")),
        ),
        Mistake(
            "the loss was computed in bfloat16; logits.float() brings it back to float32",
            (("logits.float().flatten", "logits.flatten"),),
        ),
        Mistake(
            "autocast is never on; enabled=amp lets the caller decide",
            (("enabled=amp", "enabled=False"),),
        ),
        Mistake(
            "autocast is always on; enabled=amp lets the caller decide",
            (("enabled=amp", "enabled=True"),),
        ),
    ),
    hints=(
        "The order is all: forget the old gradients, run, measure, go back, unscale, clip, step, cut the state.",
        "cross_entropy wants a row of logits for each answer: logits.flatten(0, 1) and y.flatten(). It averages over "
        "the steps that count, so times their number it gives the nats of the batch.",
        "scaler.scale(loss).backward(); scaler.unscale_(optimizer); nn.utils.clip_grad_norm_(model.parameters(), "
        "limit); scaler.step(optimizer); scaler.update(); state = tuple(s.detach() for s in state) if carry else None.",
    ),
)

EXERCISES = (train_epoch,)
QUIZZES = ()
