"""What Sphinx reads: a page from README, one from NOTATION, and every notebook twice, as released and as solved.

No text has a second home. What a page needs beyond what is written elsewhere stands here and is a few lines long.
"""

import json
import posixpath
import re
import shutil
import tomllib
from pathlib import Path

from utils.errors import CourseError
from utils.paths import pick_notebooks, root, write_atomic

from .notebooks import released, solved

LINK = re.compile(r"(\]\()([^)#\s]+)((?:#[^)\s]*)?\))")
SAID_OF_LINKS = "The links lead to the solved notebooks. `make lab` opens the ones to be solved."
SAID_HERE = """The links lead to the lessons as you get them. `make lab` opens them on your machine, and the button at
the top of each opens it in Google Colab. The [solved notebooks](solutions/index.md) show the answers."""
END = """
## Beside the lessons

- [Notation](NOTATION.md): the symbols, on one page.
- [Solutions](solutions/index.md): every lesson solved, with all that it prints and draws.
- For instructors: [a class report](examples/report/index.html){{.external}} and
  [a feedback page](examples/feedback.html){{.external}}, made from an invented class.
- [The repository]({repository}): the course itself, and how it is graded.
"""
CONTENTS = """
```{{toctree}}
:hidden:
:caption: {caption}
{pages}
```
"""
SOLUTIONS = """# Solutions

These pages show the answers: every lesson solved, with all that its cells print and draw. Try a lesson before you look.

{links}
"""


def repository() -> str:
    """Where the course lives, from pyproject.toml, the one place that says it. CourseError where it does not."""
    project = tomllib.loads((root() / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    try:
        return project["urls"]["Repository"].rstrip("/")
    except KeyError:
        raise CourseError("pyproject.toml names no Repository under [project.urls]: put its address there.") from None


def lay_out(source: Path) -> Path:
    """Write the folder that Sphinx reads; what has not changed is not touched. Returns the folder."""
    texts, pictures, address = {}, {}, repository()
    lessons = notebook_pairs()
    for release, solution in lessons:
        name = f"{release.parent.name}/{release.name}"
        texts[f"lessons/{name}"] = as_text(released(read(release), name, address))
        texts[f"solutions/{name}"] = as_text(solved(read(solution), name))
        for kind, notebook in (("lessons", release), ("solutions", solution)):
            for figure in sorted((notebook.parent / "figures").glob("*.svg")):
                pictures[f"{kind}/{notebook.parent.name}/figures/{figure.name}"] = figure
    texts["index.md"] = index([release for release, _ in lessons], address)
    texts["NOTATION.md"] = (root() / "NOTATION.md").read_text(encoding="utf-8")
    texts["solutions/index.md"] = solutions([solution for _, solution in lessons])
    pictures |= {name: root() / name for name in re.findall(r"\]\((solutions/\S+\.svg)\)", texts["index.md"])}
    put(source, texts, pictures)
    return source


def notebook_pairs() -> list[tuple[Path, Path]]:
    """(released, solved) of every lesson, in order. CourseError, naming it, where one is missing."""
    texts = pick_notebooks(root() / "solutions", ".py")
    pairs = [
        (root() / "notebooks" / text.parent.name / f"{text.stem}.ipynb", text.with_suffix(".ipynb")) for text in texts
    ]
    for notebook in (path for pair in pairs for path in pair):
        if not notebook.is_file():
            raise CourseError(f"{notebook.relative_to(root())} is missing: `python -m utils build` makes it.")
    return pairs


def read(notebook: Path) -> dict:
    """A notebook as JSON. CourseError where it is none."""
    try:
        return json.loads(notebook.read_text(encoding="utf-8"))
    except ValueError as error:
        raise CourseError(
            f"{notebook.relative_to(root())} is no notebook ({error}): `python -m utils build --force` makes it anew."
        ) from error


def as_text(notebook: dict) -> str:
    return json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True)


def index(releases: list[Path], address: str) -> str:
    """The first page: what README says to a learner, its links turned to the pages here, and the contents."""
    text = (root() / "README.md").read_text(encoding="utf-8").partition("\n## For instructors")[0]
    if text.count(SAID_OF_LINKS) != 1:
        raise CourseError(f"README.md no longer says {SAID_OF_LINKS!r}: give utils/site/sources.py its new words.")
    text = text.replace(SAID_OF_LINKS, SAID_HERE)
    text = LINK.sub(lambda found: found[1] + target(found[2], address) + found[3], text)
    lessons = "\n".join(f"lessons/{path.parent.name}/{path.stem}" for path in releases)
    return "".join(
        [
            f"{text}\n{END.format(repository=address)}",
            CONTENTS.format(caption="Lessons", pages=lessons),
            CONTENTS.format(caption="Beside the lessons", pages="NOTATION\nsolutions/index"),
        ]
    )


def target(link: str, address: str) -> str:
    """Where a link of README leads on the site: a lesson, a page that is here, or the file in the repository."""
    if ":" in link or link in ("NOTATION.md", "solutions/index.md") or link.endswith(".svg"):
        return link
    if link.startswith("solutions/") and link.endswith(".ipynb"):
        return link.replace("solutions/", "lessons/", 1)
    return f"{address}/blob/main/{posixpath.normpath(link)}"


def solutions(notebooks: list[Path]) -> str:
    """The one page that leads to the solved notebooks."""
    return SOLUTIONS.format(links="\n".join(f"- [](/solutions/{path.parent.name}/{path.name})" for path in notebooks))


def put(source: Path, texts: dict[str, str], pictures: dict[str, Path]) -> None:
    """Bring a folder to hold these files and no others; a file that is as it should be keeps its time."""
    wanted = {name: text.encode() for name, text in texts.items()}
    wanted |= {name: path.read_bytes() for name, path in pictures.items()}
    for path in [path for path in source.rglob("*") if path.is_file()]:
        if path.relative_to(source).as_posix() not in wanted:
            path.unlink()
    for name, content in wanted.items():
        path = source / name
        if not path.is_file() or path.read_bytes() != content:
            write_atomic(path, content)
    for folder in sorted((path for path in source.rglob("*") if path.is_dir()), reverse=True):
        if not any(folder.iterdir()):
            shutil.rmtree(folder)
