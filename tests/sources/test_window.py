"""Which days a night asks for, and how far a source is read after it. Expected results are worked out by hand."""

from __future__ import annotations

import datetime as dt

import pytest

from pipeline.sources.window import Window, progress, ranges


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(f"2026-{text}")


def days(text: str) -> list[dt.date]:
    return [day(one) for one in text.split()]


def window(date: str, *, watermark: str = "", read: str = "", name: str = "arxiv") -> Window:
    through = {name: day(watermark)} if watermark else {}
    return Window(date=day(date), past=False, through=through, read={name: days(read)})


# 2026-02-02 is a Monday.
@pytest.mark.parametrize(
    ("date", "watermark", "read", "expected"),
    [
        ("02-05", "02-04", "", None),
        ("02-05", "", "", None),  # never read: the digest begins with its own day
        ("02-09", "02-06", "", None),  # nothing but a weekend
        ("02-06", "02-04", "", "02-03 02-06"),  # the 4th once more, and the 5th
        ("02-06", "02-03", "02-04", "02-03 02-06"),
        ("02-06", "02-03", "02-04 02-05", None),
        ("02-10", "02-08", "", "02-05 02-10"),  # a watermark on Sunday: Friday once more, and Monday
        ("02-20", "02-05", "", "02-11 02-20"),  # the 13th at the earliest
    ],
)
def test_the_harvest_goes_over_the_last_day_again(
    date: str, watermark: str, read: str, expected: str | None
) -> None:
    found = window(date, watermark=watermark, read=read).missed_range()
    assert found == (expected and tuple(days(expected)))


@pytest.mark.parametrize(
    ("date", "watermark", "read", "after", "first_failure", "lost"),
    [
        ("02-05", "02-04", "02-05", "02-05", "", ""),  # as every night
        ("02-05", "02-04", "", "02-04", "02-05", ""),  # stale, empty, failed
        ("02-06", "02-04", "02-06", "02-04", "02-06", ""),  # Thursday is missing still
        ("02-06", "02-04", "02-05 02-06", "02-06", "", ""),  # and is had
        ("02-06", "02-04", "02-05", "02-05", "02-06", ""),
        ("02-09", "02-06", "02-09", "02-09", "", ""),  # a weekend is no gap
        ("02-08", "02-06", "", "02-06", "", ""),  # unread on a Sunday
        ("02-12", "02-04", "02-06 02-09 02-10 02-11 02-12", "02-04", "02-12", ""),  # a week
        ("02-13", "02-04", "02-06 02-09 02-10 02-11 02-12 02-13", "02-13", "", "02-05"),  # no longer
        ("02-17", "02-04", "02-17", "02-09", "02-17", "02-05 02-06 02-09"),
        ("03-31", "02-04", "03-31", "03-23", "03-31", "whatever"),  # 55 days
        ("04-30", "02-04", "04-30", "04-22", "04-30", ""),  # nothing ran for months
    ],
)
def test_a_day_that_is_not_read_stops_the_watermark_for_a_week_and_is_named_once(
    date: str, watermark: str, read: str, after: str, first_failure: str, lost: str
) -> None:
    found = progress(window(date, watermark=watermark), "arxiv", days(read), day(watermark), None)
    assert found.watermark == day(after)
    assert found.first_failure == (day(first_failure) if first_failure else None)
    assert lost == "whatever" or list(found.lost) == days(lost)
    assert (lost == "whatever") <= bool(found.lost)
    again = progress(
        window(date, watermark=f"{found.watermark:%m-%d}"), "arxiv", days(read), found.watermark, None
    )
    assert again.lost == ()


def test_a_source_that_was_never_read_is_complete_up_to_no_day() -> None:
    first = progress(window("02-05"), "arxiv", [], None, None)
    assert (first.watermark, first.first_failure) == (None, day("02-05"))
    for date in ("02-06", "02-09"):  # the ledger counts from the day before the first failure
        later = progress(window(date, watermark="02-04"), "arxiv", days(date), None, day("02-05"))
        assert (later.watermark, later.first_failure) == (None, day("02-05"))
    caught = progress(
        window("02-09", watermark="02-04"), "arxiv", days("02-05 02-06 02-09"), None, day("02-05")
    )
    assert (caught.watermark, caught.first_failure) == (day("02-09"), None)


def test_a_first_night_that_proves_nothing_is_where_the_next_one_goes_on() -> None:
    """Hugging Face's list of the first digest's own day is complete only on the next."""
    first = progress(window("02-05", name="huggingface"), "huggingface", [], None, None)
    assert (first.watermark, first.first_failure) == (None, day("02-05"))
    read = progress(window("02-05", name="huggingface"), "huggingface", days("02-04 02-05"), None, None)
    assert (read.watermark, read.first_failure) == (day("02-04"), None)


def test_hugging_face_is_complete_up_to_the_day_before() -> None:
    known = window("02-06", watermark="02-04", name="huggingface")
    assert progress(known, "huggingface", days("02-05 02-06"), day("02-04"), None).watermark == day("02-05")
    assert progress(known, "huggingface", days("02-06"), day("02-04"), None).watermark == day("02-04")
    late = window("02-13", watermark="02-04", name="huggingface")
    assert min(late.huggingface_days()) == day("02-06")
    found = progress(late, "huggingface", late.huggingface_days(), day("02-04"), None)
    assert list(found.lost) == days("02-05"), "what was not asked for any more"


def test_days_are_named_as_ranges() -> None:
    assert ranges(days("02-05 02-06 02-09 02-11")) == ["2026-02-05 to 2026-02-09", "2026-02-11"]
    assert ranges([]) == []


def test_biorxiv_has_papers_on_weekends_too() -> None:
    """The 7th and the 8th of February 2026 are a Saturday and a Sunday."""
    monday = window("02-09", watermark="02-06", name="biorxiv")
    unread = progress(monday, "biorxiv", [], day("02-06"), None)
    assert (unread.watermark, unread.first_failure) == (day("02-06"), day("02-09"))
    assert progress(monday, "biorxiv", days("02-07"), day("02-06"), None).watermark == day("02-07")
    read = progress(monday, "biorxiv", days("02-07 02-08"), day("02-06"), None)
    assert (read.watermark, read.first_failure) == (day("02-08"), None)
    late = progress(window("02-16", watermark="02-06", name="biorxiv"), "biorxiv", [], day("02-06"), None)
    assert (late.watermark, late.lost) == (day("02-08"), (day("02-07"), day("02-08")))
