import os
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.models import Claim, Sentence, Text
from pipeline.grounding.gates import check, check_line, evidence_candidates, is_absence
from pipeline.grounding.source_index import SourceIndex

EXAMPLES = int(os.environ.get("DIGEST_TEST_EXAMPLES", "100"))

TITLE = "FlowFix: One-Step Flow Matching for Image Restoration"
ABSTRACT = "FlowFix restores images in one step and gains 0.42 dB on DIV2K."
SENTENCES = [
    (
        "Abstract",
        "FlowFix restores images in one step and gains 0.42 dB over a diffusion baseline on DIV2K.",
    ),  # 1
    ("Method", "The velocity network has 3.34M parameters and is trained on 8 A100 GPUs for 12 hours."),  # 2
    ("Method", "A frequency loss, as in Table 2, weighs hard pixels and may reduce ringing artifacts."),  # 3
    ("Experiments", "The frequency loss costs 737 ms per image at a resolution of 1024×1024."),  # 4
    (
        "Experiments",
        "On Set5 the PSNR is 30.53 dB, and the runtime falls by 12.5% with respect to Restormer.",
    ),  # 5
    ("Limitations", "The degradation model is synthetic."),  # 6
    ("Conclusion", "One step can be enough."),  # 7
    ("Method", "The sampler changes by -3.2% when the schedule changes."),  # 8
    ("Table 2", "FlowFix (1 step) | 30.53 | 0.884 | 0.197"),  # 9
]
PROFILE = "I work on super-resolution with SwinIR and on 4K video."


def source(
    sentences: list[tuple[str, str]] = SENTENCES, title: str = TITLE, abstract: str = ABSTRACT
) -> SourceIndex:
    numbered = [
        Sentence(id=number, section=section, anchor=None, text=text)
        for number, (section, text) in enumerate(sentences, 1)
    ]
    text = Text(basis="html", url="https://arxiv.org/html/x", sentences=tuple(numbered), left_out={})
    return SourceIndex.of(text, title=title, abstract=abstract, profile=PROFILE, language="zh-CN")


SOURCE = source()


def claim(
    text: str, evidence: tuple[int, ...] = (1,), terms: tuple[str, ...] = ("FlowFix",), **given: Any
) -> Claim:
    return Claim(**{"text": text, "terms": terms, "kind": "stated", "evidence": evidence, **given})


def stopped_at(one: Claim, section: Any = "claims") -> str:
    failure = check(one, section, SOURCE).failure
    return failure.gate if failure else ""


def reason(one: Claim) -> str:
    failure = check(one, "claims", SOURCE).failure
    assert failure is not None
    return failure.reason


def test_an_honest_claim_passes_unchanged_and_its_numbers_are_counted() -> None:
    one = claim("FlowFix 一步复原图像，在 DIV2K 上比扩散基线高 0.42 dB。")
    checked = check(one, "claims", SOURCE)
    assert (checked.claim, checked.failure, checked.numbers) == (one, None, 1)


@pytest.mark.parametrize(
    ("evidence", "section", "says"),
    [
        ((), "claims", "cites 0 sentences; cite 1 to 3"),
        ((1, 2, 3, 4), "claims", "cites 4 sentences; cite 1 to 3"),
        ((1, 2, 3, 4), "inference", "cites 4 sentences; cite 1 to 3"),
        ((1, 2, 3, 4, 5), "setup", ""),
        ((1, 2, 3, 4, 5, 6), "setup", "cites 6 sentences; cite 1 to 5"),
        ((10,), "claims", "no sentence [10]"),
        ((1, 0), "claims", "no sentence [0]"),
    ],
)
def test_evidence_has_to_exist_and_to_be_little(evidence: tuple[int, ...], section: Any, says: str) -> None:
    failure = check(claim("FlowFix 一步复原图像。", evidence), section, SOURCE).failure
    assert (failure is None) == (says == "")
    if failure:
        assert failure.gate == "evidence"
        assert says in failure.reason


def test_a_claim_that_is_too_long_fails_for_that() -> None:
    assert stopped_at(claim("FlowFix 一步复原图像。" + " " * 585)) == ""
    assert stopped_at(claim("FlowFix 一步复原图像。" + " " * 586)) == "length"


ABSENCE = claim("没有找到与 SwinIR 的运行时间对比。", (), (), kind="own")


