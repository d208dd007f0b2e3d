"""Decide which text of a page is visible, from its inline styles and style sheets, with CSS inheritance.

Papers have carried instructions to language models in white or tiny type. Text that a human reader cannot see is
not part of the paper and is therefore not extracted.

A declaration is read by its property. Those of `_HARMLESS` cannot hide text, whatever their value. Those of
`_READERS` can, and their values are read. Any other property, and any value that a reader does not understand, could
hide text: its element is `unclear`, and a page that shows such an element is not read. Only CSS that every browser
drops is passed over: what is no declaration at all, and a declaration without a value.
"""

import itertools
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache, partial
from typing import Any, Literal

import tinycss2
from tinycss2 import color4

Color = tuple[float, float, float, float]  # red, green, blue, opacity, each from 0 to 1

MIN_CONTRAST = 32 / 255  # colors that differ by no more in every channel cannot be distinguished on a page
MIN_OPACITY = 0.1
FONT_SIZES = (3.0, 1000.0)  # pixels; LaTeX's \tiny is 6.7
MIN_SCALED_SIZE_IN_TABLE = 2.0  # pixels; \tiny in a table that \resizebox fits to the column
OFF_PAGE = 900.0  # pixels; a box moved this far is off any page
MAX_SHIFT = 16.0  # pixels; a box moved further may lie on other text, and leaves the background around it
MIN_BOX = 8.0  # pixels; a narrower box is no background to its text
MAX_BACKGROUNDS = 4  # that are possible behind a text
MAX_TIGHTENING = 0.5  # of the font size by which letters are closer; LaTeX's logo has 0.2
MAX_STYLE_LENGTH = 10_000  # characters of a `style` attribute
MAX_SHEET_LENGTH = 200_000  # characters of all style sheets of a page
MAX_RULES = 300
MAX_SELECTOR_LENGTH = 300  # characters
MAX_SELECTOR_WORK = 2_000_000  # elements times rules

_BLACK: Color = (0.0, 0.0, 0.0, 1.0)
_WHITE: Color = (1.0, 1.0, 1.0, 1.0)
_TEX_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)")


# `lab()`, `lch()`, `oklab()`, `oklch()` and `xyz` are reduced to their lightness: LaTeXML writes none of them. The
# channels of the RGB spaces besides sRGB are close enough to its own.
_CONVERTED_TO = {
    "hsl": "srgb",
    "hwb": "srgb",
    **dict.fromkeys(("lch", "oklab", "oklch", "xyz-d50", "xyz-d65"), "lab"),
}


def parse_css_color(value: Any) -> Color | None:
    """Parse a color, given as text or as a token: `#fffc`, `rgb(255 255 255 / 10%)`, `oklch(1 0 0)`, `white`.

    None if unknown. A color out of the parser's range counts as transparent, since it might be invisible.
    """
    try:
        color = color4.parse_color(value)
        if not isinstance(color, color4.Color):
            return None
        converted = color.to(_CONVERTED_TO.get(color.space, color.space))  # which makes `none` 0
    except (ValueError, OverflowError):
        return 0.0, 0.0, 0.0, 0.0
    channels = converted.coordinates
    if converted.space == "lab":
        channels = (channels[0] / 100,) * 3
    red, green, blue = (min(1.0, max(0.0, channel)) for channel in channels)
    return red, green, blue, color.alpha


def parse_tex_color(model: str, value: str) -> Color | None:
    r"""Parse the color of `\color[rgb]{1,1,1}`, `\color[gray]{1}`, `\color{white}` and the like; None if unknown."""
    value = value.strip()
    match model, [float(number) for number in _TEX_NUMBER.findall(value)]:
        case "rgb", [red, green, blue]:
            return red, green, blue, 1.0
        case "RGB", [red, green, blue]:
            return red / 255, green / 255, blue / 255, 1.0
        case "gray", [gray]:
            return gray, gray, gray, 1.0
        case "cmyk", [cyan, magenta, yellow, black]:
            return 1 - cyan - black, 1 - magenta - black, 1 - yellow - black, 1.0
    return parse_css_color(f"#{value}" if model.upper() == "HTML" else value)


def indistinguishable(color: Color, background: Color) -> bool:
    """Whether text of this color is invisible on this background, by lack of contrast or of opacity."""
    return color[3] < MIN_OPACITY or all(
        abs(text - behind) <= MIN_CONTRAST
        for text, behind in zip(_blend(color, background)[:3], background[:3], strict=True)
    )


def _blend(color: Color, behind: Color) -> Color:
    red, green, blue = (
        one * color[3] + other * (1 - color[3]) for one, other in zip(color[:3], behind[:3], strict=True)
    )
    return red, green, blue, 1.0


