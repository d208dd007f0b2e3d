"""Join the text of a page's elements, with the white space that a reader sees.

Chinese and Japanese are written without blanks. A line break of the source between two of their characters is none
for a reader, and some pages have a blank after every character.
"""

import re
from collections.abc import Iterable

from pipeline.extraction.sentences import clean_text

# Kana, CJK ideographs and their punctuation, also full-width; not Hangul, since in Korean blanks part words.
_CJK = "\u3001-\u303f\u3040-\u30ff\u31f0-\u31ff\u3400-\u9fff\uf900-\ufaff\uff01-\uff9f\U00020000-\U0003ffff"
_LINE_BREAK = re.compile(rf"(?<=[{_CJK}])\n(?=[{_CJK}])")
_BLANK = re.compile(rf"(?<=[{_CJK}]) (?=[{_CJK}])")
_ADJACENT = re.compile(rf"(?<=[{_CJK}])(?=[{_CJK}])")


def join_text(parts: Iterable[str]) -> str:
    """Join parts of a block to one line, without the blanks that part single Chinese and Japanese characters.

    If fewer than half of the block's neighboring characters are parted, the blanks part words or names and stay.
    """
    text = clean_text(_LINE_BREAK.sub("", "".join(parts)))
    blanks = len(_BLANK.findall(text))
    return _BLANK.sub("", text) if blanks and blanks >= len(_ADJACENT.findall(text)) else text
