import pytest

from pipeline.grounding.polarity import admits_limitation, find_overstatement


@pytest.mark.parametrize(
    ("claim", "term", "sentence"),
    [
        ("推理能力对理解任务很重要。", "reasoning", "Reasoning may be important for understanding."),
        ("Reasoning is important.", "reasoning", "Reasoning might be important for understanding."),
        ("推論は重要である。", "reasoning", "Reasoning could be important for understanding."),
        ("该框架适用于其他领域。", "framework", "This framework could be applied to other domains."),
        ("它改善早期检测。", "detection", "These findings suggest its potential to improve early detection."),
        ("多模态融合可行。", "fusion", "We offer preliminary insights into multimodal fusion."),
        ("该数据集覆盖全球。", "dataset", "The dataset is limited to specific regions."),
        ("方法在夜间有效。", "method", "The method was evaluated only on night scenes."),
        ("加速 300 倍。", "retrieval", r"It is accelerating up to 300$\times$ in full-corpus retrieval."),
        ("It is 2.0x faster.", "Forcing", "Dummy Forcing delivers up to 2.0x speedup."),
    ],
)
def test_a_claim_that_drops_the_hedge_is_stopped(claim: str, term: str, sentence: str) -> None:
    assert find_overstatement(claim, [term], [sentence])


@pytest.mark.parametrize(
    ("claim", "term", "sentence"),
    [
        ("推理能力可能对理解任务很重要。", "reasoning", "Reasoning may be important for understanding."),
        ("Reasoning might matter.", "reasoning", "Reasoning may be important for understanding."),
        ("推論は重要である可能性がある。", "reasoning", "Reasoning may be important."),
        ("结果表明 X 能泛化。", "generalize", "These findings suggest that it can generalize."),
        ("该数据集仅限特定地区。", "dataset", "The dataset is limited to specific regions."),
        ("最高加速 300 倍。", "retrieval", r"It is accelerating up to 300$\times$ in full-corpus retrieval."),
        ("加速 2 倍。", "speed", "The speed rises 2x, and memory falls by up to 5x."),
        # the hedge stands in another clause, or another sentence has the term without it
        (
            "提出 FlowFix。",
            "FlowFix",
            "Since pixels may be lost, which hurts, we propose FlowFix; it might fail elsewhere.",
        ),
        ("数据发布于五月。", "dataset", "The dataset appeared on May 5."),
        ("精度更高。", "accurate", "Larger models are more likely to win, and they are more accurate."),
        ("方法能避免伪影。", "artifacts", "It could not be seen before, but artifacts are gone."),
    ],
)
def test_an_honest_claim_passes(claim: str, term: str, sentence: str) -> None:
    assert find_overstatement(claim, [term], [sentence]) == ""


def test_a_second_sentence_without_the_hedge_is_enough() -> None:
    hedged, plain = "Reasoning may be important.", "Reasoning is important, as we show."
    assert find_overstatement("推理很重要。", ["Reasoning"], [hedged])
    assert find_overstatement("推理很重要。", ["Reasoning"], [hedged, plain]) == ""


@pytest.mark.parametrize(
    ("section", "sentence", "expected"),
    [
        ("5 Limitations", "The degradation model is synthetic.", True),
        ("Failure cases", "Glass confuses it.", True),
        ("Experiments", "However, real sensors differ.", True),
        ("Method", "Our model cannot handle glass.", True),
        ("Method", "We leave video to future work.", True),
        ("Method", "A network predicts the noise.", False),
        ("Abstract", "FlowFix gains 0.42 dB over the baseline.", False),
    ],
)
def test_an_admission_is_told_by_its_section_or_its_words(
    section: str, sentence: str, expected: bool
) -> None:
    assert admits_limitation(section, sentence) is expected
