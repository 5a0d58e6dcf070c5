"""Lesson 03: weights that neither blow up a state nor let it die."""

import numpy as np

from utils import reference, textbook

from ..exercise import Exercise, Mistake, Quiz
from . import draw


def _radius_cases(rng):
    def radius(low=0.4, high=1.6):
        return float(rng.uniform(low, high))

    def made(*blocks):
        """A matrix with the eigenvalues of these blocks along the diagonal, seen from a slanted corner."""
        n = sum(len(block) for block in blocks)
        D, done = np.zeros((n, n)), 0
        for block in blocks:
            D[done : done + len(block), done : done + len(block)] = block
            done += len(block)
        slanted = np.eye(n) + np.triu(rng.uniform(0.2, 0.6, (n, n)), 1) + np.tril(rng.uniform(0.1, 0.3, (n, n)), -1)
        return slanted @ D @ np.linalg.inv(slanted)

    angle = rng.uniform(0.7, 1.2)
    turn = rng.uniform(1.1, 1.5) * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    small = [[rng.uniform(0.3, 0.8)]]
    return {
        "random weights": {"W": draw.numbers(rng, 5, 5), "radius": radius()},
        "the largest eigenvalues turn": {"W": made(turn, small), "radius": radius()},
        "the largest eigenvalue is negative": {
            "W": made([[-rng.uniform(1.3, 1.9)]], [[rng.uniform(0.9, 1.2)]], small),
            "radius": radius(),
        },
        "already small": {"W": 0.1 * draw.numbers(rng, 4, 4), "radius": radius(1.1, 1.6)},
        "a single unit": {"W": draw.numbers(rng, 1, 1), "radius": radius()},
    }


_SIZES = "sizes = np.abs(eigenvalues)"
_EIGENVALUES = "np.linalg.eigvals(W)"
_SCALED = "W * (radius / largest)"

scale_to_spectral_radius = Exercise(
    name="scale_to_spectral_radius",
    lesson="03",
    reference=reference.scale_to_spectral_radius,
    textbook=textbook.scale_to_spectral_radius,
    parts={"scaled": 2},
    cases=_radius_cases,
    read="section 3.3",
    mistakes=(
        Mistake(
            "this is the largest singular value; the spectral radius is the largest |eigenvalue|",
            ((_EIGENVALUES, "np.linalg.svd(W, compute_uv=False)"),),
        ),
        Mistake(
            "the largest real part is taken; a negative or a complex eigenvalue may be larger in size: use np.abs",
            ((_SIZES, "sizes = eigenvalues.real"),),
        ),
        Mistake(
            "only the real parts are looked at; the size of a complex eigenvalue is np.abs of the whole number",
            ((_SIZES, "sizes = np.abs(eigenvalues.real)"),),
        ),
        Mistake("W is multiplied by the radius; divide it by its own spectral radius, too", ((_SCALED, "W * radius"),)),
        Mistake("the factor is upside down: it is radius / largest", ((_SCALED, "W * (largest / radius)"),)),
        Mistake("the spectral radius becomes 1; multiply by the radius as well", ((_SCALED, "W / largest"),)),
        Mistake(
            "the smallest eigenvalue is used; the largest one decides about many steps",
            (("np.max(sizes)", "np.min(sizes)"),),
        ),
        Mistake("the mean of the sizes is used; take the largest", (("np.max(sizes)", "np.mean(sizes)"),)),
        Mistake(
            "the length of all entries together is used; take the largest |eigenvalue|",
            (("np.max(sizes)", "np.linalg.norm(W)"),),
        ),
        Mistake(
            "the largest entry of W is used; take the largest |eigenvalue|", (("np.max(sizes)", "np.max(np.abs(W))"),)
        ),
        Mistake("the diagonal of W is used; eigenvalues come from np.linalg.eigvals", ((_EIGENVALUES, "np.diag(W)"),)),
        Mistake(
            "eigvalsh is for symmetric matrices and reads half of W; use np.linalg.eigvals",
            ((_EIGENVALUES, "np.linalg.eigvalsh(W)"),),
        ),
        Mistake(
            "a W that is small enough is left as it was; here it is made larger as well",
            ((_SCALED, "W * min(1.0, radius / largest)"),),
        ),
        Mistake(
            "the size is taken after the maximum, and max compares real parts; take np.abs first, then the maximum",
            (("np.max(sizes)", "np.abs(np.max(eigenvalues))"),),
        ),
    ),
    hints=(
        "If W is multiplied by a number, so is every eigenvalue. Measure the largest, then choose the number.",
        "np.linalg.eigvals(W) gives all eigenvalues, some of them complex. np.abs gives the size of a complex number.",
        "largest = np.max(np.abs(np.linalg.eigvals(W))); return W * (radius / largest).",
    ),
)


