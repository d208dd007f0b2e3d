"""Compute what the page shows of a pick: its line in the overview, and its block with all claims and evidence."""

import datetime as dt
import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pipeline.core.artifacts import Candidate, CitedClaim, CitedSection, Digest, Evidence, Pick
from pipeline.core.models import LIMITATIONS, ClaimKind, Flag, Reading
from pipeline.core.source import ARXIV, FEED, source_of_id
from pipeline.report.candidates import Link, note, pending_ids
from pipeline.report.escape import clean
from pipeline.report.i18n import Catalog
from pipeline.report.labels import anchor, band, display_title, score_label, source_name, truncate

AUTHORS_SHOWN = 3
MAX_PLACE_LENGTH = 24  # characters
CJK_PER_MINUTE = 400
WORDS_PER_MINUTE = 220
MARKS: dict[Reading | None, str] = {"partly": "◐", "unread": "○"}
# Groups of a section in their order: the key of the heading, and the kinds of the claims below it.
GROUPS: tuple[tuple[str, frozenset[ClaimKind]], ...] = (
    ("stated", frozenset({"stated", "admitted"})),
    ("reported", frozenset({"reported"})),
    ("inferred", frozenset({"inference"})),
    ("own", frozenset({"own"})),
)

_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_WORD = re.compile(
    r"(?![\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff])[^\W_][\w'’.-]*"
)  # Korean has words too
_SECTION_NUMBER = re.compile(r"(\d+(?:\.\d+)*|[A-Z](?:\.\d+)+)\.?(?=\s|$)")


@dataclass(frozen=True)
class ClaimView:
    """A claim: its number in the section, links to the places that it cites, and the quotations from there.

    `mark` says that the second reader found it carried in part, or did not read it; otherwise it is empty.
    """

    number: int
    text: str
    mark: str
    links: tuple[Link, ...]
    quotes: tuple[tuple[str, Link], ...]


@dataclass(frozen=True)
class ClaimGroup:
    """Claims of one kind, such as stated or inferred ones, under their heading."""

    heading: str
    claims: tuple[ClaimView, ...]


@dataclass(frozen=True)
class SectionView:
    """A section: its claims in one group for each kind, and whether it is collapsed at first.

    `count` follows the title of a collapsed section. `empty_note` explains that the section has no claims, or no
    limitations that the authors admit. `quote_count` is the number of quotations in the collapsible evidence: 0 if the claims
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
    analysis and is empty otherwise. `check_results` are the parts of the last line: sentences read, claims and
    who checked them, claims dropped, and what the marks mean.
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


def pick_views(t: Catalog, digest: Digest) -> list[PickView]:
    """Return all picks in the language of `t`. The first pick that has a mark explains it in its last line."""
    views = []
    explained: set[str] = set()
    for pick in digest.picks:
        view = _pick_view(t, pick, digest)
        used = {claim.mark for section in view.sections for claim in section.claims}
        legend = tuple(
            t(f"legend.{reading}", mark=mark) for reading, mark in MARKS.items() if mark in used - explained
        )
        explained |= used
        views.append(replace(view, check_results=view.check_results + legend))
    return views


def _pick_view(t: Catalog, pick: Pick, digest: Digest) -> PickView:
    candidate = next(candidate for candidate in digest.candidates if candidate.id == pick.id)
    local = digest.engine == "local"
    headline = clean(pick.headline)
    state = "pending" if pick.id in pending_ids(digest) else "given_up"
    visible = [s for s in pick.sections if s.claims or not local]
    sections = tuple(_section(t, s, pick, folded=0 < i < len(visible) - 1) for i, s in enumerate(visible))
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
        basis=t("basis.line", basis=_basis(t, pick)),
        abstract_only=pick.basis == "abstract",
        signals=_signals(t, candidate, digest.date),
        authors=_authors(t, pick),
        links=_links(t, pick),
        flags=pick.flags,
        sections=sections,
        no_analysis_note="" if headline else t(f"pick.{state}"),
        check_results=(
            *_check_results(t, pick, [c for s in visible for c in s.claims]),
            *_day_read(t, pick, digest),
        ),
    )


def days_read(digest: Digest) -> list[dt.date]:
    """Return the days on which the picks' texts were read, in order; none for a report that does not say."""
    return sorted({pick.read_on for pick in digest.picks if pick.read_on})


