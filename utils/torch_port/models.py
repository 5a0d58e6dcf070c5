"""Models that read tokens, as they are used outside a lesson: batch first, (m, T, n), embeddings, dropout, packing.

All of them give logits, in nats up to a constant: softmax or σ belongs to the loss. Tokens are whole numbers from 0 to
n_tokens - 1; behind the end of a sequence any of them may stand.
"""

import torch
from torch import nn

from utils.reference.door import expect_number
from utils.torch_port.door import expect_tokens
from utils.torch_port.packed import encode_packed, packed, padded

CELLS = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}


def recurrent(cell, n_x, n, **options):
    """nn.RNN, nn.LSTM or nn.GRU by its name, batch first."""
    if cell not in CELLS:
        raise ValueError(f"cell must be {', '.join(CELLS)}, got {cell!r}.")
    return CELLS[cell](n_x, n, batch_first=True, **options)


def _expect_sizes(dropout=0.0, **sizes):
    for name, size in sizes.items():
        expect_number(name, size, least=1, whole=True)
    expect_number("dropout", dropout, least=0, most=1)


class CharLM(nn.Module):
    """A language model: what comes next, given all before it. embed, an LSTM, drop, out.

    tied: `out` uses the matrix of `embed`, and a token's vector is both how it is read and how it is predicted; needs
    n_embed = n_hidden. Source: Press and Wolf (2017), arXiv:1608.05859. Raises ValueError for other sizes.
    """

    def __init__(self, n_tokens, n_embed, n_hidden, dropout=0.0, tied=False):
        super().__init__()
        _expect_sizes(dropout, n_tokens=n_tokens, n_embed=n_embed, n_hidden=n_hidden)
        self.embed = nn.Embedding(n_tokens, n_embed)
        self.rnn = recurrent("lstm", n_embed, n_hidden)
        self.drop = nn.Dropout(dropout)
        self.out = nn.Linear(n_hidden, n_tokens)
        if tied:
            if n_embed != n_hidden:
                raise ValueError(f"tied needs n_embed = n_hidden, got {n_embed} and {n_hidden}.")
            nn.init.normal_(self.embed.weight, std=n_embed**-0.5)  # as embeddings start, the logits would be too large
            self.out.weight = self.embed.weight

    def forward(self, tokens, state=None):
        """Logits (m, T, n_tokens) and the state after the last step, for tokens int (m, T).

        state: (a, c), each (1, m, n_hidden), as the call before returned it; zeros when None.
        """
        expect_tokens(tokens=(tokens, "m T"))
        states, state = self.rnn(self.embed(tokens), state)
        return self.out(self.drop(states)), state


class Classifier(nn.Module):
    """One answer for each sequence, from the state at its end: embed, rnn, drop, out.

    cell: "rnn", "lstm" or "gru"; bidirectional: the state at the start, read backwards, stands beside it.
    """

    def __init__(self, n_tokens, n_embed, n_hidden, n_classes, cell="gru", bidirectional=False, dropout=0.0):
        super().__init__()
        _expect_sizes(dropout, n_tokens=n_tokens, n_embed=n_embed, n_hidden=n_hidden, n_classes=n_classes)
        self.embed = nn.Embedding(n_tokens, n_embed)
        self.rnn = recurrent(cell, n_embed, n_hidden, bidirectional=bidirectional)
        self.drop = nn.Dropout(dropout)
        self.out = nn.Linear(n_hidden * (1 + bidirectional), n_classes)

    def forward(self, tokens, lengths):
        """Logits (m, n_classes) for tokens int (m, T), padded on the right; lengths: m whole numbers, 1 … T."""
        expect_tokens(tokens=(tokens, "m T"))
        return self.out(self.drop(encode_packed(self.rnn, self.embed(tokens), lengths)))


class Tagger(nn.Module):
    """An answer at every step, from what stands on both sides of it: embed, a bidirectional rnn, drop, out."""

    def __init__(self, n_tokens, n_embed, n_hidden, n_tags, cell="lstm", dropout=0.0):
        super().__init__()
        _expect_sizes(dropout, n_tokens=n_tokens, n_embed=n_embed, n_hidden=n_hidden, n_tags=n_tags)
        self.embed = nn.Embedding(n_tokens, n_embed)
        self.rnn = recurrent(cell, n_embed, n_hidden, bidirectional=True)
        self.drop = nn.Dropout(dropout)
        self.out = nn.Linear(2 * n_hidden, n_tags)

    def forward(self, tokens, lengths):
        """Logits (m, T, n_tags), zero behind the end of a sequence, for tokens int (m, T); lengths: as a Classifier's.

        The output layer works on the packed steps, so padding costs nothing there either.
        """
        T = expect_tokens(tokens=(tokens, "m T"))["T"]
        steps, _ = self.rnn(packed(self.embed(tokens), lengths))
        return padded(steps._replace(data=self.out(self.drop(steps.data))), T)


class EncoderDecoder(nn.Module):
    """One net reads a sequence of tokens, another writes one, starting from the state in which the first one ends.

    cell: "rnn", "lstm" or "gru", for both nets. Source: Sutskever, Vinyals and Le (2014), arXiv:1409.3215.
    """

    def __init__(self, n_source, n_target, n_embed, n_hidden, cell="gru"):
        super().__init__()
        _expect_sizes(n_source=n_source, n_target=n_target, n_embed=n_embed, n_hidden=n_hidden)
        self.embed_source, self.embed_target = nn.Embedding(n_source, n_embed), nn.Embedding(n_target, n_embed)
        self.encoder, self.decoder = recurrent(cell, n_embed, n_hidden), recurrent(cell, n_embed, n_hidden)
        self.out = nn.Linear(n_hidden, n_target)

    def forward(self, source, lengths, target_in):
        """Logits (m, T_y, n_target) with teacher forcing.

        source: int (m, T_x), padded on the right; lengths: m whole numbers, 1 … T_x; target_in: int (m, T_y), the right
        answers shifted by one step, a start token in front.
        """
        m = expect_tokens(source=(source, "m T_x"))["m"]
        expect_tokens({"m": m}, target_in=(target_in, "m T_y"))
        return self._write(target_in, self._read(source, lengths))[0]

    def _read(self, source, lengths):
        return self.encoder(packed(self.embed_source(source), lengths))[1]

    def _write(self, tokens, state):
        states, state = self.decoder(self.embed_target(tokens), state)
        return self.out(states), state

    @torch.no_grad()
    def decode(self, source, lengths, start, eos, max_length):
        """Free running: feed `start`, then always the most probable token of the step before, until `eos`.

        start, eos: tokens, 0 … n_target - 1; max_length: tokens at most. Returns a list of m lists of int, without eos.
        Goes on until every row has ended, one step of the whole batch at a time; no gradients.
        """
        expect_tokens(source=(source, "m T_x"))
        for name, token in {"start": start, "eos": eos}.items():
            expect_number(name, token, least=0, most=self.out.out_features - 1, whole=True)
        expect_number("max_length", max_length, least=1, whole=True)
        state = self._read(source, lengths)
        token = source.new_full((len(source), 1), start)
        running, written = torch.ones_like(token, dtype=torch.bool), []
        while len(written) < max_length and running.any():
            logits, state = self._write(token, state)
            token = logits.argmax(dim=2)  # (m, 1)
            running &= token != eos
            written.append(token)
        rows = torch.cat(written, dim=1).tolist()
        return [row[: row.index(eos)] if eos in row else row for row in rows]
