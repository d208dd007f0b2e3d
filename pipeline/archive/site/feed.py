"""Render the Atom feed over all profiles of the site. Its links lead to the site's own pages."""

from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

from pipeline.archive.feed import MAX_ENTRIES, TIME_FORMAT, content, tag_uri
from pipeline.archive.history import Day
from pipeline.archive.site.series import Series
from pipeline.report import labels


def atom(series: Sequence[Series]) -> str:
    """Render the feed of the `MAX_ENTRIES` newest digests of all profiles, newest first. At least one profile.

    Ids are those of the profiles' own feeds. Addresses are relative to the feed: where the site will stand is not known.
    """
    t = series[0].newest.catalog
    titles = {one.profile: one.title for one in series}
    days = sorted(
        (day for one in series for day in one.days[-MAX_ENTRIES:]),
        key=lambda day: (day.date, day.profile),
        reverse=True,
    )[:MAX_ENTRIES]
    updated = max(day.entry.generated_at for day in days)
    oldest = min((one.days[0] for one in series), key=lambda day: (day.date, day.profile))
    name = escape(t("site.name"))
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang={quoteattr(t.language)}>\n'
        f"<id>{tag_uri(oldest.entry.repository)}</id>\n"
        f"<title>{name}</title>\n"
        f"<updated>{updated:{TIME_FORMAT}}</updated>\n"
        f"<author><name>{name}</name></author>\n"
        '<link rel="self" type="application/atom+xml" href="feed.xml"/>\n'
        '<link rel="alternate" type="text/html" href="index.html"/>\n'
        + "".join(_entry(day, titles[day.profile]) for day in days)
        + "</feed>\n"
    )


def _entry(day: Day, title: str) -> str:
    return (
        f"<entry xml:lang={quoteattr(day.catalog.language)}>\n"
        f"<id>{tag_uri(day.entry.repository, day.profile)}/{day.date}</id>\n"
        f"<title>{escape(_title(day, title))}</title>\n"
        f"<updated>{day.entry.generated_at:{TIME_FORMAT}}</updated>\n"
        f'<link rel="alternate" type="text/html" href={quoteattr(day.site_path)}/>\n'
        f'<content type="html">{escape(content(day, day.site_path))}</content>\n'
        "</entry>\n"
    )


def _title(day: Day, title: str) -> str:
    names = " · ".join(f"{pick.score_label} {pick.name}" for pick in day.picks)
    weekday = labels.weekday(day.catalog, day.date)
    return f"{day.date} {weekday} · {title} · {names or day.result}"