def test_what_is_absent_needs_no_evidence_but_brings_nothing_of_its_own() -> None:
    def absent(text: str) -> str:
        return stopped_at(ABSENCE.model_copy(update={"text": text}))

    assert is_absence(ABSENCE)
    assert absent(ABSENCE.text) == ""
    assert absent("x" * 80) == ""
    assert absent("x" * 81) == "length"
    assert absent("没有找到 12 个数据集上的结果。") == "numbers"
    assert absent("没有找到表 2 的说明。") == "numbers"
    assert absent("没有找到与 Uformer 的对比。") == "names"
    assert absent("没有找到「one step」的说明。") == "quotes"  # though the paper has these words


@pytest.mark.parametrize(
    "given", [{"kind": "stated"}, {"kind": "inference"}, {"terms": ("FlowFix",)}, {"evidence": (1,)}]
)
def test_every_other_claim_needs_evidence_and_terms(given: dict[str, Any]) -> None:
    one = ABSENCE.model_copy(update=given)
    assert not is_absence(one)
    assert stopped_at(one) in {"evidence", "terms"}


@pytest.mark.parametrize(
    ("terms", "says"),
    [
        ((), "gives 0 terms"),
        (("FlowFix", "images", "baseline", "step"), "gives 4 terms"),
        (("method",), "too common"),
        (("0.42",), "too common"),
        (("FlowFix", "transformer"), '"transformer" is not in the cited [1]; it is nowhere in the text'),
        (("velocity",), '"velocity" is not in the cited [1]; it is in [2]'),
        (("扩散",), "nowhere"),
    ],
)
def test_terms_have_to_stand_in_the_cited_sentences(terms: tuple[str, ...], says: str) -> None:
    one = claim("FlowFix 一步复原图像。", terms=terms)
    assert stopped_at(one) == "terms"
    assert says in reason(one)


def test_a_term_may_stand_in_any_of_the_cited_sentences() -> None:
    assert stopped_at(claim("FlowFix 用速度网络复原图像。", (1, 2), ("diffusion baseline", "velocity"))) == ""


@pytest.mark.parametrize(
    ("text", "evidence", "terms", "says"),
    [
        ("FlowFix 高 0.43 dB。", (1,), ("FlowFix",), "0.43 dB is not in the cited [1]"),
        ("FlowFix 高 0.42%。", (1,), ("FlowFix",), "there it is 0.42 dB"),
        ("网络有 340万 参数。", (2,), ("velocity",), "340万"),
        ("损失耗时 737 秒。", (4,), ("frequency loss",), "there it is 737 ms"),
        ("采样器变化 3.2%。", (8,), ("sampler",), "negative"),
        ("FlowFix 高 -0.42 dB。", (1,), ("FlowFix",), "no minus"),
        ("运行时间下降 -12.5%。", (5,), ("runtime",), "no minus"),
    ],
)
def test_a_number_that_the_cited_sentences_do_not_license_is_named(
    text: str, evidence: tuple[int, ...], terms: tuple[str, ...], says: str
) -> None:
    one = claim(text, evidence, terms)
    assert stopped_at(one) == "numbers"
    assert says in reason(one)


@pytest.mark.parametrize(
    ("text", "evidence", "terms"),
    [
        ("网络有 334万 参数，训练 12 小时。", (2,), ("velocity",)),
        ("损失耗时 0.737 秒。", (4,), ("frequency loss",)),
        ("运行时间变化 -12.5%。", (5,), ("runtime",)),  # falls by 12.5 %
        ("采样器下降 3.2%。", (8,), ("sampler",)),
        ("如表 2 所示，损失给难像素更高的权重，或可减少振铃。", (3,), ("hard pixels",)),
        (
            "FlowFix 达到 30.53 dB，LPIPS 那一列是 0.197。".replace("LPIPS 那一列", "最后一列"),
            (9,),
            ("FlowFix",),
        ),
    ],
)
def test_a_licensed_number_passes(text: str, evidence: tuple[int, ...], terms: tuple[str, ...]) -> None:
    assert stopped_at(claim(text, evidence, terms)) == ""


def test_a_number_in_one_other_sentence_on_the_same_terms_moves_the_evidence() -> None:
    one = claim("频率损失每张图耗时 737 毫秒。", (3,), ("frequency loss",))
    checked = check(one, "claims", SOURCE)
    assert checked.failure is None
    assert checked.claim == one.model_copy(update={"evidence": (3, 4)})


def test_three_ids_stay_three_when_the_evidence_moves() -> None:
    one = claim("频率损失每张图耗时 737 毫秒。", (3, 6, 7), ("frequency loss",))
    assert check(one, "claims", SOURCE).claim.evidence == (3, 6, 4)


