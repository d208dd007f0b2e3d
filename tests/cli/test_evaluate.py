"""Measures on labeled papers. The expected values were worked out by hand on a ranking of four."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from pipeline.core.store import dumps, report_path
from tests.cli.test_app import digest
from tests.report import made_up
from tests.stubs.messages import MessagesStub

KEY = "sk-ant-planted-0123456789abcdef"
GOOD = "One-step diffusion for blind image restoration and video super-resolution"


def labels(*rows: dict[str, object]) -> None:
    Path("eval").mkdir(exist_ok=True)
    Path("eval/cv-restoration.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


def row(key: str, relevance: int, title: str, **given: object) -> dict[str, object]:
    return {"id": key, "relevance": relevance, "title": title, "abstract": "Text.", **given}


def test_a_ranking_is_measured(project: Path) -> None:
    """Order: a (2), then b, c, d, which share nothing with the profile, by id: b (0), c (3), d (0).
    DCG = 3/log2(2) + 7/log2(4) = 6.5, ideal = 7 + 3/log2(3) = 8.8928, so nDCG = 0.7309; AP = (1/1 + 2/3)/2."""
    labels(row("a", 2, GOOD), row("b", 0, "Trees"), row("c", 3, "Leaves"), row("d", 0, "Roots"))
    found = json.loads(digest("eval", "--engine", "local", "--json").stdout)
    assert found["overall"]["ndcg_at_10"] == pytest.approx(6.5 / (7 + 3 / math.log2(3)))
    assert found["overall"]["average_precision"] == pytest.approx((1 + 2 / 3) / 2)
    assert found["overall"]["recall_at_10"] == 1
    assert found["overall"]["relevant"] == 2


def test_days_are_ranked_apart(project: Path) -> None:
    labels(
        row("a", 3, GOOD, day="2026-01-29"),
        row("b", 0, "Trees", day="2026-01-29"),
        row("c", 3, "Leaves", day="2026-01-30"),
    )
    found = json.loads(digest("eval", "--engine", "local", "--json").stdout)
    assert [(one["day"], one["papers"], one["ndcg_at_10"]) for one in found["days"]] == [
        ("2026-01-29", 2, 1.0),
        ("2026-01-30", 1, 1.0),
    ]


def test_a_changed_profile_is_held_against_the_last_one(project: Path) -> None:
    labels(row("a", 3, GOOD), row("b", 0, "Teaching trees to walk with reinforcement learning agents"))
    assert "no earlier version was evaluated" in digest("eval", "--engine", "local").stdout
    assert "the same version as last time" in digest("eval", "--engine", "local").stdout
    path = Path("prompts/profiles/cv-restoration.md")
    text = path.read_text()
    head = text.split("keywords:")[0] + "keywords: [teaching trees to walk, reinforcement learning agents]\n"
    path.write_text(head + "picks: 1\n---\nTeaching trees to walk with reinforcement learning agents.\n")
    said = digest("eval", "--engine", "local").stdout
    assert "before: cv-restoration@" in said
    assert "+ b is picked now (relevance 0)" in said
    assert "- a is picked no more (relevance 3)" in said


@pytest.mark.parametrize(
    ("grades", "verdict"),
    [
        ((0, 3), ": better"),
        ((3, 0), ": worse"),
        ((0, 0), ""),
        ((2, 2), "+0.00, on other days and papers +0.00 to +0.00 (95 %): better or worse cannot be told"),
    ],
)
def test_two_versions_are_held_against_each_other_by_the_papers_of_both(
    project: Path, grades: tuple[int, int], verdict: str
) -> None:
    """Ten papers a day share words with the first profile and are marked by it first, ten with the second."""
    days = [f"2026-01-{day}" for day in range(20, 28)]
    trees = "Teaching trees to walk with reinforcement learning agents"
    labels(
        *(
            row(f"{kind}{n}-{day}", grade, f"{title} {n}", day=day)
            for day in days
            for kind, grade, title in (("a", grades[0], GOOD), ("b", grades[1], trees))
            for n in range(10)
        )
    )
    digest("eval", "--engine", "local")
    path = Path("prompts/profiles/cv-restoration.md")
    head = path.read_text().split("keywords:")[0]
    path.write_text(f"{head}keywords: [teaching trees to walk]\npicks: 1\n---\nTeaching trees to walk.\n")
    said = digest("eval", "--engine", "local").stdout
    found = [line for line in said.splitlines() if line.startswith("nDCG@10 on the 160 papers of both: ")]
    assert [verdict in line for line in found] == [True] * bool(verdict)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "there are no labels"),
        ('{"id": "a", "relevance": 4}\n', "cv-restoration.jsonl:1: relevance"),
        (
            '\n{"id": "a", "relevance": 1}\n{"id": "a", "relevance": 2}\n',
            "cv-restoration.jsonl:3: a stands twice",
        ),
        ("{\n", "cv-restoration.jsonl:1: "),
        ('{"id": "a", "relevance": 1}\n', "a has no title, and no report has scored it"),
        ('{"id": "a", "relevance": 1, "titel": "x"}\n', "cv-restoration.jsonl:1: titel"),
    ],
)
def test_wrong_labels_are_named(project: Path, text: str, message: str) -> None:
    Path("eval").mkdir()
    Path("eval/cv-restoration.jsonl").write_text(text)
    assert message in digest("eval", "--engine", "local", code=2).stderr


def test_without_labels_it_says_how_they_look(project: Path) -> None:
    assert '"relevance": 3' in digest("eval", "--engine", "local", code=2).stderr


def profile(*settings: str, prose: str = "I restore old pictures.") -> None:
    head = "\n".join(["title: Mine", "language: en", "arxiv: [cs.CV]", *settings])
    Path("prompts/profiles/cv-restoration.md").write_text(f"---\n{head}\n---\n{prose}\n")


def ranked(*liked: str) -> tuple[dict[str, object], str]:
    """Two papers that share nothing with the profile; the second shares its words with a paper of the day before."""
    profile(f"liked: {json.dumps(liked)}")
    labels(
        row("2601.00001", 0, "Teaching trees to walk", day="2026-01-29"),
        row("2601.00002", 0, "Deep sea currents", day="2026-01-30"),
        row("2601.00003", 3, "How trees walk", day="2026-01-30"),
    )
    found = json.loads(digest("eval", "--engine", "local", "--json").stdout)
    return found["days"][1], digest("eval", "--engine", "local").stdout


def test_liked_papers_among_the_labels_count_as_on_a_night(project: Path) -> None:
    """Grades 0, 3 in the order of their ids: nDCG = (7 / log2(3)) / 7. With the liked paper's words, 3 stands first."""
    assert ranked()[0]["ndcg_at_10"] == pytest.approx(1 / math.log2(3))
    day, said = ranked("2601.00001v2")
    assert day["ndcg_at_10"] == 1
    assert "left out" not in said


