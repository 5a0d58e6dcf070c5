"""`python -m utils COMMAND`. Nothing here is newer than Python 3.6, so that an old Python gets a sentence."""

import sys

if sys.version_info < (3, 11):
    sys.stderr.write(
        "The course needs Python 3.11 or newer and this is Python {}.{}: install a newer one from python.org "
        "and run the command with it.\n".format(*sys.version_info)
    )
    sys.exit(1)

from utils.cli import main  # noqa: E402

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
