"""The least that a script can do for the same night: no check, no retry, no budget, no proof. A yardstick for `wall.py`.

The same pages at the same pace, the same batches to the same models with as many calls at once, the SDK imported beside
the fetching; and a page with what came back. Addresses and the interval come from the same variables as digest's.
"""

import asyncio
import html
import json
import os
import re
import time

import httpx

BASE = {
    name: os.environ[f"DIGEST_ENDPOINTS__{name}"]
    for name in ("HUGGINGFACE", "ARXIV", "ARXIV_RSS", "ARXIV_API")
}
INTERVAL = float(os.environ["DIGEST_HTTP__ARXIV_INTERVAL_SECONDS"])
AGENT = {"User-Agent": "nightly-paper-digest-floor/0 (+https://github.com/example/digest)"}
ITEM = re.compile(
    r"<title>(.*?)</title>.*?Abstract: (.*?)</description>\s*<guid.*?>oai:arXiv.org:([\d.]+)v", re.DOTALL
)
TEXT, NUMBER = {"type": "string"}, {"type": "integer"}


def closed(**fields):
    return {
        "type": "object",
        "properties": fields,
        "required": list(fields),
        "additionalProperties": False,
    }


def several(item):
    return {"type": "array", "items": item}


MARK = closed(
    id=TEXT, topic=NUMBER, transfer=NUMBER, substance=NUMBER, excluded={"type": "boolean"}, reason=TEXT
)
VERDICT = closed(number=NUMBER, sentences=several(NUMBER), slot=TEXT, missing=TEXT, verdict=TEXT)
BRIEF = closed(id=TEXT, brief=TEXT, terms=several(TEXT))
CLAIM = closed(text=TEXT, terms=several(TEXT), evidence=several(NUMBER), kind=TEXT)
SECTIONS = dict.fromkeys(("contribution", "method", "setup", "takeaways", "limitations"), several(CLAIM))


def load():
    import anthropic.resources.messages  # noqa: PLC0415 - beside the fetching

    return anthropic


async def ask(client, places, model, prompt, form):
    """One call, as JSON."""
    async with places:
        message = await client.messages.create(
            model=model,
            max_tokens=16000,
            messages=[{"role": "user", "content": prompt}],
            output_config={"format": {"type": "json_schema", "schema": form}},
        )
    return json.loads(message.content[-1].text)


