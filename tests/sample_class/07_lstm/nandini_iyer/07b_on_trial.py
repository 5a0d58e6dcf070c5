# %% init_lstm
def init_lstm(n_x, n_a, n_y, rng, forget_bias=1):
    P = {}
    for g in "fuco":
        P["W" + g] = rng.standard_normal((n_a, n_a + n_x)) / np.sqrt(n_a + n_x)
        P["b" + g] = np.zeros((n_a, 1))
    P["Wy"] = rng.standard_normal((n_y, n_a)) / np.sqrt(n_a)
    P["by"] = np.zeros((n_y, 1))
    return P

# %% [markdown] a_friends_lstm
# One step is too few, because nothing comes back from later.
