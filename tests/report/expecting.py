"""What a reader has to find on a page, worked out from the report's JSON and the locale file alone.

Written apart from the code that makes the page, as plain text: one tuple a paragraph, heading, list item or
fold, with its element, its text and where its links lead.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from tests.report import github
from tests.report.expecting_lines import (
    Block,
    Show,
    Words,
    band,
    followed,
    listed,
    mark,
    named,
    reader_s_why,
    reason,
    why,
    words,
)
from tests.report.expecting_picks import SIGNS, pick_blocks, sign_of


def blocks(root: github.Node) -> list[Block]:
    """The page's smallest blocks, in order."""
    found = []
    for node in root.find("h1", "h2", "h3", "p", "li", "summary"):
        if not node.find(*({"p", "ul", "ol"} - {node.tag})):
            links = [link.attributes["href"] for link in node.find("a") if "href" in link.attributes]
            found.append((node.tag, node.line, links))
    return found


def page(raw: dict[str, Any], show: Show = lambda text: text) -> list[Block]:
    """All blocks of a page. `show` is what becomes of an untrusted text."""
    return list(_page(raw, words(raw["language"]), show))


def _page(raw: dict[str, Any], w: Words, show: Show) -> Iterator[Block]:
    date, local = dt.date.fromisoformat(raw["date"]), raw["engine"] == "local"
    day = "mon tue wed thu fri sat sun".split()[date.weekday()]  # noqa: SIM905
    yield "h1", f"{date} {w('weekday.' + day)} · {show(raw['title'])}", []
    yield _navigation(raw, date, w)
    yield _verdict(raw, w, show)
    if notices := _notices(raw, w, show):
        yield "p", " ".join(notices), []
    for pick in raw["picks"]:
        name = show(pick["headline"] or pick["title"])
        yield (
            "li",
            f"{mark(pick, raw, w)} · {name} {reader_s_why(pick, raw, w, show)}".strip(),
            ["#" + _anchor(pick["id"])],
        )
    for pick in raw["picks"]:
        yield from pick_blocks(pick, raw, w, show)
    passed = _passed(raw)
    if passed:
        yield "h2", _how_many_passed(raw, w), []
        yield "p", w("shortlist.note"), []
    yield from (_shortlisted(c, raw, w, show) for c in passed)
    others = [c for c in _others(raw) if c not in passed]
    near = []
    if not raw["picks"] and not passed:
        near = [c for c in others if c["outcome"] == "below_threshold"][:3]
    by_followed = [c for c in others if c.get("followed") and c not in near]
    if by_followed:
        yield "h2", w("followed.heading"), []
    yield from (_row(c, raw, w, show) for c in by_followed)
    if legend := _legend(raw, w):
        yield "p", " · ".join(legend), []
    if near:
        key = "verdict.nearest_local" if local else "verdict.nearest"
        yield "p", w(key, threshold=raw["threshold"]), []
    yield from (_row(c, raw, w, show) for c in near)
    rest = [c for c in others if c not in near and c not in by_followed]
    if rest:
        scores = [c["score"] for c in rest if c["score"] is not None and c["outcome"] != "seen"]
        best = w("mark.aside", text=w("rest.best", score=max(scores))) if scores else ""
        before = sum(c["outcome"] == "seen" for c in rest)
        new = len(rest) - before
        told = [w("rest.summary" if raw["picks"] or passed or near else "rest.all", n=new) + best] * bool(new)
        yield "summary", " · ".join(told + [w("rest.seen", n=before)] * bool(before)), []
    yield from (_row(c, raw, w, show) for c in rest)
    yield "summary", w("about.title"), []
    yield from _about(raw, w, show)
    made = dt.datetime.fromisoformat(raw["generated_at"])
    ends = [w("about.generated", time=f"{made:%Y-%m-%d %H:%M}")]
    ends += [w("about.run")] if raw["run_url"] else []
    links = [raw["run_url"]] if raw["run_url"] else []
    ends.append(w("about.data"))
    yield "p", " · ".join(ends), [*links, f"{date}.json"]


def _navigation(raw: dict[str, Any], date: dt.date, w: Words) -> Block:
    texts, links = [f"{date:%Y-%m}", w("nav.all")], ["README.md", "../../README.md"]
    if raw["previous"]:
        before = dt.date.fromisoformat(raw["previous"])
        same = before.year == date.year
        texts.insert(0, f"← {before:%m-%d}" if same else f"← {before}")
        folder = "" if (before.year, before.month) == (date.year, date.month) else f"../{before:%m}/"
        links.insert(0, (folder if same else f"../../{before:%Y/%m}/") + f"{before}.md")
    return "p", " · ".join(texts), links


