from __future__ import annotations

import gzip
import hashlib
import json
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.config.profile import load_profile
from pipeline.core.models import Paper
from pipeline.scoring import bm25, metrics
from pipeline.scoring.bm25 import Ranked
from tests.builders import paper

ROOT = Path(__file__).parents[2]
SENTENCES = (ROOT / "bench" / "profiles" / "restoration.md").read_text(encoding="utf-8")


def judged_days() -> dict[str, list[tuple[Paper, int]]]:
    """The four days whose 444 papers were all graded 0-3."""
    days: dict[str, list[tuple[Paper, int]]] = {}
    with gzip.open(ROOT / "tests" / "feeds" / "judged_days.jsonl.gz", "rt", encoding="utf-8") as file:
        for line in file:
            raw = json.loads(line)
            one = paper(raw["id"], title=raw["title"], abstract=raw["abstract"])
            days.setdefault(raw["announced"], []).append((one, raw["judged_0_3"]))
    return days


DAYS = judged_days()


def ndcg_by_day(query: bm25.Query) -> list[float]:
    values = []
    for rows in DAYS.values():
        grade = {one.id: grade for one, grade in rows}
        order = [grade[ranked.id] for ranked in bm25.rank([one for one, _ in rows], query)]
        value = metrics.ndcg(order, 10)
        assert value is not None
        values.append(value)
    return values


def test_a_score_worked_out_by_hand():
    # A has the terms noise 2, "noise noise" 1, deblurring 2 (title): length 5. B has noise 1, detection 2: 3.
    # idf(deblurring) = ln(1 + 1.5/1.5) = .693147, idf(noise) = ln(1 + 0.5/2.5) = .182322, mean length 4.
    # A: tf 2 twice, 2 · 2.2 / (2 + 1.2 · (.25 + .75 · 5/4)) = 4.4/3.425 = 1.284672 of each idf.
    # B: 2.2 / (1 + 1.2 · (.25 + .75 · 3/4)) = 2.2/1.975 = 1.113924 of idf(noise).
    papers = [
        paper("B", title="Detection", abstract="Noise."),
        paper("A", title="Deblurring", abstract="Noise, noise!"),
    ]
    first, second = bm25.rank(papers, bm25.build_query("deblurring noise", [], []))
    assert (first.id, first.rank, second.id, second.rank) == ("A", 1, "B", 2)
    assert first.score == pytest.approx(1.284672 * (0.693147 + 0.182322), abs=1e-5)
    assert second.score == pytest.approx(1.113924 * 0.182322, abs=1e-5)
    assert (first.shared, second.shared) == (("deblurring", "noise"), ("noise",))


def test_the_query_counts_words_and_pairs_across_stop_words():
    query = bm25.build_query("State of the art deblurring; deblurring.", ["Deblurring"], [])
    assert query == {
        "state": 1,
        "art": 1,
        "deblurring": 3,
        "state art": 1,
        "art deblurring": 1,
        "deblurring deblurring": 1,
    }


def test_addresses_are_no_words_of_a_paper_nor_of_a_profile():
    abstract = "Code (github.com/robots/hands) and https://robots.com/x, vision and/or touch, mAP.5/mAP.95, model.com."
    (one,) = bm25.rank([paper("1", title="Grasping", abstract=abstract)], bm25.build_query(abstract, [], []))
    words = {term for term in one.shared if " " not in term}
    assert words == {"code", "vision", "touch", "map", "95", "model", "com"}
    only_addresses = paper("1", title="T", abstract="github.com/robots, http://robots.com")
    assert bm25.count_shared_terms([only_addresses], {"com": 1.0, "robots": 1.0}) == 0


def test_single_letters_are_no_words():
    assert bm25.build_query("X-ray and CT, k = 3", [], []) == {"ray": 1, "ct": 1, "ray ct": 1}


def test_keywords_do_not_pair_with_each_other():
    assert bm25.build_query("", ["super-resolution", "dehazing"], []).keys() == {
        "super",
        "resolution",
        "super resolution",
        "dehazing",
    }


