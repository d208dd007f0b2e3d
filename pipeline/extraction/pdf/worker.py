"""Open a PDF and write its runs of text as JSON: a standalone program that `parse.py` runs as a child process.

Its input is untrusted, so it runs without environment variables, cannot write files, has limited memory and time,
and imports nothing of this package but `core/limits.py`. It reads the PDF from stdin and writes one JSON object to
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
from collections import Counter
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

import pypdfium2
from pypdfium2 import raw

from pipeline.core.limits import set_limits

MAX_PAGES = 300
MAX_CHARACTERS = 3_000_000
NEARLY_WHITE = 223  # of 255; a color with no channel below it counts as white
# Of 255: text below the first is invisible; an area below the second is not a background for white text.
MIN_TEXT_ALPHA, MIN_FILL_ALPHA = 26, 127
MIN_FONT_SIZE = 2.0  # points
INVISIBLE_RENDER_MODES = frozenset((3, 7))
SIGNS = "+-\N{HYPHEN}\N{EN DASH}\N{MINUS SIGN}\N{REPLACEMENT CHARACTER}"  # that begin an exponent
WORD = re.compile(r"[^\W\d_]{3}")
BOLD_FONT_NAME = re.compile(r"bold|black|heavy|demi|medi|cmbx|cmb\d|sfbx", re.IGNORECASE)

Box = tuple[float, float, float, float]  # left, bottom, right, top


@dataclass(frozen=True)
class Style:
    """The style shared by all characters of one text object."""

    size: float  # points on the page, after scaling
    bold: bool
    quarter_turns: int  # rotation in units of 90 degrees, 0 to 3
    omitted_as: str  # "hidden" or "pictures"; empty if the text is visible


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
        self.box = (left, min(bottom, box[1]), max(right, box[2]), max(top, box[3]))


class PageGraphics:
    """The dark areas and pictures of a page; only built for a page with white or tiny text."""

    def __init__(self, page: Any) -> None:
        self.dark_areas: list[Box] = []
        self.pictures: list[Box] = []
        colors = [ctypes.c_uint() for _ in range(4)]
        filled, stroked = ctypes.c_int(), ctypes.c_int()
        for item in page.get_objects(max_depth=1):
            if item.type in {raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_FORM}:
                self.pictures.append(item.get_bounds())
            elif item.type == raw.FPDF_PAGEOBJ_PATH and raw.FPDFPageObj_GetFillColor(item, *colors):
                raw.FPDFPath_GetDrawMode(item, filled, stroked)
                if filled.value and colors[3].value > MIN_FILL_ALPHA and not is_white(colors):
                    self.dark_areas.append(item.get_bounds())

    def omitted_as(self, box: Box, *, white: bool) -> str:
        """Return why white or tiny text in this box is omitted: "pictures" or "hidden"; empty if it is visible."""
        if white and is_center_inside(box, self.dark_areas):
            return ""
        return "pictures" if is_center_inside(box, self.pictures) else "hidden"


def is_center_inside(box: Box, areas: list[Box]) -> bool:
    """Whether the center of a box lies in any of the areas."""
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return any(left <= x <= right and bottom <= y <= top for left, bottom, right, top in areas)


def is_white(colors: list[ctypes.c_uint]) -> bool:
    """Whether a color is nearly white, given its red, green, blue and alpha channels."""
    return min(color.value for color in colors[:3]) >= NEARLY_WHITE


class PageReader:
    """Reader of the characters of one page, in painting order."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.text_page = page.get_textpage()
        self.bounds: Box = page.get_cropbox()
        self.styles: dict[int, Style] = {}  # by the address of the text object
        self.graphics: PageGraphics | None = None

    def runs(self, max_characters: int) -> list[Run]:
        """Return the runs of the page's first `max_characters` characters."""
        runs: list[Run] = []
        run: Run | None = None
        for index in range(min(self.text_page.count_chars(), max_characters)):
            code = raw.FPDFText_GetUnicode(self.text_page, index)
            if code in {10, 13}:  # a line end that pdfium inserted
                run = None
                continue
            box = self.char_box(index)
            character = chr(code) if 0 < code < 0xD800 or 0xE000 <= code < 0x110000 else ""
            if run and box[2] <= box[0] and character.isspace():  # a space that pdfium inserted
                run.text.append(" ")
                continue
            style = self.style(index, box)
            if run and continues(run, box, style):
                run.add(character, box, self.is_superscript(run, style, index))
            else:
                run = Run(box, style, [character], style.size, self.baseline(index))
                runs.append(run)
        return runs

    def char_box(self, index: int) -> Box:
        """Return the box of a character; an empty box if pdfium does not know it."""
        rect = raw.FS_RECTF()
        known = raw.FPDFText_GetLooseCharBox(self.text_page, index, rect)
        box = (rect.left, rect.bottom, rect.right, rect.top)
        return box if known and all(map(math.isfinite, box)) else (0.0, 0.0, 0.0, 0.0)

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
        return style.size < 0.85 * run.size and self.baseline(index) - run.baseline > 0.15 * run.size

    def style(self, index: int, box: Box) -> Style:
        """Return the style of a character: that of the first of its text object, but hidden off the page."""
        item = raw.FPDFText_GetTextObject(self.text_page, index)
        address = ctypes.cast(item, ctypes.c_void_p).value or 0
        if address not in self.styles:
            self.styles[address] = self.read_style(index, box, item if address else None)
        left, bottom, right, top = self.bounds
        off_page = box[2] < left or box[0] > right or box[3] < bottom or box[1] > top
        return replace(self.styles[address], omitted_as="hidden") if off_page else self.styles[address]

    def read_style(self, index: int, box: Box, item: Any) -> Style:
        """Read the style of a character; `item` is its text object, or None."""
        colors = [ctypes.c_uint() for _ in range(4)]
        mode = raw.FPDFTextObj_GetTextRenderMode(item) if item else 0
        get_color = raw.FPDFText_GetStrokeColor if mode == 1 else raw.FPDFText_GetFillColor
        has_color = bool(get_color(self.text_page, index, *colors))
        angle = raw.FPDFText_GetCharAngle(self.text_page, index)
        size = self.size(index)
        font_name = ctypes.create_string_buffer(128)
        if item:
            raw.FPDFFont_GetBaseFontName(raw.FPDFTextObj_GetFont(item), font_name, 128)
        omitted_as = ""
        if mode in INVISIBLE_RENDER_MODES or (has_color and colors[3].value < MIN_TEXT_ALPHA):
            omitted_as = "hidden"
        elif size < MIN_FONT_SIZE or (has_color and is_white(colors)):
            self.graphics = self.graphics or PageGraphics(self.page)
            omitted_as = self.graphics.omitted_as(box, white=size >= MIN_FONT_SIZE)
        return Style(
            size=size,
            bold=BOLD_FONT_NAME.search(font_name.value.decode("utf-8", "replace")) is not None,
            quarter_turns=round(angle / (math.pi / 2)) % 4 if math.isfinite(angle) else 0,
            omitted_as=omitted_as,
        )

    def size(self, index: int) -> float:
        """Return the font size of a character in points on the page."""
        matrix = raw.FS_MATRIX()
        size = float(raw.FPDFText_GetFontSize(self.text_page, index))
        if raw.FPDFText_GetMatrix(self.text_page, index, matrix):
            size *= math.hypot(matrix.c, matrix.d)
        return size if math.isfinite(size) else 0.0


def continues(run: Run, box: Box, style: Style) -> bool:
    """Whether a character continues a run: next to it, on the same line and of the same style."""
    alike = (style.omitted_as, style.quarter_turns, style.bold) == (
        run.style.omitted_as,
        run.style.quarter_turns,
        run.style.bold,
    )
    if not alike or style.quarter_turns or style.omitted_as:
        return alike
    _, bottom, right, top = run.box
    height = max(top - bottom, run.style.size, 1.0)
    # The letters of a ligature all start where it starts, hence a negative gap is allowed; a new line starts further
    # back.
    return -1.5 * height < box[0] - right < height and bottom <= (box[1] + box[3]) / 2 <= top


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
    for kind, passage in groupby(runs, key=lambda run: run.style.omitted_as):
        counts[kind] += WORD.search("".join(next(passage).text)) is not None
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
            "".join(run.text),
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
