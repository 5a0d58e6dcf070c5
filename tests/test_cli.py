"""The table of commands, and what a person reads when something is wrong with a command line."""

import ast
import importlib
import os
import shutil
import subprocess
import sys
import sysconfig
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


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (PermissionError(13, "Permission denied", "/opt/python"), "/opt/python (Permission denied)"),
        (OSError(28, "No space left on device"), "a file or program (No space left on device)"),
        (shutil.Error([("a", "b", "it is\nfull")]), "a file or program ([('a', 'b', 'it is\\nfull')])"),
        (OSError(), "a file or program (OSError)"),
    ],
)
def test_what_the_system_refuses_is_one_sentence(monkeypatch, capsys, error, words):
    def fail(arguments):
        raise error

    monkeypatch.setattr(cli, "find", lambda name: fail)
    assert cli.main(["course"]) == 1
    said = f"`python -m utils course` stopped at {words}: mend that, then run it again.\n"
    assert capsys.readouterr() == ("", said)


def test_a_program_that_may_not_be_run_is_named(monkeypatch, capsys, tmp_path):
    (tmp_path / "python").write_text("")
    monkeypatch.setattr(cli, "find", lambda name: lambda arguments: subprocess.call([str(tmp_path / "python")]))
    assert cli.main(["lab"]) == 1
    assert f"stopped at {tmp_path / 'python'} (Permission denied)" in capsys.readouterr().err


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


def test_commands_find_the_tools_where_conda_keeps_them(monkeypatch):
    monkeypatch.setenv("PATH", "/somewhere")
    monkeypatch.setattr(sysconfig, "get_path", lambda name: {"scripts": "/conda/Scripts"}[name])
    cli.tools_first()
    assert os.environ["PATH"].split(os.pathsep) == [str(Path(sys.executable).parent), "/conda/Scripts", "/somewhere"]
