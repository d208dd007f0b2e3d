"""The client of a Messages API: which model answers a stage, how, and at which price.

Requests are sent by `sdk.py`, and retried by `scheduler.py`.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Self

from pipeline.config.profile import Profile, models_of
from pipeline.config.settings import Claude as ClaudeSettings
from pipeline.config.settings import Price, Settings
from pipeline.core.progress import Say
from pipeline.core.stage_names import Call
from pipeline.llm import providers
from pipeline.llm.credentials import load_credentials
from pipeline.llm.interface import Answer, ModelStatus, NoAnswer, Question, T
from pipeline.llm.limits import SharedLimits
from pipeline.llm.scheduler import Route, Scheduler

if TYPE_CHECKING:
    from pipeline.llm.sdk import Sdk

log = logging.getLogger(__name__)


class Claude:
    """A client of a Messages API endpoint; implements `interface.Model`. Call `aclose` at the end.

    `models` and `settings` say which model answers a stage, and how; `prices` are USD per million tokens; `environ`
    has the ANTHROPIC_* variables. `budget_usd` is a hard limit for all calls of this client together. `sleep`,
    `clock` (monotonic, seconds) and `jitter` (random, in [0, 1)) can be replaced. `say` takes a line about every wait.
    Raises CredentialsError or InputError for an invalid environment.
    """

    def __init__(
        self,
        settings: ClaudeSettings,
        models: Mapping[Call, str],
        prices: Mapping[str, Price],
        environ: Mapping[str, str],
        *,
        budget_usd: float,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
        jitter: Callable[[], float] = random.random,
        limits: SharedLimits | None = None,
        say: Say = lambda _stage, _text: None,
    ) -> None:
        self._credentials = load_credentials(environ)
        self._routes: dict[Call, Route] = {}
        for stage, model in models.items():
            provider = providers.choose(self._credentials.base_url, model, settings)
            alias = provider.aliases_claude and model.startswith("claude-")
            self._routes[stage] = Route(model, provider, None if alias else prices.get(model))
        for model in sorted({route.model for route in self._routes.values() if route.price is None}):
            log.warning(
                "the price of %s at %s is not known: no budget can stop it", model, self._credentials.host
            )
        self._scheduler = Scheduler(
            lambda body, seconds: self._sdk.create(body, seconds),  # noqa: PLW0108 - opened with the first request
            settings,
            self._credentials,
            self._routes,
            budget_usd=budget_usd,
            sleep=sleep,
            clock=clock,
            jitter=jitter,
            limits=limits,
            say=say,
        )

    @classmethod
    def open(
        cls,
        settings: Settings,
        profile: Profile,
        environ: Mapping[str, str],
        *,
        limits: SharedLimits | None = None,
        say: Say = lambda _stage, _text: None,
    ) -> Self:
        """Create the client of a profile: its own model ids, else those of its `quality`, within its budget.

        Pass the `limits` of another profile's client to share them between profiles that run concurrently.
        """
        of = models_of(profile, settings)
        return cls(
            settings.claude,
            of.for_calls(),
            settings.prices,
            environ,
            budget_usd=profile.settings.budget_usd,
            limits=limits,
            say=say,
        )

    def charge(self, usd: float | None) -> None:
        """Charge the cost of an earlier stage of the same run to the budget."""
        self._scheduler.budget.spent_usd += usd or 0.0

    @property
    def limits(self) -> SharedLimits:
        """The limits that other profiles' clients can share."""
        return self._scheduler.limits

    async def aclose(self) -> None:
        """Close the connections."""
        if "_sdk" in vars(self):  # the first request opens them
            await self._sdk.aclose()

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

    async def check_models(self) -> tuple[ModelStatus, ...]:
        """Look up the status of each model in use."""
        models = dict.fromkeys(route.model for route in self._routes.values())
        return tuple([await self._sdk.look_up(model) for model in models])

    @cached_property
    def _sdk(self) -> Sdk:
        """Created with the first request, since importing the SDK takes two seconds, which most commands can spare."""
        from pipeline.llm.sdk import Sdk  # noqa: PLC0415

        return Sdk(self._credentials)
