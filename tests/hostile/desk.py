"""A desk at which a submission is made: the released notebooks of a lesson, to be answered, spoilt and handed in."""

import copy
import functools
import json
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from utils.checking.exercises import find
from utils.grading.known import exercise
from utils.grading.sample import grade_id, position

ROOT = Path(__file__).resolve().parents[2]
ONE, TWO, SEVEN, TEN = "01_rnn_cell", "02_bptt", "07_lstm", "10_pytorch_gpu"


@dataclass(frozen=True)
class Attack:
    """One submission. name: also the student's. earns: exercise -> points of its honest part (left out: 0).

    make writes the submission at a desk; then: a second one, handed in after the first was graded. why: one line for
    the table. quick: part of the set that `make test` runs.
    """

    name: str
    group: str
    lesson: str
    make: Callable
    earns: dict[str, float]
    why: str
    quick: bool = False
    then: Callable | None = None


def attack(name, why, make, *right, lesson=ONE, quick=False, then=None, earns=None):
    """An attack of the group that its name begins with. right: exercises that are answered well beside it, and earned.

    earns: only where it is something else that is earned.
    """

    def made(desk):
        desk.right(*right)
        make(desk)

    points = {name: find(name).points for name in right} if earns is None else earns
    return Attack(name, name.partition("-")[0], lesson, made, points, why, quick, then)


@functools.cache
def notebooks(folder: str, lesson: str) -> dict[str, dict]:
    """The notebooks of a lesson in `notebooks` or `solutions`, by name. Not to be changed."""
    paths = sorted((ROOT / folder / lesson).glob("*.ipynb"))
    return {path.name: json.loads(path.read_text(encoding="utf-8")) for path in paths}


@functools.cache
def solution(name: str) -> str:
    """The answer of our solution to an exercise, as a learner would have written it."""
    for path in sorted((ROOT / "solutions").glob(f"{find(name).lesson[:2]}_*")):
        for notebook in notebooks("solutions", path.name).values():
            for cell in notebook["cells"]:
                if grade_id(cell) == name:
                    lines = "".join(cell["source"]).split("\n")
                    return "\n".join(line for line in lines if "### BEGIN" not in line and "### END" not in line)
    raise KeyError(name)


@functools.cache
def written_in_code(lesson: str) -> tuple[str, ...]:
    """The names of a lesson's exercises that have a check, in the order of its notebooks."""
    cells = [cell for notebook in notebooks("notebooks", lesson).values() for cell in notebook["cells"]]
    return tuple(exercise(grade_id(cell)) for cell in cells if grade_id(cell).endswith("-check"))


def code(source: str, tags=()) -> dict:
    """A code cell of a student's own."""
    source = textwrap.dedent(source).strip("\n")
    metadata = {"tags": list(tags)} if tags else {}
    return {"cell_type": "code", "execution_count": None, "metadata": metadata, "outputs": [], "source": source}


@dataclass
class Desk:
    """books: the notebooks that are handed in, as dicts; what is written by `write` is handed in as it is.

    places: words that stand in a source between @ signs, such as @COURSE@: where things are outside.
    """

    folder: Path
    lesson: str
    places: dict[str, str] = field(default_factory=dict)

    def __post_init__(self):
        self.books = copy.deepcopy(notebooks("notebooks", self.lesson))

    @property
    def book(self) -> dict:
        """The first notebook."""
        return next(iter(self.books.values()))

    def cells(self):
        """All cells of all notebooks."""
        return [cell for book in self.books.values() for cell in book["cells"]]

    def cell(self, name: str) -> dict:
        """The cell of that grade id."""
        return next(cell for cell in self.cells() if grade_id(cell) == name)

    def book_of(self, name: str) -> dict:
        """The notebook that holds the cell of that grade id."""
        return next(book for book in self.books.values() if any(grade_id(cell) == name for cell in book["cells"]))

    def answer(self, name: str, source: str) -> None:
        """Write into an answer cell."""
        self.cell(name)["source"] = self.fill(textwrap.dedent(source).strip("\n"))

    def right(self, *names: str) -> None:
        """Answer these exercises well."""
        for name in names:
            self.answer(name, solution(name))

    def own(self, source: str, before: str = "", after: str = "", notebook: int = 0, tags=()) -> None:
        """Put in a cell of one's own: before or after the cell of a grade id, else behind the first setup cell."""
        cells = (
            self.book_of(before or after)["cells"] if before or after else list(self.books.values())[notebook]["cells"]
        )
        if before or after:
            place = position(cells, before or after, self.lesson) + bool(after)
        else:
            place = next(i for i, cell in enumerate(cells) if "setup" in cell["metadata"].get("tags", [])) + 1
        cells.insert(place, code(self.fill(source), tags))

    def fill(self, source: str) -> str:
        """The source with what is outside in place of @NAMES@."""
        for word, value in self.places.items():
            source = source.replace(f"@{word}@", value)
        return source

    def write(self, name: str, content: bytes) -> Path:
        """Hand in a file as it is, in place of the notebook of that name where there is one."""
        self.books.pop(name, None)
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def raw(self, name: str) -> bytes:
        """A notebook as it stands now, as bytes."""
        return json.dumps(self.books[name], indent=1, ensure_ascii=False).encode()

    def hand_in(self) -> None:
        """Write the notebooks that are left."""
        for name in list(self.books):
            self.write(name, self.raw(name))


def submit(attack: Attack, submitted: Path, places: dict[str, str], second=False) -> None:
    """Make a submission in submitted/STUDENT/LESSON."""
    desk = Desk(submitted / attack.name / attack.lesson, attack.lesson, places)
    desk.folder.mkdir(parents=True, exist_ok=True)
    (attack.then if second else attack.make)(desk)
    desk.hand_in()


def runs(source: str, **where) -> Callable:
    """An own cell."""
    return lambda desk: desk.own(source, **where)


def answers(**sources: str) -> Callable:
    """Answers of one's own."""

    def make(desk):
        for name, source in sources.items():
            desk.answer(name, source)

    return make


def both(*makers: Callable) -> Callable:
    """One maker after the other."""

    def make(desk):
        for maker in makers:
            maker(desk)

    return make
