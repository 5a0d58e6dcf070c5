"""Models that read tokens: each beside the sequence alone, on paper where there is one, and at the door."""

import numpy as np
import pytest
import torch
from nearness import near
from refusals import refused
from tensors import tangled
from torch import nn

from utils import reference
from utils.torch_port.models import CharLM, Classifier, EncoderDecoder, Tagger
from utils.torch_port.weights import from_torch

V, E, N, K, M, T = 7, 3, 5, 2, 4, 6  # tokens, their vectors, units, classes: all different
LENGTHS = [2, 6, 1, 4]
CELLS = pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])


@pytest.fixture
def tokens(rng):
    return torch.tensor(rng.integers(0, V, (M, T)))


def made(kind, *sizes, **options):
    torch.manual_seed(6)
    return tangled(kind(*sizes, **options))


def array(tensor):
    return tensor.detach().numpy()


def with_output(model):
    """P of the course: the model's LSTM and output layer."""
    return from_torch(model.rnn) | {"Wy": array(model.out.weight), "by": array(model.out.bias)[:, None]}


def test_char_lm_is_embedding_lstm_and_output_of_the_course(tokens):
    model = made(CharLM, V, E, N)
    logits, (h, c) = model(tokens)
    x = array(model.embed.weight).T[:, tokens.numpy()]  # (n_embed, m, T)
    a, y_pred, c_all, _ = reference.lstm_forward(x, np.zeros((N, M)), with_output(model))
    near(array(logits.softmax(dim=2)).transpose(2, 0, 1), y_pred)
    near(array(h)[0].T, a[:, :, -1])
    near(array(c)[0].T, c_all[:, :, -1])
    assert [name for name, _ in model.named_children()] == ["embed", "rnn", "drop", "out"]
    assert model.rnn.batch_first and isinstance(model.rnn, nn.LSTM) and logits.shape == (M, T, V)
    near(array(model(tokens.int())[0]), array(logits), 0)


def test_the_state_of_char_lm_is_carried_on(tokens):
    model = made(CharLM, V, E, N)
    whole, end = model(tokens)
    first, state = model(tokens[:, :2])
    second, state = model(tokens[:, 2:], state)
    near(array(torch.cat([first, second], dim=1)), array(whole))
    for one, other in zip(state, end, strict=True):
        near(array(one), array(other))


def test_dropout_stands_between_the_states_and_the_output(tokens):
    model = made(CharLM, V, E, N, dropout=1.0)
    by = array(model.out.bias)
    assert np.array_equal(array(model(tokens)[0]), np.broadcast_to(by, (M, T, V)))  # all states dropped
    quiet = array(model.eval()(tokens)[0])
    assert np.abs(quiet - by).max() > 0.1
    half = made(CharLM, V, E, N, dropout=0.5)
    assert np.abs(array(half(tokens)[0]) - quiet).max() > 0.1
    near(array(half.train()(tokens)[1][0]), array(model(tokens)[1][0]))  # the recurrence itself is never dropped


def test_tied_weights_are_one_matrix_that_learns_from_both_sides(tokens):
    tied, plain = made(CharLM, V, N, N, tied=True), made(CharLM, V, N, N)
    assert tied.out.weight is tied.embed.weight and plain.out.weight is not plain.embed.weight
    plain.load_state_dict(tied.state_dict())
    for model in (tied, plain):
        model(tokens)[0][:, :, 1].square().sum().backward()
    near(array(tied.embed.weight.grad), array(plain.embed.weight.grad + plain.out.weight.grad))
    assert len(list(tied.parameters())) == len(list(plain.parameters())) - 1
    assert CharLM(1000, 400, 400, tied=True).embed.weight.std().item() == pytest.approx(400**-0.5, rel=0.05)


@CELLS
@pytest.mark.parametrize("bidirectional", [False, True])
def test_a_classifier_answers_for_each_sequence_as_if_it_were_alone(cell, bidirectional, tokens):
    model = made(Classifier, V, E, N, K, cell, bidirectional)
    logits = model(tokens, LENGTHS)
    assert logits.shape == (M, K) and type(model.rnn).__name__.lower() == cell
    for i, length in enumerate(LENGTHS):
        states, _ = model.rnn(model.embed(tokens[i : i + 1, :length]))
        last = torch.cat([states[0, -1, :N], states[0, 0, N:]])
        near(array(logits[i]), array(model.out(last)))


@CELLS
def test_a_tagger_sees_both_sides_and_no_padding(cell, tokens):
    model = made(Tagger, V, E, N, K, cell)
    logits = model(tokens, LENGTHS)
    assert logits.shape == (M, T, K) and model.rnn.bidirectional
    for i, length in enumerate(LENGTHS):
        alone = model.out(model.rnn(model.embed(tokens[i : i + 1, :length]))[0])
        near(array(logits[i, :length]), array(alone[0]))
        assert not logits[i, length:].any()
    changed = tokens.clone()
    changed[1, 5] = (changed[1, 5] + 1) % V
    moved = (model(changed, LENGTHS) - logits).abs().amax(dim=2)
    assert (moved[1] > 0).all() and not moved[[0, 2, 3]].any()  # the last word of a row changes its first tag


