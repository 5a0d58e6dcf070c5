"""Melodies over the chords I–IV–V–I in C, major or minor, and a way to hear them."""

import io
import wave

import numpy as np

from .door import expect_rng, expect_whole

NOTES = (60, 62, 63, 64, 65, 67, 68, 69, 71, 72, 74, 75, 76, 77, 79)  # MIDI numbers: 60 is middle C, 69 is 440 Hz
SCALES = ((0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 11))  # semitones above C: major, (harmonic) minor
# the chords of the four quarters of a melody, I IV V I, as semitones above C
CHORDS = (((0, 4, 7), (5, 9, 0), (7, 11, 2), (0, 4, 7)), ((0, 3, 7), (5, 8, 0), (7, 11, 2), (0, 3, 7)))
LEAP = 7  # semitones: the widest step that a melody takes from beat to beat


def melodies(rng, m, length):
    """m melodies of `length` notes, one per step: a grammar says which notes may come, chance which one does.

    Each quarter of a melody has its chord: I, IV, V, I. The first note of a quarter and every second one after it
    belong to the chord and lie at most LEAP semitones from the note before; the notes between go one step up or down
    the scale. The last note is a C. Half of the melodies, up to chance, are in C major, the others in C minor.

    rng: numpy.random.Generator. length: at least 4. Returns notes int (m, length), places in NOTES, and modes int (m,),
    0 for major, 1 for minor. ValueError for smaller numbers and for anything but a Generator.
    """
    expect_rng(rng)
    expect_whole(m=m)
    expect_whole(4, length=length)
    modes = rng.integers(2, size=m)
    notes = [[NOTES.index(pitch) for pitch in _melody(rng, mode, length)] for mode in modes]
    return np.array(notes, np.int64), modes


def _melody(rng, mode, length):
    """The pitches of one melody as MIDI numbers."""
    scale = [pitch for pitch in NOTES if pitch % 12 in SCALES[mode]]
    starts = [quarter * length // 4 for quarter in range(4)]
    pitches = [scale[0]]  # where the first leap is measured from
    for t in range(length):
        quarter = max(q for q in range(4) if starts[q] <= t)
        if t == length - 1:
            allowed = [pitch for pitch in scale if pitch % 12 == 0 and abs(pitch - pitches[-1]) <= LEAP]
        elif (t - starts[quarter]) % 2 == 0:
            allowed = [p for p in scale if p % 12 in CHORDS[mode][quarter] and abs(p - pitches[-1]) <= LEAP]
        else:
            place = scale.index(pitches[-1])
            allowed = [scale[i] for i in (place - 1, place + 1) if 0 <= i < len(scale)]
        pitches.append(allowed[rng.integers(len(allowed))])
    return pitches[1:]


def render_melody(notes, rate=16_000, beat=0.3):
    """The sound of a melody: for each note a plain tone that rises at once and dies away.

    notes: int (length,), places in NOTES. rate: samples per second, at least 8,000. beat: seconds per note, above 0.
    Returns float64 samples between -1 and 1, length · rate · beat of them. ValueError for notes outside and other
    shapes.
    """
    notes = np.asarray(notes)
    if notes.ndim != 1 or not notes.size or notes.dtype.kind not in "iu":
        raise ValueError(f"notes must be whole numbers of shape (length,), got {notes.dtype} of shape {notes.shape}.")
    if notes.min() < 0 or notes.max() >= len(NOTES):
        raise ValueError(f"notes must lie between 0 and {len(NOTES) - 1}, got {notes.min()} … {notes.max()}.")
    expect_whole(8_000, rate=rate)
    if not 0 < beat < np.inf:
        raise ValueError(f"beat must be a number of seconds above 0, got {beat!r}.")
    seconds = np.arange(max(1, round(rate * beat))) / rate
    hertz = 440.0 * 2.0 ** ((np.array(NOTES)[notes] - 69) / 12)  # (length,)
    loudness = 0.8 * np.minimum(seconds / 0.01, 1) * np.exp(-4 * seconds / beat)  # no click at the start
    return (np.sin(2 * np.pi * hertz[:, None] * seconds) * loudness).ravel()


def wav_bytes(samples, rate=16_000):
    """Samples between -1 and 1 as the content of a WAV file, one channel of 16 bits; a notebook or a file can take it.

    ValueError for other shapes, NaN, and samples outside.
    """
    samples = np.asarray(samples, dtype=float)
    if samples.ndim != 1 or not samples.size or not np.abs(samples).max() <= 1:
        came = f"shape {samples.shape}" + (f", largest {np.abs(samples).max():.3g}" if samples.size else "")
        raise ValueError(f"samples must be numbers from -1 to 1 of shape (n,), got {came}.")
    expect_whole(8_000, rate=rate)
    content = io.BytesIO()
    with wave.open(content, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(np.round(samples * 32_767).astype("<i2").tobytes())
    return content.getvalue()
