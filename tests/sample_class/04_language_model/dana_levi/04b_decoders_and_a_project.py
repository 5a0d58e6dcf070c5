# %% apply_temperature
def apply_temperature(logits, tau):
    return softmax(logits * tau)

# %% top_k
def top_k(p, k):
    order = np.argsort(-p, kind="stable")
    q = np.zeros_like(p)
    q[order[:k]] = p[order[:k]]
    return q

# %% nucleus
def nucleus(p, mass):
    order = np.argsort(-p, kind="stable")
    q = np.zeros_like(p)
    total = 0.0
    for i in order:
        total += p[i]
        q[i] = p[i]
        if total >= mass:
            break
    return q / mass

# %% [markdown] too_good
# 60 of the 100 are copies, so they must look real. The test set was used forty times. I would use a larger k.
