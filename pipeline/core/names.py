"""Rules for names and links that several folders share."""

import re

PROFILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", re.ASCII)  # also a folder's name
# What no profile may be called, in any case of letters: folders and pages of the site, and devices of Windows.
RESERVED_NAMES = frozenset({"assets", "data", "index", "con", "prn", "aux", "nul"}) | {
    f"{device}{number}" for device in ("com", "lpt") for number in range(1, 10)
}
HOST_NAME = re.compile(r"[a-z0-9.-]+")
# A link to another page: https, a host, and no port, user name or blank. Publishing refuses a report with any other.
LINK = re.compile(rf"https://({HOST_NAME.pattern})(?:[/?#][!-~]*)?", re.IGNORECASE | re.ASCII)
# Hosts to which a report may link, besides arXiv and Hugging Face, unless `digest.toml` names others.
LINK_HOSTS = ("github.com", "gitlab.com", "huggingface.co", "*.github.io", "*.gitlab.io")
# Hosts of papers and posts, by the host of a feed that lists them, where neither is the other's subdomain: what
# publishers' feeds are known to link to. `www.` in front of a feed's host makes no difference. A feed elsewhere needs
# its papers' host in `digest.toml` [links].
FEED_LINK_HOSTS = {
    "back.nber.org": ("nber.org",),
    "connect.biorxiv.org": ("biorxiv.org",),
    "connect.medrxiv.org": ("medrxiv.org",),
    "feeds.aps.org": ("link.aps.org", "journals.aps.org"),
    "feeds.iop.org": ("iopscience.iop.org",),
    "feeds.nature.com": ("nature.com",),
    "feeds.plos.org": ("journals.plos.org", "dx.plos.org"),
    "feeds.rsc.org": ("pubs.rsc.org", "xlink.rsc.org"),
    "feeds.science.org": ("science.org",),
    "ieeexplore.ieee.org": ("doi.ieeecomputersociety.org",),
    "jmlr.org": ("openreview.net", "proceedings.mlr.press"),
    "journals.aps.org": ("link.aps.org",),
    "journals.plos.org": ("dx.plos.org",),
    "pubs.aip.org": ("aip.scitation.org",),
    "rss.sciencedirect.com": ("sciencedirect.com", "linkinghub.elsevier.com"),
    "sciencedirect.com": ("linkinghub.elsevier.com",),
    "cell.com": ("sciencedirect.com", "linkinghub.elsevier.com"),
}
# Resolvers of document identifiers: they lead to the page that a paper's publisher has registered.
RESOLVER_HOSTS = ("doi.org", "dx.doi.org", "hdl.handle.net")


def feed_link_hosts(host: str) -> tuple[str, ...]:
    """Return the patterns of hosts to which a feed's entries may link: its own, their subdomains, and known others."""
    own = host.lower().removeprefix("www.")
    known = [own, *FEED_LINK_HOSTS.get(own, ()), *RESOLVER_HOSTS]
    return tuple(pattern for name in known for pattern in (name, f"*.{name}"))