def test_avoided_phrases_leave_the_query_and_their_words_stay_elsewhere():
    query = bm25.build_query(
        "Computational imaging, and medical imaging of the brain.",
        ["segmentation"],
        ["medical imaging", "Segmentation"],
    )
    assert query == {"computational": 1, "imaging": 1, "computational imaging": 1, "brain": 1}


def test_accents_fold_and_do_not_split_words():
    found = bm25.rank(
        [paper("1", title="Schrodinger bridges for Łódź", abstract="")],
        bm25.build_query("Schrödinger, ŁÓDŹ", [], []),
    )
    assert found[0].shared == ("lodz", "schrodinger")


def test_text_without_latin_letters_has_no_term():
    assert bm25.build_query("图像修复与超分辨率", ["视频"], []) == {}


def test_nothing_to_rank_and_nothing_to_look_for():
    query = bm25.build_query("deblurring", [], [])
    assert bm25.rank([], query) == ()
    assert bm25.count_shared_terms([], query) == 0
    blank = [paper("2", title="", abstract=""), paper("1", title="的", abstract="")]
    assert [(r.id, r.score, r.shared) for r in bm25.rank(blank, query)] == [("1", 0.0, ()), ("2", 0.0, ())]
    papers = [paper(name) for name in ("3", "1", "2")]
    assert [r.id for r in bm25.rank(papers, bm25.build_query("", [], []))] == ["1", "2", "3"]


def test_equal_papers_stand_in_the_order_of_their_ids():
    same = [paper(name, title="Deblurring", abstract="Blur.") for name in ("2601.3", "2601.1", "2601.2")]
    ranked = bm25.rank(same, bm25.build_query("deblurring", [], []))
    assert [r.id for r in ranked] == ["2601.1", "2601.2", "2601.3"]
    assert len({r.score for r in ranked}) == 1


@pytest.mark.parametrize("seed", range(5))
def test_the_order_papers_come_in_changes_nothing(seed: int):
    papers = [one for one, _ in DAYS["2026-01-28"]]
    liked = [one for one, grade in DAYS["2026-01-27"] if grade == 3]
    query = bm25.build_query(SENTENCES, [], [])
    shuffled = random.Random(seed).sample(papers, len(papers))
    assert bm25.rank(shuffled, query, liked) == bm25.rank(papers, query, liked)


def test_ranks_count_from_one_without_a_gap():
    ranked = bm25.rank([one for one, _ in DAYS["2026-01-29"]], bm25.build_query(SENTENCES, [], []))
    assert [r.rank for r in ranked] == list(range(1, 74))
    assert [r.score for r in ranked] == sorted((r.score for r in ranked), reverse=True)


def test_a_word_that_every_paper_has_still_counts_for_a_little():
    papers = [paper("1", title="Image", abstract="image"), paper("2", title="Image", abstract="x y")]
    assert all(r.score > 0 for r in bm25.rank(papers, bm25.build_query("image", [], [])))


def test_liked_papers_raise_what_is_like_them_but_are_not_named():
    papers = [
        paper("1", title="Rain removal with a lattice", abstract="We remove rain streaks with lattices."),
        paper("2", title="Rain in the forecast", abstract="We forecast rain."),
        paper("3", title="Counting cars", abstract="We count cars on highways."),
    ]
    query = bm25.build_query("forecast of rain", [], [])
    assert bm25.rank(papers, query)[0].id == "2"
    liked = [paper("9", title="Lattice streaks", abstract="Streaks and lattices: removal of rain streaks.")]
    ranked = bm25.rank(papers, query, liked)
    assert [r.id for r in ranked] == ["1", "2", "3"]
    assert ranked[0].shared == ("rain",)


def test_liked_papers_that_share_nothing_with_the_day_change_nothing():
    papers = [one for one, _ in DAYS["2026-01-29"]]
    query = bm25.build_query(SENTENCES, [], [])
    liked = [paper("9", title="Zymurgy", abstract="Quokkas brew kvass.")]
    assert bm25.rank(papers, query, liked) == bm25.rank(papers, query)


