"""The protocol: every paper exactly once, no mark on the wrong paper, whatever comes back."""

from __future__ import annotations

import asyncio
import os
import random
import re
from collections import Counter
from dataclasses import replace
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.config.settings import Scoring
from pipeline.core.models import Paper, Signal, Spent
from pipeline.core.tokens import estimate_tokens
from pipeline.llm.interface import FailureKind, NoAnswer, Question
from pipeline.scoring.llm_scorer import LlmScorer, ScoringResult
from tests.builders import DAY, Scripted, paper

EXAMPLES = int(os.environ.get("DIGEST_TEST_EXAMPLES", "50"))
PAID = Spent(calls=1, input_tokens=100, output_tokens=10, usd=0.001)


def ids_in(question: Question[Any]) -> list[str]:
    return re.findall(r'<paper-[0-9a-f]{8} id="([^"]+)">', question.user)


def true_topic(paper_id: str) -> int:
    """A mark that follows from the id alone, so that a mark on the wrong paper shows."""
    return int(paper_id[-2:]) % 6


def honest(question: Question[Any]) -> dict[str, Any]:
    return {"marks": [mark(key) for key in ids_in(question)]}


def mark(key: str, **given: Any) -> dict[str, Any]:
    topic = given.pop("topic") if "topic" in given else true_topic(key)
    values = {"topic": topic, "transfer": 3, "substance": 3, "excluded": False}
    return {"id": key, "reason": f"about {key}", **values, **given}


def marker(model: Scripted, *, picks: int = 2) -> LlmScorer:
    return LlmScorer(
        model=model,
        render_prompt=lambda block: ("system", block),
        scoring=Scoring(),
        threshold=60,
        picks=picks,
        seed="mine/2026-01-30",
        judged_by="score@00000000 mine@00000000",
    )


def papers(count: int) -> list[Paper]:
    return [paper(f"2601.{number:05d}") for number in range(1, count + 1)]


def run(
    model: Scripted, day: list[Paper], *, alone: frozenset[str] = frozenset(), picks: int = 2
) -> ScoringResult:
    ranks = {one.id: rank for rank, one in enumerate(day, start=1)}
    return asyncio.run(marker(model, picks=picks).mark(day, ranks, alone))


@pytest.mark.parametrize(("count", "calls"), [(1, 1), (25, 2), (26, 3), (300, 13)])
def test_calls_are_counted(count: int, calls: int) -> None:
    """ceil(N/25) for all, then a second pass if papers are near the threshold: one paper with topic 1 is not."""
    model = Scripted(honest)
    marked = run(model, papers(count))
    assert len(model.asked) == calls
    assert marked.spent.calls == calls
    assert len(marked.verdicts) == count
    assert max(len(ids_in(question)) for question in model.asked) <= 25


def with_topics(topics: dict[str, int]) -> Scripted:
    """Marks of 3 for transfer and substance, and a topic of 0 for papers without another: 24 points."""
    return Scripted(lambda q: {"marks": [mark(key, topic=topics.get(key, 0)) for key in ids_in(q)]})


def times_marked(model: Scripted) -> Counter[str]:
    return Counter(key for question in model.asked for key in ids_in(question))


def test_a_day_on_which_nothing_is_open_takes_one_call() -> None:
    """Two picks of 84, one paper at 72 and twelve at 24; the threshold is 60."""
    model = with_topics({"2601.00001": 5, "2601.00002": 5, "2601.00003": 4})
    marked = run(model, papers(15))
    assert len(model.asked) == 1
    assert all(verdict.spread is None for verdict in marked.verdicts.values())


def test_only_papers_near_the_threshold_are_marked_again() -> None:
    """Of 84, 60 twice, and 24, the two at 60 could cross the threshold of 60."""
    model = with_topics({"2601.00001": 5, "2601.00002": 3, "2601.00003": 3})
    marked = run(model, papers(60))
    near = ["2601.00002", "2601.00003"]
    assert {key for key, count in times_marked(model).items() if count > 1} == set(near)
    assert [sorted(ids_in(question)) for question in model.asked[3:]] == [near]
    assert {key for key, verdict in marked.verdicts.items() if verdict.spread is not None} == set(near)


