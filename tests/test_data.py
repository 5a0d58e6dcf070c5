"""data/: what is committed, what the loaders say about damage, and what the generators promise."""

import hashlib
import io
import re
import subprocess
import tarfile

import numpy as np
import pytest

from utils import datasets, names
from utils.authoring import datafiles
from utils.errors import CourseError
from utils.paths import data_file


def sentence(error):
    """The message, seen to be one sentence on one line."""
    text = str(error.value)
    assert "\n" not in text and text.endswith("."), text
    return text


def test_every_file_has_the_size_and_sha256_that_the_table_and_the_readme_say():
    readme = data_file("README.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `(\S+)` \| (\d+ \| `[0-9a-f]{64}`) \|$", readme, re.MULTILINE))
    folder = data_file("README.md").parent
    found = {}
    for path in folder.iterdir():
        if path.name != "README.md":
            content = path.read_bytes()
            found[path.name] = f"{len(content)} | `{hashlib.sha256(content).hexdigest()}`"
    assert found == rows
    assert {name: row.split("`")[1] for name, row in rows.items()} == datasets.SHA256
    assert sum(path.stat().st_size for path in folder.iterdir()) < 1_000_000


def test_dinosaurs_are_1318_different_names_in_plain_letters():
    loaded = datasets.load_dinosaurs()
    assert len(loaded) == len(set(loaded)) == 1318
    assert all(re.fullmatch("[a-z]{3,23}", name) for name in loaded)
    assert {"velociraptor", "triceratops"} <= set(loaded)


def test_the_name_model_predicts_dinosaur_letters():
    P, vocabulary = datasets.load_name_model()
    assert vocabulary == names.LETTERS and {theta.dtype for theta in P.values()} == {np.dtype(float)}
    p = names.next_letters("brachios", P)
    assert vocabulary.tokens[int(p.argmax())] == "a" and p.max() > 0.6
    assert abs(p.sum() - 1) < 1e-12


@pytest.mark.parametrize(
    ("name", "load"),
    [
        ("dinosaurs.txt", "load_dinosaurs"),
        ("name_model.npz", "load_name_model"),
        ("surnames.csv", "load_surnames"),
        ("sunspots.csv", "load_sunspots"),
    ],
)
def test_a_missing_or_altered_file_is_one_sentence(name, load, tmp_path, monkeypatch):
    damaged = tmp_path / name
    damaged.write_bytes(data_file(name).read_bytes().replace(b"a", b"e", 1))
    monkeypatch.setattr(datasets, "data_file", lambda name: damaged)
    with pytest.raises(CourseError, match="not the one this course was tested with .*restore") as error:
        getattr(datasets, load)()
    assert str(damaged) in sentence(error)
    damaged.unlink()
    damaged.mkdir()
    with pytest.raises(CourseError, match="Could not read .*restore") as error:
        getattr(datasets, load)()
    sentence(error)
    monkeypatch.undo()
    monkeypatch.setattr("utils.paths.ROOT", tmp_path)
    with pytest.raises(CourseError, match=f"no data file {name}") as error:
        getattr(datasets, load)()
    sentence(error)


@pytest.mark.parametrize(
    ("given", "expected"),
    [("Zoë", "zoe"), ("Ann-Marie", "annmarie"), ("ŁUKASZ", "lukasz"), ("Søren Æ", "sorenae"), ("Weiß", "weiss")],
)
def test_names_are_folded_to_plain_letters(given, expected):
    assert names.fold_name(given) == expected


@pytest.mark.parametrize("given", ["", "  ", "李小龍", "42", None, 7])
def test_a_name_without_letters_is_one_sentence(given):
    with pytest.raises(CourseError) as error:
        names.fold_name(given)
    assert "name" in sentence(error)


def test_finish_name_starts_as_asked_stops_and_repeats_itself_from_the_same_seed():
    P, vocabulary = datasets.load_name_model()
    for temperature in (1e-9, 0.5, 1.0, 3.0):
        drawn = [
            names.finish_name("Alex", P, vocabulary, np.random.default_rng(3), temperature=temperature) for _ in (1, 2)
        ]
        assert drawn[0] == drawn[1] and re.fullmatch("alex[a-z]{0,16}", drawn[0])
    assert names.finish_name("Alex", P, vocabulary, np.random.default_rng(3), max_length=2) == "alex"
    with pytest.raises(CourseError, match="temperature"):
        names.finish_name("Alex", P, vocabulary, np.random.default_rng(3), temperature=0)


