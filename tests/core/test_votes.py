"""The file of votes: what it holds comes back, and each issue stands in it once, in the order of the issues."""

import datetime as dt

import pytest

from pipeline.core.votes import Vote, dumps, loads, merged, standing

DAY = dt.date(2026, 1, 30)


def vote(issue: int, paper: str = "2601.00001", verdict: str = "more") -> Vote:
    return Vote.model_validate({"date": DAY, "paper": paper, "verdict": verdict, "issue": issue})


def test_the_file_is_read_as_it_was_written():
    text = "date\tpaper\tverdict\tissue\n2026-01-30\t2601.00001\tmore\t7\n2026-01-30\tcs/0001001\tclear\t9\n"
    assert loads(text) == (vote(7), vote(9, "cs/0001001", "clear"))
    assert dumps(loads(text)) == text
    assert loads("") == ()


@pytest.mark.parametrize(
    "line", ["2026-01-30\tx\tmore", "2026-01-30\tx\tlove\t1", "x\tx\tmore\t1", "2026-01-30\tx\tmore\t-1"]
)
def test_a_line_that_is_no_vote_is_an_error(line):
    with pytest.raises(ValueError):
        loads("date\tpaper\tverdict\tissue\n" + line + "\n")


def test_an_issue_is_counted_once_as_it_is_committed():
    committed = (vote(3), vote(8, "2601.00002"))
    read = (vote(5, verdict="less"), vote(8, "2601.00002", "less"), vote(9))
    assert [(v.issue, v.verdict) for v in merged(committed, read)] == [
        (3, "more"),
        (5, "less"),
        (8, "more"),
        (9, "more"),
    ]
    assert merged(merged(committed, read), read) == merged(committed, read)


def test_no_committed_line_is_lost_even_if_a_hand_wrote_it():
    by_hand = (vote(0), vote(0, "2601.00002"))
    assert set(by_hand) <= set(merged(by_hand, [vote(1)]))


def test_the_last_vote_of_a_paper_stands_and_clear_takes_it_back():
    votes = (vote(1), vote(2, "2601.00002"), vote(3, verdict="less"), vote(4, "2601.00002", "clear"))
    assert standing(votes) == (vote(3, verdict="less"),)
