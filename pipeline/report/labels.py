"""Small texts that the daily page and the indexes share. Standard library only."""

from __future__ import annotations

import datetime as dt
import re
from urllib.parse import urlsplit

from pipeline.report.escape import clean
from pipeline.report.i18n import Catalog
from pipeline.report.latex_titles import plain

LONGEST_TITLE = 240
BANDS = ((90, "must"), (75, "recommended"), (0, "look"))
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def anchor(paper_id: str) -> str:
    """A paper's anchor in the page, made of its id alone: it survives other titles and languages."""
    slug = re.sub(r"[^a-z0-9]+", "-", paper_id.lower()).strip("-")[:70]
    return slug if slug.startswith("feed-") else f"arxiv-{slug}"


def weekday(t: Catalog, day: dt.date) -> str:
    """The day of the week in the page's language."""
    return t(f"weekday.{_WEEKDAYS[day.weekday()]}")


def mark(t: Catalog, score: int | None, rank: int | None, *, local: bool) -> str:
    """What stands first in a line: the score, without a model the rank, else a dash."""
    if score is not None:
        return str(score)
    return t("mark.rank", rank=rank) if local and rank is not None else t("mark.unscored")


def band(t: Catalog, score: int | None) -> str:
    """A word for a score; the number is for order."""
    if score is None:
        return ""
    return t("band." + next(name for least, name in BANDS if score >= least))


def short(text: str, most: int) -> str:
    """The cleaned text, cut with an ellipsis where it is longer than `most` characters."""
    text = clean(text)
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def shown_title(text: str, most: int = LONGEST_TITLE) -> str:
    """A paper's title as a page shows it."""
    return short(plain(text), most)


def source_name(t: Catalog, name: str) -> str:
    """A source as readers know it; a feed that somebody added by the name of its host."""
    return host(name) if "://" in name else t.named("source", name)


def host(name: str) -> str:
    """The host of a source that is named by its address; any other source's own name."""
    return urlsplit(name).hostname or name


def path_to(day: dt.date, *, of: dt.date) -> str:
    """The relative path from one day's page to another's."""
    name = f"{day.isoformat()}.md"
    if day.year != of.year:
        return f"../../{day:%Y}/{day:%m}/{name}"
    return name if day.month == of.month else f"../{day:%m}/{name}"
