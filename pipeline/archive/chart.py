"""The picture of the picks' scores over the last digests. Its inks can be read on white and on black paper."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape

from pipeline.archive.history import Day
from pipeline.report.escape import clean

DIGESTS = 30
WIDTH, HEIGHT = 360, 132
LEFT, RIGHT, TOP, BOTTOM = 30, 8, 14, 24  # margins; the smallest text is 11 units at a width of 360
TEXT, DOT = "#767d86", "#2f81f7"  # 4.2:1 and 3.8:1 on white, 4.6:1 and 5.1:1 on GitHub's black


def shown(days: Sequence[Day]) -> list[Day]:
    """The digests in the picture; none if no pick of them has a score."""
    last = list(days[-DIGESTS:])
    return last if any(pick.score is not None for day in last for pick in day.picks) else []


def label(days: Sequence[Day]) -> str:
    """What the picture shows, in words; empty if there is nothing to show."""
    drawn = shown(days)
    return drawn[-1].words("index.chart", n=len(drawn)) if drawn else ""


def svg(days: Sequence[Day]) -> str:
    """One dot a pick, digests from left to right, scores of 0-100 upwards, the newest threshold dashed."""
    drawn = shown(days)
    step = (WIDTH - LEFT - RIGHT) / max(1, len(drawn) - 1)
    threshold = drawn[-1].threshold
    lines = [_line(value) for value in (0, 50, 100)]
    lines.append(_line(threshold, dashed=True))
    dots = [
        f'<circle cx="{LEFT + index * step:.1f}" cy="{_y(pick.score):.1f}" r="3"/>'
        for index, day in enumerate(drawn)
        for pick in day.picks
        if pick.score is not None
    ]
    first, last = f"{drawn[0].date:%m-%d}", f"{drawn[-1].date:%m-%d}"
    title = escape(clean(label(days)))
    texts = [_text(LEFT - 6, _y(value) + 4, str(value), "end") for value in (0, 50, 100)]
    texts.append(_text(LEFT, HEIGHT - 6, first, "start"))
    if len(drawn) > 1:
        texts.append(_text(WIDTH - RIGHT, HEIGHT - 6, last, "end"))
    name = escape(clean(drawn[-1].words("index.chart_threshold", threshold=threshold)))
    texts.append(_text(WIDTH / 2, HEIGHT - 6, name, "middle"))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" role="img">'
        f"\n<title>{title}</title>\n"
        f'<g stroke="{TEXT}" stroke-width="1">{"".join(lines)}</g>\n'
        f'<g fill="{DOT}">{"".join(dots)}</g>\n'
        f'<g fill="{TEXT}" font-family="sans-serif" font-size="11">{"".join(texts)}</g>\n</svg>\n'
    )


def _y(score: int) -> float:
    return TOP + (100 - max(0, min(100, score))) / 100 * (HEIGHT - TOP - BOTTOM)


def _line(score: int, *, dashed: bool = False) -> str:
    style = ' stroke-dasharray="4 3"' if dashed else ' stroke-opacity="0.3"'
    return f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{_y(score):.1f}" y2="{_y(score):.1f}"{style}/>'


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:g}" y="{y:.1f}" text-anchor="{anchor}">{text}</text>'
