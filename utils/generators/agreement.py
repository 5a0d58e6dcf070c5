"""The cats that … were: a verb has to agree with a subject some words back, past other nouns of either number."""

from .door import expect_rng, expect_whole, is_whole, pick

VERBS = ("was", "were")  # label 0, label 1
NOUNS = (  # (one, several)
    ("cat", "cats"),
    ("dog", "dogs"),
    ("girl", "girls"),
    ("farmer", "farmers"),
    ("mouse", "mice"),
    ("child", "children"),
)
LINKS = ("near", "behind", "with", "beside")
ADJECTIVES = ("old", "small", "red", "quiet")
SHORT = ((), ("there",), ("over", "there"))  # fillers that are too short for another noun


def agreement_words():
    """Every word that `agreement_sentences` can use, sorted; word number i is row i of its one-hot input."""
    words = {"the", *LINKS, *ADJECTIVES, *(word for pair in NOUNS for word in pair)}
    return tuple(sorted(words | {word for filler in SHORT for word in filler}))


def agreement_sentences(rng, m, gap):
    """Beginnings such as "the cats near the old dog", and which verb goes on: was or were.

    Between the subject, the second word, and the verb stand exactly `gap` words, which hold nouns of their own. Their
    numbers say nothing about the subject's; two or more of them are never all of one number.

    rng: numpy.random.Generator. m: number of sentences. gap: a whole number, or (fewest, most), each length alike.
    Returns sentences (list of lists of words, without the verb), labels int (m,), places in VERBS (1: several), and
    gaps int (m,). ValueError for an m below 1, a gap below 0 or turned round, and for anything but a Generator.
    """
    expect_rng(rng)
    expect_whole(m=m)
    fewest, most = gap if isinstance(gap, tuple | list) and len(gap) == 2 else (gap, gap)
    if not (is_whole(fewest) and is_whole(most) and 0 <= fewest <= most):
        raise ValueError(f"gap must be a whole number or (fewest, most) with 0 <= fewest <= most, got {gap!r}.")
    labels = rng.integers(2, size=m)
    gaps = rng.integers(fewest, most + 1, size=m)
    sentences = [["the", _noun(rng, label), *_filler(rng, length)] for label, length in zip(labels, gaps, strict=True)]
    return sentences, labels, gaps


def _noun(rng, several):
    return pick(rng, NOUNS)[several]


def _filler(rng, gap):
    """Exactly `gap` words: phrases of three to five, each with a noun."""
    if gap < len(SHORT):
        return list(SHORT[gap])
    lengths = []
    while (left := gap - sum(lengths)) > 0:
        fitting = [length for length in (3, 4, 5) if left == length or left - length >= 3]
        lengths.append(pick(rng, fitting))
    numbers = rng.integers(2, size=len(lengths))
    if len(lengths) > 1:
        numbers[:2] = 0, 1  # nouns of both numbers …
        numbers = rng.permutation(numbers)  # … in any order
    words = []
    for length, several in zip(lengths, numbers, strict=True):
        adjectives = [ADJECTIVES[i] for i in rng.permutation(len(ADJECTIVES))[: length - 3]]
        words += [pick(rng, LINKS), "the", *adjectives, _noun(rng, several)]
    return words
