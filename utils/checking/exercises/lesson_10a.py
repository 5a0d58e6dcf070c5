"""Lesson 10, part A: a character model, and the questions of this part."""

from ..exercise import Mistake, Quiz
from . import draw
from .lesson_10a_weights import ported


def _language_cases(rng):
    def case(n_tokens, n_embed, n_hidden, m, T):
        rows = 4 * n_hidden
        weights = {
            "embed.weight": draw.numbers(rng, n_tokens, n_embed),
            "rnn.weight_ih_l0": 0.6 * draw.numbers(rng, rows, n_embed),
            "rnn.weight_hh_l0": 0.6 * draw.numbers(rng, rows, n_hidden),
            "rnn.bias_ih_l0": 0.5 * draw.numbers(rng, rows),
            "rnn.bias_hh_l0": 0.5 * draw.numbers(rng, rows),
            "out.weight": draw.numbers(rng, n_tokens, n_hidden),
            "out.bias": draw.numbers(rng, n_tokens),
        }
        tokens = rng.integers(n_tokens, size=(m, T))
        tokens[rng.integers(m), rng.integers(T)] = 0  # an end of a name is always among them
        start = {name: 0.8 * draw.numbers(rng, n_hidden, m) for name in ("h0", "c0")}
        dropout = float(rng.choice([0.1, 0.2, 0.4]))
        sizes = (n_tokens, n_embed, n_hidden)
        return {"sizes": sizes, "dropout": dropout, "weights": weights, "tokens": tokens} | start

    return draw.sequences(rng, case)


_OUT = "self.out(self.drop(h))"
_LOOK_UP = "self.embed(tokens)"

CharLM = ported(
    "CharLM",
    lesson="10a",
    probe="models",
    textbook="models",
    module="models",
    parts={"layers": 1, "logits": 1.5, "state": 1, "from_state": 1, "training": 1, "dembed": 0.5},
    cases=_language_cases,
    read="section 10.9",
    mistakes=(
        Mistake(
            "a softmax was taken at the end; the loss takes one itself, so it wants the logits as they are",
            ((_OUT, f"{_OUT}.softmax(-1)"),),
        ),
        Mistake(
            "a log-softmax was taken at the end; the loss takes one itself, so it wants the logits as they are",
            ((_OUT, f"{_OUT}.log_softmax(-1)"),),
        ),
        Mistake(
            "batch_first=True is missing, so the LSTM takes the names for time steps and the letters for names",
            ((", batch_first=True", ""),),
        ),
        Mistake(
            "the state that comes in is ignored; hand it to self.rnn",
            ((f"self.rnn({_LOOK_UP}, state)", f"self.rnn({_LOOK_UP})"),),
        ),
        Mistake(
            "the state that came in is returned, not the new one that self.rnn gives",
            (("h, state = self.rnn", "h, _ = self.rnn"),),
        ),
        Mistake(
            "dropout is not switched off by eval(); F.dropout needs training=self.training, self.drop knows by itself",
            (("self.drop(h)", "F.dropout(h, self.drop.p)"),),
        ),
        Mistake(
            "dropout is made but never used; forward should call self.drop between the LSTM and the output layer",
            (("self.drop(h)", "h"),),
        ),
        Mistake(
            "dropout stands in front of the LSTM; it belongs between the LSTM and the output layer",
            ((_LOOK_UP, f"self.drop({_LOOK_UP})"), ("self.drop(h)", "h")),
        ),
        Mistake(
            "dropout stands behind the output layer, where it drops answers; it belongs in front of it",
            ((_OUT, "self.drop(self.out(h))"),),
        ),
        Mistake(
            "dropout was given to nn.LSTM, which drops between layers, and here is one; call self.drop on h",
            (
                ("batch_first=True)", "batch_first=True, dropout=dropout)"),
                ("self.drop(h)", "h"),
                ("nn.Dropout(dropout)", "nn.Dropout(0.0)"),
            ),
        ),
        Mistake(
            "nn.Dropout() was left at its default, a half; hand it dropout",
            (("nn.Dropout(dropout)", "nn.Dropout()"),),
        ),
        Mistake(
            "nn.Dropout was told what to keep; it wants the share that is dropped",
            (("nn.Dropout(dropout)", "nn.Dropout(1 - dropout)"),),
        ),
        Mistake(
            "only the last step answers; each step is asked for its next letter, so self.out gets all of h",
            (("self.drop(h)", "self.drop(h[:, -1])"),),
        ),
        Mistake(
            "padding_idx=0 keeps the vector of token 0 from learning; here token 0 is the end of a name",
            (("nn.Embedding(n_tokens, n_embed)", "nn.Embedding(n_tokens, n_embed, padding_idx=0)"),),
        ),
        Mistake(
            "a second tanh squashes h on its way out; the LSTM has squashed it already",
            (("self.drop(h)", "self.drop(h.tanh())"),),
        ),
    ),
    hints=(
        "Four layers in __init__, after super().__init__(). In forward the tokens go through all four, one by one.",
        "Which layer has which sizes: embed n_tokens, n_embed; rnn n_embed, n_hidden, batch first; out n_hidden, "
        "n_tokens. Only rnn knows of the state.",
        "h, state = self.rnn(self.embed(tokens), state); then self.out(self.drop(h)) are the logits, and with them "
        "goes the new state. In __init__: self.rnn = nn.LSTM(n_embed, n_hidden, batch_first=True).",
    ),
)


