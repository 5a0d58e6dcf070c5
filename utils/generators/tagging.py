"""Sentences with words that are a name or not: teddy roosevelt, teddy bears. What decides stands to the right.

A reader who has come as far as "he said teddy" can only bet. Each such word leans one way in 59 of 100 sentences, half
of the words towards names and half away from them: the best bet is right 59 times in 100, and names are one half.
"""

from .door import expect_rng, expect_whole, pick

LEANING = 59  # of 100: how often a word goes the way it leans

# word -> the nouns that make it an ordinary word; the first half of the words leans towards names
ORDINARY = {
    "teddy": ("bears", "toys"),
    "mark": ("sheets", "schemes"),
    "bill": ("payments", "collectors"),
    "pearl": ("necklaces", "divers"),
    "rose": ("petals", "gardens"),
    "will": ("power", "writers"),
    "grace": ("periods", "notes"),
    "dawn": ("choruses", "raids"),
}
NAMELY = tuple(ORDINARY)[: len(ORDINARY) // 2]
SURNAMES = ("roosevelt", "johnson", "kowalski", "garcia", "nguyen", "virtanen")
FRIENDS = ("anna", "oscar", "laura", "peter")  # first names that are nothing else
THINGS = ("kites", "candles", "letters", "lemons")
SPEAKERS = ("he", "she", "they")
SAID = ("said", "wrote", "heard", "thought")
TITLES = ("doctor", "captain")
PREDICATES = (("came", "first"), ("looked", "good"), ("surprised", "us"), ("helped", "a", "lot"))


def tagging_words():
    """Every word that `tagging_sentences` can use, sorted; word number i is row i of its one-hot input."""
    words = {"and", "that", "the", *ORDINARY, *SURNAMES, *FRIENDS, *THINGS, *SPEAKERS, *SAID, *TITLES}
    words |= {noun for nouns in ORDINARY.values() for noun in nouns}
    return tuple(sorted(words | {word for predicate in PREDICATES for word in predicate}))


def tagging_sentences(rng, m):
    """m sentences, the parts of persons' names tagged in them.

    Three in four: somebody said (that), then a word such as teddy, then what decides: a surname or a noun right after
    it, or "and" with a first name or a thing. In one of four the word is settled from the left: doctor rose, the rose.

    rng: numpy.random.Generator. m: number of sentences. Returns three lists of m lists, one entry per word: sentences
    (words), tags (1: part of a person's name, 0: not) and ambiguous (True: only the words to the right decide).
    ValueError for an m below 1 and for anything but a Generator.
    """
    expect_rng(rng)
    expect_whole(m=m)
    triples = [_sentence(rng) for _ in range(m)]
    sentences, tags, ambiguous = (list(column) for column in zip(*triples, strict=True))
    return sentences, tags, ambiguous


def _sentence(rng):
    """Words, tags and ambiguity of one sentence, which is built from (words, tags) piece by piece."""
    word = pick(rng, tuple(ORDINARY))
    is_name = int((rng.integers(100) < LEANING) == (word in NAMELY))
    pieces = [_opening(rng)]
    settled = rng.integers(4) == 0
    if settled:
        before = pick(rng, TITLES) if is_name else "the"
        pieces += [([before, word], [0, is_name])]
    elif rng.integers(2):  # what decides comes next
        after = pick(rng, SURNAMES if is_name else ORDINARY[word])
        pieces += [([word, after], [is_name, is_name])]
    else:  # what decides comes one word later
        after = pick(rng, FRIENDS if is_name else THINGS)
        pieces += [([word, "and", after], [is_name, 0, is_name])]
    predicate = pick(rng, PREDICATES)
    pieces += [(list(predicate), [0] * len(predicate))]
    words = [word for piece, _ in pieces for word in piece]
    tags = [tag for _, piece in pieces for tag in piece]
    at = len(pieces[0][0])  # the only place where the word in question can stand open
    return words, tags, [i == at and not settled for i in range(len(words))]


def _opening(rng):
    """Who said it: a pronoun, or a first name that is nothing else, which is tagged."""
    named = rng.integers(4) == 0
    who = pick(rng, FRIENDS if named else SPEAKERS)
    words = [who, pick(rng, SAID)] + ["that"] * int(rng.integers(2))
    return words, [int(named)] + [0] * (len(words) - 1)
