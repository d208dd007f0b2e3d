"""Draw a profile's digests over time as SVG: scores of the picks, papers, cost; and the numbers for a table.

A pointer over a drawing is told the numbers of the night or week below it; to readers without one the table says them.
Colors and sizes of text are in `style.css`, so that they follow the reader's light or dark scheme.
"""

import datetime as dt
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup, escape

from pipeline.archive.history import Day
from pipeline.report.i18n import Catalog
from pipeline.report.labels import BANDS

MAX_NIGHTS = 60  # digests that are drawn one by one; more are drawn by week as well
WIDTH, HEIGHT = 360, 140
LEFT, RIGHT, TOP, BOTTOM = 34, 6, 10, 22  # margins; text is 12 units high at a width of 360
STEPS = (1, 2, 5)  # the highest value of an axis is one of these and a power of ten
MUST_READ = BANDS[0]  # lowest score, key

Place = Callable[[dt.date], float]


@dataclass(frozen=True)
class Span:
    """The digests of one night or one week in numbers. `usd` is None where no price is known."""

    first: dt.date  # where it stands on the time axis
    days: tuple[Day, ...]
    papers: int
    scores: tuple[int, ...]  # of the picks, best first
    usd: float | None

    @property
    def picks(self) -> int:
        """The number of picks, also of those without a score."""
        return sum(len(day.picks) for day in self.days)

    @property
    def mean(self) -> float | None:
        """The mean score of the picks."""
        return sum(self.scores) / len(self.scores) if self.scores else None


@dataclass(frozen=True)
class Picture:
    """A drawing with its caption."""

    caption: str
    svg: Markup


def nights(days: Sequence[Day]) -> list[Span]:
    """Return the last `MAX_NIGHTS` digests, oldest first."""
    return [_span(day.date, [day]) for day in days[-MAX_NIGHTS:]]


def weeks(days: Sequence[Day]) -> list[Span]:
    """Return all weeks with digests, from Monday, oldest first."""
    return [_span(monday, list(group)) for monday, group in groupby(days, key=_monday)]


def best_week(spans: Iterable[Span]) -> tuple[Span, int] | None:
    """Return the week with the most picks in the highest band, the later of equal ones, and their number; None if 0."""
    counts = [(sum(map(is_must_read, span.scores)), span) for span in spans]
    count, span = max(counts, key=lambda pair: (pair[0], pair[1].mean or 0, pair[1].first))
    return (span, count) if count else None


def is_must_read(score: int | None) -> bool:
    """Return whether a score is in the highest band."""
    return score is not None and score >= MUST_READ[0]


def draw(t: Catalog, spans: Sequence[Span], threshold: int, *, by_week: bool) -> list[Picture]:
    """Draw scores, papers and cost, without what has no numbers. `threshold` is the newest one."""
    found = []
    if any(span.scores for span in spans):
        what = "site.scores_week" if by_week else "site.scores"
        lowest = min(threshold, *(score for span in spans for score in span.scores))
        floor = 50 if lowest >= 50 else 0  # picks seldom score less: half of the drawing would stay empty
        marks = _scores(spans, threshold, floor, by_week=by_week)
        marks += _titles(t, spans, [_told(t, span, by_week=by_week) for span in spans], by_week=by_week)
        found.append(_picture(t, t(what), spans, marks, (floor, (floor + 100) / 2, 100)))
    for what, values, digits in (
        ("site.papers", [float(span.papers) for span in spans], 0),
        ("site.usd", [span.usd for span in spans], 2),
    ):
        if highest := max((value for value in values if value), default=0.0):
            top = _top(highest)
            marks = _bars(spans, [(value or 0.0) / top for value in values], by_week=by_week)
            texts = ["" if value is None else t.number(f"{value:.{digits}f}") for value in values]
            marks += _titles(t, spans, texts, by_week=by_week)
            found.append(_picture(t, t(what), spans, marks, (0, top / 2, top)))
    return found


def _told(t: Catalog, span: Span, *, by_week: bool) -> str:
    """Say the scores of a night, or the best and the mean of a week; nothing where there are none."""
    if by_week and span.mean is not None:
        return t("mark.comma").join(
            [f"{t('site.best')} {span.scores[0]}", f"{t('site.mean')} {span.mean:.0f}"]
        )
    return t("mark.comma").join(map(str, span.scores))


