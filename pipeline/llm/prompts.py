"""Prompt files: Markdown with declared variables and sections, checked before anything is asked.

Roles are split before rendering, so a paper's line `system:` starts no role; variables are compared with
`inputs` both ways, so a misspelled one is an error in the file and not a hole in the prompt.
"""

from __future__ import annotations

import hashlib
import re
import traceback
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError, meta
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pydantic import Field, field_validator

from pipeline.config import front_matter
from pipeline.config.validation_errors import unknown_key
from pipeline.core.errors import InputError
from pipeline.core.models import Paper, SectionKind, Text, Value

INPUTS = {
    "repair": frozenset({"language", "claims", "sentences"}),
    "score": frozenset({"profile", "language", "papers"}),
    "analyze": frozenset({"profile", "language", "sections", "paper"}),
}
# Names that the model's answer has to use, and so the prompt has to explain.
ANSWERED = {
    "score": ("topic", "transfer", "substance", "excluded", "reason"),
    "analyze": ("headline", "hook", "text", "terms", "evidence", "kind"),
    "repair": (),
}
LANGUAGE_NAMES = {"zh-CN": "Chinese (简体中文)", "en": "English", "ja": "Japanese (日本語)"}
RESERVED = {"headline", "hook"}
PLAIN = "write {{ name }} for each of the inputs; the rest is plain text"


def _environment() -> ImmutableSandboxedEnvironment:
    # No autoescape: a model reads this, and a sentence has to stay what it is. Papers are fenced instead.
    return ImmutableSandboxedEnvironment(
        undefined=StrictUndefined, autoescape=False, keep_trailing_newline=False
    )


class DeclaredSection(Value):
    """A section that an analysis has to have, as the front matter of the prompt declares it."""

    id: str
    title: dict[str, str]
    kind: SectionKind
    ask: str = Field(min_length=1)
    cues: tuple[str, ...] = ()

    @field_validator("id")
    @classmethod
    def _identifier(cls, value: str) -> str:
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,31}", value) or value in RESERVED:
            raise ValueError("is not a name of small letters, digits and _ (and not headline or hook)")
        return value

    def title_in(self, language: str) -> str:
        """The title in that language, else in English, else whichever there is."""
        return self.title.get(language) or self.title.get("en") or next(iter(self.title.values()), self.id)


class PromptSettings(Value):
    """The front matter of a prompt."""

    name: str
    description: str = ""
    inputs: tuple[str, ...]
    sections: tuple[DeclaredSection, ...] = ()
    metadata: dict[str, Any] = {}


TRIES = {
    "name": "name: score (as the file is called)",
    "inputs": "inputs: [profile, language, papers]",
    "sections": "sections: [{id: method, title: {en: Method}, kind: claims, ask: How does it work?}]",
    "metadata": "metadata: {}",
}


class Prompt(Value):
    """A checked prompt. `version` is `<name>@<first 8 hex digits of the file's SHA-256>`."""

    name: str
    version: str
    system: str
    user: str
    sections: tuple[DeclaredSection, ...]

    def render(self, **values: str) -> tuple[str, str]:
        """The system and the user text. Raises InputError if the template cannot be rendered."""
        environment = _environment()
        try:
            system, user = (environment.from_string(t).render(values) for t in (self.system, self.user))
        except (TemplateError, ArithmeticError, LookupError, TypeError, ValueError) as error:
            message = f"the prompt cannot be filled in: {error}"
            raise InputError(message, path=f"{self.name}.md", line=_template_line(error)) from None
        return system.strip(), user.strip()


def load_prompt(prompts: Path, name: str, kind: str) -> Prompt:
    """Read and check `prompts/<name>.md` as a prompt of that kind. Raises InputError with the line."""
    document = front_matter.load(prompts / f"{name}.md")
    settings = front_matter.validate(document, PromptSettings, document.settings, tries=TRIES)
    if settings.name != name:
        message = f'name: "{settings.name}" is not the name of the file'
        raise document.error(message, at=["name"], hint=f"Try: name: {name}")
    system, user = _roles(document)
    _check_variables(document, set(settings.inputs), INPUTS[kind], (system, user))
    _check_names(document, ANSWERED[kind], system + user)
    if kind == "analyze":
        _check_sections(document, settings.sections)
    prompt = Prompt(name=name, version=document.version, system=system, user=user, sections=settings.sections)
    _try_out(document, prompt, INPUTS[kind])
    return prompt


def _roles(document: front_matter.Document) -> tuple[str, str]:
    """The texts below the lines `system:` and `user:`, which both have to be there, once, in that order."""
    found = re.findall(r"^(system|user):[ \t]*$", document.body, flags=re.MULTILINE)
    if found != ["system", "user"]:
        message = f"the text needs one line `system:` and below it one line `user:`, found {found}"
        hint = "a line `system:`, what the model is; a line `user:`, what it is asked"
        raise InputError(message, path=document.path, line=document.body_line, hint=hint)
    before, system, user = re.split(r"^(?:system|user):[ \t]*$", document.body, flags=re.MULTILINE)
    # What stands above the first role (comments) is kept before it, so that line numbers stay true.
    return before + "\n" + system, "\n" * (before + system).count("\n") + user


