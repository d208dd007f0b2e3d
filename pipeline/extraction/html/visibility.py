"""Decide which text of a page is visible, from its inline styles and style sheets, with CSS inheritance.

Papers have carried instructions to language models in white or tiny type. Text that a human reader cannot see is
not part of the paper and is therefore not extracted.
"""

from __future__ import annotations

import colorsys
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

Color = tuple[float, float, float, float]  # red, green, blue, opacity, each from 0 to 1

BLACK: Color = (0.0, 0.0, 0.0, 1.0)
WHITE: Color = (1.0, 1.0, 1.0, 1.0)
TRANSPARENT: Color = (0.0, 0.0, 0.0, 0.0)
MIN_CONTRAST = (
    32 / 255
)  # two colors that differ by no more in every channel cannot be distinguished on a page
MIN_OPACITY = 0.1

_NUMBER = re.compile(r"([+-]?(?:\d+(?:\.\d*)?|\.\d+))(%?)")
_NAMED_COLORS = {
    "white": "ffffff", "snow": "fffafa", "ivory": "fffff0", "ghostwhite": "f8f8ff", "floralwhite": "fffaf0",
    "whitesmoke": "f5f5f5", "mintcream": "f5fffa", "azure": "f0ffff", "aliceblue": "f0f8ff",
    "seashell": "fff5ee", "honeydew": "f0fff0", "lavenderblush": "fff0f5", "linen": "faf0e6",
    "oldlace": "fdf5e6", "cornsilk": "fff8dc", "lightyellow": "ffffe0", "lightcyan": "e0ffff",
    "black": "000000", "gray": "808080", "grey": "808080", "darkgray": "a9a9a9", "darkgrey": "a9a9a9",
    "lightgray": "d3d3d3", "lightgrey": "d3d3d3", "silver": "c0c0c0", "dimgray": "696969", "red": "ff0000",
    "green": "008000", "blue": "0000ff", "navy": "000080", "darkblue": "00008b", "darkgreen": "006400",
    "darkred": "8b0000", "maroon": "800000", "purple": "800080", "teal": "008080", "orange": "ffa500",
    "yellow": "ffff00", "cyan": "00ffff", "magenta": "ff00ff", "brown": "a52a2a", "olive": "808000",
    "lime": "00ff00", "pink": "ffc0cb", "violet": "ee82ee",
}  # fmt: skip


def parse_css_color(value: str) -> Color | None:
    """Parse `#FFFFFF`, `#fffc`, `rgb(255 255 255 / 10%)`, `hsl(0, 0%, 100%)` or a color name; None if unknown."""
    value = value.strip().lower()
    if value == "transparent":
        return TRANSPARENT
    if value.startswith("#") or value in _NAMED_COLORS:
        return _parse_hex(_NAMED_COLORS.get(value) or value[1:])
    name, bracket, arguments = value.partition("(")
    if not bracket or name not in {"rgb", "rgba", "hsl", "hsla"}:
        return None
    parts = [(float(number), unit) for number, unit in _NUMBER.findall(arguments[:100])]
    if len(parts) not in {3, 4}:
        return None
    opacity = _fraction(*parts[3], 1) if len(parts) == 4 else 1.0
    if name.startswith("hsl"):
        red, green, blue = colorsys.hls_to_rgb(parts[0][0] / 360, parts[2][0] / 100, parts[1][0] / 100)
    else:
        red, green, blue = (_fraction(*part, 255) for part in parts[:3])
    return red, green, blue, opacity


def parse_tex_color(model: str, value: str) -> Color | None:
    r"""Parse the color of `\color[rgb]{1,1,1}`, `\color[gray]{1}`, `\color{white}` and the like; None if unknown."""
    value = value.strip().lower()
    if model.lower() == "html":
        return _parse_hex(value)
    numbers = [float(number) for number, _ in _NUMBER.findall(value[:100])]
    match model, numbers:
        case "rgb", [red, green, blue]:
            return red, green, blue, 1.0
        case "RGB", [red, green, blue]:
            return red / 255, green / 255, blue / 255, 1.0
        case "gray", [gray]:
            return gray, gray, gray, 1.0
        case "cmyk", [cyan, magenta, yellow, black]:
            return 1 - cyan - black, 1 - magenta - black, 1 - yellow - black, 1.0
    return parse_css_color(value)


