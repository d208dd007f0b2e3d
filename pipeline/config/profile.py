"""Profiles: one Markdown file each in `prompts/profiles/`, with settings in the front matter and prose below."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, field_validator

from pipeline.config import front_matter
from pipeline.config.arxiv_categories import CATEGORIES
from pipeline.config.settings import Models, Settings, validate_base_url
from pipeline.config.validation_errors import did_you_mean
from pipeline.core.arxiv_ids import canonical_id
from pipeline.core.errors import InputError
from pipeline.core.models import Value

PROFILES_VARIABLE = "DIGEST_PROFILES"  # names of the active profiles, overriding those of digest.toml


def validate_feed_url(value: str) -> str:
    """Return the URL of a feed, whose host the page may link to. Raises ValueError."""
    value = validate_base_url(value)
    parts = urlsplit(value)
    if parts.scheme == "http":
        return value  # loopback, for trying a feed out; nothing is published from such a run
    # The same rule as in `publish/validate.py`, which refuses a whole report for one link that is not allowed.
    if not re.fullmatch(r"[a-z0-9.-]+", parts.hostname or ""):
        raise ValueError("names no host of letters, digits, points and hyphens (others have a form in xn--…)")
    if parts.netloc.lower() != parts.hostname:
        raise ValueError("names a port, and a page may link to no address with one")
    return value


class OwnModels(Value):
    """A profile's own models, which override those of its `quality`."""

    score: str | None = None  # None: the model of `quality`
    analyze: str | None = None


