"""What a reader has to find in a pick's block; see `expecting.py`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.report.expecting_lines import Block, Show, Words, band, mark, named, why


def pick_blocks(pick: dict[str, Any], raw: dict[str, Any], w: Words, show: Show) -> Iterator[Block]:
    yield "h2", show(pick["title"]), []
    yield _meta(pick, raw, w, show)
    for flag in pick["flags"]:
        yield "p", "⚠️ " + w(f"flag.{flag}"), []
    if not pick["headline"]:
        yield "p", w("pick.pending"), []
        return
    local = raw["engine"] == "local"
    sections = [s for s in pick["sections"] if s["claims"] or not local]
    for section in sections:
        yield from _section(section, section not in (sections[0], sections[-1]), w, show)
    yield from _proofs(sections, w, show)
    count = sum(len(s["claims"]) for s in sections)
    read = w("basis.read", basis=w(f"basis.{pick['basis']}"), n=pick["sentences_read"])
    if local:
        yield "p", f"{read} · {w('pick.quoted', n=count)}", []
    else:
        checked = [w("pick.grounded", claims=count), w("pick.numbers", numbers=pick["numbers_checked"])]
        yield "p", " · ".join([read, *checked, w("pick.removed", n=pick["claims_dropped"])]), []


def _meta(pick: dict[str, Any], raw: dict[str, Any], w: Words, show: Show) -> Block:
    c = next(c for c in raw["candidates"] if c["id"] == pick["id"])
    local = raw["engine"] == "local"
    lines = [mark(pick, raw, w)]
    if pick["score"] is not None:
        spread = "" if c["spread"] is None else f" {w('pick.spread', spread=round(c['spread']))}"
        lines[0] += f" / 100{spread} · {w('band.' + band(pick['score']))}"
    if pick["headline"] and not local:
        lines[0] += f" · {show(pick['headline'])}"
    lines += [why(c, raw, w, show)] if local or c["reason"] else []
    if c["topic"] is not None:
        numbers = {name: f"{c[name]:g}" for name in ("topic", "transfer", "substance")}
        lines.append(w("pick.marks", **numbers))
    votes = {name: f" ▲{s['upvotes']}" if s["upvotes"] else "" for name, s in c["signals"].items()}
    lines.append(
        " · ".join(
            [
                w("basis.line", basis=w(f"basis.{pick['basis']}")),
                *(named(n, w) + v for n, v in sorted(votes.items())),
            ]
        )
    )
    names, total = (
        ", ".join(show(a) for a in pick["authors"][:3]),
        len(pick["authors"]) + pick["more_authors"],
    )
    lines.append(w("pick.authors_more", names=names, n=total - 3, total=total) if total > 3 else names)
    kinds = ("page", "pdf", "html", "huggingface", "code", "project")
    links = [pick["links"][kind] for kind in kinds if pick["links"][kind]]
    lines.append(" · ".join(w(f"link.{kind}") for kind in kinds if pick["links"][kind]))
    return "p", " ".join(lines), links


def _section(section: dict[str, Any], folded: bool, w: Words, show: Show) -> Iterator[Block]:
    stated = [c for c in section["claims"] if c["kind"] == "stated"]
    inferred = [c for c in section["claims"] if c["kind"] == "inference"]
    title = show(section["title"])
    groups = _groups(section, stated, inferred, w, title)
    missing = ""
    if section["id"] == "limitations" and not stated:
        missing = w("pick.none_stated")
    elif not section["claims"]:
        missing = w("pick.empty_inference" if section["kind"] == "inference" else "pick.empty")
    if folded and section["claims"]:
        yield (
            "summary",
            f"{groups[0][0] if len(groups) == 1 else title} · {w('pick.folded', n=len(section['claims']))}",
            [],
        )
    for index, (heading, claims) in enumerate(groups):
        if not (folded and section["claims"]) or len(groups) > 1:
            yield "p", f"{heading} · {missing}" if missing and not index else heading, []
        for claim in claims:
            places = list(dict.fromkeys((_place(e, w), e["url"]) for e in claim["evidence"]))
            quoted = claim["text"] in [e["quote"] for e in claim["evidence"]]
            said = w("mark.quote", text=show(claim["text"])) if quoted else show(claim["text"])
            yield "li", " ".join([said, *(p for p, _ in places)]), [url for _, url in places]


def _groups(
    section: dict[str, Any], stated: list[Any], inferred: list[Any], w: Words, title: str
) -> list[tuple[str, list[Any]]]:
    groups = []
    if stated:
        apart = inferred or section["id"] == "limitations"
        groups.append((w("pick.stated_title", title=title) if apart else title, stated))
    if inferred or section["kind"] == "inference":
        groups.append((w("pick.inferred_title", title=title), inferred))
    return groups or [(title, [])]


def _heading(section: dict[str, Any], w: Words, show: Show) -> str:
    stated = [c for c in section["claims"] if c["kind"] == "stated"]
    inferred = [c for c in section["claims"] if c["kind"] == "inference"]
    groups = _groups(section, stated, inferred, w, show(section["title"]))
    return groups[0][0] if len(groups) == 1 else show(section["title"])


def _proofs(sections: list[dict[str, Any]], w: Words, show: Show) -> Iterator[Block]:
    """One fold a pick: the sentences of every section whose claims are not the quotations themselves."""
    told = [s for s in sections if any(e["quote"] != c["text"] for c in s["claims"] for e in c["evidence"])]
    if told:
        count = sum(len(claim["evidence"]) for section in told for claim in section["claims"])
        yield "summary", w("pick.evidence", n=count), []
    for section in told:
        yield "p", _heading(section, w, show), []
        ordered = sorted(section["claims"], key=lambda claim: claim["kind"] == "inference")
        for claim in ordered:
            quotes = [f"{w('mark.quote', text=show(e['quote']))} {_place(e, w)}" for e in claim["evidence"]]
            yield "li", " ".join(quotes), [e["url"] for e in claim["evidence"]]


def _place(evidence: dict[str, Any], w: Words) -> str:
    if evidence["section"] == "Abstract":
        return w("place.abstract")
    return f"§{evidence['section'].split(' ')[0]}"
