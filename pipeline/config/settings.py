"""Settings: `digest.toml` and its overrides in the environment. Every key is validated, unknown ones are errors."""

from __future__ import annotations

import json
import math
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
from pipeline.core.names import LINK_HOSTS
from pipeline.core.source import HUGGINGFACE
from pipeline.core.stage_names import Call

Environ = Mapping[str, str]

SETTINGS = Path("digest.toml")  # relative to the working directory
PROMPTS = Path("prompts")
# Variables that override settings. With the same prefix, the active profiles, the workflow's switch, the addresses for
# messages and variables of the tests are no settings.
VARIABLE = re.compile("DIGEST_(?!(?:PROFILES|PAUSED|NOTIFY|TEST_.*)$)(.*)")
LOOPBACK = {"127.0.0.1", "localhost", "::1"}


def validate_base_url(value: str) -> str:
    """Return an https URL (http on loopback only) without a trailing slash.

    Raises ValueError for any other URL, and for one with credentials.
    """
    parts = urlsplit(value)
    if "@" in parts.netloc:
        raise ValueError("holds a name or a password, which would be published")
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise ValueError("is not an https address")
    return value.rstrip("/")


def matching(pattern: str, problem: str) -> AfterValidator:
    """Return a validator of texts that match a pattern as a whole; `problem` says what is wrong with any other."""

    def check(value: str) -> str:
        if not re.fullmatch(pattern, value):
            raise ValueError(problem)
        return value

    return AfterValidator(check)


ModelName = Annotated[str, Field(min_length=1)]
BaseUrl = Annotated[str, AfterValidator(validate_base_url)]
HeaderValue = Annotated[str, matching("[ -~]{1,200}", "is not one line of plain letters, figures and signs")]
# A GitHub login; one that a company manages has an underscore.
Login = Annotated[str, matching("[A-Za-z0-9][A-Za-z0-9_-]{0,99}", "is not a login such as octocat")]
# A host name, or `*.` and a host name for all its subdomains; not `*` alone.
HostPattern = Annotated[
    str,
    matching(r"(\*\.)?([a-z0-9-]+\.)+[a-z]{2,}", "is not a host such as github.com or *.github.io"),
]


class Endpoints(Value):
    """Base URLs of the sources."""

    huggingface: BaseUrl = "https://huggingface.co"
    arxiv: BaseUrl = "https://arxiv.org"  # pages of papers: abs, html and pdf
    arxiv_rss: BaseUrl = "https://rss.arxiv.org"
    arxiv_api: BaseUrl = "https://export.arxiv.org"
    arxiv_oai: BaseUrl = "https://oaipmh.arxiv.org"
    biorxiv: BaseUrl = "https://api.biorxiv.org"  # of bioRxiv and medRxiv


class Http(Value):
    """Rate limit, timeouts and retries for fetching pages."""

    # Between two requests to arXiv, whose terms ask for 3, or to bioRxiv's API.
    arxiv_interval_seconds: float = Field(3.0, ge=0)
    timeout_seconds: float = Field(30.0, gt=0)  # to connect, and between two chunks of a response
    total_seconds: float = Field(240.0, gt=0)  # for one page, including retries
    attempts: int = Field(4, ge=1, le=10)
    max_wait_seconds: float = Field(
        60.0, ge=0
    )  # a longer Retry-After ends the requests to that host for this run
    max_megabytes: float = Field(40.0, gt=0)  # of one response
    contact: HeaderValue = "https://github.com/OWNER/REPO"  # part of the User-Agent


class Feeds(Value):
    """Limit of what one feed of a profile brings."""

    # Past it an entry waits for a later night. 500 entries of a feed are read at most, see `sources/feed_worker.py`.
    new_a_night: int = Field(50, ge=1, le=500)


class Models(Value):
    """Names of the models that score, analyze, and read claims a second time; without `verify`, `score` does that.

    Briefs are written by the model that scores.
    """

    score: ModelName
    analyze: ModelName
    verify: ModelName | None = None

    def for_calls(self) -> dict[Call, str]:
        """Return the model's name by kind of call."""
        return {
            "score": self.score,
            "analyze": self.analyze,
            "verify": self.verify or self.score,
            "brief": self.score,
        }


