"""Detect claims that drop a hedge of the cited sentences or contradict them, by lists of words.

Words for more and less, better and worse, in English, Chinese and Japanese, are compared within the clauses
of a number that claim and evidence share, and otherwise within whole sentences. This is a best effort: it
reports nothing if two opposite directions can be the same result (lower latency, higher speed).
"""

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal

from pipeline.grounding.entities import WordIndex
from pipeline.grounding.numbers import Number, claim_numbers, is_supported, source_numbers

_HEDGE = re.compile(
    r"\b(?:[Mm]ay(?! \d)|might|could(?! not|n't)|possibl[ey]|potential(?:ly| of| to| as)"
    r"|(?:has|have|shows?|showing|demonstrat\w+|confirms?) (?:\w+ ){0,2}potential"
    r"|(?<!more )(?<!less )(?<!most )likely|probably|perhaps|appears? to|seems? to|preliminary|hypothesi[sz]ed"
    r"|we (?:believe|hypothesi[sz]e|conjecture|speculate)|presumabl[ey])\b"
)
_WEAK_REPORT = re.compile(r"\b(?:suggest(?:s|ed|ing)?|hint(?:s|ed|ing)? at|indications?)\b")
_RESTRICTION = re.compile(
    r"(?<!not )\bonly (?:been )?(?:on|for|in|with|under|when|if|to|evaluated|tested|validated|studied|verified"
    r"|covers?)(?![-\w])|\b(?:limited|restricted|confined) to\b|\bon (?:[\w-]+ ){1,4}(?:only|alone)\b"
)
_UP_TO = re.compile(r"(?i)\bup to\b(.{1,40})")

_KEEPS_HEDGE = re.compile(
    "可能|或许|也许|或将|或会|或可|或能|似乎|有望|可望|潜在|潜力|潜能|初步|推测|猜测|猜想|假设|疑似|大概|倾向|往往|一定程度"
    "|在某些|部分情况|暗示|提示|认为|相信|有待|看来|前景|希望|迹象|估计|容易|可(?=[用以被作为帮让使将能通从在由与推迁])|能够帮助"
    "|かもしれ|おそらく|恐らく|思われ|示唆|傾向|予備的|考えられ|だろう|期待|見込|得る|うる"
    r"|(?i:\b(?:may|might|could|possibl[ey]|possibility|potential(?:ly)?|likely|probably|perhaps|appears?|seems?"
    r"|tends?|preliminary|suggest\w*|hint\w*|indicat\w*|hypothesi\w*|conjectur\w*|believ\w*|promising|should|would"
    r"|presumably|in some cases|sometimes)\b)"
)
_KEEPS_REPORT = re.compile(
    "表明|显示|说明|意味|启示|证据|示して|示す|(?i:\\b(?:show|impl|point|evidence|reveal)\\w*)"
)
_KEEPS_RESTRICTION = re.compile(
    "仅|只|唯|限于|局限|限制|有限|专门|单独|除外|のみ|だけ|限定|限ら|しか"
    r"|(?i:\b(?:only|limited|restricted|confined|solely|alone|just|exclusively)\b)"
)
_KEEPS_UP_TO = re.compile(
    "达|最(?![佳优好强新终先])|至多|上限|以内|不超过|不到|まで|以下"
    r"|(?i:\b(?:up to|as (?:much|many|high) as|at (?:most|best)|max\w*|reach\w*|no more than)\b)"
)
_CLAUSE = re.compile(r"[,;:—]|\b(?:but|while|whereas|although|though|and|which|so|thus|thereby|hence)\b")


