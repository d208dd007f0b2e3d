"""Decide which text of a page is visible, from its inline styles and style sheets, with CSS inheritance.

Papers have carried instructions to language models in white or tiny type. Text that a human reader cannot see is
not part of the paper and is therefore not extracted.
"""

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any, Literal

import tinycss2
from tinycss2 import color4

Color = tuple[float, float, float, float]  # red, green, blue, opacity, each from 0 to 1

MIN_CONTRAST = 32 / 255  # colors that differ by no more in every channel cannot be distinguished on a page
MIN_OPACITY = 0.1
MIN_FONT_SIZE = 3.0  # pixels; LaTeX's \tiny is 6.7
OFF_PAGE = 900.0  # pixels; a box moved this far is off any page
MAX_RULES = 300
MAX_STYLE_LENGTH = 10_000  # characters of a `style` attribute
MAX_SELECTOR_LENGTH = 300  # characters
MAX_SELECTOR_WORK = 2_000_000  # elements times rules

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
        abs(text - behind) <= MIN_CONTRAST for text, behind in zip(color[:3], background[:3], strict=True)
    )


Number = tuple[float, str]  # a number and its unit: "" if it has none; 30% is 0.3 and "%"


@dataclass(frozen=True)
class CssValue:
    """What the value of a CSS declaration can say about visibility."""

    color: Color | None = None
    numbers: tuple[Number, ...] = ()
    keywords: frozenset[str] = frozenset()
    scale: float = 1.0
    clips: bool = False  # a function in it clips the whole box or makes it transparent


Declarations = Mapping[str, CssValue]  # by property; `!important` ones by `!` and the property

_PROPERTIES = frozenset((
    "color", "--ltx-fg-color", "-webkit-text-fill-color", "background", "background-color", "--ltx-bg-color",
    "font", "font-size", "transform", "opacity", "display", "visibility", "overflow", "overflow-x", "overflow-y",
    "width", "height", "max-width", "max-height", "clip", "clip-path", "filter", "position",
    "left", "right", "top", "bottom", "margin-left", "margin-top", "margin-right", "text-indent",
))  # fmt: skip
_PIXELS_PER_UNIT = {
    "": 1.0, "px": 1.0, "pt": 4 / 3, "pc": 16.0, "rem": 16.0, "in": 96.0, "cm": 37.8, "mm": 3.78, "q": 0.945,
    "vw": 10.0, "vh": 10.0, "vmin": 10.0, "vmax": 10.0,
}  # fmt: skip
_NOT_DISPLAYED: Declarations = {"display": CssValue(keywords=frozenset({"none"}))}
_HIDDEN_CLASSES = frozenset(("ltx_phantom", "ltx_nodisplay"))  # LaTeXML's own style sheet hides them
# tinycss2 converts whole numbers with `int`, which refuses more than 4,300 digits.
_DIGITS = re.compile(r"([0-9]{300})[0-9]+")


@lru_cache(maxsize=1000)  # a page repeats a few styles in thousands of table cells
def parse_style_attribute(style: str) -> Declarations:
    """Parse a `style` attribute. One too long to be parsed counts as hiding, since it might."""
    if len(style) > MAX_STYLE_LENGTH:
        return _NOT_DISPLAYED
    return _declarations(tinycss2.parse_blocks_contents(_DIGITS.sub(r"\1", style), skip_comments=True))


def _declarations(nodes: Iterable[Any]) -> Declarations:
    """Collect the declarations that bear on visibility; the last of a property wins.

    As in a browser, a color, size or opacity that is not understood does not replace one that is.
    """
    declarations: dict[str, CssValue] = {}
    for node in nodes:
        if node.type == "declaration" and node.lower_name in _PROPERTIES:
            value = _parse_value(node.value)
            name = "font-size" if node.lower_name == "font" else node.lower_name
            understood = value.color if "color" in name else value.numbers
            if understood or not name.endswith(("color", "size", "opacity")):
                declarations[f"!{name}" if node.important else name] = value
    return declarations


