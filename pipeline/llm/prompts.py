"""Prompt files: Markdown with declared variables and sections, validated before any request.

Roles are split before rendering, so that a line `system:` in a paper starts no role. Variables are compared with
`inputs` in both directions, so that a misspelled one is an error in the file and not a gap in the prompt.
"""

import hashlib
import re
import traceback
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from itertools import count, groupby
from pathlib import Path
from typing import Annotated, Any, Literal

from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError, meta, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pydantic import Field

from pipeline.config import front_matter
from pipeline.config.profile import ProfileSettings
from pipeline.config.settings import matching
from pipeline.config.validation_errors import unknown_key
from pipeline.core import unicode
from pipeline.core.arxiv_ids import canonical_id
from pipeline.core.errors import InputError
from pipeline.core.models import LIMITATIONS, Paper, SectionKind, Text, Value

INPUTS = {
    "repair": frozenset({"language", "claims", "sentences"}),
    "score": frozenset({"profile", "language", "papers", "examples"}),
    "analyze": frozenset({"profile", "language", "sections", "paper"}),
    "verify": frozenset({"claims"}),
    "brief": frozenset({"language", "papers"}),
    "final": frozenset({"profile", "papers"}),
}
# Field names of the answer types: the prompt has to explain them.
ANSWER_FIELDS = {
    "score": ("topic", "transfer", "substance", "excluded", "reason"),
    "analyze": ("headline", "hook", "text", "terms", "evidence", "kind"),
    "repair": (),
    "verify": ("number", "sentences", "slot", "missing", "verdict", "supported", "partly", "contradicted"),
    "brief": ("brief", "terms"),
    "final": ("order",),
}
MAX_IDS_NAMED = 5  # in an error about the ids of an answer
PLAIN_TEXT_HINT = "write {{ name }} for each of the inputs; the rest is plain text"


# No autoescape: a model reads the text, and sentences have to stay unchanged. Papers are fenced instead.
TEMPLATES = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)

SectionId = Annotated[
    str,
    matching(
        "(?!(headline|hook)$)[a-z][a-z0-9_]{0,31}",
        "is not a name of small letters, digits and _ (and not headline or hook)",
    ),
]
Title = Annotated[
    str, matching(r"(?=.*\S)[^`<>\[\]{}|*_\\]+", "has signs that a heading on the page cannot show")
]


class DeclaredSection(Value):
    """A section that every analysis has to have, declared in the front matter of the prompt.

    The kind `limitations` is a section of claims, each of which is admitted or reported by the authors, or a doubt of
    the model's own.
    """

    id: SectionId
    title: dict[str, Title] = Field(min_length=1)
    kind: Literal["claims", "setup", "limitations", "inference"]
    ask: str = Field(min_length=1)
    cues: tuple[str, ...] = ()

    @property
    def reported_kind(self) -> SectionKind:
        """The kind that a report gives the section."""
        return "claims" if self.kind == "limitations" else self.kind

    @property
    def is_limitations(self) -> bool:
        """Whether its claims are limitations; in older prompts the id alone says so."""
        return self.kind == "limitations" or self.id == LIMITATIONS

    def title_in(self, language: str) -> str:
        """Return the title in a language, falling back to English, then to any title."""
        return self.title.get(language) or self.title.get("en") or next(iter(self.title.values()))


class PromptSettings(Value):
    """The front matter of a prompt."""

    name: str
    description: str = ""
    inputs: tuple[str, ...]
    sections: tuple[DeclaredSection, ...] = ()
    metadata: dict[str, Any] = {}


EXAMPLES = {
    "name": "name: score (as the file is called)",
    "inputs": "inputs: [profile, language, papers]",
    "sections": "sections: [{id: method, title: {en: Method}, kind: claims, ask: How does it work?}]",
    "metadata": "metadata: {}",
}


