"""Compute what the page shows of a pick: its line in the overview, and its block with all claims and evidence."""

import datetime as dt
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.core.artifacts import Candidate, CitedClaim, CitedSection, Digest, Evidence, Pick
from pipeline.core.models import LIMITATIONS, Flag
from pipeline.report.candidates import Link, note, pending_ids
from pipeline.report.escape import clean
from pipeline.report.i18n import Catalog
from pipeline.report.labels import anchor, band, display_title, score_label, source_name, truncate

AUTHORS_SHOWN = 3
MAX_PLACE_LENGTH = 24  # characters
CJK_PER_MINUTE = 400
WORDS_PER_MINUTE = 220

_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_WORD = re.compile(r"[A-Za-z0-9][\w'’.-]*")
_SECTION_NUMBER = re.compile(r"(\d+(?:\.\d+)*|[A-Z](?:\.\d+)+)\.?(?=\s|$)")


@dataclass(frozen=True)
class ClaimView:
    """A claim: its number in the section, links to the places that it cites, and the quotations from there."""

    number: int
    text: str
    links: tuple[Link, ...]
    quotes: tuple[tuple[str, Link], ...]


@dataclass(frozen=True)
class ClaimGroup:
    """Claims of one kind, stated or inferred, under their heading."""

    heading: str
    claims: tuple[ClaimView, ...]


@dataclass(frozen=True)
class SectionView:
    """A section: its stated and its inferred claims in separate groups, and whether it is collapsed at first.

    `count` follows the title of a collapsed section. `empty_note` explains that the section has no claims, or no
    stated ones. `quote_count` is the number of quotations in the collapsible evidence: 0 if the claims
    themselves are quotations.
    """

    title: str
    count: str
    folded: bool
    groups: tuple[ClaimGroup, ...]
    empty_note: str
    quote_count: int

    @property
    def claims(self) -> tuple[ClaimView, ...]:
        """All claims of the section, in the order of their numbers."""
        return tuple(claim for group in self.groups for claim in group.claims)


@dataclass(frozen=True)
class PickView:
    """The texts of a pick for the templates.

    `score_label` is a rank and `band` is empty without a model. `no_analysis_note` explains a missing
    analysis and is empty otherwise. `check_results` are the counts in the last line: sentences read, claims and
    numbers that passed the checks, claims removed.
    """

    anchor: str
    score_label: str
    band: str
    title: str
    headline: str
    hook: str
    reason: str
    spread: str
    subscores: str
    basis: str
    abstract_only: bool
    signals: tuple[str, ...]
    authors: str
    links: tuple[Link, ...]
    flags: tuple[Flag, ...]
    sections: tuple[SectionView, ...]
    no_analysis_note: str
    check_results: tuple[str, ...]

    @property
    def quote_count(self) -> int:
        """The number of quotations in the collapsible evidence of the pick.

        It is one element per pick, not per section: each takes two lines on a phone.
        """
        return sum(section.quote_count for section in self.sections)


def pick_view(t: Catalog, pick: Pick, digest: Digest) -> PickView:
    """Return all texts of a pick's line and block, in the language of `t`."""
    candidate = next(candidate for candidate in digest.candidates if candidate.id == pick.id)
    local = digest.engine == "local"
    headline = clean(pick.headline)
    state = "pending" if pick.id in pending_ids(digest) else "given_up"
    visible = [s for s in pick.sections if s.claims or not local]
    sections = tuple(_section(t, s, folded=0 < i < len(visible) - 1) for i, s in enumerate(visible))
    return PickView(
        anchor=anchor(pick.id),
        score_label=score_label(t, pick.score, candidate.rank, local=local),
        band=band(t, pick.score),
        title=display_title(pick.title) or pick.id,
        headline="" if local else headline,
        hook=clean(pick.hook) if headline else t(f"pick.{state}_short"),
        reason=note(t, candidate, digest) if local else clean(candidate.reason),
        spread="" if candidate.spread is None else t("pick.spread", spread=round(candidate.spread)),
        subscores=_subscores(t, candidate),
        basis=t("basis.line", basis=t(f"basis.{pick.basis}")),
        abstract_only=pick.basis == "abstract",
        signals=_signals(t, candidate, digest.date),
        authors=_authors(t, pick),
        links=_links(t, pick),
        flags=pick.flags,
        sections=sections,
        no_analysis_note="" if headline else t(f"pick.{state}"),
        check_results=_check_results(t, pick, sections, local=local),
    )


def reading_minutes(picks: Sequence[PickView]) -> int:
    """Estimate the minutes to read all picks with every section open, without the quotations; at least 1."""
    texts = [text for p in picks for text in (p.title, p.headline, p.hook, p.reason)]
    texts += [claim.text for p in picks for section in p.sections for claim in section.claims]
    characters = sum(len(_CJK.findall(text)) for text in texts)
    words = sum(len(_WORD.findall(text)) for text in texts)
    return max(1, math.ceil(characters / CJK_PER_MINUTE + words / WORDS_PER_MINUTE))


def _subscores(t: Catalog, candidate: Candidate) -> str:
    """Return the three subscores behind a score; empty if no model has scored the paper."""
    if candidate.topic is None:
        return ""
    marks = {name: getattr(candidate, name) for name in ("topic", "transfer", "substance")}
    return t("pick.marks", **{name: f"{mark:.1f}".removesuffix(".0") for name, mark in marks.items()})


