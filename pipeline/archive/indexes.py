"""Render the month pages, the front page and `index.json` of a profile. Lists, not tables; links are relative."""

import datetime as dt
import json
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from pipeline.archive.history import Day, PickRecord
from pipeline.report import labels
from pipeline.report.escape import escape
from pipeline.report.i18n import Catalog

RECENT_DAYS = 14
BIBLIOGRAPHY = "papers.bib"  # beside a month page; linked from it if the month has picks


def month_page(days: Sequence[Day], previous: str) -> str:
    """Render the page of a month: every day, newest first.

    `days` are in order of date. `previous` is the last month before it with digests, `YYYY/MM` or empty.
    """
    newest = days[-1]
    t = newest.catalog
    month = f"{newest.date:%Y-%m}"
    back_link = f"[← {previous.replace('/', '-')}](../../{previous}/README.md) · " if previous else ""
    picks = sum(len(day.picks) for day in days)
    papers = f" · [{escape(t('index.bibtex'))}]({BIBLIOGRAPHY})" if picks else ""
    return (
        f"# {month} · {escape(newest.title)}\n\n"
        f"{back_link}[{escape(t('nav.all'))}](../../README.md)\n\n"
        f"{escape(_totals(t, len(days), picks))}{papers}\n\n"
        + "".join(f"{line}\n" for line in _day_lines(list(reversed(days)), t))
    )


def front_page(days: Sequence[Day], *, chart_alt: str, feed_url: str) -> str:
    """Render the front page of a profile: the latest digest with its picks, the last 14 days, the months.

    `days` are all digests in order of date. `chart_alt` is the alternative text of `scores.svg`, or empty if there is no chart.
    `feed_url` is the URL of the raw feed file, since GitHub shows the file itself as a web page.
    """
    newest = days[-1]
    t = newest.catalog
    since = newest.date - dt.timedelta(days=RECENT_DAYS - 1)
    recent = [day for day in reversed(days[:-1]) if day.date >= since]
    months = groupby(reversed(days), key=lambda day: f"{day.date:%Y/%m}")
    parts = [
        f"# {escape(newest.title)}",
        f"## [{newest.date} {escape(labels.weekday(t, newest.date))}]({newest.path})",
        f"**{escape(newest.result)}**",
        "\n".join(_pick_line_with_hook(pick, newest.path) for pick in newest.picks),
        f"## {escape(t('index.recent'))}" if recent else "",
        "\n".join(_day_lines(recent, t, newer=newest.date, in_profile_folder=True)),
        f"![{escape(chart_alt)}](scores.svg)" if chart_alt else "",
        f"## {escape(t('index.months'))}",
        "\n".join(_month_line(t, month, list(group)) for month, group in months),
        f"<sub>[{escape(t('index.subscribe'))}]({feed_url}) · [{escape(t('index.data'))}](index.json)</sub>",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def index_json(profile: str, days: Sequence[Day]) -> str:
    """Render `index.json`: all digests, newest first, one per line; `days` are in order of date."""
    newest = days[-1]
    header = {
        "schema_version": 1,
        "profile": profile,
        "title": newest.title,
        "language": newest.entry.language,
    }
    opening, *lines = (
        json.dumps(value, ensure_ascii=False) for value in (header, *map(_row, reversed(days)))
    )
    digests = ",\n".join(lines)
    return f'{opening[:-1]}, "digests": [\n{digests}\n]}}\n'


def _row(day: Day) -> dict[str, Any]:
    """Return the row of a digest. Paths are relative to the profile's folder; `sha256` is that of the JSON report."""
    return {
        "date": day.date.isoformat(),
        "page": day.path,
        "data": day.path.removesuffix(".md") + ".json",
        "sha256": day.entry.sha256,
        "scanned": day.entry.scanned,
        "picked": len(day.picks),
        "pending": len(day.entry.pending),
        "picks": [
            {"id": p.id, "score": p.score, "title": p.title, "headline": p.headline, "url": p.url}
            for p in day.picks
        ],
    }


def _totals(t: Catalog, digests: int, picks: int) -> str:
    return f"{t('index.month', n=digests)} · {t('index.month_picks', n=picks)}"


def _month_line(t: Catalog, month: str, days: Sequence[Day]) -> str:
    totals = _totals(t, len(days), sum(len(day.picks) for day in days))
    return f"- [{month.replace('/', '-')}]({month}/README.md) — {escape(totals)}"


def _day_lines(
    days: Sequence[Day], t: Catalog, *, newer: dt.date | None = None, in_profile_folder: bool = False
) -> list[str]:
    """Return one line per digest, newest first, and one per gap of days without digests between two of them.

    `newer` is the date of the digest above the list. `in_profile_folder` is True for the front page, False for a
    month page: links are relative to the folder of the page.
    """
    lines: list[str] = []
    for day in days:
        if newer is not None and (newer - day.date).days > 1:
            lines.append(_gap(t, day.date + dt.timedelta(days=1), newer - dt.timedelta(days=1)))
        page = day.path if in_profile_folder else day.path.rsplit("/", 1)[1]
        name = f"{t.short_day(day.date)} {labels.weekday(t, day.date)}"
        head = f"- [{escape(name)}]({page}) · {escape(day.result)}"
        lines.append("<br>".join([head, *(_pick_line(pick, page) for pick in day.picks)]))
        newer = day.date
    return lines


def _gap(t: Catalog, first: dt.date, last: dt.date) -> str:
    span = t.short_day(first) if first == last else f"{t.short_day(first)} – {t.short_day(last)}"
    return f"- {escape(span)} — {escape(t('index.gap'))}"


def _pick_line(pick: PickRecord, page: str) -> str:
    """Return a pick's score and headline, linked to its block in the page of the day."""
    return f"**{escape(pick.score_label)}** · [{escape(pick.name)}]({page}#{pick.anchor})"


def _pick_line_with_hook(pick: PickRecord, page: str) -> str:
    return f"- {_pick_line(pick, page)}" + (f"<br>{escape(pick.hook)}" if pick.hook else "")
