"""Load what the gates know of a language from its file."""

import functools

from pipeline.core.language import Language
from pipeline.report import i18n
from pipeline.report.i18n import FALLBACK

__all__ = ["FALLBACK", "language"]


@functools.cache
def language(code: str) -> Language:
    """Load the rules of a language; those of English if its file no longer exists."""
    return Language.model_validate(i18n.load(code).rules)
