"""Compute what the page shows of a pick: its line in the overview, and its block with all claims and quotations."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipeline.core.artifacts import Candidate, CitedClaim, CitedSection, Digest, Evidence, Pick
from pipeline.core.models import LIMITATIONS, ClaimKind, Figure, Flag, Reading
from pipeline.core.source import ARXIV, FEED, HUGGINGFACE, SOURCES, source_of_id
from pipeline.report.candidates import (
    FOLLOWED,
    MARKS,
    Link,
    Row,
    followed_names,
    listed_late,
    pending_ids,
    reason,
    vote_links,
)
from pipeline.report.escape import clean
from pipeline.report.i18n import Catalog
from pipeline.report.labels import anchor, band, display_title, score_label, source_name, truncate

MAX_PLACE_LENGTH = 24  # characters
MAX_VENUE_LENGTH = 80  # characters
CJK_PER_MINUTE = 400
WORDS_PER_MINUTE = 220
SPREAD = "±"
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
    """A claim: its number in the section, its text, and what it cites.

    `mark` says that the second reader found it carried in part, or did not read it; otherwise it is empty. `citations`
    are numbers of the pick's quotations; of a claim that is itself a quotation, its place. They have no URL, and are not
    links, where all would lead to one page. `cites` are the same numbers, from 1; empty for a claim that is a quotation.
    """

    number: int
    text: str
    mark: str
    citations: tuple[Link, ...]
    cites: tuple[int, ...]


@dataclass(frozen=True)
class ClaimGroup:
    """Claims of one kind, such as stated or inferred ones, under their heading."""

    heading: str
    claims: tuple[ClaimView, ...]


@dataclass(frozen=True)
class SectionView:
    """A section: its claims in one group for each kind, and whether it is collapsed at first.

    `count` follows the title of a collapsed section. `empty_note` explains that the section has no claims, or no
    limitations that the authors admit.
    """

    title: str
    count: str
    folded: bool
    groups: tuple[ClaimGroup, ...]
    empty_note: str


@dataclass(frozen=True)
class Quotations:
    """The sentences that the claims of a pick cite, each once, in the order of the paper, and a figure's caption.

    The texts are numbered from 1. If all stand at one address, such as the abstract's page, `place` leads there and
    `places` is empty; otherwise `places` has one link for each text.
    """

    texts: tuple[str, ...]
    place: Link | None
    places: tuple[Link, ...]


@dataclass(frozen=True)
class _Cited:
    """The numbers of the sentences that a pick's claims cite. Not `linked` if all of them stand at one address."""

    numbers: dict[Evidence, int]
    linked: bool


@dataclass(frozen=True)
class PickView:
    """The texts of a pick for the templates.

    The overview at the top has `score_label` (a rank without a model), `headline` or else the title, and `why`, which
    says why the paper suits the reader. `lead` is the headline unless it is the title. `scale` follows a score: `/ 100`.
    Of the `facts`, `warning` stands out: only the abstract was read. `no_analysis_note` explains a missing analysis and
    is empty otherwise. `check_results` are sentences read, claims and who checked them, and claims dropped.
    """

    anchor: str
    score_label: str
    scale: str
    title: str
    headline: str
    why: str
    lead: str
    facts: tuple[str, ...]
    warning: str
    links: tuple[Link, ...]
    flags: tuple[Flag, ...]
    sections: tuple[SectionView, ...]
    quotations: Quotations
    no_analysis_note: str
    check_results: tuple[str, ...]


def pick_views(t: Catalog, digest: Digest) -> list[PickView]:
    """Return all picks in the language of `t`."""
    return [_pick_view(t, pick, digest) for pick in digest.picks]


def legend(t: Catalog, digest: Digest, picks: Sequence[PickView], shortlist: Sequence[Row]) -> list[str]:
    """Explain the signs that the page has: marks beside claims and briefs, the spread of a score, followed authors."""
    used = {c.mark for p in picks for section in p.sections for group in section.groups for c in group.claims}
    used |= {row.mark for row in shortlist}
    marks = [t(f"legend.{reading}", mark=mark) for reading, mark in MARKS.items() if mark in used]
    if any(SPREAD in pick.scale for pick in picks):
        marks.append(t("legend.spread", sign=SPREAD))
    if any(candidate.followed for candidate in digest.candidates):
        marks.append(t("legend.followed", sign=FOLLOWED))
    return marks


