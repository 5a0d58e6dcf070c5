"""The GRU that PyTorch does not have: its numbers, its gradients, the faster ways to run it."""

import numpy as np
import pytest
import torch
from nearness import near
from refusals import refused
from tensors import N_A, N_X, M, T, course, parameters, same, tangled

from utils import reference
from utils.torch_port import seed_gru_fast
from utils.torch_port.seed_gru import SeedGRU
from utils.torch_port.seed_gru_fast import compiled, compiled_and_graphed, graphed
from utils.torch_port.weights import gradient_of


@pytest.fixture
def P(rng):
    return parameters(rng, "GRU")


def inputs(rng, steps=T, m=M, grad=True):
    """x (T, m, n_x) and c0 (m, n_c), leaves."""
    x, c0 = torch.tensor(rng.standard_normal((steps, m, N_X))), torch.tensor(rng.standard_normal((m, N_A)))
    return x.requires_grad_(grad), c0.requires_grad_(grad)


def agree(run, seed, P, rng, **sizes):
    """run(x, c0) gives the states of the reference, and after backward every gradient."""
    x, c0 = inputs(rng, **sizes)
    c = run(x, c0)
    weights = torch.tensor(rng.standard_normal(c.shape))
    seed.zero_grad()
    (weights * c).sum().backward()
    want, _, caches = reference.gru_forward(course(x), c0.detach().numpy().T.copy(), P)
    G = reference.gru_backward(course(weights), caches)
    near(course(c), want, 1e-10)
    near(course(x.grad), G.pop("dx"), 1e-10)
    near(c0.grad.numpy().T, G.pop("dc0"), 1e-10)
    near({f"d{key}": g for key, g in seed.to_numpy(gradient_of).items()}, G, 1e-10)


@pytest.mark.parametrize("sizes", [{}, {"m": 1}, {"steps": 1}, {"steps": 37, "m": 7}], ids=str)
def test_states_and_gradients_are_the_reference_s(P, sizes, rng):
    seed = SeedGRU(P)
    agree(seed, seed, P, rng, **sizes)


def test_weights_that_torch_drew_agree_too(P, rng):
    torch.manual_seed(2)
    seed = tangled(SeedGRU.fresh(N_X, N_A))
    agree(seed, seed, seed.to_numpy() | {key: P[key] for key in ("Wy", "by")}, rng)


def test_it_is_not_the_gru_of_pytorch(P, rng):
    """The same gates with the reset after the product: another network, however close it looks."""
    x, c0 = inputs(rng, grad=False)
    n = N_A
    after = P | {"Wcc": P["Wc"][:, :n], "Wcx": P["Wc"][:, n:], "bcc": 0 * P["bc"], "bcx": P["bc"]}
    other = reference.gru_forward_reset_after(course(x), c0.numpy().T.copy(), after)[0]
    assert np.abs(course(SeedGRU(P)(x, c0)) - other).max() > 0.05


def test_the_parameters_stand_in_the_order_u_r_c(P):
    seed = SeedGRU(P)
    assert [name for name, _ in seed.named_parameters()] == ["Wx", "b", "Wh", "Wc"]
    n = N_A
    near(seed.Wx.detach(), np.vstack([P[key][:, n:] for key in ("Wu", "Wr", "Wc")]), 0)
    near(seed.b.detach(), np.vstack([P[key] for key in ("bu", "br", "bc")])[:, 0], 0)
    near(seed.Wh.detach(), np.vstack([P[key][:, :n] for key in ("Wu", "Wr")]), 0)
    near(seed.Wc.detach(), P["Wc"][:, :n], 0)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_there_and_back_is_exact_and_shares_no_memory(P, dtype):
    P = {key: array.astype(dtype) for key, array in P.items()}
    P["Wr"][2, 1] = np.nan
    kept = {key: array.copy() for key, array in P.items() if key not in ("Wy", "by")}
    seed = SeedGRU(P)
    back = seed.to_numpy()
    assert same(back, kept)
    with torch.no_grad():
        for parameter in seed.parameters():
            parameter.add_(1)
    assert same(back, kept) and same({key: P[key] for key in kept}, kept)


