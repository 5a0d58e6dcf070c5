"""A notebook in JupyterLab, used as a learner uses it: by mouse and keyboard, and read from the screen."""

import json
import re

from playwright.sync_api import expect

NUMBERED = re.compile(r"^\[\d+\]:$")


class LabNotebook:
    """The notebook that is open on a page. Its cells are named by their grade id, or by words that they hold."""

    def __init__(self, page, release):
        self.page, self.keyboard = page, page.keyboard
        self.sheet = page.get_by_role("tabpanel", name=release.name)  # other lessons may be open behind it
        self.unsaved = page.locator(".lm-TabBar-tab.jp-mod-dirty").filter(has_text=release.name)
        self.cells = json.loads(release.read_text(encoding="utf-8"))["cells"]
        self.ready()

    def ready(self):
        """Wait until every cell is there and the kernel has nothing to do."""
        expect(self.sheet.locator(".jp-Cell")).to_have_count(len(self.cells))
        self.idle()

    def idle(self):
        """Wait until the kernel has nothing to do."""
        expect(self.page.get_by_role("button", name="Python 3 (ipykernel) | Idle")).to_be_visible()

    def cell(self, name):
        """A cell on the screen."""
        ids = [cell["metadata"].get("nbgrader", {}).get("grade_id") for cell in self.cells]
        texts = ["".join(cell["source"]) for cell in self.cells]
        place = ids.index(name) if name in ids else next(i for i, text in enumerate(texts) if name in text)
        return self.sheet.locator(f'.jp-Cell[data-windowed-list-index="{place}"]')

    def write(self, name, text):
        """Put a text in the place of all that a cell holds."""
        self.cell(name).locator(".cm-content").click()
        self.keyboard.press("Control+A")
        self.keyboard.insert_text(text)

    def write_words(self, name, text):
        """Write into a cell of prose, which opens by a double click, and close it."""
        self.cell(name).locator(".jp-RenderedMarkdown").dblclick()
        self.write(name, text)
        self.keyboard.press("Shift+Enter")

    def run(self, name):
        """Press Shift+Enter in a code cell and wait until it has run. Returns what it shows."""
        self.cell(name).locator(".cm-content").click()
        return self.run_here(self.cell(name))

    def run_here(self, cell):
        """Press Shift+Enter in the cell with the cursor and wait until it has run. Returns what it shows."""
        prompt = cell.locator(".jp-InputPrompt").first
        before = prompt.inner_text()
        self.keyboard.press("Shift+Enter")
        if NUMBERED.match(before):
            expect(prompt).not_to_have_text(before)
        expect(prompt).to_have_text(NUMBERED)
        return cell.locator(".jp-OutputArea")

    def append(self, text):
        """Add a cell behind the last one and run it. Returns what it shows. (Jupyter then adds an empty one.)"""
        cells = self.sheet.locator(".jp-Cell")
        cell = cells.nth(cells.count())
        self.sheet.get_by_role("button", name="Click to add a cell.").click()
        cell.locator(".cm-content").click()
        self.keyboard.insert_text(text)
        return self.run_here(cell)

    def menu(self, title, entry):
        """Choose from the menu above."""
        self.page.get_by_role("menuitem", name=title, exact=True).click()
        self.page.locator(".lm-Menu-item").filter(has_text=re.compile(rf"^{re.escape(entry)}")).click()

    def restart(self):
        """Restart the kernel, and wait until the new one has nothing to do."""
        self.menu("Kernel", "Restart Kernel…")
        with self.page.expect_response(lambda answer: answer.url.partition("?")[0].endswith("/restart")):
            self.page.get_by_role("button", name="Confirm Kernel Restart").click()
        self.idle()

    def validate(self):
        """Press Validate. Returns the dialog that tells how it went."""
        self.sheet.get_by_role("button", name="Validate").click()
        dialog = self.page.locator(".jp-Dialog")
        expect(dialog).to_be_visible()
        return dialog
