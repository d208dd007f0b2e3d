"""Which pages hold the whole paper. All pages are made up; each kind of cut page has whole ones that look like it."""

from __future__ import annotations

import pytest

from pipeline.core.models import Text
from pipeline.extraction.html.completeness import settle
from pipeline.extraction.html.parse import parse_html
from tests.extraction.pages import RECORDED, URL

NOTICE = (
    "Conversion to HTML had a Fatal error and exited abruptly. This document may be truncated or damaged."
)
STORY = "The oven was heated before noon. We weighed each loaf twice and wrote the result down. " * 6
REFERENCES = (
    '<section id="bib" class="ltx_bibliography"><h2 class="ltx_title ltx_title_bibliography">References</h2>'
    '<ul class="ltx_biblist"><li class="ltx_bibitem">A. Baker. Bread, 2020.</li></ul></section>'
)
ABSTRACT = (
    '<div class="ltx_abstract"><h6 class="ltx_title">Abstract</h6><p class="ltx_p">We bake bread.</p></div>'
)


def para(*texts: str) -> str:
    return "".join(f'<div class="ltx_para"><p class="ltx_p">{text}</p></div>' for text in texts)


def section(number: str, title: str, body: str = "", kind: str = "section", tag: str = "h2") -> str:
    numbered = f'<span class="ltx_tag ltx_tag_{kind}">{number} </span>' if number else ""
    return (
        f'<section class="ltx_{kind}"><{tag} class="ltx_title ltx_title_{kind}">{numbered}{title}</{tag}>'
        f"{body}</section>"
    )


def page(
    *body: str, around: str = "", title: str | None = "Bread", head: str = "Bread", rest: str = ""
) -> bytes:
    heading = f'<h1 class="ltx_title ltx_title_document">{title}</h1>' if title is not None else ""
    return (
        f"<!DOCTYPE html><html><head><title>{head}</title></head><body>{around}<nav class='ltx_page_navbar'>Bread</nav>"
        f'<div class="ltx_page_main"><article class="ltx_document">{heading}{ABSTRACT}{"".join(body)}</article></div>'
        f"{rest}</body></html>"
    ).encode()


FIRST = section("1", "Introduction", para(STORY, STORY))
SECOND = section("2", "Method", para(STORY, STORY))
LAST = section("3", "Conclusion", para(STORY))
WHOLE = (FIRST, SECOND, LAST, REFERENCES)
EMPTY = [
    section(str(number), title) for number, title in enumerate(("Method", "Experiments", "Results"), start=2)
]


def included(*texts: str) -> str:
    return para(*(text + ' <a class="ltx_ref" href="https://main.pdf">main.pdf</a>' for text in texts))


