"""The process: `digest` and `python -m pipeline` begin and end here."""

import os
import sys
from contextlib import suppress

from pipeline.cli.app import main


def run() -> None:
    """Carry out the command line, and leave without taking hundreds of modules apart: the system drops them faster.

    That is a sixth of the time of a short command; mypy leaves in the same way.
    """
    try:
        main(prog_name="digest")
    except SystemExit as end:
        # A full disk: Python says so itself at its usual end. Without a stdout there is none to flush.
        with suppress(OSError, AttributeError):
            with suppress(BrokenPipeError):  # whoever reads has seen enough
                sys.stdout.flush()
            sys.stderr.flush()
            if isinstance(end.code, int):
                os._exit(end.code)
        raise


if __name__ == "__main__":
    run()
