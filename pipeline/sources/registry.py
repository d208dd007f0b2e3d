"""How each source that a profile may name is read: one entry a source, in the order in which reports name them."""

from collections.abc import Callable, Collection, Coroutine, Iterable
from dataclasses import dataclass

from pipeline.config.profile import ProfileSettings
from pipeline.config.settings import Settings
from pipeline.core.models import Paper, Skipped
from pipeline.core.source import ARXIV, BIORXIV, HUGGINGFACE, MEDRXIV, Source
from pipeline.sources import arxiv_api, arxiv_oai, arxiv_rss, biorxiv, huggingface
from pipeline.sources.arxiv_api import LookupResult
from pipeline.sources.base import LinkRules, Listing
from pipeline.sources.http_client import Get
from pipeline.sources.window import Window

Listings = Iterable[Coroutine[None, None, Listing]]


@dataclass(frozen=True)
class Reader:
    """How a source is read: its lists of a night, and papers by their ids; None if it gives no ids of its own."""

    source: Source
    listings: Callable[[Get, ProfileSettings, Settings, Window], Listings]
    look_up: Callable[[Get, Settings, list[str]], Coroutine[None, None, LookupResult]] | None = None


def listings(get: Get, profile: ProfileSettings, settings: Settings, window: Window) -> Listings:
    """Return the requests for every list of the sources that the profile names, not yet begun."""
    for reader in READERS:
        if reader.source.name in profile.sources:
            yield from reader.listings(get, profile, settings, window)


async def look_up(get: Get, settings: Settings, ids: Collection[str]) -> LookupResult:
    """Look up papers by their ids, each at its own source. Ids that no source can look up are left out."""
    papers: list[Paper] = []
    missing: list[Skipped] = []
    for reader in READERS:
        own = [key for key in ids if reader.source.has_id(key)]
        if reader.look_up is not None and own:
            found = await reader.look_up(get, settings, own)
            papers += found.papers
            missing += found.missing
    return LookupResult(tuple(papers), tuple(missing))


def _huggingface(get: Get, _: ProfileSettings, settings: Settings, window: Window) -> Listings:
    links = LinkRules.from_settings(settings)
    yield huggingface.fetch(get, settings.endpoints.huggingface, window.huggingface_days(), links)


def _arxiv(get: Get, profile: ProfileSettings, settings: Settings, window: Window) -> Listings:
    """The feed of the day, and over OAI-PMH the days that it no longer has."""
    endpoints, links = settings.endpoints, LinkRules.from_settings(settings)
    if not window.past:
        today, replacements = window.date, profile.replacements
        yield arxiv_rss.fetch(
            get, endpoints.arxiv_rss, profile.arxiv, links, today=today, replacements=replacements
        )
    if missed := window.missed_range():
        after, before = missed
        yield arxiv_oai.fetch(get, endpoints.arxiv_oai, profile.arxiv, links, after=after, before=before)


async def _arxiv_by_id(get: Get, settings: Settings, ids: list[str]) -> LookupResult:
    links = LinkRules.from_settings(settings)
    return await arxiv_api.fetch_by_ids(get, settings.endpoints.arxiv_api, ids, links)


def _preprints(source: Source, categories: Callable[[ProfileSettings], tuple[str, ...]]) -> Reader:
    """Build the reader of bioRxiv or medRxiv, which share one API."""

    def lists(get: Get, profile: ProfileSettings, settings: Settings, window: Window) -> Listings:
        base, replacements = settings.endpoints.biorxiv, profile.replacements
        yield biorxiv.fetch(get, base, source, categories(profile), window, replacements=replacements)

    async def by_id(get: Get, settings: Settings, ids: list[str]) -> LookupResult:
        return await biorxiv.look_up(get, settings.endpoints.biorxiv, source, ids)

    return Reader(source, lists, by_id)


READERS = (
    Reader(HUGGINGFACE, _huggingface),
    Reader(ARXIV, _arxiv, _arxiv_by_id),
    _preprints(BIORXIV, lambda profile: profile.biorxiv),
    _preprints(MEDRXIV, lambda profile: profile.medrxiv),
)