SAID_OUTRIGHT = {
    "a notice above the article": page(*WHOLE, around=f'<div role="alert"><p>{NOTICE}</p></div>'),
    "a notice below the article": page(*WHOLE, rest=f"<footer><div>{NOTICE}</div></footer>"),
    "a notice in a list of packages": page(
        *WHOLE, around=f"<div class='package-alerts'><ul><li>minted</li><li>{NOTICE}</li></ul></div>"
    ),
    "a notice as an error, below": page(
        *WHOLE, rest=f'<div class="ltx_document"><span class="ltx_ERROR">{NOTICE}</span></div>'
    ),
    "a notice as an error, within": page(
        FIRST, para(f'The loaf was <span class="ltx_ERROR">{NOTICE.replace("This", "The")}</span>')
    ),
    "a notice within an error": page(
        FIRST, SECOND, f'<span class="ltx_ERROR">Timed out. {NOTICE} See the log.</span>'
    ),
    "a notice as a paragraph": page(FIRST, SECOND, f"<div>{NOTICE}</div>"),
    "a notice as bare text": page(FIRST, SECOND, f" {NOTICE} "),
    "a notice after the last words": page(FIRST, SECOND, para(f"{STORY} We then wei {NOTICE}")),
    "a notice as a heading": page(FIRST, section("", NOTICE), SECOND),
    "a notice as a note": page(
        FIRST, para(f'Bread. <span class="ltx_note">{NOTICE}</span>'), SECOND, REFERENCES
    ),
    "a notice in parts": page(
        *WHOLE,
        around="<div><b>Conversion to HTML</b> had a <i>fatal\nerror</i>. This document may be truncated.</div>",
    ),
    "no title": page(*WHOLE, title=None, head="Untitled Document"),
    "a title of capitals": page(*WHOLE, title=None, head="\n UNTITLED DOCUMENT "),
    "a title that says that there is none": page(*WHOLE, title="Untitled Document"),
    "pages of a PDF": page(*WHOLE, included("See pages 1-last of")),
    "single pages of a PDF": page(*WHOLE, included("See pages 2,4-7 of")),
    "all of a PDF": page(FIRST, SECOND, included("See"), REFERENCES),
    "a PDF without its ending": page(*WHOLE, para("See pages - of supplement")),
    "two PDFs": page(*WHOLE, para("See pages 1-2 of a.pdf See pages 1-last of b.pdf")),
    "bytes that end in a word": page(*WHOLE)[: -len(REFERENCES) - 300],
    "bytes that end in a tag": page(*WHOLE).replace(b"</article>", b"")[:-20],
    "bytes that end after the text": page(*WHOLE).partition(b"</article>")[0],
}
ODD = {
    "a paper about such notices": page(
        FIRST, section("2", "Errors", para(f"{STORY} Readers saw “{NOTICE}” in May.")), REFERENCES
    ),
    "a heading about them": page(
        FIRST, section("2", "How a Fatal error of our conversion is found", para(STORY)), REFERENCES
    ),
    "a paragraph that begins with it": page(FIRST, para(f"{NOTICE} So said 12 pages. {STORY}"), *WHOLE),
    "a short sentence about an error": page(*WHOLE, para("The conversion of our logs had a fatal error.")),
    "a notice that is not shown": page(*WHOLE, around=f'<div hidden="hidden">{NOTICE}</div>'),
    "the list of packages of arXiv's older pages": page(
        *WHOLE,
        around='<div class="package-alerts" role="status"><p>HTML conversions sometimes display errors due to content '
        "that did not convert correctly from the source.</p><ul><li>failed: minted</li></ul></div>",
    ),
    "an unknown command": page(FIRST, para('Bread <span class="ltx_ERROR undefined">\\loaf</span> rises.'), *WHOLE),
    "a title in the article alone": page(*WHOLE, head="Untitled Document"),
    "a paper about documents without a title": page(*WHOLE, title="Untitled Document Images", head="x"),
    "pages of a book": page(*WHOLE, para("See pages 12 to 15 of the second edition.")),
    "pages of a reference": page(*WHOLE, para('See pages 12-15 of <cite><a href="#bib1">[3]</a></cite>')),
    "a file at an address": page(FIRST, para("See https://example.org/supplement.pdf"), *WHOLE),
    "a reference to a section": page(*WHOLE, para('See <a href="#S2">Section 2</a>')),
}  # fmt: skip


def of(source: bytes) -> Text:
    text = parse_html(source, URL)
    assert isinstance(text, Text), text
    return text


@pytest.mark.parametrize("name", SAID_OUTRIGHT)
def test_what_a_page_says_outright_is_final(name: str) -> None:
    text = of(SAID_OUTRIGHT[name])
    assert text.incomplete
    assert not text.looks_cut


@pytest.mark.parametrize("name", ODD)
def test_what_only_reads_like_it_is_whole(name: str) -> None:
    text = of(ODD[name])
    assert (text.incomplete, text.looks_cut) == ("", False)