@pytest.mark.parametrize(
    ("evidence", "terms"),
    [
        ((2,), ("velocity",)),  # the sentence that has the number shares no term
        ((1,), ("FlowFix",)),
    ],
)
def test_evidence_does_not_move_to_a_sentence_about_something_else(
    evidence: tuple[int, ...], terms: tuple[str, ...]
) -> None:
    one = claim("每张图耗时 737 毫秒。", evidence, terms)
    checked = check(one, "claims", SOURCE)
    assert checked.failure is not None
    assert checked.claim == one


def test_evidence_does_not_move_where_two_sentences_would_do() -> None:
    doubled = source([*SENTENCES, ("Appendix", "Again the frequency loss took 737 ms.")])
    one = claim("频率损失耗时 737 毫秒。", (3,), ("frequency loss",))
    failure = check(one, "claims", doubled).failure
    assert failure is not None
    assert failure.reason == "737 毫秒 is not in the cited [3]; it is in [4], [10]"


def test_evidence_does_not_move_for_a_number_without_its_unit() -> None:
    table = source([*SENTENCES[:3], ("Table 5", "frequency loss | 737 | 12")])
    assert (
        check(claim("频率损失耗时 737 毫秒。", (3,), ("frequency loss",)), "claims", table).failure
        is not None
    )
    assert check(
        claim("频率损失的一列是 737。", (3,), ("frequency loss",)), "claims", table
    ).claim.evidence == (3, 4)


@pytest.mark.parametrize(
    ("text", "terms", "third"),
    [
        (
            "The sampler with distillation reaches 31.2 dB on deraining.",
            ("sampler", "distillation"),
            "Then distillation is applied.",
        ),
        ("The sampler reaches 31.2 dB in 45 ms.", ("sampler",), "It takes 45 ms."),
    ],
)
def test_a_sentence_that_a_claim_needs_stays_when_the_evidence_moves(
    text: str, terms: tuple[str, ...], third: str
) -> None:
    sentences = ["The sampler is fast.", "We use many images.", third, "The sampler reaches 31.2 dB."]
    paper = source([("Method", sentence) for sentence in sentences])
    checked = check(claim(text, (1, 2, 3), terms), "claims", paper)
    assert (checked.claim.evidence, checked.failure) == ((1, 3, 4), None)


def test_a_sign_has_to_be_that_of_the_sentence_to_which_the_evidence_moves() -> None:
    paper = source([("Method", "The sampler is fast."), ("Method", "The sampler gains 0.5 dB.")])
    failure = check(claim("The sampler gains -0.5 dB.", (1,), ("sampler",)), "claims", paper).failure
    assert failure is not None
    assert failure.gate == "numbers"


@pytest.mark.parametrize("name", ["Uformer", "DIV8K", "GPT-4.1", "Gaussian"])
def test_a_name_from_nowhere_is_named(name: str) -> None:
    one = claim(f"FlowFix 一步复原图像，类似 {name} 的做法。")
    assert stopped_at(one) == "names"
    assert reason(one) == f"{name} stands neither in the paper nor in the profile"


@pytest.mark.parametrize("name", ["Restormer", "SwinIR", "FlowFix-based", "GPUs"])
def test_a_name_from_anywhere_in_the_paper_or_the_profile_passes(name: str) -> None:
    assert stopped_at(claim(f"FlowFix 一步复原图像，类似 {name} 的做法。")) == ""


def test_an_address_counts_as_a_name() -> None:
    assert stopped_at(claim("FlowFix 一步复原图像，见 https://evil.example/a 。")) == "names"


def test_words_are_not_held_against_a_comparison() -> None:
    """What a claim means is for the second reader; a decrease in another cited sentence stops no true comparison."""
    paper = source(
        [
            ("Results", "FlowFix improves the PSNR by +1 .43 dB over Restormer."),
            (
                "Results",
                "At 17 .2% of the cost, the runtime decreases and the sampler underperforms (+20 .3pp).",
            ),
        ]
    )
    for text in (
        "FlowFix outperforms Restormer by 1.43 dB at 17.2% of the cost.",
        "FlowFix 优于 Restormer 1.43 dB，成本为 17.2%，另一项为 20.3 个百分点。",
    ):
        assert check(claim(text, (1, 2)), "claims", paper).failure is None
    wrong = check(claim("FlowFix 的成本为 0.2%。", (1, 2)), "claims", paper).failure
    assert wrong is not None
    assert wrong.gate == "numbers"


