"""Counting: what was given and not earned, earned and not given, what happened to others, what no longer holds."""

from dataclasses import dataclass, field

MOST = 12  # sentences that are told of one kind


@dataclass
class Tally:
    """Points as (student, exercise, points); changes and broken invariants as sentences, the latter by invariant."""

    submissions: int = 0
    unearned: list[tuple] = field(default_factory=list)
    lost: list[tuple] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    broken: dict[str, list[str]] = field(default_factory=dict)
    rows: list[tuple] = field(default_factory=list)

    def judge(self, attack, entry) -> None:
        """Compare what an attack got with what its honest part earns. entry: its part of results.json, or None."""
        scores = (entry or {}).get("scores", {})
        self.submissions += 1
        before = len(self.unearned), len(self.lost)
        for exercise in sorted({*scores, *attack.earns}):
            due, came = attack.earns.get(exercise, 0.0), scores.get(exercise) or 0.0
            if came > due:
                self.unearned.append((attack.name, exercise, came - due))
            elif came < due:
                self.lost.append((attack.name, exercise, due - came))
        odd = before != (len(self.unearned), len(self.lost))
        status = (entry or {}).get("status", "no status")
        got = sum(value or 0 for value in scores.values())
        self.rows.append((attack, status, sum(attack.earns.values()), got, "<-- !" if odd else ""))

    def same(self, before: dict, after: dict, why: str) -> None:
        """Honest scores that are not what they were before: {(lesson, student): entry} twice."""
        for key, entry in before.items():
            now = after.get(key) or {"scores": {}, "status": "no status"}
            if (entry["scores"], entry["status"]) != (now["scores"], now["status"]):
                self.changed.append(f"{key[1]}, {key[0]}: {entry['scores']} became {now['scores']} {why}")

    def below(self, entries: dict, expected: dict) -> None:
        """Honest students who got less than the sample class expects: {(lesson, student): {exercise: points}}."""
        for (lesson, student), wanted in expected.items():
            scores = entries.get((lesson, student), {}).get("scores", {})
            for exercise, points in wanted.items():
                if (scores.get(exercise) or 0) < points:
                    self.lost.append((student, exercise, points - (scores.get(exercise) or 0)))

    def holds(self, invariant: str, sentences) -> None:
        """An invariant, and what speaks against it."""
        if sentences := list(sentences):
            self.broken.setdefault(invariant, []).extend(sentences)

    @property
    def ok(self) -> bool:
        """Whether nothing at all was found."""
        return not (self.unearned or self.lost or self.changed or self.broken)

    def table(self) -> str:
        """A row for each submission, group by group."""
        lines, group = [], ""
        for attack, status, due, came, odd in sorted(self.rows, key=lambda row: row[0].group):
            if attack.group != group:
                group = attack.group
                lines += ["", f"{group:34} {'status':8} {'earned':>7} {'given':>7}"]
            name = attack.name.removeprefix(f"{group}-")
            lines.append(f"  {name:32} {status:8} {due:7g} {came:7g} {odd:5} {attack.why}")
        return "\n".join(lines)

    def kept(self, kills: int) -> dict:
        """What results.json keeps of a whole run."""
        found = {attack.name: {"group": attack.group, "unearned": 0.0, "lost": 0.0} for attack, *_ in self.rows}
        for kind, rows in (("unearned", self.unearned), ("lost", self.lost)):
            for name, _, points in rows:
                if name in found:
                    found[name][kind] += points
        return {"kills": kills, "line": self.last_line(), "submissions": found}

    def told(self) -> list[str]:
        """Every discrepancy in a line of its own."""
        lines = [f"unearned: {name}, {exercise}: {points:g} points" for name, exercise, points in self.unearned]
        lines += [f"lost: {name}, {exercise}: {points:g} points" for name, exercise, points in self.lost]
        lines += [f"changed: {sentence}" for sentence in self.changed]
        for invariant, sentences in self.broken.items():
            lines += [f"broken: {invariant}: {sentence}" for sentence in sentences[:MOST]]
            lines += [f"broken: {invariant}: and {len(sentences) - MOST} more"] * (len(sentences) > MOST)
        return lines

    def last_line(self) -> str:
        """The line that everything comes down to."""
        unearned, lost = (sum(points for *_, points in found) for found in (self.unearned, self.lost))
        return (
            f"{self.submissions} submissions, {unearned:g} unearned points, {lost:g} honest points lost, "
            f"{len(self.changed)} others changed, {len(self.broken)} invariants broken"
        )


def expected_of(sample, lesson, names) -> dict:
    """What the honest students earn at least, as expected_scores.csv says: {(lesson, student): {exercise: points}}."""
    import csv

    with (sample / lesson / "expected_scores.csv").open(encoding="utf-8", newline="") as file:
        rows = {row.pop("student"): row for row in csv.DictReader(file)}
    return {
        (lesson, here): {
            exercise: float(points) for exercise, points in rows[name].items() if exercise != "total" and points != "-"
        }
        for here, name in names.items()
        if name in rows
    }
