"""Decide by a section's title or a sentence's words whether the authors admit a limit of their own work.

Made to be right when it says yes: it misses admissions in unusual words.
"""

import re

_TITLE = re.compile(
    r"(?i)\b(?:limitations?|threats to validity|failure (?:cases?|modes?)|shortcomings|caveats|weaknesses)\b"
    r"|^[\d. ]*future (?:work|directions?)$"
)
# In a title or a sentence: other people's work.
_OTHERS = re.compile(
    r"(?i)\b(?:existing|prior|previous|earlier|recent|conventional|traditional|et al|(?:other|most|many) (?:methods|approaches)"
    r"|(?:current|state-of-the-art|off-the-shelf) (?!results|study|work|implementation|version)(?:[\w-]+ )?\w+s)\b"
)
# No limit of this work, but its absence (`does not require`), or one that it removes.
_DENIAL = re.compile(
    r"(?i)\b(?:not|n't|no longer|without) (?:\w+ )?(?:only|requir|need|rel[yi]|depend|limited|restricted|sacrific|compromis)\w*"
    r"|\b(?:overcom|mitigat|alleviat|resolv|eliminat|unlike\b|to address)\w*"
)
_OWN = r"\b(?:(?:our|the (?:proposed|present))(?: [\w-]+){1,4}?|this (?:work|study|paper)|ours)"
_LIMIT = (
    r"(?:is|are|was|were|remains?)(?: \w+)? (?:(?:limited|restricted|confined) to|unable|modest|out of reach)"
    r"|(?:still |often |sometimes )?(?:fails?|struggles?|falls? (?:behind|short)|lags? behind|underperforms?|suffers?)"
    r"|(?:can|could) ?not|(?:does|do|did|has|have) not (?:yet|support|handle|cover|consider|generali[sz]e|surpass|match)"
)
_FUTURE = r"(?:^|[;,] )(?:future|further) (?:work|research|stud(?:y|ies)|experiments|validation)"
_ADMISSION = re.compile(
    rf"(?i){_OWN} (?:{_LIMIT})\b"
    r"|\bwe (?:were unable to|could not|do not yet|(?:did|have) not (?:yet )?(?:evaluate|test|consider|explore|tried|have)\w*)\b"
    r"|\bwe (?:\w+ ){0,4}(?:discuss|acknowledge|addressing|also identify) (?:\w+ )?limitations\b"
    r"|\b(?:drawbacks?|limitations?|shortcomings?|weakness(?:es)?|caveats?) of (?:our|this (?:work|study|paper)|the proposed)\b"
    r"|^(?:remaining |its )?limitations (?:include|are|remain)\b|\b(?:reach|scope) (?:for|of) (?:our|this (?:work|study|paper))\b"
    rf"|{_FUTURE}\b.{{0,40}}\b(?:will|should|must|needed|required|warranted|planned)\b"
    r"|\bleave\b.{1,100}\b(?:to|for) future (?:work|research)\b|\b(?:as future work|in future work,? we|will be \w+ in future work)\b"
    r"|\b(?:although|while)\b[^,]{0,100}\b(?:is|are|remains?) (?:preliminary|modest)\b|\bgains? comes? at the (?:cost|price)\b"
    r"|\b(?:kept in mind|(?:read|interpreted|treated) with caution|not statistically significant)\b"
)


def admits_limitation(section: str, sentence: str) -> bool:
    """Return True if a section is about limitations, or a sentence tells of a limit of the authors' own work.

    A sentence about other people's methods, or one that denies a limit (`does not require`), is no admission.
    """
    if _OTHERS.search(section) or _OTHERS.search(sentence):
        return False
    if any(map(_TITLE.search, section.split(" › "))):
        return True
    return _DENIAL.search(sentence) is None and _ADMISSION.search(sentence) is not None
