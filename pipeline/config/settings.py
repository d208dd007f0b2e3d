"""What an operator can set: `digest.toml` and its overrides in the environment, checked in full."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, ValidationError, model_validator

from pipeline.config import front_matter
from pipeline.config.validation_errors import explain
from pipeline.core.errors import InputError
from pipeline.core.models import Engine, Value

Environ = Mapping[str, str]

SETTINGS = Path("digest.toml")  # in the folder where a command is given
PROMPTS = Path("prompts")
PREFIX = "DIGEST_"
NOT_SETTINGS = ("DIGEST_PROFILES", "DIGEST_PAUSED", "DIGEST_TEST_")  # the workflow's and the tests' own
LOOPBACK = {"127.0.0.1", "localhost", "::1"}


def address(value: str) -> str:
    """An https address (http on this machine alone) that names nobody, without a slash at its end."""
    parts = urlsplit(value)
    if "@" in parts.netloc:
        raise ValueError("holds a name or a password, which would be published")
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise ValueError("is not an https address")
    return value.rstrip("/")


def header(value: str) -> str:
    """What can stand in a line of an HTTP request."""
    if not re.fullmatch(r"[ -~]{1,200}", value):
        raise ValueError("is not one line of plain letters, figures and signs")
    return value


def host(value: str) -> str:
    """A host, or `*.` and a host for all below it; never all there are."""
    if not re.fullmatch(r"(\*\.)?([a-z0-9-]+\.)+[a-z]{2,}", value):
        raise ValueError("is not a host such as github.com or *.github.io")
    return value


Address = Annotated[str, AfterValidator(address)]
Header = Annotated[str, AfterValidator(header)]
Host = Annotated[str, AfterValidator(host)]


class Endpoints(Value):
    """Base addresses of the sources."""

    huggingface: Address = "https://huggingface.co"
    arxiv: Address = "https://arxiv.org"
    arxiv_rss: Address = "https://rss.arxiv.org"
    arxiv_api: Address = "https://export.arxiv.org"
    arxiv_oai: Address = "https://oaipmh.arxiv.org"


class Http(Value):
    """How politely and how patiently pages are fetched."""

    arxiv_interval_seconds: float = Field(3.0, ge=0)
    timeout_seconds: float = Field(30.0, gt=0)
    total_seconds: float = Field(240.0, gt=0)
    attempts: int = Field(4, ge=1, le=10)
    max_wait_seconds: float = Field(60.0, ge=0)
    max_megabytes: float = Field(40.0, gt=0)
    contact: Header = "https://github.com/OWNER/REPO"


class Models(Value):
    """The model that ranks and the model that reads."""

    score: str = Field(min_length=1)
    analyze: str = Field(min_length=1)


class Price(Value):
    """USD per million tokens. Above `long_above` input tokens the long price holds for the whole prompt."""

    input: float = Field(ge=0)
    output: float = Field(ge=0)
    long_above: int | None = Field(None, ge=1)
    long_input: float | None = Field(None, ge=0)
    long_output: float | None = Field(None, ge=0)

    @property
    def long(self) -> tuple[int, float, float] | None:
        """Above how many input tokens the long price holds, and that price of input and output."""
        if self.long_above is None or self.long_input is None or self.long_output is None:
            return None
        return self.long_above, self.long_input, self.long_output

    @model_validator(mode="after")
    def _long_is_whole(self) -> Price:
        given = (self.long_above, self.long_input, self.long_output)
        if self.long is None and any(one is not None for one in given):
            raise ValueError("long_above, long_input and long_output go together")
        return self


class Claude(Value):
    """The Messages API: how many calls at once, how long, how often."""

    concurrency: int = Field(8, ge=1, le=64)
    attempts: int = Field(5, ge=1, le=10)
    timeout_seconds: float = Field(300.0, gt=0)
    deadline_seconds: float = Field(1500.0, gt=0)
    max_wait_seconds: float = Field(120.0, ge=0)
    score_max_tokens: int = Field(8000, ge=500)
    analyze_max_tokens: int = Field(16000, ge=1000)
    score_effort: Literal["low", "medium", "high"] = "low"
    analyze_effort: Literal["low", "medium", "high"] = "medium"
    structured: Literal["auto", "format", "tool", "tool_any", "tool_auto", "prompt"] = "auto"
    thinking: Literal["auto", "leave", "disabled"] = "auto"


class Scoring(Value):
    """Batches, passes, weights and gates of the score."""

    batch: int = Field(25, ge=1, le=25)
    prompt_tokens: int = Field(80_000, ge=2000, le=100_000)
    again_at_least: int = Field(20, ge=0)
    again_per_pick: int = Field(4, ge=0)
    weight_topic: float = Field(0.60, ge=0)
    weight_transfer: float = Field(0.25, ge=0)
    weight_substance: float = Field(0.15, ge=0)
    off_topic_below: float = Field(1.5, ge=0, le=5)
    off_topic_at_most: int = Field(35, ge=0, le=100)
    neighbor_below: float = Field(2.5, ge=0, le=5)
    local_shared_terms: int = Field(5, ge=1)

    @model_validator(mode="after")
    def _weights_sum_to_one(self) -> Scoring:
        total = self.weight_topic + self.weight_transfer + self.weight_substance
        if abs(total - 1) > 1e-6:
            raise ValueError(f"the three weights have to sum to 1, not {total:g}")
        return self


class Reading(Value):
    """How much of a paper is read."""

    text_tokens: int = Field(60_000, ge=1000, le=80_000)
    pdf_seconds: float = Field(60.0, gt=0)
    pdf_megabytes: int = Field(1024, ge=128)


class LinkHosts(Value):
    """Hosts that a link out of a source's metadata may lead to, besides arXiv and Hugging Face."""

    hosts: tuple[Host, ...] = ("github.com", "gitlab.com", "huggingface.co", "*.github.io", "*.gitlab.io")