SUBSECTIONS = section("2", "Method", "".join(section("2.1", t, "", "subsection", "h3") for t in ("Dough", "Heat")))  # fmt: skip
BEGUN = "In the end we wei"  # `weighed` stands elsewhere
LOOKS_CUT = {
    "headings without text": page(FIRST, *EMPTY),
    "headings without text, and references": page(FIRST, *EMPTY, REFERENCES),
    "headings with errors alone": page(
        FIRST, *(section(n, t, '<span class="ltx_ERROR">\\x</span>') for n, t in (("2", "A"), ("3", "B")))
    ),
    "two headings at the end of many": page(
        FIRST, *(section(str(n), f"Part {n}", para(STORY)) for n in range(2, 12)), *EMPTY[:2]
    ),
    "subsections without text": page(FIRST, SUBSECTIONS, REFERENCES),
    "headings without numbers": page(
        section("", "Introduction", para(STORY, STORY)), section("", "Method"), section("", "End")
    ),
    "a heading at the end": page(FIRST, SECOND, section("3", "Experiments")),
    "a heading without a tag": page(
        FIRST, '<section class="ltx_section"><h2 class="ltx_title">1 A</h2>' + para(STORY) + "</section>",
        '<section class="ltx_section"><h2 class="ltx_title ltx_title_section">2 Heat</h2></section>',
    ),
    "the last of the subsections": page(
        FIRST, section("2", "B", para(STORY) + section("2.1", "C", "", "subsection", "h3"))
    ),
    "a word that stands elsewhere": page(FIRST, SECOND, para(f"{STORY} {BEGUN}")),
    "a word of which the paper has no other": page(FIRST, SECOND, para(f"{STORY} This shows the pho")),
    "a word in an appendix": page(*WHOLE, section("A", "More", para(f"{STORY} {BEGUN}"), "appendix")),
    "a word with a hyphen": page(FIRST, SECOND, para(f"{STORY} We then tem-")),
    "a comma": page(FIRST, SECOND, para(f"{STORY} In the morning,")),
    "an open bracket": page(FIRST, SECOND, para(f"{STORY} The loaves (")),
    "a word in a list": page(FIRST, SECOND, f'<ul><li class="ltx_item">{para(BEGUN)}</li></ul>'),
    "a word after a formula": page(FIRST, para(f'{STORY} For <math alttext="n"></math> loaves of the rema')),
    "a word in italics": page(FIRST, para(f"{STORY} Then <em>weig</em>")),
}  # fmt: skip
ASKED = {
    "an end without a stop": page(FIRST, SECOND, para(f"{STORY} The result was written down")),
    "a list without stops": page(
        FIRST, SECOND, f'<ul><li class="ltx_item">{para("a firm crust")}</li></ul>'
    ),
    "an end without a stop in an appendix": page(*WHOLE, section("A", "More", para(f"{STORY} Use flour"))),
    "a name at the end": page(FIRST, SECOND, para(f"{STORY} Written by Ada")),
    "an end in another script": page(FIRST, SECOND, para(f"{STORY} パンを焼く")),
    "acknowledgments without text": page(FIRST, SECOND, section("", "Acknowledgments")),
    "acknowledgments without text, and no numbers": page(
        section("", "Introduction", para(STORY)), section("", "Method", para(STORY)), section("", "Thanks")
    ),
    "a colon": page(FIRST, SECOND, para(f"{STORY} It is as follows:")),
    "two empty dividers in a long paper": page(
        *(section(str(n), f"Part {n}", para(STORY)) for n in range(1, 9)), section("9", "Tables"),
        section("10", "Left", para(STORY)), section("A", "Appendix", kind="appendix"),
        section("B", "Proofs", para(STORY), "appendix"),
    ),
}  # fmt: skip
UNSUSPICIOUS = {
    "a short paper": page(section("1", "All", para(STORY * 2, STORY))),
    "a letter without sections": page(para(STORY, STORY, STORY)),
    "no stop before the references": page(
        FIRST, SECOND, para(f"{STORY} This is a new paragra"), REFERENCES
    ),
    "acknowledgments without text, then references": page(
        FIRST, SECOND, section("", "Acknowledgments"), REFERENCES
    ),
    "acknowledgments of their own kind": page(
        *WHOLE, '<div class="ltx_acknowledgements"><h6 class="ltx_title">Acknowledgments</h6></div>'
    ),
    "an appendix with only a figure": page(
        *WHOLE,
        section("A", "Loaves", '<figure class="ltx_figure"><img src="x1.png"></figure>', "appendix"),
    ),
    "an appendix with only a table": page(
        *WHOLE, section("A", "Loaves", '<table class="ltx_tabular"><tr><td>1</td></tr></table>', "appendix")
    ),
    "sections with subsections alone": page(
        FIRST, section("2", "Method", section("2.1", "Dough", para(STORY), "subsection", "h3")), REFERENCES
    ),
    "a heading for all appendices": page(
        *WHOLE, section("A", "Appendix"), section("B", "Proofs", para(STORY), "appendix")
    ),
    "an end in a formula": page(FIRST, SECOND, para(f'{STORY} We get <math alttext="x=1"></math>')),
    "an end in a caption": page(
        FIRST, SECOND, '<figure class="ltx_figure"><figcaption class="ltx_caption">A loaf</figcaption></figure>'
    ),
    "an end in a quotation": page(FIRST, SECOND, para(f"{STORY} He said “bread”")),
    "an end in a note": page(
        FIRST, SECOND, para(f'{STORY} It rose.<span class="ltx_note ltx_role_footnote">see above</span>')
    ),
    "an end in an address": page(FIRST, SECOND, para(f"{STORY} https://example.org/bread/")),
}  # fmt: skip


