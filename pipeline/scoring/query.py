"""Extract what a profile's prose asks for, without what it rejects and without its wishes for the writing style."""

import functools
import re
from collections.abc import Iterator
from contextlib import suppress

from pipeline.core.errors import InputError
from pipeline.report import i18n

COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
ADDRESS = re.compile(r"https?://\S+|(?<![\w.-])[\w.-]+\.[a-z]{2,}/\S*")  # the second: github.com/x
HEADING = re.compile(r" {0,3}(#{1,6})\s+(.*)")
BOLD = re.compile(r"\s*(?:\*\*|__)([^*_]+)(?:\*\*|__)\s*[:：]?\s*")
LABEL = re.compile(r"\s*(?:[-*+]\s+)?(?:\*\*|__)?([^.:：。]{2,40}?)\s*(?:\*\*|__)?[:：](?:\*\*|__)?(.*)")
SENTENCE = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])|\n(?=\s*(?:[-*+]|\d+[.)])\s)|\n\s*\n")

# Headings in the languages of the pages, and in a few others.
UNWANTED_HEADING = re.compile(
    r"""^(?:(?:things?|topics?|papers?|work|stuff|what)\s+(?:i\s+)?(?:to\s+)?)?
        (?:avoid|skip|ignore|exclude[ds]?|exclusions?|unwanted|dislikes?|out\ of\ scope|off[- ]topic)\b
      | \bnot\s+(?:wanted|interested|interesting|for\ me|relevant|of\ interest|to\ (?:read|show))
      | \b(?:do|does|would|will)(?:\s+not|n['’]t)\s+(?:want|wish|care|read|like|need|show|interest)
      | \bno\s+(?:interest|thanks)\b
      | 不想(?!错过|漏)|不看|不要(?!错过|漏)|不需要|不感兴趣|不感興趣|没兴趣|不关心|不關心|排除|避免|忽略|屏蔽
      | 読みたくない|見たくない|いらない|不要|除外|対象外|興味(?:が|の|は)?(?:ない|無い|ありません)
      | nicht\s+(?:gewünscht|gewollt|lesen|interessant)|kein\s+interesse|uninteressant
      | pas\s+(?:intéress|voulu|lire)|à\s+éviter|no\s+quiero|no\s+me\s+interesa|evitar
    """,
    re.IGNORECASE | re.VERBOSE,
)
STYLE_HEADING = re.compile(
    r"""how\ to\ write.*|how\ (?:it|the\ digest|you)\ should.*|writing(?:\ style)?|style|tone|format|language
      | 怎么写|如何写|写法|写作.*|文风|风格|語氣|语气|格式|書き方|文体|schreibstil|ton|estilo
    """,
    re.IGNORECASE | re.VERBOSE,
)
# Sentences that reject a topic. Only unambiguous phrases: "pure" or "ordinary" would also match wishes.
REFUSAL = re.compile(
    r"\b(?:not|n['’]t)\s+(?:(?:really|very|at\s+all|particularly)\s+)?interested\s+in\b"
    r"|\b(?:do\s+not|don['’]t)\s+(?:care\s+about|want|show)\b(?!\s+to\s+miss)"
    r"|\bout\s+of\s+scope\b|\bno\s+interest\s+in\b",
    re.IGNORECASE,
)

LABEL_LEVEL = 7  # a bold line or "Wanted:"; below all heading levels
ITEM_LEVEL = 8  # "Avoid: this and that" applies to its own paragraph or list item only
ITEM_START = re.compile(r"\s*(?:$|[-*+]\s|\d+[.)]\s)")


def wanted_prose(prose: str) -> str:
    """Return the part of a profile's prose that describes wanted papers, as plain text.

    Omitted are sections whose heading rejects something or is about style (with their subsections),
    paragraphs with such a label ("Avoid: …"), sentences that reject a topic, comments and addresses.
    """
    kept = [line.lstrip(" #") for line, omitted in _lines(prose) if omitted is None]
    sentences = SENTENCE.split("\n".join(kept))
    return "\n".join(part.strip() for part in sentences if part.strip() and not REFUSAL.search(part))


def omitted_sections(prose: str) -> dict[str, int]:
    """The headings and labels whose sections `wanted_prose` omits, each with its number of lines that are not blank."""
    counts: dict[str, int] = {}
    for line, omitted in _lines(prose):
        if omitted is not None:
            is_text = bool(line.strip()) and _heading(line)[0] in {0, ITEM_LEVEL}
            counts[omitted] = counts.get(omitted, 0) + is_text
    return counts


def headings(prose: str) -> int:
    """Count the headings of a profile's prose: with `#`, or a line in bold."""
    return sum(bool(HEADING.fullmatch(line) or BOLD.fullmatch(line)) for line in prose.splitlines())


def _lines(prose: str) -> Iterator[tuple[str, str | None]]:
    """The lines without comments and addresses, each with the title of the omitted section that it is part of, or None."""
    dropped_level, omitted = 0, None  # of the section that is being omitted
    for line in without_addresses(COMMENT.sub("\n", prose)).splitlines():
        if dropped_level == ITEM_LEVEL and ITEM_START.match(line):
            dropped_level, omitted = 0, None
        level, title = _heading(line)
        if level and (level <= dropped_level or not dropped_level):
            dropped_level, omitted = (level, title) if _is_omitted(title) else (0, None)
        yield line, omitted


def without_addresses(text: str) -> str:
    """Return a text without web addresses, with or without their https://; each leaves a space."""
    return ADDRESS.sub(" ", text) if "/" in text else text


def _heading(line: str) -> tuple[int, str]:
    """The level and title of a heading or label; level 0 for a line of text."""
    if match := HEADING.fullmatch(line):
        return len(match[1]), match[2].strip(" #*_:：")
    if match := BOLD.fullmatch(line):
        return LABEL_LEVEL, match[1].strip(" :：")
    match = LABEL.fullmatch(line)
    if match and not match[2].strip():
        return LABEL_LEVEL, match[1].strip()
    if match and _is_omitted(match[1].strip()):
        return ITEM_LEVEL, match[1].strip()
    return 0, ""


def _is_omitted(title: str) -> bool:
    return bool(
        UNWANTED_HEADING.search(title)
        or STYLE_HEADING.fullmatch(title)
        or title.casefold() in _shipped_headings()
    )


@functools.cache
def _shipped_headings() -> frozenset[str]:
    """The headings under which `digest profile new` puts what is not wanted and how to write, in every language."""
    found: set[str] = set()
    for language in i18n.LANGUAGES:
        with suppress(InputError):  # a damaged file stops the profiles of its own language alone
            words = i18n.load(language)
            found |= {words.lookup("profile", key).casefold() for key in ("unwanted", "style")}
    return frozenset(found)
