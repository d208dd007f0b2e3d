"""What a profile's prose asks for, apart from what it turns down and from how it wants the digest written."""

from __future__ import annotations

import re

COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
ADDRESS = re.compile(r"https?://\S+")
HEADING = re.compile(r" {0,3}(#{1,6})\s+(.*)")
BOLD = re.compile(r"\s*(?:\*\*|__)([^*_]+)(?:\*\*|__)\s*[:：]?\s*")
LABEL = re.compile(r"\s*(?:[-*+]\s+)?(?:\*\*|__)?([^.:：。]{2,40}?)\s*(?:\*\*|__)?[:：](?:\*\*|__)?(.*)")
SENTENCE = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])|\n(?=\s*(?:[-*+]|\d+[.)])\s)|\n\s*\n")

# Headings in the languages the pages are written in, and in a few others.
UNWANTED = re.compile(
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
STYLE = re.compile(
    r"""how\ to\ write.*|how\ (?:it|the\ digest|you)\ should.*|writing(?:\ style)?|style|tone|format|language
      | 怎么写|如何写|写法|写作.*|文风|风格|語氣|语气|格式|書き方|文体|schreibstil|ton|estilo
    """,
    re.IGNORECASE | re.VERBOSE,
)
# A sentence of refusal. Only phrases that can mean nothing else: "pure" or "ordinary" would drop wishes.
REFUSAL = re.compile(
    r"\b(?:not|n['’]t)\s+(?:(?:really|very|at\s+all|particularly)\s+)?interested\s+in\b"
    r"|\b(?:do\s+not|don['’]t)\s+(?:care\s+about|want|show)\b(?!\s+to\s+miss)"
    r"|\bout\s+of\s+scope\b|\bno\s+interest\s+in\b",
    re.IGNORECASE,
)

LABELED = 7  # a bold line or "Wanted:", deeper than any heading
ONE_ITEM = 8  # "Avoid: this and that" speaks for its own paragraph or list item
NEW_ITEM = re.compile(r"\s*(?:$|[-*+]\s|\d+[.)]\s)")


def wanted(prose: str) -> str:
    """The part of a profile's prose that says what its reader wants, as plain text.

    Left out: sections whose heading turns something down or speaks of style (with their subheadings),
    paragraphs labeled so ("Avoid: …"), sentences of refusal, comments, addresses.
    """
    kept: list[str] = []
    dropping = 0  # the level of what is being left out, 0 if nothing
    for line in ADDRESS.sub(" ", COMMENT.sub("\n", prose)).splitlines():
        if dropping == ONE_ITEM and NEW_ITEM.match(line):
            dropping = 0
        level, title = _heading(line)
        if level and (level <= dropping or not dropping):
            dropping = level if _turned_down(title) else 0
        if not dropping:
            kept.append(line.lstrip(" #"))
    sentences = SENTENCE.split("\n".join(kept))
    return "\n".join(part.strip() for part in sentences if part.strip() and not REFUSAL.search(part))


def _heading(line: str) -> tuple[int, str]:
    """A heading's or label's level and title; level 0 for a line of text."""
    if found := HEADING.fullmatch(line):
        return len(found[1]), found[2].strip(" #*_:：")
    if found := BOLD.fullmatch(line):
        return LABELED, found[1].strip(" :：")
    found = LABEL.fullmatch(line)
    if found and not found[2].strip():
        return LABELED, found[1].strip()
    if found and _turned_down(found[1].strip()):
        return ONE_ITEM, found[1].strip()
    return 0, ""


def _turned_down(title: str) -> bool:
    return bool(UNWANTED.search(title) or STYLE.fullmatch(title))
