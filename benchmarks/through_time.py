"""Cost and memory against T, what checkpoints save, and how fast the models write."""

import time
import tracemalloc

import numpy as np

from utils import reference, textbook
from utils.reference.bptt import checkpointed_bptt, full_bptt
from utils.text import Vocabulary

from .maths import interleaved, on_threads

LENGTHS = (64, 128, 256, 512, 1024)
N_X, N_A, N_Y, M = 32, 128, 32, 16


def _task(T, rng):
    P = reference.init_rnn(N_X, N_A, N_Y, rng, np.float32)
    x = rng.standard_normal((N_X, M, T)).astype(np.float32)
    return x, rng.integers(N_Y, size=(M, T)), np.zeros((N_A, M), np.float32), P


def peak(function):
    """Bytes that a call holds at its height beyond what was there before (NumPy reports its arrays to tracemalloc)."""
    function()
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    tracemalloc.reset_peak()
    function()
    _, height = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return height - before


def cost_against_length(rounds=9):
    """For each T: CPU time and peak memory of full BPTT, relative to those at T = 64, and of checkpointed over full."""
    found, unit = [], None
    for T in LENGTHS:
        task = _task(T, np.random.default_rng(0))
        ways = {
            "full": lambda task=task: full_bptt(*task),
            "kept": lambda task=task, T=T: checkpointed_bptt(*task, round(T**0.5)),
        }
        with on_threads(1):
            seconds = interleaved(ways, rounds)
            memory = {name: peak(way) for name, way in ways.items()}
        unit = unit or (seconds["full"], memory["full"])
        found.append(
            {
                "T": T,
                "time": seconds["full"] / unit[0],
                "memory": memory["full"] / unit[1],
                "checkpointed_time_over_full": seconds["kept"] / seconds["full"],
                "checkpointed_memory_over_full": memory["kept"] / memory["full"],
            }
        )
    return found


def sampling(rounds=7, length=40, n_a=64):
    """Characters per second, reference over textbook, for one sequence and for a batch of 256."""
    rng = np.random.default_rng(0)
    vocabulary = Vocabulary(("<EOS>", "<UNK>", *"abcdefghijklmnopqrstuvwxyz"))
    n = len(vocabulary)
    P = reference.init_rnn(n, n_a, n, rng)
    P["by"][vocabulary.eos] = -50.0  # nobody stops early: all write the same number of characters

    def write(maths, m):
        for seed in range(m):
            maths.sample_sequence(P, vocabulary, np.random.default_rng(seed), length)

    ways = {
        "textbook 1": lambda: write(textbook, 1),
        "reference 1": lambda: write(reference, 1),
        "textbook 256": lambda: write(textbook, 256),
        "reference 256": lambda: reference.sample_sequences(P, vocabulary, np.random.default_rng(0), 256, length),
    }
    with on_threads(1):
        seconds = interleaved(ways, rounds, time.process_time)
    return {f"batch_{m}": seconds[f"textbook {m}"] / seconds[f"reference {m}"] for m in (1, 256)}
