"""Detect titles and abstracts that address a model; such papers are marked in a separate call and flagged.

Nothing else depends on it: no mark, no rank, no exclusion. A paper that studies or quotes such sentences is
flagged too, without disadvantage. This is not a defense: other wordings and other languages are not detected,
and an undetected paper can influence the marks of its batch, but not the text of another paper.

The patterns are English, like the abstracts of arXiv and all such sentences that were found in papers. They are
matched against text from `unicode.fold`: lower case, no accents, single spaces.
"""

import re

from pipeline.core import unicode

MACHINE = (
    r"(?:(?:large |vision[- ]){0,2}language models?|m?llms?|ai|artificial intelligence|a\.i\.|gpt[\w.-]*|chat ?gpt"
    r"|chatbots?|claude|gemini|copilot|machine|automat(?:ed|ic) \w+|bots?)(?:[- ](?:based|powered|driven|assisted))?"
)
ROLE = (
    r"(?:(?:ranking |review(?:ing)? )?(?:reviewer|referee|assistant|agent|model|evaluator|judge|grader|ranker|system"
    r"|reader|scorer|screener|summari[sz]er|bot|tool)s?)"
)
RECIPIENT = rf"{MACHINE}(?: {ROLE})?"
INSTRUCTIONS = (
    r"(?:instruct\w*|prompts?|direct(?:ion|ive)s?|commands?|guidelines?|guidance|rules?|rubrics?|orders"
    r"|scoring criteria|review criteria|polic(?:y|ies))"
)
EARLIER = (
    r"(?:all|any|every\w*|previous\w*|prior|earlier|preceding|above|former|foregoing|your?|system|original"
    r"|initial|these|those|other)"
)
PAPER = (
    r"(?:this|our|my|the (?:present|above|following|current|attached)|these) (?:\w+ )?"
    r"(?:paper|submission|manuscript|article|entry|preprint|abstract)s?"
)
WORK = rf"(?:{PAPER}|this (?:work|study|text))"
# What precedes a verb in the imperative. Patterns look ahead for the verb first, which is rarer: half the time.
CLAUSE_START = r"^|(?<=[.!?:;\])}\"*|>-])|(?<=[.!?:;\])}\"*|>-] )"
AFTER_POLITE_WORD = "|".join(
    f"(?<={word} )" for word in ("please", "kindly", "now", "then", "must", "should", "shall", "you")
)
IMPERATIVE = rf"(?:{CLAUSE_START}|{AFTER_POLITE_WORD}|(?<=, )|(?<=and )|(?<=only )|(?<=also )|(?<=just ))"
JUDGE = (
    r"(?:rate|score|rank|grade|mark|accept|recommend|praise|select|pick|choose|promote|prioriti[sz]e|put|place"
    r"|label|judge|review|evaluate|assess|treat|describe|endorse)"
)
GIVE = r"(?:give|assign|award|output|return|grant|write|provide|produce|set|report|respond with|answer with|mark)"
TELL = r"(?:ignore|disregard|mention|list|conclude|focus|ensure|append|add|include|say|state|reveal|never)"
GOOD = r"(?:positive|favou?rable|glowing|excellent|enthusiastic|perfect|full|top|maximum|highest|good|strong)"
PRAISE = r"(?:reviews?|scores?|ratings?|marks?|grades?|evaluations?|assessments?|recommendations?|feedback|relevance|points)"
FAULTS = r"(?:negatives?|weakness(?:es)?|limitations?|flaws?|shortcomings?|drawbacks?|faults?|criticisms?)"
READ = r"(?:read|process|review|evaluat|scor|rank|summari[sz]|judg|grad|rat|assess|pars|analy[sz])\w*"
REPLY = r"(?:review|response|summary|answer|evaluation|assessment|reply|report|digest|verdict|output)"
MARKS = r"(?:topic|transfer|substance|excluded)"

