"""What a page says about itself: what went wrong, who judged, what it cost, what is open, what to expect of a score."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.core.artifacts import Digest
from pipeline.core.models import SourceStatus
from pipeline.core.stage_names import Stage
from pipeline.report.candidates import Link, open_ids
from pipeline.report.escape import clean
from pipeline.report.i18n import Catalog
from pipeline.report.labels import shown_title, source_name

LONGEST_LISTED = 100
MOST_LISTED = 20


@dataclass(frozen=True)
class Notice:
    """A sentence at the top of the page; urgent ones are marked."""

    text: str
    urgent: bool


def notices(t: Catalog, digest: Digest) -> list[Notice]:
    """What a reader has to know before trusting the list, worst first."""
    found = [
        Notice(
            t("notice.source", source=source_name(t, source.name), note=_aside(t, source.note)), urgent=True
        )
        for source in digest.sources
        if source.status == "failed"
    ]
    left = open_ids(digest)
    unscored = [c.id in left for c in digest.candidates if c.outcome == "unscored"]
    unread = [pick.id in left for pick in digest.picks if not pick.headline]
    given_up = (unscored + unread).count(False)
    counts = (("unscored", sum(unscored)), ("unread", sum(unread)), ("given_up", given_up))
    found += [Notice(t(f"notice.{name}", n=count), urgent=True) for name, count in counts if count]
    if digest.engine == "local":
        found.append(Notice(t("notice.local"), urgent=False))
    return found


def _aside(t: Catalog, text: str) -> str:
    return t("mark.aside", text=clean(text)) if clean(text) else ""


def about(t: Catalog, digest: Digest) -> list[str]:
    """The lines of the fold at the end of the page."""
    return [
        *(_source(t, source) for source in digest.sources),
        _engine(t, digest),
        _usage(t, digest),
        *_open(t, digest),
        t(f"about.bands_{digest.engine}", places=digest.places, threshold=digest.threshold),
        t(f"about.promise_{digest.engine}"),
    ]


def _source(t: Catalog, source: SourceStatus) -> str:
    name, status = source_name(t, source.name), t(f"status.{source.status}")
    parts = [t("about.source", source=name, status=status, n=source.count)]
    if source.through is not None:
        parts.append(t("about.through", date=source.through.isoformat()))
    if note := clean(source.note):
        parts.append(note)
    return t("mark.comma").join(parts)


def _engine(t: Catalog, digest: Digest) -> str:
    """Which models, prompts, profile and program made the page."""
    if digest.engine == "local":
        parts = [t("about.engine_local")]
    else:
        names = sorted({c.judged_by.split(" ")[0] for c in digest.candidates if c.judged_by})
        parts = [t("about.engine_claude", names=t("mark.comma").join(names) or digest.engine)]
        if readers := sorted({pick.read_by.split(" ")[0] for pick in digest.picks if pick.read_by}):
            parts.append(t("about.read_by", names=t("mark.comma").join(readers)))
        prompts = [digest.provenance.prompts[stage] for stage in sorted(digest.provenance.prompts)]
        parts.append(t("about.prompts", names=t("mark.comma").join(prompts)))
    parts.append(t("about.profile", name=digest.provenance.profile))
    parts.append(t("about.version", version=digest.provenance.version))
    return " · ".join(parts)


def _usage(t: Catalog, digest: Digest) -> str:
    usage = digest.usage
    if not usage.calls:
        return t("about.no_calls")
    tokens = {"input": f"{usage.input_tokens:,}", "output": f"{usage.output_tokens:,}"}
    return t("about.usage", n=usage.calls, usd=usd(t, usage.usd), **tokens)


def usd(t: Catalog, amount: float | None) -> str:
    """`0.12 USD`; never with a dollar sign, which GitHub may take for mathematics."""
    if amount is None:
        return t("about.usd_unknown")
    return t("about.usd_small") if 0 < amount < 0.005 else t("about.usd", usd=f"{amount:.2f}")


def _open(t: Catalog, digest: Digest) -> list[str]:
    """What the next run will take up again, and what no run will."""
    titles = {candidate.id: candidate.title for candidate in digest.candidates}

    def fields(paper: str, stage: Stage, reason: str) -> dict[str, str]:
        title = shown_title(titles.get(paper, paper), LONGEST_LISTED)
        return {"title": title, "stage": t(f"stage.{stage}"), "reason": clean(reason)}

    pending = [
        t("about.pending", date=p.since.isoformat(), **fields(p.id, p.stage, p.reason))
        for p in digest.pending
    ]
    skipped = [t("about.given_up", **fields(s.id, s.stage, s.reason)) for s in digest.skipped]
    more = len(pending) + len(skipped) - MOST_LISTED
    listed = (pending + skipped)[:MOST_LISTED]
    return [*listed, t("rest.more", n=more)] if more > 0 else listed


def sources_line(t: Catalog, digest: Digest) -> str:
    """How many papers each source brought, and how many of them more than one: `arXiv 48 · Hugging Face 12`."""
    counts = [f"{source_name(t, s.name)} {s.count}" for s in digest.sources if s.count]
    twice = sum(len(candidate.signals) > 1 for candidate in digest.candidates)
    return " · ".join([*counts, t("source.twice", n=twice)] if twice else counts)


def ends(t: Catalog, digest: Digest) -> list[Link | str]:
    """The last line: when it was made, by which run, and the data behind it."""
    made = digest.generated_at.strftime("%Y-%m-%d %H:%M")
    run = [Link(t("about.run"), digest.run_url)] if digest.run_url else []
    return [t("about.generated", time=made), *run, Link(t("about.data"), f"{digest.date.isoformat()}.json")]