EXERCISES = (CharLM,)
QUIZZES = (
    Quiz(
        "an-lstm-that-keeps",
        {
            "a": (False, "The forget gate multiplies the old memory by 1, so all of it is still there."),
            "b": (False, "The update gate multiplies the candidate by 0, so none of it enters."),
            "c": (True, "c⟨t⟩ = Γu * c̃ + Γf * c⟨t−1⟩ = 0 + c⟨t−1⟩."),
        },
    ),
    Quiz(
        "share-of-the-old",
        {
            "a": (True, "c⟨t⟩ = Γu * c̃ + (1 − Γu) * c⟨t−1⟩, so a tenth of the old memory stays."),
            "b": (False, "0.9 is the share of the candidate: here Γu takes the new value."),
            "c": (False, "The relevance gate acts inside the candidate. What is kept depends on Γu alone."),
        },
    ),
    Quiz(
        "nats-of-a-batch",
        {
            "a": (False, "Dividing by log 2 ≈ 0.693 was right in idea, but here the nats were multiplied by it."),
            "b": (True, "24 nats over 12 letters are 2 nats each, and 2 / 0.693 is about 2.9."),
            "c": (False, "That is the whole batch in bits. Divide by the 12 letters as well."),
        },
    ),
    Quiz(
        "one-memory-two-names",
        {
            "a": (False, "There is only one memory. Whoever changes the layer's numbers changes those of P."),
            "b": (True, "Two names for one memory: training writes into the array, and P is trained along."),
            "c": (False, "Gradients lie in .grad, in a memory of their own."),
        },
    ),
    Quiz(
        "backward-twice",
        {
            "a": (True, "The second gradient, 0.3836, is added to the first one, which nobody had cleared away."),
            "b": (False, "That would be so if backward replaced what is in .grad. It adds."),
            "c": (False, "Nothing clears .grad by itself; that is what zero_grad is for."),
        },
    ),
    Quiz(
        "reshape-is-no-permute",
        {
            "a": (True, "The numbers keep their order in memory and only the cuts change, as in the small case above."),
            "b": (False, "The number of entries is the same, and that is all that reshape looks at."),
            "c": (False, "Look at the second matrix above: its first row is 1, 2, where permute gives 1, 4."),
        },
    ),
    Quiz(
        "two-biases-one-step",
        {
            "a": (False, "That is what each of the two parts moves by."),
            "b": (True, "Each of the two parts moves by −0.05, and the layer sees their sum."),
            "c": (False, "The gradient is not shared out between the two: each has the whole of it."),
        },
    ),
    Quiz(
        "three-different-answers",
        {
            "a": (False, "no_grad keeps the tape empty. It changes no number that comes out."),
            "b": (False, "zero_grad clears gradients. They play no part when a model is only asked."),
            "c": (True, "While the model is set to training, dropout draws a new mask at every call."),
        },
    ),
    Quiz(
        "clipped-while-scaled",
        {
            "a": (False, "It would be, had unscale_ been called: 0.5 is within the limit and stays as it is."),
            "b": (False, "1 is its length while it is still scaled. The step divides by 1024 after that."),
            "c": (True, "Scaled it is 512 long and is cut to 1; divided by 1024 that leaves about 0.001."),
        },
    ),
    Quiz(
        "in-company",
        {
            "a": (False, "Read from right to left it would still give one answer for a name, in whatever company."),
            "b": (True, "The names of the batch are its time steps, so the state runs down the batch, place by place."),
            "c": (False, "Twice the same name would not depend on the other names in the batch."),
        },
    ),
)
