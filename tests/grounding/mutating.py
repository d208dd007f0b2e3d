"""Honest claims, and ways to make them dishonest. Nothing in here asks the code under test what it sees.

The sentences are those of arXiv abstracts (metadata, CC0); the claims by hand were written for this suite.
"""

from __future__ import annotations

import gzip
import json
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

HERE = Path(__file__).parent
INVENTED = [
    "Quorvex",
    "ZephNet",
    "NORVAL-7",
    "Mistwood",
    "XQ-3000",
    "DIV9K",
    "Brellin-2.5B",
    "KAVARO",
    "ViT-Q/33",
]


@dataclass(frozen=True)
class Honest:
    """A claim that its sentences support. `sentences` are an abstract's, or a few of one; ids count from 1."""

    id: str
    title: str
    sentences: tuple[str, ...]
    evidence: tuple[int, ...]
    terms: tuple[str, ...]
    kind: Literal["stated", "inference"]
    section: Literal["claims", "inference", "limitations"]
    text: str

    @property
    def cited(self) -> str:
        return " ".join(self.sentences[one - 1] for one in self.evidence if one <= len(self.sentences))


def by_hand() -> list[Honest]:
    """Chinese (and a few Japanese) claims on English sentences, written for this suite."""
    lines = (HERE / "honest_claims.jsonl").read_text("utf-8").splitlines()
    return [_honest(json.loads(line)) for line in lines]


def by_rule() -> list[Honest]:
    """Each sentence of 110 abstracts as a claim about itself, or its main clause; its longest words are the terms."""
    found = []
    for line in gzip.decompress((HERE / "abstracts.jsonl.gz").read_bytes()).decode().splitlines():
        row = json.loads(line)
        for number, sentence in enumerate(row["sentences"], 1):
            clause = re.split(r"(?:, (?:which|while|but|and|where|thereby|with)|;|:) ", sentence)[0]
            text = clause if number % 3 == 0 and len(clause) > 50 else sentence
            words = re.findall(r"(?<![\w-])[A-Za-z][A-Za-z-]{4,}(?![\w-])", text)
            terms = sorted(dict.fromkeys(words), key=len, reverse=True)[: 1 + number % 3]
            if terms and "http" not in text:
                found.append(
                    _honest(
                        row
                        | {
                            "evidence": [number],
                            "terms": terms,
                            "kind": "stated",
                            "section": "claims",
                            "text": text,
                        }
                    )
                )
    return found


def _honest(row: dict[str, Any]) -> Honest:
    values: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in row.items()
    }
    return Honest(**values)


# A figure that stands for itself: no part of a name, a formula or a list mark.
FIGURE = re.compile(
    r"(?<![A-Za-z0-9_.,^/@+\\{-])(?<!\^\{)\d[\d,]*(?:\.\d+)?(?=\s?(?:\\?%|[KMB](?![A-Za-z]))|[^A-Za-z0-9_.^)-]|\.(?!\d)|$)"
)


def numbers(claim: Honest, dice: random.Random) -> Iterator[tuple[str, Honest]]:
    """One figure of a number changed; never to one that the cited sentences have as well."""
    for found in FIGURE.finditer(claim.text):
        old = found[0].rstrip(",")
        value = float(old.replace(",", ""))
        for _ in range(20):
            place = dice.choice([at for at, char in enumerate(old) if char.isdigit()])
            new = old[:place] + dice.choice([d for d in "123456789" if d != old[place]]) + old[place + 1 :]
            if not _collides(new, claim.cited) and float(new.replace(",", "")) > 3:
                yield (
                    "number" if value > 3 else "small number",
                    _with(claim, found.start(), found.start() + len(old), new),
                )
                break


def _collides(new: str, sentence: str) -> bool:
    """True if a sentence has the figures of a number already, or a number that rounds to it."""
    plain = sentence.replace("{,}", "").replace(",", "")
    decimals = len(new.partition(".")[2])
    for figure in re.findall(r"\d+(?:\.\d+)?", plain):
        if _figures(figure) == _figures(new) or round(float(figure), decimals) == float(new.replace(",", "")):
            return True
    return False


def _figures(number: str) -> str:
    return re.sub(r"[.,]", "", number).strip("0")


