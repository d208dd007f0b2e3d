r"""Write LaTeX as Unicode text: `SR$^{2}$-Net` becomes SR²-Net, `\textbf{Rake}` Rake, `43\%` 43%.

Titles, names, quotations and whatever else a page shows stand in lists, links and headings, where no LaTeX is
typeset. Simple formulas are read here, the others by pylatexenc. Prices, paths and code are no LaTeX.
"""

import logging
import re
import unicodedata
from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any

from pipeline.core.formulas import formula_spans
from pipeline.core.scripts import subscript, superscript
from pipeline.core.tex_letters import tex_letters

MAX_NESTING = 20  # braces within braces; what is nested deeper stays as it is

# Pairs of a LaTeX command and its symbol: those of most titles, and those that pylatexenc lacks.
_SYMBOL_TABLE = """
alpha α beta β gamma γ delta δ epsilon ε zeta ζ eta η theta θ kappa κ lambda λ mu μ nu ν xi ξ pi π rho ρ sigma σ tau τ
phi φ chi χ psi ψ omega ω Gamma Γ Delta Δ Theta Θ Lambda Λ Pi Π Sigma Σ Phi Φ Psi Ψ Omega Ω ell ℓ infty ∞ times × cdot ·
pm ± leq ≤ geq ≥ approx ≈ sim ∼ to → rightarrow → dagger † ddagger ‡ star ⋆ circ ∘ neq ≠ ne ≠ le ≤ ge ≥ deg ° degree °
textdegree ° percent % upmu µ textmu µ S § P ¶ copyright © textcopyright © textregistered ® texttrademark ™ bot ⊥ top ⊤
triangle △ Box □ square □ checkmark ✓ cmark ✓ xmark ✗ slash / textless < textgreater > textbar | textasciitilde ~ euro €
pounds £ imath ı jmath ȷ lbrack [ rbrack ] ldots … dots … cdots ⋯ prime ′ textasciicircum ^ textunderscore _ textemdash —
textendash – textquotesingle ' dag † ddag ‡ mid ∣ vert | lvert | rvert | Vert ‖ lVert ‖ rVert ‖ Re ℜ Im ℑ
"""
_SYMBOLS: dict[str, str] = dict(re.findall(r"(\w+) (\S)", _SYMBOL_TABLE))
_SYMBOLS |= {
    "textbackslash": "\\",
    "backslash": "\\",
    "quad": " ",
    "qquad": " ",
    "newline": " ",
    "par": " ",
    "item": "• ",
}
# Commands that change how text looks, not what it says.
_STYLES = frozenset(
    re.findall(
        r"\w+",
        """left right middle big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr displaystyle textstyle scriptstyle limits nolimits
        mathrm mathbf mathit mathsf mathtt mathnormal boldsymbol bm pmb operatorname mathop mathbin mathrel mathord ensuremath
        text textbf textit textsc textsl textsf texttt textrm textup textmd textnormal textlf emph underline uline ul boxed
        fbox mbox hbox rm bf it sl sc tt sf em cal upshape bfseries itshape scshape ttfamily sffamily normalfont small
        romannumeral uppercase expandafter footnotesize scriptsize tiny large Large LARGE huge xspace noindent centering protect boldmath unboldmath""",
    )
)
_ARGUMENT_SHOWN = {
    "href": 1,
    "textcolor": 1,
    "colorbox": 1,
    "hyperlink": 1,
    "hyperref": 1,
    "texorpdfstring": 1,
}
_UNSEEN_ARGUMENT = frozenset(
    {"begin", "end", "label", "ref", "eqref", "cite", "citep", "citet", "vspace", "hspace", "color", "input"}
)
_COMBINING = {"overline": "\u0304", "widehat": "\u0302", "widetilde": "\u0303", "mathring": "\u030a"}

