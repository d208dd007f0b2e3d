"""Files that are made from the program: pages of docs/, schemas, golden pages. `make regenerate` writes them."""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, get_args

import click
from pydantic import BaseModel

from pipeline.cli.app import main as cli
from pipeline.cli.estimate import SECOND_READING_TOKENS, brief_calls
from pipeline.cli.plan import CHUNK
from pipeline.config.profile import ProfileSettings
from pipeline.config.settings import Settings, load_settings
from pipeline.core.artifacts import Digest
from pipeline.core.stage_names import ModelRole
from pipeline.grounding.claims import Repaired, answer_type
from pipeline.llm.json_schema import schema_of
from pipeline.llm.pricing import EXPECTED_OUTPUT, estimate_usd
from pipeline.llm.prompts import load_prompt
from pipeline.llm.providers import PROVIDERS
from pipeline.report.page import page, summary
from pipeline.scoring.llm_scorer import Batch
from tests import architecture
from tests.report import days

ROOT = Path(__file__).parents[1]
NOTES = {
    "format": "JSON by the API's own structured output",
    "tool": "JSON by a tool that the model is made to call",
    "tool_any": "JSON by a tool, `tool_choice: any`",
    "tool_auto": "JSON by a tool that the model is asked to call",
    "prompt": "the JSON schema written into the prompt",
}


