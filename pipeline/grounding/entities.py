"""Extract the names of a claim (FlowFix, GPT-4.1, DIV2K, ViT-B/16, Gaussian) and look them up in a text.

Texts are compared through `WordIndex`, which keeps letters and digits only: `Real-ESRGAN`, `RealESRGAN` and
`Real-` hyphenated at the end of a line are the same.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from pipeline.grounding.number_text import normalize_text
from pipeline.grounding.numbers import DIMENSIONS, NAME_WITH_DIGITS, is_name_with_digits
from pipeline.grounding.units import unit_of

# Letters and digits, a dot before a digit, and the symbols that change the meaning of a number.
_CJK = "\u3041-\u30ff\u3400-\u9fff"
_WORD = re.compile(rf"(?:[^\W_{_CJK}]|\.(?=\d))+|[{_CJK}%<>=+]")
_COMBINING_ACCENT = re.compile("[\u0300-\u036f]")
_LINE_END_HYPHEN = re.compile(r"-\s*\n\s*")
MIN_PREFIX_LENGTH = 4  # characters of a phrase that may be the beginning of a longer word
_SPLIT_NUMBER = re.compile(r"(?<=\d)\s*([.,])\s*(?=\d)")


@dataclass(frozen=True)
class WordIndex:
    """A text reduced to letters and digits, with the offsets at which words start and end."""

    normalized: str
    starts: frozenset[int]
    ends: frozenset[int]

    @classmethod
    def of(cls, text: str) -> WordIndex:
        """Index a text; case, accents, hyphens at line ends and spaces within numbers are ignored."""
        text = text.casefold()
        if not text.isascii():
            text = unicodedata.normalize("NFKD", text).casefold().replace("\u2212", "-").replace("\u00ad", "")
            text = _COMBINING_ACCENT.sub("", text)
        text = _SPLIT_NUMBER.sub(r"\1", _LINE_END_HYPHEN.sub("", text))
        words = _WORD.findall(text)
        ends: list[int] = []
        offset = 0
        for word in words:
            offset += len(word)
            ends.append(offset)
        return cls("".join(words), frozenset([0, *ends]), frozenset(ends))

    def contains_phrase(self, phrase: str) -> bool:
        """Return True if the text contains a phrase that starts where a word starts.

        The phrase must end where a word ends, optionally before a plural s; a phrase of at least four
        characters may also end within a word (`model` in `modeling`).
        """
        target = _normalize(phrase)
        return bool(target) and self._find(target, allow_prefix=len(target) >= MIN_PREFIX_LENGTH)

    def contains_name(self, name: str) -> bool:
        """Return True if the text contains a name as whole words; a plural s is ignored."""
        target = _normalize(name)
        return bool(target) and (
            self._find(target) or (target.endswith("s") and len(target) > 3 and self._find(target[:-1]))
        )

    def _find(self, target: str, *, allow_prefix: bool = False) -> bool:
        start = self.normalized.find(target)
        while start >= 0:
            end = start + len(target)
            plural = self.normalized[end : end + 1] == "s" and end + 1 in self.ends
            if start in self.starts and (
                plural or end in self.ends or (allow_prefix and self._within_word(end))
            ):
                return True
            start = self.normalized.find(target, start + 1)
        return False

    def _within_word(self, end: int) -> bool:
        """True if the four characters before `end` are of one word: `optimize downstream` does not contain `optimized`."""
        return not any(offset in self.starts for offset in range(end - MIN_PREFIX_LENGTH + 1, end))


# Words of most abstracts: as a term they do not tie a claim to a particular sentence.
_COMMON_WORDS = """
a an the of for and or to in on with by from at as is are was were be been being this that these those it its we
our i my me am you your they their he she his her not no nor do does did done can could may might will would shall
should must have has had which who whom whose what when where why how than then so such but if while also more most
less least very into over under between within without via per both each any all some other one two only just about
etc using use used based work working study studies paper papers approach method methods propose proposed novel new
results result show shows
"""
STOP_WORDS = frozenset(_COMMON_WORDS.split())


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
_STARTER_WORDS = """
    a about above across after again against all almost along already also although among an and another any
    are around as at based be because before below beneath besides best better between beyond both but by can
    cannot compared could data deep despite do does during each early either enough even every few final first
    for four free from full further given global good hard has have heavy hence here high how however human if
    image in inside instead into is it its itself just large last later less light like local long low lower
    main many may might model more moreover most much must neither never new next no noise none nor not now of
    off often on once one only or other our out over overall own paper past per perhaps plain prior quite rather
    raw real recent same second several shape she should simple since single slow small so some soon speed still
    strong such take task text than that the their them then there therefore these they third this those three
    through thus to together too toward train two under unlike until up upon use user using very via video we
    well what when where whether which while who whole whose why with within without work yet you