def test_the_input_product_is_one_and_a_step_is_six_calls(P, rng):
    """Kernels are launched one by one: what is counted here is what a GPU waits for."""
    counted = {}

    class Count(torch.utils._python_dispatch.TorchDispatchMode):
        def __torch_dispatch__(self, func, types, args=(), kwargs=None):
            name = func.overloadpacket.__name__
            counted[name] = counted.get(name, 0) + 1
            return func(*args, **(kwargs or {}))

    seed = SeedGRU(P)
    x, c0 = inputs(rng, steps=20, grad=False)
    with torch.no_grad(), Count():
        seed(x, c0)
    views = {"t", "view", "_unsafe_view", "permute", "transpose", "unbind", "slice", "split", "select", "unsqueeze"}
    kernels = {name: n for name, n in counted.items() if name not in views}
    assert kernels.pop("stack", 0) + kernels.pop("cat", 0) == 1
    assert kernels == {"addmm": 1 + 40, "sigmoid": 20, "mul": 20, "tanh": 20, "lerp": 20}


def test_autocast_keeps_the_state_in_full_precision(P, rng):
    seed = SeedGRU(P).float()
    x, c0 = (one.detach().float() for one in inputs(rng))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        c = seed(x, c0)
    assert c.dtype == torch.float32
    near(c.detach(), seed(x, c0).detach(), 0.05)


def test_fresh_weights_come_from_the_generator_alone():
    torch.manual_seed(0)
    kept = torch.random.get_rng_state()
    one, two = (SeedGRU.fresh(30, 50, torch.Generator().manual_seed(s)) for s in (1, 1))
    other = SeedGRU.fresh(30, 50, torch.Generator().manual_seed(2), dtype=torch.float64)
    assert torch.equal(kept, torch.random.get_rng_state())
    assert torch.equal(one.Wx, two.Wx) and not torch.equal(one.Wx, other.Wx.float())
    assert one.Wx.dtype == torch.get_default_dtype() and other.Wx.dtype == torch.float64
    assert not other.b.any() and other.Wx.shape == (150, 30) and other.Wh.shape == (100, 50)
    assert other.Wc.std().item() == pytest.approx(80**-0.5, rel=0.1)
    SeedGRU.fresh(2, 3)
    assert not torch.equal(kept, torch.random.get_rng_state())


# torch.compile looks for the gradients of what it is given, hides PyTorch's warning of that, and cannot hide an error.
QUIET = pytest.mark.filterwarnings("ignore:The .grad attribute of a Tensor:UserWarning")


def ways_agree(device, P, rng, backend):
    """Every way to run a SeedGRU on a device: the reference's states and gradients, twice, with new numbers."""
    seed = SeedGRU(P).to(device)

    def on_device(route):
        return lambda x, c0: route(x.to(device), c0.to(device)).to("cpu")

    routes = {"compiled": compiled(seed, chunk=4, backend=backend)}
    sample = [one.to(device).detach().requires_grad_() for one in inputs(rng)]
    routes["graphed"] = graphed(seed, *sample)
    routes["both"] = compiled_and_graphed(seed, *sample, chunk=4, backend=backend)
    for route in routes.values():
        for _ in range(2):
            agree(on_device(route), seed, P, rng)
            with torch.no_grad():  # a way that kept old weights would be seen in the second round
                seed.b.add_(0.25)
            P = P | seed.to_numpy()
    return {name: route.how for name, route in routes.items()}


@QUIET
def test_every_way_agrees_on_the_cpu(P, rng):
    how = ways_agree("cpu", P, rng, backend="eager")
    assert how["compiled"] == "compiled by eager, 4 steps at a time"
    assert how["graphed"] == "eager, because a CUDA graph needs a GPU and the weights are on the CPU"
    assert how["both"] == "compiled by eager, 4 steps at a time, in no CUDA graph, which needs a GPU"


@QUIET
@pytest.mark.gpu
def test_every_way_agrees_on_a_gpu(P, rng):
    how = ways_agree("cuda", P, rng, backend="inductor")
    assert how == {
        "compiled": "compiled by inductor, 4 steps at a time",
        "graphed": "one CUDA graph forwards, one backwards",
        "both": "compiled by inductor, 4 steps at a time, in one CUDA graph forwards, one backwards",
    }


def test_recording_leaves_the_module_as_it_is(P, rng, monkeypatch):
    """The branch for a GPU, with a recorder that does to its argument what PyTorch's does: it replaces the forward."""
    recorded = []

    def record(module, samples):
        before, module.forward = module.forward, lambda *args: recorded.append(args) or before(*args)
        recorded.append(samples)
        return module

    monkeypatch.setattr(seed_gru_fast, "_on_gpu", lambda module: True)
    monkeypatch.setattr(torch.cuda, "make_graphed_callables", record)
    seed, (x, c0) = SeedGRU(P), inputs(rng)
    route = graphed(seed, x, c0.detach())
    (own_x, own_c0), *_ = recorded
    assert own_x.is_leaf and own_x.requires_grad and not own_c0.requires_grad
    assert torch.equal(own_x, x) and own_x.data_ptr() != x.data_ptr()
    assert route.how == "one CUDA graph forwards, one backwards"
    seed(x, c0)
    assert len(recorded) == 1  # the module itself runs as before
    agree(graphed(seed, x, c0), seed, P, rng)
    assert len(recorded) == 3