def _pick_view(t: Catalog, pick: Pick, digest: Digest) -> PickView:
    candidate = next(candidate for candidate in digest.candidates if candidate.id == pick.id)
    local = digest.engine == "local"
    title = display_title(pick.title) or pick.id
    headline = clean(pick.headline)
    state = "pending" if pick.id in pending_ids(digest) else "given_up"
    visible = [s for s in pick.sections if s.claims or not local]
    cited = _cited(visible)
    sections = tuple(
        _section(t, s, pick, cited, folded=0 < i < len(visible) - 1) for i, s in enumerate(visible)
    )
    return PickView(
        anchor=anchor(pick.id),
        score_label=score_label(t, pick.score, candidate.rank, local=local),
        scale=_scale(t, candidate) if pick.score is not None else "",
        title=title,
        headline="" if local else headline,
        why=_why(t, pick, candidate, digest) if headline else _pending(t, candidate, state),
        lead="" if local or headline == title else headline,
        facts=_facts(t, pick, candidate, digest),
        warning=_what_was_read(t, pick) if pick.basis == "abstract" else "",
        links=(*_links(t, pick, candidate), *vote_links(t, digest, pick.id)),
        flags=pick.flags,
        sections=sections,
        quotations=_quotations(t, cited.numbers, pick.figure),
        no_analysis_note="" if headline else t(f"pick.{state}"),
        check_results=_check_results(t, pick, [c for s in visible for c in s.claims]),
    )


def _why(t: Catalog, pick: Pick, candidate: Candidate, digest: Digest) -> str:
    """Return why the paper suits the reader, said once: in the hook, or for want of one in the reason of the score."""
    if digest.engine == "local":
        return reason(t, candidate, digest)
    return clean(pick.hook) or clean(candidate.reason)


def _pending(t: Catalog, candidate: Candidate, state: str) -> str:
    label, why = t(f"pick.{state}_short"), clean(candidate.reason)
    return t("row.labeled", label=label, reason=why) if why else label


def reading_minutes(picks: Sequence[PickView], briefs: Sequence[str]) -> int:
    """Estimate the minutes to read all picks with every section open, without the quotations, and all briefs; at least 1."""
    texts = [text for p in picks for text in (p.title, p.headline, p.why)]
    texts += [
        c.text for p in picks for section in p.sections for group in section.groups for c in group.claims
    ]
    texts += briefs
    characters = sum(len(_CJK.findall(text)) for text in texts)
    words = sum(len(_WORD.findall(text)) for text in texts)
    return max(1, math.ceil(characters / CJK_PER_MINUTE + words / WORDS_PER_MINUTE))


def _basis(t: Catalog, pick: Pick) -> str:
    return t("basis.incomplete" if "incomplete" in pick.flags else f"basis.{pick.basis}")


def _what_was_read(t: Catalog, pick: Pick) -> str:
    """Return what was read, and on which day if the report says it: `Read: full HTML, 2026-01-30`."""
    read = t("basis.line", basis=_basis(t, pick))
    return read if pick.read_on is None else f"{read}{t('mark.comma')}{t.day(pick.read_on)}"


def _scale(t: Catalog, candidate: Candidate) -> str:
    """Return what follows a score: its scale, and how far the passes of the scoring differed, if they did."""
    points = round(candidate.spread or 0)
    return t("pick.of") + (f" {t('pick.spread', sign=SPREAD, spread=points)}" if points else "")


def _facts(t: Catalog, pick: Pick, candidate: Candidate, digest: Digest) -> tuple[str, ...]:
    """Return the line of facts after the score: band, marks, what was read, who listed it and when, authors, followed ones, venue."""
    feeds = [source_name(t, name) for name in sorted(candidate.signals) if name not in SOURCES]
    facts = (
        band(t, pick.score),
        _subscores(t, candidate),
        _what_was_read(t, pick),
        *feeds,
        listed_late(t, candidate, digest.date),
        _authors(t, pick),
        *followed_names(t, pick),
        _venue(t, pick),
    )
    return tuple(fact for fact in facts if fact)


def _subscores(t: Catalog, candidate: Candidate) -> str:
    """Return the three subscores behind a score; empty if no model has scored the paper."""
    if candidate.topic is None:
        return ""
    marks = {name: getattr(candidate, name) for name in ("topic", "transfer", "substance")}
    return t(
        "pick.marks", **{name: t.number(f"{mark:.1f}".removesuffix(".0")) for name, mark in marks.items()}
    )


def _authors(t: Catalog, pick: Pick) -> str:
    """Return the first author, and how many there are; empty if no author is known."""
    first, more = clean(next(iter(pick.authors), "")), len(pick.authors) + pick.more_authors - 1
    return t("pick.authors_more", names=first, n=more, total=more + 1) if first and more else first


def _venue(t: Catalog, pick: Pick) -> str:
    """Return where the paper appears, quoted as the statement of its authors that it is."""
    text = truncate(pick.venue.text, MAX_VENUE_LENGTH) if pick.venue else ""
    return t("pick.venue", text=t("mark.quote", text=text)) if text else ""


