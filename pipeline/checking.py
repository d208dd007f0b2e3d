"""Are settings, profiles and prompts right? Every file is looked at, and each says its first problem."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

from pipeline.config import Settings, load_settings
from pipeline.engines.bm25 import query
from pipeline.engines.prompts import load_prompt
from pipeline.errors import DigestError, InputError
from pipeline.profiles import Profile, load_profile
from pipeline.writing import catalog
from pipeline.writing.escaping import escape

T = TypeVar("T")
FEWEST_TERMS = 5


def check(
    settings_file: Path,
    prompts: Path,
    environ: Mapping[str, str],
    names: Sequence[str],
    note: Callable[[str], None],
) -> list[DigestError]:
    """All problems of the named profiles (default: every one there is), of their prompts and the settings."""
    problems: list[DigestError] = []
    settings = _tried(problems, lambda: load_settings(settings_file, environ))
    everyone = sorted(path.stem for path in (prompts / "profiles").glob("*.md"))
    for language in sorted(catalog.LANGUAGES):
        path = str(catalog.FOLDER.relative_to(catalog.FOLDER.parents[2]) / f"{language}.toml")
        problems += [
            InputError(one, path=path, hint="en.toml beside it is the model")
            for one in catalog.mistakes(language)
        ]
    if not everyone:
        problems.append(
            InputError("there is no profile here", path=str(prompts / "profiles"), hint="add one")
        )
    active = settings.profiles.active if settings else ()
    seen: set[tuple[str, str]] = set()
    for name in names or sorted({*everyone, *active}):
        before = len(problems)
        profile = _tried(problems, partial(load_profile, prompts, name, languages=catalog.LANGUAGES))
        if profile is not None:
            _check_prompts(problems, prompts, profile, seen)
            _check_models(problems, prompts, profile, settings)
        if profile is not None and len(problems) == before:
            note(_said(profile))
    return problems


def summary(problems: Sequence[DigestError], environ: Mapping[str, str], *, has_report: bool) -> str:
    """For the job summary: what is wrong, or the next step of the setup that is still to be done."""
    server = environ.get("GITHUB_SERVER_URL", "https://github.com")
    repository = f"{server}/{environ.get('GITHUB_REPOSITORY', 'OWNER/REPO')}"
    if problems:
        rows = "\n".join(f"- {escape(str(one))} {escape(one.hint)}".rstrip() for one in problems)
        return f"## Not right yet\n\n{rows}\n"
    if environ.get("SETUP_HAS_KEY") == "no":
        return (
            "## Profiles, prompts and settings are right\n\nNext: add the secret `ANTHROPIC_API_KEY` "
            f"([here]({repository}/settings/secrets/actions/new)). Without one, run the workflow with engine `local`.\n"
        )
    if not has_report:
        run = f"{repository}/actions/workflows/digest.yml"
        return f"## Profiles, prompts and settings are right\n\nNext: [run the workflow]({run}) for the first digest.\n"
    return (
        "## Profiles, prompts and settings are right\n\nNothing is missing: the next digest comes tonight.\n"
    )


def _tried(problems: list[DigestError], load: Callable[[], T]) -> T | None:
    """What `load` gives, or None and one more problem."""
    try:
        return load()
    except DigestError as error:
        problems.append(error)
        return None


def _check_prompts(
    problems: list[DigestError], prompts: Path, profile: Profile, seen: set[tuple[str, str]]
) -> None:
    """The prompts that this profile is asked with, each once however many profiles share it."""
    own = profile.settings
    for name, kind in ((own.score_prompt, "score"), (own.analyze_prompt, "analyze"), ("repair", "repair")):
        if (name, kind) not in seen:
            seen.add((name, kind))
            _tried(problems, partial(load_prompt, prompts, name, kind))


def _check_models(
    problems: list[DigestError], prompts: Path, profile: Profile, settings: Settings | None
) -> None:
    """The word `quality` has to stand in digest.toml, unless the profile names both models itself."""
    own = profile.settings
    if settings is None or own.quality in settings.models or (own.models.score and own.models.analyze):
        return
    message = f"quality: digest.toml has no [models.{own.quality}]"
    hint = f"Try: quality: {next(iter(settings.models), 'standard')}"
    problems.append(InputError(message, path=str(prompts / "profiles" / f"{profile.name}.md"), hint=hint))


def _said(profile: Profile) -> str:
    """One line of what was understood, and a warning for a text that the ranking by words cannot read."""
    own = profile.settings
    few = len(query(profile.prose, own.keywords, own.avoid).weights) < FEWEST_TERMS
    aside = (
        "; its text has hardly any English words: add English `keywords` for the ranking by words"
        if few
        else ""
    )
    sources = [*own.sources, *own.feeds]
    return (
        f"{profile.name}: {own.title}, {own.language}, {', '.join(sources)}; "
        f"{own.picks} picks from {own.threshold}, {own.quality}, at most {own.budget_usd:g} USD{aside}"
    )
