"""Right answers of lesson 10, part A, as students write them. `python -m utils prove` must accept every one."""

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

GATES = {"i": "u", "f": "f", "g": "c", "o": "o"}


def to_torch_rnn__loads_a_dict(P):
    n_a, n_x = P["Wax"].shape
    rnn = nn.RNN(n_x, n_a).double()
    rnn.load_state_dict({
        "weight_ih_l0": torch.tensor(P["Wax"]),
        "weight_hh_l0": torch.tensor(P["Waa"]),
        "bias_ih_l0": torch.tensor(P["ba"]).squeeze(1),
        "bias_hh_l0": torch.zeros(n_a, dtype=torch.float64),
    })  # fmt: skip
    return rnn


def to_torch_rnn__the_other_bias(P):
    """The course's bias in bias_hh, zero in bias_ih: the sum is the same."""
    rnn = nn.RNN(P["Wax"].shape[1], P["Waa"].shape[1], dtype=torch.float64)
    for name, value in (("weight_ih_l0", P["Wax"]), ("weight_hh_l0", P["Waa"]), ("bias_hh_l0", P["ba"].ravel())):
        getattr(rnn, name).data = torch.tensor(value)
    nn.init.zeros_(rnn.bias_ih_l0)
    return rnn


def to_torch_rnn__half_in_each(P):
    rnn = nn.RNN(*reversed(P["Wax"].shape), nonlinearity="tanh", dtype=torch.float64)
    half = nn.Parameter(torch.from_numpy(P["ba"].flatten() / 2))
    rnn.weight_ih_l0 = nn.Parameter(torch.from_numpy(P["Wax"].copy()))
    rnn.weight_hh_l0 = nn.Parameter(torch.from_numpy(P["Waa"].copy()))
    rnn.bias_ih_l0, rnn.bias_hh_l0 = half, nn.Parameter(half.detach().clone())
    return rnn


def to_torch_lstm__gate_by_gate(P):
    n_a = P["Wf"].shape[0]
    lstm = nn.LSTM(P["Wf"].shape[1] - n_a, n_a, dtype=torch.float64)
    with torch.no_grad():
        for k, gate in enumerate(GATES.values()):
            rows = slice(k * n_a, (k + 1) * n_a)
            lstm.weight_hh_l0[rows] = torch.tensor(P[f"W{gate}"][:, :n_a])
            lstm.weight_ih_l0[rows] = torch.tensor(P[f"W{gate}"][:, n_a:])
            lstm.bias_ih_l0[rows] = torch.tensor(P[f"b{gate}"][:, 0])
        lstm.bias_hh_l0.fill_(0)
    return lstm


def to_torch_lstm__torch_all_the_way(P):
    T = {name: torch.tensor(value) for name, value in P.items()}
    W = torch.cat((T["Wu"], T["Wf"], T["Wc"], T["Wo"]))
    hidden = len(T["bo"])
    W_a, W_x = W.split([hidden, W.shape[1] - hidden], dim=1)
    lstm = nn.LSTM(W_x.shape[1], hidden).to(W.dtype)
    state = {"weight_ih_l0": W_x, "weight_hh_l0": W_a, "bias_hh_l0": torch.zeros(4 * hidden)}
    lstm.load_state_dict(state | {"bias_ih_l0": torch.cat([T["b" + k] for k in "ufco"]).squeeze()})
    return lstm


def to_torch_lstm__biases_in_the_other_place(P):
    n_a, columns = P["Wo"].shape
    lstm = nn.LSTM(input_size=columns - n_a, hidden_size=n_a, num_layers=1, dtype=torch.float64)
    lstm.bias_ih_l0.data.zero_()
    lstm.bias_hh_l0.data = torch.from_numpy(np.vstack([P["bu"], P["bf"], P["bc"], P["bo"]]).ravel())
    stacked = np.vstack([P["Wu"], P["Wf"], P["Wc"], P["Wo"]])
    lstm.weight_hh_l0.data = torch.from_numpy(stacked[:, :n_a].copy())
    lstm.weight_ih_l0.data = torch.from_numpy(stacked[:, n_a:].copy())
    return lstm


def to_torch_gru__three_blocks(P):
    n_c, n_x = P["Wcx"].shape
    gru = nn.GRU(n_x, n_c, dtype=torch.float64)
    with torch.no_grad():
        for block, (W, b, sign) in enumerate(((P["Wr"], P["br"], 1), (P["Wu"], P["bu"], -1))):
            rows = slice(block * n_c, (block + 1) * n_c)
            gru.weight_hh_l0[rows] = sign * torch.tensor(W[:, :n_c])
            gru.weight_ih_l0[rows] = sign * torch.tensor(W[:, n_c:])
            gru.bias_ih_l0[rows] = sign * torch.tensor(b[:, 0])
        gru.weight_hh_l0[2 * n_c :] = torch.tensor(P["Wcc"])
        gru.weight_ih_l0[2 * n_c :] = torch.tensor(P["Wcx"])
        gru.bias_ih_l0[2 * n_c :] = torch.tensor(P["bcx"][:, 0])
        gru.bias_hh_l0[: 2 * n_c] = 0
        gru.bias_hh_l0[2 * n_c :] = torch.tensor(P["bcc"][:, 0])
    return gru


