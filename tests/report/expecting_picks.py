"""What a reader has to find in a pick's block; see `expecting.py`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from tests.report.expecting_lines import Block, Show, Words, band, followed, mark

# The parts of a section, by the kinds of claims in them and the word for their heading.
PARTS = {
    "stated": "stated",
    "admitted": "stated",
    "reported": "reported",
    "inference": "inferred",
    "own": "own",
}
SIGNS = {"partly": "◐", "unread": "○"}


def pick_blocks(pick: dict[str, Any], raw: dict[str, Any], w: Words, show: Show) -> Iterator[Block]:
    """A pick's block."""
    yield "h2", show(pick["title"]), []
    yield _head(pick, raw, w, show)
    for flag in pick["flags"]:
        yield "p", "⚠️ " + w(f"flag.{flag}"), []
    if not pick["headline"]:
        yield "p", w("pick.pending"), []
        return
    local = raw["engine"] == "local"
    sections = [s for s in pick["sections"] if s["claims"] or not local]
    quoted = _quoted(sections)
    for section in sections:
        yield from _section(section, section not in (sections[0], sections[-1]), pick, quoted, w, show)
    yield from _quotations(quoted, pick, w, show)
    yield "p", " · ".join(_last_line(pick, w)), []


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


def sign_of(claim: dict[str, Any], pick: dict[str, Any]) -> str:
    """The sign beside a claim: none where all were read and carried, and none where nobody read any."""
    read = any(c.get("reading") in {"supported", "partly"} for s in pick["sections"] for c in s["claims"])
    return SIGNS.get(claim.get("reading", ""), "") if read else ""


def _head(pick: dict[str, Any], raw: dict[str, Any], w: Words, show: Show) -> Block:
    """The headline, a line of facts and a line of links, as one paragraph."""
    c = next(c for c in raw["candidates"] if c["id"] == pick["id"])
    facts = [mark(pick, raw, w)]
    if pick["score"] is not None:
        spread = f" ± {round(c['spread'])}" if c["spread"] and round(c["spread"]) else ""
        facts = [f"{facts[0]} / 100{spread}", w("band." + band(pick["score"]))]
    if c["topic"] is not None:
        facts.append(w("pick.marks", **{name: f"{c[name]:g}" for name in ("topic", "transfer", "substance")}))
    read = w("basis.line", basis=_basis(pick, w))
    facts.append(f"{read}{w('mark.comma')}{pick['read_on']}" if "read_on" in pick else read)
    total = len(pick["authors"]) + pick["more_authors"]
    first = show(pick["authors"][0])
    facts.append(w("pick.authors_more", names=first, n=total - 1, total=total) if total > 1 else first)
    facts += followed(pick, w, show)
    if "venue" in pick:
        said = show(pick["venue"]["text"])
        said = said if len(said) <= 80 else said[:79].rstrip() + "…"
        facts.append(w("pick.venue", text=w("mark.quote", text=said)))
    lead = "" if raw["engine"] == "local" or pick["headline"] == pick["title"] else show(pick["headline"])
    links = _links(pick, c, w)
    line = " · ".join(text for text, _ in links)
    return "p", " ".join([lead, " · ".join(facts), line]).strip(), [url for _, url in links]


def _links(pick: dict[str, Any], c: dict[str, Any], w: Words) -> list[tuple[str, str]]:
    votes = c["signals"].get("huggingface", {}).get("upvotes")
    code = pick.get("code", {})
    all_of_them = {
        **pick["links"],
        "code": code.get("url") or pick["links"]["code"],
        "figure": pick.get("figure", {}).get("url"),
    }
    after = {
        "huggingface": f" ▲{votes}" if votes else "",
        "code": f" ★{code['stars']}" if "stars" in code else "",
    }
    kinds = ("page", "pdf", "html", "huggingface", "code", "project", "figure")
    return [(w(f"link.{k}") + after.get(k, ""), all_of_them[k]) for k in kinds if all_of_them[k]]


