"""Right answers to lesson 10, part B, as students write them. `python -m utils prove` must accept every one."""

import torch
from torch import nn
from torch.nn import functional as F


class _Seed(nn.Module):
    """The __init__ that the lesson shows."""

    def __init__(self, P):
        super().__init__()
        n_c = len(P["bu"])
        W = torch.cat([torch.from_numpy(P["W" + gate]) for gate in "urc"])
        b = torch.cat([torch.from_numpy(P["b" + gate]) for gate in "urc"])
        self.Wx = nn.Parameter(W[:, n_c:].clone())
        self.Wh = nn.Parameter(W[: 2 * n_c, :n_c].clone())
        self.Wc = nn.Parameter(W[2 * n_c :, :n_c].clone())
        self.b = nn.Parameter(b[:, 0].clone())


class SeedGRU__linear_and_chunks(_Seed):
    def forward(self, x, c0):
        c, states = c0, []
        for on_u, on_r, on_c in zip(*F.linear(x, self.Wx, self.b).chunk(3, dim=-1), strict=True):
            u, r = F.linear(c, self.Wh).chunk(2, dim=-1)
            u, r = torch.sigmoid(on_u + u), torch.sigmoid(on_r + r)
            c = c + u * (torch.tanh(on_c + F.linear(r * c, self.Wc)) - c)
            states += [c]
        return torch.stack(states)


class SeedGRU__a_product_for_each_gate(_Seed):
    """Three products with x, but before the loop, and one weight matrix at a time in it."""

    def forward(self, x, c0):
        Wu, Wr, Wc = self.Wx.split(len(self.Wc))
        bu, br, bc = self.b.split(len(self.Wc))
        Whu, Whr = self.Wh.split(len(self.Wc))
        from_u, from_r, from_c = x @ Wu.T + bu, x @ Wr.T + br, x @ Wc.T + bc
        c = [c0]
        for t in range(x.shape[0]):
            gate_u = torch.sigmoid(from_u[t] + c[-1] @ Whu.T)
            gate_r = torch.sigmoid(from_r[t] + c[-1] @ Whr.T)
            c_tilde = torch.tanh(from_c[t] + (gate_r * c[-1]) @ self.Wc.T)
            c.append((1 - gate_u) * c[-1] + gate_u * c_tilde)
        return torch.stack(c[1:])


class SeedGRU__columns_as_in_the_course(_Seed):
    """Everything turned round, (features, examples), and back at the end."""

    def forward(self, x, c0):
        T, m, n_x = x.shape
        n = len(self.Wc)
        from_x = (self.Wx @ x.reshape(T * m, n_x).T + self.b[:, None]).reshape(3 * n, T, m)
        c, states = c0.T, []
        for t in range(T):
            gates = torch.sigmoid(from_x[: 2 * n, t] + self.Wh @ c)
            c_tilde = torch.tanh(from_x[2 * n :, t] + self.Wc @ (gates[n:] * c))
            c = gates[:n] * c_tilde + (1 - gates[:n]) * c
            states.append(c.T)
        return torch.stack(states, dim=0)


def encode_packed__sorted_and_put_back(rnn, x, lengths):
    order = lengths.argsort(descending=True)
    packed = nn.utils.rnn.pack_padded_sequence(x[order], lengths[order], batch_first=True)
    last = rnn(packed)[1]
    if isinstance(rnn, nn.LSTM):
        last, _ = last
    top = torch.cat(list(last[-2:] if rnn.bidirectional else last[-1:]), dim=-1)
    return top[order.argsort()]


def encode_packed__one_at_a_time(rnn, x, lengths):
    """No packing: every sequence is cut to its length and read alone."""
    rows = []
    for one, length in zip(x, lengths.tolist(), strict=True):
        out, _ = rnn(one[None, :length])
        n = rnn.hidden_size
        rows.append(torch.cat([out[0, -1, :n], out[0, 0, n:]]))
    return torch.stack(rows)


def encode_packed__by_layers_and_directions(rnn, x, lengths):
    packed = nn.utils.rnn.pack_padded_sequence(x, lengths.tolist(), True, False)
    _, state = rnn(packed)
    h = state[0] if type(state) is tuple else state
    h = h.view(rnn.num_layers, 1 + rnn.bidirectional, len(x), rnn.hidden_size)[-1]
    return h.transpose(0, 1).reshape(len(x), -1)


def encode_packed__outputs_of_both_ends(rnn, x, lengths):
    """From the outputs: forwards at the last valid step, backwards at the first."""
    packed = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
    out, _ = nn.utils.rnn.pad_packed_sequence(rnn(packed)[0], batch_first=True)
    n = rnn.hidden_size
    forwards = out[torch.arange(len(x)), lengths - 1, :n]
    return torch.cat([forwards, out[:, 0, n:]], dim=1) if rnn.bidirectional else forwards