class Active(Value):
    """Which profiles a nightly run makes, and who judges unless `--engine` says otherwise."""

    active: tuple[str, ...] = Field(min_length=1)
    engine: Engine = "claude"


class Settings(Value):
    """All of `digest.toml`. Model names and prices stand there and nowhere else."""

    profiles: Active
    endpoints: Endpoints = Endpoints()
    http: Http = Http()
    claude: Claude = Claude()
    scoring: Scoring = Scoring()
    reading: Reading = Reading()
    links: LinkHosts = LinkHosts()
    models: dict[Literal["economy", "standard", "best"], Models]
    prices: dict[str, Price] = {}

    @property
    def arxiv_hosts(self) -> frozenset[str]:
        """Hosts that share one connection and one pace: all of arXiv's."""
        of = (
            self.endpoints.arxiv,
            self.endpoints.arxiv_rss,
            self.endpoints.arxiv_api,
            self.endpoints.arxiv_oai,
        )
        return frozenset(urlsplit(address).netloc for address in of)


def load_settings(path: Path, environ: Environ) -> Settings:
    """`digest.toml`, overridden by `DIGEST_<SECTION>__<KEY>`; unknown keys and variables are refused."""
    raw = front_matter.toml(path, hint="run the command in the repository's root, where digest.toml stands")
    origin: dict[tuple[str, ...], str] = {}
    for name, value in sorted(environ.items()):
        if name.startswith(PREFIX) and not _not_a_setting(name) and value.strip():
            keys = tuple(name.removeprefix(PREFIX).lower().split("__"))
            origin[keys] = name
            _put(raw, keys, _decoded(value), name)
    try:
        return Settings.model_validate(raw)
    except ValidationError as error:
        fault = explain(error, Settings, tries=_tries())
        where = tuple(map(str, fault.where))
        for keys, name in origin.items():
            if keys[: len(where)] == where[: len(keys)]:
                hint = fault.hint if "`" in fault.hint else _as_variable(fault.hint, name)
                raise InputError(fault.message, path=name, hint=hint) from None
        line = front_matter.toml_line(path, where)
        raise InputError(fault.message, path=str(path), line=line, hint=fault.hint) from None


def _tries() -> dict[str, str]:
    """For each setting a line that would be right: its default."""
    tries = {
        "profiles": 'a section [profiles] with active = ["cv-restoration"]',
        "profiles.active": 'active = ["cv-restoration"]',
        "profiles.engine": 'engine = "claude"',
        "models": '[models.standard] with score = "NAME" and analyze = "NAME"',
        "prices": '[prices."NAME"] with input = 1.0 and output = 5.0, in USD per million tokens',
        "scoring": "weight_topic = 0.60, weight_transfer = 0.25, weight_substance = 0.15",
    }
    for name, section in Settings.model_fields.items():
        default = section.default if isinstance(section.default, Value) else None
        for key, value in default.model_dump(mode="json").items() if default else ():
            tries[f"{name}.{key}"] = f"{key} = {json.dumps(value)}"
    return tries


def _as_variable(hint: str, name: str) -> str:
    """The same remedy as a variable: `Try: attempts = 4` is `Try: DIGEST_HTTP__ATTEMPTS=4`."""
    value = hint.partition(" = ")[2]
    return f"Try: {name}={value.strip(chr(34))}, or no such variable" if value else "remove the variable"


def _not_a_setting(name: str) -> bool:
    return any(name == one or (one.endswith("_") and name.startswith(one)) for one in NOT_SETTINGS)


def _put(raw: dict[str, Any], keys: tuple[str, ...], value: Any, name: str) -> None:
    """Set one nested value of the settings."""
    place = raw
    for key in keys[:-1]:
        place = place.setdefault(key, {})
        if not isinstance(place, dict):
            raise InputError("does not name a setting", path=name, hint="the form is DIGEST_<SECTION>__<KEY>")
    place[keys[-1]] = value


def _decoded(value: str) -> Any:
    """A list or table is written as JSON; all else stays the text that it is."""
    if value.lstrip().startswith(("[", "{")):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value