class Prompt(Value):
    """A validated prompt. `version` is `<name>@<first 8 hex digits of the file's SHA-256>`.

    `path` and `first_line` say where the templates stand, for errors.
    """

    path: str
    first_line: int
    version: str
    inputs: tuple[str, ...]
    system: str
    user: str
    sections: tuple[DeclaredSection, ...]

    def render(self, **values: str) -> tuple[str, str]:
        """Render the system and the user text. Raises InputError if a template cannot be rendered."""
        try:
            system, user = (TEMPLATES.from_string(t).render(values) for t in (self.system, self.user))
        except (TemplateError, ArithmeticError, LookupError, TypeError, ValueError) as error:
            message = f"the prompt cannot be filled in: {error}"
            frames = traceback.walk_tb(error.__traceback__)
            lines = [line for frame, line in frames if frame.f_code.co_filename == "<template>"]
            line = self.first_line - 1 + (lines or [1])[-1]
            raise InputError(message, path=self.path, line=line, hint=PLAIN_TEXT_HINT) from None
        return system.strip(), user.strip()


def prompt_names(own: ProfileSettings) -> dict[str, str]:
    """Return the name of the file of every prompt that a profile needs, by kind: its own, else the shared one."""
    return {kind: kind for kind in INPUTS} | {"score": own.score_prompt, "analyze": own.analyze_prompt}


def load_prompt(folder: Path, name: str, kind: str) -> Prompt:
    """Load and validate `<folder>/<name>.md` as a prompt of a kind: a key of `INPUTS`.

    Raises InputError with the line.
    """
    document = front_matter.load(folder / f"{name}.md")
    settings = front_matter.validate(document, PromptSettings, examples=EXAMPLES)
    if settings.name != name:
        message = f'name: "{settings.name}" is not the name of the file'
        raise document.error(message, at=["name"], hint=f"Try: name: {name}")
    system, user = _split_roles(document)
    _check_variables(document, set(settings.inputs), INPUTS[kind], (system, user))
    _check_explained(document, ANSWER_FIELDS[kind], system + user)
    if kind == "analyze":
        _check_sections(document, settings.sections)
    prompt = Prompt(
        path=document.path,
        first_line=document.body_line,
        version=document.version,
        inputs=settings.inputs,
        system=system,
        user=user,
        sections=settings.sections,
    )
    # With dummy values: errors that parsing misses would otherwise surface in a nightly run.
    prompt.render(**dict.fromkeys(INPUTS[kind], "text"))
    return prompt


def _split_roles(document: front_matter.Document) -> tuple[str, str]:
    """The texts below the lines `system:` and `user:`; both are required, once, in this order."""
    roles = re.findall(r"^(system|user):[ \t]*$", document.body, flags=re.MULTILINE)
    if roles != ["system", "user"]:
        message = f"the text needs one line `system:` and below it one line `user:`, found {roles}"
        hint = "a line `system:`, what the model is; a line `user:`, what it is asked"
        raise InputError(message, path=document.path, line=document.body_line, hint=hint)
    before, system, user = re.split(r"^(?:system|user):[ \t]*$", document.body, flags=re.MULTILINE)
    # Text above the first role (comments) and line breaks are kept, so that line numbers in errors stay correct.
    return before + system, "\n" * (before + system).count("\n") + user


def _check_variables(
    document: front_matter.Document, declared: set[str], allowed: frozenset[str], texts: Iterable[str]
) -> None:
    """Raise InputError unless all declared variables are allowed and equal those that the texts use."""
    try:
        trees = [TEMPLATES.parse(text) for text in texts]
        used = {name for tree in trees for name in meta.find_undeclared_variables(tree)}
    except TemplateSyntaxError as error:
        line = document.body_line + error.lineno - 1
        message = f"is not a Jinja template: {error.message}"
        raise InputError(message, path=document.path, line=line, hint=PLAIN_TEXT_HINT) from None
    if unknown := sorted(declared - allowed):
        message, hint = unknown_key(unknown[0], allowed)
        raise document.error(
            f"inputs: {message.replace('a setting', 'a variable')}", at=["inputs"], hint=hint
        )
    if used != declared:
        problem, line = f"the text never uses {sorted(declared - used)}", document.line(["inputs"])
        if extra := sorted(used - declared):
            problem = f"the text uses {extra}, which it does not declare"
            names = (name for tree in trees for name in tree.find_all(nodes.Name))
            line = document.body_line - 1 + next(name.lineno for name in names if name.name == extra[0])
        hint = f"the two have to be equal; there are: {', '.join(sorted(allowed))}"
        raise InputError(
            f"inputs are {sorted(declared)}, but {problem}", path=document.path, line=line, hint=hint
        )


