"""The course's data: loaders that check what they load, and generators that take a numpy.random.Generator.

The same seed gives the same data on every platform. Small grammars are used where a question has to have one answer.
"""

import hashlib
import io

import numpy as np

from utils.errors import CourseError
from utils.paths import data_file
from utils.text import Vocabulary

SHA256 = {
    "dinosaurs.txt": "38e9bcb6e0fa4e74b8788ef331ae755fd879fb55790146309bb488eaf4ff65f8",
    "name_model.npz": "92f83fcbcf346d080af806cba0b083ebac7f4007e395e03f7a9fbb122f0d0f40",
    "runs.npz": "4e69a5ec39a7c1a8a0a92efa06289555597b2104f6ae445e8c28fb13e425117d",
    "sunspots.csv": "74b8e3acb9886b68abe9c56f6081257d522e2cb2470f17dbf597b396f4ea1706",
    "surnames.csv": "af92d52864a5b4ee3f4c9910f63446572afaaca9816c5f2ecf814cc3a1eb28ef",
}

# the languages of surnames.csv
LANGUAGES = {
    "el": "Greek",
    "en": "English",
    "fi": "Finnish",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "pl": "Polish",
    "ru": "Russian",
    "zh": "Chinese",
}

YEARS = tuple(str(year) for year in range(2005, 2015))
OTHER_PLACES = ("Peru", "Chile", "Japan", "Kenya", "Norway")
WHO = ("I", "we")
WENT = ("went", "flew", "travelled")
OPENERS = ("well", "yes", "so", "look", "now", "oh")

# pear or pair: four of each, so that one draw from four picks a word
FRUITS = ("apple", "pear", "plum", "cherry")
DISHES = ("salad", "cake", "tart", "juice")
RARE_DISHES = ("compote", "chutney", "sorbet", "crumble")
TASTES = ("fresh", "sweet", "good", "cold")
GARMENTS = ("hat", "coat", "scarf", "belt")
PAIRS = ("shoes", "gloves", "socks", "boots")
LOOKS = ("new", "old", "warm", "blue")

CATS_SLEEP = tuple("cats average 15 hours of sleep a day".split())
CATS = (
    ("cat", "English"),
    ("cath", "Welsh"),
    ("chat", "French"),
    ("gatto", "Italian"),
    ("gato", "Spanish"),
    ("katze", "German"),
    ("kissa", "Finnish"),
    ("kot", "Polish"),
    ("macska", "Hungarian"),
    ("neko", "Japanese"),
    ("kedi", "Turkish"),
    ("paka", "Swahili"),
)


def checked_bytes(name: str) -> bytes:
    """The content of one data file, compared with the sha256 that the course was tested with.

    CourseError when the file is missing, unreadable or altered.
    """
    path = data_file(name)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CourseError(f"Could not read {path} ({error.strerror}); restore it from the repository.") from error
    if hashlib.sha256(content).hexdigest() != SHA256[name]:
        raise CourseError(
            f"The data file {path} is not the one this course was tested with ({len(content)} bytes, another sha256); "
            "restore it from the repository, or rebuild it with `python -m utils data`."
        )
    return content


def load_dinosaurs() -> list[str]:
    """1,318 names, a to z in lower case, in the order published. A few of them are no dinosaurs."""
    return checked_bytes("dinosaurs.txt").decode("ascii").split()


def load_name_model() -> tuple[dict[str, np.ndarray], Vocabulary]:
    """The supplied character model: RNN parameters P in float64, and its vocabulary (<EOS>, <UNK>, a … z)."""
    with np.load(io.BytesIO(checked_bytes("name_model.npz")), allow_pickle=False) as stored:
        P = {name: stored[name].astype(np.float64) for name in ("Wax", "Waa", "ba", "Wya", "by")}
        return P, Vocabulary(tuple(str(token) for token in stored["tokens"]))


def load_surnames() -> list[tuple[str, str]]:
    """(name, language), sorted by language: a … z in lower case, and a key of LANGUAGES. No name stands twice.

    The language is that of the spelling. It says nothing about where a person comes from.
    """
    lines = checked_bytes("surnames.csv").decode("ascii").splitlines()[1:]
    return [tuple(line.split(",")) for line in lines]


def load_sunspots() -> tuple[np.ndarray, np.ndarray]:
    """Years int (309,), 1700 to 2008, and the mean sunspot number of each year, float (309,)."""
    lines = checked_bytes("sunspots.csv").decode("ascii").splitlines()[1:]
    years, numbers = zip(*(line.split(",") for line in lines), strict=True)
    return np.array(years, dtype=np.int64), np.array(numbers, dtype=np.float64)


def load_runs(experiment: str) -> dict[str, np.ndarray]:
    """The stored curves of one experiment (see utils/stored_runs), by name, as float64."""
    with np.load(io.BytesIO(checked_bytes("runs.npz")), allow_pickle=False) as stored:
        names = [name for name in stored.files if name.startswith(f"{experiment}.")]
        if not names:
            known = ", ".join(sorted({name.partition(".")[0] for name in stored.files}))
            raise ValueError(f"there is no stored experiment {experiment!r}; there are {known}.")
        return {name.partition(".")[2]: stored[name].astype(np.float64) for name in names}