def test_the_model_often_ends_a_name_as_dinosaurs_end():
    P, vocabulary = datasets.load_name_model()
    rng = np.random.default_rng(0)
    drawn = [names.finish_name("maria", P, vocabulary, rng, temperature=0.5) for _ in range(40)]
    assert sum(name.endswith(("saurus", "ops", "raptor", "us", "ia")) for name in drawn) > 15


def test_name_batch_asks_for_each_letter_from_those_before_it():
    x, targets, mask = names.name_batch(["ab", "zby"])
    a, b, y, z = (names.LETTERS.tokens.index(letter) for letter in "abyz")
    assert x.shape == (28, 2, 4) and not x[:, :, 0].any()
    assert x[:, 1].argmax(axis=0).tolist() == [0, z, b, y] and not x[:, 0, 3].any()
    assert targets.tolist() == [[a, b, names.LETTERS.eos, 0], [z, b, y, names.LETTERS.eos]]
    assert mask.tolist() == [[True, True, True, False], [True] * 4]


def year_of_nepal(words):
    """The year that belongs to Nepal, read off the sentence in another way than it was made."""
    text = " ".join(words)
    for clause in text.split(" and "):
        if "Nepal" in clause:
            return re.search(r"\d{4}", clause).group()
    raise AssertionError(text)


@pytest.mark.parametrize("trips", [1, 2])
def test_nepal_sentences_hold_their_answer(trips):
    sentences, labels = datasets.nepal_sentences(np.random.default_rng(5), 400, trips, (2, 4))
    assert [datasets.YEARS[label] for label in labels] == [year_of_nepal(words) for words in sentences]
    fronts = [next(i for i, word in enumerate(words) if word not in datasets.OPENERS) for words in sentences]
    assert set(fronts) == {2, 3, 4}
    assert set(labels) == set(range(10))
    assert all(sum(word.isdigit() for word in words) == trips for words in sentences)
    again, _ = datasets.nepal_sentences(np.random.default_rng(5), 400, trips, (2, 4))
    assert sentences == again
    if trips == 2:  # neither the first nor the second year is the better guess
        first = np.mean([next(w for w in s if w.isdigit()) == year_of_nepal(s) for s in sentences])
        assert 0.42 < first < 0.58


def test_encode_words_pads_on_the_right_and_refuses_strangers():
    words = datasets.nepal_words()
    x, mask = datasets.encode_words([["in", "Nepal"], ["I"]], words, length=3)
    assert x.shape == (len(words), 2, 3) and mask.tolist() == [[True, True, False], [True, False, False]]
    assert x.sum(axis=0).tolist() == mask.astype(float).tolist()
    assert words[x[:, 0, 1].argmax()] == "Nepal"
    with pytest.raises(ValueError, match="'Atlantis' is not in the dictionary"):
        datasets.encode_words([["Atlantis"]], words)
    with pytest.raises(ValueError, match="at least 2"):
        datasets.encode_words([["in", "Nepal"]], words, length=1)


@pytest.mark.parametrize("bad", [{"trips": 3}, {"opener": (2, 1)}, {"opener": (-1, 1)}])
def test_nepal_sentences_refuse_what_they_cannot_make(bad):
    with pytest.raises(ValueError, match="must be"):
        datasets.nepal_sentences(np.random.default_rng(0), 3, **bad)


def test_random_symbols_agree_with_their_indices():
    indices, x = datasets.random_symbols(np.random.default_rng(0), 5, 4, 6)
    assert x.shape == (5, 4, 6) and np.array_equal(x.argmax(axis=0), indices) and x.sum() == 24