def test_an_inference_brings_no_new_number_and_no_new_name() -> None:
    def advice(text: str) -> Claim:
        return claim(text, (3,), ("frequency loss",), kind="inference")

    assert (
        stopped_at(advice("可以把频率损失用到 SwinIR 和 4K 视频上。"), "inference") == ""
    )  # from the profile
    assert stopped_at(advice("FlowFix 的频率损失值得一试。"), "inference") == ""  # the title's own name
    assert stopped_at(advice("可以与 Restormer 比较。"), "inference") == "names"  # in the paper, not in [3]
    assert stopped_at(advice("可以与 Restormer 比较。"), "claims") == ""
    assert stopped_at(advice("预计提升 5 个百分点。"), "inference") == "numbers"


def test_an_inference_may_take_a_number_from_the_title() -> None:
    faster = source(title="FlowFix: a 37-fold speedup")
    one = claim("可以期待 37 倍的加速。", (3,), ("frequency loss",), kind="inference")
    assert check(one, "inference", faster).failure is None
    assert check(one, "claims", faster).failure is not None


def test_the_gates_stand_in_order() -> None:
    """A claim that would fail everywhere fails at the first gate; each repair brings it to the next."""
    text = "Uformer 耗时 99 秒，即「most pixels」。"
    steps = [
        claim(text + "。" * 600, (77,), ("nowhere",)),
        claim(text, (77,), ("nowhere",)),
        claim(text, (3,), ("nowhere",)),
        claim(text, (3,), ("ringing artifacts",)),
        claim(text.replace("most", "hard"), (3,), ("ringing artifacts",)),
        claim("Uformer 针对「hard pixels」。", (3,), ("ringing artifacts",)),
        claim("FlowFix 针对「hard pixels」。", (3,), ("ringing artifacts",)),
    ]
    assert [stopped_at(one) for one in steps] == [
        "length",
        "evidence",
        "terms",
        "quotes",
        "numbers",
        "names",
        "",
    ]


def test_evidence_does_not_move_away_from_a_quotation() -> None:
    sentences = [
        "The sampler is fast.",
        "We use many images.",
        "It takes one step.",
        "The sampler reaches 31.2 dB.",
    ]
    paper = source([("Method", sentence) for sentence in sentences])
    one = claim('The sampler reaches 31.2 dB, with "many images".', (2, 1, 3), ("sampler",))
    assert check(one, "claims", paper).claim.evidence == (2, 1, 4)
    failure = check(
        claim('"fast", "many images", "one step": 31.2 dB', (1, 2, 3), ("sampler",)), "claims", paper
    )
    assert failure.failure is not None
    setup = check(
        claim('"fast", "many images", "one step": 31.2 dB', (1, 2, 3), ("sampler",)), "setup", paper
    )
    assert (setup.failure, setup.claim.evidence) == (None, (1, 2, 3, 4))


SPLIT = source(
    [
        ("Method", "FlowFix gains 1 7.2 % on 2 0 48 images, and -3 .1 4 dB at 7, 5 1 2 px."),
        ("Method", "FlowFix needs 4 5 ms."),
    ]
)


@pytest.mark.parametrize(
    ("text", "written", "passes"),
    [
        ("FlowFix 提升 17.2%。", "1 7.2 %", True),
        ("FlowFix 提升 17.2%。", "1\u00a07.2 %", True),
        ("FlowFix 使用 2048 张图像。", "2 0 48", True),
        ("FlowFix 变化 -3.14 dB。", "-3 .1 4 dB", True),
        ("FlowFix 变化 -3.14 dB。", "3 .1 4 dB", True),
        ("FlowFix 变化 3.14 dB。", "3 .1 4 dB", False),  # its sign is that of the sentence
        ("FlowFix 提升 17%。", "1 7.2 %", False),  # no rounding
        ("FlowFix 提升 17.2 dB。", "1 7.2 %", False),
        ("FlowFix 提升 17.2%。", "1 7.2", True),
        ("FlowFix 提升 1.72%。", "1 7.2 %", False),
        ("FlowFix 提升 17.2%。", "17.2%", False),  # not as the sentence writes it
        ("FlowFix 使用 204 张图像。", "2 0 4", False),  # cut out of a longer number
        ("FlowFix 使用 20 张图像。", "2 0", False),
        ("FlowFix 用于 512 像素。", "5 1 2 px", True),
        ("FlowFix 用于 12 像素。", "1 2 px", False),
        ("FlowFix 使用 2048 张图像。", "2 0 48 images", False),
        ("FlowFix 用于 7512 像素。", "7, 5 1 2 px", False),
        ("FlowFix 需要 45 毫秒。", "4 5 ms", False),  # in a sentence that is not cited
        ("FlowFix 提升 17.2%，使用 2048 张图像。", "1 7.2 %", False),
        ("FlowFix 提升 17.2%。", "", False),
    ],
)
def test_a_repair_may_show_how_a_sentence_writes_a_number(text: str, written: str, passes: bool) -> None:
    assert check(claim(text), "claims", SPLIT).failure is not None
    assert (check(claim(text), "claims", SPLIT, [written]).failure is None) is passes


