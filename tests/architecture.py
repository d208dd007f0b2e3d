"""docs/architecture.md, made from the code: its tree, its import contracts, and a trace of `digest run`."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import tempfile
import tomllib
from itertools import groupby
from pathlib import Path

ROOT = Path(__file__).parents[1]
PIPELINE = ROOT / "pipeline"
FOLDERS = (
    "stages", "cli", "core", "config", "sources", "scoring", "extraction", "grounding", "llm", "report", "archive",
    "publish",
)  # fmt: skip

# To do what, open which file. Written by hand; a test holds that the files exist.
TASKS = (
    ("see what a stage does", "stages/fetch.py, score.py, texts.py, analyze.py, render.py"),
    ("see which stage comes next, and what is written when", "stages/runner.py"),
    ("add or change a command or an option", "cli/app.py, cli/options.py"),
    ("change an artifact, a report's JSON or a type", "core/artifacts.py, core/models.py"),
    ("change a setting of `digest.toml` or a key of a profile", "config/settings.py, config/profile.py"),
    ("change how a source is read", "sources/<name>.py; its requests: sources/http_client.py"),
    ("add a source of papers", "core/source.py, sources/registry.py; all steps: docs/extend.md"),
    ("change the 0-100 score, its weights and gates", "scoring/rubric.py; numbers: digest.toml"),
    ("change how papers are batched and marked by the model", "scoring/llm_scorer.py; the prompt: prompts/score.md"),
    ("change picks, thresholds, outcomes", "stages/score.py"),
    ("change how places are shared among sources", "core/fair_share.py"),
    ("change which names count as one author", "core/author_names.py"),
    ("change the ranking without a model", "scoring/bm25.py, scoring/query.py"),
    ("add a rule for hidden text in HTML", "extraction/html/visibility.py"),
    ("change how sentences are split", "extraction/sentences.py"),
    ("change reading order or paragraphs of PDFs", "extraction/pdf/reading_order.py, paragraphs.py"),
    ("change which claims may be published", "grounding/gates.py; numbers.py, units.py, entities.py"),
    ("change the briefs of the shortlist", "grounding/briefs.py; the prompt: prompts/brief.md"),
    ("change retries, concurrency or the budget of model calls", "llm/scheduler.py, llm/limits.py, llm/retry.py, llm/pricing.py"),
    ("add a provider of the Messages API", "llm/providers.py"),
    ("change the page", "report/templates/; its values: report/page.py, picks.py, candidates.py, notices.py"),
    ("change a word on the page", "report/locales/<language>.toml"),
    ("change month pages, the profile index, the feed", "archive/indexes.py, archive/feed.py"),
    ("change the web site", "archive/site/templates/, archive/site/assets/; values: archive/site/pages.py, pictures.py"),
    ("change BibTeX, RIS or CSL-JSON", "report/export.py"),
    ("change which votes count, and how they are read", "core/vote_issues.py, cli/votes.py; committed by publish/votes.py"),
    ("change what may be published", "publish/validate.py; bounds of numbers: core/models.py"),
)  # fmt: skip

# Runs the sample up to the first line of the first stage, and prints the functions of ours that lead there.
TRACE = """
import json, os, sys
from pipeline import __main__
from pipeline.stages import fetch

def first_stage(*args, **kwargs):
    frame, calls = sys._getframe(1), []
    while frame is not None:
        module = frame.f_globals.get("__name__", "")
        if module.startswith("pipeline."):
            calls.append((module.removeprefix("pipeline."), frame.f_code.co_name))
        frame = frame.f_back
    print(json.dumps(calls[::-1]), flush=True)
    os._exit(0)

