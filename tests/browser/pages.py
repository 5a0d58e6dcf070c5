"""What must hold of every page that people read: each check returns what is wrong, in words, or an empty list.

A page is opened once, at the width of a phone; whatever it asks of another machine is refused, and noted.
"""

from pathlib import Path
from urllib.parse import unquote, urldefrag, urlparse

PHONE = {"width": 390, "height": 844}
SERIOUS = ("serious", "critical")
LINKS = """() => [...document.querySelectorAll("[href], [src]")]
    .filter((e) => !e.closest("svg")).map((e) => e.href || e.src).filter((a) => typeof a === "string")"""
IDS = "() => [...document.querySelectorAll('[id], a[name]')].map((e) => e.id || e.name)"
UNDESCRIBED = """() => [...document.images].filter((i) => !(i.getAttribute("alt") || "").trim())
    .map((i) => i.src.slice(0, 80))"""
# a formula that was drawn has an SVG or is MathML; text in <pre> and <code> may well hold dollars
UNDRAWN = r"""() => {
    const faults = [...document.querySelectorAll("[data-mjx-error]")].map((e) => `error: ${e.dataset.mjxError}`);
    for (const box of document.querySelectorAll(".math"))
        if (!box.querySelector("mjx-container svg, math")) faults.push(`not drawn: ${box.textContent.slice(0, 60)}`);
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
        const element = walk.currentNode.parentElement, text = walk.currentNode.data;
        if (element.closest("pre, code, script, style, textarea, .math, mjx-container, math")) continue;
        const raw = text.match(/\$[^$]*[\\^_][^$]*\$|\\(frac|text|langle|begin|hat|Gamma|sum)\b.{0,40}/);
        if (raw) faults.push(`raw: ${raw[0]}`);
    }
    return faults;
}"""
TOO_WIDE = """() => {
    const room = document.documentElement.clientWidth, page = document.documentElement.scrollWidth;
    if (page <= room) return [];
    const scrolls = (e) => e && e !== document.body
        && (["auto", "scroll", "hidden"].includes(getComputedStyle(e).overflowX) || scrolls(e.parentElement));
    const culprits = [...document.body.querySelectorAll("*")].filter(
        (e) => e.getBoundingClientRect().right > room + 1 && !scrolls(e.parentElement));
    return [`${page} px wide where there are ${room}: `
        + culprits.slice(0, 4).map((e) => `<${e.localName}> ${(e.textContent || "").trim().slice(0, 40)}`).join(", ")];
}"""


def open_page(browser, **options):
    """A page as wide as a phone, and the list in which it notes each address on another machine that it asks for."""
    asked = []
    page = browser.new_page(**({"viewport": PHONE} | options))

    def refuse(route):
        asked.append(f"asks {urlparse(route.request.url).netloc} for {route.request.url}")
        route.abort()

    page.route(lambda address: urlparse(address).scheme in ("http", "https", "ws", "wss"), refuse)
    return page, asked


def show(page, file: Path) -> None:
    """Open a file and wait until its formulas are drawn."""
    page.goto(file.as_uri(), wait_until="load")
    page.evaluate("async () => { if (window.MathJax?.startup) await MathJax.startup.promise; }")


def images_without_words(page) -> list[str]:
    """Images without alt text."""
    return [f"no alt text: {source}" for source in page.evaluate(UNDESCRIBED)]


def raw_maths(page) -> list[str]:
    """Formulas that were not drawn, or with an error, and LaTeX that stands in the text."""
    return page.evaluate(UNDRAWN)


def too_wide(page) -> list[str]:
    """Whether the page as a whole scrolls sideways, and what makes it."""
    return page.evaluate(TOO_WIDE)


def without_details(page) -> None:
    """Make the words of code one text and empty the drawn formulas: axe takes a minute over thousands of them."""
    page.evaluate("""() => {
        for (const code of document.querySelectorAll(".highlight pre")) code.textContent = code.textContent;
        for (const drawn of document.querySelectorAll("mjx-container svg")) drawn.replaceChildren();
    }""")


def barriers(page) -> list[str]:
    """What axe-core finds serious or critical: contrast, landmarks, names, focus, and so on."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {one['help']}: {one['nodes'][0]['html'][:120]} ({len(one['nodes'])} times)"
        for one in found
        if one["impact"] in SERIOUS
    ]


def links(page) -> tuple[list[str], set[str]]:
    """(all addresses that a page links to or loads, all anchors that it has)."""
    return page.evaluate(LINKS), set(page.evaluate(IDS))


def broken_links(pages: dict[Path, tuple[list[str], set[str]]]) -> dict[Path, list[str]]:
    """Page -> its links that lead nowhere. pages: what `links` gave for every page of a site."""
    faults = {page: [lost(address, pages) for address in found] for page, (found, _) in pages.items()}
    return {page: list(dict.fromkeys(filter(None, found))) for page, found in faults.items()}


def lost(address: str, pages) -> str | None:
    """What is wrong with one link; None where it leads to a file and an anchor that are there, or to the web."""
    place, anchor = urldefrag(address)
    if urlparse(place).scheme != "file":
        return None if urlparse(place).scheme in ("http", "https", "mailto", "data") else f"no address: {address}"
    file = Path(unquote(urlparse(place).path))
    if not file.is_file():
        return f"no such file: {address}"
    if anchor and file.suffix == ".html" and file in pages and unquote(anchor) not in pages[file][1]:
        return f"no such place: {address}"
    return None
