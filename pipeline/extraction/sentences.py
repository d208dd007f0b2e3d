"""Split text into sentences that can be numbered and cited, in time linear in its length. No I/O."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from itertools import pairwise

from pipeline.core.models import Sentence, Text

MAX_FORMULA_LENGTH = 2000  # characters; keeps an unpaired dollar sign from protecting the rest of the paper
MAX_BRACKET_LENGTH = 400

_DOLLAR = re.compile(r"\\.|\$", re.DOTALL)
_BRACKET = re.compile("[()（）「」『』]")
_OPENING_OF = {")": "(", "）": "（", "」": "「", "』": "『"}

Span = tuple[int, int]


def protected_spans(line: str) -> list[Span]:
    """Find the spans in which no sentence ends: formulas and short brackets, in order and without overlap."""
    formulas = _formula_spans(line)
    return _merge_overlapping(sorted(formulas + _bracket_spans(line, formulas)))


def _formula_spans(line: str) -> list[Span]:
    """Find `$…$` and `$$…$$`. As in Markdown, `$` next to an inner space is an amount of money, not a formula."""
    dollars = [match.start() for match in _DOLLAR.finditer(line) if match.group() == "$"]
    closers = _next_closers(line, dollars)
    doubles = [first for first, second in pairwise(dollars) if second == first + 1]
    formulas: list[Span] = []
    end, double = 0, 0
    for index, at in enumerate(dollars):
        if at < end:
            continue
        if line.startswith("$$", at):
            while double < len(doubles) and doubles[double] < at + 2:
                double += 1
            close = doubles[double] + 2 if double < len(doubles) else 0
        else:
            opens = at + 1 < len(line) and not line[at + 1].isspace()
            close = closers[index + 1] + 1 if opens else 0
        if 0 < close - at <= MAX_FORMULA_LENGTH:
            formulas.append((at, close))
            end = close
    return formulas


def _next_closers(line: str, dollars: list[int]) -> list[int]:
    """For each index of `dollars`, find the first dollar sign from there on that can end a formula; -1 if none.

    Two more entries of -1 follow, so that the index after the last dollar sign is valid.
    """
    closers = [-1] * (len(dollars) + 2)
    for index in range(len(dollars) - 1, -1, -1):
        at = dollars[index]
        closes = not line[at - 1 : at].isspace() and not line[at + 1 : at + 2].isdigit()
        closers[index] = at if closes else closers[index + 1]
    return closers


def _bracket_spans(line: str, formulas: list[Span]) -> list[Span]:
    """Find pairs of brackets outside formulas, since `[0, 1)` in a formula is not a pair."""
    open_at: dict[str, list[int]] = {mark: [] for mark in _OPENING_OF.values()}
    brackets: list[Span] = []
    formula = 0
    for match in _BRACKET.finditer(line):
        at, mark = match.start(), match.group()
        while formula < len(formulas) and formulas[formula][1] <= at:
            formula += 1
        if formula < len(formulas) and formulas[formula][0] <= at:
            continue
        if mark in open_at:
            open_at[mark].append(at)
        elif open_at[_OPENING_OF[mark]]:
            start = open_at[_OPENING_OF[mark]].pop()
            if at + 1 - start <= MAX_BRACKET_LENGTH:
                brackets.append((start, at + 1))
    return brackets


def _merge_overlapping(ordered: list[Span]) -> list[Span]:
    """Merge spans that cross or contain each other; spans that only touch stay separate."""
    merged: list[Span] = []
    for start, end in ordered:
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


# Characters that are not displayed: controls, soft hyphens, zero-width and direction marks, variation selectors,
# tag characters, private use, lone surrogates. Hidden text can be encoded in them.
INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ud800-\udfff\ue000-\uf8ff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff\U000f0000-\U0010ffff]"
)

MAX_SENTENCE_LENGTH = 1500  # characters

_CLOSING_MARKS = "\"'”’»)\\]}）】」』》〉*"
_TERMINATOR = re.compile(
    rf"(?:(?P<cjk>[。！？；．｡]+)|[.!?…]+)[{_CLOSING_MARKS}]*+(?:\[\d[\d,;–-]{{0,60}}\]|\^\d{{1,2}})?\$?"
)
_WORD_BEFORE = re.compile(r"[^\s(\[{\"'“‘（]*$")
_OPENING_MARKS = "\"'“‘«([{¿¡*•–—-（「『《"
_CITATION = re.compile(r" \[\d[\d,;–\- ]{0,60}\](?= |$)")
_MIXED_CASE = re.compile(r"[a-z]{1,8}-?[A-Z]")  # iPhone, t-SNE: a sentence can start in lower case
_LIST_MARKER = re.compile(r"[(\[]?(?:\d{1,3}(?:\.\d{1,3})*|[A-Za-z]|[IVXivx]{1,5})[)\]]?")
_FLOAT_LABEL = re.compile(
    r"(?:Table|Fig(?:ure|\.)|Algorithm|Listing|Theorem|Lemma|Proposition|Corollary|Definition|Remark|Proof)"
    r"(?: [A-Z]?\d{0,3}(?:\.\d{1,3})*)?"
)
_REFERENCE_START = re.compile(r"[\d(\[$\\#§]|[A-Z]{1,4}(?:\.?\d)*(?=[\s,.;:)]|$)")
_HIRAGANA = re.compile("[\u3041-\u309f]")

# Abbreviations, by when the sentence continues after their dot: always; before a number or reference; before a
# digit; unless the next word commonly starts a sentence.
_ABBR_NEVER_FINAL = re.compile(
    r"e\.g|i\.e|eg|ie|cf|vs|w\.r\.t|wrt|viz|approx|resp|ca|a\.k\.a|aka|incl|s\.t|proc|(?-i:Dr|Prof|Mrs?|Ms|St|Mt)",
    re.IGNORECASE,
)
_ABBR_BEFORE_REFERENCE = re.compile(
    "figs?|figures?|tables?|eqs?|eqns?|secs?|sect|tabs?|thm|lem|prop|def|cor|algs?|app|refs?|chap|ch|vol|ex|rem"
    "|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec",
    re.IGNORECASE,
)
_ABBR_BEFORE_DIGIT = re.compile("nos?|pp?", re.IGNORECASE)
_ABBR_MAYBE_FINAL = re.compile(
    r"al|etc|inc|ltd|co|corp|jr|sr|ph\.d|(?:[a-z]\.)+[a-z]|(?-i:[A-Z])", re.IGNORECASE
)
_COMMON_STARTER = re.compile(
    "(?:A|Additionally|After|All|Although|An|Another|Are|As|At|Based|Because|Before|Besides|Both|But|By|Can"
    "|Compared|Consequently|Did|Do|Does|Due|During|Each|Even|Finally|First|For|Following|From|Furthermore|Given"
    "|He|Hence|Here|How|However|If|In|Indeed|Instead|Is|It|Its|Like|Many|More|Moreover|Most|Next|No|Note|On"
    "|Once|One|Other|Our|Over|Overall|Second|She|Similarly|Since|So|Some|Such|Than|That|The|Their|Then|There"
    "|Therefore|These|They|Third|This|Those|Though|Through|Thus|To|Two|Under|Unlike|Until|Using|We|What|When"
    "|Where|Which|While|Why|With|Without|Yet|You),?(?= |$)"
)


def clean_text(text: str) -> str:
    """Remove invisible characters and collapse white space to single spaces."""
    return " ".join(INVISIBLE.sub("", text).split())


def split_sentences(text: str) -> list[str]:
    """Split a text into its sentences, each on one line; nothing but white space is changed or lost.

    Never splits inside a formula or a short bracket. In doubt two sentences stay together: that makes a
    citation less precise, while half a sentence cannot be understood.
    """
    line = " ".join(text.split())
    protected = protected_spans(line)
    starts = [start for start, _ in protected]
    sentences: list[str] = []
    begin = 0
    for terminator in _TERMINATOR.finditer(line):
        end = terminator.end()
        at = bisect_left(starts, end) - 1
        if end <= begin or (at >= 0 and end < protected[at][1]):
            continue
        if end := _sentence_end(line, begin, terminator):
            sentences.append(line[begin:end])
            begin = end + line.startswith(" ", end)
    return [sentence for sentence in (*sentences, line[begin:]) if sentence]


def abstract_text(abstract: str, url: str) -> Text:
    """Build the `Text` of an abstract. `url` is the page that shows it; its sentences have no anchors."""
    sentences = tuple(
        Sentence(id=number, section="Abstract", anchor=None, text=sentence)
        for number, sentence in enumerate(_abstract_sentences(abstract), start=1)
    )
    return Text(basis="abstract", url=url, sentences=sentences, left_out={})


def split_overlong(sentence: str) -> Iterator[str]:
    """Split a sentence into pieces of at most `MAX_SENTENCE_LENGTH` characters, at spaces where possible."""
    start = 0
    while len(sentence) - start > MAX_SENTENCE_LENGTH:
        space = sentence.rfind(" ", start + MAX_SENTENCE_LENGTH // 2, start + MAX_SENTENCE_LENGTH)
        end = space if space > 0 else start + MAX_SENTENCE_LENGTH
        yield sentence[start:end]
        start = end + (space > 0)
    yield sentence[start:]


def _abstract_sentences(abstract: str) -> Iterator[str]:
    for sentence in split_sentences(clean_text(abstract)):
        yield from split_overlong(sentence)


def _sentence_end(line: str, begin: int, terminator: re.Match[str]) -> int:
    """Return where the sentence that starts at `begin` ends if this terminator ends it, or 0 if it continues."""
    end = terminator.end()
    if terminator["cjk"]:
        return end if _cjk_ends_sentence(line, terminator) else 0
    if end < len(line) and line[end] != " ":
        mark = terminator.group().rstrip(_CLOSING_MARKS + "$")
        unspaced = "…" not in mark and len(mark) == 1 and terminator.start() > begin
        return (
            end
            if unspaced and _is_unspaced_script(line[end]) and not line[terminator.start() - 1].isspace()
            else 0
        )
    citation = _CITATION.match(line, end)
    if citation and (citation.end() == len(line) or _can_start_sentence(line, citation.end() + 1)):
        end = citation.end()
    if end == len(line) or (
        _can_start_sentence(line, end + 1) and _ends_sentence(line, begin, terminator, end + 1)
    ):
        return end
    return 0


def _cjk_ends_sentence(line: str, terminator: re.Match[str]) -> bool:
    """Whether a Chinese or Japanese terminator ends a sentence: not if a decimal point, nor in 「…。」と."""
    after = line[terminator.end() : terminator.end() + 1]
    if terminator["cjk"] == "．" and after.isdigit():
        return False
    return not (terminator.group() != terminator["cjk"] and _HIRAGANA.match(after))


def _is_unspaced_script(character: str) -> bool:
    """Whether the character is kana or a CJK ideograph, scripts written without spaces."""
    return "\u3040" <= character <= "\u30ff" or "\u3400" <= character <= "\u9fff"


def _can_start_sentence(line: str, at: int) -> bool:
    """Whether a sentence can start at this index, skipping up to three opening marks."""
    for index in range(at, min(at + 4, len(line))):
        character = line[index]
        if character not in _OPENING_MARKS:
            list_marker = (
                index > at and line[index - 1] in "([" and _LIST_MARKER.match(line, index) is not None
            )
            starts_word = character.isalpha() and not character.islower()
            return (
                starts_word
                or character.isdigit()
                or character in "$\\"
                or _MIXED_CASE.match(line, index) is not None
                or (list_marker and line[index + 1 : index + 4].find(")") >= 0)
            )
    return False


def _ends_sentence(line: str, begin: int, terminator: re.Match[str], following: int) -> bool:
    """Whether a terminator before white space ends the sentence, not an abbreviation, number or list marker."""
    marks = terminator.group()
    if (
        terminator.start() > begin and line[terminator.start() - 1] == " "
    ):  # " . . . " is an ellipsis, " . " a full stop after a space
        return line[max(begin, terminator.start() - 2)] not in ".…"
    if marks[0] != "." or marks[1:2] in {".", "!", "?"}:
        return True
    word = _word_before(line, begin, terminator.start())
    if any(mark.fullmatch(line, begin, terminator.start()) for mark in (_LIST_MARKER, _FLOAT_LABEL)) or (
        word[-1:].isdigit() and line[following : following + 1].isdigit()
    ):
        return False
    return not _is_abbreviation(word, line, following)


def _word_before(line: str, begin: int, at: int) -> str:
    match = _WORD_BEFORE.search(line, max(begin, at - 24), at)
    return match.group() if match else ""


def _is_abbreviation(word: str, line: str, following: int) -> bool:
    """Whether `word` and its dot are an abbreviation after which the sentence continues."""
    if _ABBR_NEVER_FINAL.fullmatch(word):
        return True
    if _ABBR_BEFORE_REFERENCE.fullmatch(word):
        return _REFERENCE_START.match(line, following) is not None
    if _ABBR_BEFORE_DIGIT.fullmatch(word):
        return line[following : following + 1].isdigit()
    return _ABBR_MAYBE_FINAL.fullmatch(word) is not None and _COMMON_STARTER.match(line, following) is None
