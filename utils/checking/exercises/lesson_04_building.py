"""Lesson 04: which symbols a language model knows."""

from utils import reference, textbook
from utils.text import EOS, UNK

from .. import views
from ..exercise import Exercise, Mistake

WORDS = ("pear", "apple", "plum", "fig", "cherry", "lemon", "quince", "grape", "mango", "date")


def _text(rng, counts):
    """A text in which each of so many words stands so many times, in random order; which word is which is drawn."""
    words = [str(word) for word in rng.permutation(WORDS)[: len(counts)]]
    tokens = [word for word, count in zip(words, counts, strict=True) for _ in range(count)]
    return [tokens[i] for i in rng.permutation(len(tokens))]


def _out_of_order(rng, counts):
    """A text whose most frequent words are not in alphabetical order, nor in the order of their first appearance."""
    while True:
        tokens = _text(rng, counts)
        ranked = sorted(set(tokens), key=lambda word: (-tokens.count(word), word))
        seen = list(dict.fromkeys(tokens))
        if ranked[:3] != sorted(ranked)[:3] and ranked[:3] != seen[:3] and set(ranked[:3]) != set(sorted(ranked)[:3]):
            return tokens


def _tied(rng):
    """Four words twice, one of them kept out: the last of the alphabet, which does not stand last in the text."""
    while True:
        tokens = _out_of_order(rng, (4, 2, 2, 2, 2, 1))
        pairs = [word for word in dict.fromkeys(tokens) if tokens.count(word) == 2]
        if pairs != sorted(pairs) and pairs != sorted(pairs, reverse=True) and pairs[-1] != max(pairs):
            return tokens


def _vocabulary_cases(rng):
    mixed = _out_of_order(rng, (5, 4, 3, 2))
    letters = [str(letter) for letter in rng.permutation(list("aaaaabbbbcccdde "))]
    return {
        "words": {"tokens": _out_of_order(rng, (6, 5, 3, 2, 1, 1)), "size": 5},
        "equally frequent words": {"tokens": _tied(rng), "size": 6},
        "<EOS> and <UNK> in the text": {
            "tokens": [*mixed[:4], EOS, *mixed[4:9], UNK, UNK, UNK, *mixed[9:], *[EOS] * 6],
            "size": 5,
        },
        "fewer words than room": {"tokens": _out_of_order(rng, (4, 3, 2, 1)), "size": 20},
        "characters": {"tokens": letters, "size": 6},
        "room for one word": {"tokens": _out_of_order(rng, (4, 3, 2, 1)), "size": 3},
    }


build_vocabulary = Exercise(
    name="build_vocabulary",
    lesson="04a",
    reference=reference.build_vocabulary,
    textbook=textbook.build_vocabulary,
    parts={"symbols": 3},
    cases=_vocabulary_cases,
    read="section 4.2",
    view=views.plain_texts,
    mistakes=(
        Mistake(
            "<EOS> and <UNK> do not count towards the size; they take two of the places",
            (("[: size - 2]", "[:size]"),),
        ),
        Mistake("<EOS> and <UNK> are missing from the list; they come first", (('["<EOS>", "<UNK>"] + kept', "kept"),)),
        Mistake(
            "<EOS> and <UNK> stand at the end of the list; they come first",
            (('["<EOS>", "<UNK>"] + kept', 'kept + ["<EOS>", "<UNK>"]'),),
        ),
        Mistake(
            "<UNK> stands before <EOS>; the order is <EOS>, <UNK>", (('"<EOS>", "<UNK>"] +', '"<UNK>", "<EOS>"] +'),)
        ),
        Mistake(
            "the rarest symbols are kept; the most frequent ones come first", (("-counts[token]", "counts[token]"),)
        ),
        Mistake(
            "the symbols kept are the first of the alphabet; order them by how often they stand in the text",
            (("kept = most_frequent_first[", "kept = alphabetical["),),
        ),
        Mistake(
            "equally frequent symbols stand in the order of the text; alphabetical order is asked for",
            (("sorted(counts)", "list(counts)"),),
        ),
        Mistake(
            "equally frequent symbols stand in reversed alphabetical order; sort by the alphabet first, then by count",
            (("sorted(counts)", "sorted(counts, reverse=True)"),),
        ),
        Mistake(
            "an <EOS> or <UNK> of the text is counted like a word and stands in the list twice; leave both out",
            (('if token not in ("<EOS>", "<UNK>"):', "if True:"),),
        ),
        Mistake(
            "the list holds the most frequent symbols, but in alphabetical order; the most frequent one comes first",
            (("+ kept", "+ sorted(kept)"),),
        ),
        Mistake(
            "the list holds one symbol less than it may; <EOS> and <UNK> take two places, not three",
            (("size - 2", "size - 3"),),
        ),
        Mistake(
            "the list is filled up to the size; it is shorter when the text has too few symbols",
            (('["<EOS>", "<UNK>"] + kept', '["<EOS>", "<UNK>"] + kept + ["<UNK>"] * (size - 2 - len(kept))'),),
        ),
        Mistake(
            "an <EOS> or <UNK> of the text is left out after the cut, and its place stays free; leave both out first",
            (
                ('if token not in ("<EOS>", "<UNK>"):', "if True:"),
                ("[: size - 2]\n", '[: size - 2]\n    kept = [t for t in kept if t not in ("<EOS>", "<UNK>")]\n'),
            ),
        ),
    ),
    hints=(
        "Count how often each symbol stands in the text, sort by that, and keep as many as there is room for.",
        "Python's sorted keeps the order of equals: sort by the alphabet first, then by the count, largest first.",
        "With counts = {symbol: how often}: sorted(sorted(counts), key=lambda token: -counts[token])[: size - 2], "
        'behind ["<EOS>", "<UNK>"].',
    ),
)

EXERCISES = (build_vocabulary,)
QUIZZES = ()
