# %% to_torch_rnn
def to_torch_rnn(P):
    n_a, n_x = P["Wax"].shape
    layer = nn.RNN(n_x, n_a).double()
    half = P["ba"].ravel() / 2
    layer.load_state_dict({
        "weight_ih_l0": torch.tensor(P["Wax"]),
        "weight_hh_l0": torch.tensor(P["Waa"]),
        "bias_ih_l0": torch.tensor(half),
        "bias_hh_l0": torch.tensor(half),
    })
    return layer

# %% to_torch_lstm
def to_torch_lstm(P):
    n_a = P["bf"].shape[0]
    n_x = P["Wf"].shape[1] - n_a
    layer = nn.LSTM(n_x, n_a).double()
    theirs = {"i": "u", "f": "f", "g": "c", "o": "o"}
    for k, gate in enumerate("ifgo"):
        ours = theirs[gate]
        rows = slice(k * n_a, (k + 1) * n_a)
        layer.weight_hh_l0.data[rows] = torch.tensor(P["W" + ours][:, :n_a])
        layer.weight_ih_l0.data[rows] = torch.tensor(P["W" + ours][:, n_a:])
        layer.bias_ih_l0.data[rows] = torch.tensor(P["b" + ours]).squeeze(1)
        layer.bias_hh_l0.data[rows] = 0
    return layer

# %% to_torch_gru
def to_torch_gru(P):
    n_c, n_x = P["Wcx"].shape
    layer = nn.GRU(n_x, n_c).double()
    parts = [("Wr", "br", 1), ("Wu", "bu", -1)]
    with torch.no_grad():
        for k, (W, b, sign) in enumerate(parts):
            rows = slice(k * n_c, (k + 1) * n_c)
            layer.weight_hh_l0[rows] = sign * torch.tensor(P[W][:, :n_c])
            layer.weight_ih_l0[rows] = sign * torch.tensor(P[W][:, n_c:])
            layer.bias_hh_l0[rows] = sign * torch.tensor(P[b][:, 0])
            layer.bias_ih_l0[rows] = 0
        last = slice(2 * n_c, None)
        layer.weight_hh_l0[last] = torch.tensor(P["Wcc"])
        layer.weight_ih_l0[last] = torch.tensor(P["Wcx"])
        layer.bias_hh_l0[last] = torch.tensor(P["bcc"][:, 0])
        layer.bias_ih_l0[last] = torch.tensor(P["bcx"][:, 0])
    return layer

# %% from_torch
def from_torch(module):
    weights = {name: value.detach().numpy().copy() for name, value in module.named_parameters()}
    bias = (weights["bias_ih_l0"] + weights["bias_hh_l0"]).reshape(-1, 1)
    if not isinstance(module, nn.LSTM):
        return {"Wax": weights["weight_ih_l0"], "Waa": weights["weight_hh_l0"], "ba": bias}
    both = np.concatenate([weights["weight_hh_l0"], weights["weight_ih_l0"]], axis=1)
    P = {}
    for gate, W, b in zip("ufco", np.split(both, 4), np.split(bias, 4)):
        P["W" + gate], P["b" + gate] = W, b
    return P

# %% CharLM
class CharLM(nn.Module):
    def __init__(self, n_tokens, n_embed, n_hidden, dropout=0.0):
        super(CharLM, self).__init__()
        self.embed = nn.Embedding(n_tokens, n_embed)
        self.rnn = nn.LSTM(n_embed, n_hidden, 1, batch_first=True)
        self.drop = nn.Dropout(p=dropout)
        self.out = nn.Linear(n_hidden, n_tokens)

    def forward(self, tokens, state=None):
        vectors = self.embed(tokens)
        if state is None:
            h, state = self.rnn(vectors)
        else:
            h, state = self.rnn(vectors, state)
        kept = self.drop(h)
        return self.out(kept), state

# %% train_epoch
def train_epoch(model, batches, optimizer, limit, device="cpu", amp=False, scaler=None, carry=False):
    if scaler is None:
        scaler = torch.amp.GradScaler(enabled=False)
    model.train()
    state, losses, counts = None, [], []
    for x, y in batches:
        x, y = x.to(device), y.to(device)
        for p in model.parameters():
            p.grad = None
        if carry and state is not None:
            state = (state[0].detach(), state[1].detach())
        else:
            state = None
        with torch.autocast(torch.device(device).type, dtype=torch.bfloat16, enabled=amp):
            logits, state = model(x, state)
        log_p = torch.log_softmax(logits.float(), dim=-1)
        wanted = log_p.gather(-1, y.clamp(min=0).unsqueeze(-1)).squeeze(-1)
        counted = int((y != -1).sum())
        loss = -(wanted * (y != -1)).sum() / counted
        scaler.scale(loss).backward()
        scaler.unscale_(optimizer)
        torch.nn.utils.clip_grad_norm_(model.parameters(), limit)
        scaler.step(optimizer)
        scaler.update()
        losses.append(float(loss) * counted)
        counts.append(counted)
    return sum(losses) / sum(counts)

# %% [markdown] nearly_the_same
# Shares of right answers change slowly, so a wrong gate order can hide behind 0.88; float32 would not turn three answers in a hundred. Take
# random weights, biases and states that are not zero, n_x = 3, n_a = 5, m = 4, T = 7, float64, and compare states and gradients: 1e-10
# or it is wrong. Afterwards SGD still moves the sum of the two biases twice as far.