def reading_minutes(picks: Sequence[PickView]) -> int:
    """Estimate the minutes to read all picks with every section open, without the quotations; at least 1."""
    texts = [text for p in picks for text in (p.title, p.headline, p.hook, p.reason)]
    texts += [claim.text for p in picks for section in p.sections for claim in section.claims]
    characters = sum(len(_CJK.findall(text)) for text in texts)
    words = sum(len(_WORD.findall(text)) for text in texts)
    return max(1, math.ceil(characters / CJK_PER_MINUTE + words / WORDS_PER_MINUTE))


def _basis(t: Catalog, pick: Pick) -> str:
    return t("basis.incomplete" if "incomplete" in pick.flags else f"basis.{pick.basis}")


def _subscores(t: Catalog, candidate: Candidate) -> str:
    """Return the three subscores behind a score; empty if no model has scored the paper."""
    if candidate.topic is None:
        return ""
    marks = {name: getattr(candidate, name) for name in ("topic", "transfer", "substance")}
    return t(
        "pick.marks", **{name: t.number(f"{mark:.1f}".removesuffix(".0")) for name, mark in marks.items()}
    )


def _signals(t: Catalog, candidate: Candidate, date: dt.date) -> tuple[str, ...]:
    """Return each source that listed the paper, with its upvotes, and the date if it is not the digest's."""
    signals = []
    for name, signal in sorted(candidate.signals.items()):
        parts = [source_name(t, name)]
        if signal.day != date:
            parts.append(t.short_day(signal.day))
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
    source = source_of_id(pick.id) or FEED
    kind = {ARXIV: "page", FEED: "other_page"}.get(source)
    page = t(f"link.{kind}") if kind else source.label
    targets = {
        "pdf": links.pdf,
        "html": links.html,
        "huggingface": links.huggingface,
        "code": links.code,
        "project": links.project,
    }
    others = (Link(t(f"link.{kind}"), address) for kind, address in targets.items() if address)
    return Link(page, links.page), *others


def _section(t: Catalog, section: CitedSection, pick: Pick, *, folded: bool) -> SectionView:
    """Return the view of a section; `folded` has no effect on a section without claims.

    The caller folds all sections between the first and the last, so that on a phone the contribution and the
    limitations are visible first.
    """
    groups = _groups(t, section, pick)
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


def _groups(t: Catalog, section: CitedSection, pick: Pick) -> tuple[ClaimGroup, ...]:
    """Group the claims by kind, numbered consecutively. At least one group, possibly empty."""
    title = _title(section)
    found = [(key, [c for c in section.claims if c.kind in kinds]) for key, kinds in GROUPS]
    found = [(key, claims) for key, claims in found if claims]
    if not found:
        heading = t("pick.inferred_title", title=title) if section.kind == "inference" else title
        return (ClaimGroup(heading, ()),)
    plain = found[0][0] == "stated" and len(found) == 1 and not _is_limitations(section)
    groups: list[ClaimGroup] = []
    number = 1
    for key, claims in found:
        # Claims that cite nothing come last, so that the list of quotations, which lacks them, has the same numbers.
        ordered = sorted(claims, key=lambda claim: not claim.evidence)
        views = tuple(_claim(t, claim, pick, n) for n, claim in enumerate(ordered, start=number))
        groups.append(ClaimGroup(title if plain else t(f"pick.{key}_title", title=title), views))
        number += len(claims)
    return tuple(groups)


def _is_limitations(section: CitedSection) -> bool:
    """Return whether a section lists limitations: by its id, or by the kinds of its claims."""
    return section.id == LIMITATIONS or any(c.kind in {"admitted", "reported", "own"} for c in section.claims)


