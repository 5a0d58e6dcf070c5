"""Every page of the site, in a browser: nothing broken, nothing hidden, nothing from elsewhere."""

from pathlib import Path

import pages
import pytest

SITE = Path(__file__).resolve().parents[3] / "build" / "site" / "html"
# One page of each kind is looked at in both modes, with each coloured word of its code: the colours are the same on
# every page, and axe takes its time over them.
IN_FULL = ("index", "NOTATION", "lessons/01_rnn_cell/01a_rnn_cell", "solutions/01_rnn_cell/01b_three_families")
IN_FULL += ("examples/feedback", "examples/report/index")


@pytest.fixture(scope="module")
def site():
    """The folder of the site that was built."""
    if not (SITE / "index.html").is_file():
        pytest.fail("There is no site to look at: `python -m utils site` builds it.")
    return SITE


@pytest.fixture(scope="module")
def looked_at(browser, site):
    """{check: {page: faults}} of all pages, each opened once in a window as wide as a phone."""
    page, asked = pages.open_page(browser)
    found = {name: {} for name in ("loads", "words", "maths", "width", "light", "dark", "links")}
    seen = {}
    for file in sorted(path for path in site.rglob("*.html") if "_static" not in path.parts):
        name = file.relative_to(site).as_posix()
        pages.show(page, file)
        seen[file] = pages.links(page)
        found["words"][name] = pages.images_without_words(page)
        found["maths"][name] = pages.raw_maths(page)
        found["width"][name] = pages.too_wide(page)
        if name.removesuffix(".html") in IN_FULL:
            page.emulate_media(color_scheme="dark")
            found["dark"][name] = pages.barriers(page)
            page.emulate_media(color_scheme="light")
        else:
            pages.without_details(page)
        found["light"][name] = pages.barriers(page)
        found["loads"][name], asked[:] = list(asked), []
    assert len(found["dark"]) == len(IN_FULL)
    found["links"] = {file.relative_to(site).as_posix(): faults for file, faults in pages.broken_links(seen).items()}
    return found | {"seen": seen}


def test_every_lesson_has_its_two_pages_and_the_rest_is_there(site, root):
    notebooks = {path.relative_to(root / "notebooks").with_suffix(".html") for path in root.glob("notebooks/*/*.ipynb")}
    assert len(notebooks) == 17
    for folder in ("lessons", "solutions"):
        assert {path.relative_to(site / folder) for path in (site / folder).glob("*/*.html")} == notebooks
    for name in ("index.html", "NOTATION.html", "solutions/index.html", "examples/report/index.html"):
        assert (site / name).is_file()
    assert (site / "examples/feedback.html").is_file()


@pytest.mark.parametrize("check", ["loads", "words", "maths", "width", "light", "dark", "links"])
def test_no_page_has_a_fault(looked_at, check):
    assert {name: faults for name, faults in looked_at[check].items() if faults} == {}


def test_the_solutions_are_reached_from_one_page_alone(looked_at, site):
    solved = (site / "solutions").as_uri() + "/"
    for file, (addresses, _) in looked_at["seen"].items():
        if site / "solutions" not in file.parents:
            leads = {address.partition("#")[0] for address in addresses if address.startswith(solved)}
            assert leads <= {f"{solved}index.html"}, file
