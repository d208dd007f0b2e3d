"""`digest check`: settings, profiles, prompts and languages; reports the first problem of every file."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

from pipeline.cli.session import Session
from pipeline.config import front_matter
from pipeline.config.profile import (
    PROFILES_VARIABLE,
    SHIPPED,
    Profile,
    load_profile,
    models_of,
    names_from_environment,
    profile_names,
)
from pipeline.config.settings import PROMPTS, SETTINGS, Settings
from pipeline.config.validation_errors import did_you_mean
from pipeline.core import actions
from pipeline.core.author_names import parse
from pipeline.core.errors import DigestError, InputError
from pipeline.core.quantity import quantity
from pipeline.grounding.notation import language_errors
from pipeline.llm.prompts import Prompt, load_prompt, prompt_names
from pipeline.report import i18n
from pipeline.report.escape import escape
from pipeline.scoring.bm25 import MIN_TERMS, build_query
from pipeline.scoring.query import headings, omitted_sections

T = TypeVar("T")


def execute(session: Session) -> int:
    """`digest check`: what needs no network first; with `--online` the rest, if nothing is wrong so far."""
    options = session.options
    if not options.online:
        for name, given in (
            ("--record", options.record),
            ("--engine", options.engine),
            ("--date", options.date),
        ):
            if given is not None:
                raise InputError(f"{name} goes with --online", hint=f"Try: digest check --online {name} …")
    code = _offline(session)
    if code or not options.online:
        return code
    from pipeline.cli import check_online  # noqa: PLC0415 - imports every stage: 0.7 s that only --online needs

    return check_online.execute(session)


def _offline(session: Session) -> int:
    """Print what is wrong with settings, profiles and prompts; in Actions also which step of the setup is missing."""
    environ, console, asked = session.environ, session.console, session.options.profiles
    problems: list[DigestError] = []
    settings = _tried(problems, lambda: session.settings)
    everyone = sorted(path.stem for path in (PROMPTS / "profiles").glob("*.md"))
    problems += check(settings, everyone, environ, asked, console.note)
    for problem in problems:
        console.error(problem)
    if file := environ.get("GITHUB_STEP_SUMMARY", ""):
        missing = ""
        if settings is not None and not problems:
            active = profile_names(asked, settings, environ)
            key = environ.get("SETUP_HAS_KEY") != "no"
            missing = next_step(settings, active, everyone, Path(session.options.reports), key=key)
        actions.add_summary(file, summary(problems, environ, missing))
    text = f"{len(problems)} wrong" if problems else "all right"
    console.result(text, {"problems": [str(problem) for problem in problems]})
    return max((problem.exit_code for problem in problems), default=0)


def check(
    settings: Settings | None,
    everyone: Sequence[str],
    environ: Mapping[str, str],
    asked: Sequence[str],
    note: Callable[[str], None],
) -> list[DigestError]:
    """All problems of the `asked` profiles (default: all), their prompts and models, and of the list of active ones.

    `note` receives one line for each profile that is right, and one for each warning about it.
    """
    problems = _languages(note)
    if not everyone:
        problems.append(
            InputError("there is no profile here", path=str(PROMPTS / "profiles"), hint="add one")
        )
    if settings and everyone:
        problems += _not_there(settings.profiles.active, everyone, environ)
    active = profile_names((), settings, environ) if settings else ()
    loaded: dict[tuple[str, str], Prompt | None] = {}
    for name in asked or everyone:
        before = len(problems)
        profile = _tried(problems, partial(load_profile, PROMPTS, name, languages=i18n.LANGUAGES))
        if profile is None:
            continue
        templates = _check_prompts(problems, profile, loaded)
        _check_models(problems, profile, settings)
        if len(problems) == before:
            note(_understood(profile, active=name in active))
            for aside in (*_left_out(profile), *_warnings(profile, settings, templates)):
                note(f"{name}: {aside}")
    _tell_other_files(note)
    return problems


def _tell_other_files(note: Callable[[str], None]) -> None:
    for other in sorted((PROMPTS / "profiles").glob("[!.]*")):
        if other.suffix != ".md":
            note(f"{other} is not read: a profile's file ends in .md")


def _languages(note: Callable[[str], None]) -> list[DigestError]:
    """Problems in the files of the languages; if there are none, `note` receives what the gates cannot check."""
    problems: list[DigestError] = [
        error for language in sorted(i18n.LANGUAGES) for error in language_errors(language)
    ]
    for warning in () if problems else _language_warnings():
        note(warning)
    return problems


def _language_warnings() -> Iterable[str]:
    """One line for each language in which the gates cannot check everything."""
    for code in sorted(i18n.LANGUAGES):
        language = i18n.load(code)
        if off := language.gates_off:
            gates, tables = " and ".join(off), " and ".join(f"[{i18n.RULES}.{gate}]" for gate in off)
            yield (
                f"{i18n.file_shown(code)}: the {gates} of a claim are not checked in this language, and the page says "
                f"so; add {tables}, as docs/extend.md says under “A language”"
            )
        if not language.rules.get("name"):
            yield f'{i18n.file_shown(code)}: prompts ask for the language by its code; add [{i18n.RULES}] name = "…"'


def summary(problems: Sequence[DigestError], environ: Mapping[str, str], next_step: str) -> str:
    """Markdown for the job summary: the problems, or the next step of the setup."""
    if problems:
        rows = "\n".join(f"- {escape(str(problem))} {escape(problem.hint)}".rstrip() for problem in problems)
        return f"## Not right yet\n\n{rows}\n"
    server = environ.get("GITHUB_SERVER_URL", "https://github.com")
    repository = f"{server}/{environ.get('GITHUB_REPOSITORY', 'OWNER/REPO')}"
    step = next_step.format(repository=repository)
    return f"## Profiles, prompts and settings are right\n\n{step}\n"


def next_step(
    settings: Settings, active: Sequence[str], everyone: Sequence[str], reports: Path, *, key: bool
) -> str:
    """The next step until the fork makes its own digest; `{repository}` in it stands for the repository's URL."""
    own = [name for name in everyone if name not in SHIPPED]
    if not key and settings.profiles.engine == "claude":
        return (
            "Next: add the secret `ANTHROPIC_API_KEY` ([here]({repository}/settings/secrets/actions/new)). "
            "Without one, run the workflow with engine `local`."
        )
    if SHIPPED.issuperset(active):
        named = f"name `{own[0]}`" if own else "write your own profile in `prompts/profiles/` and name it"
        return f"Next: {named} in `digest.toml`, or in the variable `DIGEST_PROFILES`. So far only an example is active."
    made = (path for name in active for path in (reports / name).glob("[0-9]*/*/*.json"))
    if not any(map(_by_workflow, made)):
        return "Next: [run the workflow]({repository}/actions/workflows/digest.yml) for the first digest."
    return "Nothing is missing: the next digest comes tonight."


