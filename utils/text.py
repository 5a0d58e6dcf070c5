"""Symbols and their numbers."""

from dataclasses import dataclass

EOS, UNK = "<EOS>", "<UNK>"


@dataclass(frozen=True)
class Vocabulary:
    """The symbols a model knows, in order: symbol number i is tokens[i]. Holds `<EOS>` and `<UNK>` once each."""

    tokens: tuple[str, ...]

    def __post_init__(self):
        object.__setattr__(self, "tokens", tuple(self.tokens))
        for token in (EOS, UNK):
            if self.tokens.count(token) != 1:
                raise ValueError(f"a vocabulary holds {token} exactly once, got {self.tokens.count(token)} times.")
        if len(set(self.tokens)) != len(self.tokens):
            raise ValueError("the tokens of a vocabulary must all differ.")

    def __len__(self):
        return len(self.tokens)

    @property
    def eos(self) -> int:
        """Index of the end-of-sequence symbol."""
        return self.tokens.index(EOS)

    @property
    def unk(self) -> int:
        """Index of the symbol that stands for every unknown one."""
        return self.tokens.index(UNK)
