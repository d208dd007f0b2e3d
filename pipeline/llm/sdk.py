"""The vendor's SDK, which no other module imports: requests to a Messages API, and the SDK's exceptions as values.

It calls `messages.create` and validates answers itself, since `messages.parse` discards an answer that does not
validate, together with its usage. The SDK's own retries are off, since they sleep through any retry-after, even an
hour.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Mapping
from typing import Any, Final

import anthropic
import httpx2
from anthropic.lib.credentials import IdentityTokenFile, WorkloadIdentityCredentials, WorkloadIdentityError

from pipeline.llm import response, retry
from pipeline.llm.credentials import Credentials
from pipeline.llm.interface import ModelStatus
from pipeline.llm.response import MAX_BYTES_PER_TOKEN, MAX_OUTPUT_TOKENS, NumberError, Reply
from pipeline.llm.retry import ApiError

CONNECT_TIMEOUT_SECONDS: Final = 10.0
LOOKUP_TIMEOUT_SECONDS: Final = 30.0  # for a model's status, in an interactive check

# Of a response, packed and unpacked: the longest answer that a model can write (2 MB), and what an error has to say.
MAX_ANSWER_BYTES: Final = MAX_OUTPUT_TOKENS * MAX_BYTES_PER_TOKEN
MAX_ERROR_BYTES: Final = 64 * 1024

# What the SDK raises for a failed request or an unreadable response; anything else is a bug and propagates.
EXCEPTIONS: Final = (
    anthropic.AnthropicError,
    httpx2.HTTPError,
    ValueError,  # invalid JSON or UTF-8, or, in Python 3.13, JSON that is nested too deeply
    RecursionError,
)
UNSENT: Final = (httpx2.ConnectError, httpx2.ConnectTimeout)


class ResponseTooLargeError(httpx2.TransportError):
    """A response is larger than an answer can be."""


class _CountedStream(httpx2.AsyncByteStream):
    """The bytes of a response as they arrive, up to a limit."""

    def __init__(self, stream: httpx2.AsyncByteStream, max_bytes: int) -> None:
        self._stream, self._max_bytes = stream, max_bytes

    async def __aiter__(self) -> AsyncIterator[bytes]:
        received = 0
        async for chunk in self._stream:
            received += len(chunk)
            if received > self._max_bytes:
                raise ResponseTooLargeError(f"more than {self._max_bytes} bytes")
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()


class _Client(anthropic.DefaultAsyncHttpxClient):
    """The SDK's HTTP client, for an endpoint that is not trusted: the size of every response is limited.

    Redirects are not followed, since they would send prompts, and within a host the credentials, to an address that
    the user has not set.
    """

    async def send(self, request: httpx2.Request, **options: Any) -> httpx2.Response:
        """Send a request and read its response as far as the limit. Raises ResponseTooLargeError for an answer above it."""
        response = await super().send(request, **{**options, "stream": True, "follow_redirects": False})
        try:
            content = await _read(response)
        finally:
            await response.aclose()
        headers = [
            (name, value)
            for name, value in response.headers.multi_items()
            if name not in ("content-encoding", "content-length", "transfer-encoding")
        ]
        return httpx2.Response(response.status_code, headers=headers, content=content, request=request)


async def _read(response: httpx2.Response) -> bytes:
    """The unpacked body; of an error as much as the limit allows, since its status matters more."""
    max_bytes = MAX_ANSWER_BYTES if response.is_success else MAX_ERROR_BYTES
    if isinstance(response.stream, httpx2.AsyncByteStream):
        response.stream = _CountedStream(response.stream, max_bytes)
    content = bytearray()
    try:
        async with contextlib.aclosing(response.aiter_bytes()) as pieces:
            async for piece in pieces:
                content += piece
                if len(content) > max_bytes:
                    raise ResponseTooLargeError(f"more than {max_bytes} bytes")
    except httpx2.HTTPError:
        if response.is_success:
            raise
    return bytes(content[:max_bytes])


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
            http_client=_Client(),
        )

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def create(self, body: Mapping[str, Any], seconds: float) -> Reply | ApiError:
        """Send one request for a message."""
        raw = await self._call(self._client.messages.with_raw_response.create(**body), seconds)
        if isinstance(raw, ApiError):
            return raw
        return (
            response.parse_reply(raw)
            or self._from_error_in_answer(raw)
            or ApiError("the answer is no message", status=200, maybe_billed=True)
        )

    async def look_up(self, model: str) -> ModelStatus:
        """Look up the status of a model."""
        raw = await self._call(self._client.models.with_raw_response.retrieve(model), LOOKUP_TIMEOUT_SECONDS)
        if isinstance(raw, ApiError):
            return ModelStatus(model, "unknown" if raw.status == 404 else "unanswered", note=raw.summary)
        return parse_status(model, raw)

    async def _call(
        self, call: Awaitable[anthropic.APIResponse[Any] | anthropic.AsyncAPIResponse[Any]], seconds: float
    ) -> Mapping[str, Any] | ApiError:
        """The JSON object of a response; empty for JSON of another kind."""
        try:
            async with asyncio.timeout(seconds):
                raw = response.parse_json((await call).http_response.content)
            return raw if isinstance(raw, dict) else {}
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
            if isinstance(error.__cause__, ResponseTooLargeError):
                return ApiError(
                    f"the answer has {error.__cause__}", status=200, maybe_billed=True, should_retry=False
                )
            return ApiError("the connection broke off", maybe_billed=True)
        if isinstance(error, WorkloadIdentityError):
            status = error.status_code
            permanent = status is not None and status < 500 and status not in retry.RETRYABLE_STATUSES
            outcome = "no answer" if status is None else f"HTTP {status}"
            return ApiError(f"the token exchange failed ({outcome})", status=401 if permanent else status)
        if isinstance(error, anthropic.CredentialsError):
            message = self._credentials.redact(str(error))
            return ApiError("the identity token cannot be read", status=401, message=message)
        if isinstance(error, NumberError):
            return ApiError(
                f"the answer cannot be used: {error}", status=200, maybe_billed=True, should_retry=False
            )
        return ApiError("the answer is not JSON", status=200, maybe_billed=True)

    def _from_error_in_answer(self, raw: Mapping[str, Any]) -> ApiError | None:
        """The error in the API's own form that a gateway sends with HTTP 200; None if there is none of a known type.

        Like an error with a status of its own it is not billed: there is no answer.
        """
        error = raw.get("error")
        error_type = error.get("type") if isinstance(error, Mapping) else None
        if not isinstance(error, Mapping) or not isinstance(error_type, str):
            return None
        status = retry.status_of(200, error_type)
        if status == 200:
            return None
        message, details = error.get("message"), error.get("details")
        code = details.get("error_code") if isinstance(details, Mapping) else None
        return ApiError(
            summary=f"HTTP 200 {error_type}",
            status=status,
            code=code if isinstance(code, str) else "",
            message=self._credentials.redact(message) if isinstance(message, str) else "",
        )

    def _from_status_error(self, error: anthropic.APIStatusError) -> ApiError:
        redact, headers = self._credentials.redact, error.response.headers
        error_type = error.type if isinstance(error.type, str) else ""
        message = error.api_message if isinstance(error.api_message, str) else ""
        if retry.is_redirect(error.status_code):
            message = "the endpoint sends requests to another address, which is not followed"
        return ApiError(
            summary=f"HTTP {error.status_code} {redact(error_type)}".strip(),
            status=retry.status_of(error.status_code, error_type),
            code=error.error_code or "",
            message=redact(message),
            retry_after=retry.parse_retry_after(headers.get("retry-after")),
            should_retry={"true": True, "false": False}.get(headers.get("x-should-retry", "")),
            # A gateway that lost the answer does not say so in the API's own form.
            maybe_billed=error.status_code >= 500 and not error_type,
        )


def parse_status(model: str, raw: Mapping[str, Any]) -> ModelStatus:
    """Parse the response to GET /v1/models/{id}."""
    state = raw.get("lifecycle")
    if state not in ("active", "deprecated", "retired"):
        return ModelStatus(model, "unanswered", note="the endpoint does not say in which state it is")
    retires = str(raw["retires_at"])[:10] if raw.get("retires_at") else None
    note = f"{state}, to be retired on {retires}" if retires else state
    return ModelStatus(model, state, note, retires)
