"""A text cut to what a prompt has room for: by section, the least telling ones first."""

from __future__ import annotations

import re

from pipeline.core.models import Sentence, Text
from pipeline.core.tokens import CHARACTERS_PER_TOKEN, length
from pipeline.extraction.text import BETWEEN_TITLES

NUMBER = 6  # characters that a sentence's number and line end take in a prompt

# From what is kept longest to what goes first. A part's place is decided by the first pattern that one of its
# titles matches, so that `4 Experiments › Limitations` counts as limitations. All other titles are the method.
_LAST_TO_GO = 0
_METHOD = 2
_FIRST_TO_GO = 6
_PLACES: tuple[tuple[int, re.Pattern[str]], ...] = tuple(
    (place, re.compile(rf"\b(?:{words})\b(?!-)", re.IGNORECASE))
    for place, words in (
        (_LAST_TO_GO, r"^abstract$|limitations?|failure (?:cases?|modes?)|threats to validity|weakness(?:es)?"),
        (_FIRST_TO_GO, r"appendix|appendices|supplement\w*"),
        (5, r"acknowledge?ments?|author contributions?|funding|keywords|(?:ethics?|impact|reproducibility) statements?|checklist"),
        (4, r"related works?|previous work|prior work|(?:^|\d\.? |[IVX]+\. )(?:background|preliminaries)(?:$| and)"),
        (1, r"introduction|conclusions?|concluding|discussions?|summary|future work"),
        (3, r"experiments?|experimental|results?|evaluations?|ablations?|benchmarks?|implementation details"),
    )
)  # fmt: skip


def fit(text: Text, max_tokens: int) -> Text:
    """The text cut to so many tokens. Sentences that stay keep their numbers; `left_out["cut"]` counts the others.

    Appendices go first, then acknowledgments, related work, results, method, the introduction and the
    conclusion; of each the end before the beginning. Limitations and the abstract are cut only where
    they alone have no room.
    """
    room = max_tokens * CHARACTERS_PER_TOKEN
    kept: set[int] = set()
    for one in sorted(text.sentences, key=lambda one: (place(one.section), one.id)):
        room -= _length(one)
        if room < 0:
            break
        kept.add(one.id)
    cut = len(text.sentences) - len(kept)
    if not cut:
        return text
    left_out = {**text.left_out, "cut": text.left_out.get("cut", 0) + cut}
    sentences = tuple(one for one in text.sentences if one.id in kept)
    return text.model_copy(update={"sentences": sentences, "left_out": left_out})


def place(section: str) -> int:
    """How early a section goes, by its titles: 0 is the last to go."""
    titles = section.split(BETWEEN_TITLES)
    for number, pattern in _PLACES:
        if any(pattern.search(title) for title in titles):
            return number
    return _METHOD


def _length(one: Sentence) -> float:
    return length(one.text) + NUMBER
