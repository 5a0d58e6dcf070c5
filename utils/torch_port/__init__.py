"""Lesson 10: what the course built in NumPy, in PyTorch. Nothing else in the package imports torch.

The course's parameters become PyTorch's and come back (`weights`, `architectures`), networks (`models`, `seed_gru`,
`scan`, `packed`), training (`training`, `checkpoints`, `distributed`), use (`sampling`, `export`). `textbook` holds the
answers of the exercises, step by step; `probes` how a check asks an answer for numbers.
"""


class NoTorch(ModuleNotFoundError):
    """PyTorch is not installed. In a notebook only the sentence is shown."""

    def _render_traceback_(self):
        return [str(self)]


try:
    import torch  # noqa: F401 - asked for here, so that no module below has to
except ModuleNotFoundError as error:
    raise NoTorch(
        "Lesson 10 needs PyTorch, which is not installed: run `make torch` in the course's folder (in Colab or conda: "
        "`pip install torch safetensors onnx onnxruntime`), then restart the kernel.",
        name=error.name,
    ) from None
