"""Truncate a text to a token budget, dropping the least informative sections first."""

import re
from itertools import accumulate

from pipeline.core.models import Text
from pipeline.core.tokens import CHARACTERS_PER_TOKEN, weighted_length
from pipeline.extraction.text import TITLE_SEPARATOR

LINE_OVERHEAD = 6  # characters that a sentence's number and line end take in a prompt

# Patterns of section titles with the order in which their sections are cut: the highest number first. The first
# pattern that matches any title of a section decides, so `4 Experiments › Limitations` counts as limitations.
# A section that matches none counts as method.
_METHOD, _APPENDIX = 2, 6
_CUT_ORDERS: tuple[tuple[int, re.Pattern[str]], ...] = tuple(
    (order, re.compile(rf"\b(?:{words})\b(?!-)", re.IGNORECASE))
    for order, words in (
        (0, r"^abstract$|limitations?|failure (?:cases?|modes?)|threats to validity|weakness(?:es)?"),
        (_APPENDIX, r"appendix|appendices|supplement\w*"),
        (5, r"acknowledge?ments?|author contributions?|funding|keywords|(?:ethics?|impact|reproducibility) statements?|checklist"),
        (4, r"related works?|previous work|prior work|(?:^|\d\.? |[IVX]+\. )(?:background|preliminaries)(?:$| and)"),
        (1, r"introduction|conclusions?|concluding|discussions?|summary|future work"),
        (3, r"experiments?|experimental|results?|evaluations?|ablations?|benchmarks?|implementation details"),
    )
)  # fmt: skip


def truncate_text(text: Text, max_tokens: int) -> Text:
    """Truncate a text to `max_tokens`; an input that fits is returned as it is.

    Sentences that stay keep their numbers; `left_out["cut"]` counts the others. Appendices are cut first,
    then acknowledgments, related work, results, method, introduction and conclusion, each from its end.
    The abstract and limitations are cut only if they alone exceed the budget.
    """
    budget = max_tokens * CHARACTERS_PER_TOKEN
    by_importance = sorted(text.sentences, key=lambda sentence: (cut_order(sentence.section), sentence.id))
    used = accumulate(weighted_length(sentence.text) + LINE_OVERHEAD for sentence in by_importance)
    kept_ids = {sentence.id for sentence, total in zip(by_importance, used, strict=True) if total <= budget}
    cut = len(text.sentences) - len(kept_ids)
    if not cut:
        return text
    omitted = {**text.left_out, "cut": text.left_out.get("cut", 0) + cut}
    sentences = tuple(sentence for sentence in text.sentences if sentence.id in kept_ids)
    return text.model_copy(update={"sentences": sentences, "left_out": omitted})


def cut_order(section: str) -> int:
    """Return when a section is cut, judged by its titles: from 6, cut first, to 0, cut last."""
    titles = section.split(TITLE_SEPARATOR)
    return next(
        (order for order, pattern in _CUT_ORDERS if any(pattern.search(title) for title in titles)), _METHOD
    )


def is_appendix(section: str) -> bool:
    """Return whether a section is one of an appendix or a supplement, judged by its titles."""
    return cut_order(section) == _APPENDIX
