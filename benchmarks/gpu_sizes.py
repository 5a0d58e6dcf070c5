"""How large everything is that gpu.py measures: in full, in a hurry, and as a dry run on the CPU."""

from dataclasses import dataclass

# float32 with products in TF32, whose numbers have 10 bits behind the point: the precision of the bars, so the first to
# be measured; float32 with full products; weights in float32 and bfloat16 where autocast deems it safe; everything in
# bfloat16
PRECISIONS = ("tf32", "fp32", "bf16 autocast", "bf16")


@dataclass(frozen=True)
class Shape:
    """A layer of n units that reads n numbers, m sequences in a batch, T steps."""

    width: int
    batch: int
    length: int

    @property
    def tokens(self):
        """Steps of all sequences together."""
        return self.batch * self.length


@dataclass(frozen=True)
class Sizes:
    """peak: rows of the matrices whose product gives the card's peak; layer: where all are compared, and rounds there.

    precisions: those of the layers; sweep: widths, batches and lengths; counted: lengths in which kernels are counted;
    step_batches: batches in a call of the training loop; numpy: width, batch, batches in an epoch; bits: width, batch,
    held-out bits per character, most epochs; names: how many, None for all.
    """

    peak: int
    layer: Shape
    rounds: int
    precisions: tuple[str, ...]
    sweep: tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]
    sweep_rounds: int
    counted: tuple[int, int]
    step_batches: int
    numpy: tuple[int, int, int]
    bits: tuple[int, int, float, int]
    names: int | None = None


FULL = Sizes(
    peak=8192,
    layer=Shape(1024, 256, 256),
    rounds=5,
    precisions=PRECISIONS,
    sweep=((256, 512, 1024), (16, 64, 256), (64, 256, 1024)),
    sweep_rounds=3,
    counted=(16, 48),
    step_batches=4,
    numpy=(512, 128, 4),
    bits=(256, 64, 2.6, 20),  # with these weights to start from, in this order, 2.6 bits come after about 10 epochs
)
QUICK = Sizes(
    peak=2048,
    layer=Shape(256, 64, 64),
    rounds=3,
    precisions=("tf32", "bf16"),
    sweep=((256,), (64,), (64,)),
    sweep_rounds=3,
    counted=(8, 24),
    step_batches=2,
    numpy=(128, 128, 2),
    bits=(64, 64, 3.9, 4),
)
TOY = Sizes(
    peak=32,
    layer=Shape(8, 4, 6),
    rounds=1,
    precisions=PRECISIONS,
    sweep=((8,), (3, 4), (5,)),
    sweep_rounds=1,
    counted=(3, 5),
    step_batches=2,
    numpy=(7, 8, 2),
    bits=(7, 8, 4.8, 3),
    names=40,
)
