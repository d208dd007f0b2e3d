import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.grounding.entities import WordIndex, extract_names, is_known_name, is_too_common
from tests.grounding.language_of import language_of

EXAMPLES = int(os.environ.get("DIGEST_TEST_EXAMPLES", "100"))

PAPER = WordIndex.of(
    "We propose FlowFix, a Real-ESRGAN with CNN and Transformer parts. ViT-B/16 and ViT-L/14 are trained on CIFAR-10, "
    "CIFAR-100 and DIV2K; Qwen2.5-7B and 14B are large language models. We use Mamba on 3D data, $\\mathcal{L}_{rec}$, "
    'H100 GPUs, Gr\\"onwall and the state of the art. Code: https://github.com/ada/code | A BadDet+ attack uses ScanNet++.'
)


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        ("FlowFix 在 DIV2K 上优于 Restormer，PSNR 提升 0.42 dB", ["FlowFix", "DIV2K", "Restormer", "PSNR"]),
        ("使用GPT-4.1与ViT-B/16、GSM8K", ["GPT-4.1", "ViT-B/16", "GSM8K"]),
        ("重建 3D 场景，用 3DGS，显存 12GB，速度 30 FPS，4K 分辨率", ["3D", "3DGS"]),
        ("nuScenes 与 x264", ["nuScenes", "x264"]),
        ("The method improves Gaussian splatting. Two stages follow.", ["Gaussian"]),
        ("Restormer outperforms it. Using Mamba: Results vary.", ["Restormer", "Mamba"]),
        ("Training is quick", []),
        ("Bi^2MAC 与 MAFM^3", ["Bi", "2MAC", "MAFM"]),
        ("一个 prompt 与一个变量 X", []),
        (r"损失 $\mathcal{L}_{rec}$ 与 \textbf{Quorvex}", ["L_rec", "Quorvex"]),
        ("见 https://evil.example/x?y=1 与 evil.com/a", ["https://evil.example/x?y=1", "evil.com/a"]),
        ("Mamba, Mamba, Mamba", ["Mamba"]),
    ],
)
def test_names_of_a_claim(claim: str, expected: list[str]) -> None:
    assert list(extract_names(claim, language_of(claim))) == expected


@pytest.mark.parametrize(
    "name",
    [
        "FlowFix",
        "Real-ESRGAN's",
        "CNN-Transformer",
        "Mamba-based",
        "non-Mamba",
        "ViT-B/16",
        "CIFAR-10/100",
        "Qwen2.5-7B/14B",
        "DIV2K",
        "GPU",
        "LLMs",
        "3D",
        "3D-Mamba",
        "L_rec",
        "Grönwall",
        "BadDet",
        "https://github.com/ada/code",
    ],
)
def test_a_name_of_the_paper_is_known(name: str) -> None:
    assert is_known_name(name, PAPER)


@pytest.mark.parametrize(
    "name",
    [
        "Flow",
        "FlowFixer",
        "ViT-L/16",
        "ViT-B/14",
        "CIFAR-10/1000",
        "Qwen2.5-14B/32B",
        "DIV8K",
        "2D",
        "CNN-Uformer",
        "Uformer-based",
        "OCR",
        "https://github.com/ada/evil",
    ],
)
def test_a_name_that_is_not_in_the_paper_is_a_stranger(name: str) -> None:
    assert not is_known_name(name, PAPER)


def test_the_profile_may_know_what_the_paper_does_not() -> None:
    assert not is_known_name("Restormer", PAPER)
    assert is_known_name("Restormer", PAPER, WordIndex.of("I work on Restormer and its kin."))


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("line-end hyphen", "a line-end hy-\nphen"),
        ("Fine-Grained detail", "with fine grained details"),
        ("PSNR 30.5", "a PSNR\n30 . 5"),
        ("ﬁne", "fine"),
        ("−3 dB", "by -3 dB"),
        ("model", "modeling"),
        ("diffusion model", "Diffusion models"),
        ("label", "coronary+label"),
        ("恢复", "图像恢复方法"),
    ],
)
def test_a_phrase_is_found_in_spite_of_typography(phrase: str, text: str) -> None:
    assert WordIndex.of(text).contains_phrase(phrase)


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("art", "a start"),  # not inside a word
        ("set", "settings"),  # a short word is not the beginning of another
        ("30.5", "3.05"),
        ("30%", "30 dB"),
        ("", "anything"),
        ("image", "imagine"),
    ],
)
def test_a_phrase_is_not_found_where_it_is_not(phrase: str, text: str) -> None:
    assert not WordIndex.of(text).contains_phrase(phrase)


@pytest.mark.parametrize(
    ("term", "common"),
    [
        ("the", True),
        ("30.5", True),
        ("", True),
        ("帧", True),
        ("PSNR", False),
        ("frequency loss", False),
        ("复原", False),
    ],
)
def test_terms_that_tie_a_claim_to_nothing(term: str, common: bool) -> None:
    assert is_too_common(term) is common


@given(st.text(st.sampled_from("aBc1-/.+_@&' \n$\\{}éß图の3D²①"), max_size=40))
@settings(max_examples=EXAMPLES)
def test_a_text_has_its_own_names_and_nothing_raises(text: str) -> None:
    words = WordIndex.of(text)
    for name in extract_names(text):
        is_known_name(name, words)
        assert not is_known_name(name, WordIndex.of(""))


@given(
    st.lists(
        st.sampled_from(["FlowFix", "DIV2K", "GPT-4.1", "ViT-B/16", "PSNR", "Set5"]), min_size=1, max_size=5
    )
)
@settings(max_examples=EXAMPLES)
def test_names_are_known_wherever_they_stand(found: list[str]) -> None:
    text = "We use " + ", ".join(found) + "."
    assert all(is_known_name(name, WordIndex.of(text)) for name in found)
    assert set(extract_names("使用" + "和".join(found))) == set(found)


def test_a_phrase_does_not_reach_into_the_next_word():
    """Squeezed, `optimize downstream` begins with `optimized`; found by a model that cites wrong sentences."""
    assert not WordIndex.of("in order to optimize downstream compression").contains_phrase("optimized")
    assert WordIndex.of("a super resolution model").contains_phrase("super-resolution")
    assert WordIndex.of("modeling images").contains_phrase("model")