async def mark(client, places, prose, papers):
    """Marks of papers, in batches of 25, all at once."""
    count = -(-len(papers) // 25)
    batches = [papers[i::count] for i in range(count)]
    prompts = [
        f"{prose}\nMark every paper.\n"
        + "\n".join(f'<paper id="{key}">\n{title}\n{abstract}\n</paper>' for title, abstract, key in batch)
        for batch in batches
    ]
    calls = (ask(client, places, "claude-haiku-5-5", p, closed(marks=several(MARK))) for p in prompts)
    return [one for found in await asyncio.gather(*calls) for one in found["marks"]]


async def read_twice(client, places, prompt, form):
    """A reading, and a second one of its claims with the sentences that they cite."""
    found = await ask(client, places, "claude-sonnet-5-5", prompt, form)
    sentences = dict(re.findall(r"^\[(\d+)\] (.+)$", prompt, flags=re.MULTILINE))
    claims = [claim for name in SECTIONS for claim in found[name]]
    items = [found["headline"], found["hook"]]
    items += [f"{c['text']}\n" + "\n".join(sentences[str(key)] for key in c["evidence"]) for c in claims]
    again = "\n".join(f'<claim id="{n}">\n{item}\n</claim>' for n, item in enumerate(items, 1))
    await ask(
        client, places, "claude-haiku-5-5", f"Does it follow?\n{again}", closed(verdicts=several(VERDICT))
    )
    return found


async def brief(client, places, prose, papers):
    """A line on each paper, and a second reading of them beside their abstracts."""
    if not papers:
        return []
    blocks = {key: f'<paper id="{key}">\n{title}\n{abstract}\n</paper>' for title, abstract, key in papers}
    prompt = f"{prose}\nOne brief each.\n" + "\n".join(blocks.values())
    found = await ask(client, places, "claude-haiku-5-5", prompt, closed(briefs=several(BRIEF)))
    claims = (
        f"{one['brief']}\n{abstract}" for one, (_, abstract, _) in zip(found["briefs"], papers, strict=True)
    )
    again = "\n".join(f'<claim id="{n}">\n{claim}\n</claim>' for n, claim in enumerate(claims, 1))
    await ask(
        client, places, "claude-haiku-5-5", f"Does it follow?\n{again}", closed(verdicts=several(VERDICT))
    )
    return found["briefs"]


def value(one):
    return 12 * one["topic"] + 5 * one["transfer"] + 3 * one["substance"]


def near_threshold(points):
    """The 20 best papers that another pass could move over the threshold of 60."""
    order = sorted(points, key=lambda key: -points[key])
    return [key for key in order if abs(points[key] - 60) <= 7][:20]


async def compared(client, places, prose, points, papers):
    """Papers from 60 points on, best first; those that contend for the last of 2 picks in the order of one more call."""
    good = [key for key in sorted(points, key=lambda key: -points[key]) if points[key] >= 60]
    picks, others = good[:2], good[2:]
    contend = [key for key in picks if any(abs(points[key] - points[one]) <= 7 for one in others)]
    contend += [key for key in others if any(abs(points[key] - points[one]) <= 7 for one in picks)]
    if len(contend := contend[:12]) < 2:
        return good
    listed = [one for one in papers if one[2] in contend]
    blocks = "\n".join(
        f'<paper id="{key}">\n{title}\n{abstract}\n</paper>' for title, abstract, key in listed
    )
    form = closed(order=several(TEXT))
    answer = await ask(client, places, "claude-haiku-5-5", f"{prose}\nPut in order.\n{blocks}", form)
    best = iter(answer["order"])
    return [next(best) if key in contend else key for key in good]


async def main():
    importing = asyncio.create_task(asyncio.to_thread(load))
    prose = open("prompts/profiles/cv-restoration.md").read()  # noqa: ASYNC230, SIM115
    async with httpx.AsyncClient(headers=AGENT) as web:
        days = (f"{BASE['HUGGINGFACE']}/api/daily_papers?date=2026-01-{n}&limit=100&p=0" for n in (29, 30))
        feed, *_ = await asyncio.gather(
            web.get(f"{BASE['ARXIV_RSS']}/rss/cs.CV+eess.IV"), *(web.get(url) for url in days)
        )
        last = time.monotonic()
        papers = [tuple(map(html.unescape, one)) for one in ITEM.findall(feed.text.partition("<item>")[2])]
        anthropic = await importing
        client, places = anthropic.AsyncAnthropic(max_retries=0), asyncio.Semaphore(8)
        found = {one["id"]: [value(one)] for one in await mark(client, places, prose, papers)}
        again = set(near_threshold({key: points for key, (points,) in found.items()}))
        for one in await mark(client, places, prose, [one for one in papers if one[2] in again]):
            found[one["id"]].append(value(one))
        points = {key: sum(of) / len(of) for key, of in found.items()}
        texts = {}
        order = await compared(client, places, prose, points, papers)
        for key in order[:2]:
            await asyncio.sleep(last + INTERVAL - time.monotonic())
            texts[key] = (await web.get(f"{BASE['ARXIV']}/html/{key}v1")).text
            last = time.monotonic()
        await asyncio.sleep(last + INTERVAL - time.monotonic())
        await web.get(f"{BASE['ARXIV_API']}/api/query?id_list={','.join(order)}&max_results={len(order)}")
    prompts = []
    for key, text in texts.items():
        body = text.partition("<article")[2].partition('id="bib"')[0]
        body = re.sub(r'<math[^>]*alttext="([^"]*)".*?</math>', r"$\1$", body, flags=re.DOTALL)
        lines = html.unescape(re.sub(r"<[^>]+>", "", re.sub(r"</(p|h\d|figcaption|tr)>", "\n\n", body)))
        sentences = re.split(r"(?<=[.!?])\s+(?=[A-Z])|\n\s*\n", lines)
        numbered = (f"[{n}] {' '.join(s.split())}" for n, s in enumerate(sentences, 1) if s.strip())
        prompts.append(
            f'{prose}\nRead this paper.\n<paper id="{key}">\n' + "\n".join(numbered) + "\n</paper>"
        )
    form = closed(headline=TEXT, hook=TEXT, **SECTIONS)
    listed = [one for one in papers if one[2] in order[2:7]]
    *read, lines = await asyncio.gather(
        *(read_twice(client, places, p, form) for p in prompts), brief(client, places, prose, listed)
    )
    with open("floor.md", "w") as file:  # noqa: ASYNC230
        for one in read:
            file.write(f"# {one['headline']}\n\n")
            file.writelines(f"- {claim['text']}\n" for name in SECTIONS for claim in one[name])
        file.writelines(f"- {one['brief']}\n" for one in lines)


if __name__ == "__main__":
    asyncio.run(main())