def shown(value: Any) -> str:
    """A default as one would write it in YAML."""
    if isinstance(value, tuple):
        return f"`[{', '.join(value)}]`"
    if isinstance(value, BaseModel):
        return "`{}`"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value}`" if value is not None else "required"


def settings() -> str:
    """docs/settings.md: every key of a profile, every setting of digest.toml."""
    rows = ["| key | default | meaning |", "|---|---|---|"]
    for name, field in ProfileSettings.model_fields.items():
        default = "required" if field.is_required() else shown(field.default)
        rows.append(f"| `{name}` | {default} | {field.description} |")
    toml = (ROOT / "digest.toml").read_text()
    sections = [key for key in tomllib.loads(toml) if key not in {"models", "prices"}]
    return "\n".join(
        [
            "# Settings",
            "",
            "Made from the program; `make test` fails if it is out of date.",
            "",
            "## A profile: `prompts/profiles/<name>.md`",
            "",
            *rows,
            "",
            "Below the second `---` stands your text, in any language. It goes to the model word for word. The ranking by words",
            "leaves out sections under the headings that `digest profile new` writes for what is not wanted and for the style, in",
            "each language of the pages (`unwanted` and `style` under `[profile]` in `pipeline/report/locales/`, exactly as they",
            "stand there: *Not wanted*, *不想看*, *読みたくない*), and under English ones such as *Avoid* or *What I do not want*. In any",
            "other language use one of these headings: `digest check` names the sections that are left out of each profile.",
            "",
            "## `digest.toml`",
            "",
            "The file explains itself. Any value can be overridden by an environment variable",
            "`DIGEST_<SECTION>__<KEY>`, lists as JSON, such as `DIGEST_HTTP__ATTEMPTS=2` or",
            '`DIGEST_PROFILES__ACTIVE=["mine"]`. Sections: '
            + ", ".join(f"`{name}`" for name in sections)
            + ",",
            "`models.<word>` and `prices.<model>`. `DIGEST_PROFILES=mine,yours` is short for the active profiles;",
            "`DIGEST_PAUSED` and `DIGEST_SITE` are read by the workflows alone, `DIGEST_NOTIFY` ([delivery.md](delivery.md)) by `digest.yml` and by `digest check --online`. What a page may link to is the exception: the publishing job",
            "reads `[endpoints]` and `[links]` in `digest.toml` itself, and no variable that overrules them.",
            "",
        ]
    )


def endpoints() -> str:
    """docs/endpoints.md: how each known host is asked."""
    rows = ["| `ANTHROPIC_BASE_URL` | how it is asked | thinking | calls at once |", "|---|---|---|---|"]
    for way in PROVIDERS:
        most = "as set" if way.max_concurrency is None else str(way.max_concurrency)
        thinking = "switched off" if way.thinking == "disabled" else "left to the model"
        rows.append(f"| `https://{way.host}{way.path}` | {NOTES[way.structured]} | {thinking} | {most} |")
    renamed = ", ".join(way.host for way in PROVIDERS if way.aliases_claude)
    return "\n".join(
        [
            "# Endpoints",
            "",
            "Any endpoint that speaks the Messages API will do: set the repository variable `ANTHROPIC_BASE_URL` (without",
            "`/v1`), the secret `ANTHROPIC_API_KEY` to its key, and in your profile the names of its models:",
            "",
            "    models: {score: NAME, analyze: NAME}",
            "",
            "Endpoints ignore in silence what they do not know, so how each is asked for JSON is chosen by its host, and",
            "printed at the start of a run:",
            "",
            *rows,
            "| any other, and loopback | the JSON schema written into the prompt | left to the model | 4 |",
            "",
            "`[claude] structured` and `thinking` in `digest.toml` (or `DIGEST_CLAUDE__STRUCTURED`, `DIGEST_CLAUDE__THINKING`)",
            'overrule the table. A model without a line under `[prices]` costs "unknown", and no budget can stop it; give it',
            f"one. On {renamed} a name that begins with `claude-` stands for a model of the host's own, at its own price.",
            "",
            "An endpoint that is overloaded (HTTP 429, 503, 529, another 5xx, or such an error in an answer of HTTP 200) is waited",
            "for within `deadline_seconds` of the stage: half a second, then twice as long each time up to half a minute, or as long as",
            "it asks for, up to `max_wait_seconds`. All calls wait together, and until one is answered they are sent one at a time. What",
            "is refused in this way costs nothing, except by a 5xx that is not in the API's own form: an answer may have been made and",
            "lost, so it is charged in full. Any other failure is tried `attempts` times. Each wait is a line in the log, and so are the",
            "calls under way after half a minute of silence.",
            "",
            "A batch of papers that the endpoint rejects (HTTP 400 of a content filter, say), or at which it fails with a 5xx `attempts`",
            "times, is asked for in halves once another call was answered; if none was, the halves of one batch find out whether the",
            "endpoint takes anything at all. The paper that causes it stays pending, and the next runs ask for it alone. While other",
            "calls are answered, a 5xx is a failure of the one prompt and is not waited out.",
            "",
            "No endpoint is trusted. Of an answer at most 2 MB are read, packed and unpacked, of an error 64 KB. A redirect is not",
            "followed, so that key and prompts go to the address that you have set and to no other. What has not ended after",
            "`timeout_seconds` is cut. A number of more than 20 digits, or a usage that cannot be true, makes an answer unusable. In all",
            "these cases the papers concerned stay pending.",
            "",
            "All of this was tested against a stand-in on loopback that plays each kind of endpoint, and against no real one.",
            "The rows follow the companies' documentation and reports of users; expect one or another to have changed.",
            "",
        ]
    )


# Measured by `python -m bench.calls`: papers a day, calls, tokens in and out of the scoring; a paper's reading.
SCORING = (
    (15, 2, 9_094, 848),
    (60, 5, 35_302, 3_500),
    (300, 14, 158_990, 16_923),
    (3000, 122, 1_448_972, 159_267),
)
READING = 23_900
PICKS, NIGHTS = 2, 22
BRIEFS = ProfileSettings.model_fields["shortlist"].default

# Seconds of the jobs of digest.yml, for the minutes that a private repository pays.
START = 8  # assumed: a runner begins and ends a job, checks out, moves artifacts
INSTALL = 21  # measured on two cores: `stage.sh install`, 36 packages
PROGRAM = 3  # measured: a command starts, with the import of the model's SDK
REQUEST = 3.5  # arXiv's interval of 3 s, and the answer
CALLS = (
    5,
    13.0,
)  # of a profile's scoring, 60 papers; by the paces of bench/answers.py, three rounds of calls
READ = 50.0  # a pick: 42 s for 2,500 tokens, 8 s for the second reading
WRITE = 13.0  # the briefs: 8 s for 600 tokens, 5 s for the second reading
AT_ONCE = 8  # `concurrency` in digest.toml, shared by all profiles of a job
FREE_MINUTES = 2_000  # a month, GitHub Free
QUIET = 8  # nights of a month with nothing new