@dataclass(frozen=True)
class ComputedStyle:
    """The style inside an element, as far as it decides whether its text is visible."""

    color: Color = _BLACK
    fill_color: Color | None = None  # `-webkit-text-fill-color`, which replaces the color
    backgrounds: tuple[Color, ...] = (_WHITE,)  # the text has to be visible on each of them
    size: float = 16.0  # font size in pixels
    scale: float = 1.0
    opacity: float = 1.0
    shift: float = 0.0  # pixels by which boxes are moved, added up
    letter_spacing: float = 0.0  # pixels, the least that is set around the text
    is_narrow: bool = False  # the box is too small to be the background of its text
    gone: bool = False  # not displayed; no element inside can undo it
    invisible: bool = False  # `visibility: hidden`, which an element inside can undo
    unclear: str = ""  # a declaration that is not understood and could hide text
    in_table: bool = False  # or in a figure
    is_transform_box: bool = False  # arXiv's style sheet resets the transform of the box inside it
    in_drawing: bool = False  # in an SVG picture and not in a `foreignObject`: text is not displayed
    drawn_unclear: bool = False  # inside attributes of an SVG picture that could hide text
    reach: float = OFF_PAGE  # pixels by which a box can be moved without leaving the page or the picture

    @property
    def background(self) -> Color:
        """The innermost background."""
        return self.backgrounds[-1]

    @cached_property
    def hidden_by(self) -> Literal["", "color", "gone"]:
        """Why the text is invisible: "gone" in any case, "color" perhaps not in a picture; empty if visible."""
        smallest, largest = FONT_SIZES
        smallest_scaled = MIN_SCALED_SIZE_IN_TABLE if self.in_table else smallest
        # `not … <=` is also true for NaN, the product of a size of zero and an infinite one.
        if (
            self.gone
            or self.invisible
            or self.in_drawing
            or self.opacity < MIN_OPACITY
            or not smallest <= self.size <= largest
            or not smallest_scaled <= self.size * self.scale <= largest
        ):
            return "gone"
        return "color" if self.drawn_unclear or any(self._indistinguishable()) else ""

    def is_partly_indistinguishable(self) -> bool:
        """Whether the text is visible on one of the possible backgrounds and invisible on another."""
        return len(self.backgrounds) > 1 and len({*self._indistinguishable()}) > 1

    def _indistinguishable(self) -> Iterator[bool]:
        red, green, blue, alpha = self.fill_color or self.color
        color = (red, green, blue, alpha * self.opacity)
        return (indistinguishable(color, background) for background in self.backgrounds)


Effect = Callable[[ComputedStyle], ComputedStyle]  # of one declaration on the style inside its element
Declarations = Mapping[str, Effect]  # by property; `!important` ones by `!` and the property
Reader = Callable[[Sequence[Any]], Effect | None]  # of the tokens of a value; None if it is not understood


def _unchanged(style: ComputedStyle) -> ComputedStyle:
    return style


def _not_understood(declaration: str, style: ComputedStyle) -> ComputedStyle:
    return replace(style, unclear=style.unclear or declaration)


def unclear_effect(reason: str) -> Effect:
    """The effect of what is not understood and could hide text. `reason` is shortened to printable ASCII."""
    plain = "".join(character if " " <= character <= "~" else "?" for character in " ".join(reason.split()))
    return partial(_not_understood, plain[:60])


# Readers of values


def _read_color(tokens: Sequence[Any]) -> Effect | None:
    if _is_keyword(tokens, "inherit", "unset", "currentcolor"):
        return _unchanged
    color = parse_css_color(tokens[0]) if len(tokens) == 1 else None
    return None if color is None else lambda style: replace(style, color=color)


def _read_fill_color(tokens: Sequence[Any]) -> Effect | None:
    color = parse_css_color(tokens[0]) if len(tokens) == 1 else None
    return None if color is None else lambda style: replace(style, fill_color=color)


def _read_background(tokens: Sequence[Any]) -> Effect | None:
    if _is_keyword(tokens, "none", "initial", "unset"):
        return _unchanged
    color = parse_css_color(tokens[0]) if len(tokens) == 1 else None
    if color is None:
        return None

    def paint(style: ComputedStyle) -> ComputedStyle:
        if style.shift > MAX_SHIFT and color[3] > 0:
            return _not_understood("a moved background", style)
        blended = tuple(_blend(color, behind) for behind in style.backgrounds)
        if not style.is_narrow:
            return replace(style, backgrounds=blended)
        if len(blended) > MAX_BACKGROUNDS:
            return _not_understood("backgrounds in small boxes", style)
        return replace(style, backgrounds=(*style.backgrounds, *blended))

    return paint


def _read_font_size(tokens: Sequence[Any]) -> Effect | None:
    if _is_keyword(tokens, "inherit", "unset"):
        return _unchanged
    if len(tokens) != 1:
        return None
    if tokens[0].type == "ident":
        size = _SIZE_KEYWORDS.get(tokens[0].lower_value)
        return None if size is None else lambda style: replace(style, size=size)
    length = _Length.of(tokens[0])
    if length is None or length.number < 0:
        return None
    return lambda style: replace(style, size=length.pixels(style.size, percent=style.size))


def _read_font(tokens: Sequence[Any]) -> Effect | None:
    """Read the size of a shorthand such as `italic 700 12px/1.2 serif`: its only length."""
    if any(token.type == "number" and token.value < 0.5 for token in tokens):
        return None  # a size or a line height of zero
    return _read_font_size([token for token in tokens if _Length.of(token)])


def _read_opacity(tokens: Sequence[Any]) -> Effect | None:
    if len(tokens) != 1 or tokens[0].type not in {"number", "percentage"}:
        return None
    opacity = min(1.0, tokens[0].value / (100 if tokens[0].type == "percentage" else 1))
    return lambda style: replace(style, opacity=style.opacity * opacity)


