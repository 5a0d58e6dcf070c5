"""Each check of a page is seen to strike, on a page of three lines with the fault in it, and to stay silent without."""

import pages
import pytest

GOOD = """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>A page</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>{style}</style></head>
<body><main><h1 id="top">A page</h1><p>Words.</p>{body}</main></body></html>"""
DOT = "data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA="
SCRIPT = '<script src="https://cdn.example.org/mathjax.js"></script>'
WIDE_TABLE = '<div style="width: 700px">a wide table</div>'
IN_ITS_BOX = f'<div style="overflow-x: auto" tabindex="0">{WIDE_TABLE}</div>'


@pytest.fixture(scope="module")
def phone(browser):
    """A page as wide as a phone, and what it asked for elsewhere."""
    return pages.open_page(browser)


@pytest.fixture
def see(phone, tmp_path):
    """Show a page with this in its body; the page."""

    def show(body="", style=""):
        file = tmp_path / "page.html"
        file.write_text(GOOD.format(body=body, style=style), encoding="utf-8")
        pages.show(phone[0], file)
        return phone[0]

    return show


def every_check(page):
    return [*pages.images_without_words(page), *pages.raw_maths(page), *pages.too_wide(page), *pages.barriers(page)]


def test_a_page_without_a_fault_passes_every_check(see):
    good = f'<img src="{DOT}" alt="a dot">{IN_ITS_BOX}<p>$5 and 7$</p><pre tabindex="0">$a_b$ \\frac</pre>'
    assert every_check(see(good + '<p class="math"><math><mi>a</mi></math></p>')) == []


@pytest.mark.parametrize("words", ["", ' alt=""', ' alt=" "'])
def test_an_image_without_words_is_seen(see, words):
    assert pages.images_without_words(see(f'<img src="{DOT}"{words}>')) == [f"no alt text: {DOT}"]


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ("<p>The state $a^{t}$ is kept.</p>", "raw: $a^{t}$"),
        ("<p>It is \\frac{1}{2}.</p>", "raw: \\frac{1}{2}."),
        ('<p class="math">\\(a\\)</p>', "not drawn: \\(a\\)"),
        ('<p class="math"><math></math><i data-mjx-error="Unknown"></i></p>', "error: Unknown"),
    ],
)
def test_maths_that_was_not_drawn_is_seen(see, body, fault):
    assert pages.raw_maths(see(body)) == [fault]


def test_a_page_that_scrolls_sideways_is_seen_and_the_wide_part_named(see):
    (fault,) = pages.too_wide(see(WIDE_TABLE))
    assert "where there are 390" in fault and "<div> a wide table" in fault


@pytest.mark.parametrize(
    ("body", "style", "rule"),
    [
        ("", "p { color: #bbb }", "color-contrast"),
        ('<a href="#top"></a>', "", "link-name"),
        (f"<pre>{'a long line of words ' * 9}</pre>", "pre { overflow: auto; width: 90px }", "scrollable-region"),
        ("<select></select>", "", "select-name"),
    ],
)
def test_a_barrier_is_seen(see, body, style, rule):
    (fault,) = pages.barriers(see(body, style))
    assert fault.startswith(rule)


def test_the_details_of_code_alone_are_left_out(see):
    pale = ".highlight span { color: #bbb }"
    page = see('<div class="highlight"><pre tabindex="0"><span>import utils</span></pre></div>', pale)
    assert len(pages.barriers(page)) == 1
    pages.without_details(page)
    assert pages.barriers(page) == []
    page = see('<div class="highlight"><pre tabindex="0"><span>import utils</span></pre></div>', "pre { color: #bbb }")
    pages.without_details(page)
    assert len(pages.barriers(page)) == 1


def test_whatever_is_asked_of_another_machine_is_refused_and_noted(phone, see):
    phone[1].clear()
    see(SCRIPT)
    assert phone[1] == ["asks cdn.example.org for https://cdn.example.org/mathjax.js"]


def test_links_that_lead_nowhere_are_seen(see, tmp_path):
    page = see('<a href="#top">1</a> <a href="#gone">2</a> <a href="other.html">3</a> <a href="https://a.org">4</a>')
    file = tmp_path / "page.html"
    assert pages.broken_links({file: pages.links(page)}) == {
        file: [f"no such place: {file.as_uri()}#gone", f"no such file: {tmp_path.as_uri()}/other.html"]
    }
