"""Exports are read back by programs that are not ours: pybtex, rispy, and pylatexenc for TeX."""

from __future__ import annotations

import datetime as dt
import functools
import json
import os
import re
import unicodedata
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import rispy
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pybtex.database import Entry, Person, parse_string
from pylatexenc.latex2text import LatexNodes2Text, MacroTextSpec, get_default_latex_context_db

from pipeline.archive import references
from pipeline.core.month_index import months
from pipeline.report.escape import clean
from pipeline.report.export import Mention, Reference, export, merge
from tests.report import papers

EXAMPLES = int(os.environ.get("DIGEST_TEST_EXAMPLES", "100"))
COUNT = 200
ROOT = Path(__file__).parents[2]
PLAIN = papers.reference(1)


@functools.cache
def tex_reader() -> LatexNodes2Text:
    """What pylatexenc lacks of LaTeX's own commands."""
    context = get_default_latex_context_db()
    context.add_context_category(
        "lacking",
        prepend=True,
        macros=[
            MacroTextSpec("textbraceleft", "{"),
            MacroTextSpec("textbraceright", "}"),
            MacroTextSpec("textbar", "|"),
            MacroTextSpec("textless", "<"),
            MacroTextSpec("textgreater", ">"),
            MacroTextSpec("textasciicircum", "^"),
            MacroTextSpec("j", "ȷ"),
            MacroTextSpec("SS", "ẞ"),
        ],
    )
    return LatexNodes2Text(
        latex_context=context, math_mode="verbatim", keep_comments=True, strict_latex_spaces=True
    )


def typeset(tex: str) -> str:
    """What TeX shows, formulas as they are written."""
    tex = re.sub(r"\\textcommabelow (\w)", "\\1\u0326", tex)  # pylatexenc knows no accent of this name
    return unicodedata.normalize("NFC", tex_reader().latex_to_text(tex))


def from_bibtex(text: str) -> dict[str, Entry]:
    return dict(parse_string(text, "bibtex").entries)


def parts(person: Person) -> tuple[str, str, str, str]:
    words = (
        person.first_names + person.middle_names,
        person.prelast_names,
        person.last_names,
        person.lineage_names,
    )
    first, von, last, jr = (typeset(" ".join(group)) for group in words)
    return first, von, last, jr


@functools.cache
def exported(kind: Any) -> str:
    return export(papers.references(COUNT), kind)


@pytest.mark.slow
def test_bibtex_of_200_papers_is_read_back() -> None:
    entries = from_bibtex(exported("bibtex"))
    assert len(entries) == COUNT
    for number, entry in enumerate(entries.values(), start=1):
        paper, fields = papers.reference(number), entry.fields
        listed, shown, tex = papers.TITLES[number % len(papers.TITLES)]
        if shown:
            assert typeset(fields["title"]) == (tex or shown), listed
        authors = [parts(person) for person in entry.persons["author"]]
        expected = [author.bibtex for author in papers.authors_of(number)]
        assert authors == expected + ([("", "", "others", "")] if paper.more_authors else [])
        assert fields.get("doi", "") == paper.doi
        assert fields["url"] == paper.url
        assert typeset(fields.get("keywords", "")) == ", ".join(paper.categories)
        if paper.publication:
            assert typeset(fields["howpublished"]) == paper.publication
        assert typeset(fields.get("note", "")) == (
            f"Authors' comment: {paper.comment}" if paper.comment else ""
        )
        [mention] = paper.mentions
        assert (
            typeset(fields["annote"]) == f"Picked on 2026-01-30 with score {mention.score}: {mention.address}"
        )


def test_ris_of_200_papers_is_read_back() -> None:
    records = rispy.loads(exported("ris"))
    assert len(records) == COUNT
    for number, record in enumerate(records, start=1):
        paper = papers.reference(number)
        _, shown, _ = papers.TITLES[number % len(papers.TITLES)]
        if shown:
            assert record["title"] == shown
        assert record["authors"] == [author.ris for author in papers.authors_of(number)]
        assert record.get("doi", "") == paper.doi
        assert record["urls"] == [paper.url]
        assert tuple(record.get("keywords", ())) == paper.categories
        assert record.get("secondary_title", "") == paper.publication
        [mention] = paper.mentions
        assert record["notes"] == [
            *([f"Authors' comment: {paper.comment}"] if paper.comment else []),
            *(["Further authors: 14"] if paper.more_authors else []),
            f"Picked on 2026-01-30 with score {mention.score}: {mention.address}",
        ]


def test_csl_json_of_200_papers_is_read_back() -> None:
    items = json.loads(exported("csl-json"))
    assert len(items) == COUNT
    for number, item in enumerate(items, start=1):
        paper = papers.reference(number)
        _, shown, _ = papers.TITLES[number % len(papers.TITLES)]
        if shown:
            assert item["title"] == shown
        assert item["author"] == [author.csl for author in papers.authors_of(number)]
        assert item.get("DOI", "") == paper.doi
        assert item["URL"] == paper.url
        assert item.get("keyword", "") == ", ".join(paper.categories)
        assert item.get("container-title", "") == paper.publication


