"""Plays apprise where the workflow is under test: `good://NAME` takes what it is told, `down://NAME` does not.

Messages are appended to the file $ACT_SENT. Like the real one, it logs addresses when something goes wrong.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path


class Service:
    service_name = "Stand-in"


class Apprise:
    """One address."""

    def __init__(self) -> None:
        self.address = ""

    def add(self, address: str) -> bool:
        self.address = address
        if not address.startswith(("good://", "down://")):
            logging.getLogger("apprise").error("Unparseable URL %s", address)
            return False
        return True

    def __getitem__(self, index: int) -> Service:
        return Service()

    def notify(self, *, body: str, title: str, body_format: str) -> bool:
        assert body_format == "text"
        if self.address.startswith("down://"):
            print(f"could not reach {self.address}")
            raise OSError(self.address)
        with Path(os.environ["ACT_SENT"]).open("a", encoding="utf-8") as file:
            file.write(f"{self.address.partition('://')[2]}: {title}\n")
        return True
