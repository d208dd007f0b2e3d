"""What a profile's settings come to, once they are read."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.config.profile import load_profile

LANGUAGES = frozenset({"en"})


def liked(project: Path, written: str) -> tuple[str, ...]:
    path = project / "prompts/profiles/mine.md"
    path.write_text(f"---\ntitle: Mine\narxiv: [cs.CV]\nliked: {written}\n---\nI restore pictures.\n")
    return load_profile(project / "prompts", "mine", languages=LANGUAGES).settings.liked


@pytest.mark.parametrize(
    ("written", "papers"),
    [
        ('["2601.16914v2"]', ("2601.16914",)),
        ('["math.GT/0309136"]', ("math/0309136",)),
        ('["https://arxiv.org/abs/2601.16914v3", "arXiv:2601.16914"]', ("2601.16914",)),
        (
            "[https://huggingface.co/papers/2601.16914, astro-ph/0601001v1]",
            ("2601.16914", "astro-ph/0601001"),
        ),
    ],
)
def test_liked_papers_are_known_by_the_name_that_sources_give_them(
    project: Path, written: str, papers: tuple[str, ...]
) -> None:
    assert liked(project, written) == papers
