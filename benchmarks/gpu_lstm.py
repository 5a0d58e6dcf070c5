"""One LSTM, written in several ways: as a learner writes it, then with less and less work for the queue.

All take their weights from the same nn.LSTM and give the same numbers. The gates are those of the course; PyTorch's
order i, f, g, o is Γu, Γf, c̃, Γo. Time comes first: x is (T, m, n_x), the states are (T, m, n).
"""

import torch
from torch.nn import functional

GATES = 4


def by_gate(lstm):
    """[W (n, n + n_x) on [a; x] for Γu, Γf, c̃, Γo] and [b (n,)] for the same, copies of the numbers of an nn.LSTM."""
    W = torch.cat([lstm.weight_hh_l0, lstm.weight_ih_l0], dim=1)
    b = lstm.bias_ih_l0 + lstm.bias_hh_l0
    return [[part.detach().clone().requires_grad_() for part in whole.chunk(GATES)] for whole in (W, b)]


def stacked(lstm):
    """Wx (4 n, n_x), Wa (4 n, n), b (4 n,): copies of the numbers of an nn.LSTM, its two biases added."""
    whole = lstm.weight_ih_l0, lstm.weight_hh_l0, lstm.bias_ih_l0 + lstm.bias_hh_l0
    return [part.detach().clone().requires_grad_() for part in whole]


def by_hand(x, a, c, W, b):
    """The cell of lesson 07 at every step, one product for each gate. a, c: (m, n); W, b: as from `by_gate`."""
    (Wu, Wf, Wc, Wo), (bu, bf, bc, bo) = W, b
    states = []
    for xt in x:
        seen = torch.cat([a, xt], dim=1)  # (m, n + n_x)
        gate_u = torch.sigmoid(seen @ Wu.T + bu)
        gate_f = torch.sigmoid(seen @ Wf.T + bf)
        gate_o = torch.sigmoid(seen @ Wo.T + bo)
        c_tilde = torch.tanh(seen @ Wc.T + bc)
        c = gate_f * c + gate_u * c_tilde
        a = gate_o * torch.tanh(c)
        states.append(a)
    return torch.stack(states)


def step(zt, a, c, Wa):
    """One step when the input's share of the sums, zt (m, 4 n), is known: one product for all gates; a⟨t⟩ and c⟨t⟩."""
    u, f, new, o = torch.addmm(zt, a, Wa.T).chunk(GATES, dim=1)
    c = torch.sigmoid(f) * c + torch.sigmoid(u) * torch.tanh(new)
    return torch.sigmoid(o) * torch.tanh(c), c


def hoisted(x, a, c, Wx, Wa, b, one_step=step):
    """The same with the input's share of all steps computed before the loop, in one product that fills the card.

    Walking over `z` splits it once; z[t] instead would give the backward pass an array of zeros, as large as z, at
    every step.
    """
    states = []
    for zt in functional.linear(x, Wx, b):  # (T, m, 4 n)
        a, c = one_step(zt, a, c, Wa)
        states.append(a)
    return torch.stack(states)


def compiled_step(device):
    """`step` through torch.compile, which makes one kernel of what stands around the product.

    One step and not the whole loop: unrolled over 256 steps it would take minutes to compile, for the same kernels. On
    the CPU, where the benchmark only rehearses, nothing is generated, because that would need a compiler of C++.
    """
    return torch.compile(step, fullgraph=True, dynamic=False, backend="inductor" if device.type == "cuda" else "eager")


def captured(run, device):
    """The same call as a CUDA graph: all its kernels are recorded once and then put into the queue as one.

    run: a function of no arguments whose tensors stay where they are. Returns a function that replays it and returns
    the tensors of the recording, written anew. On the CPU there are no graphs, and run itself is returned.
    """
    if device.type != "cuda":
        return run
    aside, graph = torch.cuda.Stream(device), torch.cuda.CUDAGraph()
    aside.wait_stream(torch.cuda.current_stream(device))
    with torch.cuda.stream(aside):  # left again even where the recording fails
        for _ in range(3):  # libraries set themselves up, and compilers compile, before the recording
            run()
        with torch.cuda.graph(graph, stream=aside):
            outputs = run()
    torch.cuda.current_stream(device).wait_stream(aside)

    def replay():
        graph.replay()
        return outputs

    return replay
