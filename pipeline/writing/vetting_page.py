"""What may stand on a page that is published: characters, tags and links that the template writes, and nothing else."""

from __future__ import annotations

import re
import unicodedata

from pipeline.writing.vetting_links import Allowed, refuse, refuse_link

BAD_CATEGORIES = {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"}

# Behind a backslash these are plain text. The others (@ $ : # w) would still become a mention or a link.
ESCAPED = re.compile(r"\\[\\^>\[\]()!`~|*_{}.+&\-]")
TAG = re.compile(
    r'<(?P<close>/?)(?P<name>details|summary|b|sub|span|a)(?P<rest> markdown="1"| id="[a-z0-9._-]{1,80}")?>|<br>'
)
BLOCK = re.compile(r"[\s>*+-]*(?:[0-9]+[.)]\s+)?</?(?:details|summary)\b|\s*<[^>]*>\s*$")
LINK = re.compile(r"\]\(([^()\s]*)\)")
RELATIVE = re.compile(
    r"(?:\.\./){0,2}(?:[0-9]{4}/)?(?:[0-9]{2}/)?(?:[0-9]{4}-[0-9]{2}-[0-9]{2}\.(?:md|json)|README\.md)"
)
FRAGMENT = re.compile(r"#[a-z0-9._-]{1,80}")
# Entities of punctuation that is text wherever it stands. `@`, `$` and `:` are not: they would still link.
NUMERIC = "|".join(f"#{ord(character)}" for character in "\\`*_{}[]()<>#+-!|~&\"'^=")
FORBIDDEN = {
    "a link that is not of the form [text](target)": re.compile(r"\]\(|\]\s*:|\]\["),
    "an image": re.compile(r"!\["),
    "an alert box": re.compile(r"^[\s>]*>\s*\[!", re.MULTILINE),
    "a bare address": re.compile(r"[a-z]\\?:\\?/\\?/|\bwww\\?\.", re.IGNORECASE),
    "a mention or a mail address": re.compile(r"@(?!</span>)"),
    "an escaped bracket, where an entity is safe": re.compile(r"\\<"),
    "a formula": re.compile(r"\$(?!</span>)"),
    "code": re.compile(r"`|~~~"),
    "an entity": re.compile(rf"&(?!(?:lt|gt|amp|quot|{NUMERIC});)[#A-Za-z]"),
    "a Liquid tag": re.compile(r"\{[{%]"),
}


def check_page(text: str, where: str, allowed: Allowed) -> None:
    """Refuse a page with anything that the template does not write. Raises DigestError with the line."""
    open_tags: list[str] = []
    raw = False
    for number, line in enumerate(text.split("\n"), 1):
        if any(unicodedata.category(character) in BAD_CATEGORIES for character in line):
            refuse("an invisible or control character", where, number)
        raw = bool(line.strip()) and (raw or bool(BLOCK.match(line)))
        # In a block of HTML a backslash is a backslash: there nothing is escaped by one.
        bare = line if raw else ESCAPED.sub("·", line)
        bare = _without_tags(bare, open_tags, where, number)
        bare = _without_links(bare, allowed, where, number)
        for what, pattern in FORBIDDEN.items():
            if pattern.search(bare):
                refuse(what, where, number)
    if open_tags:
        refuse(f"<{open_tags[-1]}> is never closed", where)


def _without_tags(line: str, open_tags: list[str], where: str, number: int) -> str:
    """The line without the template's tags; each has to be closed in order."""
    for tag in TAG.finditer(line):
        name = tag["name"]
        if name is None:
            continue
        given = {"details": ' markdown="1"', "a": " id"}.get(name, "")
        if tag["close"]:
            if not open_tags or open_tags.pop() != name or tag["rest"]:
                refuse(f"</{name}> closes nothing", where, number)
        elif not (tag["rest"] or "").startswith(given) or (tag["rest"] and not given):
            refuse(f"<{name}> with attributes that the template does not write", where, number)
        else:
            open_tags.append(name)
    # What `$` may stand in is kept, so that a lone one is still seen.
    rest = TAG.sub(lambda tag: tag[0] if tag[0] == "</span>" else "", line)
    if "<" in rest.replace("</span>", ""):
        refuse("a tag that the template does not write", where, number)
    return rest


def _without_links(line: str, allowed: Allowed, where: str, number: int) -> str:
    """The line with every allowed link target taken out."""
    for target in LINK.findall(line):
        if not (FRAGMENT.fullmatch(target) or RELATIVE.fullmatch(target) or allowed.link(target)):
            refuse_link(target, where, number)
    return LINK.sub("·", line)
