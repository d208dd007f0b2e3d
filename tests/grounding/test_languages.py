"""Honest claims in five languages on made-up English sentences: kept; with one number changed: caught.

`languages.jsonl` has one sentence a line, its terms, and what a claim in each language says of it. The claims were
written before anything was tried on them.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.core.language import Language
from pipeline.core.models import Claim, Sentence, Text
from pipeline.grounding import languages
from pipeline.grounding.entities import extract_names, is_known_name
from pipeline.grounding.gates import CheckResult, check, check_line
from pipeline.grounding.numbers import claim_numbers, source_numbers
from pipeline.grounding.source_index import SourceIndex

ROWS: list[dict[str, Any]] = [
    json.loads(line) for line in (Path(__file__).parent / "languages.jsonl").read_text("utf-8").splitlines()
]
WRITTEN = ("de", "en", "ja", "ko", "zh-CN")
MOST_LOST = 2  # of 105 in a language
# Figures of a claim by themselves, with the language's signs between them; not 10^18, H100 or 1e-5.
FIGURE = re.compile(r"(?<![A-Za-z\d.,^-])\d(?:[\d.,]*\d)?(?!\d)")
WORDS = {
    word: value
    for value, words in enumerate(
        ["zero", "one first", "two second half", "three third", "four quarters", "five fifth", "six sixth", "seven", "eight", "nine", "ten", "eleven", "a dozen"]
    )
    for word in words.split()
} | {"March": 3, "May": 5, "October": 10}  # fmt: skip


def source(sentences: list[str], language: str, profile: str = "") -> SourceIndex:
    numbered = tuple(Sentence(id=n, section="S", anchor=None, text=s) for n, s in enumerate(sentences, 1))
    text = Text(basis="html", url="https://arxiv.org/html/x", sentences=numbered, left_out={})
    return SourceIndex.of(text, title="", abstract="", profile=profile, language=language)


def checked(row: dict[str, Any], language: str, text: str = "") -> CheckResult:
    evidence = tuple(range(1, len(row["s"]) + 1))
    claim = Claim(text=text or row[language], terms=tuple(row["t"]), kind="stated", evidence=evidence)
    return check(claim, "claims", source(row["s"], language))


@pytest.mark.parametrize("language", WRITTEN)
def test_honest_claims_are_kept(language: str) -> None:
    results = [checked(row, language) for row in ROWS]
    lost = [(one.claim.text, one.failure) for one in results if one.failure]
    print(f"\n{language}: {len(ROWS) - len(lost)} of {len(ROWS)} kept")
    assert len({one.claim.text for one in results}) == len(ROWS) >= 100
    assert sum(one.numbers for one in results) > 2 * len(ROWS), "they are full of numbers"
    assert len(lost) <= MOST_LOST, lost


def changed(row: dict[str, Any], language: str, dice: random.Random) -> Iterator[str]:
    """The claim with one digit of one number changed, so that no sentence has the new number in figures or words."""
    text, sentences = row[language], " ".join(row["s"])
    known = {float(figure.replace(",", "")) for figure in re.findall(r"\d[\d,]*(?:\.\d+)?", sentences)}
    known |= {float(value) for word, value in WORDS.items() if re.search(rf"(?i)\b{word}\b", sentences)}
    for found in FIGURE.finditer(text):
        for _ in range(20):
            at = dice.choice([i for i, char in enumerate(found[0]) if char.isdigit()])
            digit = dice.choice([digit for digit in "123456789" if digit != found[0][at]])
            new = found[0][:at] + digit + found[0][at + 1 :]
            if not any(_alike(new, number) for number in known) and new != "1":
                yield text[: found.start()] + new + text[found.end() :]
                break


def _alike(new: str, number: float) -> bool:
    """True if both have the same figures, wherever the point is, or one is the other rounded."""
    figures = re.sub(r"[.,]", "", new)
    exact = re.sub(r"\D", "", f"{number:f}")
    rounded = {f"{number:.{places}f}".replace(".", "").strip("0") for places in range(4)}
    return figures.strip("0") in {exact.strip("0"), *rounded}


@pytest.mark.slow
@pytest.mark.parametrize("language", WRITTEN)
def test_every_changed_number_is_caught(language: str) -> None:
    dice = random.Random(20260130)
    lies = [(row, lie) for row in ROWS for lie in changed(row, language, dice)]
    missed = [lie for row, lie in lies if checked(row, language, lie).failure is None]
    print(f"\n{language}: {len(lies) - len(missed)} of {len(lies)} changed numbers caught")
    assert len(lies) > 1.8 * len(ROWS)
    assert missed == []


@pytest.mark.parametrize(
    ("language", "said", "instead"),
    [
        ("de", "dreiundzwanzig", "vierundzwanzig"),
        ("de", "anderthalb", "zweieinhalb"),
        ("de", "Zweieinhalb Millionen", "Dreieinhalb Millionen"),
        ("de", "fünften Platz", "vierten Platz"),
        ("de", "Elf der dreizehn", "Elf der vierzehn"),
        ("de", "zweihundert Iterationen", "dreihundert Iterationen"),
        ("de", "vierschichtiger", "fünfschichtiger"),
        ("de", "tausendmal", "hundertmal"),
        ("de", "15. März", "15. Mai"),
        ("de", "1,3 Milliarden", "1,3 Millionen"),
        ("de", "2,4 Billionen", "2,4 Milliarden"),
        ("ko", "열세 명", "열네 명"),
        ("ko", "일곱 과제", "여덟 과제"),
        ("ko", "2조 4천억", "2조 5천억"),
        ("ko", "5만 8천", "5만 9천"),
        ("ko", "13억", "13만"),
        ("ko", "4분의 3은", "5분의 3은"),
        ("zh-CN", "十三名", "十四名"),
        ("zh-CN", "百分之六十", "百分之七十"),
        ("ja", "8 千人", "9 千人"),
        ("ja", "2.4 兆", "2.4 億"),
    ],
)
def test_a_changed_number_word_or_scale_is_caught(language: str, said: str, instead: str) -> None:
    row = next(row for row in ROWS if said in row[language])
    assert checked(row, language).failure is None
    failure = checked(row, language, row[language].replace(said, instead)).failure
    assert failure is not None
    assert failure.gate == "numbers"


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("de", "31,4 dB, 1.598 Bilder, 1.234.567,5 und 65 536", [31.4, 1598, 1234567.5, 65536]),
        ("de", "0,042 und 0.042, 4.1 ohne Komma, GPT-4.1", [0.042, 0.042, 4.1]),
        ("de", "am 30.01.2026, am 5. Mai 2026", [30, 2026, 5, 5, 2026]),  # the 1 of January is trivial
        ("de", "zweihundertfünfzig, dreitausendfünfhundert, vierundneunzig", [250, 3500, 94]),
        ("de", "vierfach, 10- bis 20-mal, 95-%-Intervall", [4, 10, 20, 95]),
        ("de", "elfenbeinfarben, Achtung, einige, keine, hunderte, vielfach", []),
        ("de", "3,5 Mrd., 2 Mio., 7 Tausend und 1 Billion", [3.5e9, 2e6, 7000, 1e12]),
        ("ko", "3만 2천 개, 1억 2천만 명, 1만 2480개", [32_000, 120_000_000, 12_480]),
        ("ko", "삼백 개, 이십 퍼센트, 스물다섯 명, 네 가지", [300, 20, 25, 4]),
        ("ko", "99번째 백분위수, 만일 이 점을 보면, 만점, 천천히, 열 손실, 오만한 이 방법, 이 시간", [99]),
        ("ko", "2.8조각으로, 5만큼, 3배치", [2.8, 5, 3]),
        ("ko", "2026. 5. 30. 공개, 2026년 5월 30일", [2026, 5, 30, 2026, 5, 30]),
        ("ja", "1.2兆、三百二十個", [1.2e12, 320]),
    ],
)
def test_numbers_as_a_language_writes_them(language: str, text: str, expected: list[float]) -> None:
    assert [float(number.readings[0][0]) for number in claim_numbers(text, language)] == expected


def test_the_beginning_of_another_word_is_no_unit() -> None:
    found = claim_numbers("5배, 5배치, 5도, 5도시, 5세대", "ko")
    assert [number.unit.name if number.unit else "" for number in found] == ["배", "", "도", "", ""]
    assert [number.unit for number in claim_numbers("第 5 个代理", "zh-CN")] == [None]


def test_papers_are_read_in_english_whatever_the_claim_is_written_in() -> None:
    for language in WRITTEN:
        values = {
            float(n.readings[0][0]) for n in source_numbers("1.598 dB for 12,480 and 2 billion", language)
        }
        assert values == {1.598, 12480, 2e9}


def test_the_reader_may_write_numbers_as_the_language_does() -> None:
    paper = source(["A tracker."], "de", profile="Ich brauche 31,4 dB und 12.480 Bilder.")
    claim = Claim(
        text="Der Tracker erreicht 31,4 dB auf 12.480 Bildern.",
        terms=("tracker",),
        kind="inference",
        evidence=(1,),
    )
    assert check(claim, "inference", paper).failure is None
    wrong = claim.model_copy(update={"text": "Der Tracker erreicht 31,5 dB."})
    assert check(wrong, "inference", paper).failure is not None


@pytest.mark.parametrize(
    ("claim", "names"),
    [
        ("Das Verfahren verbessert die Bildrestaurierung auf dem SandGrid-Datensatz.", ["SandGrid"]),
        ("Der PSNR-Wert von LumaSR steigt, z.B. mit GPT-4.1 und ViT-B/16-Encodern.", ["PSNR", "LumaSR", "GPT-4.1", "ViT-B/16"]),
        ("Retrieval-Korpus, Top-5-Genauigkeit und US-Dollar", []),
        ("Die Trainings-GPUs stehen in Übersee.", ["Trainings-GPUs"]),
    ],
)  # fmt: skip
def test_german_nouns_are_no_names(claim: str, names: list[str]) -> None:
    assert list(extract_names(claim, "de")) == names


def test_a_german_compound_is_known_by_its_name() -> None:
    words = source(["PolyAgent-7B uses a GPU and artificial intelligence."], "de").words
    known = ("Trainings-GPU", "PolyAgent-7B", "KI", "KI-Agenten")
    assert [
        name
        for name in known
        for found in extract_names(name, "de")
        if not is_known_name(found, words, language="de")
    ] == []
    assert not is_known_name("PolyAgent-8B", words, language="de")
    assert not is_known_name("Trainings-TPU", words, language="de")


@pytest.mark.parametrize("language", ["ko", "ja", "zh-CN"])
def test_a_name_may_touch_the_letters_of_a_profile(language: str) -> None:
    profile = {"ko": "LumaSR을 씁니다", "ja": "LumaSRを使う", "zh-CN": "我用LumaSR做研究"}[language]
    assert check_line("LumaSR", source(["A tracker."], language, profile)) is None


def test_gates_that_a_language_lacks_find_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    bare, real = Language(name="Toki"), languages.language
    monkeypatch.setattr(languages, "language", lambda code: bare if code == "tok" else real(code))
    paper = source(["A tracker gains 12,480 points."], "tok")
    assert check_line("Tracker 12.480 Quorvex", paper) is None
    assert check_line("Tracker “12.480”", paper) is not None, "quotation marks are checked in every language"
    assert check_line("https://evil.example/a", paper) is not None, "and so are addresses"
