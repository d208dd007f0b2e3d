"""Load the languages, one TOML file each: the texts of the pages, and what the gates know. To add one, add a file.

A message may contain `{placeholders}`; a table with `one` and `other`, or with the other forms that the language's
`plural` names, is a message that depends on the number `{n}`. The part `[language]` is described in `core/language.py`.
"""

import datetime as dt
import functools
import string
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.config import front_matter
from pipeline.core.errors import InputError

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
    rules: Mapping[str, Any]  # the part `[language]`, as it stands in the file

    def __call__(self, key: str, **values: object) -> str:
        """Return the message `key` with its placeholders filled in.

        Raises KeyError if there is no such message, or if a placeholder has no value.
        """
        message = self.messages[key]
        if not isinstance(message, str):
            message = message[self._form(message, values.get("n"))]
        return message.format(**values)

    def _form(self, message: Mapping[str, str], number: object) -> str:
        forms = [
            form for form, rule in self.plural.items() if isinstance(number, int) and _fits(rule, number)
        ]
        return next((form for form in forms if form in message), "other")

    @property
    def plural(self) -> Mapping[str, Mapping[str, Any]]:
        """The rules for the forms of a message by number, but for `other`."""
        rules: Mapping[str, Mapping[str, Any]] = self.rules.get("plural", {"one": {"exactly": [1]}})
        return rules

    @property
    def gates_off(self) -> tuple[str, ...]:
        """The gates that know nothing of this language."""
        return tuple(gate for gate in ("numbers", "names") if gate not in self.rules)

    def day(self, date: dt.date) -> str:
        """Return a date as the language writes it."""
        return self._date("day", "{year}-{month:02}-{day:02}", date)

    def short_day(self, date: dt.date) -> str:
        """Return a date as the language writes it, without the year."""
        return self._date("short", "{month:02}-{day:02}", date)

    def moment(self, moment: dt.datetime) -> str:
        """Return date and time to the minute as the language writes them."""
        pattern: str = self.rules.get("dates", {}).get("moment", "{date} {time}")
        return pattern.format(date=self.day(moment.date()), time=f"{moment:%H:%M}")

    def _date(self, kind: str, default: str, date: dt.date) -> str:
        dates = self.rules.get("dates", {})
        months = dates.get("months", ("",) * 12)
        pattern: str = dates.get(kind, default)
        return pattern.format(year=date.year, month=date.month, day=date.day, name=months[date.month - 1])

    def number(self, formatted: str) -> str:
        """Return a number that Python has formatted, such as `12,345.6`, with the signs of the language."""
        numbers = self.rules.get("numbers", {})
        grouping = numbers.get("grouping", [","])
        return formatted.translate({ord("."): numbers.get("decimal", "."), ord(","): "".join(grouping[:1])})

    def lookup(self, section: str, name: str) -> str:
        """Return the message for a value of the data, such as a source name, or the value if there is none."""
        return str(self.messages.get(f"{section}.{name}", name))


def locale_errors(code: str) -> list[str]:
    """Compare a language's file with the English one, and return one sentence per error.

    Reports missing messages, unknown messages and plural forms, and placeholders that the program never fills in.
    Raises InputError if the file cannot be read; its part `[language]` has to be right.
    """
    catalog = load(code)
    messages, forms = catalog.messages, {*catalog.plural, "other"}
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
        for form in sorted(message.keys() - forms):
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
    """Load the catalog of a language; English if its file no longer exists, so that old reports stay readable.

    Raises InputError if the file is not TOML in sections of texts.
    """
    if code not in LANGUAGES:
        return load(FALLBACK)
    path = FOLDER / f"{code}.toml"
    raw = front_matter.load_toml(path, shown=file_shown(code))
    _check_shape(raw, path, code)
    rules = raw.pop(RULES, {})
    messages = {f"{section}.{key}": message for section, keys in raw.items() for key, message in keys.items()}
    return Catalog(code, messages, rules)


def file_shown(code: str) -> str:
    """Return the path of a language's file as errors show it."""
    return str(FOLDER.relative_to(FOLDER.parents[2]) / f"{code}.toml")


def _check_shape(raw: Mapping[str, Any], path: Path, code: str) -> None:
    """Raise InputError unless there are sections alone, and in them, but for the rules, texts alone."""
    for section, keys in raw.items():
        wrong: tuple[str, ...] | None = None if isinstance(keys, dict) else (section,)
        for key, message in keys.items() if wrong is None and section != RULES else ():
            texts = message.values() if isinstance(message, dict) else [message]
            if not all(isinstance(text, str) for text in texts):
                wrong = (section, key)
        if wrong:
            message = f"`{'.'.join(wrong)}` is not a {'text' if wrong[1:] else 'section'}"
            line = front_matter.toml_line(path, wrong)
            hint = "a text stands in quotes, below the line of its [section]; en.toml beside it is the model"
            raise InputError(message, path=file_shown(code), line=line, hint=hint)


def prompt_name(code: str) -> str:
    """Return the English name of a language, by which prompts ask for it; its code if the file gives none."""
    return str(load(code).rules.get("name") or code)


def _fits(rule: Mapping[str, Any], number: int) -> bool:
    """Return True if a rule of `plural` holds for a number."""
    ends = number % 10 in rule.get("last_digit", ()) and number % 100 not in rule.get("except_last_two", ())
    return ends or number in rule.get("exactly", ())
