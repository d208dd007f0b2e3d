"""A model half of whose claims are made up: none of those is published, over hundreds of real abstracts.

Lies are told apart by construction: an honest claim is a sentence of the abstract, word for word; a lie is such a
sentence with a number changed, a name that no paper has, or the id of a sentence that does not carry it.
"""

from __future__ import annotations

import asyncio
import html
import os
import random
import re
from pathlib import Path
from typing import Any

import pytest

from pipeline.config.profile import load_profile
from pipeline.core.artifacts import Digest, Judged, Texts
from pipeline.core.models import Paper, Text
from pipeline.extraction.html.parse import parse_html
from pipeline.extraction.text import abstract_text
from pipeline.grounding.entities import extract_names
from pipeline.llm.interface import Question
from pipeline.llm.prompts import load_prompt
from pipeline.stages import analyze, render
from tests.builders import Scripted, fetched, paper
from tests.nights import recorded_days
from tests.stages.test_analyze import VERDICT, scored

INVENTED = ("ZyntaxNet", "QUORVEX-7", "BlarfSet", "Mirelle-XL", "TR0X")
WORD = re.compile(r"\b[a-z]{7,}\b")


def as_html(one: Paper) -> bytes:
    """The abstract as an arXiv page: a section a sentence, each paragraph with an anchor of its own."""
    paragraphs = "".join(
        f'<section class="ltx_section" id="S{n}"><h2 class="ltx_title ltx_title_section">{n} Part</h2>'
        f'<div class="ltx_para" id="S{n}.p1"><p class="ltx_p">{html.escape(sentence.text)}</p></div></section>'
        for n, sentence in enumerate(abstract_text(one.abstract, "").sentences, start=1)
    )
    filler = (
        '<div class="ltx_para" id="S0.p1"><p class="ltx_p">' + "Nothing is said here. " * 60 + "</p></div>"
    )
    return f'<html><body><article class="ltx_document">{paragraphs}{filler}</article></body></html>'.encode()


PAPERS = int(os.environ.get("DIGEST_TEST_PAPERS", "60"))  # 220 are there


def papers() -> list[Paper]:
    rows = [row for day in sorted(recorded_days()) for row in recorded_days()[day]]
    return [paper(row["id"], title=row["title"], abstract=row["abstract"]) for row in rows]


def rare(sentence: str, elsewhere: str) -> str | None:
    """A long word of the sentence that stands nowhere else in the abstract."""
    found = [word for word in WORD.findall(sentence) if word not in elsewhere.lower()]
    return max(found, key=len, default=None)


class Liar:
    """Knows each paper's sentences; tells the truth and lies in turn, and lies again when asked to repair."""

    def __init__(self, texts: dict[str, Text], seed: int) -> None:
        self.texts = texts
        self.dice = random.Random(seed)
        self.lies: set[str] = set()
        self.told = 0

    def __call__(self, question: Question[Any]) -> object:
        if question.stage == "verify":
            return {}  # a second reader that finds everything supported: the gates stand alone here
        text = self.texts[question.about.split(" ")[0]]
        if "(repair)" in question.about:
            made = [lie for sentence in text.sentences if (lie := self.lie(text, sentence.id))]
            return {
                "claims": [{**claim, "number": n, "written": ""} for n, claim in enumerate(made, start=1)]
            }
        claims = []
        for sentence in text.sentences:
            for claim in (self.truth(text, sentence.id), self.lie(text, sentence.id)):
                if claim:
                    claims.append(claim)
        return {"headline": text.sentences[0].text, "hook": "", "contribution": claims, "method": [], "setup": [], "takeaways": [], "limitations": []}  # fmt: skip

    def parts(self, text: Text, key: int) -> tuple[str, str | None]:
        sentence = next(one.text for one in text.sentences if one.id == key)
        rest = " ".join(one.text for one in text.sentences if one.id != key)
        return sentence, rare(sentence, rest)

    def truth(self, text: Text, key: int) -> dict[str, Any] | None:
        sentence, term = self.parts(text, key)
        return {"text": sentence, "terms": [term], "evidence": [key], "kind": "stated"} if term else None

    def lie(self, text: Text, key: int) -> dict[str, Any] | None:
        sentence, term = self.parts(text, key)
        if term is None:
            return None
        said, evidence = sentence, [key]
        numbers = [n for n in re.findall(r"(?<![\w.])\d+(?:\.\d+)?(?![\w.])", sentence) if float(n) > 3]
        match self.dice.randrange(3):
            case 0 if numbers:
                number = self.dice.choice(numbers)
                said = sentence.replace(number, f"{float(number) * 3 + 17:g}", 1)
            case 1 if len(text.sentences) > 1:
                evidence = [self.dice.choice([one.id for one in text.sentences if one.id != key])]
                said = f"{sentence} (elsewhere)"
            case _:
                said = f"{self.dice.choice(INVENTED)} shows this: {sentence}"
        self.lies.add(said)
        self.told += 1
        return {"text": said[:590], "terms": [term], "evidence": evidence, "kind": "stated"}


