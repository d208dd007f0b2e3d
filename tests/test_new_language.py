"""A language that the program does not have, added by following docs/extend.md alone: one file, and the text's own example."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.cli.check import check
from pipeline.core.models import Claim, Sentence, Text
from pipeline.grounding import languages, notation
from pipeline.grounding.entities import extract_names
from pipeline.grounding.gates import check as check_claim
from pipeline.grounding.numbers import claim_numbers
from pipeline.grounding.source_index import SourceIndex
from pipeline.report import i18n
from pipeline.report.page import page
from tests.report import days

EXTEND = (Path(__file__).parents[1] / "docs" / "extend.md").read_text("utf-8")
CACHES = (i18n.load, languages.language, notation.claim_notation, notation.paper_notation)
SENTENCES = (
    "ToyFlow reaches 31.4 dB on 12,480 images.",
    "It needs 15 to 20 ms, a quarter of the time.",
    "Twenty-three of the tasks were solved on May 5, 2026.",
)
HONEST = (
    ("ToyFlow atingas 31,4 dB sur 12.480 bildoj.", 1, "images"),
    ("La modelo bezonas 15 ĝis 20 ms, kvaronon de la tempo.", 2, "quarter"),
    ("Dudek tri taskoj estis solvitaj, la 5. majo 2026.", 3, "tasks"),
)
FALSE = (
    ("ToyFlow atingas 31,5 dB sur 12.480 bildoj.", 1, "images"),
    ("ToyFlow atingas 31,4 dB sur 12,480 bildoj.", 1, "images"),  # 12.48 images
    ("Dudek kvar taskoj estis solvitaj.", 3, "tasks"),
    ("QuorvexNet atingas 31,4 dB.", 1, "images"),
)


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Step 1 of the text: the copy without `[language]`, its words left in English."""
    folder = tmp_path / "pipeline" / "report" / "locales"
    shutil.copytree(i18n.FOLDER, folder)
    words = (folder / "en.toml").read_text("utf-8").partition("[language]")[0]
    (folder / "eo.toml").write_text(words, "utf-8")
    monkeypatch.setattr(i18n, "FOLDER", folder)
    monkeypatch.setattr(i18n, "LANGUAGES", i18n.LANGUAGES | {"eo"})
    _forget()
    yield folder / "eo.toml"
    _forget()


def _forget() -> None:
    for cache in CACHES:
        cache.cache_clear()


def said_by_check() -> list[str]:
    told: list[str] = []
    problems = check(None, ["llm-agents"], {}, [], told.append)
    assert [str(problem) for problem in problems] == []
    return [line for line in told if "eo.toml" in line]


def failed(text: str, evidence: int, term: str) -> str:
    sentences = tuple(Sentence(id=n, section="S", anchor=None, text=s) for n, s in enumerate(SENTENCES, 1))
    paper = Text(basis="html", url="https://arxiv.org/html/x", sentences=sentences, left_out={})
    source = SourceIndex.of(paper, title="", abstract="", profile="", language="eo")
    claim = Claim(text=text, terms=(term,), kind="stated", evidence=(evidence,))
    failure = check_claim(claim, "claims", source).failure
    return failure.gate if failure else ""


def add_the_example(file: Path) -> None:
    """Step 3: the example of the text, as it stands there."""
    example = re.findall(r"```toml\n(.*?)```", EXTEND, re.DOTALL)
    file.write_text(file.read_text("utf-8") + example[0], "utf-8")
    _forget()


def test_words_alone_are_accepted_with_a_warning_and_no_claim_is_lost(file: Path) -> None:
    assert file.is_file()
    numbers_and_names, name = said_by_check()
    assert "the numbers and names of a claim are not checked" in numbers_and_names
    assert "add [language.numbers] and [language.names]" in numbers_and_names
    assert 'add [language] name = "' in name
    assert i18n.prompt_name("eo") == "eo"
    assert [failed(*claim) for claim in (*HONEST, *FALSE)] == [""] * 7


def test_the_page_says_what_was_not_checked(file: Path) -> None:
    digest = days.full("en").model_copy(update={"language": "eo"})
    text = page(digest)
    assert (
        "11 claims: terms checked by program; not checked in this language: numbers, names; meaning" in text
    )
    assert "- What the program cannot check in this language: numbers, names." in text
    assert "numbers, names, terms checked" not in text
    add_the_example(file)
    assert "11 claims: numbers, names, terms checked by program; meaning" in page(digest)
    assert "What the program cannot check" not in page(digest)


def test_with_the_example_of_the_text_the_gates_are_on(file: Path) -> None:
    add_the_example(file)
    assert said_by_check() == []
    assert i18n.prompt_name("eo") == "Esperanto"
    assert [failed(*claim) for claim in HONEST] == ["", "", ""]
    assert [failed(*claim) for claim in FALSE] == ["numbers", "numbers", "numbers", "names"]
    values = claim_numbers("kvaroble, 3,5 milionoj kaj 7 procentoj", "eo")
    assert [float(number.readings[0][0]) for number in values] == [4, 3.5e6, 7]
    assert extract_names("Ĉiu modelo, t.e. nia, uzas Mamba. Poste Restormer venas.", "eo") == (
        "Mamba",
        "Restormer",
    )
    assert i18n.load("eo").day(days.full("en").date) == "30-a de januaro 2026"
    assert i18n.load("eo").number("12,480.5") == "12.480,5"


def test_a_language_may_have_more_forms_by_number(file: Path) -> None:
    forms = '{ one = "1 a", few = "{n} b", other = "{n} c" }'
    text = re.sub(r"(?m)^minutes = .*$", f"minutes = {forms}", file.read_text("utf-8"))
    rules = """
[language.plural]
one = { last_digit = [1], except_last_two = [11] }
few = { last_digit = [2, 3, 4], except_last_two = [12, 13, 14] }
"""
    file.write_text(text, "utf-8")
    _forget()
    assert i18n.locale_errors("eo") == ["verdict.minutes: 'few' is not a form of `language.plural`"]
    file.write_text(text + rules, "utf-8")
    _forget()
    assert i18n.locale_errors("eo") == []
    t = i18n.load("eo")
    assert [t("verdict.minutes", n=n) for n in (1, 3, 11, 13, 21, 22, 25)] == [
        "1 a",
        "3 b",
        "11 c",
        "13 c",
        "1 a",
        "22 b",
        "25 c",
    ]


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ('[language.numbers]\ndecimals = ","', "[language] `numbers.decimals` is not a key"),
        ('[language.numbers]\ndecreases = ["("]', '"(" is no regular expression'),
        ('[language.numbers.units]\nsecs = ["sekundo"]', "there is no unit 'secs'"),
        ('[language.dates]\nday = "{dag}"', "'{dag}' cannot be filled in"),
        ('[language.names]\ncapitals = "never"', "names.capitals"),
    ],
)
def test_a_mistake_in_the_rules_is_an_error_of_the_file(file: Path, lines: str, says: str) -> None:
    file.write_text(file.read_text("utf-8") + lines, "utf-8")
    _forget()
    problems = check(None, ["llm-agents"], {}, [], lambda line: None)
    assert [str(problem) for problem in problems if says in str(problem) and "eo.toml" in str(problem)]
