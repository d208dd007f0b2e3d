"""Plays `python -m pipeline` where the workflow is under test and not the program: quick, and faulty on demand.

$ACT_SCRIPT is a JSON file that says what happens: `today`, `papers`, `picks`, `titles`, `pending`, `news` and
`faults` (stage → crash, kill, refused, spend, down), `fails` (stage → profile → crash, for this profile alone, or
another of the faults, for the whole process that has this profile).
Reports have the shape of the real ones; a test holds them against the real model.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import sys
import tomllib
from pathlib import Path
from typing import Any

STAGES = ("plan", "run", "fetch", "score", "texts", "analyze", "render", "site")
ERRORS = {
    "crash": (1, "it went wrong", "run it again"),
    "down": (1, "no source could be read", "nothing was written; run again later, nothing is lost"),
    "refused": (4, "the endpoint refuses the key", "renew the secret ANTHROPIC_API_KEY"),
    "spend": (4, "the spend limit is reached", "raise the limit of the workspace"),
    "no key": (4, "there is no key", "add the secret ANTHROPIC_API_KEY, or choose the engine local"),
}


def escaped(text: str) -> str:
    """Titles as the real page has them."""
    from pipeline.report.escape import escape  # only where the stand-in is at home

    return escape(text)


def report(
    profile: str,
    date: str,
    *,
    picks: int = 2,
    judged: int = 60,
    pending: int = 0,
    titles: tuple[str, ...] = (),
) -> dict[str, Any]:
    """A digest with invented papers, as the real program would write it, field by field."""
    links = {"page": "", "html": None, "pdf": None, "huggingface": None, "code": None, "project": None}
    marks = {"topic": 4.0, "transfer": 3.0, "substance": 3.0, "spread": 0.0}
    candidates, picked = [], []
    for number in range(judged):
        # Every day has its own papers; more than a thousand are of other months.
        key = f"{2601 if number < 1000 else 2500 + number // 1000}.{date[-2:]}{number % 1000:03d}"
        paper = {
            "id": key,
            "title": titles[number] if number < len(titles) else f"Synthetic Paper {number} of {date}",
            "url": f"https://arxiv.org/abs/{key}",
            "authors": ["A. Author"],
            "more_authors": 0,
        }
        score = 90 - number if number < picks else max(0, 50 - number)
        outcome = (
            "picked" if number < picks else "unscored" if number >= judged - pending else "below_threshold"
        )
        verdict = (
            {"score": None, "reason": "no answer"}
            if outcome == "unscored"
            else {"score": score, "reason": "near"}
        )
        candidates.append(
            paper
            | {"signals": {}, **marks, **verdict, "rank": number + 1, "outcome": outcome}
            | {"seen_on": None, "flags": [], "judged_by": "stand-in"}
        )
        if number < picks:
            picked.append(
                paper
                | {"links": links | {"page": paper["url"]}, "score": score, "basis": "abstract"}
                | {
                    "sentences_read": 5,
                    "headline": f"Headline {number}",
                    "hook": "",
                    "flags": [],
                    "sections": [],
                }
                | {"claims_dropped": 0, "numbers_checked": 0, "read_by": "model prompt@00000000"}
            )
    return {
        "schema_version": 2,
        "profile": profile,
        "date": date,
        "generated_at": f"{date}T06:00:00Z",
        "run_url": None,
        "previous": None,
        "sources": [{"name": "arxiv", "status": "ok", "count": judged, "through": date, "note": ""}],
        "title": "Synthetic",
        "language": "en",
        "engine": "claude",
        "threshold": 60,
        "places": 2,
        "candidates": candidates,
        "picks": picked,
        "skipped": [],
        "pending": [
            {"id": one["id"], "stage": "score", "reason": "no answer", "since": date}
            for one in candidates
            if one["outcome"] == "unscored"
        ],
        "usage": {"calls": 1, "input_tokens": 10, "output_tokens": 1, "usd": 0.01, "stages": {}},
        "provenance": {
            "generated_at": f"{date}T06:00:00Z",
            "run_url": None,
            "prompts": {},
            "profile": f"{profile}@00000000",
            "version": "0",
        },
    }


def page(digest: dict[str, Any], escape: Any) -> str:
    """A page in the manner of the real one."""
    lines = [f"# {digest['date']} · {digest['title']}", "", "[all](../../README.md)", ""]
    lines += [f"**{len(digest['picks'])} of {len(digest['candidates'])}**", "", '<details markdown="1">']
    lines += ["<summary><b>the others</b></summary>", ""]
    lines += [
        f"- **{one['score']}** · [{escape(one['title'])}]({one['url']})" for one in digest["candidates"]
    ]
    lines += ["", "</details>", ""]
    for one in digest["picks"]:
        lines += [
            f'## <a id="arxiv-{one["id"].replace(".", "-")}"></a>{escape(one["title"])}',
            "",
            one["headline"],
            "",
        ]
    return "\n".join([*lines, f"<sub>[data]({digest['date']}.json)</sub>", ""])


def files(reports: Path, digest: dict[str, Any]) -> Path:
    """Where the JSON of this digest belongs."""
    profile: str = digest["profile"]
    date: str = digest["date"]
    return reports / profile / date[:4] / date[5:7] / f"{date}.json"


def lay_down(reports: Path, digest: dict[str, Any], escape: Any) -> Path:
    """Write the page and its JSON."""
    path = files(reports, digest)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(digest, indent=1, ensure_ascii=False) + "\n", "utf-8")
    path.with_suffix(".md").write_text(page(digest, escape), "utf-8")
    return path


class Stages:
    """The commands, for one date and some profiles."""

    def __init__(self, given: argparse.Namespace, script: dict[str, Any]) -> None:
        self.given = given
        self.script = script
        self.date = given.date or script["today"]
        named = given.profile or os.environ.get("DIGEST_PROFILES", "").replace(",", " ").split()
        self.profiles = named or script.get("active", ["cv"])
        self.made = self.profiles

    def check(self) -> None:
        """Refuse what the real command line refuses."""
        checked = {"date": r"20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])", "picks": "[0-9]{1,2}"}
        for field, pattern in (checked | {"threshold": "[0-9]{1,3}", "papers": r"[0-9.,]*"}).items():
            value = getattr(self.given, field)
            if value and not re.fullmatch(pattern, value):
                stop(2, f"--{field} is not right", f"give a {field}, or leave it blank")

    def plan(self) -> None:
        if any(name not in self.script.get("known", ["cv", "nlp"]) for name in self.profiles):
            stop(2, "there is no such profile", "see prompts/profiles/")
        due = [name for name in self.profiles if self._due(name)]
        output("date", self.date)
        output("due", "true" if due else "false")
        output("profiles", ",".join(due))
        settings = tomllib.loads(Path("digest.toml").read_text("utf-8"))
        output("votes", "true" if settings["feedback"]["votes"] else "")
        size = self.script.get("chunk", 20)
        chunks = [due[start : start + size] for start in range(0, len(due), size)]
        output("chunks", json.dumps([{"id": n, "profiles": ",".join(some)} for n, some in enumerate(chunks)]))

    def _due(self, name: str) -> bool:
        path = files(self.given.reports, {"profile": name, "date": self.date})
        forced = self.given.force or self.given.start != "fetch" or self.given.papers
        return bool(forced or not path.exists() or json.loads(path.read_text())["pending"])

    def run(self) -> None:
        assert self.given.dry_run, "the workflow runs the stages one by one"
        print(f"{self.profiles}: 3 calls, 0.02 USD")

    def fetch(self) -> None:
        for name in self.profiles:
            self._save(name, "fetched", {"titles": self.script.get("titles", [])})
        if not self.script.get("news", True):
            self.made = []

    def score(self) -> None:
        self._door()
        for name in self.profiles:
            self._load(name, "fetched")
            judged, picks = (
                self.script.get("papers", 60),
                int(self.given.picks or self.script.get("picks", 2)),
            )
            titles, pending = tuple(self.script.get("titles", [])), self.script.get("pending", 0)
            digest = report(name, self.date, picks=picks, judged=judged, pending=pending, titles=titles)
            self._save(name, "scored", digest)
            count("calls", judged)

    def texts(self) -> None:
        for name in self.profiles:
            self._load(name, "scored")
            self._save(name, "texts", {"full text": "word " * 1000})

    def analyze(self) -> None:
        self._door()
        for name in self.profiles:
            self._load(name, "texts")
            self._save(name, "analyzed", self._load(name, "scored"))
            count("calls", 2)

    def render(self) -> None:
        for name in self.profiles:
            if self.given.start == "render":
                digest = json.loads(
                    files(self.given.reports, {"profile": name, "date": self.date}).read_text()
                )
            else:
                digest = self._load(name, "analyzed")
            lay_down(self.given.reports, digest, escaped)

    def site(self) -> None:
        """A page that names every report, and a hidden file as some builders leave it."""
        self.given.out.mkdir(parents=True)
        names = sorted(
            f"{path.parts[1]} {path.stem}" for path in self.given.reports.glob("*/*/*/????-*.json")
        )
        (self.given.out / "index.html").write_text("\n".join(names))
        (self.given.out / ".hidden").write_text("")

    def half_made(self, name: str) -> None:
        """A page beside which the data of before stands, or none."""
        path = files(self.given.reports, {"profile": name, "date": self.date})
        before = path.read_bytes() if path.exists() else b""
        lay_down(self.given.reports, self._load(name, "analyzed"), escaped).unlink()
        if before:
            path.write_bytes(before)

    def _door(self) -> None:
        if self.given.engine != "local" and not os.environ.get("ANTHROPIC_API_KEY"):
            stop(*ERRORS["no key"])

    def _save(self, name: str, kind: str, data: Any) -> None:
        path = self.given.work / name / self.date / f"{kind}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(data))

    def _load(self, name: str, kind: str) -> Any:
        path = self.given.work / name / self.date / f"{kind}.json"
        if not path.exists():
            stop(1, f"there is no {kind} artifact", "run the stage before this one first")
        return json.loads(path.read_text())


def stop(code: int, message: str, hint: str) -> None:
    """End as the real program does."""
    complain(message, hint)
    sys.exit(code)


def complain(message: str, hint: str) -> None:
    """One annotation, one error, one hint, as the real program has them."""
    print(f"::error title=digest::{message} {hint}", file=sys.stderr)
    print(f"error: {message}\n hint: {hint}", file=sys.stderr)


def output(name: str, value: str) -> None:
    """A job output, in the form that the real program writes."""
    from pipeline.core.actions import add_output  # only where the stand-in is at home

    add_output(os.environ["GITHUB_OUTPUT"], name, value)


def count(what: str, number: int) -> None:
    """Model calls are counted where the test finds them."""
    with Path(os.environ["ACT_TRACE"]).open("a") as file:
        file.write(f"{os.environ['GITHUB_JOB']}\t{what}\t\t{number}\n")


def main() -> None:
    """Parse as strictly as the real command line does."""
    parser = argparse.ArgumentParser(prog="pipeline", allow_abbrev=False)
    parser.add_argument("stage", choices=STAGES)
    parser.add_argument("--profile", action="append")
    parser.add_argument("--from", dest="start", default="fetch", choices=["fetch", "analyze", "render"])
    parser.add_argument("--engine", choices=["claude", "local"])
    parser.add_argument("--reports", type=Path, default=Path("reports"))
    parser.add_argument("--work", type=Path, default=Path(".work"))
    parser.add_argument("--out", type=Path)
    for name in ("date", "papers", "picks", "threshold"):
        parser.add_argument(f"--{name}")
    for name in ("force", "dry-run", "json"):
        parser.add_argument(f"--{name}", action="store_true")
    given = parser.parse_args()
    script = json.loads(Path(os.environ["ACT_SCRIPT"]).read_text())
    fault = script.get("faults", {}).get(given.stage)
    if fault == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if fault:
        stop(*ERRORS[fault])
    stages = Stages(given, script)
    stages.check()
    play(stages, script.get("fails", {}).get(given.stage, {}))


def play(stages: Stages, fails: dict[str, str]) -> None:
    """One command; whoever fails alone costs the others nothing, and the exit code says that somebody did."""
    failed = [name for name in stages.profiles if name in fails]
    for name in failed:
        if fails[name] == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if ERRORS[fails[name]][0] != 1:
            stop(*ERRORS[fails[name]])
        complain(f"{name}: it went wrong", "run it again")
        if stages.given.stage == "render":  # its page is written, its data is not
            stages.half_made(name)
    if failed == stages.profiles:
        sys.exit(1)
    stages.profiles = stages.made = [name for name in stages.profiles if name not in failed]
    getattr(stages, stages.given.stage)()
    output("made", ",".join(stages.made))
    output("failed", ",".join(failed))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
