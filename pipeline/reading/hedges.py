"""How sure a sentence is: a claim must not say more than the sentences it rests on.

A small lexicon for English, Chinese and Japanese. A claim is stopped only if every clause of its evidence
that has one of its terms is hedged, and the claim has no hedge of any kind.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from pipeline.reading.names import Words
from pipeline.reading.numbers import licensed, of_claim, of_source

_MAY = re.compile(
    r"\b(?:[Mm]ay(?! \d)|might|could(?! not|n't)|possibl[ey]|potential(?:ly| of| to| as)"
    r"|(?:has|have|shows?|showing|demonstrat\w+|confirms?) (?:\w+ ){0,2}potential"
    r"|(?<!more )(?<!less )(?<!most )likely|probably|perhaps|appears? to|seems? to|preliminary|hypothesi[sz]ed"
    r"|we (?:believe|hypothesi[sz]e|conjecture|speculate)|presumabl[ey])\b"
)
_SUGGEST = re.compile(r"\b(?:suggest(?:s|ed|ing)?|hint(?:s|ed|ing)? at|indications?)\b")
_ONLY = re.compile(
    r"(?<!not )\bonly (?:been )?(?:on|for|in|with|under|when|if|to|evaluated|tested|validated|studied|verified"
    r"|covers?)(?![-\w])|\b(?:limited|restricted|confined) to\b|\bon (?:[\w-]+ ){1,4}(?:only|alone)\b"
)
_UP_TO = re.compile(r"(?i)\bup to\b(.{1,40})")

_CAUTIOUS = re.compile(
    "可能|或许|也许|或将|或会|或可|或能|似乎|有望|可望|潜在|潜力|潜能|初步|推测|猜测|猜想|假设|疑似|大概|倾向|往往|一定程度"
    "|在某些|部分情况|暗示|提示|认为|相信|有待|看来|前景|希望|迹象|估计|容易|可(?=[用以被作为帮让使将能通从在由与推迁])|能够帮助"
    "|かもしれ|おそらく|恐らく|思われ|示唆|傾向|予備的|考えられ|だろう|期待|見込|得る|うる"
    r"|(?i:\b(?:may|might|could|possibl[ey]|possibility|potential(?:ly)?|likely|probably|perhaps|appears?|seems?"
    r"|tends?|preliminary|suggest\w*|hint\w*|indicat\w*|hypothesi\w*|conjectur\w*|believ\w*|promising|should|would"
    r"|presumably|in some cases|sometimes)\b)"
)
_REPORTING = re.compile(
    "表明|显示|说明|意味|启示|证据|示して|示す|(?i:\\b(?:show|impl|point|evidence|reveal)\\w*)"
)
_NARROW = re.compile(
    "仅|只|唯|限于|局限|限制|有限|专门|单独|除外|のみ|だけ|限定|限ら|しか"
    r"|(?i:\b(?:only|limited|restricted|confined|solely|alone|just|exclusively)\b)"
)
_AT_MOST = re.compile(
    "达|最(?![佳优好强新终先])|至多|上限|以内|不超过|不到|まで|以下"
    r"|(?i:\b(?:up to|as (?:much|many|high) as|at (?:most|best)|max\w*|reach\w*|no more than)\b)"
)
_CLAUSE = re.compile(r"[,;:—]|\b(?:but|while|whereas|although|though|and|which|so|thus|thereby|hence)\b")


def overstated(claim: str, terms: Iterable[str], sentences: Sequence[str]) -> str:
    """Why a claim says more than its cited sentences, or an empty string."""
    clauses = [clause for sentence in sentences for clause in about(terms, sentence)]
    for hedge, kept, what in (
        (_MAY, (_CAUTIOUS,), "hedge"),
        (_SUGGEST, (_CAUTIOUS, _REPORTING), "hedge"),
        (_ONLY, (_NARROW,), "restrict"),
    ):
        found = [hedge.search(clause) for clause in clauses]
        words = [match[0] for match in found if match is not None]
        if words and len(words) == len(clauses) and not any(word.search(claim) for word in kept):
            return f'the cited sentence {what}s what it says ("{words[0]}"), the claim does not'
    return _without_limit(claim, sentences)


def about(terms: Iterable[str], sentence: str) -> list[str]:
    """The clauses of a sentence that have a term of the claim; the sentence, if a term goes across clauses."""
    wanted = [term for term in terms if Words.of(sentence).have(term)]
    if not wanted:
        return []
    clauses = [
        clause for clause in _CLAUSE.split(sentence) if any(Words.of(clause).have(term) for term in wanted)
    ]
    return clauses or [sentence]


def _without_limit(claim: str, sentences: Sequence[str]) -> str:
    """`up to 3x` is not `3x`."""
    limits = [limit for text in sentences for part in _UP_TO.findall(text) for limit in of_source(part)[:1]]
    free = [number for text in sentences for number in of_source(_UP_TO.sub(" ", text))] if limits else []
    for number in of_claim(claim) if limits else ():
        limited = any(licensed(number, limit) for limit in limits)
        if limited and not any(licensed(number, one) for one in free) and not _AT_MOST.search(number.clause):
            return f'the cited sentence says "up to" {number.written}, the claim leaves that out'
    return ""


_ADMITS_IN = re.compile(r"(?i)limit|discussion|conclu|fail|future|ablation|caveat|weakness|threats")
_ADMITS = re.compile(
    r"(?i)\b(?:limit(?:s|ed|ations?)?|however|fail\w*|only|cannot|can not|could not|can't|does not|do not|did not"
    r"|is not|are not|(?:future|further) (?:work|research|stud\w+|investigat\w+|validat\w+)|struggl\w*|drawbacks?"
    r"|lag(?:s|ged|ging)? behind|restrict\w*|unable|inability|shortcomings?|caveats?|weakness\w*|suffers?|degrad\w*"
    r"|difficult\w*|challeng\w*|lacks?|lacking|insufficient\w*|still|remains?|not yet|beyond the scope"
    r"|at the cost of|trade-?offs?|expensive|slower|sensitive to|relies on|rely on|depends? on|requires?|although"
    r"|despite|worse|preliminary)\b"
)


def admits(section: str, sentence: str) -> bool:
    """True if a sentence reads like authors who name a limitation: by its section's title, or by its words."""
    return _ADMITS_IN.search(section) is not None or _ADMITS.search(sentence) is not None