class Price(Value):
    """A model's price in USD per million tokens. Above `long_above` input tokens, the long price holds for all."""

    input: float = Field(ge=0)
    output: float = Field(ge=0)
    long_above: float = Field(math.inf, ge=1)  # input tokens of one prompt
    long_input: float = Field(0.0, ge=0)
    long_output: float = Field(0.0, ge=0)

    @model_validator(mode="after")
    def _long_is_whole(self) -> Price:
        if len(self.model_fields_set & {"long_above", "long_input", "long_output"}) in (1, 2):
            raise ValueError("long_above, long_input and long_output go together")
        return self


class Claude(Value):
    """Calls of the Messages API: concurrency, retries, timeouts, limits of tokens, and request options."""

    concurrency: int = Field(8, ge=1, le=64)  # calls at the same time
    attempts: int = Field(5, ge=1, le=10)  # an overloaded endpoint is waited for without a limit of tries
    timeout_seconds: float = Field(300.0, gt=0)  # of one call
    deadline_seconds: float = Field(1500.0, gt=0)  # of one stage, with the waits for an overloaded endpoint
    max_wait_seconds: float = Field(120.0, ge=0)  # a longer Retry-After ends the call
    score_max_tokens: int = Field(8000, ge=500)  # of output
    analyze_max_tokens: int = Field(16000, ge=1000)
    score_effort: Literal["low", "medium", "high"] = "low"
    analyze_effort: Literal["low", "medium", "high"] = "medium"
    # How JSON is requested; auto: by the endpoint's host, see `llm/providers.py`.
    structured: Literal["auto", "format", "tool", "tool_any", "tool_auto", "prompt"] = "auto"
    thinking: Literal["auto", "leave", "disabled"] = "auto"  # leave: as the model decides


class Scoring(Value):
    """Batches and passes of the scoring; weights and gates of the score (see `scoring/rubric.py`)."""

    batch: int = Field(25, ge=1, le=25)  # papers per call
    prompt_tokens: int = Field(80_000, ge=2000, le=100_000)  # of one prompt, estimated
    # A paper is marked again if the threshold lies within this many points of its score. So near to a paper on the other
    # side of the last place, both are compared.
    again_within: float = Field(7.0, ge=0)
    # At most max(again_at_least, again_per_pick x picks) papers are marked a second time.
    again_at_least: int = Field(20, ge=0)
    again_per_pick: int = Field(4, ge=0)
    weight_topic: float = Field(0.60, ge=0)
    weight_transfer: float = Field(0.25, ge=0)
    weight_substance: float = Field(0.15, ge=0)
    off_topic_below: float = Field(1.5, ge=0, le=5)  # a lower topic mark scores at most `off_topic_at_most`
    off_topic_at_most: int = Field(35, ge=0, le=100)
    neighbor_below: float = Field(2.5, ge=0, le=5)  # a lower topic mark scores below the threshold
    local_shared_terms: int = Field(2, ge=1)  # telling words that a pick without a model shares

    def most_again(self, picks: int) -> int:
        """Return the most papers that the second pass marks."""
        return max(self.again_at_least, self.again_per_pick * picks)

    @model_validator(mode="after")
    def _weights_sum_to_one(self) -> Scoring:
        total = self.weight_topic + self.weight_transfer + self.weight_substance
        if abs(total - 1) > 1e-6:
            raise ValueError(f"the three weights have to sum to 1, not {total:g}")
        return self


class Reading(Value):
    """Limits of reading one paper's full text."""

    text_tokens: int = Field(60_000, ge=1000, le=80_000)  # of the text in the prompt, estimated
    pdf_seconds: float = Field(60.0, gt=0)  # of each worker process that parses a PDF or an HTML page
    pdf_megabytes: int = Field(1024, ge=128)  # memory of each such process


class LinkHosts(Value):
    """Hosts to which links from a source's metadata may lead, besides arXiv and Hugging Face."""

    hosts: tuple[HostPattern, ...] = LINK_HOSTS


class Delivery(Value):
    """How published digests reach their readers, besides the page and the feed."""

    issue: bool = False  # each digest becomes a comment on an issue of its profile, which GitHub mails


class Feedback(Value):
    """What readers say of papers, see `core/vote_issues.py`."""

    votes: bool = False  # papers carry links that open issues, and those count as votes
    voters: tuple[Login, ...] = ()  # whose votes count besides the owner's and collaborators'
    # Votes move a paper's score in the local ranking by at most this share of the day's best one. Below 0.5, a paper that
    # shares no word with the profile never comes before the paper that suits it best. 0: votes change no rank.
    cap: float = Field(0.4, ge=0, le=1)


