"""Votes on their way into the repository: what is refused, and how they are merged into what stands there."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.core.errors import DigestError
from pipeline.core.vote_issues import ReadVotes
from pipeline.publish import votes
from pipeline.publish.git import Git
from tests.workflow.harness import git

TODAY = dt.date(2026, 1, 30)
HEAD = "date\tpaper\tverdict\tissue\n"
OLD = "2026-01-29\t2601.00001\tmore\t3\n"


def read(**profiles: list[tuple[int, str]]) -> ReadVotes:
    """Votes for more, by profile: (number of the issue, paper)."""
    votes_ = {
        name: [{"date": TODAY, "paper": paper, "verdict": "more", "issue": number} for number, paper in rows]
        for name, rows in profiles.items()
    }
    return ReadVotes.model_validate({"read_on": TODAY, "votes": votes_})


@pytest.fixture
def tree(tmp_path: Path) -> Git:
    git(tmp_path, "init", "--quiet")
    (tmp_path / "prompts/profiles").mkdir(parents=True)
    for name in ("cv", "nlp"):
        (tmp_path / f"prompts/profiles/{name}.md").touch()
    return Git(tmp_path)


def file(tree: Git, text: str, profile: str = "cv") -> Path:
    path = tree.folder / f"reports/{profile}/votes.tsv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_rows_are_added_by_number_and_each_issue_stands_once(tree):
    path = file(tree, HEAD + OLD + "2026-01-29\t2601.00002\tless\t9\n")
    written = votes.write(tree, read(cv=[(3, "2601.00001"), (5, "2601.00005"), (9, "2601.00009")]))
    row_5 = "2026-01-30\t2601.00005\tmore\t5\n"
    assert path.read_text() == HEAD + OLD + row_5 + "2026-01-29\t2601.00002\tless\t9\n"
    assert written.files == {path}
    assert (dict(written.counts), written.refused) == ({"cv": 1}, ())
    assert tree("diff", "--cached", "--name-only").split() == ["reports/cv/votes.tsv"]
    assert votes.write(tree, read(cv=[(5, "2601.00005")])).files == frozenset()


def test_no_votes_write_nothing(tree):
    assert votes.write(tree, None).files == votes.write(tree, read()).files == frozenset()
    assert not (tree.folder / "reports").exists()


@pytest.mark.parametrize(
    "text", ["", "date paper\n", HEAD + "x\n", HEAD + OLD.replace("more", "love"), "\udcff"]
)
def test_a_damaged_file_is_left_as_it_is_and_keeps_no_other_profile_back(tree, text):
    path = file(tree, "")
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    written = votes.write(tree, read(cv=[(1, "2601.00001")], nlp=[(2, "2601.00002")]))
    damaged = text != ""  # an empty file has no votes, and no damage
    assert dict(written.counts) == ({"nlp": 1} if damaged else {"cv": 1, "nlp": 1})
    assert len(written.refused) == damaged
    assert "love" not in str(written.refused)
    if damaged:
        assert path.read_bytes() == text.encode("utf-8", "surrogateescape")


@pytest.mark.parametrize("part", ["reports", "reports/cv", "reports/cv/votes.tsv"])
def test_no_link_is_followed_out_of_the_tree(tree, tmp_path_factory, part):
    outside = tmp_path_factory.mktemp("outside")
    link = tree.folder / part
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(outside if part != "reports/cv/votes.tsv" else outside / "votes.tsv")
    written = votes.write(tree, read(cv=[(1, "2601.00001")]))
    assert (written.files, len(written.refused)) == (frozenset(), 1)
    assert list(outside.rglob("*")) == []


def test_a_file_is_bounded(tree, monkeypatch):
    file(tree, HEAD + OLD)
    monkeypatch.setattr(votes, "MAX_BYTES", len(HEAD + OLD))
    assert votes.write(tree, read(cv=[(3, "2601.00001")])).refused == ()
    assert len(votes.write(tree, read(cv=[(4, "2601.00001")])).refused) == 1


@pytest.mark.parametrize(
    ("counts", "subject"),
    [({"cv": 3}, "votes(cv): 2026-01-30, 3"), ({"cv": 1, "nlp": 2}, "votes: 2026-01-30, 3 in 2 profiles")],
)
def test_a_commit_of_votes_alone_has_numbers_and_names_of_profiles(counts, subject):
    assert votes.Written(frozenset(), counts, (), TODAY).subject == subject


def handed(folder: Path, **changes: Any) -> Path:
    data = json.loads(read(cv=[(1, "2601.00001")]).model_dump_json())
    (folder / "votes.json").write_text(json.dumps(data | changes))
    return folder


def test_what_a_run_hands_over_is_taken_and_handed_on(tree, tmp_path):
    folder = handed(tmp_path)
    received = votes.receive(folder, tree.folder, today=TODAY)
    votes.hand_on(received, tmp_path / "valid")
    assert votes.take(tmp_path / "valid") == received == read(cv=[(1, "2601.00001")])


def test_what_no_run_hands_over_is_refused(tree, tmp_path):
    row = {"date": "2026-01-30", "paper": "2601.00001", "verdict": "more", "issue": 1}
    later = {"read_on": "2026-02-01", "votes": {"cv": [row | {"date": "2026-02-01"}]}}
    for changes in (
        {"votes": {"elsewhere": [row]}},
        {"votes": {"../cv": [row]}},
        later,
        {"schema_version": 2},
    ):
        with pytest.raises(DigestError) as refused:
            votes.receive(handed(tmp_path, **changes), tree.folder, today=TODAY)
        assert "2601" not in str(refused.value)
    (tmp_path / "votes.json").unlink()
    with pytest.raises(DigestError):
        votes.receive(tmp_path, tree.folder, today=TODAY)
    (tmp_path / "votes.json").symlink_to(handed(tmp_path / "prompts") / "votes.json")
    with pytest.raises(DigestError):
        votes.receive(tmp_path, tree.folder, today=TODAY)
