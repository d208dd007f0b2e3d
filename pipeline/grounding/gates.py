"""Check claims about a paper with a fixed sequence of exact gates: no model call, no side effects.

    length → evidence → terms → quotes → numbers → names

The first gate that a claim fails returns a reason that is precise enough for a model to repair the claim.
Claims about the paper are checked against the sentences they cite; an inference must not introduce numbers
or names of its own. Whether the sentences mean what a claim says is for the second reader to judge.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from pipeline.core.models import Claim, Gate, SectionKind
from pipeline.core.stop_words import STOP_WORDS
from pipeline.grounding.entities import WordIndex, extract_names, is_known_name, is_too_common
from pipeline.grounding.numbers import Number, claim_numbers, is_same, is_supported, rejoined_numbers
from pipeline.grounding.quotations import quotations, simplify
from pipeline.grounding.source_index import Passage, SourceIndex

MAX_EVIDENCE: dict[SectionKind, int] = {"claims": 3, "setup": 5, "inference": 3}  # sentence ids
MAX_CLAIM_LENGTH = 600  # characters
MAX_ABSENCE_LENGTH = 80
MAX_TERMS = 3
MAX_CANDIDATES = 5  # sentences offered for a repair


@dataclass(frozen=True)
class Failure:
    """The gate that rejected a claim, and the reason, worded for a model that repairs the claim."""

    gate: Gate
    reason: str


@dataclass(frozen=True)
class CheckResult:
    """The result of checking one claim; `numbers` is how many numbers of the claim need support.

    `claim` is the input, except that its evidence may change: if a number is in no cited sentence and in exactly
    one other sentence that shares a term, that sentence is added.
    """

    claim: Claim
    failure: Failure | None
    numbers: int


def check(
    claim: Claim, section_kind: SectionKind, source: SourceIndex, written: Iterable[str] = ()
) -> CheckResult:
    """Run a claim through the gates.

    In a section of the kind `inference`, numbers and names must be in the cited sentences, the title or the
    profile. In other sections, numbers must be in the cited sentences, names in the paper or the profile.

    `written` holds a repair's answers to an unsupported number: how a cited sentence writes it, copied letter by
    letter (`1 7.2 %`). Without its blanks it supports the numbers of the claim that have the same value and unit,
    and nothing else; other strings have no effect.
    """
    numbers = claim_numbers(
        claim.text[:MAX_CLAIM_LENGTH], source.language
    )  # a longer claim fails at the first gate
    if is_absence(claim):
        failure = _check_length(claim, MAX_ABSENCE_LENGTH) or _check_absence(numbers)
    else:
        failure = (
            _check_length(claim, MAX_CLAIM_LENGTH)
            or _check_evidence(claim, section_kind, source)
            or _check_terms(claim, source)
        )
    failure = failure or _check_quotes(claim, source)
    if failure is None:
        claim, failure = _check_numbers(claim, numbers, section_kind, source, written)
    return CheckResult(claim, failure or _check_names(claim, section_kind, source), len(numbers))


def is_absence(claim: Claim) -> bool:
    """Return True for a claim that something is not in the text that was read: a model's own doubt without evidence."""
    return claim.kind == "own" and not claim.evidence and not claim.terms


def check_line(text: str, source: SourceIndex) -> Failure | None:
    """Check a line that cites no evidence (headline, hook, reason).

    Its quotations and numbers must be in the paper, its names in the paper or the profile.
    """
    invented = invented_quotation(text, source.passages)
    if invented is not None:
        return Failure("quotes", f'"{invented}" is in quotation marks, but stands nowhere in the paper')
    missing = _unsupported(claim_numbers(text, source.language), source.passages, source)
    if missing:
        return Failure("numbers", f"{_joined(n.written for n in missing)} stands nowhere in the paper")
    return _unknown_names(text, [source.words, source.profile.words], "the paper", source.language)


