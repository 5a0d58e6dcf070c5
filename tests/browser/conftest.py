"""What the tests in a browser share: one headless Chromium, the system's own, and its version in the log."""

import os
import shutil
import subprocess

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")


def executable():
    """The path of the browser: $CHROMIUM, or else the first of NAMES on PATH; None where there is none."""
    named = os.environ.get("CHROMIUM")
    return next(filter(None, map(shutil.which, [named] if named else NAMES)), None)


def pytest_configure():
    """Without a browser nothing here can be tested, and a test left out would look like one that passed."""
    if executable() is None:
        looked_for = os.environ.get("CHROMIUM") or ", ".join(NAMES)
        advice = "run `sudo apt install chromium`, or set CHROMIUM to the path of one"
        pytest.exit(f"These tests need a browser and found none ({looked_for}): {advice}.", returncode=1)


def pytest_report_header():
    """The version that really runs."""
    return subprocess.run([executable(), "--version"], text=True, capture_output=True).stdout.strip()


@pytest.fixture(scope="session")
def browser():
    """A headless Chromium, driven by Playwright's synchronous interface; each test opens pages of its own in it."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable(), args=["--no-sandbox"])
        yield chromium
        chromium.close()
