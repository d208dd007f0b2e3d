"""Find the addresses of code and project pages that a text names, such as an abstract."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from pipeline.sources.base import LinkRules
from pipeline.sources.url_policy import normalize

CODE_HOSTS = frozenset({"github.com", "gitlab.com"})
MODEL_HOST = "huggingface.co"
# An address with or without its scheme, to its end. Bounded, so that the search is linear.
ADDRESS = re.compile(
    r"(?:(?<![\w.@/-])|(?=https?://))(?:https?://)?(?:www\.)?"
    r"((?>(?:[a-z0-9-]{1,63}\.){1,6}[a-z]{2,63}(?:/[\w.~%+/-]{0,200})?))(?!\w|[\\@]|:[\d/])",
    re.IGNORECASE | re.ASCII,
)
TEX_ESCAPE = re.compile(r"\\([_%#&~])")


def named_links(text: str, links: LinkRules) -> tuple[str | None, str | None]:
    """Return the first address of code and of a project page in a text, each None if it names none that is allowed.

    Code is a repository of `CODE_HOSTS`, else a model on Hugging Face; pages of other allowed hosts are project pages.
    """
    code = model = project = None
    for address in _addresses(text, links):
        parts = urlsplit(address)
        host, path = parts.hostname or "", parts.path.strip("/").split("/")
        if host in CODE_HOSTS:
            code = code or (address if len(path) > 1 else None)
        elif host == MODEL_HOST:
            # Longer paths are data sets and demos.
            model = model or (address if len(path) == 2 and path[0] != "papers" else None)
        else:
            project = project or address
    return code or model, project


def _addresses(text: str, links: LinkRules) -> Iterator[str]:
    for match in ADDRESS.finditer(TEX_ESCAPE.sub(r"\1", text)):
        address = links.allowed(normalize(f"https://{match[1].rstrip('.')}"))
        if address is not None:
            yield address
