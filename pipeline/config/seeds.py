"""Papers that a reader already has: BibTeX, RIS, CSL-JSON, EndNote, or any text with ids, DOIs and addresses. Pure.

What reference managers write differs in many details, so parsing is lenient: a field that cannot be read is skipped,
and an entry without an arXiv id is returned with the reason.
"""

import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

from pipeline.config.arxiv_categories import CATEGORIES
from pipeline.core import author_names, unicode
from pipeline.core.arxiv_ids import MODERN, OLD, PREFIX, canonical_id
from pipeline.core.models import Value
from pipeline.core.tex_letters import tex_letters

MAX_LIKED = 50  # ids in a profile's `liked`
RECURRING = 3  # entries with the same author, from which on the author is named
MAX_RECURRING = 10
Format = Literal["bibtex", "ris", "csl-json", "endnote", "text"]


class Unplaced(Value):
    """An entry or address that names no paper of arXiv, and why."""

    name: str
    reason: str


class Library(Value):
    """What a file holds: arXiv ids, newest first and each once; the titles of all entries; what has no id."""

    format: Format
    ids: tuple[str, ...]
    titles: tuple[str, ...]
    unplaced: tuple[Unplaced, ...]
    authors: tuple[str, ...] = ()  # of at least `RECURRING` entries, most frequent first


