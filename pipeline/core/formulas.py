r"""Find the formulas of a text in TeX notation: `$…$`, `$$…$$`, `\(…\)` and `\[…\]`, but no prices. Linear in time."""

import re
from bisect import bisect_left
from itertools import pairwise

MAX_LENGTH = 2000  # characters; keeps an unpaired sign from taking the rest of a paper for a formula

Span = tuple[int, int]

_SIGN = re.compile(r"\\.|\$", re.DOTALL)
_CLOSING = {"\\(": "\\)", "\\[": "\\]", "$": "$$"}
_TEX = re.compile(r"[\\^_{]")
_AMOUNT = re.compile(r"\s*[-+\u2212\u2013]?[.,]?\d")
# Two words next to each other, or two characters of Chinese or Japanese.
_PROSE = re.compile(r"[^\W\d_]{2,} [^\W\d_]{2,}|[\u3040-\u30ff\u3400-\u9fff]{2}")
_CONTINUED = re.compile(r"[-\u2012-\u2015/:,;&]$")


def formula_spans(line: str) -> list[Span]:
    """Return where the formulas of a line start and end, delimiters included, in order; they do not overlap."""
    signs = [(match.start(), match.group()) for match in _SIGN.finditer(line)]
    dollars = [at for at, sign in signs if sign == "$"]
    next_dollar = dict(pairwise(dollars))
    closers = {sign: [at for at, other in signs if other == sign] for sign in ("\\)", "\\]")}
    closers["$$"] = [at for at in dollars if next_dollar.get(at) == at + 1]
    spans: list[Span] = []
    for at, sign in signs:
        if spans and at < spans[-1][1]:
            continue
        if sign != "$" or next_dollar.get(at) == at + 1:
            following = closers.get(_CLOSING.get(sign, ""), [])
            index = bisect_left(following, at + 2)
            end = following[index] + 2 if index < len(following) else 0
        else:
            close = next_dollar.get(at, 0)
            end = close + 1 if close and _is_formula(line, at, close) else 0
        if 0 < end - at <= MAX_LENGTH:
            spans.append((at, end))
    return spans


def _is_formula(line: str, opening: int, closing: int) -> bool:
    """Whether two neighboring dollar signs enclose a formula, rather than stand before two prices.

    As in Markdown, a dollar sign of a formula is not next to an inner space, unless both are and TeX is between them.
    """
    content = line[opening + 1 : closing]
    before, after = line[max(0, opening - 1) : opening], line[closing + 1 : closing + 2]
    inner = content[:1].isspace(), content[-1:].isspace()
    amount = _AMOUNT.match(content) is not None
    if amount and content.count("(") != content.count(")"):
        return False
    if _TEX.search(content):
        words = "\\" not in content and _PROSE.search(content) is not None
        return inner[0] == inner[1] and not (words and (amount or inner[0])) and not (amount and inner[0])
    if not content or any(inner) or _PROSE.search(content):
        return False
    continued = _CONTINUED.search(content) is not None and after.isalnum()
    return not (amount and (after.isdigit() or before.isdigit())) and not (continued and len(content) > 1)
