"""Load the languages, one TOML file each: the texts of the pages, and what the gates know. To add one, add a file.

A message may contain `{placeholders}`; a table with `one` and `other`, or with the other forms that the language's
`plural` names, is a message that depends on the number `{n}`. The part `[language]` is described in `core/language.py`.
"""

import functools
import string
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from pipeline.config.validation_errors import explain
from pipeline.core.language import Language

FOLDER = Path(__file__).parent / "locales"
LANGUAGES = frozenset(path.stem for path in FOLDER.glob("*.toml"))
FALLBACK = "en"  # also the language of the papers
RULES = "language"  # the part of a file that holds no texts
ALSO_GIVEN = {
    "pick.authors_more": {"total"}
}  # placeholders that the program fills in, though English needs none

Message = str | Mapping[str, str]


@dataclass(frozen=True)
class Catalog:
    """The messages of one language, by `section.key`."""

    language: str
    messages: Mapping[str, Message]
    rules: Language

    def __call__(self, key: str, **values: object) -> str:
        """Return the message `key` with its placeholders filled in.

        Raises KeyError if there is no such message, or if a placeholder has no value.
        """
        message = self.messages[key]
        if not isinstance(message, str):
            message = message[self._form(message, values.get("n"))]
        return message.format(**values)

    def _form(self, message: Mapping[str, str], number: object) -> str:
        fitting = (
            form for form, rule in self.rules.plural.items() if isinstance(number, int) and rule.fits(number)
        )
        return next((form for form in fitting if form in message), "other")

    def lookup(self, section: str, name: str) -> str:
        """Return the message for a value of the data, such as a source name, or the value if there is none."""
        return str(self.messages.get(f"{section}.{name}", name))


def locale_errors(code: str) -> list[str]:
    """Compare a language's file with the English one, and return one sentence per error.

    Reports missing messages, unknown messages, placeholders that the program never fills in, and what is wrong in the
    part `[language]`.
    """
    try:
        messages, rules = _read(code)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, AttributeError) as error:
        return [f"is not TOML in sections: {error}"]
    except ValidationError as error:
        fault = explain(error, Language, examples={})
        place = ".".join(map(str, (RULES, *fault.location)))
        return [f"{place}: {fault.message}{fault.hint and f' ({fault.hint})'}"]
    reference = load(FALLBACK).messages
    errors = [f"{key} is missing" for key in sorted(reference.keys() - messages.keys())]
    errors += [f"{key} is no word of the pages" for key in sorted(messages.keys() - reference.keys())]
    for key in sorted(reference.keys() & messages.keys()):
        message, allowed = messages[key], _placeholders(reference[key]) | ALSO_GIVEN.get(key, set())
        for name in sorted(_placeholders(message) - allowed):
            errors.append(f"{key}: {{{name}}} is not known; there are {sorted(allowed)}")
        if isinstance(message, str):
            continue
        if "other" not in message:
            errors.append(f"{key}: a text by number needs `other`")
        for form in sorted(message.keys() - rules.plural.keys() - {"other"}):
            errors.append(f"{key}: {form!r} is not a form of `{RULES}.plural`")
    return errors


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
def load(code: str) -> Catalog:
    """Load the catalog of a language; English if its file no longer exists, so that old reports stay readable."""
    return Catalog(code, _read(code)[0], _read(code)[1]) if code in LANGUAGES else load(FALLBACK)


def language(code: str) -> Language:
    """Load what the gates have to know of a language; English if its file no longer exists."""
    return load(code).rules


def prompt_name(code: str) -> str:
    """Return the English name of a language, by which prompts ask for it; its code if the file gives none."""
    return language(code).name or code


@functools.cache
def _read(code: str) -> tuple[Mapping[str, Message], Language]:
    """Read a language's file: its messages, by `section.key`, and its rules. Raises ValidationError for the latter."""
    raw: dict[str, Any] = tomllib.loads((FOLDER / f"{code}.toml").read_text("utf-8"))
    rules = Language.model_validate(raw.pop(RULES, {}))
    return {
        f"{section}.{key}": message for section, keys in raw.items() for key, message in keys.items()
    }, rules