def _read_display(tokens: Sequence[Any]) -> Effect | None:
    if _is_keyword(tokens, "none"):
        return lambda style: replace(style, gone=True)
    return _unchanged if _is_keyword(tokens, *_DISPLAYS) else None


def _read_visibility(tokens: Sequence[Any]) -> Effect | None:
    if _is_keyword(tokens, "inherit", "unset"):
        return _unchanged
    if not _is_keyword(tokens, "visible", "initial", "hidden", "collapse"):
        return None
    hides = _is_keyword(tokens, "hidden", "collapse")
    return lambda style: replace(style, invisible=hides)


def _read_keyword(allowed: frozenset[str], tokens: Sequence[Any]) -> Effect | None:
    return _unchanged if _is_keyword(tokens, *allowed) else None


def _read_shift(tokens: Sequence[Any], *, only_negative: bool = False) -> Effect | None:
    """Read lengths by which a box is moved, or widened (`only_negative`: a positive one moves nothing out of sight)."""
    lengths = [_Length.of(token) for token in tokens if token.type != "ident"]
    if not all(lengths) or not all(_is_keyword([token]) for token in tokens if token.type == "ident"):
        return None

    def move(style: ComputedStyle) -> ComputedStyle:
        moved = [length.pixels(style.size) for length in lengths if length]
        shift = max((-pixels if only_negative else abs(pixels) for pixels in moved), default=0.0)
        if not all(abs(pixels) <= style.reach for pixels in moved):
            return _not_understood("a box moved off the page", style)
        return _shifted(style, max(0.0, shift))

    return move


def _shifted(style: ComputedStyle, shift: float) -> ComputedStyle:
    """Move a box: far from its place it may be off the page, lie on other text, or leave the background around it."""
    shift += style.shift
    if not shift <= style.reach:
        return _not_understood("a box moved off the page", style)
    if shift > MAX_SHIFT >= style.shift:
        return replace(style, shift=shift, backgrounds=(_WHITE, *style.backgrounds))
    return replace(style, shift=shift)


def _read_size(tokens: Sequence[Any]) -> Effect | None:
    """Read a width or height. It hides nothing, since nothing is clipped, but a small box is no background."""
    length = _Length.of(tokens[0]) if len(tokens) == 1 else None
    if len(tokens) == 1 and tokens[0].type == "ident":
        return _unchanged
    if length and length.pixels(16.0, percent=800.0) >= MIN_BOX:
        return _unchanged
    return lambda style: replace(style, is_narrow=True)


def _read_spacing(tokens: Sequence[Any]) -> Effect | None:
    """Read the space between letters or words."""
    if _is_keyword(tokens, "normal", "inherit"):
        return _unchanged
    length = _Length.of(tokens[0]) if len(tokens) == 1 else None
    if length is None or not length.pixels(16.0, percent=16.0) <= OFF_PAGE:
        return None
    return lambda style: replace(
        style, letter_spacing=min(style.letter_spacing, length.pixels(style.size, percent=style.size))
    )


def _read_line_height(tokens: Sequence[Any]) -> Effect | None:
    if _is_keyword(tokens, "normal", "inherit"):
        return _unchanged
    if len(tokens) == 1 and tokens[0].type == "number":
        return _unchanged if tokens[0].value >= 0.5 else None
    length = _Length.of(tokens[0]) if len(tokens) == 1 else None
    return _unchanged if length and length.pixels(16.0, percent=16.0) >= MIN_BOX else None


def _read_shadow(tokens: Sequence[Any]) -> Effect | None:
    """Read a shadow, which could be large enough to cover other text; its colors do not matter."""
    lengths = [_Length.of(token) for token in tokens if token.type in {"number", "dimension"}]
    if any(token.type in {"function", "percentage"} for token in tokens):
        return None
    return _unchanged if all(one and abs(one.pixels(16.0)) <= MAX_SHIFT for one in lengths) else None


def _read_decoration(tokens: Sequence[Any]) -> Effect | None:
    """Read a line through or below the text, which could be thick enough to cover it."""
    return _unchanged if all(token.type in {"ident", "hash"} for token in tokens) else None


def _read_transform(tokens: Sequence[Any]) -> Effect | None:
    """Read `none` or a list of functions."""
    if _is_keyword(tokens, "none"):
        return _unchanged
    read = [_read_transform_function(token) for token in tokens]
    return None if not all(read) else partial(_transformed, [one for one in read if one])


def _read_scale(tokens: Sequence[Any]) -> Effect | None:
    if _is_keyword(tokens, "none"):
        return _unchanged
    factors = [
        token.value / (100 if token.type == "percentage" else 1) for token in tokens if _is_number(token)
    ]
    if len(factors) != len(tokens) or not 1 <= len(factors) <= 2:
        return None
    return partial(_transformed, [(min(map(abs, factors)), ())])


def _read_translate(tokens: Sequence[Any]) -> Effect | None:
    if _is_keyword(tokens, "none"):
        return _unchanged
    lengths = [_Length.of(token) for token in tokens]
    if not all(lengths) or not 1 <= len(lengths) <= 2:
        return None
    return partial(_transformed, [(1.0, tuple(one for one in lengths if one))])


