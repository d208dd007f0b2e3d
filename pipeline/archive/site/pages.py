"""Render the pages of the site as HTML. The templates own all markup; the same reports give the same bytes.

Every printed text is cleaned as on the Markdown page, and escaped by Jinja; only `link` and the pictures are Markup.
"""

import datetime as dt
import functools
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

import jinja2
from markupsafe import Markup, escape

from pipeline.archive.history import Day, PickRecord
from pipeline.archive.site import pictures
from pipeline.archive.site.series import Series
from pipeline.core.artifacts import Candidate, Digest
from pipeline.core.month_index import ARXIV_PAGE
from pipeline.core.source import FEED, SOURCES
from pipeline.report import candidates, labels, notices
from pipeline.report import picks as pick_views
from pipeline.report.candidates import Link
from pipeline.report.escape import clean, escape_url
from pipeline.report.i18n import FALLBACK, Catalog, load
from pipeline.report.picks import ClaimView, PickView

TEMPLATES = Path(__file__).parent / "templates"
RECENT_DAYS = 14
# Nothing may be loaded from another host, and no script or style may stand in a page.
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'"
)

# An id that begins with one of these is its paper's anchor, other ids are preceded by arXiv's name: `labels.anchor`.
PREFIXES = sorted({source.id_prefix for source in (*SOURCES.values(), FEED) if source.id_prefix})


def link(text: str, address: str, *, foreign: bool = False) -> Markup:
    """Return a link to an https address, or only the text if it is not one. `foreign`: the text is a paper's own."""
    shown = escape(_cleaned(text))
    target = escape_url(address)
    language = ' lang="en"' if foreign else ""
    return Markup(f'<a href="{target}"{language}>{shown}</a>') if target else shown  # noqa: S704 - both are escaped


# Most texts are printed twice, or are the program's own.
_cleaned = functools.lru_cache(maxsize=4096)(clean)


def _finalize(value: object) -> object:
    return _cleaned(value) if type(value) is str else value


ENVIRONMENT = jinja2.Environment(
    loader=jinja2.FileSystemLoader(TEMPLATES),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    finalize=_finalize,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)


class Quoted(NamedTuple):
    """A sentence of a paper, and where it stands."""

    text: str
    place: Link


class Neighbor(NamedTuple):
    """A link to a page of the same kind: its text and its address."""

    text: str
    path: str


@dataclass(frozen=True)
class Line:
    """A candidate that is not a pick, as a list of the day page shows it.

    `anchor` is empty if a paper above has the same one; `id` is empty if the address of the paper tells it.
    """

    row: candidates.Row
    anchor: str
    id: str


def quoted(pick: PickView, claim: ClaimView) -> list[Quoted]:
    """Return the sentences that a claim rests on."""
    return [_quotation(pick, number) for number in claim.cites]


def caption(pick: PickView) -> Quoted:
    """Return the caption of the figure of a pick that has one: its last quotation."""
    return _quotation(pick, len(pick.quotations.texts))


def _quotation(pick: PickView, number: int) -> Quoted:
    quotations = pick.quotations
    place = quotations.place or quotations.places[number - 1]
    return Quoted(quotations.texts[number - 1], place)


ENVIRONMENT.globals.update(
    link=link, quoted=quoted, caption=caption, policy=POLICY, prefixes=" ".join(PREFIXES)
)
ENVIRONMENT.globals["weekday"] = labels.weekday


def home(series: Sequence[Series]) -> str:
    """Render the start page: the newest digest of every profile, and the dates of the last days. At least one profile."""
    t = series[0].newest.catalog
    since = max(one.newest.date for one in series) - dt.timedelta(days=RECENT_DAYS - 1)
    recent = sorted(
        (day for one in series for day in one.days if day.date >= since),
        key=lambda day: day.date,
        reverse=True,
    )
    return render(
        "home.html.j2",
        t,
        root="",
        series=series,
        titles={one.profile: one.title for one in series},
        recent=[(date, list(days)) for date, days in groupby(recent, key=lambda day: day.date)],
        search=f"{series[0].profile}/search.html",
        feed="feed.xml",
    )