# What is no LaTeX: code in backticks, and paths of Windows.
_CODE = re.compile(r"(`[^`']+`|(?<![^\W_])[A-Za-z]:\\\S*|(?<!\S)\\\\(?=\w)\S*)")
_SIMPLE = re.compile(r"([\^_])(?:\{([^{}]+)\}|(\w))|\\([A-Za-z]+) ?|([A-Za-z0-9+\-=,.()\u0370-\u03ff]+)")
_SCRIPT_OF_COMMAND = re.compile(r"([\^_])\s*(\\[A-Za-z]+(?:\s*\{[^{}]*\})?)")
_SCRIPT = re.compile(r"([\^_])(?:\{([^{}]*)\}|([^\s{}]))")
_GROUP = re.compile(r"\{([^{}]*)\}")
# A relation with a blank on one side: pylatexenc drops the other.
_OPERATOR = re.compile(
    r"(?<=[^\s{])([∈∉≤≥≈∼≃≠→←↔↦⇒⊂⊆⊇∪∩×·±∓≪≫≡∝]) |(?<=[\w)\]}] )([∈∉≤≥≈∼≃≠→←↔↦⇒⊂⊆⊇∪∩×·±∓≪≫≡∝])(?=\S)"
)
_FUNCTION = re.compile(
    r"(?<=[\w)}]) ?(?=\\(?:log|ln|exp|sin|cos|tan|tanh|max|min|sup|inf|det|dim)(?![A-Za-z]))"
)
_UNIT = re.compile(r"\\([A-Za-z]+)")
_BINOMIAL = re.compile(r"\\[dt]?binom\s*\{([^{}]*)\}\s*\{([^{}]*)\}")
_QUANTITY = re.compile(r"\\(?:SI|qty)\s*\{([^{}]*)\}\s*\{([^{}]*)\}")
_TEXT_IN_FORMULA = re.compile(r"\\(?:text[a-z]*|mbox)\s*\{[^{}]*\}")
_UNICODE = re.compile(r"\\unicode\s*\{\s*x([0-9A-Fa-f]{2,5})\s*\}")
_CARET = re.compile(r"(?<=[A-Za-z0-9)\]])\^(?:\{([-+\u2212]?\d{1,4}[-+]?)\}|([-+\u2212]?\d{1,4}))")
_DROPPED_ARGUMENT = re.compile(rf"\\(?:{'|'.join(_ARGUMENT_SHOWN)})\s*\{{[^{{}}]*\}}\s*(?=\{{)")
_BLANK_FIRST = re.compile(r"\\[,;: ]|~")
_QUOTED = re.compile(r"``([^`']*)''")

# `\textbf{…}` and its kind, innermost first; `{\bf …}`; escaped signs; blanks; commands without an argument.
_COMMAND = re.compile(r"\\([A-Za-z]{2,})\*? ?(?:\[[^\[\]{}]*\])?\{([^{}]*)\}(?: ?\{([^{}]*)\})?")
_UNFINISHED = re.compile(r"\\([A-Za-z]{2,})\*?\{(?=[^{}]*$)")  # its end is in another sentence
_INNER_GROUP = re.compile(r"(\{[^{}]*(?<![A-Za-z\]} ]))\{((?! )[^{}]*(?<! ))\}")
_DECLARATION = re.compile(r"\{ *\\([A-Za-z]{2,})(?![A-Za-z]) ([^{}\\]*)\}")
_ESCAPED = re.compile(r"(?<!\\)\\([%&$#_{}])")
_THIN_BLANK = re.compile(r"(?<!\\)\\[,;:](?=\S)|(?<=[^\s\\])\\ ")
_NOTHING = re.compile(r"(?<!\\)\\!|(?<=[^\W\d_])\\-(?=[^\W\d_])|(?<=[.)])\\@")
_LINE_BREAK = re.compile(r" *(?<!\\)\\\\(?:\[[\d.]+ ?[a-z]{2}\])? +|(?<=[a-z\d)}])\\\\(?=[A-Z])")
_NAME = re.compile(r"(?<![\\:/.])\\([A-Za-z]{2,})(?:\{\})?")
_AFTER_NAME = re.compile(r"$|[\s,;:!?)\]}'\"~-]|\\[ ,;]|\.(?!\w)")
_BEFORE_NAME = " ([{'\"“‘~-"
_TIE = re.compile(r"(?<=[^\W\d]|[.)\]])~(?=[^\s~/,.;:)])|(?<=\d)~(?=[A-Za-z])")
_TIE_TO_NOTHING = re.compile(r"(?<=\S)~(?=[\s,.;:)])")
_PLAIN_GROUP = re.compile(r"\{((?! )(?:[^{}:,\"]|:(?=\S))*(?<! ))\}")  # but no set, dictionary or template
# Stand-ins for signs that are meant literally, until everything else is replaced.
_LITERALS = str.maketrans(
    {"{": "\ue000", "}": "\ue001", "^": "\ue002", "_": "\ue003", "\\": "\ue004", "$": "\ue005", "~": "\ue006"}
)
_RESTORED = str.maketrans({stand_in: chr(sign) for sign, stand_in in _LITERALS.items()})


