"""Opens one PDF and writes down its runs of text: a program of its own, which `pdf.py` starts and watches.

It is given a stranger's bytes, so it has nothing else: no environment, no file to write, little memory and
time. It imports nothing of this package. Bytes come in by stdin; one JSON object goes out by stdout:

    {"error": "encrypted" | "damaged" | "memory" | "empty"}
    {"pages": [{"width", "height", "runs": [[left, bottom, right, top, size, bold, text], …]}, …],
     "hidden": passages, "pictures": passages, "rotated": runs, "unread_pages": pages}
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import math
import re
import resource
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

MOST_PAGES = 300
MOST_CHARACTERS = 3_000_000
NEARLY_WHITE = 223  # of 255, in all three channels
FAINT, HALF = 26, 127  # of 255: opacity
TINY = 2.0  # points
INVISIBLE_MODES = frozenset((3, 7))
BOLD = re.compile(r"bold|black|heavy|demi|medi|cmbx|cmb\d|sfbx", re.IGNORECASE)

Box = tuple[float, float, float, float]  # left, bottom, right, top


def limit(seconds: int, megabytes: int) -> None:
    """Give up what the work does not need. Where a system knows no such limit, the parent's clock has to do."""
    unknown: tuple[type[Exception], ...] = () if sys.platform == "linux" else (ValueError, OSError)
    limits = {"AS": megabytes << 20, "CPU": seconds, "CORE": 0, "FSIZE": 0, "NOFILE": 32}
    for name, most in limits.items():
        with contextlib.suppress(*unknown):
            resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (most, most))


@dataclass(frozen=True)
class Style:
    """What is the same for all characters of one text object."""

    size: float  # points, as it stands on the page
    bold: bool
    quarter: int  # turns of 90 degrees
    invisible: bool
    white: bool


@dataclass
class Run:
    """Characters beside each other, as far as they look alike."""

    box: Box
    style: Style
    state: str  # "", "hidden" or "pictures"
    text: list[str]
    size: float
    baseline: float
    raised: bool = False

    def add(self, character: str, box: Box, raised: bool) -> None:
        """Take in one more character; the digits of an exponent are set apart, or 10 to the 4th would read 104."""
        if raised and character.isdigit() and not self.raised:
            self.text.append("^")
        self.raised = raised
        self.text.append(character)
        left, bottom, right, top = self.box
        self.box = (left, min(bottom, box[1]), max(right, box[2]), max(top, box[3]))


class Surroundings:
    """What is painted on a page besides text; looked at only where white or tiny text is met."""

    def __init__(self, raw: Any, page: Any) -> None:
        self.dark: list[Box] = []
        self.pictures: list[Box] = []
        colors = [ctypes.c_uint() for _ in range(4)]
        filled, stroked = ctypes.c_int(), ctypes.c_int()
        for item in page.get_objects(max_depth=1):
            if item.type in {raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_FORM}:
                self.pictures.append(item.get_bounds())
            elif item.type == raw.FPDF_PAGEOBJ_PATH and raw.FPDFPageObj_GetFillColor(item, *colors):
                raw.FPDFPath_GetDrawMode(item, filled, stroked)
                if filled.value and colors[3].value > HALF and not is_white(colors):
                    self.dark.append(item.get_bounds())

    def state(self, box: Box, *, white: bool) -> str:
        """Whether white or tiny text at this place can be seen."""
        if white and inside(box, self.dark):
            return ""
        return "pictures" if inside(box, self.pictures) else "hidden"


def inside(box: Box, areas: list[Box]) -> bool:
    """Whether the middle of a box lies in one of the areas."""
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return any(left <= x <= right and bottom <= y <= top for left, bottom, right, top in areas)


def is_white(colors: list[ctypes.c_uint]) -> bool:
    return min(color.value for color in colors[:3]) >= NEARLY_WHITE


