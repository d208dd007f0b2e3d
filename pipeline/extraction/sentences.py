"""Split text into sentences that can be numbered and cited, in time linear in its length. No I/O."""

import re
from bisect import bisect_left
from collections import defaultdict
from itertools import accumulate
from operator import itemgetter

from pipeline.core import unicode
from pipeline.core.formulas import Span, formula_spans

MAX_BRACKET_LENGTH = 400

_BRACKET = re.compile("[()（）「」『』]")
_OPENING_OF = {")": "(", "）": "（", "」": "「", "』": "『"}


def protected_spans(line: str) -> list[Span]:
    """Find the spans in which no sentence ends: formulas and short brackets, in order."""
    formulas = formula_spans(line)
    spans = sorted(formulas + _bracket_spans(line, formulas))
    furthest = accumulate((end for _, end in spans), max)  # spans can contain and cross each other
    return [(start, end) for (start, _), end in zip(spans, furthest, strict=True)]


def _bracket_spans(line: str, formulas: list[Span]) -> list[Span]:
    """Find pairs of brackets outside formulas, since `[0, 1)` in a formula is not a pair."""
    open_at: defaultdict[str, list[int]] = defaultdict(list)
    brackets: list[Span] = []
    for match in _BRACKET.finditer(line):
        at, opening = match.start(), _OPENING_OF.get(match.group())
        if _is_inside(formulas, at):
            continue
        if opening is None:
            open_at[match.group()].append(at)
        elif open_at[opening]:
            brackets.append((open_at[opening].pop(), at + 1))
    return [(start, end) for start, end in brackets if end - start <= MAX_BRACKET_LENGTH]


def _is_inside(spans: list[Span], at: int) -> bool:
    """Whether an index is inside one of the spans, of which none ends before the one in front of it."""
    index = bisect_left(spans, at, key=itemgetter(0)) - 1
    return index >= 0 and at < spans[index][1]


MAX_SENTENCE_LENGTH = 1500  # characters
# The rest of the sentence, or as much as possible up to a space in the second half, or as much as possible.
_PIECE = re.compile(
    rf"\S.{{0,{MAX_SENTENCE_LENGTH - 1}}}$"
    rf"|\S.{{{MAX_SENTENCE_LENGTH // 2 - 1},{MAX_SENTENCE_LENGTH - 2}}}(?= )"
    rf"|\S.{{{MAX_SENTENCE_LENGTH - 1}}}"
)

_CLOSING_MARKS = "\"'”’»)\\]}）】」』》〉*"
_TERMINATOR = re.compile(
    rf"(?:(?P<cjk>[。！？；．｡]+)|[.!?…؟۔।॥]+)[{_CLOSING_MARKS}]*+(?:\[\d[\d,;–-]{{0,60}}\]|\^\d{{1,2}})?\$?"
)
_SENTENCE_END = re.compile(
    rf"[.!?…。！？．｡؟।][{_CLOSING_MARKS}]*(?:\s?\[\d[\d,;–\- ]{{0,60}}\]|\^\d{{1,2}})?\s*$"
)
_WORD_START = re.compile(r"[\s(\[{\"'“‘（]")
_OPENING_MARKS = "\"'“‘«([{¿¡*•–—-（「『《"
# A whole word on each side of a stop without a blank: "is small.Nobody likes", but not "nn.Module", "Node.js".
_WORD_BEFORE = re.compile(r"(?:^|[\s(\-\u2010-\u2015])[a-z]{3,}$")
_WORD_AFTER = re.compile(r"(?:[A-Z][a-z]*|[A-Z]{2,}\d?)(?:[-'’][A-Za-z]+)?[,:]? ")
_CITATION = re.compile(r" \[\d[\d,;–\- ]{0,60}\](?= |$)")
_MIXED_CASE = re.compile(r"[a-z]{1,8}-?[A-Z]")  # iPhone, t-SNE: a sentence can start in lower case
_LIST_MARKER = re.compile(r"[(\[]?(?:\d{1,3}(?:\.\d{1,3})*|[A-Za-z]|[IVXivx]{1,5})[)\]]?")
_FLOAT_LABEL = re.compile(
    r"(?:Table|Fig(?:ure|\.)|Algorithm|Listing|Theorem|Lemma|Proposition|Corollary|Definition|Remark|Proof|Appendix)"
    r"(?: [A-Z]?\d{0,3}(?:\.\d{1,3})*)?"
)
# A part of the paper that is named by a letter: the letter is no initial of a name. Not where a caption begins.
_LETTERED_PART = re.compile(
    r"\S (?:Appendix|Appendices|Annex|Section|Sect?\.|Part|Chapter|Figure|Fig\.|Table|Tab\.|Panel|Algorithm|Theorem|Lemma"
    r"|Supplement)s? (?:[A-Z](?:,? and |, | & |[-–]))*[A-Z]$",
    re.IGNORECASE,
)
_REFERENCE_START = re.compile(r"[\d(\[$\\#§]|[A-Z]{1,4}(?:\.?\d)*(?=[\s,.;:)]|$)")
_HIRAGANA = re.compile("[\u3041-\u309f]")
# Kana and CJK ideographs, which are written without spaces.
_UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")

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
    """Remove invisible characters, except the joiners within words of some scripts; white space becomes one space."""
    return " ".join(unicode.remove_invisible(text).split())


