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
