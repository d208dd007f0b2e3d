"""`digest profile new NAME`: a profile from a few sentences, or from the papers that its reader has."""

import asyncio
import re
import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import click

from pipeline.cli.console import Console
from pipeline.cli.runtime import open_connections
from pipeline.cli.session import Session, open_session
from pipeline.config import front_matter
from pipeline.config.category_words import english_terms, propose_categories, single_words
from pipeline.config.draft import Draft, Words, authors_line, lines, markdown, one_line
from pipeline.config.profile import Profile, check_name, models_of, parse_profile, validate_category
from pipeline.config.seeds import MAX_LIKED, RECURRING, Library, decode, read_library
from pipeline.config.settings import PROMPTS
from pipeline.config.validation_errors import did_you_mean
from pipeline.core.arxiv_ids import INVISIBLE
from pipeline.core.errors import CredentialsError, DigestError, InputError
from pipeline.core.ledger import Ledger
from pipeline.core.models import Paper
from pipeline.core.quantity import quantity
from pipeline.llm.client import Claude
from pipeline.llm.credentials import load_credentials
from pipeline.llm.interface import Answer, NoAnswer
from pipeline.report import i18n
from pipeline.scoring import keywords as keyword_proposals
from pipeline.scoring.bm25 import MIN_TERMS, build_query, count_shared_terms, rank
from pipeline.stages import fetch

FIRST = 5  # titles of the day that are shown
MAX_TITLES = 20  # of a library, as the text of a profile that has no other
MAX_TITLES_ASKED = 50  # of a library, in the question to a model


class Answers(NamedTuple):
    """What the reader has said."""

    title: str
    language: str
    prose: str
    wanted: tuple[str, ...]
    unwanted: tuple[str, ...]


def execute(session: Session) -> int:
    """Write `prompts/profiles/NAME.md`, and show how it ranks a day. Raises InputError, and then nothing is written."""
    options, console = session.options, session.console
    path = _free_path(options.name)
    library = read_seeds(options.source) if options.source else None
    answers = _answers(session, library)
    draft = _draft(session, answers, library)
    profile = _parsed(path, draft)
    if not options.keywords:
        found = _ask_model(session, profile, library) or draft.keywords
        draft = draft.model_copy(update={"keywords": _confirmed(session, "English keywords", found)})
        profile = _parsed(path, draft)
    _write(path, markdown(draft, _words(draft.language)))
    for one in library.unplaced[:FIRST] if library else ():
        console.note(f"not placed: {one_line(one.name)}: {one.reason}")
    if library and len(library.unplaced) > FIRST:
        shown = shlex.quote(options.source or "")
        console.note(f"… and {len(library.unplaced) - FIRST} more: `digest seed {shown}` names them")
    if library:
        tell_authors(console, library)
    own = profile.settings.keywords
    foreign = not own and not keyword_proposals.is_english(draft.prose)
    if foreign or len(build_query(profile.prose, own, ())) < MIN_TERMS:
        console.warning("hardly any English words: add English `keywords` for the ranking by words")
    ranked = _first_titles(session, options.name)
    text = [
        f"{path}: {', '.join(draft.categories)}; {quantity(len(draft.keywords), 'keyword')}, {_liked(draft, library)}",
        *ranked,
        f'next: read the file, then name it in digest.toml: active = ["{options.name}"]',
    ]
    data = {"path": str(path), **draft.model_dump(mode="json"), "ranked": ranked}
    console.result("\n".join(text), data)
    return 0


def read_seeds(file: str) -> Library:
    """Read a file of papers. Raises InputError if it cannot be read."""
    return read_library(_text(file))


def tell_authors(console: Console, library: Library) -> None:
    """Name the authors of several entries of a library as a line that the reader may copy, if there are any."""
    if library.authors:
        console.note(f"authors of {RECURRING} or more, if you follow them: {authors_line(library.authors)}")


def _liked(draft: Draft, library: Library | None) -> str:
    """Say how many papers are liked, and what was left of the library."""
    liked = f"{quantity(len(draft.liked), 'paper')} liked"
    if library is None:
        return liked
    newest = f", the newest of {len(library.ids)}" if len(library.ids) > len(draft.liked) else ""
    return f"{liked}{newest}, {len(library.unplaced)} not placed"


def _text(file: str) -> str:
    try:
        return decode(Path(file).read_bytes())
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", path=file, hint="name a text file") from None


def _free_path(name: str) -> Path:
    """Return the path of a new profile. Raises InputError for a name that is taken or cannot be one."""
    check_name(PROMPTS, name)
    path = PROMPTS / "profiles" / f"{name}.md"
    if path.exists():
        raise InputError(
            "there is such a profile already", path=str(path), hint="choose another name, or edit it"
        )
    return path


# --- answers -------------------------------------------------------------------------------------------------------


