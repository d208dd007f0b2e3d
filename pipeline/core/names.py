"""Rules for names that the publishing job shares with the modules that need installed packages. Standard library only."""

import re

PROFILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", re.ASCII)  # also a folder's name
HOST_NAME = re.compile(r"[a-z0-9.-]+")
# Hosts to which a report may link, besides arXiv and Hugging Face, unless `digest.toml` names others.
LINK_HOSTS = ("github.com", "gitlab.com", "huggingface.co", "*.github.io", "*.gitlab.io")