class PageReader:
    """Reads the characters of one page, in the order that the page paints them."""

    def __init__(self, raw: Any, page: Any) -> None:
        self.raw = raw
        self.page = page
        self.text = page.get_textpage()
        self.box = raw.FS_RECTF()
        self.bounds: Box = page.get_cropbox()
        self.styles: dict[int, Style] = {}
        self.states: dict[int, str] = {}
        self.surroundings: Surroundings | None = None

    def runs(self, most: int) -> Iterator[Run]:
        """Runs of at most so many characters in all."""
        run: Run | None = None
        for index in range(min(self.text.count_chars(), most)):
            code = self.raw.FPDFText_GetUnicode(self.text, index)
            if code in {10, 13}:  # pdfium's own line end
                if run:
                    yield run
                run = None
                continue
            place = self.place(index)
            character = chr(code) if 0 < code < 0xD800 or 0xE000 <= code < 0x110000 else ""
            if run and place[2] <= place[0] and character.isspace():  # a blank that pdfium made up
                run.text.append(" ")
                continue
            address, style = self.style(index)
            state = self.state(address, style, place)
            if run and follows(run, place, style, state):
                run.add(character, place, self.raised(run, style, index))
                continue
            if run:
                yield run
            run = Run(place, style, state, [character], style.size, self.baseline(index))
        if run:
            yield run

    def place(self, index: int) -> Box:
        """The box that a character takes; an empty one where it cannot be known."""
        known = self.raw.FPDFText_GetLooseCharBox(self.text, index, self.box)
        place = (self.box.left, self.box.bottom, self.box.right, self.box.top)
        return place if known and all(map(math.isfinite, place)) else (0.0, 0.0, 0.0, 0.0)

    def baseline(self, index: int) -> float:
        x, y = ctypes.c_double(), ctypes.c_double()
        return y.value if self.raw.FPDFText_GetCharOrigin(self.text, index, x, y) else math.nan

    def raised(self, run: Run, style: Style, index: int) -> bool:
        """Whether a character is an exponent to its run, which is as large as its largest character."""
        if style.size > 1.15 * run.size:
            run.size, run.baseline = style.size, self.baseline(index)
        return style.size < 0.85 * run.size and self.baseline(index) - run.baseline > 0.15 * run.size

    def style(self, index: int) -> tuple[int, Style]:
        """The text object that a character belongs to, and its style, which is looked up once for each object."""
        item = self.raw.FPDFText_GetTextObject(self.text, index)
        address = ctypes.cast(item, ctypes.c_void_p).value or 0
        known = self.styles.get(address)
        if known is None:
            known = self.styles[address] = self.look(index, item if address else None)
        return address, known

    def look(self, index: int, item: Any) -> Style:
        raw = self.raw
        colors = [ctypes.c_uint() for _ in range(4)]
        mode = raw.FPDFTextObj_GetTextRenderMode(item) if item else 0
        color = raw.FPDFText_GetStrokeColor if mode == 1 else raw.FPDFText_GetFillColor
        known = bool(color(self.text, index, *colors))
        angle = raw.FPDFText_GetCharAngle(self.text, index)
        return Style(
            size=self.size(index),
            bold=bool(item) and self.bold(item),
            quarter=round(angle / (math.pi / 2)) % 4 if math.isfinite(angle) else 0,
            invisible=mode in INVISIBLE_MODES or (known and colors[3].value < FAINT),
            white=known and is_white(colors),
        )

    def size(self, index: int) -> float:
        matrix = self.raw.FS_MATRIX()
        size = float(self.raw.FPDFText_GetFontSize(self.text, index))
        if self.raw.FPDFText_GetMatrix(self.text, index, matrix):
            size *= math.hypot(matrix.c, matrix.d)
        return size if math.isfinite(size) else 0.0

    def bold(self, item: Any) -> bool:
        name = ctypes.create_string_buffer(128)
        self.raw.FPDFFont_GetBaseFontName(self.raw.FPDFTextObj_GetFont(item), name, 128)
        return BOLD.search(name.value.decode("utf-8", "replace")) is not None

    def state(self, address: int, style: Style, box: Box) -> str:
        """Whether a reader sees the character; if not, whether it is hidden or only a part of a picture."""
        left, bottom, right, top = self.bounds
        if style.invisible or box[2] < left or box[0] > right or box[3] < bottom or box[1] > top:
            return "hidden"
        tiny = style.size < TINY
        if not (style.white or tiny):
            return ""
        if address not in self.states:
            self.surroundings = self.surroundings or Surroundings(self.raw, self.page)
            self.states[address] = self.surroundings.state(box, white=not tiny)
        return self.states[address]


