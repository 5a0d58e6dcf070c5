"""Markdown that somebody else wrote, as HTML that can do nothing: no raw HTML, no pictures, links to the web only.

Formulas become MathML, which browsers draw themselves; nothing is loaded for them.
"""

import functools
import re
from html import escape, unescape

from utils.grading.outputs import plain

FORMULA = 1_000  # characters; a longer formula is shown as it was written
OPENED = 300  # formulas opened the long way in one text; the parser looks for the end of each, however far it is
LINK = re.compile(r"(?:https?://[\w.-]|mailto:\w)[^\s\\]*", re.ASCII | re.IGNORECASE)
# a formula may not define its own words: two of these make a text that doubles with each use
DEFINES = re.compile(r"\\(?:re)?newcommand|\\[egx]?def|\\let|\\newenvironment|\\DeclareMath|\\require")
# of MathML: what draws, not what links, acts or embeds
TAGS = set(
    "math menclose mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts mroot mrow ms mspace msqrt "
    "mstyle msub msubsup msup mtable mtd mtext mtr munder munderover none".split()
)
ATTRIBUTES = set(
    "accent columnalign columnlines columnspacing display displaystyle fence form largeop linethickness lspace "
    "mathvariant maxsize minsize movablelimits notation rowlines rowspacing rspace scriptlevel separator stretchy "
    "symmetric width height depth".split()
)


def harmless_html(text: str) -> str:
    """The HTML of a Markdown text. Raw HTML in it is shown as text, a picture as its description."""
    text = plain(text)
    try:
        if len(re.findall(r"\\\\[\[(]|\\begin", text)) > OPENED:
            raise ValueError("no text has so many formulas")
        return _markdown()(text)
    except Exception:  # a text that the parser cannot read, such as brackets nested a thousand deep
        return f"<pre>{escape(text)}</pre>\n"


def formula(tex: str, display="inline") -> str:
    """MathML for a formula, or the formula as it was written where it cannot be read."""
    try:
        if len(tex) > FORMULA or DEFINES.search(tex):
            raise ValueError("not a plain formula")
        from latex2mathml.converter import convert_to_element

        known = tex.replace("{aligned}", "{align*}")  # the same lines, by the name that the library knows
        return _rebuilt(convert_to_element(known, display=display))
    except Exception:  # the library raises whatever it stumbles over, also RecursionError
        return f"<code>{escape(tex)}</code>"


def _rebuilt(element):
    """The element written out anew from what is known to be harmless; any other element becomes mrow."""
    tag = element.tag if element.tag in TAGS else "mrow"
    attributes = "".join(
        f' {name}="{escape(unescape(value))}"'
        for name, value in element.attrib.items()
        if name in ATTRIBUTES and re.fullmatch(r"[\w. %+-]*", value)
    )
    # the library writes characters as &#x…; and leaves the backslash of a word that it does not know
    words = escape(unescape(element.text or "").removeprefix("\\"))
    return f"<{tag}{attributes}>{words}{''.join(map(_rebuilt, element))}</{tag}>"


@functools.cache
def _markdown():
    """The Markdown parser of nbconvert, which knows formulas, with a renderer that lets nothing through."""
    from mistune import HTMLRenderer, import_plugin
    from nbconvert.filters.markdown_mistune import MarkdownWithMath

    class Harmless(HTMLRenderer):
        def link(self, text, url, title=None):
            if not LINK.fullmatch(url):
                return text
            return f'<a href="{escape(url)}" rel="noopener noreferrer nofollow">{text.strip() or escape(url)}</a>'

        def image(self, text, url, title=None):
            return f"[picture: {text or 'without a description'}]"

        def heading(self, text, level, **attributes):
            return f"<h{level}>{text}</h{level}>\n"

        def block_code(self, code, info=None):
            return f"<pre><code>{escape(code)}</code></pre>\n"

        def table_cell(self, text, align=None, head=False):
            return f'<th scope="col">{text}</th>' if head and text else f"<td>{text}</td>"

        def inline_math(self, text):
            return formula(text)

        def block_math(self, text):
            return formula(text, "block")

        def latex_environment(self, name, body):
            return self.block_math(f"\\begin{{{name}}}{body}\\end{{{name}}}")

    plugins = map(import_plugin, ("strikethrough", "table", "url"))
    return MarkdownWithMath(Harmless(escape=True), plugins=plugins)
