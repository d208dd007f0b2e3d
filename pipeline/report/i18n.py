"""The words that the pages own, one TOML file a language. Adding a language is adding a file.

Standard library only: the publishing job reads the words for the indexes. A text may hold `{names}`; a
table with `one` and `other` is a text that depends on `{n}`.
"""

from __future__ import annotations

import functools
import string
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "locales"
LANGUAGES = frozenset(path.stem for path in FOLDER.glob("*.toml"))
FALLBACK = "en"
SHIPPED = ("en", "ja", "zh-CN")  # between them they use every value that a text is given

Word = str | Mapping[str, str]


@dataclass(frozen=True)
class Catalog:
    """The words of one language, by `section.key`."""

    language: str
    words: Mapping[str, Word]

    def __call__(self, key: str, **values: object) -> str:
        """The text of `key` with its values filled in. Raises KeyError for a word that no file has."""
        word = self.words[key]
        if not isinstance(word, str):
            word = word["one"] if values.get("n") == 1 and "one" in word else word["other"]
        return word.format(**values)

    def named(self, section: str, name: str) -> str:
        """The word for a value of the data, such as a source's name; the name itself if there is none."""
        word = self.words.get(f"{section}.{name}", name)
        return word if isinstance(word, str) else name


def mistakes(language: str) -> list[str]:
    """What is wrong with a language's file, held against English: words that lack, that nobody asks for, or ask for more.

    A `{name}` that no shipped language has for that word could never be filled in.
    """
    try:
        words = load(language).words
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, AttributeError) as error:
        return [f"is not TOML in sections: {error}"]
    model = load(FALLBACK).words
    known = _known()
    found = [f"{key} is missing" for key in sorted(model.keys() - words.keys())]
    found += [f"{key} is no word of the pages" for key in sorted(words.keys() - model.keys())]
    for key in sorted(model.keys() & words.keys()):
        for name in sorted(_names(words[key]) - known[key]):
            found.append(f"{key}: {{{name}}} is not known; there are {sorted(known[key])}")
        if not isinstance(words[key], str) and "other" not in words[key]:
            found.append(f"{key}: a text by number needs `other`")
    return found


@functools.cache
def _known() -> Mapping[str, set[str]]:
    """For each word the `{names}` that it is given: those that a shipped language makes use of."""
    known: dict[str, set[str]] = {}
    for language in SHIPPED:
        for key, word in load(language).words.items():
            known.setdefault(key, set()).update(_names(word))
    return known


def _names(word: Word) -> set[str]:
    """The `{names}` that a word has to be given."""
    texts = [word] if isinstance(word, str) else list(word.values())
    try:
        return {
            name for text in texts for _, name, _, _ in string.Formatter().parse(text) if name is not None
        }
    except ValueError as error:
        return {f"(a brace that is not closed: {error})"}


@functools.cache
def load(language: str) -> Catalog:
    """The catalog of a language; English for one that has no file any more, so that old reports stay readable."""
    if language not in LANGUAGES:
        return load(FALLBACK)
    raw = tomllib.loads((FOLDER / f"{language}.toml").read_text("utf-8"))
    words = {f"{section}.{key}": word for section, keys in raw.items() for key, word in keys.items()}
    return Catalog(language, words)
