"""Normalize URLs; decide which may be fetched, and which belong to the same site."""

import re
from urllib.parse import SplitResult, quote, urlsplit

from pipeline.config.settings import LOOPBACK

# Hosting domains whose subdomains belong to different owners.
SHARED_HOSTING = frozenset(
    {"github.io", "gitlab.io", "pages.dev", "vercel.app", "netlify.app", "blogspot.com"}
)
DEFAULT_PORTS = {"http": 80, "https": 443}
# Not allowed in a URL, or with a meaning of its own in HTML or Markdown; and a `%` that begins no escape.
UNESCAPED = re.compile(r"[^!-~]|[\"'<>\\^`{|}]|%(?![0-9A-Fa-f]{2})")
MAX_SUFFIX_LENGTH = 3  # letters of the "co" in co.uk, or the "edu" in edu.cn


def host(url: str) -> str:
    """Return a URL's host in lower case, with its port if it names one; empty if it has none."""
    return _split(url).netloc.rpartition("@")[2].lower()


def is_fetchable(url: str) -> bool:
    """Whether a URL is https, or http on the loopback interface, and contains no credentials."""
    parts = _split(url)
    if not parts.hostname or "@" in parts.netloc:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)


def site(url: str) -> str:
    """Return the registrable domain: `arxiv.org` for `https://rss.arxiv.org/…`; an IP address as it is.

    A heuristic instead of the public suffix list: it decides only about redirects, and errs by refusing them.
    """
    name = _split(url).hostname or ""
    labels = name.split(".")
    if ":" in name or labels[-1].isdigit():
        return name
    shared = ".".join(labels[-2:]) in SHARED_HOSTING
    national = len(labels) > 2 and len(labels[-1]) == 2 and len(labels[-2]) <= MAX_SUFFIX_LENGTH
    return ".".join(labels[-3:] if shared or national else labels[-2:])


def normalize(url: str) -> str:
    """Return a web address as browsers send it: host in ASCII, no default port, other characters percent-encoded.

    `http` becomes `https`, except on the loopback interface. Any other address is returned without blanks around it.
    """
    address = re.sub(r"[\t\r\n]", "", url).strip()
    parts = _split(address)
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname or "@" in parts.netloc:
        return address
    try:
        name = parts.hostname if parts.hostname.isascii() else parts.hostname.encode("idna").decode()
    except UnicodeError:
        return address
    name = f"[{name}]" if ":" in name else name
    scheme = parts.scheme if parts.hostname in LOOPBACK else "https"
    port = "" if parts.port in {None, DEFAULT_PORTS[parts.scheme]} else f":{parts.port}"
    rest = address.partition("//")[2][len(parts.netloc) :]
    return f"{scheme}://{name}{port}{UNESCAPED.sub(lambda match: quote(match[0], safe=''), rest)}"


def _split(url: str) -> SplitResult:
    """Split a URL; an invalid one has neither scheme nor host."""
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - urlsplit reports a port out of range only on access
    except ValueError:
        return urlsplit("")
    return parts
