"""The character model of lesson 10, step by step."""

from torch import nn


class CharLM(nn.Module):
    """A model of names or text, one token after the other: embedding, LSTM, dropout, output layer.

    h⟨t⟩, state = LSTM(embed(token⟨t⟩), state); logits⟨t⟩ = out(drop(h⟨t⟩)). The logits are what goes into a softmax;
    the softmax itself is part of the loss.

    n_tokens: how many symbols there are; n_embed, n_hidden: numbers for each symbol, and of h; dropout: the share of h
    that is set to zero while training.
    """

    def __init__(self, n_tokens, n_embed, n_hidden, dropout=0.0):
        """The four layers: `embed`, `rnn` (batch first), `drop` and `out`."""
        super().__init__()
        self.embed = nn.Embedding(n_tokens, n_embed)
        self.rnn = nn.LSTM(n_embed, n_hidden, batch_first=True)
        self.drop = nn.Dropout(dropout)
        self.out = nn.Linear(n_hidden, n_tokens)

    def forward(self, tokens, state=None):
        """tokens: whole numbers (m, T); state: what the last call returned, None for zeros.

        Returns logits (m, T, n_tokens) and the state (h, c) after the last step, each (1, m, n_hidden).
        """
        h, state = self.rnn(self.embed(tokens), state)  # (m, T, n_hidden)
        return self.out(self.drop(h)), state