def evidence_candidates(claim: Claim, source: SourceIndex) -> tuple[int, ...]:
    """Return ids of at most five sentences that could support a claim, by shared terms, numbers, names and words."""
    text = claim.text[:MAX_CLAIM_LENGTH]
    numbers, names = claim_numbers(text, source.language), extract_names(text, source.language)
    claim_words = frozenset(re.findall(r"[a-z]{4,}", text.lower())) - STOP_WORDS

    def score(sentence: Passage) -> float:
        words = re.findall(r"[a-z]{4,}", sentence.text.lower())
        return (
            3.0 * sum(sentence.words.contains_phrase(term) for term in claim.terms)
            + 2.0 * sum(map(sentence.supports, numbers))
            + sum(sentence.words.contains_name(name) for name in names)
            + len(claim_words.intersection(words)) / (1 + len(claim_words))
        )

    scores = {sentence.id: score(sentence) for sentence in source.sentences.values()}
    ranked = sorted(scores, key=lambda sentence_id: (-scores[sentence_id], sentence_id))
    return tuple(sentence_id for sentence_id in ranked[:MAX_CANDIDATES] if scores[sentence_id] > 0)


def _check_length(claim: Claim, limit: int) -> Failure | None:
    """Reject a long claim instead of truncating it: the part cut off could be the one that limits it."""
    return Failure("length", f"is longer than {limit} characters") if len(claim.text) > limit else None


def _check_absence(numbers: Sequence[Number]) -> Failure | None:
    if not numbers:
        return None
    return Failure(
        "numbers", f"{_joined(n.written for n in numbers)} needs evidence; cite a sentence, or leave it out"
    )


def _check_evidence(claim: Claim, section_kind: SectionKind, source: SourceIndex) -> Failure | None:
    limit = MAX_EVIDENCE[section_kind]
    if not 1 <= len(claim.evidence) <= limit:
        return Failure("evidence", f"cites {len(claim.evidence)} sentences; cite 1 to {limit}")
    missing = [sentence_id for sentence_id in claim.evidence if sentence_id not in source.sentences]
    return Failure("evidence", f"there is no sentence {_ids(missing)}") if missing else None


def _check_terms(claim: Claim, source: SourceIndex) -> Failure | None:
    if not 1 <= len(claim.terms) <= MAX_TERMS:
        return Failure("terms", f"gives {len(claim.terms)} terms; give 1 to {MAX_TERMS}")
    for term in claim.terms:
        if is_too_common(term):
            return Failure(
                "terms", f'"{term}" is too common to tie the claim to a sentence; copy another word'
            )
        if not any(sentence.words.contains_phrase(term) for sentence in source.cited(claim)):
            containing = [s.id for s in source.sentences.values() if s.words.contains_phrase(term)]
            hint = f"it is in {_ids(containing[:3])}" if containing else "it is nowhere in the text"
            return Failure("terms", f'"{term}" is not in the cited {_ids(claim.evidence)}; {hint}')
    return None


def _check_quotes(claim: Claim, source: SourceIndex) -> Failure | None:
    invented = invented_quotation(claim.text, source.cited(claim))
    if invented is None:
        return None
    return Failure("quotes", f'"{invented}" is in quotation marks, but stands in no cited sentence')


def invented_quotation(text: str, passages: Sequence[Passage]) -> str | None:
    """Return the first quotation of a text that is in no passage; punctuation at its ends is the text's own."""
    for quotation in quotations(text):
        simplified = simplify(quotation).strip(' ".,;:!?。、')
        if not simplified or not any(passage.quotes(simplified) for passage in passages):
            return quotation.strip()
    return None