def _links(t: Catalog, pick: Pick, candidate: Candidate) -> tuple[Link, ...]:
    links = pick.links
    source = source_of_id(pick.id) or FEED
    kind = {ARXIV: "page", FEED: "other_page"}.get(source)
    on_huggingface = candidate.signals.get(HUGGINGFACE.name)
    votes = t("pick.votes", n=on_huggingface.upvotes) if on_huggingface and on_huggingface.upvotes else ""
    stars = t("pick.stars", n=pick.code.stars) if pick.code and pick.code.stars else ""
    targets = (
        (t(f"link.{kind}") if kind else source.label, links.page),
        (t("link.pdf"), links.pdf),
        (t("link.html"), links.html),
        (f"{t('link.huggingface')} {votes}".rstrip(), links.huggingface),
        (f"{t('link.code')} {stars}".rstrip(), pick.code.url if pick.code else links.code),
        (t("link.project"), links.project),
        (t("link.figure"), pick.figure.url if pick.figure else None),
    )
    return tuple(Link(text, address) for text, address in targets if address)


def _cited(sections: Sequence[CitedSection]) -> _Cited:
    """Number the sentences that claims cite in the order of the paper. A claim that is itself a quotation needs none."""
    claims = [claim for section in sections for claim in section.claims]
    sentences = {e for claim in claims if not _is_quotation(claim) for e in claim.evidence}
    ordered = sorted(sentences, key=lambda e: (e.sentence, e.quote, e.url))
    addresses = {e.url for claim in claims for e in claim.evidence}
    return _Cited({e: number for number, e in enumerate(ordered, start=1)}, linked=len(addresses) > 1)


def _quotations(t: Catalog, cited: Iterable[Evidence], figure: Figure | None) -> Quotations:
    """Return what is quoted below the claims: the sentences that they cite, and last the caption of the figure."""
    quoted = [(evidence.quote, Link(_place(t, evidence), evidence.url)) for evidence in cited]
    if figure is not None:
        quoted.append((figure.caption, Link(t("link.figure"), figure.url)))
    texts = tuple(t("mark.quote", text=clean(text)) for text, _ in quoted)
    places = tuple(place for _, place in quoted)
    one = places[0] if len({place.url for place in places}) == 1 else None
    return Quotations(texts, one, () if one else places)


def _section(t: Catalog, section: CitedSection, pick: Pick, cited: _Cited, *, folded: bool) -> SectionView:
    """Return the view of a section; `folded` has no effect on a section without claims.

    The caller folds all sections between the first and the last, so that on a phone the contribution and the
    limitations are visible first.
    """
    groups = _groups(t, section, pick, cited)
    count = len(section.claims)
    return SectionView(
        title=groups[0].heading if len(groups) == 1 else _title(section),
        count=t("pick.folded", n=count),
        folded=folded and bool(count),
        groups=groups,
        empty_note=_empty_note(t, section, pick),
    )


def _title(section: CitedSection) -> str:
    return clean(section.title) or clean(section.id)


def _groups(t: Catalog, section: CitedSection, pick: Pick, cited: _Cited) -> tuple[ClaimGroup, ...]:
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
        views = tuple(_claim(t, claim, pick, n, cited) for n, claim in enumerate(claims, start=number))
        groups.append(ClaimGroup(title if plain else t(f"pick.{key}_title", title=title), views))
        number += len(claims)
    return tuple(groups)


def _is_limitations(section: CitedSection) -> bool:
    """Return whether a section lists limitations: by its id, or by the kinds of its claims."""
    return section.id == LIMITATIONS or any(c.kind in {"admitted", "reported", "own"} for c in section.claims)


def _empty_note(t: Catalog, section: CitedSection, pick: Pick) -> str:
    """Explain that a section has no claims, or no limitations admitted by the authors; empty if neither applies.

    A report does not say from which section a claim was dropped: if any was, the note leaves open whether one of these was
    found, and only otherwise is it that none was.
    """
    ending = "_passed" if pick.claims_dropped else ""
    admitted = any(claim.kind in {"stated", "admitted"} for claim in section.claims)
    if _is_limitations(section) and not admitted:
        return t(f"pick.none_stated{ending}")
    if section.claims:
        return ""
    return t("pick.empty_inference" if section.kind == "inference" else f"pick.empty{ending}")


def _claim(t: Catalog, claim: CitedClaim, pick: Pick, number: int, cited: _Cited) -> ClaimView:
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
        citations=_citations(t, claim, cited),
        cites=() if _is_quotation(claim) else tuple(cited.numbers[e] for e in claim.evidence),
    )


def _citations(t: Catalog, claim: CitedClaim, cited: _Cited) -> tuple[Link, ...]:
    """Return the places of a quotation, or the numbers of the sentences that a claim cites, as links where they help."""
    if _is_quotation(claim):
        places = [Link(_place(t, e), e.url) for e in claim.evidence] if cited.linked else []
        return tuple(dict.fromkeys(places))
    return tuple(Link(f"[{cited.numbers[e]}]", e.url if cited.linked else "") for e in claim.evidence)


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
