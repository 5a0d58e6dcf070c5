"""Notebooks as pages: with a way to run them, or a word that they hold the answers, and with words for every plot."""

import copy
import re

COLAB = "https://colab.research.google.com/github/{path}/blob/main/notebooks/{name}"
RUN = """[Open in Colab]({colab}){{.colab}}

In Colab, run this in a cell of its own first: `%pip install {what}`"""
ANSWERS = """:::{{note}}
This page shows the answers. [The lesson without them](/lessons/{name}) · [All solutions](/solutions/index.md)
:::"""
NEEDS_TORCH = "10_"
FEW, WORDS = 40, 200  # characters of a plot's description: at least, and as far as whole sentences fit
MARKS = re.compile(r"^ *### (?:BEGIN|END) (?:SOLUTION|MARK SCHEME)\n?", re.MULTILINE)  # for nbgrader, not for readers
SYMBOLS = {r"\langle": "⟨", r"\rangle": "⟩", r"\Gamma": "Γ", r"\alpha": "α", r"\tau": "τ", r"\hat": "", r"\cdot": "·"}


def released(notebook: dict, name: str, address: str) -> dict:
    """The page of a lesson: the released notebook with a button for Colab, and what has to be run there first."""
    path = address.removeprefix("https://github.com/")
    extra = "[torch]" if name.startswith(NEEDS_TORCH) else ""
    what = f'"rnn-course{extra} @ git+{address}"'
    return page(notebook, RUN.format(colab=COLAB.format(path=path, name=name), what=what))


def solved(notebook: dict, name: str) -> dict:
    """The page of a solution: with a word of warning, out of the contents and the search, each plot described."""
    made = page(notebook, ANSWERS.format(name=name))
    made["metadata"] |= {"orphan": True, "nosearch": True}
    for cell in made["cells"]:
        cell["source"] = MARKS.sub("", "".join(cell["source"]))
    for cell, following in zip(made["cells"], made["cells"][1:], strict=False):
        if any("image/png" in output.get("data", {}) for output in cell.get("outputs", [])):
            cell["metadata"]["mystnb"] = {"image": {"alt": description(following["source"])}}
    return made


def page(notebook: dict, remark: str) -> dict:
    """A copy of the notebook with a remark under its title, and of its metadata what a reader of code needs."""
    made = copy.deepcopy(notebook)
    kept = ("kernelspec", "language_info")
    made["metadata"] = {key: value for key, value in made["metadata"].items() if key in kept}
    title, _, rest = "".join(made["cells"][0]["source"]).partition("\n")
    made["cells"][0]["source"] = f"{title}\n\n{remark}\n{rest}"
    return made


def description(words: str) -> str:
    """What stands under a plot as its alt text: the first sentences, without Markdown."""
    first = words.strip().partition("\n\n")[0]
    plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", first).replace("\n", " ")
    for command, symbol in SYMBOLS.items():
        plain = plain.replace(command, symbol)
    plain = re.sub(r"[*`${}#]|\\[a-zA-Z]+", "", plain)
    sentences = re.split(r"(?<=[.?!:]) (?=[A-Z])", " ".join(plain.split()))
    said = sentences[0]
    for sentence in sentences[1:]:
        if len(said) > FEW and len(said) + len(sentence) > WORDS:
            break
        said = f"{said} {sentence}"
    return f"Plot. {said}"
