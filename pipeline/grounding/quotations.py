"""Find the quotations of a claim, and reduce texts to what a quotation has to keep: quotation marks are a promise."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from operator import itemgetter

from pipeline.grounding.entities import CJK
from pipeline.llm.prompts import one_line

LETTER = rf"[^\W_{CJK}]"  # a letter or digit of a script that puts blanks between words
# Marks that open a quotation, and those that close it. What closes nothing opens: some languages write ”x” and »x«. The
# marks of Chinese book titles are not here.
_CLOSED_BY = {
    '"': '"', "“": '”"', "„": "“”", "‟": "”", "”": "”", "'": "'", "‘": "’", "‚": "‘’", "‛": "’", "’": "’", "`": "`'",
    "「": "」", "」": "」", "『": "』", "』": "』", "〝": "〞〟", "〞": "〞", "〟": "〟", "❝": "❞", "❞": "❞",
    "«": "»", "»": "«»", "‹": "›", "›": "‹›",
}  # fmt: skip
_APOSTROPHES = "'’`"
_MARKS = "".join(_CLOSED_BY)
_MARK = re.compile(f"[{_MARKS}]")
_MARK_RUN = re.compile(f"[{_MARKS}´]+")
_EDGE = rf"(?:(?<!{LETTER})|(?!{LETTER}))"  # not within a word
_LETTER = re.compile(LETTER)
_DASH = re.compile(r" ?[-\u2010-\u2015\u2212]+ ?")
_HYPHEN = re.compile(rf"(?<={LETTER})-(?={LETTER})")


def quotations(text: str) -> Iterator[str]:
    """Yield what stands in quotation marks in a text; a mark without its counterpart quotes all that follows it.

    Apostrophes (model's, models', '90s, x') and inches (27") are no quotation marks.
    """
    text = unicodedata.normalize("NFKC", text).replace("``", "“").replace("''", "”")
    opened: defaultdict[str, list[int]] = defaultdict(
        list
    )  # by mark: where the quotations that it opened start
    for match in _MARK.finditer(text):
        mark, (at, end) = match[0], match.span()
        before, after = text[max(0, at - 2) : at], text[end : end + 2]
        closed = [starts for one, starts in opened.items() if starts and mark in _CLOSED_BY[one]]
        innermost = max(closed, key=itemgetter(-1), default=None)
        if _is_within_word(mark, before, after) or (
            innermost is None and _is_after_number_or_word(mark, before, after)
        ):
            continue
        if innermost is None or _looks_opening(mark, before, after):
            opened[mark].append(end)
        else:
            yield text[innermost.pop() : at]
    unclosed = [starts[0] for starts in opened.values() if starts]
    if unclosed:
        yield text[min(unclosed) :]


def simplify(text: str) -> str:
    """Reduce a text to what a quotation has to keep: not case, white space, hyphens, or the form of dashes and quotes."""
    text = one_line(unicodedata.normalize("NFKC", text.replace("\u00ad", ""))).casefold()
    return _HYPHEN.sub("", _DASH.sub("-", _MARK_RUN.sub('"', text)))


def contains_quotation(simplified: str, quotation: str) -> bool:
    """Return True if a simplified text contains a simplified quotation that starts and ends at the edge of a word."""
    pattern = _EDGE + re.escape(quotation) + _EDGE
    return quotation in simplified and re.search(pattern, simplified) is not None


def _is_within_word(mark: str, before: str, after: str) -> bool:
    """True for the apostrophe in `model's` and `U-Net++'s`."""
    if mark not in _APOSTROPHES or not _is_letter(after[:1]):
        return False
    genitive = after[0] == "s" and not _is_letter(after[1:]) and before[-1:] not in {"", " "}
    return genitive or _is_letter(before[-1:])


def _is_after_number_or_word(mark: str, before: str, after: str) -> bool:
    """True for inches and feet (27", 5'), a plural's apostrophe (models'), a prime (x') and an omission ('90s)."""
    last = before[-1:]
    if _is_letter(after[:1]):
        return mark in _APOSTROPHES and after[0].isdigit()
    if last.isdigit():
        return mark in "\"”'’"
    return mark in _APOSTROPHES and (last in {"s", "S"} or (_is_letter(last) and not _is_letter(before[:-1])))


def _looks_opening(mark: str, before: str, after: str) -> bool:
    """True for a straight mark after a blank or bracket and before a word, where another one is open already."""
    return mark in "\"'" and before[-1:] in {" ", "(", "["} and after[:1].isalnum()


def _is_letter(char: str) -> bool:
    return _LETTER.match(char) is not None
