r"""Accents and letters in TeX notation: `M\"uller`, `Ji\v{r}\'i`, `{\O}rsted` become Müller, Jiří, Ørsted."""

import re
import unicodedata

MARKS = {
    "'": "\u0301", "`": "\u0300", "^": "\u0302", '"': "\u0308", "~": "\u0303", "=": "\u0304", ".": "\u0307",
    "v": "\u030c", "u": "\u0306", "H": "\u030b", "r": "\u030a", "c": "\u0327", "k": "\u0328", "d": "\u0323", "b": "\u0331",
}  # fmt: skip
LETTERS = {
    "o": "ø", "O": "Ø", "l": "ł", "L": "Ł", "i": "ı", "j": "ȷ", "ss": "ß", "SS": "ẞ", "ae": "æ", "AE": "Æ", "oe": "œ",
    "OE": "Œ", "aa": "å", "AA": "Å", "dj": "đ", "DJ": "Đ", "dh": "ð", "DH": "Ð", "th": "þ", "TH": "Þ", "ng": "ŋ", "NG": "Ŋ",
}  # fmt: skip
_NAMES = "|".join(sorted(LETTERS, key=len, reverse=True))
# `\"{o}`, `\"o`, `\'\i`, `\v{r}`. In text, `\c c` is one only within a word or a group: elsewhere it may be a pattern.
_ACCENT = re.compile(
    r"\\(?P<mark>['`^\"~=.]|[vuHrckdb](?=\{|\\[ij])|(?:(?<=[^\W\d_]\\)|(?<=\{\\))[vuHrckdb](?= )) ?"
    r"(?:\{ ?\\?(?P<group>[^\W\d_]) ?\}|\\(?P<dotless>[ij])(?![A-Za-z])(?:\{\}| )?|(?P<bare>[^\W\d_]))"
)
_LETTER = re.compile(
    rf"\\(?P<name>{_NAMES})\{{\}}|(?<=\{{)\\(?P<grouped>{_NAMES})(?=\}})|(?<=[^\W\d_])\\(?P<inner>{_NAMES})(?![A-Za-z]) ?"
    r"|\\(?P<long>ss|SS|ae|AE|oe|OE|aa|AA)(?![A-Za-z]) ?|\\(?P<first>[OL]) (?=[a-z])"
)
_APOSTROPHE = re.compile(r"(?<=[^\W\d_])\\'(?=(?:s|re|ll)(?![^\W\d_]))")  # escaped, as in "it\'s"
_GROUP = re.compile(r"\{([^\W\d_])\}")


def tex_letters(text: str) -> str:
    """Replace TeX's accents and letters with those of Unicode; what gives no letter of any language stays."""
    if "\\" not in text:
        return text
    for _ in range(2):  # an accent on an accent: `\d{\^e}`
        text = _ACCENT.sub(_accented, text)
    return _GROUP.sub(_ungrouped, _LETTER.sub(lambda match: LETTERS[match[match.lastgroup or 0]], text))


def _accented(match: re.Match[str]) -> str:
    if _APOSTROPHE.match(match.string, match.start()):
        return match[0]
    base = match["group"] or match["dotless"] or match["bare"]
    letter = unicodedata.normalize("NFC", base + MARKS[match["mark"]])
    return letter if len(letter) == 1 else match[0]


def _ungrouped(match: re.Match[str]) -> str:
    return match[0] if match[1].isascii() else match[1]