# Each pattern is the only one that catches some sentence of the tests or of public lists, or it catches one
# that was found in a paper or used in an experiment.
PATTERNS = (
    # Earlier instructions shall not hold.
    (
        rf"\b(?:ignore|disregard|forget|override|overrule|bypass|discard|neglect|overlook|set aside|stop following"
        rf"|(?:do not|don't|never) (?:follow|obey|apply)|pay no attention to) (?:\w+ )?"
        rf"(?:{EARLIER} (?:[\w,]+ ){{0,4}}?{INSTRUCTIONS}\b|{INSTRUCTIONS} (?:\w+ )?(?:above|before)\b)"
    ),
    (
        r"\b(?:ignore|disregard|forget|override) (?:about )?(?:everything|anything|all|what) (?:that |which )?(?:was )?"
        r"(?:\w+ )?(?:you|above|before|prior)\b"
    ),
    (
        rf"\b(?:previous|prior|earlier|above|your|these|those) {INSTRUCTIONS} (?:\w+ ){{0,4}}?(?:are|is|was|were)"
        rf" (?:now |hereby )?(?:void|invalid|obsolete|cancel\w+|superseded|revoked|replaced|no longer)\b"
    ),
    # A model is spoken to.
    (
        rf"\b(?:note|notice|message|attention|reminder|hint|warning|memo|request|important|instructions?)(?: ?[:,-])?"
        rf" (?:for|to)(?: (?:all|any|every|the|an?|future|other))* {RECIPIENT}(?: ?[:,.!]| -| {READ} )"
    ),
    (
        rf"\b(?:{CLAUSE_START})(?:for|to|dear|hello|hey|attention)(?: (?:all|any|every|the|an?))* {RECIPIENT}"
        rf"(?: ?[:!]| -|,? (?:please|you)\b)"
    ),
    rf"\b(?:{CLAUSE_START}){RECIPIENT}(?: ?[:,]| -) ?(?:please\b|you (?:must|should)\b|(?:{JUDGE}|{GIVE}|{TELL})\b)",
    rf"\b{RECIPIENT} (?:\w+ )?{READ} {WORK}",
    rf"\bif (?:you(?: are|'re)|you happen to be|your reader is) (?:\w+ ){{0,3}}?{MACHINE}\b",
    rf"\bas an? (?:\w+ ){{0,2}}?{RECIPIENT},? (?:you|please|{JUDGE}|{GIVE}|{TELL})\b",
    (
        rf"\byou(?:,? as .{{0,40}},)? (?:must|should|shall|are required to|are instructed to|have to|are asked to)"
        rf" (?:\w+ ){{0,4}}?(?:{JUDGE}|{GIVE}|{TELL})\b"
    ),
    r"\byou are now\b|\bfrom now on,? (?:you|ignore|your)\b|\bdeveloper mode\b|\bpretend (?:that )?(?:you are|to be)\b",
    # A judgment is demanded.
    rf"\b(?={JUDGE}){IMPERATIVE}{JUDGE} (?:only )?{PAPER}\b",
    rf"\b(?={JUDGE}){IMPERATIVE}{JUDGE} {WORK} (?:as|with|highly|first|top|very|at|in|above|\d)",
    rf"\b(?={GIVE}){IMPERATIVE}{GIVE} (?:\w+ ){{0,4}}?{GOOD}(?: possible)? {PRAISE}\b",
    (
        rf"\b(?=[dn]){IMPERATIVE}(?:do not|don't|never|not) (?:\w+ )?"
        rf"(?:highlight|mention|report|list|discuss|point out|raise|include|note|criticize) (?:\w+ ){{0,3}}?{FAULTS}\b"
    ),
    (
        r"\bonly (?:the |its )?(?:strengths|merits|positives|positive (?:\w+ )?(?:statements|aspects|comments|points|remarks))\b"
        r"|\bexclusively on (?:its|the|our) (?:strengths|merits)\b|\bstrong accept\b"
    ),
    r"\brecommend(?:ing|ed)? (?:\w+ ){0,2}?(?:accept(?:ance|ing)|publication)\b",
    r"\brate[ds]? (?:\w+ ){0,4}?(?:10 ?/ ?10|5 ?/ ?5|100 ?/ ?100)(?!\d)",
    r"\bother (?:papers?|submissions?|entries|candidates|articles) in (?:this|the|your) (?:batch|list|prompt)\b",
    rf"\bwhen (?:you )?{READ} {PAPER}",
    # The answer format of the scoring prompt, chat markup, the reply.
    rf"\b{MARKS}\b[\"']? ?[:=]? ?(?:\d|true|false)\b.{{0,30}}\b{MARKS}\b|\b{MARKS} (?:mark |score )?of [05](?![.\d])",
    r"\bscore ?[:=] ?(?:100\b|5 ?,)",
    r"</? ?(?:paper|system|user|assistant|instructions?|prompt|human)\b[^<>]{0,80}>|<\|[a-z ]{2,20}\|>|\[/?inst\]|<<sys>>",
    (
        rf"\b(?:^|(?<=[.!?\]\[] )|(?<=[\[]))(?:system|assistant|operator|admin|developer)(?: \w+)? ?[:\]/].{{0,60}}?"
        rf"\b(?:{INSTRUCTIONS}|ignore|you|{PAPER}|{PRAISE})\b"
    ),
    rf"\b(?:begin|start|end|prefix) your (?:\w+ )?{REPLY}\b|\b(?:in|for) your (?:\w+ )?{REPLY}\b",
    r"\b(?:reveal|print|show|repeat|leak|disclose|write out|copy)(?: \w+){0,4}? your (?:\w+ ){0,2}?(?:prompt|instructions|key|rules)\b",
)
COMPILED = [re.compile(pattern) for pattern in PATTERNS]
# For words whose letters were s p a c e d  o u t: joined again, they have no spaces between them.
JOINED = re.compile(
    r"(?:ignore|disregard|forget|override)(?:all|any|the|your|every)*(?:previous|prior|above|earlier|system)*"
    r"(?:instruction|prompt|rule|guideline)"
)


def addresses_a_model(text: str) -> bool:
    """Return True if a title or abstract seems to give instructions to a model, in English, plain or obfuscated."""
    folded = unicode.fold(text)
    readings = [folded, *filter(None, [unicode.decode_leet(folded)])]
    return (
        any(pattern.search(reading) for pattern in COMPILED for reading in readings)
        or JOINED.search(unicode.join_spaced_letters(folded)) is not None
    )
