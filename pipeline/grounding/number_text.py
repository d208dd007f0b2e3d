"""Normalize text before its numbers are parsed: one notation for symbols, powers and number words.

`normalize_text` removes LaTeX and typography; `replace_number_words` writes number words as digits after a
WORD_MARK, so that one pattern matches all numbers. Both keep the order of the text.
"""

import calendar
import math
import re
import unicodedata
from decimal import Decimal

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
        (rf"(?<=\d)\s*\+\s*(?={_SCALES}|[百千万萬亿億kKMBT])", ""),
        (r"(?<=[\d十百千])\s*[多余]\s*(?=[百千万萬亿億])", ""),
        (rf"(?<=[\dA-Za-z])-(?=(?:{_SCALES})s?\b)", " "),
        (r"(?<![A-Za-z0-9_.])x(?=\d{1,2}(?:\.\d+)?(?![\dA-Za-z]))", " x "),
        (r"(?<=\d\d\d0)['’]?s\b", ""),  # the s of 1990s is not the unit of seconds
        (r"(?i)percent(?:age)?[- ]points?", " pp "),
        (r"%p\b", " pp "),
        (r"个?百分点", " pp "),
        (r"(?i)(?<=[\d ])per ?cent\b", "%"),
        (r"(?i)\bframes?(?: per |/)s(?:econd|ec)?\b", " fps "),
        (r"帧\s*(?:/|每)\s*秒", " fps "),
        (r"(?i)orders?[- ]of[- ]magnitude", " oom "),
        (r"个?数量级", " oom "),
    ]
]


def normalize_text(text: str, *, claim: bool) -> str:
    """Remove LaTeX, URLs, ids and typographic variants from a text; from a claim, also list markers."""
    if claim and "①" in text:  # a list; a ⑤ without one is a number
        text = _CIRCLED_NUMBER.sub(" ", text)
    text = _SUPERSCRIPT_RUN.sub(lambda m: "^" + m[0].translate(_SUPERSCRIPTS), _THIN_SPACE.sub("", text))
    text = unicodedata.normalize("NFKC", text).replace("\u2212", "-").replace("\u00ad", "").replace("⁄", "/")
    text = _URL_OR_ID.sub(" ", text.replace(WORD_MARK, " "))
    if claim:
        text = _LIST_MARKER.sub(" ", text)
    text = _POWER_OF_TEN.sub(lambda m: f" {m[1] or 1}e{int(m[2])} ", text)
    text = _POWER.sub(" ", text)
    for pattern, replacement in _STEPS:
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
_ENGLISH_VALUES = {**_WORD_VALUES, **_TENS_VALUES}
_ENGLISH_NUMBER = re.compile(
    rf"(?i)(?<![A-Za-z0-9])(?:({'|'.join(_TENS_VALUES)})(?:[- ](one|two|three|four|five|six|seven|eight|nine))?|(?<!per )(?<!\d[ -])({'|'.join(_WORD_VALUES)}))"
    r"(?=fold\b|(?![A-Za-z0-9]))"
)
_ARTICLE_BEFORE_SCALE = re.compile(rf"(?i)\ba (?=(?:{_SCALES})\b)")
_BARE_SCALE = re.compile(rf"(?i)(?<![\d+A-Za-z-])(?<![\d+] )(?<!hundred )(?=(?:{_SCALES})\b)")
_MONTHS = calendar.month_name[1:]
_MONTH = re.compile(
    rf"\b({'|'.join(_MONTHS)}|(?:{'|'.join(calendar.month_abbr[1:])})\.?)(?=,? \d)"
    rf"|(?<=\d )({'|'.join(_MONTHS)})\b"
)
_DIGIT_VALUES = {
    **{digit: value for value, digit in enumerate("零一二三四五六七八九")},
    "〇": 0,
    "两": 2,
    "兩": 2,
}
CJK_SCALES = {"億": 10**8, "亿": 10**8, "萬": 10**4, "万": 10**4, "千": 1000, "百": 100}
_MULTIPLIERS = {"亿亿": 10**16, "万亿": 10**12, **CJK_SCALES, "十": 10}  # the largest first
_NUMERALS = "".join(_DIGIT_VALUES) + "".join(CJK_SCALES) + "十"
_TERM = rf"(\d{{1,12}}(?:\.\d{{1,9}})?)\s?([{''.join(CJK_SCALES)}]{{1,2}})"
_ADJACENT_TERMS = re.compile(rf"(?<![\d.]){_TERM}(?:\s?{_TERM}|(\d{{2,4}})(?!\d|\.\d))")
_DECIMALS = "(?:点[零〇一二三四五六七八九]{1,9})?"
_CHINESE_NUMBER = re.compile(
    rf"百分之([{_NUMERALS}]{{1,16}}{_DECIMALS})"
    rf"|(?<![第几幾\d{_NUMERALS}])([一二两兩三四五六七八九十][{_NUMERALS}]{{0,30}}{_DECIMALS})(?![几幾级])"
)
_COUNTER = re.compile(
    rf"\s*[余多]?\s*个?(?:分之|oom|pp|fps|{'|'.join(sorted({*NON_ASCII_UNITS, *COUNTERS}, key=len, reverse=True))})"
)
_TENTHS = re.compile(rf"(?<![{_NUMERALS}])([一二两三四五六七八九])成(?![分员員本功为形立熟果就长对像品不])")
_PERCENT_OF = re.compile(r"百分之\s*(\d+(?:\.\d+)?)")


