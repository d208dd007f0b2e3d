"""Render one digest as a comment on its issue, and as a plain message for chat and mail. Pure, from the digest alone."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.core.artifacts import Digest
from pipeline.report import candidates, i18n, labels, notices
from pipeline.report import picks as pick_views
from pipeline.report.escape import escape_comment, escape_plain, escape_url
from pipeline.report.i18n import Catalog

# GitHub refuses a comment above 65,536 characters. Counted in bytes, of which a text never has fewer.
MAX_COMMENT_BYTES = 65_536
MAX_MESSAGE = 1_900  # characters, with the title; Discord refuses more than 2,000, Telegram more than 4,096
_HASH_LENGTH = 16


@dataclass(frozen=True)
class Message:
    """A message to chat and mail: plain text, with one link, to the page."""

    title: str
    body: str


def issue_marker(profile: str) -> str:
    """Return the hidden first line of the issue that tells of a profile's digests. `profile` is a profile's name."""
    return f"<!-- digests of {profile} -->"


def comment_marker(digest: Digest) -> str:
    """Return the beginning of the hidden first line of the comment that tells of a date; the text's hash follows."""
    return f"<!-- digest {digest.date.isoformat()} "


def issue(digest: Digest) -> Message:
    """Return the title and the text of the issue that tells of a profile's digests."""
    t = i18n.load(digest.language)
    title = t("delivery.issue_title", title=escape_plain(labels.display_title(digest.title)))
    texts = (t("delivery.issue_about"), t("delivery.issue_mail"), t("delivery.stop_mail"))
    body = "\n\n".join(map(escape_comment, texts))
    return Message(title, f"{issue_marker(digest.profile)}\n{body}\n")


def comment(digest: Digest, page_url: str, *, before: Digest | None = None) -> str:
    """Render the comment that tells of a digest in at most `MAX_COMMENT_BYTES`; what is too much is left out at the end.

    `page_url` is the address of the digest's page. `before` is the digest that this one replaces, if that was told: the
    comment then says what has changed. The first line holds a hash of all the rest but that.
    """
    t = i18n.load(digest.language)
    page = escape_url(page_url)
    head = _head(t, digest, page)
    changed = f"\n> {escape_comment(_changes(t, before, digest))}\n" if before else ""
    foot = f"\n<sub>{escape_comment(t('delivery.stop_mail'))}</sub>\n"
    entries = _entries(t, digest, page)
    text_hash = hashlib.sha256((head + "".join(entries)).encode()).hexdigest()[:_HASH_LENGTH]
    first = f"{comment_marker(digest)}{text_hash} -->\n"
    room = MAX_COMMENT_BYTES - len((first + head + changed + foot).encode())
    return first + head + changed + _fitting(t, entries, room) + foot


def _head(t: Catalog, digest: Digest, page: str) -> str:
    """Return the title with the link to the page, the verdict, and what a reader must know before trusting the list."""
    title = (
        f"{digest.date.isoformat()} {labels.weekday(t, digest.date)} · {labels.display_title(digest.title)}"
    )
    warnings = [f"\n> ⚠️ {escape_comment(n.text)}\n" for n in notices.notices(t, digest) if n.urgent]
    verdict = f"**{escape_comment(candidates.verdict(t, digest))}**"
    return f"### [{escape_comment(title)}]({page})\n\n{verdict}\n{''.join(warnings)}"


def _entries(t: Catalog, digest: Digest, page: str) -> list[str]:
    """Return a list item for each pick and each shortlisted paper, the most important ones first."""
    entries = []
    for pick in pick_views.pick_views(t, digest):
        link = f"**[{escape_comment(pick.headline or pick.title)}]({page}#{pick.anchor})**"
        entries.append(f"\n- **{escape_comment(pick.score_label)}** · {link}{_second_line(pick.why)}")
    shortlist = candidates.shortlist(digest)
    if shortlist and entries:
        entries[-1] += "\n"  # a blank line ends the list
    for number, candidate in enumerate(shortlist):
        row = candidates.row(t, candidate, digest, in_shortlist=True)
        heading = escape_comment(candidates.shortlist_heading(t, digest))
        first = "" if number else f"\n[{heading}]({page}#shortlist)\n"
        mark = f" {row.mark}" if row.mark else ""
        item = f"\n- **{escape_comment(row.score_label)}** · {escape_comment(row.title)}"
        entries.append(first + item + _second_line(row.brief, mark))
    return entries


def _second_line(text: str, mark: str = "") -> str:
    return f"<br>{escape_comment(text)}{mark}" if text else ""


def _fitting(t: Catalog, entries: Sequence[str], room: int) -> str:
    """Return as many whole entries as have at most `room` bytes, and how many are omitted."""
    sizes = [len(entry.encode()) for entry in entries]
    omitted = 0
    while True:
        kept = entries[: len(entries) - omitted]
        more = f"\n\n{escape_comment(t('delivery.more', n=omitted))}" if omitted else ""
        if sum(sizes[: len(kept)]) + len(more.encode()) + 1 <= room or not kept:
            return "".join([*kept, more, "\n"])
        omitted += 1


def _changes(t: Catalog, before: Digest, after: Digest) -> str:
    """Return what is another in a digest that was made again, as counts: nothing that a paper or a model says."""
    old, new = ({pick.id: pick for pick in digest.picks} for digest in (before, after))
    scores = {candidate.id: candidate.score for candidate in before.candidates}
    both = [(old[key], new[key]) for key in new if key in old]
    return t(
        "delivery.changed",
        added=len(new.keys() - old.keys()),
        removed=len(old.keys() - new.keys()),
        scores=sum(c.id in scores and scores[c.id] != c.score for c in after.candidates),
        texts=sum((was.headline, was.hook) != (now.headline, now.hook) for was, now in both),
    )


def plain(digest: Digest, page_url: str) -> Message:
    """Render a digest for chat and mail in at most `MAX_MESSAGE`: verdict, picks with headline, and the page's address."""
    t = i18n.load(digest.language)
    title = f"{digest.date.isoformat()} · {escape_plain(labels.display_title(digest.title))}"
    lines = [escape_plain(candidates.verdict(t, digest))]
    lines += [f"⚠️ {escape_plain(notice.text)}" for notice in notices.notices(t, digest) if notice.urgent]
    entries = [_plain_pick(pick) for pick in pick_views.pick_views(t, digest)]
    foot = ["", page_url, t("delivery.stop_message")]
    while True:
        omitted = len(digest.picks) - len(entries)
        more = [escape_plain(t("delivery.more", n=omitted))] if omitted else []
        body = "\n".join([*lines, *entries, *more, *foot])
        if len(title) + len(body) <= MAX_MESSAGE or not entries:
            return Message(title, body)
        entries.pop()


def _plain_pick(pick: pick_views.PickView) -> str:
    first = f"\n{escape_plain(pick.score_label)} · {escape_plain(pick.headline or pick.title)}"
    # The dash keeps a text from the start of a line, where Discord would make a list or a heading of it.
    return f"{first}\n– {escape_plain(pick.why)}" if pick.why else first
