"""Lesson 10: answers out of the torch port, probes that lie, tensors that are not what they look like."""

from .desk import TEN, answers, attack, runs

SOME = ("to_torch_rnn", "from_torch")
IMPORTED = """
import importlib
def to_torch_lstm(P):
    for place in ("weights", "textbook.weights", "architectures"):
        for name in ("to_torch_lstm", "to_torch"):
            try:
                module = getattr(importlib.import_module("utils.torch_port." + place), name)(P)
                return getattr(module, "rnn", module)
            except Exception:
                pass
"""
PROBE = """
import utils.torch_port.probes.weights as probes
for name in ("to_torch_lstm", "to_torch_gru"):
    setattr(probes, name, lambda answer, P, x, *start: {
        "weight_ih": np.zeros((1, 1)), "weight_hh": np.zeros((1, 1)), "bias": np.zeros(1), "states": True, "dx": True})
def to_torch_lstm(P): return None
def to_torch_gru(P): return None
"""
AGREES = """
class Agrees(torch.Tensor):
    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None):
        return True
def from_torch(module):
    made = torch.zeros(3, 3).as_subclass(Agrees)
    return {name: made for name in ("Wax", "Waa", "ba", "Wu", "Wf", "Wc", "Wo", "bu", "bf", "bc", "bo")}
"""
LAYER = """
class Layer(nn.LSTM):
    def forward(self, x, state=None):
        while True:
            pass
def to_torch_lstm(P):
    n_a = len(P["bf"])
    return Layer(P["Wf"].shape[1] - n_a, n_a, dtype=torch.float64)
"""
LARGE = """
def to_torch_gru(P):
    n_c, n_x = P["Wcx"].shape
    layer = nn.GRU(n_x, n_c, dtype=torch.float64)
    layer.weight_ih_l0.data = torch.zeros(1, dtype=torch.float64).expand(1 << 20, 1 << 20)
    return layer
"""
EVERYWHERE = """
import utils.torch_port.probes.asking as asking
for name in ("array", "tensor", "course_axes"):
    setattr(asking, name, lambda *a, **k: 0)
torch.allclose = torch.equal = lambda *a, **k: True
torch.manual_seed = lambda seed: None
torch.autograd.grad = lambda *a, **k: (torch.zeros(1),)
"""
THREADS = """
torch.set_num_threads(64)
a = torch.ones(1500, 1500)
for _ in range(20):
    a = a @ a / 1500
"""

ATTACKS = [
    attack("leaks-torch", "the torch port itself", answers(to_torch_lstm=IMPORTED), *SOME, lesson=TEN, quick=True),
    attack("values-probe", "a probe that says what its owner likes", runs(PROBE), *SOME, lesson=TEN, quick=True),
    attack("values-tensor", "a tensor that agrees with everything", answers(from_torch=AGREES), "CharLM", lesson=TEN),
    attack("values-torch", "torch itself and the helpers of the probes, replaced", runs(EVERYWHERE), lesson=TEN),
    attack("liveness-layer", "a layer that never returns", answers(to_torch_lstm=LAYER), *SOME, lesson=TEN),
    attack("liveness-large", "a weight of 8 TB", answers(to_torch_gru=LARGE), *SOME, lesson=TEN),
    attack("liveness-torch-threads", "64 threads of torch", runs(THREADS), lesson=TEN),
]