def _section(
    section: dict[str, Any],
    folded: bool,
    pick: dict[str, Any],
    quoted: list[dict[str, Any]],
    w: Words,
    show: Show,
) -> Iterator[Block]:
    groups = _groups(section, w, show(section["title"]))
    missing = ""
    dropped = "_passed" if pick["claims_dropped"] else ""
    if section["id"] == "limitations" and not {"stated", "admitted"} & {c["kind"] for c in section["claims"]}:
        missing = w(f"pick.none_stated{dropped}")
    elif not section["claims"]:
        missing = w("pick.empty_inference" if section["kind"] == "inference" else f"pick.empty{dropped}")
    if folded and section["claims"]:
        yield "summary", f"{_heading(section, w, show)} · {w('pick.folded', n=len(section['claims']))}", []
    for index, (heading, claims) in enumerate(groups):
        if not (folded and section["claims"]) or len(groups) > 1:
            yield "p", f"{heading} · {missing}" if missing and not index else heading, []
        for claim in claims:
            cited = _cited(claim, quoted, pick, w)
            said = _said(claim, pick, w, show)
            sign = [sign_of(claim, pick)] if sign_of(claim, pick) else []
            yield (
                "li",
                " ".join([said, *sign, *(text for text, _ in cited)]),
                [url for _, url in cited if url],
            )


def _cited(
    claim: dict[str, Any], quoted: list[dict[str, Any]], pick: dict[str, Any], w: Words
) -> list[tuple[str, str]]:
    """What stands behind a claim: the place of a quotation, else numbers, which are links if they lead to several pages."""
    claims = [claim for section in pick["sections"] for claim in section["claims"]]
    several = len({e["url"] for claim in claims for e in claim["evidence"]}) > 1
    if _is_quotation(claim):
        return list(dict.fromkeys((_place(e, w), e["url"]) for e in claim["evidence"])) * several
    return [(f"[{quoted.index(e) + 1}]", e["url"] if several else "") for e in claim["evidence"]]


def _is_quotation(claim: dict[str, Any]) -> bool:
    return claim["text"] in [e["quote"] for e in claim["evidence"]]


def _basis(pick: dict[str, Any], w: Words) -> str:
    return w("basis.incomplete" if "incomplete" in pick["flags"] else f"basis.{pick['basis']}")


def _said(claim: dict[str, Any], pick: dict[str, Any], w: Words, show: Show) -> str:
    said = show(claim["text"])
    if not claim["evidence"]:
        basis = _basis(pick, w)
        basis += w("mark.comma") + w("basis.cut") if "cut" in pick["flags"] else ""
        return w("pick.not_found", basis=basis, text=said)
    return w("mark.quote", text=said) if _is_quotation(claim) else said


def _groups(section: dict[str, Any], w: Words, title: str) -> list[tuple[str, list[Any]]]:
    """Headings and their claims."""
    parts: dict[str, list[Any]] = {part: [] for part in PARTS.values()}
    for claim in section["claims"]:
        parts[PARTS[claim["kind"]]].append(claim)
    told = {part: claims for part, claims in parts.items() if claims}
    if not told:
        return [(w("pick.inferred_title", title=title) if section["kind"] == "inference" else title, [])]
    if list(told) == ["stated"] and section["id"] != "limitations":
        return [(title, told["stated"])]
    return [(w(f"pick.{part}_title", title=title), claims) for part, claims in told.items()]


def _heading(section: dict[str, Any], w: Words, show: Show) -> str:
    groups = _groups(section, w, show(section["title"]))
    return groups[0][0] if len(groups) == 1 else show(section["title"])


def _quoted(sections: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The sentences that claims cite, each once, in the order of the paper."""
    quoted: list[dict[str, Any]] = []
    for claim in (claim for section in sections for claim in section["claims"]):
        quoted += [] if _is_quotation(claim) else [e for e in claim["evidence"] if e not in quoted]
    return sorted(quoted, key=lambda e: (e["sentence"], e["quote"]))


def _quotations(quoted: list[dict[str, Any]], pick: dict[str, Any], w: Words, show: Show) -> Iterator[Block]:
    """One fold: each sentence with its place, or the place once if it is the same for all; at the end the caption."""
    told = [(w("mark.quote", text=show(e["quote"])), _place(e, w), e["url"]) for e in quoted]
    if "figure" in pick:
        caption = w("mark.quote", text=show(pick["figure"]["caption"]))
        told.append((caption, w("link.figure"), pick["figure"]["url"]))
    if told:
        yield "summary", w("pick.evidence", n=len(told)), []
    several = len({url for _, _, url in told}) > 1
    if told and not several:
        yield "p", told[0][1], [told[0][2]]
    for text, place, url in told:
        yield ("li", f"{text} {place}", [url]) if several else ("li", text, [])


def _place(evidence: dict[str, Any], w: Words) -> str:
    if evidence["section"] == "Abstract":
        return w("place.abstract")
    return f"§{evidence['section'].split(' ')[0]}"
