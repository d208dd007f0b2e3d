"""What a reader has to find in a pick's block; see `expecting.py`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from tests.report.expecting_lines import Block, Show, Words, band, mark, named, why

# The parts of a section, by the kinds of claims in them and the word for their heading.
PARTS = {
    "stated": "stated",
    "admitted": "stated",
    "reported": "reported",
    "inference": "inferred",
    "own": "own",
}
SIGNS = {"partly": "◐", "unread": "○"}


def pick_blocks(
    pick: dict[str, Any], raw: dict[str, Any], w: Words, show: Show, explained: set[str]
) -> Iterator[Block]:
    """A pick's block. `explained` are the signs that an earlier pick has explained; this one's are added."""
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
        yield from _section(section, section not in (sections[0], sections[-1]), pick, w, show)
    yield from _proofs(sections, w, show)
    days = {one.get("read_on") for one in raw["picks"]}
    day = [w("pick.read_on", date=pick["read_on"])] if len(days) > 1 and "read_on" in pick else []
    yield "p", " · ".join([*_last_line(pick, w), *day, *_legend(pick, w, explained)]), []


def _last_line(pick: dict[str, Any], w: Words) -> Iterator[str]:
    """What was read, who checked it, and what was dropped. What cites nothing is in no count."""
    yield w("basis.read", n=pick["sentences_read"])
    comma = w("mark.comma")
    cited = [claim for section in pick["sections"] for claim in section["claims"] if claim["evidence"]]
    own_words = [c for c in cited if c["text"] not in [e["quote"] for e in c["evidence"]]]
    reader = pick.get("second_reader")
    counts = Counter(claim.get("reading") for claim in own_words)
    if own_words:
        if reader is None:
            again = w("pick.read_once")
        elif counts["supported"] + counts["partly"] == 0:
            again = w("pick.read_by_nobody", n=len(own_words))
        else:
            told = [w(f"reading.{r}", n=counts[r]) for r in ("supported", "partly", "unread") if counts[r]]
            again = w("pick.read_again", model=reader["model"], counts=comma.join(told))
        yield w("pick.checked", n=len(own_words)) + again
    if len(cited) > len(own_words):
        yield w("pick.quoted", n=len(cited) - len(own_words))
    if pick["claims_dropped"]:
        why = sorted((-count, name) for name, count in reader["dropped"].items()) if reader else []
        kinds = [f"{w(f'dropped.{name}')} {-count}" for count, name in why]
        listed = w("pick.dropped_kinds", kinds=comma.join(kinds)) if kinds else ""
        yield w("pick.dropped", n=pick["claims_dropped"]) + listed


def _legend(pick: dict[str, Any], w: Words, explained: set[str]) -> Iterator[str]:
    claims = [claim for section in pick["sections"] for claim in section["claims"]]
    for reading, sign in SIGNS.items():
        if sign not in explained and sign in [_sign(claim, pick) for claim in claims]:
            explained.add(sign)
            yield w(f"legend.{reading}", mark=sign)


def _sign(claim: dict[str, Any], pick: dict[str, Any]) -> str:
    """The sign beside a claim: none where all were read and carried, and none where nobody read any."""
    read = any(c.get("reading") in {"supported", "partly"} for s in pick["sections"] for c in s["claims"])
    return SIGNS.get(claim.get("reading", ""), "") if read else ""


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
                w("basis.line", basis=_basis(pick, w)),
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


def _section(
    section: dict[str, Any], folded: bool, pick: dict[str, Any], w: Words, show: Show
) -> Iterator[Block]:
    groups = _groups(section, w, show(section["title"]))
    missing = ""
    if section["id"] == "limitations" and not {"stated", "admitted"} & {c["kind"] for c in section["claims"]}:
        missing = w("pick.none_stated")
    elif not section["claims"]:
        missing = w("pick.empty_inference" if section["kind"] == "inference" else "pick.empty")
    if folded and section["claims"]:
        yield "summary", f"{_heading(section, w, show)} · {w('pick.folded', n=len(section['claims']))}", []
    for index, (heading, claims) in enumerate(groups):
        if not (folded and section["claims"]) or len(groups) > 1:
            yield "p", f"{heading} · {missing}" if missing and not index else heading, []
        for claim in claims:
            places = list(dict.fromkeys((_place(e, w), e["url"]) for e in claim["evidence"]))
            said = _said(claim, pick, w, show)
            sign = [_sign(claim, pick)] if _sign(claim, pick) else []
            yield "li", " ".join([said, *sign, *(p for p, _ in places)]), [url for _, url in places]


def _basis(pick: dict[str, Any], w: Words) -> str:
    return w("basis.incomplete" if "incomplete" in pick["flags"] else f"basis.{pick['basis']}")


def _said(claim: dict[str, Any], pick: dict[str, Any], w: Words, show: Show) -> str:
    said = show(claim["text"])
    if not claim["evidence"]:
        basis = _basis(pick, w)
        basis += w("mark.comma") + w("basis.cut") if "cut" in pick["flags"] else ""
        return w("pick.not_found", basis=basis, text=said)
    return w("mark.quote", text=said) if claim["text"] in [e["quote"] for e in claim["evidence"]] else said


def _groups(section: dict[str, Any], w: Words, title: str) -> list[tuple[str, list[Any]]]:
    """Headings and their claims; under each, what cites nothing comes last."""
    parts: dict[str, list[Any]] = {part: [] for part in PARTS.values()}
    for claim in section["claims"]:
        parts[PARTS[claim["kind"]]].append(claim)
    told = {part: claims for part, claims in parts.items() if claims}
    if not told:
        return [(w("pick.inferred_title", title=title) if section["kind"] == "inference" else title, [])]
    if list(told) == ["stated"] and section["id"] != "limitations":
        return [(title, told["stated"])]
    return [
        (
            w(f"pick.{part}_title", title=title),
            [c for c in claims if c["evidence"]] + [c for c in claims if not c["evidence"]],
        )
        for part, claims in told.items()
    ]


def _heading(section: dict[str, Any], w: Words, show: Show) -> str:
    groups = _groups(section, w, show(section["title"]))
    return groups[0][0] if len(groups) == 1 else show(section["title"])


def _proofs(sections: list[dict[str, Any]], w: Words, show: Show) -> Iterator[Block]:
    """One fold a pick: the sentences of every section whose claims are not the quotations themselves."""
    told = [s for s in sections if any(e["quote"] != c["text"] for c in s["claims"] for e in c["evidence"])]
    if told:
        count = sum(len(claim["evidence"]) for section in told for claim in section["claims"])
        yield "summary", w("pick.evidence", n=count), []
    for section in told:
        yield "p", _heading(section, w, show), []
        ordered = [claim for _, claims in _groups(section, w, "") for claim in claims]
        for claim in (claim for claim in ordered if claim["evidence"]):
            quotes = [f"{w('mark.quote', text=show(e['quote']))} {_place(e, w)}" for e in claim["evidence"]]
            yield "li", " ".join(quotes), [e["url"] for e in claim["evidence"]]


def _place(evidence: dict[str, Any], w: Words) -> str:
    if evidence["section"] == "Abstract":
        return w("place.abstract")
    return f"§{evidence['section'].split(' ')[0]}"