def find_overstatement(claim: str, terms: Iterable[str], sentences: Sequence[str]) -> str:
    """Return how a claim says more than its cited sentences (a hedge or limit dropped), or an empty string."""
    clauses = [clause for sentence in sentences for clause in clauses_with_terms(terms, sentence)]
    for hedge, keeps, verb in (
        (_HEDGE, (_KEEPS_HEDGE,), "hedge"),
        (_WEAK_REPORT, (_KEEPS_HEDGE, _KEEPS_REPORT), "hedge"),
        (_RESTRICTION, (_KEEPS_RESTRICTION,), "restrict"),
    ):
        matches = [hedge.search(clause) for clause in clauses]
        words = [match[0] for match in matches if match is not None]
        if words and len(words) == len(clauses) and not any(pattern.search(claim) for pattern in keeps):
            return f'the cited sentence {verb}s what it says ("{words[0]}"), the claim does not'
    return _drops_up_to(claim, sentences)


def clauses_with_terms(terms: Iterable[str], sentence: str) -> list[str]:
    """Return the clauses of a sentence that contain a term, or the whole sentence if the term spans clauses."""
    present = [term for term in terms if WordIndex.of(sentence).contains_phrase(term)]
    if not present:
        return []
    clauses = [
        clause
        for clause in _CLAUSE.split(sentence)
        if any(WordIndex.of(clause).contains_phrase(term) for term in present)
    ]
    return clauses or [sentence]


def _drops_up_to(claim: str, sentences: Sequence[str]) -> str:
    """Detect a claim of `3x` where the cited sentence says `up to 3x`."""
    limits = [
        limit for text in sentences for part in _UP_TO.findall(text) for limit in source_numbers(part)[:1]
    ]
    unlimited = (
        [number for text in sentences for number in source_numbers(_UP_TO.sub(" ", text))] if limits else []
    )
    for number in claim_numbers(claim) if limits else ():
        limited = any(is_supported(number, limit) for limit in limits)
        if (
            limited
            and not any(is_supported(number, other) for other in unlimited)
            and not _KEEPS_UP_TO.search(number.clause)
        ):
            return f'the cited sentence says "up to" {number.written}, the claim leaves that out'
    return ""


_LIMITATION_SECTION = re.compile(r"(?i)limit|discussion|conclu|fail|future|ablation|caveat|weakness|threats")
_ADMISSION = re.compile(
    r"(?i)\b(?:limit(?:s|ed|ations?)?|however|fail\w*|only|cannot|can not|could not|can't|does not|do not|did not"
    r"|is not|are not|(?:future|further) (?:work|research|stud\w+|investigat\w+|validat\w+)|struggl\w*|drawbacks?"
    r"|lag(?:s|ged|ging)? behind|restrict\w*|unable|inability|shortcomings?|caveats?|weakness\w*|suffers?|degrad\w*"
    r"|difficult\w*|challeng\w*|lacks?|lacking|insufficient\w*|still|remains?|not yet|beyond the scope"
    r"|at the cost of|trade-?offs?|expensive|slower|sensitive to|relies on|rely on|depends? on|requires?|although"
    r"|despite|worse|preliminary)\b"
)


def admits_limitation(section: str, sentence: str) -> bool:
    """Return True if a sentence reads like an admission by the authors, by its section title or its words."""
    return _LIMITATION_SECTION.search(section) is not None or _ADMISSION.search(sentence) is not None


Pair = tuple[Number, Sequence[Number]]  # a number of a claim, and the numbers that support it
Direction = tuple[str, str]  # axis (amount or quality), and up or down

