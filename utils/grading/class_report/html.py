"""Pieces of HTML: a table, a box that scrolls, a picture. What goes in as HTML is named so; all else is escaped."""

import base64
from html import escape


def code(name: str) -> str:
    """The name of a function."""
    return f"<code>{escape(name)}</code>"


def narrow_code(name: str) -> str:
    """The same where there is little room: a line may end behind each _."""
    return code(name).replace("_", "_<wbr>")


def sentence(words: str) -> str:
    """A text with a full stop. Its first letter stays small: it may begin with a symbol."""
    return escape(words if words.endswith((".", "?", "!")) else f"{words}.")


def table(caption_html: str, heads, rows_html) -> str:
    """A table. heads: texts; rows_html: cells as HTML, the first of each row names it."""
    head = "".join(f'<th scope="col">{escape(words)}</th>' for words in heads)
    rows = "".join(
        f'<tr><th scope="row">{name}</th>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>\n'
        for name, *cells in rows_html
    )
    return (
        f"<table>\n<caption>{caption_html}</caption>\n<thead><tr>{head}</tr></thead>\n"
        f"<tbody>\n{rows}</tbody>\n</table>\n"
    )


def wide(label: str, table_html: str) -> str:
    """A table in a box that scrolls by itself, also with the keyboard, where the screen is narrow."""
    return f'<div class="wide" tabindex="0" role="region" aria-label="{escape(label)}">\n{table_html}</div>\n'


def image(png: bytes, alt: str) -> str:
    """A picture that is part of the page."""
    data = base64.b64encode(png).decode()
    return f'<p><img src="data:image/png;base64,{data}" width="560" alt="{escape(alt)}"></p>\n'
