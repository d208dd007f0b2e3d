"""Accents and letters in TeX notation; the letters by Unicode's names."""

from __future__ import annotations

import pytest

from pipeline.core.tex_letters import tex_letters


@pytest.mark.parametrize(
    ("tex", "letters"),
    [
        (r"G\"odel, Schr\"{o}der, {\"U}nal, na\"{\i}ve", "Gödel, Schröder, Ünal, naïve"),
        (r"Poincar\'e, \`a la, ma\^{\i}tre, ni\~no, \=a, \.Zak", "Poincaré, à la, maître, niño, ā, Żak"),
        (r"\v{C}apek, Erd\H{o}s, \u{g}, Fran\c{c}ois, \k{e}, \r{A}, Vi\d{\^e}t", "Čapek, Erdős, ğ, François, ę, Å, Việt"),
        (r"Fran\c cois, {\c C}elik, Ji\v r\'i", "François, Çelik, Jiří"),
        (r"S{\o}ren, S\o ren, {\L}\'od\'z, \O rsted, \AA ngstr\"om, Stra\ss e, \ae{}on", "Søren, Søren, Łódź, Ørsted, Ångström, Straße, æon"),
        (r"m\"{u}\ss{}en {\aa} {\th}", "müßen å þ"),
        # No letters
        (r"regex \d+, \b{x}, \b\w, \v or \u0041, \c x", r"regex \d+, \b{x}, \b\w, \v or \u0041, \c x"),
        (r"it\'s, we\'re, I\'ll", r"it\'s, we\'re, I\'ll"),
        (r"\b{eta} C:\old \oo \'5 \"", r"\b{eta} C:\old \oo \'5 \""),
    ],
    ids=lambda text: text[:20],
)  # fmt: skip
def test_accents_and_letters(tex: str, letters: str) -> None:
    assert tex_letters(tex) == letters
