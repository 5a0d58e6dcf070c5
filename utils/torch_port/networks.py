"""The networks of this course as modules: recurrent layers, then one product that gives the logits of every step.

Time comes first, (T, m, n), as PyTorch has it by default; the last functions of the NumPy networks, softmax or σ, are
left to the loss. Models that read tokens are in models.py.
"""

import torch
from torch import nn

from utils.torch_port.door import expect_tensors
from utils.torch_port.packed import expect_lengths, packed, packed_where, padded
from utils.torch_port.seed_gru import SeedGRU


class Recurrent(nn.Module):
    """Recurrent layers `rnn` and an output layer `out` on the top states, the same at every step.

    rnn: nn.RNN, nn.LSTM or nn.GRU with time first, any layers and directions, or a SeedGRU; out: nn.Linear, or None for
    the states themselves. numbered: whether `to_numpy` numbers the layers of an nn.RNN even if there is only one.
    """

    def __init__(self, rnn, out=None, numbered=False):
        super().__init__()
        if getattr(rnn, "batch_first", False):
            raise ValueError("rnn must have time first, as the networks of the course; got batch_first=True.")
        self.rnn, self.out, self.numbered = rnn, out, numbered

    def forward(self, x, state=None, lengths=None):
        """Logits (T, m, n_y) and the last state, for x (T, m, n_x).

        state: as PyTorch's layer takes it, (layers * directions, m, n), for an LSTM (a, c); zeros when None. lengths: m
        whole numbers, 1 … T: where a sequence ends. States behind an end are zero, the last state is the one at the
        end, and a backward direction starts there. Raises ValueError for other shapes and lengths.
        """
        run = self._seed if isinstance(self.rnn, SeedGRU) else self._packed
        states, last = run(x, state, lengths)
        return states if self.out is None else self.out(states), last

    def _packed(self, x, state, lengths):
        expect_tensors({"n_x": self.rnn.input_size}, x=(x, "T m n_x"))
        if lengths is None:
            return self.rnn(x, state)
        states, last = self.rnn(packed(x, lengths, batch_first=False), state)
        return padded(states, len(x), batch_first=False), last

    def _seed(self, x, state, lengths):
        """A SeedGRU knows no packed sequences: it reads the padding too, which no valid step can see."""
        n_c = self.rnn.Wc.shape[0]
        sizes = expect_tensors({"n_x": self.rnn.Wx.shape[1]}, x=(x, "T m n_x"))
        if state is not None:
            expect_tensors({"1": 1, "m": sizes["m"], "n_c": n_c}, state=(state, "1 m n_c"))
        states = self.rnn(x, x.new_zeros(sizes["m"], n_c) if state is None else state[0])
        if lengths is None:
            return states, states[-1:]
        ends = expect_lengths(lengths, sizes["m"], sizes["T"]).to(x.device)
        valid = torch.arange(sizes["T"], device=x.device)[:, None] < ends  # (T, m)
        return states * valid[:, :, None], states[ends - 1, torch.arange(sizes["m"], device=x.device)][None]


class ReadThenWrite(nn.Module):
    """Two nets: the encoder reads x from zeros, and its last state is where the decoder starts.

    encoder, decoder: nn.RNN of one layer with time first; out: nn.Linear on the decoder's states.
    """

    def __init__(self, encoder, decoder, out):
        super().__init__()
        if encoder.batch_first or decoder.batch_first:
            raise ValueError("encoder and decoder must have time first; got batch_first=True.")
        self.encoder, self.decoder, self.out = encoder, decoder, out

    def forward(self, x, y_in, x_mask=None):
        """Logits (T_y, m, n_y) and the decoder's last state (1, m, n_a), with teacher forcing.

        x: (T_x, m, n_x); y_in: (T_y, m, n_y), the answers shifted by one step; x_mask: bool (T_x, m), True = counts,
        padded on either side: a step that does not count keeps the state. Raises ValueError for other shapes and for
        an example of nothing but padding.
        """
        sizes = expect_tensors({"n_x": self.encoder.input_size}, x=(x, "T_x m n_x"))
        expect_tensors({"m": sizes["m"], "n_y": self.decoder.input_size}, y_in=(y_in, "T_y m n_y"))
        _, read = self.encoder(x if x_mask is None else packed_where(x, x_mask))
        states, last = self.decoder(y_in, read)
        return self.out(states), last
