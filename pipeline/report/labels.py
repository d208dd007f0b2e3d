"""Format the small texts that the daily page and the indexes share."""

import datetime as dt
import re
from urllib.parse import urlsplit

from pipeline.core.source import ARXIV, SOURCES, source_of_id
from pipeline.report.escape import clean
from pipeline.report.i18n import Catalog

MAX_TITLE_LENGTH = 240  # characters
BANDS = ((90, "must"), (75, "recommended"), (0, "look"))  # lowest score of the band, its key in the locales
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def anchor(paper_id: str) -> str:
    """Return a paper's anchor in the page, made from its id alone: it is the same for any title or language."""
    slug = re.sub(r"[^a-z0-9]+", "-", paper_id.lower()).strip("-")[:70]
    source = source_of_id(paper_id)
    return slug if source and source.id_prefix else f"{ARXIV.name}-{slug}"


def weekday(t: Catalog, day: dt.date) -> str:
    """Return the day of the week in the page's language."""
    return t(f"weekday.{_WEEKDAYS[day.weekday()]}")


def score_label(t: Catalog, score: int | None, rank: int | None, *, local: bool) -> str:
    """Return the label at the start of a paper's line: its score, without a model its rank, else a dash."""
    if score is not None:
        return str(score)
    return t("mark.rank", rank=rank) if local and rank is not None else t("mark.unscored")


def band(t: Catalog, score: int | None) -> str:
    """Return the name of the band that a score falls into, such as "must read"; empty without a score."""
    if score is None:
        return ""
    return t("band." + next(name for lowest, name in BANDS if score >= lowest))


def truncate(text: str, max_length: int) -> str:
    """Return the cleaned text, truncated with an ellipsis to at most `max_length` characters."""
    text = clean(text)
    return text if len(text) <= max_length else text[: max_length - 1].rstrip() + "…"


def display_title(text: str, max_length: int = MAX_TITLE_LENGTH) -> str:
    """Return a paper's title as a page shows it: cleaned and truncated."""
    return truncate(text, max_length)


def source_name(t: Catalog, name: str) -> str:
    """Return the display name of a source: in the language, else its label; for a feed, the host of its URL."""
    if "://" in name:
        return host(name)
    label = SOURCES[name].label if name in SOURCES else name
    return str(t.messages.get(f"source.{name}", label))


def host(name: str) -> str:
    """Return the host of a source that is named by its URL, or the unchanged name of any other source."""
    try:
        return urlsplit(name).hostname or name
    except ValueError:  # a bracket that is not closed
        return name


def relative_page_path(day: dt.date, *, from_day: dt.date) -> str:
    """Return the path of a day's page relative to the page of `from_day`."""
    name = f"{day.isoformat()}.md"
    if day.year != from_day.year:
        return f"../../{day:%Y}/{day:%m}/{name}"
    return name if day.month == from_day.month else f"../{day:%m}/{name}"
