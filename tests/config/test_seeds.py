"""Files as reference managers write them, with their quirks; what each holds was read by eye."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.config.seeds import Unplaced, decode, newest_first, read_library
from pipeline.core.arxiv_ids import canonical_id

ZOTERO_BIBTEX = r"""
@misc{muller_fast_2024,
	title = {Fast {Schr\"odinger} Bridges for \textit{Image} Restoration},
	url = {http://arxiv.org/abs/2401.00001},
	doi = {10.48550/arXiv.2401.00001},
	abstract = {We extend arXiv:1706.03762 with braces \{ and a quote ".},
	author = {M{\"u}ller, J{\"u}rgen and Dvo{\v r}{\'a}k, Ji{\v r}{\'i}},
	month = jan,
	year = {2024},
	note = {arXiv:2401.00001 [cs]},
	file = {PDF:/home/x/Zotero/2401.00002.pdf:application/pdf},
}

@article{he_deep_2016,
	title = {Deep Residual Learning},
	doi = {10.1109/CVPR.2016.90},
	abstract = {Deeper than arXiv:1409.1556, as https://arxiv.org/abs/1409.4842 is.},
}
"""
ZOTERO_BIBLATEX = r"""
@online{a,
  title = {{{NeRF}}},
  eprint = {2003.08934},
  eprinttype = {arXiv},
  eprintclass = {cs},
}
"""
JABREF = r"""% Encoding: UTF-8
@String{cvpr = "CVPR"}
@Article(old,
  author = "Perelman, G.",
  title  = "The entropy formula for the {Ricci} flow" # " and its applications",
  eprint = "math.DG/0211159",
  journal = cvpr # " 2002"
)
@Article{older,
  title = {An old number},
  archiveprefix = {arXiv}, primaryclass = {hep-th}, eprint = {9711200},
}
@Comment{jabref-meta: databaseType:bibtex; arXiv:2401.99999}
"""
MENDELEY_BIBTEX = r"""
@article{Vaswani2017,
archivePrefix = {arXiv},
arxivId = {1706.03762v5},
eprint = {1706.03762},
title = {{Attention Is All You Need}},
}
"""
SCHOLAR_BIBTEX = r"""@article{kingma2013auto,
  title={Auto-encoding variational bayes},
  author={Kingma, Diederik P},
  journal={arXiv preprint arXiv:1312.6114},
  year={2013}
}
@article{seiberg1999string, title={By an old id}, journal={arXiv preprint hep-th/9908142}}
@article{lost, title={Only a month}, journal={arXiv e-prints}, pages={arXiv--2401}}"""
DBLP = r"""
@article{DBLP:journals/corr/abs-2006-11239,
  author       = {Jonathan Ho},
  title        = {Denoising Diffusion Probabilistic Models},
  journal      = {CoRR},
  volume       = {abs/2006.11239},
  eprinttype    = {arXiv},
  eprint       = {2006.11239}
}"""
DAMAGED_BIBTEX = r"""
@article{broken, title = {Never closed, eprint = {2401.00003},
@article{fine, title = {Fine}, eprint = {2401.00004}}
"""
RIS = """TY  - JOUR
TI  - Zeitäußerungen
  in zwei Zeilen
AU  - Müller, Jürgen
DO  - 10.48550/ARXIV.2402.00001
ER  -\x20

TY  - GEN
T1  - By address
UR  - https://arxiv.org/pdf/2402.00002v3.pdf
N2  - As in arXiv:1706.03762
ER  -
TY  - JOUR
TI  - Without an end
DO  - 10.1038/s41586-021-03819-2
"""
ZOTERO_CSL = json.dumps(
    [
        {"id": "x", "type": "article", "title": "On <i>Things</i> &amp; more", "number": "arXiv:2403.00001"},
        {"id": "y", "type": "article", "title": "In the note", "note": "arXiv: 2403.00002 [quant-ph]\nrest"},
        {"id": "w", "title": "By archive", "archive": "arXiv", "archive_location": "hep-th/9711200v2"},
        {"id": "z", "type": "book", "title": "A book", "publisher": "X", "issued": {"date-parts": [[1999]]}},
    ]
)
BETTER_BIBTEX_JSON = json.dumps(
    {"items": [{"title": "With extra", "extra": "arXiv:2403.00003", "creators": []}, {"itemType": "note"}]}
)
ENDNOTE = """%0 Journal Article
%A Müller, Jürgen
%A Dvořák, Jiří
%T Score-based
 generative modeling
%J arXiv preprint arXiv:2011.13456
%X Not as in arXiv:1706.03762

%0 Generic
%T Elsewhere
%R 10.1145/3292500.3330701
%X As in arXiv:1409.1556
"""
RDF = """<rdf:RDF><bib:Article rdf:about="http://arxiv.org/abs/2404.00001">
<dc:identifier>DOI 10.1007/978-3-030-58452-8_24</dc:identifier></bib:Article></rdf:RDF>"""
BY_HAND = """What I liked:
- 2405.00001v2, hep-th/9711200 and https://huggingface.co/papers/2405.00002!
- (see https://doi.org/10.48550/arXiv.2405.00003), [one](https://arxiv.org/abs/2405.00004).
- 10.48550%2FarXiv is nothing, doi:10.1109/TIP.2017.12345 neither, nor a price of 2012.1234 or 1234.5678
- https://example.org/paper?id=2405.00009
- math.GT/0309136v1, and example.de/0309137 is none; alphaxiv.org/overview/2405.00006
"""


@pytest.mark.parametrize(
    ("text", "kind", "ids", "unplaced"),
    [
        (ZOTERO_BIBTEX, "bibtex", ["2401.00001"], ["Deep Residual Learning"]),
        (ZOTERO_BIBLATEX, "bibtex", ["2003.08934"], []),
        (JABREF, "bibtex", ["math/0211159", "hep-th/9711200"], []),
        (MENDELEY_BIBTEX, "bibtex", ["1706.03762"], []),
        (SCHOLAR_BIBTEX, "bibtex", ["1312.6114", "hep-th/9908142"], ["Only a month"]),
        (DBLP, "bibtex", ["2006.11239"], []),
        (DAMAGED_BIBTEX, "bibtex", ["2401.00004"], ["Never closed, eprint = 2401.00003,"]),
        (RIS, "ris", ["2402.00002", "2402.00001"], ["Without an end"]),
        (ZOTERO_CSL, "csl-json", ["2403.00002", "2403.00001", "hep-th/9711200"], ["A book"]),
        (BETTER_BIBTEX_JSON, "csl-json", ["2403.00003"], ["entry 2"]),
        (ENDNOTE, "endnote", ["2011.13456"], ["Elsewhere"]),
        (RDF, "text", ["2404.00001"], ["10.1007/978-3-030-58452-8_24"]),
        (
            BY_HAND,
            "text",
            [
                "2405.00006",
                "2405.00004",
                "2405.00003",
                "2405.00002",
                "2405.00001",
                "math/0309136",
                "hep-th/9711200",
            ],
            ["https://example.org/paper?id=2405.00009", "10.1109/TIP.2017.12345"],
        ),
    ],
    ids=[
        "zotero",
        "biblatex",
        "jabref",
        "mendeley",
        "scholar",
        "dblp",
        "damaged",
        "ris",
        "csl",
        "better",
        "endnote",
        "rdf",
        "hand",
    ],
)
def test_what_each_program_writes(text: str, kind: str, ids: list[str], unplaced: list[str]) -> None:
    library = read_library(text)
    assert library.format == kind
    assert list(library.ids) == ids
    assert [one.name for one in library.unplaced] == unplaced


def test_titles_are_read_without_tex() -> None:
    assert read_library(ZOTERO_BIBTEX).titles == (
        "Fast Schrödinger Bridges for Image Restoration",
        "Deep Residual Learning",
    )
    assert read_library(JABREF).titles[0] == "The entropy formula for the Ricci flow and its applications"
    assert read_library(RIS).titles[0] == "Zeitäußerungen in zwei Zeilen"
    assert read_library(ZOTERO_CSL).titles[0] == "On Things & more"
    assert read_library(ENDNOTE).titles == ("Score-based generative modeling", "Elsewhere")


def test_what_could_not_be_placed_says_why() -> None:
    assert read_library(ZOTERO_BIBTEX).unplaced == (
        Unplaced(name="Deep Residual Learning", reason="no arXiv id; its DOI is 10.1109/CVPR.2016.90"),
    )
    assert read_library(ZOTERO_CSL).unplaced[0].reason == "no arXiv id, no DOI"


def bibtex(title: str) -> str:
    return rf"@misc{{{title}, title = {{{title}}}, author = {{M{{\"u}}ller, J{{\"u}}rgen and Dvo{{\v r}}{{\'a}}k, J. and A. Team}}}}"


@pytest.mark.parametrize(
    "entries",
    [
        [bibtex(title) for title in ("One", "Two", "one", "Three")],
        [
            "TY  - JOUR",
            *(f"TI  - {t}\nAU  - Müller, Jürgen\nAU  - Dvořák JA\nER  - \nTY  - JOUR" for t in "abc"),
        ],
        [f"%0 Generic\n%T {title}\n%A Müller, Jürgen\n%A Dvořák, J." for title in "abc"],
        [
            json.dumps(
                [
                    {
                        "title": title,
                        "author": [
                            {"family": "Müller", "given": "Jürgen"},
                            {"family": "Dvořák", "given": "J."},
                        ],
                    }
                    for title in "abc"
                ]
            )
        ],
    ],
    ids=["bibtex", "ris", "endnote", "csl"],
)
def test_authors_of_three_entries_are_named_if_they_are_named_in_full(entries: list[str]) -> None:
    assert read_library("\n".join(entries)).authors == ("Müller, Jürgen",)
    assert read_library("\n".join(entries[:-1]) if len(entries) > 1 else "").authors == ()


def test_the_century_of_old_ids_is_known() -> None:
    assert newest_first(["math/9901001", "hep-th/9711200", "0704.0001", "math/0211159", "2601.00001"]) == (
        "2601.00001", "0704.0001", "math/0211159", "math/9901001", "hep-th/9711200"
    )  # fmt: skip


def test_encodings_and_line_ends() -> None:
    text = "@misc{a,\r\n title = {Müller’s Ödland},\r eprint = {2401.00001}}"
    for coding in ("utf-8", "utf-8-sig", "utf-16", "cp1252"):
        library = read_library(decode(text.encode(coding)))
        assert library.titles == ("Müller’s Ödland",)
        assert library.ids == ("2401.00001",)


@given(st.text(st.sampled_from('@{}"=,#\\%[]:/ \nabTYER-arxivdoi10.2401')) | st.text())
def test_any_text_is_read_and_gives_ids_alone(text: str) -> None:
    library = read_library(text)
    assert all(canonical_id(one) == one for one in library.ids)
    assert len(set(library.ids)) == len(library.ids)
