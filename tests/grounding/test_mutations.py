"""How many dishonest claims are caught, and how many honest ones are kept. `pytest -s` prints the table."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from pipeline.core.models import Claim, SectionKind, Sentence, Text
from pipeline.grounding.gates import CheckResult, check
from pipeline.grounding.source_index import SourceIndex
from tests.grounding.language_of import language_of
from tests.grounding.mutating import INVENTED, Honest, by_hand, by_rule, mutated

PROFILE = "I work on image restoration, super-resolution and diffusion models."
# These are promised; a unit is a best effort, kept from falling far below what was measured. What changes the meaning
# and keeps the words is for the second reader: `digest eval --claims` measures it.
ALL_CAUGHT = ("number", "small number", "name", "id out of range", "id swapped", "magnitude", "sign")
MOST_STOPPED = 4  # of 1,226
AT_LEAST = {"unit": 0.9}


class Judge:
    """Holds claims against their sentences, and reads each text once."""

    def __init__(self) -> None:
        self.sources: dict[tuple[str, tuple[str, ...]], SourceIndex] = {}

    def __call__(self, claim: Honest) -> CheckResult:
        key = (language_of(claim.text), claim.sentences)
        if key not in self.sources:
            self.sources[key] = self.read(claim)
        one = Claim(text=claim.text, terms=claim.terms, kind=claim.kind, evidence=claim.evidence)
        section: SectionKind = "inference" if claim.section == "inference" else "claims"
        return check(one, section, self.sources[key])

    def read(self, claim: Honest) -> SourceIndex:
        numbered = tuple(
            Sentence(id=number, section="Abstract", anchor=None, text=text)
            for number, text in enumerate(claim.sentences, 1)
        )
        text = Text(basis="abstract", url="https://arxiv.org/abs/x", sentences=numbered, left_out={})
        return SourceIndex.of(
            text,
            title=claim.title,
            abstract=" ".join(claim.sentences),
            profile=PROFILE,
            language=language_of(claim.text),
        )


@pytest.fixture(scope="module")
def judge() -> Judge:
    return Judge()


@pytest.fixture(scope="module", params=["by hand", pytest.param("by rule", marks=pytest.mark.long)])
def claims(request: pytest.FixtureRequest) -> list[Honest]:
    return by_hand() if request.param == "by hand" else by_rule()


def test_there_are_enough_claims() -> None:
    written, made = by_hand(), by_rule()
    assert len(made) >= 800
    assert sum(any("\u4e00" <= char <= "\u9fff" for char in claim.text) for claim in written) >= 200
    assert len(set(written)) == len(written)
    text = " ".join(claim.title + " ".join(claim.sentences) for claim in [*written, *made])
    assert not [name for name in INVENTED if name.lower() in text.lower()]


@pytest.mark.slow
def test_honest_claims_are_kept(judge: Judge) -> None:
    claims = [*by_hand(), *by_rule()]
    assert len(claims) == 1226
    results = [(claim, judge(claim)) for claim in claims]
    stopped = [(claim.text, checked.failure) for claim, checked in results if checked.failure]
    print(f"\nhonest: {len(claims) - len(stopped)} of {len(claims)} kept")
    assert len(stopped) <= MOST_STOPPED, stopped
    moved = [claim.text for claim, checked in results if checked.claim.evidence != claim.evidence]
    assert not moved


@pytest.mark.slow
def test_dishonest_claims_are_caught(claims: list[Honest], judge: Judge) -> None:
    made: Counter[str] = Counter()
    caught: Counter[str] = Counter()
    moved: Counter[str] = Counter()
    slipped: list[tuple[str, str]] = []
    for claim in claims:
        if judge(claim).failure:
            continue  # nothing can be learned from a change to it
        for kind, other in mutated(claim, random.Random(claim.text)):
            checked = judge(other)
            made[kind] += 1
            caught[kind] += checked.failure is not None
            moved[kind] += checked.failure is None and checked.claim.evidence != other.evidence
            if checked.failure is None and kind in ALL_CAUGHT:
                slipped.append((kind, other.text))
    for kind, count in made.items():
        print(f"\n{kind}: {caught[kind]} of {count} caught, {moved[kind]} given other evidence", end="")
    assert all(made[kind] for kind in ALL_CAUGHT)
    assert not slipped
    low = {
        kind: caught[kind] / made[kind]
        for kind, least in AT_LEAST.items()
        if caught[kind] < least * made[kind]
    }
    assert not low
