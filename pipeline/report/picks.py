"""A pick as the page shows it: its line in the overview, and its block with every claim and its proof."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.core.artifacts import Candidate, CitedClaim, CitedSection, Digest, Evidence, Pick
from pipeline.core.models import LIMITATIONS, Flag
from pipeline.report.candidates import Link, note, open_ids
from pipeline.report.escape import clean
from pipeline.report.i18n import Catalog
from pipeline.report.labels import anchor, band, mark, short, shown_title, source_name

AUTHORS_SHOWN = 3
LONGEST_PLACE = 24
CJK_A_MINUTE = 400
WORDS_A_MINUTE = 220

_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_WORD = re.compile(r"[A-Za-z0-9][\w'’.-]*")
_NUMBERED = re.compile(r"(\d+(?:\.\d+)*|[A-Z](?:\.\d+)+)\.?(?=\s|$)")


@dataclass(frozen=True)
class ClaimView:
    """A claim with its number in the section, the places it rests on, and the sentences there."""

    number: int
    text: str
    links: tuple[Link, ...]
    quotes: tuple[tuple[str, Link], ...]


@dataclass(frozen=True)
class Group:
    """Claims of one kind under their heading."""

    heading: str
    claims: tuple[ClaimView, ...]


@dataclass(frozen=True)
class SectionView:
    """A section: what is stated and what is inferred, apart; whether it is folded away at first.

    `count` stands behind a folded title; `aside` says what there is none of; `quotes` counts the sentences
    for the fold of proofs, 0 where the claims are the quotations themselves.
    """

    title: str
    count: str
    folded: bool
    groups: tuple[Group, ...]
    aside: str
    quotes: int

    @property
    def claims(self) -> tuple[ClaimView, ...]:
        """All claims, in the order of their numbers."""
        return tuple(claim for group in self.groups for claim in group.claims)


@dataclass(frozen=True)
class PickView:
    """A pick, ready to be printed.

    `unread` says why there is no analysis, where there is none; `checked` is the line of figures at the end.
    """

    anchor: str
    mark: str
    out_of: bool
    band: str
    title: str
    headline: str
    hook: str
    reason: str
    spread: str
    marks: str
    basis: str
    abstract_only: bool
    signals: tuple[str, ...]
    authors: str
    links: tuple[Link, ...]
    flags: tuple[Flag, ...]
    sections: tuple[SectionView, ...]
    unread: str
    checked: tuple[str, ...]

    @property
    def quotes(self) -> int:
        """How many sentences the fold of proofs holds: one fold a pick, since each costs a phone two lines."""
        return sum(section.quotes for section in self.sections)


def pick_view(t: Catalog, pick: Pick, digest: Digest) -> PickView:
    """A pick with all that its block says."""
    found = next((c for c in digest.candidates if c.id == pick.id), None)
    local = digest.engine == "local"
    title = shown_title(pick.title) or pick.id
    headline = clean(pick.headline)
    unread = "pending" if pick.id in open_ids(digest) else "given_up"
    shown = [s for s in pick.sections if s.claims or not local]
    sections = tuple(_section(t, s, folded=0 < i < len(shown) - 1) for i, s in enumerate(shown))
    return PickView(
        anchor=anchor(pick.id),
        mark=mark(t, pick.score, found.rank if found else None, local=local),
        out_of=pick.score is not None,
        band=band(t, pick.score),
        title=title,
        headline="" if local else headline,
        hook=clean(pick.hook) if headline else t(f"pick.{unread}_short"),
        reason=_reason(t, found, digest),
        spread=_spread(t, found),
        marks=_marks(t, found),
        basis=t("basis.line", basis=t(f"basis.{pick.basis}")),
        abstract_only=pick.basis == "abstract",
        signals=_signals(t, found, digest.date),
        authors=_authors(t, pick),
        links=_links(t, pick),
        flags=pick.flags,
        sections=sections,
        unread="" if headline else t(f"pick.{unread}"),
        checked=_checked(t, pick, sections, local=local),
    )


def minutes(picks: Sequence[PickView]) -> int:
    """Minutes to read all picks with every section open, without the quotations."""
    texts = [text for p in picks for text in (p.title, p.headline, p.hook, p.reason)]
    texts += [claim.text for p in picks for section in p.sections for claim in section.claims]
    characters = sum(len(_CJK.findall(text)) for text in texts)
    words = sum(len(_WORD.findall(text)) for text in texts)
    return max(1, math.ceil(characters / CJK_A_MINUTE + words / WORDS_A_MINUTE))


def _reason(t: Catalog, candidate: Candidate | None, digest: Digest) -> str:
    if candidate is None:
        return ""
    return note(t, candidate, digest) if digest.engine == "local" else clean(candidate.reason)


def _spread(t: Catalog, candidate: Candidate | None) -> str:
    """How far the scores of the passes lay apart, if there was more than one."""
    if candidate is None or candidate.spread is None:
        return ""
    return t("pick.spread", spread=round(candidate.spread))


def _marks(t: Catalog, candidate: Candidate | None) -> str:
    """The three marks behind a score."""
    if candidate is None or candidate.topic is None:
        return ""
    values = (candidate.topic, candidate.transfer or 0.0, candidate.substance or 0.0)
    topic, transfer, substance = (f"{value:.1f}".removesuffix(".0") for value in values)
    return t("pick.marks", topic=topic, transfer=transfer, substance=substance)


def _signals(t: Catalog, candidate: Candidate | None, date: dt.date) -> tuple[str, ...]:
    """Who listed the paper, with how many votes, and when, if not on the digest's day."""
    shown = []
    for name, signal in sorted(candidate.signals.items()) if candidate else ():
        about = [source_name(t, name)]
        if signal.day != date:
            about.append(f"{signal.day:%m-%d}")
        if signal.upvotes:
            about.append(t("pick.votes", n=signal.upvotes))
        shown.append(" ".join(about))
    return tuple(shown)


