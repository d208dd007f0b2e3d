"""Decide which characters of a PDF page a reader sees: by their colors, their clips, and images of the page.

Part of the child process of `worker.py`. A character is seen if its color differs from what is painted beneath it and
if the page looks different without it. The page is rendered only if it has anything but text and thin lines.
"""

import ctypes
import math
from collections.abc import Iterable
from functools import cache
from operator import sub
from typing import Any, Literal, NamedTuple

import pypdfium2
from pypdfium2 import raw

Box = tuple[float, float, float, float]  # left, bottom, right, top
Color = tuple[int, int, int]
Verdict = Literal["", "pictures", "hidden"]

CLEAR = 32  # of 255: text that differs from its background by less in all channels is not read
SMALL = 1.4  # points; letters that are all lower are not read
TINY = 1.0  # and if they are lower than this, they are called hidden
FAINT = 12  # and by less than this, it is called hidden
CHANGED = 24  # of 255: a pixel that differs by less has not changed
MIN_CONTRAST_SHARE = 0.25  # of the pixels behind a character, from which it must differ
MIN_AREA = 3.0  # points; anything thinner is a line
MAX_AREAS = 100  # of a page; those painted later are taken as one
MAX_PIXELS = 5_000_000
PAPER: Color = (255, 255, 255)


class Ink(NamedTuple):
    """What the characters of a text object are painted with."""

    address: int  # of the text object; 0 if there is none
    colors: tuple[Color, ...]  # of fill and outline, as far as known
    alpha: float
    height: float  # of the tallest letter, in points
    has_outlines: bool  # whether pdfium knows the outline of a letter
    is_embedded: bool  # whether the file holds the font

    @property
    def may_be_empty(self) -> bool:
        """Whether its font may paint nothing."""
        return self.is_embedded and not self.has_outlines


class Mark(NamedTuple):
    """A character that leaves a mark on the page, that is no white space."""

    position: int  # in the caller's list
    box: Box
    ink: Ink
    is_letter: bool  # or a digit


