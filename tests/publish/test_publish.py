"""Publishing, against a repository in a folder. The races are played in tests/workflow, in the whole workflow."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.archive import build
from pipeline.core.errors import DigestError
from pipeline.publish import __main__, validate
from pipeline.publish.git import log_line
from pipeline.publish.validate import allowed_links, check_changes
from tests.workflow import stand_in
from tests.workflow.harness import GIT, ROOT, git

DATE = "2026-01-30"


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clone with an origin beside it, and an empty folder for what is handed over."""
    for name, value in GIT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    monkeypatch.setenv("PUBLISH_BACKOFF_SECONDS", "0")
    origin, tree = tmp_path / "origin.git", tmp_path / "clone"
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch=main", str(origin))
    git(tmp_path, "init", "--quiet", "--initial-branch=main", str(tree))
    git(tree, "remote", "add", "origin", str(origin))
    (tree / "digest.toml").write_bytes((ROOT / "digest.toml").read_bytes())
    git(tree, "add", "--all")
    git(tree, "commit", "--quiet", "-m", "first")
    git(tree, "push", "--quiet", "origin", "main")
    return tree


def hand_over(clone: Path, profile: str = "cv", **given) -> Path:
    folder = clone.parent / "handed"
    return Path(stand_in.lay_down(folder, stand_in.report(profile, DATE, **given), stand_in.escaped))


def run(clone: Path, *more: str, profiles: str = "cv", date: str = DATE) -> int:
    folder = clone.parent / "handed"
    given = ["--from", str(folder), "--branch", "main", "--date", date, "--profiles", profiles]
    return __main__.main([*given, "--repository", str(clone), *more], os.environ)


def on_branch(clone: Path) -> list[str]:
    return git(clone.parent / "origin.git", "ls-tree", "-r", "--name-only", "main").split("\n")


def test_a_report_is_published_with_its_indexes(clone, capsys):
    path = hand_over(clone)
    assert run(clone) == 0
    stem = "reports/cv/2026/01/2026-01-30"
    made = ["2026/01/README.md", "README.md", "feed.xml", "index.json", "scores.svg", "seen.tsv"]
    assert set(on_branch(clone)) == {
        "digest.toml",
        f"{stem}.md",
        f"{stem}.json",
        *(f"reports/cv/{m}" for m in made),
    }
    origin = clone.parent / "origin.git"
    assert git(origin, "log", "-1", "--format=%s|%an|%ae", "main") == (
        "digest(cv): 2026-01-30, 2 of 60|github-actions[bot]|41898282+github-actions[bot]@users.noreply.github.com"
    )
    assert git(origin, "show", f"main:{stem}.json") == path.read_text().strip()
    assert capsys.readouterr().out == "cv 2026-01-30: published, 2 of 60\n"


def test_the_checkout_itself_is_not_touched(clone):
    hand_over(clone)
    run(clone)
    assert git(clone, "status", "--porcelain") == ""
    assert git(clone, "log", "--format=%s") == "first"
    assert git(clone, "worktree", "list").count("\n") == 0


def test_the_history_of_a_whole_clone_is_not_cut_off(clone):
    (clone / "more").write_text("x")
    git(clone, "add", "--all")
    git(clone, "commit", "--quiet", "-m", "second")
    git(clone, "push", "--quiet", "origin", "main")
    hand_over(clone)
    run(clone)
    assert git(clone, "log", "--format=%s") == "second\nfirst"


def test_once_more_changes_nothing(clone, capsys):
    hand_over(clone)
    run(clone)
    before = git(clone.parent / "origin.git", "rev-parse", "main")
    assert run(clone) == 0
    assert git(clone.parent / "origin.git", "rev-parse", "main") == before
    assert "unchanged" in capsys.readouterr().out


def test_papers_that_another_date_has_judged_since_are_not_published_twice(clone, capsys):
    """The job of a night that was not published, run again when the next night has caught it up."""
    late = hand_over(clone)
    other = clone.parent / "other"
    git(clone.parent, "clone", "--quiet", str(clone.parent / "origin.git"), str(other))
    caught_up = json.loads(late.read_text()) | {"date": "2026-01-31"}
    stand_in.lay_down(other / "reports", caught_up, stand_in.escaped)
    build.rebuild(other / "reports", "cv")
    git(other, "add", "--all")
    git(other, "commit", "--quiet", "-m", "the next night")
    git(other, "push", "--quiet", "origin", "main")
    assert run(clone) == 1
    said = capsys.readouterr().out
    assert "cv: 60 of its papers have been judged since this run began (2026-01-31)" in said
    assert "start a new run" in said
    assert f"reports/cv/2026/01/{DATE}.json" not in on_branch(clone)
    assert run(clone, "--force") == 0
    assert f"reports/cv/2026/01/{DATE}.json" in on_branch(clone)


def test_two_profiles_come_in_one_commit(clone):
    hand_over(clone)
    hand_over(clone, "nlp", picks=1, judged=7)
    assert run(clone, profiles="cv,nlp") == 0
    subject = git(clone.parent / "origin.git", "log", "-1", "--format=%s", "main")
    assert subject == "digest: 2026-01-30, 3 of 67 in 2 profiles"