def _empty_note(t: Catalog, section: CitedSection) -> str:
    """Explain that a section has no claims, or no limitations admitted by the authors; empty if neither applies."""
    admitted = any(claim.kind in {"stated", "admitted"} for claim in section.claims)
    if _is_limitations(section) and not admitted:
        return t("pick.none_stated")
    if section.claims:
        return ""
    return t("pick.empty_inference" if section.kind == "inference" else "pick.empty")


def _claim(t: Catalog, claim: CitedClaim, pick: Pick, number: int) -> ClaimView:
    places = [Link(_place(t, evidence), evidence.url) for evidence in claim.evidence]
    quotes = zip((evidence.quote for evidence in claim.evidence), places, strict=True)
    text = clean(claim.text)
    if _is_quotation(claim):
        text = t("mark.quote", text=text)
    elif not claim.evidence:
        basis = _basis(t, pick)
        if "cut" in pick.flags:
            basis += t("mark.comma") + t("basis.cut")
        text = t("pick.not_found", basis=basis, text=text)
    return ClaimView(
        number=number,
        text=text,
        mark=MARKS.get(claim.reading, "") if _was_read_again(pick) else "",
        links=tuple(dict.fromkeys(places)),
        quotes=tuple(quotes),
    )


def _is_quotation(claim: CitedClaim) -> bool:
    """Return whether the claim is a sentence of the paper itself."""
    return any(evidence.quote == claim.text for evidence in claim.evidence)


def _was_read_again(pick: Pick) -> bool:
    """Return whether the second reader read any claim of the pick."""
    return any(claim.reading in {"supported", "partly"} for s in pick.sections for claim in s.claims)


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


def _check_results(t: Catalog, pick: Pick, claims: Sequence[CitedClaim]) -> tuple[str, ...]:
    """Return the sentences read, the claims and who checked them, and the claims dropped.

    Claims that cite nothing are not counted: they say themselves that nothing was found.
    """
    quotations = sum(map(_is_quotation, claims))
    checked = [claim for claim in claims if claim.evidence and not _is_quotation(claim)]
    parts = [t("basis.read", n=pick.sentences_read)]
    if checked:
        parts.append(_checked(t, len(checked)) + _second_reading(t, pick, checked))
    if quotations:
        parts.append(t("pick.quoted", n=quotations))
    if pick.claims_dropped:
        parts.append(t("pick.dropped", n=pick.claims_dropped) + _dropped_kinds(t, pick))
    return tuple(parts)


def _checked(t: Catalog, count: int) -> str:
    """Return what the program checked of the claims, which depends on what it knows of the language."""
    if not (off := t.gates_off):
        return t("pick.checked", n=count)
    return t(
        "pick.checked_without", n=count, gates=t("mark.comma").join(t(f"dropped.{gate}") for gate in off)
    )


def _day_read(t: Catalog, pick: Pick, digest: Digest) -> tuple[str, ...]:
    """Return the day on which the pick was read, if the picks differ in it."""
    if pick.read_on is None or len({other.read_on for other in digest.picks}) == 1:
        return ()
    return (t("pick.read_on", date=t.day(pick.read_on)),)


def _second_reading(t: Catalog, pick: Pick, claims: Sequence[CitedClaim]) -> str:
    """Return who read the claims a second time, and how many are carried, carried in part, and not read."""
    if pick.second_reader is None:
        return t("pick.read_once")
    if not _was_read_again(pick):
        return t("pick.read_by_nobody", n=len(claims))
    readings = Counter(claim.reading for claim in claims)
    order: tuple[Reading, ...] = ("supported", "partly", "unread")
    counts = [t(f"reading.{reading}", n=readings[reading]) for reading in order if readings[reading]]
    return t("pick.read_again", model=pick.second_reader.model, counts=t("mark.comma").join(counts))


def _dropped_kinds(t: Catalog, pick: Pick) -> str:
    """Return why claims were dropped, most frequent reason first; empty if the report does not say."""
    dropped = pick.second_reader.dropped if pick.second_reader else {}
    ordered = sorted(dropped.items(), key=lambda item: (-item[1], item[0]))
    kinds = t("mark.comma").join(f"{t.lookup('dropped', name)} {count}" for name, count in ordered)
    return t("pick.dropped_kinds", kinds=kinds) if kinds else ""