@pytest.mark.parametrize(("transfer", "substance", "calls"), [(2, 3, 2), (1, 5, 1)])
def test_near_is_at_most_seven_points(transfer: int, substance: int, calls: int) -> None:
    """A topic of 4 and these marks are 67 and 68 points; the threshold is 60."""
    marks = {"topic": 4, "transfer": transfer, "substance": substance}
    model = Scripted(lambda q: {"marks": [mark(key, **marks) for key in ids_in(q)]})
    run(model, papers(1))
    assert len(model.asked) == calls


def test_neither_an_excluded_paper_nor_a_sure_pick_is_marked_again() -> None:
    """All have 60 points by their marks."""
    excluded, sure = "2601.00001", "2601.00002"
    model = Scripted(lambda q: {"marks": [mark(key, topic=3, excluded=key == excluded) for key in ids_in(q)]})
    day = papers(4)
    scorer = replace(marker(model), sure=frozenset({sure}))
    verdicts = asyncio.run(scorer.mark(day, {one.id: 1 for one in day}, frozenset())).verdicts
    assert verdicts[excluded].score == 35
    assert times_marked(model) == {one.id: 1 if one.id in {excluded, sure} else 2 for one in day}


def test_the_same_day_gives_the_same_prompts() -> None:
    one, other = Scripted(honest), Scripted(honest)
    run(one, papers(60))
    run(other, papers(60))
    assert sorted(q.user for q in one.asked) == sorted(q.user for q in other.asked)


def test_marks_are_averaged_and_the_score_is_of_the_average() -> None:
    """Topics 3 and 4 average to 3.5: 100*(.6*3.5+.25*3+.15*3)/5 = 66. Passes: 60 and 72, so the sd is 8.5."""
    topics = iter([3, 4])
    model = Scripted(lambda q: {"marks": [mark(ids_in(q)[0], topic=next(topics))]})
    verdict = run(model, papers(1)).verdicts["2601.00001"]
    assert (verdict.topic, verdict.score, verdict.spread) == (3.5, 66, 8.5)
    assert verdict.judged_by == "scripted score@00000000 mine@00000000"


def test_a_suspicious_paper_is_marked_alone() -> None:
    model = with_topics({one.id: 3 for one in papers(10)})
    run(model, papers(10), alone=frozenset({"2601.00005"}))
    asked = [ids_in(question) for question in model.asked]
    assert asked.count(["2601.00005"]) == 2, "in both passes"
    assert not [ids for ids in asked if "2601.00005" in ids and len(ids) > 1]
    assert Counter(key for ids in asked for key in ids) == {one.id: 2 for one in papers(10)}


def test_marks_out_of_range_are_clamped_and_long_reasons_cut() -> None:
    marked = run(
        Scripted(
            lambda q: {"marks": [mark(key, topic=99, transfer=-3, reason="x" * 999) for key in ids_in(q)]}
        ),
        papers(1),
    )
    verdict = marked.verdicts["2601.00001"]
    assert (verdict.topic, verdict.transfer) == (5.0, 0.0)
    assert len(verdict.reason) == 200


@pytest.mark.parametrize("kind", ["refused", "truncated", "invalid", "rejected"])
def test_one_paper_that_is_always_bad_costs_no_other_paper_anything(
    kind: Literal["refused", "truncated", "invalid", "rejected"],
) -> None:
    """The 13th of 25 poisons every reply it is in: its batches are halved until it stands alone."""

    def answer(question: Question[Any]) -> object:
        if "2601.00013" in ids_in(question):
            return NoAnswer(kind, "the reply was not of the right form", PAID)
        return honest(question)

    model = Scripted(answer)
    marked = run(model, papers(25))
    assert set(marked.unscored) == {"2601.00013"}
    assert marked.unscored["2601.00013"] == "the reply was not of the right form"
    assert len(marked.verdicts) == 24
    assert marked.spent.calls == len(model.asked)


