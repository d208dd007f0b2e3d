"""The stretches of a line that no sentence ends in: formulas, and brackets that are not too long."""

from __future__ import annotations

import re
from itertools import pairwise

LONGEST_FORMULA = 2000  # characters; a lone dollar sign must not swallow the paper
LONGEST_BRACKET = 400

_DOLLAR = re.compile(r"\\.|\$", re.DOTALL)
_BRACKET = re.compile("[()（）「」『』]")
_PAIRS = {")": "(", "）": "（", "」": "「", "』": "『"}

Span = tuple[int, int]


def spans(flat: str) -> list[Span]:
    """Start and end of each protected stretch, in order and without overlap."""
    formulas = _formulas(flat)
    return _merged(sorted(formulas + _brackets(flat, formulas)))


def _formulas(flat: str) -> list[Span]:
    """`$…$` and `$$…$$`. As in Markdown, money is told apart: a formula neither starts nor ends with a blank."""
    dollars = [found.start() for found in _DOLLAR.finditer(flat) if found.group() == "$"]
    closers = _next_closers(flat, dollars)
    doubles = [first for first, second in pairwise(dollars) if second == first + 1]
    found: list[Span] = []
    end, double = 0, 0
    for index, at in enumerate(dollars):
        if at < end:
            continue
        if flat.startswith("$$", at):
            while double < len(doubles) and doubles[double] < at + 2:
                double += 1
            close = doubles[double] + 2 if double < len(doubles) else 0
        else:
            opens = at + 1 < len(flat) and not flat[at + 1].isspace()
            close = closers[index + 1] + 1 if opens else 0
        if 0 < close - at <= LONGEST_FORMULA:
            found.append((at, close))
            end = close
    return found


def _next_closers(flat: str, dollars: list[int]) -> list[int]:
    """For each dollar sign, and one past the last, the next one from there on that can end a formula; -1 if none."""
    closers = [-1] * (len(dollars) + 2)
    for index in range(len(dollars) - 1, -1, -1):
        at = dollars[index]
        closes = not flat[at - 1 : at].isspace() and not flat[at + 1 : at + 2].isdigit()
        closers[index] = at if closes else closers[index + 1]
    return closers


def _brackets(flat: str, formulas: list[Span]) -> list[Span]:
    """Pairs of brackets outside formulas (where `[0, 1)` is no pair)."""
    open_at: dict[str, list[int]] = {mark: [] for mark in _PAIRS.values()}
    found: list[Span] = []
    formula = 0
    for match in _BRACKET.finditer(flat):
        at, mark = match.start(), match.group()
        while formula < len(formulas) and formulas[formula][1] <= at:
            formula += 1
        if formula < len(formulas) and formulas[formula][0] <= at:
            continue
        if mark in open_at:
            open_at[mark].append(at)
        elif open_at[_PAIRS[mark]]:
            start = open_at[_PAIRS[mark]].pop()
            if at + 1 - start <= LONGEST_BRACKET:
                found.append((start, at + 1))
    return found


def _merged(found: list[Span]) -> list[Span]:
    """Without overlap: what crosses or contains is one stretch; neighbors that only touch stay two."""
    merged: list[Span] = []
    for start, end in found:
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged
