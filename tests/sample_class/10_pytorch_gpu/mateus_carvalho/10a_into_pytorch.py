# %% to_torch_rnn
def to_torch_rnn(P):
    n_a, n_x = P["Wax"].shape
    rnn = nn.RNN(n_x, n_a, dtype=torch.float64)
    with torch.no_grad():
        rnn.weight_ih_l0.copy_(torch.tensor(P["Wax"]))
        rnn.weight_hh_l0.copy_(torch.tensor(P["Waa"]))
        rnn.bias_ih_l0.copy_(torch.tensor(P["ba"][:, 0]))
        rnn.bias_hh_l0.zero_()
    return rnn

# %% to_torch_lstm
def to_torch_lstm(P):
    n_a = len(P["bf"])
    W = np.concatenate([P["Wu"], P["Wf"], P["Wc"], P["Wo"]])
    b = np.concatenate([P["bu"], P["bf"], P["bc"], P["bo"]])
    lstm = nn.LSTM(W.shape[1] - n_a, n_a, dtype=torch.float64)
    with torch.no_grad():
        lstm.weight_hh_l0.copy_(torch.tensor(W[:, :n_a]))
        lstm.weight_ih_l0.copy_(torch.tensor(W[:, n_a:]))
        lstm.bias_ih_l0.copy_(torch.tensor(b[:, 0]))
        lstm.bias_hh_l0.zero_()
    return lstm