def starred(series: Sequence[Series]) -> str:
    """Render the page of the starred papers of all profiles. At least one profile."""
    t, search = series[0].newest.catalog, f"{series[0].profile}/search.html"
    return render("starred.html.j2", t, root="", series=series, search=search)


def timeline(series: Series, *, feed: bool) -> str:
    """Render a profile's page: the newest digest, the last days, pictures and months. `feed`: it has a feed of its own."""
    t, threshold = series.newest.catalog, series.newest.entry.threshold
    since = series.newest.date - dt.timedelta(days=RECENT_DAYS - 1)
    recent = [day for day in series.days[:-1] if day.date >= since]
    nights = pictures.nights(series.days)
    weeks = pictures.weeks(series.days) if len(series.days) > len(nights) else []
    best = pictures.best_week(weeks) if weeks else None
    return render(
        "timeline.html.j2",
        t,
        root="../",
        **_of_profile(series),
        newest=series.newest,
        recent=_with_gaps(t, recent, newer=series.newest.date),
        months=list(reversed(series.months.items())),
        nights=nights,
        night_pictures=pictures.draw(t, nights, threshold, by_week=False),
        weeks=weeks,
        week_pictures=pictures.draw(t, weeks, threshold, by_week=True) if weeks else [],
        best_week=best,
        must_reads=_must_reads,
        must_read=t(f"band.{pictures.MUST_READ[1]}"),
        feed="feed.xml" if feed else "",
        usd=lambda amount: _usd(t, amount),
    )


def _must_reads(day: Day) -> list[PickRecord]:
    """Return the picks of a digest in the highest band."""
    return [pick for pick in day.picks if pictures.is_must_read(pick.score)]


def _usd(t: Catalog, amount: float | None) -> str:
    return t("mark.unscored") if amount is None else t.number(f"{amount:.2f}")


def month(series: Series, name: str, *, papers: str) -> str:
    """Render the page of a month, `YYYY/MM`: its digests with their picks, newest first. `papers` is the address of these as BibTeX, or empty."""
    days = series.months[name]
    names = list(series.months)
    at = names.index(name)
    return render(
        "month.html.j2",
        days[-1].catalog,
        root="../../../",
        **_of_profile(series),
        month=name.replace("/", "-"),
        digests=len(days),
        days=_with_gaps(days[-1].catalog, days),
        picks=sum(len(day.picks) for day in days),
        papers=papers,
        older=_month_link(names[at - 1]) if at else None,
        newer=_month_link(names[at + 1]) if at + 1 < len(names) else None,
    )


def _with_gaps(t: Catalog, days: Sequence[Day], newer: dt.date | None = None) -> list[Day | str]:
    """Return digests, newest first, and between two of them the days without one in words; `newer` is the one above."""
    listed: list[Day | str] = []
    for day in reversed(days):
        date = day.date
        if newer is not None and (newer - date).days > 1:
            first, last = t.short_day(date + dt.timedelta(days=1)), t.short_day(newer - dt.timedelta(days=1))
            listed.append(f"{first if first == last else f'{first} – {last}'} — {t('index.gap')}")
        listed.append(day)
        newer = date
    return listed


def _month_link(name: str) -> Neighbor:
    return Neighbor(name.replace("/", "-"), f"../../{name}/index.html")


def search(series: Series) -> str:
    """Render a profile's search page."""
    return render("search.html.j2", series.newest.catalog, root="../", **_of_profile(series))


