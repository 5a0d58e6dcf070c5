"""Run in a bundle's folder, which alone is on the path: all cells of a notebook, as Run All with errors allowed does.

`python -I in_bundle.py FOLDER NOTEBOOK` prints JSON: where utils was found; for each cell that stopped, its number, the
kind of error, what is shown of it, and what the cell printed; and the number of figures that were shown.
"""

import contextlib
import io
import json
import sys
import warnings

folder, notebook = sys.argv[1:]
sys.path.insert(0, folder)


def main():
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    from IPython.core.interactiveshell import InteractiveShell

    stopped, figures = [], []
    plt.show = lambda *_, **__: (figures.extend(plt.get_fignums()), plt.close("all"))
    shell = InteractiveShell.instance()
    with open(notebook, encoding="utf-8") as stream:
        cells = json.load(stream)["cells"]
    for number, cell in enumerate(cells):
        if cell["cell_type"] == "code":
            with contextlib.redirect_stdout(io.StringIO()) as printed:
                error = shell.run_cell("".join(cell["source"])).error_in_exec
            if error is not None:
                lines = error._render_traceback_() if hasattr(error, "_render_traceback_") else [str(error)]
                stopped.append([number, type(error).__name__, "\n".join(lines), printed.getvalue()])
    return {"utils": sys.modules["utils"].__file__, "stopped": stopped, "figures": len(figures)}


with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    result = main()
print(json.dumps(result))
