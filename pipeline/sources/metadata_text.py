"""Normalize titles, abstracts and author names of sources: one line, no markup, no invisible characters.

LaTeX of titles and abstracts is kept, since the report writes it as text; names have letters instead of TeX's accents.
"""

import html
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from pipeline.core import unicode
from pipeline.core.scripts import subscript, superscript
from pipeline.core.tex_letters import tex_letters

# Tag characters stay, so that `scoring/injection.py` finds what they spell; prompts and pages are without them.
INVISIBLE = re.compile(f"[{unicode.CONTROLS}{unicode.FORMATTING}]")
SURROGATE = re.compile(f"[{unicode.SURROGATES}]")  # unpaired: JSON can encode them, UTF-8 cannot
ENTITY = re.compile(r"&#?\w{1,32};")  # with its semicolon: html.unescape alone makes "®ion" of "&region"
ANNOUNCEMENT = re.compile(r"\A\s*arXiv:\S+\s+Announce Type:\s*\S+\s+Abstract:\s*")
# A tag as HTML writes it: all attributes have values. So "n<p and p>10" has none.
NAME = r"(?:[A-Za-z][\w-]{0,40}:)?([A-Za-z][\w.-]{0,40})"  # of an element, whether with a prefix, as in `mml:mi`, or not
TAG = re.compile(
    rf"<{NAME}((?:\s+[\w:.-]+\s*=\s*(?:\"[^\"<]*\"|'[^'<]*'|[^\s\"'<>]+))*)\s*(/?)>|</{NAME}\s*>", re.ASCII
)
# Elements of HTML and JATS. Those that part words, those that do not, and those that have no words to read.
BLOCK = re.compile(
    "address|article|aside|blockquote|body|br|caption|dd|disp-formula|div|dl|dt|figcaption|figure|footer|h[1-6]|head|header"
    "|hr|html|label|li|list|list-item|ol|p|pre|sec|section|table|tbody|td|tfoot|th|thead|title|tr|ul"
)
INLINE = re.compile(
    "a|abbr|acronym|b|bdi|bdo|big|bold|cite|code|del|dfn|em|font|i|img|inline-formula|ins|italic|kbd|mark|monospace|nobr|q"
    "|roman|s|samp|sc|small|span|strike|strong|sub|sup|tt|u|underline|var|wbr"
)
UNSEEN = ("annotation", "annotation-xml", "iframe", "object", "script", "style", "template")
ENDLESS = re.compile(
    "br|dd|div|dt|hr|img|li|p|td|th|tr|wbr"
)  # often without an end, in whole feeds or in cut summaries
TEX_BLANK = re.compile(r"\\[, ]|~")
WITHOUT_BRACES = str.maketrans("", "", "{}")
MAX_DEPTH = 50
# Characters. arXiv's longest abstract is 1,920; a name of 60,000 would leave other authors no space on the page.
MAX_TITLE_LENGTH, MAX_NAME_LENGTH, MAX_ABSTRACT_LENGTH = 500, 100, 10_000
MAX_NOTE_LENGTH = 300
PARENTHESES = re.compile(r"\([^()]*\)")  # the innermost
MAX_NESTING = 3
SUFFIX = re.compile(r"(?:jr|sr|i{2,3}|iv|ph\.? ?d|m\.? ?d)\.?", re.IGNORECASE)
INITIALS = re.compile(r"(?:[^\W\d_]{1,2}\.[ -]?)+")  # "J.", "J. K.", "J.-P.", "Ch."
MAX_BARE_INITIALS = 2  # "JP"
COMMA = re.compile("[,，、]")
# One word, or several that begin in lower case: "van der Berg", "de la Cruz".
FAMILY_NAME = re.compile(r"(?:[^\W\dA-Z_][\w'’]* ){0,3}[\w'’.-]+")
PERSON = re.compile(r"[^\W\da-z_][\w'’.-]*(?: [\w'’.-]+)+")
GROUP = re.compile(r"\b(?:collaborations?|consortium|group|team|project|network|the|for|of)\b", re.IGNORECASE)
AND_IN_FRONT = re.compile(r"^(?:and|&) ", re.IGNORECASE)
CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def clean(text: str) -> str:
    """Normalize text to one line: resolve entities, collapse whitespace, remove invisible characters."""
    plain = SURROGATE.sub("\ufffd", ENTITY.sub(lambda match: html.unescape(match[0]), text))
    return " ".join(INVISIBLE.sub("", plain).split())


def clean_title(text: str) -> str:
    """Clean a title and truncate it to 500 characters."""
    return truncate(clean(text), MAX_TITLE_LENGTH)


def clean_abstract(text: str) -> str:
    """Clean an abstract and truncate it to 10,000 characters, which bounds the cost of a model call."""
    return truncate(clean(text), MAX_ABSTRACT_LENGTH)


def clean_note(text: str) -> str:
    """Clean a comment or a journal reference and truncate it to 300 characters."""
    return truncate(clean(text), MAX_NOTE_LENGTH)