def test_liked_papers_that_are_not_labeled_are_named(project: Path) -> None:
    day, said = ranked("2501.00009", "2601.00001", "math.GT/0309136")
    assert day["ndcg_at_10"] == 1
    assert "`liked` papers without a label and its text are left out: 2501.00009, math/0309136" in said


def by_model(stub: MessagesStub, *words: str) -> str:
    env = {"ANTHROPIC_API_KEY": KEY, "ANTHROPIC_BASE_URL": stub.url, "DIGEST_CLAUDE__STRUCTURED": "format"}
    return digest("eval", "--engine", "claude", *words, env=env).stdout


def test_papers_without_a_score_are_said_and_are_no_baseline(project: Path) -> None:
    labels(row("a", 3, GOOD), row("b", 0, "Trees"), row("c", 3, "Leaves"), row("d", 0, "Roots"))
    kept = Path("eval/cv-restoration.claude.json")
    profile("budget_usd: 0.0000001")
    with MessagesStub(keys=[KEY]) as stub:
        said = by_model(stub)
        assert "4 of 4 papers have no score (most often: the budget" in said
        assert "no earlier version" not in said
        assert not kept.exists()
        profile("budget_usd: 1")
        assert "no score" not in by_model(stub)
        before = kept.read_bytes()
        profile("budget_usd: 0.0000001", prose="I plant trees.")
        said = by_model(stub)
        assert "4 of 4 papers have no score" in said
        assert "is picked no more" not in said
        assert kept.read_bytes() == before
        found = json.loads(by_model(stub, "--json"))
    assert set(found["unscored"]) == {"a", "b", "c", "d"}


def test_without_a_model_nothing_has_a_score_and_the_rank_is_kept(project: Path) -> None:
    labels(row("a", 3, GOOD), row("b", 0, "Trees"))
    assert "no score" not in digest("eval", "--engine", "local").stdout
    assert Path("eval/cv-restoration.local.json").exists()


