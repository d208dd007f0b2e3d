"""Numbers of a text, and which number of a source permits which number of a claim.

A number of a claim is licensed by one of the source that is equal after scaling, or equal after rounding
to the digits that the claim writes, or a hundred times as large or small where exactly one of the two is
a percentage. Nothing else licenses: no tolerance, no truncation, no sums, no figures inside names, no
`half` for 50. What a number measures has to agree where both say it (units.py).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal

from pipeline.grounding.number_text import MARK, may_hold_number, plain, spelled
from pipeline.grounding.units import PERCENT, WIDE, Unit, unit_of

# A word with a figure in it is a name and no number: GSM8K, GPT-4.1, ViT-B/16, 3DGS. The lookbehind is
# ASCII: Python's \w takes in Chinese, and the name in 使用GPT-4.1 would not be seen.
NAMED = re.compile(
    r"(?<![A-Za-z0-9_.])(?=[A-Za-z_./+@-]{0,80}\d)(?:[A-Za-z][A-Za-z0-9_]*(?:[-/.+_@][A-Za-z0-9]+)*"
    r"|\d+(?:\.\d+)?[A-Z]+[a-z]*[A-Z][A-Za-z0-9]*(?:[-/+_@][A-Za-z0-9]+)*"
    r"|\d[A-Z][a-z]{2,}(?:[-/+_@][A-Za-z0-9]+)*)"
)
_KEEPS_ITS_NUMBER = re.compile(r"(?i)(?:sub|pre|post|mid|top|over|under|up|near)-(?=\d)")
_SIZE_IN_NAME = re.compile(r"(?<=[-_])\d+(?:\.\d+)?[KMBT](?![A-Za-z0-9])")
DIMENSIONS = re.compile(r"(?<![A-Za-z0-9.])\d(?:\.5)?D(?![A-Za-z0-9])")

_WORTH = {
    **dict.fromkeys(("百", "hundred"), Decimal(100)),
    **dict.fromkeys(("千", "thousand", "k"), Decimal(1000)),
    **dict.fromkeys(("万", "萬"), Decimal(10**4)),
    **dict.fromkeys(("百万", "million", "m"), Decimal(10**6)),
    "千万": Decimal(10**7),
    **dict.fromkeys(("亿", "億"), Decimal(10**8)),
    **dict.fromkeys(("billion", "b", "bn"), Decimal(10**9)),
    **dict.fromkeys(("万亿", "trillion", "t"), Decimal(10**12)),
}
_SCALE = (
    r"百万|千万|万亿|(?i:hundred|thousand|million|billion|trillion)|bn(?![A-Za-z])|[kKMBT](?![A-Za-z])"
    r"|百(?![分科])|千(?![米克瓦])|万|萬|亿|億"
)
_SCALE_WORD = re.compile(_SCALE)
_NUMBER = re.compile(
    rf"(?<![\d.])(\d+(?:\.\d+)?(?:[eE][-+]?\d{{1,3}}(?![\dA-Za-z]))?)((?:\s*+(?:{_SCALE})){{0,2}})"
    rf"(?:\s*+-?\s*+[个個]?(%|[A-Za-zμ]+|{'|'.join(WIDE)})(?!代))?"
)
_RANGE = re.compile(r"\s*(?:-|~|to|±|至|到|から)\s*")
_LIST = re.compile(r"\s*(?:-|~|to|至|到|から|and|or|和|与|或|及|、|/)\s*")
_BLANK_THOUSANDS = re.compile(r"(?<![\d.,])\d{1,3}(?: \d{3})+(?!\d|[.,]\d)")
_BROKEN_DECIMAL = re.compile(r"(?<![\d.])(\d+)\. (\d+)(?!\d)")
_CITATION = re.compile(
    r"(?<![$=({\[\\])(?<!range )(?<!interval )(?<!within )(?<!in )\[\d{1,3}(?:\s*[,;–-]\s*\d{1,3})*\]"
    r"|\((?:[A-Z][^()\d]{1,60}?,\s(?:19|20)\d{2}[a-z]?(?:;\s*)?){1,9}\)"
    r"|\bet al\.?,?\s*\(?(?:19|20)\d{2}[a-z]?\)?"
)
_PLACE = re.compile(
    r"\b(?:Tables?|Tab\.|Figures?|Figs?\.|Sections?|Secs?\.|Equations?|Eqs?\.|Appendix|Algorithm|Theorem|Lemma"
    r"|Definition|Proposition|Corollary)[\s~]*\(?(\d+)(?:\.\d+)*[a-z]?\b\)?(?:\s*(?:and|&|[-–])\s*\d+[a-z]?\b)?"
)
_NAMES_A_PLACE = re.compile(
    r"(?:(?<![代列图发外])表|(?<![地代插])图|公式|算法|附录|定理|\b(?:Table|Fig|Figure|Section|Eq)\.?)\s*\(?$"
)

_CLAUSE_END = re.compile(
    r"[,;:、。!?()]|\.(?=\s|$)|\b(?:while|whereas|but|although|and|which)\b|同时|并(?![行非不未发列])|而|且|但"
)

Reading = tuple[Decimal, Decimal]


@dataclass(frozen=True)
class Number:
    """A number as a text has it.

    `readings` are what it can be worth, each with the worth of its last written digit (3.34M: 3340000 and
    10000); more than one where the text is ambiguous (the 10 of `10-20K`). `sign` is a literal - or +.
    `place` says that it only names a place: the 3 of `Table 3`. `context` is the prepared text, `span` its
    place in it.
    """

    written: str
    readings: tuple[Reading, ...]
    unit: Unit | None
    sign: str
    word: bool
    place: bool
    context: str = field(repr=False)
    span: tuple[int, int]

    @property
    def clause(self) -> str:
        """The part of its sentence that a number stands in."""
        before, after = self.context[: self.span[0]], self.context[self.span[1] :]
        return (
            _CLAUSE_END.split(before)[-1] + self.context[slice(*self.span)] + _CLAUSE_END.split(after, 1)[0]
        )

    @property
    def small(self) -> bool:
        """A bare 0 or 1, or a word up to three: too common to be held against a claim."""
        value = self.readings[0][0]
        bare = self.unit is None or "count" in self.unit.kinds
        return bare and value in ({0, 1, 2, 3} if self.word else {0, 1})


def of_source(text: str) -> tuple[Number, ...]:
    """The numbers that a text licenses, in all their readings. Citations and `Table 3` license nothing.

    `13 977` may be one number or two, `90. 72` a broken decimal, the end of `SignVerse-2M` a size: here
    all of that is permitted.
    """
    if not may_hold_number(text):
        return ()
    text = plain(_PLACE.sub(" ", _CITATION.sub(" ", text)), claim=False)
    found = _parse(spelled(_without_names(text), claim=False))
    pieces = [blank[0].replace(" ", "") for blank in _BLANK_THOUSANDS.finditer(text)]
    pieces += [f"{whole}.{decimals}" for whole, decimals in _BROKEN_DECIMAL.findall(text)]
    named = filter(is_named, NAMED.findall(text))
    pieces += [size for name in named for size in _SIZE_IN_NAME.findall(name)]
    return (*map(_or_million, found), *(number for piece in pieces for number in _parse(piece)))


def of_claim(text: str) -> tuple[Number, ...]:
    """The numbers that a claim has to answer for: all but the small ones, and the 3 of `3D`."""
    text = DIMENSIONS.sub(" ", _without_names(plain(text, claim=True)))
    return tuple(number for number in _parse(spelled(text, claim=True)) if not number.small)


def places(text: str) -> frozenset[int]:
    """The figures of `Table 3`, `Fig. 2` and their like in a text."""
    return frozenset(int(figure[:6]) for figure in _PLACE.findall(text))


def licensed(claim: Number, source: Number) -> bool:
    """True if the number of a source permits that of a claim; signs are compared elsewhere."""
    return any(_permits(claim, mine, source, its) for mine in claim.readings for its in source.readings)


def regardless_of_unit(claim: Number, source: Number) -> bool:
    """True if two numbers are equal but for what they measure."""
    return licensed(replace(claim, unit=None), replace(source, unit=None))


def _without_names(text: str) -> str:
    return NAMED.sub(lambda name: " " if is_named(name[0]) else name[0], text)


def is_named(token: str) -> bool:
    """True if a word with a figure in it, as NAMED finds it, is a name: `GSM8K`, `3DGS`; not `12GB`, `top-5`."""
    if token[0].isdigit():
        return unit_of(token.lstrip("0123456789.-")) is None
    return _KEEPS_ITS_NUMBER.match(token) is None


def _parse(text: str) -> list[Number]:
    """All numbers of a prepared text. From right to left, since `10-20K` hands its K to the left."""
    numbers: list[Number] = []
    right: tuple[Number, Decimal, int] | None = None
    for found in reversed(list(_NUMBER.finditer(text))):
        number, scale, end = _number(found)
        if right is not None:
            gap = text[end : right[2]].rstrip(MARK)
            number, scale = _inherited(number, scale, right, gap)
        numbers.append(number)
        right = (number, scale, found.start())
    return numbers[::-1]


def _number(found: re.Match[str]) -> tuple[Number, Decimal, int]:
    """One number, its scale, and where it ends."""
    text, (digits, scales, word) = found.string, found.groups()
    scale = Decimal(1)
    for name in _SCALE_WORD.findall(scales):
        scale *= _WORTH[name.lower()]
    unit = unit_of(word) if word else None
    if unit is not None and unit.name.lower() == "x" and text[found.end() :].lstrip()[:1].isdigit():
        unit = None  # 1024 x 1024
    mantissa, _, power = digits.lower().partition("e")
    step = Decimal(10) ** (int(power or 0) - len(mantissa.partition(".")[2]))
    start, end = found.start(), found.end() if unit else found.end(2)
    was_word = text[:start].endswith(MARK)
    before = text[max(0, start - 24) : start].rstrip(MARK)
    number = Number(
        written=" ".join(text[start:end].split()),
        readings=((Decimal(digits) * scale, step * scale),),
        unit=unit,
        sign=_sign(before),
        word=was_word,
        place=_NAMES_A_PLACE.search(before) is not None,
        context=text,
        span=(start, end),
    )
    return number, scale, end


def _sign(before: str) -> str:
    """The literal sign at the end of what stands before a number; the hyphen of a range or a word is none."""
    sign, left = before[-1:], before[:-1]
    if sign not in {"-", "+"} or (
        left[-1:].isascii() and (left[-1:].isalnum() or left[-1:] in {")", "]", "%"})
    ):
        return ""
    return "" if left.endswith(" ") and left.rstrip()[-1:].isdigit() else sign


def _inherited(
    number: Number, scale: Decimal, right: tuple[Number, Decimal, int], gap: str
) -> tuple[Number, Decimal]:
    """A number with what it may take from its right neighbor: a scale in a list, a unit in a range."""
    neighbor, its_scale, _ = right
    if number.unit is None and _RANGE.fullmatch(gap):
        number = replace(number, unit=neighbor.unit)
    if number.unit in {None, neighbor.unit} and scale == 1 and its_scale != 1 and _LIST.fullmatch(gap):
        value, step = number.readings[0]
        scaled = (value * its_scale, step * its_scale)
        return replace(number, readings=(number.readings[0], scaled)), its_scale
    return number, scale


def _or_million(number: Number) -> Number:
    """A source's `1.7m` may be meters or millions."""
    if number.unit is None or number.unit.name != "m":
        return number
    million = tuple((value * 10**6, step * 10**6) for value, step in number.readings)
    return replace(number, readings=(*number.readings, *million))


