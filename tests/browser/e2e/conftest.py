"""What the tests with a learner's and an instructor's browser share: a copy of the course, a page, and pictures of it.

The pictures go to build/e2e/, to be looked at: one of each station, and of the page on which a test failed.
"""

from contextlib import ExitStack, suppress
from importlib.metadata import version
from pathlib import Path

import jupyter_process
import pytest
from playwright.sync_api import Error, expect

ROOT = Path(__file__).resolve().parents[3]
PICTURES = ROOT / "build" / "e2e"
PATIENCE = 60_000  # ms; a busy machine is slow, not wrong
expect.set_options(timeout=PATIENCE)


def pytest_report_header():
    """The versions that really run."""
    return ", ".join(f"{name} {version(name)}" for name in ("jupyterlab", "nbgrader", "playwright"))


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A copy of the course's folder: nobody's own work/ and gradebook are touched."""
    return jupyter_process.checkout_at(tmp_path_factory.mktemp("e2e") / "course", ROOT)


@pytest.fixture(scope="module")
def open_jupyter(checkout, tmp_path_factory, request):
    """open_jupyter(words…): run what opens JupyterLab until this module's tests end; the address that it opens."""
    log, scratch = PICTURES / f"{request.module.__name__}.log", tmp_path_factory.mktemp("jupyter")
    with ExitStack() as running:
        yield lambda *command: running.enter_context(jupyter_process.jupyter(command, checkout, scratch, log))


@pytest.fixture
def page(browser, request):
    """An empty page, of the size of a small laptop's."""
    for old in failure(request.node.name):
        old.unlink(missing_ok=True)
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    context.close()


@pytest.fixture
def station(page):
    """station("name"): a picture of the page as it is now."""

    def photograph(name):
        PICTURES.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=PICTURES / f"{name}.png")

    return photograph


def failure(test):
    """The two files that show where a test failed."""
    return PICTURES / f"failed-{test}.png", PICTURES / f"failed-{test}.html"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Keep the page on which a test failed, and leave Playwright's list of all that stands on it out of the message."""
    page = item.funcargs.get("page")
    if call.when == "call" and call.excinfo and page:
        picture, html = failure(item.name)
        picture.parent.mkdir(parents=True, exist_ok=True)
        with suppress(Error):  # the browser itself may be what failed
            page.screenshot(path=picture)
            html.write_text(page.content(), encoding="utf-8")
        short = str(call.excinfo.value).partition("\nAria snapshot:")[0]
        call.excinfo.value.args = (f"{short}\nThe page is in {picture} and {html.name}, Jupyter's log beside them.",)
    return (yield)