def _orthogonal_cases(rng):
    def case(n, **gain):
        while True:  # a draw in which no sign has to be turned would let a missing one pass
            generator = np.random.default_rng(rng.integers(2**32))
            state = generator.bit_generator.state
            A = generator.standard_normal((n, n))
            Q, R = np.linalg.qr(A)
            generator.bit_generator.state = state
            signs = np.sign(np.diag(R))
            if n == 1 or (0 < (signs < 0).sum() < n and (signs != np.sign(np.diag(Q))).any()):
                return {"n": n, "rng": generator} | gain

    one, other = draw.sizes(rng, 2)
    return {
        "several units": case(one),
        "a gain above 1": case(other, gain=float(rng.uniform(1.2, 1.8))),
        "a gain below 1": case(3, gain=float(rng.uniform(0.4, 0.8))),
        "a single unit": case(1),
    }


_UNIQUE = "unique_Q = Q * signs"
_GAIN = "gain * unique_Q"

orthogonal_init = Exercise(
    name="orthogonal_init",
    lesson="03",
    reference=reference.orthogonal_init,
    textbook=textbook.orthogonal_init,
    parts={"W": 2},
    cases=_orthogonal_cases,
    read="section 3.4",
    mistakes=(
        Mistake(
            "the signs are missing: multiply each column of Q by the sign of R's diagonal entry in that column",
            ((_UNIQUE, "unique_Q = Q"),),
        ),
        Mistake(
            "the rows of Q are turned round; the signs belong to its columns",
            ((_UNIQUE, "unique_Q = Q * signs[:, None]"),),
        ),
        Mistake(
            "the signs are those of Q's diagonal; they come from the diagonal of R",
            (("np.diag(R)", "np.diag(Q)"),),
        ),
        Mistake(
            "the columns are multiplied by R's diagonal entries; only their signs are wanted",
            (("np.sign(np.diag(R))", "np.diag(R)"),),
        ),
        Mistake("the gain is missing: multiply the orthogonal matrix by it", ((_GAIN, "unique_Q"),)),
        Mistake("the matrix is divided by the gain; multiply by it", ((_GAIN, "unique_Q / gain"),)),
        Mistake("the random matrix itself comes back; take the Q of its QR split", ((_UNIQUE, "unique_Q = A"),)),
        Mistake("R comes back; the orthogonal factor is Q", ((_UNIQUE, "unique_Q = R"),)),
        Mistake(
            "Q comes back transposed; that is orthogonal, too, but another matrix", ((_GAIN, "gain * unique_Q.T"),)
        ),
        Mistake(
            "the columns of A are only made as long as 1; the split makes them perpendicular as well",
            ((_UNIQUE, "unique_Q = A / np.linalg.norm(A, axis=0)"),),
        ),
        Mistake(
            "the numbers are drawn with rng.random; use rng.standard_normal, which prefers no direction",
            (("rng.standard_normal((n, n))", "rng.random((n, n))"),),
        ),
        Mistake(
            "the orthogonal matrix comes from an SVD of A; the recipe asks for the Q of A = Q R",
            ((_UNIQUE, "U, _, Vt = np.linalg.svd(A)\n    unique_Q = U @ Vt"),),
        ),
        Mistake(
            "Q is multiplied by the signs of all of R; only those on R's diagonal count",
            ((_UNIQUE, "unique_Q = Q @ np.sign(R)"),),
        ),
        Mistake("the gain is squared: W has the factor gain, Wᵀ W has gain²", ((_GAIN, "gain**2 * unique_Q"),)),
    ),
    hints=(
        "Any square matrix is a rotation or a mirror image, Q, times a triangle, R. Keep the first.",
        "np.linalg.qr returns both. The rows of R may come with either sign; np.sign(np.diag(R)) has one sign for each "
        "column of Q.",
        "A = rng.standard_normal((n, n)); Q, R = np.linalg.qr(A); return gain * (Q * np.sign(np.diag(R))).",
    ),
)

EXERCISES = (scale_to_spectral_radius, orthogonal_init)
QUIZZES = (
    Quiz(
        "radius-decides",
        {
            "a": (True, "The matrix stretches and the slopes damp. Look at the two halves of the poster."),
            "b": (False, "With strong inputs they died out at a radius of 1.5, because the slopes of tanh are small."),
            "c": (False, "With letters as inputs they kept about their strength at a radius of 1.5."),
        },
    ),
)