def _read_rotate(tokens: Sequence[Any]) -> Effect | None:
    """Read `none` or an angle in the plane of the page."""
    is_angle = len(tokens) == 1 and tokens[0].type == "dimension"
    return _unchanged if is_angle or _is_keyword(tokens, "none") else None


_Transform = tuple[float, tuple["_Length", ...]]  # the scale in its smaller direction, and the movement


def _transformed(transforms: Sequence[_Transform], style: ComputedStyle) -> ComputedStyle:
    lengths = [length for _, movement in transforms for length in movement]
    shift = sum(abs(length.pixels(style.size)) for length in lengths)
    return _shifted(replace(style, scale=style.scale * math.prod(scale for scale, _ in transforms)), shift)


def _read_transform_function(token: Any) -> _Transform | None:
    if token.type != "function":
        return None
    arguments = [one for one in token.arguments if one.type != "whitespace" and not _is_literal(one, ",")]
    lengths = [_Length.of(one, unitless=True) for one in arguments]
    numbers = [one.value / (100 if one.type == "percentage" else 1) for one in arguments if _is_number(one)]
    if not arguments or not all(lengths):
        return None
    movement = tuple(one for one in lengths if one)
    match token.lower_name, len(arguments):
        case ("translate", 1 | 2) | ("translatex" | "translatey", 1):
            return 1.0, movement
        case ("scale", 1 | 2) | ("scalex" | "scaley", 1) if len(numbers) == len(arguments):
            return min(map(abs, numbers)), ()
        case ("rotate" | "rotatez", 1) | ("rotate", 3):
            return 1.0, ()
        case ("matrix", 6) if len(numbers) == 6:
            return _smallest_scale(*numbers[:4]), movement[4:]
    return None


def _smallest_scale(a: float, b: float, c: float, d: float) -> float:
    """Return the smaller singular value of a matrix: the least by which it scales in any direction."""
    squares, determinant = a * a + b * b + c * c + d * d, a * d - b * c
    root = math.sqrt(max(0.0, squares * squares - 4 * determinant * determinant))
    return math.sqrt(max(0.0, (squares - root) / 2))


@dataclass(frozen=True)
class _Length:
    number: float
    unit: str

    @classmethod
    def of(cls, token: Any, *, unitless: bool = False) -> "_Length | None":
        """Read a length, percentage or zero (`unitless`: any number or angle); None if it is none of these."""
        if token.type == "percentage":
            return cls(token.value / 100, "%")
        if token.type == "number" and (unitless or token.value == 0):
            return cls(token.value, "px")
        if token.type == "dimension" and (
            token.lower_unit in _PIXELS_PER_UNIT or (unitless and token.lower_unit in _ANGLES)
        ):
            return cls(token.value, token.lower_unit)
        return None

    def pixels(self, font_size: float, percent: float = 800.0) -> float:
        """Convert to pixels; `percent` is what 100 % are."""
        relative = {"em": font_size, "ex": font_size / 2, "ch": font_size / 2, "%": percent}
        return self.number * relative.get(self.unit, _PIXELS_PER_UNIT.get(self.unit, 1.0))


def _is_literal(token: Any, *signs: str) -> bool:
    return token.type == "literal" and token.value in signs


def _is_keyword(tokens: Sequence[Any], *allowed: str) -> bool:
    """Whether a value is one of these keywords; without any, `auto` or one that every property has."""
    words = allowed or ("auto", "inherit", "initial", "unset")
    return len(tokens) == 1 and tokens[0].type == "ident" and tokens[0].lower_value in words


def _is_number(token: Any) -> bool:
    return token.type in {"number", "percentage"}


_PIXELS_PER_UNIT = {
    "px": 1.0, "pt": 4 / 3, "pc": 16.0, "rem": 16.0, "in": 96.0, "cm": 37.8, "mm": 3.78, "q": 0.945,
    "vw": 10.0, "vh": 10.0, "vmin": 10.0, "vmax": 10.0, "em": 16.0, "ex": 8.0, "ch": 8.0,
}  # fmt: skip
_ANGLES = frozenset(("deg", "rad", "grad", "turn"))
_SIZE_KEYWORDS = {
    "xx-small": 9.6, "x-small": 10.0, "small": 13.0, "medium": 16.0, "large": 18.0, "x-large": 24.0,
    "xx-large": 32.0, "xxx-large": 48.0, "initial": 16.0,
}  # fmt: skip
_DISPLAYS = (
    "block", "inline", "inline-block", "list-item", "flow-root", "table", "inline-table", "table-row",
    "table-cell", "table-row-group", "table-header-group", "table-footer-group", "table-caption", "initial",
    "inherit", "unset",
)  # fmt: skip

