"""One epoch of training, held against its definition; the state that is carried; half precision; what is refused."""

import pytest
import torch
from language_models import (
    N_TOKENS,
    M,
    T,
    furthest,
    nats_by_hand,
    same_weights,
    small_batches,
    small_model,
    weights_of,
)
from refusals import refused
from torch import nn

from utils.torch_port.text_batches import NOTHING
from utils.torch_port.training import as_in_use, detached, evaluate, summed_nats, train_epoch

RATE = 0.05


def descent(model):
    """Plain gradient descent: what a step did to the weights is the gradient itself."""
    return torch.optim.SGD(model.parameters(), RATE)


def epoch_by_hand(model, batches, limit, carry=False):
    """The definition: mean loss, gradient, its norm over all weights, one step. Returns nats per step."""
    all_nats, all_steps, state = 0.0, 0, None
    for x, y in batches:
        nats, steps = nats_by_hand(model, x, y, state)
        with torch.no_grad():
            _, after = model(x, state)
        state = after if carry else None
        parameters = dict(model.named_parameters())
        G = torch.autograd.grad(nats / steps, list(parameters.values()))
        norm = torch.sqrt(sum((g**2).sum() for g in G))
        with torch.no_grad():
            for theta, g in zip(parameters.values(), G, strict=True):
                theta -= RATE * g * min(1.0, limit / (float(norm) + 1e-6))  # torch's own care for a norm of zero
        all_nats, all_steps = all_nats + nats.item(), all_steps + steps
    return all_nats / all_steps


@pytest.mark.parametrize("carry", [False, True])
@pytest.mark.parametrize("limit", [0.02, 1e9])
def test_an_epoch_is_a_clipped_step_for_each_batch(limit, carry):
    model, by_hand, batches = small_model(), small_model(), small_batches()
    got = train_epoch(model, batches, descent(model), limit, carry=carry)
    assert got == pytest.approx(epoch_by_hand(by_hand, batches, limit, carry), rel=1e-12)
    assert furthest(weights_of(model), weights_of(by_hand)) < 1e-14
    assert furthest(weights_of(model), weights_of(small_model())) > 1e-4


def test_each_step_weighs_the_same_however_the_batches_are_cut():
    """The mean over steps, not over batches: one long and one short batch, without learning."""
    model, (long, short) = small_model(), (small_batches(1, 9)[0], small_batches(1, 2, seed=3)[0])
    still = torch.optim.SGD(model.parameters(), 0.0)
    parts = [nats_by_hand(model, *batch) for batch in (long, short)]
    want = sum(nats.item() for nats, _ in parts) / sum(steps for _, steps in parts)
    of_means = sum(nats.item() / steps for nats, steps in parts) / 2
    assert train_epoch(model, [long, short], still, 1.0) == pytest.approx(want, rel=1e-12)
    assert evaluate(model, [long, short]) == pytest.approx(want, rel=1e-12) != pytest.approx(of_means, rel=1e-3)


def test_a_carried_state_has_no_past_and_starts_anew_each_epoch():
    """Backward through the state of the batch before would raise, as its graph is gone."""
    model, batches = small_model(), small_batches()
    seen = []
    hook = model.register_forward_pre_hook(lambda module, given: seen.append(given[1]))
    for _ in range(2):
        train_epoch(model, batches, descent(model), 1.0, carry=True)
    hook.remove()
    assert [state is None for state in seen] == 2 * [True, False, False]
    assert not any(part.requires_grad for state in seen if state for part in state)
    x = small_batches(1)[0][0]
    state = model(x)[1]
    assert torch.equal(detached(state)[0], state[0]) and detached(state[0]).grad_fn is None and detached(None) is None
    assert not detached((state, state[0]))[0][1].requires_grad


def test_a_state_of_one_tensor_is_carried_as_well():
    class Gru(nn.Module):
        def __init__(self):
            super().__init__()
            self.embed, self.rnn = nn.Embedding(N_TOKENS, 3), nn.GRU(3, N_TOKENS, batch_first=True)

        def forward(self, tokens, state=None):
            return self.rnn(self.embed(tokens), state)

    torch.manual_seed(0)
    model, batches = Gru().double(), small_batches()
    carried = evaluate(model, batches, carry=True)
    whole = torch.cat([x for x, _ in batches], dim=1), torch.cat([y for _, y in batches], dim=1)
    assert carried == pytest.approx(evaluate(model, [whole]), rel=1e-12) != pytest.approx(evaluate(model, batches))
    assert train_epoch(model, batches, torch.optim.SGD(model.parameters(), 0.0), 1.0, carry=True) == carried


def test_a_batch_in_which_nothing_counts_moves_no_weight_and_a_carried_state():
    x, y = small_batches(1)[0]
    silent = (x.flip(0), torch.full_like(y, NOTHING))
    for carry in (False, True):
        model, other = small_model(), small_model()
        adam = torch.optim.AdamW(model.parameters(), 0.1, weight_decay=0.1)  # moves without a gradient too
        loss = train_epoch(model, [silent, (x, y), silent], adam, 1.0, carry=carry)
        ahead = other(silent[0])[1] if carry else None
        nats, steps = nats_by_hand(other, x, y, ahead)
        assert loss == pytest.approx(nats.item() / steps, rel=1e-12)
        assert {float(entry["step"]) for entry in adam.state_dict()["state"].values()} == {1.0}
        assert all(torch.isfinite(theta).all() for theta in model.parameters())
    assert evaluate(small_model(), [silent, (x, y)]) == pytest.approx(evaluate(small_model(), [(x, y)]), rel=1e-12)


