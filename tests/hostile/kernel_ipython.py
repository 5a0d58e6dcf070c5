"""Tampering with IPython and the kernel around it, where there is one. Nothing is answered."""

from .desk import answers, attack, both, runs
from .kernel import wrong

IP = "ip = get_ipython()\n"

ATTACKS = [
    attack(
        "kernel-showtraceback",
        "errors are no longer shown",
        both(runs(IP + "ip.showtraceback = ip._showtraceback = lambda *a, **k: None"), wrong),
        quick=True,
    ),
    attack(
        "kernel-custom-exc",
        "every exception is handled quietly",
        both(runs(IP + "ip.set_custom_exc((BaseException,), lambda *a, **k: None)"), wrong),
    ),
    attack(
        "kernel-run-cell",
        "run_cell does nothing and reports success",
        runs(
            """
            from IPython.core.interactiveshell import ExecutionInfo, ExecutionResult
            ip = get_ipython()
            nothing = ExecutionResult(ExecutionInfo("", False, False, False, ""))
            nothing.execution_count = 1
            async def run_cell_async(*a, **k):
                return nothing
            ip.run_cell, ip.run_cell_async = lambda *a, **k: nothing, run_cell_async
            """
        ),
    ),
    attack(
        "kernel-ast-transformer",
        "calls of check are cut out of the tree",
        runs(
            """
            import ast
            class NoChecks(ast.NodeTransformer):
                def visit_Call(self, node):
                    return ast.Constant(None) if getattr(node.func, "id", "") == "check" else node
            get_ipython().ast_transformers.append(NoChecks())
            """
        ),
    ),
    attack(
        "kernel-input-transformer",
        "the text of check cells becomes 6.0",
        runs(
            """
            get_ipython().input_transformers_post.append(
                lambda lines: ["6.0\\n"] if any(line.startswith("check(") for line in lines) else lines)
            """
        ),
    ),
    attack(
        "kernel-forged-result",
        "an execute_result of 6.0 is sent from an answer",
        both(
            answers(
                rnn_forward="""
                def rnn_forward(x, a0, P):
                    kernel = get_ipython().kernel
                    content = {"data": {"text/plain": "6.0"}, "metadata": {}, "execution_count": 1}
                    kernel.session.send(kernel.iopub_socket, "execute_result", content, parent=kernel.get_parent())
                """
            ),
            runs("get_ipython().showtraceback = lambda *a, **k: None"),
        ),
    ),
    attack(
        "kernel-do-execute",
        "the kernel answers ok without running",
        runs(
            """
            async def do_execute(*a, **k):
                return {"status": "ok", "execution_count": 1, "payload": [], "user_expressions": {}}
            get_ipython().kernel.do_execute = do_execute
            """
        ),
    ),
    attack(
        "kernel-session-filter",
        "messages of errors are held back",
        runs(
            """
            session = get_ipython().kernel.session
            send = session.send
            def quiet(stream, kind, content=None, *a, **k):
                if kind == "error" or "reply" in str(kind) and (content or {}).get("status") == "error":
                    content = {"status": "ok", "execution_count": 1, "payload": [], "user_expressions": {}}
                    if kind == "error":
                        return None
                return send(stream, kind, content, *a, **k)
            session.send = quiet
            """
        ),
    ),
    attack(
        "kernel-closed-iopub", "the channel of results is closed", runs("get_ipython().kernel.iopub_socket.close()")
    ),
]