def _check_explained(document: front_matter.Document, names: Iterable[str], text: str) -> None:
    """Raise InputError if the text, comments excluded, does not mention every field of the answer."""
    visible = re.sub(r"\{#.*?#\}", "", text, flags=re.DOTALL)
    missing = [name for name in names if not re.search(rf"\b{name}\b", visible)]
    if missing:
        message = f"the text never says what `{missing[0]}` is, which the answer has to have"
        hint = "the words around it are yours, the name is the program's"
        raise InputError(message, path=document.path, line=document.body_line, hint=hint)


def _check_sections(document: front_matter.Document, sections: tuple[DeclaredSection, ...]) -> None:
    ids = [section.id for section in sections]
    if not ids:
        raise document.error("declares no sections", at=["sections"], hint=f"Try: {EXAMPLES['sections']}")
    for index, name in enumerate(ids):
        if name in ids[:index]:
            message = f"sections: the id `{name}` stands twice"
            raise document.error(message, at=["sections", index, "id"], hint="give it another")


def fence(paper_id: str | None, lines: Iterable[str], *, other_text: str = "") -> str:
    """Enclose untrusted text in a tag that neither it nor the `other_text` of the prompt contains.

    The tag's name is derived from a hash of the text. Without an id, nothing is asked about the paper.
    """
    body = "\n".join(lines)
    tags = (f"paper-{hashlib.sha256(f'{salt}{body}'.encode()).hexdigest()[:8]}" for salt in count())
    tag = next(tag for tag in tags if tag not in body and tag not in other_text)
    safe_id = "" if paper_id is None else f' id="{re.sub(r"[^A-Za-z0-9./_-]", "", paper_id)}"'
    return f"<{tag}{safe_id}>\n{body}\n</{tag}>"


def one_line(text: str) -> str:
    """Collapse white space, so that a text stays on one line; remove invisible characters."""
    return " ".join(unicode.remove_invisible(text).split())


def papers_block(papers: Iterable[Paper]) -> str:
    """Format the titles and abstracts of papers for a prompt, each paper fenced; a missing abstract is `(none)`."""
    blocks = [
        (paper.id, (f"Title: {one_line(paper.title)}", f"Abstract: {one_line(paper.abstract) or '(none)'}"))
        for paper in papers
    ]
    all_text = "\n".join(line for _, lines in blocks for line in lines)
    return "\n\n".join(fence(paper_id, lines, other_text=all_text) for paper_id, lines in blocks)


def asked_id(given: str, ids: Collection[str]) -> str:
    """Return the id of a batch that a model means by the one it gives back.

    arXiv's in any of the forms that papers are cited by, any other as it was asked for.
    """
    given = given.strip()
    canonical = None if given in ids else canonical_id(given)
    return canonical if canonical in ids and canonical is not None else given


def id_errors(given: Iterable[str], ids: Sequence[str], what: str) -> str:
    """Describe missing, duplicate and unexpected ids of a batch's answer; an empty string if each stands there once.

    `what` is what the answer has to have for each id. Ids that the model invented are counted, not quoted: the reason
    may be published.
    """
    counts = Counter(asked_id(key, ids) for key in given)
    missing = [key for key in ids if key not in counts]
    duplicate = [key for key in ids if counts[key] > 1]
    unexpected = sum(key not in ids for key in counts)
    errors = [f"no {what} for {', '.join(missing[:MAX_IDS_NAMED])}"] if missing else []
    errors += [f"more than one {what} for {', '.join(duplicate[:MAX_IDS_NAMED])}"] if duplicate else []
    errors += [f"{unexpected} that were not asked for"] if unexpected else []
    return "; ".join(errors)


def text_block(paper: Paper, text: Text) -> str:
    """Format the numbered sentences of a paper for a prompt, one per line below section headings, fenced."""
    lines = [f"Title: {one_line(paper.title)}", f"Read from: {text.basis}"]
    for section, sentences in groupby(text.sentences, key=lambda sentence: sentence.section):
        lines.append(f"## {one_line(section)}")
        lines += (f"[{sentence.id}] {one_line(sentence.text)}" for sentence in sentences)
    return fence(paper.id, lines)


def sections_block(sections: Iterable[DeclaredSection]) -> str:
    """Format the declared sections for a prompt, one per line."""
    names = {"inference": "inferences of yours", "limitations": "limitations"}
    return "\n".join(
        f"- {section.id} ({names.get(section.kind, 'claims')}): {one_line(section.ask)}"
        for section in sections
    )
