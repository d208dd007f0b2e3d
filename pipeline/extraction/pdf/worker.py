"""Open a PDF and write its runs of text as JSON: a standalone program that `parse.py` runs as a child process.

Its input is untrusted, so it runs without environment variables, cannot write files, has limited memory and time,
and imports nothing of this package but `core/limits.py` and two modules of this folder. It reads the PDF from stdin and writes one JSON object to
stdout:

    {"error": "encrypted" | "damaged" | "memory" | "empty"}
    {"pages": [{"width", "height", "runs": [[left, bottom, right, top, size, bold, text], …]}, …],
     "hidden": passages, "pictures": passages, "rotated": runs, "unread_pages": pages}
"""

import ctypes
import json
import math
import re
import sys
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any, NamedTuple

import pypdfium2
from pypdfium2 import raw

from pipeline.core.limits import set_limits
from pipeline.extraction.pdf.tex_symbols import symbols_of
from pipeline.extraction.pdf.visibility import (
    SMALL,
    Box,
    Color,
    Ink,
    Mark,
    PageView,
    Verdict,
    address_of,
    union,
)

MAX_PAGES = 300
MAX_CHARACTERS = 3_000_000
MAX_NUMBER = 5  # characters of a line number and the space after it
MAX_MEASURED = 20  # characters of a text object, to find how high its letters are
# TeX draws the stroke of a negated relation before it; Unicode has it after.
NEGATION = re.compile("\N{COMBINING LONG SOLIDUS OVERLAY}(\\S)")
LOST = "\N{REPLACEMENT CHARACTER}"
# Text is filled, outlined or both; other modes paint nothing.
COLORS_BY_RENDER_MODE = {
    0: (raw.FPDFText_GetFillColor,),
    1: (raw.FPDFText_GetStrokeColor,),
    2: (raw.FPDFText_GetFillColor, raw.FPDFText_GetStrokeColor),
    4: (raw.FPDFText_GetFillColor,),
    5: (raw.FPDFText_GetStrokeColor,),
    6: (raw.FPDFText_GetFillColor, raw.FPDFText_GetStrokeColor),
}
SIGNS = "+-\N{HYPHEN}\N{EN DASH}\N{MINUS SIGN}\N{REPLACEMENT CHARACTER}"  # that begin an exponent
WORD = re.compile(r"[^\W\d_]{3}")
BOLD_FONT_NAME = re.compile(r"bold|black|heavy|demi|medi|cmbx|cmb\d|sfbx", re.IGNORECASE)

NO_BOX: Box = (0.0, 0.0, 0.0, 0.0)


def unchecked(function: Any, result: Any) -> Any:
    """Return a function of pdfium that does not check its arguments: for what is asked of every character.

    Checking takes longer than the call. Only pointers of ctypes and integers may be given; a wrong one ends the process.
    """
    return ctypes.CFUNCTYPE(result)(ctypes.cast(function, ctypes.c_void_p).value or 0)


get_unicode = unchecked(raw.FPDFText_GetUnicode, ctypes.c_uint)
get_text_object = unchecked(raw.FPDFText_GetTextObject, ctypes.c_void_p)  # its address, or None
get_loose_char_box = unchecked(raw.FPDFText_GetLooseCharBox, ctypes.c_int)


class Font(NamedTuple):
    """What is known of a font."""

    bold: bool
    symbols: Mapping[int, str]  # characters of a symbol font by their codes; empty for other fonts
    is_embedded: bool


class Style(NamedTuple):
    """The style shared by all characters of one text object."""

    size: float  # points on the page, after scaling
    bold: bool
    quarter_turns: int  # rotation in units of 90 degrees, 0 to 3
    ink: Ink
    symbols: Mapping[int, str]
    omitted_as: Verdict = ""


