"""Render one digest as a Markdown page and as a job summary. The same digest always gives the same bytes.

The templates own all markup. Every value that a template prints is escaped unless it is `Safe`; the only Safe
values are the links and the escaped HTML text built in this module. An undefined variable raises an error
instead of printing nothing.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

import jinja2

from pipeline.core.artifacts import Digest
from pipeline.core.stage_names import Call
from pipeline.report import candidates, i18n, labels, notices
from pipeline.report import picks as pick_views
from pipeline.report.escape import escape, escape_html, escape_url
from pipeline.report.i18n import Catalog

TEMPLATES = Path(__file__).parent / "templates"
MAX_BYTES = 400_000  # the publishing job refuses pages above 500,000, and GitHub truncates at 512,000
MAX_SUMMARY_ROWS = 10

_TRAILING_BLANKS = re.compile(r"[ \t]+$", re.MULTILINE)
_EMPTY_LINES = re.compile(r"\n{3,}")


class Safe(str):  # noqa: SLOT000
    """Markdown that this module has built from escaped parts."""


def link(text: str, address: str) -> Safe:
    """Return a Markdown link to an https address, or only the escaped text if the address is not one."""
    target = escape_url(address)
    return Safe(f"[{escape(text)}]({target})" if target else escape(text))


def local_link(text: str, path: str) -> Safe:
    """Return a Markdown link within the repository or the page. `path` is trusted: the program has built it."""
    return Safe(f"[{escape(text)}]({path})")


def _html(text: str) -> Safe:
    return Safe(escape_html(text))


def _finalize(value: object) -> str:
    return value if isinstance(value, Safe) else escape(str(value))


# The escaper is `finalize`: it gets printed expressions, not template text.
ENVIRONMENT = jinja2.Environment(
    loader=jinja2.FileSystemLoader(TEMPLATES),
    autoescape=False,  # noqa: S701 - _finalize escapes for Markdown, which autoescape cannot
    undefined=jinja2.StrictUndefined,
    finalize=_finalize,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)
ENVIRONMENT.globals.update(link=link, local_link=local_link, html=_html)


def page(digest: Digest) -> str:
    """Render the page of one digest in at most `MAX_BYTES`.

    A larger page first loses its quotations, then the claims of one pick after another, largest first, then
    half of the rejected papers at a time: the text of one paper must not crowd out the others.
    """
    max_rows, quotes = candidates.MAX_ROWS, True
    while len((text := _page(digest, max_rows, quotes=quotes)).encode()) > MAX_BYTES and max_rows:
        if quotes:
            quotes = False
        elif any(pick.sections for pick in digest.picks):
            digest = _without_largest_claims(digest)
        else:
            max_rows //= 2
    return text


def _without_largest_claims(digest: Digest) -> Digest:
    """Drop the sections of the pick that takes the most space."""
    largest = max(
        (pick for pick in digest.picks if pick.sections), key=lambda pick: len(pick.model_dump_json())
    )
    empty = largest.model_copy(update={"sections": ()})
    picks = tuple(empty if pick is largest else pick for pick in digest.picks)
    return digest.model_copy(update={"picks": picks})


def summary(digest: Digest) -> str:
    """Render the job summary of one digest: outcome, scores, cost, pending papers, and how to rerun it."""
    t = i18n.load(digest.language)
    others = candidates.others(digest)
    unscored = [candidate for candidate in others if candidate.outcome == "unscored"]
    scored = [candidate for candidate in others if candidate.score is not None]
    listed = [row for group in (unscored, scored) for row in candidates.share_rows(group, MAX_SUMMARY_ROWS)]
    rows = [candidates.row(t, candidate, digest) for candidate in listed]
    return _render(
        "summary.md.j2",
        t=t,
        digest=digest,
        scanned=candidates.scanned(digest),
        picks=pick_views.pick_views(t, digest),
        rows=rows,
        omitted=len(others) - len(rows),
        notices=notices.notices(t, digest),
        pending=len(digest.pending),
        stages=[stage for stage in get_args(Call) if stage in digest.usage.stages],
        sources=notices.sources_line(t, digest),
        format_usd=lambda amount: notices.format_usd(t, amount),
    )


def _page(digest: Digest, max_rows: int, *, quotes: bool) -> str:
    t = i18n.load(digest.language)
    picks = pick_views.pick_views(t, digest)
    shortlist = candidates.shortlist(digest)
    nearest = candidates.nearest(digest)
    followed = candidates.of_followed(digest)
    in_sight = [*shortlist, *nearest, *followed]
    others = [c for c in candidates.others(digest) if c not in in_sight]
    rows = [candidates.row(t, candidate, digest, in_shortlist=True) for candidate in shortlist]
    return _render(
        "page.md.j2",
        t=t,
        digest=digest,
        weekday=labels.weekday(t, digest.date),
        previous_link=_previous_link(t, digest),
        verdict=candidates.verdict(t, digest),
        remarks=_remarks(t, digest, picks, rows),
        sources=notices.sources_line(t, digest),
        notices=notices.notices(t, digest),
        picks=picks,
        show_quotes=quotes,
        shortlist=rows,
        shortlist_heading=candidates.shortlist_heading(t, digest),
        legend=pick_views.legend(t, digest, picks, rows),
        followed=[candidates.row(t, candidate, digest) for candidate in followed],
        nearest=[candidates.row(t, candidate, digest) for candidate in nearest],
        others_heading=candidates.others_heading(t, digest, others),
        rows=[candidates.row(t, candidate, digest) for candidate in candidates.share_rows(others, max_rows)],
        omitted=max(0, len(others) - max_rows),
        about_lines=notices.about_lines(t, digest),
        footer=notices.footer(t, digest),
    )


def _previous_link(t: Catalog, digest: Digest) -> candidates.Link | None:
    if digest.previous is None:
        return None
    same_year = digest.previous.year == digest.date.year
    text = f"← {t.short_day(digest.previous) if same_year else t.day(digest.previous)}"
    return candidates.Link(text, labels.relative_page_path(digest.previous, from_day=digest.date))


def _remarks(
    t: Catalog, digest: Digest, picks: Sequence[pick_views.PickView], shortlist: Sequence[candidates.Row]
) -> list[str]:
    """Return what follows the verdict: picks per band, how many more papers passed, reading time."""
    read = [*picks, *shortlist]
    remarks = [
        candidates.band_counts(t, digest),
        local_link(candidates.shortlist_heading(t, digest), "#shortlist") if shortlist else "",
        t("verdict.minutes", n=pick_views.reading_minutes(picks, [row.brief for row in shortlist]))
        if read
        else "",
    ]
    return [remark for remark in remarks if remark]


def _render(name: str, **values: Any) -> str:
    """Render a template, strip trailing blanks, and collapse runs of empty lines into one."""
    text = ENVIRONMENT.get_template(name).render(**values)
    return _EMPTY_LINES.sub("\n\n", _TRAILING_BLANKS.sub("", text)).strip("\n") + "\n"
