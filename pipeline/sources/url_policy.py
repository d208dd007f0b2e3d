"""Decide which URLs may be fetched, and which belong to the same site."""

from __future__ import annotations

import ipaddress
from urllib.parse import SplitResult, urljoin, urlsplit

from pipeline.config.settings import LOOPBACK

# Hosting domains whose subdomains belong to different owners.
SHARED_HOSTING = frozenset(
    {"github.io", "gitlab.io", "pages.dev", "vercel.app", "netlify.app", "blogspot.com"}
)
MAX_SUFFIX_LENGTH = 3  # letters of the "co" in co.uk, or the "edu" in edu.cn


def host(url: str) -> str:
    """Return a URL's host in lower case, with its port if it names one; empty if it has none."""
    return _split(url).netloc.rpartition("@")[2].lower()


def is_fetchable(url: str) -> bool:
    """Whether a URL is https, or http on the loopback interface, and contains no credentials."""
    parts = _split(url)
    try:
        parts.port  # noqa: B018 - urlsplit reports a port out of range only on access
    except ValueError:
        return False
    if not parts.hostname or "@" in parts.netloc:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)


def site(url: str) -> str:
    """Return the registrable domain: `arxiv.org` for `https://rss.arxiv.org/…`; an IP address as it is.

    A heuristic instead of the public suffix list: it decides only about redirects, and errs by refusing them.
    """
    name = _split(url).hostname or ""
    if _is_ip_address(name):
        return name
    labels = name.split(".")
    shared = ".".join(labels[-2:]) in SHARED_HOSTING
    national = len(labels) > 2 and len(labels[-1]) == 2 and len(labels[-2]) <= MAX_SUFFIX_LENGTH
    return ".".join(labels[-3:] if shared or national else labels[-2:])


def resolve(base: str, location: str) -> str:
    """Resolve a redirect's `Location` against its base URL; empty if it is not a valid URL."""
    try:
        return urljoin(base, location)
    except ValueError:
        return ""


def _is_ip_address(name: str) -> bool:
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
