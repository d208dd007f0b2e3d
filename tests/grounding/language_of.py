"""The language of a text, by its script: tests name it where one table holds texts in several."""

import re


def language_of(text: str) -> str:
    """Japanese has kana, Korean has Hangul, Chinese has Han signs alone; everything else counts as English."""
    for code, letters in (("ja", "\u3041-\u30ff"), ("ko", "\uac00-\ud7a3"), ("zh-CN", "\u4e00-\u9fff")):
        if re.search(f"[{letters}]", text):
            return code
    return "en"
