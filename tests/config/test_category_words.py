"""The table of words: complete, and what it proposes for sentences in five languages."""

from __future__ import annotations

import tomllib
from collections import Counter

import pytest

from pipeline.config.arxiv_categories import CATEGORIES
from pipeline.config.category_words import TABLE, english_terms, propose_categories, single_words, terms


def test_every_category_has_a_line_and_every_line_is_a_category() -> None:
    assert tomllib.loads(TABLE.read_text("utf-8")).keys() == CATEGORIES


def test_the_terms_are_english_and_no_form_stands_twice_in_a_line() -> None:
    every = list(terms())
    assert [term for term in every if not term.form or ord(max(term.english)) > 0x200] == []
    assert [
        one
        for one, count in Counter((term.category, term.form.casefold()) for term in every).items()
        if count > 2
    ] == []


@pytest.mark.parametrize(
    ("text", "categories"),
    [
        ("I prove theorems on modular forms, elliptic curves and Galois representations.", ["math.NT"]),
        ("I compute hadron masses with lattice QCD.", ["hep-lat"]),
        ("How does the cortex encode what we see? I record neurons in mice.", ["q-bio.NC"]),
        ("I study labour with difference-in-differences and panel data.", ["econ.EM"]),
        ("我做图像修复和超分辨率。", ["cs.CV", "eess.IV"]),
        ("我研究固态电池材料的机器学习势函数。", ["cond-mat.mtrl-sci"]),
        ("タンパク質の構造予測と創薬を研究しています。", ["q-bio.BM"]),
        ("안드로이드 악성코드 탐지와 개인정보 보호를 연구합니다.", ["cs.CR"]),
        ("양자 오류 정정과 표면 부호를 연구합니다.", ["quant-ph"]),
        ("Ich erforsche Exoplaneten und Planetenentstehung.", ["astro-ph.EP"]),
        ("Ich baue Spracherkennung für kleine Sprachen.", ["cs.SD", "eess.AS"]),
    ],
)
def test_what_a_text_proposes(text: str, categories: list[str]) -> None:
    proposed = propose_categories(text)
    assert set(categories) <= set(proposed)
    assert proposed[0] in categories or len(categories) == 1


def test_a_text_without_a_known_word_proposes_nothing() -> None:
    assert propose_categories("Я люблю гулять. The startle of a barking dog.") == ()


def test_one_stray_word_proposes_nothing_and_two_words_do() -> None:
    """The `sensores` of Portuguese and Spanish read as `sensors`; a second word, or a term of two, decides."""
    stray = "Pesquiso manipulação bimanual com poucas demonstrações e sensores táteis."
    assert (propose_categories(stray), single_words(stray)) == ((), {"physics.app-ph": "sensors"})
    assert propose_categories(f"{stray} robots, SLAM") == ("cs.RO", "physics.app-ph")
    for text in ("tactile sensing", "K-theory", "創薬", "Spracherkennung"):
        assert propose_categories(text), text


def test_words_are_found_whole_or_as_the_beginning_of_longer_ones() -> None:
    assert "astro-ph.SR" not in propose_categories("a starting point")
    assert propose_categories("ein Quantencomputer; Quantencomputern") == ("quant-ph",)


def test_english_terms_stand_for_words_of_other_languages_alone() -> None:
    text = "超分辨率、去噪；表面码"
    assert english_terms(text, ("cs.CV",)) == ("super-resolution", "image denoising")
    assert english_terms("super-resolution, surface code", ("cs.CV", "quant-ph")) == ()
