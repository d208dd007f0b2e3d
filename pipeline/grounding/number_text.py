"""Normalize text before its numbers are parsed: one notation for symbols, powers and number words.

`normalize_text` removes LaTeX and typography; `replace_number_words` writes number words as digits after a
WORD_MARK, so that one pattern matches all numbers. Both keep the order of the text.
"""

from __future__ import annotations

import re
import unicodedata

from pipeline.grounding.units import COUNTERS, NON_ASCII_UNITS

WORD_MARK = "\x01"  # precedes digits that replace a number word; a paper's text has no control characters

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
_SCALES = "hundred|thousand|million|billion|trillion"
# (substring, pattern, replacement). A step runs only if the text contains its substring; for most texts few do.
_STEPS = [
    (substring, re.compile(pattern), replacement)
    for substring, pattern, replacement in [
        ("{,}", r"\{,\}", ","),
        ("\\", r"\\%", "%"),
        ("\\$", r"\\\$\s*(\d[\d,]*(?:\.\d+)?)", r"\1 USD "),
        ("\\pm", r"\\pm(?![A-Za-z])", "±"),
        ("\\", r"(?<=\d)\\[,;!](?=\d)", ""),
        ("\\", r"\\[,;!: ]", " "),
        ("~", r"~(?=[A-Za-z\\$(])", " "),
        ("\\times", r"\\times(?![A-Za-z])", " x "),
        ("×", r"×", " x "),
        ("x", r"(?<=\d)x(?=[A-Z])", " x "),
        ("\\", r"\^\s*+\{?\s*+\\circ\s*+\}?|\\degree(?![A-Za-z])", " deg "),
        ("°", r"°", " deg "),
        ("\\mu", r"\\mu(?![A-Za-z])\s*(?=[ms]\b)", "μ"),
        ("\\", r"\\[A-Za-z]+\*?|\\", " "),  # before braces and $: else \textbf{31} would become a name
        ("}", r"\}\s*\{", "} {"),
        ("}", r"[{}]", ""),
        ("$", r"\$", ""),
        (",", r"(?<=\d),(?=\d{3}(?!\d))", ""),
        ("--", r"(?<=\d)--(?=\d)", "~"),
        ("〜", r"〜", "~"),
        ("--", r"--+", " "),
        ("—", r"—+", " "),
        ("–", r"–", "-"),
        (".", r"(?<![\dA-Za-z.])\.(?=\d)", "0."),
        ("-", r"(?<![\dA-Za-z-])(\d)-(\d)-(\d)(?![\d-])", r"\1\2\3"),  # 9-1-1 is 911
        ("+/-", r"\+/-", "±"),
        ("+", rf"(?<=\d)\s*\+\s*(?={_SCALES}|[百千万萬亿億kKMBT])", ""),
        ("多", r"(?<=[\d十百千])\s*多\s*(?=[百千万萬亿億])", ""),
        ("余", r"(?<=[\d十百千])\s*余\s*(?=[百千万萬亿億])", ""),
        ("-", rf"(?<=[\dA-Za-z])-(?=(?:{_SCALES})s?\b)", " "),
        ("x", r"(?<![A-Za-z0-9_.])x(?=\d{1,2}(?:\.\d+)?(?![\dA-Za-z]))", " x "),
        ("0", r"(?<=\d\d\d0)['’]?s\b", ""),  # the s of 1990s is not the unit of seconds
        ("oint", r"(?i)percent(?:age)?[- ]points?", " pp "),
        ("%p", r"%p\b", " pp "),
        ("百分点", r"个?百分点", " pp "),
        ("cent", r"(?i)(?<=[\d ])per ?cent\b", "%"),
        ("rame", r"(?i)\bframes?(?: per |/)s(?:econd|ec)?\b", " fps "),
        ("帧", r"帧\s*(?:/|每)\s*秒", " fps "),
        ("magnitude", r"(?i)orders?[- ]of[- ]magnitude", " oom "),
        ("数量级", r"个?数量级", " oom "),
    ]
]


