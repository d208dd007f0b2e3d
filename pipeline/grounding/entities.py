"""Names in a claim, and whether a text has them: FlowFix, GPT-4.1, DIV2K, ViT-B/16, Gaussian.

Texts are compared by `Words`: letters and figures only, so that `Real-ESRGAN`, `RealESRGAN` and a
`Real-` cut at the end of a line are the same.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from pipeline.grounding.number_text import plain
from pipeline.grounding.numbers import DIMENSIONS, NAMED, is_named
from pipeline.grounding.units import unit_of

# Letters and figures, a dot before a figure, and the signs that change a figure's meaning.
_CJK = "\u3041-\u30ff\u3400-\u9fff"
_WORD = re.compile(rf"(?:[^\W_{_CJK}]|\.(?=\d))+|[{_CJK}%<>=+]")
_ACCENT = re.compile("[\u0300-\u036f]")
_LINE_END = re.compile(r"-\s*\n\s*")
LEAST_BEGINNING = 4  # letters that may stand for the beginning of a longer word
_BROKEN_FIGURE = re.compile(r"(?<=\d)\s*([.,])\s*(?=\d)")


@dataclass(frozen=True)
class Words:
    """A text squeezed to letters and figures, with the places in it where words start and end."""

    squeezed: str
    starts: frozenset[int]
    ends: frozenset[int]

    @classmethod
    def of(cls, text: str) -> Words:
        """The words of a text, without case, accents, hyphenation at line ends and blanks within figures."""
        text = text.casefold()
        if not text.isascii():
            text = unicodedata.normalize("NFKD", text).casefold().replace("\u2212", "-").replace("\u00ad", "")
            text = _ACCENT.sub("", text)
        text = _BROKEN_FIGURE.sub(r"\1", _LINE_END.sub("", text))
        words = _WORD.findall(text)
        ends: list[int] = []
        place = 0
        for word in words:
            place += len(word)
            ends.append(place)
        return cls("".join(words), frozenset([0, *ends]), frozenset(ends))

    def have(self, phrase: str) -> bool:
        """True if a phrase stands in the text from the start of a word on.

        It has to end with a word, too, but for a plural s; four letters may be the beginning of a word
        (`model` in `modeling`).
        """
        wanted = _squeezed(phrase)
        return bool(wanted) and self._find(wanted, open_end=len(wanted) >= LEAST_BEGINNING)

    def name(self, name: str) -> bool:
        """True if a name stands in the text as a whole; a plural s does not matter."""
        wanted = _squeezed(name)
        return bool(wanted) and (
            self._find(wanted) or (wanted.endswith("s") and len(wanted) > 3 and self._find(wanted[:-1]))
        )

    def _find(self, wanted: str, *, open_end: bool = False) -> bool:
        start = self.squeezed.find(wanted)
        while start >= 0:
            end = start + len(wanted)
            plural = self.squeezed[end : end + 1] == "s" and end + 1 in self.ends
            if start in self.starts and (plural or end in self.ends or (open_end and self._begins(end))):
                return True
            start = self.squeezed.find(wanted, start + 1)
        return False

    def _begins(self, end: int) -> bool:
        """True if four letters or more before `end` are of one word: `optimize downstream` has no `optimized`."""
        return not any(place in self.starts for place in range(end - LEAST_BEGINNING + 1, end))


# A word that most abstracts have ties a claim to none of them.
_COMMON = """
a an the of for and or to in on with by from at as is are was were be been being this that these those it its we
our i my me am you your they their he she his her not no nor do does did done can could may might will would shall
should must have has had which who whom whose what when where why how than then so such but if while also more most
less least very into over under between within without via per both each any all some other one two only just about
etc using use used based work working study studies paper papers approach method methods propose proposed novel new
results result show shows
"""
STOP_WORDS = frozenset(_COMMON.split())


def too_common(term: str) -> bool:
    """True if a term ties a claim to no sentence: stop words only, or less than two letters."""
    return sum(map(str.isalpha, term)) < 2 or STOP_WORDS.issuperset(re.findall(r"\w+", term.lower()))


_LETTERS = "A-Za-zÀ-ÖØ-öø-ɏ"
_TOKEN = re.compile(
    rf"(?<![{_LETTERS}0-9_])(?:\d+(?:\.\d+)?)?[{_LETTERS}][{_LETTERS}0-9_]*(?:[-/.+_@&'’][{_LETTERS}0-9]+)*"
)
_ADDRESS = re.compile(
    r"(?i)(?:https?://|www\.)[!-~]+|(?<![a-z0-9_@.-])(?:[a-z0-9-]{1,63}\.){1,5}(?:com|org|net|io|ai|cn|dev|edu|gov|co|me|app|xyz)"
    r"(?![a-z0-9_.-]*[a-z0-9_])(?:/[!-~]*)?"
)
_SENTENCE_START = re.compile(r"(?:^|[.!?:;]['\")\]]*\s)[\s'\"(\[]*$")
_ORDINARY_END = re.compile(r"(?:s|ed|ing|ly|ion|ment|ness|ity|ance|ence|ive|al|ous|able|ible|ful|less)$")
_MAY_START = """
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
_STARTERS = frozenset(_MAY_START.split())
# A short form may stand for words that the paper writes out.
_WRITTEN_OUT = {
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
_LAST_PIECE = re.compile(r"(?<![A-Za-z0-9.])[A-Za-z0-9.]+$")


def names(claim: str) -> tuple[str, ...]:
    """The names in a claim, each once, in order; an address counts as one.

    A name has a capital letter, or a figure, and at least two letters or figures: `Gaussian`, `PSNR`,
    `nuScenes`, `x264`. A capital alone makes no name at the start of an English sentence, unless the word
    is one that no sentence starts with (`Restormer outperforms …`). A language that capitalizes its nouns
    is not understood: there each noun would have to stand in the paper.
    """
    text = plain(claim, claim=True)
    english = re.search(f"[{_CJK}]", text) is None
    found = dict.fromkeys(address[0].rstrip(".,;:)") for address in _ADDRESS.finditer(claim))
    for match in _TOKEN.finditer(text):
        token = match[0].rstrip("'’")
        if not _is_name(token):
            continue
        starts = english and _SENTENCE_START.search(text[max(0, match.start() - 8) : match.start()])
        if not (starts and token[1:].islower() and _ordinary(token)):
            found[token] = None
    return tuple(found)


def _is_name(token: str) -> bool:
    if unit_of(token) is not None:
        return False
    if token[0].isdigit():
        return DIMENSIONS.match(token) is not None or (NAMED.match(token) is not None and is_named(token))
    if any(map(str.isdigit, token)):
        return is_named(token)
    return sum(map(str.isalpha, token)) > 1 and any(map(str.isupper, token))


def _ordinary(token: str) -> bool:
    """True if a capitalized word at the start of a sentence is likely no more than an English word."""
    word = re.split(r"[-'’]", token.lower())[0]
    return len(word) < 4 or word in _STARTERS or _ORDINARY_END.search(word) is not None


def known(name: str, *texts: Words) -> bool:
    """True if one of the texts has a name, or the words that it is short for.

    Of a compound without figures each part may stand for itself (`CNN-Transformer`, `Mamba-based`). A name
    with figures has to be there as a whole; only a list of versions is taken apart (`CIFAR-10/100`).
    """
    name = re.sub(r"['’]s$", "", name)
    if any(text.name(name) for text in texts) or _written_out(name, texts):
        return True
    core = _AFFIXES.sub("", name)
    if core and core != name:
        return known(core, *texts)
    versions = re.split(r"[/+&]", name)
    if len(versions) > 1:
        return all(
            _version_known(before, one, texts) for before, one in zip(["", *versions], versions, strict=False)
        )
    parts = [part for part in re.split(r"[-.'’_]", name) if not part.islower()]
    own = all(DIMENSIONS.fullmatch(part) or (part.isalpha() and len(part) > 1) for part in parts)
    return len(parts) > 1 and own and all(known(part, *texts) for part in parts)


def _version_known(before: str, version: str, texts: tuple[Words, ...]) -> bool:
    """True if one entry of a list is known: by itself, as a size (`14B`), or with its neighbor's stem."""
    if before and any(text.name(_LAST_PIECE.sub(version, before)) for text in texts):
        return True
    return version != "" and not version.isdigit() and len(version) > 1 and known(version, *texts)


def _written_out(name: str, texts: tuple[Words, ...]) -> bool:
    words = _WRITTEN_OUT.get(name) or _WRITTEN_OUT.get(name.removesuffix("s"), "")
    return words != "" and any(text.have(words) for text in texts)


@lru_cache(maxsize=1024)
def _squeezed(phrase: str) -> str:
    """A phrase as it is looked for; the same one is looked for in every sentence of a paper."""
    return Words.of(phrase).squeezed
