"""`digest`, with a note of what it took in the file that BENCH_PROBE names: run as a script, with digest's words.

`imports` is the CPU time until all modules of the program are loaded that a command needs from the start, `peak_kb` the
most memory that was held since this program began (a parent's memory, which getrusage counts in, is not in it),
`modules` the libraries' modules that were loaded at the end; with BENCH_AS_IT_IS set none but those that it needed.
"""

import atexit
import json
import os
import sys
import time
from pathlib import Path


def note() -> None:
    """Write down what was seen."""
    status = Path("/proc/self/status").read_text()
    peak = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
    loaded = [
        name
        for name, module in list(sys.modules.items())
        if "site-packages" in (getattr(module, "__file__", None) or "")
    ]
    found = {"imports": imported, "cpu": time.process_time(), "peak_kb": int(peak), "modules": loaded}
    Path(os.environ["BENCH_PROBE"]).write_text(json.dumps(found))


if __name__ == "__main__":
    sys.path[0] = os.getcwd()  # as `python -m` does, rather than this folder
    if "BENCH_AS_IT_IS" not in os.environ:
        from pipeline.cli import runtime  # noqa: F401
    from pipeline.cli.app import main

    imported = time.process_time()
    atexit.register(note)
    main(prog_name="digest")