def clean_name(text: str) -> str:
    """Clean an author's name, or a list of them; TeX's accents and letters become those of Unicode."""
    line = clean(text)
    if not any(sign in line for sign in "\\{~"):
        return line
    return " ".join(TEX_BLANK.sub(" ", tex_letters(line)).translate(WITHOUT_BRACES).split())


def truncate(line: str, max_length: int) -> str:
    """Truncate a line to `max_length` characters, ending in "…"; at a space if the second half has one."""
    if len(line) <= max_length:
        return line
    space = line.rfind(" ", max_length // 2, max_length)
    return f"{line[: space if space > 0 else max_length - 1]}…"


def strip_announcement(text: str) -> str:
    """Remove the prefix "arXiv:… Announce Type: … Abstract:" that arXiv's feeds put before an abstract."""
    return ANNOUNCEMENT.sub("", text)


@dataclass
class _Element:
    """An open element: its texts and those of its children so far, and the texts of its child elements alone."""

    name: str
    texts: list[str] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)

    def add(self, text: str) -> None:
        self.texts.append(text)
        self.parts.append(text.strip())

    def read(self) -> str:
        """Return the element's text, with its scripts raised and lowered."""
        text = "".join(self.texts)
        base, first, second = (*self.parts, "", "", "")[:3]
        match self.name:
            case "sup":
                return _raised(text)
            case "sub":
                return _lowered(text)
            case "msup":
                return base + _raised(first)
            case "msub" | "msubsup":
                return base + _lowered(first) + _raised(second)
            case "mfrac":
                return "/".join(map(_in_brackets, self.parts))
            case "msqrt":
                return f"√{_in_brackets(text.strip())}"
        return text


def strip_markup(text: str) -> str:
    """Extract the text of an HTML fragment: blocks become words of their own, inline elements part no words.

    Raised and lowered text is written with Unicode's superscripts and subscripts where there are some. A `<` that
    begins no tag is text, as in "n<p" and "Vec<T>".
    """
    text = _without_comments(SURROGATE.sub("\ufffd", text))
    tags = list(TAG.finditer(text))
    closed = {tag[4].lower() for tag in tags if tag[4]}
    is_math = any((tag[1] or "").lower() == "math" for tag in tags)
    markup = [tag for tag in tags if is_math or _is_markup(tag, closed)]
    unseen = (*UNSEEN, "tex-math") if is_math else UNSEEN
    stack = [_Element("")]
    unseen_until, position = "", 0
    for tag in markup:
        name, is_end = (tag[1] or tag[4]).lower(), bool(tag[4])
        if not unseen_until:
            stack[-1].texts.append(text[position : tag.start()])
        if name in unseen:
            if is_end and name == unseen_until:
                unseen_until = ""
            elif not (is_end or tag[3] or unseen_until):
                unseen_until = name
        elif not unseen_until:
            _take(stack, tag, name)
        position = tag.end()
    stack[-1].texts.append("" if unseen_until else text[position:])
    return "".join(piece for element in stack for piece in element.texts)


def _take(stack: list[_Element], tag: re.Match[str], name: str) -> None:
    """Open or close an element. One that is not closed, or too deep, is no element: its text counts as its parent's."""
    if BLOCK.fullmatch(name):
        stack[-1].texts.append(" ")
    elif tag[4]:
        if depth := next((depth for depth in range(len(stack) - 1, 0, -1) if stack[depth].name == name), 0):
            element, *inner = stack[depth:]
            element.texts += (piece for unclosed in inner for piece in unclosed.texts)
            del stack[depth:]
            stack[-1].add(element.read())
    elif tag[3]:
        stack[-1].add("")
    elif not ENDLESS.fullmatch(name) and len(stack) < MAX_DEPTH:
        stack.append(_Element(name))


def _is_markup(tag: re.Match[str], closed: Collection[str]) -> bool:
    """Whether a tag is one of HTML or JATS, rather than a type of a program, a token of a model, or an inequality."""
    name = (tag[1] or tag[4]).lower()
    if tag[2] or tag[3] or ":" in tag[0] or ENDLESS.fullmatch(name):
        return True
    if (
        INLINE.fullmatch(name) and name not in closed
    ):  # its end may have been cut: "a <b>bold", but not "Vec<b>"
        before, after = (
            tag.string[max(0, tag.start() - 1) : tag.start()],
            tag.string[tag.end() : tag.end() + 1],
        )
        return not before.isalnum() and after.isalnum()
    return name in closed and bool(name in UNSEEN or INLINE.fullmatch(name) or BLOCK.fullmatch(name))


def _without_comments(text: str) -> str:
    """Remove `<!-- … -->`. One that is not closed is text."""
    pieces: list[str] = []
    position = 0
    while (start := text.find("<!--", position)) >= 0 and (end := text.find("-->", start + 4)) >= 0:
        pieces.append(text[position:start])
        position = end + 3
    return "".join(pieces) + text[position:]


def _in_brackets(text: str) -> str:
    return text if re.fullmatch(r"[\w.]*", text) else f"({text})"


