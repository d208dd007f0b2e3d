r"""Write references to papers as BibTeX, RIS or CSL-JSON. Pure: the same references always give the same text.

Titles, names and comments are strangers' text. In BibTeX every character that means something to BibTeX or TeX is
written as a command, and a formula is kept only if all of its commands are known: no title can end its field, add an
entry or read a file. Accented letters are commands too, since BibTeX itself counts and cuts bytes; what has no command
in common use, such as Chinese, stays UTF-8.
"""

import datetime as dt
import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Literal, NamedTuple
from urllib.parse import quote

from pipeline.core.formulas import formula_spans
from pipeline.core.source import ARXIV, is_arxiv_id, source_of_id
from pipeline.core.tex_letters import LETTERS, MARKS
from pipeline.report.escape import clean

Format = Literal["bibtex", "ris", "csl-json"]


@dataclass(frozen=True)
class Mention:
    """A digest that lists a paper. `address`: URL of its page, or the page's path where the repository is unknown."""

    date: dt.date
    address: str
    score: int | None
    picked: bool  # False: shortlisted


@dataclass(frozen=True)
class Reference:
    """A paper as reports list it. Its texts are as in the report: neither escaped nor cleaned."""

    id: str
    title: str
    url: str
    authors: tuple[str, ...]
    more_authors: int  # authors beyond those that the report names
    listed: dt.date  # the earliest day on which a source listed it
    mentions: tuple[Mention, ...]  # by date
    doi: str = ""
    categories: tuple[str, ...] = ()
    publication: str = ""  # arXiv's journal reference
    comment: str = ""  # the authors' words

    @property
    def key(self) -> str:
        """The citation key, made from the id alone: a paper keeps it, and no two papers share one."""
        prefixed = f"{ARXIV.name}-{self.id}" if is_arxiv_id(self.id) else self.id
        return re.sub(r"[^A-Za-z0-9./-]", lambda match: f"_{ord(match[0]):x}_", prefixed)

    @property
    def date_parts(self) -> tuple[int, ...]:
        """Year, month and, where it is known, day of the paper. An arXiv id tells the month of submission."""
        if not is_arxiv_id(self.id):
            return self.listed.year, self.listed.month, self.listed.day
        digits = self.id.rpartition("/")[2]
        year = int(digits[:2])
        return (1900 if year > 90 else 2000) + year, int(digits[2:4])


class Name(NamedTuple):
    """An author's name. `family` alone: a name that is not to be split, such as a collaboration's."""

    family: str
    given: str = ""
    particle: str = ""  # "van der"
    suffix: str = ""  # "Jr."
    family_first: bool = False  # written without a comma, as in Chinese, Japanese and Korean


def merge(references: Iterable[Reference]) -> list[Reference]:
    """Return every paper once, by the date of its first mention.

    What the newest report says of a paper counts; what it lacks is taken from older ones.
    """
    papers: dict[str, Reference] = {}
    for one in sorted(references, key=lambda reference: reference.mentions[0].date):
        known = papers.get(one.id)
        papers[one.id] = one if known is None else _merged(known, one)
    return list(papers.values())


def _merged(old: Reference, new: Reference) -> Reference:
    authors = max(new, old, key=lambda reference: len(reference.authors))  # the newer one, if they are equal
    return replace(
        new,
        authors=authors.authors,
        more_authors=authors.more_authors,
        listed=min(old.listed, new.listed),
        mentions=(*old.mentions, *new.mentions),
        doi=new.doi or old.doi,
        categories=new.categories or old.categories,
        publication=new.publication or old.publication,
        comment=new.comment or old.comment,
    )


def export(references: Iterable[Reference], kind: Format) -> str:
    """Write references in one of the formats, every paper once."""
    return _WRITERS[kind](merge(references))


def bibtex(references: Sequence[Reference]) -> str:
    """Write BibTeX entries: `@misc`, since the other types ask for a journal or a publisher in a field of its own."""
    return "\n".join(map(_bibtex_entry, references))


