"""Parse the numbers of a text, and decide which number of a source supports which number of a claim.

A number of the source supports one of the claim if both are equal after scaling, or equal after rounding to
the digits that the claim writes, or if exactly one is a percentage and both are the same fraction (87% and
0.87). Nothing else does: no tolerance, no truncation, no sums, no digits inside names, no `half` for 50. If
both have a unit, the units must be compatible (units.py).
"""

import math
import re
import unicodedata
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal

from pipeline.grounding import languages
from pipeline.grounding.languages import FALLBACK
from pipeline.grounding.notation import WORD_MARK, Notation, claim_notation, has_own_marks, paper_notation
from pipeline.grounding.number_text import normalize_text, replace_number_words
from pipeline.grounding.units import PERCENT, SYMBOLS, Unit, word_key

# Words with digits that are names, not numbers: GSM8K, GPT-4.1, ViT-B/16, 3DGS. The lookbehind is ASCII:
# \w includes Chinese characters, so the name in 使用GPT-4.1 would not match.
NAME_WITH_DIGITS = re.compile(
    r"(?<![A-Za-z0-9_.])(?=[A-Za-z_./+@-]{0,80}\d)(?:[A-Za-z][A-Za-z0-9_]*(?:[-/.+_@][A-Za-z0-9]+)*"
    r"|\d+(?:\.\d+)?[A-Z]+[a-z]*[A-Z][A-Za-z0-9]*(?:[-/+_@][A-Za-z0-9]+)*"
    r"|\d[A-Z][a-z]{2,}(?:[-/+_@][A-Za-z0-9]+)*)"
)
_NUMERIC_PREFIX = re.compile(r"(?i)(?:sub|pre|post|mid|top|over|under|up|near)-(?=\d)")
_SIZE_IN_NAME = re.compile(r"(?<=[-_])\d+(?:\.\d+)?[KMBT](?![A-Za-z0-9])")
DIMENSIONS = re.compile(r"(?<![A-Za-z0-9.])\d(?:\.5)?D(?![A-Za-z0-9])")

# Blanks that a conversion left in a number, which may also stand between two: `13 977`, `90. 72`, `10 -4` for 10^-4.
_SPACED_THOUSANDS = re.compile(r"(?<![\d.,])\d{1,3}(?: ,?\d{3})+(?!\d|[.,]\d)")
_SPLIT_DECIMAL = re.compile(r"(?<![\d.])(\d++) ?\. (?=\d)")
_LOST_SUPERSCRIPT = re.compile(
    r"(?<![\d.])(?:(\d{1,9}(?:\.\d{1,9})?)\s*+x\s*+10\s*+|10\s++)-(\d{1,2})(?!\d|\.\d)"
)
_AND_A_HALF = re.compile(rf"(?<=\d) and a half(?: {WORD_MARK}1(?= ))?")
_CITATION = re.compile(
    r"(?<![$=({\[\\])(?<!range )(?<!interval )(?<!within )(?<!in )\[\d{1,3}(?:\s*[,;–-]\s*\d{1,3})*\]"
    r"|\((?:[A-Z][^()\d]{1,60}?,\s(?:19|20)\d{2}[a-z]?(?:;\s*)?){1,9}\)"
    r"|\bet al\.?,?\s*\(?(?:19|20)\d{2}[a-z]?\)?"
)
_CROSS_REFERENCE = re.compile(
    r"\b(?:Tables?|Tab\.|Figures?|Figs?\.|Sections?|Secs?\.|Equations?|Eqs?\.|Appendix|Algorithm|Theorem|Lemma"
    r"|Definition|Proposition|Corollary)[\s~]*\(?(\d+)(?:\.\d+)*[a-z]?\b\)?(?:\s*(?:and|&|[-–])\s*\d+[a-z]?\b)?"
)
# A sign, and not the hyphen of a range (`10 -20`) or of a word.
_SIGN = re.compile(r"(?:^|[^A-Za-z0-9)\]% ]|(?:^|[^\d\s])\s* )([-+])$")

MAX_CLAUSE_LENGTH = 200  # characters before and after a number in which words for its sign are looked for
Reading = tuple[Decimal, Decimal]  # the value, and its step: what 1 in the last written digit is worth