def published(some: list[Paper], liar: Liar, texts: dict[str, Text]) -> Digest:
    profile = load_profile(Path("prompts"), "cv-restoration", languages=frozenset({"zh-CN"}))
    asked = analyze.Prompts(
        analyze=load_prompt(Path("prompts"), "analyze", "analyze"),
        repair=load_prompt(Path("prompts"), "repair", "repair"),
        verify=load_prompt(Path("prompts"), "verify", "verify"),
        brief=load_prompt(Path("prompts"), "brief", "brief"),
    )
    judged = tuple(Judged(paper=one, verdict=VERDICT, outcome="picked", flags=()) for one in some)
    day = scored().model_copy(update={"papers": judged})
    made = asyncio.run(
        analyze.analyze(
            day,
            Texts(**fetched().shared_fields(), texts=texts),
            profile=profile,
            prompts=asked,
            model=Scripted(liar),
        )
    )
    return render.render(made)


@pytest.fixture(scope="module")
def everyone() -> list[Paper]:
    return papers()[:PAPERS]


@pytest.mark.parametrize("basis", ["abstract", pytest.param("html", marks=pytest.mark.long)])
def test_no_lie_is_published_and_every_quotation_is_verbatim(
    project: Path, everyone: list[Paper], basis: str
) -> None:
    """Every quotation stands in the text that was read, and every link's anchor in the page that was read."""
    texts = {one.id: abstract_text(one.abstract, one.links.page) for one in everyone}
    pages: dict[str, bytes] = {}
    if basis == "html":
        pages = {one.id: as_html(one) for one in everyone}
        read = {key: parse_html(body, f"https://arxiv.org/html/{key}v1") for key, body in pages.items()}
        texts = {key: text for key, text in read.items() if isinstance(text, Text)}
        assert len(texts) == len(everyone)
    liar = Liar(texts, seed=20260130)
    claims = quotes = 0
    for start in range(0, len(everyone), 20):
        some = everyone[start : start + 20]
        digest = published(some, liar, texts)
        for pick in digest.picks:
            sentences = {one.text for one in texts[pick.id].sentences}
            for claim in (claim for section in pick.sections for claim in section.claims):
                claims += 1
                assert claim.text not in liar.lies, f"{pick.id}: {claim.text}"
                assert claim.text in {text[:600] for text in sentences}
                for one in claim.evidence:
                    quotes += 1
                    assert one.quote in sentences
                    assert one.url == f"{texts[pick.id].url}{f'#{one.anchor}' if one.anchor else ''}"
                    assert one.anchor is None or f'id="{one.anchor}"'.encode() in pages[pick.id]
    assert liar.told > 5 * PAPERS
    assert claims > 4 * PAPERS
    print(
        f"{basis}: {len(everyone)} papers, {liar.told} lies told, {claims} claims published, {quotes} quotations"
    )
    assert not [name for name in INVENTED if not extract_names(f"the {name} model")], (
        "the invented names are seen as names"
    )
