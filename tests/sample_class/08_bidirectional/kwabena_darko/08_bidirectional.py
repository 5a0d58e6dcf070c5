# %% reverse_valid
def reverse_valid(x, lengths):
    out = x.copy()
    for i in range(x.shape[1]):
        n = lengths[i]
        out[:, i, :n] = np.flip(x[:, i, :n], axis=1)
    return out

# %% masked_loss
def masked_loss(loss_per_step, mask):
    total = 0.0
    for i in range(mask.shape[0]):
        for t in range(mask.shape[1]):
            if mask[i, t]:
                total += loss_per_step[i, t]
    return total

# %% binary_cross_entropy
def binary_cross_entropy(y_pred, y, mask):
    p = y * y_pred + (1 - y) * (1 - y_pred)
    return masked_loss(-np.log(p).sum(axis=0), mask)
