"""Names of the stages, in their order. Imports only `typing`, so that `--help` starts fast."""

from typing import Literal, get_args

Stage = Literal["fetch", "score", "texts", "analyze"]  # stages in which a paper can fail
Call = Literal["score", "analyze", "verify"]  # what a model is asked for; verify: by the second reader
Start = Literal[Stage, "render"]  # stages from which a run can start
STAGES: tuple[Start, ...] = get_args(Start)
