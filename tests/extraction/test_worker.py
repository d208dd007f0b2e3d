"""Reading in a process of its own: the same text, and an end where there would be none."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial

import pytest

from pipeline.core import limits
from pipeline.core.models import Text
from pipeline.extraction import worker
from pipeline.extraction.html.parse import parse_html
from pipeline.extraction.text import NotReadable
from tests.extraction.pages import RECORDED, URL
from tests.extraction.pdfs import parse_pdf

PAGE = (RECORDED / "synthetic" / "2601.99999v1.arxiv2026.html").read_bytes()
PDF = (RECORDED / "synthetic" / "2601.99999v1.pdf").read_bytes()
read_html = partial(worker.read_html, megabytes=1024)
read_pdf = partial(worker.read_pdf, megabytes=1024)


def test_a_page_says_the_same_as_in_this_process() -> None:
    found = read_html(PAGE, URL, seconds=60)
    assert isinstance(found, Text)
    assert len(found.sentences) > 5
    assert found == parse_html(PAGE, URL)


def test_a_pdf_says_the_same_as_in_this_process() -> None:
    found = read_pdf(PDF, URL, seconds=60)
    assert isinstance(found, Text)
    assert len(found.sentences) > 5
    assert found == parse_pdf(PDF, URL, seconds=60, megabytes=1024)


def test_a_reason_comes_back_in_its_words() -> None:
    assert read_html(b"<html>sorry</html>", URL, seconds=60) == parse_html(b"<html>sorry</html>", URL)
    assert read_pdf(b"no PDF", URL, seconds=60) == NotReadable("the file is damaged, or no PDF")


def test_the_kind_of_a_reason_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """The child that says so is made up: it prints what `main` would."""
    told = 'print(\'{"reason": "a style", "kind": "unclear_styles"}\')'
    monkeypatch.setattr(limits, "CODE", told.replace("{", "{{").replace("}", "}}"))
    assert read_html(PAGE, URL, seconds=60) == NotReadable("a style", "unclear_styles")


@pytest.mark.parametrize(
    "read", [read_html, lambda data, url, seconds: worker._parse_in_child("pdf", data, url, seconds, 1024)]
)
def test_what_hangs_is_ended(
    read: Callable[..., Text | NotReadable], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A search that never comes to an end holds its whole process, with all threads."""
    hang = "import re; re.match('(a|a)*b', 'a' * 99)"
    monkeypatch.setattr(limits, "CODE", hang)
    assert read(PAGE, URL, seconds=0.5) == NotReadable("reading took longer than 0.5 seconds")


@pytest.mark.parametrize("end", ["raise SystemExit(1)", "print('[')", "import os; os.abort()"])
def test_what_ends_without_an_answer_has_a_reason(end: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "CODE", end.replace("{", "{{"))
    expected = NotReadable("the process that reads pages ended without an answer")
    assert read_html(PAGE, URL, seconds=60) == expected


def test_the_process_knows_no_secret_and_no_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "secret")
    told = 'import json, os; print(json.dumps({"reason": f"{sorted(os.environ)} {os.getcwd()}"}))'
    monkeypatch.setattr(limits, "CODE", told.replace("{", "{{").replace("}", "}}"))
    found = read_html(PAGE, URL, seconds=60)
    assert isinstance(found, NotReadable)
    assert "ANTHROPIC" not in found.reason
    assert found.reason.endswith(" /")


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS does not limit the memory of a process")
def test_more_memory_than_it_is_given_is_a_reason() -> None:
    page = PAGE + b" " * 60_000_000
    assert worker.read_html(page, URL, seconds=60, megabytes=64) == NotReadable(
        "reading needs more memory than it is given"
    )
    assert read_html(page, URL, seconds=60) == NotReadable("the page is larger than 25 MB")
