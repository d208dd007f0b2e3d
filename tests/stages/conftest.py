"""What the tests of the stages share."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import pytest

from pipeline.core import limits
from pipeline.extraction import worker
from pipeline.extraction.pdf import parse as pdf_parse


@pytest.fixture(scope="module", autouse=True)
def documents_are_parsed_once() -> Iterator[None]:
    """The same few pages and PDFs are read in dozens of tests: a child process is started for each of them once.

    What the child runs is part of the key, so that a test may replace it; that it is ended is not kept.
    """

    @lru_cache(64)
    def run(code: str, *words: str, **given: Any) -> bytes:
        return limits.run_child(*words, **given)

    def run_child(*words: str, **given: Any) -> bytes:
        return run(limits.CODE, *words, **given)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(worker, "run_child", run_child)
        patch.setattr(pdf_parse, "run_child", run_child)
        yield
