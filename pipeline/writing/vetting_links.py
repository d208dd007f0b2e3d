"""Where the links of a report may lead, and how what may not be published is refused."""

from __future__ import annotations

import fnmatch
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

from pipeline.errors import DigestError

HOST = re.compile(r"[a-z0-9.-]+")
# As in pipeline/config.py, which cannot be imported here: it needs installed packages.
HOSTS = ("github.com", "gitlab.com", "huggingface.co", "*.github.io", "*.gitlab.io")


@dataclass(frozen=True)
class Allowed:
    """Where links may lead: hosts, over https (`*.` in front means every subdomain), and whole base addresses."""

    hosts: frozenset[str]
    bases: tuple[str, ...]

    def link(self, target: str) -> bool:
        """Whether this absolute address may stand in a report."""
        if any(target == base or target.startswith(f"{base}/") for base in self.bases):
            return True
        try:
            parts = urlsplit(target)
            host = parts.hostname or ""
            plain = parts.port is None and "@" not in parts.netloc and bool(HOST.fullmatch(host))
            plain = plain and not re.search(r"&(?!amp;)", target)  # an entity may become part of the host
        except ValueError:
            return False
        return (
            parts.scheme == "https" and plain and any(fnmatch.fnmatchcase(host, ours) for ours in self.hosts)
        )


def allowed_links(settings: Path, server: str, profiles: Iterable[Path] = ()) -> Allowed:
    """What `digest.toml` allows, and the hosts of the profiles' feeds, besides arXiv, Hugging Face and this server."""
    try:
        raw = tomllib.loads(settings.read_text("utf-8-sig"))
    except (OSError, ValueError) as error:
        raise DigestError(f"cannot be read: {error}", path=settings.name, hint="run `digest check`") from None
    endpoints = raw.get("endpoints", {})
    bases = [str(endpoints[name]).rstrip("/") for name in ("arxiv", "huggingface") if name in endpoints]
    hosts = [str(host).lower() for host in raw.get("links", {}).get("hosts", HOSTS)]
    feeds = (host for path in profiles for host in _feed_hosts(path))
    return Allowed(frozenset({"arxiv.org", "huggingface.co", *hosts, *feeds}), (*bases, server.rstrip("/")))


def _feed_hosts(profile: Path) -> list[str]:
    """Hosts that a profile names in its front matter, in small letters; without a YAML parser, so any address there counts."""
    try:
        header = profile.read_text("utf-8-sig").split("\n---", 1)[0]
    except (OSError, ValueError):
        return []
    return [host.lower() for host in re.findall(r"https://([a-z0-9.-]+)", header, re.IGNORECASE)]


def refuse(what: str, where: str, line: int = 0) -> NoReturn:
    """Raise DigestError: this report is not published, and why."""
    hint = "this report was not published; start the run again with `force`, and if it stays so, read SECURITY.md"
    raise DigestError(what, path=where, line=line, hint=hint)


def refuse_link(target: str, where: str, line: int = 0) -> NoReturn:
    """Raise DigestError for a link, with where it leads in words that are safe to print."""
    host = re.match(r"https?://([A-Za-z0-9.-]{1,100})(?:[/:?#]|$)", target)
    leads = f"to {host[1]}" if host else "to somewhere odd"
    refuse(f"a link {leads}; digest.toml [links] names the hosts that are allowed", where, line)