_INCREASE = (
    r"提高|增加|增长|增大|上升|升高|升至|升到|回升|更高|高于(?!\s*\d)|高出|高(?=\s*\d)|扩大|増加|高め|増大"
    r"|(?i:\b(?:increas(?:e|es|ed|ing)|higher(?!-))\b)"
)
_DECREASE = (
    r"下降|降低|降至|降到|减少|减小|减轻|减弱|缩短|缩小|更低|低于(?!\s*\d)|低(?=\s*+约?\s*+\d)|低下|減少|削減|短縮"
    r"|(?i:\b(?:decreas\w*|reduc\w*|drop(?:s|ped|ping)?(?!-)|declin\w*|lower(?:s|ed|ing|(?= than| by))|(?<=% )lower"
    r"|shrink\w*|fewer|falls(?= by)|cut(?:s|ting)?(?!-)|diminish\w*|less(?= \w+ than))\b)"
)
_IMPROVEMENT = (
    r"提升|改善|改进|(?<!数据|图像|检索)(?<!光)增强(?!现实|图像|方法|任务)|优于|超过(?!\s*\d)|超越|胜过|领先|更好|更优|更强"
    r"|更快|好于|加速(?![度器])|加快|向上|上回|優れ|高速化"
    r"|(?i:\b(?:outperform\w*|surpass\w*|exceed\w*|improv\w*|boost(?:s|ed)?|enhanc(?:e|es|ing)|better|superior\w*"
    r"|gain(?:s|ed|ing)?|faster|accelerat(?!ometer|or)\w*|strengthen\w*|speed-?ups?)\b)"
)
_DECLINE = (
    r"恶化|削弱|落后|不如|不及|弱于|逊于|劣于|差于|慢于|更差|更慢|更弱|变差|变慢|减慢|下滑|下回|悪化|劣っ"
    r"|(?i:\b(?:underperform\w*|worse\w*|inferior|slower|deteriorat\w*|degrad(?:e|es|ing)|performance degradation"
    r"|lag(?:s|ged|ging)? behind|weaken\w*|fall(?:s|ing)? behind)\b)"
)
_DIRECTION_PATTERNS: dict[Direction, re.Pattern[str]] = {
    ("amount", "up"): re.compile(_INCREASE),
    ("amount", "down"): re.compile(_DECREASE),
    ("quality", "up"): re.compile(_IMPROVEMENT),
    ("quality", "down"): re.compile(_DECLINE),
}
_MINUS = re.compile(r"负|マイナス|(?i:\b(?:negative|minus|below zero|loss(?:es)?)\b)")
_NEGATION_BEFORE = re.compile(
    r"(?i:\b(?:not|never|no|without|cannot|fail(?:s|ed)? to|hardly)(?! only)\s+(?:\w+\s+){0,3}$)|n't\s+(?:\w+\s+){0,3}$"
    r"|(?:不(?![仅断但同止如及])|未|没有|没能|无法|难以|并非|无需)[^\s，。；,;的]{0,6}$"
)
# Quantities of which less is better, so the same result can be stated in either direction.
_COST = re.compile(
    "误差|错误|成本|开销|延迟|时间|时延|耗时|内存|显存|存储|参数|计算|损失|偏差|偏见|偏置|幻觉|伪影|噪声|风险|差距|冗余|漂移"
    "|不确定|复杂度|负担|距离|能耗|功耗|依赖|需求|需要|标注|冲突|歧义|失败|模糊|干扰|遗忘|步数|人工|门槛|过拟合|体积|失真|闪烁"
    "|敏感|混淆|方差|差异|代价|数量|难度|断裂|コスト|誤差|時間|遅延"
    r"|(?i:\b(?:errors?|costs?|latenc\w+|(?:run)?times?|memory|loss(?:es)?|FID|FVD|LPIPS|KID|NIQE|RMSE|MAE|MSE"
    r"|parameters?|FLOPs|comput\w+|overhead|bias\w*|hallucinat\w+|artifacts?|nois\w+|risks?|gaps?|redundan\w+"
    r"|drift\w*|uncertain\w+|complexit\w+|burden|distances?|energy|consumption|dependenc\w+|relian\w+|annotations?"
    r"|efforts?|conflicts?|failures?|tokens?|labels?|size|steps?|fragmentation|disparity|requirements?)\b)"
)
_COMPARISON = re.compile(
    "不如|不及|弱于|逊于|劣于|差于|落后|(?i:\\b(?:underperform|inferior|worse than|lag|behind)\\w*)"
)
_CLAIM_DENIAL = re.compile(
    "并不|并未|并非|不能|不会|无法|没有|未能|(?i:\\b(?:does not|do not|did not|cannot|fails? to)\\b)"
)
_SOURCE_DENIAL = re.compile(
    r"(?<!that )(?<!which )(?i:\b(?:does not|do not|did not|cannot|can not|don't|doesn't|no longer|never)\b)"
    r"(?! only| merely| just| simply| necessarily| requir| need| rel[yi]| depend)"
)
_NEGATIVE = re.compile(
    "不|无|未|没|非|免|难|缺|尚|保持|保留|维持|去除|摆脱|避免|省去|省略|失败|忽略|忽视|排除|取代|代替|而是|仅|只|除了|有限|受限|弱"
    "|ない|ず|なし|困難|失敗|のみ"
    r"|(?i:\b(?:not|no|nor|none|never|without|neither|cannot|un(?!der|i|cover|til|less|veil)\w{4,}"
    r"|im(?:practical|possib|plausib|perfect|precis)\w*|in(?:abil|accura|adequa|complete|consisten|correct|effective"
    r"|efficien|feasib|flexib|sufficien|valid|visib|stab)\w*|non\w*|ir(?:relevan|regular)\w*"
    r"|dis(?:regard|agree|able|prove)\w*|fail\w*|lack\w*|limit\w*|hard|difficult\w*|challeng\w*|struggl\w*|only"
    r"|ignor\w*|neglect\w*|overlook\w*|hinder\w*|poor\w*|suffer\w*|miss\w*|prevent\w*|preclud\w*|avoid\w*|eliminat\w*"
    r"|remov\w*|bypass\w*|rather|instead|weak\w*|few|rarely|hardly|absen\w+|beyond|except|bottleneck\w*|fall\w* short"
    r"|gap\w*|maintain\w*|preserv\w*|keep\w*|retain\w*|same|identical|unchanged|robust\w*|remain\w*"
    r"|under-?(?:explor|stud|util|sampl|estim|invest)\w*|prohibit\w*|intractab\w*|ill-posed|too|unclear|constrain\w*"
    r"|restrict\w*|despite|rel(?:y|ies)|depend\w*|refute\w*|\w{3,}less|free|degrad\w*|obstacle\w*|problem\w*|imped\w*"
    r"|drawback\w*|still|yet)\b)|\w-free\b|n't\b"
)
_FROM_TO = re.compile(
    r"从\s*(?P<a>\d+(?:\.\d+)?)(?![\d万亿KMB])[^\d，。；,;]{0,12}?"
    r"(?P<way>提高|增加|上升|增长|升|降低|下降|减少|减小|缩短|缩小|降)(?:到|至|为)"
    r"\s*+(?P<b>\d++(?:\.\d++)?+)(?![\d.]*+[万亿KMB])"
    r"|\b(?P<way_en>increas|ris|grow|decreas|reduc|drop|declin|fall)(?:e|es|ed|ing|n|s|ped|ping)?\b[^.;,\d]{0,40}"
    r" from (?P<a_en>\d+(?:\.\d+)?)(?![\d,KMB])[^.;,\d]{0,6} to (?P<b_en>\d+(?:\.\d+)?)(?![\d,]|\.\d|[KMB])"
)
_RISING_VERBS = {"提高", "增加", "上升", "增长", "升", "increas", "ris", "grow"}


