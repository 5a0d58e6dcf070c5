"""The mathematics, compact and fast: what a learner's values are compared with. NumPy only."""

from .activations import sigmoid, softmax
from .batches import minibatches
from .bidirectional import brnn_backward, brnn_forward, reverse_valid
from .bptt import checkpointed_bptt, full_bptt, truncated_bptt
from .classification import classify_backward, confusion_matrix, encode_batch
from .decoding import apply_temperature, nucleus, sample_sequence, sample_sequences, top_k
from .deep import deep_rnn_backward, deep_rnn_forward, draw_dropout_masks
from .encoder_decoder import (
    decode_greedy,
    encoder_decoder_backward,
    encoder_decoder_forward,
    init_encoder_decoder,
    shift_right,
)
from .encoding import build_vocabulary, embed_symbols, encode, one_hot, pad_left, shift_targets
from .families import jordan_forward, rnn_cell_forward_compact, sequence_to_one_forward
from .gradcheck import gradient_check, numerical_gradient
from .gru import gru_backward, gru_forward
from .gru_cells import (
    gru_cell_backward,
    gru_cell_backward_reset_after,
    gru_cell_forward,
    gru_cell_forward_reset_after,
    gru_cell_forward_simple,
    init_gru,
)
from .gru_reset_after import gru_backward_reset_after, gru_forward_reset_after
from .initialise import glorot_init, init_rnn, long_memory_biases, orthogonal_init, scale_to_spectral_radius
from .language import bits_per_character, perplexity, sequence_log_probability
from .learning import gradient_norm_by_lag, scalar_bptt, train_step
from .losses import binary_cross_entropy, masked_loss, sequence_loss
from .lstm import lstm_backward, lstm_forward
from .lstm_cells import init_lstm, lstm_cell_backward, lstm_cell_forward, lstm_cell_forward_peephole
from .melody import generate_melody
from .optimise import adam_step, clip_by_norm, clip_by_value, update_parameters
from .rnn import (
    count_rnn_parameters,
    output_layer_backward,
    rnn_backward,
    rnn_cell_backward,
    rnn_cell_forward,
    rnn_forward,
    rnn_states,
    rnn_states_backward,
    unfold,
)
from .search import beam_search, rnn_step

__all__ = [
    "adam_step",
    "apply_temperature",
    "beam_search",
    "binary_cross_entropy",
    "bits_per_character",
    "brnn_backward",
    "brnn_forward",
    "build_vocabulary",
    "checkpointed_bptt",
    "classify_backward",
    "clip_by_norm",
    "clip_by_value",
    "confusion_matrix",
    "count_rnn_parameters",
    "decode_greedy",
    "deep_rnn_backward",
    "deep_rnn_forward",
    "draw_dropout_masks",
    "embed_symbols",
    "encode",
    "encode_batch",
    "encoder_decoder_backward",
    "encoder_decoder_forward",
    "full_bptt",
    "generate_melody",
    "glorot_init",
    "gradient_check",
    "gradient_norm_by_lag",
    "gru_backward",
    "gru_backward_reset_after",
    "gru_cell_backward",
    "gru_cell_backward_reset_after",
    "gru_cell_forward",
    "gru_cell_forward_reset_after",
    "gru_cell_forward_simple",
    "gru_forward",
    "gru_forward_reset_after",
    "init_encoder_decoder",
    "init_gru",
    "init_lstm",
    "init_rnn",
    "jordan_forward",
    "long_memory_biases",
    "lstm_backward",
    "lstm_cell_backward",
    "lstm_cell_forward",
    "lstm_cell_forward_peephole",
    "lstm_forward",
    "masked_loss",
    "minibatches",
    "nucleus",
    "numerical_gradient",
    "one_hot",
    "orthogonal_init",
    "output_layer_backward",
    "pad_left",
    "perplexity",
    "reverse_valid",
    "rnn_backward",
    "rnn_cell_backward",
    "rnn_cell_forward",
    "rnn_cell_forward_compact",
    "rnn_forward",
    "rnn_states",
    "rnn_states_backward",
    "rnn_step",
    "sample_sequence",
    "sample_sequences",
    "scalar_bptt",
    "scale_to_spectral_radius",
    "sequence_log_probability",
    "sequence_loss",
    "sequence_to_one_forward",
    "shift_right",
    "shift_targets",
    "sigmoid",
    "softmax",
    "top_k",
    "train_step",
    "truncated_bptt",
    "unfold",
    "update_parameters",
]