def _check_numbers(
    claim: Claim,
    numbers: tuple[Number, ...],
    section_kind: SectionKind,
    source: SourceIndex,
    written: Iterable[str],
) -> tuple[Claim, Failure | None]:
    """Return the claim, with a sentence added if only that one supports the missing numbers, and a failure."""
    cited = source.cited(claim)
    allowed = [*cited, source.title, source.profile] if section_kind == "inference" else cited
    rejoined = [
        number for part in written for sentence in cited for number in rejoined_numbers(part, sentence.text)
    ]
    missing = [
        number
        for number in _unsupported(numbers, allowed, source)
        if not any(is_same(number, other) for other in rejoined)
    ]
    if missing:
        supporting = [
            sentence
            for sentence in source.sentences.values()
            if sentence.id not in claim.evidence
            and any(sentence.words.contains_phrase(term) for term in claim.terms)
            and all(sentence.supports(number, strictly=True) for number in missing)
        ]
        limit = MAX_EVIDENCE[section_kind]
        extended = (
            _with_evidence(claim, supporting[0].id, numbers, limit, source) if len(supporting) == 1 else None
        )
        if extended is None:
            return claim, Failure("numbers", _missing_reason(missing, cited, supporting))
        claim, allowed = extended, [*allowed, supporting[0]]
    wrong = _wrong_sign(numbers, [*rejoined, *(number for passage in allowed for number in passage.numbers)])
    return claim, Failure("numbers", wrong) if wrong else None


def _with_evidence(
    claim: Claim, sentence_id: int, numbers: tuple[Number, ...], limit: int, source: SourceIndex
) -> Claim | None:
    """Cite one more sentence, in place of one that the claim does not need if it already cites as many as it may."""
    choices = combinations(claim.evidence, min(len(claim.evidence), limit - 1))
    extended = (claim.model_copy(update={"evidence": (*kept, sentence_id)}) for kept in choices)
    return next(
        (
            choice
            for choice in extended
            if (_check_terms(choice, source) or _check_quotes(choice, source)) is None
            and not _unsupported(numbers, source.cited(choice), source)
        ),
        None,
    )


def _unsupported(numbers: Iterable[Number], passages: Sequence[Passage], source: SourceIndex) -> list[Number]:
    return [
        number
        for number in numbers
        if not any(passage.supports(number) for passage in passages)
        and not (number.is_cross_reference and number.readings[0][0] in source.cross_references)
    ]


def _missing_reason(numbers: list[Number], cited: list[Passage], supporting: list[Passage]) -> str:
    """Name the unsupported numbers, and the closest match: the same value with another unit, or other sentences."""
    written = _joined(number.written for number in numbers)
    reason = f"{written} is not in the cited {_ids(sentence.id for sentence in cited)}"
    of_cited = [other for sentence in cited for other in sentence.numbers]
    without_unit = [replace(number, unit=None) for number in numbers]
    similar = [other for number in without_unit for other in of_cited if is_supported(number, other)]
    if similar:
        return f"{reason}; there it is {similar[0].written}"
    return reason + (f"; it is in {_ids(sentence.id for sentence in supporting[:3])}" if supporting else "")


def _wrong_sign(numbers: Iterable[Number], known: Sequence[Number]) -> str:
    """Name a number that gained or lost a minus; a word for a decrease may replace the minus, not repeat it."""
    for number in numbers:
        supporting = [other for other in known if is_supported(number, other)]
        signs = {other.sign for other in supporting}
        in_words = not number.is_decrease and any(other.is_decrease for other in supporting)
        if number.sign == "-" and signs and "-" not in signs and ("+" in signs or not in_words):
            return f"-{number.written} has no minus in the cited sentences"
        if signs == {"-"} and number.sign != "-" and (number.sign == "+" or not number.is_decrease):
            return f"{number.written} is negative in the cited sentences"
    return ""


def _check_names(claim: Claim, section_kind: SectionKind, source: SourceIndex) -> Failure | None:
    if section_kind == "inference":
        allowed = [*source.cited(claim), source.title, source.profile]
        return _unknown_names(
            claim.text, [passage.words for passage in allowed], "the cited sentences", source.language
        )
    return _unknown_names(claim.text, [source.words, source.profile.words], "the paper", source.language)


def _unknown_names(text: str, known: Sequence[WordIndex], where: str, language: str) -> Failure | None:
    unknown = _joined(
        name for name in extract_names(text, language) if not is_known_name(name, *known, language=language)
    )
    return Failure("names", f"{unknown} stands neither in {where} nor in the profile") if unknown else None


def _joined(texts: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(texts))


def _ids(ids: Iterable[int]) -> str:
    return ", ".join(f"[{sentence_id}]" for sentence_id in ids)
