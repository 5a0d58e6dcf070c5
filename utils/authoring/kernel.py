"""The kernel that commands run notebooks in: of this very Python, and reached through files in a folder of its own."""

import os
import shutil
import sys
import tempfile
import weakref

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from traitlets import default


class ThisInterpreter(AsyncKernelManager):
    """A kernel of the Python that runs the command, whatever kernels this user has installed under the name python3.

    Jupyter's own way is to choose five free TCP ports and to tell the new kernel about them. Where several kernels
    start side by side, one of the ports may be gone before it is used, and the kernel dies. Files in a new folder are
    nobody else's. Windows has no such transport: there it stays with ports.
    """

    @property
    def kernel_spec(self) -> KernelSpec:
        # errors only: the kernel's remarks on its own transport are no concern of an author
        argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}", "--log-level=ERROR"]
        return KernelSpec(argv=argv, display_name="Python 3", language="python")

    @default("transport")
    def _files_where_there_are_any(self) -> str:
        return "tcp" if os.name == "nt" else "ipc"

    @default("connection_file")
    def _in_a_folder_of_its_own(self) -> str:
        folder = tempfile.mkdtemp(prefix="kernel-")  # a short path: a socket's name holds about a hundred characters
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        return os.path.join(folder, "c.json")