def _on_terminal() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty()


def _answers(session: Session, library: Library | None) -> Answers:
    """Take the answers from the options and the file, and ask for the others. Raises InputError for what is missing."""
    options = session.options
    text = options.text or (_words_of(options.source, library) if library else "")
    given = {
        "--title": options.title,
        "--language": options.language,
        "--text": text or (library and library.titles),
    }
    missing = [name for name, value in given.items() if not value]
    asks = _on_terminal()
    if missing and not asks:
        hint = (
            f'Try: digest profile new {options.name} --title "…" --language {"|".join(sorted(i18n.LANGUAGES))} '
            '--text "what you work on"; instead of --text, --from FILE: your text, or BibTeX, RIS, CSL-JSON'
        )
        raise InputError(f"no terminal to ask on, and no {', no '.join(missing)}", hint=hint)
    title = options.title or _ask("What the digest is called", options.name)
    language = options.language or _ask(f"Language ({', '.join(sorted(i18n.LANGUAGES))})", i18n.FALLBACK)
    if language not in i18n.LANGUAGES:
        hint = did_you_mean(language, i18n.LANGUAGES) or "docs/extend.md says how to add a language"
        listed = ", ".join(sorted(i18n.LANGUAGES))
        raise InputError(f'--language: "{language[:40]}" is not one of {listed}', hint=hint)
    if not text and asks:
        text = _ask("What you work on and want to read, in a few sentences", "" if library else None)
    if not lines(text) and library and library.titles:
        shown = (f"- {one_line(title)}" for title in library.titles[:MAX_TITLES])
        text = "\n".join((i18n.load(language)("profile.library"), "", *shown))
    if not one_line(title) or not lines(text):
        raise InputError(
            f"the {'text' if one_line(title) else 'title'} has no words", hint="write a few words"
        )
    asks = asks and not options.text
    wanted = options.wanted or (
        _ask("What you want to see above all (points, separated by ;)", "") if asks else ""
    )
    unwanted = options.unwanted or (_ask("What you do not want (points, separated by ;)", "") if asks else "")
    return Answers(one_line(title), language, lines(text), _points(wanted), _points(unwanted))


def _words_of(file: str | None, library: Library) -> str:
    """Return a file's text if it is in the reader's own words, without the papers' addresses."""
    if library.format != "text" or not file:
        return ""
    return re.sub(r"https?://\S+", "", _text(file))


def _ask(question: str, default: str | None) -> str:
    """Ask on the terminal. `default` is what an empty line stands for; None: it is asked again."""
    shown = bool(default)
    return str(click.prompt(question, default=default, show_default=shown, err=True)).strip()


def _confirmed(session: Session, question: str, proposed: Sequence[str]) -> tuple[str, ...]:
    """Let the reader change a proposal on a terminal; elsewhere it is taken as it is."""
    if not _on_terminal() or session.options.text:
        return tuple(proposed)
    return _list(_ask(f"{question}, separated by commas", ", ".join(proposed)))


def _list(text: str) -> tuple[str, ...]:
    found = (one_line(INVISIBLE.sub("", part)) for part in re.split(r"[,，、;；]", text))
    return tuple(dict.fromkeys(filter(None, found)))


def _points(text: str) -> tuple[str, ...]:
    return tuple(filter(None, (one_line(part).lstrip("-*+ ") for part in re.split(r"[;；\n]", text))))


# --- proposals -----------------------------------------------------------------------------------------------------


def _draft(session: Session, answers: Answers, library: Library | None) -> Draft:
    """Propose categories and keywords. Raises InputError if no category fits."""
    options = session.options
    titles = library.titles if library else ()
    # What is not wanted must not propose anything.
    text = "\n".join((answers.title, answers.prose, *answers.wanted, *_list(options.keywords or ""), *titles))
    proposed = _list(options.arxiv) if options.arxiv else propose_categories(text)
    if not options.arxiv:
        proposed = _confirmed(session, "arXiv categories", proposed)
    if not proposed:
        raise _no_category(single_words(text))
    for name in proposed:
        try:
            validate_category(name)
        except ValueError as error:
            raise InputError(f'--arxiv: "{name[:40]}" {error}', hint="Try: --arxiv cs.CV,eess.IV") from None
    if options.keywords:
        keywords = _list(options.keywords)
    else:
        terms = english_terms(text, proposed)
        keywords = keyword_proposals.propose("\n".join((answers.prose, *answers.wanted)), titles, terms)
    return Draft(
        title=answers.title,
        language=answers.language,
        prose=answers.prose,
        wanted=answers.wanted,
        unwanted=answers.unwanted,
        categories=proposed,
        keywords=keywords,
        liked=library.ids[:MAX_LIKED] if library else (),
    )


