"""LaTeX as text; what is expected is what LaTeX would typeset, in Unicode."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.report.escape import clean
from pipeline.report.latex import MAX_NESTING, to_unicode
from tests.growing import LINEAR, growth
from tests.report.test_escape import EXAMPLES

# By kind: LaTeX, and what a reader sees.
WRITTEN = {
    "small formulas": [
        ("SR$^{2}$-Net: A Plug-and-Play Model", "SR²-Net: A Plug-and-Play Model"),
        ("Compositional $k$-Cell $K$inds, $μ$Net, VA-$π$, $10$ of $n=5$", "Compositional k-Cell Kinds, μNet, VA-π, 10 of n=5"),
        (r"$\pi_0$, $\alpha$-Flow and $\ell_1$ with $10^{-3}$ in 72$\times$16", "π₀, α-Flow and ℓ₁ with 10⁻³ in 72×16"),
        ("R$^2$D$^2$, A $x_n$ B, La$_{1-x}$Sr$_x$, x$^{abc}$", "R²D², A xₙ B, La₁₋ₓSrₓ, xᵃᵇᶜ"),
    ],
    "other formulas": [
        (r"$\mathbf{R^2LM}$, $\mathrm{E}^{\mathrm{3}}$, $\text{H}^3$em, Code$^\text{N}$", "R²LM, E³, H³em, Codeᴺ"),
        (r"360$^\circ$, $45^{\circ}$, 21$^{\rm o}$C, $f \circ g$", "360°, 45°, 21ᵒC, f ∘ g"),
        (r"$\sqrt{s}=7$, $\frac{a+1}{b}$, $\binom{n}{k}$, $\overline{x}$", "√s=7, (a+1)/b, (n choose k), x̄"),
        (r"$O(n\log n)$ and $\mathcal{O}(k^2)$ in $\mathbb{R}^d$", "O(n log n) and 𝒪(k²) in ℝᵈ"),
        (r"$T_c$, $\ell_{2,p}$, $g_{\mathrm{eff}}$, $e^{-x/2}$, $x^{a_b}$, $Q_\text{max}$", "T_c, ℓ_(2,p), g_eff, e^(-x/2), x^(a_b), Qₘₐₓ"),
        (r"$\{0,1\}^n$, $\|w\|$, $50\%$, $p(a \mid b)$, $\left(\tfrac{1}{2}\right)$", "{0,1}ⁿ, ‖w‖, 50%, p(a ∣ b), (1/2)"),
        (r"10$\,\mu$m, $3\,\mathrm{km}^2$, \(x_1\), \[y\], $$z$$, $ \beta $", "10 μm, 3 km², x₁, y, z, β"),
        (r"$\mathbfλ$, $\operatorname{argmax}_x$, $\foo x$, ${D}^{2}${NET}", "λ, argmaxₓ, foo x, D²NET"),
        (r"$\text{see a_p}$, $\SI{25.9}{\percent}$, $\textbf{5}^{\circ}$, $\unicode{x2013}$", "see a_p, 25.9 %, 5°, –"),
    ],
    "fonts and links": [
        (r"\textsc{CR-Rake}: \textbf{\emph{a}} \texttt{b\_c}, {\it new} {\bf Hoe}", "CR-Rake: a b_c, new Hoe"),
        (r"\underline{R}ake d\underline{I}g, \textcolor{red}{red}, \textbf{2{,}000}", "Rake dIg, red, 2,000"),
        (r"M\textsuperscript{4}Fuse, T\textsubscript{2}, Rake\textregistered", "M⁴Fuse, T₂, Rake®"),
        (r"at \href{https://x.org/a_b}{this page} or \url{https://x.org/~u}", "at this page or https://x.org/~u"),
        (r"rakes~\cite{doe}, hoes\footnote{Of iron.} and \SI{40}{\milli\second}", "rakes, hoes (Of iron.) and 40 millisecond"),
        (r"\textbf{Rake} reaches 43.0\% on \emph{rain}, $\sim$3 ms", "Rake reaches 43.0% on rain, ∼3 ms"),
        (r"It is \textbf{cut here, and 5\%", "It is cut here, and 5%"),
    ],
    "signs": [
        (r"Oil \& Rust, 5\%, \#1, a\_b, \{x\}, \$5", "Oil & Rust, 5%, #1, a_b, {x}, $5"),
        (r"800\,nm, i.i.d.\ noise, histo\-logy, Rakes \\ of iron, Fig.~3", "800 nm, i.i.d. noise, histology, Rakes of iron, Fig. 3"),
        (r"3.6\times faster, 0.6 \pm 0.1, 360{\deg}, \alpha-helix, A \rightarrow B", "3.6× faster, 0.6 ± 0.1, 360°, α-helix, A → B"),
        (r"Schr\"{o}der, Poincar\'e, {\L}\'od\'z, Erd\H{o}s", "Schröder, Poincaré, Łódź, Erdős"),
        ("R^2Rake, x^{-1}, 10^−4 and ``quoted''", "R²Rake, x⁻¹, 10⁻⁴ and “quoted”"),
    ],
    "commands of the authors": [
        (r"We propose \ours, a \method{} in {\mname} (\eg, hoes) and \ttt\ works", "We propose ours, a method in mname (eg, hoes) and ttt works"),
        (r"\ac{LLM} and \modelname~make", "LLM and modelname make"),
    ],
}  # fmt: skip
AS_IT_IS = {
    "prices": [
        "Agents for $5 and $6",
        "From $5-$10 a Day",
        "A $100 rake, US$5–US$10, (approx. $630K)",
        "costs 5$ to 6$",
    ],
    "paths": [r"C:\new\table.txt and C:\Users\alpha", r"\\server\share\times", r"src\alpha\model.py"],
    "code": [
        r"`\textbf{x}` and `$x^2$`",
        r"\d+ or \w{2,3} or \bword\b, \n, \t",
        "$HOME/$USER and [^1], a_b, {0,1}",
    ],
    "text": ["{a: 1} < x_1 ~ y, Mon~Fri 10~20%", "$", "\\", "^", r"\b{eta}", "5--10 keV", r"it\'s"],
    "would bring forth LaTeX": [r"\textbackslash{}alpha", r"\$x^2$"],
}


@pytest.mark.parametrize(
    ("latex", "seen"), [case for cases in WRITTEN.values() for case in cases], ids=lambda text: text[:25]
)
def test_latex_is_written_as_text(latex: str, seen: str) -> None:
    assert to_unicode(latex) == seen
    assert clean(latex) == seen


@pytest.mark.parametrize("text", [text for texts in AS_IT_IS.values() for text in texts], ids=ascii)
def test_what_is_no_latex_stays_as_it_is(text: str) -> None:
    assert to_unicode(text) == text


def test_braces_that_are_nested_too_deep_stay() -> None:
    deep = f"$\\vec{'{' * (MAX_NESTING + 1)}x{'}' * (MAX_NESTING + 1)}$"
    assert to_unicode(deep) == deep
    endless = "$\\frac{" * 3000
    assert to_unicode(endless)


def test_no_file_is_read_and_no_clock() -> None:
    assert to_unicode(r"$a\input{/etc/passwd}b\today$c") == "ab" + "c"


PIECES = st.sampled_from(
    [
        *[
            "$",
            "$$",
            "\\",
            "{",
            "}",
            "^",
            "_",
            "~",
            "%",
            "&",
            "#",
            "`",
            "``",
            "''",
            "\\(",
            "\\)",
            "\\[",
            "\\]",
            "\\\\",
            "\\{",
            "\\}",
            "\\$",
            "\\,",
            "\\frac",
            "\\sqrt",
            "\\text{",
            "\\textbf{",
            "\\hat",
            "\\left(",
            "\\begin{a}",
            "\\end{a}",
            "\\alpha",
            "\\ours",
            "\\'e",
            "\\v{r}",
            "\\href{",
            "\\SI{",
            "\\input{x}",
            "\\url",
            "\\verb|a|",
            "\\item[",
            "^{2}",
            "_x",
            "a",
            "b",
            "1",
            "C:\\",
            "x",
        ],
        " ",
        "λ",
    ]
)


@settings(max_examples=EXAMPLES * 3, deadline=None)
@given(st.lists(PIECES, max_size=25).map("".join) | st.text(max_size=30))
@example("$\\url$")
@example("\\textbf{$\\left($}")
def test_whatever_comes_it_ends_and_is_written_once(text: str) -> None:
    line = clean(text)
    assert clean(line) == line
    assert line == " ".join(line.split())


@pytest.mark.parametrize(
    "piece",
    [
        "$a^",
        "\\frac{",
        "\\textbf{a}",
        "{",
        "{{a}}",
        "\\'",
        "~a",
        "$\\hat{a}$ ",
        "``a",
        "\\\\",
        "a\\b",
        "$\\ours{a}$",
    ],
)
def test_no_latex_takes_long(piece: str) -> None:
    texts = [piece * (size // len(piece)) for size in (4_000, 16_000)]
    assert growth(to_unicode, *texts) < LINEAR