@dataclass
class Run:
    """Adjacent characters of the same style."""

    box: Box
    style: Style
    text: list[str]
    size: float  # of its largest character
    baseline: float  # of its largest character
    in_superscript: bool = False  # whether the last character is a superscript

    def add(self, character: str, box: Box, superscript: bool) -> None:
        """Append a character; `^` marks an exponent, or 10 to the 4th power would read 104, and 10 to the -4th 10-4."""
        if superscript and not self.in_superscript and (character.isdigit() or character in SIGNS):
            self.text.append("^")
        self.in_superscript = superscript
        self.text.append(character)
        left, bottom, right, top = self.box
        if box[0] >= left and box[1] == bottom and box[2] > right and box[3] == top:  # nearly always
            self.box = (left, bottom, box[2], top)
        else:
            self.box = (min(left, box[0]), min(bottom, box[1]), max(right, box[2]), max(top, box[3]))


class Character(NamedTuple):
    """A character of a page, by its place in pdfium's text; without a style, it is a line end that pdfium inserted."""

    place: int
    text: str
    box: Box
    style: Style | None


class PageReader:
    """Reader of the characters of one page, in painting order."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.text_page_object = page.get_textpage()  # which closes the text page when it is collected
        self.text_page = self.text_page_object.raw
        bounds = raw.FS_RECTF()
        raw.FPDF_GetPageBoundingBox(page, bounds)
        self.bounds: Box = (bounds.left, bounds.bottom, bounds.right, bounds.top)
        self.styles: dict[int, Style] = {}  # by the address of the text object
        self.omitted_styles: dict[tuple[int, Verdict], Style] = {}
        self.fonts: dict[int, Font] = {}  # by the address of the font
        self.has_outlines: dict[int, bool] = {}  # by the address of the font, of those that paint a letter
        self.text_objects: dict[int, Any] = {}
        self.count = self.text_page_object.count_chars()
        # What pdfium's functions write their results to: creating it for each call takes longer than most calls.
        self.rect = raw.FS_RECTF()
        self.matrix = raw.FS_MATRIX()
        self.channels = tuple(ctypes.c_uint() for _ in range(4))
        self.edges = tuple(ctypes.c_double() for _ in range(4))

    def runs(self, max_characters: int) -> list[Run]:
        """Return the runs of the page's first `max_characters` characters."""
        characters = self.with_lost_signs(self.characters(min(self.count, max_characters)))
        omitted = self.omitted(characters)
        runs: list[Run] = []
        run: Run | None = None
        for position, (index, text, box, own_style) in enumerate(characters):
            if own_style is None:  # a line end that pdfium inserted
                run = None
                continue
            if run and box[2] <= box[0] and text.isspace():  # a space that pdfium inserted
                run.text.append(" ")
                continue
            kind = omitted.get(position)
            style = self.style_omitted(own_style, kind) if kind else own_style
            if run and style.size > 1.15 * run.size and self.ends_exponent(run, style, index):
                run = None
            if run and continues(run, box, style, text):
                run.add(text, box, self.is_superscript(run, style, index))
            else:
                run = Run(box, style, [text], style.size, self.baseline(index))
                runs.append(run)
        return runs

    def with_lost_signs(self, characters: list[Character]) -> list[Character]:
        """Add a mark for each text object in a mathematical font of which pdfium gives no character."""
        follows: dict[int, int] = {}  # lost signs by the text object that is painted before them
        before = 0
        for place in range(raw.FPDFPage_CountObjects(self.page)):
            item = raw.FPDFPage_GetObject(self.page, place)
            if raw.FPDFPageObj_GetType(item) != raw.FPDF_PAGEOBJ_TEXT:
                continue
            if (address := address_of(item)) in self.text_objects:
                before = address
            elif before and self.font(item).symbols:
                follows[before] = follows.get(before, 0) + 1
        if not follows:
            return characters
        last = {one.style.ink.address: position for position, one in enumerate(characters) if one.style}
        marks = {last[address]: number for address, number in follows.items()}
        marked: list[Character] = []
        for position, one in enumerate(characters):
            _, bottom, right, top = one.box
            lost = Character(one.place, LOST, (right, bottom, right, top), one.style)
            marked += (one, *[lost] * marks.get(position, 0))
        return marked

    def characters(self, count: int) -> list[Character]:
        """Return the first characters of the page; a box is empty if pdfium does not know it."""
        text_page, rect, rect_pointer = self.text_page, self.rect, ctypes.byref(self.rect)
        characters: list[Character] = []
        address = -1
        for index in range(count):
            code = get_unicode(text_page, index)
            if code in {10, 13}:
                characters.append(Character(index, "", NO_BOX, None))
                continue
            if (its_address := get_text_object(text_page, index) or 0) != address:
                address = its_address
                style = self.style(index, address)
            is_plain = 32 <= code < 0xD800 and not style.symbols
            text = chr(code) if is_plain else self.text(index, code, style)
            known = get_loose_char_box(text_page, index, rect_pointer)
            box = (rect.left, rect.bottom, rect.right, rect.top)
            if not (known and math.isfinite(sum(box))):
                box = NO_BOX
            characters.append(Character(index, text, box, style))
        return characters

    def omitted(self, characters: list[Character]) -> dict[int, Verdict]:
        """Return why characters are omitted, by their positions."""
        view = PageView(self.page, self.bounds, self.text_objects)
        marks = doubtful_marks(characters, view)
        if not marks or not (verdicts := view.unseen(marks)):
            return {}
        # A sign between letters that are not seen may change the page by what lies around it: it is omitted with them.
        verdict: Verdict = ""
        address = 0
        for position, (_, text, _, style) in enumerate(characters):
            if not style:
                continue
            if style.ink.address != address:
                verdict, address = "", style.ink.address
            if text.isalnum():
                verdict = verdicts.get(position, "")
            elif verdict:
                verdicts.setdefault(position, verdict)
        return verdicts

    def baseline(self, index: int) -> float:
        """Return the y coordinate of a character's baseline; NaN if unknown."""
        x, y = ctypes.c_double(), ctypes.c_double()
        return y.value if raw.FPDFText_GetCharOrigin(self.text_page, index, x, y) else math.nan

    def is_superscript(self, run: Run, style: Style, index: int) -> bool:
        """Whether a character is smaller than the run's largest character and raised above its baseline.

        A larger character becomes the run's new reference.
        """
        if style.size > 1.15 * run.size:
            run.size, run.baseline = style.size, self.baseline(index)
        if style.size > 0.95 * run.size:
            return False
        rise = (self.baseline(index) - run.baseline) / run.size
        return rise > (0.15 if style.size < 0.85 * run.size else 0.3)

    def ends_exponent(self, run: Run, style: Style, index: int) -> bool:
        """Whether a run is the exponent of what stands before it, and this larger character the text after it."""
        starts = run.text[0].isdigit() or run.text[0] in SIGNS
        return starts and run.baseline - self.baseline(index) > 0.15 * style.size

    def style(self, index: int, address: int) -> Style:
        """Return the style of a character: that of the first of its text object, whose address is 0 if there is none."""
        if address not in self.styles:
            item = raw.FPDFText_GetTextObject(self.text_page, index)
            if address:
                self.text_objects[address] = item
            self.styles[address] = self.read_style(index, item, address)
        return self.styles[address]

    def style_omitted(self, style: Style, kind: Verdict) -> Style:
        key = (style.ink.address, kind)
        if key not in self.omitted_styles:
            self.omitted_styles[key] = style._replace(omitted_as=kind)
        return self.omitted_styles[key]

    def read_style(self, index: int, item: Any, address: int) -> Style:
        """Read the style of a character; `item` is its text object, which may be null."""
        mode = raw.FPDFTextObj_GetTextRenderMode(item) if item else 0
        colors: list[Color] = []
        alpha = 0
        for get_color in COLORS_BY_RENDER_MODE.get(mode, ()):
            if get_color(self.text_page, index, *self.channels):
                red, green, blue, opacity = (channel.value for channel in self.channels)
                colors.append((red, green, blue))
                alpha = max(alpha, opacity)
            else:
                alpha = 255
        angle = raw.FPDFText_GetCharAngle(self.text_page, index)
        font = self.font(item)
        letter, height = self.letter(index, address)
        return Style(
            size=self.size(index),
            bold=font.bold,
            quarter_turns=round(angle / (math.pi / 2)) % 4 if math.isfinite(angle) else 0,
            ink=Ink(
                address=address,
                colors=tuple(colors),
                alpha=alpha / 255,
                height=height,
                has_outlines=bool(letter) and self.paints(item, letter),
                is_embedded=font.is_embedded,
            ),
            symbols=font.symbols,
        )

    def font(self, item: Any) -> Font:
        """Return the font of a text object, which may be null."""
        handle = raw.FPDFTextObj_GetFont(item) if item else None
        address = address_of(handle)
        if address not in self.fonts:
            name = ctypes.create_string_buffer(128)
            if handle:
                raw.FPDFFont_GetBaseFontName(handle, name, 128)
            font_name = name.value.decode("utf-8", "replace")
            self.fonts[address] = Font(
                bold=BOLD_FONT_NAME.search(font_name) is not None,
                symbols=symbols_of(font_name),
                is_embedded=bool(handle) and raw.FPDFFont_GetIsEmbedded(handle) == 1,
            )
        return self.fonts[address]

    def paints(self, item: Any, letter: int) -> bool:
        """Whether pdfium knows the outlines of a text object's font, by the first letter that the page has of it."""
        handle = raw.FPDFTextObj_GetFont(item) if item else None
        address = address_of(handle)
        if address not in self.has_outlines:
            self.has_outlines[address] = bool(handle and raw.FPDFFont_GetGlyphPath(handle, letter, 10.0))
        return self.has_outlines[address]

    def letter(self, index: int, address: int) -> tuple[int, float]:
        """Return the first letter of a text object and how high the tallest of its next is, in points.

        The letter is 0 and its height infinite if the text object begins with no letter.
        """
        first, tallest = 0, 0.0
        left, right, bottom, top = self.edges
        for following in range(index, min(index + MAX_MEASURED, self.count)):
            if following > index and (get_text_object(self.text_page, following) or 0) != address:
                break
            code = get_unicode(self.text_page, following)
            if code < 0x110000 and chr(code).isalnum():
                first = first or code
                raw.FPDFText_GetCharBox(self.text_page, following, left, right, bottom, top)
                tallest = max(tallest, top.value - bottom.value, right.value - left.value)
                if tallest >= SMALL:
                    break
        return first, tallest or math.inf

    def text(self, index: int, code: int, style: Style) -> str:
        """Return a character by its code; a replacement character if its font does not say which it is."""
        if (code < 32 or style.symbols) and raw.FPDFText_HasUnicodeMapError(self.text_page, index) == 1:
            return style.symbols.get(code, LOST)
        return chr(code) if 0 < code < 0xD800 or 0xE000 <= code < 0x110000 else ""

    def size(self, index: int) -> float:
        """Return the font size of a character in points on the page."""
        matrix = self.matrix
        size = float(raw.FPDFText_GetFontSize(self.text_page, index))
        if raw.FPDFText_GetMatrix(self.text_page, index, matrix):
            size *= math.hypot(matrix.c, matrix.d)
        return size if math.isfinite(size) else 0.0


