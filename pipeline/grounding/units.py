"""Units that may follow a number: the quantity they measure, their factor, and the signs that all languages share.

Words for them stand in the languages' files. The table contains only units in which papers report results. A word
that is not in the table is not compared: `60 images` and `60 videos` are equal here. The purpose is to detect a
number that changes its quantity (dB to %) or its magnitude (ms to s, GB to MB).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

PERCENT = "%"


@dataclass(frozen=True)
class Unit:
    """A unit of measurement. `kinds` are the quantities it can measure: several if ambiguous (`times`)."""

    name: str
    kinds: frozenset[str]
    factor: Decimal  # in base units of the quantity

    def is_compatible(self, other: Unit) -> bool:
        """Return True if both units can measure the same quantity."""
        return not self.kinds.isdisjoint(other.kinds)


# id | kinds | factor | signs, which ignore case except those in CASE_SENSITIVE. Languages give words by id.
UNIT_TABLE = """
% | percent | 1 | %
pp | percent | 1 | pp pps ppt
point | percent count | 1 | pts
x | ratio | 1 | x
times | ratio count | 1 |
ns | time | 1e-9 | ns
us | time | 1e-6 | μs us
ms | time | 1e-3 | ms msec
s | time | 1 | s sec secs
min | time | 60 | min mins
h | time | 3600 | h hr hrs
day | time | 86400 |
week | time | 604800 |
month | time | 2629800 |
year | time | 31557600 |
KB | bytes | 1e3 | KB KiB
MB | bytes | 1e6 | MB MiB
GB | bytes | 1e9 | GB GiB
TB | bytes | 1e12 | TB TiB
PB | bytes | 1e15 | PB
G | bytes flops | 1e9 | G
byte | bytes | 1 | byte bytes
MFLOP | flops | 1e6 | MFLOP MFLOPs MMACs
GFLOP | flops | 1e9 | GFLOP GFLOPs GMAC GMACs
TFLOP | flops | 1e12 | TFLOP TFLOPs TMACs TOPS
bit | bits | 1 | bit bits
bit or digit | bits count | 1 |
bpp | bpp | 1 | bpp
dB | decibel | 1 | dB dBs
Hz | hertz | 1 | Hz
kHz | hertz | 1e3 | kHz
MHz | hertz | 1e6 | MHz
GHz | hertz | 1e9 | GHz
fps | fps | 1 | fps
frame | fps count | 1 |
nm | length | 1e-9 | nm
um | length | 1e-6 | μm um
mm | length | 1e-3 | mm
cm | length | 1e-2 | cm
meter | length | 1 |
m | length count | 1 | m
km | length | 1e3 | km
mg | weight | 1e-3 | mg
g | weight | 1 |
kg | weight | 1e3 | kg
px | pixels | 1 | px
MP | pixels | 1e6 | MP
deg | angle | 1 | deg
oom | orders | 1 | oom
USD | money | 1 | USD
mW | power | 1e-3 | mW
W | power | 1 | W
count | count | 1 |
"""
CASE_SENSITIVE = {"s", "h", "G", "W", "m", "MB", "mW", "MP"}  # with other capitals these mean something else


def _table() -> tuple[dict[str, Unit], dict[str, Unit]]:
    """The units by id, and by the signs that all languages share."""
    by_id: dict[str, Unit] = {}
    signs: dict[str, Unit] = {}
    for row in UNIT_TABLE.strip().split("\n"):
        name, kinds, factor, spellings = (part.strip() for part in row.split("|"))
        by_id[name] = Unit(name, frozenset(kinds.split()), Decimal(factor))
        signs |= dict(_named(by_id[name], spellings.split()))
    return by_id, signs


def _named(unit: Unit, spellings: Iterable[str]) -> Iterator[tuple[str, Unit]]:
    for spelling in spellings:
        named = Unit(PERCENT if unit.name == PERCENT else spelling, unit.kinds, unit.factor)
        yield spelling, named
        if spelling not in CASE_SENSITIVE:
            yield spelling.lower(), named


UNITS, SYMBOLS = _table()


def spelled(words: Mapping[str, Iterable[str]]) -> dict[str, Unit]:
    """Return a language's words for units, given by the ids of units; unknown ids are ignored."""
    return {
        word: unit
        for name, spellings in words.items()
        if name in UNITS
        for word, unit in _named(UNITS[name], spellings)
    }


def word_key(word: str) -> str:
    """Return the form under which a unit is looked up. `X` is a ratio like `x`, but `mb` is not `MB`."""
    lower = word.lower()
    return word if lower in CASE_SENSITIVE else lower
