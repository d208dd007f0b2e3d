import json
from pathlib import Path

import pytest

from pipeline.grounding.limitations import admits_limitation
from tests.growing import LINEAR, growth_of


def test_what_is_called_an_admission_is_one() -> None:
    """80 sentences of arXiv abstracts (metadata, CC0) and 50 made up, labeled by hand; the rule saw the even lines."""
    lines = (Path(__file__).parent / "limitations.jsonl").read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    assert len(rows) == 130
    for half in ("odd", "even", "all"):
        chosen = {"odd": rows[::2], "even": rows[1::2], "all": rows}[half]
        found = [row["label"] for row in chosen if admits_limitation(row["section"], row["text"])]
        right, all_yes = found.count("yes"), sum(row["label"] == "yes" for row in chosen)
        precision, recall = right / len(found), right / all_yes
        print(f"\n{half}: precision {precision:.2f}, recall {recall:.2f}", end="")
    assert precision >= 0.9
    assert recall >= 0.5


@pytest.mark.parametrize(
    ("section", "sentence", "expected"),
    [
        ("5 Limitations", "The degradation model is synthetic.", True),
        ("5 Discussion › 5.2 Failure cases", "Glass confuses it.", True),
        ("5 Limitations › 5.1 Data", "All images are synthetic.", True),
        ("2 Limitations of existing methods", "They are synthetic.", False),
        ("5 Limitations", "Existing methods fail on glass.", False),
        ("Method", "Our current model cannot handle glass.", True),
        ("Method", "We leave video to future work.", True),
        ("Abstract", "Existing methods cannot handle glass, while our model does.", False),
        ("Abstract", "However, this approach suffers from noise.", False),
        ("Abstract", "Our model does not require labels.", False),
        ("Abstract", "Our model is not limited to faces.", False),
        ("6 Conclusion › Future work", "Video is next.", True),
        ("Abstract", "We release the code to foster future work, which will help.", False),
        ("Method", "A network predicts the noise.", False),
    ],
)
def test_an_admission_is_told_by_its_section_or_its_words(
    section: str, sentence: str, expected: bool
) -> None:
    assert admits_limitation(section, sentence) is expected


@pytest.mark.parametrize("middle", ["while ", "our a-", "we leave ", "future work ", "current a", "not a "])
def test_a_sentence_takes_time_in_proportion_to_its_length(middle: str) -> None:
    assert growth_of(lambda text: admits_limitation("", text), lambda count: middle * count) < LINEAR