def job_seconds(profiles: int) -> dict[str, list[float]]:
    """Seconds of every job of a night with 60 new papers and two picks a profile, by its name; one of them a chunk."""
    chunks = [min(CHUNK, profiles - start) for start in range(0, profiles, CHUNK)]
    calls, seconds = CALLS
    base = START + INSTALL + PROGRAM

    def rounds(number: int, each: float, least: float) -> float:
        return max(least, number * each / AT_ONCE)

    return {
        "plan and fetch": [base + 4 * REQUEST + profiles / 2],
        "score": [base + rounds(calls * some, seconds, 3 * seconds) + some / 2 for some in chunks],
        "texts": [base + (PICKS + 1) * profiles * REQUEST],
        "analyze": [base + rounds(some, PICKS * READ + WRITE, READ) + PROGRAM + some / 2 for some in chunks],
        "publish": [base + 2 * PROGRAM + profiles / 2],
        "tell": [START],
    }


def minutes() -> list[str]:
    """The part of docs/costs.md on billed minutes: each job is rounded up to a whole minute."""
    jobs = {profiles: job_seconds(profiles) for profiles in (1, 10, 45)}
    one = {name: round(seconds[0]) for name, seconds in jobs[1].items()}
    long = [f"`{name}` ({seconds} s)" for name, seconds in one.items() if seconds >= 60]
    short = [f"`{name}` ({seconds} s)" for name, seconds in one.items() if seconds < 60]
    rows = []
    for profiles, night in jobs.items():
        billed = {name: sum(math.ceil(some / 60) for some in seconds) for name, seconds in night.items()}
        total = sum(billed.values())
        month = NIGHTS * total + QUIET * (billed["plan and fetch"] + billed["tell"])
        rows.append(
            f"| {profiles} | {sum(map(len, night.values()))} | {' | '.join(map(str, billed.values()))} | {total} | "
            f"{month:,} | {month / FREE_MINUTES:.0%} |"
        )
    return [
        "## Minutes of a private repository",
        "",
        "GitHub Actions is free for public repositories. A private one has 2,000 free minutes a month on GitHub Free and pays",
        "every job for a begun minute, so a night has as few jobs as its secrets allow: six, and with more than",
        f"{CHUNK} profiles one `score` and one `analyze` more for each further {CHUNK}. An estimate, not a measurement on GitHub's",
        f"runners: {START} s to begin and end a job (assumed), {INSTALL} s to install (measured on two cores), {PROGRAM} s for a command to start",
        f"(measured), {REQUEST} s a request to arXiv, and the paces of models that `bench/answers.py` assumes: {CALLS[1]:.0f} s a call of the scoring,",
        f"{CALLS[0]} calls for 60 papers, {READ:.0f} s a pick, {AT_ONCE} calls at once.",
        "",
        f"A night of one profile with 60 new papers: {', '.join(short)}",
        f"stay under one minute. {' and '.join(long)} wait for the model and take two; with a reading of 6,000",
        "tokens, as it is priced below, `analyze` takes three. With the local engine all six stay under one.",
        "",
        f"| profiles | jobs | {' | '.join(one)} | minutes a night | a month | of {FREE_MINUTES:,} |",
        f"|---|---|{'---|' * len(one)}---|---|---|",
        *rows,
        "",
        "Comments on issues take `tell` about half a minute more, within the minute that it is billed; messages to chat are a",
        "seventh job, `notify`, one minute on nights with a new digest ([delivery.md](delivery.md)). The web site is two jobs more,",
        "`build` and `deploy`, a minute each on nights on which something is pushed, only with the variable `DIGEST_SITE`.",
        "",
        f"A month is {NIGHTS} nights with new papers and {QUIET} without, which take the first and the last job. Every edit of a prompt or of",
        "`digest.toml` starts *Check*, one minute. *CI* takes far more and looks after the program: switch it off in a private",
        "copy ([fork.md](fork.md)). Nothing is cached between runs: a cache can be filled by a job that reads strangers' files,",
        "and would be run beside the key.",
        "",
        "## The model",
        "",
    ]