def _no_category(single: Mapping[str, str]) -> InputError:
    """The error for a text that proposes no category; `single` are those for which one word alone speaks."""
    shown = ", ".join(f"{name} for “{word}”" for name, word in sorted(single.items())[:FIRST])
    few = f"; one word alone is too little ({shown})" if shown else ""
    return InputError(
        f"no arXiv category is known for these words{few}",
        hint="Try: --arxiv cs.CV,eess.IV (all are at https://arxiv.org/category_taxonomy). Of a text in a language other than "
        'English, Chinese, Japanese, Korean and German little is known: add --keywords "…, …" in English, or --ask-model, '
        "which asks a model for them",
    )


def _ask_model(session: Session, profile: Profile, library: Library | None) -> tuple[str, ...]:
    """Ask the model that scores for keywords, if the reader wants that and there is a key; empty otherwise."""
    wanted = session.options.ask_model
    try:
        load_credentials(session.environ)
    except CredentialsError:
        if wanted:
            raise
        return ()
    model = models_of(profile, session.settings).score
    if not wanted:
        question = f"Ask {model} for keywords? That is one short call"
        if not _on_terminal() or session.options.text or not click.confirm(question, default=True, err=True):
            return ()
    titles = library.titles[:MAX_TITLES_ASKED] if library else ()
    answer = asyncio.run(_ask_once(session, profile, titles))
    if isinstance(answer, NoAnswer):
        session.console.warning(f"{model} gave no keywords: {answer.reason}")
        return ()
    return keyword_proposals.tidy(answer.value.keywords)[: keyword_proposals.MAX_KEYWORDS]


async def _ask_once(
    session: Session, profile: Profile, titles: Sequence[str]
) -> Answer[keyword_proposals.Keywords] | NoAnswer:
    claude = Claude.open(session.settings, profile, session.environ)
    try:
        return await claude.ask(keyword_proposals.question(profile.prose, titles, profile.name))
    finally:
        await claude.aclose()


# --- the file ------------------------------------------------------------------------------------------------------


def _words(language: str) -> Words:
    word = i18n.load(language)
    return Words(
        wanted=word("profile.wanted"),
        wanted_text=word("profile.wanted_text"),
        unwanted=word("profile.unwanted"),
        unwanted_text=word("profile.unwanted_text"),
        style=word("profile.style"),
        style_text=word("profile.style_text"),
    )


def _parsed(path: Path, draft: Draft) -> Profile:
    """Read a draft as `digest check` would read its file. Raises InputError."""
    text = markdown(draft, _words(draft.language))
    document = front_matter.parse(path, text.encode(), text)
    return parse_profile(PROMPTS, document, path.stem, languages=i18n.LANGUAGES)


def _write(path: Path, text: str) -> None:
    """Write a file that does not exist yet. Raises InputError if it does by now, or if the folder is read-only."""
    try:
        with path.open("xb") as file:
            file.write(text.encode())
    except OSError as error:
        raise InputError(
            f"cannot be written: {error.strerror}", path=str(path), hint="nothing was written"
        ) from None


def _first_titles(session: Session, name: str) -> list[str]:
    """Return lines that say how the profile ranks the recorded day, or today's papers with --online."""
    options = session.options._replace(profiles=(name,), sample=not session.options.online, engine="local")
    day = open_session(options, session.environ, session.console)
    try:
        papers, liked = asyncio.run(_papers(day))
    except DigestError as error:
        return [f"the day could not be ranked: {error}"]
    what = "today's list" if session.options.online else "the recorded day (cs.CV)"
    own = day.jobs()[0].profile.settings
    query = build_query(day.jobs()[0].profile.prose, own.keywords, own.avoid)
    if count_shared_terms(papers, query) < MIN_TERMS:
        more = (
            "" if session.options.online else "; `digest run --dry-run` or --online asks for today's papers"
        )
        return [
            f"{what} has {len(papers)} papers of these categories, and hardly any of the profile's words{more}"
        ]
    first = [paper for paper in rank(papers, query, liked) if paper.shared][:FIRST]
    titles = {paper.id: paper.title for paper in papers}
    return [
        f"first by words of the {len(papers)} papers of {what}:",
        *(f"{one.rank}. {titles[one.id]} ({', '.join(one.shared[:3])})" for one in first),
    ]


async def _papers(day: Session) -> tuple[tuple[Paper, ...], tuple[Paper, ...]]:
    """Fetch the day's papers for a profile, and the liked ones. Raises DigestError if no source can be read."""
    (job,) = day.jobs()
    async with open_connections([job], day) as connections:
        fetched = await fetch.fetch(
            connections.get,
            profile=job.profile,
            settings=job.settings,
            date=job.date,
            known=Ledger(),
            report_of=lambda _date: None,
            wanted=(),
            generated_at=job.generated_at,
            run_url=None,
        )
    return fetched.papers, fetched.liked
