"""The bodies that arXiv and Hugging Face answer with, built from plain records.

Shapes after recorded answers and the operators' own code: feeds after arXiv/arxiv-feed, OAI-PMH after
arXiv/oaipmh, pages after arXiv/arxiv-browse.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from email.utils import format_datetime
from xml.sax.saxutils import escape, quoteattr

KINDS = ("new", "cross", "replace", "replace-cross")
GROUPS = {
    **dict.fromkeys(("cs", "econ", "eess", "math", "q-bio", "q-fin", "stat")),
    **dict.fromkeys(
        ("astro-ph", "cond-mat", "gr-qc", "hep-ex", "hep-lat", "hep-ph", "hep-th", "math-ph"), "physics"
    ),
    **dict.fromkeys(("nlin", "nucl-ex", "nucl-th", "physics", "quant-ph"), "physics"),
}


@dataclass(frozen=True)
class Record:
    """One paper as arXiv knows it. `listed_as` says how the listing of `announced` names it."""

    id: str
    announced: dt.date
    title: str
    abstract: str
    authors: tuple[str, ...]
    categories: tuple[str, ...]  # the primary one first
    versions: tuple[dt.datetime, ...]  # when each was submitted, UTC
    stamp: dt.date  # OAI's datestamp: the last change
    listed_as: str = "new"

    @property
    def version(self) -> int:
        return len(self.versions)

    @property
    def pinned(self) -> str:
        return f"{self.id}v{self.version}"

    def kind(self, asked: Iterable[str]) -> str:
        """How a feed of these categories announces it."""
        home = self.categories[0].lower() in {one.lower() for one in asked}
        if self.listed_as.startswith("replace"):
            return "replace" if home else "replace-cross"
        return "new" if home and self.listed_as == "new" else "cross"


@dataclass
class Day:
    """What is announced on a day by arXiv, and stands on Hugging Face's list of that day."""

    papers: list[Record] = field(default_factory=list)
    huggingface: list[dict] = field(default_factory=list)


def record(raw: dict, *, announced: dt.date | None = None) -> Record:
    """A record out of one line of JSON: `id announced primary categories title abstract authors`.

    `versions`, `stamp` and `listed_as` may be given; else it is a v1 that came in on the working day before,
    and has not been touched since.
    """
    day = announced or dt.date.fromisoformat(raw["announced"])
    came = day - dt.timedelta(days=3 if day.weekday() == 0 else 1)
    versions = raw.get("versions") or [f"{came.isoformat()}T15:00:00+00:00"]
    primary = raw.get("primary") or raw["categories"][0]
    return Record(
        id=raw["id"],
        announced=day,
        title=raw["title"],
        abstract=raw["abstract"],
        authors=tuple(raw["authors"]),
        categories=(primary, *(one for one in raw["categories"] if one != primary)),
        versions=tuple(dt.datetime.fromisoformat(one) for one in versions),
        stamp=dt.date.fromisoformat(raw.get("stamp") or day.isoformat()),
        listed_as=raw.get("listed_as", "new"),
    )


def set_of(category: str) -> str:
    """The OAI set of a category, as arXiv's own server spells it: group, archive, subject."""
    archive = category.split(".")[0]
    return f"{GROUPS[archive] or archive}:{category.replace('.', ':')}"


def _midnight(day: dt.date) -> dt.datetime:
    summer = dt.date(day.year, 3, 14) <= day < dt.date(day.year, 11, 7)  # near enough for a stub
    return dt.datetime.combine(day, dt.time(), dt.timezone(dt.timedelta(hours=-4 if summer else -5)))