def sample_batch__stops_early(model, m, max_length, temperature=1.0, generator=None):
    mode = model.training
    model.eval()
    names = torch.zeros(m, max_length, dtype=torch.long)
    token, state, ended = names[:, :1], None, torch.zeros(m, dtype=torch.bool)
    for t in range(max_length):
        with torch.no_grad():
            logits, state = model(token, state)
        token = torch.multinomial((logits[:, -1] / temperature).softmax(-1), 1, generator=generator)
        token[ended] = 0
        names[:, t] = token[:, 0]
        ended |= token[:, 0] == 0
        if ended.all():
            break
    model.train(mode)
    return names


def sample_batch__exponentials_by_hand(model, m, max_length, temperature=1.0, generator=None):
    """The softmax written out, its largest number taken away first."""
    was = model.training
    model = model.eval()
    try:
        with torch.inference_mode():
            token, state, columns = torch.full((m, 1), 0), None, []
            for _ in range(max_length):
                logits, state = model(token, state)
                z = logits.squeeze(1) / temperature
                p = torch.exp(z - z.max(dim=1, keepdim=True).values)
                new = torch.multinomial(p / p.sum(dim=1, keepdim=True), num_samples=1, generator=generator)
                over = (token == 0) if columns else torch.zeros_like(token, dtype=torch.bool)
                token = torch.where(over, 0, new)
                columns.append(token)
            return torch.hstack(columns).clone()
    finally:
        model.train(was)


@torch.no_grad()
def sample_batch__cleaned_up_at_the_end(model, m, max_length, temperature=1.0, generator=None):
    """Rows that have ended go on, and all that follows their first 0 is wiped out afterwards."""
    training, state = model.training, None
    model.train(False)
    tokens = [torch.zeros((m, 1), dtype=torch.int64)]
    for _ in range(max_length):
        logits, state = model(tokens[-1], state)
        tokens.append(torch.multinomial(torch.softmax(logits[:, 0] / temperature, -1), 1, generator=generator))
    model.train(training)
    drawn = torch.cat(tokens[1:], 1)
    return drawn * (drawn != 0).long().cumprod(dim=1)


def min_gru_scan__halves(z, h_tilde, h0):
    """Divide and conquer: pairs of steps become one, half as many are solved, the others follow from them."""

    def solve(keep, add):
        T = len(keep)
        if T == 1:
            return keep, add
        even = T // 2 * 2
        joined = keep[1:even:2] * keep[0:even:2], keep[1:even:2] * add[0:even:2] + add[1:even:2]
        odd_keep, odd_add = solve(*joined)  # the answers at t = 1, 3, 5, …
        later = keep[2::2] * odd_keep[: len(keep[2::2])], keep[2::2] * odd_add[: len(add[2::2])] + add[2::2]
        first = torch.cat([keep[:1], later[0]]), torch.cat([add[:1], later[1]])
        out = [torch.zeros_like(keep), torch.zeros_like(add)]
        for k, odd in enumerate((odd_keep, odd_add)):
            whole = torch.stack([first[k][: len(odd)], odd], dim=1).flatten(0, 1)
            out[k] = torch.cat([whole, first[k][len(odd) :]])
        return tuple(out)

    keep, add = solve(1 - z, z * h_tilde)
    return add + keep * h0


def min_gru_scan__h0_as_a_step(z, h_tilde, h0):
    keep = torch.cat([torch.zeros_like(h0)[None], 1 - z])
    h = torch.cat([h0[None], z * h_tilde])
    for k in range((len(h) - 1).bit_length()):
        r = 2**k
        pad = torch.zeros_like(h[:r])
        h, keep = h + keep * torch.cat([pad, h[:-r]]), keep * torch.cat([pad + 1, keep[:-r]])
    return h[1:]


def min_gru_scan__one_large_table(z, h_tilde, h0):
    """All pairs (t, s): what is left at t of what was written at s, a product of the factors after s, up to t."""
    T = len(z)
    after = torch.ones(T, T, dtype=torch.bool).tril(-1)[:, :, None, None]  # t > s
    left = torch.where(after, (1 - z)[:, None], 1.0).cumprod(dim=0)  # (T, T, m, n)
    share = left * torch.ones(T, T, dtype=z.dtype).tril()[:, :, None, None]
    return (share * (z * h_tilde)[None]).sum(dim=1) + torch.cumprod(1 - z, dim=0) * h0