@QUIET
def test_what_is_recorded_is_what_was_compiled(P, rng, monkeypatch):
    """With a recorder that looks at what PyTorch's goes by: the weights of a module, and gradients of a few calls."""
    traced = []

    def record(module, samples):
        assert isinstance(module, SeedGRU) and module is not seed
        assert all(one is own for one, own in zip(module.parameters(), seed.parameters(), strict=True))
        inputs = [one for one in (*samples, *module.parameters()) if one.requires_grad]
        for _ in range(3):
            states = module(*samples)
            torch.autograd.grad(states, inputs, torch.empty_like(states))
        before, module.forward = module.forward, lambda *args: before(*args)
        return module

    def backend(graph, samples):
        traced.append(sum(node.target is torch.lerp for node in graph.graph.nodes))
        return graph

    monkeypatch.setattr(seed_gru_fast, "_on_gpu", lambda module: True)
    monkeypatch.setattr(torch.cuda, "make_graphed_callables", record)
    seed = SeedGRU(P)
    route = compiled_and_graphed(seed, *inputs(rng), chunk=4, backend=backend)
    assert traced and set(traced) == {4}  # T = 6: the two steps that are left are recorded as they are
    assert route.how.endswith(", 4 steps at a time, in one CUDA graph forwards, one backwards")
    kept = list(traced)
    agree(route, seed, P, rng)
    assert traced == kept and "forward" not in vars(seed)
    with pytest.raises(ValueError, match="^the graph was recorded for x"):
        route(*inputs(rng, steps=4))


def test_on_the_cpu_compiling_is_left_out_and_said(P, rng):
    seed = SeedGRU(P)
    route = compiled(seed)
    assert route.how == "eager, because torch.compile pays off on a GPU and the weights are on the CPU"
    agree(route, seed, P, rng)
    refused(lambda: compiled(seed, chunk=0), "chunk", "at least 1", "0")
    refused(lambda: compiled(torch.nn.GRU(3, 5)), "module", "a SeedGRU", "got GRU")
    for way in (graphed, compiled_and_graphed):
        refused(lambda way=way: way(torch.nn.GRU(3, 5), None, None), "module", "a SeedGRU", "got GRU")


def test_a_graph_is_recorded_for_one_shape(P, rng):
    seed = SeedGRU(P)
    route, (x, c0) = graphed(seed, *inputs(rng)), inputs(rng)
    for wrong in ((x[1:], c0), (x[:, :1], c0[:1]), (x.detach(), c0), (x.float(), c0.float())):
        with pytest.raises(ValueError, match=r"^the graph was recorded for x \(6, 4, 3\) float64 on cpu with gradient"):
            route(*wrong)
    refused(lambda: route(x, c0[0]), "c0", "2 axes (m, n_c)", "(5,)")


def test_a_wrong_shape_is_refused(P, rng):
    seed, (x, c0) = SeedGRU(P), inputs(rng)
    for run in (seed, compiled(seed, backend="eager"), lambda x, c0: graphed(seed, x, c0)):
        refused(lambda run=run: run(x.transpose(0, 2), c0), "x", "(T, m, n_x) with n_x = 3", "(3, 4, 6)")
        refused(lambda run=run: run(x, c0[:3]), "c0", "(m, n_c) with m = 4", "(3, 5)")
        refused(lambda run=run: run(x, c0.T), "c0", "(m, n_c)", "(5, 4)")
        refused(lambda run=run: run(x[:0], c0), "x", "empty along T", "(0, 4, 3)")
    for key in ("Wu", "Wr", "Wc", "bu", "br", "bc"):
        wrong = P | {key: np.vstack([P[key], P[key]])}
        refused(lambda wrong=wrong: SeedGRU(wrong), "Wu|bu|br|bc|Wr|Wc", "must have shape", "got (")
    refused(lambda: SeedGRU(parameters(rng, "LSTM")), "P", "Wr", "bf")
    refused(lambda: SeedGRU.fresh(0, 3), "n_x", "at least 1", "0")