UNITS = [
    (r"(?<=\d)\s?\\?%", "倍", " times"),
    (r"(?<=\d)\s?dB", "%", "%"),
    (r"(?<=\d)\s?ms(?![A-Za-z])", "秒", " s"),
    (r"(?<=\d) ?秒", "毫秒", " ms"),
    (r"(?<=\d)[ -]seconds?", "毫秒", " ms"),
    (r"(?<=\d) ?毫米|(?<=\d) mm", "厘米", " cm"),
    (r"(?<=\d) ?厘米|(?<=\d) cm", "毫米", " mm"),
    (r"(?<=\d) ?GB", " MB", " MB"),
    (r"(?<=\d) ?TB", " GB", " GB"),
    (r"(?<=\d) ?PB", " TB", " TB"),
    (r"(?<=\d) ?FPS", " 毫秒", " ms"),
    (r"(?<=\d) ?小时|(?<=\d) hours", "分钟", " minutes"),
    (r"(?<=\d) ?分钟|(?<=\d) minutes", "秒", " seconds"),
    (r"(?<=\d) ?天|(?<=\d) days", "个月", " months"),
    (r"(?<=\d) ?个月|(?<=\d) months", "年", " years"),
    (r"(?<=\d) ?倍|(?<=\d)\s?(?:\$\\times\$|\\times\$?|x(?=\s))", "%", "%"),
    (r"(?<=\d) 个百分点|(?<=\d) pp", "倍", "x"),
    (r"(?<=\d) ?像素|(?<=\d) pixels", "毫米", " mm"),
    (r"(?<=\d) ?美元", "%", "%"),
]


def units(claim: Honest, _: random.Random) -> Iterator[tuple[str, Honest]]:
    for pattern, chinese, english in UNITS:
        found = re.search(pattern, claim.text)
        if found:
            yield "unit", _with(claim, *found.span(), english if claim.text.isascii() else chinese)


def signs(claim: Honest, _: random.Random) -> Iterator[tuple[str, Honest]]:
    """A minus put before a number that has none, or a plus made a minus."""
    found = FIGURE.search(claim.text)
    if found and float(found[0].replace(",", "").rstrip(".") or 0) > 3:
        before = claim.text[: found.start()]
        if before.endswith((" ", "为", "达", "到")) and not re.search(r"\d\s*$", before):
            yield "sign", _with(claim, found.start(), found.start(), "-")
    plus = re.search(r"(?<=[\s(])\+(?=\d)", claim.text)
    if plus:
        yield "sign", _with(claim, *plus.span(), "-")


NAME = re.compile(
    r"(?<![A-Za-z0-9_./@\\-])(?=[A-Za-z0-9./-]*[A-Z][A-Za-z0-9./-]*[A-Z0-9])[A-Z][A-Za-z0-9]*(?:[-/.][A-Za-z0-9]+)*"
)
CAPITAL = re.compile(r"(?<=[a-z,] )[A-Z][a-z]{3,}(?![a-z-])")


def names(claim: Honest, dice: random.Random) -> Iterator[tuple[str, Honest]]:
    """A name swapped for one that nobody has: every name with capitals or figures in it, and one plain one."""
    for found in [*NAME.finditer(claim.text), *list(CAPITAL.finditer(claim.text))[:1]]:
        yield "name", _with(claim, *found.span(), dice.choice(INVENTED))


MAGNITUDES = [
    (r"(?<=\d) ?万", "亿"), (r"(?<=\d) ?亿", "万"), (r"(?<=\d)M(?![A-Za-z])", "K"), (r"(?<=\d)[Kk](?![A-Za-z])", "M"),
    (r"(?<=\d)B(?![A-Za-z])", "M"), (r"(?<=\d) million", " billion"), (r"(?<=\d) billion", " million"),
]  # fmt: skip


def magnitudes(claim: Honest, _: random.Random) -> Iterator[tuple[str, Honest]]:
    """2.75 billion as 2.75亿, and a moved decimal point."""
    for pattern, new in MAGNITUDES:
        found = re.search(pattern, claim.text)
        if found:
            yield "magnitude", _with(claim, *found.span(), new)
    for found in FIGURE.finditer(claim.text):
        whole, dot, decimals = found[0].partition(".")
        if dot and len(decimals) > 1 and (whole + decimals[0]).lstrip("0"):
            yield (
                "magnitude",
                _with(claim, *found.span(), f"{(whole + decimals[0]).lstrip('0')}.{decimals[1:]}"),
            )


def ids(claim: Honest, dice: random.Random) -> Iterator[tuple[str, Honest]]:
    """An id that does not exist; and that of another sentence, told apart by whether it has all the terms."""
    yield (
        "id out of range",
        replace(claim, evidence=(*claim.evidence[:-1], len(claim.sentences) + dice.randint(1, 9))),
    )
    others = [one for one in range(1, len(claim.sentences) + 1) if one not in claim.evidence]
    if others:
        other = dice.choice(others)
        sentence = claim.sentences[other - 1].lower()
        there = all(term.lower() in sentence for term in claim.terms)
        yield "id swapped, terms there" if there else "id swapped", replace(claim, evidence=(other,))


MUTATIONS: list[Callable[[Honest, random.Random], Iterator[tuple[str, Honest]]]] = [
    numbers, units, signs, names, magnitudes, ids,
]  # fmt: skip


def mutated(claim: Honest, dice: random.Random) -> Iterator[tuple[str, Honest]]:
    """Every way in which this claim can be made dishonest, with the kind of change."""
    for mutate in MUTATIONS:
        for kind, other in mutate(claim, dice):
            if other != claim:
                yield kind, other


def _with(claim: Honest, start: int, end: int, new: str) -> Honest:
    return replace(claim, text=claim.text[:start] + new + claim.text[end:])