"""
_STARTERS = frozenset(_STARTER_WORDS.split())
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
    english = re.search(f"[{_CJK}]", text) is None
    names = dict.fromkeys(url[0].rstrip(".,;:)") for url in _URL.finditer(claim))
    for match in _NAME_TOKEN.finditer(text):
        token = match[0].rstrip("'’")
        if not _is_name(token):
            continue
        sentence_start = english and _SENTENCE_START.search(text[max(0, match.start() - 8) : match.start()])
        if not (sentence_start and token[1:].islower() and _is_ordinary_word(token)):
            names[token] = None
    return tuple(names)


def _is_name(token: str) -> bool:
    if unit_of(token) is not None:
        return False
    if token[0].isdigit():
        return DIMENSIONS.match(token) is not None or (
            NAME_WITH_DIGITS.match(token) is not None and is_name_with_digits(token)
        )
    if any(map(str.isdigit, token)):
        return is_name_with_digits(token)
    return sum(map(str.isalpha, token)) > 1 and any(map(str.isupper, token))


def _is_ordinary_word(token: str) -> bool:
    """True if a capitalized word at the start of a sentence is probably an ordinary English word."""
    word = re.split(r"[-'’]", token.lower())[0]
    return len(word) < 4 or word in _STARTERS or _ENGLISH_SUFFIX.search(word) is not None


def is_known_name(name: str, *texts: WordIndex) -> bool:
    """Return True if one of the texts contains a name, or the words that it abbreviates.

    The parts of a compound without digits may occur separately (`CNN-Transformer`, `Mamba-based`). A name
    with digits must occur as a whole; only a list of versions is split (`CIFAR-10/100`).
    """
    name = re.sub(r"['’]s$", "", name)
    if any(text.contains_name(name) for text in texts) or _expansion_known(name, texts):
        return True
    core = _AFFIXES.sub("", name)
    if core and core != name:
        return is_known_name(core, *texts)
    versions = re.split(r"[/+&]", name)
    if len(versions) > 1:
        return all(
            _version_known(previous, version, texts)
            for previous, version in zip(["", *versions], versions, strict=False)
        )
    parts = [part for part in re.split(r"[-.'’_]", name) if not part.islower()]
    separable = all(DIMENSIONS.fullmatch(part) or (part.isalpha() and len(part) > 1) for part in parts)
    return len(parts) > 1 and separable and all(is_known_name(part, *texts) for part in parts)


def _version_known(previous: str, version: str, texts: tuple[WordIndex, ...]) -> bool:
    """True if one entry of a version list is known: on its own, as a size (`14B`), or after the previous stem."""
    if previous and any(text.contains_name(_LAST_PART.sub(version, previous)) for text in texts):
        return True
    return version != "" and not version.isdigit() and len(version) > 1 and is_known_name(version, *texts)


def _expansion_known(name: str, texts: tuple[WordIndex, ...]) -> bool:
    words = _EXPANSIONS.get(name) or _EXPANSIONS.get(name.removesuffix("s"), "")
    return words != "" and any(text.contains_phrase(words) for text in texts)


@lru_cache(maxsize=1024)
def _normalize(phrase: str) -> str:
    """Normalize a phrase; cached, since the same phrase is looked up in every sentence of a paper."""
    return WordIndex.of(phrase).normalized