def _authors(t: Catalog, pick: Pick) -> str:
    names = ", ".join(clean(author) for author in pick.authors[:AUTHORS_SHOWN])
    more = max(0, len(pick.authors) - AUTHORS_SHOWN) + pick.more_authors
    total = len(pick.authors) + pick.more_authors
    return t("pick.authors_more", names=names, n=more, total=total) if more and names else names


def _links(t: Catalog, pick: Pick) -> tuple[Link, ...]:
    """The links that exist."""
    links = pick.links
    page = t("link.other_page") if pick.id.startswith("feed-") else t("link.page")
    named = [(page, links.page), (t("link.pdf"), links.pdf), (t("link.html"), links.html)]
    named.append((t("link.huggingface"), links.huggingface))
    named += [(t("link.code"), links.code), (t("link.project"), links.project)]
    return tuple(Link(name, address) for name, address in named if address)


def _section(t: Catalog, section: CitedSection, *, folded: bool) -> SectionView:
    """The first section and the last stand open, what is between is folded: news and doubts first, on a phone."""
    groups = _groups(t, section)
    count = len(section.claims)
    proofs = [(c.text, e.quote) for c in section.claims for e in c.evidence]
    return SectionView(
        title=groups[0].heading if len(groups) == 1 else _title(section),
        count=t("pick.folded", n=count),
        folded=folded and bool(count),
        groups=groups,
        aside=_aside(t, section),
        quotes=len(proofs) if any(quote != text for text, quote in proofs) else 0,
    )


def _title(section: CitedSection) -> str:
    return clean(section.title) or clean(section.id)


def _groups(t: Catalog, section: CitedSection) -> tuple[Group, ...]:
    """What the paper states, then what the model infers; numbers run on. At least one group, if without claims."""
    stated = [claim for claim in section.claims if claim.kind == "stated"]
    inferred = [claim for claim in section.claims if claim.kind == "inference"]
    views = [_claim(t, claim, number) for number, claim in enumerate(stated + inferred, start=1)]
    title = _title(section)
    groups = []
    if inferred or section.kind == "inference":
        heading = t("pick.inferred_title", title=title)
        groups.append(Group(heading, tuple(views[len(stated) :])))
    if stated or not groups:
        apart = section.id == LIMITATIONS or inferred
        heading = t("pick.stated_title", title=title) if stated and apart else title
        groups.insert(0, Group(heading, tuple(views[: len(stated)])))
    return tuple(groups)


def _aside(t: Catalog, section: CitedSection) -> str:
    """What a section says where it has nothing to say."""
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
        text = t("mark.quote", text=text)  # the paper's own sentence, and to be seen as that
    return ClaimView(number=number, text=text, links=tuple(dict.fromkeys(places)), quotes=tuple(quotes))


def _place(t: Catalog, evidence: Evidence) -> str:
    """Where a sentence stands: `§3.2`, `p. 5`, `abstract`, or the beginning of the section's title."""
    section = clean(evidence.section)
    if evidence.anchor and evidence.anchor.startswith("page="):
        return t("place.page", page=evidence.anchor.removeprefix("page="))
    if section.lower() == "abstract":
        return t("place.abstract")
    number = _NUMBERED.match(section)
    if number:
        return f"§{number.group(1)}"
    return short(section, LONGEST_PLACE) or t("place.sentence", sentence=evidence.sentence)


def _checked(t: Catalog, pick: Pick, sections: Sequence[SectionView], *, local: bool) -> tuple[str, ...]:
    """What was read, how many claims and numbers hold, how many claims were removed."""
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