# Properties that hide no text, whatever their value.
_HARMLESS = frozenset((
    "text-align", "text-decoration-line", "text-decoration-color", "text-decoration-style", "text-transform",
    "vertical-align", "white-space", "word-break", "word-wrap", "overflow-wrap", "hyphens", "quotes",
    "font-family", "font-style", "font-weight", "font-variant", "font-variant-caps", "font-stretch",
    "list-style", "list-style-type", "list-style-position", "float", "clear", "aspect-ratio", "object-fit",
    "border", "border-top", "border-right", "border-bottom", "border-left", "border-color", "border-style",
    "border-width", "border-radius", "border-collapse", "border-spacing", "min-width", "min-height",
    *(f"border-{side}-{part}" for side in ("top", "right", "bottom", "left") for part in ("color", "style", "width")),
    "caption-side", "table-layout", "box-sizing", "break-after", "break-before", "break-inside",
    "page-break-after", "page-break-before", "page-break-inside", "orphans", "widows", "cursor",
    # Of shapes in pictures; the color of text in a `foreignObject` is `color`.
    "fill", "fill-opacity", "fill-rule", "stroke", "stroke-width", "stroke-opacity", "stroke-dasharray",
    "stroke-dashoffset", "stroke-linecap", "stroke-linejoin", "stroke-miterlimit", "stop-color", "stop-opacity",
))  # fmt: skip
_EXTENT = partial(_read_shift, only_negative=True)
# Properties that can hide text: the property that they set, and what reads their values. In this order they take effect,
# the font size first, since lengths in em depend on it, and movements and sizes before backgrounds.
_READERS: Mapping[str, tuple[str, Reader]] = {
    "font": ("font-size", _read_font),
    "font-size": ("font-size", _read_font_size),
    "display": ("display", _read_display),
    "visibility": ("visibility", _read_visibility),
    "opacity": ("opacity", _read_opacity),
    "transform": ("transform", _read_transform),
    "scale": ("scale", _read_scale),
    "rotate": ("rotate", _read_rotate),
    "translate": ("translate", _read_translate),
    "position": ("position", partial(_read_keyword, frozenset(("static", "relative", "initial", "unset")))),
    **{side: (side, _read_shift) for side in ("left", "right", "top", "bottom")},
    **{
        f"{name}{side}": (f"{name}{side}", _EXTENT)
        for name in ("margin", "padding")
        for side in ("", "-left", "-right", "-top", "-bottom")
    },
    "text-indent": ("text-indent", _EXTENT),
    "letter-spacing": ("letter-spacing", _read_spacing),
    "word-spacing": ("word-spacing", _read_spacing),
    "line-height": ("line-height", _read_line_height),
    "--ltx-fo-line-height": ("line-height", _read_line_height),
    "overflow": ("overflow", partial(_read_keyword, frozenset(("visible",)))),
    "box-shadow": ("box-shadow", _read_shadow),
    "text-decoration": ("text-decoration", _read_decoration),
    **{name: (name, _read_size) for name in ("width", "height", "max-width", "max-height")},
    # arXiv's style sheet sets the color and the background from LaTeXML's variables; the properties themselves win.
    "--ltx-bg-color": ("--ltx-bg-color", _read_background),
    "background": ("background-color", _read_background),
    "background-color": ("background-color", _read_background),
    "--ltx-fg-color": ("--ltx-fg-color", _read_color),
    "color": ("color", _read_color),
    "-webkit-text-fill-color": ("-webkit-text-fill-color", _read_fill_color),
}
# What sets the same as a property and does not count beside it: a variable that arXiv's style sheet reads, an attribute.
_OVERRIDES = {
    "color": ("--ltx-fg-color", "@color", "@mathcolor"),
    "--ltx-fg-color": ("@color", "@mathcolor"),
    "background-color": ("--ltx-bg-color", "@bgcolor", "@mathbackground"),
    "--ltx-bg-color": ("@bgcolor", "@mathbackground"),
    "font-size": ("@mathsize",),
}
_ORDER = {name: rank for rank, (name, _) in enumerate(_READERS.values(), start=1)}


# Declarations

# tinycss2 converts whole numbers with `int`, which refuses more than 4,300 digits.
_DIGITS = re.compile(r"([0-9]{300})[0-9]+")


@lru_cache(maxsize=1000)  # a page repeats a few styles in thousands of table cells
def parse_style_attribute(style: str) -> Declarations:
    """Parse a `style` attribute."""
    if len(style) > MAX_STYLE_LENGTH:
        return {"?": unclear_effect("a style attribute of unusual length")}
    return _declarations(tinycss2.parse_blocks_contents(_DIGITS.sub(r"\1", style), skip_comments=True))


@lru_cache(maxsize=1000)
def _parse_attribute(name: str, value: str) -> Effect:
    """Parse an attribute that sets a property: `color`, `bgcolor`, or an attribute of SVG."""
    value = re.sub(r"(?i)^(?=(?:[0-9a-f]{3}){1,2}$)", "#", value.strip()) if "color" in name else value
    value = f"{value}px" if name == "font-size" and _NUMBER.fullmatch(value) else value
    tokens = tinycss2.parse_component_value_list(_DIGITS.sub(r"\1", value), skip_comments=True)
    tokens = [token for token in tokens if token.type != "whitespace"]
    if not tokens:
        return _unchanged
    _, read = _READERS[_ATTRIBUTES.get(name, name)]
    return read(tokens) or unclear_effect(f"{name}={value}")


def _declarations(nodes: Iterable[Any]) -> Declarations:
    """Collect what the declarations of a block do; the last of a property wins."""
    declarations: dict[str, Effect] = {}
    for node in nodes:
        if node.type == "declaration":
            name, effect = _read_declaration(node)
            if name:
                declarations[f"!{name}" if node.important else name] = effect
        elif node.type in {"qualified-rule", "at-rule"}:
            declarations["?"] = unclear_effect("a rule inside another")
    return declarations


