"""The built solutions, for tests of what their prose says and their cells print."""

import json
import re

from utils.paths import ROOT

NOTEBOOKS = {
    path.name.partition("_")[0]: json.loads(path.read_text(encoding="utf-8"))["cells"]
    for path in sorted((ROOT / "solutions").glob("*/*.ipynb"))
}


def prose(notebook):
    """All markdown of a notebook."""
    return "\n\n".join("".join(c["source"]) for c in NOTEBOOKS[notebook] if c["cell_type"] == "markdown")


def printed(notebook, code):
    """What the one cell that contains `code` printed."""
    found = [c for c in NOTEBOOKS[notebook] if c["cell_type"] == "code" and code in "".join(c["source"])]
    assert len(found) == 1, f"{code!r} stands in {len(found)} cells of {notebook}"
    return "".join("".join(o["text"]) for o in found[0]["outputs"] if o["output_type"] == "stream")


def flat(text):
    """Prose without its line breaks."""
    return " ".join(text.split())


def section_of(notebook, number):
    """The text of the section whose heading begins with that number: "1.4"."""
    sections = [s for s in re.split(r"^## ", prose(notebook), flags=re.MULTILINE) if s.startswith(f"{number} ")]
    assert len(sections) == 1, f"{len(sections)} sections of {notebook} are numbered {number}"
    return sections[0]
