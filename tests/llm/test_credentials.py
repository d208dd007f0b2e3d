"""Credentials and the endpoint's address, out of an environment."""

import pytest

from pipeline.core.errors import CredentialsError, InputError
from pipeline.llm.credentials import ANTHROPIC, Credentials, load_credentials

KEY = {"ANTHROPIC_API_KEY": "sk-key"}


@pytest.mark.parametrize(
    ("given", "base"),
    [
        ("", ANTHROPIC),
        (" \n", ANTHROPIC),
        ("https://api.anthropic.com/v1", "https://api.anthropic.com"),
        (" https://api.anthropic.com/v1/ ", "https://api.anthropic.com"),
        ("https://gateway.example.org/claude/", "https://gateway.example.org/claude"),
        ("https://gateway.example.org/v11", "https://gateway.example.org/v11"),
        ("http://localhost:11434/", "http://localhost:11434"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_the_address(given, base):
    assert load_credentials(KEY | {"ANTHROPIC_BASE_URL": given}).base_url == base


@pytest.mark.parametrize(
    "given",
    [
        *("http://10.0.0.1", "api.anthropic.com", "https://", "http://127.0.0.1.example.org"),
        *("https://user:pass@example.org", "https://example.org/?a=b", "https://[::1"),
        *("https://example.org:99999", "https://example.org:0"),
    ],
)
def test_what_is_no_address(given):
    with pytest.raises(InputError) as caught:
        load_credentials(KEY | {"ANTHROPIC_BASE_URL": given})
    assert "pass" not in str(caught.value)
    assert "https" in caught.value.hint


def test_key_before_token_before_identity():
    everything = {
        "ANTHROPIC_API_KEY": "k",
        "ANTHROPIC_AUTH_TOKEN": "t",
        "ANTHROPIC_IDENTITY_TOKEN_FILE": "/run/token",
        "ANTHROPIC_FEDERATION_RULE_ID": "r",
        "ANTHROPIC_ORGANIZATION_ID": "o",
        "ANTHROPIC_SERVICE_ACCOUNT_ID": "",
        "ANTHROPIC_WORKSPACE_ID": "w",
    }
    first = load_credentials(everything)
    assert (first.api_key, first.auth_token, first.identity) == ("k", None, None)
    second = load_credentials(everything | {"ANTHROPIC_API_KEY": ""})
    assert (second.api_key, second.auth_token, second.identity) == (None, "t", None)
    third = load_credentials(everything | {"ANTHROPIC_API_KEY": "", "ANTHROPIC_AUTH_TOKEN": " "})
    assert third.identity is not None
    assert (third.api_key, third.auth_token) == (None, None)
    assert (third.identity.file, third.identity.rule, third.identity.organization) == ("/run/token", "r", "o")
    assert (third.identity.service_account, third.identity.workspace) == (None, "w")
    assert [credentials.variable for credentials in (first, second, third)] == [
        "ANTHROPIC_API_KEY",
        "ANTHROPIC_AUTH_TOKEN",
        "ANTHROPIC_IDENTITY_TOKEN_FILE",
    ]


def test_none_at_all():
    for environ in ({}, {"ANTHROPIC_API_KEY": "", "ANTHROPIC_AUTH_TOKEN": "\n"}):
        with pytest.raises(CredentialsError) as caught:
            load_credentials(environ)
        assert caught.value.exit_code == 4
        for name in (
            "ANTHROPIC_API_KEY",
            "ANTHROPIC_AUTH_TOKEN",
            "ANTHROPIC_IDENTITY_TOKEN_FILE",
            "docs/fork.md",
        ):
            assert name in caught.value.hint


def test_an_identity_without_its_companions():
    with pytest.raises(CredentialsError, match="ANTHROPIC_FEDERATION_RULE_ID is not"):
        load_credentials({"ANTHROPIC_IDENTITY_TOKEN_FILE": "f", "ANTHROPIC_ORGANIZATION_ID": "o"})
    with pytest.raises(CredentialsError, match="RULE_ID and ANTHROPIC_ORGANIZATION_ID is not"):
        load_credentials({"ANTHROPIC_IDENTITY_TOKEN_FILE": "f"})


@pytest.mark.parametrize("secret", ["sk-a\nsk-b", "sk-a b", "“sk-a”"])
def test_what_no_header_can_carry(secret):
    with pytest.raises(CredentialsError) as caught:
        load_credentials({"ANTHROPIC_API_KEY": secret})
    assert "sk-" not in f"{caught.value!r} {caught.value.hint}"


def test_a_pasted_line_break_around_it_is_no_matter():
    assert load_credentials({"ANTHROPIC_API_KEY": " sk-key\n"}).api_key == "sk-key"


def test_secrets_are_not_shown():
    own = Credentials("https://example.org/api", "ANTHROPIC_API_KEY", api_key="sk-key")
    assert "sk-key" not in repr(own)
    assert own.host == "example.org"
    assert own.redact("bad  key\nsk-key.") == "bad key ***."
    assert len(own.redact("x" * 5000)) == 200
