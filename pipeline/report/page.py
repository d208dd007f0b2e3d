"""The page: one digest as Markdown, the same bytes every time. The templates own all markup.

Whatever a template prints goes through the escaper unless it is `Safe`, and the only Safe values are the
links made here. A variable that is missing is an error, not an empty place.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jinja2

from pipeline.core.artifacts import Candidate, Digest
from pipeline.core.stage_names import STAGES
from pipeline.report import candidates, i18n, labels, notices
from pipeline.report import picks as picking
from pipeline.report.escape import escape, html_text, url
from pipeline.report.i18n import Catalog

TEMPLATES = Path(__file__).parent / "templates"
MOST_BYTES = 400_000  # the publishing job refuses pages above 500,000, and GitHub cuts at 512,000
MOST_IN_SUMMARY = 10

_LINE_ENDS = re.compile(r"[ \t]+$", re.MULTILINE)
_EMPTY_LINES = re.compile(r"\n{3,}")


class Safe(str):
    """Markdown that this module has built from escaped parts."""

    __slots__ = ()


def page(digest: Digest) -> str:
    """The page of one digest, within `MOST_BYTES`.

    Where it would be larger, quotations go first, then the claims of the largest pick, then rejected papers:
    one paper's text is not to cost the others their place.
    """
    rows, proofs, bare = candidates.MOST_ROWS, True, frozenset[str]()
    while len((text := _page(digest, rows, proofs=proofs, bare=bare)).encode()) > MOST_BYTES:
        left = [pick for pick in digest.picks if pick.id not in bare and pick.sections]
        if proofs:
            proofs = False
        elif left:
            bare |= {max(left, key=lambda pick: len(pick.model_dump_json())).id}
        elif rows:
            rows //= 2
        else:
            break
    return text


def summary(digest: Digest) -> str:
    """The job summary of one digest: outcome, scores, cost, what is open, how to make it again."""
    t = i18n.load(digest.language)
    others = candidates.others(digest)
    lost = [candidate for candidate in others if candidate.outcome == "unscored"][:MOST_IN_SUMMARY]
    scored = [candidate for candidate in others if candidate.score is not None][:MOST_IN_SUMMARY]
    rows = [candidates.row(t, candidate, digest) for candidate in [*lost, *scored]]
    return _render(
        "summary.md.j2",
        t=t,
        digest=digest,
        scanned=candidates.scanned(digest),
        picks=[picking.pick_view(t, pick, digest) for pick in digest.picks],
        rows=rows,
        more=len(others) - len(rows),
        notices=notices.notices(t, digest),
        pending=len(digest.pending),
        stages=[stage for stage in STAGES if stage in digest.usage.stages],
        sources=notices.sources_line(t, digest),
        usd=lambda amount: notices.usd(t, amount),
    )


def link(text: str, address: str) -> Safe:
    """A link to an https address; the text alone where the address is none."""
    target = url(address)
    return Safe(f"[{escape(text)}]({target})" if target else escape(text))


def local_link(text: str, path: str) -> Safe:
    """A link within the repository or the page. Only paths that this program has built come here."""
    return Safe(f"[{escape(text)}]({path})")


def _page(digest: Digest, most_rows: int, *, proofs: bool, bare: frozenset[str]) -> str:
    t = i18n.load(digest.language)
    shown = [p.model_copy(update={"sections": ()}) if p.id in bare else p for p in digest.picks]
    picks = [picking.pick_view(t, pick, digest) for pick in shown]
    near = candidates.nearest(digest)
    rest = [candidate for candidate in candidates.others(digest) if candidate not in near]
    return _render(
        "page.md.j2",
        t=t,
        digest=digest,
        weekday=labels.weekday(t, digest.date),
        previous=_previous(digest),
        verdict=candidates.verdict(t, digest),
        remarks=_remarks(t, digest, picks),
        sources=notices.sources_line(t, digest),
        notices=notices.notices(t, digest),
        picks=picks,
        proofs=proofs,
        near=[candidates.row(t, candidate, digest) for candidate in near],
        rest=_rest(t, digest, rest, bool(near)),
        rows=[candidates.row(t, candidate, digest) for candidate in rest[:most_rows]],
        more=max(0, len(rest) - most_rows),
        about=notices.about(t, digest),
        ends=notices.ends(t, digest),
    )


def _previous(digest: Digest) -> candidates.Link | None:
    if digest.previous is None:
        return None
    same_year = digest.previous.year == digest.date.year
    text = f"← {digest.previous:%m-%d}" if same_year else f"← {digest.previous.isoformat()}"
    return candidates.Link(text, labels.path_to(digest.previous, of=digest.date))


def _remarks(t: Catalog, digest: Digest, picks: Sequence[picking.PickView]) -> list[str]:
    """What follows the verdict: the bands, whether more would have passed, how long it takes to read."""
    if not picks:
        return []
    remarks = [candidates.bands(t, digest)]
    crowded = sum(candidate.outcome == "not_picked" for candidate in digest.candidates)
    if crowded:
        full = "verdict.full_local" if digest.engine == "local" else "verdict.full"
        remarks.append(t(full, n=crowded, threshold=digest.threshold))
    remarks.append(t("verdict.minutes", n=picking.minutes(picks)))
    return [remark for remark in remarks if remark]


def _rest(t: Catalog, digest: Digest, rest: Sequence[Candidate], near: bool) -> str:
    """The title of the fold with all other candidates: with those scanned, they add up to what the verdict says."""
    scores = [c.score for c in candidates.others(digest) if c.score is not None and c.outcome != "seen"]
    best = t("mark.aside", text=t("rest.best", score=max(scores))) if scores else ""
    new = sum(candidate.outcome != "seen" for candidate in rest)
    parts = [t("rest.summary" if digest.picks or near else "rest.all", n=new) + best] if new else []
    if seen := len(rest) - new:
        parts.append(t("rest.seen", n=seen))
    return " · ".join(parts)


def _render(name: str, **values: Any) -> str:
    """The template filled in, without blanks at the ends of lines, and with one empty line where there are more."""
    text = _environment().get_template(name).render(**values)
    return _EMPTY_LINES.sub("\n\n", _LINE_ENDS.sub("", text)).strip("\n") + "\n"


@functools.cache
def _environment() -> jinja2.Environment:
    """Jinja with the escaper as `finalize`: it sees every printed expression and no template text."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=False,  # noqa: S701 - the escaper is ours, see _printed
        undefined=jinja2.StrictUndefined,
        finalize=_printed,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals.update(link=link, local_link=local_link, html=_html)
    return environment


def _printed(value: object) -> str:
    return value if isinstance(value, Safe) else escape(str(value))


def _html(text: str) -> Safe:
    return Safe(html_text(text))
