"""Right answers about checkpoints (lesson 09) as students write them. `python -m utils prove` must accept every one."""

import numpy as np


def go(x, a0, P):
    """a⟨0⟩ … a⟨T⟩ in a list."""
    a = [a0]
    for t in range(x.shape[2]):
        a.append(np.tanh(P["Wax"] @ x[:, :, t] + P["Waa"] @ a[-1] + P["ba"]))
    return a


def back_one(G, a_next, a_prev, xt, right, counts, later, P):
    """One step back; adds to G and returns the gradient of a_prev and the loss."""
    z = P["Wya"] @ a_next + P["by"]
    log_p = z - z.max(axis=0)
    log_p = log_p - np.log(np.exp(log_p).sum(axis=0))
    columns = np.arange(len(right))
    dz = np.exp(log_p)
    dz[right, columns] -= 1
    dz *= counts
    d = (1 - a_next**2) * (P["Wya"].T @ dz + later)
    G["dWya"] += dz @ a_next.T
    G["dby"] += dz.sum(axis=1, keepdims=True)
    G["dWax"] += d @ xt.T
    G["dWaa"] += d @ a_prev.T
    G["dba"] += d.sum(axis=1, keepdims=True)
    return P["Waa"].T @ d, -(log_p[right, columns] * counts).sum()


def checkpointed_bptt__no_helpers_from_the_course(x, targets, a0, P, segment, mask=None):
    T = x.shape[2]
    counts = np.ones(targets.shape) if mask is None else mask * 1.0
    kept = [a0]
    for start in range(0, T, segment):
        kept.append(go(x[:, :, start : start + segment], kept[-1], P)[-1])
    G, loss, later = {"d" + name: np.zeros_like(P[name]) for name in P}, 0.0, np.zeros_like(a0)
    for number in range(len(kept) - 2, -1, -1):
        start = number * segment
        a = go(x[:, :, start : start + segment], kept[number], P)
        for i in range(len(a) - 1, 0, -1):
            t = start + i - 1
            later, nats = back_one(G, a[i], a[i - 1], x[:, :, t], targets[:, t], counts[:, t], later, P)
            loss += nats
    return G, loss


def checkpointed_bptt__all_states_at_once(x, targets, a0, P, segment, mask=None):
    """Plain backpropagation through time: more memory, the same numbers."""
    a = go(x, a0, P)
    G, loss, later = {"d" + name: np.zeros_like(P[name]) for name in P}, 0.0, 0.0
    for t in reversed(range(x.shape[2])):
        counts = 1.0 if mask is None else mask[:, t]
        later, nats = back_one(G, a[t + 1], a[t], x[:, :, t], targets[:, t], counts, later, P)
        loss = loss + nats
    return G, loss


def checkpointed_bptt__recursion(x, targets, a0, P, segment, mask=None):
    """Each segment waits, with nothing but its first state, until the later ones are done."""
    counts = np.ones(targets.shape) if mask is None else mask

    def from_here(start, state):
        if start >= x.shape[2]:
            return {"d" + name: np.zeros_like(P[name]) for name in P}, 0.0, np.zeros_like(a0)
        piece = x[:, :, start : start + segment]
        G, loss, later = from_here(start + segment, go(piece, state, P)[-1])
        a = go(piece, state, P)
        while len(a) > 1:
            t, a_next = start + len(a) - 2, a.pop()
            later, nats = back_one(G, a_next, a[-1], x[:, :, t], targets[:, t], counts[:, t], later, P)
            loss += nats
        return G, loss, later

    return from_here(0, a0)[:2]


def checkpointed_bptt__a_dict_of_checkpoints(x, targets, a0, P, segment, mask=None):
    T, state, checkpoint = x.shape[2], a0, {}
    for t in range(T):
        if t % segment == 0:
            checkpoint[t] = state
        state = np.tanh(P["Wax"] @ x[:, :, t] + P["Waa"] @ state + P["ba"])
    G, loss, later = {"d" + name: np.zeros_like(P[name]) for name in P}, 0.0, np.zeros_like(a0)
    for start in sorted(checkpoint, reverse=True):
        a = np.stack(go(x[:, :, start : start + segment], checkpoint[start], P))
        for t in range(start + len(a) - 2, start - 1, -1):
            step = a[t - start + 1], a[t - start], x[:, :, t], targets[:, t]
            later, nats = back_one(G, *step, 1 if mask is None else mask[:, t], later, P)
            loss += nats
    return G, loss
