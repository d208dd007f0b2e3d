from collections.abc import Sequence

import pytest

from pipeline.grounding.numbers import claim_numbers, is_supported, source_numbers
from pipeline.grounding.polarity import find_contradiction, states_decrease


def stopped(claim: str, sentence: str, terms: Sequence[str] = ("accuracy",)) -> str:
    theirs = source_numbers(sentence)
    pairs = [(mine, [one for one in theirs if is_supported(mine, one)]) for mine in claim_numbers(claim)]
    return find_contradiction(claim, terms, [sentence], pairs)


@pytest.mark.parametrize(
    ("claim", "sentence"),
    [
        ("FlowFix underperforms the baselines.", "FlowFix outperforms the baselines in accuracy."),
        ("FlowFix 不如基线。", "FlowFix surpasses the baselines in accuracy."),
        ("准确率下降 17%。", "It achieves a 17% improvement in accuracy."),
        ("推理延迟提高近 30%。", "It is more robust, while reducing inference latency by nearly 30%."),
        (
            "误差降低 63.8%，准确率下降 85.1%。",
            "a 63.8% reduction in error and an 85.1% improvement in accuracy",
        ),
        ("Dice 从 0.918 降低到 0.929。", "It changes accuracy from 0.918 to 0.929."),
        ("The error falls from 12.5 to 20.", "The error goes from 12.5 to 20, with accuracy."),
        ("准确率未能达到 98.83%。", "It reaches an average accuracy of 98.83%."),
        ("FlowFix 不能提高准确率。", "FlowFix can increase accuracy."),
        ("它能提高准确率。", "It cannot increase accuracy."),
        ("精度が悪化した。", "It improves accuracy."),
    ],
)
def test_the_opposite_is_stopped(claim: str, sentence: str) -> None:
    assert stopped(claim, sentence)


@pytest.mark.parametrize(
    ("claim", "sentence"),
    [
        ("FlowFix 优于基线。", "FlowFix outperforms the baselines."),
        ("延迟降低一半。", "It improves efficiency twofold."),  # less of a cost is the same news
        ("基线不如 FlowFix。", "FlowFix outperforms the baselines."),
        ("误差低 23%。", "It has about 23 percent less pose error."),
        ("更大的模型不一定更好。", "Larger models do not necessarily yield better accuracy."),
        ("在 24 名老人的下背部佩戴加速度计。", "24 adults wore accelerometers on the lower back."),
        (
            "无需训练即可加速 2 倍。",
            "Without training, it yields a 2x speedup with less than 0.5% quality drop.",
        ),
        ("该方法不需要标注。", "It works without labels for accuracy."),
        ("FID 从 32.41 降到 27.66。", "It decreases FID from 32.41 to 27.66."),
        ("MAE 低于 1.7%。", "It achieves improved accuracy with an MAE below 1.7%."),
        ("使用超过 3.3 万例扫描。", "derived from over 33,000 scans, which reduces noise"),
        ("既提高精度又降低成本。", "It improves accuracy and reduces cost."),
    ],
)
def test_the_same_news_in_other_words_passes(claim: str, sentence: str) -> None:
    assert stopped(claim, sentence) == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("下降 3%", True),
        ("a 3% reduction", True),
        ("is negative", True),
        ("没有下降", False),
        ("gains 3%", False),
    ],
)
def test_words_that_stand_for_a_minus(text: str, expected: bool) -> None:
    assert states_decrease(text) is expected
