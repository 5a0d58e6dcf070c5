"""Many names written at once."""

import torch


def sample_batch(model, m, max_length, temperature=1.0, generator=None):
    """Draw m names, one letter of all of them at a time.

    model(tokens, state) gives logits (m, 1, V) and a new state for tokens (m, 1), int64; its first state is None. Token
    0 both starts and ends a name: the first input is 0, and once a row has drawn 0 it holds 0 to its end. Each step
    draws once for the whole batch: torch.multinomial(p, 1, generator=generator), p = softmax(logits / temperature).
    The model is in eval mode meanwhile, and afterwards in the mode that it came in; no gradients are kept.
    Returns tokens (m, max_length), int64, on the model's device.
    """
    was_training = model.training
    model.eval()
    token = torch.zeros(m, 1, dtype=torch.int64, device=next(model.parameters()).device)
    state, alive, drawn = None, torch.ones_like(token), []
    with torch.no_grad():
        for _ in range(max_length):
            logits, state = model(token, state)
            p = torch.softmax(logits[:, 0] / temperature, dim=1)  # (m, V)
            token = torch.multinomial(p, 1, generator=generator) * alive  # (m, 1)
            alive = alive * (token != 0)
            drawn.append(token)
    model.train(was_training)
    return torch.cat(drawn, dim=1)
