import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.models import Sentence, Text
from pipeline.extraction.truncate import cut_order, truncate_text

# From what is kept longest to what goes first, as a reader of papers would have it.
ORDER = [
    ["Abstract", "4 Discussion › 4.2 Limitations and Failure Cases", "Appendix › A Limitations"],
    ["1 Introduction", "7 Conclusion", "VI. CONCLUSIONS AND FUTURE WORK"],
    ["3 Method › 3.1 Flow Matching", "3 Background-Aware Attention", "2 Abstract Syntax Trees", ""],
    ["5 Results › 5.1 Main Results", "Ablation Study", "4.1 Implementation Details"],
    ["2 Related Work › Super-resolution", "II. BACKGROUND", "2 Background and Preliminaries"],
    ["Acknowledgements", "Keywords", "Ethics Statement"],
    ["Appendix A Ablation", "Supplementary Material"],
]
TITLES = [title for group in ORDER for title in group]


def text_of(*parts: tuple[str, int], length: int = 94) -> Text:
    """One sentence for each, so often, in the order given: of so many characters and 6 for its number, or of many lengths."""
    sections = [section for section, count in parts for _ in range(count)]
    sentences = tuple(
        Sentence(
            id=number, section=section, anchor=f"S{number}", text="x" * (length or 10 + 37 * number % 200)
        )
        for number, section in enumerate(sections, start=1)
    )
    return Text(
        basis="html", url="https://arxiv.org/html/2601.99999v1", sentences=sentences, left_out={"hidden": 1}
    )


@pytest.mark.parametrize(
    ("number", "title"), [(number, title) for number, group in enumerate(ORDER) for title in group]
)
def test_a_section_has_its_place(number, title):
    assert cut_order(title) == number


def test_what_fits_is_not_touched():
    text = text_of(("Abstract", 2), ("Appendix A", 2))  # 400 characters / 3.5 = 114.3 tokens
    assert truncate_text(text, 115) is text
    assert len(truncate_text(text, 114).sentences) == 3


PAPER = text_of(
    ("Abstract", 1), ("1 Introduction", 1), ("2 Related Work", 1), ("3 Method", 2), ("4 Experiments", 1),
    ("5 Limitations", 1), ("6 Conclusion", 1), ("Acknowledgments", 1), ("Appendix A Proofs", 2),
)  # fmt: skip


@pytest.mark.parametrize(
    ("sentences", "kept"),
    [
        (9, [1, 2, 3, 4, 5, 6, 7, 8, 9]),
        (7, [1, 2, 4, 5, 6, 7, 8]),
        (5, [1, 2, 4, 7, 8]),
        (3, [1, 2, 7]),
        (0, []),
    ],
)
def test_the_least_telling_sections_go_first_and_limitations_last(sentences, kept):
    cut = truncate_text(PAPER, (sentences * 100 + 50) * 2 // 7)
    assert [one.id for one in cut.sentences] == kept
    assert cut.left_out == {"hidden": 1, "cut": 11 - len(kept)}
    assert all(one == PAPER.sentences[one.id - 1] for one in cut.sentences)


def test_a_chinese_character_takes_a_token() -> None:
    text = text_of(("Abstract", 3))
    chinese = tuple(one.model_copy(update={"text": "图" * 94}) for one in text.sentences)
    text = text.model_copy(update={"sentences": chinese})  # 94 + 6 / 3.5 = 95.7 tokens each
    assert len(truncate_text(text, 287).sentences) == 2
    assert truncate_text(text, 288) is text


def test_sentences_that_were_cut_before_stay_counted():
    text = PAPER.model_copy(update={"left_out": {"cut": 5}})
    assert truncate_text(text, 100).left_out == {"cut": 5 + 8}


TEXTS = st.lists(st.tuples(st.sampled_from(TITLES), st.integers(1, 4)), max_size=12).map(
    lambda parts: text_of(*parts, length=0)
)
LIMITS = st.integers(0, 1500)


@given(TEXTS, LIMITS, LIMITS)
def test_room_is_kept_to_and_more_room_never_costs_a_sentence(text, one, other):
    small, large = (truncate_text(text, limit) for limit in sorted((one, other)))
    assert sum(len(each.text) + 6 for each in small.sentences) <= 3.5 * min(one, other)
    assert {one.id for one in small.sentences} <= {one.id for one in large.sentences}


@given(TEXTS, LIMITS)
def test_limitations_stay_as_long_as_anything_else_does(text, limit):
    cut = truncate_text(text, limit)
    last_to_go = {
        one.id for one in text.sentences if "Limitations" in one.section or one.section == "Abstract"
    }
    kept = {one.id for one in cut.sentences}
    assert last_to_go <= kept or kept <= last_to_go
    assert cut.left_out.get("cut", 0) == len(text.sentences) - len(cut.sentences)
