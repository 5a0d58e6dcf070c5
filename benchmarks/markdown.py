"""Cells and tables of RESULTS.md."""


def table(head, lines):
    """Lines of cells under a head; a bar inside a cell would end it."""
    rows = ([str(cell).replace("|", "/") for cell in line] for line in (head, ["---"] * len(head), *lines))
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def number(value):
    """Two digits behind the point, or a dash for None."""
    return "–" if value is None else f"{value:.2f}"


def bars_table(rows):
    """Bars as (what, measured or None, bar, whether it holds)."""
    lines = [[what, number(measured), number(bar), "yes" if ok else "**no**"] for what, measured, bar, ok in rows]
    return table(("what", "measured", "bar", "holds"), lines)