def _parse_value(nodes: Iterable[Any]) -> CssValue:
    """Parse a value; no property that counts here takes more than four numbers or keywords."""
    tokens = [token for token in nodes if token.type != "whitespace"]
    functions = [
        (token.lower_name, _numbers(token.arguments)) for token in tokens if token.type == "function"
    ]
    return CssValue(
        color=parse_css_color(tokens[0]) if len(tokens) == 1 else None,
        numbers=_numbers(tokens)[:4],
        keywords=frozenset(token.lower_value for token in tokens[:4] if token.type == "ident"),
        scale=math.prod(abs(args[0][0]) for name, args in functions if name.startswith("scale") and args),
        clips=any(_clips(name, args) for name, args in functions),
    )


def _numbers(tokens: Iterable[Any]) -> tuple[Number, ...]:
    return tuple(
        (token.value / 100, "%")
        if token.type == "percentage"
        else (token.value, getattr(token, "lower_unit", ""))
        for token in tokens
        if token.type in {"number", "percentage", "dimension"}
    )


def _clips(function: str, numbers: tuple[Number, ...]) -> bool:
    """Whether a function of `clip`, `clip-path` or `filter` leaves nothing of a box to be seen."""
    match function, numbers:
        case "inset", [(share, "%"), *_]:
            return share >= 0.5
        case "circle", [(radius, _), *_]:
            return radius < 1
        case "opacity", [(opacity, _), *_]:
            return opacity < MIN_OPACITY
        case "rect", [_, _, _, _]:
            return not any(side for side, _ in numbers)
    return False


# A tag, classes, an id or an attribute, optionally below one other such element. Sibling selectors and longer chains
# are skipped, since matching them is exponential: `i ~ p ~ p ~ p ~ p` over 400 paragraphs runs for minutes. LaTeXML
# writes none.
_COMPOUND_SELECTOR = (
    r"(?:[a-zA-Z][\w-]*|\*)?(?:[.#][\w-]+){0,3}(?:\[[\w-]+(?:[~^|*$]?=(?:\"[^\"\]]*\"|'[^'\]]*'|[\w-]+))?\])?"
)
_SELECTOR = re.compile(rf"(?=.){_COMPOUND_SELECTOR}(?:\s+(?=\S){_COMPOUND_SELECTOR})?")


def hiding_rules(sheet: str) -> Iterator[tuple[str, Declarations]]:
    """Parse a style sheet and yield each rule that can hide text, as its selector and declarations.

    Rules for print, and selectors other than `_SELECTOR` (such as `:hover`), are skipped. At most `MAX_RULES`.
    """
    pending = tinycss2.parse_stylesheet(_DIGITS.sub(r"\1", sheet), skip_comments=True)[::-1]
    count = 0
    while pending and count < MAX_RULES:
        rule = pending.pop()
        if rule.type in {"qualified-rule", "at-rule"} and rule.content and not _is_for_print(rule):
            nodes = tinycss2.parse_blocks_contents(rule.content)
            pending += reversed(nodes)
            selector = _plain_selector(rule.prelude) if rule.type == "qualified-rule" else ""
            declarations = _declarations(nodes)
            if selector and apply_declarations(ComputedStyle(), declarations) != ComputedStyle():
                yield selector, declarations
                count += 1


def _is_for_print(rule: Any) -> bool:
    media = {token.lower_value for token in rule.prelude if token.type == "ident"}
    return rule.type == "at-rule" and "print" in media and not media & {"screen", "all", "not"}


def _plain_selector(prelude: list[Any]) -> str:
    """Return the text of a selector list of which every selector is a `_SELECTOR`, else an empty string."""
    try:
        selector = tinycss2.serialize(prelude).strip()
    except RecursionError:  # deeply nested brackets
        return ""
    usable = len(selector) < MAX_SELECTOR_LENGTH and all(
        _SELECTOR.fullmatch(part.strip()) for part in selector.split(",")
    )
    return selector if usable else ""


