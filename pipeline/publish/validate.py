"""Validation of reports before they are published: file names and sizes, links, the page's Markdown, the JSON.

Standard library only, since the publishing job installs nothing. The page comes from a template that escapes all
text of papers and feeds; this is a second, independent check of its output. No error message quotes the content of a
file, because messages go to a log in which the runner obeys workflow commands.
"""

import datetime as dt
import fnmatch
import json
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from pipeline.core.errors import DigestError
from pipeline.core.names import HOST_NAME, LINK_HOSTS
from pipeline.core.upgrade import SCHEMA_VERSION

# Refusals


def refuse(reason: str, where: str, line: int = 0) -> NoReturn:
    """Raise DigestError for a report that must not be published. `where` is the file, `line` 0 if it has none."""
    hint = "this report was not published; start the run again with `force`, and if it stays so, read SECURITY.md"
    raise DigestError(reason, path=where, line=line, hint=hint)


def refuse_link(target: str, where: str, line: int = 0) -> NoReturn:
    """Raise DigestError for a link that is not allowed; only its host is printed, if it is safe to print."""
    host = re.match(r"https?://([A-Za-z0-9.-]{1,100})(?:[/:?#]|$)", target)
    destination = f"to {host[1]}" if host else "to somewhere odd"
    refuse(f"a link {destination}; digest.toml [links] names the hosts that are allowed", where, line)


# Links: the hosts and base URLs that a report may link to

# Neither a port nor a user name, and no HTML entity but `&amp;`: any other could change the host.
LINK_TARGET = re.compile(rf"https://({HOST_NAME.pattern})(?:[/?#](?:[^&]|&amp;)*)?", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True)
class AllowedLinks:
    """The URLs to which a report may link: https URLs on allowed hosts, and any URL below an allowed base URL."""

    hosts: frozenset[str]  # in lower case; `*.` in front means every subdomain
    bases: tuple[str, ...]  # without a trailing slash

    def permits(self, target: str) -> bool:
        """Return whether a report may link to this absolute URL, which is escaped as in the page (`&amp;`)."""
        if any(target == base or target.startswith(f"{base}/") for base in self.bases):
            return True
        link = LINK_TARGET.fullmatch(target)
        return link is not None and any(fnmatch.fnmatchcase(link[1].lower(), host) for host in self.hosts)


def allowed_links(settings: Path, server: str, profiles: Iterable[Path] = ()) -> AllowedLinks:
    """Return the allowed links: arXiv, Hugging Face, the git server, and the hosts of `digest.toml` and of the feeds.

    `server` is the base URL of the git server, `profiles` are the profiles' files. Raises DigestError if `settings`
    cannot be read.
    """
    try:
        raw = tomllib.loads(settings.read_text("utf-8-sig"))
    except (OSError, ValueError) as error:
        raise DigestError(f"cannot be read: {error}", path=settings.name, hint="run `digest check`") from None
    endpoints = raw.get("endpoints", {})
    bases = [str(endpoints[name]).rstrip("/") for name in ("arxiv", "huggingface") if name in endpoints]
    hosts = [str(host).lower() for host in raw.get("links", {}).get("hosts", LINK_HOSTS)]
    feeds = (host for path in profiles if path.is_file() for host in _feed_hosts(path))
    return AllowedLinks(
        frozenset({"arxiv.org", "huggingface.co", *hosts, *feeds}), (*bases, server.rstrip("/"))
    )


def _feed_hosts(profile: Path) -> list[str]:
    """Return the hosts, in lower case, of all https URLs in a profile's front matter; YAML is not parsed here."""
    header = profile.read_text("utf-8-sig", errors="replace").split("\n---", 1)[0]
    return [host.lower() for host in re.findall(r"https://([a-z0-9.-]+)", header, re.IGNORECASE)]


# Files: which files of a folder are read, with their names, sizes and types

