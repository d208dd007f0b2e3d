"""A text as sentences, so that each can be numbered, cited and looked up. Pure, and linear in the text."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from itertools import pairwise

from pipeline.core.models import Sentence, Text

LONGEST_FORMULA = 2000  # characters; a lone dollar sign must not swallow the paper
LONGEST_BRACKET = 400

_DOLLAR = re.compile(r"\\.|\$", re.DOTALL)
_BRACKET = re.compile("[()（）「」『』]")
_PAIRS = {")": "(", "）": "（", "」": "「", "』": "『"}

Span = tuple[int, int]


def spans(flat: str) -> list[Span]:
    """Start and end of each protected stretch, in order and without overlap."""
    formulas = _formulas(flat)
    return _merged(sorted(formulas + _brackets(flat, formulas)))


def _formulas(flat: str) -> list[Span]:
    """`$…$` and `$$…$$`. As in Markdown, money is told apart: a formula neither starts nor ends with a blank."""
    dollars = [found.start() for found in _DOLLAR.finditer(flat) if found.group() == "$"]
    closers = _next_closers(flat, dollars)
    doubles = [first for first, second in pairwise(dollars) if second == first + 1]
    found: list[Span] = []
    end, double = 0, 0
    for index, at in enumerate(dollars):
        if at < end:
            continue
        if flat.startswith("$$", at):
            while double < len(doubles) and doubles[double] < at + 2:
                double += 1
            close = doubles[double] + 2 if double < len(doubles) else 0
        else:
            opens = at + 1 < len(flat) and not flat[at + 1].isspace()
            close = closers[index + 1] + 1 if opens else 0
        if 0 < close - at <= LONGEST_FORMULA:
            found.append((at, close))
            end = close
    return found


def _next_closers(flat: str, dollars: list[int]) -> list[int]:
    """For each dollar sign, and one past the last, the next one from there on that can end a formula; -1 if none."""
    closers = [-1] * (len(dollars) + 2)
    for index in range(len(dollars) - 1, -1, -1):
        at = dollars[index]
        closes = not flat[at - 1 : at].isspace() and not flat[at + 1 : at + 2].isdigit()
        closers[index] = at if closes else closers[index + 1]
    return closers


def _brackets(flat: str, formulas: list[Span]) -> list[Span]:
    """Pairs of brackets outside formulas (where `[0, 1)` is no pair)."""
    open_at: dict[str, list[int]] = {mark: [] for mark in _PAIRS.values()}
    found: list[Span] = []
    formula = 0
    for match in _BRACKET.finditer(flat):
        at, mark = match.start(), match.group()
        while formula < len(formulas) and formulas[formula][1] <= at:
            formula += 1
        if formula < len(formulas) and formulas[formula][0] <= at:
            continue
        if mark in open_at:
            open_at[mark].append(at)
        elif open_at[_PAIRS[mark]]:
            start = open_at[_PAIRS[mark]].pop()
            if at + 1 - start <= LONGEST_BRACKET:
                found.append((start, at + 1))
    return found


def _merged(found: list[Span]) -> list[Span]:
    """Without overlap: what crosses or contains is one stretch; neighbors that only touch stay two."""
    merged: list[Span] = []
    for start, end in found:
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


# Nothing of these is seen by a reader: controls, soft hyphens, zero-width and direction marks, variation
# selectors, tag characters, private use, lone surrogates. Text can be smuggled in them.
UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ud800-\udfff\ue000-\uf8ff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff\U000f0000-\U0010ffff]"
)

LONGEST_SENTENCE = 1500  # characters

_CLOSERS = "\"'”’»)\\]}）】」』》〉*"
_STOP = re.compile(
    rf"(?:(?P<cjk>[。！？；．｡]+)|[.!?…]+)[{_CLOSERS}]*+(?:\[\d[\d,;–-]{{0,60}}\]|\^\d{{1,2}})?\$?"
)
_WORD_BEFORE = re.compile(r"[^\s(\[{\"'“‘（]*$")
_OPENERS = "\"'“‘«([{¿¡*•–—-（「『《"
_CITATION = re.compile(r" \[\d[\d,;–\- ]{0,60}\](?= |$)")
_NAME = re.compile(r"[a-z]{1,8}-?[A-Z]")  # iPhone, t-SNE: a sentence may start with them
_LISTED = re.compile(r"[(\[]?(?:\d{1,3}(?:\.\d{1,3})*|[A-Za-z]|[IVXivx]{1,5})[)\]]?")
_LABEL = re.compile(
    r"(?:Table|Fig(?:ure|\.)|Algorithm|Listing|Theorem|Lemma|Proposition|Corollary|Definition|Remark|Proof)"
    r"(?: [A-Z]?\d{0,3}(?:\.\d{1,3})*)?"
)
_REFERENCE = re.compile(r"[\d(\[$\\#§]|[A-Z]{1,4}(?:\.?\d)*(?=[\s,.;:)]|$)")
_HIRAGANA = re.compile("[\u3041-\u309f]")

_NEVER = re.compile(
    r"e\.g|i\.e|eg|ie|cf|vs|w\.r\.t|wrt|viz|approx|resp|ca|a\.k\.a|aka|incl|s\.t|proc|(?-i:Dr|Prof|Mrs?|Ms|St|Mt)",
    re.IGNORECASE,
)
_NUMBERED = re.compile(
    "figs?|figures?|tables?|eqs?|eqns?|secs?|sect|tabs?|thm|lem|prop|def|cor|algs?|app|refs?|chap|ch|vol|ex|rem"
    "|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec",
    re.IGNORECASE,
)
_COUNTED = re.compile("nos?|pp?", re.IGNORECASE)
_MAYBE = re.compile(r"al|etc|inc|ltd|co|corp|jr|sr|ph\.d|(?:[a-z]\.)+[a-z]|(?-i:[A-Z])", re.IGNORECASE)
_STARTER = re.compile(
    "(?:A|Additionally|After|All|Although|An|Another|Are|As|At|Based|Because|Before|Besides|Both|But|By|Can"
    "|Compared|Consequently|Did|Do|Does|Due|During|Each|Even|Finally|First|For|Following|From|Furthermore|Given"
    "|He|Hence|Here|How|However|If|In|Indeed|Instead|Is|It|Its|Like|Many|More|Moreover|Most|Next|No|Note|On"
    "|Once|One|Other|Our|Over|Overall|Second|She|Similarly|Since|So|Some|Such|Than|That|The|Their|Then|There"
    "|Therefore|These|They|Third|This|Those|Though|Through|Thus|To|Two|Under|Unlike|Until|Using|We|What|When"
    "|Where|Which|While|Why|With|Without|Yet|You),?(?= |$)"
)


def clean(text: str) -> str:
    """The text as one line of characters that a reader can see."""
    return " ".join(UNSEEN.sub("", text).split())


def split(text: str) -> list[str]:
    """The sentences of a text, in order, each on one line; together they are the text but for white space.

    Never splits inside a formula or a short bracket. In doubt it leaves two sentences together: that costs
    a citation some precision, while a sentence cut in half could not be understood.
    """
    flat = " ".join(text.split())
    whole = spans(flat)
    starts = [start for start, _ in whole]
    sentences: list[str] = []
    begin = 0
    for stop in _STOP.finditer(flat):
        end = stop.end()
        at = bisect_left(starts, end) - 1
        if end <= begin or (at >= 0 and end < whole[at][1]):
            continue
        if end := _boundary(flat, begin, stop):
            sentences.append(flat[begin:end])
            begin = end + flat.startswith(" ", end)
    return [sentence for sentence in (*sentences, flat[begin:]) if sentence]


def abstract_text(abstract: str, url: str) -> Text:
    """An abstract as a text. `url` is the page that shows it; there is no anchor to link to."""
    sentences = tuple(
        Sentence(id=number, section="Abstract", anchor=None, text=sentence)
        for number, sentence in enumerate(_of_abstract(abstract), start=1)
    )
    return Text(basis="abstract", url=url, sentences=sentences, left_out={})


def cut_up(sentence: str) -> Iterator[str]:
    """An endless sentence as pieces that can be cited, cut at blanks where there are any."""
    start = 0
    while len(sentence) - start > LONGEST_SENTENCE:
        blank = sentence.rfind(" ", start + LONGEST_SENTENCE // 2, start + LONGEST_SENTENCE)
        end = blank if blank > 0 else start + LONGEST_SENTENCE
        yield sentence[start:end]
        start = end + (blank > 0)
    yield sentence[start:]


def _of_abstract(abstract: str) -> Iterator[str]:
    for sentence in split(clean(abstract)):
        yield from cut_up(sentence)


def _boundary(flat: str, begin: int, stop: re.Match[str]) -> int:
    """Where the sentence that began at `begin` ends, if it ends with this stop; 0 if it goes on."""
    end = stop.end()
    if stop["cjk"]:
        return end if _ends_cjk(flat, stop) else 0
    if end < len(flat) and flat[end] != " ":
        mark = stop.group().rstrip(_CLOSERS + "$")
        glued = "…" not in mark and len(mark) == 1 and stop.start() > begin
        return end if glued and _wide(flat[end]) and not flat[stop.start() - 1].isspace() else 0
    citation = _CITATION.match(flat, end)
    if citation and (citation.end() == len(flat) or _starts(flat, citation.end() + 1)):
        end = citation.end()
    if end == len(flat) or (_starts(flat, end + 1) and _closes(flat, begin, stop, end + 1)):
        return end
    return 0


def _ends_cjk(flat: str, stop: re.Match[str]) -> bool:
    """Chinese and Japanese stops end a sentence, but for a decimal point and 「…。」と."""
    after = flat[stop.end() : stop.end() + 1]
    if stop["cjk"] == "．" and after.isdigit():
        return False
    return not (stop.group() != stop["cjk"] and _HIRAGANA.match(after))


def _wide(character: str) -> bool:
    """Whether this is a letter of a script that writes without spaces."""
    return "\u3040" <= character <= "\u30ff" or "\u3400" <= character <= "\u9fff"


def _starts(flat: str, at: int) -> bool:
    """Whether what stands at this place can be the start of a sentence."""
    for place in range(at, min(at + 4, len(flat))):
        character = flat[place]
        if character not in _OPENERS:
            listed = place > at and flat[place - 1] in "([" and _LISTED.match(flat, place) is not None
            caseless = character.isalpha() and not character.islower()
            return (
                caseless
                or character.isdigit()
                or character in "$\\"
                or _NAME.match(flat, place) is not None
                or (listed and flat[place + 1 : place + 4].find(")") >= 0)
            )
    return False


def _closes(flat: str, begin: int, stop: re.Match[str], following: int) -> bool:
    """Whether a stop before white space ends the sentence, or only an abbreviation, a number, a list mark."""
    marks = stop.group()
    if (
        stop.start() > begin and flat[stop.start() - 1] == " "
    ):  # " . . . " is an ellipsis, " . " a stop set apart
        return flat[max(begin, stop.start() - 2)] not in ".…"
    if marks[0] != "." or marks[1:2] in {".", "!", "?"}:
        return True
    word = _word_before(flat, begin, stop.start())
    if any(mark.fullmatch(flat, begin, stop.start()) for mark in (_LISTED, _LABEL)) or (
        word[-1:].isdigit() and flat[following : following + 1].isdigit()
    ):
        return False
    return not _abbreviates(word, flat, following)


def _word_before(flat: str, begin: int, at: int) -> str:
    found = _WORD_BEFORE.search(flat, max(begin, at - 24), at)
    return found.group() if found else ""


def _abbreviates(word: str, flat: str, following: int) -> bool:
    """Whether `word` and its dot are an abbreviation that the sentence goes on after."""
    if _NEVER.fullmatch(word):
        return True
    if _NUMBERED.fullmatch(word):
        return _REFERENCE.match(flat, following) is not None
    if _COUNTED.fullmatch(word):
        return flat[following : following + 1].isdigit()
    return _MAYBE.fullmatch(word) is not None and _STARTER.match(flat, following) is None