class ProfileSettings(Value):
    """The front matter of a profile."""

    title: str = Field(min_length=1, description="What the digest is called.")
    language: str = Field("en", description="The digest's language: `en`, `zh-CN` or `ja`.")
    sources: tuple[Literal["huggingface", "arxiv"], ...] = Field(
        ("huggingface", "arxiv"), description="Which lists are read, besides `feeds`."
    )
    arxiv: tuple[str, ...] = Field((), description="arXiv categories, such as `[cs.CV, eess.IV]`.")
    replacements: bool = Field(False, description="Whether new versions of old papers count as news.")
    feeds: tuple[Annotated[str, AfterValidator(validate_feed_url)], ...] = Field(
        (), description="Addresses of RSS or Atom feeds, https and without a port: blogs, journals."
    )
    keywords: tuple[str, ...] = Field(
        (),
        description="English words of your field, for the ranking by words. Needed if your text is not English.",
    )
    avoid: tuple[str, ...] = Field(
        (),
        description="Phrases of your text that the ranking by words ignores. No paper is excluded for one: say that in the text, under *Not wanted*.",
    )
    liked: tuple[str, ...] = Field(
        (), description='Papers you liked, as `["2601.16914"]`: their words count too.'
    )
    picks: int = Field(2, ge=1, le=20, description="How many papers are analyzed at most.")
    threshold: int = Field(60, ge=1, le=100, description="The score that a pick has to reach.")
    quality: Literal["economy", "standard", "best"] = Field(
        "standard", description="Which models rank and read; `digest.toml` says what each word means."
    )
    models: OwnModels = Field(
        OwnModels(), description="Models of your own: `{score: NAME, analyze: NAME}`, over `quality`."
    )
    max_scored: int = Field(
        300,
        ge=1,
        le=3000,
        description="How many papers a model marks at most; the rest is listed by rank.",
    )
    budget_usd: float = Field(1.0, gt=0, description="What one run may cost; before more is spent, it stops.")
    score_prompt: str = Field(
        "score", description="The prompt that marks: a file in `prompts/`, without `.md`."
    )
    analyze_prompt: str = Field("analyze", description="The prompt that reads, likewise.")

    @field_validator("arxiv")
    @classmethod
    def _categories(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for name in value:
            if name not in CATEGORIES:
                suggestion = did_you_mean(name, CATEGORIES) or "They are like cs.CV or hep-th."
                raise ValueError(f"holds {name!r}, which is not an arXiv category. {suggestion}")
        return value

    @field_validator("liked", mode="before")
    @classmethod
    def _ids(cls, value: Any) -> Any:
        if not isinstance(value, list | tuple):
            return value
        ids = [canonical_id(name) if isinstance(name, str) else None for name in value]
        if None in ids:
            raise ValueError('is not a list of quoted arXiv ids such as "2601.16914"')
        return tuple(dict.fromkeys(ids))

    @field_validator("score_prompt", "analyze_prompt")
    @classmethod
    def _prompt_name(cls, value: str) -> str:
        if not re.fullmatch(r"[A-Za-z0-9_-]+", value):
            raise ValueError("is not the name of a file in prompts/, without .md")
        return value


# By key, a line that would be valid, for hints.
EXAMPLES = {
    "title": "title: My papers",
    "language": "language: en",
    "sources": "sources: [huggingface, arxiv]",
    "arxiv": "arxiv: [cs.CV, eess.IV] (all are at https://arxiv.org/category_taxonomy)",
    "feeds": "feeds: [https://example.org/feed.xml]",
    "keywords": "keywords: [image restoration, super-resolution]",
    "avoid": "avoid: [medical imaging]",
    "liked": 'liked: ["2601.16914"]',
    "picks": "picks: 2",
    "threshold": "threshold: 60",
    "quality": "quality: standard",
    "models": "models: {score: MODEL, analyze: MODEL}",
    "max_scored": "max_scored: 300",
    "budget_usd": "budget_usd: 1.00",
    "replacements": "replacements: false",
    "score_prompt": "score_prompt: score",
    "analyze_prompt": "analyze_prompt: analyze",
}


class Profile(Value):
    """One profile: the settings and the prose of one file in `prompts/profiles/`."""

    name: str
    settings: ProfileSettings
    prose: str  # the text below the front matter: the author's research, and what is wanted and not wanted
    version: str  # `<name>@<first 8 hex digits of the file's SHA-256>`


def profile_names(requested: Sequence[str], settings: Settings, environ: Mapping[str, str]) -> list[str]:
    """Return the requested profiles, else those of DIGEST_PROFILES, else those of digest.toml; without duplicates."""
    return list(dict.fromkeys(requested or names_from_environment(environ) or settings.profiles.active))


def names_from_environment(environ: Mapping[str, str]) -> list[str]:
    """Return the names in DIGEST_PROFILES, which are separated by commas; empty if it is not set."""
    return [name.strip() for name in environ.get(PROFILES_VARIABLE, "").split(",") if name.strip()]


def models_of(profile: Profile, settings: Settings) -> Models:
    """Return the models of a profile: its own, else those of its `quality`. Raises InputError if a model is missing."""
    own, default = profile.settings.models, settings.models.get(profile.settings.quality)
    score, analyze = own.score or (default and default.score), own.analyze or (default and default.analyze)
    if not (score and analyze):
        message = f"profile {profile.name}: quality: digest.toml has no [models.{profile.settings.quality}]"
        raise InputError(message, hint=f"Try: quality: {next(iter(settings.models), 'standard')}")
    return Models(score=score, analyze=analyze)


def load_profile(prompts: Path, name: str, *, languages: frozenset[str]) -> Profile:
    """Load and validate `prompts/profiles/<name>.md`. Raises InputError with the line that is wrong.

    `languages` are the codes that the program can write in.
    """
    path = prompts / "profiles" / f"{name}.md"
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", name):
        message = f"{name!r} is not the name of a profile"
        shown = str(path) if path.is_file() else ""
        hint = "a name has letters, digits, - and _, at most 64; it becomes a folder's name"
        raise InputError(message, path=shown, hint=hint)
    document = front_matter.load(path)
    settings = front_matter.validate(document, ProfileSettings, document.settings, examples=EXAMPLES)
    if settings.language not in languages:
        message = f'language: "{settings.language}" is not one of {", ".join(sorted(languages))}'
        similar = [code for code in sorted(languages) if code.lower()[:2] == settings.language.lower()[:2]]
        hint = f"Did you mean `{similar[0]}`?" if similar else "docs/extend.md says how to add a language"
        raise document.error(message, at=["language"], hint=hint)
    _check_sources(document, settings)
    _check_prompts(prompts, document, settings)
    if not document.body:
        hint = "write below the second `---` what you work on and want to read"
        raise document.error("the profile has no text", hint=hint)
    return Profile(name=name, settings=settings, prose=document.body, version=document.version)


def _check_sources(document: front_matter.Document, settings: ProfileSettings) -> None:
    """Raise InputError if there is nothing to fetch."""
    if not settings.sources and not settings.feeds:
        message = "sources and feeds are both empty: there is nothing to read"
        raise document.error(message, at=["sources"], hint=f"Try: {EXAMPLES['sources']}")
    if "arxiv" in settings.sources and not settings.arxiv:
        message = "arxiv is among the sources, but `arxiv:` names no category"
        raise document.error(
            message, at=["arxiv"], hint=f"Try: {EXAMPLES['arxiv']}, or sources: [huggingface]"
        )


def _check_prompts(prompts: Path, document: front_matter.Document, settings: ProfileSettings) -> None:
    """Raise InputError if a prompt's file does not exist; its content is validated by `llm/prompts.py`."""
    for key in ("score_prompt", "analyze_prompt"):
        name = getattr(settings, key)
        if not (prompts / f"{name}.md").is_file():
            existing = sorted(path.stem for path in prompts.glob("*.md"))
            hint = did_you_mean(name, existing) or f"Here are: {', '.join(existing)}"
            raise document.error(f"{key}: there is no {prompts / name}.md", at=[key], hint=hint)