def to_unicode(text: str) -> str:
    r"""Write the LaTeX of a text as Unicode text, on one line.

    A text stays as it is if that would bring forth other LaTeX, as from `\textbackslash alpha`.
    """
    if not any(sign in text for sign in ("$", "\\", "^", "``")):
        return text
    written = _convert(text)
    return written if written == text or _convert(written) == written else text


def _convert(text: str) -> str:
    pieces = _CODE.split(text.translate(_WITHOUT_STAND_INS))
    return "".join(piece if index % 2 else _prose(piece) for index, piece in enumerate(pieces))


_WITHOUT_STAND_INS = dict.fromkeys(_RESTORED)


def _prose(text: str) -> str:
    """Convert a text without code: its formulas first, then the commands between them."""
    pieces: list[str] = []
    position = 0
    for start, end in formula_spans(text):
        written = _formula(text[start:end])
        if written is not None:
            pieces += [text[position:start], written.translate(_LITERALS)]
            position = end
    text = "".join(pieces) + text[position:]
    if position or "\\" in text:
        text = _commands(text)
    text = _CARET.sub(lambda match: superscript(match[1] or match[2]) or match[0], text)
    return _QUOTED.sub(r"“\1”", text).translate(_RESTORED)


def _commands(text: str) -> str:
    """Replace the commands of a text that has some; its formulas are replaced already."""
    text = tex_letters(text)
    text = _ESCAPED.sub(lambda match: match[1].translate(_LITERALS), _LINE_BREAK.sub(" ", text))
    for _ in range(MAX_NESTING):
        before = text
        text = _INNER_GROUP.sub(r"\1\2", _DECLARATION.sub(_declared, _COMMAND.sub(_with_argument, text)))
        if text == before:
            break
    text = _UNFINISHED.sub(_begun, text)
    for _ in range(2):  # one command behind another
        text = _NAME.sub(_without_argument, text)
    text = _TIE.sub(" ", _TIE_TO_NOTHING.sub("", _NOTHING.sub("", _THIN_BLANK.sub(" ", text))))
    for _ in range(MAX_NESTING):
        text = _PLAIN_GROUP.sub(r"\1", text)
    return " ".join(text.split())


def _with_argument(match: re.Match[str]) -> str:
    """Return what a command with an argument shows; an unknown one shows its argument, or its name if that is empty."""
    name, first, second = match[1], match[2], match[3]
    if second is None:
        if match.string.startswith("{", match.end()):
            return match[0]  # its second argument is not flat yet
        return _with_one(name, first)
    if name == "replaced":
        return first
    if name in _ARGUMENT_SHOWN:
        return second
    if name in {"SI", "qty"}:
        return f"{first} {_UNIT.sub(lambda unit: _SYMBOLS.get(unit[1], unit[1]), second)}".rstrip()
    if name in {"frac", "dfrac", "tfrac", "nicefrac"}:
        return _as_formula(match[0])
    return _with_one(name, first) + match[0][len(match[0]) - len(second) - 2 :]