def doubtful_marks(characters: list[Character], view: PageView) -> list[Mark]:
    """Return the characters that leave a mark, of the text objects that are not clearly seen as a whole."""
    objects: dict[int, tuple[Ink, list[int]]] = {}  # the positions of their characters, by their addresses
    style: Style | None = None
    positions: list[int] = []
    for position, (_, text, _, its_style) in enumerate(characters):
        if its_style and text and not text.isspace():
            if its_style is not style:
                style = its_style
                _, positions = objects.setdefault(style.ink.address, (style.ink, []))
            positions.append(position)
    return [
        Mark(position, characters[position].box, ink, characters[position].text.isalnum())
        for ink, positions in objects.values()
        if not view.is_clear(ink, union(characters[position].box for position in positions))
        for position in positions
    ]


def continues(run: Run, box: Box, style: Style, text: str) -> bool:
    """Whether a character continues a run: next to it, on the same line and of the same style."""
    other = run.style
    alike = style is other or (style.omitted_as, style.quarter_turns, style.bold) == (
        other.omitted_as,
        other.quarter_turns,
        other.bold,
    )
    if not alike or style.quarter_turns or style.omitted_as:
        return alike
    left, bottom, right, top = run.box
    height = max(top - bottom, other.size, 1.0)
    # The letters of a ligature all start where it starts, hence a negative gap is allowed; a new line starts further
    # back.
    to_left = text > "\x7f" and unicodedata.bidirectional(text) in {"R", "AL"}
    gap = left - box[2] if to_left else box[0] - right
    # A number before a wide gap may count the lines beside the text: it is left for `reading_order` to join or drop.
    if gap > 0.5 * style.size and len(run.text) <= MAX_NUMBER and "".join(run.text).strip().isdecimal():
        return False
    return -1.5 * height < gap < height and bottom <= (box[1] + box[3]) / 2 <= top


