"""Entry point of `digest` and `python -m pipeline`."""

import os
import sys
from contextlib import suppress

from pipeline.cli.app import main


def run() -> None:
    """Run the command line and exit through os._exit: tearing hundreds of modules down takes a tenth of `check`."""
    try:
        main(prog_name="digest")
    except SystemExit as end:
        # On a full disk the regular exit below reports the error; without a stdout there is nothing to flush.
        with suppress(OSError, AttributeError):
            with suppress(BrokenPipeError):  # the reader, such as `head`, has closed the pipe
                sys.stdout.flush()
            sys.stderr.flush()
            if isinstance(end.code, int):
                os._exit(end.code)
        raise


if __name__ == "__main__":
    run()
