"""Stored runs: comparisons that take minutes, computed once from seeds and kept in data/runs.npz.

`make experiments` computes them again; a lesson plots what is stored, beside a short run of its own.
"""

from .ablation import ABLATION
from .adding import ADDING
from .agreement import AGREEMENT
from .alphabet import ALPHABET
from .experiment import Experiment, npz_bytes, runs_bytes
from .language import DEPTH, NAMES
from .sunspots import SUNSPOTS
from .surnames import SURNAMES
from .tagging import TAGGING

# the longest first, so that two processes end at about the same time
EXPERIMENTS = {
    one.name: one for one in (ADDING, ABLATION, DEPTH, AGREEMENT, NAMES, SURNAMES, ALPHABET, TAGGING, SUNSPOTS)
}

__all__ = ["EXPERIMENTS", "Experiment", "npz_bytes", "runs_bytes"]