def _read_declaration(declaration: Any) -> tuple[str, Effect]:
    """Return the property that a declaration sets, and its effect; an empty name if it hides nothing."""
    name = declaration.lower_name
    tokens = [token for token in declaration.value if token.type not in {"whitespace", "comment"}]
    is_plain_variable = name.startswith("--ltx-") and name not in _READERS  # read by arXiv's style sheet
    if not tokens or name in _HARMLESS or is_plain_variable:
        return "", _unchanged
    target, read = _READERS.get(name, (name, _nothing_understood))
    return target, read(tokens) or unclear_effect(f"{name}: {_serialize(declaration.value[:20])}")


def _serialize(tokens: Sequence[Any]) -> str:
    try:
        return str(tinycss2.serialize(tokens))
    except RecursionError:  # deeply nested brackets
        return ""


def _nothing_understood(_tokens: Sequence[Any]) -> Effect | None:
    return None


def apply_declarations(style: ComputedStyle, declarations: Declarations) -> ComputedStyle:
    """Return the style inside an element with these declarations."""
    return _apply(style, _effective(declarations)) if declarations else style


def _apply(style: ComputedStyle, effects: Iterable[Effect]) -> ComputedStyle:
    for effect in effects:
        style = effect(style)
    if style.is_narrow:
        style = replace(style, is_narrow=False)
    if style.letter_spacing < -MAX_TIGHTENING * style.size:
        return _not_understood("letters on top of each other", style)
    if style.is_partly_indistinguishable():
        return _not_understood("text that may not stand on its background", style)
    return style


@lru_cache(maxsize=1000)
def _inline_effects(style_attribute: str) -> list[Effect]:
    return _effective(parse_style_attribute(style_attribute))


def _effective(declarations: Declarations) -> list[Effect]:
    """Return the effects of the declarations that win, in the order in which they take effect."""
    important = {name[1:]: effect for name, effect in declarations.items() if name[0] == "!"}
    effects = {name: effect for name, effect in declarations.items() if name[0] != "!"} | important
    overridden = {weaker for name in _OVERRIDES.keys() & effects.keys() for weaker in _OVERRIDES[name]}
    names = sorted(effects.keys() - overridden, key=lambda name: (_ORDER.get(name, 0), name))
    return [effects[name] for name in names]


# Elements

_HIDDEN_CLASSES = frozenset((  # of the style sheets of LaTeXML and arXiv
    "ltx_phantom", "ltx_nodisplay", "ltx_rdf", "sr-only", "visually-hidden",
))  # fmt: skip
_HIDDEN_TAGS = frozenset((  # not displayed by browsers, or what they show in place of something unknown to them
    "datalist", "head", "noembed", "noframes", "param", "rp", "template", "title", "progress", "meter",
    "defs", "symbol", "clippath", "mask", "pattern", "marker", "filter", "lineargradient", "radialgradient",
))  # fmt: skip
_SHAPES = frozenset(
    ("path", "rect", "line", "circle", "ellipse", "polyline", "polygon", "image", "use", "stop")
)
_TABLES = frozenset(("ltx_table", "ltx_figure", "ltx_tabular"))
_TRANSFORM_BOXES = frozenset(("ltx_transformed_outer", "ltx_inline-block"))
# Attributes that set a property; the names of those of SVG are the property's own.
_ATTRIBUTES = {
    "color": "color", "bgcolor": "background-color", "mathcolor": "color", "mathbackground": "background-color",
    "mathsize": "font-size",
}  # fmt: skip
_STYLING_ATTRIBUTES = frozenset(("style", *_ATTRIBUTES))
_SVG_ATTRIBUTES = frozenset(("display", "visibility", "opacity", "transform", "font-size"))
_SVG_UNCLEAR = frozenset(
    ("clip-path", "mask", "filter", "systemlanguage", "requiredextensions", "requiredfeatures")
)
_NUMBER = re.compile(r"\s*([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:px)?\s*")


def element_style(
    outer: ComputedStyle, tag: str, attributes: Mapping[str, str | None], sheet: Declarations
) -> ComputedStyle:
    """Return the style inside an element, from its attributes and the declarations that style sheets set for it."""
    if outer.gone or (outer.in_drawing and tag in _SHAPES):
        return outer
    kind = _element_kind(tag, attributes.get("class") or "")
    style = _enter(outer, kind, attributes)
    if kind.is_svg or outer.in_drawing:
        style = _draw(style, tag.lower(), attributes)
    if not sheet and _STYLING_ATTRIBUTES.isdisjoint(attributes):
        return style
    style_attribute = attributes.get("style") or ""
    has_attributes = not _ATTRIBUTES.keys().isdisjoint(attributes)
    is_reset = kind.is_transformed and outer.is_transform_box
    if not sheet and not has_attributes and not is_reset:
        return _apply(style, _inline_effects(style_attribute))
    declarations = parse_style_attribute(style_attribute)
    if sheet:
        declarations = {**sheet, **declarations}
    if has_attributes:
        set_by_attributes = {
            f"@{name}": _parse_attribute(name, attributes[name] or "")
            for name in _ATTRIBUTES
            if name in attributes
        }
        declarations = {**set_by_attributes, **declarations}
    if is_reset:
        declarations = {name: effect for name, effect in declarations.items() if name != "transform"}
    return apply_declarations(style, declarations)


