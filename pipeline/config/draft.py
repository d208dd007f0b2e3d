"""Write a profile's file from what a reader has said, and papers into the `liked` of one that exists. Pure."""

import json
import re
import unicodedata
from collections.abc import Iterable, Sequence

import yaml

from pipeline.config.seeds import MAX_LIKED, newest_first
from pipeline.core.arxiv_ids import canonical_id
from pipeline.core.models import Value
from pipeline.core.source import ARXIV, HUGGINGFACE

IDS_A_LINE = 6
# Archives whose papers Hugging Face's daily lists have; to other readers these lists bring nothing.
_ON_HUGGING_FACE = ("cs.", "eess.", "stat.ML")
_HEADING = re.compile(r"(?m)^ {0,3}#{1,6}\s")
_LINE_BREAKS = str.maketrans(
    {"\u2028": "\n", "\u2029": "\n", "\u0085": "\n", "\v": "\n", "\f": "\n", "\t": " "}
)


class Words(Value):
    """Headings and first lines of a profile, in its language."""

    wanted: str
    wanted_text: str
    unwanted: str
    unwanted_text: str
    style: str
    style_text: str


class Draft(Value):
    """A profile that is not written yet."""

    title: str
    language: str
    prose: str
    wanted: tuple[str, ...] = ()
    unwanted: tuple[str, ...] = ()
    categories: tuple[str, ...]
    keywords: tuple[str, ...]
    liked: tuple[str, ...] = ()


def one_line(text: str) -> str:
    """Return a text without line breaks and characters that have no sign, such as control characters."""
    return " ".join(_printable(text).split())


def lines(text: str) -> str:
    """Return a text of several lines without trailing blanks and characters that have no sign."""
    return "\n".join(line.rstrip() for line in _printable(text).split("\n")).strip()


def markdown(draft: Draft, words: Words) -> str:
    """Write a draft as the file of a profile. Prose with headings of its own gets no sections beside them."""
    huggingface = any(name.startswith(_ON_HUGGING_FACE) for name in draft.categories)
    sources = [HUGGINGFACE.name, ARXIV.name] if huggingface else [ARXIV.name]
    rows = [
        "---",
        f"title: {_scalar(one_line(draft.title))}",
        f"language: {_scalar(draft.language)}",
        f"sources: [{', '.join(sources)}]",
        f"arxiv: [{', '.join(draft.categories)}]",
        *(["keywords:"] if draft.keywords else []),
        *(f"  - {_scalar(one_line(keyword))}" for keyword in draft.keywords),
        *([liked_lines(draft.liked)] if draft.liked else []),
        "picks: 2",
        "threshold: 60",
        "quality: standard",
        "budget_usd: 1.00",
        "---",
        lines(draft.prose),
    ]
    if not _HEADING.search(draft.prose):
        rows += _section(words.wanted, draft.wanted or (words.wanted_text,))
        rows += _section(words.unwanted, draft.unwanted or (words.unwanted_text,))
        rows += ["", f"## {words.style}", "", words.style_text]
    return "\n".join(rows) + "\n"


def liked_lines(ids: Sequence[str]) -> str:
    """Write arXiv ids as the key `liked` of a profile."""
    quoted = [f'"{paper_id}"' for paper_id in ids]
    rows = [", ".join(quoted[at : at + IDS_A_LINE]) for at in range(0, len(quoted), IDS_A_LINE)]
    return f"liked: [{rows[0]}]" if len(rows) == 1 else "liked:\n  [" + ",\n   ".join(rows) + "]"


def authors_line(names: Iterable[str]) -> str:
    """Write names as the key `authors` of a profile."""
    return f"authors: [{', '.join(json.dumps(one_line(name), ensure_ascii=False) for name in names)}]"


def with_liked(text: str, old: Iterable[str], new: Iterable[str]) -> tuple[str, tuple[str, ...]]:
    """Return a profile's text with the `new` papers among the `old` ones of `liked`, and those that found a place.

    The old ones stay, however many they are; the newest of the others fill up to MAX_LIKED.
    """
    kept = {known for written in old if (known := canonical_id(written))}
    added = [paper_id for paper_id in newest_first(new) if paper_id not in kept][
        : max(0, MAX_LIKED - len(kept))
    ]
    if not added:
        return text, ()
    start, end = _liked_span(text)
    line = liked_lines(newest_first([*kept, *added]))
    return f"{text[:start]}{line}\n{text[end:].removeprefix(chr(10))}", tuple(added)


def _liked_span(text: str) -> tuple[int, int]:
    """Return where `liked` stands in a profile's text; an empty span before the closing `---` if it does not."""
    begin = text.index("\n") + 1
    closing = re.compile(r"(?m)^---[ \t]*$").search(text, begin)
    header = text[begin : closing.start() if closing else len(text)]
    root = yaml.compose(header, Loader=yaml.SafeLoader)
    for key, value in root.value if isinstance(root, yaml.MappingNode) else ():
        if key.value == "liked":
            return begin + key.start_mark.index, begin + value.end_mark.index
    return begin + len(header), begin + len(header)


def _section(heading: str, points: Iterable[str]) -> list[str]:
    return ["", f"## {heading}", "", *(f"- {one_line(point)}" for point in points)]


def _scalar(text: str) -> str:
    """Write a text as a value of YAML: plain if it means the same, else in quotation marks."""
    try:
        plain = yaml.safe_load(f"- {text}") == [text]
    except (yaml.YAMLError, ValueError):
        plain = False
    return text if plain else json.dumps(text, ensure_ascii=False)


def _printable(text: str) -> str:
    """Drop characters of the category Other: YAML refuses most of them, and no reader sees one. Line feeds stay."""
    return "".join(
        sign
        for sign in text.replace("\r\n", "\n").replace("\r", "\n").translate(_LINE_BREAKS)
        if sign == "\n" or not unicodedata.category(sign).startswith("C")
    )