def test_dropout_while_learning_and_none_in_use():
    model, batches = small_model(dropout=0.5), small_batches()
    model.eval()
    model.rnn.train()
    before = evaluate(model, batches)
    assert (model.training, model.drop.training, model.rnn.training) == (False, False, True)
    assert before == evaluate(model.train(), batches) == evaluate(small_model(), batches)
    model.eval()
    torch.manual_seed(3)
    assert train_epoch(model, batches, torch.optim.SGD(model.parameters(), 0.0), 1.0) != pytest.approx(before, rel=1e-3)
    assert model.training and model.drop.training
    with pytest.raises(ZeroDivisionError), as_in_use(model):
        assert not model.training and not torch.is_grad_enabled()
        raise ZeroDivisionError
    assert model.training and model.drop.training and torch.is_grad_enabled()


def test_gradients_are_brought_to_their_size_before_they_are_clipped():
    """Scaled by 2^10 and clipped as they are, they would all be cut down to the limit."""
    (scaled, plain), batches = (small_model(dtype=torch.float32) for _ in range(2)), small_batches()
    scaler = torch.amp.GradScaler("cpu", init_scale=1024.0)
    losses = [
        train_epoch(model, batches, descent(model), 1.0, scaler=one) for model, one in ((scaled, scaler), (plain, None))
    ]
    assert losses[0] == pytest.approx(losses[1], rel=1e-6) and scaler.get_scale() == 1024
    assert furthest(weights_of(scaled), weights_of(plain)) < 1e-6


def test_a_step_whose_gradient_overflowed_is_left_out_and_the_scale_halved():
    model, batches = small_model(dtype=torch.float32), small_batches(1)
    before, scaler = weights_of(model), torch.amp.GradScaler("cpu", init_scale=64.0)
    model.out.bias.register_hook(lambda g: g * torch.inf)
    train_epoch(model, batches, descent(model), 1.0, scaler=scaler)
    assert same_weights(before, weights_of(model)) and scaler.get_scale() == 32


def test_the_loss_is_taken_in_float32_at_least():
    logits, y = torch.randn(2, 3, 5, generator=torch.Generator().manual_seed(0)), torch.tensor([[1, 2, -1], [4, 0, 3]])
    wanted = {torch.bfloat16: torch.float32, torch.float32: torch.float32, torch.float64: torch.float64}
    for dtype, want in wanted.items():
        nats = summed_nats(logits.to(dtype), y)
        exact = summed_nats(logits.to(dtype).double(), y)
        assert nats.dtype == want and float(nats) == pytest.approx(float(exact), rel=1e-6)


def half_precision_learns(device):
    """Training in bfloat16: weights and gradients stay float32, the loss falls as in float32."""
    losses = {}
    for amp in (False, True):
        model, batches = small_model(dtype=torch.float32).to(device), small_batches()
        adam = torch.optim.AdamW(model.parameters(), 0.05)
        losses[amp] = [train_epoch(model, batches, adam, 1.0, device, amp) for _ in range(8)]
        assert {each.dtype for theta in model.parameters() for each in (theta, theta.grad)} == {torch.float32}
    assert losses[True] == pytest.approx(losses[False], rel=0.05) and losses[True] != losses[False]
    assert losses[True][-1] < 0.9 * losses[True][0]
    assert evaluate(model, batches, device, amp=True) == pytest.approx(evaluate(model, batches, device), rel=0.05)


def test_half_precision_learns_on_the_cpu():
    half_precision_learns("cpu")


@pytest.mark.gpu
def test_half_precision_learns_on_a_gpu():
    half_precision_learns("cuda")


@pytest.mark.parametrize("use", ["train_epoch", "evaluate"])
def test_doors(use):
    model, (x, y) = small_model(), small_batches(1)[0]

    def go(batches, **options):
        if use == "evaluate":
            return evaluate(model, batches, **options)
        return train_epoch(model, batches, descent(model), 1.0, **options)

    before = weights_of(model)
    refused(lambda: go([]), "batches", "at least one step that counts", "got none")
    refused(lambda: go(iter(())), "batches", "at least one step that counts", "got none")
    refused(lambda: go([(x, torch.full_like(y, NOTHING))]), "batches", "at least one step that counts", "got none")
    refused(lambda: go([x]), "batches", "pairs (x, y)", "Tensor")
    refused(lambda: go([(x, y[:, 1:])]), "y", f"T = {T}", f"({M}, {T - 1})")
    refused(lambda: go([(x.double(), y)]), "x", "whole numbers", "torch.float64")
    refused(lambda: go([(x.numpy(), y)]), "x", "a tensor of shape (m, T)", "ndarray")
    refused(lambda: go([(x[:0], y[:0])]), "x", "at least 1", "(0, 6)")
    refused(lambda: go([(x, torch.where(y < 0, -100, y))]), "batches", "-1 in y where nothing is asked", "-100 in y")
    refused(lambda: go([(torch.where(y < 0, -1, x), y)]), "batches", "tokens from 0 on", "-1 in x")
    assert same_weights(before, weights_of(model))
    refused(lambda: go([(x, y), (x[1:], y[1:])], carry=True), "x", f"m = {M}", f"({M - 1}, {T})")
    assert go([(x, y), (x[1:], y[1:])]) > 0
