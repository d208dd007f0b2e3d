"""The vendor's SDK, which no other module imports: requests to a Messages API, and the SDK's exceptions as values.

It calls `messages.create` and validates answers itself, since `messages.parse` discards an answer that does not
validate, together with its usage. The SDK's own retries are off, since they sleep through any retry-after, even an
hour.
"""

import asyncio
from collections.abc import Awaitable, Mapping
from typing import Any, Final

import anthropic
import httpx2
from anthropic.lib.credentials import IdentityTokenFile, WorkloadIdentityCredentials, WorkloadIdentityError

from pipeline.llm import response, retry
from pipeline.llm.credentials import Credentials
from pipeline.llm.interface import ModelStatus
from pipeline.llm.response import Reply
from pipeline.llm.retry import ApiError

CONNECT_TIMEOUT_SECONDS: Final = 10.0
LOOKUP_TIMEOUT_SECONDS: Final = 30.0  # for a model's status, in an interactive check

# What the SDK raises for a failed request or an unreadable response; anything else is a bug and propagates.
EXCEPTIONS: Final = (
    anthropic.AnthropicError,
    httpx2.HTTPError,
    ValueError,  # invalid JSON or UTF-8, or, in Python 3.13, JSON that is nested too deeply
    RecursionError,
)
UNSENT: Final = (httpx2.ConnectError, httpx2.ConnectTimeout)


class Sdk:
    """The SDK's client of one endpoint. Call `aclose` at the end."""

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials
        token_exchange = None
        if identity := credentials.identity:
            token_exchange = WorkloadIdentityCredentials(
                identity_token_provider=IdentityTokenFile(identity.file),
                federation_rule_id=identity.rule,
                organization_id=identity.organization,
                service_account_id=identity.service_account,
                workspace_id=identity.workspace,
            )
        self._client = anthropic.AsyncAnthropic(
            api_key=credentials.api_key,
            auth_token=credentials.auth_token,
            credentials=token_exchange,
            base_url=credentials.base_url,
            timeout=httpx2.Timeout(
                None, connect=CONNECT_TIMEOUT_SECONDS
            ),  # each call has a timeout as a whole
            max_retries=0,
            open_telemetry=False,
        )

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def create(self, body: Mapping[str, Any], seconds: float) -> Reply | ApiError:
        """Send one request for a message."""
        raw = await self._call(self._client.messages.create(**body), seconds)
        if isinstance(raw, ApiError):
            return raw
        reply = response.parse_reply(raw)
        return reply or ApiError("the answer is no message", status=200, maybe_billed=True)

    async def look_up(self, model: str) -> ModelStatus:
        """Look up the status of a model."""
        raw = await self._call(self._client.models.retrieve(model), LOOKUP_TIMEOUT_SECONDS)
        if isinstance(raw, ApiError):
            return ModelStatus(model, "unknown" if raw.status == 404 else "unanswered", note=raw.summary)
        return parse_status(model, raw)

    async def _call(self, call: Awaitable[object], seconds: float) -> Mapping[str, Any] | ApiError:
        """The SDK's object as JSON; empty for anything else, such as an HTML page, which the SDK returns as text."""
        try:
            async with asyncio.timeout(seconds):
                raw = await call
            return raw.to_dict(mode="json", warnings=False) if isinstance(raw, anthropic.BaseModel) else {}
        except TimeoutError:
            return ApiError(f"no answer in {seconds:g} s", maybe_billed=True)
        except EXCEPTIONS as error:
            return self._to_api_error(error)

    def _to_api_error(self, error: Exception) -> ApiError:
        """Convert an SDK exception to a value without the secret that its request carries."""
        if isinstance(error, anthropic.APIStatusError):
            return self._from_status_error(error)
        if isinstance(error, anthropic.APIConnectionError):
            if isinstance(error.__cause__, UNSENT):
                return ApiError("the connection failed")
            return ApiError("the connection broke off", maybe_billed=True)
        if isinstance(error, WorkloadIdentityError):
            status = error.status_code
            permanent = status is not None and status < 500 and status not in retry.RETRYABLE_STATUSES
            outcome = "no answer" if status is None else f"HTTP {status}"
            return ApiError(f"the token exchange failed ({outcome})", status=401 if permanent else status)
        if isinstance(error, anthropic.CredentialsError):
            message = self._credentials.redact(str(error))
            return ApiError("the identity token cannot be read", status=401, message=message)
        return ApiError("the answer is not JSON", status=200, maybe_billed=True)

    def _from_status_error(self, error: anthropic.APIStatusError) -> ApiError:
        redact, headers = self._credentials.redact, error.response.headers
        error_type = error.type if isinstance(error.type, str) else ""
        message = error.api_message if isinstance(error.api_message, str) else ""
        return ApiError(
            summary=f"HTTP {error.status_code} {redact(error_type)}".strip(),
            status=error.status_code,
            code=error.error_code or "",
            message=redact(message),
            retry_after=retry.parse_retry_after(headers.get("retry-after")),
            should_retry={"true": True, "false": False}.get(headers.get("x-should-retry", "")),
        )


def parse_status(model: str, raw: Mapping[str, Any]) -> ModelStatus:
    """Parse the response to GET /v1/models/{id}."""
    state = raw.get("lifecycle")
    if state not in ("active", "deprecated", "retired"):
        return ModelStatus(model, "unanswered", note="the endpoint does not say in which state it is")
    retires = str(raw["retires_at"])[:10] if raw.get("retires_at") else None
    note = f"{state}, to be retired on {retires}" if retires else state
    return ModelStatus(model, state, note, retires)