def split_sentences(text: str) -> list[str]:
    """Split a text into its sentences, each on one line; nothing but white space is changed or lost.

    Never splits inside a formula or a short bracket. In doubt two sentences stay together: that makes a
    citation less precise, while half a sentence cannot be understood.
    """
    line = " ".join(text.split())
    protected = protected_spans(line)
    sentences: list[str] = []
    begin = 0
    for terminator in _TERMINATOR.finditer(line):
        if terminator.end() <= begin or _is_inside(protected, terminator.end()):
            continue
        if end := _sentence_end(line, begin, terminator):
            sentences.append(line[begin:end])
            begin = end + line.startswith(" ", end)
    return [sentence for sentence in (*sentences, line[begin:]) if sentence]


def ends_sentence(text: str) -> bool:
    """Whether a text ends with the mark of a sentence's end, and closing quotation marks or a citation after it."""
    return _SENTENCE_END.search(text[-80:]) is not None


def split_overlong(sentence: str) -> list[str]:
    """Split a sentence into pieces of at most `MAX_SENTENCE_LENGTH` characters, at spaces where possible."""
    return _PIECE.findall(sentence)


def _sentence_end(line: str, begin: int, terminator: re.Match[str]) -> int:
    """Return where the sentence that starts at `begin` ends if this terminator ends it, or 0 if it continues."""
    end = terminator.end()
    if terminator["cjk"]:
        return end if _cjk_ends_sentence(line, terminator) else 0
    if end < len(line) and line[end] != " ":
        mark = terminator.group().rstrip(_CLOSING_MARKS + "$")
        after_word = terminator.start() > begin and not line[terminator.start() - 1].isspace()
        follows = after_word and (_UNSPACED.match(line, end) or _misses_blank(line, begin, terminator))
        return end if len(mark) == 1 and mark != "…" and follows else 0
    citation = _CITATION.match(line, end)
    if citation and (citation.end() == len(line) or _can_start_sentence(line, citation.end() + 1)):
        end = citation.end()
    ends = end == len(line) or (
        _can_start_sentence(line, end + 1) and _ends_sentence(line, begin, terminator, end + 1)
    )
    return end if ends else 0


def _misses_blank(line: str, begin: int, terminator: re.Match[str]) -> bool:
    """Whether the blank between two sentences is missing: "It is small.The next is large."."""
    end = terminator.end()
    before = line[max(begin, terminator.start() - 24) : terminator.start()]
    between_words = _WORD_BEFORE.search(before) and _WORD_AFTER.match(line, end)
    starter = _COMMON_STARTER.match(line, end)
    return bool(
        between_words or (starter and starter.end() - end > 1 and starter.end() < len(line))
    ) and _ends_sentence(line, begin, terminator, end)


def _cjk_ends_sentence(line: str, terminator: re.Match[str]) -> bool:
    """Whether a Chinese or Japanese terminator ends a sentence: not if a decimal point, nor in 「…。」と."""
    after = line[terminator.end() : terminator.end() + 1]
    decimal_point = terminator["cjk"] == "．" and after.isdigit()
    return not decimal_point and (terminator.group() == terminator["cjk"] or not _HIRAGANA.match(after))


def _can_start_sentence(line: str, at: int) -> bool:
    """Whether a sentence can start at this index, skipping up to three opening marks."""
    start = line[at : at + 4]
    index = at + len(start) - len(start.lstrip(_OPENING_MARKS))
    character = line[index : index + 1]
    in_brackets = index > at and line[index - 1] in "(["
    return index < at + len(start) and (
        (character.isalpha() and not character.islower())
        or character.isdigit()
        or character in "$\\"
        or _MIXED_CASE.match(line, index) is not None
        or (
            in_brackets and ")" in line[index + 1 : index + 4] and _LIST_MARKER.match(line, index) is not None
        )
    )


def _ends_sentence(line: str, begin: int, terminator: re.Match[str], following: int) -> bool:
    """Whether a terminator before white space ends the sentence, not an abbreviation, number or list marker."""
    marks = terminator.group()
    if (
        terminator.start() > begin and line[terminator.start() - 1] == " "
    ):  # " . . . " is an ellipsis, " . " a full stop after a space
        return line[max(begin, terminator.start() - 2)] not in ".…"
    if marks[0] != "." or marks[1:2] in {".", "!", "?"}:
        return True
    word = _WORD_START.split(line[max(begin, terminator.start() - 24) : terminator.start()])[-1]
    return not (
        any(label.fullmatch(line, begin, terminator.start()) for label in (_LIST_MARKER, _FLOAT_LABEL))
        or (word[-1:].isdigit() and line[following : following + 1].isdigit())
        or (
            _is_abbreviation(word, line, following)
            and not _LETTERED_PART.search(line[max(begin, terminator.start() - 40) : terminator.start()])
        )
    )


def _is_abbreviation(word: str, line: str, following: int) -> bool:
    """Whether `word` and its dot are an abbreviation after which the sentence continues."""
    return bool(
        _ABBR_NEVER_FINAL.fullmatch(word)
        or (_ABBR_BEFORE_REFERENCE.fullmatch(word) and _REFERENCE_START.match(line, following))
        or (_ABBR_BEFORE_DIGIT.fullmatch(word) and line[following : following + 1].isdigit())
        or (_ABBR_MAYBE_FINAL.fullmatch(word) and not _COMMON_STARTER.match(line, following))
    )