def _usd(settings: Settings, word: str, taken: int, given: int) -> float:
    """A night's USD: no prompt is long enough for the higher price, so that sums can be priced."""
    of = settings.models[word]  # type: ignore[index]
    briefs, readings_of_briefs = brief_calls(BRIEFS)
    marks, reads, verifies = (
        settings.prices[one].model_copy(update={"long_above": float("inf")})
        for one in map(of.for_calls().__getitem__, get_args(ModelRole))
    )
    of_marks_and_briefs = [(taken, given), *briefs]
    of_readings = [(SECOND_READING_TOKENS, EXPECTED_OUTPUT["verify"])] * PICKS + readings_of_briefs
    return (
        sum(estimate_usd(marks, *tokens) for tokens in of_marks_and_briefs)
        + sum(estimate_usd(verifies, *tokens) for tokens in of_readings)
        + PICKS * estimate_usd(reads, READING, EXPECTED_OUTPUT["analyze"])
    )


def _briefs_usd(settings: Settings) -> float:
    """USD of a night's briefs with `standard`."""
    of = settings.models["standard"].for_calls()
    written, read = brief_calls(BRIEFS)
    return sum(
        estimate_usd(settings.prices[model], *tokens)
        for model, calls in ((of["brief"], written), (of["verify"], read))
        for tokens in calls
    )


def costs() -> str:
    """docs/costs.md: what a night costs, from the price list and measured tokens."""
    found = load_settings(ROOT / "digest.toml", {})
    words = list(found.models)
    a_pick = READING + SECOND_READING_TOKENS
    briefs = [call for calls in brief_calls(BRIEFS) for call in calls]
    of_briefs = sum(tokens for tokens, _ in briefs)
    rows = []
    for papers, calls, taken, given in SCORING:
        usd = [_usd(found, word, taken, given) for word in words]
        shown = [f"{one:.2f} ({NIGHTS * one:.2f})" for one in usd]
        rows.append(
            f"| {papers:,} | {calls + 2 * PICKS + len(briefs)} | {taken + PICKS * a_pick + of_briefs:,} | {' | '.join(shown)} |"
        )
    models = [
        f"| `{word}` | {' | '.join(f'{name}, {found.prices[name].input:g} / {found.prices[name].output:g}' for name in map(of.for_calls().__getitem__, get_args(ModelRole)))} |"
        for word, of in found.models.items()
    ]
    return "\n".join(
        [
            "# What it costs",
            "",
            "Made from the price list in `digest.toml` and from tokens that `python -m bench.calls` counted (characters / 3.5,",
            "English abstracts, full texts of 60,000 characters, marks as on a real day); `make test` fails if it is out of date.",
            "",
            *minutes(),
            f"USD a night with {PICKS} picks and {BRIEFS} briefs, in brackets a month of {NIGHTS} nights with new papers:",
            "",
            f"| new papers | model calls | tokens in | {' | '.join(f'`{word}`' for word in words)} |",
            f"|---|---|---|{'---|' * len(words)}",
            *rows,
            "",
            f"A reading is priced with {EXPECTED_OUTPUT['analyze']:,} tokens out, thinking included. The second reading of its claims is priced",
            f"with an estimate, {SECOND_READING_TOKENS:,} in and {EXPECTED_OUTPUT['verify']:,} out; in a trial it took about 230 in and 28 out a claim:",
            "0.0006 USD for 17 claims at 0.1 / 0.5. Claims that fail add a repair and another second reading, which are",
            "not in the table. What yours take, your pages say.",
            "",
            f"Briefs of the shortlist are one call of the model that ranks and one second reading, whatever their number: for {BRIEFS},",
            f"{of_briefs:,} tokens in and {sum(given for _, given in briefs):,} out, {_briefs_usd(found):.4f} USD with `standard`. `shortlist: 0` in a profile writes none.",
            "",
            f"Another pick is another {a_pick:,} tokens in. More than `max_scored` papers (300 unless you raise it) are not",
            "marked: the rest is listed by rank. The same day again costs nothing, since a report is complete or continued.",
            "",
            "`quality` in a profile chooses the column; USD per million tokens in / out:",
            "",
            "| word | ranks (`score`) | reads (`analyze`) | reads the claims a second time (`verify`) |",
            "|---|---|---|---|",
            *models,
            "",
            "- `digest run --dry-run` (in Actions: the input `dry_run`) fetches today's list and says what it would cost you. Calls of",
            "  the scoring are the most that it can take: how many papers are marked again is known when they have been marked once.",
            "- `budget_usd` in the profile ends a run before it would cost more; what is left comes the next night. Claims that it no",
            "  longer allows to be read a second time are published all the same, and the page says that they were not.",
            "- No call is sent unless the budget covers the most that it can cost: a token for each byte of the prompt (English takes",
            "  a quarter of that) and all the room for its answer. What the endpoint reports is charged then, so a night costs what the",
            "  table says. But for a reading by Opus 0.66 is held back until its bill is known, and 1.00 for a text of 120,000",
            "  characters: with `best`, long papers need a budget of 2.00 (`python -m bench.budget`).",
            "- An endpoint that reports no usage, or far too little, is charged the most possible; so is a call that broke off. An",
            "  answer whose usage cannot be true (negative, or more than was sent or asked for) is not used; its papers stay pending.",
            "- Every page says what it cost, in *How this page was made*; so does the job summary.",
            "- `--engine local` costs nothing.",
            "",
        ]
    )


