"""Lesson 10, part B: the questions. Its exercises stand in lesson_10b_gru, _packed, _sampling and _scan."""

from ..exercise import Quiz

EXERCISES = ()
QUIZZES = (
    Quiz(
        "where-the-reset-acts",
        {
            "a": (False, "That is this course's GRU: Γr multiplies c, and then the matrix does."),
            "b": (True, "PyTorch's cell multiplies c by the matrix first; the gate multiplies what came of it."),
            "c": (False, "The blend with the old state is the update gate's business in both variants."),
        },
    ),
    Quiz(
        "half-a-temperature",
        {
            "a": (True, "Differences between logits double, so what was likely becomes likelier still."),
            "b": (False, "Halving the probabilities would leave them as they are, once they sum to 1 again."),
            "c": (False, "A temperature above 1 does that: it shrinks the differences between logits."),
        },
    ),
    Quiz(
        "a-hundred-processors",
        {
            "a": (False, "Step 2 needs the state after step 1 inside its tanh. It cannot begin before."),
            "b": (False, "No step can be skipped: each state goes through tanh with the one before it."),
            "c": (True, "Each state waits for the one before it, so the steps go one after the other."),
        },
    ),
    Quiz(
        "a-larger-gpu",
        {
            "a": (False, "Its multipliers were idle most of the time already. More of them are idle more."),
            "b": (True, "The time goes into handing over thousands of tiny pieces of work, not into doing them."),
            "c": (False, "The arithmetic is done sooner if anything; it was never what took the time."),
        },
    ),
    Quiz(
        "what-half-the-bits-spoil",
        {
            "a": (False, "A product sums in float32 inside and rounds once at its end; that costs little."),
            "b": (False, "0 and 1 are exact in any of the formats."),
            "c": (True, "Each small addend is rounded away against the large sum. Sums belong in float32."),
        },
    ),
    Quiz(
        "rounds-for-a-thousand",
        {
            "a": (True, "Stretches double: 1, 2, 4, … 512 steps, and after ten rounds 1,024 are covered."),
            "b": (False, "That is √1000, the segments of lesson 09. Doubling needs far fewer."),
            "c": (False, "Then a round would join two neighbours only; all stretches are joined at once."),
        },
    ),
    Quiz(
        "why-it-cannot-count",
        {
            "a": (False, "It kept its training sequences no better: eight bits are enough to fail."),
            "b": (False, "A wider state is more lines of the same kind; each still pulls one way only."),
            "c": (True, "After a 1 the state must turn over, and a line with a slope between 0 and 1 never does."),
        },
    ),
    Quiz(
        "answers-in-another-order",
        {
            "a": (False, "The states were right, each of them. Shapes and numbers alone show nothing wrong."),
            "b": (True, "Each state met another sequence's label, so there was nothing to be learned."),
            "c": (False, "The gradient walked back rightly, from answers that belonged to other sequences."),
        },
    ),
)
