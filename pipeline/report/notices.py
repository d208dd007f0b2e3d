"""Compute what a page says about itself: failures, models, cost, pending papers, and the meaning of a score."""

from dataclasses import dataclass

from pipeline.core.artifacts import Digest
from pipeline.core.models import RECORDED, WITHDRAWN, SourceStatus
from pipeline.core.stage_names import Stage
from pipeline.report.candidates import Link, pending_ids
from pipeline.report.escape import clean
from pipeline.report.i18n import Catalog
from pipeline.report.labels import display_title, source_name

MAX_LISTED_TITLE = 100  # characters
MAX_LISTED = 20


@dataclass(frozen=True)
class Notice:
    """A sentence at the top of the page; an urgent one gets a warning sign."""

    text: str
    urgent: bool


def notices(t: Catalog, digest: Digest) -> list[Notice]:
    """Return what a reader must know before trusting the list, most severe first."""
    result = [
        Notice(
            t(
                "notice.source",
                source=source_name(t, source.name),
                note=t("mark.aside", text=clean(source.note)) if source.note else "",
            ),
            urgent=True,
        )
        for source in digest.sources
        if source.status == "failed"
    ]
    result += [
        Notice(t("notice.gap", source=source_name(t, source.name), text=clean(gap)), urgent=True)
        for source in digest.sources
        for gap in source.gaps
    ]
    pending = pending_ids(digest)
    unscored = [c.id in pending for c in digest.candidates if c.outcome == "unscored"]
    unread = [pick.id in pending for pick in digest.picks if not pick.headline]
    dropped = (unscored + unread).count(False)
    counts = (("unscored", sum(unscored)), ("unread", sum(unread)), ("given_up", dropped))
    result += [Notice(t(f"notice.{name}", n=count), urgent=True) for name, count in counts if count]
    if digest.engine == "local":
        result.append(Notice(t("notice.local"), urgent=False))
    for recorded in _recordings(digest):
        name, _, date = recorded.removeprefix(RECORDED).partition("@")
        result.append(Notice(t("notice.recorded", name=name, date=date), urgent=False))
    return result


def _recordings(digest: Digest) -> list[str]:
    """The recorded models whose answers were replayed for the page."""
    judges = {candidate.judged_by.split(" ")[0] for candidate in digest.candidates}
    return sorted(name for name in judges if name.startswith(RECORDED))


def about_lines(t: Catalog, digest: Digest) -> list[str]:
    """Return the lines of the collapsible "How this page was made" at the end of the page."""
    return [
        *(_source(t, source) for source in digest.sources),
        _engine(t, digest),
        _usage(t, digest),
        *([t("about.recorded")] if _recordings(digest) else []),
        *_unfinished(t, digest),
        t(f"about.bands_{digest.engine}", places=digest.places, threshold=digest.threshold),
        *([t("about.compared")] if "final" in digest.provenance.prompts else []),
        *_votes(t, digest),
        t(f"about.promise_{digest.engine}"),
        *_gates_off(t, digest),
        *([t("about.promise_briefs")] if _has_written_briefs(digest) else []),
        *([t("about.read_on")] if any(pick.read_on for pick in digest.picks) else []),
        *([t("vote.about")] if digest.vote_links else []),
    ]


def _has_written_briefs(digest: Digest) -> bool:
    return any(candidate.brief and not candidate.brief.quoted for candidate in digest.candidates)


def _votes(t: Catalog, digest: Digest) -> list[str]:
    """Say what was learned from how many votes; nothing if there were none."""
    if (used := digest.votes_used) is None:
        return []
    parts = [t("about.votes", n=used.more + used.less, more=used.more, less=used.less)]
    parts += [t("about.votes_examples", n=used.examples)] if used.examples else []
    return [t("mark.comma").join(parts)]


def _gates_off(t: Catalog, digest: Digest) -> list[str]:
    """Say which gates the language lacks; without a model there are no claims to check."""
    if digest.engine == "local" or not (off := t.gates_off):
        return []
    return [t("about.gates_off", gates=t("mark.comma").join(t(f"dropped.{gate}") for gate in off))]


