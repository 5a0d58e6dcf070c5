"""Data made to measure: small grammars and puzzles in which every question has one answer.

Each generator takes a numpy.random.Generator as `rng` and draws whole numbers, permutations and plain random numbers
only, so that the same seed gives the same data on every platform.
"""

from .agreement import VERBS, agreement_sentences, agreement_words
from .melodies import NOTES, melodies, render_melody, wav_bytes
from .puzzles import END, LETTERS, adding_problem, alphabets, copy_task, echo_task
from .tagging import tagging_sentences, tagging_words

__all__ = [
    "END",
    "LETTERS",
    "NOTES",
    "VERBS",
    "adding_problem",
    "agreement_sentences",
    "agreement_words",
    "alphabets",
    "copy_task",
    "echo_task",
    "melodies",
    "render_melody",
    "tagging_sentences",
    "tagging_words",
    "wav_bytes",
]