@dataclass(frozen=True)
class Number:
    """A number as written in a text.

    `readings` are its possible values, each with the step of its last written digit (3.34M: 3340000 and
    10000); several if the text is ambiguous (the 10 of `10-20K`). `scale` is what K or 万 stands for. `sign` is a literal - or + or empty,
    `word` is True for a number word, `is_cross_reference` for the 3 of `Table 3`. `context` is the normalized
    text, and `span` the offsets of the number in it.
    """

    written: str
    readings: tuple[Reading, ...]
    scale: Decimal
    unit: Unit | None
    sign: str
    word: bool
    is_cross_reference: bool
    context: str = field(repr=False)
    span: tuple[int, int]
    notation: Notation = field(repr=False, compare=False)

    @property
    def is_decrease(self) -> bool:
        """True if the clause that contains the number has a word for a decrease, which stands for a minus sign."""
        start, end = self.span
        before = self.context[max(0, start - MAX_CLAUSE_LENGTH) : start]
        after = self.context[end : end + MAX_CLAUSE_LENGTH]
        clause_end = self.notation.clause_end
        clause = clause_end.split(before)[-1] + clause_end.split(after, maxsplit=1)[0]
        return self.notation.decrease.search(clause) is not None

    @property
    def is_trivial(self) -> bool:
        """True for a bare 0 or 1 and for a word up to three: too common to need support."""
        bare = self.unit is None or "count" in self.unit.kinds
        return bare and self.readings[0][0] in ({0, 1, 2, 3} if self.word else {0, 1})


def source_numbers(text: str, language: str = FALLBACK) -> tuple[Number, ...]:
    """Parse the numbers of a source, in all their readings; citations and `Table 3` support nothing.

    Ambiguous text supports every interpretation: `13 977` is one number or two, `90. 72` a split decimal,
    `10 -4` a power whose superscript was lost, `two and a half` 2.5 too, and the end of `SignVerse-2M` a size.
    """
    notation = paper_notation(language)
    text = normalize_text(_CROSS_REFERENCE.sub(" ", _CITATION.sub(" ", text)), notation, claim=False)
    joined = _SPLIT_DECIMAL.sub(r"\1.", _SPACED_THOUSANDS.sub(lambda m: re.sub("[ ,]", "", m[0]), text))
    joined = _LOST_SUPERSCRIPT.sub(lambda m: f" {m[1] or 1}e-{m[2]} ", joined)
    readings = dict.fromkeys((text, joined))  # the same text twice if there is nothing to join
    worded = [replace_number_words(_without_names(reading), notation, claim=False) for reading in readings]
    worded += [_AND_A_HALF.sub(".5", reading) for reading in worded if "and a half" in reading]
    numbers = [number for reading in worded for number in _parse(reading, notation)]
    names = filter(is_name_with_digits, NAME_WITH_DIGITS.findall(text))
    sizes = [
        number for name in names for size in _SIZE_IN_NAME.findall(name) for number in _parse(size, notation)
    ]
    return (*map(_with_million_reading, numbers), *sizes)


def claim_numbers(text: str, language: str = FALLBACK) -> tuple[Number, ...]:
    """Parse the numbers of a claim that need support: all except trivial ones and dimensions such as `3D`.

    None in a language whose file does not say how it writes numbers.
    """
    if languages.language(language).numbers is None:
        return ()
    return tuple(number for number in _as_claim(text, language) if not number.is_trivial)


def profile_numbers(text: str, language: str) -> tuple[Number, ...]:
    """Parse the numbers of the reader's own words, which may have the decimal signs of papers or of the language."""
    own = tuple(_as_claim(text, language)) if has_own_marks(language) else ()
    return (*source_numbers(text, language), *own)


def _as_claim(text: str, language: str) -> list[Number]:
    notation = claim_notation(language)
    text = DIMENSIONS.sub(" ", _without_names(normalize_text(text, notation, claim=True)))
    return _parse(replace_number_words(text, notation, claim=True), notation)


def cross_references(text: str) -> frozenset[int]:
    """Return the numbers of references such as `Table 3` and `Fig. 2` in a text."""
    return frozenset(int(digits[:6]) for digits in _CROSS_REFERENCE.findall(text))


def is_supported(claim: Number, source: Number) -> bool:
    """Return True if a number of a source supports a number of a claim; signs are compared in `gates`."""
    return any(_supports(claim, own, source, other) for own in claim.readings for other in source.readings)


def is_same(claim: Number, source: Number) -> bool:
    """Return True if a number of a source supports a number of a claim without any rounding."""
    exact = replace(claim, readings=tuple((value, Decimal(0)) for value, _ in claim.readings))
    return is_supported(exact, source)


def rejoined_numbers(written: str, sentence: str) -> tuple[Number, ...]:
    """Return the number that a part of a sentence becomes without its blanks (`1 7.2 %`), with its sign in the sentence.

    Empty if the part is not in the sentence, is cut out of a longer number or list, or is more than a number
    with its unit.
    """
    part, sentence = (" ".join(unicodedata.normalize("NFKC", text).split()) for text in (written, sentence))
    found = re.search(rf"(?<![\w.,])(?<!\d ){re.escape(part)}(?!\w| ?[.,]?\d)", sentence)
    if found is None or ", " in part:
        return ()
    joined = part.replace(" ", "")
    number = normalize_text(joined, paper_notation(FALLBACK), claim=False).strip(" +-")
    healed = source_numbers(sentence[: found.start()] + joined + sentence[found.end() :])
    return tuple(other for other in healed if other.written.startswith(number))


