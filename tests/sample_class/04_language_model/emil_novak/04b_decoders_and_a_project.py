# %% apply_temperature
def apply_temperature(logits, tau):
    p = softmax(logits)
    return softmax(p / tau)

# %% top_k
def top_k(p, k):
    threshold = np.sort(p)[-k]
    q = np.where(p >= threshold, p, 0.0)
    return q / q.sum()

# %% nucleus
def nucleus(p, mass):
    order = np.argsort(-p, kind="stable")
    sums = np.cumsum(p[order])
    best = order[sums <= mass]
    if len(best) == 0:
        best = order[:1]
    q = np.zeros_like(p)
    q[best] = p[best]
    return q / q.sum()

# %% [markdown] too_good
# Nothing is wrong with a good score, but I would show it to somebody else first.
