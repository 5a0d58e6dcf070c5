"""The parts of `make data` that need no network: transliterating, choosing, parsing; and what the new files hold."""

import hashlib
import re
import subprocess
import sys
import zipfile
from collections import Counter

import numpy as np
import pytest

from utils import datasets
from utils.authoring import data_surnames, data_wheels, datafiles
from utils.authoring.romanise import USUAL, from_cyrillic, from_greek, from_hangul, from_kana
from utils.errors import CourseError
from utils.names import fold_name
from utils.paths import data_file


def sentence(error):
    """The message, seen to be one sentence on one line."""
    text = str(error.value)
    assert "\n" not in text and text.endswith("."), text
    return text


@pytest.mark.parametrize(
    ("reading", "kanji", "expected"),
    [
        ("サトウ", "佐藤", "sato"),
        ("ハットリ", "服部", "hattori"),
        ("ホッチ", "発地", "hotchi"),
        ("ワタナベ", "渡辺", "watanabe"),
        ("キョウゴク", "京極", "kyogoku"),
        ("オオノ", "大野", "ono"),
        ("シュウ", "周", "shu"),
        ("ジョウノウチ", "城之内", "jonouchi"),
        ("イノウエ", "井上", "inoue"),
        ("マツウラ", "松浦", "matsuura"),
        ("オオウチ", "大内", "ouchi"),
        ("サンペイ", "三瓶", "sanpei"),
    ],
)
def test_kana_become_letters(reading, kanji, expected):
    assert from_kana(reading, kanji) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [("한", "han"), ("남궁", "namgung"), ("곽", "gwak"), ("옥", "ok"), ("뇌", "noe"), ("김", "kim"), ("박", "park")],
)
def test_hangul_become_letters(name, expected):
    assert from_hangul(name) == expected


def test_the_usual_korean_spellings_differ_from_the_official_ones(monkeypatch):
    usual = dict(USUAL)
    monkeypatch.setattr("utils.authoring.romanise.USUAL", {})
    assert from_hangul("김") == "gim" and from_hangul("이") == "i"
    assert not [name for name, spelt in usual.items() if from_hangul(name) == spelt]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Щукин", "shchukin"),
        ("Достоевский", "dostoevsky"),
        ("Белый", "bely"),
        ("Соловьёв", "solovev"),
        ("Подъячев", "podyachev"),
        ("Юровских", "yurovskikh"),
    ],
)
def test_cyrillic_become_letters(name, expected):
    assert from_cyrillic(name) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Παπαδόπουλος", "papadopoulos"),
        ("Ευαγγελάτος", "evangelatos"),
        ("Ευστρατόπουλος", "efstratopoulos"),
        ("Βαΐου", "vaiou"),
        ("Αραμπατζής", "arampatzis"),
        ("Μπέκος", "bekos"),
        ("Αϋλος", "aylos"),
        ("Ταΰγετος", "taygetos"),
        ("Ψαρράς", "psarras"),
        ("Χρήστου", "christou"),
    ],
)
def test_greek_become_letters(name, expected):
    assert from_greek(name) == expected


@pytest.mark.parametrize(
    ("convert", "given", "sign"),
    [(from_kana, "サ藤", "藤"), (from_hangul, "Kim", "K"), (from_cyrillic, "Іван", "і"), (from_greek, "Роs", "s")],
)
def test_a_sign_of_another_script_is_refused(convert, given, sign):
    with pytest.raises(ValueError, match=f"was expected, got '{sign}' in '{given}'"):
        convert(given)


@pytest.mark.parametrize(
    ("name", "language", "expected"),
    [
        ("ivanov", "ru", "ivanova"),
        ("dostoevsky", "ru", "dostoevskaya"),
        ("tolstoy", "ru", "tolstaya"),
        ("yurovskikh", "ru", "yurovskikh"),
        ("kowalski", "pl", "kowalska"),
        ("nowak", "pl", "nowak"),
        ("papadopoulos", "el", "papadopoulou"),
        ("avramidis", "el", "avramidou"),
        ("vasilakis", "el", "vasilaki"),
        ("georgiou", "el", "georgiou"),
        ("rossi", "it", "rossi"),
    ],
)
def test_the_form_that_women_bear(name, language, expected):
    assert data_surnames.feminine(name, language) == expected


