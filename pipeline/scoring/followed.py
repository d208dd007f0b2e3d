"""Find the papers of the authors whom a profile follows, by the names in their metadata alone."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from pipeline.core import author_names
from pipeline.core.author_names import Match, Name
from pipeline.core.models import Followed, Paper

MAX_FOLLOWED = 10  # of one paper: a collaboration of thousands has initials for every name


class _Hit(NamedTuple):
    paper_id: str
    written: str
    form: str
    match: Match


def find_followed(papers: Iterable[Paper], names: Sequence[str]) -> dict[str, tuple[Followed, ...]]:
    """Return the followed authors of each paper that has any, by its id: those that are certain first.

    A name that is written in several ways in these papers, or twice in one of them, may be of several people: then
    none of these is certain.
    """
    hits = _hits(papers, names)
    found: dict[str, list[Followed]] = {}
    for name in names:
        uncertain = _may_be_several(hits[name])
        by_paper: dict[str, Followed] = {}
        for hit in hits[name]:
            sure = hit.match == "same" and not uncertain
            if sure or hit.paper_id not in by_paper:
                by_paper[hit.paper_id] = Followed(name=name, perhaps="" if sure else hit.written)
        for paper_id, followed in by_paper.items():
            found.setdefault(paper_id, []).append(followed)
    return {
        paper_id: tuple(sorted(followed, key=lambda one: bool(one.perhaps))[:MAX_FOLLOWED])
        for paper_id, followed in found.items()
    }


def certain(followed: Sequence[Followed]) -> bool:
    """Return whether any of a paper's followed authors is certain, as far as a name can tell."""
    return any(not one.perhaps for one in followed)


def _hits(papers: Iterable[Paper], names: Sequence[str]) -> dict[str, list[_Hit]]:
    hits: dict[str, list[_Hit]] = {name: [] for name in names}
    by_key: dict[str, dict[str, Name]] = {}  # of a surname: the followed names that have it
    for name in names:
        parsed = author_names.parse(name)
        for key in parsed.keys:
            by_key.setdefault(key, {})[name] = parsed
    for paper in papers if names else ():
        for written in paper.authors:
            author = author_names.parse(written)
            near = {n: p for key in author.keys for n, p in by_key.get(key, {}).items()}
            for name, parsed in near.items():
                match = author_names.compare(parsed, author)
                if match != "different":
                    hits[name].append(_Hit(paper.id, written, author.form, match))
    return hits


def _may_be_several(hits: Iterable[_Hit]) -> bool:
    """Return whether the papers that have a name in full write it in several ways, or one of them has it twice."""
    in_full = [hit for hit in hits if hit.match == "same"]
    twice = max(Counter(hit.paper_id for hit in in_full).values(), default=1) > 1
    return twice or len({hit.form for hit in in_full}) > 1