@dataclass(frozen=True)
class ComputedStyle:
    """The inherited style of an element, as far as it decides whether its text is visible."""

    color: Color = (0.0, 0.0, 0.0, 1.0)  # black
    background: Color = (1.0, 1.0, 1.0, 1.0)  # white
    size: float = 16.0  # font size in pixels
    opacity: float = 1.0
    gone: bool = False  # not displayed, clipped or off the page; no element inside can undo it
    invisible: bool = False  # `visibility: hidden`, which an element inside can undo

    @cached_property
    def hidden_by(self) -> Literal["", "color", "gone"]:
        """Why the text is invisible: only by its color on its background, or in any case; empty if visible."""
        # `not … >=` is also true for NaN, the product of a size of zero and an infinite one.
        if self.gone or self.invisible or self.opacity < MIN_OPACITY or not self.size >= MIN_FONT_SIZE:
            return "gone"
        return "color" if indistinguishable(self.color, self.background) else ""


def element_style(
    outer: ComputedStyle, attributes: Mapping[str, str | None], sheet: Declarations
) -> ComputedStyle:
    """Return the style inside an element, from its attributes and the declarations that style sheets set for it."""
    declarations = {**sheet, **parse_style_attribute(attributes.get("style") or "")}
    if color := attributes.get("color"):
        declarations = {"color": CssValue(parse_css_color(color)), **declarations}
    style = apply_declarations(outer, declarations)
    classes = (attributes.get("class") or "").split()
    hides = "hidden" in attributes or not _HIDDEN_CLASSES.isdisjoint(classes)
    return replace(style, gone=True) if hides else style


def apply_declarations(style: ComputedStyle, declarations: Declarations) -> ComputedStyle:
    """Return the style inside an element with these declarations."""
    if not declarations:
        return style
    important = {name[1:]: value for name, value in declarations.items() if name[0] == "!"}
    values = defaultdict(CssValue, {**declarations, **important})
    text_color = values["-webkit-text-fill-color"].color or values["color"].color
    background = (
        values["background-color"].color or values["--ltx-bg-color"].color or values["background"].color
    )
    visibility = values["visibility"].keywords
    return ComputedStyle(
        color=text_color or values["--ltx-fg-color"].color or style.color,
        background=background if background and background[3] > 0.5 else style.background,
        size=_font_size(values["font-size"], style.size) * values["transform"].scale,
        opacity=style.opacity * min([1.0, *(number for number, _ in values["opacity"].numbers)]),
        gone=style.gone or _is_gone(values),
        invisible=not visibility.isdisjoint({"hidden", "collapse"})
        or (style.invisible and "visible" not in visibility),
    )


def _font_size(value: CssValue, inherited: float) -> float:
    """Return the font size in pixels; keywords such as `small` keep the inherited size."""
    # A `font` shorthand can begin with a weight: a number without a unit, from 100 on.
    sizes = _lengths((number for number in value.numbers if number[1] or number[0] < 100), inherited)
    return sizes[0] if sizes else inherited


def _lengths(numbers: Iterable[Number], font_size: float = 16.0) -> list[float]:
    """Convert CSS lengths to pixels; em, ex, ch and percent are relative to `font_size`."""
    units = {
        **_PIXELS_PER_UNIT,
        "em": font_size,
        "ex": font_size / 2,
        "ch": font_size / 2,
        "%": font_size,
    }
    return [number * units[unit] for number, unit in numbers if unit in units]


def _is_gone(values: Declarations) -> bool:
    """Whether a box is not displayed, clipped to nothing, or moved off the page."""

    def lengths(*properties: str) -> list[float]:
        return [length for name in properties for length in _lengths(values[name].numbers)]

    overflow = frozenset.union(*(values[name].keywords for name in ("overflow", "overflow-x", "overflow-y")))
    return (
        "none" in values["display"].keywords
        or any(values[name].clips for name in ("clip", "clip-path", "filter"))
        or (
            not overflow.isdisjoint({"hidden", "clip"})
            and min(lengths("width", "height", "max-width", "max-height"), default=1) < 1
        )
        or min(lengths("margin-left", "margin-top", "margin-right", "text-indent"), default=0) < -OFF_PAGE
        or (
            bool(values["position"].keywords - {"static"})
            and max(map(abs, lengths("left", "right", "top", "bottom")), default=0) > OFF_PAGE
        )
    )