def _by_workflow(report: Path) -> bool:
    """Whether the workflow made this report: a report made by hand has no `run_url`."""
    try:
        found = json.loads(report.read_text("utf-8"))
    except ValueError:
        return False
    return isinstance(found, dict) and bool(found.get("run_url"))


def _tried(problems: list[DigestError], load: Callable[[], T]) -> T | None:
    """Call `load`; on DigestError append it to `problems` and return None."""
    try:
        return load()
    except DigestError as error:
        problems.append(error)
        return None


def _check_prompts(
    problems: list[DigestError], profile: Profile, loaded: dict[tuple[str, str], Prompt | None]
) -> Sequence[Prompt | None]:
    """Load the prompts of a profile; `loaded` caches them, since profiles share prompts."""
    files = [(name, kind) for kind, name in prompt_names(profile.settings).items()]
    for name, kind in files:
        if (name, kind) not in loaded:
            loaded[name, kind] = _tried(problems, partial(load_prompt, PROMPTS, name, kind))
    return [loaded[file] for file in files]


def _not_there(
    active: Sequence[str], everyone: Sequence[str], environ: Mapping[str, str]
) -> list[DigestError]:
    """One error for each active profile without a file, in digest.toml or in an environment variable."""
    long = f"{PROFILES_VARIABLE}__ACTIVE"
    origins = [
        (long if environ.get(long, "").strip() else str(SETTINGS), active),
        (PROFILES_VARIABLE, names_from_environment(environ)),
    ]
    return [
        InputError(
            f"{name!r} is active, but there is no prompts/profiles/{name}.md",
            path=path,
            line=front_matter.toml_line(SETTINGS, ("profiles", "active")) if path == str(SETTINGS) else 0,
            hint=did_you_mean(name, everyone) or f"Names, separated by commas, of: {', '.join(everyone)}",
        )
        for path, names_there in origins
        for name in names_there
        if name not in everyone
    ]