def _verdict(raw: dict[str, Any], w: Words, show: Show) -> Block:
    new = [c for c in raw["candidates"] if c["outcome"] != "seen"]
    counts = {"n": len(new), "scanned": len(new), "picked": len(raw["picks"]), "threshold": raw["threshold"]}
    if raw["picks"]:
        kind = "picked"
    elif not new:
        kind = "nothing"
    elif all(c["outcome"] == "unscored" for c in new):
        kind = "unscored"
    else:
        kind = "local_none" if raw["engine"] == "local" else "below"
    parts = [w(f"verdict.{kind}", **counts)]
    links = []
    if raw["picks"]:
        parts += _bands(raw, w)
        if _passed(raw):
            parts.append(_how_many_passed(raw, w))
            links.append("#shortlist")
        parts.append(w("verdict.minutes", n=_minutes(raw)))
    sources = [f"{named(s['name'], w)} {s['count']}" for s in raw["sources"] if s["count"]]
    twice = sum(len(c["signals"]) > 1 for c in raw["candidates"])
    sources += [w("source.twice", n=twice)] if twice else []
    return "p", " ".join([" · ".join(parts), " · ".join(sources)]).strip(), links


def _passed(raw: dict[str, Any]) -> list[dict[str, Any]]:
    return [c for c in _others(raw) if c["outcome"] == "shortlisted"]


def _how_many_passed(raw: dict[str, Any], w: Words) -> str:
    return w(f"shortlist.passed_{raw['engine']}", n=len(_passed(raw)), threshold=raw["threshold"])


def _shortlisted(c: dict[str, Any], raw: dict[str, Any], w: Words, show: Show) -> Block:
    """A paper of the shortlist: with its brief below, or else with the reason on the same line."""
    brief = c.get("brief")
    flags = "".join(f" · {name}" for name in followed(c, w, show))
    flags += "".join(f" · ⚠️ {w('flag_short.' + flag)}" for flag in c["flags"])
    flags = listed(c, raw, w) + flags
    if brief is None:
        return "li", f"{mark(c, raw, w)} · {show(c['title'])} — {reason(c, raw, w, show)}{flags}", [c["url"]]
    said = w("mark.quote", text=show(brief["text"])) if brief.get("quoted") else show(brief["text"])
    sign = SIGNS.get(brief.get("reading"), "")
    return "li", f"{mark(c, raw, w)} · {show(c['title'])}{flags} {said} {sign}".strip(), [c["url"]]


def _legend(raw: dict[str, Any], w: Words) -> list[str]:
    """What the signs mean that stand on the page."""
    used = {sign_of(claim, pick) for pick in raw["picks"] for s in pick["sections"] for claim in s["claims"]}
    used |= {SIGNS.get(c["brief"].get("reading"), "") for c in _passed(raw) if "brief" in c}
    told = [w(f"legend.{reading}", mark=sign) for reading, sign in SIGNS.items() if sign in used]
    picked = {pick["id"] for pick in raw["picks"]}
    spread = any(c["spread"] and round(c["spread"]) for c in raw["candidates"] if c["id"] in picked)
    told += [w("legend.spread", sign="±")] if spread else []
    return [*told, *[w("legend.followed", sign="👤")] * any("followed" in c for c in raw["candidates"])]


def _bands(raw: dict[str, Any], w: Words) -> list[str]:
    names = [band(pick["score"]) for pick in raw["picks"] if pick["score"] is not None]
    counts = [(name, names.count(name)) for name in ("must", "recommended", "look") if name in names]
    told = [w("band.count", n=count, band=w(f"band.{name}")) for name, count in counts]
    return [w("mark.comma").join(told)] if told else []


def _minutes(raw: dict[str, Any]) -> int:
    """Counted once, from the texts of `days.py`, at 400 characters or 220 words a minute and rounded up.

    Both picks have 445 characters and 28 words in Chinese, 298 words in English, 576 and 31 in Japanese;
    the first one alone 287 and 27, 210, 373 and 30; its quotations without a model 80 words.
    """
    both = sum(bool(pick["headline"]) for pick in raw["picks"]) > 1
    japanese = raw["language"] == "ja" and raw["engine"] != "local"
    return 2 if both or japanese else 1


def _notices(raw: dict[str, Any], w: Words, show: Show) -> list[str]:
    told = []
    for source in raw["sources"]:
        if source["status"] == "failed":
            note = w("mark.aside", text=show(source["note"])) if source["note"] else ""
            told.append("⚠️ " + w("notice.source", source=named(source["name"], w), note=note))
    later = {entry["id"] for entry in raw["pending"]}
    unscored = {c["id"] for c in raw["candidates"] if c["outcome"] == "unscored"}
    unread = {p["id"] for p in raw["picks"] if not p["headline"]}
    for key, ids in (
        ("unscored", unscored & later),
        ("unread", unread & later),
        ("given_up", (unscored | unread) - later),
    ):
        count = len(ids)
        told += ["⚠️ " + w(f"notice.{key}", n=count)] if count else []
    return [*told, w("notice.local")] if raw["engine"] == "local" else told