@dataclass(frozen=True)
class _ElementKind:
    """What the tag and the classes of an element say about its style."""

    is_hidden: bool
    is_details: bool
    is_svg: bool
    is_table: bool
    transform_boxes: int  # classes of the box around a transformed one that it has, of two
    is_transformed: bool


@lru_cache(maxsize=1000)
def _element_kind(tag: str, class_attribute: str) -> _ElementKind:
    tag, classes = tag.lower(), frozenset(class_attribute.split())
    return _ElementKind(
        is_hidden=tag in _HIDDEN_TAGS or not _HIDDEN_CLASSES.isdisjoint(classes),
        is_details=tag == "details",
        is_svg=tag == "svg",
        is_table=tag in {"table", "figure"} or not _TABLES.isdisjoint(classes),
        transform_boxes=len(_TRANSFORM_BOXES & classes),
        is_transformed="ltx_transformed_inner" in classes,
    )


def _enter(outer: ComputedStyle, kind: _ElementKind, attributes: Mapping[str, str | None]) -> ComputedStyle:
    """Return the style inside an element by what it is, without its declarations."""
    if kind.is_hidden or "hidden" in attributes or "popover" in attributes:
        return replace(outer, gone=True)
    if kind.is_details and "open" not in attributes:
        return _not_understood("a closed <details>", outer)
    in_table = outer.in_table or kind.is_table
    is_transform_box = kind.transform_boxes > (0 if in_table else 1)
    if (in_table, is_transform_box) == (outer.in_table, outer.is_transform_box):
        return outer
    return replace(outer, in_table=in_table, is_transform_box=is_transform_box)


def _draw(style: ComputedStyle, tag: str, attributes: Mapping[str, str | None]) -> ComputedStyle:
    """Return the style inside an element of an SVG picture, by its attributes.

    What is not understood makes the text unclear in this picture only: it is left out.
    """
    attributes = {name.lower(): value for name, value in attributes.items()}
    sizes = [_NUMBER.fullmatch(attributes.get(side) or "") for side in ("width", "height")]
    width, height = (float(size[1]) if size else None for size in sizes)
    unclear = not _SVG_UNCLEAR.isdisjoint(attributes) or tag == "switch"
    for value in (attributes.get("x"), attributes.get("y")):
        at = _TEX_NUMBER.fullmatch(value.strip().removesuffix("px")) if value else None
        unclear = unclear or bool(value and (at is None or abs(float(at[0])) > style.reach))
    if tag in {"svg", "foreignobject"}:
        unclear = unclear or width == 0 or height == 0
        style = replace(style, in_drawing=tag == "svg")
    if tag == "svg":
        style = replace(style, reach=OFF_PAGE + max(width or 0.0, height or 0.0))
        view = [float(number) for number in _TEX_NUMBER.findall(attributes.get("viewbox") or "")]
        if len(view) == 4 and width and height:
            style = replace(
                style, scale=style.scale * min(width / (view[2] or math.inf), height / (view[3] or math.inf))
            )
    elif tag == "text":
        style = replace(style, in_drawing=False)
    for name in _SVG_ATTRIBUTES & attributes.keys():
        after = _parse_attribute(name, attributes[name] or "")(style)
        # A drawing's own movements do not move the boxes of its text away from their background.
        style = replace(after, shift=style.shift, backgrounds=style.backgrounds, unclear=style.unclear)
        unclear = unclear or after.unclear != style.unclear
    return replace(style, drawn_unclear=True) if unclear else style


# Style sheets

# A tag, classes, an id or an attribute, optionally below one other such element. Longer chains and other selectors are
# not matched as they stand, since that can be exponential: `i ~ p ~ p ~ p ~ p` over 400 paragraphs runs for minutes.
_COMPOUND_SELECTOR = (
    r"(?:[a-zA-Z][\w-]*|\*)?(?:[.#][\w-]+){0,3}(?:\[[\w-]+(?:[~^|*$]?=(?:\"[^\"\]]*\"|'[^'\]]*'|[\w-]+))?\])?"
)
_SELECTOR = re.compile(rf"(?=.){_COMPOUND_SELECTOR}(?:\s+(?=\S){_COMPOUND_SELECTOR})?")
_RENAMED_TAGS = re.compile(r"(?i)(?:^|\s)(?:a|b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)(?![\w-])")
_AT_REST_UNMATCHED = frozenset(("hover", "focus", "active", "focus-within", "focus-visible"))
_HARMLESS_AT_RULES = frozenset((
    "charset", "counter-style", "font-feature-values", "keyframes", "-webkit-keyframes", "page",
))  # fmt: skip
_AT_RULES_OF_RULES = frozenset(("container", "layer", "media", "scope", "starting-style", "supports"))


