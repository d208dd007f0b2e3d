"""Extract the names of a claim (FlowFix, GPT-4.1, DIV2K, ViT-B/16, Gaussian) and look them up in a text.

Texts are compared through `WordIndex`, which keeps letters and digits only: `Real-ESRGAN`, `RealESRGAN` and
`Real-` hyphenated at the end of a line are the same.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from itertools import accumulate, pairwise

from pipeline.core.stop_words import STOP_WORDS
from pipeline.grounding.number_text import normalize_text
from pipeline.grounding.numbers import DIMENSIONS, NAME_WITH_DIGITS, is_name_with_digits
from pipeline.grounding.units import unit_of

# Letters and digits, a dot before a digit, and the symbols that change the meaning of a number.
CJK = "\u3041-\u30ff\u3400-\u9fff"
_WORD = re.compile(rf"(?:[^\W_{CJK}]|\.(?=\d))+|[{CJK}%<>=+]")
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
_ENGLISH_SUFFIX = re.compile(r"(?:s|ed|ing|ly|ion|ment|ness|ity|ance|ence|ive|al|ous|able|ible|ful|less)$")
# Beside stop words and words of up to three letters.
_STARTER_WORDS = """
    above after again almost along although another around because before below beneath best better beyond
    cannot data deep despite either enough every first four free full further given good hard heavy high
    however human image inside itself large last later light like long lower main many model moreover much
    neither never next noise none often once overall past plain prior quite recent same second shape
    simple since single slow small soon strong take task text therefore third three through together
    toward train unlike until upon user video well whether whole
"""
_STARTERS = STOP_WORDS.union(_STARTER_WORDS.split())
# Abbreviations that a claim may use where the paper only has the full words.
_EXPANSIONS = {
    "AI": "artificial intelligence",
    "CNN": "convolutional neural network",
    "CV": "computer vision",
    "FPS": "frames per second",
    "GAN": "generative adversarial network",
    "GPU": "graphics processing unit",
    "GT": "ground truth",
    "HR": "high resolution",
    "IoU": "intersection over union",
    "LLM": "large language model",
    "LR": "low resolution",
    "MAE": "mean absolute error",
    "MLLM": "multimodal large language model",
    "MSE": "mean squared error",
    "OCR": "optical character recognition",
    "PSNR": "peak signal to noise ratio",
    "QA": "question answering",
    "RL": "reinforcement learning",
    "SOTA": "state of the art",
    "SR": "super resolution",
    "SSIM": "structural similarity",
    "T2I": "text to image",
    "T2V": "text to video",
    "VAE": "variational autoencoder",
    "ViT": "vision transformer",
    "VLM": "vision language model",
    "VQA": "visual question answering",
}
_AFFIXES = re.compile(r"^(?:[a-z]{2,}-)+|(?:-[a-z]{2,})+$")
_LAST_PART = re.compile(r"(?<![A-Za-z0-9.])[A-Za-z0-9.]+$")


def extract_names(claim: str) -> tuple[str, ...]:
    """Extract the distinct names of a claim, in order of appearance; a URL counts as a name.

    A name has a capital letter or a digit, and at least two letters or digits: `Gaussian`, `PSNR`,
    `nuScenes`, `x264`. A word that is capitalized only because it starts an English sentence is not a name,
    but a word that rarely starts one is (`Restormer outperforms …`). Languages that capitalize nouns, such
    as German, are not supported: each noun would have to be in the paper.
    """
    text = normalize_text(claim, claim=True)
    english = re.search(f"[{CJK}]", text) is None
    names = dict.fromkeys(url[0].rstrip(".,;:)") for url in _URL.finditer(claim))
    for match in _NAME_TOKEN.finditer(text):
        token = match[0].rstrip("'’")
        starts_sentence = english and _SENTENCE_START.search(text[max(0, match.start() - 8) : match.start()])
        if _is_name(token) and not (starts_sentence and _is_ordinary_word(token)):
            names[token] = None
    return tuple(names)


def _is_name(token: str) -> bool:
    if unit_of(token) is not None:
        return False
    if any(map(str.isdigit, token)):
        name = NAME_WITH_DIGITS.match(token) is not None and is_name_with_digits(token)
        return name or DIMENSIONS.match(token) is not None
    return sum(map(str.isalpha, token)) > 1 and any(map(str.isupper, token))


def _is_ordinary_word(token: str) -> bool:
    """True if a capitalized word at the start of a sentence is probably an ordinary English word."""
    word = re.split(r"[-'’]", token.lower())[0]
    ordinary = len(word) < 4 or word in _STARTERS or _ENGLISH_SUFFIX.search(word) is not None
    return ordinary and token[1:].islower()


def is_known_name(name: str, *texts: WordIndex) -> bool:
    """Return True if one of the texts contains a name, or the words that it abbreviates.

    The parts of a compound without digits may occur separately (`CNN-Transformer`, `Mamba-based`). A name
    with digits must occur as a whole; only a list of versions is split (`CIFAR-10/100`).
    """
    name = re.sub(r"['’]s$", "", name)
    if any(text.contains_name(name) for text in texts) or _expansion_known(name, texts):
        return True
    core = _AFFIXES.sub("", name)
    if core not in {"", name}:
        return is_known_name(core, *texts)
    versions = re.split(r"[/+&]", name)
    if len(versions) > 1:
        return all(_version_known(*pair, texts) for pair in pairwise(["", *versions]))
    parts = [part for part in re.split(r"[-.'’_]", name) if not part.islower()]
    separable = all(DIMENSIONS.fullmatch(part) or (part.isalpha() and len(part) > 1) for part in parts)
    return len(parts) > 1 and separable and all(is_known_name(part, *texts) for part in parts)


def _version_known(previous: str, version: str, texts: tuple[WordIndex, ...]) -> bool:
    """True if one entry of a version list is known: on its own, as a size (`14B`), or after the previous stem."""
    stem_known = previous != "" and any(
        text.contains_name(_LAST_PART.sub(version, previous)) for text in texts
    )
    return stem_known or (len(version) > 1 and not version.isdigit() and is_known_name(version, *texts))


def _expansion_known(name: str, texts: tuple[WordIndex, ...]) -> bool:
    words = _EXPANSIONS.get(name) or _EXPANSIONS.get(name.removesuffix("s"), "")
    return words != "" and any(text.contains_phrase(words) for text in texts)