def rss(records: Sequence[Record], categories: Sequence[str], day: dt.date, base: str) -> bytes:
    """The RSS feed of a day: new, cross-listed, replaced, in that order."""
    midnight = format_datetime(_midnight(day))
    items = []
    for one in sorted(records, key=lambda one: (KINDS.index(one.kind(categories)), one.id)):
        kind = one.kind(categories)
        fields = [
            f"<title>{escape(one.title)}</title>",
            f"<link>{base}/abs/{one.id}</link>",
            f"<description>arXiv:{one.pinned} Announce Type: {kind} \nAbstract: {escape(one.abstract)}</description>",
            f'<guid isPermaLink="false">oai:arXiv.org:{one.pinned}</guid>',
            *(f"<category>{name}</category>" for name in one.categories),
            f"<pubDate>{midnight}</pubDate>",
            f"<arxiv:announce_type>{kind}</arxiv:announce_type>",
            f"<dc:creator>{escape(', '.join(one.authors))}</dc:creator>",
        ]
        items.append("    <item>\n      " + "\n      ".join(fields) + "\n    </item>\n")
    names = "+".join(categories)
    built = format_datetime(_midnight(day).astimezone(dt.UTC))
    return _channel(
        f"{escape(names)} updates on arXiv.org", f"{names} updates", built, midnight, "".join(items)
    )


def rss_error(query: str, reason: str, day: dt.date) -> bytes:
    """The feed that comes with HTTP 400."""
    midnight = format_datetime(_midnight(day))
    return _channel(f"Feed error for query: {escape(query)}", escape(reason), midnight, midnight, "")


def _channel(title: str, description: str, built: str, published: str, items: str) -> bytes:
    return f"""<?xml version='1.0' encoding='UTF-8'?>
<rss xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/" \
xmlns:atom="http://www.w3.org/2005/Atom" version="2.0">
  <channel>
    <title>{title}</title>
    <link>http://rss.arxiv.org/rss</link>
    <description>{description}</description>
    <language>en-us</language>
    <lastBuildDate>{built}</lastBuildDate>
    <managingEditor>rss-help@arxiv.org</managingEditor>
    <pubDate>{published}</pubDate>
    <skipDays>
      <day>Sunday</day>
      <day>Saturday</day>
    </skipDays>
{items}  </channel>
</rss>
""".encode()


def atom(records: Sequence[Record], categories: Sequence[str], day: dt.date, base: str) -> bytes:
    """The Atom feed of a day."""
    built = _midnight(day).astimezone(dt.UTC).isoformat()
    entries = []
    for one in sorted(records, key=lambda one: (KINDS.index(one.kind(categories)), one.id)):
        kind = one.kind(categories)
        fields = [
            f"<id>oai:arXiv.org:{one.pinned}</id>",
            f"<title>{escape(one.title)}</title>",
            f"<updated>{built}</updated>",
            f'<link href="{base}/abs/{one.id}" rel="alternate" type="text/html"/>',
            f"<summary>arXiv:{one.pinned} Announce Type: {kind} \nAbstract: {escape(one.abstract)}</summary>",
            *(f'<category term="{name}"/>' for name in one.categories),
            f"<published>{_midnight(day).isoformat()}</published>",
            f"<arxiv:announce_type>{kind}</arxiv:announce_type>",
            f"<dc:creator>{escape(', '.join(one.authors))}</dc:creator>",
        ]
        entries.append("  <entry>\n    " + "\n    ".join(fields) + "\n  </entry>\n")
    names = "+".join(categories)
    return f"""<?xml version='1.0' encoding='UTF-8'?>
<feed xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/" \
xmlns="http://www.w3.org/2005/Atom" xml:lang="en-us">
  <id>http://rss.arxiv.org/atom/{names}</id>
  <title>{names} updates on arXiv.org</title>
  <updated>{built}</updated>
  <subtitle>{names} updates on the arXiv.org e-print archive.</subtitle>
{"".join(entries)}</feed>
""".encode()


