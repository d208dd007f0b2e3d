"""Publishing, against a repository in a folder. The races are played in tests/workflow, in the whole workflow."""

from __future__ import annotations

import datetime as dt
import json
import os
from pathlib import Path
from typing import Any

import pytest

from pipeline.archive import build
from pipeline.core.artifacts import Digest
from pipeline.core.store import dumps
from pipeline.publish import __main__, handover, push
from pipeline.publish.git import log_line, remote_environment
from pipeline.report.page import page
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


def lay_down(folder: Path, profile: str = "cv", date: str = DATE, **given: Any) -> Path:
    """A report's JSON, as the program writes it."""
    digest = Digest.model_validate(stand_in.report(profile, date, **given))
    path = stand_in.files(folder, {"profile": profile, "date": date})
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(dumps(digest))
    return path


def hand_over(clone: Path, profile: str = "cv", **given: Any) -> Path:
    return lay_down(clone.parent / "handed", profile, **given)


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
    made = [
        "2026/01/README.md",
        "2026/01/index.json",
        "2026/01/papers.bib",
        "README.md",
        "feed.xml",
        "index.json",
        "scores.svg",
    ]
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
    shown = git(origin, "show", f"main:{stem}.md")
    assert shown == page(Digest.model_validate_json(path.read_bytes())).strip()
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
    caught_up = stand_in.files(other / "reports", {"profile": "cv", "date": "2026-01-31"})
    caught_up.parent.mkdir(parents=True)
    caught_up.write_text(late.read_text().replace('"date": "2026-01-30"', '"date": "2026-01-31"'))
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


def refuse_at_validation(clone: Path, profile: str) -> None:
    path = hand_over(clone, profile)
    path.write_text(path.read_text().replace("https://arxiv.org", "https://evil.example"))


def refuse_at_rebuild(clone: Path, profile: str) -> None:
    hand_over(clone, profile)
    old = lay_down(clone / "reports", profile, "2026-01-29")
    old.write_text("{")
    push_all(clone)


def refuse_for_a_link(clone: Path, profile: str) -> None:
    hand_over(clone, profile)
    (clone / "reports").mkdir(exist_ok=True)
    (clone / "reports" / profile).symlink_to("..")
    push_all(clone)


def test_no_report_is_written_through_a_link(clone, capsys):
    path = hand_over(clone)
    outside = clone.parent / "outside.json"
    outside.write_text("theirs")
    link = clone / "reports" / path.relative_to(clone.parent / "handed")
    link.parent.mkdir(parents=True)
    link.symlink_to(outside)
    push_all(clone)
    assert run(clone) == 1
    assert "is a link" in capsys.readouterr().out
    assert outside.read_text() == "theirs"


def push_all(clone: Path) -> None:
    git(clone, "add", "--all")
    git(clone, "commit", "--quiet", "-m", "someone else")
    git(clone, "push", "--quiet", "origin", "main")


