"""The endpoint's address and the credentials, from the ANTHROPIC_* environment variables, checked before any request."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from pipeline.config.settings import validate_base_url
from pipeline.core.errors import CredentialsError, InputError

ANTHROPIC: Final = "https://api.anthropic.com"
SETUP_GUIDE: Final = "see docs/fork.md"


@dataclass(frozen=True)
class Identity:
    """Keyless access (workload identity): the file of the job's identity token, and the ids for its exchange."""

    file: str
    rule: str
    organization: str
    service_account: str | None
    workspace: str | None


@dataclass(frozen=True)
class Credentials:
    """A base URL without trailing / or /v1, and exactly one of key, token and identity.

    `variable` is the environment variable that holds the credential. Secrets are excluded from the repr.
    """

    base_url: str
    variable: str
    api_key: str | None = field(default=None, repr=False)
    auth_token: str | None = field(default=None, repr=False)
    identity: Identity | None = None

    @property
    def host(self) -> str:
        """The endpoint's host name, for messages."""
        return urlsplit(self.base_url).hostname or self.base_url

    def redact(self, text: str) -> str:
        """Return a text from the endpoint on one line of at most 200 characters, with any echoed secret masked.

        It can be encoded: a lone surrogate of its JSON becomes a question mark.
        """
        text = text.encode(errors="replace").decode()
        for secret in (self.api_key, self.auth_token):
            text = text.replace(secret, "***") if secret else text
        line = " ".join(text.split())
        return line if len(line) <= 200 else f"{line[:199]}…"


def load_credentials(environ: Mapping[str, str]) -> Credentials:
    """Read the credentials: the API key, else the auth token, else the identity-token file.

    A blank variable counts as unset. Raises CredentialsError if there is no usable credential, InputError for an
    invalid base URL.
    """
    base_url = _base_url(_value(environ, "ANTHROPIC_BASE_URL"))
    if key := _secret(environ, "ANTHROPIC_API_KEY"):
        return Credentials(base_url, "ANTHROPIC_API_KEY", api_key=key)
    if token := _secret(environ, "ANTHROPIC_AUTH_TOKEN"):
        return Credentials(base_url, "ANTHROPIC_AUTH_TOKEN", auth_token=token)
    if file := _value(environ, "ANTHROPIC_IDENTITY_TOKEN_FILE"):
        return Credentials(base_url, "ANTHROPIC_IDENTITY_TOKEN_FILE", identity=_identity(environ, file))
    raise CredentialsError(
        "there are no credentials for the Messages API",
        hint="set ANTHROPIC_API_KEY (or ANTHROPIC_AUTH_TOKEN, or ANTHROPIC_IDENTITY_TOKEN_FILE), "
        f"or use --engine local; {SETUP_GUIDE}",
    )


def _value(environ: Mapping[str, str], name: str) -> str:
    return environ.get(name, "").strip()


def _secret(environ: Mapping[str, str], name: str) -> str:
    """A secret, empty if unset. One that no HTTP header can carry (a pasted line break) is rejected, without showing it."""
    secret = _value(environ, name)
    if not re.fullmatch("[!-~]*", secret):
        message = f"{name} has a character that no key has (a space, a line break or a non-ASCII letter)"
        raise CredentialsError(message, hint=f"paste the secret again; {SETUP_GUIDE}")
    return secret


def _identity(environ: Mapping[str, str], file: str) -> Identity:
    rule, organization = "ANTHROPIC_FEDERATION_RULE_ID", "ANTHROPIC_ORGANIZATION_ID"
    missing = [name for name in (rule, organization) if not _value(environ, name)]
    if missing:
        message = f"ANTHROPIC_IDENTITY_TOKEN_FILE is set, but {' and '.join(missing)} is not"
        raise CredentialsError(message, hint=f"set the variables of the federation rule; {SETUP_GUIDE}")
    return Identity(
        file=file,
        rule=_value(environ, rule),
        organization=_value(environ, organization),
        service_account=_value(environ, "ANTHROPIC_SERVICE_ACCOUNT_ID") or None,
        workspace=_value(environ, "ANTHROPIC_WORKSPACE_ID") or None,
    )


def _base_url(value: str) -> str:
    """The base URL without /v1, which the SDK adds itself."""
    if not value:
        return ANTHROPIC
    try:
        parts = urlsplit(validate_base_url(value))
        usable = parts.hostname and parts.port != 0 and not (parts.query or parts.fragment)
    except ValueError:
        usable = False
    if not usable:
        hint = "give an https address without /v1, such as https://api.anthropic.com, or leave the variable unset"
        raise InputError("ANTHROPIC_BASE_URL is not an https address", hint=hint)
    return value.rstrip("/").removesuffix("/v1").rstrip("/")