def _permits(claim: Number, mine: Reading, source: Number, its: Reading) -> bool:
    ours, theirs = claim.unit, source.unit
    if ours is None or theirs is None:
        return _equal(mine, its) or _equal_across_percent(mine, ours, its, theirs)
    if ours.agrees(theirs):
        return _equal(_times(mine, ours.factor), _times(its, theirs.factor))
    return "ratio" in ours.kinds | theirs.kinds and _equal_across_percent(mine, ours, its, theirs)


def _equal_across_percent(mine: Reading, ours: Unit | None, its: Reading, theirs: Unit | None) -> bool:
    """True if exactly one of the two is a percentage, and they are equal as shares of one."""
    claim_is, source_is = (unit is not None and unit.name == PERCENT for unit in (ours, theirs))
    if claim_is == source_is:
        return False
    hundredth = Decimal("0.01")
    return _equal(_times(mine, hundredth), its) if claim_is else _equal(mine, _times(its, hundredth))


def _equal(mine: Reading, its: Reading) -> bool:
    """Equal as written, or after rounding the source to the last digit of the claim."""
    (value, step), (other, other_step) = mine, its
    if value == other:
        return True
    return (
        value != 0 and step > other_step and (other / step).to_integral_value(ROUND_HALF_UP) * step == value
    )


def _times(reading: Reading, factor: Decimal) -> Reading:
    return reading[0] * factor, reading[1] * factor
