"""Find the addresses of code and project pages that a text names, such as an abstract."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from pipeline.sources.base import LinkRules
from pipeline.sources.url_policy import normalize

CODE_HOSTS = frozenset({"github.com", "gitlab.com", "huggingface.co"})
# An address with or without its scheme. Bounded, so that the search is linear.
ADDRESS = re.compile(
    r"(?<![\w.@/-])(?:https?://)?((?:[a-z0-9-]{1,63}\.){1,6}[a-z]{2,63}(?:/[\w.~%+/-]{0,200})?)(?![\w\\@])",
    re.IGNORECASE | re.ASCII,
)
TEX_ESCAPE = re.compile(r"\\([_%#&~])")


def named_links(text: str, links: LinkRules) -> tuple[str | None, str | None]:
    """Return the first address of code and of a project page in a text, each None if it names none that is allowed.

    Code has an owner and a name on a host of `CODE_HOSTS`; any other allowed host has project pages.
    """
    code = project = None
    for address in _addresses(text, links):
        parts = urlsplit(address)
        host = (parts.hostname or "").removeprefix("www.")
        if host not in CODE_HOSTS:
            project = project or address
        elif len(parts.path.strip("/").split("/")) > 1:
            code = code or address
    return code, project


def _addresses(text: str, links: LinkRules) -> Iterator[str]:
    for match in ADDRESS.finditer(TEX_ESCAPE.sub(r"\1", text)):
        address = links.allowed(normalize(f"https://{match[1].rstrip('.')}"))
        if address is not None:
            yield address
