"""The workflow with the program itself: sources and model on loopback, everything else as GitHub would run it."""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.nights import calendar
from tests.stubs import world as sources
from tests.stubs.messages import MessagesStub
from tests.workflow.harness import KEY, ROOT, World
from tests.workflow.log import Run

PROFILE = "cv-restoration"
PAPER = ROOT / "tests/feeds/arxiv_html/synthetic"


class RealWorld(World):
    """A repository with the whole program in it. Its settings point to this machine, so its links may too."""

    def __init__(self, folder: Path, web: sources.World, model: MessagesStub, profiles: int = 0) -> None:
        self.names = [f"reader-{number:02}" for number in range(1, profiles + 1)] or [PROFILE]
        self.web = web
        self.model = model
        folder.mkdir(exist_ok=True)
        super().__init__(folder)
        self.vars["ANTHROPIC_BASE_URL"] = model.url

    def _lay_out(self, tree: Path) -> None:
        for name in ("pipeline", "prompts"):
            shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
        for name in self.names:
            shutil.copy(ROOT / f"prompts/profiles/{PROFILE}.md", tree / f"prompts/profiles/{name}.md")
        text = (ROOT / "digest.toml").read_text("utf-8")
        text = re.sub(r"(?m)^active = \S+", f"active = {json.dumps(self.names)}", text, count=1)
        text = on_loopback(text, self.web)
        quick = {
            "arxiv_interval_seconds": 0.0,
            "timeout_seconds": 2.0,
            "total_seconds": 10.0,
            "max_wait_seconds": 0.05,
        }
        for name, value in quick.items():
            text = re.sub(rf"(?m)^{name} = \S+", f"{name} = {value}", text, count=1)
        (tree / "digest.toml").write_text(text)

    def night(self, date: dt.date, event: str = "schedule", inputs: Mapping[str, Any] | None = None) -> Run:
        """One run at 05:47 UTC of that day."""
        self.web.today = date
        clock = dt.datetime.combine(date, dt.time(5, 47), dt.UTC)
        self.env["SOURCE_DATE_EPOCH"] = str(int(clock.timestamp()))
        return self.run(event, inputs)

    def report(self, date: dt.date, profile: str = PROFILE) -> dict[str, Any]:
        """The JSON of a published report."""
        found: dict[str, Any] = json.loads(self.show(f"reports/{profile}/{date:%Y/%m}/{date}.json"))
        return found


def on_loopback(settings: str, web: sources.World) -> str:
    """digest.toml with the stand-ins' addresses for those of the sources."""
    for name, address in web.endpoints.items():
        settings = re.sub(rf'(?m)^{name} = "[^"]*"', f'{name} = "{address}"', settings)
    return settings


@contextmanager
def stubs(**model: Any) -> Iterator[tuple[sources.World, MessagesStub]]:
    """Sources with four recorded days, and a model that answers from what it is given."""
    page = (PAPER / "2601.99999v1.arxiv2026.html").read_bytes()
    with (
        sources.World(calendar(), today=dt.date(2026, 1, 30), html={"default": page}) as web,
        MessagesStub(keys=[KEY], **model) as stub,
    ):
        yield web, stub


@contextmanager
def real(folder: Path, *, profiles: int = 0, **model: Any) -> Iterator[RealWorld]:
    """The stubs and a repository with the program in it."""
    with stubs(**model) as (web, stub):
        yield RealWorld(folder, web, stub, profiles)
