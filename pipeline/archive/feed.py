"""The Atom feed of a profile: one entry a digest, with its picks. Standard library only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

from pipeline.archive.history import Day, Picked
from pipeline.report import labels
from pipeline.report.escape import html_text

ENTRIES = 30
NOBODY = "digest.invalid"  # RFC 2606: the authority of digests that no run on GitHub made


def atom(folder: str, profile: str, days: Sequence[Day]) -> str:
    """The feed of the newest digests, newest first. `folder` is the name of the reports' folder.

    Ids are tag: URIs (RFC 4151) made from the repository whose run made a digest, so a fork's entries are
    its own, and making a page again changes none.
    """
    newest = days[-1]
    entries = [_entry(folder, profile, day) for day in reversed(days[-ENTRIES:])]
    updated = max(_updated(day) for day in days[-ENTRIES:])
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang={quoteattr(newest.language)}>\n'
        f"<id>{_tag(days[0], profile)}</id>\n"
        f"<title>{escape(newest.title)}</title>\n"
        f"<updated>{updated}</updated>\n"
        f"<author><name>{escape(newest.title)}</name></author>\n"
        f'<link rel="self" type="application/atom+xml" href={quoteattr(self_url(newest, folder, profile))}/>\n'
        f'<link rel="alternate" href={quoteattr(_page(newest, folder, profile, "README.md"))}/>\n'
        + "".join(entries)
        + "</feed>\n"
    )


def _entry(folder: str, profile: str, day: Day) -> str:
    address = _page(day, folder, profile, day.path)
    return (
        "<entry>\n"
        f"<id>{_tag(day, profile)}/{day.date.isoformat()}</id>\n"
        f"<title>{escape(_title(day))}</title>\n"
        f"<updated>{_updated(day)}</updated>\n"
        f'<link rel="alternate" href={quoteattr(address)}/>\n'
        f'<content type="html">{escape(_content(day, address))}</content>\n'
        "</entry>\n"
    )


def _title(day: Day) -> str:
    """The date and the picks' names: all that most readers see of an entry."""
    t = day.words
    names = " · ".join(f"{pick.mark} {pick.name}" for pick in day.picks)
    return f"{day.date.isoformat()} {labels.weekday(t, day.date)} · {names or _nothing(day)}"


def _nothing(day: Day) -> str:
    t = day.words
    if day.unscored:
        return t("index.unscored")
    return t("index.none_local") if day.local else t("index.none", threshold=day.threshold)


def _content(day: Day, address: str) -> str:
    """The picks as a list, and the way to the page."""
    t = day.words
    items = "".join(_item(pick) for pick in day.picks)
    summary = t("index.picked", picked=len(day.picks), scanned=day.scanned) if day.picks else _nothing(day)
    picks = f"<ul>{items}</ul>" if items else ""
    return f"{picks}<p><a href={quoteattr(address)}>{html_text(summary)}</a></p>"


def _item(pick: Picked) -> str:
    title = f"<br>{html_text(pick.title)}" if pick.headline else ""
    hook = f"<br>{html_text(pick.hook)}" if pick.hook else ""
    name = html_text(pick.name)
    linked = f"<a href={quoteattr(pick.url)}>{name}</a>" if pick.url.startswith("https://") else name
    return f"<li><b>{html_text(pick.mark)}</b> {linked}{hook}{title}</li>"


def _updated(day: Day) -> str:
    """The time that the digest was made, in UTC."""
    made = dt.datetime.fromisoformat(day.generated_at)
    made = made.replace(tzinfo=dt.UTC) if made.tzinfo is None else made.astimezone(dt.UTC)
    return made.strftime("%Y-%m-%dT%H:%M:%SZ")


def _tag(day: Day, profile: str) -> str:
    """`tag:OWNER.github.io,2026:REPO/PROFILE`, from the day's own run."""
    if day.repository is None:
        return f"tag:{NOBODY},2026:{profile}"
    owner, name = day.repository
    return f"tag:{owner.lower()}.github.io,2026:{name}/{profile}"


def _page(day: Day, folder: str, profile: str, path: str) -> str:
    """A page's address on GitHub, or its path beside the feed where the repository is not known."""
    if day.repository is None:
        return path
    owner, name = day.repository
    return f"https://github.com/{owner}/{name}/blob/HEAD/{folder}/{profile}/{path}"


def self_url(day: Day, folder: str, profile: str) -> str:
    """Where a feed reader gets the feed; its path beside the page where the repository is not known."""
    if day.repository is None:
        return "feed.xml"
    owner, name = day.repository
    return f"https://raw.githubusercontent.com/{owner}/{name}/HEAD/{folder}/{profile}/feed.xml"
