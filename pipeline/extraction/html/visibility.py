"""What a reader of a page can see: the styles that make text invisible, inherited as a browser does.

Papers have carried orders to language models in white or tiny type. What nobody can see is not part of what
the authors say, so it is not read.
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
CLEAR: Color = (0.0, 0.0, 0.0, 0.0)
ALIKE = 32 / 255  # two colors closer than this in every channel cannot be told apart on a page
FAINT = 0.1  # opacity

_NUMBER = re.compile(r"([+-]?(?:\d+(?:\.\d*)?|\.\d+))(%?)")
_NAMED = {
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


def css(value: str) -> Color | None:
    """`#FFFFFF`, `#fffc`, `rgb(255 255 255 / 10%)`, `hsl(0, 0%, 100%)`, a name; None if it is none of these."""
    value = value.strip().lower()
    if value == "transparent":
        return CLEAR
    if value.startswith("#") or value in _NAMED:
        return _hex(_NAMED.get(value) or value[1:])
    name, bracket, rest = value.partition("(")
    if not bracket or name not in {"rgb", "rgba", "hsl", "hsla"}:
        return None
    parts = [(float(number), unit) for number, unit in _NUMBER.findall(rest[:100])]
    if len(parts) not in {3, 4}:
        return None
    opacity = _share(*parts[3], 1) if len(parts) == 4 else 1.0
    if name.startswith("hsl"):
        red, green, blue = colorsys.hls_to_rgb(parts[0][0] / 360, parts[2][0] / 100, parts[1][0] / 100)
    else:
        red, green, blue = (_share(*part, 255) for part in parts[:3])
    return red, green, blue, opacity


def tex(model: str, value: str) -> Color | None:
    r"""The color of `\color[rgb]{1,1,1}`, `\color[gray]{1}`, `\color{white}` and their like; None if unknown."""
    value = value.strip().lower()
    if model.lower() == "html":
        return _hex(value)
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
    return css(value)


def alike(one: Color, other: Color) -> bool:
    """Whether text of one color cannot be seen on the other, or not at all."""
    return one[3] < FAINT or all(
        abs(mine - its) <= ALIKE for mine, its in zip(one[:3], other[:3], strict=True)
    )


def _hex(digits: str) -> Color | None:
    if len(digits) in {3, 4}:
        digits = "".join(digit * 2 for digit in digits)
    if len(digits) not in {6, 8} or not re.fullmatch("[0-9a-f]+", digits):
        return None
    red, green, blue, opacity = (int(digits[at : at + 2] or "ff", 16) / 255 for at in (0, 2, 4, 6))
    return red, green, blue, opacity


def _share(number: float, unit: str, of: float) -> float:
    return number / 100 if unit else number / of


SMALLEST = 3.0  # pixels of font size; LaTeX's \tiny is 6.7
FAR = 900.0  # pixels away is off any page
MOST_RULES = 300
LONGEST_STYLE = 10_000  # characters of a `style` attribute

_LENGTH = re.compile(
    r"\s*([+-]?(?:\d+(?:\.\d*)?|\.\d+))\s*(px|pt|pc|em|rem|ex|ch|%|in|cm|mm|vw|vh)?", re.IGNORECASE
)
_PIXELS = {
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
_PLACES = ("left", "right", "top", "bottom")
_PUSHES = ("margin-left", "margin-top", "margin-right", "text-indent")
_CLASSES = frozenset(("ltx_phantom", "ltx_nodisplay"))  # LaTeXML's own style sheet hides them

Declarations = Mapping[str, str]


@dataclass(frozen=True)
class Look:
    """How text looks at some place of the page."""

    color: Color = BLACK
    background: Color = WHITE
    size: float = 16.0
    opacity: float = 1.0
    gone: bool = False
    invisible: bool = False

    @cached_property
    def unseen(self) -> Literal["", "color", "gone"]:
        """Why text cannot be seen here: for its color on its background, or in any case. Empty if it can."""
        if self.gone or self.invisible or self.opacity < 0.1 or self.size < SMALLEST:
            return "gone"
        return "color" if alike(self.color, self.background) else ""


def inline(style: str) -> dict[str, str]:
    """What a `style` attribute sets. One too long to be looked at hides: nobody could say that it does not."""
    return declarations(style) if len(style) <= LONGEST_STYLE else {"display": "none"}


def declarations(style: str) -> dict[str, str]:
    """The properties of a `style` attribute or of a rule's inside; the last of each name counts."""
    pairs = (part.partition(":") for part in _COMMENT.sub("", style).split(";"))
    return {
        name.strip().lower(): value.replace("!important", "").strip().lower()
        for name, _, value in pairs
        if value
    }