def refuse_at_vetting(clone: Path, profile: str) -> None:
    page = hand_over(clone, profile).with_suffix(".md")
    page.write_text(page.read_text() + "\n<script>alert(1)</script>\n")


def refuse_for_its_depth(clone: Path, profile: str) -> None:
    path = hand_over(clone, profile)
    deep = '{"x":' * 980 + "1" + "}" * 980
    path.write_text(path.read_text().replace('"skipped": []', f'"skipped": [], "deep": {deep}'))


def refuse_at_rebuild(clone: Path, profile: str) -> None:
    hand_over(clone, profile)
    old = stand_in.lay_down(clone / "reports", stand_in.report(profile, "2026-01-29"), stand_in.escaped)
    old.write_text("{")
    push(clone)


def refuse_for_a_link(clone: Path, profile: str) -> None:
    hand_over(clone, profile)
    (clone / "reports").mkdir(exist_ok=True)
    (clone / "reports" / profile).symlink_to("..")
    push(clone)


def test_no_report_is_written_through_a_link(clone, capsys):
    path = hand_over(clone)
    outside = clone.parent / "outside.json"
    outside.write_text("theirs")
    link = clone / "reports" / path.relative_to(clone.parent / "handed")
    link.parent.mkdir(parents=True)
    link.symlink_to(outside)
    push(clone)
    assert run(clone) == 1
    assert "is a link" in capsys.readouterr().out
    assert outside.read_text() == "theirs"


def push(clone: Path) -> None:
    git(clone, "add", "--all")
    git(clone, "commit", "--quiet", "-m", "someone else")
    git(clone, "push", "--quiet", "origin", "main")


REFUSALS = {
    "at vetting": (refuse_at_vetting, "a tag that the template does not write"),
    "for its depth": (refuse_for_its_depth, "nested too deep"),
    "at rebuild": (refuse_at_rebuild, "the indexes of bad cannot be made"),
    "for a link": (refuse_for_a_link, "is a link"),
}


@pytest.mark.parametrize(("refuse", "says"), REFUSALS.values(), ids=REFUSALS.keys())
def test_a_refused_report_keeps_no_other_back(clone, capsys, refuse, says):
    for profile in ("also", "cv"):
        hand_over(clone, profile)
    refuse(clone, "bad")
    before = set(on_branch(clone))
    assert run(clone, profiles="also,bad,cv") == 1
    errors = [line for line in capsys.readouterr().out.splitlines() if line.startswith("::error")]
    assert len(errors) == 1
    assert says in errors[0]
    assert "bad" in errors[0]
    new = set(on_branch(clone)) - before
    assert {name.split("/")[1] for name in new} == {"also", "cv"}
    subject = git(clone.parent / "origin.git", "log", "-1", "--format=%s", "main")
    assert subject == "digest: 2026-01-30, 4 of 120 in 2 profiles"


def test_where_all_are_refused_nothing_is_committed(clone, capsys):
    refuse_at_vetting(clone, "cv")
    refuse_at_rebuild(clone, "bad")
    before = git(clone.parent / "origin.git", "rev-parse", "main")
    assert run(clone, profiles="bad,cv,gone") == 1
    errors = [line for line in capsys.readouterr().out.splitlines() if line.startswith("::error")]
    words = ("a tag", "gone: no report", "indexes of bad")
    assert [word for error in errors for word in words if word in error] == list(words)
    assert git(clone.parent / "origin.git", "rev-parse", "main") == before


def test_a_refusal_is_told_even_if_the_push_fails(clone, capsys):
    hand_over(clone)
    refuse_at_vetting(clone, "bad")
    git(clone, "remote", "set-url", "origin", str(clone.parent / "nowhere"))
    assert run(clone, profiles="bad,cv") == 1
    printed = capsys.readouterr().out
    assert "a tag" in printed
    assert "6 times" in printed


def test_a_month_that_lost_its_last_digest_loses_its_page_by_the_next_commit(clone):
    hand_over(clone)
    run(clone)
    old = stand_in.lay_down(clone / "reports", stand_in.report("cv", "2025-12-30"), stand_in.escaped)
    git(clone, "pull", "--quiet", "origin", "main")
    build.rebuild(clone / "reports", "cv")
    push(clone)
    for path in (old, old.with_suffix(".md")):
        path.unlink()
    push(clone)
    assert "reports/cv/2025/12/README.md" in on_branch(clone)
    hand_over(clone, picks=0)
    assert run(clone, "--force") == 0
    assert not {name for name in on_branch(clone) if "2025/12" in name or "scores.svg" in name}


def test_the_summary_links_to_the_page(clone, monkeypatch, tmp_path):
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary"))
    monkeypatch.setenv("GITHUB_SERVER_URL", "https://github.com")
    monkeypatch.setenv("GITHUB_REPOSITORY", "someone/digest")
    hand_over(clone)
    run(clone)
    address = "https://github.com/someone/digest/blob/main/reports/cv/2026/01/2026-01-30.md"
    assert (tmp_path / "summary").read_text() == f"- [cv, 2026-01-30]({address}): published, 2 of 60\n"