SHOWN = SPLIT.sentences[1].text
PARTS = st.builds(lambda at, length: SHOWN[at : at + length], st.integers(0, len(SHOWN)), st.integers(1, 12))


@given(
    st.lists(st.one_of(PARTS, st.text("0123456789 .,-+%dBm\u2212", max_size=9)), max_size=20),
    st.sampled_from(
        [
            "17.2",
            "1.72",
            "172",
            "17",
            "2048",
            "204",
            "20",
            "48",
            "4",
            "3.14",
            "31",
            "14",
            "314",
            "2483",
            "7.22",
        ]
    ),
    st.sampled_from(["", "%", " dB", " ms", "万"]),
)
@settings(max_examples=EXAMPLES)
def test_what_a_repair_shows_licenses_nothing_else(written: list[str], value: str, unit: str) -> None:
    one = claim(f"FlowFix 得到 {value}{unit}。")
    if check(one, "claims", SPLIT, written).failure is None:
        same = [part for part in written if re.sub(r"[^\d.]", "", part).rstrip(".") == value]
        assert same or check(one, "claims", SPLIT).failure is None


@pytest.mark.parametrize(
    ("text", "gate"),
    [
        ("一步流匹配复原图像，在 DIV2K 上高 0.42 dB", ""),
        ("737 毫秒复原一张图", ""),  # anywhere in the text
        ("值得 SwinIR 用户一读", ""),
        ("", ""),
        ("一步流匹配，高 4.2 dB", "numbers"),
        ("一步流匹配，优于 Uformer", "names"),
        ("「one step」即可", ""),
        ("「two steps」即可", "quotes"),
    ],
)
def test_a_line_without_evidence_answers_to_the_whole_paper(text: str, gate: str) -> None:
    failure = check_line(text, SOURCE)
    assert (failure.gate if failure else "") == gate


@pytest.mark.parametrize("text", ["加速 37 倍", "快 1.9 秒"])
def test_a_line_may_take_a_number_from_the_title_or_the_abstract(text: str) -> None:
    paper = source(title="FlowFix: a 37-fold speedup", abstract="FlowFix saves 1.9 seconds.")
    assert check_line(text, paper) is None


def test_candidates_are_the_sentences_that_could_support_a_claim() -> None:
    one = claim("频率损失每张图耗时 737 毫秒。", (1,), ("frequency loss",))
    assert evidence_candidates(one, SOURCE)[:2] == (4, 3)
    assert len(evidence_candidates(claim("FlowFix", terms=("the",)), SOURCE)) == 5
    assert evidence_candidates(claim("无关的话。", terms=("zebra",)), SOURCE) == ()
    english = claim("The degradation model is synthetic.", terms=("nothing",))
    assert evidence_candidates(english, SOURCE)[0] == 6


def test_a_paper_without_sentences_supports_nothing() -> None:
    empty = source([])
    checked = check(claim("FlowFix 一步复原图像。"), "claims", empty)
    assert checked.failure is not None
    assert checked.failure.gate == "evidence"
    assert evidence_candidates(claim("FlowFix"), empty) == ()


PIECES = st.text(st.sampled_from("FlowFix \"'“”‘’「」«»0.42dB3万可能下降-+%。，①A1²$\\{}()\n图"), max_size=40)


@given(PIECES, PIECES, st.lists(st.integers(-1, 4), max_size=4), PIECES)
@settings(max_examples=EXAMPLES)
def test_whatever_a_model_or_a_paper_says_nothing_raises(
    said: str, read: str, evidence: list[int], term: str
) -> None:
    one = claim(said, tuple(evidence), (term,))
    paper = source(
        [("Abstract", read), ("Limits", read + said), ("", said), ("M", "FlowFix improves restoration.")]
    )
    for section in ("claims", "setup", "inference"):
        checked = check(one, section, paper, [term])
        assert checked.failure is None or checked.failure.reason
    check_line(said, paper)
    evidence_candidates(one, paper)
    honest = check(claim("FlowFix improves restoration.", (4,), ("restoration",)), "claims", paper)
    assert honest.failure is None, "whatever else stands in the paper, its own words hold"