def day(series: Series, at: int, digest: Digest, *, data: str) -> str:
    """Render the page of the digest at a place of `series.days`. `data` is the address of its JSON, or empty."""
    t = load(digest.language)
    picks = pick_views.pick_views(t, digest)
    shortlist, nearest = candidates.shortlist(digest), candidates.nearest(digest)
    followed = candidates.of_followed(digest)
    above = {id(candidate) for candidate in (*shortlist, *nearest, *followed)}
    others = [candidate for candidate in candidates.others(digest) if id(candidate) not in above]
    lines = _Lines(t, digest, {day.date for day in series.days}, {pick.anchor for pick in picks})
    passed = lines.of(shortlist, in_shortlist=True)
    rows = [line.row for line in passed]
    return render(
        "day.html.j2",
        t,
        root="../../../",
        **_of_profile(series),
        digest=digest,
        date=digest.date.isoformat(),
        older=_day_link(t, digest, series.days[at - 1]) if at else None,
        newer=_day_link(t, digest, series.days[at + 1]) if at + 1 < len(series.days) else None,
        verdict=candidates.verdict(t, digest),
        remarks=_remarks(t, digest, picks, rows),
        sources=notices.sources_line(t, digest),
        notices=notices.notices(t, digest),
        picks=list(zip(picks, digest.picks, strict=True)),
        shortlist=passed,
        shortlist_heading=candidates.shortlist_heading(t, digest),
        legend=pick_views.legend(t, digest, picks, rows),
        nearest=lines.of(nearest),
        followed=lines.of(followed),
        others=lines.of(others),
        others_heading=candidates.others_heading(t, digest, others),
        about_lines=notices.about_lines(t, digest),
        footer=[part for part in (_on_site(part, data) for part in notices.footer(t, digest)) if part],
    )


class _Lines:
    """Makes lines of candidates, with anchors that occur once in the page, and links to the digests that the site has."""

    def __init__(self, t: Catalog, digest: Digest, dates: Collection[dt.date], taken: Iterable[str]) -> None:
        self.t, self.digest, self.dates, self.taken = t, digest, dates, set(taken)

    def of(self, listed: Iterable[Candidate], *, in_shortlist: bool = False) -> list[Line]:
        """Return the lines of some candidates."""
        return [self._line(candidate, in_shortlist=in_shortlist) for candidate in listed]

    def _line(self, candidate: Candidate, *, in_shortlist: bool) -> Line:
        row = candidates.row(self.t, candidate, self.digest, in_shortlist=in_shortlist)
        anchor = labels.anchor(candidate.id)
        if row.seen_link is not None:
            known = candidate.seen_on in self.dates
            address = f"{row.seen_link.url.removesuffix('.md')}.html#{anchor}" if known else ""
            row = replace(row, seen_link=Link(row.seen_link.text, address))
        told = candidate.url == ARXIV_PAGE + candidate.id
        line = Line(row, "" if anchor in self.taken else anchor, "" if told else candidate.id)
        self.taken.add(anchor)
        return line


def _day_link(t: Catalog, digest: Digest, other: Day) -> Neighbor:
    date = other.date
    path = labels.relative_page_path(date, from_day=digest.date).removesuffix(".md") + ".html"
    return Neighbor(t.short_day(date) if date.year == digest.date.year else t.day(date), path)


def _remarks(
    t: Catalog, digest: Digest, picks: Sequence[PickView], shortlist: Sequence[candidates.Row]
) -> list[Neighbor]:
    """Return what follows the verdict, as on the Markdown page: bands, the shortlist with its address, reading time."""
    read = [*picks, *shortlist]
    minutes = pick_views.reading_minutes(picks, [row.brief for row in shortlist])
    remarks = [
        Neighbor(candidates.band_counts(t, digest), ""),
        Neighbor(candidates.shortlist_heading(t, digest) if shortlist else "", "#shortlist"),
        Neighbor(t("verdict.minutes", n=minutes) if read else "", ""),
    ]
    return [remark for remark in remarks if remark.text]


def _on_site(part: Link | str, data: str) -> Link | str:
    """Return a part of the footer; the link to the JSON, which the site does not have, leads to the repository."""
    if isinstance(part, str) or part.url.startswith("http"):
        return part
    return Link(part.text, data) if data else ""


def _of_profile(series: Series) -> dict[str, Any]:
    return {"profile": series.profile, "profile_title": series.title}


def render(name: str, t: Catalog, *, root: str, **values: Any) -> str:
    """Render a template of the site. `root` is the path from the page to the site's root: empty, or ends with `/`."""
    return ENVIRONMENT.get_template(name).render(
        t=t, lang=t.language, foreign=t.language != FALLBACK, root=root, **values
    )