def replace_number_words(text: str, *, claim: bool) -> str:
    """Replace the number words of a text by WORD_MARK and digits.

    In a source (`claim` is False), also a bare `million` and month names (`May 29` contains a 5). A Chinese
    numeral is replaced if it is composed (十二, 三百) or a counter follows (四种); 一, 第三, 数十, 百万级 and
    一半 are not numbers.
    """
    text = _ENGLISH_NUMBER.sub(_replace_english, _ARTICLE_BEFORE_SCALE.sub(f"{WORD_MARK}1 ", text))
    if not claim:
        text = _MONTH.sub(_replace_month, _BARE_SCALE.sub(f"{WORD_MARK}1 ", text))
    text = _CHINESE_NUMBER.sub(_replace_chinese, _TENTHS.sub(r"百分之\1十", _PERCENT_OF.sub(r"\1%", text)))
    for _ in range(2):  # 1亿2345万6789 has three terms
        text = _ADJACENT_TERMS.sub(_join_terms, text)
    return text


def _replace_english(match: re.Match[str]) -> str:
    return f"{WORD_MARK}{sum(_ENGLISH_VALUES[word.lower()] for word in match.groups() if word)}"


def _replace_month(match: re.Match[str]) -> str:
    return f" {WORD_MARK}{list(calendar.month_abbr).index(match[0][:3])} ; "


def _replace_chinese(match: re.Match[str]) -> str:
    """The digits for a Chinese numeral, or the matched characters if they are not a number."""
    percent, numeral = match.groups()
    if percent:
        return f"{WORD_MARK}{_chinese_value(percent)}%"
    context = match.string[max(match.start() - 1, 0) : match.end() + 1]
    if len(numeral) == 1:
        is_number = numeral != "一" and _COUNTER.match(match.string, match.end()) is not None
    else:
        is_number = not set(numeral) <= set("一二两兩三四五六七八九")  # 三四种 is three or four, not 34
    if not is_number or context.startswith("数十") or context.endswith("四周"):
        return match[0]
    return f"{WORD_MARK}{_chinese_value(numeral)}"


def _chinese_value(numeral: str) -> str:
    """The value of a Chinese numeral: 320 for 三百二十, 120000 for 十二万, 3.5 for 三点五, 2026 for 二〇二六."""
    whole, point, decimals = numeral.replace("点", ".").partition(".")
    if not set(whole) <= set(_DIGIT_VALUES):
        whole = str(_whole_value(whole))
    return "".join(str(_DIGIT_VALUES.get(digit, digit)) for digit in f"{whole}{point}{decimals}")


def _whole_value(numeral: str) -> int:
    """The value of a numeral with multipliers: what is left of the largest one, times it, plus what is right of it."""
    for multiplier, value in _MULTIPLIERS.items():
        left, found, right = numeral.partition(multiplier)
        if found:
            return (_whole_value(left) or 1) * value + _whole_value(right)
    return _DIGIT_VALUES[numeral[-1]] if numeral else 0


def _join_terms(match: re.Match[str]) -> str:
    """`35000万` for 3亿5000万, `12000` for 1万2000; unchanged if the second does not continue the first (3万 5万)."""
    digits, scale, lower_digits, lower_scale, ones = match.groups(default="")
    factor, lower_factor = (math.prod(CJK_SCALES[char] for char in chars) for chars in (scale, lower_scale))
    lower = Decimal(lower_digits or ones) * lower_factor
    continues = 10 ** len(ones) == factor if ones else lower < factor
    return f"{(Decimal(digits) * factor + lower) / lower_factor:f}{lower_scale}" if continues else match[0]
