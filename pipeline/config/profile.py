"""Profiles: one Markdown file each in `prompts/profiles/`, with settings in the front matter and prose below."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from pipeline.config import front_matter, preprint_categories
from pipeline.config.arxiv_categories import CATEGORIES
from pipeline.config.category_words import propose_categories, single_words
from pipeline.config.settings import ModelName, Models, Settings, matching, validate_base_url
from pipeline.config.validation_errors import did_you_mean
from pipeline.core.arxiv_ids import canonical_id
from pipeline.core.author_names import MAX_LENGTH, is_several, parse
from pipeline.core.errors import InputError
from pipeline.core.models import Value
from pipeline.core.names import HOST_NAME, PROFILE_NAME, RESERVED_NAMES
from pipeline.core.source import ARXIV, BIORXIV, HUGGINGFACE, MEDRXIV, SOURCES, Source
from pipeline.core.stage_names import ModelRole

MAX_AUTHORS = 100  # that a profile follows
# The profiles of the shipped examples.
SHIPPED = frozenset({"cv-restoration", "llm-agents", "robot-learning"})
PROFILES_VARIABLE = "DIGEST_PROFILES"  # names of the active profiles, overriding those of digest.toml


def validate_feed_url(value: str) -> str:
    """Return the URL of a feed, whose host the page may link to. Raises ValueError."""
    value = validate_base_url(value)
    parts = urlsplit(value)
    if parts.scheme == "http":
        return value  # loopback, for trying a feed out; nothing is published from such a run
    # The same rule as in `publish/validate.py`, which refuses a whole report for one link that is not allowed.
    if not HOST_NAME.fullmatch(parts.hostname or ""):
        raise ValueError("names no host of letters, digits, points and hyphens (others have a form in xn--…)")
    if parts.netloc.lower() != parts.hostname:
        raise ValueError("names a port, and a page may link to no address with one")
    return value


def validate_category(name: str) -> str:
    """Return the name of an arXiv category. Raises ValueError for any other."""
    if name not in CATEGORIES:
        archive, _, subject = name.partition(".")
        siblings = [other for other in CATEGORIES if other.startswith(f"{archive}.")]
        likely = (*propose_categories(subject), *single_words(subject))  # cs.Robotics
        named = [other for other in likely if other in siblings]
        suggestion = (
            f"Did you mean `{named[0]}`?"
            if named
            else did_you_mean(name, siblings or CATEGORIES) or "They are like cs.CV or hep-th."
        )
        raise ValueError(f"is not an arXiv category. {suggestion}")
    return name


def validate_source(name: str) -> str:
    """Return the name of a source. Raises ValueError for any other."""
    if name not in SOURCES:
        suggestion = did_you_mean(name, SOURCES)
        raise ValueError(f"is not one of {', '.join(SOURCES)}{suggestion and f'. {suggestion}'}")
    return name


def in_areas(areas: frozenset[str], source: Source) -> AfterValidator:
    """Return a validator of a source's subject areas, which may be written with `_` or `-` between words."""

    def check(value: str) -> str:
        name = value.lower().replace("_", " ").replace("-", " ")
        if name not in areas:
            suggestion = did_you_mean(name, areas) or f"There are: {', '.join(sorted(areas))}."
            raise ValueError(f"is not a subject area of {source.label}. {suggestion}")
        return name

    return AfterValidator(check)


def validate_arxiv_id(value: str) -> str:
    """Return the canonical form of an arXiv id. Raises ValueError if it is none."""
    paper_id = canonical_id(value)
    if paper_id is None:
        raise ValueError("is not an arXiv id")
    return paper_id


def validate_author(value: str) -> str:
    """Return an author's name in one line. Raises ValueError for what can be no name, or is several."""
    name = " ".join(value.split())
    if not name:
        raise ValueError("is empty")
    if len(name) > MAX_LENGTH:
        raise ValueError(f"has {len(name)} characters, and a name has at most {MAX_LENGTH}")
    if "\n" in value.strip() or is_several(name):
        raise ValueError("is a list of names in one text: each needs an entry of its own")
    if not (parsed := parse(name)).readings and len(parsed.native) < 2:
        raise ValueError("is no name: it needs a whole word, such as a surname")
    return name


PromptName = Annotated[str, matching("[A-Za-z0-9_-]+", "is not the name of a file in prompts/, without .md")]


