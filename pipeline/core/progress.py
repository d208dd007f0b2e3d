"""How a stage reports what it does, without knowing who listens."""

from __future__ import annotations

from collections.abc import Callable

Say = Callable[[str, str], None]
"""Takes a stage's name and one line of progress."""
