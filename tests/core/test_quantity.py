"""Numbers with their nouns, and lists that are cut."""

from pipeline.core.quantity import first_of, quantity


def test_only_one_is_singular() -> None:
    assert [quantity(n, "vote") for n in (0, 1, 2, 21)] == ["0 votes", "1 vote", "2 votes", "21 votes"]
    assert [quantity(n, "of its papers is", "of its papers are") for n in (1, 2)] == [
        "1 of its papers is",
        "2 of its papers are",
    ]


def test_a_list_is_cut_only_where_something_is_left() -> None:
    assert first_of(["a", "b"], 2) == "a, b"
    assert first_of(["a", "b", "c"], 2) == "a, b …"
    assert first_of([]) == ""