def _with_one(name: str, argument: str) -> str:
    if name in _UNSEEN_ARGUMENT:
        return ""
    if name == "footnote":
        return f" ({argument})"
    if name in {"textsuperscript", "textsubscript"}:
        script = superscript(argument) if name == "textsuperscript" else subscript(argument)
        return argument if script is None else script
    if name in _SYMBOLS:
        return _SYMBOLS[name].translate(_LITERALS) + argument
    if name in {
        "sqrt",
        "mathbb",
        "mathcal",
        "mathscr",
        "mathfrak",
        "vec",
        "hat",
        "bar",
        "tilde",
        *_COMBINING,
    }:
        return _as_formula(f"\\{name}{{{argument}}}")
    return argument or ("" if name in _STYLES else name)


def _as_formula(command: str) -> str:
    written = _typeset(command)
    return command if written is None else written.translate(_LITERALS)


def _begun(match: re.Match[str]) -> str:
    return " (" if match[1] == "footnote" else "" if match[1] in _STYLES else match[0]


def _declared(match: re.Match[str]) -> str:
    return match[2] if match[1] in _STYLES else match[0]


def _without_argument(match: re.Match[str]) -> str:
    """Return the symbol of a command, or the name of an unknown one where it stands as a word of its own."""
    name, before = match[1], match.string[max(0, match.start() - 1) : match.start()]
    if before.isalpha() and not name.startswith("text"):
        return match[0]  # more likely a path
    if symbol := _SYMBOLS.get(name) or (_typeset(match[0]) if _is_known(name) else None):
        return symbol.translate(_LITERALS)
    if name in _STYLES:
        return ""
    alone = before in _BEFORE_NAME and _AFTER_NAME.match(match.string, match.end())
    return name if alone else match[0]


def _is_known(name: str) -> bool:
    """Whether pylatexenc knows a symbol of this name."""
    return name.isascii() and (_typeset(f"\\{name}") or name) != name


def _formula(formula: str) -> str | None:
    """Return a formula as text; None if it cannot be read."""
    width = 2 if formula[:2] in {"$$", "\\(", "\\["} else 1
    content = formula[width:-width]
    simple = _simple_formula(content)
    written = simple if simple is not None else _typeset(content)
    return f" {written}" if written is not None and _BLANK_FIRST.match(content) else written


def _simple_formula(content: str) -> str | None:
    """Return a formula of letters, known symbols, superscripts and subscripts; None if it is any other."""
    result, position = "", 0
    while position < len(content):
        part = _SIMPLE.match(content, position)
        if part is None:
            return None
        script, group, letter, name, text = part.groups()
        if script:
            piece = (superscript if script == "^" else subscript)(group or letter)
        else:
            piece = _SYMBOLS.get(name) if name else text
        if not piece:
            return None
        result += piece
        position = part.end()
    return result


def _literal_scripts(match: re.Match[str]) -> str:
    return match[0].replace("^", "\ue002").replace("_", "\ue003")


# What pylatexenc does not read, written as it does.
_PREPARATIONS: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    (_UNICODE, lambda match: chr(int(match[1], 16))),
    (_DROPPED_ARGUMENT, ""),
    (re.compile(r"\\[dtc]frac(?![A-Za-z])"), r"\\frac"),
    (_TEXT_IN_FORMULA, _literal_scripts),
    (_QUANTITY, r"\1\\ \2"),
    (_BINOMIAL, r"(\1\\text{ choose }\2)"),
    (re.compile(r"(\\[A-Za-z]+)(?=[^\x00-\x7f])"), r"\1{}"),
    (_FUNCTION, r"\\ "),
    (_SCRIPT_OF_COMMAND, r"\1{\2}"),
)


@lru_cache(maxsize=4096)
def _typeset(content: str) -> str | None:
    """Return a formula as pylatexenc reads it, then with its scripts raised and lowered; None if it cannot be read."""
    if _nesting(content) > MAX_NESTING:
        return None
    content = re.sub(r"(?<!\\)%", r"\\%", content.replace("\\\\", " ").replace("&", " ").replace("$", " "))
    for pattern, write in _PREPARATIONS:
        content = pattern.sub(write, content)
    try:
        text: str = _reader()(f"\\({content}\\)")
    except (LookupError, TypeError, ValueError, AttributeError, RecursionError):  # on malformed input
        return None
    for pattern, write in ((_SCRIPT, _script), (_GROUP, r"\1")):
        for _ in range(MAX_NESTING + 1):
            text = pattern.sub(write, text)
    if "\\" in text:
        return None
    return " ".join(_OPERATOR.sub(r" \1\2 ", text).translate(_RESTORED).split())


