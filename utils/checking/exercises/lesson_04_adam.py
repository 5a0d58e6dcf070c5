"""Lesson 04: the step of Adam."""

from utils import reference, textbook

from ..exercise import Exercise, Mistake
from . import draw


def _adam_cases(rng):
    def case(steps=None, size=1.0, rate=0.03, names=("W", "b"), **settings):
        """steps: None before the first step; size: that of the gradients."""
        rows, columns = draw.sizes(rng, 2)
        shapes = dict(zip(("W", "b", "V"), ((rows, columns), (rows, 1), (columns, 7)), strict=True))
        P = {name: draw.numbers(rng, *shapes[name]) for name in names}
        G = {"d" + name: size * draw.numbers(rng, *theta.shape) for name, theta in P.items()}
        state = None
        if steps is not None:
            first = {name: 0.3 * size * draw.numbers(rng, *theta.shape) for name, theta in P.items()}
            second = {name: size**2 * rng.uniform(0.1, 0.5, theta.shape) for name, theta in P.items()}
            state = (steps, first, second)
        return {"P": P, "G": G, "state": state, "learning_rate": rate} | settings

    return {
        "a step on the way": case(int(rng.integers(3, 9)), names=("W", "b", "V")),
        "the first step": case(),
        "tiny gradients": case(size=1e-8),
        "tiny gradients on the way": case(2, size=1e-7),
        "other settings": case(4, rate=0.2, beta1=0.8, beta2=0.95, eps=0.1),
        "after many steps": case(int(rng.integers(2000, 3000)), names=("b",)),
    }


_FIRST = "beta1 * first[name] + (1 - beta1) * g"
_SECOND = "beta2 * second[name] + (1 - beta2) * g**2"
_UPDATE = "learning_rate * m_hat / (np.sqrt(v_hat) + eps)"

