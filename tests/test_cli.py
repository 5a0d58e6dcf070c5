"""The table of commands, and what a person reads when something is wrong with a command line."""

import ast
import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from utils import cli
from utils.errors import CourseError


def test_every_command_exists():
    for name, (place, help_line) in cli.COMMANDS.items():
        module, _, function = place.partition(":")
        assert callable(getattr(importlib.import_module(module), function)), name
        assert help_line, name


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_explains_itself(name, capsys):
    with pytest.raises(SystemExit) as end:
        cli.find(name)(["--help"])
    assert end.value.code == 0
    assert f"python -m utils {name}" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [[], ["--help"], ["-h"], ["help"]])
def test_help_lists_every_command(arguments, capsys):
    assert cli.main(arguments) == 0
    shown = capsys.readouterr().out
    assert all(f"  {name} " in shown for name in cli.COMMANDS)


def test_an_unknown_command_names_the_nearest(course):
    ended = course("corse")
    assert ended.returncode == 1
    assert ended.stderr == "There is no command 'corse' (did you mean course?); `python -m utils` lists them all.\n"
    assert ended.stdout == ""


def test_a_course_error_is_one_sentence(monkeypatch, capsys):
    def fail(arguments):
        raise CourseError("The tea is cold: boil water.")

    monkeypatch.setattr(cli, "find", lambda name: fail)
    assert cli.main(["doctor"]) == 1
    assert capsys.readouterr().err == "The tea is cold: boil water.\n"


@pytest.mark.parametrize(
    ("package", "extra"), [("nbgrader", "grade"), ("jupytext", "dev"), ("jupyterlab.labapp", "lab")]
)
def test_a_missing_package_names_its_extra(monkeypatch, capsys, package, extra):
    def fail(arguments):
        raise ModuleNotFoundError(f"No module named '{package}'", name=package)

    monkeypatch.setattr(cli, "find", lambda name: fail)
    assert cli.main(["build"]) == 1
    words = capsys.readouterr().err
    assert package.split(".")[0] in words and f'pip install -e ".[{extra}]"' in words and words.count("\n") == 1


def test_a_gap_in_our_own_code_is_not_blamed_on_the_person(monkeypatch):
    def fail(arguments):
        raise ModuleNotFoundError("No module named 'utils.gone'", name="utils.gone")

    monkeypatch.setattr(cli, "find", lambda name: fail)
    with pytest.raises(ModuleNotFoundError):
        cli.main(["build"])


def test_an_interrupt_is_no_traceback(monkeypatch, capsys):
    def interrupt(arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "find", lambda name: interrupt)
    assert cli.main(["course"]) == 130
    assert "interrupted" in capsys.readouterr().err


def test_output_into_a_closed_pipe_is_quiet(root):
    ended = subprocess.run(
        f"'{sys.executable}' -m utils doctor | true", shell=True, cwd=root, text=True, capture_output=True
    )
    assert ended.stderr == ""


def test_the_entry_speaks_to_an_old_python(root):
    text = (root / "utils" / "__main__.py").read_text(encoding="utf-8")
    ast.parse(text, feature_version=(3, 6))
    ast.parse((root / "utils" / "__init__.py").read_text(encoding="utf-8"), feature_version=(3, 6))
    old = f"import sys; sys.version_info = (3, 6, 9); exec({text!r})"
    ended = subprocess.run([sys.executable, "-c", old], cwd=root, text=True, capture_output=True)
    assert ended.returncode == 1
    assert "needs Python 3.11 or newer and this is Python 3.6" in ended.stderr and ended.stderr.count("\n") == 1


def test_commands_find_the_tools_beside_python_first(monkeypatch):
    monkeypatch.setenv("PATH", "/somewhere")
    cli.tools_first()
    assert os.environ["PATH"].split(os.pathsep)[0] == str(Path(sys.executable).parent)
