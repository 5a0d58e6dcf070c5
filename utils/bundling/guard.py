"""Before a bundle leaves the house: is any line of an answer in it?

A line of an answer is a line of code of the textbook or the reference of an exercise of this lesson or a later one, or
a line between BEGIN SOLUTION and END SOLUTION of these lessons' notebooks. Not counted are lines that the learner is
given anyhow (in the released notebook, in what checks say, in earlier lessons' answers), lines too short to say
anything, and those of SHARED.
"""

import ast
import io
import json
import re
import zipfile
from pathlib import Path

from utils.checking.exercises import find, known
from utils.errors import CourseError
from utils.grading.cut import Definition, Package
from utils.grading.reduced import place_of, reference_of
from utils.paths import pick_notebooks

from .package import Lesson

SHORT = 12  # characters: `return x, y` says nothing
# What a line of an answer may be word for word although nothing of the answer is in it.
SHARED = {
    # loops, errors and bookkeeping
    "return result",
    "except ValueError:",
    'with np.errstate(divide="ignore"):',
    "expect_rng(rng)",
    "c, states = c0, []",
    "states.append(c)",
    "optimizer.zero_grad()",
    # of lesson 06, whose learners write it as c_next = gate_u * c_tilde + (1 - gate_u) * c_prev; lesson 10 compares
    "c = gate_u * c_tilde + (1 - gate_u) * c",
}
_REGION = re.compile(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", re.DOTALL)


def expect_no_answers(lesson: Lesson, files: dict[str, bytes]) -> None:
    """CourseError that names a file and the first line of an answer in it."""
    secret = answer_lines(lesson)
    for path, content in files.items():
        if leaked := sorted(leaks(secret, path, content)):
            raise CourseError(
                f"A bundle of {lesson.name} without answers was expected; {path} has the line {leaked[0]!r} of one "
                f"({len(leaked)} in all): write it another way there, or leave that file out."
            )


def answer_lines(lesson: Lesson) -> set[str]:
    """The lines that must not be in the bundle of a lesson."""
    package = Package(lesson.checkout / "utils")
    notebooks = pick_notebooks(lesson.checkout / "solutions", ".ipynb")
    secret, given = set(), set()
    for name in known():
        hidden = name in lesson.own or name in lesson.later
        textbook = find(name).textbook
        for one in (reference_of(name), place_of(textbook)):
            (secret if hidden else given).update(_code_lines(package, package.home(one)))
    for path in notebooks:
        (secret if path.parent.name >= lesson.name else given).update(_regions(path))
    for path in lesson.releases:
        given |= lines(path.name, path.read_bytes())
    said = words_of_checks(lesson)
    return {line for line in secret - given if line not in said}


def words_of_checks(lesson: Lesson) -> str:
    """What checks say in words: hints, without the last, which a bundle leaves out, and causes of mistakes."""
    own = [find(name) for name in lesson.own]
    return "\n".join(text for e in own for text in (*e.hints[:-1], *(mistake.cause for mistake in e.mistakes)))


def _code_lines(package: Package, one: Definition) -> set[str]:
    """The lines of a function or class, without its head and its docstring."""
    module = package.module(one[0])
    node = module.places[one[1]]
    found = module.text.splitlines()[node.body[0].lineno - 1 : node.end_lineno]
    if ast.get_docstring(node) is not None:
        found = module.text.splitlines()[node.body[0].end_lineno : node.end_lineno]
    return _telling(found)


def _regions(path: Path) -> set[str]:
    """What the build takes out of a solved notebook."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    regions = (part for cell in cells for part in _REGION.findall("".join(cell["source"])))
    return _telling(line for part in regions for line in part.split("\n"))


def leaks(secret: set[str], path: str, content: bytes) -> set[str]:
    """Which of these lines a file holds: as a line of a text, or anywhere in a file of data, or a member of one."""
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return set().union(*(leaks(secret, name, archive.read(name)) for name in archive.namelist()))
    if path.endswith((".py", ".ipynb", ".md", ".toml")):
        return secret & lines(path, content)
    text = content.decode("utf-8", errors="replace")
    return {line for line in secret if line in text or json.dumps(line)[1:-1] in text}


def lines(path: str, content: bytes) -> set[str]:
    """The telling lines of a text, or of each cell of a notebook."""
    if path.endswith(".ipynb"):
        return _telling(line for cell in json.loads(content)["cells"] for line in "".join(cell["source"]).split("\n"))
    return _telling(content.decode("utf-8", errors="replace").splitlines())


def _telling(found) -> set[str]:
    stripped = (line.partition("  #")[0].strip() for line in found)
    return {line for line in stripped if len(line) > SHORT and not line.startswith("#")} - SHARED