def ris(references: Sequence[Reference]) -> str:
    """Write RIS records of the type GEN, which reference managers read with all of these tags."""
    return "\n".join(map(_ris_record, references))


def csl_json(references: Sequence[Reference]) -> str:
    """Write CSL-JSON, which citation processors and Zotero read."""
    return json.dumps([_csl_item(one) for one in references], ensure_ascii=False, indent=1) + "\n"


_WRITERS: Mapping[Format, Callable[[Sequence[Reference]], str]] = {
    "bibtex": bibtex,
    "ris": ris,
    "csl-json": csl_json,
}


def _bibtex_entry(reference: Reference) -> str:
    year, month, *_ = reference.date_parts
    authors = [*map(_bibtex_name, _names(reference)), *(["others"] if reference.more_authors else [])]
    # The plainest styles know no `eprint`.
    published = _tex(reference.publication) or _escaped(_number(reference) or _publisher(reference))
    fields = {
        # Two pairs of braces: styles that write titles in small letters leave every capital as it is.
        "title": f"{{{_tex(reference.title) or _escaped(reference.id)}}}",
        "author": " and ".join(authors),
        "year": str(year),
        "howpublished": published,
        "doi": _doi(reference),
        "url": _url(reference.url),
        "keywords": _escaped(", ".join(_keywords(reference))),
        "note": _escaped(_comment(reference)),
        "annote": _escaped("; ".join(_remarks(reference))),  # unlike `note`, no common style prints it
    }
    if is_arxiv_id(reference.id):
        fields |= {"eprint": reference.id, "archivePrefix": "arXiv"}
        fields["primaryClass"] = _escaped(next(iter(_keywords(reference)), ""))
    lines = [f"  {name} = {{{value}}},\n" for name, value in fields.items() if value]
    return f"@misc{{{reference.key},\n{''.join(lines)}  month = {_MONTHS[month - 1]}\n}}\n"


_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def _ris_record(reference: Reference) -> str:
    year, month, *day = reference.date_parts
    more = [_more_authors(reference)] if reference.more_authors else []
    lines = [
        ("TY", "GEN"),
        ("ID", reference.key),
        ("TI", clean(reference.title) or reference.id),
        *(("AU", _ris_name(name)) for name in _names(reference)),
        ("PY", str(year)),
        ("DA", f"{year}/{month:02}/{''.join(f'{number:02}' for number in day)}/"),
        ("T2", clean(reference.publication)),
        ("PB", _publisher(reference)),
        ("AN", _number(reference)),
        ("DO", _doi(reference)),
        ("UR", _url(reference.url)),
        *(("KW", keyword) for keyword in _keywords(reference)),
        *(("N1", note) for note in (_comment(reference), *more, *_remarks(reference))),
    ]
    return "".join(f"{tag}  - {value}\n" for tag, value in lines if value) + "ER  - \n"


def _csl_item(reference: Reference) -> dict[str, Any]:
    more = [_more_authors(reference)] if reference.more_authors else []
    notes = "\n".join(filter(None, (_comment(reference), *more, *_remarks(reference))))
    item = {
        "id": reference.key,
        "citation-key": reference.key,
        "type": "article",
        "title": clean(reference.title) or reference.id,
        "author": list(map(_csl_name, _names(reference))),
        "issued": {"date-parts": [list(reference.date_parts)]},
        "container-title": clean(reference.publication),
        "publisher": _publisher(reference),
        "number": _number(reference),
        "DOI": _doi(reference),
        "URL": _url(reference.url),
        "keyword": ", ".join(_keywords(reference)),
        # citeproc-js takes `{:DOI: …}` in a note for a field.
        "note": notes.replace("{:", "{ :"),
    }
    return {name: value for name, value in item.items() if value}


_DOI = re.compile(r"10\.[0-9]{4,9}/[A-Za-z0-9._;()/:-]+")  # in no need of escapes; reports have no others


def _publisher(reference: Reference) -> str:
    source = source_of_id(reference.id)
    return source.label if source else ""


