"""The learning rate over a training: up in a line, then down along half a cosine."""

from math import cos, pi

from torch.optim.lr_scheduler import LambdaLR

from utils.reference.door import expect_number


def warmup_cosine(optimizer, steps, warmup=0.05, last=0.0) -> LambdaLR:
    """A scheduler to be stepped after each step of the optimizer, of which there will be `steps` in all.

    Step k has the learning rate α k / w for k = 1 … w, with w = warmup · steps, rounded. After that it has
    α (last + (1 - last) (1 + cos(π u)) / 2) with u = (k - 1 - w) / (steps - w). α is that of the optimizer as it is.

    Adam divides by a mean of squared gradients that rests on few of them at first: small steps do least harm then.
    steps: at least 1; warmup and last: shares, from 0 to 1. ValueError for anything else.
    """
    expect_number("steps", steps, least=1, whole=True)
    expect_number("warmup", warmup, least=0, most=1)
    expect_number("last", last, least=0, most=1)
    rising = round(warmup * steps)

    def factor(done):
        """What step number done + 1 multiplies α by."""
        if done < rising:
            return (done + 1) / rising
        along = min(1.0, (done - rising) / max(1, steps - rising))
        return last + (1 - last) * (1 + cos(pi * along)) / 2

    return LambdaLR(optimizer, factor)


def stepping(batches, scheduler):
    """The batches, with a step of the scheduler after each: a loop asks for the next one when it has done its step."""
    for batch in batches:
        yield batch
        scheduler.step()
