"""Lesson 10, part B: the course's GRU as a network of PyTorch."""

from ..exercise import Mistake, Quiz
from . import draw
from .lesson_06 import parameters
from .lesson_10a_weights import ported


def _cases(rng):
    def case(n_x, n_c, n_y, m, T):
        P = parameters(rng, n_x, n_c, n_y)
        return {"P": P, "x": draw.numbers(rng, n_x, m, T), "c0": 0.8 * draw.numbers(rng, n_c, m)}

    return {  # by hand, so that neither n_x nor n_c + n_x is m, n_c, 2 n_c or 3 n_c: see the probe
        "several examples and steps": case(5, 4, 6, 3, 7),
        "other sizes": case(7, 2, 3, 6, 4),
        "a batch of one": case(5, 3, 2, 1, 4),
        "one time step": case(3, 5, 4, 2, 1),
    }


_FROM_X = "from_x = x @ self.Wx.T + self.b"
_STEP, _STEP_NEW = "step[:, : 2 * n_c] + c @ self.Wh.T", "step[:, 2 * n_c :] + (gate_r * c) @ self.Wc.T"
_SPLIT = "gate_u, gate_r = gates[:, :n_c], gates[:, n_c:]"
_BLEND = "c = gate_u * c_tilde + (1 - gate_u) * c"
_COLLECT, _STACK = "states.append(c)", "torch.stack(states)"