REFUSALS = {
    "at validation": (refuse_at_validation, "a link to evil.example"),
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
    refuse_at_validation(clone, "cv")
    refuse_at_rebuild(clone, "bad")
    before = git(clone.parent / "origin.git", "rev-parse", "main")
    assert run(clone, profiles="bad,cv,gone") == 1
    errors = [line for line in capsys.readouterr().out.splitlines() if line.startswith("::error")]
    words = ("a link", "gone: no report", "indexes of bad")
    assert [word for error in errors for word in words if word in error] == list(words)
    assert git(clone.parent / "origin.git", "rev-parse", "main") == before


def test_a_refusal_is_told_even_if_the_push_fails(clone, capsys):
    hand_over(clone)
    refuse_at_validation(clone, "bad")
    git(clone, "remote", "set-url", "origin", str(clone.parent / "nowhere"))
    assert run(clone, profiles="bad,cv") == 1
    printed = capsys.readouterr().out
    assert "a link" in printed
    assert "6 times" in printed


def test_a_month_that_lost_its_last_digest_loses_its_page_by_the_next_commit(clone):
    hand_over(clone)
    run(clone)
    old = lay_down(clone / "reports", "cv", "2025-12-30")
    git(clone, "pull", "--quiet", "origin", "main")
    build.rebuild(clone / "reports", "cv")
    push_all(clone)
    old.unlink()
    push_all(clone)
    assert "reports/cv/2025/12/README.md" in on_branch(clone)
    hand_over(clone, picks=0)
    assert run(clone, "--force") == 0
    assert not {name for name in on_branch(clone) if "2025/12" in name or "scores.svg" in name}


def test_a_repository_of_an_older_version_gets_month_indexes_in_a_commit_that_says_so(clone):
    """Two months with digests, as version 0.2 left them: no month index, and a list of judged papers."""
    old = [lay_down(clone / "reports", "cv", date) for date in ("2025-11-28", "2025-12-30")]
    before = [path.read_bytes() for path in old]
    (clone / "reports/cv/seen.tsv").write_text("# seen=1 digests=2\n")
    push_all(clone)
    hand_over(clone)
    assert run(clone) == 0
    origin = clone.parent / "origin.git"
    assert git(origin, "log", "-2", "--format=%s", "main").split("\n") == [
        "digest(cv): 2026-01-30, 2 of 60",
        "archive(cv): month indexes, 2 months",
    ]
    assert "seen.tsv" in git(origin, "log", "-1", "--format=%b", "main~1")
    assert {f"reports/cv/{month}/index.json" for month in ("2025/11", "2025/12", "2026/01")} <= set(
        on_branch(clone)
    )
    assert "reports/cv/seen.tsv" not in on_branch(clone)
    names = [path.relative_to(clone).as_posix() for path in old]
    assert [git(origin, "show", f"main:{name}").encode() for name in names] == [
        data.strip() for data in before
    ]
    hand_over(clone)
    assert run(clone) == 0
    assert git(origin, "log", "-1", "--format=%s", "main") == "digest(cv): 2026-01-30, 2 of 60"


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
    def rebuild(reports: Path, profile: str, date: dt.date | None = None) -> list[Path]:
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

    def rebuild(reports: Path, profile: str, date: dt.date | None = None) -> list[Path]:
        (reports / profile / "README.md").unlink()
        return []

    monkeypatch.setattr(build, "rebuild", rebuild)
    hand_over(clone, picks=1)
    assert run(clone, "--force") == 1
    assert "1 files that are not its own" in capsys.readouterr().out


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


def test_only_what_was_asked_for_is_opened(clone: Path) -> None:
    path = hand_over(clone)
    path.with_suffix(".md").write_text("# a page\n")
    path.with_name("2026-01-29.json").write_text("{")
    path.with_name(f"{DATE}.json.bak").symlink_to("/etc/passwd")
    os.mkfifo(path.parents[2] / "pipe")
    handed = receive(clone, {"cv", "nlp"})
    assert [(report.profile, report.picks, report.judged) for report in handed.reports] == [("cv", 2, 60)]
    assert (handed.refused, handed.missing, handed.ignored) == ((), ("nlp",), 4)


def receive(clone: Path, profiles: set[str]) -> handover.Handover:
    day = dt.date.fromisoformat(DATE)
    return handover.receive(clone.parent / "handed", clone, date=day, profiles=profiles, today=day, runs="")


def link(path: Path) -> None:
    path.symlink_to(path.rename(path.parents[4] / "elsewhere"))


def link_to_a_folder(path: Path) -> None:
    path.unlink()
    path.symlink_to("..")


def link_on_the_way(path: Path) -> None:
    year = path.parents[1]
    year.symlink_to(year.rename(path.parents[4] / "elsewhere"))


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def too_large(path: Path) -> None:
    path.write_bytes(path.read_bytes().ljust(10_000_001))


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (link, "is not a regular file"),
        (link_to_a_folder, "is not a regular file"),
        (link_on_the_way, "no report"),
        (a_folder, "no report"),
        (too_large, "has 10000001 bytes"),
    ],
)
def test_an_odd_file_is_refused(clone: Path, capsys, damage, says: str) -> None:
    damage(hand_over(clone))
    assert run(clone) == 1
    assert says in capsys.readouterr().out
    assert on_branch(clone) == ["digest.toml"]


