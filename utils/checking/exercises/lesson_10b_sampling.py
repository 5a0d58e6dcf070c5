"""Lesson 10, part B: many names drawn at once."""

from ..exercise import Mistake
from .lesson_10a_weights import ported


def _cases(rng):
    def case(n_tokens, n, m, max_length, temperature, training, **rest):
        sizes = {"n_tokens": n_tokens, "n": n, "m": m, "max_length": max_length, "temperature": temperature}
        return sizes | {"seed": int(rng.integers(10**6)), "training": training} | rest

    return {
        "several names": case(5, 4, 9, 12, 1.0, True),
        "a model in eval mode": case(4, 3, 8, 10, 1.0, False),
        "a low temperature": case(6, 5, 7, 11, 0.5, True),
        "a high temperature": case(5, 6, 8, 9, 1.8, False),
        "a batch of one": case(4, 5, 1, 14, 1.0, True),
        "PyTorch's own generator": case(5, 3, 6, 8, 1.0, True, own_generator=False),
    }


_TOKEN, _DRAW = "torch.zeros(m, 1, dtype=", "torch.multinomial(p, 1, generator=generator)"
_P = "torch.softmax(logits[:, 0] / temperature, dim=1)"

sample_batch = ported(
    "sample_batch",
    probe="sampling",
    textbook="sampling",
    module="sampling",
    lesson="10b",
    parts={"first": 2, "tokens": 4, "the mode afterwards": 0, "the tape": 0},
    cases=_cases,
    read="section 10.15",
    mistakes=(
        Mistake(
            "dropout stayed switched on; model.eval() switches it off while sampling",
            (("    model.eval()\n", ""),),
        ),
        Mistake(
            "gradients were kept for every step; draw inside torch.no_grad()",
            (("torch.no_grad()", "torch.enable_grad()"),),
        ),
        Mistake(
            "the network was left in eval mode; put it back into the mode that it came in",
            (("    model.train(was_training)\n", ""),),
        ),
        Mistake(
            "the network is put into train mode at the end, whatever mode it came in",
            (("model.train(was_training)", "model.train()"),),
        ),
        Mistake("the logits are multiplied by the temperature; they are divided by it", ((_P, _P.replace("/", "*")),)),
        Mistake(
            "the temperature has no effect: divide the logits by it, before the softmax",
            ((_P, f"{_P.replace(' / temperature', '')} / temperature"),),
        ),
        Mistake(
            "the state is not handed on; every step starts from None", (("model(token, state)", "model(token, None)"),)
        ),
        Mistake("the likeliest token is taken; asked for is a draw", ((_DRAW, "p.argmax(dim=1, keepdim=True)"),)),
        Mistake("the generator is not used; hand it to torch.multinomial", ((_DRAW, "torch.multinomial(p, 1)"),)),
        Mistake(
            "rows go on after their end; once a row has drawn 0 it holds 0",
            (("            alive = alive * (token != 0)\n", ""),),
        ),
        Mistake("the first token is 1; token 0 starts a name", ((_TOKEN, "torch.ones(m, 1, dtype="),)),
        Mistake(
            "one draw serves all rows; torch.multinomial draws one for each row of p",
            ((_DRAW, "torch.multinomial(p[:1], 1, generator=generator).expand(m, 1)"),),
        ),
        Mistake(
            "the start token is returned with the names; max_length counts what was drawn",
            (
                (
                    "alive, drawn = None, torch.ones_like(token), []",
                    "alive, drawn = None, torch.ones_like(token), [token]",
                ),
            ),
        ),
        Mistake(
            "the model was fed its first token again and again; feed it what was drawn last",
            (
                ("token = torch.multinomial", "new = torch.multinomial"),
                ("alive * (token != 0)", "alive * (new != 0)"),
                ("drawn.append(token)", "drawn.append(new)"),
            ),
        ),
        Mistake(
            "the softmax goes over the names; of logits (m, V) it goes over the tokens, dim=1",
            ((_P, _P.replace("dim=1", "dim=0")),),
        ),
        Mistake(
            "the softmax goes over an axis of length 1, so all tokens are equally likely; take logits[:, 0] first",
            ((_P, "torch.softmax(logits / temperature, dim=1)[:, 0]"),),
        ),
    ),
    hints=(
        "A loop over the letters, not over the names: all rows are drawn at once, and a mask says which still go on.",
        "Before the loop: the mode is noted, model.eval(), tokens of 0, alive all 1. In it: model, softmax, "
        "multinomial, times alive. After it: the mode again.",
        "with torch.no_grad(): logits, state = model(token, state); p = torch.softmax(logits[:, 0] / temperature, "
        "dim=1); token = torch.multinomial(p, 1, generator=generator) * alive; alive = alive * (token != 0).",
    ),
)

EXERCISES = (sample_batch,)
QUIZZES = ()
