"""What a careful model says of the synthetic paper (2601.99999), in three languages, written by hand.

The last claim of the method is wrong on purpose: the paper says 1,000 images, not 5,000. It has to go.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tests.stubs.messages_answers import ID, plain_answer, prompt_text

ONE_STEP = "one-step flow matching model"
WRONG = "5,000"
LANGUAGES = {"Chinese": "zh-CN", "English": "en", "Japanese": "ja"}
WORDS: Mapping[str, Mapping[str, str]] = {
    "zh-CN": {
        "headline": "一步流匹配就能复原退化图像",
        "hook": "把多步扩散压成一步，正是你关心的提速",
        "reason": "做的就是图像复原，且只用一步。",
        "new": "作者用一步流匹配模型把含噪潜变量映射为清晰图像。",
        "gain": "在 FixBench 上，PSNR 比扩散基线高 0.42 dB。",
        "weigh": "去掉加权会损失 0.11 dB。",
        "size": "测试集有 5,000 张图像。",
        "try": "可以在你的数据上试一试这种一步求解器。",
        "limit": "退化模型是合成的，真实传感器与此不同。",
    },
    "en": {
        "headline": "One step of flow matching restores degraded images",
        "hook": "A cheaper sampler, with its error written down",
        "reason": "A solver with one step; the task is another.",
        "new": "A one-step flow matching model maps a noisy latent to a clean image.",
        "gain": "On FixBench it gains 0.42 dB PSNR over a diffusion baseline.",
        "weigh": "Removing the weighting costs 0.11 dB.",
        "size": "The test set has 5,000 images.",
        "try": "The one-step solver could replace a slow sampler in your loop.",
        "limit": "The degradation model is synthetic; real sensors differ.",
    },
    "ja": {
        "headline": "一段のフローマッチングで劣化画像を復元する",
        "hook": "拡散方策を一段にする手がかりになる",
        "reason": "画像復元の研究で、ロボットの実機はない。",
        "new": "一段のフローマッチングモデルが、雑音を含む潜在変数を鮮明な画像に写す。",
        "gain": "FixBench で、拡散の基準手法より PSNR が 0.42 dB 高い。",
        "weigh": "重み付けを外すと 0.11 dB 下がる。",
        "size": "テスト集合は 5,000 枚の画像からなる。",
        "try": "一段の解法は、拡散方策の高速化に試せる。",
        "limit": "劣化モデルは合成であり、実際のセンサーとは異なる。",
    },
}


def answer(body: Mapping[str, Any]) -> dict[str, Any]:
    """Marks for a batch, a reading for a paper whose text is there; a repair gives nothing back."""
    prompt = prompt_text(body)
    asked = body["output_config"]["format"]["schema"]["properties"]
    if asked.keys() & {"verdicts", "briefs", "order"}:
        made = plain_answer(body)
        assert isinstance(made, dict)
        return made
    words = next(WORDS[code] for name, code in LANGUAGES.items() if f"in {name}" in prompt)
    if "marks" in asked:
        return {"marks": [_mark(one, words) for one in dict.fromkeys(ID.findall(prompt))]}
    if "headline" not in asked:
        made = plain_answer(body)
        return {key: [] for key in made} if isinstance(made, dict) else {}
    return _reading(prompt, words)


def _mark(key: str, words: Mapping[str, str]) -> dict[str, Any]:
    """Good marks for two papers of every seven, by the last digit of the id."""
    good = int(key[-1]) % 7 < 2
    marks = (
        {"topic": 4, "transfer": 4, "substance": 4} if good else {"topic": 1, "transfer": 2, "substance": 3}
    )
    return {"id": key, **marks, "excluded": False, "reason": words["reason"]}


def _reading(prompt: str, words: Mapping[str, str]) -> dict[str, Any]:
    def claim(key: str, sentence: str, term: str, kind: str = "stated") -> dict[str, Any]:
        found = re.search(rf"^\[(\d+)\] .*{re.escape(sentence)}", prompt, flags=re.MULTILINE)
        assert found is not None, sentence
        return {"text": words[key], "terms": [term], "evidence": [int(found[1])], "kind": kind}

    return {
        "headline": words["headline"],
        "hook": words["hook"],
        "contribution": [
            claim("new", ONE_STEP, ONE_STEP),
            claim("gain", "invented set FixBench", "diffusion baseline"),
        ],
        "method": [
            claim("weigh", "Removing the weighting", "weighting"),
            claim("size", "the test set has", "test set"),
        ],
        "setup": [],
        "takeaways": [claim("try", "one-step solver", "one-step solver", "inference")],
        "limitations": [claim("limit", "real sensors differ", "real sensors", "admitted")],
    }
