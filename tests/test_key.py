"""The answer key of lesson 03 in use: the sample class, two mistakes at once, earlier functions, damage, releases."""

import inspect
import json
import shutil

import numpy as np
import pytest
from keys import bundle, content, releases, told, written

from utils import paths, textbook
from utils.bundling.answer_key import make
from utils.checking import exercises, keyed, notebook
from utils.checking.exercise import planted
from utils.checking.exercises import find, known
from utils.checking.notebook import NotYet, hint, progress, quiz
from utils.checking.packed import dump, load
from utils.errors import CourseError
from utils.grading.check import check_notebook
from utils.grading.sample import compose, read_answers
from utils.prove import Inlined

LESSON = "03_gradients_over_time"
STUDENTS = ["ama_boateng", "deniz_aydin", "eun_ji_park", "lucia_ferreira", "pavel_novak"]


@pytest.fixture
def key(tmp_path):
    return written(tmp_path, LESSON)


def keyed_twin(key, name):
    return next(exercise for exercise in key.EXERCISES if exercise.name == name)


# ---- the same words


@pytest.mark.parametrize("student", STUDENTS)
def test_the_sample_class_reads_the_same_words(monkeypatch, tmp_path, root, key, student):
    release = json.loads((root / "notebooks" / LESSON / f"{LESSON}.ipynb").read_text(encoding="utf-8"))
    answers = read_answers(root / "tests" / "sample_class" / LESSON / student / f"{LESSON}.py")
    path = tmp_path / f"{LESSON}.ipynb"
    path.write_text(json.dumps(compose(release, *answers)), encoding="utf-8")
    full, _ = check_notebook(path)
    bundle(monkeypatch, key)
    for words, wanted in zip(check_notebook(path)[0], full, strict=True):
        if wanted.startswith("orthogonal_init: ") and "not written" not in wanted:
            wanted = "orthogonal_init: written. It draws random numbers, which an answer key cannot\n"
            wanted += "  hold: your instructor's grader decides."
        assert words == wanted
    assert len(full) >= 6


@pytest.mark.parametrize(
    "name, first, second", [("clip_by_norm", 0, 2), ("truncated_bptt", 0, 4), ("clip_by_value", 1, 4)]
)
def test_two_mistakes_at_once_are_both_named(monkeypatch, key, name, first, second):
    mistakes = [find(name).mistakes[n] for n in (first, second)]
    function = planted(find(name), mistakes)
    words = told(find(name), function)
    bundle(monkeypatch, key)
    assert told(find(name), function) == words and "Two likely causes" in words


def test_what_no_mistake_explains_is_compared_as_before(monkeypatch, key):
    odd = {
        "shifted": lambda *a: textbook.gradient_norm_by_lag(*a) + 0.017,
        "float32": lambda *a: textbook.gradient_norm_by_lag(*a).astype(np.float32),
        "NaN": lambda *a: textbook.gradient_norm_by_lag(*a) * np.nan,
        "a list": lambda *a: textbook.gradient_norm_by_lag(*a).tolist(),
        "raises": lambda *a: a[4],
        "nothing": lambda *a: None,
    }
    words = {what: told(find("gradient_norm_by_lag"), function) for what, function in odd.items()}
    bundle(monkeypatch, key)
    assert {what: told(find("gradient_norm_by_lag"), function) for what, function in odd.items()} == words
    assert len(set(words.values())) == len(odd)


def test_a_key_with_one_wrong_number_is_found_out(monkeypatch, tmp_path, key):
    """The comparisons above can fail."""
    values = {name: load(key.path, name) for name in _members(key)}
    values["clip_by_norm.cases"][0][2][0]["dWax"][0, 0] += 1e-6
    assert "4 of 4 points" in told(keyed_twin(key, "clip_by_norm"), textbook.clip_by_norm)
    bundle(monkeypatch, written(tmp_path, LESSON, dump(values)))
    assert "not right yet" in told(find("clip_by_norm"), textbook.clip_by_norm)


def test_a_key_with_its_suspects_in_another_order_is_found_out(monkeypatch, tmp_path, key):
    cause, name = find("clip_by_norm").mistakes[0].cause, "clip_by_norm"
    function = planted(find(name), find(name).mistakes[:1])
    values = {name: load(key.path, name) for name in _members(key)}
    suspects = values[f"{name}.suspects"]
    suspects["suspects"].insert(0, ([len(suspects["causes"]) - 1], suspects["suspects"][0][1]))
    assert cause[:40] in " ".join(told(keyed_twin(key, name), function).split())
    bundle(monkeypatch, written(tmp_path, LESSON, dump(values)))
    assert cause[:40] not in " ".join(told(find(name), function).split())


