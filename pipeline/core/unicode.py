"""One plain spelling for text that may have been disguised: invisible characters, look-alikes, s p a c i n g.

For looking at text only. What is shown or sent anywhere is never folded.
"""

from __future__ import annotations

import re
import unicodedata

# Letters that look like basic Latin ones (Cyrillic, Greek, Armenian, Cherokee, small capitals), after
# Unicode's list of confusables (UTS #39), cut down to what passes for a letter in running text.
LOOKALIKES = {
    "a": "аɑαᴀΑᎪ", "b": "ЬВβʙΒᏴ", "c": "сϲᴄⅽСᏟ", "d": "ԁɗᴅᎠ", "e": "еҽεᴇЕΕᎬ", "f": "ғꜰƒ", "g": "ɡցɢԌᏀ",
    "h": "һнʜНΗᎻ", "i": "іιıɪӏɩІΙ", "j": "јϳᴊЈᎫ", "k": "кκᴋКΚᏦ", "l": "ⅼʟłᏞ", "m": "мᴍМΜᎷ", "n": "пηոɴΝ",
    "o": "оοօσᴏøОΟՕ", "p": "рρᴘРΡᏢ", "q": "ԛգǫ", "r": "гʀᎡ", "s": "ѕꜱʂЅՏᏚ", "t": "тτᴛТΤᎢ", "u": "υսᴜʋ",
    "v": "ѵνᴠѴᏙ", "w": "ԝѡωᴡԜᎳ", "x": "хχ×ХΧ", "y": "уүʏγУΥҮ", "z": "ᴢʐΖᏃ", "'": "’‘ʼ`´", '"': "“”„«»",
    "-": "‐‑‒–—―−",
}  # fmt: skip
FOLD = {ord(char): plain for plain, chars in LOOKALIKES.items() for char in chars}
# Letters in boxes and circles that NFKC leaves as they are, and the letters of flags.
FOLD |= {first + n: chr(ord("a") + n) for first in (0x1F150, 0x1F170, 0x1F1E6) for n in range(26)}
# Tag characters: a whole invisible ASCII alphabet.
FOLD |= {0xE0000 + code: chr(code) for code in range(0x20, 0x7F)}

SPACED = re.compile(r"(?<!\w)(?:[^\W_][\W_]{1,3}){5,}[^\W_](?!\w)")
NOT_LETTERS = re.compile(r"[\W_]")
DIGIT_INSIDE = re.compile(r"[a-z][013457][a-z]")
DIGITS_AS_LETTERS = re.compile(r"(?<!\w)(?=\w*[a-z])(?=\w*[013457])[a-z013457]{4,}(?!\w)")
LEET = str.maketrans("013457", "oieast")


def plain(text: str) -> str:
    """The text in lower case, without accents, invisible characters and look-alikes; blanks (and _) are one space."""
    text = _unmasked(text).casefold()
    text = _unmasked(text)  # again: some letters are known by their small form alone
    return " ".join(text.replace("_", " ").split())


def closed_up(text: str) -> str:
    """The letters of folded text that stand apart (i g n o r e), run by run, without what stood between."""
    return " ".join(NOT_LETTERS.sub("", run) for run in SPACED.findall(text))


def unleeted(text: str) -> str:
    """Folded text with 1gn0re read as ignore; empty if no word mixes letters and digits like that."""
    if not DIGIT_INSIDE.search(text):
        return ""
    changed = DIGITS_AS_LETTERS.sub(lambda word: word[0].translate(LEET), text)
    return changed if changed != text else ""


def _unmasked(text: str) -> str:
    if text.isascii():
        return text
    text = unicodedata.normalize("NFKC", text.translate(FOLD)).translate(FOLD)
    return "".join(char if char.isascii() else _letter(char) for char in text)


def _letter(char: str) -> str:
    """A letter without its accents, if it is a Latin one; nothing for what cannot be seen."""
    if unicodedata.category(char) in {"Cf", "Mn", "Me"}:
        return ""
    base = unicodedata.normalize("NFD", char)[0]
    return base if base.isascii() else char