def find_contradiction(
    claim: str, terms: Iterable[str], sentences: Sequence[str], pairs: Iterable[Pair]
) -> str:
    """Return why a claim seems to contradict its cited sentences, or an empty string."""
    terms = tuple(terms)
    return (
        _wrong_from_to(claim)
        or next(filter(None, (_at_shared_number(number, sources) for number, sources in pairs)), "")
        or _in_sentences(claim, terms, " ".join(sentences))
        or _denial_mismatch(claim, terms, sentences)
    )


def states_decrease(text: str) -> bool:
    """Return True if a text expresses a minus sign in words: a decrease, or a negative number."""
    return any(direction == "down" for _, direction in _directions(text)) or _MINUS.search(text) is not None


def _wrong_from_to(claim: str) -> str:
    """Detect a rise from a larger to a smaller number, or a fall from a smaller to a larger."""
    for match in _FROM_TO.finditer(claim):
        start, end = Decimal(match["a"] or match["a_en"]), Decimal(match["b"] or match["b_en"])
        rises = (match["way"] or match["way_en"]) in _RISING_VERBS
        if start != end and rises != (end > start):
            return f"from {start} to {end} is {'no rise' if rises else 'no fall'}"
    return ""


def _at_shared_number(number: Number, sources: Sequence[Number]) -> str:
    """Detect opposite directions, or a denial, in the clauses of a number that claim and evidence share."""
    clause = number.clause
    if sources and all(_opposed(clause, source.clause) for source in sources):
        return f"the cited sentences tell the opposite of {number.written}: {sources[0].clause.strip()}"
    if (
        sources
        and _CLAIM_DENIAL.search(clause)
        and not any(_NEGATIVE.search(source.clause) for source in sources)
    ):
        return f"the claim denies {number.written}, the cited sentences do not"
    return ""


