"""Rules for names and links that several folders share."""

import re

PROFILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", re.ASCII)  # also a folder's name
HOST_NAME = re.compile(r"[a-z0-9.-]+")
# A link to another page: https, a host, and no port, user name or blank. Publishing refuses a report with any other.
LINK = re.compile(rf"https://({HOST_NAME.pattern})(?:[/?#][!-~]*)?", re.IGNORECASE | re.ASCII)
# Hosts to which a report may link, besides arXiv and Hugging Face, unless `digest.toml` names others.
LINK_HOSTS = ("github.com", "gitlab.com", "huggingface.co", "*.github.io", "*.gitlab.io")