def _check_variables(
    document: front_matter.Document, declared: set[str], known: frozenset[str], texts: Iterable[str]
) -> None:
    """Declared = used = known."""
    used: set[str] = set()
    for text in texts:
        try:
            used |= meta.find_undeclared_variables(_environment().parse(text))
        except TemplateSyntaxError as error:
            line = document.body_line + error.lineno - 1
            message = f"is not a Jinja template: {error.message}"
            raise InputError(message, path=document.path, line=line, hint=PLAIN) from None
    if unknown := sorted(declared - known):
        message, hint = unknown_key(unknown[0], known)
        raise document.error(
            f"inputs: {message.replace('a setting', 'a variable')}", at=["inputs"], hint=hint
        )
    if used != declared:
        extra, unused = sorted(used - declared), sorted(declared - used)
        what = (
            f"the text uses {extra}, which it does not declare" if extra else f"the text never uses {unused}"
        )
        line = _line_of(document, extra[0]) if extra else document.line(["inputs"])
        hint = f"the two have to be equal; there are: {', '.join(sorted(known))}"
        raise InputError(
            f"inputs are {sorted(declared)}, but {what}", path=document.path, line=line, hint=hint
        )


def _try_out(document: front_matter.Document, prompt: Prompt, inputs: Iterable[str]) -> None:
    """Fill it in once: what is wrong but well formed would else fail when a night is at stake."""
    try:
        prompt.render(**dict.fromkeys(inputs, "text"))
    except InputError as error:
        line = document.body_line + max(error.line - 1, 0)
        raise InputError(error.message, path=document.path, line=line, hint=PLAIN) from None


def _check_names(document: front_matter.Document, names: Iterable[str], text: str) -> None:
    """Every name of the answer has to be explained by the text."""
    sent = re.sub(r"\{#.*?#\}", "", text, flags=re.DOTALL)
    lacking = [name for name in names if not re.search(rf"\b{name}\b", sent)]
    if lacking:
        message = f"the text never says what `{lacking[0]}` is, which the answer has to have"
        hint = "the words around it are yours, the name is the program's"
        raise InputError(message, path=document.path, line=document.body_line, hint=hint)


def _template_line(error: Exception) -> int:
    """The line of the template in which it went wrong, from 1; 0 if that is not known."""
    frames = traceback.walk_tb(error.__traceback__)
    ran = [line for frame, line in frames if frame.f_code.co_filename == "<template>"]
    return ran[-1] if ran else 0


def _line_of(document: front_matter.Document, variable: str) -> int:
    """The line of the body in which a variable first stands."""
    for number, row in enumerate(document.body.split("\n")):
        if re.search(rf"\{{[{{%].*\b{re.escape(variable)}\b", row):
            return document.body_line + number
    return document.body_line


def _check_sections(document: front_matter.Document, sections: tuple[DeclaredSection, ...]) -> None:
    ids = [section.id for section in sections]
    if not ids:
        raise document.error("declares no sections", at=["sections"], hint=f"Try: {TRIES['sections']}")
    for index, name in enumerate(ids):
        if name in ids[:index]:
            message = f"sections: the id `{name}` stands twice"
            raise document.error(message, at=["sections", index, "id"], hint="give it another")
        if not sections[index].title:
            message = f"sections: `{name}` has no title"
            raise document.error(message, at=["sections", index, "title"], hint="Try: title: {en: Method}")
        for language, title in sections[index].title.items():
            if not title.strip() or re.search(r"[`<>\[\]{}|*_\\]", title):
                message = f'sections: "{title}" has signs that a heading on the page cannot show'
                raise document.error(
                    message,
                    at=["sections", index, "title", language],
                    hint="use letters, figures and plain punctuation",
                )


def fence(paper_id: str, lines: Iterable[str], *, beside: str = "") -> str:
    """Text of a stranger between marks that it cannot contain, nor can the texts `beside` it in the prompt.

    Their name is made from the text itself.
    """
    body = "\n".join(lines)
    mark, salt = "", 0
    while not mark or mark in body or mark in beside:
        mark = "paper-" + hashlib.sha256(f"{salt}{body}".encode()).hexdigest()[:8]
        salt += 1
    shown = re.sub(r"[^A-Za-z0-9./_-]", "", paper_id)
    return f'<{mark} id="{shown}">\n{body}\n</{mark}>'


def one_line(text: str) -> str:
    """White space folded, so that a text stays on the line it was given."""
    return " ".join(text.split())


def papers_block(papers: Iterable[Paper]) -> str:
    """Titles and abstracts, each paper fenced; an absent abstract is said."""
    told = [
        (paper.id, (f"Title: {one_line(paper.title)}", f"Abstract: {one_line(paper.abstract) or '(none)'}"))
        for paper in papers
    ]
    beside = "\n".join(line for _, lines in told for line in lines)
    return "\n\n".join(fence(key, lines, beside=beside) for key, lines in told)


def text_block(paper: Paper, text: Text) -> str:
    """The numbered sentences of a paper, one a line, section headings between them, fenced."""
    lines = [f"Title: {one_line(paper.title)}", f"Read from: {text.basis}"]
    section = None
    for sentence in text.sentences:
        if sentence.section != section:
            section = sentence.section
            lines.append(f"## {one_line(section)}")
        lines.append(f"[{sentence.id}] {one_line(sentence.text)}")
    return fence(paper.id, lines)


def sections_block(sections: Iterable[DeclaredSection]) -> str:
    """The declared sections as the model reads them."""
    return "\n".join(
        f"- {section.id} ({'inferences of yours' if section.kind == 'inference' else 'claims'}): "
        f"{one_line(section.ask)}"
        for section in sections
    )


def language_name(language: str) -> str:
    """How a prompt calls a language; an unknown code is its own name."""
    return LANGUAGE_NAMES.get(language, language)