def _signals(t: Catalog, candidate: Candidate, date: dt.date) -> tuple[str, ...]:
    """Return each source that listed the paper, with its upvotes, and the date if it is not the digest's."""
    signals = []
    for name, signal in sorted(candidate.signals.items()):
        parts = [source_name(t, name)]
        if signal.day != date:
            parts.append(f"{signal.day:%m-%d}")
        if signal.upvotes:
            parts.append(t("pick.votes", n=signal.upvotes))
        signals.append(" ".join(parts))
    return tuple(signals)


def _authors(t: Catalog, pick: Pick) -> str:
    shown = [clean(author) for author in pick.authors[:AUTHORS_SHOWN]]
    names, total = ", ".join(shown), len(pick.authors) + pick.more_authors
    more = total - len(shown)
    return t("pick.authors_more", names=names, n=more, total=total) if more else names


def _links(t: Catalog, pick: Pick) -> tuple[Link, ...]:
    links = pick.links
    targets = {
        "other_page" if pick.id.startswith("feed-") else "page": links.page,
        "pdf": links.pdf,
        "html": links.html,
        "huggingface": links.huggingface,
        "code": links.code,
        "project": links.project,
    }
    return tuple(Link(t(f"link.{kind}"), address) for kind, address in targets.items() if address)


def _section(t: Catalog, section: CitedSection, *, folded: bool) -> SectionView:
    """Return the view of a section; `folded` has no effect on a section without claims.

    The caller folds all sections between the first and the last, so that on a phone the contribution and the
    limitations are visible first.
    """
    groups = _groups(t, section)
    count = len(section.claims)
    evidence = [(c.text, e.quote) for c in section.claims for e in c.evidence]
    return SectionView(
        title=groups[0].heading if len(groups) == 1 else _title(section),
        count=t("pick.folded", n=count),
        folded=folded and bool(count),
        groups=groups,
        empty_note=_empty_note(t, section),
        quote_count=len(evidence) if any(quote != text for text, quote in evidence) else 0,
    )


def _title(section: CitedSection) -> str:
    return clean(section.title) or clean(section.id)


def _groups(t: Catalog, section: CitedSection) -> tuple[ClaimGroup, ...]:
    """Group the claims into stated, then inferred, numbered consecutively. At least one group, possibly empty."""
    stated = [claim for claim in section.claims if claim.kind == "stated"]
    inferred = [claim for claim in section.claims if claim.kind == "inference"]
    views = [_claim(t, claim, number) for number, claim in enumerate(stated + inferred, start=1)]
    title = _title(section)
    groups = []
    if inferred or section.kind == "inference":
        heading = t("pick.inferred_title", title=title)
        groups.append(ClaimGroup(heading, tuple(views[len(stated) :])))
    if stated or not groups:
        label_stated = section.id == LIMITATIONS or inferred
        heading = t("pick.stated_title", title=title) if stated and label_stated else title
        groups.insert(0, ClaimGroup(heading, tuple(views[: len(stated)])))
    return tuple(groups)


def _empty_note(t: Catalog, section: CitedSection) -> str:
    """Explain that a section has no claims, or no limitations stated by the authors; empty if neither applies."""
    if section.id == LIMITATIONS and not any(claim.kind == "stated" for claim in section.claims):
        return t("pick.none_stated")
    if section.claims:
        return ""
    return t("pick.empty_inference" if section.kind == "inference" else "pick.empty")


def _claim(t: Catalog, claim: CitedClaim, number: int) -> ClaimView:
    places = [Link(_place(t, evidence), evidence.url) for evidence in claim.evidence]
    quotes = zip((evidence.quote for evidence in claim.evidence), places, strict=True)
    text = clean(claim.text)
    if any(evidence.quote == claim.text for evidence in claim.evidence):
        text = t("mark.quote", text=text)  # a sentence of the paper itself: mark it as a quotation
    return ClaimView(number=number, text=text, links=tuple(dict.fromkeys(places)), quotes=tuple(quotes))


def _place(t: Catalog, evidence: Evidence) -> str:
    """Return the location of a sentence: `§3.2`, `p. 5`, `abstract`, or the truncated title of the section."""
    section = clean(evidence.section)
    if evidence.anchor and evidence.anchor.startswith("page="):
        return t("place.page", page=evidence.anchor.removeprefix("page="))
    if section.lower() == "abstract":
        return t("place.abstract")
    number = _SECTION_NUMBER.match(section)
    if number:
        return f"§{number.group(1)}"
    return truncate(section, MAX_PLACE_LENGTH) or t("place.sentence", sentence=evidence.sentence)


def _check_results(
    t: Catalog, pick: Pick, sections: Sequence[SectionView], *, local: bool
) -> tuple[str, ...]:
    """Return the sentences read, the claims and numbers that passed the checks, and the claims removed."""
    count = sum(len(section.claims) for section in sections)
    read = t("basis.read", basis=t(f"basis.{pick.basis}"), n=pick.sentences_read)
    if local:
        return read, t("pick.quoted", n=count)
    return (
        read,
        t("pick.grounded", claims=count),
        t("pick.numbers", numbers=pick.numbers_checked),
        t("pick.removed", n=pick.claims_dropped),
    )