def api(records: Sequence[tuple[Record, int]], total: int, start: int, limit: int) -> bytes:
    """The query interface's answer; each record with the version that was asked for."""
    entries = []
    for one, version in records:
        people = "".join(
            f"\n    <author>\n      <name>{escape(name)}</name>\n    </author>" for name in one.authors
        )
        terms = "".join(
            f'\n    <category term="{name}" scheme="http://arxiv.org/schemas/atom"/>'
            for name in one.categories
        )
        entries.append(f"""  <entry>
    <id>http://arxiv.org/abs/{one.id}v{version}</id>
    <title>{escape(one.title)}</title>
    <updated>{one.versions[version - 1].strftime("%Y-%m-%dT%H:%M:%SZ")}</updated>
    <link href="https://arxiv.org/abs/{one.id}v{version}" rel="alternate" type="text/html"/>
    <summary>{escape(one.abstract)}</summary>{terms}
    <published>{one.versions[0].strftime("%Y-%m-%dT%H:%M:%SZ")}</published>
    <arxiv:primary_category term="{one.categories[0]}"/>{people}
  </entry>
""")
    return _api_feed("".join(entries), total, start, limit)


def api_error(text: str, limit: int) -> bytes:
    """The entry that comes with HTTP 400."""
    entry = f"""  <entry>
    <id>https://arxiv.org/api/errors#{escape(text).replace(" ", "_")}</id>
    <title>Error</title>
    <summary>{escape(text)}</summary>
    <author>
      <name>arXiv api core</name>
    </author>
  </entry>
"""
    return _api_feed(entry, 1, 0, limit)


def _api_feed(entries: str, total: int, start: int, limit: int) -> bytes:
    return f"""<?xml version='1.0' encoding='UTF-8'?>
<feed xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/" xmlns:arxiv="http://arxiv.org/schemas/atom" \
xmlns="http://www.w3.org/2005/Atom">
  <id>https://arxiv.org/api/query</id>
  <title>arXiv Query</title>
  <opensearch:itemsPerPage>{limit}</opensearch:itemsPerPage>
  <opensearch:totalResults>{total}</opensearch:totalResults>
  <opensearch:startIndex>{start}</opensearch:startIndex>
{entries}</feed>
""".encode()


def oai(records: Sequence[Record], token: str) -> bytes:
    """ListRecords in the format arXivRaw."""
    found = []
    for one in records:
        versions = "".join(
            f'<version version="v{n}"><date>{when.strftime("%a, %d %b %Y %H:%M:%S GMT")}</date>'
            f"<size>512kb</size></version>"
            for n, when in enumerate(one.versions, 1)
        )
        sets = "".join(f"<setSpec>{set_of(name)}</setSpec>" for name in one.categories)
        found.append(f"""<record>
<header><identifier>oai:arXiv.org:{one.id}</identifier><datestamp>{one.stamp.isoformat()}</datestamp>{sets}</header>
<metadata><arXivRaw xmlns="http://arxiv.org/OAI/arXivRaw/"><id>{one.id}</id><submitter>A Submitter</submitter>{versions}
<title>{escape(one.title)}</title><authors>{escape(", ".join(one.authors))}</authors>
<categories>{" ".join(one.categories)}</categories>
<license>http://creativecommons.org/licenses/by/4.0/</license>
<abstract>{escape(one.abstract)}</abstract></arXivRaw></metadata>
</record>
""")
    more = (
        f"<resumptionToken expires='2099-01-01T00:00:00Z'>{escape(token)}</resumptionToken>" if token else ""
    )
    return _oai(f"<ListRecords>\n{''.join(found)}{more}</ListRecords>")


def oai_error(code: str, text: str) -> bytes:
    """An error of the protocol; the status stays 200."""
    return _oai(f"<error code={quoteattr(code)}>{escape(text)}</error>")


def _oai(inner: str) -> bytes:
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">
<responseDate>2026-01-31T06:00:00Z</responseDate>
<request>https://oaipmh.arxiv.org/oai</request>
{inner}
</OAI-PMH>
""".encode()


def huggingface(items: Sequence[dict]) -> bytes:
    """A page of the daily list, by votes."""
    return json.dumps(items).encode()


def page(heading: str, text: str = "") -> bytes:
    """A page of arxiv.org with that first heading."""
    return f"""<!DOCTYPE html>
<html lang="en"><head><title>{escape(heading)}</title></head>
<body><main><h1>{escape(heading)}</h1><p>{escape(text)}</p></main></body></html>
""".encode()