@pytest.mark.parametrize(
    ("kind", "counts"), [("stopped", True), ("budget", True), ("failed", False), ("refused", False)]
)
def test_papers_that_no_call_was_made_for_are_named(kind: FailureKind, counts: bool) -> None:
    """The second of two batches; the first is answered."""

    def answer(question: Question[Any]) -> object:
        if "2601.00003" in ids_in(question):
            return NoAnswer(kind, "why", Spent())
        return honest(question)

    marked = run(Scripted(answer), papers(50))
    left = set(marked.unscored)
    assert "2601.00003" in left
    assert marked.unasked == (left if counts else frozenset())


def test_a_reply_that_names_other_papers_is_asked_for_again_in_our_words() -> None:
    """What the model called the stranger is not repeated: the reason may be published."""
    stranger = "[click](https://evil.example)"
    day = papers(8)

    def answer(question: Question[Any]) -> object:
        return {"marks": [mark("2601.00001"), mark("2601.00001"), mark(stranger, topic=5)]}

    model = Scripted(answer)
    reasons = run(model, day).unscored
    assert set(reasons) == {one.id for one in day}
    assert reasons["2601.00002"] == "no mark for 2601.00002; 2 that were not asked for"
    assert reasons["2601.00001"] == "more than one mark for 2601.00001; 1 that were not asked for"
    whole = model.asked[0].check(model.asked[0].answer.model_validate(answer(model.asked[0])))
    assert whole.startswith("no mark for ")
    assert whole.count("2601.") == 5 + 1, "five of the seven that lack, and the one that is there twice"


def test_an_endpoint_that_does_not_answer_is_not_asked_for_halves() -> None:
    model = Scripted(lambda _: NoAnswer("failed", "HTTP 529, five times", PAID))
    marked = run(model, papers(60))
    assert len(model.asked) == 3
    assert set(marked.unscored.values()) == {"HTTP 529, five times"}
    assert len(marked.unscored) == 60


def rejecting(*bad: str) -> Scripted:
    """A model whose endpoint takes no prompt that holds one of these papers."""

    def answer(question: Question[Any]) -> object:
        if set(bad) & set(ids_in(question)):
            return NoAnswer("rejected", "HTTP 400 content filter", Spent())
        return honest(question)

    return Scripted(answer)


@pytest.mark.parametrize(
    ("count", "bad"),
    [
        (60, ("2601.00007",)),
        (60, ("2601.00007", "2601.00021", "2601.00060")),
        (25, ("2601.00001", "2601.00025")),
        (3, ("2601.00002",)),
        (2, ("2601.00002",)),
        (1, ("2601.00001",)),
    ],
)
def test_papers_that_the_endpoint_rejects_are_found(count: int, bad: tuple[str, ...]) -> None:
    model = rejecting(*bad)
    marked = run(model, papers(count))
    assert set(marked.unscored) == set(bad)
    assert len(marked.verdicts) == count - len(bad)
    rejections = sum(bool(set(bad) & set(ids_in(question))) for question in model.asked)
    assert rejections <= len(bad) * 6, "25, 13, 7, 4, 2, 1"


def test_a_batch_is_halved_only_when_another_call_was_answered() -> None:
    """All three batches are asked for before any half."""
    model = rejecting("2601.00007")
    run(model, papers(60))
    sizes = [len(ids_in(question)) for question in model.asked if question.about.startswith("pass 1")]
    assert sizes[:5] == [20, 20, 20, 10, 10]


def test_an_endpoint_that_rejects_everything_is_found_out_by_the_halves_of_one_batch() -> None:
    day = papers(300)
    model = rejecting(*(one.id for one in day))
    marked = run(model, day)
    assert set(marked.unscored.values()) == {"HTTP 400 content filter"}
    assert len(marked.unscored) == 300
    assert len(model.asked) <= 12 + 2 * 5
    assert any(len(ids_in(question)) == 1 for question in model.asked)