def test_what_is_published_is_serialized_anew(clone: Path) -> None:
    """Nothing of a handed-over file remains but its fields: no blanks, no second key of the same name."""
    path = hand_over(clone)
    clean = path.read_bytes()
    path.write_bytes(b"\n \n" + clean.replace(b'"language": "en"', b'"language": "xx", "language": "en"'))
    assert run(clone) == 0
    stem = f"main:reports/cv/2026/01/{DATE}.json"
    assert git(clone.parent / "origin.git", "show", stem) == clean.decode().strip()


def test_a_report_that_says_the_same_keeps_its_bytes(clone: Path) -> None:
    """Of version 1, say, when its page alone is made again."""
    old = json.loads((ROOT / "tests/core/report_v1.json").read_text("utf-8")) | {
        "profile": "cv",
        "date": DATE,
    }
    data = json.dumps(old).encode()
    for folder in (clone / "reports", clone.parent / "handed"):
        path = stand_in.files(folder, old)
        path.parent.mkdir(parents=True)
        path.write_bytes(data)
    push_all(clone)
    day = dt.date.fromisoformat(DATE)
    handed = handover.receive(
        clone.parent / "handed", clone, date=day, profiles={"cv"}, today=dt.date(2027, 1, 1), runs=""
    )
    assert [report.data for report in handed.reports] == [data], handed.refused


@pytest.mark.parametrize("ignored", ["*.json", "reports/", "/reports/**/*.md\nfeed.xml", "*"])
def test_what_was_laid_down_is_committed_whatever_is_ignored(clone: Path, ignored: str) -> None:
    (clone / ".gitignore").write_text(f"{ignored}\n")
    git(clone, "add", "--force", ".gitignore")
    push_all(clone)
    hand_over(clone)
    assert run(clone) == 0
    names = {name.rpartition("/")[2] for name in on_branch(clone)}
    assert {f"{DATE}.md", f"{DATE}.json", "index.json", "feed.xml", "README.md"} <= names


def test_a_file_that_git_would_change_on_its_way_is_not_published(clone: Path, capsys, monkeypatch) -> None:
    """A filter of .gitattributes, as that of Git LFS, commits something else than what was written."""
    (clone / ".gitattributes").write_text("*.json filter=pointer\n")
    push_all(clone)
    before = on_branch(clone)
    settings = {"filter.pointer.clean": "echo version 1", "filter.pointer.required": "true"}
    monkeypatch.setenv("GIT_CONFIG_COUNT", str(len(settings)))
    for number, (key, value) in enumerate(settings.items()):
        monkeypatch.setenv(f"GIT_CONFIG_KEY_{number}", key)
        monkeypatch.setenv(f"GIT_CONFIG_VALUE_{number}", value)
    hand_over(clone)
    assert run(clone) == 1
    assert "is not in the commit as it was written" in capsys.readouterr().out
    assert on_branch(clone) == before


def test_a_page_that_cannot_be_rendered_keeps_no_other_back(clone: Path, capsys, monkeypatch) -> None:
    for profile in ("bad", "cv"):
        hand_over(clone, profile)

    def render(digest: Digest) -> str:
        if digest.profile == "bad":
            raise KeyError("verdict.unheard_of")
        return page(digest)

    monkeypatch.setattr(push, "page", render)
    assert run(clone, profiles="bad,cv") == 1
    assert "bad: its page cannot be rendered (KeyError)" in capsys.readouterr().out
    assert {name.split("/")[1] for name in on_branch(clone) if name.startswith("reports")} == {"cv"}


def test_the_two_steps_do_the_same_as_one(clone: Path, monkeypatch, tmp_path: Path) -> None:
    """The first needs no branch and no token; the second publishes what the first has let through."""
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "output"))
    hand_over(clone)
    refuse_at_validation(clone, "bad")
    valid = tmp_path / "valid"
    common = ["--date", DATE, "--repository", str(clone)]
    first = ["validate", "--from", str(tmp_path / "handed"), "--to", str(valid), "--profiles", "bad,cv,gone"]
    assert __main__.main([*first, *common], os.environ) == 1
    assert "\ncv\n" in (tmp_path / "output").read_text()
    assert [path.name for path in valid.iterdir()] == ["cv"]
    second = ["push", "--from", str(valid), "--branch", "main", "--profiles", "cv"]
    assert __main__.main([*second, *common], os.environ) == 0
    assert f"reports/cv/2026/01/{DATE}.md" in on_branch(clone)


