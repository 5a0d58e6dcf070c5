"""The house: what README promises exists, and the guards over every test run are seen to strike."""

import ast
import os
import re
import subprocess
import sys
import tomllib

import pytest

from utils import cli, selftest

TARGET = re.compile(r"^([a-z0-9]+):", re.MULTILINE)


def make(folder, *arguments):
    return subprocess.run(["make", *arguments], cwd=folder, text=True, capture_output=True)


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "utils/bootstrap.py", "tests/sample_class/README.md"])
def test_every_command_that_is_named_exists(root, page):
    text = (root / page).read_text(encoding="utf-8")
    targets = TARGET.findall((root / "Makefile").read_text(encoding="utf-8"))
    named = re.findall(r"(?:`|^ *)make ([a-z0-9]+)", text, re.MULTILINE)
    asked = re.findall(r"python -m utils ([a-z]+)", text)
    assert set(named) <= set(targets)
    assert set(asked) <= set(cli.COMMANDS)
    if page == "README.md":
        assert {"course", "test", "lab"} <= set(named)


def test_every_make_target_calls_a_command_that_exists(root):
    text = (root / "Makefile").read_text(encoding="utf-8")
    called = re.findall(r"\$\(RUN\) ([a-z]+)", text)
    assert called and set(called) <= set(cli.COMMANDS)


def test_make_alone_lists_every_target(root):
    ended = make(root)
    targets = TARGET.findall((root / "Makefile").read_text(encoding="utf-8"))
    assert ended.returncode == 0
    assert re.findall(r"^  make ([a-z0-9]+)", ended.stdout, re.MULTILINE) == targets


def test_make_without_a_python_is_one_sentence(root):
    ended = make(root, "doctor", "PYTHON=")
    assert ended.returncode != 0
    assert "needs Python 3.11 or newer and found none: install it from python.org" in ended.stderr
    assert ended.stderr.count("\n") == 1


def functions_of_the_maths(root):
    """(file:name, node) of every function in the reference and the textbook, methods and inner ones included."""
    for path in sorted((root / "utils").glob("reference/*.py")) + sorted((root / "utils").glob("textbook/*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                yield f"{path.parent.name}/{path.name}:{node.name}", node


def body_lines(node):
    """How many lines a function's body has, without its docstring."""
    body = node.body[1:] if ast.get_docstring(node) else node.body
    return body[-1].end_lineno - body[0].lineno + 1 if body else 0


def test_no_function_of_the_maths_is_longer_than_a_screen(root):
    lengths = {name: body_lines(node) for name, node in functions_of_the_maths(root)}
    assert len(lengths) > 150
    assert {name: lines for name, lines in lengths.items() if lines > 40} == {}


def test_the_maths_knows_numpy_and_nothing_else(root):
    for folder in ("reference", "textbook"):
        for path in (root / "utils" / folder).glob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    assert [alias.name for alias in node.names] == ["numpy"], path
                elif isinstance(node, ast.ImportFrom):
                    assert node.level == 1, f"{path} imports from {node.module}"


def test_each_version_is_pinned_once(root):
    lines = [line for line in (root / "constraints.txt").read_text().splitlines() if line and line[0] != "#"]
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+", line) for line in lines)
    names = [line.split("==")[0].lower().replace("_", "-") for line in lines]
    assert len(names) == len(set(names))
    assert "torch==2.13.0" in lines


def test_every_package_that_is_asked_for_is_pinned(root):
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [*project["dependencies"], *(line for extra in project["optional-dependencies"].values() for line in extra)]
    pinned = {line.split("==")[0].lower() for line in (root / "constraints.txt").read_text().splitlines()}
    assert {re.match(r"[\w-]+", line)[0].lower() for line in asked} - {
        name.replace("_", "-") for name in pinned
    } == set()


def test_conda_users_get_the_same_list(root):
    text = (root / "environment.yml").read_text(encoding="utf-8")
    assert "constraints.txt" in text and not re.search(r"(numpy|matplotlib|jupyterlab|nbgrader)", text)


def run_pytest(root, folder, *arguments, **environment):
    """pytest with the project's guards in a folder of its own."""
    (folder / "conftest.py").write_text((root / "conftest.py").read_text(encoding="utf-8"), encoding="utf-8")
    clean = {name: value for name, value in os.environ.items() if name != "CI"}
    if "--nbval" not in arguments:
        clean["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # twice as fast
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments]
    return subprocess.run(command, cwd=folder, text=True, capture_output=True, env=clean | environment)


def test_a_skipped_test_fails_ci_and_only_ci(root, tmp_path):
    (tmp_path / "test_one.py").write_text("import pytest\ndef test_a(): pytest.skip('later')\ndef test_b(): pass\n")
    assert run_pytest(root, tmp_path).returncode == 0
    ended = run_pytest(root, tmp_path, CI="true")
    assert ended.returncode == 1
    assert "these skipped tests fail the run: test_one.py::test_a" in ended.stdout


def test_an_expected_failure_is_no_skip(root, tmp_path):
    (tmp_path / "test_one.py").write_text("import pytest\n@pytest.mark.xfail\ndef test_a(): assert False\n")
    assert run_pytest(root, tmp_path, CI="true").returncode == 0


def test_a_notebook_that_was_never_executed_fails(root, tmp_path):
    import nbformat

    one = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1 + 1")])
    one.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(one, tmp_path / "one.ipynb")
    ended = run_pytest(root, tmp_path, "--nbval", "--nbval-current-env", str(tmp_path))
    assert ended.returncode not in (0, 5)
    assert "one.ipynb was not executed from top to bottom" in ended.stdout + ended.stderr


def test_a_failing_step_fails_the_whole(monkeypatch, capfd):
    monkeypatch.setattr(selftest, "STEPS", {"good": ["-c", "pass"], "bad": ["-c", "raise SystemExit(3)"]})
    assert selftest.main([]) == 1
    shown = capfd.readouterr().out
    assert "FAILED (exit code 3)" in shown and re.search(r"good +\d+\.\d  passed", shown)
    assert selftest.main(["good"]) == 0


def test_an_unknown_step_names_the_nearest(course):
    ended = course("test", "pytests")
    assert ended.returncode == 1
    assert ended.stderr.startswith("There is no step 'pytests' (did you mean pytest?)")


def test_ci_runs_what_a_person_runs(root):
    script = (root / ".ci" / "run").read_text(encoding="utf-8")
    assert os.access(root / ".ci" / "run", os.X_OK)
    assert "set -euo pipefail" in script and re.search(r"^make test$", script, re.MULTILINE)
    workflow = (root / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")
    assert workflow.count(".ci/run") == 2 and "cron" in workflow


def test_the_newest_versions_are_tried_beside_the_tested_ones(root):
    """The weekly job leaves constraints.txt as it is; its own file holds torch alone, at the tested version."""
    workflow = (root / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")
    assert "constraints.txt" not in workflow
    name = re.search(r"^ +COURSE_CONSTRAINTS: (\S+)$", workflow, re.MULTILINE)[1]
    lines = (root / name).read_text(encoding="utf-8").splitlines()
    held = [line for line in lines if not line.startswith("#")]
    tested = (root / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert held == [line for line in tested if line.startswith("torch==")] and len(held) == 1


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "data/README.md"])
def test_no_link_leads_nowhere(root, page):
    text = (root / page).read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)\s]+)\)", text) if not link.startswith(("http", "#"))]
    assert [link for link in links if not ((root / page).parent / link).exists()] == []