def pairs(*rows: tuple[str, str, list[str], bool]) -> None:
    keys = ("a", "b", "preferred", "near")
    text = "".join(json.dumps(dict(zip(keys, row, strict=True))) + "\n" for row in rows)
    Path("eval/cv-restoration.pairs.jsonl").write_text(text)


def test_pairs_that_judges_agree_on_are_counted_near_ones_apart(project: Path) -> None:
    """Order: a, then b, c, d by id. Kept: a before b, b before d. Not kept: d before c. The judges differ on a and d."""
    labels(row("a", 2, GOOD), row("b", 0, "Trees"), row("c", 3, "Leaves"), row("d", 0, "Roots"))
    pairs(
        ("a", "b", ["a", "a"], False),
        ("d", "b", ["b"], True),
        ("c", "d", ["d", "d"], True),
        ("a", "d", ["a", "d"], True),
    )
    said = digest("eval", "--engine", "local").stdout
    assert "pairs 0.67 of 3 stand as all judges prefer" in said
    assert "pairs near each other: 0.50 of 2 stand as all judges prefer" in said


def test_two_versions_are_held_against_each_other_by_pairs(project: Path) -> None:
    """With the other keywords b comes first: of two pairs, one is kept no more and none is gained."""
    labels(row("a", 3, GOOD), row("b", 0, "Teaching trees to walk with reinforcement learning agents"))
    pairs(("a", "b", ["a"], True))
    digest("eval", "--engine", "local")
    path = Path("prompts/profiles/cv-restoration.md")
    head = path.read_text().split("keywords:")[0] + "keywords: [teaching trees to walk, learning agents]\n"
    path.write_text(head + "---\nTeaching trees to walk with reinforcement learning agents.\n")
    said = digest("eval", "--engine", "local").stdout
    assert "pairs, 1 of both: -1.00, on other pairs -1.00 to -1.00 (95 %): worse" in said


def test_a_pair_whose_choice_is_neither_paper_is_named(project: Path) -> None:
    labels(row("a", 2, GOOD), row("b", 0, "Trees"))
    pairs(("a", "b", ["c"], True))
    said = digest("eval", "--engine", "local", code=2).stderr
    assert "eval/cv-restoration.pairs.jsonl:1: `preferred` names a paper that is not of the pair" in said


def test_votes_are_labels_apart_from_those_of_the_file(project: Path) -> None:
    """Wanted are papers with 92 and 58 points, unwanted ones with 78 and 50: three of four pairs agree."""
    report = made_up.digest("en", profile="cv-restoration")
    path = report_path(Path("reports"), "cv-restoration", report.date)
    path.parent.mkdir(parents=True)
    path.write_bytes(dumps(report))
    ids = {candidate.score: candidate.id for candidate in report.candidates}
    verdicts = {ids[92]: "more", ids[58]: "more", ids[78]: "less", ids[50]: "less", "2601.09999": "less"}
    rows = (f"2026-01-31\t{key}\t{verdict}\t{n}\n" for n, (key, verdict) in enumerate(verdicts.items()))
    Path("reports/cv-restoration/votes.tsv").write_text("date\tpaper\tverdict\tissue\n" + "".join(rows))
    said = digest("eval", "--engine", "local", code=2).stderr  # votes are off
    assert "there are no labels" in said
    assert "a line each such as" in said
    assert "eval/README.md" in said
    settings = Path("digest.toml").read_text()
    Path("digest.toml").write_text(settings.replace("votes = false", "votes = true"))
    said = digest("eval", "--engine", "local").stdout
    assert "votes, apart from the labels: 2 more, 2 less, on papers with a score\n" in said
    assert "votes: in 0.75 of 4 pairs `more` has the higher score\n" in said
    assert "votes: 90-100: 1 of 1 more, 75-89: 0 of 1 more, 0-59: 1 of 2 more\n" in said
    labels(row(ids[58], 0, "Trees"), row("b", 3, GOOD))
    found = json.loads(digest("eval", "--engine", "local", "--json").stdout)
    assert {key: (one["relevance"], one["score"], one["day"]) for key, one in found["votes"].items()} == {
        ids[92]: (2, 92, "2026-01-30"),
        ids[58]: (2, 58, "2026-01-30"),
        ids[78]: (0, 78, "2026-01-30"),
        ids[50]: (0, 50, "2026-01-30"),
    }
    assert (found["overall"]["papers"], found["overall"]["relevant"]) == (2, 1)
