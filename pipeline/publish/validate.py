"""What may be published: which files, of what size and names; the page and its JSON have rules of their own.

Standard library only, since the publishing job installs nothing. The page is the template's work and every
foreign word in it was escaped; this is the second lock, and it knows nothing of the first. No message in
here repeats what a file says: these messages end up in a log that obeys commands.
"""

from __future__ import annotations

import datetime as dt
import fnmatch
import json
import os
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

from pipeline.core.errors import DigestError

HOST = re.compile(r"[a-z0-9.-]+")
# As in pipeline/config/settings.py, which cannot be imported here: it needs installed packages.
HOSTS = ("github.com", "gitlab.com", "huggingface.co", "*.github.io", "*.gitlab.io")


@dataclass(frozen=True)
class Allowed:
    """Where links may lead: hosts, over https (`*.` in front means every subdomain), and whole base addresses."""

    hosts: frozenset[str]
    bases: tuple[str, ...]

    def link(self, target: str) -> bool:
        """Whether this absolute address may stand in a report."""
        if any(target == base or target.startswith(f"{base}/") for base in self.bases):
            return True
        try:
            parts = urlsplit(target)
            host = parts.hostname or ""
            plain = parts.port is None and "@" not in parts.netloc and bool(HOST.fullmatch(host))
            plain = plain and not re.search(r"&(?!amp;)", target)  # an entity may become part of the host
        except ValueError:
            return False
        return (
            parts.scheme == "https" and plain and any(fnmatch.fnmatchcase(host, ours) for ours in self.hosts)
        )


def allowed_links(settings: Path, server: str, profiles: Iterable[Path] = ()) -> Allowed:
    """What `digest.toml` allows, and the hosts of the profiles' feeds, besides arXiv, Hugging Face and this server."""
    try:
        raw = tomllib.loads(settings.read_text("utf-8-sig"))
    except (OSError, ValueError) as error:
        raise DigestError(f"cannot be read: {error}", path=settings.name, hint="run `digest check`") from None
    endpoints = raw.get("endpoints", {})
    bases = [str(endpoints[name]).rstrip("/") for name in ("arxiv", "huggingface") if name in endpoints]
    hosts = [str(host).lower() for host in raw.get("links", {}).get("hosts", HOSTS)]
    feeds = (host for path in profiles for host in _feed_hosts(path))
    return Allowed(frozenset({"arxiv.org", "huggingface.co", *hosts, *feeds}), (*bases, server.rstrip("/")))


def _feed_hosts(profile: Path) -> list[str]:
    """Hosts that a profile names in its front matter, in small letters; without a YAML parser, so any address there counts."""
    try:
        header = profile.read_text("utf-8-sig").split("\n---", 1)[0]
    except (OSError, ValueError):
        return []
    return [host.lower() for host in re.findall(r"https://([a-z0-9.-]+)", header, re.IGNORECASE)]


def refuse(what: str, where: str, line: int = 0) -> NoReturn:
    """Raise DigestError: this report is not published, and why."""
    hint = "this report was not published; start the run again with `force`, and if it stays so, read SECURITY.md"
    raise DigestError(what, path=where, line=line, hint=hint)


def refuse_link(target: str, where: str, line: int = 0) -> NoReturn:
    """Raise DigestError for a link, with where it leads in words that are safe to print."""
    host = re.match(r"https?://([A-Za-z0-9.-]{1,100})(?:[/:?#]|$)", target)
    leads = f"to {host[1]}" if host else "to somewhere odd"
    refuse(f"a link {leads}; digest.toml [links] names the hosts that are allowed", where, line)


DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
LINK_FIELDS = {"url", "page", "html", "pdf", "huggingface", "code", "project"}
ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9./-]{0,63}", re.ASCII)
OUTCOMES = {"picked", "below_threshold", "not_picked", "excluded", "prefiltered", "seen", "unscored"}


def real_date(text: str) -> bool:
    """Whether the text is a day of the calendar, written YYYY-MM-DD in ASCII digits."""
    try:
        return bool(DATE.fullmatch(text)) and bool(dt.date.fromisoformat(text))
    except ValueError:
        return False


def check_data(text: str, profile: str, date: str, allowed: Allowed) -> tuple[int, int, int]:
    """Refuse a JSON that is not this day's report. Returns its picks, judged candidates and pending papers."""
    where = f"{profile}/{date}.json"
    try:
        data = json.loads(text, parse_constant=lambda name: refuse(f"has {name} for a number", where))
        addresses = list(_addresses(data))
    except (ValueError, RecursionError):  # newer Pythons read what is nested too deep to be walked through
        refuse("is not JSON, or nested too deep", where)
    if not isinstance(data, dict):
        refuse("is not an object", where)
    for field, value in {"schema_version": 1, "profile": profile, "date": date}.items():
        if data.get(field) != value or isinstance(data.get(field), bool):
            refuse(f"its {field} is not {value}", where)
    for target in addresses:
        if not allowed.link(target.replace("&", "&amp;")):  # bare in the data; what writes a page escapes it
            refuse_link(target, where)
    candidates = _rows(data, "candidates", where)
    for row in candidates:
        _check_candidate(row, where)
    _check_sources(data, date, where)
    judged = sum(row.get("outcome") != "seen" for row in candidates)
    return len(_rows(data, "picks", where)), judged, len(_rows(data, "pending", where))


def _check_sources(data: dict[str, Any], date: str, where: str) -> None:
    """How far the sources were read: a day to come would keep the next nights from reading on."""
    for row in _rows(data, "sources", where):
        through = row.get("through")
        if through is not None and not (isinstance(through, str) and real_date(through) and through <= date):
            refuse("a source has been read through a day that is none, or to come", where)