def _script(match: re.Match[str]) -> str:
    """Raise or lower a script; where Unicode cannot, keep its sign: `T_c`, `x^(a/b)`."""
    inner = match[2] if match[2] is not None else match[3]
    written = (superscript if match[1] == "^" else subscript)(inner)
    if written is not None:
        return written
    sign = "\ue002" if match[1] == "^" else "\ue003"
    return sign + _in_brackets(inner.strip())


def _in_brackets(text: str) -> str:
    return text if len(text) == 1 or re.fullmatch(r"(?:[^\W_]|\.)*", text) else f"({text})"


def _nesting(text: str) -> int:
    depth = deepest = 0
    for sign in text:
        depth += (sign == "{") - (sign == "}")
        deepest = max(deepest, depth)
    return deepest


@cache
def _reader() -> Callable[[str], str]:
    """Return pylatexenc's conversion of a formula, with what it lacks or writes otherwise than a reader expects."""
    from pylatexenc import latex2text  # noqa: PLC0415 - 50 ms, and few pages have such formulas

    logging.getLogger("pylatexenc").setLevel(logging.CRITICAL)

    # pylatexenc passes itself to the parameter of this name.
    def argument(node: Any, l2tobj: Any, index: int = -1) -> str:
        arguments = node.nodeargd.argnlist if node.nodeargd and node.nodeargd.argnlist else [None]
        return str(l2tobj.node_arg_to_text(node, index % len(arguments))) if arguments[index] else ""

    def combined(mark: str) -> Callable[..., str]:
        def write(node: Any, l2tobj: Any) -> str:
            text = argument(node, l2tobj)
            return unicodedata.normalize("NFC", text + mark) if len(text) == 1 else text

        return write

    def fraction(node: Any, l2tobj: Any) -> str:
        return f"{_in_brackets(argument(node, l2tobj, 0))}/{_in_brackets(argument(node, l2tobj))}"

    def root(node: Any, l2tobj: Any) -> str:
        return f"√{_in_brackets(argument(node, l2tobj))}"

    def last(node: Any, l2tobj: Any) -> str:
        return argument(node, l2tobj)

    def aside(node: Any, l2tobj: Any) -> str:
        return f" ({argument(node, l2tobj)})"

    texts: dict[str, Any] = {**_SYMBOLS, **{name: combined(mark) for name, mark in _COMBINING.items()}}
    texts |= dict.fromkeys(("frac", "nicefrac"), fraction)
    texts |= {
        "sqrt": root,
        "{": "\ue000",
        "}": "\ue001",
        "_": "\ue003",
        "|": "‖",
        "\\": " ",
        "~": " ",
        "today": "",
    }
    texts |= {"backslash": "\ue004", "textbackslash": "\ue004", "$": "\ue005", "textasciitilde": "\ue006"}
    texts |= {"href": last, "url": last, "textcolor": last, "footnote": aside, "percent": "%%", "colon": ":"}
    texts |= dict.fromkeys(_UNSEEN_ARGUMENT, "")
    macros = [latex2text.MacroTextSpec(name, simplify_repl=text) for name, text in texts.items() if text]
    macros += [latex2text.MacroTextSpec(name, discard=True) for name, text in texts.items() if not text]
    macros += [latex2text.MacroTextSpec(name, discard=False) for name in _STYLES]
    known = latex2text.get_default_latex_context_db()
    known.add_context_category("digest", macros=macros, prepend=True)
    known.set_unknown_macro_spec(latex2text.MacroTextSpec("", simplify_repl=lambda node: node.macroname))
    reader = latex2text.LatexNodes2Text(
        latex_context=known, keep_braced_groups=True, keep_braced_groups_minlen=0
    )
    convert: Callable[[str], str] = reader.latex_to_text
    return convert
