"""Small tensors on one thread: waking a second one takes longer than the work, on a busy machine a thousand times."""

import contextlib

import torch


@contextlib.contextmanager
def one_thread():
    """A block, or a decorator, inside which PyTorch computes on one thread."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
