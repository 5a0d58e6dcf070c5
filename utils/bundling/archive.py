"""All files of a bundle, and the zip that holds them: the same bytes whenever and wherever it is made."""

import io
import json
import zipfile
from pathlib import Path

from . import answer_key, guard, leaflet
from .package import COMMANDS, Lesson, contents
from .recording import recordings

TOP = "rnn-course"  # always the same, so that a newer bundle is unzipped over an older one
AS_THEY_ARE = ("LICENSE", "LICENSE-TEXT")
EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip can name


def files(lesson: Lesson) -> dict[str, bytes]:
    """Path below rnn-course/ -> content. CourseError where a line of a solution would be given away."""
    package, recorded = contents(lesson)
    found = {path: text.encode() for path, text in package.items()}
    found |= answer_key.make(lesson.name, lesson.releases)
    if results := recordings(lesson.checkout / "solutions" / lesson.name, recorded):
        found[f"utils/bundling/results/{lesson.name}.bin"] = results
    released = lesson.checkout / "notebooks" / lesson.name
    for folder in (released, lesson.checkout / "data"):
        found |= {path.relative_to(lesson.checkout).as_posix(): path.read_bytes() for path in _below(folder)}
    found |= {name: (lesson.checkout / name).read_bytes() for name in AS_THEY_ARE}
    found["README.md"] = leaflet.readme(_title(lesson), lesson.number, COMMANDS).encode()
    project = (lesson.checkout / "pyproject.toml").read_text(encoding="utf-8")
    found["pyproject.toml"] = leaflet.pyproject(project, lesson.number).encode()
    found["nbgrader_config.py"] = leaflet.NBGRADER.encode()
    guard.expect_no_answers(lesson, found)
    return dict(sorted(found.items()))


def zipped(found: dict[str, bytes]) -> bytes:
    """A zip with these files in one folder."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for path, content in sorted(found.items()):
            member = zipfile.ZipInfo(f"{TOP}/{path}", EPOCH)
            member.create_system = 3  # Unix, whatever this machine is: permissions mean the same everywhere
            member.external_attr = 0o644 << 16
            archive.writestr(member, content, zipfile.ZIP_DEFLATED, 9)
    return stream.getvalue()


def _below(folder: Path) -> list[Path]:
    """The files of a folder, without hidden ones."""
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    return [path for path in found if not any(part.startswith(".") for part in path.relative_to(folder).parts)]


def _title(lesson):
    """The heading of the lesson's first notebook."""
    cells = json.loads(lesson.releases[0].read_text(encoding="utf-8"))["cells"]
    heads = (line for cell in cells for line in "".join(cell["source"]).splitlines() if line.startswith("# "))
    return next(heads, f"# {lesson.name}")[2:]
