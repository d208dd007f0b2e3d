"""The callback through which a stage reports progress, independent of any console."""

from collections.abc import Callable

Say = Callable[[str, str], None]
"""Takes the stage's name and one line of progress."""