def _members(key):
    about = load(key.path, "about")
    names = [e["name"] for e in about["exercises"] if not e.get("undecided")]
    return ["about", *(f"{name}.{what}" for name in names for what in ("cases", "suspects"))]


# ---- earlier functions


def astray(name, number=0):
    """A mistake of another function, to be planted in one that calls it."""
    mistake = find(name).mistakes[number]
    return type(mistake)(mistake.cause, mistake.edits, name)


def test_a_wrong_function_of_an_earlier_lesson_is_blamed(monkeypatch, key):
    exercise = find("gradient_norm_by_lag")
    function = planted(exercise, [astray("rnn_cell_backward")])
    words = told(exercise, function)
    bundle(monkeypatch, key)
    assert told(find("gradient_norm_by_lag"), function) == words and "the fault is in" in words


SAME_LESSON = [("gru_forward", "gru_cell_forward", own) for own in (None, 7, 8, 12)]
SAME_LESSON += [("gru_backward", "gru_cell_backward", own) for own in (None, 3, 4, 9, 13)]


@pytest.mark.parametrize("name, inner, own", SAME_LESSON)
def test_a_wrong_function_of_the_same_lesson_is_blamed_from_recorded_calls(monkeypatch, tmp_path, name, inner, own):
    exercise = find(name)
    function = planted(exercise, [astray(inner), *(exercise.mistakes[n] for n in (own,) if n is not None)])
    words = told(exercise, function)
    bundle(monkeypatch, written(tmp_path, "06_gru"))
    monkeypatch.delattr(f"utils.reference.{inner}")
    assert told(find(name), function) == words
    assert (f"the fault is in {inner}" if own is None else f"Judged with the right {inner}") in " ".join(words.split())


@pytest.mark.parametrize(
    "own, wanted", [(9, "the state is overwritten in place"), (2, "ValueError: a_prev must have shape")]
)
def test_what_the_right_function_hands_back_or_raises_is_as_in_the_course(monkeypatch, tmp_path, own, wanted):
    function = planted(find("rnn_forward"), [find("rnn_forward").mistakes[own]])
    exec("def rnn_cell_forward(*args, **kwargs):\n    raise NotImplementedError", function.__globals__)
    words = told(find("rnn_forward"), function)
    bundle(monkeypatch, written(tmp_path, "01_rnn_cell"))
    assert told(find("rnn_forward"), function) == words and wanted in " ".join(words.split())


@pytest.mark.parametrize("inner, wanted", [("wrong", "not right yet"), ("a stub", "not written yet")])
def test_a_call_that_was_not_recorded_blames_nobody(monkeypatch, tmp_path, inner, wanted):
    exercise = find("gru_forward")
    scope = planted(exercise, [astray("gru_cell_forward")]).__globals__
    scope["passed_on"] = scope["gru_forward"]
    if inner == "a stub":
        exec("def gru_cell_forward(*args, **kwargs):\n    raise NotImplementedError", scope)
    mine = eval("lambda x, *more, **named: passed_on(1.1 * x, *more, **named)", scope)
    bundle(monkeypatch, written(tmp_path, "06_gru"))
    words = " ".join(told(find("gru_forward"), mine).split())
    assert wanted in words
    assert not any(word in words for word in ("gru_cell_forward", "stopped", "ikely cause"))


def test_a_recorded_function_answers_by_position_by_name_and_each_time_anew(tmp_path):
    recorded = written(tmp_path, "08_bidirectional").recorded("reverse_valid")
    case = next(iter(find("reverse_valid").cases(np.random.default_rng(0)).values()))
    with pytest.raises(keyed.Unrecorded, match="reverse_valid"):
        recorded(**case)
    for _, kwargs, *_ in load(tmp_path / "08_bidirectional.npz", "brnn_forward.cases"):
        given = {"x": kwargs["x"]} | ({"lengths": kwargs["lengths"]} if "lengths" in kwargs else {})
        if len(given) == 2:
            once, again = recorded(*given.values()), recorded(**given)
            assert np.array_equal(once, textbook.reverse_valid(**given)) and again is not once
            once[:] = 0
            assert np.array_equal(recorded(**given), again)
            break
    else:
        raise AssertionError("a case with lengths was expected")