def nepal_words() -> tuple[str, ...]:
    """Every word that `nepal_sentences` can use, sorted; word number i is row i of its one-hot input."""
    return tuple(sorted({"in", "to", "and", "Nepal", *YEARS, *OTHER_PLACES, *WHO, *WENT, *OPENERS}))


def nepal_sentences(rng, m, trips=1, opener=(0, 3)):
    """Sentences that say when the narrator went to Nepal, and the answers.

    rng: numpy.random.Generator. m: number of sentences. trips: 1, Nepal and one year; 2, another place and another year
    as well, so that both years stand in the sentence. opener: smallest and largest number of words such as "well" and
    "so" in front, which move the sentence along and say nothing. Commas are left out.

    Returns sentences (list of lists of words) and labels, int (m,), places in YEARS.
    """
    if trips not in (1, 2):
        raise ValueError(f"trips must be 1 or 2, got {trips!r}.")
    fewest, most = opener
    if not 0 <= fewest <= most:
        raise ValueError(f"opener must be (fewest, most) with 0 <= fewest <= most, got {opener!r}.")
    sentences, labels = [], np.empty(m, dtype=np.int64)
    for n in range(m):
        core, labels[n] = _nepal_core(rng, trips)
        front = rng.integers(len(OPENERS), size=rng.integers(fewest, most + 1))
        sentences.append([OPENERS[k] for k in front] + core)
    return sentences, labels


def _nepal_core(rng, trips):
    """One statement and the place in YEARS of its answer. Of two trips, Nepal comes first in one half."""
    who, went = WHO[rng.integers(len(WHO))], WENT[rng.integers(len(WENT))]
    chosen = rng.choice(len(YEARS), size=2, replace=False)
    places = ["Nepal", OTHER_PLACES[rng.integers(len(OTHER_PLACES))]]
    year_first, swapped = rng.integers(2, size=2)
    label = chosen[0]
    years = [YEARS[k] for k in chosen]
    if trips == 2 and swapped:
        years, places = years[::-1], places[::-1]
    if year_first:
        words = ["in", years[0], who, went, "to", places[0]]
        more = ["and", "in", years[1], "to", places[1]]
    else:
        words = [who, went, "to", places[0], "in", years[0]]
        more = ["and", "to", places[1], "in", years[1]]
    return words + (more if trips == 2 else []), label


def fruit_words() -> tuple[str, ...]:
    """Every word that `fruit_sentences` can use, sorted."""
    fixed = ("the", "and", "was", "pair", "of")
    return tuple(sorted({*fixed, *FRUITS, *DISHES, *RARE_DISHES, *TASTES, *GARMENTS, *PAIRS, *LOOKS}))


def fruit_sentences(rng, m):
    """m sentences in which only the word before "and" tells whether pear or pair comes next.

    One half: "the apple and pear salad was fresh", two different fruits. The other: "the hat and pair of gloves was
    new". Right after "and", pair is four times as frequent as pear; after "the apple and" it never comes, and pear
    does in one case of three. One dish in twenty is rare, so that a small vocabulary has words to leave out.

    rng: numpy.random.Generator; six draws a sentence. Returns a list of lists of words. ValueError for m below 1.
    """
    if m < 1:
        raise ValueError(f"m must be at least 1, got {m!r}.")
    sentences = []
    for _ in range(m):
        about_fruit, rare, first, last = rng.integers(2), rng.integers(20) == 0, rng.integers(4), rng.integers(4)
        step, middle = rng.integers(1, 4), rng.integers(4)
        if about_fruit:
            dish = (RARE_DISHES if rare else DISHES)[middle]
            words = ["the", FRUITS[first], "and", FRUITS[(first + step) % 4], dish, "was", TASTES[last]]
        else:
            words = ["the", GARMENTS[first], "and", "pair", "of", PAIRS[middle], "was", LOOKS[last]]
        sentences.append(words)
    return sentences


def cat_words() -> list[tuple[str, str]]:
    """(word, language): "cat" in twelve languages, in plain letters. Those that sound alike are relatives, or loans."""
    return list(CATS)


def encode_words(sentences, words, length=None):
    """Sentences as arrays, padded on the right.

    sentences: list of lists of words; words: the dictionary; length: columns of the result, at least the longest
    sentence (default: exactly that). Returns x, one-hot (n_x, m, T) with zero columns behind the end, and mask, bool
    (m, T), True where a word stands. ValueError for a word outside the dictionary or a length that is too short.
    """
    number = {word: i for i, word in enumerate(words)}
    longest = max(len(sentence) for sentence in sentences)
    T = longest if length is None else length
    if T < longest:
        raise ValueError(f"length must be at least {longest}, the longest sentence, got {T}.")
    x = np.zeros((len(words), len(sentences), T))
    mask = np.zeros((len(sentences), T), dtype=bool)
    for i, sentence in enumerate(sentences):
        unknown = [word for word in sentence if word not in number]
        if unknown:
            raise ValueError(f"the word {unknown[0]!r} is not in the dictionary of {len(words)} words.")
        x[[number[word] for word in sentence], i, np.arange(len(sentence))] = 1
        mask[i, : len(sentence)] = True
    return x, mask


def random_symbols(rng, n_x, m, T):
    """m sequences of T symbols, each drawn alike from n_x: indices int (m, T) and one-hot x (n_x, m, T)."""
    indices = rng.integers(n_x, size=(m, T))
    return indices, (np.arange(n_x)[:, None, None] == indices).astype(float)
