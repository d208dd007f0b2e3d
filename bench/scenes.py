"""What a benchmark plays on: a repository in a folder of its own, the world and a model on loopback, papers by the number."""

from __future__ import annotations

import contextlib
import datetime as dt
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bench import answers
from bench.measuring import DIGEST, PROBED, ROOT, Ran, run
from tests.nights import PROFILE, recorded_days
from tests.stubs.messages import MessagesStub
from tests.stubs.world import Record, World, days_of, record

DATE = dt.date(2026, 1, 30)
SYNTHETIC = ROOT / "tests" / "feeds" / "arxiv_html" / "synthetic" / "2601.99999v1.arxiv2026.html"
BODY = re.compile(r'<section id="S1".*(?=<section id="bib")', re.DOTALL)
REPEATS = 38  # of the synthetic paper's body: about 60,000 characters of text, as a real paper has


def papers(count: int, date: dt.date = DATE) -> list[Record]:
    """So many papers announced on a day: real titles and abstracts under made-up ids; the same ones each time."""
    known = [raw for day in recorded_days().values() for raw in day]
    return [
        record(
            {**known[n % len(known)], "id": f"2602.{n:05d}", "announced": date.isoformat(), "versions": None}
        )
        for n in range(count)
    ]


def full_text(repeats: int = REPEATS) -> bytes:
    """The synthetic paper's page with its body `repeats` times, each time with anchors of its own."""
    page = SYNTHETIC.read_text()
    body = BODY.search(page)
    if body is None:
        raise AssertionError("the synthetic paper has no sections")
    copies = [re.sub(r'\bid="(S\d|footnote|Thm)', rf'id="R{n}\1', body[0]) for n in range(repeats)]
    return (page[: body.start()] + "\n".join(copies) + page[body.end() :]).encode()


@dataclass(frozen=True)
class Scene:
    """A repository, and all that its programs reach out to."""

    folder: Path
    world: World
    model: MessagesStub

    @property
    def environ(self) -> dict[str, str]:
        """What a run in this scene has to know. Its clock stands at the hour of the nightly run."""
        clock = dt.datetime.combine(self.world.today, dt.time(5, 47), dt.UTC)
        return {
            **self.world.environ,
            "ANTHROPIC_API_KEY": "sk-ant-bench",
            "ANTHROPIC_BASE_URL": self.model.url,
            "DIGEST_CLAUDE__STRUCTURED": "format",
            "DIGEST_HTTP__CONTACT": "https://github.com/example/digest",
            "SOURCE_DATE_EPOCH": str(int(clock.timestamp())),
        }

    def digest(self, *words: str, probe: bool = False, anew: bool = False, as_it_is: bool = False) -> Ran:
        """One command; `anew` forgets all that was made before; `as_it_is` probes it without importing more."""
        if anew:
            self.forget()
        env = {**self.environ, **({"BENCH_AS_IT_IS": "1"} if as_it_is else {})}
        return run([*(PROBED if probe else DIGEST), *words], folder=self.folder, env=env, codes=(0, 3))

    def forget(self, *, but: str = "") -> None:
        """No reports, no artifacts, no requests."""
        for name in {"reports", ".work"} - {but}:
            shutil.rmtree(self.folder / name, ignore_errors=True)
        self.world.requests.clear()
        self.model.calls.clear()
        self.world.manners = type(self.world.manners)(self.world.manners.interval)

    def profile(self, **settings: str) -> None:
        """Change lines of the profile's front matter."""
        path = self.folder / "prompts" / "profiles" / f"{PROFILE}.md"
        text = path.read_text()
        for key, value in settings.items():
            text, found = re.subn(rf"^{key}: .*$", f"{key}: {value}", text, count=1, flags=re.MULTILINE)
            if not found:
                text = text.replace("---\n", f"---\n{key}: {value}\n", 1)
        path.write_text(text)


@contextlib.contextmanager
def scene(
    count: int,
    *,
    interval: float = 0.0,
    answer: Callable[[Mapping], dict] = answers.at_once,
    repeats: int = REPEATS,
) -> Iterator[Scene]:
    """A scene with `count` new papers on its day, each with a full text."""
    with (
        tempfile.TemporaryDirectory() as folder,
        World(
            days_of(papers(count)), today=DATE, interval=interval, html={"default": full_text(repeats)}
        ) as world,
        MessagesStub(answer=answer) as model,
    ):
        shutil.copy(ROOT / "digest.toml", folder)
        shutil.copytree(ROOT / "prompts", Path(folder) / "prompts")
        made = Scene(Path(folder), world, model)
        made.profile(budget_usd="20.00")
        yield made