def test_no_key_is_given_twice_and_all_are_legal() -> None:
    keys = list(from_bibtex(exported("bibtex")))
    assert len({key.lower() for key in keys}) == COUNT, (
        "BibTeX takes keys in small and large letters for the same"
    )
    assert all(re.fullmatch(r"[A-Za-z0-9./_-]+", key) for key in keys)
    assert keys == [item["id"] for item in json.loads(exported("csl-json"))]
    assert keys == [record["id"] for record in rispy.loads(exported("ris"))]


@given(st.lists(st.text(max_size=12), unique=True, min_size=2, max_size=2))
def test_different_ids_have_different_legal_keys(ids: list[str]) -> None:
    first, second = (replace(PLAIN, id=one).key for one in ids)
    assert first != second
    assert re.fullmatch(r"[A-Za-z0-9./_-]*", first + second)


def test_a_key_is_made_from_the_id_alone() -> None:
    other = replace(PLAIN, title="Another", authors=("Somebody Else",), doi="", listed=dt.date(2030, 1, 1))
    assert other.key == PLAIN.key
    assert replace(PLAIN, id="2601.20465").key == "arxiv-2601.20465"
    assert replace(PLAIN, id="feed-0123456789ab").key == "feed-0123456789ab"


def test_an_entry_in_full() -> None:
    paper = Reference(
        id="2601.20465",
        title="SR$^2$-Net for Erdős",
        url="https://arxiv.org/abs/2601.20465",
        authors=("Jan van der Berg", "The ATLAS Collaboration"),
        more_authors=3,
        listed=dt.date(2026, 1, 30),
        mentions=(
            Mention(dt.date(2026, 1, 30), "reports/a/2026/01/2026-01-30.md#arxiv-2601-20465", 92, True),
        ),
        doi="10.1000/a",
        categories=("cs.CL", "cs.AI"),
        comment="Accepted at ICLR 2026",
    )
    assert export([paper], "bibtex") == (
        "@misc{arxiv-2601.20465,\n"
        "  title = {{SR{$^2$}-Net for Erd{\\H o}s}},\n"
        "  author = {van der Berg, Jan and {The ATLAS Collaboration} and others},\n"
        "  year = {2026},\n"
        "  howpublished = {arXiv:2601.20465},\n"
        "  doi = {10.1000/a},\n"
        "  url = {https://arxiv.org/abs/2601.20465},\n"
        "  keywords = {cs.CL, cs.AI},\n"
        "  note = {Authors' comment: Accepted at ICLR 2026},\n"
        "  annote = {Picked on 2026-01-30 with score 92: reports/a/2026/01/2026-01-30.md\\#arxiv-2601-20465},\n"
        "  eprint = {2601.20465},\n"
        "  archivePrefix = {arXiv},\n"
        "  primaryClass = {cs.CL},\n"
        "  month = jan\n"
        "}\n"
    )


@pytest.mark.parametrize(
    ("paper_id", "expected"),
    [
        ("2601.20465", [2026, 1]),
        ("0704.0001", [2007, 4]),
        ("cs/0101003", [2001, 1]),
        ("hep-th/9912003", [1999, 12]),
        ("feed-0123456789ab", [2026, 2, 3]),
    ],
)
def test_the_date_of_an_arxiv_paper_is_that_of_its_id(paper_id: str, expected: list[int]) -> None:
    paper = replace(PLAIN, id=paper_id, listed=dt.date(2026, 2, 3))
    [item] = json.loads(export([paper], "csl-json"))
    assert item["issued"] == {"date-parts": [expected]}


def test_a_paper_of_two_digests_is_one_entry_with_both_addresses() -> None:
    older = replace(
        PLAIN,
        authors=("Ana Lima",),
        more_authors=0,
        doi="10.1000/old",
        mentions=(Mention(dt.date(2026, 1, 5), "a.md", 71, False),),
    )
    newer = replace(
        PLAIN,
        title="Newer",
        authors=("Ana Lima", "Jan Berg"),
        doi="",
        mentions=(Mention(dt.date(2026, 1, 6), "b.md", 92, True),),
    )
    for order in ([older, newer], [newer, older]):
        [entry] = from_bibtex(export(order, "bibtex")).values()
        assert typeset(entry.fields["title"]) == "Newer"
        assert entry.fields["doi"] == "10.1000/old"
        assert len(entry.persons["author"]) == 2
        assert (
            entry.fields["annote"]
            == "Shortlisted on 2026-01-05 with score 71: a.md; Picked on 2026-01-06 with score 92: b.md"
        )


# --- strangers' text -----------------------------------------------------------------------------------------------

LIGATURES = (("---", "—"), ("--", "–"), ("``", "“"), ("''", "”"), ("<<", "«"), (">>", "»"), ("!`", "¡"), ("?`", "¿"))  # fmt: skip


def as_typeset(text: str) -> str:
    """The text of a page as TeX shows it: its ligatures made."""
    for written, made in LIGATURES:
        text = text.replace(written, made)
    return " ".join(unicodedata.normalize("NFC", text).split())


