"""Count what PyTorch is asked to do: operations, or products with an operand of a certain size."""

from torch.utils._python_dispatch import TorchDispatchMode

PRODUCTS = ("mm", "addmm", "bmm", "baddbmm", "mv", "addmv", "dot", "linear")


class Operations(TorchDispatchMode):
    """A block in which operations are counted: `all`, and `products`, those with an operand that has an axis of one of
    the `sizes`."""

    def __init__(self, *sizes):
        super().__init__()
        self.sizes, self.all, self.products = set(sizes), 0, 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        self.all += 1
        if self.sizes and function.overloadpacket.__name__ in PRODUCTS:
            self.products += any(self.sizes.intersection(getattr(operand, "shape", ())) for operand in args)
        return function(*args, **(kwargs or {}))