@pytest.mark.parametrize("missing", [["validate"], ["push"], []])
def test_a_step_without_what_it_needs_says_so(missing: list[str], capsys) -> None:
    with pytest.raises(SystemExit) as caught:
        __main__.main([*missing, "--from", "x", "--date", DATE, "--profiles", "cv"])
    assert caught.value.code == 2
    assert "--to" in capsys.readouterr().err or missing != ["validate"]


def test_the_token_is_in_the_environment_of_the_remote_alone(
    clone: Path, monkeypatch, tmp_path: Path
) -> None:
    """Neither in a file of the checkout, nor seen by a command that commits: a hook there finds nothing."""
    monkeypatch.setenv("PUSH_TOKEN", "ghs_secret")
    hooks = clone / ".git/hooks"
    hooks.mkdir(exist_ok=True)
    for name in ("pre-commit", "pre-push"):
        (hooks / name).write_text(f"#!/bin/sh\nenv > {tmp_path}/{name}\n")
        (hooks / name).chmod(0o755)
    hand_over(clone)
    assert run(clone) == 0
    header = remote_environment({"PUSH_TOKEN": "ghs_secret"})["GIT_CONFIG_VALUE_0"]
    seen = {name: (tmp_path / name).read_text() for name in ("pre-commit", "pre-push")}
    assert "ghs_secret" not in seen["pre-commit"] + seen["pre-push"]
    assert header in seen["pre-push"]
    assert header not in seen["pre-commit"]
    assert header not in (clone / ".git/config").read_text()


def test_the_token_goes_to_the_git_server_alone() -> None:
    """The header that actions/checkout writes: basic, for the user x-access-token."""
    made = remote_environment({"PUSH_TOKEN": "t", "GITHUB_SERVER_URL": "https://git.example.org"})
    assert made["GIT_CONFIG_KEY_0"] == "http.https://git.example.org/.extraheader"
    assert made["GIT_CONFIG_VALUE_0"] == "AUTHORIZATION: basic eC1hY2Nlc3MtdG9rZW46dA=="
    assert remote_environment({}) == {}


def outputs(clone: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What a run sets as outputs of its step."""
    path = clone.parent / "outputs"
    path.write_text("")
    monkeypatch.setenv("GITHUB_OUTPUT", str(path))
    assert run(clone, "--force", profiles="cv,nlp") == 0
    lines = path.read_text().splitlines()
    return {line.partition("<<")[0]: lines[number + 1] for number, line in enumerate(lines) if "<<" in line}


def test_a_report_is_called_added_in_the_run_that_pushed_it_first(clone, monkeypatch) -> None:
    hand_over(clone, "cv")
    hand_over(clone, "nlp")
    assert outputs(clone, monkeypatch)["added"] == "cv,nlp"
    assert outputs(clone, monkeypatch)["added"] == ""  # a second attempt of the same run
    hand_over(clone, "cv", picks=1)
    assert outputs(clone, monkeypatch)["added"] == ""  # made anew


def test_what_was_pushed_is_the_commit_of_the_run(clone, monkeypatch) -> None:
    """The site is made anew for a rewritten report too, and not for one that stayed as it was."""
    hand_over(clone, "cv")
    hand_over(clone, "nlp")
    assert outputs(clone, monkeypatch)["pushed"] == git(clone.parent / "origin.git", "rev-parse", "main")
    assert outputs(clone, monkeypatch)["pushed"] == ""
    hand_over(clone, "cv", picks=1)
    assert outputs(clone, monkeypatch)["pushed"] == git(clone.parent / "origin.git", "rev-parse", "main")


def test_who_is_told_on_an_issue_is_said_only_if_the_settings_want_it(clone, monkeypatch) -> None:
    hand_over(clone, "cv")
    hand_over(clone, "nlp")
    assert "comments" not in outputs(clone, monkeypatch)
    monkeypatch.setenv("DIGEST_DELIVERY__ISSUE", "true")
    assert outputs(clone, monkeypatch)["comments"] == "cv,nlp"