def as_shown(tex: str) -> str:
    """What TeX shows, formulas as the page has them. A formula stands in braces, a dollar sign behind a backslash."""
    pieces = re.split(r"\{(\$(?:[^$\\]|\\.)+\$)\}", tex)
    read = [
        clean(piece.replace(r"\lbrace ", r"\{").replace(r"\rbrace", r"\}")) if index % 2 else typeset(piece)
        for index, piece in enumerate(pieces)
    ]
    return as_typeset("".join(read))


@pytest.mark.slow
def test_the_committed_reports_are_read_back() -> None:
    found: list[Reference] = []
    for folder in sorted((ROOT / "reports").iterdir()):
        found += references.read(path for paths in months(folder).values() for path in paths)
    expected = merge(found)
    assert len(expected) > 15
    entries = from_bibtex(export(found, "bibtex"))
    records = rispy.loads(export(found, "ris"))
    assert len(entries) == len(records) == len(expected)
    for paper, entry, record in zip(expected, entries.values(), records, strict=True):
        assert as_shown(entry.fields["title"][1:-1]) == as_typeset(clean(paper.title))
        assert record["title"] == clean(paper.title)
        read = [" ".join(filter(None, parts(one))) for one in entry.persons["author"]]
        assert [name for name in read if name != "others"] == [clean(name) for name in paper.authors]


# What ends a field, an entry or a record somewhere, and what TeX obeys.
PIECES = (
    "}", "{", '"', ",", "@article{evil,", "@comment{", "@string{a=1}", "\\", "\\}", "\\{", "%", "#", "=", "\n", "\r\n", "\r",
    "\u2028", "\x85", "\x0b", "\x1e", "ER  - ", "\nER  - \nTY  - JOUR\n", "TI  - evil", "$", "$$", "$x$", "$}$", "${$", "$\\}$",
    "\\(", "\\)", "\\input{/etc/passwd}", "$\\input{/etc/passwd}$", "\\write18{id}", "$\\catcode`\\@=11$", "$\\csname x\\endcsname$",
    "\\textbf{", "\\begin{verbatim}", "^", "_", "~", "&", " and ", " others", "`", "``", "''", "--", "{:DOI: 10.1/x}", "\u202e",
    "\u0301", "\ue000", "\x00", "Ünï", "王", "Jan van der Berg", "Jr.", "α", "²", "\ud800",
)  # fmt: skip
HOSTILE = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=5)), max_size=8).map("".join)
FIELDS = frozenset(
    "title year month howpublished doi url keywords note annote eprint archiveprefix primaryclass".split()  # noqa: SIM905
)
OBEYED = re.compile(
    r"\\(?:input|include|write|openout|openin|read|catcode|csname|def|let|begin|end|immediate|special)(?![A-Za-z])"
)


@pytest.mark.slow
@settings(max_examples=EXAMPLES)
@given(title=HOSTILE, author=HOSTILE, other=HOSTILE)
@example(title="}\n}\n@article{evil, title={", author="} and {", other="%")
@example(title="$0±", author="$x$", other="\ud800")
@example(title="$\\input{/etc/passwd}$", author="others", other="{:DOI: 10.1/x}")
@example(title="Sets $\\{a$ and $x}$", author="王 小明", other="\nER  - \nTY  - JOUR")
def test_no_text_breaks_out_of_its_field(title: str, author: str, other: str) -> None:
    paper = replace(
        PLAIN,
        title=title,
        authors=(author, "Ana Lima"),
        more_authors=0,
        url=f"https://example.org/{other}",
        categories=(other,),
        publication=other,
        comment=other,
        doi=other,
        mentions=(Mention(dt.date(2026, 1, 30), other, 1, True),),
    )
    after = replace(
        papers.reference(2), title="Innocent", mentions=(Mention(dt.date(2026, 1, 31), "b.md", 2, True),)
    )
    shown = clean(title) or paper.id

    text = export([paper, after], "bibtex")
    assert not OBEYED.search(text)
    assert len(re.findall(r"(?m)^@", text)) == 2
    assert len(text.splitlines()) == text.count("\n")
    entries = from_bibtex(text)
    assert list(entries) == [paper.key, after.key]
    entry = entries[paper.key]
    assert {name.lower() for name in entry.fields} <= FIELDS
    assert as_shown(entry.fields["title"][1:-1]) == as_typeset(shown)
    assert len(entry.persons["author"]) == (2 if clean(author) else 1)
    assert typeset(entries[after.key].fields["title"]) == "Innocent"

    records = rispy.loads(export([paper, after], "ris"))
    assert [record["id"] for record in records] == [paper.key, after.key]
    assert records[0]["title"] == shown
    assert records[1]["title"] == "Innocent"

    items = json.loads(export([paper, after], "csl-json"))
    assert [item["id"] for item in items] == [paper.key, after.key]
    assert items[0]["title"] == shown
    assert "{:" not in items[0]["note"]
