"""Makes `noto-sans-cjk.woff2` and `any.woff2`; README.md says when and how. fontTools is not among our packages."""
# mypy: ignore-errors

import sys
from pathlib import Path

from fontTools import subset, ttLib
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib.tables._c_m_a_p import CmapSubtable

VENDOR = Path(__file__).parent
ROOT = VENDOR.parents[2]
FOLDERS = ("pipeline/report", "pipeline/archive", "tests/report", "tests/golden")
KANA_AND_PUNCTUATION = (*range(0x3001, 0x3018), *range(0x3041, 0x3100), *range(0xFF01, 0xFF5F))
EVERYTHING = [code for code in range(0x20, 0x110000) if not 0xD800 <= code < 0xE000]

# What may follow a sign. After the second one Chromium asks for an emoji font, unless a font it has takes the pair.
AS_TEXT, AS_EMOJI = 0xFE0E, 0xFE0F


def add(font: ttLib.TTFont, form: int, encoding: tuple[int, int, int], **fields) -> None:
    """A table of signs of the kinds that fontTools reads and writes but does not make by itself."""
    table = CmapSubtable.newSubtable(form)
    table.platformID, table.platEncID, table.language = encoding
    vars(table).update({"format": form, "reserved": 0, "length": 0, "cmap": {}} | fields)
    font["cmap"].tables.append(table)
    font["cmap"].tables.sort(key=lambda one: (one.platformID, one.platEncID))


def cjk(source: str) -> ttLib.TTFont:
    """The signs that pages, locales and tests have; `halt` is what narrows punctuation beside punctuation."""
    files = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*")]
    texts = [path.read_text("utf-8") for path in files if path.suffix in {".toml", ".py", ".j2", ".md"}]
    codes = {ord(sign) for text in texts for sign in text if ord(sign) > 0x2030} | {*KANA_AND_PUNCTUATION}
    font = subset.load_font(source, subset.Options(font_number=2))
    kept = {"layout_features": ["halt"], "name_IDs": [0, 1, 2, 13, 14]}
    subsetter = subset.Subsetter(subset.Options(hinting=False, desubroutinize=True, **kept))
    subsetter.populate(unicodes=codes)
    subsetter.subset(font)
    add(font, 14, (0, 5, 0xFF), uvsDict={AS_EMOJI: [(ord("⚠"), None)]})
    return font


def boxes() -> ttLib.TTFont:
    """One box for every sign: a table of format 13 gives many signs one glyph."""
    pen = TTGlyphPen(None)
    for first, *others in (
        ((60, -60), (60, 820), (940, 820), (940, -60)),
        ((120, 0), (880, 0), (880, 760), (120, 760)),
    ):
        pen.moveTo(first)
        for corner in others:
            pen.lineTo(corner)
        pen.closePath()
    glyphs = (".notdef", "box")
    made = FontBuilder(1000)
    made.setupGlyphOrder([*glyphs])
    made.setupCharacterMap({})
    made.setupGlyf(dict.fromkeys(glyphs, pen.glyph()))
    made.setupHorizontalMetrics(dict.fromkeys(glyphs, (1000, 60)))
    made.setupHorizontalHeader(ascent=880, descent=-120)
    made.setupNameTable({"familyName": "Any", "styleName": "Regular"})
    made.setupOS2(sTypoAscender=880, sTypoDescender=-120, usWinAscent=880, usWinDescent=120)
    made.setupPost()
    pairs = [(code, None) for code in EVERYTHING if code < 0x20000]
    add(made.font, 13, (3, 10, 0), cmap=dict.fromkeys(EVERYTHING, "box"))
    add(made.font, 14, (0, 5, 0xFF), uvsDict={AS_TEXT: pairs, AS_EMOJI: pairs})
    return made.font


def save(font: ttLib.TTFont, name: str) -> None:
    font.flavor = "woff2"
    font.save(VENDOR / name)


if __name__ == "__main__":
    save(cjk(sys.argv[1]), "noto-sans-cjk.woff2")
    save(boxes(), "any.woff2")
