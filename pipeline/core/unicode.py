"""Invisible characters, and folding of disguised text to plain lower case: look-alikes, spacing, leetspeak.

Folded text is for pattern matching only. Text that is shown or sent anywhere is never folded.
"""

import re
import unicodedata

# Characters that are not displayed, by kind, as parts of a regular expression's character class. Text can be encoded in
# any of them, so no prompt and no page has them (an emoji is shown in its default style), except that `JOINERS` stay in
# titles, sentences and prompts where words of Persian and of India's scripts need them.
CONTROLS = r"\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f"  # without white space
FORMATTING = (  # soft hyphen, zero-width spaces, direction marks, interlinear annotations
    r"\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
)
JOINERS = r"\u200c\u200d"
FILLERS = (  # letters, signs and notes without a shape
    r"\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u2800\u3164\uffa0\U00016fe4\U0001d159"
)
VARIATION_SELECTORS = r"\ufe00-\ufe0f\U000e0100-\U000e01ef"
TAGS = r"\U000e0000-\U000e007f"  # an invisible copy of ASCII
NOTATION = r"\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"  # hieroglyphs, shorthand, music
UNASSIGNED = (  # ignored where text is displayed, and noncharacters
    r"\ufff0-\ufff8\U000e0080-\U000e00ff\U000e01f0-\U000e0fff\ufdd0-\ufdef\ufffe\uffff"
    + "".join(rf"\U{plane:04x}fffe\U{plane:04x}ffff" for plane in range(1, 17))
)
PRIVATE_USE = r"\ue000-\uf8ff\U000f0000-\U0010fffd"
SURROGATES = r"\ud800-\udfff"
INVISIBLE = (  # all of them without `JOINERS`
    f"{CONTROLS}{FORMATTING}{FILLERS}{VARIATION_SELECTORS}{TAGS}{NOTATION}{UNASSIGNED}{PRIVATE_USE}{SURROGATES}"
)

# Scripts whose words need joiners: from Arabic to Tibetan and Myanmar, Khmer, Mongolian, and Arabic's presentation forms.
_JOINED_SCRIPTS = r"\u0600-\u109f\u1780-\u18af\ufb50-\ufdff\ufe70-\ufefc"
_INVISIBLE = re.compile(f"[{INVISIBLE}]")
# A joiner that is neither behind a letter of such a script nor between any letter and one.
_LOOSE_JOINER = re.compile(
    rf"(?<![{_JOINED_SCRIPTS}])(?:(?<!\w)[{JOINERS}]|[{JOINERS}](?![{_JOINED_SCRIPTS}]))"
)

# Letters that look like basic Latin ones (Cyrillic, Greek, Armenian, Cherokee, small capitals), from
# Unicode's list of confusables (UTS #39), reduced to those that pass for a letter in running text.
LOOKALIKES = {
    "a": "аɑαᴀΑᎪ", "b": "ЬВβʙΒᏴ", "c": "сϲᴄⅽСᏟ", "d": "ԁɗᴅᎠ", "e": "еҽεᴇЕΕᎬ", "f": "ғꜰƒ", "g": "ɡցɢԌᏀ",
    "h": "һнʜНΗᎻ", "i": "іιıɪӏɩІΙ", "j": "јϳᴊЈᎫ", "k": "кκᴋКΚᏦ", "l": "ⅼʟłᏞ", "m": "мᴍМΜᎷ", "n": "пηոɴΝ",
    "o": "оοօσᴏøОΟՕ", "p": "рρᴘРΡᏢ", "q": "ԛգǫ", "r": "гʀᎡ", "s": "ѕꜱʂЅՏᏚ", "t": "тτᴛТΤᎢ", "u": "υսᴜʋ",
    "v": "ѵνᴠѴᏙ", "w": "ԝѡωᴡԜᎳ", "x": "хχ×ХΧ", "y": "уүʏγУΥҮ", "z": "ᴢʐΖᏃ", "'": "’‘ʼ`´", '"': "“”„«»",
    "-": "‐‑‒–—―−",
}  # fmt: skip
FOLD = {ord(char): plain for plain, chars in LOOKALIKES.items() for char in chars}
# Letters in boxes and circles that NFKC does not decompose, and regional indicators (the letters of flags).
FOLD |= {first + n: chr(ord("a") + n) for first in (0x1F150, 0x1F170, 0x1F1E6) for n in range(26)}
FOLD |= {0xE0000 + code: chr(code) for code in range(0x20, 0x7F)}

SPACED = re.compile(r"(?<!\w)(?:[^\W_][\W_]{1,3}){5,}[^\W_](?!\w)")
NOT_LETTERS = re.compile(r"[\W_]")
DIGIT_INSIDE = re.compile(r"[a-z][013457][a-z]")
DIGITS_AS_LETTERS = re.compile(r"(?<!\w)(?=\w*[a-z])(?=\w*[013457])[a-z013457]{4,}(?!\w)")
LEET = str.maketrans("013457", "oieast")


def remove_invisible(text: str) -> str:
    """Remove what is not displayed, except the joiners that words of some scripts need: one at a place."""
    if text.isascii() and text.isprintable():
        return text
    return _LOOSE_JOINER.sub("", _INVISIBLE.sub("", text))


def fold(text: str) -> str:
    """Fold to lower case, without accents, invisible characters and look-alikes; runs of blanks and _ become a space."""
    text = _fold_lookalikes(text).casefold()
    text = _fold_lookalikes(text)  # a second time: of some letters only the small form is in the table
    return " ".join(text.replace("_", " ").split())


def join_spaced_letters(text: str) -> str:
    """Return the words that folded text spells with spaced letters (i g n o r e), joined; empty if there are none."""
    return " ".join(NOT_LETTERS.sub("", run) for run in SPACED.findall(text))


def decode_leet(text: str) -> str:
    """Return folded text with digits read as letters (1gn0re as ignore); empty if no word mixes them like that."""
    if not DIGIT_INSIDE.search(text):
        return ""
    return DIGITS_AS_LETTERS.sub(lambda word: word[0].translate(LEET), text)


def _fold_lookalikes(text: str) -> str:
    if text.isascii():  # nothing in it looks like something else
        return text
    text = unicodedata.normalize("NFKC", text.translate(FOLD)).translate(FOLD)
    return "".join(char if char.isascii() else _base_letter(char) for char in text)


def _base_letter(char: str) -> str:
    """Return a Latin letter without its accents, any other character unchanged, and nothing for an invisible one."""
    if unicodedata.category(char) in {"Cf", "Mn", "Me"}:
        return ""
    base = unicodedata.normalize("NFD", char)[0]
    return base if base.isascii() else char