def normalize_text(text: str, *, claim: bool) -> str:
    """Remove LaTeX, URLs, ids and typographic variants from a text; from a claim, also list markers."""
    if claim and "①" in text:
        text = _CIRCLED_NUMBER.sub(" ", text)
    text = _SUPERSCRIPT_RUN.sub(lambda m: "^" + m[0].translate(_SUPERSCRIPTS), _THIN_SPACE.sub("", text))
    text = unicodedata.normalize("NFKC", text).replace("\u2212", "-").replace("\u00ad", "").replace("⁄", "/")
    text = _URL_OR_ID.sub(" ", text.replace(WORD_MARK, " "))
    if claim:
        text = _LIST_MARKER.sub(" ", text)
    if "^" in text:
        text = _POWER_OF_TEN.sub(lambda m: f" {m[1] or 1}e{int(m[2])} ", text)
        text = _POWER.sub(" ", text)
    for substring, pattern, replacement in _STEPS:
        if substring in text:
            text = pattern.sub(replacement, text)
    return text


# The words for 0, 1, …, 19, separated by |.
_UP_TO_NINETEEN = """
zero | one first single | two second both pair dual twice double doubles doubled doubling couple
| three third triple triples tripled thrice | four fourth quadruple quarter quarters | five fifth | six sixth
| seven seventh | eight eighth | nine ninth | ten tenth | eleven | twelve dozen | thirteen | fourteen
| fifteen | sixteen | seventeen | eighteen | nineteen
"""
_WORD_VALUES = {
    word: value for value, words in enumerate(_UP_TO_NINETEEN.split("|")) for word in words.split()
}
_TENS_WORDS = "twenty thirty forty fifty sixty seventy eighty ninety"
_TENS_VALUES = {ten: 10 * n for n, ten in enumerate(_TENS_WORDS.split(), 2)}
_ONES_WORDS = "one|two|three|four|five|six|seven|eight|nine"
_ENGLISH_NUMBER = re.compile(
    rf"(?i)(?<![A-Za-z0-9])(?:({'|'.join(_TENS_VALUES)})(?:[- ]({_ONES_WORDS}))?|(?<!per )(?<!\d[ -])({'|'.join(_WORD_VALUES)}))"
    r"(?=fold\b|(?![A-Za-z0-9]))"
)
_ARTICLE_BEFORE_SCALE = re.compile(rf"(?i)\ba (?=(?:{_SCALES})\b)")
_BARE_SCALE = re.compile(rf"(?i)(?<![\d+A-Za-z-])(?<![\d+] )(?<!hundred )(?=(?:{_SCALES})\b)")
_MONTH_NAMES = "January February March April May June July August September October November December"
_MONTHS = _MONTH_NAMES.split()
_MONTH = re.compile(
    rf"\b({'|'.join(_MONTHS)}|(?:{'|'.join(month[:3] for month in _MONTHS)})\.?)(?=,? \d)"
    rf"|(?<=\d )({'|'.join(_MONTHS)})\b"
)
_DIGIT_VALUES = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {
    "〇": 0,
    "两": 2,
    "兩": 2,
}
_MULTIPLIERS = {"十": 10, "百": 100, "千": 1000, "万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8}
_NUMERALS = "".join(_DIGIT_VALUES) + "".join(_MULTIPLIERS)
_DECIMALS = "(?:点[零〇一二三四五六七八九]{1,9})?"
_CHINESE_NUMBER = re.compile(
    rf"百分之([{_NUMERALS}]{{1,16}}{_DECIMALS})"
    r"|([一二两三四五六七八九])成(?![分员員本功为形立熟果就长对像品不])"
    rf"|(?<![第几幾\d{_NUMERALS}])([一二两兩三四五六七八九十][{_NUMERALS}]{{0,15}}{_DECIMALS})(?![几幾级])"
)
_COUNTER = re.compile(
    rf"\s*[余多]?\s*个?(?:分之|oom|pp|fps|{'|'.join(sorted({*NON_ASCII_UNITS, *COUNTERS}, key=len, reverse=True))})"
)
_PERCENT_OF = re.compile(r"百分之\s*(\d+(?:\.\d+)?)")
_NUMBER_WORDS = frozenset(
    {
        *_WORD_VALUES,
        *_TENS_VALUES,
        *_SCALES.split("|"),
        *(f"{word}fold" for word in (*_WORD_VALUES, *_TENS_VALUES)),
    }
)


def may_contain_number(text: str) -> bool:
    """Return False if a text certainly contains no number; a cheap test before parsing."""
    if any(map(str.isnumeric, text)):
        return True
    return not _NUMBER_WORDS.isdisjoint(re.findall("[a-z]+", text.lower()))


def replace_number_words(text: str, *, claim: bool) -> str:
    """Replace the number words of a text by WORD_MARK and digits.

    In a source (`claim` is False), also a bare `million` and month names (`May 29` contains a 5). A Chinese
    numeral is replaced if it is composed (十二, 三百) or a counter follows (四种); 一, 第三, 数十, 百万级 and
    一半 are not numbers.
    """
    text = _ENGLISH_NUMBER.sub(_replace_english, _ARTICLE_BEFORE_SCALE.sub(f"{WORD_MARK}1 ", text))
    if not claim:
        text = _MONTH.sub(_replace_month, _BARE_SCALE.sub(f"{WORD_MARK}1 ", text))
    if not text.isascii():
        text = _CHINESE_NUMBER.sub(_replace_chinese, _PERCENT_OF.sub(r"\1%", text))
    return text


def _replace_english(match: re.Match[str]) -> str:
    tens, ones, word = match.groups()
    if tens:
        return f"{WORD_MARK}{_TENS_VALUES[tens.lower()] + (_WORD_VALUES[ones.lower()] if ones else 0)}"
    return f"{WORD_MARK}{_WORD_VALUES[word.lower()]}"


def _replace_month(match: re.Match[str]) -> str:
    name = (match[1] or match[2])[:3]
    number = next(n for n, month in enumerate(_MONTHS, 1) if month.startswith(name))
    return f" {WORD_MARK}{number} ; "


def _replace_chinese(match: re.Match[str]) -> str:
    """The digits for a Chinese numeral, or the matched characters if they are not a number."""
    percent, tenths, numeral = match.groups()
    if percent:
        return f"{WORD_MARK}{_chinese_value(percent)}%"
    if tenths:
        return f"{WORD_MARK}{_DIGIT_VALUES[tenths]}0%"
    context = match.string[max(match.start() - 1, 0) : match.end() + 1]
    if numeral == "一" or context.startswith("数十") or context.endswith("四周"):
        return match[0]
    if len(numeral) == 1:
        return (
            f"{WORD_MARK}{_chinese_value(numeral)}" if _COUNTER.match(match.string, match.end()) else match[0]
        )
    approximate = set(numeral) <= set("一二两兩三四五六七八九")  # 三四种 is three or four, not 34
    return match[0] if approximate else f"{WORD_MARK}{_chinese_value(numeral)}"


def _chinese_value(numeral: str) -> str:
    """The value of a Chinese numeral: 320 for 三百二十, 120000 for 十二万, 3.5 for 三点五, 2026 for 二〇二六."""
    whole, _, decimals = numeral.partition("点")
    tail = "." + "".join(str(_DIGIT_VALUES[digit]) for digit in decimals) if decimals else ""
    if not set(whole) & set(_MULTIPLIERS):
        return "".join(str(_DIGIT_VALUES[digit]) for digit in whole) + tail
    total = section = current = 0
    for digit in whole:
        if digit in _DIGIT_VALUES:
            current = _DIGIT_VALUES[digit]
        elif (multiplier := _MULTIPLIERS[digit]) < 10**4:
            section += (current or 1) * multiplier
            current = 0
        else:
            total = ((total + section + current) or 1) * multiplier
            section = current = 0
    return str(total + section + current) + tail