fetch.fetch = first_stage
__main__.run()
"""


def hops() -> list[tuple[str, str]]:
    """The modules from `digest` to the first line of the first stage, each with the functions called in it."""
    with tempfile.TemporaryDirectory() as folder:
        words = ["run", "--sample", "--force", "--reports", f"{folder}/reports", "--work", f"{folder}/work"]
        done = subprocess.run(
            [sys.executable, "-c", TRACE, *words], cwd=ROOT, capture_output=True, text=True, check=True
        )
    calls = json.loads(done.stdout.splitlines()[-1])
    return [
        (module, " → ".join(function for _, function in group))
        for module, group in groupby(calls, key=lambda call: call[0])
    ]


def purpose(path: Path) -> str:
    """The first line of a module's docstring."""
    return (ast.get_docstring(ast.parse(path.read_text("utf-8"))) or "").partition("\n")[0]


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*.py") if path.name not in {"__init__.py", "__main__.py"})


def tree() -> list[str]:
    rows = ["    pipeline/"]
    for name in FOLDERS:
        for folder in (
            PIPELINE / name,
            *sorted(p for p in (PIPELINE / name).iterdir() if (p / "__init__.py").exists()),
        ):
            rows += wrapped(f"{folder.relative_to(PIPELINE)}/", [path.stem for path in files(folder)])
    return rows


def wrapped(label: str, names: list[str]) -> list[str]:
    """Names after a label, in lines of at most 110 characters."""
    rows, row = [], f"      {label:18}"
    for name in names:
        if len(row) + len(name) > 108:
            rows.append(row)
            row = " " * 24
        row += f"{name}  "
    return [*(line.rstrip() for line in rows), row.rstrip()]


def arrows() -> list[str]:
    """The layers of the first contract, top down: a layer imports those below it, never one beside or above it."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    return [f"    {layer}" for layer in contracts[0]["layers"]]


def page() -> str:
    """The whole page."""
    rows = [
        "# Architecture",
        "",
        "Made from the code by `python -m tests.generated`; `make test` fails if it is out of date.",
        "",
        "A run is five functions, each from one typed artifact to the next: fetch → score → texts → analyze → render.",
        "They stand in `pipeline/stages/` and know neither files nor clock nor console. Read those five and",
        "`runner.py` first: they are the program. `cli` and `publish` stand above; every other folder is called by them.",
        "",
        "## The tree",
        "",
        *tree(),
        "",
        "Beside the code: `prompts/` (what models are asked, and profiles), `digest.toml` (settings, models, prices),",
        "`pipeline/report/templates/` and `locales/` (the page and its words), `tests/` (mirrors `pipeline/`),",
        "`tests/stubs/` (arXiv, Hugging Face, bioRxiv and a Messages API on loopback), `bench/`, `eval/`.",
        "",
        "## To do what, open which file",
        "",
        "| to | open in `pipeline/` |",
        "|---|---|",
        *(f"| {task} | {where} |" for task, where in TASKS),
        "",
        "## The arrows",
        "",
        "A layer imports from those below it, never from one beside or above it. import-linter keeps this, and that",
        "httpx, the Claude SDK, pypdfium2, feedparser, selectolax and tinycss2 are each imported in the files alone that",
        "`pyproject.toml` names.",
        "",
        *arrows(),
        "",
        "`publish` is a program of its own that runs with write access: it takes the reports' JSON alone, validates it, and uses",
        "`archive`, `report`, `config` and `core` alone. Stages never import each other; `runner` connects them and `job` is what all of them may know.",
        "",
        "## The path of `digest run`",
        "",
        "From the entry point to the first line of the first stage, as a trace prints it: module, then its functions.",
        "click is between the first and the second.",
        "",
        *(
            f"    {number}  {module:16} {functions}"
            for number, (module, functions) in enumerate(hops(), start=1)
        ),
        "       stages.fetch     fetch, then the same way score, texts, analyze, render",
        "",
        "## Every file",
        "",
    ]
    for name in FOLDERS:
        rows += [f"### `{name}/`", "", purpose(PIPELINE / name / "__init__.py"), ""]
        for path in sorted((PIPELINE / name).rglob("*.py")):
            if path.name != "__init__.py":
                rows.append(f"- `{path.relative_to(PIPELINE / name)}`: {purpose(path)}")
        rows.append("")
    return "\n".join(rows)
