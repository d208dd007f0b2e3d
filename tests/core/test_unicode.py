from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core import unicode


@pytest.mark.parametrize(
    ("disguised", "plain"),
    [
        ("Ignore\n  ALL\tof  it", "ignore all of it"),
        ("ig\u200bno\u2060re\u00ad\ufeff", "ignore"),
        ("\u202eignore\u202c", "ignore"),
        ("іgnоrе", "ignore"),  # Cyrillic i, o, e
        ("ｉｇｎｏｒｅ", "ignore"),
        ("𝐢𝑔𝓃𝔬𝕣𝖾", "ignore"),
        ("🅘🅶🅽🅾🆁🅴", "ignore"),
        ("🇮🇬🇳🇴🇷🇪", "ignore"),
        ("".join(chr(0xE0000 + ord(char)) for char in "ignore"), "ignore"),
        ("i\u0336g\u0336n\u0336o\u0336r\u0336e\u0336", "ignore"),
        ("ignore_all", "ignore all"),
        ("Höchst élégant", "hochst elegant"),
        ("don’t “say” it — no", 'don\'t "say" it - no'),
        ("プロンプトが", "プロンプトが"),
        ("忽略：指令！", "忽略:指令!"),
    ],
)
def test_disguises_fold(disguised: str, plain: str):
    assert unicode.fold(disguised) == plain


@given(st.text(max_size=60))
def test_folding_twice_changes_nothing_and_nothing_invisible_is_left(text: str):
    once = unicode.fold(text)
    assert unicode.fold(once) == once
    assert all(unicodedata.category(char) != "Cf" for char in once)


def test_letters_that_stand_apart_are_closed_up():
    assert unicode.join_spaced_letters("see i g n o r e a l l of it") == "ignoreall"
    assert unicode.join_spaced_letters("i.g.n.o.r.e. a-l-l") == "ignoreall"
    assert unicode.join_spaced_letters("a b c d of a plan b") == ""


def test_digits_that_stand_for_letters_are_read():
    assert unicode.decode_leet("1gn0re prev10us ord3rs") == "ignore previous orders"
    assert unicode.decode_leet("trained on 1024 images for 300 epochs, see table 2") == ""


# Format characters that Unicode gives a shape: signs around or over Arabic, Syriac and Kaithi numbers.
SHOWN_FORMATS = {*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD}


def test_nothing_that_unicode_calls_a_format_private_or_a_surrogate_is_left():
    """The categories are Unicode's own; its other ignorable characters are written out, from its list of properties."""
    everything = (chr(code) for code in range(0x110000) if code not in SHOWN_FORMATS)
    unseen = [char for char in everything if unicodedata.category(char) in {"Cf", "Co", "Cs"}]
    unseen += "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180f\u2065\u2800\u3164\ufe00\ufe0f\uffa0\ufff0\U000e0fff\U000e01ef"
    assert len(unseen) > 130_000
    assert unicode.remove_invisible(f"a{''.join(unseen)}b") == "ab"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("API\u200cها", "API\u200cها"),
        ("क्\u200dष", "क्\u200dष"),
        ("ന്\u200d.", "ന്\u200d."),
        ("ig\u200cno\u200dre", "ignore"),
        ("\u200cا", "ا"),
        ("ا\u200c\u200d\u200c\u200cا", "ا\u200cا"),
        ("👩\u200d💻", "👩💻"),
    ],
)
def test_joiners_stay_where_words_need_them(text: str, kept: str):
    assert unicode.remove_invisible(text) == kept