# A name, classes or an id, perhaps inside one other such element. With siblings and chains the parser's search
# is exponential: `i ~ p ~ p ~ p ~ p` over 400 paragraphs runs for minutes. LaTeXML writes none.
_PART = (
    r"(?:[a-zA-Z][\w-]*|\*)?(?:[.#][\w-]+){0,3}(?:\[[\w-]+(?:[~^|*$]?=(?:\"[^\"\]]*\"|'[^'\]]*'|[\w-]+))?\])?"
)
_SIMPLE = re.compile(rf"(?=.){_PART}(?:\s+(?=\S){_PART})?")
MOST_MATCHES = 2_000_000  # elements times rules


def rules(sheet: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Selectors of a style sheet with what they set, if it can hide. Rules for print and states are passed over."""
    preludes: list[
        tuple[str, bool]
    ] = []  # what stands before each open brace, and whether it is inside print's
    start = given = 0
    sheet = _COMMENT.sub("", sheet)
    for brace in re.finditer("[{}]", sheet):
        inside = sheet[start : brace.start()]
        start = brace.end()
        if brace.group() == "{":
            prelude = inside.rpartition(";")[2].strip()
            outer, printed = preludes[-1] if preludes else ("", False)
            preludes.append((prelude, printed or "print" in outer))
            continue
        selector, printed = preludes.pop() if preludes else ("", False)
        found = declarations(inside)
        usable = len(selector) < 300 and all(map(_SIMPLE.fullmatch, map(str.strip, selector.split(","))))
        if usable and not printed and styled(Look(), found) != Look():
            yield selector, found
            given += 1
            if given == MOST_RULES:
                return


def classed(look: Look, classes: frozenset[str]) -> Look:
    """The look inside an element with these classes."""
    return replace(look, gone=True) if classes & _CLASSES else look


def styled(look: Look, found: Declarations) -> Look:
    """The look inside an element with these properties."""
    if not found:
        return look
    color = css(found.get("color") or found.get("--ltx-fg-color") or "")
    color = css(found.get("-webkit-text-fill-color", "")) or color or look.color
    behind = css(
        found.get("background-color") or found.get("--ltx-bg-color") or found.get("background") or ""
    )
    visibility = found.get("visibility")
    return Look(
        color=color,
        background=behind if behind and behind[3] > 0.5 else look.background,
        size=_size(look.size, found),
        opacity=look.opacity * min(1.0, _length(found.get("opacity", ""), 1.0, default=1.0)),
        gone=look.gone or found.get("display") == "none" or _shut(found) or _away(found),
        invisible=visibility in {"hidden", "collapse"} if visibility else look.invisible,
    )


def _size(inherited: float, found: Declarations) -> float:
    """Font size in pixels, with the factor of a `transform`; a size given as a word counts as visible."""
    size = _length(found.get("font-size", ""), inherited, default=inherited)
    for factor in _SCALE.findall(found.get("transform", "")):
        try:
            size *= abs(float(factor))
        except ValueError:
            continue
    return size


def _length(value: str, font: float, *, default: float) -> float:
    """A length in pixels; em and percent are of the font size."""
    found = _LENGTH.match(value)
    if not found:
        return default
    unit = (found[2] or "").lower()
    relative = {"em": font, "ex": font / 2, "ch": font / 2, "%": font / 100, "rem": 16.0}
    return float(found[1]) * relative.get(unit, _PIXELS.get(unit, 1.0))


def _shut(found: Declarations) -> bool:
    """A box without size that cuts off what it holds, or one that is clipped to nothing."""
    cuts = any(
        found.get(name, "")[:4] in {"hidd", "clip"} for name in ("overflow", "overflow-x", "overflow-y")
    )
    sides = ("width", "height", "max-width", "max-height")
    if cuts and any(_length(found.get(side, ""), 16, default=99) < 1 for side in sides):
        return True
    return any(_CLIPPED.search(found.get(name, "")) for name in ("clip", "clip-path", "filter"))


def _away(found: Declarations) -> bool:
    """A box far off the page."""
    if any(_length(found.get(name, ""), 16, default=0) < -FAR for name in _PUSHES):
        return True
    placed = found.get("position", "static") != "static"
    return placed and any(abs(_length(found.get(name, ""), 16, default=0)) > FAR for name in _PLACES)