def _raised(text: str) -> str:
    """Return a superscript; where Unicode has none for it, a number gets a caret: 10^(3x), but no trademark."""
    if (raised := superscript(text)) is not None:
        return raised
    return f"^{_in_brackets(text)}" if any(char.isdigit() for char in text) else text


def _lowered(text: str) -> str:
    lowered = subscript(text)
    return text if lowered is None else lowered


def split_authors(text: str, *, joined_by_and: bool = False) -> tuple[str, ...]:
    """Split an author string as arXiv writes it: "A Name, B Name (Some Lab, Some City), C Name, Jr.".

    Affiliations in parentheses are dropped. With `joined_by_and`, the word "and" outside parentheses separates too, as
    in "A Name, B Name and C Name". Unbalanced parentheses are kept as ordinary characters.
    """
    separator = "(?i:,| and )" if joined_by_and else ","
    parts = _with_suffixes(re.split(separator, _without_parentheses(text)))
    return tuple(_shown(name, suffix) for name, suffix in parts)


def author_names(texts: Sequence[str]) -> tuple[str, ...]:
    """Return the author names of a feed's entry, given name first, whether in one text or in one each.

    The texts may be "A Name, B Name and C Name", "Name, A., Name, B.", "Name, A; Name, B", or "Name, First". Two
    people of one text may have equal names; a name that a later text repeats is left out.
    """
    whole = dict.fromkeys(filter(None, map(_without_parentheses, texts)))
    lines = [[part for part in map(str.strip, re.split("[;；]", text)) if part] for text in whole]
    commas = [_with_suffixes(COMMA.split(line)) for parts in lines for line in parts]
    # Where each text is a name of its own, one comma stands within it. Two whole names are a list of two.
    inverted = len(commas) > 1 and all(len(names) <= 2 for names in commas)
    inverted = inverted and any(len(names) == 2 and not _is_whole(names) for names in commas)
    found: dict[str, None] = {}
    result: list[str] = []
    for parts in lines:
        names = [name for line in parts for name in _names_of(line, inverted=inverted)]
        result += [name for name in names if name not in found]
        found |= dict.fromkeys(names)
    return tuple(result)


def _names_of(line: str, *, inverted: bool) -> list[str]:
    """Split one text. `inverted`: two parts are family name and given name, however they look."""
    parts = _with_suffixes(COMMA.split(line))
    each = _with_suffixes(re.split(rf"{COMMA.pattern}| and | & ", line))  # "Name, A. and Name, B."
    if len(each) % 2 == 0 and len(parts) > len(each) // 2 and not CJK.search(line):
        pairs = list(zip(each[::2], each[1::2], strict=True))
        alternate = all(FAMILY_NAME.fullmatch(family) for (family, _), _ in pairs)
        if alternate or all(_is_initials(given) for _, (given, _) in pairs) or (inverted and len(parts) == 2):
            return [_flipped(*pair) for pair in pairs]
    names: list[str] = []
    previous_is_whole = True
    for name, suffix in parts:
        if _is_initials(name) and not previous_is_whole:
            names[-1] = _shown(f"{name} {names[-1]}", suffix)
            previous_is_whole = True
            continue
        names += _split_and(name, suffix)
        previous_is_whole = False
    return names


def _is_whole(names: Sequence[tuple[str, str]]) -> bool:
    return all(" " in name for name, _ in names)


def _is_initials(name: str) -> bool:
    return bool(INITIALS.fullmatch(name)) or (
        len(name) <= MAX_BARE_INITIALS and name.isalpha() and name.isupper()
    )


def _split_and(name: str, suffix: str) -> list[str]:
    """Split "A Name and B Name" where both sides are names of people; "and" in front ends a list."""
    name = AND_IN_FRONT.sub("", name)
    sides = re.split(" and | & ", name)
    if len(sides) > 1 and all(PERSON.fullmatch(side) and not GROUP.search(side) for side in sides):
        return [*(_shown(side, "") for side in sides[:-1]), _shown(sides[-1], suffix)]
    return [_shown(name, suffix)]


def _flipped(family: tuple[str, str], given: tuple[str, str]) -> str:
    name = f"{given[0]} {AND_IN_FRONT.sub('', family[0])}"
    return _shown(name, " ".join(filter(None, (family[1], given[1]))))


def _shown(name: str, suffix: str) -> str:
    return f"{name} {suffix}".strip()[:MAX_NAME_LENGTH]


def _with_suffixes(parts: Iterable[str]) -> list[tuple[str, str]]:
    """Return the names that are not empty, each with the suffix that follows it: "Jr." is no person."""
    names: list[tuple[str, str]] = []
    for part in filter(None, map(str.strip, parts)):
        if names and SUFFIX.fullmatch(part):
            names[-1] = (names[-1][0], f"{names[-1][1]} {part}".strip())
        else:
            names.append((part, ""))
    return names


def _without_parentheses(text: str) -> str:
    line = clean_name(text)
    for _ in range(MAX_NESTING):
        line = PARENTHESES.sub("", line)
    return " ".join(line.split())
