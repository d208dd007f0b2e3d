"""Text of sources, as it is kept."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.sources.metadata_text import (
    author_names,
    clean,
    split_authors,
    strip_announcement,
    strip_markup,
    truncate,
)
from tests.growing import LINEAR, growth
from tests.sources.table import many


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ("  Two\n  lines\tand\u00a0more ", "Two lines and more"),
        ("Variance &amp; Greediness", "Variance & Greediness"),
        ("R&D, A & B, Search&region", "R&D, A & B, Search&region"),
        (r"\textit{x} $a < b$ {\"o} \& 100\%", r"\textit{x} $a < b$ {\"o} \& 100\%"),
        ("a\u202egnp.exe\u202c b\u200f\u200e", "agnp.exe b"),
        ("zero\u200bwidth\ufeff \x00null\x1b[31m", "zerowidth null[31m"),
        ("&#8238;hidden", "hidden"),
        ("half \ud800 pair", "half \ufffd pair"),
        ("نمی\u200cخواهم", "نمی\u200cخواهم"),
        ("", ""),
    ],
)
def test_one_clean_line(raw, kept):
    assert clean(raw) == kept


@many
@given(st.text(st.characters(categories=["L", "N", "P", "S", "Z", "C"])))
def test_whatever_comes_in_can_be_written_as_one_line_of_utf8(text):
    line = clean(text)
    assert line.encode().decode() == line
    assert line == " ".join(line.split())


def test_the_line_before_an_abstract_goes_and_nothing_else():
    text = "arXiv:2601.20881v1 Announce Type: new \nAbstract: Lipreading: abstract."
    assert strip_announcement(text) == "Lipreading: abstract."
    assert strip_announcement("Abstract: whole") == "Abstract: whole"
    later = "See arXiv:2601.20881v1 Announce Type: new \nAbstract: Lipreading"
    assert strip_announcement(later) == later


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("for x < y and z > w", "for x < y and z > w"),
        ("p<0.05 and q>0.1", "p<0.05 and q>0.1"),
        ("<p>One</p><p>Two &lt; three</p>", "One Two < three"),
        ("<div>a<script>alert(1)</script><style>b{}</style></div>", "a"),
        ("<p hidden", "<p hidden"),
        ("a<!-- b", "a<!-- b"),
        ("a<!-- b --> c", "a c"),
    ],
)
def test_markup_is_removed_where_there_is_any(raw, text):
    assert clean(strip_markup(raw)) == text


# In feeds of publishers, Crossref's JATS and PubMed's MathML; what is seen, as a browser lays it out.
MARKUP = [
    # Inline elements part no words, blocks do.
    (
        "Growth of <i>E. coli</i>-like <b>R</b>ake<b>N</b>et <span class='x'>S</span>hed",
        "Growth of E. coli-like RakeNet Shed",
    ),
    (
        "<EM>In vivo</EM> <a href='https://x.org/?a=1&amp;b=2'>rak</a>ing<br/>of<br>hoes",
        "In vivo raking of hoes",
    ),
    ("<ul><li>One</li><li>two</ul><table><tr><td>3<td>4</table>", "One two 3 4"),
    ("<jats:title>Aim</jats:title><jats:p>On <jats:italic>R</jats:italic>akes.</jats:p>", "Aim On Rakes."),
    ("<html><head><title>A</title></head><body>b<template>c</template></body></html>", "A b"),
    ("A summary that is <b>cut in", "A summary that is cut in"),
    # Raised and lowered
    (
        "NO<sub>x</sub> and Fe<sub>3</sub>O<sub>4</sub> at 5<sup>−2</sup> m<sup>2</sup>",
        "NOₓ and Fe₃O₄ at 5⁻² m²",
    ),
    ("[<sup>18</sup>F] ions, Mg<SUP>2+</SUP>, N<jats:sub>2</jats:sub>", "[¹⁸F] ions, Mg²⁺, N₂"),
    ("T<sub>c</sub>, Rake<sup>®</sup>, 2<sup>3q</sup> and 2<sup>q/2</sup>", "Tc, Rake®, 2^3q and 2^(q/2)"),
    # MathML
    ("<math><mi>σ</mi></math>-rakes in <mml:math><mml:mi>ε</mml:mi></mml:math>-sheds", "σ-rakes in ε-sheds"),
    (
        "<mml:math><mml:msup><mml:mn>10</mml:mn><mml:mrow><mml:mo>−</mml:mo><mml:mn>6</mml:mn></mml:mrow></mml:msup></mml:math> g",
        "10⁻⁶ g",
    ),
    ("<math><msub><mi>H</mi><mn>2</mn></msub><mo>&#8290;</mo><mi>O</mi></math> rakes", "H₂O rakes"),
    (
        "<math><msubsup><mi>B</mi><mi>s</mi><mn>0</mn></msubsup></math>, <math><msup><mi/><mn>6</mn></msup></math>He",
        "Bₛ⁰, ⁶He",
    ),
    (
        "<math><mfrac><mi>a</mi><mrow><mi>b</mi><mo>+</mo><mn>1</mn></mrow></mfrac><msqrt><mi>s</mi></msqrt></math>",
        "a/(b+1)√s",
    ),
    (
        "<math><semantics><mi>φ</mi><annotation encoding='application/x-tex'>\\phi</annotation></semantics></math>",
        "φ",
    ),
    (
        "<inline-formula><tex-math>$k$</tex-math><mml:math><mml:mi>k</mml:mi></mml:math></inline-formula>NN",
        "kNN",
    ),
    # No tags
    (
        "Vec<T>, Map<String, Vec<u8>>, Box<b> and List<Object> in Rust",
        "Vec<T>, Map<String, Vec<u8>>, Box<b> and List<Object> in Rust",
    ),
    ("when n<p and p>10, a<b and c>d, i <j> k", "when n<p and p>10, a<b and c>d, i <j> k"),
    ("with <think>…</think>, <SEG> and <image> tokens", "with <think>…</think>, <SEG> and <image> tokens"),
    ("see <https://x.org> or <jane@x.org>", "see <https://x.org> or <jane@x.org>"),
    ("a<script>b<i>c</i></script><style>d</style>e <sub><script>9</script>2</sub>", "ae ₂"),
    ("x<sub>1<script></sub>9</script>2</sub>", "x₁₂"),
    ("<i>p</i><0.05, 3 <4 and Vec<T>", "p<0.05, 3 <4 and Vec<T>"),
    ("A<sub>1</sub> &lt;b&gt; &amp; c", "A₁ <b> & c"),
]


@pytest.mark.parametrize(("raw", "seen"), MARKUP, ids=lambda text: text[:30])
def test_markup_is_read_as_a_browser_shows_it(raw, seen):
    assert clean(strip_markup(raw)) == seen


def test_what_is_nested_without_end_keeps_its_text():
    assert strip_markup(f"{'<b>' * 500}a{'<sub>2</sub>' * 2}{'</b>' * 500}") == "a22"


@pytest.mark.parametrize("piece", ["<!--", "<!---->", "<a", "<a <", "<b x=1 ", "<b></b>", "<sub>"])
def test_no_markup_takes_long_to_look_for(piece):
    texts = [piece * (size // len(piece)) for size in (20_000, 80_000)]
    assert growth(strip_markup, *texts) < LINEAR


@pytest.mark.slow
@pytest.mark.parametrize("piece", ["(", "(a)", "a and "])
def test_no_names_take_long_to_split(piece):
    texts = [piece * (size // len(piece)) for size in (200_000, 800_000)]
    assert growth(lambda text: split_authors(text, joined_by_and=True), *texts) < LINEAR
    assert growth(lambda text: author_names([text]), *texts) < LINEAR


@pytest.mark.parametrize(
    ("line", "most", "kept"),
    [
        ("one two three", 13, "one two three"),
        ("one two three", 12, "one two…"),
        ("one two three", 7, "one…"),
        ("a " + "b" * 20, 10, "a bbbbbbb…"),
        ("没有空格的一行字", 5, "没有空格…"),
    ],
)
def test_a_long_line_is_cut_at_a_blank(line, most, kept):
    assert truncate(line, most) == kept


@many
@given(st.text(), st.integers(2, 30))
def test_no_line_is_longer_than_it_may_be(text, most):
    line = clean(text)
    short = truncate(line, most)
    assert len(short) <= most
    assert short == line or (short.endswith("…") and line.startswith(short[:-1]) and len(line) > most)


@pytest.mark.parametrize(
    ("raw", "people"),
    [
        ("First Author (Some Lab, Some City), Second Author", ("First Author", "Second Author")),
        ("First Author (Lab (East), Town), Second Author (Lab)", ("First Author", "Second Author")),
        ("First (of Some Lab, Some City) Author, Second Author", ("First Author", "Second Author")),
        ("First Author (Lab, Town", ("First Author (Lab", "Town")),
        ("First Author), Second Author (", ("First Author)", "Second Author (")),
        ("The One and Other Collaboration", ("The One and Other Collaboration",)),
        ("Martin Smith, Jr., Ann Lee, Bob Ray, III", ("Martin Smith Jr.", "Ann Lee", "Bob Ray III")),
        (" , ,", ()),
    ],
)
def test_names_are_split_at_commas_outside_brackets(raw, people):
    assert split_authors(raw) == people


@pytest.mark.parametrize(
    ("raw", "people"),
    [
        ("First Author, Second Author and Third Author", ("First Author", "Second Author", "Third Author")),
        ("First Author (1 and 2), Second Author (2) ((1) Lab, (2) City)", ("First Author", "Second Author")),
        ("Anders Sand, and Roland Band", ("Anders Sand", "Roland Band")),
    ],
)
def test_and_separates_where_it_is_said_to(raw, people):
    assert split_authors(raw, joined_by_and=True) == people


@pytest.mark.parametrize(
    ("raw", "people"),
    [
        (r"Zo\"e M\"uller, Ren\'{e} Fa\c{c}ade", ("Zoë Müller", "René Façade")),
        (
            r"{\O}yvind S{\o}rby, J.\,Stra{\ss}er, Ji\v{r}\'i Nov\'ak",
            ("Øyvind Sørby", "J. Straßer", "Jiří Novák"),
        ),
        (
            r"Imre Erd\H{o}s, Ma{\l}gorzata \'Swi\k{e}ta, {Nam} Vi\d{\^e}t",
            ("Imre Erdős", "Małgorzata Święta", "Nam Việt"),
        ),
        (r"Jos\'{\i} Mu\~noz (Lab, S\~ao Paulo), A.~B. Lee", ("Josí Muñoz", "A. B. Lee")),
    ],
)
def test_accents_of_tex_become_letters(raw, people):
    assert split_authors(raw) == people


def test_family_names_of_tex_are_turned_as_others_are():
    assert author_names([r"Erd\H{o}s, P., R\'enyi, A."]) == ("P. Erdős", "A. Rényi")
    assert author_names([r"M{\"u}ller, Zo\"e"]) == ("Zoë Müller",)


def test_three_hundred_authors_stay_three_hundred():
    people = tuple(f"Author Number{n}" for n in range(300))
    assert split_authors(", ".join(people)) == people


@pytest.mark.parametrize(
    ("texts", "people"),
    [
        # Lists of whole names
        (["Jane Doe, Rick Roe"], ("Jane Doe", "Rick Roe")),
        (["Jane Doe (Lab, Town), Ludwig van Beethoven"], ("Jane Doe", "Ludwig van Beethoven")),
        (["Jane Doe, Rick Roe, and Ann Lee"], ("Jane Doe", "Rick Roe", "Ann Lee")),
        (["Jane Doe and Rick Roe"], ("Jane Doe", "Rick Roe")),
        (["Jane Doe & Rick Roe"], ("Jane Doe", "Rick Roe")),
        (["Jane Doe; Rick Roe;Ann Lee"], ("Jane Doe", "Rick Roe", "Ann Lee")),
        (["Plato, Ann Lee, Rick Roe"], ("Plato", "Ann Lee", "Rick Roe")),
        (["\u5f20\u4f1f\u3001\u674e\u5a1c"], ("\u5f20\u4f1f", "\u674e\u5a1c")),
        (["\u5f20\u4f1f, \u674e\u5a1c"], ("\u5f20\u4f1f", "\u674e\u5a1c")),
        # Family name first
        (["Smith, J., Zhang, J., Li, J."], ("J. Smith", "J. Zhang", "J. Li")),
        (["Wang, Y., Wang, Y."], ("Y. Wang", "Y. Wang")),
        (["Dubois, J.-P., O'Neil, P. A., Ng, A"], ("J.-P. Dubois", "P. A. O'Neil", "A Ng")),
        (["Garcia Lopez, A., van der Berg, R."], ("A. Garcia Lopez", "R. van der Berg")),
        (["Doe, J. and Roe, R."], ("J. Doe", "R. Roe")),
        (["Doe, J., & Roe, R."], ("J. Doe", "R. Roe")),
        (["Doe, Jane Mary"], ("Jane Mary Doe",)),
        (["Doe, Jane, de la Cruz, Mar\u00eda Jos\u00e9"], ("Jane Doe", "Mar\u00eda Jos\u00e9 de la Cruz")),
        (["Doe, Jane", "Roe, Jane"], ("Jane Doe", "Jane Roe")),
        (["Garcia Lopez, Ana Maria", "Doe, Jane"], ("Ana Maria Garcia Lopez", "Jane Doe")),
        (["Garcia Lopez, Ana Maria; Doe, Jane"], ("Ana Maria Garcia Lopez", "Jane Doe")),
        # Suffixes
        (["Martin Smith, Jr., Ann Lee"], ("Martin Smith Jr.", "Ann Lee")),
        (["Smith, Jr., Martin"], ("Martin Smith Jr.",)),
        (["Smith, Martin, III", "Lee, Ann"], ("Martin Smith III", "Ann Lee")),
        (["Roe, R., Sr., Lee, A."], ("R. Roe Sr.", "A. Lee")),
        (["Jane Doe, PhD, Rick Roe, M.D."], ("Jane Doe PhD", "Rick Roe M.D.")),
        # Groups
        (["Doe, J., The Imaging Consortium, Roe, R."], ("J. Doe", "The Imaging Consortium", "R. Roe")),
        (["Doe, J., Roe, R., Imaging Consortium"], ("J. Doe", "R. Roe", "Imaging Consortium")),
        (["The One and Other Collaboration"], ("The One and Other Collaboration",)),
        (["One Collaboration, Other Collaboration"], ("One Collaboration", "Other Collaboration")),
        (["Institute for Science and Technology Policy"], ("Institute for Science and Technology Policy",)),
        # The same person in two elements
        (["Jane Doe", "Jane Doe"], ("Jane Doe",)),
        (["Jane Doe", "Doe, Jane"], ("Jane Doe",)),
        ([], ()),
        (["", " , "], ()),
    ],
)
def test_names_of_a_feeds_entry(texts, people):
    assert author_names(texts) == people


@many
@given(st.lists(st.text(st.sampled_from("AbJ., ;&()\u00e9\u674e-'and"), max_size=40), max_size=4))
def test_no_letter_of_a_name_is_lost(texts):
    """Whatever the commas mean: every word outside brackets comes back, in one text at least once."""
    names = " ".join(author_names(texts))
    for text in texts:
        if not set("()&") & set(text) and "and" not in text:
            assert all(word in names for word in clean(text).replace(",", " ").replace(";", " ").split())
