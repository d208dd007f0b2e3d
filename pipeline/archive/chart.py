"""Draw the scores of the picks of the last digests as SVG, in colors that are readable on white and on black."""

from collections.abc import Sequence
from xml.sax.saxutils import escape

from pipeline.archive.history import Day

MAX_DIGESTS = 30
WIDTH, HEIGHT = 360, 132
LEFT, RIGHT, TOP, BOTTOM = 30, 8, 14, 24  # margins; the smallest text is 11 units at a width of 360
TEXT, DOT = "#767d86", "#2f81f7"  # contrast 4.2:1 and 3.8:1 on white, 4.6:1 and 5.1:1 on GitHub's black


def plotted_days(days: Sequence[Day]) -> list[Day]:
    """Return the last `MAX_DIGESTS` digests; none if no pick of them has a score."""
    last = list(days[-MAX_DIGESTS:])
    return last if any(pick.score is not None for day in last for pick in day.picks) else []


def alt_text(days: Sequence[Day]) -> str:
    """Return the alternative text and title of the chart; empty if there is nothing to plot."""
    plotted = plotted_days(days)
    return plotted[-1].catalog("index.chart", n=len(plotted)) if plotted else ""


def svg(days: Sequence[Day]) -> str:
    """Draw one dot per pick: x is the digest, oldest first; y the score from 0 to 100; dashed the newest threshold.

    `days` must have at least one pick with a score.
    """
    plotted = plotted_days(days)
    step = (WIDTH - LEFT - RIGHT) / max(1, len(plotted) - 1)
    threshold = plotted[-1].entry.threshold
    lines = [*(_line(value) for value in (0, 50, 100)), _line(threshold, dashed=True)]
    dots = [
        f'<circle cx="{LEFT + index * step:.1f}" cy="{_y(pick.score):.1f}" r="3"/>'
        for index, day in enumerate(plotted)
        for pick in day.picks
        if pick.score is not None
    ]
    texts = [_text(LEFT - 6, _y(value) + 4, str(value), "end") for value in (0, 50, 100)]
    texts.append(_text(LEFT, HEIGHT - 6, f"{plotted[0].date:%m-%d}", "start"))
    if len(plotted) > 1:
        texts.append(_text(WIDTH - RIGHT, HEIGHT - 6, f"{plotted[-1].date:%m-%d}", "end"))
    threshold_label = plotted[-1].catalog("index.chart_threshold", threshold=threshold)
    texts.append(_text(WIDTH / 2, HEIGHT - 6, escape(threshold_label), "middle"))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" role="img">'
        f"\n<title>{escape(alt_text(days))}</title>\n"
        f'<g stroke="{TEXT}" stroke-width="1">{"".join(lines)}</g>\n'
        f'<g fill="{DOT}">{"".join(dots)}</g>\n'
        f'<g fill="{TEXT}" font-family="sans-serif" font-size="11">{"".join(texts)}</g>\n</svg>\n'
    )


def _y(score: int) -> float:
    return TOP + (100 - score) / 100 * (HEIGHT - TOP - BOTTOM)


def _line(score: int, *, dashed: bool = False) -> str:
    style = ' stroke-dasharray="4 3"' if dashed else ' stroke-opacity="0.3"'
    return f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{_y(score):.1f}" y2="{_y(score):.1f}"{style}/>'


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:g}" y="{y:.1f}" text-anchor="{anchor}">{text}</text>'
