"""Detect papers that were withdrawn: a short notice stands where the abstract was.

Papers about withdrawals keep an abstract of their own: it speaks of other papers, or is longer than a notice. The
patterns are English, like the notices of arXiv, bioRxiv and publishers. They are matched against text from
`unicode.fold`: lower case, no accents, single spaces.
"""

import re

from pipeline.core import unicode

MAX_WORDS = 100  # of a notice with its reason
MAX_BARE_WORDS = 20  # of a notice without a subject, such as "Withdrawn due to an error in Lemma 2."

GONE = r"(?:withdrawn|retracted|removed(?= (?:by|from) arxiv))"
NOUN = r"(?:e-?print|preprint|paper|article|manuscript|submission|work|version|draft)"
ADVERB = r"(?:now |hereby |temporarily |voluntarily |being )*"
AUTHORS = r"(?:the|its) (?:\w+ )?(?:authors?(?: ?\(s\))?|submitter|editors?|publisher)"
AUXILIARY = r"(?:has|have|had|am|is|are|been|now|hereby|voluntarily|decided|chosen|wish|would|like|to)"
# What follows in a notice. Elsewhere a noun or a verb does: "withdrawn papers", "has been withdrawn is a sentence".
END = (
    r"(?=$| ?[.,:;!)\]]| -| (?:by|at|on|due|owing|because|since|as|for|from|pending|until|after|and|while)\b)"
)
HEADING = (
    r"(?:arxiv admin note|withdraw(?:n|al)(?: notice| statement)?|retract(?:ed|ion)(?: notice| statement)?)"
)
NOTICES = (
    rf"this (?:\w+ )?(?:{NOUN}|note|report) (?:has|was|is) {ADVERB}(?:been )?{ADVERB}{GONE}{END}",
    # Without "this", other tenses tell of another paper: "The paper was withdrawn in 2003; we prove its theorem."
    rf"(?:the|our|my) {NOUN} (?:has {ADVERB}been|is) {ADVERB}{GONE}{END}",
    rf"(?:{AUTHORS}(?: {AUXILIARY})+|(?:we|i)(?: {AUXILIARY})*) (?:withdr[ae]w\w*|retract\w*) (?:this|our|my|their) {NOUN}\b",
)
NOTICE = re.compile(rf"[\[(*]*(?:{HEADING}[\])*:.-]* )?(?:{'|'.join(NOTICES)})")
BARE = re.compile(
    rf"[\[(*]*(?:{NOUN} )?(?:(?:has been|is) )?{GONE}"
    rf"(?:[\])*]*(?:$|[.!])| (?:by|at the request of) (?:{AUTHORS}|authors?|arxiv)\b| (?:due to|because|pending)\b)"
)


def is_notice(abstract: str) -> bool:
    """Whether an abstract is a notice that its paper was withdrawn."""
    words = len(abstract.split())
    if not words or words > MAX_WORDS:
        return False
    folded = unicode.fold(abstract)
    return bool(NOTICE.match(folded) or (words <= MAX_BARE_WORDS and BARE.match(folded)))
