"""Lists of references are found by their entries, whatever stands above them."""

import pytest

from tests.extraction.pdfs import BODY, read_runs, runs

BRACKETED = [
    "[1] B. Painter, LEAKED of barns, J. Barns 12, 33 (2011).",
    "[2] C. Sawyer and D. Smith, LEAKED, Phys. Rev. Sheds",
    "55, 101 (1998).",
    "[3] E. Mason, arXiv preprint arXiv:1606.02318 (2016).",
]
DOTTED = [
    "1. Painter B, Mason E. LEAKED of barns. J Barns. 2011;12:33.",
    "2. Sawyer C, Smith D. LEAKED of sheds. Sheds. 1998;55:101.",
    "3. Tiler F. LEAKED. Roofs. 2004;31:1250.",
]
CHINESE = [
    "[1] 王明，李华. LEAKED 的研究[J]. 计算机学报, 2010, 33(2): 1-9.",
    "[2] 张伟. LEAKED 模型[M]. 北京: 科学出版社, 2015.",
    "[3] 刘洋. LEAKED 方法[D]. 2019.",
]
NAMES = ["Painter, B.", "Sawyer, C. and Smith, D.", "Mason, E.", "Tiler, F., Carpenter, G.", "Zimmer, H."]
HANGING = [
    part
    for number, name in enumerate(NAMES)
    for part in (f"{name} {1998 + number}. LEAKED of sheds and of", "    barns. Journal of Barns 12, 33-41.")
]
LISTS = {"bracketed": BRACKETED, "dotted": DOTTED, "Chinese": CHINESE, "hanging": HANGING}


def list_runs(lines: list[str], y: float, size: float = 9):
    return [
        run
        for number, line in enumerate(lines)
        for run in runs(72 + 14 * line.startswith("    "), y - 11 * number, [line.strip()], size=size)
    ]


def paper(*tail):
    front = runs(72, 750, ["Abstract"], bold=True) + runs(72, 735, BODY[:6])
    first = runs(72, 650, ["1 Introduction"], bold=True) + runs(72, 635, BODY[6:16])
    return front + first + [run for part in tail for run in part]


@pytest.mark.parametrize("heading", ["", "Literatur", "Список литературы", "参考文献", "Works we owe to"])
@pytest.mark.parametrize("entries", LISTS.values(), ids=LISTS)
def test_a_list_is_left_out_under_any_heading_or_none(entries: list[str], heading: str):
    title = runs(72, 480, [heading], bold=True) if heading else []
    blocks, omitted = read_runs(paper(title, list_runs(entries, 460)))
    assert [block.text for block in blocks] == BODY[:16]
    assert omitted["references"] == len(entries)


@pytest.mark.parametrize(
    ("title", "section"),
    [
        ("Appendix A: Proof of the bound", "Appendix A: Proof of the bound"),
        ("Appendix B", "Appendix B"),
        ("Anhang A: Beweis der Schranke", "Appendix"),
        ("A Proof of the bound", "Appendix"),
    ],
)
def test_an_appendix_after_the_references_is_kept(title: str, section: str):
    proof = runs(72, 300, [title], bold=True) + runs(72, 285, ["The bound holds for all 19 of the doors."])
    blocks, _ = read_runs(paper(runs(72, 480, ["Literatur"], bold=True), list_runs(BRACKETED, 460), proof))
    assert blocks[-1].text == "The bound holds for all 19 of the doors."
    if title.startswith("Appendix"):
        assert blocks[-1].section_path == (section,)


def test_an_appendix_before_the_references_is_kept():
    proof = runs(72, 490, ["Appendix A: Proof of the bound"], bold=True) + runs(
        72, 475, ["The bound holds for 19 doors."]
    )
    blocks, omitted = read_runs(paper(proof, list_runs(BRACKETED, 440)))
    assert (blocks[-1].section_path, blocks[-1].text) == (
        ("Appendix A: Proof of the bound",),
        "The bound holds for 19 doors.",
    )
    assert omitted["references"] == len(BRACKETED)


@pytest.mark.parametrize(
    "lines",
    [
        [
            "1. In 2019, we measured the rust of spades.",
            "2. In 2020, we oiled all of them.",
            "3. In 2021, none had rusted.",
        ],
        [
            "1. AlexNet, LeNet (Krizhevsky et al., 2012), which has five layers, is fast.",
            "2. VGG, Inception (Simonyan and Zisserman, 2014), which has 16 layers, is slow.",
            "3. GoogLeNet, ResNet (Szegedy et al., 2015), which has 22 layers, is both.",
        ],
        ["    They were first painted by Mason (1987), in oil.", "Later, they were oiled."] * 6,
    ],
    ids=["years", "citations", "paragraphs with an indent"],
)
def test_lists_and_paragraphs_with_years_are_no_references(lines: list[str]):
    blocks, omitted = read_runs(
        paper(list_runs(lines, 480, size=10), runs(72, 300, ["That is all there is to say here."]))
    )
    assert not omitted["references"]
    assert blocks[-1].text == "That is all there is to say here."


def test_text_after_a_list_without_a_heading_is_read():
    blocks, _ = read_runs(
        paper(list_runs(BRACKETED, 460), runs(72, 380, ["Figure 1: A shed in the rain of winter."]))
    )
    assert blocks[-1].text == "Figure 1: A shed in the rain of winter."
