"""Many names at once from a model that reads a token and says how likely each next one is."""

import torch

from utils.reference.door import expect_number
from utils.torch_port.text_batches import END
from utils.torch_port.training import as_in_use


def sample_batch(model, m, max_length, temperature=1.0, generator=None):
    """Draw m names side by side: int64 (m, max_length), on the model's device, 0 from the end of each name on.

    p⟨t⟩ = softmax(logits⟨t⟩ / temperature), one draw a step for the whole batch. The first input is 0, then each row is
    fed what it drew; a row that drew 0 has ended.

    model: called as model(tokens (m, 1), state) -> logits (m, 1, n_tokens), state. It samples without dropout and is
    afterwards in the mode that it was in. temperature: below 1 makes likely letters likelier. generator: a
    torch.Generator on the model's device, or None for torch's own. ValueError for sizes below 1, a temperature that is
    not above 0 and a generator of another device.
    """
    expect_number("m", m, least=1, whole=True)
    expect_number("max_length", max_length, least=1, whole=True)
    expect_number("temperature", temperature, above=0)
    device = next((theta.device for theta in model.parameters()), torch.device("cpu"))
    if generator is not None and generator.device.type != device.type:
        raise ValueError(f"generator must be on {device}, where the model is, got one on {generator.device}.")
    names = torch.full((m, max_length), END, device=device)
    token, state = names[:, :1], None  # (m, 1)
    ended = torch.zeros_like(token, dtype=torch.bool)
    with as_in_use(model):
        for t in range(max_length):
            logits, state = model(token, state)
            p = torch.softmax(logits[:, -1] / temperature, dim=1)  # (m, n_tokens)
            token = torch.multinomial(p, 1, generator=generator).masked_fill(ended, END)
            names[:, t : t + 1] = token
            ended = token == END
    return names