def rotate(box: Box, quarter_turns: int, bounds: Box) -> Box:
    """Rotate a box with its page so that its text runs from left to right, with the page's corner as origin."""
    left, bottom, right, top = box[0] - bounds[0], box[1] - bounds[1], box[2] - bounds[0], box[3] - bounds[1]
    width, height = bounds[2] - bounds[0], bounds[3] - bounds[1]
    return (
        (left, bottom, right, top),
        (bottom, width - right, top, width - left),
        (width - right, height - top, width - left, height - bottom),
        (height - top, left, height - bottom, right),
    )[quarter_turns]


def read_page(page: Any, counts: Counter[str]) -> dict[str, Any]:
    """Read one page as `{"width", "height", "runs"}`, and update `counts`.

    Only visible text in the main direction of the page is returned; the rest is counted.
    """
    reader = PageReader(page)
    runs = reader.runs(MAX_CHARACTERS - counts["characters"])
    counts["characters"] += sum(len(run.text) for run in runs)
    for is_omitted, group in groupby(runs, key=lambda run: bool(run.style.omitted_as)):
        passage = list(group)
        if is_omitted and any(WORD.search("".join(run.text)) for run in passage):
            counts[max(passage, key=lambda run: run.style.omitted_as == "hidden").style.omitted_as] += 1
    visible = [run for run in runs if not run.style.omitted_as]
    directions: Counter[int] = Counter()  # characters by quarter turns
    for run in visible:
        directions[run.style.quarter_turns] += len(run.text)
    main_direction = max(directions, key=directions.__getitem__, default=0)
    upright = [run for run in visible if run.style.quarter_turns == main_direction]
    counts["rotated"] += len(visible) - len(upright)
    rows = [
        (
            *(round(number, 1) for number in (*rotate(run.box, main_direction, reader.bounds), run.size)),
            run.style.bold,
            NEGATION.sub(
                lambda found: unicodedata.normalize("NFC", found[1] + found[0][0]), "".join(run.text)
            ),
        )
        for run in upright
    ]
    _, _, width, height = rotate(reader.bounds, main_direction, reader.bounds)
    return {"width": width, "height": height, "runs": rows}


