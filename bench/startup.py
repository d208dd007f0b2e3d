"""CPU time of commands that do next to nothing, beside that of importing what they cannot do without.

python -m bench.startup [--runs 10]
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from functools import partial

from bench.measuring import DIGEST, ROOT, Ran, in_turn, median, run, table

LIBRARIES = "import pydantic, jinja2, frontmatter"
# `import pydantic` loads next to nothing of pydantic: that comes with the first model, and more with its first use.
ONE_MODEL = f"""{LIBRARIES}
class Model(pydantic.BaseModel):
    number: int = pydantic.Field(1, ge=0)
Model.model_validate({{}})"""
PAIRS = (
    ("digest --help", ("--help",), "", "import click"),
    ("digest check", ("check",), "", LIBRARIES),
    ("digest check", ("check",), "the same, and one model with one field", ONE_MODEL),
)
LINE = re.compile(r"import time: +(\d+) \| +(\d+) \| ( *)(\S+)")


def command(words: tuple[str, ...]) -> Ran:
    return run([*DIGEST, *words], folder=ROOT)


def imports(code: str) -> Ran:
    return run([sys.executable, "-c", code], folder=ROOT)


def nothing() -> Ran:
    return imports("pass")


def costs(words: tuple[str, ...]) -> Counter[str]:
    """Microseconds of importing, each module's own, by package; those of this program by module."""
    said = run([sys.executable, "-X", "importtime", *DIGEST[1:], *words], folder=ROOT).said
    own: Counter[str] = Counter()
    for microseconds, _, _, name in LINE.findall(said):
        own[name if name.startswith("pipeline") else name.split(".")[0]] += int(microseconds)
    return own


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--runs", type=int, default=10)
    given = parser.parse_args()
    rows = []
    for name, words, title, code in PAIRS:
        command(words)  # so that all byte code is there
        ours, theirs, empty = in_turn(given.runs, partial(command, words), partial(imports, code), nothing)
        mine, least, none = (median(one.cpu for one in many) for many in (ours, theirs, empty))
        times = [f"{seconds * 1000:.0f} ms" for seconds in (mine, least, none)]
        rows.append([name, times[0], title or f"`{code}`", *times[1:], f"{mine / least:.2f}"])
    table(["command", "CPU", "beside", "CPU", "Python alone", "ratio"], rows)
    for name, words in {name: words for name, words, *_ in PAIRS}.items():
        found = costs(words)
        all_ms = sum(found.values()) / 1000
        print(f"\nMost of what {name} imports (each module's own time, {all_ms:.0f} ms in all):")
        table(["package", "ms"], ((key, f"{us / 1000:.1f}") for key, us in found.most_common(14)))


if __name__ == "__main__":
    main()