def hiding_rules(sheet: str, max_rules: int = MAX_RULES) -> Iterator[tuple[str, Declarations]]:
    """Parse a style sheet and yield each rule that can hide text, as a selector and its declarations.

    A rule that may apply to fewer elements than its selector says, or not at all, is yielded as not understood.
    """
    if len(sheet) > MAX_SHEET_LENGTH:
        yield "*", {"?": unclear_effect("style sheets of unusual length")}
        return
    rules = _rules(
        tinycss2.parse_stylesheet(_DIGITS.sub(r"\1", sheet), skip_comments=True, skip_whitespace=True)
    )
    for count, (selector, declarations) in enumerate(rules):
        if count >= max_rules:
            yield "*", {"?": unclear_effect("style sheets of very many rules")}
            return
        yield selector, declarations


def _rules(nodes: Iterable[Any]) -> Iterator[tuple[str, Declarations]]:
    pending = [(node, True) for node in reversed([*nodes])]  # a rule, and whether it certainly applies
    while pending:
        rule, certain = pending.pop()
        if rule.type == "qualified-rule":
            contents = tinycss2.parse_blocks_contents(rule.content)
            nested = [node for node in contents if node.type in {"qualified-rule", "at-rule"}]
            pending += [(node, False) for node in reversed(nested)]
            plain = _declarations(node for node in contents if node.type == "declaration")
            # A nested at-rule without a selector sets declarations for the elements of the rule around it.
            inner = [one for node in nested if node.type == "at-rule" for one in node.content or []]
            if any(_is_literal(token, ":") for token in inner):
                plain = {**plain, "?": unclear_effect("a rule inside another")}
            yield from _rules_of_selectors(rule.prelude, plain, certain=certain)
        elif rule.type == "at-rule" and not _is_passed_over(rule):
            if rule.content is None or rule.lower_at_keyword not in _AT_RULES_OF_RULES:
                yield "*", {"?": unclear_effect(f"@{rule.lower_at_keyword}")}
            else:
                content = tinycss2.parse_blocks_contents(rule.content)
                pending += [(node, certain and _is_for_screens(rule)) for node in reversed(content)]
        elif rule.type == "error":
            yield "*", {"?": unclear_effect("a style sheet that cannot be parsed")}


def _is_passed_over(rule: Any) -> bool:
    """Whether an at-rule hides nothing: it is for print, names layers, or defines what no rule can use."""
    media = {token.lower_value for token in rule.prelude if token.type == "ident"}
    is_for_print = "print" in media and not media & {"screen", "all", "not"}
    return (
        rule.lower_at_keyword in _HARMLESS_AT_RULES
        or (rule.lower_at_keyword == "media" and is_for_print)
        or (rule.lower_at_keyword == "layer" and rule.content is None)
    )


def _is_for_screens(rule: Any) -> bool:
    """Whether the rules inside an at-rule apply on every screen."""
    prelude = [token for token in rule.prelude if token.type != "whitespace" and not _is_literal(token, ",")]
    names = {getattr(token, "lower_value", "") for token in prelude}
    return rule.lower_at_keyword == "media" and names <= {"screen", "all", "print"}


def _rules_of_selectors(
    prelude: Sequence[Any], declarations: Declarations, *, certain: bool
) -> Iterator[tuple[str, Declarations]]:
    """Yield a rule for each selector of a list, if it can hide text."""
    if all(effect is _unchanged for effect in declarations.values()):
        return
    for tokens in _split(prelude):
        selector = _serialize(tokens).strip()
        is_plain = len(selector) < MAX_SELECTOR_LENGTH and _SELECTOR.fullmatch(selector)
        if is_plain and certain and not _RENAMED_TAGS.search(selector):
            yield selector, declarations
        elif not _is_unmatched_at_rest(tokens):
            yield _wider_selector(tokens), {"?": unclear_effect(f"{selector} {{}}")}


def _split(prelude: Sequence[Any]) -> Iterator[list[Any]]:
    """Split a list of selectors at its commas."""
    part: list[Any] = []
    for token in prelude:
        if _is_literal(token, ","):
            yield part
            part = []
        else:
            part.append(token)
    yield part


def _is_unmatched_at_rest(tokens: Sequence[Any]) -> bool:
    """Whether a selector applies only while the reader points at something."""
    return any(
        _is_literal(before, ":") and token.type == "ident" and token.lower_value in _AT_REST_UNMATCHED
        for before, token in itertools.pairwise(tokens)
    )


def _wider_selector(tokens: Sequence[Any]) -> str:
    """Return a selector of all elements that a selector could match: by the tag, class or id of its last part."""
    while tokens and tokens[-1].type in {"whitespace", "comment"}:
        tokens = tokens[:-1]
    combinators = [
        at for at, token in enumerate(tokens) if token.type == "whitespace" or _is_literal(token, *">+~|")
    ]
    last = tokens[combinators[-1] + 1 :] if combinators else tokens
    simple = []
    for at, token in enumerate(last):
        if at and token.type == "ident" and _is_literal(last[at - 1], "."):
            simple.append(f".{token.serialize()}")
        elif token.type == "hash" or (token.type == "ident" and at == 0):
            simple.append(token.serialize())
    selector = "".join(simple[:3])
    return "*" if not selector or _RENAMED_TAGS.match(selector) else selector


def merge_rules(first: Declarations, second: Declarations) -> Declarations:
    """Merge the declarations of two rules for one element; which of the two wins for a property is not decided."""
    if first.keys() & second.keys() - {"?"}:
        return {**first, **second, "?": unclear_effect("rules that contradict each other")}
    return {**first, **second}
