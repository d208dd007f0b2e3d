"""The Messages API client over the vendor's SDK, which no other module imports. Retries are in `scheduler.py`.

It calls `messages.create` and validates answers itself, since `messages.parse` discards an answer that does not
validate, together with its usage. The SDK's own retries are off, since they sleep through any retry-after, even an
hour.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, Self

from pipeline.config.profile import Profile, models_of
from pipeline.config.settings import Claude as ClaudeSettings
from pipeline.config.settings import Price, Settings
from pipeline.core.stage_names import Stage
from pipeline.llm import model_status, providers, response, retry
from pipeline.llm.credentials import Credentials, load_credentials
from pipeline.llm.interface import Answer, NoAnswer, Question, T
from pipeline.llm.model_status import ModelStatus
from pipeline.llm.response import Reply
from pipeline.llm.retry import ApiError
from pipeline.llm.scheduler import Route, Scheduler, SharedLimits

if TYPE_CHECKING:
    import anthropic
    import httpx2

log = logging.getLogger(__name__)

CONNECT_TIMEOUT_SECONDS: Final = 10.0
LOOKUP_TIMEOUT_SECONDS: Final = 30.0  # for a model's status, in an interactive check


async def warm_up() -> None:
    """Import the SDK in a thread: it takes two seconds or more, which can overlap with fetching pages."""
    await asyncio.to_thread(_import_sdk)


def _import_sdk() -> None:
    import anthropic.resources.messages  # noqa: PLC0415 - slow, and not needed by most commands
    import anthropic.resources.models  # noqa: F401, PLC0415


class Claude:
    """A client of a Messages API endpoint; implements `interface.Model`. Call `aclose` at the end.

    `models` and `settings` say which model answers a stage, and how; `prices` are USD per million tokens; `environ`
    has the ANTHROPIC_* variables. `budget_usd` is a hard limit for all calls of this client together. `sleep`,
    `clock` (monotonic, seconds) and `jitter` (random, in [0, 1)) can be replaced.
    Raises CredentialsError or InputError for an invalid environment.
    """

    def __init__(
        self,
        settings: ClaudeSettings,
        models: Mapping[Stage, str],
        prices: Mapping[str, Price],
        environ: Mapping[str, str],
        *,
        budget_usd: float,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
        jitter: Callable[[], float] = random.random,
        limits: SharedLimits | None = None,
    ) -> None:
        self._settings = settings
        self._credentials = load_credentials(environ)
        self._routes = {stage: self._route(model, prices) for stage, model in models.items()}
        for model in sorted({route.model for route in self._routes.values() if route.price is None}):
            log.warning(
                "the price of %s at %s is not known: no budget can stop it", model, self._credentials.host
            )
        self._client: anthropic.AsyncAnthropic | None = None
        self._scheduler = Scheduler(
            self._post,
            settings,
            self._credentials,
            self._routes,
            budget_usd=budget_usd,
            sleep=sleep,
            clock=clock,
            jitter=jitter,
            limits=limits,
        )

    @classmethod
    def open(
        cls,
        settings: Settings,
        profile: Profile,
        environ: Mapping[str, str],
        *,
        limits: SharedLimits | None = None,
    ) -> Self:
        """Create the client of a profile: its own model ids, else those of its `quality`, within its budget.

        Pass the `limits` of another profile's client to share them between profiles that run concurrently.
        """
        of = models_of(profile, settings)
        models: dict[Stage, str] = {"score": of.score, "analyze": of.analyze}
        return cls(
            settings.claude,
            models,
            settings.prices,
            environ,
            budget_usd=profile.settings.budget_usd,
            limits=limits,
        )

    def charge(self, usd: float | None) -> None:
        """Charge the cost of an earlier stage of the same run to the budget."""
        self._scheduler.charge(usd or 0.0)

    @property
    def limits(self) -> SharedLimits:
        """The limits that other profiles' clients can share."""
        return self._scheduler.limits

    def _route(self, model: str, prices: Mapping[str, Price]) -> Route:
        provider = providers.choose(self._credentials.base_url, model, self._settings)
        alias = provider.aliases_claude and model.startswith("claude-")
        return Route(model, provider, None if alias else prices.get(model))

    async def aclose(self) -> None:
        """Close the connections."""
        if self._client is not None:
            client, self._client = self._client, None
            await client.close()

    def describe(self) -> str:
        """Describe the providers, one line each: JSON mode, models, and the variable that holds the credentials."""
        lines: dict[str, list[str]] = {}
        for stage, route in self._routes.items():
            lines.setdefault(route.provider.describe(), []).append(f"{stage} {route.model}")
        return "\n".join(
            f"{provider} ({', '.join(stages)}; {self._credentials.variable})"
            for provider, stages in lines.items()
        )

    async def ask(self, question: Question[T]) -> Answer[T] | NoAnswer:
        """Answer a question, or return the reason why there is no answer.

        Raises CredentialsError if the endpoint refuses the credentials, in this call or an earlier one.
        """
        return await self._scheduler.ask(question)

    async def _post(self, body: dict[str, Any], seconds: float) -> Reply | ApiError:
        """Send one request through the SDK; its exceptions become values."""
        client = await self._get_client()
        try:
            async with asyncio.timeout(seconds):
                reply = response.parse_reply(
                    _to_json(await client.messages.create(**body, timeout=_timeouts(seconds)))
                )
        except TimeoutError:
            return ApiError(f"no answer in {seconds:g} s", maybe_billed=True)
        except _sdk_exceptions() as error:
            return _to_api_error(error, self._credentials)
        return ApiError("the answer is no message", status=200, maybe_billed=True) if reply is None else reply

    async def check_models(self) -> tuple[ModelStatus, ...]:
        """Look up the status of each model in use."""
        client = await self._get_client()
        statuses = []
        for model in dict.fromkeys(route.model for route in self._routes.values()):
            try:
                async with asyncio.timeout(LOOKUP_TIMEOUT_SECONDS):
                    raw = await client.models.retrieve(model, timeout=_timeouts(LOOKUP_TIMEOUT_SECONDS))
                    statuses.append(model_status.parse_status(model, _to_json(raw)))
            except TimeoutError:
                statuses.append(ModelStatus(model, "unanswered", note="no answer in time"))
            except _sdk_exceptions() as error:
                api_error = _to_api_error(error, self._credentials)
                statuses.append(
                    ModelStatus(
                        model,
                        "unknown" if api_error.status == 404 else "unanswered",
                        note=api_error.summary,
                    )
                )
        return tuple(statuses)

    async def _get_client(self) -> anthropic.AsyncAnthropic:
        """The SDK's client, created on first use."""
        if self._client is None:
            await warm_up()
        if self._client is None:  # a concurrent call may have created it during the import
            self._client = self._create_client()
        return self._client

    def _create_client(self) -> anthropic.AsyncAnthropic:
        import anthropic  # noqa: PLC0415
        from anthropic.lib.credentials import IdentityTokenFile, WorkloadIdentityCredentials  # noqa: PLC0415

        credentials, identity = self._credentials, self._credentials.identity
        token_exchange = None
        if identity is not None:
            token_exchange = WorkloadIdentityCredentials(
                identity_token_provider=IdentityTokenFile(identity.file),
                federation_rule_id=identity.rule,
                organization_id=identity.organization,
                service_account_id=identity.service_account,
                workspace_id=identity.workspace,
            )
        return anthropic.AsyncAnthropic(
            api_key=credentials.api_key,
            auth_token=credentials.auth_token,
            credentials=token_exchange,
            base_url=credentials.base_url,
            max_retries=0,
            open_telemetry=False,
        )


