"""Pure functions on a learner's notebook and a release of it, both plain JSON: join the two, put one cell back."""

import copy
import hashlib
import re

# the ids that the build gives to cells without a grade_id; Jupyter's own ids never look like this
MADE_BY_BUILD = re.compile(r"(code|markdown|raw)-([0-9a-f]{12})(--\d+)?")


def put_back(notebook: dict, release: dict, name: str) -> str | None:
    """Replace the cell `name` by the release's, in place; its old source, or None when it was missing and is added."""
    stub = copy.deepcopy(named(release, name))
    here = [k for k, cell in enumerate(notebook["cells"]) if grade_id(cell) == name]
    if here:
        old = source(notebook["cells"][here[0]])
        notebook["cells"][here[0]] = stub
        return old
    keys = [_key(cell) for cell in release["cells"]]
    above = set(keys[: keys.index(name)])
    before = [k for k, cell in enumerate(notebook["cells"]) if _key(cell) in above]
    notebook["cells"].insert(before[-1] + 1 if before else 0, stub)
    return None


def merge(release: dict, mine: dict) -> dict:
    """The release with everything of mine that its author did not write: answers, edits, cells of my own, outputs.

    Answers go by grade_id. A cell of the release that I edited keeps my text when the new release still has that cell,
    and else stays as a cell of my own, below the cell it stood below. Untouched cells are the new release's.
    """
    merged = copy.deepcopy(release)
    place = {_key(cell): cell for cell in merged["cells"]}
    extras: dict[str, list[dict]] = {}
    anchor, taken = "", set()
    for cell in mine["cells"]:
        key, target = _key(cell), place.get(_key(cell))
        if target is not None and key not in taken:
            anchor = key
            taken.add(key)
            _keep(cell, target)
        elif not _untouched(cell) and not _locked(cell):
            extras.setdefault(anchor, []).append(_own(cell))
    cells = extras.get("", [])[:]
    for cell in merged["cells"]:
        cells += [cell, *extras.get(_key(cell), [])]
    merged["cells"] = _distinct(cells)
    return merged


def _keep(cell: dict, target: dict) -> None:
    """Write my text, and my outputs where they belong to that text, into the new release's cell."""
    if not _locked(target) and not _untouched(cell):
        target["source"] = cell["source"]
    if target["cell_type"] == cell["cell_type"] == "code" and source(target) == source(cell):
        target["outputs"], target["execution_count"] = cell.get("outputs", []), cell.get("execution_count")


def _untouched(cell: dict) -> bool:
    """Whether a cell is as a release had it: by its checksum for an answer, by its id for any other cell."""
    mark = _mark(cell)
    blank = mark.get("checksum") or cell["metadata"].get("course", {}).get("blank")
    if blank:
        return blank == checksum(cell)
    made = MADE_BY_BUILD.fullmatch(cell.get("id", ""))
    return bool(made) and made[2] == hashlib.sha256(source(cell).encode()).hexdigest()[:12]


def checksum(cell: dict) -> str:
    """nbgrader's checksum of a cell, which it stores in the released notebook."""
    mark, grade, solution = _mark(cell), _mark(cell).get("grade", False), _mark(cell).get("solution", False)
    words = [source(cell), cell["cell_type"], str(grade), str(solution), str(_locked(cell)), mark["grade_id"]]
    if grade:
        words.append(str(float(mark["points"])))
    return hashlib.md5("".join(words).encode(), usedforsecurity=False).hexdigest()


def _own(cell: dict) -> dict:
    """A cell as the learner's own: without nbgrader's marks, which must not come twice, and with an id of its own."""
    kept = copy.deepcopy(cell)
    for key in ("nbgrader", "course", "deletable", "editable"):
        kept["metadata"].pop(key, None)
    if grade_id(cell) or MADE_BY_BUILD.fullmatch(cell.get("id", "")):
        kept["id"] = "own-" + hashlib.sha256(source(cell).encode()).hexdigest()[:12]
    return kept


def _distinct(cells: list[dict]) -> list[dict]:
    """The cells, with a number behind an id that came before; Jupyter refuses two equal ones."""
    seen: dict[str, int] = {}
    for cell in cells:
        name = cell.get("id", "own")
        seen[name] = seen.get(name, 0) + 1
        if seen[name] > 1:
            cell["id"] = f"{name[:56]}-{seen[name]}"
    return cells


def _mark(cell: dict) -> dict:
    return cell["metadata"].get("nbgrader", {})


def same(one: dict, other: dict) -> bool:
    """Whether two notebooks are of one release and say the same; what an editor adds to the metadata does not count."""
    releases = [notebook["metadata"].get("course") for notebook in (one, other)]
    said = [[(_key(cell), cell["cell_type"], source(cell)) for cell in notebook["cells"]] for notebook in (one, other)]
    return releases[0] == releases[1] and said[0] == said[1]


def grade_id(cell: dict) -> str:
    """A cell's grade_id, empty for a cell without."""
    return _mark(cell).get("grade_id", "")


def _key(cell: dict) -> str:
    return grade_id(cell) or cell.get("id", "")


def _locked(cell: dict) -> bool:
    mark = _mark(cell)
    return not mark.get("solution") and bool(mark.get("grade") or mark.get("locked"))


def source(cell: dict) -> str:
    """A cell's source in one piece; files hold it as a list of lines."""
    return cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])


def named(notebook: dict, name: str) -> dict:
    """The first cell with that grade_id."""
    return next(cell for cell in notebook["cells"] if grade_id(cell) == name)