def test_words_of_liked_papers_that_the_day_lacks_take_no_place_from_those_it_has():
    papers = [paper("1", title="Counting cars", abstract=""), paper("2", title="Rain", abstract="")]
    liked = [paper("9", title="Rain", abstract=" ".join(f"unknown{n}" for n in range(100)))]
    first, second = bm25.rank(papers, bm25.build_query("", [], []), liked)
    assert (first.id, second.id) == ("2", "1")
    assert first.score > second.score == 0


def test_votes_worked_out_by_hand():
    """The papers of the first test, whose idf and factors it gives; the best score is 1.284672 · .875469 = 1.124690.

    "noise" weighs 1/(1 + 5) for the wanted paper, "detection" -0.5/(1 + 5) for the unwanted one. Of "detection" B has tf
    2: 4.4 / (2 + 1.2 · (.25 + .75 · 3/4)) = 1.478992, and its idf is that of "deblurring".
    """
    papers = [
        paper("B", title="Detection", abstract="Noise."),
        paper("A", title="Deblurring", abstract="Noise, noise!"),
    ]
    query = bm25.build_query("deblurring noise", [], [])
    own = {one.id: one.score for one in bm25.rank(papers, query)}
    wanted, unwanted = paper("7", title="Noise", abstract=""), paper("8", title="Detection", abstract="")
    moved = {"A": 1.284672 * 0.182322 / 6, "B": 1.113924 * 0.182322 / 6 - 0.5 * 1.478992 * 0.693147 / 6}
    for cap, scale in ((1.0, 1.0), (0.01, 0.01 * 1.124690 / -moved["B"])):
        ranked = bm25.rank(papers, query, votes=bm25.Votes([wanted], [unwanted], cap))
        assert {one.id: one.score - own[one.id] for one in ranked} == pytest.approx(
            {key: value * scale for key, value in moved.items()}, abs=1e-5
        )
        assert {one.id: one.shared for one in ranked} == {"A": ("deblurring", "noise"), "B": ("noise",)}


def test_votes_raise_what_is_like_the_wanted_and_lower_what_is_like_the_unwanted():
    papers = [
        paper("1", title="Removing rain from photographs", abstract="Rain in photographs, removed."),
        paper("2", title="Removing rain by radar", abstract="Rain on radar, removed."),
        paper("3", title="Counting cars", abstract="We count cars on highways."),
    ]
    query = bm25.build_query("removing rain", [], [])
    photographs, radar = paper("8", title="Photographs"), paper("9", title="Radar", abstract="")
    for more, less, first in (
        ((photographs,), (), "1"),
        ((), (photographs,), "2"),
        ((radar,), (photographs,), "2"),
    ):
        assert bm25.rank(papers, query, votes=bm25.Votes(more, less, 0.4))[0].id == first


def test_without_votes_the_ranking_is_the_one_of_before_there_were_any():
    """The hash is of the rankings that the program made before it knew of votes."""
    query = bm25.build_query(SENTENCES, [], [])
    liked = [one for one, grade in DAYS["2026-01-27"] if grade == 3]
    rankings = "\n".join(
        f"{r.id} {r.score:.6f} {r.rank} {r.shared}"
        for day in ("2026-01-29", "2026-01-30")
        for examples in ((), liked)
        for r in bm25.rank([one for one, _ in DAYS[day]], query, examples, bm25.Votes(cap=0.4))
    )
    assert hashlib.sha256(rankings.encode()).hexdigest()[:16] == "2f1962b4259b6888"


