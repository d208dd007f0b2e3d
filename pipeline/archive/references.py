"""Read from the reports what reference managers need of the picks and shortlisted papers."""

import datetime as dt
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pipeline.core.errors import DigestError
from pipeline.core.month_index import DAMAGED_HINT, repository_of
from pipeline.core.store import parse_json, read_bytes
from pipeline.core.upgrade import upgrade
from pipeline.report import export, labels
from pipeline.report.export import Mention, Reference


def read(reports: Iterable[Path]) -> list[Reference]:
    """Read the papers of reports, `<profile>/YYYY/MM/YYYY-MM-DD.json`, in their order, picks first.

    Raises DigestError if a report is damaged.
    """
    found: list[Reference] = []
    for path in reports:
        hint = DAMAGED_HINT.format(path=path)
        raw = upgrade(parse_json(read_bytes(path, hint=hint) or b"", path=str(path), hint=hint))
        try:
            found += _parse(
                raw, dt.date.fromisoformat(raw["date"]), _page_address(path, repository_of(raw["run_url"]))
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            message = f"is not a report ({type(error).__name__}: {error})"
            raise DigestError(message, path=str(path), hint=hint) from None
    return found


def bibliography(reports: Iterable[Path]) -> str:
    """Write the picks of reports as BibTeX; empty if there are none."""
    return export.export([one for one in read(reports) if one.mentions[0].picked], "bibtex")


def _page_address(path: Path, repository: str) -> str:
    """Return the URL of a report's page on GitHub, or its path from the folder above all reports."""
    page = "/".join(path.with_suffix(".md").parts[-5:])
    return f"https://github.com/{repository}/blob/HEAD/{page}" if repository else page


def _parse(raw: dict[str, Any], date: dt.date, page: str) -> tuple[Reference, ...]:
    listed = {
        candidate["id"]: min((signal["day"] for signal in candidate["signals"].values()), default=raw["date"])
        for candidate in raw["candidates"]
    }
    shortlist = [candidate for candidate in raw["candidates"] if candidate["outcome"] == "shortlisted"]

    def reference(paper: dict[str, Any], *, picked: bool) -> Reference:
        address = f"{page}#{labels.anchor(paper['id'])}" if picked else page
        venue = paper.get("venue") or {"source": "", "text": ""}
        return Reference(
            id=paper["id"],
            title=paper["title"],
            url=paper["url"],
            authors=tuple(paper["authors"]),
            more_authors=int(paper["more_authors"]),
            listed=dt.date.fromisoformat(listed.get(paper["id"], raw["date"])),
            mentions=(Mention(date, address, paper["score"], picked),),
            doi=paper.get("doi", ""),
            categories=tuple(paper.get("categories", ())),
            publication=venue["text"] if venue["source"] == "journal_ref" else "",
            comment=venue["text"] if venue["source"] == "comments" else "",
        )

    return (
        *(reference(pick, picked=True) for pick in raw["picks"]),
        *(reference(candidate, picked=False) for candidate in shortlist),
    )