def _in_sentences(claim: str, terms: tuple[str, ...], evidence: str) -> str:
    if not _opposed(claim, evidence):
        return ""
    comparison = _COMPARISON.search(claim)
    if comparison and not _same_subject(claim[: comparison.start()], terms, evidence):
        return ""  # "B is worse than A" can be supported by "A is better than B"
    descriptions = {"up": "an improvement or increase", "down": "a decline or decrease"}
    cited, claimed = ({direction for _, direction in _directions(text)}.pop() for text in (evidence, claim))
    return f"the cited sentences tell of {descriptions[cited]}, the claim of {descriptions[claimed]}"


def _same_subject(before: str, terms: tuple[str, ...], evidence: str) -> bool:
    """True if a subject of the claim's comparison also precedes the first direction word of the evidence."""
    first = min(
        (match.start() for pattern in _DIRECTION_PATTERNS.values() for match in pattern.finditer(evidence)),
        default=0,
    )
    names = re.findall(r"[A-Z][A-Za-z0-9]*(?:-[A-Za-z0-9]+)*|" + "|".join(map(re.escape, terms)), before)
    return any(name and 0 <= evidence.find(name) < first for name in names)


def _opposed(claim: str, source: str) -> bool:
    """True if each text has one direction, the directions differ, and they are not the same result."""
    in_claim, in_source = _directions(claim), _directions(source)
    directions = {direction for _, direction in in_claim}, {direction for _, direction in in_source}
    if len(directions[0]) != 1 or len(directions[1]) != 1 or directions[0] == directions[1]:
        return False
    costs = _COST.search(claim) is not None, _COST.search(source) is not None
    same_axis = {axis for axis, _ in in_claim} & {axis for axis, _ in in_source}
    return costs[0] == costs[1] if same_axis else not any(costs)


def _denial_mismatch(claim: str, terms: tuple[str, ...], sentences: Sequence[str]) -> str:
    if _CLAIM_DENIAL.search(claim) and not _NEGATIVE.search(" ".join(sentences)):
        return "the claim denies something, the cited sentences deny nothing"
    clauses = [clause for sentence in sentences for clause in clauses_with_terms(terms, sentence)]
    if clauses and all(map(_SOURCE_DENIAL.search, clauses)) and not _NEGATIVE.search(claim):
        return "the cited sentence denies what it says, the claim affirms it"
    return ""


def _directions(text: str) -> set[Direction]:
    """The directions of the words in a text; a negation before a word reverses its direction."""
    directions: set[Direction] = set()
    for (axis, direction), pattern in _DIRECTION_PATTERNS.items():
        for match in pattern.finditer(text):
            negated = _NEGATION_BEFORE.search(text[max(0, match.start() - 30) : match.start()])
            directions.add((axis, {"up": "down", "down": "up"}[direction] if negated else direction))
    return directions