adam_step = Exercise(
    name="adam_step",
    lesson="04a",
    reference=reference.adam_step,
    textbook=textbook.adam_step,
    parts={"P": 3, "state": 2},
    cases=_adam_cases,
    read="section 4.6",
    mistakes=(
        Mistake(
            "eps stands inside the square root; add it after the root is taken",
            (("np.sqrt(v_hat) + eps", "np.sqrt(v_hat + eps)"),),
        ),
        Mistake("eps is missing; it is added to the root", (("(np.sqrt(v_hat) + eps)", "np.sqrt(v_hat)"),)),
        Mistake(
            "both moments are used as they are; divide them by 1 - beta^steps, because they began at zero",
            (("m_hat = m / (1 - beta1**steps)", "m_hat = m"), ("v_hat = v / (1 - beta2**steps)", "v_hat = v")),
        ),
        Mistake(
            "only the first moment is divided by 1 - beta^steps; the second one needs it too",
            (("v_hat = v / (1 - beta2**steps)", "v_hat = v"),),
        ),
        Mistake(
            "beta is multiplied by the number of steps; it is raised to that power: beta**steps",
            (("1 - beta1**steps", "1 - beta1 * steps"), ("1 - beta2**steps", "1 - beta2 * steps")),
        ),
        Mistake(
            "this step is not counted: the count must grow by one before it is used",
            (("    steps = steps + 1\n", ""),),
        ),
        Mistake(
            "the new state holds the old number of steps; it counts this one too",
            (("(steps, new_first, new_second)", "(steps - 1, new_first, new_second)"),),
        ),
        Mistake(
            "the second moment averages the gradient, not its square",
            ((_SECOND, "beta2 * second[name] + (1 - beta2) * g"),),
        ),
        Mistake(
            "the old moments are not used: each running mean starts from beta times the old one",
            ((_FIRST, "(1 - beta1) * g"), (_SECOND, "(1 - beta2) * g**2")),
        ),
        Mistake(
            "the step goes uphill: the update is subtracted",
            (("P[name] - learning_rate", "P[name] + learning_rate"),),
        ),
        Mistake(
            "the root is missing: divide by √v̂, not by v̂",
            (("np.sqrt(v_hat) + eps", "v_hat + eps"),),
        ),
        Mistake(
            "the gradient enters the moments at full size; weigh it with 1 - beta",
            ((_FIRST, "beta1 * first[name] + g"), (_SECOND, "beta2 * second[name] + g**2")),
        ),
        Mistake(
            "beta1 and beta2 are swapped: beta1 belongs to the gradient, beta2 to its square",
            (
                (_FIRST, "beta2 * first[name] + (1 - beta2) * g"),
                (_SECOND, "beta1 * second[name] + (1 - beta1) * g**2"),
                ("1 - beta1**steps", "1 - beta2 ** steps"),
                ("1 - beta2**steps", "1 - beta1**steps"),
            ),
        ),
        Mistake(
            "the moments are stored after the division by 1 - beta^steps; store them as they were before it",
            (
                ("new_first[name] = m\n", "new_first[name] = m_hat\n"),
                ("new_second[name] = v\n", "new_second[name] = v_hat\n"),
            ),
        ),
        Mistake("the gradient itself is walked along; walk along m̂", ((_UPDATE, _UPDATE.replace("m_hat", "g")),)),
        Mistake(
            "the old value is weighed with 1 - beta and the new one with beta; it is the other way round",
            (
                (_FIRST, "(1 - beta1) * first[name] + beta1 * g"),
                (_SECOND, "(1 - beta2) * second[name] + beta2 * g**2"),
            ),
        ),
        Mistake(
            "the power is missing: divide by 1 - beta**steps, not by 1 - beta",
            (("1 - beta1**steps", "1 - beta1"), ("1 - beta2**steps", "1 - beta2")),
        ),
        Mistake(
            "the state holds the number of the next step; it holds the steps so far, 0 before the first",
            (
                ("state = (0, zeros, zeros)", "state = (1, zeros, zeros)"),
                ("    steps = steps + 1\n", ""),
                ("return new_P, (steps,", "return new_P, (steps + 1,"),
            ),
        ),
        Mistake(
            "the moments in the old state are changed; make new dicts for the new state",
            (
                ("state = (0, zeros, zeros)", "state = (0, zeros, dict(zeros))"),
                ("new_P, new_first, new_second = {}, {}, {}", "new_P, new_first, new_second = {}, first, second"),
            ),
        ),
        Mistake(
            "the step is counted after the count was used; count first: k is 1 at the first step",
            (("    steps = steps + 1\n", ""), ("return new_P, (steps,", "return new_P, (steps + 1,")),
        ),
        Mistake(
            "the power is one too large: k is the number of this step, counted from 1",
            (("beta1**steps", "beta1 ** (steps + 1)"), ("beta2**steps", "beta2 ** (steps + 1)")),
        ),
        Mistake(
            "beta1 and beta2 are swapped in the running means; m takes beta1, v takes beta2",
            (
                (_FIRST, "beta2 * first[name] + (1 - beta2) * g"),
                (_SECOND, "beta1 * second[name] + (1 - beta1) * g**2"),
            ),
        ),
        Mistake(
            "beta1 and beta2 are swapped where the means are divided; m̂ takes beta1, v̂ takes beta2",
            (("1 - beta1**steps", "1 - beta2 ** steps"), ("1 - beta2**steps", "1 - beta1**steps")),
        ),
        Mistake("the learning rate is missing from the update", (("learning_rate * m_hat", "m_hat"),)),
        Mistake(
            'the state is kept under the names of the gradients, "dW"; it has the names of P, "W"',
            (
                ("{name: np.zeros_like(P[name]) for", '{"d" + name: np.zeros_like(P[name]) for'),
                ("beta1 * first[name]", 'beta1 * first["d" + name]'),
                ("beta2 * second[name]", 'beta2 * second["d" + name]'),
                ("new_first[name]", 'new_first["d" + name]'),
                ("new_second[name]", 'new_second["d" + name]'),
            ),
        ),
    ),
    hints=(
        "For each parameter: two running means, one of the gradient and one of its square; divide one by the "
        "root of the other.",
        "Count the step first. m_hat and v_hat are used for the step; m and v, without the hats, are stored.",
        "m_hat = m / (1 - beta1**steps); v_hat = v / (1 - beta2**steps); the new parameter is "
        'P[name] - learning_rate * m_hat / (np.sqrt(v_hat) + eps), with G["d" + name] in m and v.',
    ),
)

EXERCISES = (adam_step,)
QUIZZES = ()