def to_torch_gru__gate_biases_on_the_state(P):
    """The biases of r and z in bias_hh: they are added inside the same σ."""
    n_c = P["Wcc"].shape[0]
    hh = np.vstack([P["Wr"][:, :n_c], -P["Wu"][:, :n_c], P["Wcc"]])
    ih = np.vstack([P["Wr"][:, n_c:], -P["Wu"][:, n_c:], P["Wcx"]])
    gru = nn.GRU(ih.shape[1], n_c, dtype=torch.float64)
    gru.weight_hh_l0.data, gru.weight_ih_l0.data = torch.tensor(hh), torch.tensor(ih)
    gru.bias_hh_l0.data = torch.tensor(np.concatenate([P["br"], -P["bu"], P["bcc"]])[:, 0])
    gru.bias_ih_l0.data = torch.tensor(np.concatenate([0 * P["br"], 0 * P["bu"], P["bcx"]])[:, 0])
    return gru


def to_torch_gru__turned_at_the_end(P):
    """Stacked with the sign of the course first; then the rows of z change theirs."""
    n = len(P["bcc"])
    gru = nn.GRU(P["Wcx"].shape[1], n).double()
    zero = torch.zeros(2 * n, 1)
    both = torch.cat([torch.tensor(P["Wr"]), torch.tensor(P["Wu"])])
    with torch.no_grad():
        gru.weight_hh_l0.copy_(torch.cat([both[:, :n], torch.tensor(P["Wcc"])]))
        gru.weight_ih_l0.copy_(torch.cat([both[:, n:], torch.tensor(P["Wcx"])]))
        gru.bias_ih_l0.copy_(torch.cat([torch.tensor(P[k]) for k in ("br", "bu", "bcx")])[:, 0])
        gru.bias_hh_l0.copy_(torch.cat([zero, torch.tensor(P["bcc"])])[:, 0])
        for parameter in gru.parameters():
            parameter[n : 2 * n] *= -1
    return gru


def from_torch__state_dict(module):
    found = {name: value.numpy().copy() for name, value in module.state_dict().items()}
    b = (found["bias_ih_l0"] + found["bias_hh_l0"]).reshape(-1, 1)
    if type(module) is nn.RNN:
        return {"Wax": found["weight_ih_l0"], "Waa": found["weight_hh_l0"], "ba": b}
    both = np.concatenate([found["weight_hh_l0"], found["weight_ih_l0"]], axis=1)
    P = {f"W{gate}": W for gate, W in zip("ufco", np.split(both, 4), strict=True)}
    return P | {f"b{gate}": column for gate, column in zip("ufco", np.split(b, 4), strict=True)}


def from_torch__chunks(module):
    with torch.no_grad():
        bias = (module.bias_hh_l0 + module.bias_ih_l0).unsqueeze(1)
        if module.mode == "RNN_TANH":
            return {
                "ba": bias.numpy(),
                "Waa": module.weight_hh_l0.clone().numpy(),
                "Wax": module.weight_ih_l0.clone().numpy(),
            }
        W = torch.cat([module.weight_hh_l0, module.weight_ih_l0], dim=1).chunk(4)
        b = bias.chunk(4)
        P = {f"W{gate}": W[k].numpy() for k, gate in enumerate("ufco")}
        return P | {f"b{gate}": b[k].numpy() for k, gate in enumerate("ufco")}


def from_torch__lists(module):
    W_x, W_a, b_x, b_a = (np.array(value.tolist()) for value in module.parameters())
    b = b_x + b_a
    if isinstance(module, nn.RNN):
        return dict(Wax=W_x, Waa=W_a, ba=b[:, np.newaxis])
    n = module.hidden_size
    P = {}
    for gate, start in dict(u=0, f=n, c=2 * n, o=3 * n).items():
        P["W" + gate] = np.column_stack([W_a[start : start + n], W_x[start : start + n]])
        P["b" + gate] = b[start : start + n, None]
    return P


class CharLM__functions(nn.Module):
    """Dropout as a function that is told whether the network trains."""

    def __init__(self, n_tokens, n_embed, n_hidden, dropout=0.0):
        super().__init__()
        self.out = nn.Linear(n_hidden, n_tokens)
        self.drop = nn.Dropout(p=dropout)
        self.rnn = nn.LSTM(input_size=n_embed, hidden_size=n_hidden, batch_first=True, num_layers=1)
        self.embed = nn.Embedding(num_embeddings=n_tokens, embedding_dim=n_embed)

    def forward(self, tokens, state=None):
        vectors = F.embedding(tokens, self.embed.weight)
        h, (h_last, c_last) = self.rnn(vectors) if state is None else self.rnn(vectors, state)
        h = F.dropout(h, self.drop.p, training=self.training)
        return F.linear(h, self.out.weight, self.out.bias), (h_last, c_last)


