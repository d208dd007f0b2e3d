"""Render the month pages, the front page and `index.json` of a profile. Lists, not tables; links are relative."""

import datetime as dt
import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import groupby

from pipeline.archive import history
from pipeline.archive.history import Day, PickRecord
from pipeline.core.month_index import DigestEntry, MonthIndex
from pipeline.report import labels
from pipeline.report.escape import escape
from pipeline.report.i18n import Catalog

RECENT_DAYS = 14
FILE = "index.json"  # of a profile
ROW_DATE = len('{"date": "2026-01-30"')  # how a row begins
END = "\n]}\n"  # of the file with the rows; a row has no line break
BIBLIOGRAPHY = "papers.bib"  # beside a month page; linked from it if the month has picks


def month_page(days: Sequence[Day], previous: str) -> str:
    """Render the page of a month: every day, newest first.

    `days` are in order of date. `previous` is the last month before it with digests, `YYYY/MM` or empty.
    """
    newest = days[-1]
    t = newest.catalog
    month = f"{newest.date:%Y-%m}"
    back_link = f"[← {previous.replace('/', '-')}]({month_link(previous)}) · " if previous else ""
    picks = sum(len(day.picks) for day in days)
    papers = f" · [{escape(t('index.bibtex'))}]({BIBLIOGRAPHY})" if picks else ""
    return (
        f"# {month} · {escape(newest.title)}\n\n"
        f"{back_link}[{escape(t('nav.all'))}](../../README.md)\n\n"
        f"{escape(_totals(t, len(days), picks))}{papers}\n\n"
        + "".join(f"{line}\n" for line in _day_lines(list(reversed(days)), t))
    )


def month_link(month: str) -> str:
    """Return the address of a month's page from that of another; `month` is `YYYY/MM`."""
    return f"../../{month}/README.md"


def front_page(
    days: Sequence[Day], entries: Sequence[DigestEntry], *, chart_alt: str, feed_url: str, liked: str = ""
) -> str:
    """Render the front page of a profile: the latest digest with its picks, the last 14 days, the months.

    `days` are at least the digests of the last 14 days, `entries` all of them, in order of date. `chart_alt` is the alternative text of `scores.svg`, or empty if there is no chart.
    `feed_url` is the URL of the raw feed file, since GitHub shows the file itself as a web page. `liked` is a line of Markdown
    on the votes, or empty.
    """
    newest = days[-1]
    t = newest.catalog
    since = newest.date - dt.timedelta(days=RECENT_DAYS - 1)
    recent = [day for day in reversed(days[:-1]) if day.date >= since]
    months = groupby(reversed(entries), key=lambda entry: f"{entry.date:%Y/%m}")
    parts = [
        f"# {escape(newest.title)}",
        f"## [{newest.date} {escape(labels.weekday(t, newest.date))}]({newest.path})",
        f"**{escape(newest.result)}**",
        "\n".join(_pick_line_with_hook(pick, newest.path) for pick in newest.picks),
        f"## {escape(t('index.recent'))}" if recent else "",
        "\n".join(_day_lines(recent, t, newer=newest.date, in_profile_folder=True)),
        f"![{escape(chart_alt)}](scores.svg)" if chart_alt else "",
        liked,
        f"## {escape(t('index.months'))}",
        "\n".join(_month_line(t, month, list(group)) for month, group in months),
        f"<sub>[{escape(t('index.subscribe'))}]({feed_url}) · [{escape(t('index.data'))}](index.json)</sub>",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def index_json(profile: str, newest: Day, rows: Iterable[str]) -> str:
    """Render `index.json`: all digests, newest first, one per line; `rows` are oldest first."""
    header = {
        "schema_version": 1,
        "profile": profile,
        "title": newest.title,
        "language": newest.entry.language,
    }
    opening = json.dumps(header, ensure_ascii=False)
    digests = ",\n".join(reversed([*rows]))
    return f'{opening[:-1]}, "digests": [\n{digests}{END}'


def rows(months: Iterable[MonthIndex], previous: str, unchanged: Collection[str]) -> Iterator[str]:
    """Yield the row of every digest of months, oldest first; for months that are `unchanged`, from the `previous` file.

    Making them all anew would take as long as the rest of a night's rebuild after some years. Of a file that was cut
    nothing is taken: its last line may be the beginning of a row.
    """
    whole = previous.endswith(END)
    known = {line[:ROW_DATE]: line.rstrip(",") for line in previous.split("\n")} if whole else {}
    for index in months:
        listed = [known.get(f'{{"date": "{entry.date}"', "") for entry in index.digests]
        same = (f'"{entry.sha256}"' in line for entry, line in zip(index.digests, listed, strict=True))
        yield from (
            listed if index.month in unchanged and all(same) else (_row(day) for day in history.days(index))
        )


def _row(day: Day) -> str:
    """Render the row of a digest. Paths are relative to the profile's folder; `sha256` is that of the JSON report."""
    row = {
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
    return json.dumps(row, ensure_ascii=False)


def _totals(t: Catalog, digests: int, picks: int) -> str:
    return f"{t('index.month', n=digests)} · {t('index.month_picks', n=picks)}"


def _month_line(t: Catalog, month: str, entries: Sequence[DigestEntry]) -> str:
    totals = _totals(t, len(entries), sum(entry.picked for entry in entries))
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
