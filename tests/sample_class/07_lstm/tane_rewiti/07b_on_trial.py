# %% init_lstm
def init_lstm(n_x, n_a, n_y, rng, forget_bias=1):
    P = {"W" + g: rng.standard_normal((n_a, n_a + n_x)) * (n_a + n_x) ** -0.5 for g in "fuco"}
    P["Wy"] = rng.standard_normal((n_y, n_a)) * n_a**-0.5
    P |= {b: np.zeros((n_a, 1)) for b in ("bu", "bc", "bo")}
    return P | {"bf": np.full((n_a, 1), float(forget_bias)), "by": np.zeros((n_y, 1))}

# %% [markdown] a_friends_lstm
# On one step dc_next is zero, so a missing bracket passes; with two steps three gradients failed. Training says little: over 20 steps the
# printed equations still came down, over 40 they stayed near the baseline. I would check T = 1, 2 and 6 with differences. A bias of 4
# keeps the memory (half is left after 38 steps), but on the adding problem it did not learn, and its gradients can grow.
