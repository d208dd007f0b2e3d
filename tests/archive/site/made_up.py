"""Papers by the thousand, made up word by word: titles, reasons and briefs in English, Chinese and Japanese."""

from __future__ import annotations

import datetime as dt
import json
import random
from collections.abc import Sequence

from pipeline.core.models import SourceStatus
from pipeline.core.month_index import DigestEntry, MonthIndex, Row

TEXTS = {
    "en": (
        "Diffusion Transformers Agents Robust Sparse Naïve Gaussian Rényi Köhler Retrieval Long-Horizon Video Restoration "
        "Attention Policy Learning Graph 3D LLM LLMs GPT-4o RL via for with of under without Beyond Toward Einstein’s "
        "“Thinking” Self-Supervised Zero-Shot (ASR) α-Divergence ℓ₁ Ｗｉｄｅ ﬁne-tuning Straße İstanbul Σύστημα οδοσήμανση"
    ),
    "zh-CN": (
        "扩散模型 用于 长程 智能体 视频修复 的 稀疏 注意力 强化学习 无需训练 ＡＩ 大语言模型 数据 合成 评测 函式 函数 "
        "一步 生成 与 读者 问题 相关 “免训练” RL Transformer ，更快 。"
    ),
    "ja": (
        "拡散モデル による がか かが ガ カ ﾃﾞｰﾀ データ 長期 エージェント の 強化学習 画像 復元 を 用いた 評価 パーソナル 学習なし "
        "ＬＬＭ ベンチマーク に 関する 研究 は 「新しい」 。"
    ),
}
WORDS = {language: text.split() for language, text in TEXTS.items()}
AUTHORS = (
    "Ana Núñez",
    "Ø. Ångström",
    "王小明",
    "さとう はな",
    "J. O’Neil",
    "Łukasz Żak",
    "Lee",
    "김하늘",
    "",
)
SOURCES = (
    "arxiv",
    "arxiv",
    "arxiv huggingface",
    "huggingface",
    "arxiv@2026-01-02",
    "blog.example.org/feed.xml",
)
OUTCOMES = ("below_threshold", "below_threshold", "excluded", "unscored", "picked", "shortlisted")


def text(random_: random.Random, language: str, words: int) -> str:
    """A sentence of made-up words; Chinese and Japanese ones are not parted by blanks."""
    return (" " if language == "en" else "").join(random_.choices(WORDS[language], k=words))


def row(random_: random.Random, date: dt.date, number: int, language: str) -> Row:
    paper_id = random_.choice(
        (f"{date:%y%m}.{number:05}",) * 6 + (f"biorxiv-10.1101-{date:%Y.%m.%d}.{number}",)
    )
    outcome = random_.choice(OUTCOMES)
    words = text(random_, language, 9) if outcome in {"picked", "shortlisted"} else ""
    return Row(
        id=paper_id,
        title=text(random_, random_.choice(("en", "en", language)), random_.randint(4, 14)),
        author=random_.choice(AUTHORS),
        authors=random_.randint(1, 9),
        date=date.isoformat(),
        score=None if outcome == "unscored" else random_.randint(0, 100),
        rank=number,
        outcome=outcome,
        reason="" if outcome == "unscored" else text(random_, language, 6),
        sources=random_.choice(SOURCES),
        flags="",
        text=words,
    )


def entry(date: dt.date, language: str, rows: Sequence[Row]) -> DigestEntry:
    status = SourceStatus(name="arxiv", status="ok", count=len(rows), through=date)
    return DigestEntry(
        date=date,
        title="Made up",
        language=language,
        engine="claude",
        threshold=60,
        generated_at=dt.datetime.combine(date, dt.time(6), dt.UTC),
        sha256="0" * 64,
        bytes=1,
        scanned=len(rows),
        picked=sum(row.outcome == "picked" for row in rows),
        shortlisted=sum(row.outcome == "shortlisted" for row in rows),
        unscored=sum(row.outcome == "unscored" for row in rows),
        usd=None,
        sources=(status,),
        pending=(),
    )


def index(profile: str, language: str, rows: Sequence[Row]) -> MonthIndex:
    """The month index of these rows, all of one month."""
    dates = sorted({row.date for row in rows})
    entries = [
        entry(dt.date.fromisoformat(date), language, [row for row in rows if row.date == date])
        for date in dates
    ]
    lines = tuple(json.dumps(row, ensure_ascii=False).encode() for row in rows)
    return MonthIndex(profile, dates[0][:7], tuple(entries), lines)


def months(
    profile: str, language: str, *, count: int, days: int, papers: int, seed: int = 1
) -> list[MonthIndex]:
    """Month indexes, oldest first, of `days` digests a month with `papers` candidates each; the last is January 2026."""
    random_ = random.Random(f"{seed} {language}")
    made = []
    for back in reversed(range(count)):
        years, month = divmod(2026 * 12 - back, 12)
        dates = [dt.date(years, month + 1, day) for day in range(2, 2 + days)]
        rows = [
            row(random_, date, at * papers + number, language)
            for at, date in enumerate(dates)
            for number in range(papers)
        ]
        made.append(index(profile, language, rows))
    return made
