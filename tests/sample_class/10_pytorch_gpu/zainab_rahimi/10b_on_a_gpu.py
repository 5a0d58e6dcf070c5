# %% SeedGRU
class SeedGRU(nn.Module):
    """The GRU of lesson 06 over a whole sequence."""

    def __init__(self, P):
        super().__init__()
        n_c = len(P["bu"])
        W = torch.cat([torch.from_numpy(P["W" + gate]) for gate in "urc"])  # (3 n_c, n_c + n_x)
        b = torch.cat([torch.from_numpy(P["b" + gate]) for gate in "urc"])  # (3 n_c, 1)
        self.Wx = nn.Parameter(W[:, n_c:].clone())
        self.Wh = nn.Parameter(W[: 2 * n_c, :n_c].clone())
        self.Wc = nn.Parameter(W[2 * n_c :, :n_c].clone())
        self.b = nn.Parameter(b[:, 0].clone())

    def forward(self, x, c0):
        n_c = len(self.Wc)
        from_x = x @ self.Wx.T + self.b
        c, states = c0, []
        for step in from_x:
            gates = torch.sigmoid(step[:, : 2 * n_c] + c @ self.Wh.T)
            gate_u, gate_r = gates[:, :n_c], gates[:, n_c:]
            c_tilde = torch.tanh(step[:, 2 * n_c :] + gate_r * (c @ self.Wc.T))
            c = gate_u * c_tilde + (1 - gate_u) * c
            states.append(c)
        return torch.stack(states)

# %% encode_packed
def encode_packed(rnn, x, lengths):
    packed = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
    _, last = rnn(packed)
    if isinstance(last, tuple):
        last = last[0]
    return last[-1]

# %% sample_batch
def sample_batch(model, m, max_length, temperature=1.0, generator=None):
    token = torch.zeros(m, 1, dtype=torch.int64, device=next(model.parameters()).device)
    state, alive, drawn = None, torch.ones_like(token), []
    with torch.no_grad():
        for _ in range(max_length):
            logits, state = model(token, state)
            p = torch.softmax(logits[:, 0] / temperature, dim=1)
            token = torch.multinomial(p, 1, generator=generator) * alive
            alive = alive * (token != 0)
            drawn.append(token)
    return torch.cat(drawn, dim=1)

# %% min_gru_scan
def min_gru_scan(z, h_tilde, h0):
    h, states = h0, []
    for t in range(len(z)):
        h = (1 - z[t]) * h + z[t] * h_tilde[t]
        states.append(h)
    return torch.stack(states)

# %% [markdown] a_slow_gpu
# The time goes into the launches. A larger batch helps, and nn.GRU.