def test_a_server_error_is_put_down_to_a_paper_where_halves_can_tell() -> None:
    """A paper that is asked for alone is suspect only if another was marked before, and nothing is in later passes."""
    model = rejecting("2601.00013")
    run(model, papers(25), alone=frozenset({"2601.00020"}))
    first = [question for question in model.asked if question.about.startswith("pass 1")]
    assert [question.suspect for question in first if ids_in(question) == ["2601.00020"]] == [False]
    assert [question.suspect for question in first if ids_in(question) == ["2601.00013"]] == [True]
    assert all(question.suspect for question in first if len(ids_in(question)) > 1)
    assert not any(question.suspect for question in model.asked if question not in first)


def test_a_bad_second_pass_leaves_the_first_marks() -> None:
    asked = Counter[str]()

    def answer(question: Question[Any]) -> object:
        asked[question.about.split(",")[0]] += 1
        return honest(question) if question.about.startswith("pass 1") else NoAnswer("invalid", "bad", PAID)

    marked = run(Scripted(answer), papers(30))
    assert len(marked.verdicts) == 30
    assert asked == {"pass 1": 2, "pass 2": 1}
    assert marked.unscored == {}


@settings(max_examples=EXAMPLES)
@given(st.integers(0, 2**32), st.integers(1, 60))
def test_no_damage_puts_a_mark_on_the_wrong_paper(seed: int, count: int) -> None:
    """Random replies leave out an id, repeat one, invent one, swap or shorten them: each paper still has
    its own marks, or is unscored with a reason."""
    dice = random.Random(seed)

    def damaged(question: Question[Any]) -> object:
        marks: list[dict[str, Any]] = honest(question)["marks"]
        match dice.randrange(8):
            case 0:
                marks.pop(dice.randrange(len(marks)))
            case 1:
                marks.append(dict(dice.choice(marks), topic=dice.randrange(6)))
            case 2:
                marks.append(mark("9999.99999", topic=5))
            case 3:
                marks[dice.randrange(len(marks))]["id"] = "9999.99999"
            case 4:
                dice.shuffle(marks)
            case 5:
                marks[0]["id"] = marks[0]["id"] + "v2"
            case _:
                pass
        return {"marks": marks}

    day = papers(count)
    marked = run(Scripted(damaged), day)
    assert set(marked.verdicts) | set(marked.unscored) == {one.id for one in day}
    assert not set(marked.verdicts) & set(marked.unscored)
    for key, verdict in marked.verdicts.items():
        assert verdict.topic == true_topic(key)
        assert verdict.reason == f"about {key}"
    assert all(marked.unscored.values())


def test_a_prompt_never_passes_its_limit_of_tokens() -> None:
    model = Scripted(honest)
    run(model, [paper(f"2601.{n:05d}", abstract="word " * 20_000) for n in range(1, 11)])
    assert max(len(question.user) for question in model.asked) / 3.5 <= 80_000


def test_a_paper_within_the_limit_is_not_cut() -> None:
    model = Scripted(honest)
    run(model, papers(1))
    assert all(f"Abstract: {paper().abstract}\n" in question.user for question in model.asked)


def test_white_space_around_an_id_is_not_part_of_it() -> None:
    marked = run(Scripted(lambda q: {"marks": [mark(key, id=f" {key}\n") for key in ids_in(q)]}), papers(3))
    assert set(marked.verdicts) == {"2601.00001", "2601.00002", "2601.00003"}
    assert marked.unscored == {}


@pytest.mark.parametrize(
    "form",
    ["arXiv:{}v1", "{}v3", "arxiv:{}", "https://arxiv.org/abs/{}v1", "10.48550/arXiv.{}", "oai:arXiv.org:{}"],
)
def test_an_id_counts_in_each_form_that_papers_are_cited_by(form: str) -> None:
    model = Scripted(lambda q: {"marks": [mark(key, id=form.format(key)) for key in ids_in(q)]})
    marked = run(model, papers(3))
    assert {key: verdict.topic for key, verdict in marked.verdicts.items()} == {
        one.id: true_topic(one.id) for one in papers(3)
    }
    assert (marked.unscored, len(model.asked)) == ({}, 2)