def _source(t: Catalog, source: SourceStatus) -> str:
    name, status = source_name(t, source.name), t(f"status.{source.status}")
    parts = [t("about.source", source=name, status=status, n=source.count)]
    # A report of an older version carries no watermark. Past days that are given up on this page nothing is complete.
    carried = source.watermark is not None or source.first_failure is not None
    complete = source.watermark if carried else source.through
    if complete is not None and not source.gaps:
        parts.append(t("about.through", date=t.day(complete)))
    if source.note:
        parts.append(source.note)
    if source.waiting:
        parts.append(t("about.waiting", n=len(source.waiting)))
    return t("mark.comma").join(parts)


def _engine(t: Catalog, digest: Digest) -> str:
    """Return the models, prompts, profile and program version that made the page."""
    if digest.engine == "local":
        parts = [t("about.engine_local")]
    else:
        names = sorted(
            {c.judged_by.split(" ")[0] for c in digest.candidates if c.judged_by not in {"", WITHDRAWN}}
        )
        parts = [t("about.engine_claude", names=t("mark.comma").join(names) or digest.engine)]
        if readers := sorted({pick.read_by.split(" ")[0] for pick in digest.picks if pick.read_by}):
            parts.append(t("about.read_by", names=t("mark.comma").join(readers)))
        second = {pick.second_reader.model for pick in digest.picks if pick.second_reader} - {""}
        if second:
            parts.append(t("about.read_again_by", names=t("mark.comma").join(sorted(second))))
        prompts = [digest.provenance.prompts[stage] for stage in sorted(digest.provenance.prompts)]
        parts.append(t("about.prompts", names=t("mark.comma").join(prompts)))
    parts.append(t("about.profile", name=digest.provenance.profile))
    parts.append(t("about.version", version=digest.provenance.version))
    return " · ".join(parts)


def _usage(t: Catalog, digest: Digest) -> str:
    usage = digest.usage
    if not usage.calls:
        return t("about.no_calls")
    return t(
        "about.usage",
        n=usage.calls,
        input=t.number(f"{usage.input_tokens:,}"),
        output=t.number(f"{usage.output_tokens:,}"),
        usd=format_usd(t, usage.usd),
    )


def format_usd(t: Catalog, amount: float | None) -> str:
    """Format an amount as `0.12 USD`; never with a dollar sign, which GitHub may parse as math."""
    if amount is None:
        return t("about.usd_unknown")
    return t("about.usd_small") if 0 < amount < 0.005 else t("about.usd", usd=t.number(f"{amount:.2f}"))


def _unfinished(t: Catalog, digest: Digest) -> list[str]:
    """List the papers that the next run retries and those that no run retries, `MAX_LISTED` at most."""
    titles = {candidate.id: candidate.title for candidate in digest.candidates}

    def fields(paper_id: str, stage: Stage, reason: str) -> dict[str, str]:
        title = display_title(titles.get(paper_id, paper_id), MAX_LISTED_TITLE)
        return {"title": title, "stage": t(f"stage.{stage}"), "reason": clean(reason)}

    pending = [
        t("about.pending", date=t.day(p.since), **fields(p.id, p.stage, p.reason)) for p in digest.pending
    ]
    skipped = [t("about.given_up", **fields(s.id, s.stage, s.reason)) for s in digest.skipped]
    omitted = len(pending) + len(skipped) - MAX_LISTED
    listed = (pending + skipped)[:MAX_LISTED]
    return [*listed, t("rest.more", n=omitted)] if omitted > 0 else listed


def sources_line(t: Catalog, digest: Digest) -> str:
    """Return the papers per source, and how many were in more than one: `arXiv 48 · Hugging Face 12`."""
    counts = [f"{source_name(t, s.name)} {s.count}" for s in digest.sources if s.count]
    duplicates = sum(len(candidate.signals) > 1 for candidate in digest.candidates)
    return " · ".join([*counts, t("source.twice", n=duplicates)] if duplicates else counts)


def footer(t: Catalog, digest: Digest) -> list[Link | str]:
    """Return the parts of the last line: time of generation, links to run and JSON."""
    run = [Link(t("about.run"), digest.run_url)] if digest.run_url else []
    return [
        t("about.generated", time=t.moment(digest.generated_at)),
        *run,
        Link(t("about.data"), f"{digest.date.isoformat()}.json"),
    ]