def read_pdf(data: bytes) -> dict[str, Any]:
    """Read a PDF and return the JSON object to be written, as described at the top of this module."""
    try:
        pdf = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        return {"error": "encrypted" if error.err_code == raw.FPDF_ERR_PASSWORD else "damaged"}
    pages: list[dict[str, Any]] = []
    counts: Counter[str] = Counter()
    for number in range(min(len(pdf), MAX_PAGES)):
        if counts["characters"] >= MAX_CHARACTERS:
            break
        try:
            pages.append(read_page(pdf[number], counts))
        except pypdfium2.PdfiumError:
            pages.append({"width": 1.0, "height": 1.0, "runs": []})
            counts["unread_pages"] += 1
    counts["unread_pages"] += len(pdf) - len(pages)
    if not pages:
        return {"error": "empty"}
    return {"pages": pages} | {
        name: counts[name] for name in ("hidden", "pictures", "rotated", "unread_pages")
    }


def main(seconds: str, megabytes: str) -> None:
    """Read a PDF from stdin within these limits of CPU time and memory and write JSON to stdout."""
    set_limits(int(seconds), int(megabytes))
    try:
        output = json.dumps(read_pdf(sys.stdin.buffer.read()), allow_nan=False).encode()
    except (MemoryError, ValueError, OSError) as error:
        output = json.dumps({"error": "memory" if isinstance(error, MemoryError) else "damaged"}).encode()
    sys.stdout.buffer.write(output)
