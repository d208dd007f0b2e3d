"""The gates: what may be said about a paper. Pure; no model is called, and nothing passes on similarity.

    evidence → terms → numbers → names → hedge → limitation

The first gate that a claim fails names the reason, precisely enough for a model to repair it. A claim
about the paper answers to the sentences that it cites; an inference brings nothing of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from pipeline.core.models import Claim, SectionKind
from pipeline.grounding.entities import STOP_WORDS, known, names, too_common
from pipeline.grounding.numbers import Number, licensed, of_claim, regardless_of_unit
from pipeline.grounding.polarity import admits, contradicts, falls, overstated
from pipeline.grounding.source_index import Line, Source

Gate = Literal["length", "evidence", "terms", "numbers", "names", "hedge", "limitation"]

MOST_IDS = 3
LONGEST_CLAIM = 600  # characters
MOST_TERMS = 3


@dataclass(frozen=True)
class Failure:
    """Which gate stopped a claim, and why, in words that a model can act on."""

    gate: Gate
    reason: str


@dataclass(frozen=True)
class Checked:
    """A claim at the end of the gates, and how many numbers it has to answer for.

    The claim is the one that came in, but for its evidence: where a number stood in none of the cited
    sentences and in exactly one other that shares a term, that sentence has been added.
    """

    claim: Claim
    failure: Failure | None
    numbers: int


def check(
    claim: Claim, section_kind: SectionKind, source: Source, *, stated_limitations: bool = False
) -> Checked:
    """Lead a claim through the gates.

    In a section of the kind `inference` numbers and names have to stand in the cited sentences, the title
    or the profile; elsewhere numbers in the cited sentences, names anywhere in the paper or the profile.
    `stated_limitations` says that the claim stands among the limitations: one that is `stated` then has to
    cite a sentence that reads like the authors' own admission.
    """
    numbers = of_claim(claim.text[:LONGEST_CLAIM])  # the first gate stops what is longer
    failure = _length(claim) or _evidence(claim, source) or _terms(claim, source)
    if failure is None:
        claim, failure = _with_numbers(claim, numbers, section_kind, source)
    if failure is None:
        failure = (
            _names(claim, section_kind, source)
            or _hedge(claim, numbers, section_kind, source)
            or _limitation(claim, source, stated=stated_limitations)
        )
    return Checked(claim, failure, len(numbers))


def check_line(text: str, source: Source) -> Failure | None:
    """Check a line without evidence (headline, hook, reason): numbers and names stand somewhere in the paper."""
    missing = _unlicensed(of_claim(text), source.everything, source)
    if missing:
        return Failure("numbers", f"{_listed(n.written for n in missing)} stands nowhere in the paper")
    strangers = [name for name in names(text) if not known(name, source.words, source.profile.words)]
    if strangers:
        return Failure("names", f"{_listed(strangers)} stands neither in the paper nor in the profile")
    return None


def candidates(claim: Claim, source: Source, limit: int = 5) -> tuple[int, ...]:
    """Ids of the sentences that could support a claim, best first: by its terms, numbers, names and words."""
    said = claim.text[:LONGEST_CLAIM]
    numbers, called = of_claim(said), names(said)
    shared = frozenset(re.findall(r"[a-z]{4,}", said.lower())) - STOP_WORDS
    scores: dict[int, float] = {}
    for line in source.lines.values():
        own = frozenset(re.findall(r"[a-z]{4,}", line.text.lower()))
        scores[line.id] = (
            3.0 * sum(line.words.have(term) for term in claim.terms)
            + 2.0 * sum(map(line.licenses, numbers))
            + sum(line.words.name(name) for name in called)
            + len(shared & own) / (1 + len(shared))
        )
    ranked = sorted(scores, key=lambda one: (-scores[one], one))
    return tuple(one for one in ranked[:limit] if scores[one] > 0)


def _length(claim: Claim) -> Failure | None:
    """Cut, it could lose the half sentence that limits it."""
    long = len(claim.text) > LONGEST_CLAIM
    return Failure("length", f"is longer than {LONGEST_CLAIM} characters") if long else None


def _evidence(claim: Claim, source: Source) -> Failure | None:
    ids = claim.evidence
    if not 1 <= len(ids) <= MOST_IDS:
        return Failure("evidence", f"cites {len(ids)} sentences; cite 1 to {MOST_IDS}")
    if len(set(ids)) < len(ids):
        return Failure("evidence", f"cites a sentence twice: {_ids(ids)}")
    missing = [one for one in ids if one not in source.lines]
    return Failure("evidence", f"there is no sentence {_ids(missing)}") if missing else None


def _terms(claim: Claim, source: Source) -> Failure | None:
    if not 1 <= len(claim.terms) <= MOST_TERMS:
        return Failure("terms", f"gives {len(claim.terms)} terms; give 1 to {MOST_TERMS}")
    for term in claim.terms:
        if too_common(term):
            return Failure(
                "terms", f'"{term}" is too common to tie the claim to a sentence; copy another word'
            )
        if not any(source.lines[one].words.have(term) for one in claim.evidence):
            where = [line.id for line in source.lines.values() if line.words.have(term)]
            hint = f"; it is in {_ids(where[:3])}" if where else "; it is nowhere in the text"
            return Failure("terms", f'"{term}" is not in the cited {_ids(claim.evidence)}{hint}')
    return None


def _with_numbers(
    claim: Claim, numbers: tuple[Number, ...], section_kind: SectionKind, source: Source
) -> tuple[Claim, Failure | None]:
    """The claim, re-pointed where only one other sentence on its terms licenses what is missing; or why not."""
    cited = [source.lines[one] for one in claim.evidence]
    allowed = [*cited, source.title, source.profile] if section_kind == "inference" else cited
    missing = _unlicensed(numbers, allowed, source)
    if missing:
        having = [
            line
            for line in _others(claim, source)
            if all(line.licenses(one, strictly=True) for one in missing)
        ]
        found = _repointed(claim, having[0].id, numbers, source) if len(having) == 1 else None
        if found is None:
            return claim, Failure("numbers", _missing(missing, cited, [line.id for line in having]))
        claim, allowed = found, [*allowed, having[0]]
    wrong = _wrong_sign(numbers, allowed)
    return claim, Failure("numbers", wrong) if wrong else None


def _others(claim: Claim, source: Source) -> list[Line]:
    """The sentences that a claim does not cite, but that have one of its terms."""
    return [
        line
        for line in source.lines.values()
        if line.id not in claim.evidence and any(line.words.have(term) for term in claim.terms)
    ]


def _repointed(claim: Claim, found: int, numbers: tuple[Number, ...], source: Source) -> Claim | None:
    """The claim with one more sentence; if it has three, in place of one that it can do without."""
    ids = claim.evidence
    choices = [ids] if len(ids) < MOST_IDS else [(*ids[:n], *ids[n + 1 :]) for n in reversed(range(len(ids)))]
    for kept in choices:
        other = claim.model_copy(update={"evidence": (*kept, found)})
        cited = [source.lines[one] for one in other.evidence]
        if _terms(other, source) is None and not _unlicensed(numbers, cited, source):
            return other
    return None


def _unlicensed(numbers: Iterable[Number], lines: Iterable[Line], source: Source) -> list[Number]:
    lines = tuple(lines)
    return [
        number
        for number in numbers
        if not any(line.licenses(number) for line in lines)
        and not (number.place and number.readings[0][0] in source.places)
    ]


def _missing(numbers: list[Number], cited: list[Line], having: list[int]) -> str:
    """Which numbers stand in none of the cited sentences, and what there is instead."""
    reason = (
        f"{_listed(number.written for number in numbers)} is not in the cited {_ids(one.id for one in cited)}"
    )
    for number in numbers:
        other = [one for line in cited for one in line.numbers if regardless_of_unit(number, one)]
        if other:
            return f"{reason}; there it is {other[0].written}"
    return reason + (f"; it is in {_ids(having[:3])}" if having else "")


def _wrong_sign(numbers: Iterable[Number], lines: Iterable[Line]) -> str:
    """Which number has gained or lost a minus. A word for a decrease beside it is as good, but not both."""
    lines = tuple(lines)
    for number in numbers:
        having = _licensing(number, lines)
        signs = {one.sign for one in having}
        told = falls(number.clause)
        if number.sign == "-" and having and "-" not in signs:
            if "+" in signs or told or not any(falls(one.clause) for one in having):
                return f"-{number.written} has no minus in the cited sentences"
        elif signs == {"-"} and number.sign != "-" and (number.sign == "+" or not told):
            return f"{number.written} is negative in the cited sentences"
    return ""


def _licensing(number: Number, lines: Iterable[Line]) -> list[Number]:
    return [one for line in lines for one in line.numbers if licensed(number, one)]


def _names(claim: Claim, section_kind: SectionKind, source: Source) -> Failure | None:
    if section_kind == "inference":
        cited = [source.lines[one].words for one in claim.evidence]
        texts, where = [*cited, source.title.words, source.profile.words], "the cited sentences"
    else:
        texts, where = [source.words, source.profile.words], "the paper"
    strangers = [name for name in names(claim.text) if not known(name, *texts)]
    if not strangers:
        return None
    return Failure("names", f"{_listed(strangers)} stands neither in {where} nor in the profile")


def _hedge(
    claim: Claim, numbers: Iterable[Number], section_kind: SectionKind, source: Source
) -> Failure | None:
    """An inference is printed as one, which is a hedge already; and it may go beyond what it rests on."""
    cited = [source.lines[one] for one in claim.evidence]
    sentences = [line.text for line in cited]
    reason = "" if section_kind == "inference" else overstated(claim.text, claim.terms, sentences)
    if not reason and claim.kind == "stated":
        pairs = [(number, _licensing(number, cited)) for number in numbers]
        reason = contradicts(claim.text, claim.terms, sentences, pairs)
    return Failure("hedge", reason) if reason else None


def _limitation(claim: Claim, source: Source, *, stated: bool) -> Failure | None:
    if not stated or claim.kind != "stated":
        return None
    if any(admits(source.lines[one].section, source.lines[one].text) for one in claim.evidence):
        return None
    return Failure("limitation", f"the authors do not name a limitation in {_ids(claim.evidence)}")


def _listed(found: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(found))


def _ids(ids: Iterable[int]) -> str:
    return ", ".join(f"[{one}]" for one in ids)
