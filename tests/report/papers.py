"""Made-up papers with every kind of title and name, and by hand what a reader of an export has to find."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import NamedTuple

from pipeline.report.export import Mention, Reference


class Author(NamedTuple):
    """A name as a report lists it; as BibTeX parses it (first, von, last, jr); as RIS has it; as CSL has it."""

    listed: str
    bibtex: tuple[str, str, str, str]
    ris: str
    csl: dict[str, str]


def person(first: str, last: str, von: str = "", jr: str = "", listed: str = "") -> Author:
    csl = {"family": last, "given": first, "non-dropping-particle": von, "suffix": jr}
    family = f"{von} {last}".strip()
    return Author(
        listed or " ".join(filter(None, (first, von, last, jr))),
        (first, von, last, jr),
        ", ".join(filter(None, (family, first, jr))),
        {key: value for key, value in csl.items() if value},
    )


def whole(name: str, listed: str = "") -> Author:
    """A name that no reader may split."""
    return Author(listed or name, ("", "", name, ""), name, {"literal": name})


def family_first(family: str, given: str) -> Author:
    name = f"{family} {given}"
    return Author(name, ("", "", name, ""), f"{family}, {given}", {"family": family, "given": given})


AUTHORS = (
    person("Ana", "Lima"),
    person("Jan", "Berg", von="van der"),
    person("Maria", "Cruz", von="de la"),
    person("", "Cruz", von="de la"),
    person("Gerard", "Hooft", von="'t"),
    person("Ludwig", "Beethoven", von="van", jr="III"),
    person("John", "Smith", jr="Jr."),
    person("John", "Smith", jr="Jr.", listed="John Smith, Jr."),
    person("Jean-Pierre", "Müller"),
    person("Ch. J.-P.", "O'Neill"),
    person("Jiří", "Nováček"),
    person("Ñandú", "Ångström"),
    person("Øystein", "Łukasiewicz"),
    person("Þór", "Guðmundsson"),
    person("Đặng Thị", "Ngọc"),
    person("Gülşen", "Yılmaz"),
    person("İpek", "Ağaoğlu"),
    person("Ștefan", "Țepeș"),
    person("Sándor", "Erdős"),
    person("Œdipe", "Straße"),
    person("danah", "boyd"),
    person("Иван", "Петров"),
    person("Γιώργος", "Παπαδόπουλος"),
    person("محمد", "الخوارزمي"),
    person("मोहन", "शर्मा"),
    family_first("王", "小明"),
    family_first("김", "철수"),
    family_first("山田", "太郎"),
    whole("王小明"),
    whole("欧阳娜娜"),
    whole("김철수"),
    whole("やまだたろう"),
    whole("Wei 王"),
    whole("Plato"),
    whole("OpenAI"),
    whole("The ATLAS Collaboration"),
    whole("LIGO Scientific Collaboration and Virgo Collaboration"),
    whole("Qwen Team"),
    whole("Institute for Fish, Chips, and Salt"),
    whole("others"),
    whole("Procter & Gamble"),
    whole("A1 {Labs} #7_x"),
    whole("Ana Lima (Lab, City)"),
    whole('Robert"); DROP TABLE'),
)

# As a report has it; as a page, RIS and CSL show it; as TeX that is read back shows it, `$…$` kept, if it differs.
TITLES: tuple[tuple[str, str, str], ...] = (
    ("BMAM: Brain-inspired Multi-Agent Memory", "BMAM: Brain-inspired Multi-Agent Memory", ""),
    ("SR$^{2}$-Net: Spectral Refinement", "SR²-Net: Spectral Refinement", "SR$^{2}$-Net: Spectral Refinement"),
    ("A $K$-means bound of $O(n \\log n)$", "A K-means bound of O(n log n)", "A $K$-means bound of $O(n \\log n)$"),
    ("On \\(\\alpha\\)-divergence, $$x \\leq 3$$", "On α-divergence, x ≤ 3", "On $\\alpha$-divergence, $x \\leq 3$"),
    ("Sets $\\{a, b\\}$ of $\\mathbb{R}^n$", "Sets {a, b} of ℝⁿ", "Sets $\\lbrace a, b\\rbrace$ of $\\mathbb{R}^n$"),
    ("Naïve Café: Ünïcödé für Schrödinger’s Straße", "Naïve Café: Ünïcödé für Schrödinger’s Straße", ""),
    ('Erd\\H{o}s and M\\"uller by \\textbf{bold} means', "Erdős and Müller by bold means", ""),
    ("ViT-B/16 gains 43\\% at 5% cost & more #1_2", "ViT-B/16 gains 43% at 5% cost & more #1_2", ""),
    ("Costs $5 to $10 per run", "Costs $5 to $10 per run", ""),
    ("Braces {unbalanced and } closed } twice", "Braces {unbalanced and } closed } twice", ""),
    ("}, @article{evil, title = {x}", "}, @article{evil, title = {x}", ""),
    ("A \"quoted\" word, 'single' and “curly”", "A \"quoted\" word, 'single' and “curly”", ""),
    ("a < b > c | d ~ e ^ f \\ g", "a < b > c | d ~ e ^ f \\ g", ""),
    ("大型语言模型的记忆框架", "大型语言模型的记忆框架", ""),
    ("大規模言語モデルと画像復元：実験", "大規模言語モデルと画像復元：実験", ""),
    ("한국어 제목과 GPT-4", "한국어 제목과 GPT-4", ""),
    ("Греческий α и β-распад", "Греческий α и β-распад", "Греческий $\\alpha$ и $\\beta$-распад"),
    ("x² + H₂O ≥ 3·10⁻⁵ × ∞", "x² + H₂O ≥ 3·10⁻⁵ × ∞", "x$^{2}$ + H$_{2}$O $\\geq$ 3·10$^{-}$$^{5}$ × $\\infty$"),
    ("Reads $\\input{/etc/passwd}$ and $\\write18{id}$", "", ""),
    ("Line\none\r\nTY  - JOUR\u2028ER  - \x85end", "Line one TY - JOUR ER - end", ""),
    ("Emoji 🙂 and e\u0301 combining x\u0302", "Emoji 🙂 and é combining x̂", ""),
    ("50% of % and \\% at 100 %", "50% of % and % at 100 %", ""),
)  # fmt: skip
DOIS = ("", "10.1103/PhysRevD.103.123456", "", "10.1016/s0140-6736(26)00001-2", "10.1000/a_b;c")
CATEGORIES = ((), ("cs.CL", "cs.AI"), ("hep-ph",), ("cs.CV", "eess.IV", "cs.LG"))
VENUES = (
    ("", ""),
    ("Phys. Rev. D 103, 123456 (2021)", ""),
    ("", "Accepted at ICLR 2026; code: https://github.com/o/r_1"),
    ("Ünïv. J. & Co. #7", ""),
)
IDS = (
    "2601.{:05}",
    "2512.{:05}",
    "cs/0101{:03}",
    "hep-th/9912{:03}",
    "feed-{:012x}",
    "biorxiv-10.1101-2026.01.02.{:06}",
)


def reference(number: int) -> Reference:
    """One of many papers: tables of different lengths, each gone through in turn."""
    first = number * 3
    authors = tuple(AUTHORS[(first + n) % len(AUTHORS)].listed for n in range(number % 5 + 1))
    publication, comment = VENUES[number % len(VENUES)]
    return Reference(
        id=IDS[number % len(IDS)].format(number),
        title=TITLES[number % len(TITLES)][0],
        url=f"https://arxiv.org/abs/{number}",
        authors=authors,
        more_authors=number % 7 == 0 and 14,
        listed=dt.date(2026, 1, 1 + number % 28),
        mentions=(
            Mention(
                dt.date(2026, 1, 30),
                f"https://github.com/o/r_1/blob/HEAD/reports/p/x.md#a-{number}",
                number % 101,
                True,
            ),
        ),
        doi=DOIS[number % len(DOIS)],
        categories=CATEGORIES[number % len(CATEGORIES)],
        publication=publication,
        comment=comment,
    )


def authors_of(number: int) -> list[Author]:
    return [AUTHORS[(number * 3 + n) % len(AUTHORS)] for n in range(number % 5 + 1)]


def references(count: int) -> list[Reference]:
    return [reference(number) for number in itertools.islice(itertools.count(1), count)]
