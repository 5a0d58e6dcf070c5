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
        for_u, for_r, for_c = F.linear(x, self.Wx, self.b).chunk(3, dim=-1)
        Whu, Whr = self.Wh.chunk(2)
        states = [c0]
        for t in range(x.shape[0]):
            before = states[-1]
            u = torch.sigmoid(for_u[t] + before @ Whu.T)
            r = torch.sigmoid(for_r[t] + before @ Whr.T)
            candidate = torch.tanh(for_c[t] + (r * before) @ self.Wc.T)
            states.append(before + u * (candidate - before))
        return torch.stack(states[1:])

# %% encode_packed
def encode_packed(rnn, x, lengths):
    packed = nn.utils.rnn.pack_padded_sequence(x, torch.as_tensor(lengths).cpu(), batch_first=True, enforce_sorted=False)
    result, h = rnn(packed)
    h = h[0] if type(h) is tuple else h
    directions = 2 if rnn.bidirectional else 1
    h = h.view(rnn.num_layers, directions, len(x), rnn.hidden_size)
    return torch.cat(list(h[-1]), dim=-1)

# %% sample_batch
@torch.no_grad()
def sample_batch(model, m, max_length, temperature=1.0, generator=None):
    before = model.training
    model.eval()
    device = next(model.parameters()).device
    tokens = torch.zeros(m, max_length, dtype=torch.int64, device=device)
    last, state = torch.zeros(m, 1, dtype=torch.int64, device=device), None
    ended = torch.zeros(m, dtype=torch.bool, device=device)
    for t in range(max_length):
        logits, state = model(last, state)
        p = F.softmax(logits[:, -1, :] / temperature, dim=-1)
        last = torch.multinomial(p, 1, generator=generator)
        last[ended] = 0
        tokens[:, t] = last[:, 0]
        ended = ended | (last[:, 0] == 0)
    model.train(before)
    return tokens

# %% min_gru_scan
def min_gru_scan(z, h_tilde, h0):
    keep, add = 1 - z, z * h_tilde
    shift = 1
    while shift < z.shape[0]:
        nothing = torch.zeros_like(add[:shift])
        keep_before = torch.cat([nothing + 1, keep[:-shift]])
        add_before = torch.cat([nothing, add[:-shift]])
        keep, add = keep * keep_before, keep * add_before + add
        shift *= 2
    return keep * h0[None] + add

# %% [markdown] a_slow_gpu
# Sixteen small kernels a step, 3,200 for 200 steps: the launches take the time and the GPU waits, so a faster one waits longer and half
# the bits shorten nothing. First a larger batch, which makes each piece larger; then one product for all inputs and a CUDA graph, which
# make fewer launches. A minGRU needs eight rounds in place of 200 steps, but its gates do not see the state, so it cannot count evens.
