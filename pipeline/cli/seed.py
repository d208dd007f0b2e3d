"""`digest seed FILE`: papers that a reader has, from a reference manager or any text, as `liked` of a profile."""

import shlex

from pipeline.cli.profile_new import read_seeds, tell_authors
from pipeline.cli.session import Session
from pipeline.config import front_matter
from pipeline.config.draft import liked_lines, one_line, with_liked
from pipeline.config.profile import load_profile, parse_profile, profile_names
from pipeline.config.seeds import MAX_LIKED
from pipeline.config.settings import PROMPTS
from pipeline.core.atomic import write_atomic
from pipeline.core.errors import InputError
from pipeline.core.quantity import quantity
from pipeline.report import i18n


def execute(session: Session) -> int:
    """Print the papers of a file as `liked`, newest first, or put them into a profile with --write."""
    options, console = session.options, session.console
    if options.profiles and not options.write:
        raise InputError(
            "--profile goes with --write",
            hint=f"Try: digest seed {shlex.quote(options.file)} --write --profile …",
        )
    library = read_seeds(options.file)
    for one in library.unplaced:
        console.note(f"not placed: {one_line(one.name)}: {one.reason}")
    found = quantity(len(library.ids), "paper")
    placed = f"{found} of arXiv, {len(library.unplaced)} not placed, read as {library.format}"
    if not library.ids:
        hint = "it has to be BibTeX, RIS, CSL-JSON, EndNote's export, or a text with arXiv ids or addresses"
        raise InputError(placed, path=options.file, hint=hint)
    tell_authors(console, library)
    if options.write:
        where = _put(session, library.ids)
        console.result(f"{placed}; {where}", {"liked": library.ids, "unplaced": len(library.unplaced)})
        return 0
    left_out = f"; the newest {MAX_LIKED} are shown" if len(library.ids) > MAX_LIKED else ""
    console.note(placed + left_out)
    liked = library.ids[:MAX_LIKED]
    data = {"liked": liked, "unplaced": [one.model_dump() for one in library.unplaced]}
    console.result(liked_lines(liked), data)
    return 0


def _put(session: Session, ids: tuple[str, ...]) -> str:
    """Add papers to the one profile that is asked for, and say how many. Raises InputError for any other number."""
    names = profile_names(session.options.profiles, session.settings, session.environ)
    if len(names) != 1:
        raise InputError(
            "--write changes one profile", hint=f"Try: --profile {names[0] if names else 'NAME'}"
        )
    profile = load_profile(PROMPTS, names[0], languages=i18n.LANGUAGES)
    path = PROMPTS / "profiles" / f"{names[0]}.md"
    text = front_matter.read_file(path, str(path))[1]
    changed, added = with_liked(text, profile.settings.liked, ids)
    if not added:
        return f"{path} has all of them, or no place left for more than {MAX_LIKED}"
    document = front_matter.parse(path, changed.encode(), changed)
    parse_profile(PROMPTS, document, names[0], languages=i18n.LANGUAGES)
    write_atomic(path, changed.encode())
    return f"{len(added)} added to {path}"
