"""The same functions as `utils.reference`, written out step by step.

Their text becomes the solution cells of the lessons, and the checks plant their mistakes in it. NumPy only.
"""

from .activations import sigmoid, softmax
from .decoding import sample_sequence
from .encoding import one_hot
from .gradcheck import gradient_check, numerical_gradient
from .gru import gru_cell_forward
from .losses import sequence_loss
from .rnn import (
    count_rnn_parameters,
    jordan_forward,
    rnn_backward,
    rnn_cell_backward,
    rnn_cell_forward,
    rnn_cell_forward_compact,
    rnn_forward,
    sequence_to_one_forward,
    unfold,
)

__all__ = [
    "count_rnn_parameters",
    "gradient_check",
    "gru_cell_forward",
    "jordan_forward",
    "numerical_gradient",
    "one_hot",
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