def _check_models(problems: list[DigestError], profile: Profile, settings: Settings | None) -> None:
    """Append an error if a model has no id, neither in the profile nor through `quality` in digest.toml."""
    try:
        if settings is not None:
            models_of(profile, settings)
    except InputError as error:
        document = front_matter.load(PROMPTS / "profiles" / f"{profile.name}.md")
        problems.append(document.error(error.message, at=["quality"], hint=error.hint))


def _understood(profile: Profile, *, active: bool) -> str:
    """One line with the profile's settings as they were understood."""
    own = profile.settings
    sources = [*own.sources, *own.feeds]
    return (
        f"{profile.name}{'' if active else ' (not active)'}: {own.title}, {own.language}, {', '.join(sources)}; "
        f"{quantity(own.picks, 'pick')} from {own.threshold}, {own.quality}, at most {own.budget_usd:g} USD"
    )


def _left_out(profile: Profile) -> Iterable[str]:
    """Which sections of the text the ranking by words leaves out; or that it leaves out none, though there are several."""
    sections = omitted_sections(profile.prose)
    if sections:
        named = (f"“{title}” ({quantity(count, 'line')})" for title, count in sections.items())
        yield f"left out of the ranking by words: {', '.join(named)}"
    elif (count := headings(profile.prose)) > 1:
        yield (
            f"of {count} headings none is known as what is not wanted, so the ranking by words leaves out no section: "
            "docs/settings.md says which headings are"
        )


def _author_warnings(names: Iterable[str]) -> Iterable[str]:
    """Warn of `[Smith, Jane]`, which is a list of two names; a group such as OpenAI is named by one word as well."""
    for name in names:
        if len(name.split()) == 1 and not parse(name).native:
            yield f"authors: {name} is one word, and fits those alone who write no other; a name with a comma needs quotes"


def _warnings(profile: Profile, settings: Settings | None, prompts: Iterable[Prompt | None]) -> Iterable[str]:
    """Warnings for settings that are valid but probably not meant."""
    own = profile.settings
    if len(build_query(profile.prose, own.keywords, own.avoid)) < MIN_TERMS:
        yield "its text has hardly any English words: add English `keywords` for the ranking by words"
    yield from _author_warnings(own.authors)
    if settings is not None:
        of = models_of(profile, settings)
        for model in sorted({*of.for_calls().values()} - set(settings.prices)):
            yield f"{model} has no price in digest.toml, so `budget_usd` cannot stop it"
    for section in (section for prompt in prompts if prompt for section in prompt.sections):
        if section.kind != "inference" and not section.cues:
            yield f"section `{section.id}` has no `cues`: without a model it stays empty"
        if own.language not in section.title:
            yield f"section `{section.id}` has no title in {own.language}: it is called {section.title_in(own.language)}"