def test_two_answers_for_one_id_are_an_error_in_whichever_form() -> None:
    def twice(question: Question[Any]) -> object:
        return {"marks": [mark(key, id=form) for key in ids_in(question) for form in (key, f"arXiv:{key}v2")]}

    marked = run(Scripted(twice), papers(1))
    assert marked.unscored == {"2601.00001": "more than one mark for 2601.00001"}


def test_the_id_of_an_entry_of_a_feed_is_compared_as_it_is() -> None:
    """One that ends like an arXiv paper's has to stay apart from that paper."""
    url = "blog.example.org/abs/2601.00001v1"
    posts = [paper("blog.example.org/a1"), paper(url), paper("2601.00001")]

    def honest_about(question: Question[Any]) -> object:
        topics = {"blog.example.org/a1": 1, url: 2, "2601.00001": 3}
        return {"marks": [mark(key, topic=topics[key]) for key in ids_in(question)]}

    verdicts = run(Scripted(honest_about), posts).verdicts
    assert {key: verdict.topic for key, verdict in verdicts.items()} == {
        "blog.example.org/a1": 1.0,
        url: 2.0,
        "2601.00001": 3.0,
    }
    changed = Scripted(lambda q: {"marks": [mark(f"{key}v1", topic=1) for key in ids_in(q)]})
    assert set(run(changed, posts[:1]).unscored) == {"blog.example.org/a1"}


def test_what_a_further_pass_says_of_exclusion_and_reason_does_not_count() -> None:
    def answer(question: Question[Any]) -> object:
        first = question.about.startswith("pass 1")
        other = {} if first else {"excluded": True, "reason": "another"}
        return {"marks": [mark(key, topic=3, **other) for key in ids_in(question)]}

    verdict = run(Scripted(answer), papers(1)).verdicts["2601.00001"]
    assert (verdict.excluded, verdict.reason, verdict.score, verdict.spread) == (
        False,
        "about 2601.00001",
        60,
        0.0,
    )


def test_of_equal_papers_those_that_rank_higher_are_marked_again() -> None:
    """The last id has rank 1, so that the first ten ids have ranks 30 to 21."""
    model = Scripted(lambda q: {"marks": [mark(key, topic=3) for key in ids_in(q)]})
    run(model, papers(30)[::-1])
    times = Counter(key for question in model.asked for key in ids_in(question))
    assert sorted(key for key, count in times.items() if count == 1) == [one.id for one in papers(10)]


def test_the_second_pass_is_shared_by_source() -> None:
    """All 30 entries of the feed score higher than arXiv's 30 papers, and take 10 of the 20 places."""
    posts = [paper(f"f{n}", signals={"blog.example.org/feed": Signal(day=DAY)}) for n in range(30)]
    model = Scripted(
        lambda q: {"marks": [mark(key, topic=3, substance=4 if key[0] == "f" else 3) for key in ids_in(q)]}
    )
    run(model, [*posts, *papers(30)])
    times = Counter(key for question in model.asked for key in ids_in(question))
    again = {key for key, count in times.items() if count == 2}
    assert again == {one.id for one in (*posts[:10], *papers(10))}


def test_a_long_profile_leaves_less_room_for_papers() -> None:
    """The profile takes 34,286 of 80,000 tokens, a paper more than 28,571: two would still fit without it."""
    profile = "words " * 20_000
    filled = replace(marker(Scripted(honest)), render_prompt=lambda block: (profile, block))
    day = [paper(f"2601.{n:05d}", abstract="word " * 20_000) for n in range(1, 11)]
    calls = filled.planned_prompts(day, frozenset())
    assert max(estimate_tokens(system + user) for system, user, _ in calls) <= 80_000
    assert [count for _, _, count in calls] == [1] * 20


SEEDS, COUNTS = st.integers(0, 2**32), st.integers(1, 30)