def decode(data: bytes) -> str:
    """Decode a file as reference managers write it: UTF-8, UTF-16 with a mark, else Windows-1252."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = data.decode("utf-16", errors="replace")
    else:
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = data.decode("cp1252", errors="replace")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read_library(text: str) -> Library:
    """Read a file of any known format; text of any other kind is searched for ids, DOIs and addresses."""
    if (items := _json_items(text)) is not None:
        return _library("csl-json", list(map(_csl_fields, items)))
    if _ENDNOTE_START.match(text):
        return _library("endnote", list(_endnote_entries(text)))
    if _RIS_START.search(text):
        return _library("ris", list(_ris_entries(text)))
    if _BIBTEX_START.search(text):
        return _library("bibtex", list(_bibtex_entries(text)))
    return _from_text(text)


def newest_first(ids: Iterable[str]) -> tuple[str, ...]:
    """Sort arXiv ids by the month of submission and number, newest first, each once."""
    return tuple(sorted(set(ids), key=_age, reverse=True))


def _age(paper_id: str) -> tuple[int, str]:
    number = paper_id.rpartition("/")[2]
    year = int(number[:2])
    return (1900 + year if "/" in paper_id and year >= 91 else 2000 + year), number[2:].replace(".", "")


# --- ids -----------------------------------------------------------------------------------------------------------

_EDGE = r"(?![A-Za-z0-9])"
_MARKED = re.compile(
    # The site or the prefix says that it is an arXiv id; `arXiv preprint hep-th/…` and `arXiv: 2401.00001` are common.
    rf"(?:{PREFIX}|arxiv[ :]\s*(?:preprint\s+)?"
    r"|(?:arxiv\.org|huggingface\.co|alphaxiv\.org|ar5iv\.[a-z.]+)/(?:abs|pdf|html|format|papers|overview)/)"
    rf"(?P<id>{MODERN}|{OLD})(?:v[1-9][0-9]{{0,3}})?(?:\.pdf)?{_EDGE}",
    re.IGNORECASE | re.ASCII,
)
# Archives of arXiv before April 2007; without a mark, nothing else tells `hep-th/9901001` from a path.
_ARCHIVES = frozenset(category.partition(".")[0] for category in CATEGORIES) | frozenset(
    [
        "acc-phys",
        "adap-org",
        "alg-geom",
        "ao-sci",
        "atom-ph",
        "bayes-an",
        "chao-dyn",
        "chem-ph",
        "cmp-lg",
        "comp-gas",
        "dg-ga",
        "funct-an",
        "mtrl-th",
        "patt-sol",
        "plasm-ph",
        "q-alg",
        "solv-int",
        "supr-con",
    ]
)
# Without a mark, five digits behind the point from 2015 on and four before, as arXiv counts; a price has neither.
_BARE = re.compile(
    rf"(?<![\w./:-])(?P<id>(?:1[5-9]|[2-9][0-9])(?:0[1-9]|1[0-2])\.[0-9]{{5}}|(?:0[7-9]|1[0-4])(?:0[1-9]|1[0-2])\.[0-9]{{4}}|(?i:{OLD}))"
    rf"(?:v[1-9][0-9]{{0,3}})?(?![\w/-]|\.[0-9])",
    re.ASCII,
)
_DOI = re.compile(r"10\.[0-9]{4,9}/[^\s\"'<>{}|\\^`,;]+", re.ASCII)
_ADDRESS = re.compile(r"https?://[^\s\"'<>{}|\\^`]+", re.ASCII | re.IGNORECASE)
_END = ".,;:!?)]}*_’”»"

# Fields that hold the id of the entry itself, best first; others are searched afterwards, but for texts that may name other papers.
_OWN_ID = ("eprint", "arxivid", "arxiv", "doi", "do", "url", "ur", "l1", "l2", "lk", "archive_location")
_ABOUT_OTHERS = frozenset(
    {"abstract", "ab", "n2", "keywords", "keyword", "kw", "file", "annote", "annotation", "references"}
    | {"relations", "title", "ti", "t1"}
)
_AUTHORS = ("author", "au", "a1")
_ONLY_IDS = frozenset({"eprint", "arxivid", "arxiv"})


def _find_id(fields: Mapping[str, str]) -> str | None:
    """Return the arXiv id of an entry, given its fields by name in small letters."""
    first = [name for name in _OWN_ID if name in fields]
    rest = [name for name in fields if name not in _OWN_ID and name not in _ABOUT_OTHERS]
    for name in (*first, *rest):
        value = _visible(fields[name])
        located = name == "archive_location" and fields.get("archive", "").lower() == "arxiv"
        if name in _ONLY_IDS or located or value.startswith("abs/"):
            words = value.removeprefix("abs/").split(maxsplit=1)
            known = canonical_id(words[0]) if words else None
            if known is None and (archive := fields.get("primaryclass", "").partition(".")[0]):
                known = canonical_id(f"{archive}/{value}")  # an old number and its archive in two fields
            if known:
                return known
        if match := _MARKED.search(value.replace("%2F", "/").replace("%2f", "/")):
            return canonical_id(match["id"])
    return None


def _visible(text: str) -> str:
    return re.sub(f"[{unicode.FORMATTING}{unicode.JOINERS}]", "", text).strip()


def _why_not(fields: Mapping[str, str]) -> str:
    for name in ("doi", "do", "url", "ur"):
        if doi := _DOI.search(fields.get(name, "")):
            return f"no arXiv id; its DOI is {doi[0].rstrip(_END)}"
    return "no arXiv id, no DOI"


# --- entries -------------------------------------------------------------------------------------------------------


def _library(kind: Format, entries: Sequence[Mapping[str, str]]) -> Library:
    ids: list[str] = []
    unplaced: list[Unplaced] = []
    titles: list[str] = []
    for number, fields in enumerate(entries, start=1):
        if title := _title(fields):
            titles.append(title)
        if paper_id := _find_id(fields):
            ids.append(paper_id)
        else:
            name = title or fields.get("id") or f"entry {number}"
            unplaced.append(Unplaced(name=name, reason=_why_not(fields)))
    return Library(
        format=kind,
        ids=newest_first(ids),
        titles=tuple(dict.fromkeys(titles)),
        unplaced=tuple(unplaced),
        authors=_recurring(entries),
    )


def _recurring(entries: Sequence[Mapping[str, str]]) -> tuple[str, ...]:
    """Return the authors of at least `RECURRING` entries with different titles, of those who are named in full."""
    names: dict[str, str] = {}
    works: dict[str, set[str]] = {}
    for fields in entries:
        written = next((fields[name] for name in _AUTHORS if fields.get(name)), "")
        for name in filter(None, map(str.strip, re.split(r"\s+and\s+", written))):
            parsed = author_names.parse(name)
            if parsed.in_full:
                names.setdefault(parsed.form, name)
                works.setdefault(parsed.form, set()).add(_title(fields).casefold())
    frequent = sorted((form for form in works if len(works[form]) >= RECURRING), key=lambda f: -len(works[f]))
    return tuple(names[form] for form in frequent[:MAX_RECURRING])


def _title(fields: Mapping[str, str]) -> str:
    return next((fields[name] for name in ("title", "ti", "t1") if fields.get(name)), "")


def _from_text(text: str) -> Library:
    """Find all ids of a text, and the DOIs and addresses that lead elsewhere."""
    ids: list[str] = []
    elsewhere: dict[str, str] = {}

    def take(match: re.Match[str]) -> str:
        word = match[0].rstrip(_END)
        if found := _MARKED.search(word) or _MARKED.search(word.replace("%2F", "/").replace("%2f", "/")):
            known = canonical_id(found["id"])
        else:
            known = canonical_id(word)
        if known:
            ids.append(known)
        else:
            doi = _DOI.search(word)
            elsewhere.setdefault(
                doi[0] if doi else word, "a DOI of another publisher" if doi else "not a page of arXiv"
            )
        return " "

    rest = _ADDRESS.sub(take, _visible(text))
    marked = [match["id"] for match in _MARKED.finditer(rest)]
    rest = _DOI.sub(take, _MARKED.sub(" ", rest))
    ids += filter(None, map(canonical_id, marked))
    bare = filter(None, (canonical_id(match["id"]) for match in _BARE.finditer(rest)))
    ids += [known for known in bare if "/" not in known or known.partition("/")[0] in _ARCHIVES]
    unplaced = tuple(Unplaced(name=name, reason=reason) for name, reason in elsewhere.items())
    return Library(format="text", ids=newest_first(ids), titles=(), unplaced=unplaced)


def _json_items(text: str) -> list[Mapping[str, Any]] | None:
    """Return the items of CSL-JSON, or of an object that has them as `items`; None for any other text."""
    if text.lstrip()[:1] not in {"[", "{"}:
        return None
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError):
        return None
    items = raw.get("items", [raw]) if isinstance(raw, dict) else raw
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else None


def _csl_fields(item: Mapping[str, Any]) -> dict[str, str]:
    fields = {
        str(name).lower(): str(value)
        for name, value in item.items()
        if isinstance(value, str | int) and not isinstance(value, bool)
    }
    authors = item.get("author")
    if isinstance(authors, list):
        fields["author"] = " and ".join(_csl_name(one) for one in authors if isinstance(one, dict))
    if "title" in fields:
        title = re.sub(r"</?(?:i|b|sub|sup|sc|span)\b[^>]*>", "", fields["title"])
        fields["title"] = _one_line(html.unescape(title))
    return fields


def _csl_name(name: Mapping[str, Any]) -> str:
    particle, family, given, literal = (
        str(name.get(key) or "").strip() for key in ("non-dropping-particle", "family", "given", "literal")
    )
    if particle and not family.startswith(particle):
        family = f"{particle} {family}"
    return literal or ", ".join(filter(None, (family, given)))


_ENDNOTE_START = re.compile(r"\s*%0 \S")
_ENDNOTE_LINE = re.compile(r"%(\S)(?: (.*)|)$")
_ENDNOTE_FIELDS = {"T": "ti", "A": "au", "U": "ur", "R": "do", "X": "ab", "K": "kw", ">": "file"}


def _endnote_entries(text: str) -> Iterator[dict[str, str]]:
    """Yield the records of EndNote's own export (refer): a field a line, `%0` begins a record."""
    fields: dict[str, str] = {}
    last = ""
    for line in text.split("\n"):
        match = _ENDNOTE_LINE.match(line.strip())
        if match and match[1] == "0" and fields:
            yield fields
            fields = {}
        if match:
            last = _ENDNOTE_FIELDS.get(match[1], f"%{match[1]}")
        if last and line.strip():
            _add(fields, last, _one_line(match[2] or "" if match else line), new=match is not None)
    if fields:
        yield fields


