"""Extract the names of a claim (FlowFix, GPT-4.1, DIV2K, ViT-B/16, Gaussian) and look them up in a text.

Texts are compared through `WordIndex`, which keeps letters and digits only: `Real-ESRGAN`, `RealESRGAN` and
`Real-` hyphenated at the end of a line are the same.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import accumulate, dropwhile, pairwise

from pipeline.core.language import Names
from pipeline.core.stop_words import STOP_WORDS
from pipeline.grounding import languages
from pipeline.grounding.languages import FALLBACK
from pipeline.grounding.notation import claim_notation
from pipeline.grounding.number_text import normalize_text
from pipeline.grounding.numbers import DIMENSIONS, NAME_WITH_DIGITS, is_name_with_digits

# Letters and digits, a dot before a digit, and the symbols that change the meaning of a number. A name may touch signs of
# Chinese and Japanese, and Korean syllables, which NFKD takes apart.
CJK = "\u3041-\u30ff\u3400-\u9fff"
_HANGUL = "\u1100-\u11ff"
_WORD = re.compile(rf"(?:[^\W_{CJK}{_HANGUL}]|\.(?=\d))+|[{CJK}{_HANGUL}%<>=+]")
_COMBINING_ACCENT = re.compile("[\u0300-\u036f]")
_LINE_END_HYPHEN = re.compile(r"-\s*\n\s*")
MIN_PREFIX_LENGTH = 4  # characters of a phrase that may be the beginning of a longer word
_SPLIT_NUMBER = re.compile(r"(?<=\d)\s*([.,])\s*(?=\d)")


@dataclass(frozen=True)
class WordIndex:
    """A text reduced to letters and digits, with the offsets at which words end; the next word starts there."""

    normalized: str
    ends: frozenset[int]

    @classmethod
    def of(cls, text: str) -> WordIndex:
        """Index a text; case, accents, hyphens at line ends and spaces within numbers are ignored."""
        text = unicodedata.normalize("NFKD", text.casefold()).casefold()
        text = _COMBINING_ACCENT.sub("", text.replace("\u00ad", ""))
        words = _WORD.findall(_SPLIT_NUMBER.sub(r"\1", _LINE_END_HYPHEN.sub("", text)))
        return cls("".join(words), frozenset(accumulate(map(len, words))))

    def contains_phrase(self, phrase: str) -> bool:
        """Return True if the text contains a phrase that starts where a word starts.

        The phrase must end where a word ends, optionally before a plural s; a phrase of at least four
        characters may also end within a word (`model` in `modeling`).
        """
        target = WordIndex.of(phrase).normalized
        return self._find(target, allow_prefix=len(target) >= MIN_PREFIX_LENGTH)

    def contains_name(self, name: str) -> bool:
        """Return True if the text contains a name as whole words; a plural s is ignored."""
        target = WordIndex.of(name).normalized
        return self._find(target) or (target.endswith("s") and len(target) > 3 and self._find(target[:-1]))

    def _find(self, target: str, *, allow_prefix: bool = False) -> bool:
        start = self.normalized.find(target)
        while target and start >= 0:
            end = start + len(target)
            plural = self.normalized[end : end + 1] == "s" and end + 1 in self.ends
            if (start == 0 or start in self.ends) and (
                plural or end in self.ends or (allow_prefix and self._within_word(end))
            ):
                return True
            start = self.normalized.find(target, start + 1)
        return False

    def _within_word(self, end: int) -> bool:
        """True if the four characters before `end` are of one word: `optimize downstream` does not contain `optimized`."""
        return self.ends.isdisjoint(range(end - MIN_PREFIX_LENGTH + 1, end))


def is_too_common(term: str) -> bool:
    """Return True if a term cannot tie a claim to a sentence: only stop words, or fewer than two letters."""
    return sum(map(str.isalpha, term)) < 2 or STOP_WORDS.issuperset(re.findall(r"\w+", term.lower()))


_LETTERS = "A-Za-zÀ-ÖØ-öø-ɏ"
_NAME_TOKEN = re.compile(
    rf"(?<![{_LETTERS}0-9_])(?:\d+(?:\.\d+)?)?[{_LETTERS}][{_LETTERS}0-9_]*(?:[-/.+_@&'’][{_LETTERS}0-9]+)*"
)
_URL = re.compile(
    r"(?i)(?:https?://|www\.)[!-~]+|(?<![a-z0-9_@.-])(?:[a-z0-9-]{1,63}\.){1,5}(?:com|org|net|io|ai|cn|dev|edu|gov|co|me|app|xyz)"
    r"(?![a-z0-9_.-]*[a-z0-9_])(?:/[!-~]*)?"
)
_SENTENCE_START = re.compile(r"(?:^|[.!?:;]['\")\]]*\s)[\s'\"(\[]*$")
_AFFIXES = re.compile(r"^(?:[a-z]{2,}-)+|(?:-[a-z]{2,})+$")
_LAST_PART = re.compile(r"(?<![A-Za-z0-9.])[A-Za-z0-9.]+$")
_PLAIN_PART = re.compile(rf"[{_LETTERS}][a-zß-öø-ÿ]*")


def extract_names(claim: str, language: str = FALLBACK) -> tuple[str, ...]:
    """Extract the distinct names of a claim, in order of appearance; a URL counts as a name.

    A name has a capital letter or a digit, and at least two letters or digits: `Gaussian`, `PSNR`, `nuScenes`, `x264`.
    What else a capital letter may mean is the language's: in English a word that is capitalized only because it starts a
    sentence is not a name, but a word that rarely starts one is (`Restormer outperforms …`); in German a plain
    capitalized word may always be a noun. Without such rules for the language only URLs are extracted.
    """
    names = dict.fromkeys(url[0].rstrip(".,;:)") for url in _URL.finditer(claim))
    rules = _rules_for(claim, language)
    if rules is None:
        return tuple(names)
    notation = claim_notation(language)
    text = normalize_text(claim, notation, claim=True)
    for match in _NAME_TOKEN.finditer(text):
        token = match[0].rstrip("'’")
        if rules.capitals == "nouns":
            token = _without_plain_ends(token)
        if not _is_name(token) or notation.unit_of(token) or token in rules.ordinary:
            continue
        before = text[max(0, match.start() - 8) : match.start()]
        if rules.capitals == "sentences" and _SENTENCE_START.search(before) and _may_start(token, rules):
            continue
        names[token] = None
    return tuple(names)


def _rules_for(claim: str, language: str) -> Names | None:
    """The rules for the names of a claim: those of English for a claim without any letter of a script without capitals."""
    rules = languages.language(language).names
    if rules is None or rules.capitals != "names":
        return rules
    uncased = not claim.isascii() and any(char.isalpha() and char.lower() == char.upper() for char in claim)
    return rules if uncased else languages.language(FALLBACK).names


def _without_plain_ends(token: str) -> str:
    """A compound without the plain words at its end (`PSNR-Wert` is PSNR); empty if it is made of plain words."""
    parts = token.split("-")
    while parts and _PLAIN_PART.fullmatch(parts[-1]):
        parts.pop()
    return "-".join(parts)


def _without_plain_start(token: str) -> str:
    """A compound without the plain words that it begins with (`Trainings-GPU` is GPU)."""
    return "-".join(dropwhile(_PLAIN_PART.fullmatch, token.split("-")))


def _is_name(token: str) -> bool:
    if any(map(str.isdigit, token)):
        name = NAME_WITH_DIGITS.match(token) is not None and is_name_with_digits(token)
        return name or DIMENSIONS.match(token) is not None
    return sum(map(str.isalpha, token)) > 1 and any(map(str.isupper, token))


def _may_start(token: str, rules: Names) -> bool:
    """True if a capitalized word at the start of a sentence is probably an ordinary word of the language."""
    word = re.split(r"[-'’]", token.lower())[0]
    restricted = rules.starters or rules.suffixes
    ordinary = (
        not restricted
        or len(word) < 4
        or word in STOP_WORDS
        or word in rules.starters
        or any(word.endswith(suffix) for suffix in rules.suffixes)
    )
    return ordinary and token[1:].islower()


def is_known_name(name: str, *texts: WordIndex, language: str = FALLBACK) -> bool:
    """Return True if one of the texts contains a name, or the words that it abbreviates.

    The parts of a compound without digits may occur separately (`CNN-Transformer`, `Mamba-based`). A name
    with digits must occur as a whole; only a list of versions is split (`CIFAR-10/100`).
    """
    rules = languages.language(language).names
    known = partial(is_known_name, language=language)
    name = re.sub(r"['’]s$", "", name)
    if any(text.contains_name(name) for text in texts) or _expansion_known(name, texts, language):
        return True
    core = _AFFIXES.sub("", name)
    if core not in {"", name}:
        return known(core, *texts)
    if rules and rules.capitals == "nouns" and (core := _without_plain_start(name)) != name:
        return _is_name(core) and known(core, *texts)
    versions = re.split(r"[/+&]", name)
    if len(versions) > 1:
        return all(_version_known(*pair, texts, known) for pair in pairwise(["", *versions]))
    parts = [part for part in re.split(r"[-.'’_]", name) if not part.islower()]
    separable = all(DIMENSIONS.fullmatch(part) or (part.isalpha() and len(part) > 1) for part in parts)
    return len(parts) > 1 and separable and all(known(part, *texts) for part in parts)


def _version_known(
    previous: str, version: str, texts: tuple[WordIndex, ...], known: Callable[..., bool]
) -> bool:
    """True if one entry of a version list is known: on its own, as a size (`14B`), or after the previous stem."""
    stem_known = previous != "" and any(
        text.contains_name(_LAST_PART.sub(version, previous)) for text in texts
    )
    return stem_known or (len(version) > 1 and not version.isdigit() and known(version, *texts))


def _expansion_known(name: str, texts: tuple[WordIndex, ...], language: str) -> bool:
    rules = (languages.language(code).names for code in dict.fromkeys((language, FALLBACK)))
    expansions = [table for one in rules if one and (table := one.expansions)]
    words = [w for table in expansions for w in table.get(name) or table.get(name.removesuffix("s"), ())]
    return any(text.contains_phrase(word) for word in words for text in texts)
