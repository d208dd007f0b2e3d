"""Normalize text before its numbers are parsed: one notation for symbols, powers and number words.

`normalize_text` removes LaTeX and typography; `replace_number_words` writes number words as digits after a
WORD_MARK, so that one pattern matches all numbers. Both keep the order of the text. What differs between languages
comes with the `Notation`; what is written here about words holds for the papers, which are in English.
"""

import calendar
import math
import re
import unicodedata
from collections.abc import Mapping
from decimal import Decimal
from functools import partial

from pipeline.core.language import Numerals
from pipeline.grounding.notation import WORD_MARK, Notation, NumeralRule

_THIN_SPACE = re.compile("(?<=\\d)[\u2009\u202f](?=\\d{3}(?!\\d))")
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-")
_SUPERSCRIPT_RUN = re.compile(r"[⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+")
_CIRCLED_NUMBER = re.compile("[\u2460-\u249b\u24ea-\u24ff\u2776-\u2793]")
_LIST_MARKER = re.compile(r"(?m)(?:^|(?<=[；;。：:]))[^\S\n]*\(?\d{1,2}(?:[)）]|、(?!\d))")
# URLs, DOIs and arXiv ids. Printable ASCII only: Chinese text continues after a URL without a space.
_URL_OR_ID = re.compile(
    r"(?:https?://|www\.)[!#-;=?-~]+|\b10\.\d{4,}/[!#-;=?-~]+"
    r"|\barxiv:\s*(?:\d{4}\.\d{4,5}|[a-z-]+/\d{7})(?:v\d+)?"
    r"|(?<![\d.])\d\d(?:0[1-9]|1[0-2])\.\d{5}(?:v\d+)?(?![\d.])",
    re.IGNORECASE,
)
_POWER_OF_TEN = re.compile(
    r"(?:(?<![\d.])(\d{1,9}(?:\.\d{1,9})?)\s*+(?:\\times|\\cdot|[×·∙*]|x)\s*+)?"
    r"(?<![\d.])10\s*+\$?\s*+\^\s*+\{?\s*+([-+]?\d{1,3})(?!\d)\s*+\}?"
)
_POWER = re.compile(r"(?<=[A-Za-z)}\]$])\s*\^\s*(?:\{\s*[-+]?\d+\s*\}|[-+]?\d+(?![\dA-Za-z]))")
_STEPS = [
    (re.compile(pattern), replacement)
    for pattern, replacement in [
        (r"\{,\}", ","),
        (r"\\%", "%"),
        (r"\\\$\s*(\d[\d,]*(?:\.\d+)?)", r"\1 USD "),
        (r"\\pm(?![A-Za-z])", "±"),
        (r"(?<=\d)\\[,;!](?=\d)", ""),
        (r"\\[,;!: ]", " "),
        (r"~(?=[A-Za-z\\$(])", " "),
        (r"\\times(?![A-Za-z])|×", " x "),
        (r"(?<=\d)x(?=[A-Z])", " x "),
        (r"\^\s*+\{?\s*+\\circ\s*+\}?|\\degree(?![A-Za-z])", " deg "),
        (r"°", " deg "),
        (r"\\mu(?![A-Za-z])\s*(?=[ms]\b)", "μ"),
        (r"\\[A-Za-z]+\*?|\\", " "),  # before braces and $: else \textbf{31} would become a name
        (r"\}\s*\{", "} {"),
        (r"[{}$]", ""),
        (r"(?<=\d),(?=\d{3}(?!\d))", ""),
        (r"(?<=\d)--(?=\d)", "~"),
        (r"〜", "~"),
        (r"--+|—+", " "),
        (r"–", "-"),
        (r"(?<![\d.])(\d++)\s++\.(?=\d)", r"\1."),  # 17 .2 is 17.2, and no 0.2
        (r"(?<![\dA-Za-z.])\.(?=\d)", "0."),
        (r"(?<![\dA-Za-z-])(\d)-(\d)-(\d)(?![\d-])", r"\1\2\3"),  # 9-1-1 is 911
        (r"\+/-", "±"),
        (r"(?<![A-Za-z0-9_.])x(?=\d{1,2}(?:\.\d+)?(?![\dA-Za-z]))", " x "),
        (r"(?<=\d\d\d0)['’]?s\b", ""),  # the s of 1990s is not the unit of seconds
        (r"%p(?![A-Za-z])", " pp "),
    ]
]