@pytest.fixture
def found():
    """Small lists in the form in which the packages give them."""
    lists = {language: [] for language in datasets.LANGUAGES}
    lists["zh"] = ["曾", "王", "李"]
    lists["ja"] = ["井上", "会", "王"]
    lists["ko"] = ["김", "왕"]
    lists["ru"] = ["Иванов", "Петров", "Герцен", "Николаевич", "Юровских"]
    lists["pl"] = ["Kowalski", "Łoś", "Korwin-Szymanowski", "Zych", "Doe"]
    lists["it"] = ["De Luca", "D’Angelo", "Doe"]
    lists["en"] = ["O'Brien", "Garcia", "Smith", "Smith", "X"]
    lists["fi"] = ["Väänänen", "Lindström"]
    pinyin = {"曾": "ceng", "王": "wang", "李": "li"}
    return {"lists": lists, "pinyin": pinyin, "readings": {"井上": "イノウエ"}}


def test_names_are_read_folded_and_chosen(found):
    assert data_surnames.choose(found) == [
        ("obrien", "en"),
        ("smith", "en"),
        ("vaananen", "fi"),
        ("dangelo", "it"),
        ("deluca", "it"),
        ("inoue", "ja"),
        ("kim", "ko"),
        ("kowalski", "pl"),
        ("los", "pl"),
        ("zych", "pl"),
        ("ivanov", "ru"),
        ("petrova", "ru"),
        ("yurovskikh", "ru"),
        ("li", "zh"),
        ("zeng", "zh"),
    ]  # not doe (pl, it), not wang (ko, zh)


def test_a_name_is_also_dropped_where_another_language_knows_its_other_form(found):
    found["lists"]["fi"].append("Ivanova")
    assert not {"ivanov", "ivanova"} & {name for name, _ in data_surnames.choose(found)}


def test_a_list_that_holds_both_forms_gives_one(found):
    found["lists"]["pl"] += ["Kowalska", "Nowacka"]
    polish = [name for name, language in data_surnames.choose(found) if language == "pl"]
    assert polish == ["kowalski", "los", "nowacka", "zych"]


def test_a_long_list_is_thinned_evenly(found, monkeypatch):
    found["lists"]["en"] = [first + second for first in "abcdefghij" for second in "qz"]
    monkeypatch.setattr(data_surnames, "MOST", 5)
    english = [name for name, language in data_surnames.choose(found) if language == "en"]
    assert english == ["aq", "cq", "eq", "gq", "iq"]


def test_surnames_text_is_a_table():
    assert data_surnames.surnames_text([("li", "zh"), ("kim", "ko")]) == b"name,language\nli,zh\nkim,ko\n"


def test_lists_that_cannot_be_read_are_one_sentence(tmp_path):
    with pytest.raises(CourseError, match="surname lists could not be read .*left as it was") as error:
        data_surnames.read_lists(tmp_path)
    sentence(error)


def test_surnames_hold_what_the_readme_says():
    rows = datasets.load_surnames()
    counts = Counter(language for _, language in rows)
    assert set(counts) == set(datasets.LANGUAGES) and len(rows) == len({name for name, _ in rows}) == 5706
    readme = data_file("README.md").read_text(encoding="utf-8")
    assert f"\n{len(rows):,} surnames" in readme
    for language, title in datasets.LANGUAGES.items():
        assert f"{title} ({language}) {counts[language]}" in readme
    assert all(re.fullmatch("[a-z]{2,20}", name) and fold_name(name) == name for name, _ in rows)
    assert rows == sorted(rows, key=lambda row: (row[1], row[0]))


def test_no_surname_stands_in_two_forms():
    rows = datasets.load_surnames()
    known = set(rows)
    other = [(data_surnames.feminine(name, language), language) for name, language in rows]
    assert [one for one, row in zip(other, rows, strict=True) if one != row and one in known] == []
    women = sum(language == "ru" and name.endswith("a") for name, language in rows)
    assert 300 < women < 450


def test_well_known_names_carry_their_language():
    language_of = dict(datasets.load_surnames())
    expected = {"kim": "ko", "zhang": "zh", "inoue": "ja", "smith": "en", "virtanen": "fi", "obrien": "en"}
    assert {name: language_of.get(name) for name in expected} == expected
    dropped = data_surnames.NOT_ENGLISH | data_surnames.NOT_FINNISH | data_surnames.NOT_RUSSIAN
    wrong = {"en": data_surnames.NOT_ENGLISH, "fi": data_surnames.NOT_FINNISH, "ru": data_surnames.NOT_RUSSIAN}
    assert len(dropped) > 200
    assert [row for row in language_of.items() if row[0] in wrong.get(row[1], ())] == []


