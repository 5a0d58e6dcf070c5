"""A feedback page in a browser, with a notebook that is hard to show: on a phone, with the keyboard, by ear."""

import odd_notebook
import pages
import pytest

from utils.grading.sheet import page as feedback_page

SCROLLS = """() => [...document.querySelectorAll("*")].filter((e) => e !== document.documentElement
    && (e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1)
    && ["auto", "scroll"].includes(getComputedStyle(e).overflowX)).map((e) => e.ariaLabel || e.localName)"""


@pytest.fixture(scope="module", params=[390, 1280])
def opened(request, browser, tmp_path_factory):
    """The page, at a phone's width and at a laptop's, with everything unfolded; and what it asks others for."""
    file = tmp_path_factory.mktemp("feedback") / "small.html"
    file.write_text(feedback_page(odd_notebook.notebook(), odd_notebook.ABOUT), encoding="utf-8")
    page, asked = pages.open_page(browser, viewport={"width": request.param, "height": 844})
    pages.show(page, file)
    for summary in page.locator("summary").all():
        summary.click()
    yield page, asked
    page.close()


def test_it_has_no_barriers_loads_nothing_and_fits(opened):
    page, asked = opened
    found = [pages.barriers(page), pages.images_without_words(page), pages.raw_maths(page), pages.too_wide(page), asked]
    assert found == [[], [], [], [], []]


def test_its_boxes_are_reached_by_the_keyboard(opened):
    page, _ = opened
    boxes = page.evaluate(SCROLLS)
    assert "Answer: why" in boxes and len(set(boxes)) == len(boxes)
    page.evaluate("document.activeElement.blur()")
    reached = []
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.ariaLabel"))
    assert set(boxes) <= set(reached)