class ProfileSettings(Value):
    """The front matter of a profile."""

    title: str = Field(min_length=1, description="What the digest is called.")
    language: str = Field(
        "en",
        description="The digest's language: `en`, `zh-CN`, `ja`, `de`, `ko`, or one that you add (extend.md).",
    )
    sources: tuple[Annotated[str, AfterValidator(validate_source)], ...] = Field(
        (HUGGINGFACE.name, ARXIV.name),
        description=f"Which lists are read, besides `feeds`: {', '.join(f'`{name}`' for name in SOURCES)}.",
    )
    arxiv: tuple[Annotated[str, AfterValidator(validate_category)], ...] = Field(
        (), description="arXiv categories, such as `[cs.CV, eess.IV]`."
    )
    biorxiv: tuple[Annotated[str, in_areas(preprint_categories.BIORXIV, BIORXIV)], ...] = Field(
        (), description="bioRxiv's subject areas, such as `[neuroscience, cell biology]`."
    )
    medrxiv: tuple[Annotated[str, in_areas(preprint_categories.MEDRXIV, MEDRXIV)], ...] = Field(
        (), description="medRxiv's subject areas, such as `[epidemiology, health informatics]`."
    )
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
    liked: Annotated[
        tuple[Annotated[str, AfterValidator(validate_arxiv_id)], ...],
        AfterValidator(lambda ids: tuple(dict.fromkeys(ids))),
    ] = Field((), description='Papers you liked, as `["2601.16914"]`: their words count too.')
    authors: Annotated[
        tuple[Annotated[str, AfterValidator(validate_author)], ...],
        AfterValidator(lambda names: tuple(dict.fromkeys(names))),
    ] = Field(
        (),
        max_length=MAX_AUTHORS,
        description=f'Authors you follow, as `[Jane Smith, "Wang, Xiaoming", 王小明]`, {MAX_AUTHORS} at most: their papers are always marked and shown, by name alone (scoring.md). A name with a comma needs quotes.',
    )
    picks: int = Field(
        2, ge=1, le=20, description="How many papers are analyzed at most, besides those of `--papers`."
    )
    shortlist: int = Field(
        5,
        ge=0,
        le=20,
        description="How many papers that reach the threshold and are not picked are shown with a brief.",
    )
    threshold: int = Field(60, ge=1, le=100, description="The score that a pick has to reach.")
    quality: Literal["economy", "standard", "best"] = Field(
        "standard",
        description="Which models rank, read, and read claims a second time; `digest.toml` says what each word means.",
    )
    models: dict[ModelRole, ModelName] = Field(
        {},
        description="Models of your own: `{score: NAME, analyze: NAME, verify: NAME}`, over `quality`. `verify` reads claims a second time; without it, `score` does.",
    )
    max_scored: int = Field(
        300,
        ge=1,
        le=3000,
        description="How many papers a model marks at most; the rest is listed by rank.",
    )
    budget_usd: float = Field(1.0, gt=0, description="What one run may cost; before more is spent, it stops.")
    score_prompt: PromptName = Field(
        "score", description="The prompt that marks: a file in `prompts/`, without `.md`."
    )
    analyze_prompt: PromptName = Field("analyze", description="The prompt that reads, likewise.")


