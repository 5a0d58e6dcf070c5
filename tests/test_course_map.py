"""The map of the course says what the lessons say: which they are, what they need, how long they take."""

import re

from lessons import NOTEBOOKS, prose

from utils.authoring.figures import course_map


def test_every_notebook_is_on_the_map_with_its_minutes_and_points():
    stops = course_map.stops()
    assert [stop.name for stop in stops] == list(NOTEBOOKS)
    for stop in stops:
        assert prose(stop.name).partition("\n")[0].endswith(stop.title) or f" · {stop.title}" in prose(stop.name)
        assert f"*About {stop.minutes} minutes." in prose(stop.name)
        graded = (cell["metadata"].get("nbgrader", {}) for cell in NOTEBOOKS[stop.name])
        assert stop.points == sum(cell["points"] for cell in graded if cell.get("grade"))


def test_what_a_lesson_needs_comes_before_it_and_is_said_in_its_text():
    order = list(NOTEBOOKS)
    for name in order:
        needs = course_map.NEEDS[name]
        assert all(order.index(need) < order.index(name) for need in needs)
        said = re.search(r"You need .*?(?:\*\n|\*$|\n\n)", prose(name), re.DOTALL)[0]
        for need in needs:
            same = need[:2] == name[:2]
            assert f"part {need[2:].upper()}" in said if same else need[:2] in said, (name, need, said)


def test_what_may_be_left_out_is_needed_by_no_other_lesson():
    needed = {need for needs in course_map.NEEDS.values() for need in needs}
    assert set(NOTEBOOKS) & course_map.STRETCH and not needed & course_map.STRETCH