MAX_PAGE_BYTES = 500_000  # GitHub renders at most 512,000 bytes of a page
MAX_DATA_BYTES = 5_000_000


@dataclass(frozen=True)
class Report:
    """A validated report of one profile and date: the bytes of its page and of its JSON, and three counts from it."""

    profile: str
    date: str  # YYYY-MM-DD
    page: bytes
    data: bytes
    picks: int
    judged: int  # candidates without those of the outcome `seen`
    pending: int

    @property
    def files(self) -> dict[str, bytes]:
        """Content by path relative to the reports folder; the page comes first."""
        stem = f"{self.profile}/{self.date[:4]}/{self.date[5:7]}/{self.date}"
        return {f"{stem}.md": self.page, f"{stem}.json": self.data}


@dataclass(frozen=True)
class LoadedReports:
    """The reports found in a folder: the valid ones, and by profile the error of each invalid one."""

    reports: tuple[Report, ...]
    refused: dict[str, DigestError]
    ignored: int  # number of other files


def load(folder: Path, date: str, profiles: frozenset[str], allowed: AllowedLinks) -> LoadedReports:
    """Load and validate the reports of one date below `folder`; an invalid report does not affect the others.

    Only files `<profile>/YYYY/MM/YYYY-MM-DD.{md,json}` of the given date and profiles are opened.
    """
    # `rglob` follows no symlink; one to a folder counts as a file.
    other = {path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir()}
    reports: list[Report] = []
    refused: dict[str, DigestError] = {}
    for profile in sorted(profiles):
        page = folder / profile / date[:4] / date[5:7] / f"{date}.md"
        files = other & {page, page.with_suffix(".json")}
        other -= files
        try:
            if len(files) == 1:
                refuse("the page and its JSON have to come together", f"{profile}/{date}")
            if files:
                reports.append(_load_report(page, profile, date, allowed))
        except DigestError as error:
            refused[profile] = error
    return LoadedReports(tuple(reports), refused, ignored=len(other))


def _load_report(page_file: Path, profile: str, date: str, allowed: AllowedLinks) -> Report:
    where = f"{profile}/{date}"
    page = _read(page_file, MAX_PAGE_BYTES, f"{where}.md")
    data = _read(page_file.with_suffix(".json"), MAX_DATA_BYTES, f"{where}.json")
    check_page(page, f"{where}.md", allowed)
    counts = check_data(data, profile, date, allowed)
    return Report(profile, date, page.encode(), data.encode(), *counts)


def _read(path: Path, limit: int, where: str) -> str:
    """Read a regular UTF-8 file of 1 to `limit` bytes. Raises DigestError for any other file, and for every symlink."""
    if path.is_symlink() or not path.is_file():
        refuse("is not a regular file", where)
    size = path.stat().st_size
    if not 0 < size <= limit:
        refuse(f"has {size} bytes; from 1 to {limit} are published", where)
    try:
        return path.read_bytes().decode()
    except UnicodeDecodeError as error:
        refuse(f"is not UTF-8 (byte {error.start})", where)


# Page: the Markdown that a report's page may consist of

