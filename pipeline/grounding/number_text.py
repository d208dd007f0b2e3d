"""A text made ready for the search for numbers: one way to write a sign, a power, a word for a number.

`plain` undoes LaTeX and typography; `spelled` writes number words as figures behind a MARK, so that
one pattern finds them all. Both keep the order of what they change, and nothing here decides.
"""

from __future__ import annotations

import re
import unicodedata

from pipeline.grounding.units import COUNTED, WIDE

MARK = "\x01"  # stands before figures that were a word; a paper's text has no control characters

_THIN_BLANK = re.compile("(?<=\\d)[\u2009\u202f](?=\\d{3}(?!\\d))")
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-")
_RAISED_RUN = re.compile(r"[⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+")
_ENCIRCLED = re.compile("[\u2460-\u249b\u24ea-\u24ff\u2776-\u2793]")
_LIST_MARK = re.compile(r"(?m)(?:^|(?<=[；;。：:]))[^\S\n]*\(?\d{1,2}(?:[)）]|、(?!\d))")
# printable ASCII only: in Chinese the sentence goes on right after an address, without a blank
_ADDRESS = re.compile(
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
# Each step has a piece of text without which it cannot change anything: most sentences need few of them.
_STEPS = [
    (needle, re.compile(pattern), new)
    for needle, pattern, new in [
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
        ("\\", r"\\[A-Za-z]+\*?|\\", " "),  # before braces and $ go: else \textbf{31} becomes a name
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
        ("-", r"(?<![\dA-Za-z-])(\d)-(\d)-(\d)(?![\d-])", r"\1\2\3"),  # 9-1-1
        ("+/-", r"\+/-", "±"),
        ("+", rf"(?<=\d)\s*\+\s*(?={_SCALES}|[百千万萬亿億kKMBT])", ""),
        ("多", r"(?<=[\d十百千])\s*多\s*(?=[百千万萬亿億])", ""),
        ("余", r"(?<=[\d十百千])\s*余\s*(?=[百千万萬亿億])", ""),
        ("-", rf"(?<=[\dA-Za-z])-(?=(?:{_SCALES})s?\b)", " "),
        ("x", r"(?<![A-Za-z0-9_.])x(?=\d{1,2}(?:\.\d+)?(?![\dA-Za-z]))", " x "),
        ("0", r"(?<=\d\d\d0)['’]?s\b", ""),  # the 1990s are no seconds
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


def plain(text: str, *, claim: bool) -> str:
    """`text` without LaTeX, addresses and typography; of a claim, without the marks of its lists as well."""
    if claim and "①" in text:
        text = _ENCIRCLED.sub(" ", text)
    text = _RAISED_RUN.sub(lambda run: "^" + run[0].translate(_RAISED), _THIN_BLANK.sub("", text))
    text = unicodedata.normalize("NFKC", text).replace("\u2212", "-").replace("\u00ad", "").replace("⁄", "/")
    text = _ADDRESS.sub(" ", text.replace(MARK, " "))
    if claim:
        text = _LIST_MARK.sub(" ", text)
    if "^" in text:
        text = _POWER_OF_TEN.sub(lambda m: f" {m[1] or 1}e{int(m[2])} ", text)
        text = _POWER.sub(" ", text)
    for needle, pattern, new in _STEPS:
        if needle in text:
            text = pattern.sub(new, text)
    return text


# the words for 0, for 1, ...
_UP_TO_NINETEEN = """
zero | one first single | two second both pair dual twice double doubles doubled doubling couple
| three third triple triples tripled thrice | four fourth quadruple quarter quarters | five fifth | six sixth
| seven seventh | eight eighth | nine ninth | ten tenth | eleven | twelve dozen | thirteen | fourteen
| fifteen | sixteen | seventeen | eighteen | nineteen
"""
_WORDS = {word: value for value, words in enumerate(_UP_TO_NINETEEN.split("|")) for word in words.split()}
_FROM_TWENTY = "twenty thirty forty fifty sixty seventy eighty ninety"
_TENS = {ten: 10 * n for n, ten in enumerate(_FROM_TWENTY.split(), 2)}
_ONES = "one|two|three|four|five|six|seven|eight|nine"
_ENGLISH = re.compile(
    rf"(?i)(?<![A-Za-z0-9])(?:({'|'.join(_TENS)})(?:[- ]({_ONES}))?|(?<!per )(?<!\d[ -])({'|'.join(_WORDS)}))"
    r"(?=fold\b|(?![A-Za-z0-9]))"
)
_A_SCALE = re.compile(rf"(?i)\ba (?=(?:{_SCALES})\b)")
_BARE_SCALE = re.compile(rf"(?i)(?<![\d+A-Za-z-])(?<![\d+] )(?<!hundred )(?=(?:{_SCALES})\b)")
_YEAR = "January February March April May June July August September October November December"
_MONTHS = _YEAR.split()
_MONTH = re.compile(
    rf"\b({'|'.join(_MONTHS)}|(?:{'|'.join(month[:3] for month in _MONTHS)})\.?)(?=,? \d)"
    rf"|(?<=\d )({'|'.join(_MONTHS)})\b"
)
_FIGURES = {figure: value for value, figure in enumerate("零一二三四五六七八九")} | {
    "〇": 0,
    "两": 2,
    "兩": 2,
}
_TIMES = {"十": 10, "百": 100, "千": 1000, "万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8}
_ALL = "".join(_FIGURES) + "".join(_TIMES)
_DECIMALS = "(?:点[零〇一二三四五六七八九]{1,9})?"
_CHINESE = re.compile(
    rf"百分之([{_ALL}]{{1,16}}{_DECIMALS})"
    r"|([一二两三四五六七八九])成(?![分员員本功为形立熟果就长对像品不])"
    rf"|(?<![第几幾\d{_ALL}])([一二两兩三四五六七八九十][{_ALL}]{{0,15}}{_DECIMALS})(?![几幾级])"
)
_COUNTED = re.compile(
    rf"\s*[余多]?\s*个?(?:分之|oom|pp|fps|{'|'.join(sorted({*WIDE, *COUNTED}, key=len, reverse=True))})"
)
_PERCENT_OF = re.compile(r"百分之\s*(\d+(?:\.\d+)?)")
_NUMBER_WORDS = frozenset(
    {*_WORDS, *_TENS, *_SCALES.split("|"), *(f"{word}fold" for word in (*_WORDS, *_TENS))}
)


def may_hold_number(text: str) -> bool:
    """False if a text certainly has no number, which is quicker to see than which it has."""
    if any(map(str.isnumeric, text)):
        return True
    return not _NUMBER_WORDS.isdisjoint(re.findall("[a-z]+", text.lower()))


def spelled(text: str, *, claim: bool) -> str:
    """`text` with its number words as figures behind MARK.

    Of a source, also a bare `million` and the name of a month (`May 29` holds a 5). A Chinese numeral
    counts where it is composed (十二, 三百) or a counting word follows (四种); 一, 第三, 数十, 百万级 and
    一半 are no numbers.
    """
    text = _ENGLISH.sub(_english, _A_SCALE.sub(f"{MARK}1 ", text))
    if not claim:
        text = _MONTH.sub(_month, _BARE_SCALE.sub(f"{MARK}1 ", text))
    if not text.isascii():
        text = _CHINESE.sub(_chinese, _PERCENT_OF.sub(r"\1%", text))
    return text


def _english(found: re.Match[str]) -> str:
    tens, one, word = found.groups()
    if tens:
        return f"{MARK}{_TENS[tens.lower()] + (_WORDS[one.lower()] if one else 0)}"
    return f"{MARK}{_WORDS[word.lower()]}"


def _month(found: re.Match[str]) -> str:
    name = (found[1] or found[2])[:3]
    number = next(n for n, month in enumerate(_MONTHS, 1) if month.startswith(name))
    return f" {MARK}{number} ; "


def _chinese(found: re.Match[str]) -> str:
    """Figures for a Chinese numeral, or the characters themselves where they are no number."""
    percent, tenths, numeral = found.groups()
    if percent:
        return f"{MARK}{_value(percent)}%"
    if tenths:
        return f"{MARK}{_FIGURES[tenths]}0%"
    around = found.string[max(found.start() - 1, 0) : found.end() + 1]
    if numeral == "一" or around.startswith("数十") or around.endswith("四周"):
        return found[0]
    if len(numeral) == 1:
        return f"{MARK}{_value(numeral)}" if _COUNTED.match(found.string, found.end()) else found[0]
    several = set(numeral) <= set("一二两兩三四五六七八九")  # 三四种: three or four, no 34
    return found[0] if several else f"{MARK}{_value(numeral)}"


def _value(numeral: str) -> str:
    """三百二十 is 320, 十二万 is 120000, 三点五 is 3.5, 二〇二六 is 2026."""
    whole, _, decimals = numeral.partition("点")
    tail = "." + "".join(str(_FIGURES[figure]) for figure in decimals) if decimals else ""
    if not set(whole) & set(_TIMES):
        return "".join(str(_FIGURES[figure]) for figure in whole) + tail
    total = section = current = 0
    for figure in whole:
        if figure in _FIGURES:
            current = _FIGURES[figure]
        elif (times := _TIMES[figure]) < 10**4:
            section += (current or 1) * times
            current = 0
        else:
            total = ((total + section + current) or 1) * times
            section = current = 0
    return str(total + section + current) + tail