def normalize_text(text: str, notation: Notation, *, claim: bool) -> str:
    """Remove LaTeX, URLs, ids and typographic variants from a text; from a claim, also list markers."""
    if claim and "①" in text:  # a list; a ⑤ without one is a number
        text = _CIRCLED_NUMBER.sub(" ", text)
    text = _SUPERSCRIPT_RUN.sub(lambda m: "^" + m[0].translate(_SUPERSCRIPTS), _THIN_SPACE.sub("", text))
    text = unicodedata.normalize("NFKC", text).replace("\u2212", "-").replace("\u00ad", "").replace("⁄", "/")
    text = _URL_OR_ID.sub(" ", text.replace(WORD_MARK, " "))
    if claim:
        text = notation.localize(_LIST_MARKER.sub(" ", text))
    text = _POWER_OF_TEN.sub(lambda m: f" {m[1] or 1}e{int(m[2])} ", text)
    text = _POWER.sub(" ", text)
    for pattern, replacement in _STEPS:
        text = pattern.sub(replacement, text)
    text = notation.hyphen_before_scale.sub(" ", notation.plus_before_scale.sub("", text))
    for pattern, replacement in notation.rewrites:
        text = pattern.sub(replacement, text)
    return text


# In papers: a scale without a number, and the name of a month beside a figure.
_BARE_SCALE = re.compile(
    r"(?i)(?<![\d+A-Za-z-])(?<![\d+] )(?<!hundred )(?=(?:hundred|thousand|million|billion|trillion)\b)"
)
_MONTHS = calendar.month_name[1:]
_MONTH = re.compile(
    rf"\b({'|'.join(_MONTHS)}|(?:{'|'.join(calendar.month_abbr[1:])})\.?)(?=,? \d)"
    rf"|(?<=\d )({'|'.join(_MONTHS)})\b"
)


def replace_number_words(text: str, notation: Notation, *, claim: bool) -> str:
    """Replace the number words of a text by WORD_MARK and digits.

    In a source (`claim` is False), also a bare `million` and English month names (`May 29` contains a 5). A numeral
    such as 三 is replaced if it is composed (十二, 三百) or a counter follows (四种); 一, 第三, 数十, 百万级 and 一半
    are not numbers.
    """
    text = notation.article.sub(f"{WORD_MARK}1 ", text)
    for words in (*notation.words, *(notation.months if claim else ())):
        text = words.replace(text)
    if not claim:
        text = _MONTH.sub(_replace_month, _BARE_SCALE.sub(f"{WORD_MARK}1 ", text))
    for rule in notation.numerals:
        text = rule.number.sub(partial(_replace_numeral, rule), text)
    if notation.adjacent is not None:
        for _ in range(2):  # 1亿2345万6789 has three terms
            text = notation.adjacent.sub(partial(_join_terms, notation.scale_values), text)
    return text


def _replace_month(match: re.Match[str]) -> str:
    return f" {WORD_MARK}{list(calendar.month_abbr).index(match[0][:3])} ; "


def _replace_numeral(rule: NumeralRule, match: re.Match[str]) -> str:
    """The digits for a numeral, or the matched characters if they are not a number."""
    percent, numeral = match.groups()
    numerals = rule.numerals
    if percent:
        return f"{WORD_MARK}{_value(percent, numerals)}%"
    digits = [numerals.digits.get(sign) for sign in numeral]
    counted = rule.counter.match(match.string, match.end()) is not None
    if numerals.need_counter and (not counted or (len(digits) == 1 and digits != [None])):
        return match[0]
    # 三四种 is three or four, not 34.
    is_number = digits != [1] and counted if len(numeral) == 1 else not all(digits)
    context = match.string[max(match.start() - 1, 0) : match.end() + 1]
    if not is_number or any(context.startswith(word) or context.endswith(word) for word in numerals.not_in):
        return match[0]
    return f"{WORD_MARK}{_value(numeral, numerals)}"


def _value(numeral: str, numerals: Numerals) -> str:
    """The value of a numeral: 320 for 三百二十, 120000 for 十二万, 3.5 for 三点五, 2026 for 二〇二六."""
    whole, _, decimals = numeral.partition(numerals.point) if numerals.point else (numeral, "", "")
    if not set(whole) <= set(numerals.digits):
        whole = str(_whole_value(whole, numerals))
    digits = "".join(str(numerals.digits.get(sign, sign)) for sign in whole)
    return digits + "".join(["." if decimals else "", *(str(numerals.digits[sign]) for sign in decimals)])


def _whole_value(numeral: str, numerals: Numerals) -> int:
    """The value of a numeral with multipliers: what is left of the largest one, times it, plus what is right of it."""
    for multiplier, value in numerals.multipliers.items():
        left, found, right = numeral.partition(multiplier)
        if found:
            return (_whole_value(left, numerals) or 1) * value + _whole_value(right, numerals)
    return numerals.digits[numeral[-1]] if numeral else 0


def _join_terms(scales: Mapping[str, int], match: re.Match[str]) -> str:
    """`35000万` for 3亿5000万, `12000` for 1万2000; unchanged if the second does not continue the first (3万 5万)."""
    digits, scale, lower_digits, lower_scale, ones = match.groups(default="")
    factor, lower_factor = (math.prod(scales[char] for char in chars) for chars in (scale, lower_scale))
    lower = Decimal(lower_digits or ones) * lower_factor
    continues = 10 ** len(ones) == factor if ones else lower < factor
    return f"{(Decimal(digits) * factor + lower) / lower_factor:f}{lower_scale}" if continues else match[0]