def _check_candidate(row: dict[str, Any], where: str) -> None:
    """What every later night reads of a candidate: one that it cannot read would stop them all."""
    key, score = row.get("id"), row.get("score")
    if not isinstance(key, str) or not ID.fullmatch(key):
        refuse("a candidate has no id", where)
    if row.get("outcome") not in OUTCOMES:
        refuse("a candidate has an outcome that is none", where)
    if score is not None and not (type(score) is int and 0 <= score <= 100):
        refuse("a candidate has a score that is no whole number of 0-100", where)


def _rows(data: dict[str, Any], field: str, where: str) -> list[dict[str, Any]]:
    rows = data.get(field)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        refuse(f"its {field} is not a list of objects", where)
    return rows


def _addresses(value: object, field: str = "") -> Iterator[str]:
    """Every address that a reader, an index or a feed could be sent to."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _addresses(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from _addresses(inner, field)
    elif isinstance(value, str) and (field in LINK_FIELDS or field == "run_url"):
        yield value


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


MADE = re.compile(
    r"reports/[A-Za-z0-9_-]+/(README\.md|index\.json|feed\.xml|seen\.tsv|scores\.svg|[0-9]{4}/[0-9]{2}/README\.md)"
)
# A month can lose its last digest, and a profile its last score. The other pages stand as long as there is a report,
# and a commit that lays one down never takes them away.
UNMADE = re.compile(r"reports/[A-Za-z0-9_-]+/(scores\.svg|[0-9]{4}/[0-9]{2}/README\.md)")


def only_ours(changed: Sequence[Sequence[str]], ours: Sequence[Report]) -> None:
    """Refuse a commit that would touch anything else. `changed` are pairs of git's status and a path."""
    dated = {f"reports/{path}" for report in ours for path in report.files}
    folders = tuple(f"reports/{report.profile}/" for report in ours)
    for status, path in changed:
        written = status in {"A", "M"} and (path in dated or MADE.fullmatch(path))
        removed = status == "D" and UNMADE.fullmatch(path)
        if not (path.startswith(folders) and (written or removed)):
            hint = "nothing was published; this is a fault of the program: please report it"
            raise DigestError(f"the commit would touch a file that is not its own ({status})", hint=hint)


PROFILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", re.ASCII)
MOST_PAGE_BYTES = 500_000  # GitHub shows no more than 512,000 of a page
MOST_DATA_BYTES = 5_000_000


@dataclass(frozen=True)
class Report:
    """One day of one profile, checked: the bytes of its page and of its JSON, and three counts from it."""

    profile: str
    date: str
    page: bytes
    data: bytes
    picks: int
    judged: int
    pending: int

    @property
    def files(self) -> dict[str, bytes]:
        """Path below the reports folder → content."""
        stem = f"{self.profile}/{self.date[:4]}/{self.date[5:7]}/{self.date}"
        return {f"{stem}.md": self.page, f"{stem}.json": self.data}


@dataclass(frozen=True)
class Handed:
    """What was handed over: the reports that hold, by profile what was wrong with the others, and odd files."""

    reports: tuple[Report, ...]
    refused: dict[str, DigestError]
    ignored: int


def load(folder: Path, date: str, profiles: frozenset[str], allowed: Allowed) -> Handed:
    """The reports of that date below `folder`, each checked: one that is off does not keep the others back.

    Only `<profile>/YYYY/MM/YYYY-MM-DD.{md,json}` of the asked date and profiles is ever opened.
    """
    found: dict[str, dict[str, Path]] = {}
    ignored = 0
    for path in sorted(_walk(folder)):
        profile = path.relative_to(folder).parts[0]
        wanted = f"{profile}/{date[:4]}/{date[5:7]}/{date}"
        name = path.relative_to(folder).as_posix()
        if profile in profiles and name in {f"{wanted}.md", f"{wanted}.json"}:
            found.setdefault(profile, {})[path.suffix] = path
        else:
            ignored += 1
    reports: list[Report] = []
    refused: dict[str, DigestError] = {}
    for profile, files in sorted(found.items()):
        try:
            reports.append(_report(profile, date, files, allowed))
        except DigestError as error:
            refused[profile] = error
    return Handed(tuple(reports), refused, ignored)


def _walk(folder: Path) -> Iterator[Path]:
    """Every file below; links to folders are not followed, and count as files."""
    for place, folders, files in os.walk(folder, followlinks=False):
        yield from (Path(place, name) for name in files)
        yield from (Path(place, name) for name in folders if Path(place, name).is_symlink())


def _report(profile: str, date: str, files: dict[str, Path], allowed: Allowed) -> Report:
    where = f"{profile}/{date}"
    if set(files) != {".md", ".json"}:
        refuse("the page and its JSON have to come together", where)
    page = _bytes(files[".md"], MOST_PAGE_BYTES, f"{where}.md")
    data = _bytes(files[".json"], MOST_DATA_BYTES, f"{where}.json")
    check_page(_text(page, f"{where}.md"), f"{where}.md", allowed)
    counts = check_data(_text(data, f"{where}.json"), profile, date, allowed)
    return Report(profile, date, page, data, *counts)


def _bytes(path: Path, most: int, where: str) -> bytes:
    """The content of a regular file of a sane size; a link is refused, wherever it leads."""
    if path.is_symlink() or not path.is_file():
        refuse("is not a regular file", where)
    size = path.stat().st_size
    if not 0 < size <= most:
        refuse(f"has {size} bytes; from 1 to {most} are published", where)
    return path.read_bytes()


def _text(data: bytes, where: str) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        refuse(f"is not UTF-8 (byte {error.start})", where)