def _add(fields: dict[str, str], name: str, value: str, *, new: bool) -> None:
    """Add a line to a field: that of a further author, or a further part of the same text."""
    between = " and " if new and name in _AUTHORS else " "
    fields[name] = f"{fields[name]}{between}{value}" if name in fields else value


_RIS_START = re.compile(r"\A(?:Provider:.*\n|Database:.*\n|Content:.*\n|\s)*TY {1,2}- ?")
_RIS_LINE = re.compile(r"([A-Z][A-Z0-9]) {1,2}-(?: (.*)|)$")


def _ris_entries(text: str) -> Iterator[dict[str, str]]:
    """Yield the records of a RIS file; a line without a tag goes on with the field before it."""
    fields: dict[str, str] = {}
    last = ""
    for line in text.split("\n"):
        match = _RIS_LINE.match(line.strip())
        if match and match[1] == "TY" and fields:  # the record before lacks its end
            yield fields
            fields = {}
        if match and match[1] == "ER":
            if fields:
                yield fields
            fields, last = {}, ""
        elif match:
            last = match[1].lower()
            _add(fields, last, _one_line(match[2] or ""), new=True)
        elif last and line.strip():
            _add(fields, last, _one_line(line), new=False)
    if fields:
        yield fields


_BIBTEX_START = re.compile(r"(?m)^[ \t]*@[A-Za-z]+[ \t]*[{(]")
_NOT_ENTRIES = frozenset({"comment", "string", "preamble"})
_KEY = re.compile(r"\s*@([A-Za-z]+)\s*[{(]\s*([^,=\s]*)\s*,?")
_NAME = re.compile(r"[\s,]*([A-Za-z][\w:.+-]*)\s*=\s*")
_BARE_VALUE = re.compile(r"[^\s,#})]+")
_TEX_COMMAND = re.compile(r"\\(?:emph|text(?:it|bf|rm|tt|sc|sf)|mathrm|mathbf|url|href)\s*(?=\{)")