def _number(reference: Reference) -> str:
    return f"arXiv:{reference.id}" if is_arxiv_id(reference.id) else ""


def _doi(reference: Reference) -> str:
    return reference.doi if _DOI.fullmatch(reference.doi) else ""


def _url(address: str) -> str:
    """Return a web address without a character that means something to BibTeX; empty if it is none."""
    if not re.match(r"https?://", address, re.IGNORECASE):
        return ""
    return quote(address, safe=":/?#[]@!$&'()*+,;=~%", errors="replace")


def _keywords(reference: Reference) -> list[str]:
    """Return the categories; a comma would make two of one."""
    return [word for word in (clean(category).replace(",", ";") for category in reference.categories) if word]


def _comment(reference: Reference) -> str:
    comment = clean(reference.comment)
    return f"Authors' comment: {comment}" if comment else ""


def _more_authors(reference: Reference) -> str:
    return f"Further authors: {reference.more_authors}"


def _remarks(reference: Reference) -> list[str]:
    """Return for each digest that lists the paper what it made of it, and its address."""
    return [
        f"{'Picked' if mention.picked else 'Shortlisted'} on {mention.date}"
        f"{'' if mention.score is None else f' with score {mention.score}'}: {clean(mention.address)}"
        for mention in reference.mentions
    ]


# --- names ---------------------------------------------------------------------------------------------------------

# In the name of a group, not of a person. Other groups are taken for people: no rule tells "Google DeepMind" from one.
_GROUP = re.compile(
    r"\b(?:and|others|for|of|collaborations?|consortium|foundation|group|initiative|institute|network|project|society"
    r"|team|university)\b",
    re.IGNORECASE,
)
_SUFFIX = re.compile(r",? (Jr\.?|Sr\.?|II|III|IV)$")
_CJK = re.compile(r"[\u3005\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]")
_IN_NAMES = frozenset(" .'’‘ʻʼ`-‐·")


def split_name(text: str) -> Name:
    """Split an author's name, which is written in its usual order: "Jan van der Berg Jr.", "王 小明"."""
    line = clean(text)
    suffix = _SUFFIX.search(line)
    words = line[: suffix.start() if suffix else None].split()
    is_person = all(sign in _IN_NAMES or unicodedata.category(sign)[0] in "LM" for sign in "".join(words))
    if len(words) < 2 or not is_person or _GROUP.search(line):
        return Name(line)
    scripts = [bool(_CJK.search(word)) for word in words]
    if any(scripts):
        return Name(words[0], " ".join(words[1:]), family_first=True) if all(scripts) else Name(line)
    small, last = [_is_small(word) for word in words], len(words) - 1
    # A particle stands behind the given name, or first, if only the family name has a capital: "de la Cruz".
    first = 0 if all(small[:-1]) and not small[-1] else 1
    start = next((index for index in range(first, last) if small[index]), last)
    end = next((index for index in range(start, last) if not small[index]), last)
    return Name(
        family=" ".join(words[end:]),
        given=" ".join(words[:start]),
        particle=" ".join(words[start:end]),
        suffix=suffix[1] if suffix else "",
    )


def _is_small(word: str) -> bool:
    return next((sign for sign in word if sign.isalpha()), "").islower()


def _names(reference: Reference) -> list[Name]:
    return [name for name in map(split_name, reference.authors) if name.family]


def _bibtex_name(name: Name) -> str:
    """Write `von Last, Jr, First`. A name without these parts is one group: BibTeX must not turn or split it."""
    if name.family_first or not (name.given or name.particle):
        return f"{{{_escaped(' '.join(filter(None, (name.family, name.given))))}}}"
    family = " ".join(filter(None, (name.particle, name.family)))
    return ", ".join(_escaped(part) for part in (family, name.suffix, name.given) if part)


def _ris_name(name: Name) -> str:
    family = " ".join(filter(None, (name.particle, name.family)))
    return ", ".join(part for part in (family, name.given, name.suffix) if part)


