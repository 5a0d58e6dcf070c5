"""What the hostile suite (tests/hostile/) achieved, against stock nbgrader and against us: its part of RESULTS.md."""

import json
from pathlib import Path

HERE = Path(__file__).parent
OURS, STOCK = "attacks", "attacks_on_stock"  # parts of results.json
HARM = {
    "unearned": "unearned points",
    "lost": "honest points lost",
    "others": "changed others",
    "leak": "leaked",
    "no grade": "no grade",
    "hung": "hung the run",
    "failed": "failed the run",
}


def keep(part: str, found) -> None:
    """Put a part into results.json and write RESULTS.md anew."""
    from . import report

    path = HERE / "results.json"
    results = json.loads(path.read_text(encoding="utf-8")) | {part: found}
    path.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    (HERE / "RESULTS.md").write_text(report.written(results), encoding="utf-8")


def harmed(result: dict, kind: str) -> bool:
    """Whether one attack did this to stock nbgrader."""
    return bool(result.get(kind)) or result["end"] == kind


def section(results: dict):
    """The table of attacks by group, stock nbgrader beside us, if both were measured."""
    ours, stock = results.get(OURS), results.get(STOCK)
    if not ours or not stock:
        return
    groups = list(dict.fromkeys(row["group"] for row in ours["submissions"].values()))
    lines = [_line(group, ours["submissions"], stock, {group}) for group in groups]
    lines.append(_line("all", ours["submissions"], stock, set(groups)))
    heads = ["group", "ours: attacks", "unearned points", "honest points lost"]
    heads += ["stock: attacks", *HARM.values()]
    had = "all" if stock.keys() >= ours["submissions"].keys() else len(stock)
    yield "## Attacks\n"
    yield (
        "Submissions that cheat, break or surprise (`tests/hostile/`), each with the points that its honest part\n"
        "earns. Counted are submissions. `make hostile` grades them beside an honest class and kills the grader "
        f"{ours['kills']} times; its last line was\n\n    {ours['line']}\n\n"
        f"Stock nbgrader had {had} of them, each alone with two honest students in a sandbox of its own\n"
        "(`python -m tests.hostile --stock FILE`, which takes seconds for each). Those of the group channel aim at\n"
        "our design; they are there to show that it holds.\n"
    )
    rows = [heads, ["---"] * len(heads), *lines]
    yield "\n".join(f"| {' | '.join(map(str, row))} |" for row in rows) + "\n"


def _line(name, ours, stock, groups):
    mine = [row for row in ours.values() if row["group"] in groups]
    theirs = [row for row in stock.values() if row["group"] in groups]
    wrong = [sum(bool(row[kind]) for row in mine) for kind in ("unearned", "lost")]
    return [name, len(mine), *wrong, len(theirs), *(sum(harmed(row, kind) for row in theirs) for kind in HARM)]