def test_spelling_tells_the_language_of_most_names():
    """A count of letter pairs (naive Bayes, one fifth held out) is far above the largest language's share."""
    rows = datasets.load_surnames()
    rows = [rows[i] for i in np.random.default_rng(0).permutation(len(rows))]
    languages = sorted(datasets.LANGUAGES)
    letters = " abcdefghijklmnopqrstuvwxyz"
    counts = np.full((len(languages), 27, 27), 0.1)
    prior = np.zeros(len(languages))

    def pairs(name):
        numbers = [letters.index(letter) for letter in f" {name} "]
        return numbers[:-1], numbers[1:]

    for name, language in rows[1141:]:
        np.add.at(counts[languages.index(language)], pairs(name), 1)
        prior[languages.index(language)] += 1
    log_p = np.log(counts / counts.sum(axis=2, keepdims=True))
    scores = [log_p[:, *pairs(name)].sum(axis=1) + np.log(prior) for name, _ in rows[:1141]]
    guesses = [languages[int(score.argmax())] for score in scores]
    share = np.mean([guess == language for guess, (_, language) in zip(guesses, rows[:1141], strict=True)])
    assert 0.85 < share < 0.94  # measured: 0.898


def test_sunspots_are_309_years():
    years, numbers = datasets.load_sunspots()
    assert years.shape == numbers.shape == (309,) and years.dtype == np.int64 and numbers.dtype == np.float64
    assert years[0] == 1700 and years[-1] == 2008 and (np.diff(years) == 1).all()
    assert numbers.min() == 0 and numbers[years == 1957] == numbers.max() == 190.2
    persistence = np.sqrt(np.mean((numbers[240:] - numbers[239:-1]) ** 2))
    assert abs(persistence - 32.8) < 0.05  # what data/README.md says


def test_sunspots_are_parsed_and_checked():
    published = '"YEAR","SUNACTIVITY"\n' + "".join(f"{year},{year % 7}.50\n" for year in range(1700, 2009))
    text = datafiles.sunspots_text(published).decode().splitlines()
    assert text[:2] == ["year,sunspots", "1700,6.5"] and len(text) == 310
    for altered in (published.replace("SUNACTIVITY", "SUN"), published.replace("\n1801,", "\n1802,")):
        with pytest.raises(CourseError, match="years 1700 to 2008 were expected") as error:
            datafiles.sunspots_text(altered)
        sentence(error)


@pytest.fixture
def pip(monkeypatch):
    """A pip that writes the given files instead of downloading, and the commands it was given."""
    commands = []

    def plant(files=(), code=0, stderr=""):
        def run(command, **options):
            commands.append(command)
            folder = data_wheels.Path(command[command.index("--dest") + 1])
            assert folder.is_dir()
            for name, content in files:
                (folder / name).write_bytes(content)
            return subprocess.CompletedProcess(command, code, "", stderr)

        monkeypatch.setattr(subprocess, "run", run)
        return commands

    return plant


def test_a_wheel_is_fetched_pinned_and_checked(pip, tmp_path, monkeypatch):
    commands = pip([("mimesis-1.whl", b"wheel")])
    with pytest.raises(CourseError, match="mimesis 22.2.0 is not the published one .*left as it was") as error:
        data_wheels.fetch_wheel("mimesis", tmp_path / "a")
    sentence(error)
    sha256 = hashlib.sha256(b"wheel").hexdigest()
    monkeypatch.setitem(data_wheels.WHEELS, "mimesis", ("22.2.0", sha256))
    assert data_wheels.fetch_wheel("mimesis", tmp_path / "b").read_bytes() == b"wheel"
    command = commands[-1]
    assert command[:3] == [sys.executable, "-m", "pip"] and "download" in command and "--no-deps" in command
    assert command[-1] == "mimesis==22.2.0"