def _csl_name(name: Name) -> dict[str, str]:
    if not name.given and not name.particle:
        return {"literal": name.family}
    parts = {
        "family": name.family,
        "given": name.given,
        "non-dropping-particle": name.particle,
        "suffix": name.suffix,
    }
    return {part: value for part, value in parts.items() if value}


# --- TeX -----------------------------------------------------------------------------------------------------------

# BibTeX counts braces whether or not a backslash is before them, so that a brace has to be a word.
_SPECIAL = {sign: f"\\{sign}" for sign in "%$&#_"} | {
    "\\": r"{\textbackslash}",
    "{": r"{\textbraceleft}",
    "}": r"{\textbraceright}",
    "^": r"{\textasciicircum}",
    "~": r"{\textasciitilde}",
    "<": r"{\textless}",
    ">": r"{\textgreater}",
    "|": r"{\textbar}",
    "¹": "{$^{1}$}",
    "²": "{$^{2}$}",
    "³": "{$^{3}$}",
}
_LETTER = {letter: name for name, letter in LETTERS.items()}
_ACCENT = {mark: name for name, mark in MARKS.items()} | {"\u0326": "textcommabelow"}
_BELOW = frozenset({"c", "k", "d", "b", "textcommabelow"})
# With these, LaTeX takes an i without its dot by itself; behind `\i`, biber leaves the accent a sign of its own.
_KEEPS_I = frozenset({"'", "`", "^", '"', *_BELOW})
# A sign that may have to be a command, with the accents behind it; most letters have none.
_CLUSTER = re.compile(r"([A-Za-z](?=[\u0300-\u036f])|[^A-Za-z0-9 .,:;/()'-])([\u0300-\u036f]*)")
_GREEK_WORD = re.compile(r"[\u0370-\u03ff\u1f00-\u1fff]{3,}")

# Commands of a formula that may stay, besides those of single signs. None of them defines, reads or repeats anything.
_FORMULA_COMMANDS = frozenset(
    """frac sqrt hat bar tilde vec dot ddot overline underline widehat widetilde mathbb mathcal mathbf mathrm mathsf mathit
    mathtt mathfrak text textit textbf textrm textsc textsf boldsymbol operatorname log ln exp sin cos tan min max
    sup inf lim dim det arg Pr lbrace rbrace prime ldots cdots dots to ne le ge leftarrow rightarrow ast dagger ddagger
    setminus emptyset""".split()  # noqa: SIM905
)
_FORMULA = re.compile(
    r"(?:[A-Za-z0-9+\-*/=<>|()\[\].,:;!?' {}]|[\^_](?=\{|[A-Za-z0-9+\-*]|\\[A-Za-z])|\\[A-Za-z]+|\\[,;:! %#&_])+"
)


def _tex(text: str) -> str:
    r"""Write a text as TeX: what the page shows, but formulas as `$…$`, if that says the same."""
    shown = clean(text)
    spans = formula_spans(text)
    if not spans:
        return _escaped(shown)
    read, written, position = "", "", 0
    for start, end in spans:
        before, formula = _plain(text[position:start]), _formula(text[start:end])
        shown_formula = clean(text[start:end])
        read += before + shown_formula
        written += _escaped(before) + (f"{{${formula}$}}" if formula else _escaped(shown_formula))
        position = end
    rest = _plain(text[position:])
    same = " ".join((read + rest).split()) == shown
    return " ".join((written + _escaped(rest)).split()) if same else _escaped(shown)


def _plain(text: str) -> str:
    """Clean a part of a text, with a blank where one parts it from its neighbors."""
    before, after = " " * text[:1].isspace(), " " * text[-1:].isspace()
    return f"{before}{clean(text)}{after}"