def _cell(option: click.Option) -> str:
    """An option as one writes it: its name, and what it takes."""
    name = max(option.opts, key=len)
    if option.is_flag:
        return f"`{name}`"
    if isinstance(option.type, click.Choice):
        return f"`{name}` {', '.join(f'`{one}`' for one in option.type.choices)}"
    return f"`{name} {option.metavar or option.type.name.split()[0].upper()}`"


def _usage(name: str, command: click.Command) -> str:
    """A command and its arguments, as one writes them."""
    arguments = [
        param.make_metavar(click.Context(command))
        for param in command.params
        if isinstance(param, click.Argument)
    ]
    return " ".join(["digest", name, *arguments])


def command_names() -> dict[str, click.Command]:
    """Every command by the words that call it, such as `profile new`."""
    found: dict[str, click.Command] = {}
    for name, command in cli.commands.items():
        inner = command.commands if isinstance(command, click.Group) else {}
        found |= {f"{name} {word}": one for word, one in inner.items()} or {name: command}
    return found


def commands() -> str:
    """docs/commands.md: every command and option, as the program declares them."""
    takers: dict[tuple[str, str], list[str]] = {}
    shown: dict[tuple[str, str], click.Option] = {}
    every = command_names()
    for name, command in every.items():
        for option in command.params:
            if isinstance(option, click.Option) and option.help:
                key = (
                    max(option.opts, key=len),
                    option.help,
                )  # `--from` means one thing to `run`, another to `profile new`
                shown.setdefault(key, option)
                takers.setdefault(key, []).append(name)
    rows = [f"| `{_usage(name, command)}` | {command.help} |" for name, command in every.items()]
    options = [
        f"| {_cell(option)} | {'all' if len(takers[name]) == len(every) else ', '.join(takers[name])} | {option.help} |"
        for name, option in shown.items()
    ]
    text = (cli.help or "").partition("Exit codes:")[2]
    codes = [line.split(maxsplit=1) for line in text.strip().splitlines()]
    return "\n".join(
        [
            "# Commands",
            "",
            "Made from the program; `make test` fails if it is out of date. `python -m pipeline …` is the same as `digest …`.",
            "",
            "| command | what it does |",
            "|---|---|",
            *rows,
            "",
            "Each stage reads the artifact before it from `<work>/<profile>/<date>/` and writes its own there.",
            "",
            "A command refuses an option that would change nothing.",
            "",
            "| option | taken by | meaning |",
            "|---|---|---|",
            *options,
            "",
            "| exit code | meaning |",
            "|---|---|",
            *(f"| {code} | {meaning} |" for code, meaning in codes),
            "",
            "## Exports",
            "",
            "    digest export                # BibTeX of all picks, on stdout: `> picks.bib` makes a file of it",
            "    digest export --format ris --month 2026-01 --all --profile mine",
            "",
            "Made from the committed reports alone: no key, no network. A paper that several reports or profiles list is one entry.",
            "Beside each month page stands `papers.bib` with the month's picks, renewed with every digest.",
            "",
            "| | BibTeX | RIS | CSL-JSON |",
            "|---|---|---|---|",
            "| key, from the paper's id alone, such as `arxiv-2601.20465`: it never changes | key | `ID` | `id` |",
            "| authors; where an old report names ten of them | `and others` | the number of the others in `N1` | the same in `note` |",
            "| arXiv's id | `eprint`; also `howpublished`, unless a publication is known, for styles without `eprint` | `AN` | `number` |",
            "| publication, as arXiv's metadata names it | `howpublished` | `T2` | `container-title` |",
            '| the authors\' comment, such as "Accepted at …" | `note` | `N1` | `note` |',
            "| the digest's page, and the score | `annote`, which no common style prints | `N1` | `note` |",
            "| categories | `keywords`, `primaryClass` | `KW` | `keyword` |",
            "",
            "BibTeX is written for plain `bibtex` and `pdflatex` with `amsmath` and `amssymb`, and `biber` reads it too: accents are",
            "commands, formulas stay formulas, capitals are protected by braces. Letters without a command, such as Chinese ones, are",
            "UTF-8. A formula with any command but the usual ones of mathematics is written as text. RIS and CSL-JSON have formulas",
            "as the page shows them: take CSL-JSON for Zotero, whose import of BibTeX reads few formulas. The year and the month of an",
            "arXiv paper are those of its id.",
            "",
        ]
    )


