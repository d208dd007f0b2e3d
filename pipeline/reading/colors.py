"""Colors as CSS and LaTeX write them, as far as it takes to tell white text from text that is seen."""

from __future__ import annotations

import colorsys
import re

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