def noisy(seed: int, *, by_pass: bool) -> Scripted:
    """Marks that are drawn for each paper, and with `by_pass` anew in each pass; a tenth is excluded."""

    def answer(question: Question[Any]) -> object:
        marks = []
        for key in ids_in(question):
            dice = random.Random(f"{seed}/{key}/{question.about.split(',')[0] if by_pass else ''}")
            values = {name: dice.randrange(6) for name in ("topic", "transfer", "substance")}
            marks.append(mark(key, **values, excluded=dice.randrange(10) == 0))
        return {"marks": marks}

    return Scripted(answer)


@settings(max_examples=EXAMPLES // 2)
@given(SEEDS, COUNTS, st.randoms(use_true_random=False), st.integers(1, 25), st.booleans())
def test_no_order_batch_or_company_changes_a_verdict(
    seed: int, count: int, dice: random.Random, batch: int, by_pass: bool
) -> None:
    """Marks here depend on paper and pass alone; then verdicts do so too, `isolated` calls included."""
    given_ = papers(count)
    ranks = {one.id: rank for rank, one in enumerate(given_, start=1)}
    shuffled = dice.sample(given_, count)
    alone = frozenset(one.id for one in given_ if dice.random() < 0.2)
    plain = marker(noisy(seed, by_pass=by_pass))
    other = replace(
        plain, model=noisy(seed, by_pass=by_pass), seed=str(dice.random()), scoring=Scoring(batch=batch)
    )
    found = asyncio.run(plain.mark(given_, ranks, frozenset()))
    again = asyncio.run(other.mark(shuffled, ranks, alone))
    assert again.verdicts == found.verdicts


@settings(max_examples=EXAMPLES // 2)
@given(SEEDS, COUNTS, st.integers(1, 100), st.integers(0, 4))
def test_gates_hold_through_all_passes_and_no_pass_is_wasted(
    seed: int, count: int, threshold: int, picks: int
) -> None:
    """An excluded paper and one whose averaged topic is below 2.5 stay below the threshold; at most 20 in the second pass."""
    model = noisy(seed, by_pass=True)
    scorer = replace(marker(model, picks=picks), threshold=threshold)
    given_ = papers(count)
    found = asyncio.run(scorer.mark(given_, {one.id: 1 for one in given_}, frozenset())).verdicts
    assert set(found) == {one.id for one in given_}
    for verdict in found.values():
        assert verdict.score is not None
        if verdict.excluded or (verdict.topic or 0) < 2.5:
            assert verdict.score < threshold
        if verdict.excluded or (verdict.topic or 0) < 1.5:
            assert verdict.score <= 35
    planned = scorer.planned_prompts(given_, frozenset())
    assert len(model.asked) <= len(planned), "the estimate is an upper bound"
    assert sum(len(ids_in(question)) for question in model.asked) <= sum(size for _, _, size in planned)
    second = [q for q in model.asked if q.about.startswith("pass 2")]
    assert sum(len(ids_in(question)) for question in second) <= 20
    assert all(count == 1 for key, count in times_marked(model).items() if found[key].excluded)


@settings(max_examples=EXAMPLES // 2)
@given(SEEDS, COUNTS, st.sampled_from(["topic", "transfer", "substance"]), st.integers(1, 5))
def test_a_higher_mark_never_lowers_a_score_and_moves_no_other_paper(
    seed: int, count: int, name: str, more: int
) -> None:
    """The model's marks are the same in each pass, so that averages are theirs."""
    target = f"2601.{seed % count + 1:05d}"

    def raised(question: Question[Any]) -> object:
        answer = noisy(seed, by_pass=False).answer(question)
        assert isinstance(answer, dict)
        for one in answer["marks"]:
            one[name] = min(5, one[name] + more * (one["id"] == target))
        return answer

    before = run(noisy(seed, by_pass=False), papers(count)).verdicts
    after = run(Scripted(raised), papers(count)).verdicts
    assert (after[target].score or 0) >= (before[target].score or 0)
    assert all(after[key].score == before[key].score for key in before if key != target)