def _timeouts(seconds: float) -> httpx2.Timeout:
    """The timeout of each phase of a request, with a shorter one for connecting."""
    import httpx2  # noqa: PLC0415

    return httpx2.Timeout(seconds, connect=min(seconds, CONNECT_TIMEOUT_SECONDS))


def _sdk_exceptions() -> tuple[type[Exception], ...]:
    """What the SDK raises for a failed request or an unreadable response; anything else is a bug and propagates."""
    import anthropic  # noqa: PLC0415
    import httpx2  # noqa: PLC0415

    return (
        anthropic.AnthropicError,
        httpx2.HTTPError,
        ValueError,  # invalid JSON or UTF-8, or, in Python 3.13, JSON that is nested too deeply
        RecursionError,
    )


def _to_json(raw: object) -> Mapping[str, Any]:
    """The SDK's object as JSON; empty for anything else, such as an HTML page, which the SDK returns as text."""
    import anthropic  # noqa: PLC0415

    return raw.to_dict(mode="json", warnings=False) if isinstance(raw, anthropic.BaseModel) else {}


def _to_api_error(error: Exception, credentials: Credentials) -> ApiError:
    """Convert an SDK exception to a value without the secret that its request carries."""
    import anthropic  # noqa: PLC0415
    import httpx2  # noqa: PLC0415
    from anthropic.lib.credentials import WorkloadIdentityError  # noqa: PLC0415

    if isinstance(error, anthropic.APIStatusError):
        return _from_status_error(error, credentials)
    if isinstance(error, anthropic.APITimeoutError):
        return ApiError(
            "no answer in time", maybe_billed=not isinstance(error.__cause__, httpx2.ConnectTimeout)
        )
    if isinstance(error, anthropic.APIConnectionError):
        unsent = isinstance(error.__cause__, (httpx2.ConnectError, httpx2.UnsupportedProtocol))
        return ApiError(
            "the connection failed" if unsent else "the connection broke off", maybe_billed=not unsent
        )
    if isinstance(error, WorkloadIdentityError):
        status = error.status_code
        permanent = status is not None and status < 500 and status not in retry.RETRYABLE_STATUSES
        outcome = "no answer" if status is None else f"HTTP {status}"
        return ApiError(f"the token exchange failed ({outcome})", status=401 if permanent else status)
    if isinstance(error, anthropic.CredentialsError):
        return ApiError(
            "the identity token cannot be read", status=401, message=credentials.redact(str(error))
        )
    return ApiError("the answer is not JSON", status=200, maybe_billed=True)


def _from_status_error(error: anthropic.APIStatusError, credentials: Credentials) -> ApiError:
    headers = error.response.headers
    error_type = error.type if isinstance(error.type, str) else ""
    message = error.api_message if isinstance(error.api_message, str) else ""
    return ApiError(
        summary=f"HTTP {error.status_code} {credentials.redact(error_type)}".strip(),
        status=error.status_code,
        code=error.error_code or "",
        message=credentials.redact(message),
        retry_after=retry.parse_retry_after(headers.get("retry-after")),
        should_retry={"true": True, "false": False}.get(headers.get("x-should-retry", "")),
    )