# ---- what a key cannot decide


def test_the_grader_decides_where_cases_are_functions(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(notebook, "_results", {})
    bundle(monkeypatch, written(tmp_path, "00_start_here"))
    scope = {"check": notebook.check, "unfold": lambda f, s0, xs: [s0]}
    _run("check(unfold)", scope)
    progress("00")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("unfold: written. It is given functions") and "grader decides" in " ".join(lines[:2])
    assert [line for line in lines if line.startswith("unfold ")][0].endswith("your instructor's grader decides")
    assert lines[-1] == "0 of 3 right, 0 of 6 points."
    scope["unfold"] = _stub
    with pytest.raises(NotYet, match="unfold: not written yet. 0 of 2 points."):
        _run("check(unfold)", scope)


def _stub(f, s0, xs):
    raise NotImplementedError


def _run(text, scope, name="cell.py"):
    """Run a cell whose text can be found, as a notebook's can."""
    import linecache

    linecache.cache[name] = len(text), None, [text], name
    exec(compile(text, name, "exec"), scope)


def test_the_command_says_so_as_well(monkeypatch, tmp_path, root):
    path = root / "notebooks" / "00_start_here" / "00_start_here.ipynb"
    release = json.loads(path.read_text(encoding="utf-8"))
    answers = {name: inspect.getsource(getattr(textbook, name)) for name in ("one_hot", "softmax", "unfold")}
    mine = tmp_path / "00_start_here.ipynb"
    mine.write_text(json.dumps(compose(release, answers)), encoding="utf-8")
    bundle(monkeypatch, written(tmp_path, "00_start_here"))
    words, right = check_notebook(mine)
    assert right and words[-1].startswith("unfold: written.")
    assert [w.startswith("unfold: not written yet.") for w in check_notebook(path)[0]] == [False, False, True]


@pytest.mark.parametrize("name", ["CharLM", "to_torch_rnn", "from_torch", "train_epoch"])
def test_lesson_10_is_left_to_the_grader(monkeypatch, tmp_path, name):
    bundle(monkeypatch, written(tmp_path, "10_pytorch_gpu"))
    assert "It is made of PyTorch" in told(find(name), lambda *args, **kwargs: {})
    assert told(find(name), Inlined(_raise)).startswith(f"{name}: not written yet.")


def _raise(*args, **kwargs):
    raise NotImplementedError


def test_hints_and_questions_come_from_the_key(monkeypatch, tmp_path, key, capsys):
    bundle(monkeypatch, key)
    monkeypatch.setattr(notebook, "_hints_given", {})
    hint("clip_by_norm")
    quiz("left-out", "c")
    quiz("left-over", "c")
    quiz("state", "a")
    said = " ".join(capsys.readouterr().out.split())
    assert said.startswith("Hint 1 of 3. ") and "c: right. Forward nothing is cut" in said
    assert "did you mean left-out" in said and said.split(". ")[-1].startswith("There is no question state")


# ---- a key that is damaged, missing, of another version, for another release


def half(data):
    return data[: len(data) // 2]


def one_bit(data):
    return data[:5000] + bytes([data[5000] ^ 1]) + data[5001:]


DAMAGE = {"half": half, "empty": lambda data: b"", "a text": lambda data: b"nothing", "one bit": one_bit}


@pytest.mark.parametrize("what", DAMAGE)
def test_a_damaged_key_is_named_in_one_sentence(tmp_path, what):
    broken = written(tmp_path, LESSON, DAMAGE[what](content(LESSON)))
    with pytest.raises(CourseError) as caught:
        for name in _members(written(tmp_path / "..", LESSON)):
            broken.read(name)
    sentence = str(caught.value)
    assert sentence.startswith(f"Expected the answer key of a lesson in {broken.path}, but it cannot be read (")
    assert sentence.endswith("unzip the bundle over this folder once more.") and "\n" not in sentence


@pytest.mark.parametrize("change", [{"format": 0}, None])
def test_a_key_of_another_version_is_named_in_one_sentence(tmp_path, key, change):
    values = {"about": key.read("about") | change} if change else {"other": 1}
    strange = written(tmp_path, LESSON, dump(values))
    with pytest.raises(CourseError, match="not of this version of the course; unzip the bundle"):
        strange.EXERCISES  # noqa: B018


def test_no_key_at_all_is_told_in_one_sentence(monkeypatch, tmp_path):
    monkeypatch.setattr(exercises, "__path__", [str(tmp_path)])
    monkeypatch.setattr(exercises, "_lessons", exercises._lessons.__wrapped__)
    monkeypatch.setattr(exercises, "_keys", exercises._keys.__wrapped__)
    monkeypatch.setattr(exercises, "_by_name", exercises._by_name.__wrapped__)
    with pytest.raises(CourseError, match=f"Expected the answer key of a lesson in {tmp_path}, found none; unzip"):
        find("softmax")
    written(tmp_path, LESSON)
    written(tmp_path, "06_gru")
    assert {find(name).lesson for name in exercises.known()} == {"03", "06"}
    assert isinstance(exercises.right("gru_cell_forward"), keyed.Recorded)
    assert exercises.right("softmax").__module__.startswith("utils.reference")


@pytest.fixture
def released(monkeypatch, tmp_path, root):
    """A course folder with lesson 03 in notebooks/ and in work/; released(place, text) puts another notebook there."""
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    for place in ("notebooks", "work"):
        shutil.copytree(root / "notebooks" / LESSON, tmp_path / place / LESSON)

    def write(place, text):
        (tmp_path / place / LESSON / f"{LESSON}.ipynb").write_text(text, encoding="utf-8")

    return write


def of_release(root, release):
    path = root / "notebooks" / LESSON / f"{LESSON}.ipynb"
    document = json.loads(path.read_text(encoding="utf-8"))
    document["metadata"]["course"]["release"] = release
    return json.dumps(document)


@pytest.mark.parametrize("text, named", [("another", "0123abcd"), ("half", "none"), ("[]", "none")])
def test_a_key_for_another_release_is_refused_naming_both(monkeypatch, root, key, released, text, named):
    bundle(monkeypatch, key)
    wanted = keyed.release_of(root / "notebooks" / LESSON / f"{LESSON}.ipynb")[:8]
    released("notebooks", of_release(root, "0123abcd" * 8) if text == "another" else text)
    scope = {"check": notebook.check, "clip_by_norm": textbook.clip_by_norm, "__name__": "__main__"}
    mine = eval("lambda G, limit: clip_by_norm(G, limit)", dict(scope))
    with pytest.raises(NotYet) as caught:
        _run("check(clip_by_norm)", scope | {"clip_by_norm": mine})
    words = " ".join(str(caught.value).split())
    assert f"for release {wanted} of notebooks/{LESSON}/{LESSON}.ipynb, found {named}; unzip" in words
    assert "`python -m utils update 03`" in words
    with pytest.raises(CourseError, match=f"found {named}; unzip the bundle"):
        check_notebook(root / "notebooks" / LESSON / f"{LESSON}.ipynb")


def test_a_copy_of_an_older_release_is_checked_with_a_word_about_update(monkeypatch, root, key, released, capsys):
    bundle(monkeypatch, key)
    mine = eval("lambda G, limit: clip_by_norm(G, limit)", {"clip_by_norm": textbook.clip_by_norm})
    scope = {"check": notebook.check, "clip_by_norm": mine}
    _run("check(clip_by_norm)", scope)
    assert capsys.readouterr().out.startswith("clip_by_norm: 6 of 6 cases")
    released("work", of_release(root, "0123abcd" * 8))
    bundle(monkeypatch, keyed.Key(key.path))
    _run("check(clip_by_norm)", scope)
    *advice, verdict = capsys.readouterr().out.splitlines()
    assert "of another release than these checks; run `python -m utils update 03`" in " ".join(map(str.strip, advice))
    assert verdict.startswith("clip_by_norm: 6 of 6 cases")
    words, _ = check_notebook(paths.root() / "work" / LESSON / f"{LESSON}.ipynb")
    exercises = sum(one.lesson == "03" for one in map(find, known()))
    assert sum("of another release" in word for word in words) == 1 and len(words) == 1 + exercises


def test_the_same_key_is_made_twice():
    assert make("00_start_here", releases("00_start_here")) == make("00_start_here", releases("00_start_here"))
    (path,) = make("00_start_here", releases("00_start_here"))
    assert path == "utils/checking/exercises/00_start_here.npz"
