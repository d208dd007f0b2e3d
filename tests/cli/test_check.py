"""`digest check`: each wrong profile, prompt or setting is named with its file, its line, the reason and a remedy.

The list is of what people get wrong. A row says what is edited, and what stands in the first error; the line
is not in the table but found in the edited file: it is the line that holds `at`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pipeline.archive.site.build import RESERVED
from pipeline.cli.app import main

PROFILE = "prompts/profiles/mine.md"
SCORE, ANALYZE, TOML = "prompts/score.md", "prompts/analyze.md", "digest.toml"
CATEGORIES = "arxiv: [cs.AI, cs.CL]"
MINE = """---
title: Agents, daily
language: en
arxiv: [cs.AI, cs.CL]
threshold: 60
---
I build agents out of language models that work for hours, and want to know what makes them recover.
"""


@dataclass(frozen=True)
class Wrong:
    """In `file`, `old` became `new`; the error points to the line with `at` (default: with `new`)."""

    file: str
    old: str
    new: str
    reason: str
    remedy: str
    at: str | None = None


WRONG = [
    # Profiles: keys and values.
    Wrong(PROFILE, "threshold: 60", "threshold: sixty", 'threshold: "sixty" is not a whole number from 1 to 100', "Try: threshold: 60"),
    Wrong(PROFILE, "threshold: 60", "threshold: 0", "threshold: 0 is less than 1", "Try: threshold: 60"),
    Wrong(PROFILE, "threshold: 60", "threshold: 101", "threshold: 101 is more than 100", "Try: threshold: 60"),
    Wrong(PROFILE, "threshold: 60", "treshold: 60", "`treshold` is not a setting", "Did you mean `threshold`?"),
    Wrong(PROFILE, "threshold: 60", "threshold 60", "front matter is not YAML", "a blank after a key", at="threshold 60"),
    Wrong(PROFILE, "threshold: 60", "threshold：60", "front matter is not YAML", "ASCII colon", at="threshold：60"),
    Wrong(PROFILE, "arxiv: [cs.AI, cs.CL]", "arxiv: [cs.AI, cs.CL", "front matter is not YAML", "a bracket is not closed"),
    Wrong(PROFILE, "title: Agents, daily", 'title: "Agents, daily', "front matter is not YAML", "a quotation mark is not closed"),
    Wrong(PROFILE, "title: Agents, daily", "title：Agents, daily", "front matter is not YAML", "full-width colon"),
    Wrong(PROFILE, "threshold: 60", "\tthreshold: 60", "front matter is not YAML", "blanks instead of tabs"),
    Wrong(PROFILE, "threshold: 60", "threshold: 60\nthreshold: 70", "`threshold` stands twice", "remove one", at="threshold: 70"),
    Wrong(PROFILE, "threshold: 60", "zzz: 60", "`zzz` is not a setting", "Known keys: analyze_prompt, arxiv"),
    Wrong(PROFILE, "threshold: 60", "picks: two", 'picks: "two" is not a whole number from 1 to 20', "Try: picks: 2"),
    Wrong(PROFILE, "threshold: 60", "picks: 2.5", "picks: 2.5 is not a whole number", "Try: picks: 2"),
    Wrong(PROFILE, "threshold: 60", "picks: 0", "picks: 0 is less than 1", "Try: picks: 2"),
    Wrong(PROFILE, "threshold: 60", "budget_usd: $1", 'budget_usd: "$1" is not a number', "Try: budget_usd: 1.00"),
    Wrong(PROFILE, "threshold: 60", "budget_usd: 0", "budget_usd: 0 is not more than 0", "Try: budget_usd: 1.00"),
    Wrong(PROFILE, "threshold: 60", "budget_usd: .inf", "budget_usd: inf is not a number that has an end", "Try: budget_usd: 1.00"),
    Wrong(PROFILE, "threshold: 60", "quality: perfect", "quality: \"perfect\" is not one of 'economy', 'standard' or 'best'", "Try: quality: standard"),
    Wrong(PROFILE, "threshold: 60", "keywords: agents, tools", 'keywords: "agents, tools" is not a list in [ ]', "Try: keywords: ["),
    Wrong(PROFILE, "threshold: 60", "liked: [2601.16914]", "liked.0: 2601.16914 is not text; put quotes around it", 'Try: liked: ["2601.16914"]'),
    Wrong(PROFILE, "threshold: 60", "feeds: [http://example.org/feed]", 'feeds.0: "http://example.org/feed" is not an https address', "Try: feeds: [https://"),
    Wrong(PROFILE, "threshold: 60", "feeds: [https://me:pass@example.org]", "holds a name or a password", "Try: feeds: [https://"),
    Wrong(PROFILE, "threshold: 60", "feeds: [https://example.org:8443/feed]", 'feeds.0: "https://example.org:8443/feed" names a port, and a page may link to no address with one', "Try: feeds: [https://"),
    Wrong(PROFILE, "threshold: 60", "feeds: [https://example.org:443/feed]", "names a port", "Try: feeds: [https://"),
    Wrong(PROFILE, "threshold: 60", "feeds: [https://my_blog.example.org/feed]", "names no host of letters, digits, points and hyphens", "Try: feeds: [https://"),
    Wrong(PROFILE, "threshold: 60", "feeds: [https://bücher.example/feed]", "names no host of letters, digits", "Try: feeds: [https://"),
    Wrong(PROFILE, "threshold: 60", "feeds: ['https:///feed']", "names no host of letters, digits", "Try: feeds: [https://"),
    Wrong(PROFILE, "threshold: 60", "replacements: perhaps", 'replacements: "perhaps" is not true or false', "Try: replacements: false"),
    Wrong(PROFILE, "threshold: 60", "models: {scor: x}", "models.scor: \"scor\" is not one of 'score', 'analyze' or 'verify'", "Try: models: {score: MODEL"),
    Wrong(PROFILE, "threshold: 60", "score_prompt: ../secret", "is not the name of a file in prompts/", "Try: score_prompt: score"),
    Wrong(PROFILE, "threshold: 60", "score_prompt: scores", "score_prompt: there is no prompts/scores.md", "Did you mean `score`?"),
    Wrong(PROFILE, "threshold: 60", "notes: &a [x, *a]", "`*a` repeats a value by its mark; write the value out", "quotes"),
    Wrong(PROFILE, "title: Agents, daily", "title: 2026-01-30", "title: datetime.date(2026, 1, 30) is not text; put quotes around it", "Try: title: My papers"),
    Wrong(PROFILE, "title: Agents, daily\n", "", "`title` is missing", "Try: title: My papers", at="---"),
    Wrong(PROFILE, "language: en", "language: english", 'language: "english" is not one of de, en, ja, ko, zh-CN', "Did you mean `en`?"),
    Wrong(PROFILE, "language: en", "language: fr", 'language: "fr" is not one of de, en, ja, ko, zh-CN', "docs/extend.md"),
    Wrong(PROFILE, "title: Agents, daily", 'title: ""', 'title: "" is empty', "Try: title: My papers"),
    Wrong(PROFILE, "language: en", "language: no", "language: False is not text; put quotes around it", "Try: language: en"),
    Wrong(PROFILE, CATEGORIES, "arxiv: cs.AI", 'arxiv: "cs.AI" is not a list in [ ]', "Try: arxiv: [cs.CV, eess.IV]"),
    Wrong(PROFILE, CATEGORIES, "arxiv: [cs.AL]", 'arxiv.0: "cs.AL" is not an arXiv category. Did you mean `cs.', "Try: arxiv: [cs.CV, eess.IV]"),
    Wrong(PROFILE, CATEGORIES, "arxiv: [cs.Robotics]", "Did you mean `cs.RO`?", "Try: arxiv: [cs.CV, eess.IV]"),
    Wrong(PROFILE, CATEGORIES, "arxiv: [cs.Cryptography]", "Did you mean `cs.CR`?", "Try: arxiv: [cs.CV, eess.IV]"),
    Wrong(PROFILE, CATEGORIES, "arxiv: [cs.ai]", "Did you mean `cs.AI`?", "Try: arxiv: [cs.CV, eess.IV]"),
    Wrong(PROFILE, CATEGORIES, "arxiv: []", "`arxiv:` names no category", "Try: arxiv: [cs.CV, eess.IV]"),
    Wrong(PROFILE, CATEGORIES, "sources: []", "there is nothing to read", "Try: sources: [huggingface, arxiv]"),
    Wrong(PROFILE, CATEGORIES, "sources: [arxiv, twitter]", 'sources.1: "twitter" is not one of huggingface, arxiv, ', "Try: sources: [huggingface, arxiv]"),
    # Profiles: the file.
    Wrong(PROFILE, "---\n", "", "has no front matter", "start the file with a line `---`", at="title:"),
    # Prompts.
    Wrong(SCORE, "{{ papers }}", "{{ paper }}", "the text uses ['paper'], which it does not declare", "there are: examples, language, papers, profile"),
    Wrong(SCORE, "{{ papers }}", "", "the text never uses ['papers']", "the two have to be equal", at="inputs:"),
    Wrong(SCORE, "{{ profile }}", "{{ profile", "is not a Jinja template", "{{ name }}", at="{%- if examples"),
    Wrong(SCORE, "{{ profile }}", "{{ profile | lowr }}", "No filter named 'lowr'", "{{ name }}"),
    Wrong(SCORE, "{{ profile }}", "{{ profile.__class__ }}{{ 1 / 0 }}", "the prompt cannot be filled in", "{{ name }}"),
    Wrong(SCORE, "inputs: [profile, language, papers, examples]", "inputs: [profile, language, paprs, examples]", "`paprs` is not a variable", "Did you mean `papers`?"),
    Wrong(SCORE, "name: score", "name: scoring", 'name: "scoring" is not the name of the file', "Try: name: score"),
    Wrong(SCORE, "metadata: {}", "temperature: 0", "`temperature` is not a setting", "Known keys: "),
    Wrong(SCORE, "\nuser:\n", "\nhuman:\n", "one line `user:`", "system:", at="{# "),
    Wrong(SCORE, "substance", "solidity", "the text never says what `substance` is", "the name is the program's", at="{# "),
    Wrong(ANALYZE, "id: method", "id: contribution", "the id `contribution` stands twice", "give it another", at="  - id: contribution\n    title: {zh-CN: 技"),
    Wrong(ANALYZE, "id: method", "id: 方法", "is not a name of small letters, digits and _", "Try: sections: "),
    Wrong(ANALYZE, "id: method", "id: headline", "and not headline or hook", "Try: sections: "),
    Wrong(ANALYZE, "kind: inference", "kind: guess", "is not one of 'claims', 'setup', 'limitations' or 'inference'", "Try: sections: "),
    Wrong(ANALYZE, "title: {zh-CN: 技术细节, en: Method, ja: 手法の詳細, de: Methode, ko: 방법}", "title: Method", 'sections.method.title: "Method" is not a group such as {key: value}', "Try: sections: "),
    Wrong(ANALYZE, "en: Method", "en: <b>Method</b>", "has signs that a heading on the page cannot show", "Try: sections: "),
    Wrong(ANALYZE, "title: {zh-CN: 技术细节, en: Method, ja: 手法の詳細, de: Methode, ko: 방법}", "title: {}", "sections.method.title: {} is empty", "Try: sections: "),
    # Settings.
    Wrong(TOML, 'active = ["cv-restoration"]', 'active = "cv-restoration"', 'profiles.active: "cv-restoration" is not a list in [ ]', 'Try: active = ["cv-restoration"]'),
    Wrong(TOML, 'active = ["cv-restoration"]', "active = []", "profiles.active: [] is empty", 'Try: active = ["cv-restoration"]'),
    Wrong(TOML, 'active = ["cv-restoration"]', 'active = ["llm-agent"]', "'llm-agent' is active, but there is no prompts/profiles/llm-agent.md", "Did you mean `llm-agents`?"),
    Wrong(TOML, 'active = ["cv-restoration"]', "active = [cv-restoration]", "is not TOML", "quotes around text"),
    Wrong(TOML, "[http]", "[htp]", "`htp` is not a setting", "Did you mean `http`?"),
    Wrong(TOML, "concurrency = 8", "concurency = 8", "`claude.concurency` is not a setting", "Did you mean `claude.concurrency`?"),
    Wrong(TOML, "concurrency = 8", "concurrency = 0", "claude.concurrency: 0 is less than 1", "Try: concurrency = 8"),
    Wrong(TOML, "timeout_seconds = 300.0", 'timeout_seconds = "long"', 'claude.timeout_seconds: "long" is not a number', "Try: timeout_seconds = 300.0"),
    Wrong(TOML, "timeout_seconds = 30.0", "timeout_seconds = inf", "http.timeout_seconds: inf is not a number that has an end", "Try: timeout_seconds = 30.0"),
    Wrong(TOML, "voters = []", 'voters = ["@octocat"]', 'feedback.voters.0: "@octocat" is not a login', 'Try: voters = ["octocat"]'),
    Wrong(TOML, 'structured = "auto"', 'structured = "json"', "claude.structured: \"json\" is not one of 'auto'", 'Try: structured = "auto"'),
    Wrong(TOML, "weight_topic = 0.60", "weight_topic = 0.70", "the three weights have to sum to 1, not 1.1", "Try: weight_topic = 0.60", at="[scoring]"),
    Wrong(TOML, "https://rss.arxiv.org", "http://rss.arxiv.org", 'endpoints.arxiv_rss: "http://rss.arxiv.org" is not an https address', "Try: arxiv_rss = "),
    Wrong(TOML, '"github.com", ', '"*", ', 'links.hosts.0: "*" is not a host such as', "Try: hosts = ["),
    Wrong(TOML, "[models.best]", "[models.finest]", "models.finest: \"finest\" is not one of 'economy', 'standard' or 'best'", "Try: [models.standard]"),
    Wrong(TOML, "[models.standard]\nscore", "[models.standard]\nranker", "`models.standard.score` is missing", "Try: [models.standard]", at="[models.standard]"),
    Wrong(TOML, "input = 2.0", "input = -2.0", "prices.claude-sonnet-5-5.input: -2.0 is less than 0", "Try: [prices."),
    Wrong(TOML, "long_input = 0.50\n", "", "long_above, long_input and long_output go together", "Try: [prices.", at='[prices."claude-haiku-5-5"]'),
]  # fmt: skip


def check(environ: dict[str, str] | None = None) -> Result:
    result = CliRunner().invoke(main, ["check"], env=environ or {})
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def first_error(result: Result) -> tuple[str, str]:
    """The first error and its hint, as they are printed."""
    lines = result.stderr.splitlines()
    error = next(i for i, line in enumerate(lines) if line.startswith("error: "))
    assert lines[error + 1].startswith(" hint: "), lines[error:]
    return lines[error].removeprefix("error: "), lines[error + 1].removeprefix(" hint: ")


def test_there_are_forty_and_more() -> None:
    assert len(WRONG) >= 40


@pytest.mark.parametrize("wrong", WRONG, ids=[f"{n}: {Path(one.file).stem}" for n, one in enumerate(WRONG)])
def test_what_is_wrong_is_named_with_its_place_and_a_remedy(project: Path, wrong: Wrong) -> None:
    (project / PROFILE).write_text(MINE)
    path = project / wrong.file
    before = path.read_text("utf-8")
    assert wrong.old in before
    count = -1 if wrong.old == "substance" else 1
    text = before.replace(wrong.old, wrong.new, count)
    path.write_text(text, "utf-8")
    found = check()
    assert found.exit_code == 2, found.output
    error, hint = first_error(found)
    line = text[: text.index(wrong.at or wrong.new)].count("\n") + 1
    assert error.startswith(f"{wrong.file}:{line}: "), (error, line)
    assert wrong.reason in error
    assert wrong.remedy in hint


@pytest.mark.parametrize(
    ("name", "value", "reason", "remedy"),
    [
        ("DIGEST_PROFILES", "mine;yours", "'mine;yours' is active, but there is no prompts/profiles", "separated by commas"),
        ("DIGEST_PROFILES", "mine,minne", "'minne' is active, but there is no prompts/profiles", "Did you mean `mine`?"),
        ("DIGEST_PROFILES__ACTIVE", '["yours"]', "'yours' is active, but there is no prompts/profiles", "of: "),
        ("DIGEST_HTTP__ATEMPTS", "1", "`http.atempts` is not a setting", "Did you mean `http.attempts`?"),
        ("DIGEST_HTTP__ATTEMPTS", "many", 'http.attempts: "many" is not a whole number from 1 to 10', "Try: DIGEST_HTTP__ATTEMPTS=4"),
        ("DIGEST_HTTP", "fast", 'http: "fast" is not a group of settings', "remove the variable"),
        ("DIGEST_ENDPOINTS__ARXIV", "http://arxiv.org", "is not an https address", "Try: DIGEST_ENDPOINTS__ARXIV=https://arxiv.org"),
        ("DIGEST_HTTP__CONTACT", "me\nX-Header: 1", "is not one line of plain letters", "Try: DIGEST_HTTP__CONTACT=https://"),
    ],
)  # fmt: skip
def test_a_wrong_variable_is_named_with_a_remedy(
    project: Path, name: str, value: str, reason: str, remedy: str
) -> None:
    (project / PROFILE).write_text(MINE)
    found = check({name: value})
    assert found.exit_code == 2, found.output
    error, hint = first_error(found)
    assert error.startswith(f"{name}: ")
    assert reason in error
    assert remedy in hint


@pytest.mark.parametrize(
    ("file", "data", "line", "reason"),
    [
        (PROFILE, b"", 1, "has no front matter"),
        (PROFILE, b"---\ntitle: A\n", 1, "front matter is never closed"),
        (PROFILE, b"---\n---\nText", 2, "front matter has to be `key: value` lines"),
        (PROFILE, b"---\n- title\n---\nText", 2, "front matter has to be `key: value` lines"),
        (PROFILE, b"---\ntitle: A\narxiv: [cs.CV]\n---\n", 1, "the profile has no text"),
        (PROFILE, b"---\ntitle: A\ntext: \xff\n---\nText", 3, "is not UTF-8 text"),
        (PROFILE, b"---\ntitle: " + b"[" * 5000 + b"]" * 5000 + b"\n---\nText", 2, "front matter is nested too deep"),
        ("prompts/profiles/my profile.md", MINE.encode(), 0, "'my profile' is not the name of a profile"),
        (SCORE, b"You mark papers.", 1, "has no front matter"),
        (TOML, b"[profiles]\nactive = ['a']\nx = '\xff'", 3, "is not UTF-8 text"),
        (TOML, b"[profiles]\nactive = ['mine']\n[profiles]\n", 3, "is not TOML: Cannot declare ('profiles',) twice"),
        (TOML, b"[profiles]\nactive = ['mine'\n", 3, "is not TOML"),
        (TOML, b"", 1, "`profiles` is missing"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_named(
    project: Path, file: str, data: bytes, line: int, reason: str
) -> None:
    (project / file).write_bytes(data)
    found = check()
    assert found.exit_code == 2, found.output
    error, hint = first_error(found)
    assert error.startswith(f"{file}:{line}: " if line else f"{file}: "), error
    assert reason in error
    assert hint


SHIPPED_PROMPTS = sorted(Path(__file__).parents[2].glob("prompts/*.md"))


@pytest.mark.parametrize("name", [*sorted(RESERVED), "index", "Con", "COM7"])
def test_a_name_that_site_or_windows_need_is_no_profiles(project: Path, name: str) -> None:
    (project / f"prompts/profiles/{name}.md").write_text(MINE)
    error, hint = first_error(check())
    assert error == f"prompts/profiles/{name}.md: no profile can be called {name!r}: the name is reserved"
    assert hint == f"Try: {name}-papers"


def test_two_names_that_differ_in_case_alone_are_refused(project: Path) -> None:
    (project / PROFILE).write_text(MINE)
    (project / "prompts/profiles/Mine.md").write_text(MINE)
    assert "prompts/profiles/mine.md: 'mine' differs from the profile 'Mine' in case alone" in check().stderr


@pytest.mark.parametrize("file", [TOML, *(f"prompts/{path.name}" for path in SHIPPED_PROMPTS)])
def test_a_folder_in_a_files_place_or_no_file_is_named(project: Path, file: str) -> None:
    (project / file).unlink()
    assert check().exit_code == 2
    (project / file).mkdir()
    found = check()
    assert found.exit_code == 2, found.output
    assert "cannot be read" in found.stderr or "there is no prompts" in found.stderr


def test_all_problems_are_said_at_once(project: Path) -> None:
    (project / PROFILE).write_text(MINE.replace("60", "600"))
    (project / ANALYZE).write_text("Read.")
    (project / TOML).write_text((project / TOML).read_text().replace("concurrency = 8", "concurrency = 0"))
    said = check().stderr
    assert said.count("error: ") == 3
    assert said.count(" hint: ") == 3


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Robots.\n\n## Not wanted\n\n- cars\n- drones\n", "left out of the ranking by words: “Not wanted” (2 lines)"),
        ("## O que quero\n\n- mãos\n\n## O que não quero\n\n- carros\n", "of 2 headings none is known as what is not wanted"),
        ("## Robots\n\nHands.\n", None),
    ],
)  # fmt: skip
def test_the_sections_that_the_ranking_by_words_leaves_out_are_named(
    project: Path, text: str, said: str | None
) -> None:
    (project / PROFILE).write_text(f"{MINE.rpartition('---')[0]}---\n{text}")
    mine = [one for one in check().stderr.splitlines() if one.startswith("mine: ")]
    found = [one for one in mine if re.search("left out|headings", one)]
    assert len(found) == (1 if said else 0)
    assert all(said in one for one in found if said)


def test_what_is_right_is_said_and_what_is_odd_beside_it(project: Path) -> None:
    (project / PROFILE).write_text(
        MINE.replace("threshold: 60", "models: {analyze: other-model}\nauthors: [Jane Smith, 王小明, Lab]")
    )
    analyze = project / ANALYZE
    text = analyze.read_text().replace(", ja: 手法の詳細", "")
    analyze.write_text(re.sub(r"    cues: \[limitation.*\n", "", text))
    (project / "prompts/profiles/notes.txt").write_text("x")
    found = check()
    assert found.exit_code == 0
    lines = found.stderr.splitlines()
    of_mine = [line.removeprefix("mine: ") for line in lines if line.startswith("mine: ")]
    assert [line.split(" ")[0:2] for line in of_mine] == [
        ["authors:", "Lab"],
        ["other-model", "has"],
        ["section", "`limitations`"],
    ]
    assert "robot-learning: section `method` has no title in ja: it is called Method" in lines
    assert not any("no price" in line for line in lines if line.startswith("robot-learning"))
    assert [line.split(":")[0] for line in lines if " picks from " in line] == [
        "cv-restoration",
        "llm-agents (not active)",
        "mine (not active)",
        "robot-learning (not active)",
    ]
    assert "prompts/profiles/notes.txt is not read: a profile's file ends in .md" in found.stderr


def test_in_actions_the_place_is_an_annotation(project: Path) -> None:
    (project / PROFILE).write_text(MINE.replace("threshold: 60", "threshold: sixty"))
    said = check({"GITHUB_ACTIONS": "true"}).stderr
    assert "::error file=prompts/profiles/mine.md,line=5::threshold: " in said