def indistinguishable(color: Color, background: Color) -> bool:
    """Whether text of this color is invisible on this background, by lack of contrast or of opacity."""
    return color[3] < MIN_OPACITY or all(
        abs(text - behind) <= MIN_CONTRAST for text, behind in zip(color[:3], background[:3], strict=True)
    )


def _parse_hex(digits: str) -> Color | None:
    if len(digits) in {3, 4}:
        digits = "".join(digit * 2 for digit in digits)
    if len(digits) not in {6, 8} or not re.fullmatch("[0-9a-f]+", digits):
        return None
    red, green, blue, opacity = (int(digits[at : at + 2] or "ff", 16) / 255 for at in (0, 2, 4, 6))
    return red, green, blue, opacity


def _fraction(number: float, unit: str, maximum: float) -> float:
    return number / 100 if unit else number / maximum


MIN_FONT_SIZE = 3.0  # pixels; LaTeX's \tiny is 6.7
OFF_PAGE = 900.0  # pixels; a box moved this far is off any page
MAX_RULES = 300
MAX_STYLE_LENGTH = 10_000  # characters of a `style` attribute

_LENGTH = re.compile(
    r"\s*([+-]?(?:\d+(?:\.\d*)?|\.\d+))\s*(px|pt|pc|em|rem|ex|ch|%|in|cm|mm|vw|vh)?", re.IGNORECASE
)
_PIXELS_PER_UNIT = {
    "px": 1.0,
    "pt": 4 / 3,
    "pc": 16.0,
    "in": 96.0,
    "cm": 37.8,
    "mm": 3.78,
    "vw": 10.0,
    "vh": 10.0,
    "": 1.0,
}
_SCALE = re.compile(r"scale[xy]?\(\s*(-?[\d.]+)", re.IGNORECASE)
_CLIPPED = re.compile(
    r"inset\(\s*(?:[5-9]\d|100)%|circle\(\s*0|rect\((?:\s*+0(?:px)?[\s,]*+){4}\)|opacity\(\s*0", re.IGNORECASE
)
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_POSITION_PROPERTIES = ("left", "right", "top", "bottom")
_SHIFT_PROPERTIES = ("margin-left", "margin-top", "margin-right", "text-indent")
_HIDDEN_CLASSES = frozenset(("ltx_phantom", "ltx_nodisplay"))  # LaTeXML's own style sheet hides them

Declarations = Mapping[str, str]


@dataclass(frozen=True)
class ComputedStyle:
    """The inherited style of an element, as far as it decides whether its text is visible."""

    color: Color = BLACK
    background: Color = WHITE
    size: float = 16.0  # font size in pixels
    opacity: float = 1.0
    gone: bool = False  # not displayed, clipped or off the page; no element inside can undo it
    invisible: bool = False  # `visibility: hidden`, which an element inside can undo

    @cached_property
    def hidden_by(self) -> Literal["", "color", "gone"]:
        """Why the text is invisible: only by its color on its background, or in any case; empty if visible."""
        if self.gone or self.invisible or self.opacity < 0.1 or self.size < MIN_FONT_SIZE:
            return "gone"
        return "color" if indistinguishable(self.color, self.background) else ""


def parse_style_attribute(style: str) -> dict[str, str]:
    """Parse a `style` attribute. One too long to be parsed counts as hiding, since it might."""
    return parse_declarations(style) if len(style) <= MAX_STYLE_LENGTH else {"display": "none"}


def parse_declarations(style: str) -> dict[str, str]:
    """Parse CSS declarations to a mapping of property names to values, in lower case; the last of a name wins."""
    pairs = (part.partition(":") for part in _COMMENT.sub("", style).split(";"))
    return {
        name.strip().lower(): value.replace("!important", "").strip().lower()
        for name, _, value in pairs
        if value
    }


# A tag, classes, an id or an attribute, optionally below one other such element. Sibling selectors and longer chains
# are skipped, since matching them is exponential: `i ~ p ~ p ~ p ~ p` over 400 paragraphs runs for minutes. LaTeXML
# writes none.
_COMPOUND_SELECTOR = (
    r"(?:[a-zA-Z][\w-]*|\*)?(?:[.#][\w-]+){0,3}(?:\[[\w-]+(?:[~^|*$]?=(?:\"[^\"\]]*\"|'[^'\]]*'|[\w-]+))?\])?"
)
_SELECTOR = re.compile(rf"(?=.){_COMPOUND_SELECTOR}(?:\s+(?=\S){_COMPOUND_SELECTOR})?")
MAX_SELECTOR_WORK = 2_000_000  # elements times rules


