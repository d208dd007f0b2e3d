"""The Messages API over the vendor's SDK; the only file that knows it. How calls are retried is in `calling.py`.

`messages.create` with our own validation, since `messages.parse` throws away an answer that does not validate,
with its usage; and no retries of the SDK's, since it sleeps through any retry-after, an hour too.
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
from pipeline.llm import credentials, model_status, providers, response, retry
from pipeline.llm.interface import Answer, NoAnswer, Question, T
from pipeline.llm.model_status import Lifecycle
from pipeline.llm.response import Reply
from pipeline.llm.retry import Trouble
from pipeline.llm.scheduler import Caller, Route, SharedLimits

if TYPE_CHECKING:
    import anthropic
    import httpx2

log = logging.getLogger(__name__)

CONNECT_SECONDS: Final = 10.0
LOOK_UP_SECONDS: Final = 30.0  # for a model's state, in a check that somebody waits for


async def warm_up() -> None:
    """Import the SDK in a thread. It takes two seconds or more, which can pass while pages are fetched."""
    await asyncio.to_thread(_import)


def _import() -> None:
    import anthropic.resources.messages  # noqa: PLC0415 - slow, and of no use to most commands
    import anthropic.resources.models  # noqa: F401, PLC0415


class Claude:
    """Whoever stands behind a Messages API, as an `asking.Model`. Call `aclose` at its end.

    `models` and `settings` say which model answers a stage, and how; `prices` are USD per million tokens; `environ`
    has the ANTHROPIC_* variables. `budget_usd` is a hard stop for all calls of this object together. `sleep`,
    `clock` (monotonic, seconds) and `chance` (in [0, 1)) can be replaced.
    Raises CredentialsError or InputError for an environment that cannot work.
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
        chance: Callable[[], float] = random.random,
        limits: SharedLimits | None = None,
    ) -> None:
        self._settings = settings
        self._access = credentials.from_environ(environ)
        self._routes = {stage: self._route(model, prices) for stage, model in models.items()}
        for model in sorted({route.model for route in self._routes.values() if route.price is None}):
            log.warning("the price of %s at %s is not known: no budget can stop it", model, self._access.host)
        self._client: anthropic.AsyncAnthropic | None = None
        self._caller = Caller(
            self._post,
            settings,
            self._access,
            self._routes,
            budget_usd=budget_usd,
            sleep=sleep,
            clock=clock,
            chance=chance,
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
        """The models of a profile: its own choice of ids over those of its `quality`, within its budget.

        `limits` are those of another profile, for profiles that are judged side by side.
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
        """Count what an earlier stage of the same run has spent against the budget."""
        self._caller.charge(usd or 0.0)

    @property
    def limits(self) -> SharedLimits:
        """What this profile can share with others."""
        return self._caller.limits

    def _route(self, model: str, prices: Mapping[str, Price]) -> Route:
        way = providers.choose(self._access.base_url, model, self._settings)
        alias = way.renames and model.startswith("claude-")
        return Route(model, way, None if alias else prices.get(model))

    async def aclose(self) -> None:
        """Close the connections."""
        if self._client is not None:
            client, self._client = self._client, None
            await client.close()

    def describe(self) -> str:
        """Who is asked, how, and with which credentials (by the name of their variable): one line for each way."""
        lines: dict[str, list[str]] = {}
        for stage, route in self._routes.items():
            lines.setdefault(route.way.describe(), []).append(f"{stage} {route.model}")
        return "\n".join(f"{way} ({', '.join(who)}; {self._access.named})" for way, who in lines.items())

    async def ask(self, question: Question[T]) -> Answer[T] | NoAnswer:
        """Ask until there is an answer, or a reason why there is none.

        Raises CredentialsError if the endpoint refuses the credentials, now or before.
        """
        return await self._caller.ask(question)

    async def _post(self, body: dict[str, Any], seconds: float) -> Reply | Trouble:
        """One request over the SDK; whatever it raises becomes a value."""
        client = await self._connected()
        try:
            async with asyncio.timeout(seconds):
                reply = response.read(
                    _plain(await client.messages.create(**body, timeout=_timeouts(seconds)))
                )
        except TimeoutError:
            return Trouble(f"no answer in {seconds:g} s", paid=True)
        except _failures() as error:
            return _trouble(error, self._access)
        return Trouble("the answer is no message", status=200, paid=True) if reply is None else reply

    async def check_models(self) -> tuple[Lifecycle, ...]:
        """What the endpoint says of each model in use."""
        client = await self._connected()
        found = []
        for model in dict.fromkeys(route.model for route in self._routes.values()):
            try:
                async with asyncio.timeout(LOOK_UP_SECONDS):
                    raw = await client.models.retrieve(model, timeout=_timeouts(LOOK_UP_SECONDS))
                    found.append(model_status.read(model, _plain(raw)))
            except TimeoutError:
                found.append(Lifecycle(model, "unanswered", note="no answer in time"))
            except _failures() as error:
                trouble = _trouble(error, self._access)
                found.append(
                    Lifecycle(model, "unknown" if trouble.status == 404 else "unanswered", note=trouble.what)
                )
        return tuple(found)

    async def _connected(self) -> anthropic.AsyncAnthropic:
        """The SDK's client, made when it is first needed."""
        if self._client is None:
            await warm_up()
        if self._client is None:
            self._client = self._connect()
        return self._client

    def _connect(self) -> anthropic.AsyncAnthropic:
        import anthropic  # noqa: PLC0415
        from anthropic.lib.credentials import IdentityTokenFile, WorkloadIdentityCredentials  # noqa: PLC0415

        own, identity = self._access, self._access.identity
        exchange = None
        if identity is not None:
            exchange = WorkloadIdentityCredentials(
                identity_token_provider=IdentityTokenFile(identity.file),
                federation_rule_id=identity.rule,
                organization_id=identity.organization,
                service_account_id=identity.service_account,
                workspace_id=identity.workspace,
            )
        return anthropic.AsyncAnthropic(
            api_key=own.api_key,
            auth_token=own.auth_token,
            credentials=exchange,
            base_url=own.base_url,
            max_retries=0,
            open_telemetry=False,
        )


def _timeouts(seconds: float) -> httpx2.Timeout:
    """Seconds for each step of a request; an endpoint that cannot be reached is given up sooner."""
    import httpx2  # noqa: PLC0415

    return httpx2.Timeout(seconds, connect=min(seconds, CONNECT_SECONDS))


def _failures() -> tuple[type[Exception], ...]:
    """What the SDK raises for an answer that is none; all else is a fault of ours and goes through."""
    import anthropic  # noqa: PLC0415
    import httpx2  # noqa: PLC0415

    return (
        anthropic.AnthropicError,
        httpx2.HTTPError,
        ValueError,  # no JSON, no UTF-8, or nested too deeply, which Python 3.13 says so
        RecursionError,
    )


def _plain(raw: object) -> Mapping[str, Any]:
    """What the SDK built, as JSON; nothing of it if it is no object, which is how an HTML page arrives."""
    import anthropic  # noqa: PLC0415

    return raw.to_dict(mode="json", warnings=False) if isinstance(raw, anthropic.BaseModel) else {}


def _trouble(error: Exception, own: credentials.Access) -> Trouble:
    """An exception of the SDK as a value, without the secret that its request carries."""
    import anthropic  # noqa: PLC0415
    import httpx2  # noqa: PLC0415
    from anthropic.lib.credentials import WorkloadIdentityError  # noqa: PLC0415

    if isinstance(error, anthropic.APIStatusError):
        return _of_status(error, own)
    if isinstance(error, anthropic.APITimeoutError):
        return Trouble("no answer in time", paid=not isinstance(error.__cause__, httpx2.ConnectTimeout))
    if isinstance(error, anthropic.APIConnectionError):
        unsent = isinstance(error.__cause__, (httpx2.ConnectError, httpx2.UnsupportedProtocol))
        return Trouble("the connection failed" if unsent else "the connection broke off", paid=not unsent)
    if isinstance(error, WorkloadIdentityError):
        status = error.status_code
        lasting = status is not None and status < 500 and status not in retry.AGAIN
        answered = "no answer" if status is None else f"HTTP {status}"
        return Trouble(f"the token exchange failed ({answered})", status=401 if lasting else status)
    if isinstance(error, anthropic.CredentialsError):
        return Trouble("the identity token cannot be read", status=401, message=own.redacted(str(error)))
    return Trouble("the answer is not JSON", status=200, paid=True)


def _of_status(error: anthropic.APIStatusError, own: credentials.Access) -> Trouble:
    headers = error.response.headers
    kind = error.type if isinstance(error.type, str) else ""
    message = error.api_message if isinstance(error.api_message, str) else ""
    return Trouble(
        what=f"HTTP {error.status_code} {own.redacted(kind)}".strip(),
        status=error.status_code,
        code=error.error_code or "",
        message=own.redacted(message),
        retry_after=retry.seconds(headers.get("retry-after")),
        should_retry={"true": True, "false": False}.get(headers.get("x-should-retry", "")),
    )
