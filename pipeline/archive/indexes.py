"""The pages that span days: one a month, and the profile's front page. Lists, not tables; links are relative."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from pipeline.archive import history
from pipeline.archive.history import Day, Picked
from pipeline.report import labels
from pipeline.report.escape import escape
from pipeline.report.i18n import Catalog

RECENT_DAYS = 14

Row = dict[str, Any]


def month_page(days: Sequence[Day], previous: str) -> str:
    """A month: every day, newest first. `previous` is the month before that has digests, `YYYY/MM` or empty."""
    newest = days[-1]
    t = newest.words
    month = f"{newest.date:%Y-%m}"
    back = f"[← {previous.replace('/', '-')}](../../{previous}/README.md) · " if previous else ""
    rows = _rows(list(reversed(days)), t)
    return (
        f"# {month} · {escape(newest.title)}\n\n"
        f"{back}[{escape(t('nav.all'))}](../../README.md)\n\n"
        f"{escape(_totals(t, len(days), sum(len(day.picks) for day in days)))}\n\n"
        + "".join(f"{row}\n" for row in rows)
    )


def front_page(days: Sequence[Day], rows: Iterable[Row], *, chart: str, feed: str) -> str:
    """The profile's front page: the latest digest with its picks, the last 14 days, the months.

    `days` are at least those of the last 14 days, `rows` those of all digests in `index.json`, newest first.
    `chart` is the text that stands for the picture `scores.svg`, or empty if there is none; `feed` is where
    the feed is for programs: the file itself is shown by GitHub as a page.
    """
    newest = days[-1]
    t = newest.words
    since = newest.date - dt.timedelta(days=RECENT_DAYS - 1)
    recent = [day for day in reversed(days[:-1]) if day.date >= since]
    parts = [
        f"# {escape(newest.title)}",
        f"## [{newest.date} {escape(labels.weekday(t, newest.date))}]({newest.path})",
        f"**{escape(_outcome(newest))}**",
        "\n".join(_pick(newest, pick, hook=True) for pick in newest.picks),
        f"## {escape(t('index.recent'))}" if recent else "",
        "\n".join(_rows(recent, t, later=newest.date, in_folder=True)),
        f"![{escape(chart)}](scores.svg)" if chart else "",
        f"## {escape(t('index.months'))}",
        "\n".join(_month_row(t, month, list(group)) for month, group in groupby(rows, key=_month)),
        f"<sub>[{escape(t('index.subscribe'))}]({feed}) · [{escape(t('index.data'))}](index.json)</sub>",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def index_json(profile: str, newest: Day, rows: Iterable[Row]) -> str:
    """All digests for programs, newest first, one a line; `rows` are those of `row`."""
    head = _json(
        {
            "schema_version": 1,
            "profile": profile,
            "title": newest.title,
            "language": newest.language,
        }
    )
    lines = ",\n".join(_json(row) for row in rows)
    return f'{head[:-1]}, "digests": [\n{lines}\n]}}\n'


def row(day: Day, sha256: str) -> Row:
    """A digest in `index.json`; paths are relative to the profile's folder, `sha256` is that of the data's bytes."""
    return {
        "date": day.date.isoformat(),
        "page": day.path,
        "data": day.path.removesuffix(".md") + ".json",
        "sha256": sha256,
        "scanned": day.scanned,
        "picked": len(day.picks),
        "pending": sum(bool(candidate.pending) for candidate in day.candidates),
        "picks": [
            {"id": p.id, "score": p.score, "title": p.title, "headline": p.headline, "url": p.url}
            for p in day.picks
        ],
    }


def _json(value: Row) -> str:
    return json.dumps(value, ensure_ascii=False)


def _month(row: Row) -> str:
    return history.month(row["data"])


def _totals(t: Catalog, digests: int, picks: int) -> str:
    return f"{t('index.month', n=digests)} · {t('index.month_picks', n=picks)}"


def _month_row(t: Catalog, month: str, rows: Sequence[Row]) -> str:
    totals = _totals(t, len(rows), sum(row["picked"] for row in rows))
    return f"- [{month.replace('/', '-')}]({month}/README.md) — {escape(totals)}"


def _rows(
    days: Sequence[Day], t: Catalog, *, later: dt.date | None = None, in_folder: bool = False
) -> list[str]:
    """One line a digest, newest first, and one for each run of days without any between two of them.

    `later` is the digest that stands above the list; `in_folder` says that the page is the profile's.
    """
    rows: list[str] = []
    for day in days:
        if later is not None and (later - day.date).days > 1:
            rows.append(_gap(t, day.date + dt.timedelta(days=1), later - dt.timedelta(days=1)))
        page = day.path if in_folder else day.path.rsplit("/", 1)[1]
        name = f"{day.date:%m-%d} {labels.weekday(t, day.date)}"
        head = f"- [{escape(name)}]({page}) · {escape(_outcome(day))}"
        rows.append("<br>".join([head, *(_pick(day, pick, page=page) for pick in day.picks)]))
        later = day.date
    return rows


def _gap(t: Catalog, first: dt.date, last: dt.date) -> str:
    span = f"{first:%m-%d}" if first == last else f"{first:%m-%d} – {last:%m-%d}"
    return f"- {escape(span)} — {escape(t('index.gap'))}"


def _outcome(day: Day) -> str:
    """What came of a day, in a few words."""
    t = day.words
    if day.picks:
        return t("index.picked", picked=len(day.picks), scanned=day.scanned)
    if day.unscored:
        return t("index.unscored")
    return t("index.none_local") if day.local else t("index.none", threshold=day.threshold)


def _pick(day: Day, pick: Picked, *, page: str = "", hook: bool = False) -> str:
    """A pick's score and headline, leading to its block in the day's page."""
    line = f"**{escape(pick.mark)}** · [{escape(pick.name)}]({page or day.path}#{pick.anchor})"
    if not hook:
        return line
    return f"- {line}<br>{escape(pick.hook)}" if pick.hook else f"- {line}"