def hiding_rules(sheet: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Parse a style sheet and yield each rule that can hide text, as its selector and declarations.

    Rules for print, and selectors other than `_SELECTOR` (such as `:hover`), are skipped. At most `MAX_RULES`.
    """
    # The text before each open brace, and whether it is inside a rule for print.
    preludes: list[tuple[str, bool]] = []
    start = count = 0
    sheet = _COMMENT.sub("", sheet)
    for brace in re.finditer("[{}]", sheet):
        inside = sheet[start : brace.start()]
        start = brace.end()
        if brace.group() == "{":
            prelude = inside.rpartition(";")[2].strip()
            outer, for_print = preludes[-1] if preludes else ("", False)
            preludes.append((prelude, for_print or "print" in outer))
            continue
        selector, for_print = preludes.pop() if preludes else ("", False)
        declarations = parse_declarations(inside)
        usable = len(selector) < 300 and all(map(_SELECTOR.fullmatch, map(str.strip, selector.split(","))))
        if usable and not for_print and apply_declarations(ComputedStyle(), declarations) != ComputedStyle():
            yield selector, declarations
            count += 1
            if count == MAX_RULES:
                return


def apply_classes(style: ComputedStyle, classes: frozenset[str]) -> ComputedStyle:
    """Return the style inside an element with these classes."""
    return replace(style, gone=True) if classes & _HIDDEN_CLASSES else style


def apply_declarations(style: ComputedStyle, declarations: Declarations) -> ComputedStyle:
    """Return the style inside an element with these declarations."""
    if not declarations:
        return style
    color = parse_css_color(declarations.get("color") or declarations.get("--ltx-fg-color") or "")
    color = parse_css_color(declarations.get("-webkit-text-fill-color", "")) or color or style.color
    background = parse_css_color(
        declarations.get("background-color")
        or declarations.get("--ltx-bg-color")
        or declarations.get("background")
        or ""
    )
    visibility = declarations.get("visibility")
    return ComputedStyle(
        color=color,
        background=background if background and background[3] > 0.5 else style.background,
        size=_font_size(style.size, declarations),
        opacity=style.opacity * min(1.0, _length(declarations.get("opacity", ""), 1.0, default=1.0)),
        gone=style.gone
        or declarations.get("display") == "none"
        or _is_clipped(declarations)
        or _is_off_page(declarations),
        invisible=visibility in {"hidden", "collapse"} if visibility else style.invisible,
    )


def _font_size(inherited: float, declarations: Declarations) -> float:
    """Return the font size in pixels, scaled by `transform`; keywords such as `small` keep the inherited size."""
    size = _length(declarations.get("font-size", ""), inherited, default=inherited)
    for factor in _SCALE.findall(declarations.get("transform", "")):
        try:
            size *= abs(float(factor))
        except ValueError:
            continue
    return size


def _length(value: str, font_size: float, *, default: float) -> float:
    """Convert a CSS length to pixels; em, ex, ch and percent are relative to `font_size`."""
    match = _LENGTH.match(value)
    if not match:
        return default
    unit = (match[2] or "").lower()
    relative = {"em": font_size, "ex": font_size / 2, "ch": font_size / 2, "%": font_size / 100, "rem": 16.0}
    return float(match[1]) * relative.get(unit, _PIXELS_PER_UNIT.get(unit, 1.0))


def _is_clipped(declarations: Declarations) -> bool:
    """Whether a box hides its content, by a size of zero with hidden overflow or by an empty clip path."""
    hides_overflow = any(
        declarations.get(name, "")[:4] in {"hidd", "clip"}
        for name in ("overflow", "overflow-x", "overflow-y")
    )
    sides = ("width", "height", "max-width", "max-height")
    if hides_overflow and any(_length(declarations.get(side, ""), 16, default=99) < 1 for side in sides):
        return True
    return any(_CLIPPED.search(declarations.get(name, "")) for name in ("clip", "clip-path", "filter"))


def _is_off_page(declarations: Declarations) -> bool:
    """Whether a box is moved off the page."""
    if any(_length(declarations.get(name, ""), 16, default=0) < -OFF_PAGE for name in _SHIFT_PROPERTIES):
        return True
    positioned = declarations.get("position", "static") != "static"
    return positioned and any(
        abs(_length(declarations.get(name, ""), 16, default=0)) > OFF_PAGE for name in _POSITION_PROPERTIES
    )
