"""How answers are looked at whose parts are not simply the outputs: each function maps an answer to {part: value}.

They have names, so that an answer key can say which one an exercise has.
"""


def as_G(answer):
    """One dict of gradients as one part."""
    return {"G": answer}


def as_new_P(answer):
    """One dict of parameters as one part."""
    return {"new_P": answer}


def plain_texts(answer):
    """NumPy's texts count as texts."""
    if not isinstance(answer, list | tuple):
        return answer
    return [str(token) if isinstance(token, str) else token for token in answer]


def by_parameter(answer):
    """dx, and layer by layer, the bottom one first, da0 and the gradients: the last axis of da0 is not time."""
    dx, da0, gradients = answer
    return {"dx": dx, "da0": list(da0)} | {name: [G[name] for G in gradients] for name in ("dWax", "dWaa", "dba")}
