"""Which addresses may be asked, and which belong together."""

from __future__ import annotations

import ipaddress
from urllib.parse import SplitResult, urljoin, urlsplit

from pipeline.config.settings import LOOPBACK

# Under these, every name belongs to somebody else.
SHARED = frozenset({"github.io", "gitlab.io", "pages.dev", "vercel.app", "netlify.app", "blogspot.com"})
LONGEST_SUFFIX = 3  # letters of the "co" in co.uk, or the "edu" in edu.cn


def host(url: str) -> str:
    """The host of an address, with its port if it names one; empty if it has none."""
    return _split(url).netloc.rpartition("@")[2].lower()


def may_ask(url: str) -> bool:
    """Whether an address is https, or http on this machine."""
    parts = _split(url)
    try:
        parts.port  # noqa: B018 - a number out of range is told only when it is asked for
    except ValueError:
        return False
    if not parts.hostname or "@" in parts.netloc:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)


def site(url: str) -> str:
    """What one owner holds: `arxiv.org` for `https://rss.arxiv.org/…`; an address of numbers is its own site.

    A rule of thumb in place of the list of public suffixes: it decides about redirects alone, and errs
    by refusing one.
    """
    name = _split(url).hostname or ""
    if _is_number(name):
        return name
    labels = name.split(".")
    shared = ".".join(labels[-2:]) in SHARED
    national = len(labels) > 2 and len(labels[-1]) == 2 and len(labels[-2]) <= LONGEST_SUFFIX
    return ".".join(labels[-3:] if shared or national else labels[-2:])


def joined(base: str, location: str) -> str:
    """Where a redirect leads; empty if that is no address."""
    try:
        return urljoin(base, location)
    except ValueError:
        return ""


def _is_number(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:
        return urlsplit("")
