"""The words that the pages own, one TOML file a language. Adding a language is adding a file.

Standard library only: the publishing job reads the words for the indexes. A text may hold `{names}`; a
table with `one` and `other` is a text that depends on `{n}`.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "locales"
LANGUAGES = frozenset(path.stem for path in FOLDER.glob("*.toml"))
FALLBACK = "en"

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


@functools.cache
def load(language: str) -> Catalog:
    """The catalog of a language; English for one that has no file any more, so that old reports stay readable."""
    if language not in LANGUAGES:
        return load(FALLBACK)
    raw = tomllib.loads((FOLDER / f"{language}.toml").read_text("utf-8"))
    words = {f"{section}.{key}": word for section, keys in raw.items() for key, word in keys.items()}
    return Catalog(language, words)