def follows(run: Run, box: Box, style: Style, state: str) -> bool:
    """Whether a character goes on with a run: beside it, on its line, of its look."""
    if state != run.state or style.quarter != run.style.quarter or style.bold != run.style.bold:
        return False
    if style.quarter or state:
        return True
    _, bottom, right, top = run.box
    height = max(top - bottom, run.style.size, 1.0)
    # Letters of a ligature all start where it starts; a line that goes on elsewhere starts further back.
    return -1.5 * height < box[0] - right < height and bottom <= (box[1] + box[3]) / 2 <= top


def turned(box: Box, quarter: int, bounds: Box) -> Box:
    """A box as seen from its page's corner; where the text runs upward, upside down or downward, with the page turned."""
    left, bottom, right, top = box[0] - bounds[0], box[1] - bounds[1], box[2] - bounds[0], box[3] - bounds[1]
    width, height = bounds[2] - bounds[0], bounds[3] - bounds[1]
    return (
        (left, bottom, right, top),
        (bottom, width - right, top, width - left),
        (width - right, height - top, width - left, height - bottom),
        (height - top, left, height - bottom, right),
    )[quarter]


def read_page(raw: Any, page: Any, counts: Counter[str]) -> dict[str, Any]:
    """One page. Text that stands another way than most of the page's is left out and counted."""
    reader = PageReader(raw, page)
    runs = list(reader.runs(MOST_CHARACTERS - counts["characters"]))
    ways: Counter[int] = Counter()
    before = ""
    for run in runs:
        if run.state and run.state != before and re.search(r"[^\W\d_]{3}", "".join(run.text)):
            counts[run.state] += 1
        before = run.state
        ways[run.style.quarter] += 0 if run.state else len(run.text)
    counts["characters"] += sum(len(run.text) for run in runs)
    main = ways.most_common(1)[0][0] if ways else 0
    upright = [run for run in runs if not run.state and run.style.quarter == main]
    counts["rotated"] += sum(not run.state and run.style.quarter != main for run in runs)
    rows = []
    for run in upright:
        numbers = (*turned(run.box, main, reader.bounds), run.size)
        rows.append([*(round(number, 1) for number in numbers), run.style.bold, "".join(run.text)])
    _, _, width, height = turned(reader.bounds, main, reader.bounds)
    return {"width": width, "height": height, "runs": rows}


def read(data: bytes) -> dict[str, Any]:
    """All that is written out for a PDF."""
    import pypdfium2  # noqa: PLC0415 - after the limits are set
    from pypdfium2 import raw  # noqa: PLC0415

    try:
        pdf = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        return {"error": "encrypted" if error.err_code == raw.FPDF_ERR_PASSWORD else "damaged"}
    pages: list[dict[str, Any]] = []
    counts: Counter[str] = Counter()
    for number in range(min(len(pdf), MOST_PAGES)):
        if counts["characters"] >= MOST_CHARACTERS:
            break
        try:
            pages.append(read_page(raw, pdf[number], counts))
        except pypdfium2.PdfiumError:
            pages.append({"width": 1.0, "height": 1.0, "runs": []})
            counts["unread_pages"] += 1
    counts["unread_pages"] += len(pdf) - len(pages)
    if not pages:
        return {"error": "empty"}
    return {"pages": pages} | {
        name: counts[name] for name in ("hidden", "pictures", "rotated", "unread_pages")
    }


def main() -> None:
    limit(int(sys.argv[1]), int(sys.argv[2]))
    try:
        answer = json.dumps(read(sys.stdin.buffer.read()), allow_nan=False).encode()
    except (MemoryError, ValueError, OSError) as error:
        answer = json.dumps({"error": "memory" if isinstance(error, MemoryError) else "damaged"}).encode()
    sys.stdout.buffer.write(answer)


if __name__ == "__main__":
    main()
