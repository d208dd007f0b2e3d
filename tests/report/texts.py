"""What models say of two made-up papers, in five languages, from `texts.toml`."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from pipeline.core.models import ClaimKind, Reading

# Text, kind, evidence, terms, reading (None of a claim that cites nothing).
Said = tuple[str, ClaimKind, tuple[int, ...], tuple[str, ...], Reading | None]
Sentences = dict[int, tuple[str, str | None, str]]  # id: section, anchor, text
SECTIONS = (
    (
        "contribution",
        "claims",
        {
            "zh-CN": "核心创新点",
            "en": "Key contribution",
            "ja": "主な貢献",
            "de": "Kernbeitrag",
            "ko": "핵심 기여",
        },
    ),
    (
        "method",
        "claims",
        {"zh-CN": "技术细节", "en": "Method", "ja": "手法の詳細", "de": "Methode", "ko": "방법"},
    ),
    (
        "setup",
        "setup",
        {
            "zh-CN": "实验与结果",
            "en": "Setup and results",
            "ja": "実験と結果",
            "de": "Experimente und Ergebnisse",
            "ko": "실험과 결과",
        },
    ),
    (
        "takeaways",
        "inference",
        {
            "zh-CN": "对我的启发",
            "en": "Takeaways for me",
            "ja": "自分への示唆",
            "de": "Anregungen für mich",
            "ko": "나에게 주는 시사점",
        },
    ),
    (
        "limitations",
        "claims",
        {"zh-CN": "潜在缺陷", "en": "Limitations", "ja": "限界", "de": "Einschränkungen", "ko": "한계"},
    ),
)


def _sentences(raw: dict[str, Any]) -> Sentences:
    return {int(key): (section, anchor or None, text) for key, (section, anchor, text) in raw.items()}


def _said(raw: dict[str, Any]) -> dict[str, dict[str, list[Said]]]:
    return {
        language: {
            section: [
                (text, kind, tuple(evidence), tuple(terms), (*read, "supported" if evidence else None)[0])
                for text, kind, evidence, terms, *read in claims
            ]
            for section, claims in sections.items()
        }
        for language, sections in raw.items()
    }


_RAW = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
FLOW, BENCH = _sentences(_RAW["sentences"]["flow"]), _sentences(_RAW["sentences"]["bench"])
FLOW_SAID, BENCH_SAID, LONG_SAID = (_said(_RAW["said"][name]) for name in ("flow", "bench", "long"))
TITLE: dict[str, str] = _RAW["title"]
HEADLINES: dict[str, list[str]] = _RAW["headlines"]
LONG_HEADLINES: dict[str, list[str]] = _RAW["long_headlines"]
QUOTED: str = _RAW["quoted"]
BRIEFS: dict[str, list[str]] = _RAW["briefs"]
REASONS: dict[str, list[str]] = _RAW["reasons"]
WHY_NOT: dict[str, list[str]] = _RAW["why_not"]
