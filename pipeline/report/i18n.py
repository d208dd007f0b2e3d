"""Load the texts of the pages, one TOML file per language. To add a language, add a file.

A message may contain `{placeholders}`;
a table with `one` and `other` is a message that depends on the number `{n}`.
"""

import functools
import string
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "locales"
LANGUAGES = frozenset(path.stem for path in FOLDER.glob("*.toml"))
FALLBACK = "en"
SHIPPED = ("en", "ja", "zh-CN")  # together they use every placeholder that the program fills in

Message = str | Mapping[str, str]


@dataclass(frozen=True)
class Catalog:
    """The messages of one language, by `section.key`."""

    language: str
    messages: Mapping[str, Message]

    def __call__(self, key: str, **values: object) -> str:
        """Return the message `key` with its placeholders filled in.

        Raises KeyError if there is no such message, or if a placeholder has no value.
        """
        message = self.messages[key]
        if not isinstance(message, str):
            message = message["one"] if values.get("n") == 1 and "one" in message else message["other"]
        return message.format(**values)

    def lookup(self, section: str, name: str) -> str:
        """Return the message for a value of the data, such as a source name, or the value if there is none."""
        return str(self.messages.get(f"{section}.{name}", name))


def locale_errors(language: str) -> list[str]:
    """Compare a language's file with the English one, and return one sentence per error.

    Reports missing messages, unknown messages, and placeholders that the program never fills in: those that no
    shipped language uses in that message.
    """
    try:
        messages = load(language).messages
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, AttributeError) as error:
        return [f"is not TOML in sections: {error}"]
    reference = load(FALLBACK).messages
    allowed = _allowed_placeholders()
    errors = [f"{key} is missing" for key in sorted(reference.keys() - messages.keys())]
    errors += [f"{key} is no word of the pages" for key in sorted(messages.keys() - reference.keys())]
    for key in sorted(reference.keys() & messages.keys()):
        for name in sorted(_placeholders(messages[key]) - allowed[key]):
            errors.append(f"{key}: {{{name}}} is not known; there are {sorted(allowed[key])}")
        if not isinstance(messages[key], str) and "other" not in messages[key]:
            errors.append(f"{key}: a text by number needs `other`")
    return errors


@functools.cache
def _allowed_placeholders() -> Mapping[str, set[str]]:
    """Return the placeholders of each message that at least one shipped language uses."""
    allowed: dict[str, set[str]] = {}
    for language in SHIPPED:
        for key, message in load(language).messages.items():
            allowed.setdefault(key, set()).update(_placeholders(message))
    return allowed


def _placeholders(message: Message) -> set[str]:
    """Return the names of the placeholders in a message; for a malformed message, a description of the error."""
    texts = [message] if isinstance(message, str) else list(message.values())
    try:
        return {
            name for text in texts for _, name, _, _ in string.Formatter().parse(text) if name is not None
        }
    except ValueError as error:
        return {f"(a brace that is not closed: {error})"}


@functools.cache
def load(language: str) -> Catalog:
    """Load the catalog of a language; English if its file no longer exists, so that old reports stay readable."""
    if language not in LANGUAGES:
        return load(FALLBACK)
    raw = tomllib.loads((FOLDER / f"{language}.toml").read_text("utf-8"))
    messages = {f"{section}.{key}": message for section, keys in raw.items() for key, message in keys.items()}
    return Catalog(language, messages)