def _span(first: dt.date, days: list[Day]) -> Span:
    costs = [day.entry.usd for day in days]
    known = [usd for usd in costs if usd is not None]
    return Span(
        first=first,
        days=tuple(days),
        papers=sum(day.entry.scanned for day in days),
        scores=tuple(
            sorted((pick.score for day in days for pick in day.picks if pick.score is not None), reverse=True)
        ),
        usd=sum(known) if len(known) == len(costs) else None,
    )


def _monday(day: Day) -> dt.date:
    return day.date - dt.timedelta(days=day.date.weekday())


def _top(highest: float) -> float:
    """Return the lowest of 1, 2 and 5 times a power of ten that is not below a value."""
    power = 10.0 ** math.floor(math.log10(highest))
    return next((step * power for step in STEPS if step * power >= highest), 10 * power)


def _picture(
    t: Catalog, caption: str, spans: Sequence[Span], marks: str, axis: tuple[float, float, float]
) -> Picture:
    """Put the marks between the axis on the left, three values from the lowest, and the dates of both ends below."""
    first, last = spans[0].first, spans[-1].days[-1].date
    lines = "".join(
        f'<path class="grid" d="M{LEFT} {_y(n / 2):.1f}H{WIDTH - RIGHT}"/>'
        f'<text class="end" x="{LEFT - 5}" y="{_y(n / 2) + 4:.1f}">{escape(t.number(f"{value:,.6g}"))}</text>'
        for n, value in enumerate(axis)
    )
    dates = f'<text x="{LEFT}" y="{HEIGHT - 4}">{first}</text>'
    if last != first:
        dates += f'<text class="end" x="{WIDTH - RIGHT}" y="{HEIGHT - 4}">{last}</text>'
    label = escape(t("site.span", what=caption, first=first, last=last))
    return Picture(
        caption,
        Markup(  # noqa: S704 - made of numbers, dates and escaped words
            f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{label}">'
            f"{lines}{marks}{dates}</svg>"
        ),
    )


def _scores(spans: Sequence[Span], threshold: int, floor: int, *, by_week: bool) -> str:
    """Draw a dot for each pick, or for each week its best with a line of the means; dashed the threshold."""

    def y(score: float) -> float:
        return _y((score - floor) / (100 - floor))

    x, _ = _axis(spans, 7 if by_week else 1)
    dashed = f'<path class="threshold" d="M{LEFT} {y(threshold):.1f}H{WIDTH - RIGHT}"/>'
    dots = "".join(
        f'<circle cx="{x(span.first):.1f}" cy="{y(score):.1f}" r="{2 if by_week else 3}"/>'
        for span in spans
        for score in (span.scores[:1] if by_week else span.scores)
    )
    means = [(x(span.first), y(span.mean)) for span in spans if span.mean is not None]
    line = "L".join(f"{at:.1f} {height:.1f}" for at, height in means)
    return dashed + (f'<path class="line" d="M{line}"/>' if by_week else "") + dots


def _bars(spans: Sequence[Span], heights: Sequence[float], *, by_week: bool) -> str:
    """Draw a bar for each span as one path; heights are shares of the axis."""
    x, step = _axis(spans, 7 if by_week else 1)
    width = max(0.8, min(12.0, step * 0.7))
    bars = "".join(
        f"M{x(span.first) - width / 2:.1f} {_y(0):.1f}V{_y(height):.1f}h{width:.1f}V{_y(0):.1f}z"
        for span, height in zip(spans, heights, strict=True)
        if height
    )
    return f'<path class="bar" d="{bars}"/>'


def _titles(t: Catalog, spans: Sequence[Span], texts: Sequence[str], *, by_week: bool) -> str:
    """Lay over each span that has a text a column, as high as the drawing, that says its date and the text."""
    x, step = _axis(spans, 7 if by_week else 1)
    name = t("site.week") + " " if by_week else ""
    return "".join(
        f'<rect x="{x(span.first) - step / 2:.1f}" y="{TOP}" width="{step:.1f}" height="{HEIGHT - TOP - BOTTOM}">'
        f"<title>{escape(f'{name}{span.first} · {text}')}</title></rect>"
        for span, text in zip(spans, texts, strict=True)
        if text
    )


def _axis(spans: Sequence[Span], days: int) -> tuple[Place, float]:
    """Return where a date stands, in the middle of its step of so many days, and the width of a step."""
    first = spans[0].first
    steps = (spans[-1].first - first).days // days + 1
    step = (WIDTH - LEFT - RIGHT) / steps
    return lambda date: LEFT + ((date - first).days / days + 0.5) * step, step


def _y(share: float) -> float:
    return TOP + (1 - share) * (HEIGHT - TOP - BOTTOM)