def _without_names(text: str) -> str:
    return NAME_WITH_DIGITS.sub(lambda name: " " if is_name_with_digits(name[0]) else name[0], text)


def is_name_with_digits(token: str) -> bool:
    """Return True if a match of NAME_WITH_DIGITS is a name (`GSM8K`, `3DGS`) and not a quantity (`12GB`, `top-5`)."""
    quantity = (
        SYMBOLS.get(word_key(token.lstrip("0123456789.-")))
        if token[0].isdigit()
        else _NUMERIC_PREFIX.match(token)
    )
    return quantity is None


def _parse(text: str, notation: Notation) -> list[Number]:
    """Parse all numbers of a normalized text, right to left: in `10-20K` the 10 inherits the K."""
    numbers: list[Number] = []
    for match in reversed(list(notation.number.finditer(text))):
        number = _parse_match(match, notation)
        numbers.append(_inherit(number, numbers[-1]) if numbers else number)
    return numbers[::-1]


def _parse_match(match: re.Match[str], notation: Notation) -> Number:
    text, (digits, scales, word) = match.string, match.groups()
    scale = Decimal(math.prod(notation.scale_values[n.casefold()] for n in notation.scale.findall(scales)))
    unit = notation.unit_of(word or "")
    if unit is not None and unit.name.lower() == "x" and text[match.end() :].lstrip()[:1].isdigit():
        unit = None  # the x of 1024 x 1024
    mantissa, _, power = digits.lower().partition("e")
    step = Decimal(10) ** (int(power or 0) - len(mantissa.partition(".")[2]))
    start, end = match.start(), match.end() if unit else match.end(2)
    before = text[max(0, start - 24) : start].rstrip(WORD_MARK)
    sign = _SIGN.search(before)
    return Number(
        written=" ".join(text[start:end].split()),
        readings=((Decimal(digits) * scale, step * scale),),
        scale=scale,
        unit=unit,
        sign=sign[1] if sign else "",
        word=text[:start].endswith(WORD_MARK),
        is_cross_reference=notation.reference.search(before) is not None,
        context=text,
        span=(start, end),
        notation=notation,
    )


def _inherit(number: Number, right: Number) -> Number:
    """A number with what it inherits from its right neighbor: the scale in a list, the unit in a range."""
    gap = number.context[number.span[1] : right.span[0]].rstrip(WORD_MARK)
    if number.unit is None and number.notation.between_range.fullmatch(gap):
        number = replace(number, unit=right.unit)
    if (
        number.unit in {None, right.unit}
        and number.scale == 1 != right.scale
        and number.notation.between_list.fullmatch(gap)
    ):
        readings = (*number.readings, _scaled(number.readings[0], right.scale))
        return replace(number, readings=readings, scale=right.scale)
    return number


def _with_million_reading(number: Number) -> Number:
    """Add the reading in millions to a source's `1.7m`, which may also be meters."""
    if number.unit is None or number.unit.name != "m":
        return number
    millions = (_scaled(reading, Decimal(10**6)) for reading in number.readings)
    return replace(number, readings=(*number.readings, *millions))


def _supports(claim: Number, claim_reading: Reading, source: Number, source_reading: Reading) -> bool:
    ours, theirs = claim.unit, source.unit
    if ours and theirs and ours.is_compatible(theirs):
        return _equal(_scaled(claim_reading, ours.factor), _scaled(source_reading, theirs.factor))
    if ours and theirs and "ratio" not in ours.kinds | theirs.kinds:
        return False
    if not (ours and theirs) and _equal(claim_reading, source_reading):
        return True
    # Exactly one is a percentage, and both are the same fraction.
    factor, other_factor = (
        Decimal("0.01" if unit and unit.name == PERCENT else 1) for unit in (ours, theirs)
    )
    return factor != other_factor and _equal(
        _scaled(claim_reading, factor), _scaled(source_reading, other_factor)
    )


def _equal(claim_reading: Reading, source_reading: Reading) -> bool:
    """True if equal as written, or after rounding the source to the last digit of the claim."""
    (value, step), (other, other_step) = claim_reading, source_reading
    return value == other or (
        value != 0 and step > other_step and (other / step).to_integral_value(ROUND_HALF_UP) * step == value
    )


def _scaled(reading: Reading, factor: Decimal) -> Reading:
    return reading[0] * factor, reading[1] * factor