@pytest.mark.parametrize("name", LOOKS_CUT)
def test_a_page_that_looks_cut_is_judged_by_what_it_shows(name: str) -> None:
    text = of(LOOKS_CUT[name])
    assert text.incomplete
    assert text.looks_cut


@pytest.mark.parametrize("name", ASKED)
def test_an_author_s_own_way_to_end_is_whole_unless_the_build_log_says_otherwise(name: str) -> None:
    text = of(ASKED[name])
    assert (text.incomplete, text.looks_cut) == ("", True)


@pytest.mark.parametrize("name", UNSUSPICIOUS)
def test_a_page_that_does_not_look_cut_is_whole(name: str) -> None:
    text = of(UNSUSPICIOUS[name])
    assert (text.incomplete, text.looks_cut) == ("", False)


@pytest.mark.parametrize("path", sorted((RECORDED / "synthetic").glob("*.html")), ids=lambda path: path.name)
def test_the_recorded_pages_are_whole(path) -> None:
    text = of(path.read_bytes())
    assert (text.incomplete, text.looks_cut) == ("", False)


@pytest.mark.parametrize(
    ("log", "cut", "whole"),
    [
        (b"Fatal:timeout\nStatus:conversion:3\n", True, True),
        (b"Status:conversion:2", True, False),
        (b"Status:conversion:1\r\n", False, False),
        (b"Status:conversion:0", False, False),
        (
            b"Status:conversion:3 in a message\nStatus:conversion:3\n...\nStatus:conversion:0\n\n",
            False,
            False,
        ),
        (b"Status:conversion:7", True, False),
        (b"no status", True, False),
        (b"\xff\x00", True, False),
        (None, True, False),
    ],
)
def test_the_build_log_decides_where_it_says_how_the_conversion_ended(
    log: bytes | None, cut: bool, whole: bool
) -> None:
    """Status 3 is a fatal error; with 2, errors, a page can lack parts or not."""
    for name, expected in (("a heading at the end", cut), ("an end without a stop", whole)):
        text = settle(of((LOOKS_CUT | ASKED)[name]), log)
        assert (bool(text.incomplete), text.looks_cut) == (expected, False)
