"""The names of the stages, in their order. Imports nothing of weight: `--help` reads them."""

from __future__ import annotations

from typing import Literal, get_args

Stage = Literal["fetch", "score", "texts", "analyze"]  # in which a paper can be lost, and tokens spent
Start = Literal[Stage, "render"]  # from which a run can begin
STAGES: tuple[Start, ...] = get_args(Start)