class PageImage:
    """A part of a page, rendered with four bytes a pixel."""

    def __init__(self, page: Any, bounds: Box, part: Box, scale: float) -> None:
        self.page_left, _, _, self.page_top = bounds
        width, height = bounds[2] - bounds[0], bounds[3] - bounds[1]
        self.scale = min(scale, math.sqrt(MAX_PIXELS / max(1.0, width * height)))
        page_width = max(1, round(width * self.scale))
        page_height = max(1, min(MAX_PIXELS // page_width, round(height * self.scale)))
        self.left, self.upper, self.right, self.lower = 0, 0, page_width, page_height
        self.left, self.upper, self.right, self.lower = self.pixel_edges(part)
        width, height = max(1, self.right - self.left), max(1, self.lower - self.upper)
        bitmap = pypdfium2.PdfBitmap.new_native(width, height, raw.FPDFBitmap_BGRx)
        raw.FPDFBitmap_FillRect(bitmap, 0, 0, width, height, 0xFFFFFFFF)
        upright = -raw.FPDFPage_GetRotation(page) % 4
        # Without smoothing, the thinnest stroke has the full color of its letter.
        flags = raw.FPDF_RENDER_NO_SMOOTHTEXT
        raw.FPDF_RenderPageBitmap(
            bitmap, page, -self.left, -self.upper, page_width, page_height, upright, flags
        )
        self.pixels = bytes(bitmap.buffer)
        self.stride = bitmap.stride
        bitmap.close()

    def pixel_edges(self, box: Box) -> tuple[int, int, int, int]:
        """Return the first and last column and row of pixels of a box as left, upper, right, lower, within the image."""
        left, bottom, right, top = box
        return (
            max(self.left, int((left - self.page_left) * self.scale)),
            max(self.upper, int((self.page_top - top) * self.scale)),
            min(self.right, math.ceil((right - self.page_left) * self.scale)),
            min(self.lower, math.ceil((self.page_top - bottom) * self.scale)),
        )

    def rows(self, box: Box, share: float = 1.0) -> list[tuple[int, int]]:
        """Return the byte ranges of the pixel rows of a box, or of this share of its height around its middle."""
        left, bottom, right, top = box
        cut = (top - bottom) * (1 - share) / 2
        first, upper, last, lower = self.pixel_edges((left, bottom + cut, right, top - cut))
        if first >= last:
            return []
        middle = (upper + lower) // 2
        starts = [(row - self.upper) * self.stride for row in (*range(middle, lower), *range(upper, middle))]
        return [(start + 4 * (first - self.left), start + 4 * (last - self.left)) for start in starts]


class PageView:
    """The page of a PDF as a reader sees it; `text_objects` are by their addresses."""

    def __init__(self, page: Any, bounds: Box, text_objects: dict[int, Any]) -> None:
        self.page = page
        self.bounds = bounds
        self.text_objects = text_objects
        # The place of text objects in the order of painting, unless they are in a form.
        self.painted_at: dict[int, int] = {}
        self.areas: list[tuple[int, Box]] = []  # what text can lie on or under, with its place in that order
        self.pictures: list[Box] = []
        for place in range(raw.FPDFPage_CountObjects(page)):
            item = raw.FPDFPage_GetObject(page, place)
            kind = raw.FPDFPageObj_GetType(item)
            if kind == raw.FPDF_PAGEOBJ_TEXT:
                self.painted_at[address_of(item)] = place
            elif box := _area(item, kind):
                if len(self.areas) == MAX_AREAS:
                    box = union((self.areas.pop()[1], box))
                self.areas.append((place, box))
                if kind in {raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_FORM}:
                    self.pictures.append(box)

    def is_clear(self, ink: Ink, box: Box) -> bool:
        """Whether all characters of a text object in this box are surely seen: on paper, apart from all else."""
        return (
            ink.address in self.painted_at
            and _contains(self.bounds, box)
            and ink.height >= SMALL
            and not ink.may_be_empty
            and contrast(ink.colors, ink.alpha, PAPER) >= CLEAR
            and not any(_overlap(box, area) for _, area in self.areas)
            and ((clip := _clip(self.text_objects[ink.address])) is None or _contains(clip, box))
        )

    def unseen(self, marks: list[Mark]) -> dict[int, Verdict]:
        """Return the verdicts on the characters that are not seen, by their positions."""
        verdicts: dict[int, Verdict] = {}
        addresses = {mark.ink.address for mark in marks} & self.painted_at.keys()
        clips = {address: _clip(self.text_objects[address]) for address in addresses}
        on_page: list[Mark] = []
        for mark in marks:
            clip = clips.get(mark.ink.address)
            if not _overlap(mark.box, self.bounds) or (clip and not _is_center_inside(mark.box, clip)):
                verdicts[mark.position] = "pictures"
            else:
                on_page.append(mark)
        objects: dict[int, list[Mark]] = {}
        for mark in on_page:
            objects.setdefault(mark.ink.address, []).append(mark)
        faint = self._faint(objects)
        for mark, difference in faint:
            verdicts[mark.position] = (
                "pictures" if difference >= FAINT or self._in_picture(mark) else "hidden"
            )
        return verdicts

    def _faint(  # noqa: C901 - one branch a way to be hidden
        self, objects: dict[int, list[Mark]]
    ) -> list[tuple[Mark, float]]:
        """Return the characters of these text objects that do not stand out, each with its contrast."""
        faint: list[tuple[Mark, float]] = []
        on_areas: list[Mark] = []
        doubtful: dict[int, list[Mark]] = {}
        for address, marks in objects.items():
            ink, box = marks[0].ink, union(mark.box for mark in marks)
            near = [place for place, area in self.areas if _overlap(box, area)]
            is_in_form = bool(address) and address not in self.painted_at
            if ink.height < SMALL or ink.alpha * 255 < CLEAR:
                is_trace = ink.height >= TINY and ink.alpha * 255 >= FAINT
                faint += [(mark, FAINT if is_trace else 0.0) for mark in marks]
                continue
            if near or is_in_form:
                on_areas += marks
            elif (difference := contrast(ink.colors, ink.alpha, PAPER)) < CLEAR:
                faint += [(mark, difference) for mark in marks]
                continue
            letters = [mark for mark in marks if mark.is_letter]
            if address and letters and (is_in_form or (near and near[-1] > self.painted_at[address])):
                doubtful[address] = letters
            elif address and letters and ink.may_be_empty:
                doubtful[address] = [letters[0], letters[len(letters) // 2], letters[-1]]
        if on_areas:
            background = self._image_without(self.text_objects, on_areas, 1.0)
            faint += [(mark, found) for mark in on_areas if (found := _contrast_on(background, mark)) < CLEAR]
        known = {mark.position for mark, _ in faint}
        for mark in self._unchanged(doubtful):
            same = objects[mark.ink.address] if mark.ink.may_be_empty else [mark]
            faint += [(other, 0.0) for other in same if other.position not in known]
        return faint

    def _unchanged(self, doubtful: dict[int, list[Mark]]) -> list[Mark]:
        """Return the characters without which the page looks the same."""
        marks = [mark for letters in doubtful.values() for mark in letters]
        for scale in (1.0, 3.0):  # small letters may vanish in a small image
            if marks:
                whole = self._image_without((), marks, scale)
                without = self._image_without(doubtful, marks, scale)
                marks = [mark for mark in marks if not _differs(whole, without, mark.box)]
        return [mark for mark in marks if mark.ink.has_outlines or mark.ink.is_embedded]

    def _image_without(self, addresses: Iterable[int], marks: list[Mark], scale: float) -> PageImage:
        """Render the part of the page where these characters are, without these text objects."""
        items = [self.text_objects[address] for address in addresses]
        for item in items:
            raw.FPDFPageObj_SetIsActive(item, False)
        image = PageImage(self.page, self.bounds, union(mark.box for mark in marks), scale)
        for item in items:
            raw.FPDFPageObj_SetIsActive(item, True)
        return image

    def _in_picture(self, mark: Mark) -> bool:
        in_form = mark.ink.address and mark.ink.address not in self.painted_at
        return bool(in_form) or any(_is_center_inside(mark.box, box) for box in self.pictures)


def address_of(item: Any) -> int:
    """Return the address of an object of pdfium, by which it is known; 0 of none."""
    return ctypes.addressof(item.contents) if item else 0


@cache
def contrast(colors: tuple[Color, ...], alpha: float, background: Color) -> float:
    """Return by how much the clearest channel of ink differs from a background; 255 if its color is not known."""
    if not colors:
        return 255.0 * alpha
    return alpha * max(float(max(map(abs, map(sub, color, background)))) for color in colors)


def _contrast_on(image: PageImage, mark: Mark) -> float:
    """Return the contrast of a character with the clearest quarter of the pixels behind it."""
    seen: dict[bytes, int] = {}
    rows = image.rows(mark.box, 0.5)
    if all(image.pixels.count(b"\xff", start, end) == end - start for start, end in rows):
        return contrast(mark.ink.colors, mark.ink.alpha, PAPER)
    for start, end in rows:
        row = image.pixels[start:end]
        if row == row[:4] * ((end - start) // 4):
            seen[row[:3]] = seen.get(row[:3], 0) + (end - start) // 4
        else:
            for at in range(0, end - start, 4):
                pixel = row[at : at + 3]
                seen[pixel] = seen.get(pixel, 0) + 1
    needed = MIN_CONTRAST_SHARE * sum(seen.values())
    contrasts = sorted(
        (contrast(mark.ink.colors, mark.ink.alpha, (pixel[2], pixel[1], pixel[0])), count)
        for pixel, count in seen.items()
    )
    while contrasts:
        difference, count = contrasts.pop()
        needed -= count
        if needed <= 0:
            return difference
    return 255.0  # no pixel behind it


def _differs(image: PageImage, other: PageImage, box: Box) -> bool:
    """Whether any pixel of a box differs between two images of a page."""
    for start, end in image.rows(box):
        one, two = image.pixels[start:end], other.pixels[start:end]
        if one != two and any(abs(first - second) >= CHANGED for first, second in zip(one, two, strict=True)):
            return True
    return False


def _area(item: Any, kind: int) -> Box | None:
    """Return the box of an object that text can lie on or under; None of a line or what paints nothing."""
    if kind == raw.FPDF_PAGEOBJ_PATH:
        filled, stroked = ctypes.c_int(), ctypes.c_int()
        raw.FPDFPath_GetDrawMode(item, filled, stroked)
        if not filled.value:
            return None
    box = _bounds(item)
    return box if box and min(box[2] - box[0], box[3] - box[1]) >= MIN_AREA else None


def _bounds(item: Any) -> Box | None:
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    known = raw.FPDFPageObj_GetBounds(item, left, bottom, right, top)
    return (left.value, bottom.value, right.value, top.value) if known else None


def _clip(item: Any) -> Box | None:
    """Return the box outside of which an object is clipped; None if it has no clip."""
    path = raw.FPDFPageObj_GetClipPath(item)
    count = raw.FPDFClipPath_CountPaths(path) if path else 0
    clip: Box | None = None
    x, y = ctypes.c_float(), ctypes.c_float()
    for number in range(max(0, count)):
        points = []
        for place in range(min(1000, raw.FPDFClipPath_CountPathSegments(path, number))):
            raw.FPDFPathSegment_GetPoint(raw.FPDFClipPath_GetPathSegment(path, number, place), x, y)
            points.append((x.value, y.value))
        if points:
            across, up = zip(*points, strict=True)
            box = (min(across), min(up), max(across), max(up))
            clip = box if clip is None else _intersection(clip, box)
    return clip


def union(boxes: Iterable[Box]) -> Box:
    """Return the box around these boxes."""
    left, bottom, right, top = zip(*boxes, strict=True)
    return min(left), min(bottom), max(right), max(top)


def _intersection(one: Box, two: Box) -> Box:
    return max(one[0], two[0]), max(one[1], two[1]), min(one[2], two[2]), min(one[3], two[3])


def _overlap(one: Box, two: Box) -> bool:
    return not (one[2] < two[0] or one[0] > two[2] or one[3] < two[1] or one[1] > two[3])


def _contains(area: Box, box: Box) -> bool:
    return area[0] <= box[0] and area[1] <= box[1] and box[2] <= area[2] and box[3] <= area[3]


def _is_center_inside(box: Box, area: Box) -> bool:
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return area[0] <= x <= area[2] and area[1] <= y <= area[3]