# By key, a line that would be valid, for hints.
EXAMPLES = {
    "title": "title: My papers",
    "language": "language: en",
    "sources": "sources: [huggingface, arxiv]",
    "arxiv": "arxiv: [cs.CV, eess.IV] (all are at https://arxiv.org/category_taxonomy)",
    "biorxiv": "biorxiv: [neuroscience, cell biology]",
    "medrxiv": "medrxiv: [epidemiology, health informatics]",
    "feeds": "feeds: [https://example.org/feed.xml]",
    "keywords": "keywords: [image restoration, super-resolution]",
    "avoid": "avoid: [medical imaging]",
    "liked": 'liked: ["2601.16914"]',
    "authors": 'authors: [Jane Smith, "Wang, Xiaoming"]',
    "picks": "picks: 2",
    "shortlist": "shortlist: 5",
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
    """Return the models of a profile: its own, else those of its `quality`. Raises InputError if a model is missing.

    A profile that names `score` and not `verify` has both from `score`: the default may be at another provider.
    """
    own = profile.settings.models
    default = settings.models.get(profile.settings.quality)
    models: dict[str, str | None] = {
        **(default.model_dump() if default else {}),
        **({"verify": None} if "score" in own else {}),
        **{str(call): name for call, name in own.items()},
    }
    if not {"score", "analyze"} <= models.keys():
        message = f"profile {profile.name}: quality: digest.toml has no [models.{profile.settings.quality}]"
        raise InputError(message, hint=f"Try: quality: {next(iter(settings.models), 'standard')}")
    return Models.model_validate(models)


def check_name(prompts: Path, name: str, *, path: str = "") -> None:
    """Raise InputError unless a profile may be called so; `path` is its file in the error. The name becomes a folder's.

    Some file systems do not tell names apart that differ in case alone.
    """
    if not PROFILE_NAME.fullmatch(name):
        hint = "a name has a-z, digits, - and _, the first a letter or a digit, at most 64 signs"
        raise InputError(f"{name[:80]!r} is not the name of a profile", path=path, hint=hint)
    if name.lower() in RESERVED_NAMES:
        hint = f"Try: {name}-papers"
        raise InputError(f"no profile can be called {name!r}: the name is reserved", path=path, hint=hint)
    others = sorted(other.stem for other in (prompts / "profiles").glob("*.md"))
    if twin := next((other for other in others if other != name and other.lower() == name.lower()), ""):
        message = f"{name!r} differs from the profile {twin!r} in case alone"
        raise InputError(message, path=path, hint="choose another name")


def load_profile(prompts: Path, name: str, *, languages: frozenset[str]) -> Profile:
    """Load and validate `prompts/profiles/<name>.md`. Raises InputError with the line that is wrong.

    `languages` are the codes that the program can write in.
    """
    path = prompts / "profiles" / f"{name}.md"
    check_name(prompts, name, path=str(path) if path.is_file() else "")
    return parse_profile(prompts, front_matter.load(path), name, languages=languages)


def parse_profile(
    prompts: Path, document: front_matter.Document, name: str, *, languages: frozenset[str]
) -> Profile:
    """Validate the document of a profile. Raises InputError with the line that is wrong."""
    settings = front_matter.validate(document, ProfileSettings, examples=EXAMPLES)
    if settings.language not in languages:
        message = f'language: "{settings.language}" is not one of {", ".join(sorted(languages))}'
        similar = [code for code in sorted(languages) if code.lower()[:2] == settings.language.lower()[:2]]
        hint = f"Did you mean `{similar[0]}`?" if similar else "docs/extend.md says how to add a language"
        raise document.error(message, at=["language"], hint=hint)
    _check_sources(document, settings)
    for key in ("score_prompt", "analyze_prompt"):
        prompt = prompts / f"{getattr(settings, key)}.md"  # its content is validated by `llm/prompts.py`
        if not prompt.is_file():
            hint = front_matter.similar_names(prompt)
            raise document.error(f"{key}: there is no {prompt}", at=[key], hint=hint)
    if not document.body:
        hint = "write below the second `---` what you work on and want to read"
        raise document.error("the profile has no text", hint=hint)
    return Profile(name=name, settings=settings, prose=document.body, version=document.version)


def _check_sources(document: front_matter.Document, settings: ProfileSettings) -> None:
    """Raise InputError if there is nothing to fetch."""
    if not settings.sources and not settings.feeds:
        message = "sources and feeds are both empty: there is nothing to read"
        raise document.error(message, at=["sources"], hint=f"Try: {EXAMPLES['sources']}")
    for name in filter(ProfileSettings.model_fields.__contains__, SOURCES):  # those with categories
        names = getattr(settings, name)
        if name in settings.sources and not names:
            message = f"{name} is among the sources, but `{name}:` names no category"
            hint = f"Try: {EXAMPLES[name]}, or sources: [{HUGGINGFACE.name}]"
            raise document.error(message, at=[name], hint=hint)
        # Profiles of older versions may keep their `arxiv:` while they read other sources alone.
        if names and name not in settings.sources and name != ARXIV.name:
            message = f"`{name}:` names categories, but {name} is not among the sources"
            hint = f"Try: sources: [{', '.join((*settings.sources, name))}]"
            raise document.error(message, at=[name], hint=hint)
