"""What learners call: `from utils.checking import check, hint, progress, quiz, try_it`."""

from .notebook import NotYet, check, hint, progress, quiz, try_it

__all__ = ["NotYet", "check", "hint", "progress", "quiz", "try_it"]
