# %% to_torch_rnn
def to_torch_rnn(P):
    n_a, n_x = P["Wax"].shape
    rnn = nn.RNN(n_x, n_a, dtype=torch.float64)
    with torch.no_grad():
        rnn.weight_ih_l0.copy_(torch.from_numpy(P["Wax"]))
        rnn.weight_hh_l0.copy_(torch.from_numpy(P["Waa"].T))
        rnn.bias_ih_l0.copy_(torch.from_numpy(P["ba"][:, 0]))
        rnn.bias_hh_l0.zero_()
    return rnn

# %% to_torch_lstm
def to_torch_lstm(P):
    n_a = len(P["bf"])
    W = np.concatenate([P["W" + gate] for gate in "ufco"])
    b = np.concatenate([P["b" + gate] for gate in "ufco"])
    lstm = nn.LSTM(W.shape[1] - n_a, n_a, dtype=torch.float64)
    with torch.no_grad():
        lstm.weight_hh_l0.copy_(torch.from_numpy(W[:, -n_a:]))
        lstm.weight_ih_l0.copy_(torch.from_numpy(W[:, :-n_a]))
        lstm.bias_ih_l0.copy_(torch.from_numpy(b[:, 0]))
        lstm.bias_hh_l0.zero_()
    return lstm

# %% to_torch_gru
def to_torch_gru(P):
    n_c, n_x = P["Wcx"].shape
    W = np.concatenate([P["Wr"], -P["Wu"]])
    b = np.concatenate([P["br"], -P["bu"], P["bcx"] + P["bcc"]])
    gru = nn.GRU(n_x, n_c, dtype=torch.float64)
    with torch.no_grad():
        gru.weight_hh_l0.copy_(torch.from_numpy(np.concatenate([W[:, :n_c], P["Wcc"]])))
        gru.weight_ih_l0.copy_(torch.from_numpy(np.concatenate([W[:, n_c:], P["Wcx"]])))
        gru.bias_ih_l0.copy_(torch.from_numpy(b[:, 0]))
        gru.bias_hh_l0.zero_()
    return gru

# %% from_torch
def from_torch(module):
    W = {name: value.detach().numpy() for name, value in module.named_parameters()}
    if isinstance(module, nn.RNN):
        bias = W["bias_ih_l0"] + W["bias_hh_l0"]
        return {"Wax": W["weight_ih_l0"], "Waa": W["weight_hh_l0"], "ba": bias[:, None]}
    raise NotImplementedError("the LSTM is still missing")

# %% CharLM
class CharLM(nn.Module):
    def __init__(self, n_tokens, n_embed, n_hidden, dropout=0.0):
        super().__init__()
        self.embed = nn.Embedding(n_tokens, n_embed)
        self.rnn = nn.LSTM(n_embed, n_hidden)
        self.drop = nn.Dropout(dropout)
        self.out = nn.Linear(n_hidden, n_tokens)

    def forward(self, tokens, state=None):
        h, state = self.rnn(self.embed(tokens), state)
        return self.out(self.drop(h)), state

# %% train_epoch
def train_epoch(model, batches, optimizer, limit, device="cpu", amp=False, scaler=None, carry=False):
    if scaler is None:
        scaler = torch.amp.GradScaler(enabled=False)
    kind = torch.device(device).type
    state, nats, steps = None, 0.0, 0
    model.train()
    for x, y in batches:
        x, y = x.to(device), y.to(device)
        optimizer.zero_grad()
        with torch.autocast(kind, dtype=torch.bfloat16, enabled=amp):
            logits, state = model(x, state)
        loss = F.cross_entropy(logits.float().flatten(0, 1), y.flatten(), ignore_index=-1)
        scaler.scale(loss).backward()
        nn.utils.clip_grad_norm_(model.parameters(), limit)
        scaler.step(optimizer)
        scaler.update()
        state = state if carry else None
        counted = (y >= 0).sum().item()
        nats, steps = nats + loss.item() * counted, steps + counted
    return nats / steps
