# %% apply_temperature
def apply_temperature(logits, tau):
    return softmax(logits / tau)

# %% top_k
def top_k(p, k):
    weakest = np.argsort(-p, kind="stable")[k:]
    q = p.copy()
    q[weakest] = 0
    return q / q.sum()
