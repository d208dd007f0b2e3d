"""The feeds of publishers and blog programs: what is found in each."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from pipeline.sources import feed_worker, feeds
from pipeline.sources.base import LinkRules, Parsed
from tests.sources.feed_kinds import KINDS, Kind

TODAY = dt.date(2026, 2, 4)


def read(kind: Kind) -> Parsed:
    output = json.loads(json.dumps(feed_worker.parse_feed(kind.body.encode())))
    found = feeds.build_papers(output, feeds.source_name(kind.url), LinkRules(), today=TODAY, url=kind.url)
    assert isinstance(found, Parsed)
    return found


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_title_link_names_and_day(kind):
    found = read(kind)
    (paper,) = found.papers
    assert (found.skipped, found.note) == ((), "")
    assert paper.title == kind.title
    assert paper.links.page == kind.link
    assert paper.authors == kind.authors
    assert paper.announced == (kind.day or TODAY)