@pytest.mark.parametrize("model", [Classifier, Tagger])
def test_dropout_of_the_packed_models_is_off_when_they_are_used(model, tokens):
    net = made(model, V, E, N, K, dropout=0.9)
    torch.manual_seed(1)
    assert not torch.equal(net(tokens, LENGTHS), net(tokens, LENGTHS))
    net.eval()
    assert torch.equal(net(tokens, LENGTHS), net(tokens, LENGTHS))


@CELLS
def test_an_encoder_decoder_with_teacher_forcing_is_each_pair_alone(cell, tokens, rng):
    model = made(EncoderDecoder, V, 8, E, N, cell)
    target_in = torch.tensor(rng.integers(0, 8, (M, 9)))
    logits = model(tokens, LENGTHS, target_in)
    assert logits.shape == (M, 9, 8)
    for i, length in enumerate(LENGTHS):
        pick = slice(i, i + 1)
        _, state = model.encoder(model.embed_source(tokens[pick, :length]))
        alone = model.out(model.decoder(model.embed_target(target_in[pick]), state)[0])
        near(array(logits[pick]), array(alone))


@CELLS
def test_decoding_feeds_back_the_most_probable_token_until_the_end(cell, tokens):
    torch.manual_seed(2)
    model, start, never = tangled(EncoderDecoder(V, 8, E, N, cell), scale=1.5), 3, 0
    with torch.no_grad():
        model.out.bias[never] = -1000
    rows = model.decode(tokens, LENGTHS, start, never, max_length=9)
    assert len({tuple(row) for row in rows}) > 1  # what was read matters
    for i, row in enumerate(rows):
        target_in = torch.tensor([[start, *row[:-1]]])
        assert model(tokens[i : i + 1], LENGTHS[i : i + 1], target_in).argmax(dim=2)[0].tolist() == row
    for eos in {token for row in rows for token in row}:
        cut = [row[: row.index(eos)] if eos in row else row for row in rows]
        assert model.decode(tokens, LENGTHS, start, eos, max_length=9) == cut
        assert model.decode(tokens, LENGTHS, start, eos, max_length=2) == [row[:2] for row in cut]


def test_decoding_stops_when_every_row_has_ended(tokens):
    model = made(EncoderDecoder, V, 8, E, N)
    with torch.no_grad():
        model.out.bias[5] = 1000
    steps = []
    model.decoder.register_forward_hook(lambda *_: steps.append(1))
    assert model.decode(tokens, LENGTHS, 3, 5, max_length=50) == [[]] * M
    assert len(steps) == 1
    model.out.register_forward_hook(lambda *out: steps.append(out[-1].requires_grad))
    model.decode(tokens, LENGTHS, 3, 5, max_length=2)
    assert steps[-1] is False  # nothing is kept for a backward pass


def test_other_sizes_and_cells_are_refused():
    refused(lambda: CharLM(V, E, N, tied=True), "tied", "n_embed = n_hidden", "3 and 5")
    refused(lambda: CharLM(V, E, 0), "n_hidden", "at least 1", "0")
    refused(lambda: CharLM(V, E, N, dropout=1.5), "dropout", "between 0 and 1", "1.5")
    refused(lambda: Classifier(V, E, N, K, cell="GRU"), "cell", "rnn, lstm, gru", "'GRU'")
    refused(lambda: Tagger(V, E, N, 2.0), "n_tags", "whole number", "2.0")
    refused(lambda: EncoderDecoder(0, V, E, N), "n_source", "at least 1", "0")


def test_other_tokens_and_lengths_are_refused(tokens):
    packed = [lambda t, n=LENGTHS, kind=kind: kind(V, E, N, K)(t, n) for kind in (Classifier, Tagger)]
    for call in (lambda t: CharLM(V, E, N)(t), *packed):
        refused(lambda call=call: call(tokens.float()), "tokens", "whole numbers", "torch.float32")
        refused(lambda call=call: call(tokens[0]), "tokens", "2 axes (m, T)", "(6,)")
        refused(lambda call=call: call(tokens.numpy()), "tokens", "a tensor of shape (m, T)", "ndarray")
        refused(lambda call=call: call(tokens[:, :0]), "tokens", "empty along T", "(4, 0)")
    for call in packed:
        refused(lambda call=call: call(tokens, [2, 6, 0, 4]), "lengths", "between 1 and T = 6", "0 … 6")
        refused(lambda call=call: call(tokens, [2, 6, 4]), "lengths", "m = 4", "got 3")


def test_an_encoder_decoder_refuses_what_does_not_fit(tokens):
    model = EncoderDecoder(V, 8, E, N)
    refused(lambda: model(tokens, [7, 1, 1, 1], tokens), "lengths", "between 1 and T = 6", "1 … 7")
    refused(lambda: model(tokens, LENGTHS, tokens[:2]), "target_in", "(m, T_y) with m = 4", "(2, 6)")
    refused(lambda: model(tokens.float(), LENGTHS, tokens), "source", "whole numbers", "float32")
    refused(lambda: model.decode(tokens, LENGTHS, 8, 0, 5), "start", "between 0 and 7", "8")
    refused(lambda: model.decode(tokens, LENGTHS, 0, -1, 5), "eos", "between 0 and 7", "-1")
    refused(lambda: model.decode(tokens, LENGTHS, 0, 1, 0), "max_length", "at least 1", "0")
