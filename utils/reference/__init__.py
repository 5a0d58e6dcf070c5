"""The mathematics, compact and fast: what a learner's values are compared with. NumPy only."""

from .activations import sigmoid, softmax
from .decoding import sample_sequence
from .encoding import one_hot
from .gradcheck import gradient_check, numerical_gradient
from .gru import gru_cell_forward
from .initialise import init_rnn
from .losses import sequence_loss
from .optimise import adam_step, clip_by_norm
from .rnn import (
    count_rnn_parameters,
    jordan_forward,
    output_layer_backward,
    rnn_backward,
    rnn_cell_backward,
    rnn_cell_forward,
    rnn_cell_forward_compact,
    rnn_forward,
    sequence_to_one_forward,
    unfold,
)

__all__ = [
    "adam_step",
    "clip_by_norm",
    "count_rnn_parameters",
    "gradient_check",
    "gru_cell_forward",
    "init_rnn",
    "jordan_forward",
    "numerical_gradient",
    "one_hot",
    "output_layer_backward",
    "rnn_backward",
    "rnn_cell_backward",
    "rnn_cell_forward",
    "rnn_cell_forward_compact",
    "rnn_forward",
    "sample_sequence",
    "sequence_loss",
    "sequence_to_one_forward",
    "sigmoid",
    "softmax",
    "unfold",
]