def test_what_is_pending_is_a_warning(clone, capsys):
    hand_over(clone, pending=3)
    assert run(clone) == 0
    assert "::warning title=Published%2C with something pending::3 papers" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("given", "code", "says"),
    [
        ({"date": "2026-01-31"}, 1, "no report"),
        ({"date": "2026-02-30"}, 2, "not a day"),
        ({"profiles": ""}, 2, "names none"),
        ({"profiles": "../cv"}, 2, "not one"),
        ({"profiles": "nlp"}, 1, "no report"),
    ],
)
def test_odd_arguments_end_in_words(clone, capsys, given, code, says):
    hand_over(clone)
    assert run(clone, **given) == code
    printed = capsys.readouterr().out
    assert printed.startswith("::error title=Not published::")
    assert says in printed
    assert "What to do" in printed
    assert on_branch(clone) == ["digest.toml"]


def test_a_commit_that_touches_anything_else_is_refused(clone, monkeypatch, capsys):
    def rebuild(reports: Path, profile: str) -> list[Path]:
        (reports / profile / "evil.sh").write_text("x")
        return []

    monkeypatch.setattr(build, "rebuild", rebuild)
    hand_over(clone)
    assert run(clone) == 1
    assert "not its own" in capsys.readouterr().out
    assert on_branch(clone) == ["digest.toml"]


def test_a_commit_that_deletes_is_refused(clone, monkeypatch, capsys):
    hand_over(clone)
    run(clone)
    old = stand_in.report("cv", "2026-01-29")
    stand_in.lay_down(clone / "reports", old, stand_in.escaped)

    def rebuild(reports: Path, profile: str) -> list[Path]:
        (reports / profile / "README.md").unlink()
        return []

    monkeypatch.setattr(build, "rebuild", rebuild)
    hand_over(clone, picks=1)
    assert run(clone, "--force") == 1
    assert "not its own (D)" in capsys.readouterr().out


def test_a_missing_origin_is_given_up_after_six_tries(clone, capsys):
    hand_over(clone)
    git(clone, "remote", "set-url", "origin", str(clone.parent / "handed"))
    assert run(clone) == 1
    printed = capsys.readouterr().out
    assert "6 times" in printed
    assert printed.count("::error") == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"remote: ok\n  two", "remote: ok two"),
        (b"::error::x", ": :error: :x"),
        (b"x ##[error]y", "x # #[error]y"),
        (b"\xff", "\ufffd"),
    ],
)
def test_what_git_says_cannot_become_a_command(text, expected):
    assert log_line(text) == expected


def test_nothing_but_the_standard_library_is_imported():
    code = (
        "import sys; before = set(sys.modules); import pipeline.publish.__main__;"
        "print(*sorted({m.split('.')[0] for m in sys.modules} - set(sys.stdlib_module_names)))"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert set(done.stdout.split()) <= {"pipeline", "__main__"}


def test_loading_opens_only_what_was_asked_for(clone, tmp_path):
    hand_over(clone)
    folder = clone.parent / "handed"
    (folder / "cv/2026/01/2026-01-29.json").write_text("{")
    (folder / "README.md").write_text("x")
    os.mkfifo(folder / "cv/pipe")
    allowed = allowed_links(clone / "digest.toml", "https://github.com")
    handed = validate.load(folder, DATE, frozenset({"cv", "nlp"}), allowed)
    assert [(report.profile, report.picks, report.judged) for report in handed.reports] == [("cv", 2, 60)]
    assert (handed.refused, handed.ignored) == ({}, 3)


@pytest.mark.parametrize("ending", ["md", "json"])
def test_one_of_the_pair_is_not_enough(clone, ending):
    hand_over(clone).with_suffix(f".{ending}").unlink()
    allowed = allowed_links(clone / "digest.toml", "https://github.com")
    handed = validate.load(clone.parent / "handed", DATE, frozenset({"cv"}), allowed)
    assert handed.reports == ()
    assert "together" in str(handed.refused["cv"])


@pytest.mark.parametrize(
    ("status", "path"),
    [
        ("M", "reports/other/README.md"),
        ("M", "reports/cv2/index.json"),
        ("A", "reports/cv/2026/01/2026-01-29.md"),
        ("M", "digest.toml"),
        ("D", "reports/cv/README.md"),
        ("D", "reports/cv/2026/01/2026-01-30.json"),
        ("D", "reports/cv2/scores.svg"),
        ("D", "reports/cv2/2025/12/README.md"),
        ("T", "reports/cv/README.md"),
    ],
)
def test_a_commit_touches_what_is_ours_alone(status, path):
    ours = [validate.Report("cv", DATE, b"", b"", 2, 60, 0)]
    allowed = [["A", "reports/cv/2026/01/2026-01-30.json"], ["M", "reports/cv/2026/01/README.md"]]
    allowed += [["D", "reports/cv/2025/12/README.md"], ["D", "reports/cv/scores.svg"]]
    check_changes(allowed, ours)
    with pytest.raises(DigestError, match="not its own"):
        check_changes([*allowed, [status, path]], ours)