def test_the_model_file_is_the_same_after_training_again_with_a_nudge():
    # the push of 1e-15 stands for another machine's rounding
    P = datafiles.train_name_model(datasets.load_dinosaurs(), nudge=1e-15)
    assert hashlib.sha256(datafiles.name_model_bytes(P)).hexdigest() == datasets.SHA256["name_model.npz"]
    P["ba"] = P["ba"] + 1e-2
    assert hashlib.sha256(datafiles.name_model_bytes(P)).hexdigest() != datasets.SHA256["name_model.npz"]


@pytest.fixture
def empty_checkout(tmp_path, monkeypatch):
    """An empty checkout, and a rebuild that needs neither network nor training."""
    monkeypatch.setattr(datafiles, "root", lambda: tmp_path)
    built = {name: data_file(name).read_bytes() for name in datasets.SHA256}
    monkeypatch.setattr(datafiles, "rebuild", lambda progress: dict(built))
    return tmp_path, built


def test_data_writes_what_is_missing_and_leaves_what_is_right(empty_checkout, capsys):
    folder, built = empty_checkout
    with pytest.raises(CourseError, match="missing or differs") as error:
        datafiles.main(["--check"])
    sentence(error)
    assert not (folder / "data").exists()
    assert datafiles.main([]) == 0 and capsys.readouterr().out.count("written") == len(built)
    assert {name: (folder / "data" / name).read_bytes() for name in built} == built
    before = {name: (folder / "data" / name).stat().st_mtime_ns for name in built}
    assert datafiles.main([]) == datafiles.main(["--check"]) == 0
    assert before == {name: (folder / "data" / name).stat().st_mtime_ns for name in built}
    (folder / "data" / "dinosaurs.txt").write_text("altered")
    with pytest.raises(CourseError, match="dinosaurs.txt is missing or differs"):
        datafiles.main(["--check"])


def test_a_rebuild_with_another_sha256_writes_nothing(empty_checkout):
    folder, built = empty_checkout
    built["name_model.npz"] += b"!"
    with pytest.raises(CourseError, match="name_model.npz came out with sha256 .* left as it was") as error:
        datafiles.main([])
    sentence(error)
    assert not (folder / "data").exists()


def test_without_npm_or_network_there_is_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(datafiles.shutil, "which", lambda name: None)
    with pytest.raises(CourseError, match="npm, which was not found") as error:
        datafiles.fetch_names(tmp_path)
    sentence(error)
    monkeypatch.setattr(datafiles.shutil, "which", lambda name: "npm")
    failed = subprocess.CompletedProcess([], 1, "", "npm error code ENOTFOUND\nnpm error network\n")
    monkeypatch.setattr(subprocess, "run", lambda *args, **options: failed)
    with pytest.raises(CourseError, match="could not fetch dinosaurs@1.2.1 .*network") as error:
        datafiles.fetch_names(tmp_path)
    sentence(error)


def test_an_archive_that_is_not_the_published_one_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(datafiles.shutil, "which", lambda name: "npm")
    done = subprocess.CompletedProcess([], 0, "", "")
    monkeypatch.setattr(subprocess, "run", lambda *args, **options: done)
    (tmp_path / "dinosaurs-1.2.1.tgz").write_bytes(b"no archive")
    with pytest.raises(CourseError, match="holds no readable") as error:
        datafiles.fetch_names(tmp_path)
    sentence(error)
    with tarfile.open(tmp_path / "dinosaurs-1.2.1.tgz", "w:gz") as archive:
        entry = tarfile.TarInfo(datafiles.MEMBER)
        entry.size = 5
        archive.addfile(entry, io.BytesIO(b"rexy\n"))
    with pytest.raises(CourseError, match="not the published one") as error:
        datafiles.fetch_names(tmp_path)
    sentence(error)


def test_dinosaurs_text_keeps_the_first_of_each_name():
    assert datafiles.dinosaurs_text(["b", "a", "b"]) == b"b\na\n"


def test_finish_name_adds_at_least_so_many_letters():
    P, vocabulary = datasets.load_name_model()
    rng = np.random.default_rng(0)
    short = [names.finish_name("maria", P, vocabulary, rng, temperature=0.6) for _ in range(30)]
    long = [names.finish_name("maria", P, vocabulary, rng, temperature=0.6, at_least=4) for _ in range(30)]
    assert "maria" in short
    assert min(map(len, long)) >= len("maria") + 4
