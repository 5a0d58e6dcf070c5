"""The generated melodies and puzzles, heard and solved by somebody else."""

import io
import itertools
import wave
from collections import Counter

import numpy as np
import pytest

from utils import generators
from utils.generators import END, LETTERS, NOTES
from utils.generators.melodies import LEAP


def rng(seed=0):
    return np.random.default_rng(seed)


# Melodies

CHORDS = [{"major": "CEG", "minor": "CeG"}, {"major": "FAC", "minor": "FaC"}, {"major": "GBD", "minor": "GBD"}]
LETTER = dict(zip(range(12), "C?DeEF?GaA?B", strict=True))  # small letters: a semitone lower


@pytest.mark.parametrize("length", [4, 5, 13, 16, 32])
def test_melodies_follow_their_grammar(length):
    notes, modes = generators.melodies(rng(length), 200, length)
    assert notes.shape == (200, length) and notes.dtype == np.int64 and 0.35 < modes.mean() < 0.65
    for row, mode in zip(notes, modes, strict=True):
        mode = "minor" if mode else "major"
        scale = [
            n for n, pitch in enumerate(NOTES) if LETTER[pitch % 12] in ("CDeFGaB" if mode == "minor" else "CDEFGAB")
        ]
        assert set(row) <= set(scale) and LETTER[NOTES[row[-1]] % 12] == "C"
        bounds = [quarter * length // 4 for quarter in range(5)]
        for quarter, (start, end) in enumerate(itertools.pairwise(bounds)):
            for t in range(start, min(end, length - 1)):
                if (t - start) % 2 == 0:
                    assert LETTER[NOTES[row[t]] % 12] in CHORDS[[0, 1, 2, 0][quarter]][mode]
                else:
                    assert abs(scale.index(row[t]) - scale.index(row[t - 1])) == 1
        assert max((abs(NOTES[a] - NOTES[b]) for a, b in itertools.pairwise(row)), default=0) <= LEAP


def test_the_notes_cover_both_modes_and_can_be_told_apart():
    notes, modes = generators.melodies(rng(), 300, 16)
    assert list(NOTES) == sorted(set(NOTES)) and len(NOTES) == 15
    assert set(notes.ravel()) == set(range(15))
    thirds = {NOTES.index(64), NOTES.index(76)}  # E belongs to major alone
    assert not thirds & set(notes[modes == 1].ravel()) and thirds <= set(notes[modes == 0].ravel())


def test_a_melody_sounds_at_the_right_pitch():
    rate = 16_000
    sound = generators.render_melody(np.array([NOTES.index(69), NOTES.index(60)]), rate=rate, beat=0.5)
    assert sound.shape == (16_000,) and 0.5 < np.abs(sound).max() <= 1
    for half, hertz in ((sound[:8000], 440.0), (sound[8000:], 261.63)):
        spectrum = np.abs(np.fft.rfft(half))
        assert abs(spectrum.argmax() * rate / 8000 - hertz) <= 2
        assert abs(half[0]) < 1e-9 and np.abs(half[-800:]).max() < 0.1 * np.abs(half).max()  # no click; it dies away


def test_a_melody_is_a_wav_file_that_others_can_read():
    sound = generators.render_melody([0, 3, 9], rate=8_000, beat=0.25)
    content = generators.wav_bytes(sound, rate=8_000)
    with wave.open(io.BytesIO(content)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate(), file.getnframes()) == (1, 2, 8000, 6000)
        back = np.frombuffer(file.readframes(6000), "<i2") / 32_767
    assert np.abs(back - sound).max() < 1e-4


# Puzzles


def test_adding_by_another_reader():
    x, y = generators.adding_problem(rng(), 500, 9)
    assert x.shape == (2, 500, 9) and y.shape == (500,)
    assert set(np.unique(x[1])) == {0, 1} and 0 <= x[0].min() and x[0].max() < 1
    assert (x[1, :, :4].sum(axis=1) == 1).all() and (x[1, :, 4:].sum(axis=1) == 1).all()
    np.testing.assert_allclose(y, (x[0] * x[1]).sum(axis=1), rtol=0, atol=1e-15)
    assert (x[1].sum(axis=0) > 60).all()  # every place is marked now and then


@pytest.mark.parametrize("T", [2, 3, 50])
def test_always_answering_1_costs_one_sixth(T):
    _, y = generators.adding_problem(rng(7), 60_000, T)
    assert abs(np.mean((y - 1) ** 2) - 0.167) < 0.003


def test_copying_by_another_reader():
    x, targets, mask = generators.copy_task(rng(), 50, 6, 4, 7)
    assert x.shape == targets.shape == mask.shape == (50, 15)
    for row, wanted, due in zip(x, targets, mask, strict=True):
        assert row[4:].tolist() == [6] * 7 + [7] + [6] * 3  # silence, the signal, silence
        assert wanted[due].tolist() == row[:4].tolist() and due.tolist() == [False] * 11 + [True] * 4
    assert set(x[:, :4].ravel()) == set(range(6)) and (targets[~mask] == -1).all()


def test_the_echo_by_another_reader():
    x, targets, mask = generators.echo_task(rng(), 40, 5, 8, 3)
    for row, wanted, due in zip(x.tolist(), targets.tolist(), mask.tolist(), strict=True):
        assert wanted == [-1] * 3 + row[:-3] and due == [False] * 3 + [True] * 5
    assert set(x.ravel()) == set(range(5))


def test_alphabets_by_another_reader():
    x, x_mask, y, y_mask = generators.alphabets(rng(), 300, 3, 8)
    assert x.shape == x_mask.shape == (300, 8) and y.shape == y_mask.shape == (300, 9)
    assert (x[~x_mask] == -1).all() and (y[~y_mask] == -1).all()
    lengths = Counter()
    for row, on, answer, due in zip(x, x_mask, y, y_mask, strict=True):
        read, written = "".join(LETTERS[i] for i in row[on]), answer[due].tolist()
        assert read in "abcdefghijklmnopqrstuvwxyz" and written[-1] == END == 26
        assert "".join(LETTERS[i] for i in written[:-1]) == read[::-1]
        assert on[-1] and due[0]  # padding on the left of what is read, on the right of what is written
        lengths[len(read)] += 1
    assert set(lengths) == set(range(3, 9)) and min(lengths.values()) > 25
    assert {row[on][0] for row, on in zip(x, x_mask, strict=True)} >= set(range(18))  # it may begin anywhere


def test_the_whole_alphabet_fits():
    x, _, y, _ = generators.alphabets(rng(), 2, 26, 26)
    assert (x == np.arange(26)).all() and y[0].tolist() == [*range(25, -1, -1), END]
