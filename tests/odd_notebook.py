"""A graded notebook that is hard to show: everything in it is long, wide, empty, nested or repeated."""

import base64

import hostile_notebook as hostile
import nbformat

ABOUT = {"notebook": "small", "student": "ada", "score": 5.5, "max_score": 14, "late_penalty": 0.5}
LONG = "y_pred = " + "softmax_of_the_state" * 15 + " + 1"  # one line of code
TABLE = "|".join(["", *(f"mean of the state {n}" for n in range(12)), ""])
FORMULA = " + ".join(rf"\frac{{\partial L_{{{n}}}}}{{\partial W_{{aa}}}}" for n in range(20))
WORDS = f"""# My answer

#### It is deep

{TABLE}
{"|---" * 12}|
{TABLE}

$$ {FORMULA} $$

In a line ${FORMULA}$ and `{LONG}` and https://a.test/{"long" * 60}.

[](https://a.test/) ![a picture](x.png)

- one
    - two
        - three {"word" * 60}

```
{LONG}
```
"""
EMPTY_HEADER = "| | a |\n|---|---|\n| 1 | 2 |"
PICTURE = {
    "output_type": "display_data",
    "metadata": {},
    "data": {"image/png": base64.b64encode(hostile.png(2000, 2)).decode()},
}


def printed(text):
    """A cell's output."""
    return {"output_type": "stream", "name": "stdout", "text": text}


def graded(kind, name, points, **more):
    """A cell's metadata as they are once points and comments have been written into them."""
    about = {"score": 2.5, "points": points, "comment": "", "waits": False, "by_hand": False} | more
    return hostile.graded(kind, name, grade=True, **about)


def notebook():
    """The notebook: exercises with a plot, an error and a long text, two written answers, a cell of the student's."""
    verdict = [printed("double: not right yet.\n" + "y_pred[0]: got 1.0 " * 30)]
    error = {"output_type": "error", "ename": "ValueError", "evalue": LONG, "traceback": []}
    comment = f"Nearly: see\n\n{EMPTY_HEADER}\n\n# Next time\n\n$$ {FORMULA} $$"
    cells = [
        ("markdown", {}, "# A small lesson", ()),
        ("markdown", {}, "### Exercise · `double`", ()),
        ("code", hostile.graded("code", "double", solution=True, comment=comment), LONG, [PICTURE, PICTURE]),
        ("code", graded("code", "double-check", 6, by_hand=True), "check(double)", verdict),
        ("markdown", {}, f"## # Mine ${FORMULA}$", ()),
        ("code", {}, f'"<b>"\n{LONG}', [printed("line\n" * 500), printed("0.5" * 3000), error, PICTURE]),
        ("code", hostile.graded("code", "triple", solution=True), " ", ()),
        ("code", graded("code", "triple-check", 2, score=0), "check(triple)", [error]),
        ("markdown", {}, "# Written question", ()),
        ("markdown", graded("markdown", "why", 4, solution=True, comment="No."), WORDS, ()),
        ("markdown", graded("markdown", "h" * 100, 2, solution=True, waits=True), EMPTY_HEADER, ()),
    ]
    made = nbformat.v4.new_notebook()
    for kind, metadata, source, outputs in cells:
        new = nbformat.v4.new_code_cell if kind == "code" else nbformat.v4.new_markdown_cell
        made.cells.append(new(source, metadata=metadata))
        if kind == "code":
            made.cells[-1].outputs = [nbformat.from_dict(output) for output in outputs]
    return made