SeedGRU = ported(
    "SeedGRU",
    probe="seed_gru",
    textbook="seed_gru",
    module="seed_gru",
    lesson="10b",
    parts={"states": 4, "gradients": 2, "dx": 1, "product with x": 0},
    cases=_cases,
    read="section 10.13",
    mistakes=(
        Mistake(
            "the product with x stands inside the loop; one product before it serves all steps",
            (
                (_FROM_X, "from_x = x"),
                (_STEP, "step @ self.Wx[: 2 * n_c].T + self.b[: 2 * n_c] + c @ self.Wh.T"),
                (_STEP_NEW, "step @ self.Wx[2 * n_c :].T + self.b[2 * n_c :] + (gate_r * c) @ self.Wc.T"),
            ),
        ),
        Mistake(
            "the reset acts after the product, as in nn.GRU; here Γr multiplies c before Wc does",
            ((_STEP_NEW, "step[:, 2 * n_c :] + gate_r * (c @ self.Wc.T)"),),
        ),
        Mistake(
            "Γu keeps the old state, as PyTorch's z does; the course's Γu lets the new one in",
            ((_BLEND, "c = gate_u * c + (1 - gate_u) * c_tilde"),),
        ),
        Mistake(
            "the gates are read in the order r, u; the rows are stacked u, r, c",
            ((_SPLIT, "gate_r, gate_u = gates[:, :n_c], gates[:, n_c:]"),),
        ),
        Mistake(
            "c was replaced by Γr * c, so the blend keeps too little; what is kept is (1 - Γu) * c",
            ((_BLEND, "c = gate_u * c_tilde + (1 - gate_u) * (gate_r * c)"),),
        ),
        Mistake(
            "the reset gate is not used; the candidate looks at Γr * c",
            ((_STEP_NEW, "step[:, 2 * n_c :] + c @ self.Wc.T"),),
        ),
        Mistake("c0 is ignored; the first step starts from c0", (("c, states = c0, []", "c, states = 0 * c0, []"),)),
        Mistake("the bias is missing; b belongs to what x gives", ((_FROM_X, "from_x = x @ self.Wx.T"),)),
        Mistake(
            "the bias counts twice, before the loop and inside",
            (
                (_STEP, "step[:, : 2 * n_c] + self.b[: 2 * n_c] + c @ self.Wh.T"),
                (_STEP_NEW, "step[:, 2 * n_c :] + self.b[2 * n_c :] + (gate_r * c) @ self.Wc.T"),
            ),
        ),
        Mistake(
            "only the last state is returned; torch.stack(states) holds those of all steps",
            ((_STACK, "states[-1]"),),
        ),
        Mistake(
            "every step starts from c0; each must start from the state before it",
            (
                (_STEP, "step[:, : 2 * n_c] + c0 @ self.Wh.T"),
                (_STEP_NEW, "step[:, 2 * n_c :] + (gate_r * c0) @ self.Wc.T"),
                (_BLEND, "c = gate_u * c_tilde + c0 * (1 - gate_u)"),
            ),
        ),
        Mistake("the old state is dropped; the term (1 - Γu) * c is missing", ((_BLEND, "c = gate_u * c_tilde"),)),
        Mistake("the candidate has no tanh", (("torch.tanh(step", "(step"),)),
        Mistake(
            "the candidates are returned; what is handed on and returned is the blend c",
            ((_COLLECT, "states.append(c_tilde)"),),
        ),
        Mistake(
            "c was detached from its past, so the gradient ends at every step; hand c on as it is",
            ((_COLLECT, f"{_COLLECT}\n            c = c.detach()"),),
        ),
        Mistake(
            "Wh and Wc are not transposed; a state is a row here, so it is c @ W.T",
            ((_STEP, "step[:, : 2 * n_c] + c @ self.Wh.reshape(n_c, -1)"), (_STEP_NEW, _STEP_NEW.removesuffix(".T"))),
        ),
        Mistake(
            "the old state in the blend was detached, or taken as .data, so its gradient is missing; use c itself",
            ((_BLEND, _BLEND + ".detach()"),),
        ),
        Mistake(
            "the states were cut off the tape, with detach(), .data or no_grad, so no gradient comes back through them",
            ((_STACK, f"{_STACK}.detach()"),),
        ),
        Mistake(
            "the matrices were read as .data or detached, so the tape does not see them; use self.Wx, self.Wh, self.Wc",
            (
                (_FROM_X, _FROM_X.replace("Wx", "Wx.data")),
                (_STEP, _STEP.replace("Wh", "Wh.data")),
                (_STEP_NEW, _STEP_NEW.replace("Wc", "Wc.data")),
            ),
        ),
        Mistake(
            "states[t] = … overwrites what the tape still needs; collect the states in a list and torch.stack it",
            (
                ("c, states = c0, []", "c, states = c0, torch.empty(len(x), *c0.shape, dtype=x.dtype)"),
                ("for step in from_x", "for t, step in enumerate(from_x)"),
                (_COLLECT, "states[t] = c\n            c = states[t]"),
                (_STACK, "states"),
            ),
        ),
        Mistake(
            "c was changed in place, with *=, += or c[:] =, but the tape still needs its old numbers; make a new c",
            ((_BLEND, "c *= 1 - gate_u\n            c += gate_u * c_tilde"),),
        ),
    ),
    hints=(
        "It is gru_forward of lesson 06 with rows in place of columns. Do first, and once, what needs no state.",
        "from_x has the three parts u, r, c side by side, (T, m, 3 n_c). Wh serves both gates at once; the product "
        "with Wc must wait for Γr.",
        "from_x = x @ self.Wx.T + self.b; for step in from_x: gates = torch.sigmoid(step[:, :2 * n_c] + c @ "
        "self.Wh.T); c_tilde = torch.tanh(step[:, 2 * n_c:] + (gate_r * c) @ self.Wc.T); blend, append; "
        "torch.stack(states).",
    ),
)

EXERCISES = (SeedGRU,)
QUIZZES = (
    Quiz(
        "why-it-waits",
        {
            "a": (False, "Both variants have three gates' worth of rows; the amount of arithmetic is the same."),
            "b": (False, "Both read x in one product before the loop. The difference lies in what is done with c."),
            "c": (
                True,
                "Γr * c exists only once Γr does, so Wc (Γr * c) is a second product that waits for the first.",
            ),
        },
    ),
)
