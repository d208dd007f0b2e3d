"""What a reader can set: one Markdown file in `prompts/profiles/`, settings above and prose below."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, field_validator, model_validator

from pipeline import documents
from pipeline.config import address
from pipeline.errors import InputError
from pipeline.models import Value

ARXIV_ID = re.compile(r"([0-9]{4}\.[0-9]{4,5}|[a-z-]+(\.[A-Z]{2})?/[0-9]{7})(v[0-9]+)?")


class OwnModels(Value):
    """A profile's own choice of models, over the one word `quality`."""

    score: str | None = None
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
    feeds: tuple[Annotated[str, AfterValidator(address)], ...] = Field(
        (), description="Addresses of RSS or Atom feeds: blogs, journals."
    )
    keywords: tuple[str, ...] = Field(
        (),
        description="English words of your field, for the ranking by words. Needed if your text is not English.",
    )
    avoid: tuple[str, ...] = Field((), description="Words that the ranking by words leaves out of your text.")
    liked: tuple[str, ...] = Field(
        (), description='Papers you liked, as `["2601.16914"]`: their words count too.'
    )
    picks: int = Field(2, ge=1, le=20, description="How many papers are analyzed at the most.")
    threshold: int = Field(60, ge=1, le=100, description="The least score of a pick.")
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
        description="How many papers a model marks at the most; the rest is listed by rank.",
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
            if not re.fullmatch(r"[a-z-]+\.[A-Za-z-]{2,}|[a-z]+-[a-z]+", name):
                raise ValueError("is not a list of arXiv categories such as cs.CV")
        return value

    @field_validator("liked", mode="before")
    @classmethod
    def _ids(cls, value: Any) -> Any:
        for name in value if isinstance(value, list) else ():
            if not (isinstance(name, str) and ARXIV_ID.fullmatch(name)):
                raise ValueError('is not a list of quoted arXiv ids such as "2601.16914"')
        return value

    @field_validator("score_prompt", "analyze_prompt")
    @classmethod
    def _prompt_name(cls, value: str) -> str:
        if not re.fullmatch(r"[A-Za-z0-9_-]+", value):
            raise ValueError("is not the name of a file in prompts/, without .md")
        return value

    @model_validator(mode="after")
    def _has_a_source(self) -> ProfileSettings:
        if not self.sources and not self.feeds:
            raise ValueError("sources and feeds are both empty: there is nothing to read")
        if "arxiv" in self.sources and not self.arxiv:
            raise ValueError("arxiv is among the sources, but `arxiv:` names no category, such as [cs.CV]")
        return self


TRIES = {
    "title": "title: My papers",
    "language": "language: en",
    "sources": "sources: [huggingface, arxiv]",
    "arxiv": "arxiv: [cs.CV, eess.IV]",
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
    """One reader: the settings and the prose of one file in `prompts/profiles/`."""

    name: str
    settings: ProfileSettings
    prose: str
    version: str


def load_profile(prompts: Path, name: str, *, languages: frozenset[str]) -> Profile:
    """Read and check `prompts/profiles/<name>.md`. Raises InputError with the line that is off."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", name):
        raise InputError(f"{name!r} is not the name of a profile", hint="a name has letters, digits, - and _")
    path = prompts / "profiles" / f"{name}.md"
    document = documents.load(path, shown=str(path))
    settings = documents.validate(document, ProfileSettings, document.settings, tries=TRIES)
    if settings.language not in languages:
        message = f'language: "{settings.language}" is not one of {", ".join(sorted(languages))}'
        near = [one for one in sorted(languages) if one.lower()[:2] == settings.language.lower()[:2]]
        hint = f"Did you mean `{near[0]}`?" if near else "docs/extend.md says how to add a language"
        raise document.error(message, at=["language"], hint=hint)
    if not document.body:
        hint = "write below the second `---` what you work on and want to read"
        raise document.error("the profile has no text", hint=hint)
    return Profile(name=name, settings=settings, prose=document.body, version=document.version)
