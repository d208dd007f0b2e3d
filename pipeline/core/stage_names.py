"""Names of the stages, in their order. Imports only `typing`, so that `--help` starts fast."""

from typing import Literal, get_args

Stage = Literal["fetch", "score", "texts", "analyze"]  # stages in which a paper can fail
# What a model is asked for. verify: by the second reader. brief: in a line, what the shortlisted papers do.
Call = Literal["score", "analyze", "verify", "brief"]
ModelRole = Literal["score", "analyze", "verify"]  # what `digest.toml` and a profile name a model for
Start = Literal[Stage, "render"]  # stages from which a run can start
STAGES: tuple[Start, ...] = get_args(Start)
