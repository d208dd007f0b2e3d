"""Render the Atom feed of a profile: one entry per digest, with its picks."""

from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

from pipeline.archive.history import Day, PickRecord
from pipeline.core.month_index import DigestEntry
from pipeline.report import labels
from pipeline.report.escape import escape_html

MAX_ENTRIES = 30
TIME_FORMAT = "%Y-%m-%dT%H:%M:%SZ"
FALLBACK_AUTHORITY = "digest.invalid"  # reserved by RFC 2606; for digests that no run on GitHub has made


def atom(folder: str, profile: str, days: Sequence[Day], *, first: DigestEntry) -> str:
    """Render the feed of the `MAX_ENTRIES` newest digests, newest first.

    `folder` is the name of the folder of all reports; `days` are in order of date, `first` is the oldest digest of all.
    Ids are tag: URIs (RFC 4151) that name the repository whose run made the digest: a fork has ids of its own, and rebuilding a page changes
    no id.
    """
    newest = days[-1]
    entries = [_entry(folder, profile, day) for day in reversed(days[-MAX_ENTRIES:])]
    updated = max(day.entry.generated_at for day in days[-MAX_ENTRIES:])
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang={quoteattr(newest.entry.language)}>\n'
        f"<id>{tag_uri(first.repository, profile)}</id>\n"
        f"<title>{escape(newest.title)}</title>\n"
        f"<updated>{updated:{TIME_FORMAT}}</updated>\n"
        f"<author><name>{escape(newest.title)}</name></author>\n"
        f'<link rel="self" type="application/atom+xml" href={quoteattr(self_url(newest, folder, profile))}/>\n'
        f'<link rel="alternate" href={quoteattr(_page_url(newest, folder, profile, "README.md"))}/>\n'
        + "".join(entries)
        + "</feed>\n"
    )


def _entry(folder: str, profile: str, day: Day) -> str:
    address = _page_url(day, folder, profile, day.path)
    return (
        "<entry>\n"
        f"<id>{tag_uri(day.entry.repository, profile)}/{day.date}</id>\n"
        f"<title>{escape(_title(day))}</title>\n"
        f"<updated>{day.entry.generated_at:{TIME_FORMAT}}</updated>\n"
        f'<link rel="alternate" href={quoteattr(address)}/>\n'
        f'<content type="html">{escape(content(day, address))}</content>\n'
        "</entry>\n"
    )


def _title(day: Day) -> str:
    """Return the date and the headlines of the picks: all of an entry that most feed readers show."""
    names = " · ".join(f"{pick.score_label} {pick.name}" for pick in day.picks)
    return f"{day.date} {labels.weekday(day.catalog, day.date)} · {names or day.result}"


def content(day: Day, address: str) -> str:
    """Return the picks as an HTML list, and a link to the page."""
    items = "".join(map(_item, day.picks))
    picks = f"<ul>{items}</ul>" if items else ""
    return f"{picks}<p><a href={quoteattr(address)}>{escape_html(day.result)}</a></p>"


def _item(pick: PickRecord) -> str:
    """Return a pick as an item of an HTML list; only an https address is a link."""
    below = "".join(f"<br>{escape_html(text)}" for text in (pick.hook, pick.headline and pick.title) if text)
    shown = escape_html(pick.name)
    linked = f"<a href={quoteattr(pick.url)}>{shown}</a>" if pick.url.startswith("https://") else shown
    return f"<li><b>{escape_html(pick.score_label)}</b> {linked}{below}</li>"


def tag_uri(repository: str, profile: str = "") -> str:
    """Return `tag:OWNER.github.io,2026:REPO/PROFILE` for the repository whose run made the digest.

    Without a profile it is the id of a feed over all of them.
    """
    if not repository:
        return f"tag:{FALLBACK_AUTHORITY},2026:{profile or 'all'}"
    owner, name = repository.split("/")
    return f"tag:{owner.lower()}.github.io,2026:{name}" + (f"/{profile}" if profile else "")


def _page_url(day: Day, folder: str, profile: str, path: str) -> str:
    """Return the URL of a page on GitHub, or its path relative to the feed if the repository is unknown."""
    return (
        f"https://github.com/{day.entry.repository}/blob/HEAD/{folder}/{profile}/{path}"
        if day.entry.repository
        else path
    )


def self_url(day: Day, folder: str, profile: str) -> str:
    """Return the URL of the raw feed file, or its path relative to the front page if the repository is unknown."""
    if not day.entry.repository:
        return "feed.xml"
    return f"https://raw.githubusercontent.com/{day.entry.repository}/HEAD/{folder}/{profile}/feed.xml"