def golden_page(kind: str, language: str) -> str:
    """tests/golden: the page of a kind of day, read by eye whenever it changes."""
    return page(days.KINDS[kind](language))


def golden_summary(kind: str) -> str:
    """tests/golden: the job summary of a kind of day."""
    return summary(days.KINDS[kind]("en"))


GOLDEN: dict[str, Callable[[], str]] = {
    **{
        f"tests/golden/{kind}.{language}.md": partial(golden_page, kind, language)
        for kind in days.KINDS
        for language in days.LANGUAGES
    },
    **{f"tests/golden/{kind}.{code}.md": partial(golden_page, kind, code) for kind, code in days.ALSO_READ},
    **{f"tests/golden/{kind}.summary.en.md": partial(golden_summary, kind) for kind in days.KINDS},
}


def report_schema() -> str:
    """docs/report.schema.json: the report's JSON, the contract with other programs."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Digest.model_json_schema(mode="serialization"),
    }
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"


def answer_types() -> dict[str, type[BaseModel]]:
    """The types of all answers that a model is asked for, the analysis with the sections of the shipped prompt."""
    sections = load_prompt(ROOT / "prompts", "analyze", "analyze").sections
    return {"analysis": answer_type(sections), "repair": Repaired, "marks": Batch}


def sent_schemas() -> str:
    """tests/llm/sent_schemas.json: the schemas that are sent to a model, which reads their names and docstrings."""
    schemas = {name: schema_of(answer) for name, answer in answer_types().items()}
    return json.dumps(schemas, indent=2, ensure_ascii=False) + "\n"


PAGES: dict[str, Callable[[], str]] = {
    "docs/settings.md": settings,
    "docs/endpoints.md": endpoints,
    "docs/costs.md": costs,
    "docs/commands.md": commands,
    "docs/architecture.md": architecture.page,
    "docs/report.schema.json": report_schema,
    "tests/llm/sent_schemas.json": sent_schemas,
    **GOLDEN,
}
assert set(NOTES) >= {way.structured for way in PROVIDERS}


def main() -> None:
    for path, make in PAGES.items():
        (ROOT / path).write_text(make())


if __name__ == "__main__":
    main()