class CharLM__time_first(nn.Module):
    """The LSTM as PyTorch has it by default, and two transpositions."""

    def __init__(self, n_tokens, n_embed, n_hidden, dropout=0.0):
        super().__init__()
        self.embed = nn.Embedding(n_tokens, n_embed)
        self.rnn = nn.LSTM(n_embed, n_hidden)
        self.drop = nn.Dropout(dropout)
        self.out = nn.Linear(n_hidden, n_tokens)

    def forward(self, tokens, state=None):
        h, state = self.rnn(self.embed(tokens.T), state)  # (T, m, n_hidden)
        logits = self.out(self.drop(h.contiguous()))
        return logits.transpose(0, 1), state


class CharLM__step_by_step(nn.Module):
    """A loop over the letters, as in lesson 01."""

    def __init__(self, n_tokens, n_embed, n_hidden, dropout=0.0):
        super().__init__()
        self.embed, self.drop = nn.Embedding(n_tokens, n_embed), nn.Dropout(dropout)
        self.rnn, self.out = nn.LSTM(n_embed, n_hidden, batch_first=True), nn.Linear(n_hidden, n_tokens)

    def forward(self, tokens, state=None):
        rows = []
        for t in range(tokens.shape[1]):
            h, state = self.rnn(self.embed(tokens[:, t : t + 1]), state)
            rows.append(self.out(self.drop(h[:, 0])))
        return torch.stack(rows, dim=1), state


def train_epoch__state_cut_at_the_start(
    model, batches, optimizer, limit, device="cpu", amp=False, scaler=None, carry=False
):
    scaler = scaler or torch.amp.GradScaler("cpu", enabled=False)
    total, count, state = 0.0, 0, None
    model.train(True)
    for x, y in batches:
        if not carry:
            state = None
        elif state is not None:
            state = (state[0].detach(), state[1].detach())
        with torch.amp.autocast(device_type=torch.device(device).type, dtype=torch.bfloat16, enabled=amp):
            logits, state = model(x.to(device), state)
            loss = F.cross_entropy(logits.transpose(1, 2), y.to(device), ignore_index=-1)  # in float32 by itself
        for parameter in model.parameters():
            parameter.grad = None
        scaler.scale(loss).backward()
        scaler.unscale_(optimizer)
        torch.nn.utils.clip_grad_norm_(list(model.parameters()), max_norm=limit)
        scaler.step(optimizer)
        scaler.update()
        n = int((y != -1).sum())
        total += n * float(loss)
        count += n
    return total / count


def train_epoch__picks_what_counts(model, batches, optimizer, limit, device="cpu", amp=False, scaler=None, carry=False):
    """No ignore_index: the steps that count are picked first, and the loss is written out."""
    scaler = torch.amp.GradScaler(enabled=False) if scaler is None else scaler
    model.train()
    nats, state = [], None
    for x, y in batches:
        optimizer.zero_grad(set_to_none=False)
        with torch.autocast(str(device), torch.bfloat16, amp):
            logits, after = model(x.to(device), state)
        state = tuple(s.detach().clone() for s in after) if carry else None
        y = y.to(device)
        log_p = F.log_softmax(logits[y >= 0].to(torch.float32), dim=-1)
        lost = -log_p[torch.arange(len(log_p)), y[y >= 0]]
        scaler.scale(lost.mean()).backward()
        scaler.unscale_(optimizer)
        nn.utils.clip_grad_norm_(model.parameters(), limit)
        scaler.step(optimizer)
        scaler.update()
        nats.append(lost.detach())
    return torch.cat(nats).mean().item()


def train_epoch__clips_by_hand(model, batches, optimizer, limit, device="cpu", amp=False, scaler=None, carry=False):
    """The norm as in lesson 03, and zero_grad at the end of a round."""
    scaler = torch.amp.GradScaler(enabled=False) if scaler is None else scaler
    model.train()
    optimizer.zero_grad()
    nats = steps = 0
    state = None
    for tokens, answers in batches:
        tokens, answers = tokens.to(device), answers.to(device)
        with torch.autocast(torch.device(device).type, dtype=torch.bfloat16, enabled=amp):
            logits, state = model(tokens, state)
        counted = int((answers >= 0).sum())
        rows = logits.float().reshape(-1, logits.shape[-1])
        summed = F.cross_entropy(rows, answers.reshape(-1), ignore_index=-1, reduction="sum")
        scaler.scale(summed / counted).backward()
        scaler.unscale_(optimizer)
        gradients = [p.grad for p in model.parameters()]
        norm = torch.sqrt(sum((g**2).sum() for g in gradients))
        if norm > limit:
            for g in gradients:
                g *= limit / norm
        scaler.step(optimizer)
        scaler.update()
        optimizer.zero_grad()
        state = None if not carry else tuple(part.detach() for part in state)
        nats += summed.item()
        steps += counted
    return nats / steps
