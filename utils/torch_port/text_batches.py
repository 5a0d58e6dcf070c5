"""Names of dinosaurs as tensors: padded batches with a name in each row, and one long text in windows of time.

Token 0 is the end of a name, 1 … 26 are a … z. A model reads 0 first, then the letters; it is asked for the letters,
then for 0. So the steps that count are those of the course's NumPy models: each letter, and the end as one more.
"""

import numpy as np
import torch

from utils.datasets import load_dinosaurs
from utils.reference import minibatches
from utils.reference.door import expect_number, expect_rng
from utils.stored_runs.experiment import split

END, NOTHING = 0, -1  # the end of a name; a step that does not count
N_TOKENS = 27


def split_names(seed=0, m=None):
    """Names to learn from and, one tenth, names held out; all, or the first m. Seed 0 splits as lesson 04 does."""
    return split(np.random.default_rng(seed), load_dinosaurs()[:m], 0.1)


def encode_name(name) -> list[int]:
    """The letters a … z as 1 … 26, without an end. ValueError for anything else."""
    if not isinstance(name, str) or not all("a" <= letter <= "z" for letter in name):
        raise ValueError(f"a name must be a string of letters a to z in lower case, got {name!r}.")
    return [ord(letter) - ord("a") + 1 for letter in name]


def decode_names(tokens) -> list[str]:
    """The names in the rows of tokens, int (m, T), each up to its first 0 or to the end of the row."""
    return ["".join(chr(token + ord("a") - 1) for token in row[: (*row, END).index(END)]) for row in tokens.tolist()]


def pad_names(names):
    """Names as x and y, int64 (m, T), where T is the longest name and its end.

    x: 0, then the letters, then 0 as padding. y: the letters, then 0, then -1 as padding, where nothing is asked.
    ValueError for no name at all, and for a name that is not of letters a to z.
    """
    if isinstance(names, str) or not len(names):
        raise ValueError(f"names must be a list of at least one name, got {names!r}.")
    rows = [encode_name(name) for name in names]
    x = torch.full((len(rows), 1 + max(map(len, rows))), END)  # (m, T)
    y = torch.full_like(x, NOTHING)
    for i, letters in enumerate(rows):
        x[i, 1 : len(letters) + 1] = torch.tensor(letters)
        y[i, : len(letters) + 1] = torch.tensor([*letters, END])
    return x, y


class NameBatches:
    """Names in batches of `size` rows, each padded to the longest of its own names; the last one may be smaller.

    rng: a numpy.random.Generator, which draws a fresh order each time the batches are gone through; None keeps the
    order of the names. `len` is the number of batches. ValueError for no name, a size below 1, another kind of rng.
    """

    def __init__(self, names, size, rng=None):
        expect_number("size", size, least=1, whole=True)
        if rng is not None:
            expect_rng(rng)
        self.size, self.rng = size, rng
        self.x, self.y = pad_names(names)

    def __len__(self):
        return -(-len(self.x) // self.size)

    def __iter__(self):
        for rows in self._orders():
            x, y = self.x[rows], self.y[rows]
            T = int((y != NOTHING).sum(dim=1).max())
            yield x[:, :T], y[:, :T]

    def _orders(self):
        if self.rng is None:
            return torch.arange(len(self.x)).split(self.size)
        return map(torch.from_numpy, minibatches(len(self.x), self.size, self.rng))


def join_names(names):
    """All names as one text: int64 (N,), with 0 in front of each and behind the last."""
    return torch.tensor([END, *(token for name in names for token in (*encode_name(name), END))])


def stream_batches(text, m, window):
    """A text in m rows that are read side by side, `window` steps at a time, so that each batch goes on where the last
    one stopped. For `carry=True`.

    text: int64 (N,), at least m + 1 of them; each token but the first is asked for once, from those before it. The rows
    have ⌈(N - 1) / m⌉ steps; what the last ones lack is padding, x = 0 and y = -1. Returns a list of (x, y), int64
    (m, window), the last ones perhaps narrower. ValueError for other texts and for sizes below 1.
    """
    expect_number("m", m, least=1, whole=True)
    expect_number("window", window, least=1, whole=True)
    if not isinstance(text, torch.Tensor) or text.dtype != torch.int64 or text.dim() != 1 or len(text) <= m:
        came = f"{text.dtype} {tuple(text.shape)}" if isinstance(text, torch.Tensor) else type(text).__name__
        raise ValueError(f"text must be an int64 tensor (N,) with more than m = {m} tokens, got {came}.")
    T = -(-(len(text) - 1) // m)
    x, y = (torch.full((m * T,), filler) for filler in (END, NOTHING))
    x[: len(text) - 1], y[: len(text) - 1] = text[:-1], text[1:]
    return list(zip(x.view(m, T).split(window, dim=1), y.view(m, T).split(window, dim=1), strict=True))