@settings(max_examples=15)
@given(st.sets(st.integers(0, 443), max_size=12), st.sets(st.integers(0, 443), max_size=12), st.floats(0, 1))
def test_votes_move_no_score_further_than_the_cap(more: set[int], less: set[int], cap: float) -> None:
    """So the profile's best paper gives way to none that had less than 1 - 2 · cap of its score."""
    everyone = [one for rows in DAYS.values() for one, _ in rows]
    papers, query = everyone[150:190], bm25.build_query(SENTENCES, [], [])
    own = {one.id: one.score for one in bm25.rank(papers, query)}
    best = max(own, key=lambda key: own[key])
    votes = bm25.Votes([everyone[n] for n in more], [everyone[n] for n in less], cap)
    ranked = bm25.rank(papers, query, votes=votes)
    assert all(abs(one.score - own[one.id]) <= cap * own[best] + 1e-9 for one in ranked)
    before = [own[one.id] for one in ranked[: [one.id for one in ranked].index(best)]]
    assert all(score >= (1 - 2 * cap) * own[best] - 1e-9 for score in before)


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_votes_changes_nothing(seed: int):
    papers, query = [one for one, _ in DAYS["2026-01-28"]], bm25.build_query(SENTENCES, [], [])
    voted = [one for one, _ in DAYS["2026-01-27"]][:30]
    shuffled = random.Random(seed).sample(voted[:15], 15), random.Random(seed).sample(voted[15:], 15)
    assert bm25.rank(papers, query, votes=bm25.Votes(*shuffled, 0.4)) == bm25.rank(
        papers, query, votes=bm25.Votes(voted[:15], voted[15:], 0.4)
    )


def test_votes_on_a_day_that_shares_no_word_with_the_profile_change_nothing():
    """Nothing is known to be near to the reader there, so that a share of the best score is nothing."""
    papers = [one for one, _ in DAYS["2026-01-29"]]
    query = bm25.build_query("图像修复", [], [])
    assert bm25.rank(papers, query, votes=bm25.Votes(papers[:9], papers[9:12], 0.4)) == bm25.rank(
        papers, query
    )


def test_terms_shared_with_the_day_are_counted_once():
    papers = [
        paper("1", title="Blind deblurring", abstract="deblurring"),
        paper("2", title="Deblurring", abstract=""),
    ]
    assert bm25.count_shared_terms(papers, bm25.build_query("blind deblurring of photographs", [], [])) == 3


def test_order_on_the_judged_days_is_no_worse_than_the_gate():
    """The recorded value is .90 (docs/scoring.md); four days are few, so the gate stands well below."""
    values = ndcg_by_day(bm25.build_query(SENTENCES, [], []))
    assert len(values) == 4
    assert sum(values) / 4 >= 0.80
    assert min(values) >= 0.70


def test_order_for_the_shipped_profile():
    """It wants other things as well (sampling, video), so the grades fit it less."""
    profile = load_profile(ROOT / "prompts", "cv-restoration", languages=frozenset({"zh-CN", "en", "ja"}))
    query = bm25.build_query(profile.prose, profile.settings.keywords, profile.settings.avoid)
    values = ndcg_by_day(query)
    assert sum(values) / 4 >= 0.80
    assert bm25.count_shared_terms([one for one, _ in DAYS["2026-01-29"]], query) >= 20


def test_papers_stand_out_by_three_times_the_median_of_their_day() -> None:
    for scores, expected in (
        ((30.0, 12.0, 11.9, 4.0, 4.0, 1.0, 0.0), {"p1", "p2"}),  # the median is 4
        ((9.0, 8.0, 7.0, 6.0), set()),  # a day of equals: 7.5
    ):
        ranked = [Ranked(f"p{n}", score, n, ()) for n, score in enumerate(scores, 1)]
        assert bm25.stands_out(ranked) == expected
    assert bm25.stands_out([]) == frozenset()


def test_a_term_of_more_than_a_fifth_of_the_papers_is_common() -> None:
    shared = [("often", "now and then"), ("often",), ("once",), *((),) * 7]
    ranked = [Ranked(f"p{n}", 1.0, n, terms) for n, terms in enumerate(shared, 1)]
    assert bm25.common_terms(ranked) == frozenset()
    assert bm25.common_terms(ranked[:9]) == {"often"}
