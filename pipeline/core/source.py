"""The sources of papers, one value each: name, ids, label, hosts. How a source is read is in `sources/registry.py`.

Standard library and `arxiv_ids` only: every other folder may use it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from pipeline.core.arxiv_ids import canonical_id

MAX_ID_LENGTH = 64
# A DOI, which follows the prefix; its slash is written as a hyphen, since ids also name anchors.
DOI = re.compile(r"10\.[0-9]{4,9}-[a-z0-9]+(?:\.[a-z0-9]+)*", re.ASCII)


def is_arxiv_id(paper_id: str) -> bool:
    """Return whether a text is an arXiv id in its canonical form."""
    return canonical_id(paper_id) == paper_id


def no_id(_: str) -> bool:
    """Return False: the source lists papers under another's ids."""
    return False


@dataclass(frozen=True)
class Source:
    """One source of papers, as reports, the page and publishing know it.

    `owns`: whether an id, without `id_prefix`, is one that the source gives; ids are made of [A-Za-z0-9./-].
    `hosts`: hosts to which links of its papers may lead. `speaks_for_arxiv`: its metadata of arXiv papers is
    used as it is, while a paper of arXiv that only other sources list is looked up at arXiv. `complete_next_day`:
    the list of a day grows until the day ends. `on_weekends`: it lists papers on Saturdays and Sundays too.
    """

    name: str  # in profiles, reports and the ledger
    label: str  # on the page, unless a language has a word for it; empty for feeds, which are named by their host
    owns: Callable[[str], object]
    id_prefix: str = ""
    hosts: tuple[str, ...] = ()
    speaks_for_arxiv: bool = False
    complete_next_day: bool = False
    on_weekends: bool = False

    def has_id(self, paper_id: str) -> bool:
        """Return whether a paper's id is of this source."""
        if not paper_id.startswith(self.id_prefix) or len(paper_id) > MAX_ID_LENGTH:
            return False
        return bool(self.owns(paper_id.removeprefix(self.id_prefix)))

    @property
    def unknown_id(self) -> str:
        """The reason of a paper that the source does not know when it is looked up by its id."""
        return f"{self.label} knows no paper of this id"


HUGGINGFACE = Source(
    "huggingface",
    "Hugging Face",
    owns=no_id,
    hosts=("huggingface.co",),
    speaks_for_arxiv=True,
    complete_next_day=True,
)
ARXIV = Source("arxiv", "arXiv", owns=is_arxiv_id, hosts=("arxiv.org",), speaks_for_arxiv=True)
BIORXIV = Source(
    "biorxiv",
    "bioRxiv",
    owns=DOI.fullmatch,
    id_prefix="biorxiv-",
    hosts=("www.biorxiv.org",),
    complete_next_day=True,
    on_weekends=True,
)
MEDRXIV = replace(BIORXIV, name="medrxiv", label="medRxiv", id_prefix="medrxiv-", hosts=("www.medrxiv.org",))
# Entries of a profile's feeds that are no arXiv papers. In reports a feed is named by its host and path.
FEED = Source("feed", "", owns=re.compile(r"[0-9a-f]{12}").fullmatch, id_prefix="feed-")

# What `sources` of a profile may name, by name.
SOURCES = {source.name: source for source in (HUGGINGFACE, ARXIV, BIORXIV, MEDRXIV)}
# Lists of arXiv papers that no stranger can fill.
TRUSTED_SOURCES = frozenset(source.name for source in SOURCES.values() if source.speaks_for_arxiv)


def source_of_id(paper_id: str) -> Source | None:
    """Return the source that gave a paper its id; None if the id is of no source."""
    return next((source for source in (*SOURCES.values(), FEED) if source.has_id(paper_id)), None)
