"""Tampering with the kernel, the judge and the libraries in the student's own process. Nothing is answered."""

from .desk import TWO, answers, attack, both, runs

WRONG = """
    def rnn_forward(x, a0, P):
        n_x, m, T = x.shape
        return np.zeros((len(a0), m, T)), np.zeros((len(P["by"]), m, T)), ([], x)
"""
wrong = answers(rnn_forward=WRONG)


def check_returns(value):
    """A `check` of one's own, everywhere a cell may look for it."""
    return both(
        runs(
            f"""
            import builtins, sys, utils.checking
            def check(function):
                return {value}
            builtins.check = utils.checking.check = check
            for module in list(sys.modules.values()):
                if hasattr(module, "check") and "utils" in getattr(module, "__name__", ""):
                    module.check = check
            """
        ),
        wrong,
    )


ATTACKS = [
    *(
        attack(
            f"kernel-check-returns-{word}", f"check is redefined and returns {value}", check_returns(value), quick=quick
        )
        for word, value, quick in (
            ("full", "6.0", True),
            ("none", "None", False),
            ("text", "'6 points'", False),
            ("nan", "float('nan')", False),
            ("minus", "-1.0", False),
            ("thousand", "1000.0", False),
        )
    ),
    attack(
        "kernel-patched-numpy",
        "allclose and its friends always agree",
        both(
            runs(
                """
                import numpy.testing
                yes = lambda *a, **k: True
                np.allclose = np.array_equal = np.isclose = np.array_equiv = yes
                np.testing.assert_allclose = np.testing.assert_array_equal = lambda *a, **k: None
                np.max = np.abs = np.linalg.norm = lambda *a, **k: 0.0
                """
            ),
            wrong,
        ),
        quick=True,
    ),
    attack(
        "kernel-patched-builtins",
        "all, any, abs, max, len and sum lie",
        both(
            runs(
                """
                import builtins
                builtins.all = lambda *a: True
                builtins.any = lambda *a: False
                builtins.abs = builtins.sum = lambda *a, **k: 0
                builtins.isinstance = lambda *a: True
                """
            ),
            wrong,
        ),
    ),
    attack(
        "kernel-patched-json-struct",
        "json and struct write what the student likes",
        both(
            runs(
                """
                import json, struct
                dumps = json.dumps
                json.dumps = lambda value, *a, **k: dumps({"ok": True, "points": 6, "value": 6})
                json.loads = lambda *a, **k: {"replay": ""}
                """
            ),
            wrong,
        ),
    ),
    attack(
        "kernel-fake-numpy",
        "a module of the student's stands for NumPy",
        both(
            runs(
                """
                import sys, types
                fake = types.ModuleType("numpy")
                fake.__getattr__ = lambda name: (lambda *a, **k: True)
                np = sys.modules["numpy"] = fake
                """
            ),
            wrong,
        ),
    ),
    attack(
        "kernel-patched-judge",
        "the judge in the student's process says right",
        both(
            runs(
                """
                import utils.checking.judge as judge, utils.checking.compare as compare
                judge.case_problems = compare.problems = lambda *a, **k: []
                judge.Verdict.points = judge.Verdict.ok = 6.0
                """
            ),
            wrong,
        ),
        quick=True,
    ),
    attack(
        "kernel-patched-reference",
        "the student's wrong function becomes the reference",
        both(
            wrong,
            runs(
                """
                import sys
                for module in list(sys.modules.values()):
                    if (getattr(module, "__name__", "") or "").startswith("utils"):
                        module.rnn_forward = rnn_forward
                from utils.checking.exercises import find
                object.__setattr__(find("rnn_forward"), "reference", rnn_forward)
                """,
                after="rnn_forward",
            ),
        ),
    ),
    attack(
        "kernel-patched-cases",
        "the exercise has no cases any more",
        runs(
            """
            from utils.checking.exercises import find, known
            for name in known():
                object.__setattr__(find(name), "cases", lambda rng: {})
                object.__setattr__(find(name), "parts", {"all": 100.0})
            """
        ),
    ),
    attack(
        "kernel-always-blank",
        "the variable that tells grading from checking is set",
        runs("import os\nos.environ['NBGRADER_EXECUTION'] = 'validate'\nos.urandom = lambda n: b'\\0' * n"),
    ),
    attack(
        "kernel-patched-worker",
        "the class that answers calls is rewritten in place",
        both(
            runs(
                """
                import gc, sys
                for thing in gc.get_objects():
                    if isinstance(thing, type) and thing.__module__.endswith(("worker", "__main__")):
                        for name in ("_call", "_whose", "_answer"):
                            if hasattr(thing, name):
                                setattr(thing, name, lambda self, *a: {"value": True, "ours": False})
                """
            ),
            wrong,
        ),
    ),
    attack(
        "kernel-trace",
        "a trace function makes every other frame return",
        runs(
            """
            import sys
            def trace(frame, event, argument):
                frame.f_trace_lines = False
                return trace
            sys.settrace(trace); sys.setprofile(lambda *a: None)
            """
        ),
        "sequence_loss",
    ),
    attack(
        "kernel-always-equal-name",
        "a name that is any exercise: __getattr__ of the namespace's builtins",
        runs(
            """
            class Anything(dict):
                def __missing__(self, name):
                    return lambda *a, **k: 6.0
            __builtins__ = Anything(vars(__import__("builtins")))
            """
        ),
    ),
    attack(
        "kernel-copied-earlier",
        "an earlier reference under the name of this one",
        answers(
            rnn_backward="""
            from utils import reference
            def rnn_backward(da, caches):
                cells, x = caches
                return reference.rnn_forward(x, cells[0][1], cells[0][3])
            """,
            rnn_cell_backward="from utils.reference import rnn_forward as rnn_cell_backward",
        ),
        "scalar_bptt",
        lesson=TWO,
        quick=True,
    ),
]