class Active(Value):
    """The profiles of a nightly run, and the engine unless `--engine` names another."""

    active: tuple[str, ...] = Field(min_length=1)
    engine: Engine = "claude"


class Settings(Value):
    """All settings of `digest.toml`. It is the only place with model names and prices."""

    profiles: Active
    endpoints: Endpoints = Endpoints()
    http: Http = Http()
    feeds: Feeds = Feeds()
    claude: Claude = Claude()
    scoring: Scoring = Scoring()
    reading: Reading = Reading()
    links: LinkHosts = LinkHosts()
    delivery: Delivery = Delivery()
    feedback: Feedback = Feedback()
    models: dict[Literal["economy", "standard", "best"], Models]  # by the profile's `quality`
    prices: dict[str, Price] = {}  # by model name

    @property
    def paced_hosts(self) -> frozenset[str]:
        """The hosts that share one connection and one rate limit: arXiv's and bioRxiv's."""
        return frozenset(urlsplit(url).netloc for name, url in self.endpoints if name != HUGGINGFACE.name)


def load_settings(path: Path, environ: Environ) -> Settings:
    """Load `digest.toml`, overridden by `DIGEST_<SECTION>__<KEY>` from the environment.

    Raises InputError, also for unknown keys and variables; it names the line of the file or the variable.
    """
    raw = front_matter.load_toml(
        path, hint="run the command in the repository's root, where digest.toml stands"
    )
    variables: dict[tuple[str, ...], str] = {}
    for name, value in sorted(environ.items()):
        if (variable := VARIABLE.fullmatch(name)) and value.strip():
            keys = tuple(variable[1].lower().split("__"))
            variables[keys] = name
            _override(raw, keys, value, name)
    try:
        return Settings.model_validate(raw)
    except ValidationError as error:
        fault = explain(error, Settings, examples=_examples())
        location = tuple(map(str, fault.location))
        for keys, name in variables.items():
            if keys[: len(location)] == location[: len(keys)]:
                hint = fault.hint if "`" in fault.hint else _as_variable_hint(fault.hint, name)
                raise InputError(fault.message, path=name, hint=hint) from None
        line = front_matter.toml_line(path, location)
        raise InputError(fault.message, path=str(path), line=line, hint=fault.hint) from None


def _examples() -> dict[str, str]:
    """Return by dotted key a line that would be valid; where there is a default, the default."""
    return (
        {
            "profiles": 'a section [profiles] with active = ["cv-restoration"]',
            "profiles.active": 'active = ["cv-restoration"]',
            "profiles.engine": 'engine = "claude"',
            "models": '[models.standard] with score = "NAME" and analyze = "NAME"',
            "prices": '[prices."NAME"] with input = 1.0 and output = 5.0, in USD per million tokens',
            "scoring": "weight_topic = 0.60, weight_transfer = 0.25, weight_substance = 0.15",
        }
        | {
            f"{name}.{key}": f"{key} = {json.dumps(value)}"
            for name, section in Settings.model_fields.items()
            if isinstance(section.default, Value)
            for key, value in section.default.model_dump(mode="json").items()
        }
        | {"feedback.voters": 'voters = ["octocat"]'}
    )


def _as_variable_hint(hint: str, name: str) -> str:
    """Rewrite a hint for a variable: `Try: attempts = 4` becomes `Try: DIGEST_HTTP__ATTEMPTS=4`."""
    value = hint.partition(" = ")[2]
    return f"Try: {name}={value.strip(chr(34))}, or no such variable" if value else "remove the variable"


def _override(raw: dict[str, Any], keys: tuple[str, ...], value: str, name: str) -> None:
    """Set one nested value. Raises InputError, naming the variable `name`, if the path leads through a value.

    A list or table is written as JSON; any other value stays text, which the model converts.
    """
    table = raw
    for key in keys[:-1]:
        table = table.setdefault(key, {})
        if not isinstance(table, dict):
            raise InputError("does not name a setting", path=name, hint="the form is DIGEST_<SECTION>__<KEY>")
    try:
        table[keys[-1]] = json.loads(value) if value.lstrip().startswith(("[", "{")) else value
    except ValueError:
        table[keys[-1]] = value