def _bibtex_entries(text: str) -> Iterator[dict[str, str]]:
    """Yield the entries of a BibTeX file; what is damaged ends with its own entry."""
    starts = [match.start() for match in _BIBTEX_START.finditer(text)]
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        entry = text[start:end]
        head = _KEY.match(entry)
        if head is None or head[1].lower() in _NOT_ENTRIES:
            continue
        fields = {"id": head[2]}
        position = head.end()
        while match := _NAME.match(entry, position):
            value, position = _bibtex_value(entry, match.end())
            fields.setdefault(match[1].lower().replace("-", "").replace("_", ""), _plain(value))
        yield fields


def _bibtex_value(entry: str, position: int) -> tuple[str, int]:
    """Return a field's value and the position behind it; parts joined by `#` become one."""
    parts: list[str] = []
    while True:
        if entry[position : position + 1] in {"{", '"'}:
            end = _closing(entry, position)
            parts.append(entry[position + 1 : end])
            position = end + 1
        elif match := _BARE_VALUE.match(entry, position):
            parts.append(match[0])
            position = match.end()
        joined = re.compile(r"\s*#\s*").match(entry, position)
        if joined is None or joined.end() == position:
            return "".join(parts), position
        position = joined.end()


def _closing(entry: str, start: int) -> int:
    """Return the position of the brace or quotation mark that ends a value; the end of the entry if none does."""
    quoted, depth = entry[start] == '"', 0
    for match in re.compile(r'\\.|[{}"]', re.DOTALL).finditer(entry, start + 1):
        sign = match[0]
        if sign == "{":
            depth += 1
        elif sign == "}" and depth:
            depth -= 1
        elif (sign == "}" and not quoted) or (sign == '"' and quoted and not depth):
            return match.start()
    return len(entry)


def _plain(value: str) -> str:
    """Return a TeX value as plain text: letters with their accents, without braces and commands of style."""
    text = _TEX_COMMAND.sub("", tex_letters(value))
    text = re.sub(r"\\([&%$#_ ])", r"\1", text).replace("{", "").replace("}", "").replace("~", " ")
    return _one_line(text)


def _one_line(text: str) -> str:
    return " ".join(text.split())