def _anchor(paper: str) -> str:
    slug = "".join(c if c.isalnum() else "-" for c in paper.lower())
    return slug if paper.startswith("feed-") else f"arxiv-{slug}"


def _others(raw: dict[str, Any]) -> list[dict[str, Any]]:
    picked = {pick["id"] for pick in raw["picks"]}
    left = [c for c in raw["candidates"] if c["id"] not in picked]
    by_rank = sorted(left, key=lambda c: (1e9 if c["rank"] is None else c["rank"], c["id"]))
    by_score = sorted(by_rank, key=lambda c: -1 if c["score"] is None else c["score"], reverse=True)
    return sorted(by_score, key=lambda c: c["outcome"] == "seen")


def _row(c: dict[str, Any], raw: dict[str, Any], w: Words, show: Show) -> Block:
    links = [c["url"]]
    if c["seen_on"]:
        note = w("row.seen", date=c["seen_on"][5:])
        links.append(f"{c['seen_on']}.md")
    else:
        note = why(c, raw, w, show) + listed(c, raw, w)
    flags = "".join(f" · {name}" for name in followed(c, w, show))
    flags += "".join(f" · ⚠️ {w('flag_short.' + flag)}" for flag in c["flags"])
    return "li", f"{mark(c, raw, w)} · {show(c['title'])} — {note}{flags}", links


def _about(raw: dict[str, Any], w: Words, show: Show) -> Iterator[Block]:
    comma = w("mark.comma")
    for source in raw["sources"]:
        told = [
            w(
                "about.source",
                source=named(source["name"], w),
                status=w(f"status.{source['status']}"),
                n=source["count"],
            )
        ]
        carried = "watermark" in source or "first_failure" in source
        complete = source.get("watermark") if carried else source["through"]
        told += [w("about.through", date=complete)] if complete and not source.get("gaps") else []
        told += [show(source["note"])] if source["note"] else []
        yield "li", comma.join(told), []
    made = raw["provenance"]
    if raw["engine"] == "local":
        by = [w("about.engine_local")]
    else:
        names = sorted({c["judged_by"].split(" ")[0] for c in raw["candidates"] if c["judged_by"]}) or [
            "claude"
        ]
        by = [w("about.engine_claude", names=comma.join(names))]
        readers = sorted({p["read_by"].split(" ")[0] for p in raw["picks"] if p["read_by"]})
        by += [w("about.read_by", names=comma.join(readers))] if readers else []
        second = sorted({p["second_reader"]["model"] for p in raw["picks"] if p.get("second_reader")} - {""})
        by += [w("about.read_again_by", names=comma.join(second))] if second else []
        by.append(w("about.prompts", names=comma.join(made["prompts"][k] for k in sorted(made["prompts"]))))
    by += [w("about.profile", name=made["profile"]), w("about.version", version=made["version"])]
    yield "li", " · ".join(by), []
    usage = raw["usage"]
    cost = w("about.usd_unknown") if usage["usd"] is None else w("about.usd", usd=f"{usage['usd']:.2f}")
    tokens = {"input": f"{usage['input_tokens']:,}", "output": f"{usage['output_tokens']:,}"}
    yield (
        "li",
        w("about.usage", n=usage["calls"], usd=cost, **tokens) if usage["calls"] else w("about.no_calls"),
        [],
    )
    titles = {c["id"]: show(c["title"])[:100] for c in raw["candidates"]}
    for kind, entries in (("pending", raw["pending"]), ("given_up", raw["skipped"])):
        for entry in entries:
            about = {"title": titles.get(entry["id"], entry["id"]), "stage": w(f"stage.{entry['stage']}")}
            about |= {"reason": show(entry["reason"]), "date": entry.get("since", "")}
            yield "li", w(f"about.{kind}", **about), []
    limits = {"places": raw["places"], "threshold": raw["threshold"]}
    yield "li", w(f"about.bands_{raw['engine']}", **limits), []
    if "final" in raw["provenance"]["prompts"]:
        yield "li", w("about.compared"), []
    yield "li", w(f"about.promise_{raw['engine']}"), []
    if any("brief" in c and not c["brief"].get("quoted") for c in raw["candidates"]):
        yield "li", w("about.promise_briefs"), []
    if any("read_on" in pick for pick in raw["picks"]):
        yield "li", w("about.read_on"), []