# Unicode categories: control, format, private use, surrogate, line and paragraph separator.
INVISIBLE_CATEGORIES = {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"}
# After a backslash these are plain text. Others (@ $ : # w) would still become a mention or a link.
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
# Numeric entities of punctuation that stays plain text. Those of `@`, `$` and `:` could still become links.
SAFE_ENTITIES = "|".join(f"#{ord(character)}" for character in "\\`*_{}[]()<>#+-!|~&\"'^=")
# What a line may not contain once its tags and links are removed, by the words of the error.
FORBIDDEN = {
    "a link that is not of the form [text](target)": re.compile(r"\]\(|\]\s*:|\]\["),
    "an image": re.compile(r"!\["),
    "an alert box": re.compile(r"^[\s>]*>\s*\[!", re.MULTILINE),
    "a bare address": re.compile(r"[a-z]\\?:\\?/\\?/|\bwww\\?\.", re.IGNORECASE),
    "a mention or a mail address": re.compile(r"@(?!</span>)"),
    "an escaped bracket, where an entity is safe": re.compile(r"\\<"),
    "a formula": re.compile(r"\$(?!</span>)"),
    "code": re.compile(r"`|~~~"),
    "an entity": re.compile(rf"&(?!(?:lt|gt|amp|quot|{SAFE_ENTITIES});)[#A-Za-z]"),
    "a Liquid tag": re.compile(r"\{[{%]"),
}


def check_page(text: str, where: str, allowed: AllowedLinks) -> None:
    """Check that a page has only Markdown that the template writes. Raises DigestError with the line if not."""
    open_tags: list[str] = []
    raw = False  # whether the line is in an HTML block
    for number, line in enumerate(text.split("\n"), 1):
        if any(unicodedata.category(character) in INVISIBLE_CATEGORIES for character in line):
            refuse("an invisible or control character", where, number)
        raw = bool(line.strip()) and (raw or bool(BLOCK.match(line)))
        # In an HTML block a backslash is a literal character and escapes nothing.
        bare = line if raw else ESCAPED.sub("·", line)
        bare = _without_tags(bare, open_tags, where, number)
        bare = _without_links(bare, allowed, where, number)
        for reason, pattern in FORBIDDEN.items():
            if pattern.search(bare):
                refuse(reason, where, number)
    if open_tags:
        refuse(f"<{open_tags[-1]}> is never closed", where)


def _without_tags(line: str, open_tags: list[str], where: str, number: int) -> str:
    """Return the line without the template's tags; `open_tags` carries the open ones from line to line.

    Raises DigestError for any other tag or attribute, and for tags that are not closed in order.
    """
    for tag in TAG.finditer(line):
        name = tag["name"]
        if name is None:
            continue
        attribute = {"details": ' markdown="1"', "a": " id"}.get(name, "")
        if tag["close"]:
            if not open_tags or open_tags.pop() != name or tag["rest"]:
                refuse(f"</{name}> closes nothing", where, number)
        elif not (tag["rest"] or "").startswith(attribute) or (tag["rest"] and not attribute):
            refuse(f"<{name}> with attributes that the template does not write", where, number)
        else:
            open_tags.append(name)
    # `</span>` is kept: the template puts `$` and `@` only right before it, and any other one is an error.
    remaining = TAG.sub(lambda tag: tag[0] if tag[0] == "</span>" else "", line)
    if "<" in remaining.replace("</span>", ""):
        refuse("a tag that the template does not write", where, number)
    return remaining


def _without_links(line: str, allowed: AllowedLinks, where: str, number: int) -> str:
    """Return the line without its link targets. Raises DigestError for a target that is not allowed."""
    for target in LINK.findall(line):
        if not (FRAGMENT.fullmatch(target) or RELATIVE.fullmatch(target) or allowed.permits(target)):
            refuse_link(target, where, number)
    return LINK.sub("·", line)


# Data: the fields of a report's JSON that later runs and readers rely on

# These and the outcomes repeat `core/models.py`, which needs installed packages.
LINK_FIELDS = {"url", "page", "html", "pdf", "huggingface", "code", "project"}
ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9./-]{0,63}", re.ASCII)
OUTCOMES = {"picked", "below_threshold", "shortlisted", "excluded", "prefiltered", "seen", "unscored"}