def _formula(text: str) -> str:
    """Return the inner text of a formula in commands that every LaTeX with AMS symbols knows; empty if it has others."""
    width = 2 if text[:2] in {"$$", "\\(", "\\["} else 1
    content = text[width:-width].strip().replace(r"\{", r"\lbrace ").replace(r"\}", r"\rbrace ")
    content = "".join(
        sign if sign.isascii() else f"{_symbols().get(sign, sign)} " for sign in " ".join(content.split())
    )
    known = _FORMULA.fullmatch(content) is not None and _is_balanced(content)
    commands = set(re.findall(r"\\([A-Za-z]+)", content))
    allowed = {command[1:] for command in _symbols().values()} | _FORMULA_COMMANDS
    return content.strip() if known and commands <= allowed else ""


def _is_balanced(text: str) -> bool:
    depth = 0
    for sign in text:
        depth += (sign == "{") - (sign == "}")
        if depth < 0:
            return False
    return depth == 0


def _escaped(text: str) -> str:
    """Write a text without formulas as TeX, every special sign as a command."""
    words = {sign for word in _GREEK_WORD.findall(text) for sign in word}
    return _CLUSTER.sub(lambda match: _sign(match[1], match[2], in_word=match[1] in words), text)


def _sign(base: str, marks: str, *, in_word: bool) -> str:
    """Write a sign with the combining marks that follow it. `in_word`: a letter of a Greek word, not a symbol."""
    if accented := _letter(base + marks):
        return accented
    if base in _SPECIAL:
        return _SPECIAL[base] + marks
    symbol = "" if in_word or marks else _symbols().get(base, "")
    return f"{{${symbol}$}}" if symbol else base + marks


def _letter(cluster: str) -> str:
    """Write a letter and its accents as commands; empty for any other sign, and where LaTeX lacks an accent."""
    letter, *accents = list(unicodedata.normalize("NFD", cluster))
    # Below comes last: TeX cannot set an accent on what has one below.
    accents.sort(key=lambda accent: _ACCENT.get(accent) in _BELOW)
    names = [_ACCENT.get(accent, "") for accent in accents]
    is_letter = letter in _LETTER or (bool(names) and letter.isascii() and letter.isalpha())
    # A second accent stands on a letter with an accent, such as ê, that is a sign of its own.
    inner = unicodedata.normalize("NFC", letter + "".join(accents[:-1]))
    if not is_letter or not all(names) or len(inner) > 1:
        return ""
    command = rf"\{_LETTER[letter]}" if letter in _LETTER else letter
    # In the forms that all readers know: `{\'e}`, `{\v c}`.
    for number, name in enumerate(names):
        dotless = rf"\{command}" if command in {"i", "j"} and name not in _KEEPS_I else command
        argument = f"{{{dotless}}}" if number else f"{' ' * (name + dotless).isalpha()}{dotless}"
        command = rf"\{name}{argument}"
    return f"{{{command}}}"


# What pylatexenc's table names and neither LaTeX nor AMS defines.
_UNDEFINED = frozenset(
    r"""\DownArrowUpArrow \VDash \allequal \approxnotequal \arrowwaveleft \arrowwaveright \clockoint \clwintegral
    \dblarrowupdown \estimates \forcesextra \hermitconjmatrix \homothetic \image \lazysinv \notgreaterless
    \notlessgreater \original \precedesnotsimilar \recorder \rightangle \rightanglearc \sqrint \starequal
    \surfintegral \tildetrpl \truestate \udots \varperspcorrespond \verymuchgreater \verymuchless
    \volintegral""".split()  # noqa: SIM905 - a list of words
)


@cache
def _symbols() -> Mapping[str, str]:
    r"""Return the commands of math symbols by their sign: `≤` `\leq`; of raised and lowered signs `^{4}`."""
    from pylatexenc.latexencode import get_builtin_uni2latex_dict  # noqa: PLC0415 - a large table, and few signs

    found = {}
    for code, written in get_builtin_uni2latex_dict().items():
        command = re.fullmatch(r"\\ensuremath\{(?:(\\[A-Za-z]+)|([\^_])([\w+\-=()]))\}", written)
        if command and code > 127 and command[1] not in _UNDEFINED:
            found[chr(code)] = command[1] or f"{command[2]}{{{command[3]}}}"
    return found
