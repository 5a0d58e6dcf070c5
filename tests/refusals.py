"""What the tests of the doors share: one sentence that names the argument, what was wanted and what came."""

import re

import pytest


def refused(call, name, expected, came):
    """Assert that call() raises a ValueError of one short sentence that begins with the argument's name (a regex)."""
    with pytest.raises(ValueError) as caught:
        call()
    text = str(caught.value)
    assert re.match(rf"({name})(?!\w)", text), text
    assert expected in text and came in text, text
    assert "\n" not in text and text.endswith(".") and len(text) < 180, text