def is_date(text: str) -> bool:
    """Return whether the text is an existing date, written YYYY-MM-DD in ASCII digits."""
    try:
        return dt.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def check_data(text: str, profile: str, date: str, allowed: AllowedLinks) -> tuple[int, int, int]:
    """Check a report's JSON. Returns its numbers of picks, judged candidates and pending papers.

    Raises DigestError if it is not the report of this profile and date, or contains what later runs cannot read.
    """
    where = f"{profile}/{date}.json"
    try:
        data = json.loads(text, parse_constant=lambda name: refuse(f"has {name} for a number", where))
        urls = list(_urls(data))
    except (ValueError, RecursionError):  # newer Pythons parse JSON that is nested too deep for `_urls`
        refuse("is not JSON, or nested too deep", where)
    if not isinstance(data, dict):
        refuse("is not an object", where)
    for field, value in {"schema_version": SCHEMA_VERSION, "profile": profile, "date": date}.items():
        if data.get(field) != value or isinstance(data.get(field), bool):
            refuse(f"its {field} is not {value}", where)
    for target in urls:
        if not allowed.permits(target.replace("&", "&amp;")):  # the JSON is not escaped, the page is
            refuse_link(target, where)
    candidates = _objects(data, "candidates", where)
    for row in candidates:
        _check_candidate(row, where)
    _check_sources(data, date, where)
    judged = sum(row.get("outcome") != "seen" for row in candidates)
    return len(_objects(data, "picks", where)), judged, len(_objects(data, "pending", where))


def _check_sources(data: dict[str, Any], date: str, where: str) -> None:
    """Check how far the sources were read: with a date in the future, the next runs would fetch nothing."""
    for row in _objects(data, "sources", where):
        through = row.get("through")
        if through is not None and not (isinstance(through, str) and is_date(through) and through <= date):
            refuse("a source has been read through a day that is none, or to come", where)


def _check_candidate(row: dict[str, Any], where: str) -> None:
    """Check the fields that every later run reads: a candidate that it cannot read would make all of them fail."""
    key, score = row.get("id"), row.get("score")
    if not isinstance(key, str) or not ID.fullmatch(key):
        refuse("a candidate has no id", where)
    if row.get("outcome") not in OUTCOMES:
        refuse("a candidate has an outcome that is none", where)
    if score is not None and not (type(score) is int and 0 <= score <= 100):
        refuse("a candidate has a score that is no whole number of 0-100", where)


def _objects(data: dict[str, Any], field: str, where: str) -> list[dict[str, Any]]:
    rows = data.get(field)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        refuse(f"its {field} is not a list of objects", where)
    return rows


def _urls(value: object, field: str = "") -> Iterator[str]:
    """Yield every URL that the page, an index or a feed may link to."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _urls(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from _urls(inner, field)
    elif isinstance(value, str) and (field in LINK_FIELDS or field == "run_url"):
        yield value


# Commit: which files a commit may change

# Files that the rebuild of a profile's indexes writes.
GENERATED = re.compile(
    r"reports/[A-Za-z0-9_-]+/(README\.md|index\.json|feed\.xml|seen\.tsv|scores\.svg|[0-9]{4}/[0-9]{2}/README\.md)"
)
# Files that it may remove: a month can lose its last digest, and a profile its last score. All other files exist as
# long as there is a report, so a commit that adds one never removes them.
REMOVABLE = re.compile(r"reports/[A-Za-z0-9_-]+/(scores\.svg|[0-9]{4}/[0-9]{2}/README\.md)")


def check_changes(changed: Sequence[Sequence[str]], reports: Sequence[Report]) -> None:
    """Check that a commit changes only the files of these reports and their indexes. Raises DigestError if not.

    `changed` are pairs of git's status letter and a path.
    """
    dated = {f"reports/{path}" for report in reports for path in report.files}
    folders = tuple(f"reports/{report.profile}/" for report in reports)
    for status, path in changed:
        written = status in {"A", "M"} and (path in dated or GENERATED.fullmatch(path))
        removed = status == "D" and REMOVABLE.fullmatch(path)
        if not (path.startswith(folders) and (written or removed)):
            hint = "nothing was published; this is a fault of the program: please report it"
            raise DigestError(f"the commit would touch a file that is not its own ({status})", hint=hint)