@pytest.mark.parametrize(
    ("files", "code", "stderr", "reason"),
    [
        ((), 1, "WARNING: retrying\nERROR: No matching distribution found for janome==0.5.0\n", "No matching"),
        ((), 1, "", "no message"),
        ((), 0, "", "it wrote no wheel"),
        ((("a.whl", b""), ("b.whl", b"")), 0, "", "it wrote no wheel"),
    ],
)
def test_without_network_there_is_one_sentence(pip, tmp_path, files, code, stderr, reason):
    pip(files, code, stderr)
    with pytest.raises(CourseError, match=f"pip could not fetch janome 0.5.0 .*{reason}.*left as it was") as error:
        data_wheels.fetch_wheel("janome", tmp_path)
    sentence(error)


def test_a_pip_that_cannot_be_started_or_hangs_is_one_sentence(tmp_path, monkeypatch):
    for trouble in (OSError("no such program"), subprocess.TimeoutExpired("pip", 600)):

        def run(*arguments, trouble=trouble, **options):
            raise trouble

        monkeypatch.setattr(subprocess, "run", run)
        with pytest.raises(CourseError, match="pip could not fetch faker") as error:
            data_wheels.fetch_wheel("faker", tmp_path)
        sentence(error)


def test_only_the_asked_folder_of_a_wheel_is_unpacked(tmp_path):
    wheel = tmp_path / "one.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name in ("one/a.txt", "one/b/c.txt", "other/d.txt", "onemore.txt"):
            archive.writestr(name, name)
    data_wheels.unpack(wheel, "one", tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").rglob("*.txt")) == ["a.txt", "c.txt"]
    data_wheels.unpack(wheel, "other/d.txt", tmp_path / "file")
    assert (tmp_path / "file" / "other" / "d.txt").read_text() == "other/d.txt"
    with pytest.raises(CourseError, match="one.whl holds no two") as error:
        data_wheels.unpack(wheel, "two", tmp_path / "out")
    sentence(error)
    wheel.write_bytes(b"no archive")
    with pytest.raises(CourseError, match="one.whl could not be unpacked") as error:
        data_wheels.unpack(wheel, "one", tmp_path / "out")
    sentence(error)


def test_every_package_of_the_readme_is_the_pinned_one():
    readme = data_file("README.md").read_text(encoding="utf-8")
    named = {name.lower(): version for name, version in re.findall(r"`(\w+)`\s+(\d+\.\d+\.\d+)", readme)}
    pinned = {package: version for package, (version, _) in data_wheels.WHEELS.items()}
    assert named == pinned | {"dinosaurs": datafiles.PACKAGE.split("@")[1]}
    assert set(data_surnames.PACKAGES) == set(pinned) - {"statsmodels"}


def test_pear_follows_the_apple_and_although_pair_follows_and_more_often():
    sentences = datasets.fruit_sentences(np.random.default_rng(1), 4000)
    words = set(datasets.fruit_words())
    assert all(set(one) <= words for one in sentences)
    after_and, after_apple = Counter(), Counter()
    for one in sentences:
        place = one.index("and")
        after_and[one[place + 1]] += 1
        if one[place - 1] == "apple":
            after_apple[one[place + 1]] += 1
    assert after_and["pair"] > 3 * after_and["pear"]
    assert after_apple["pair"] == 0 and set(after_apple) == {"pear", "plum", "cherry"}
    assert 0.28 < after_apple["pear"] / after_apple.total() < 0.39
    counts = Counter(word for one in sentences for word in one)
    assert 0 < max(counts[word] for word in datasets.RARE_DISHES) < min(counts[word] for word in datasets.DISHES) / 5
    assert set(counts) == words


def test_fruit_sentences_repeat_themselves_and_refuse_none():
    one, two = (datasets.fruit_sentences(np.random.default_rng(3), 50) for _ in range(2))
    assert one == two and datasets.fruit_sentences(np.random.default_rng(3), 20) == one[:20]
    for m in (0, -1):
        with pytest.raises(ValueError, match=f"m must be at least 1, got {m}"):
            datasets.fruit_sentences(np.random.default_rng(0), m)
    x, mask = datasets.encode_words(one, datasets.fruit_words())
    assert x.shape == (len(datasets.fruit_words()), 50, 8) and mask.sum() == sum(map(len, one))


def test_the_cats():
    cats = datasets.cat_words()
    assert len(cats) >= 8 and len(dict(cats)) == len({language for _, language in cats}) == len(cats)
    assert all(re.fullmatch("[a-z]{3,6}", word) for word, _ in cats)
    assert datasets.CATS_SLEEP == ("cats", "average", "15", "hours", "of", "sleep", "a", "day")
