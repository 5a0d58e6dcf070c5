"""A course in a temporary folder: honest students, canaries, a server that waits for whoever calls, the grader."""

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import tests.alembic_once  # noqa: F401  (makes new gradebooks cheap)
from utils.authoring.release import register
from utils.grading.course import CONFIG, submit
from utils.grading.sample import students
from utils.paths import write_atomic

from . import desk

SAMPLE = desk.ROOT / "tests" / "sample_class"
MARKED = ("chiara_rossi", "01_rnn_cell", "why_share", 3.0, "Good, but the third sentence repeats the first.")
FEW = ("chiara_rossi", "hana_sato", "liam_oconnor", "kavya_raman")
NOBODY = "nobody_here"  # on the roster, hands in nothing


class Server:
    """Takes connections on this machine, by TCP and by an abstract socket, and counts them."""

    def __init__(self):
        self.calls = []
        self.address = f"\0hostile-{secrets.token_hex(6)}"
        self.lines = [socket.create_server(("127.0.0.1", 0)), socket.socket(socket.AF_UNIX)]
        self.lines[1].bind(self.address)
        self.lines[1].listen()
        self.port = self.lines[0].getsockname()[1]
        for line in self.lines:
            threading.Thread(target=self._take, args=(line,), daemon=True).start()

    def _take(self, line):
        while True:
            try:
                call, _ = line.accept()
            except OSError:
                return
            with call:
                call.settimeout(1)
                try:
                    self.calls.append(call.recv(300))
                except OSError:
                    self.calls.append(b"")

    def close(self):
        """Take no more."""
        for line in self.lines:
            line.close()


class Course:
    """`place`: a temporary folder of our own; in it `course` (what is graded), `home` (a home of nobody) and `tmp`."""

    def __init__(self, place: Path, lessons, few=False, rename=lambda name: name):
        self.place, self.lessons = place, sorted(lessons)
        self.folder, self.home, self.tmp = place / "course", place / "home", place / "tmp"
        for folder in (self.folder / "submitted", self.folder / "grading", self.home / ".ssh", self.tmp):
            folder.mkdir(parents=True)
        self.canary = f"canary-{secrets.token_hex(12)}"
        self.server = Server()
        self.peaks, self.honest = {"driver": 0.0, "processes that judge": 0.0}, {}
        for path in (self.folder / "secret.txt", self.home / ".ssh" / "id_rsa", self.home / ".netrc"):
            path.write_text(self.canary)
        gradebook = f"sqlite:///{self.folder / 'gradebook.db'}"
        settings = CONFIG.format(
            settings=str(desk.ROOT / "nbgrader_config.py"), root=str(self.folder), gradebook=gradebook
        )
        (self.folder / "nbgrader_config.py").write_text(settings, encoding="utf-8")
        for lesson in self.lessons:
            register(lesson, gradebook)
            self._class(lesson, few, rename)
        self.roster()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.close()

    def _class(self, lesson, few, rename):
        """The honest students of a lesson; `honest` holds their names by the name that they have here."""
        if not (SAMPLE / lesson).is_dir():
            return
        for student in students(SAMPLE / lesson):
            if few and student.name not in FEW:
                continue
            name = rename(student.name)
            self.honest[name] = student.name
            target = self.folder / "submitted" / name / lesson
            target.mkdir(parents=True)
            for text in sorted(student.glob("*.py")):
                submit(text, desk.ROOT / "notebooks" / lesson, target)

    def roster(self):
        """Write the list of all who are in the class."""
        names = {path.name for path in (self.folder / "submitted").iterdir()} | {NOBODY}
        lines = ["id,first_name,last_name,email", *(f"{name},,," for name in sorted(names))]
        write_atomic(self.folder / "students.csv", "\n".join(lines) + "\n")

    @property
    def places(self):
        """What is outside, for the sources of attacks."""
        address = self.server.address.replace("\0", "%")
        outside = {"COURSE": self.folder, "ROOT": desk.ROOT, "HOME": self.home, "PORT": self.server.port}
        return {name: str(value) for name, value in outside.items()} | {"SOCKET": address}

    def submit(self, attack, second=False):
        """Hand in an attack."""
        desk.submit(attack, self.folder / "submitted", self.places, second)
        self.roster()

    def environment(self):
        """That of the grader, with a canary in it."""
        mine = {"HOME": self.home, "TMPDIR": self.tmp, "HOSTILE_CANARY": self.canary, "HOSTILE_COURSE": self.folder}
        return os.environ | {name: str(value) for name, value in mine.items()}

    def start(self, *arguments, lessons=None, workers=2, seed=7):
        """The grader, as a process of its own."""
        command = [sys.executable, "-m", "utils", "grade", *(lessons or self.lessons), "--course", str(self.folder)]
        command += ["--seed", str(seed), "--workers", str(workers), *arguments]
        log = open(self.place / "grade.log", "ab")  # noqa: SIM115  (the process keeps it)
        with log:
            options = {"stdin": subprocess.DEVNULL, "stdout": log, "stderr": log}
            return subprocess.Popen(command, cwd=desk.ROOT, env=self.environment(), **options)

    def grade(self, *arguments, **options):
        """Grade, to the end. Returns (exit code, seconds); the largest memory, in MB, goes into `peaks`."""
        start, process = time.monotonic(), self.start(*arguments, **options)
        while process.poll() is None:
            judges = max(map(peak_mb, children(process.pid)), default=0.0)
            for who, peak in zip(self.peaks, (peak_mb(process.pid), judges), strict=True):
                self.peaks[who] = max(self.peaks[who], peak)
            time.sleep(0.2)
        return process.returncode, time.monotonic() - start

    def results(self):
        """results.json, or nothing where there is none."""
        path = self.folder / "grading" / "results.json"
        return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {"lessons": {}}

    def statuses(self):
        """{(lesson, student): its entry in results.json}."""
        lessons = self.results()["lessons"].items()
        return {(lesson, student): entry for lesson, part in lessons for student, entry in part["students"].items()}

    def forget(self):
        """Back to before the first run, for another try with the same submissions."""
        for name in ("autograded", "feedback", "grading"):
            shutil.rmtree(self.folder / name, ignore_errors=True)
        (self.folder / "grading").mkdir()

    def last_words(self):
        """The end of what the grader printed."""
        return (self.place / "grade.log").read_text(encoding="utf-8", errors="replace")[-2000:]


def peak_mb(process: int) -> float:
    """The largest memory that a process has had so far, in MB."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return max((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), default=0.0)


def children(process: int) -> list[int]:
    """The processes that a process has started."""
    try:
        return [int(number) for number in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    except OSError:
        return []
