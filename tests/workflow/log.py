"""What act prints, one JSON object a line, as what a person would see on the page of a run."""

from __future__ import annotations

import json
from dataclasses import dataclass, field


@dataclass
class Run:
    """What one run of the workflow did."""

    code: int
    raw: str
    attempt: int = 1
    jobs: dict[str, str] = field(default_factory=dict)
    outputs: dict[str, dict[str, str]] = field(default_factory=dict)
    annotations: list[tuple[str, str, str]] = field(default_factory=list)  # level, job, text
    summary: str = ""
    steps: list[tuple[str, str, str]] = field(default_factory=list)  # job, step, result

    @property
    def errors(self) -> list[str]:
        """Every ::error."""
        return [text for level, _, text in self.annotations if level == "error"]

    @property
    def warnings(self) -> list[str]:
        """Every ::warning."""
        return [text for level, _, text in self.annotations if level == "warning"]

    @property
    def green(self) -> bool:
        """Whether GitHub would show a green run."""
        return self.code == 0 and not set(self.jobs.values()) & {"failure", "cancelled"}


def parse(code: int, raw: str) -> Run:
    """act's JSON log as a Run."""
    run = Run(code, raw)
    for line in raw.splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        job = entry.get("jobID", "")
        command = entry.get("command")
        if command in {"error", "warning", "notice"}:
            title = (entry.get("kvPairs") or {}).get("title", "")
            run.annotations.append((command, job, f"{title}: {entry['arg']}" if title else entry["arg"]))
        elif command == "set-output":
            run.outputs.setdefault(job, {})[entry["name"]] = entry["arg"]
        elif command == "summary":
            run.summary += entry["content"]
        if "jobResult" in entry and run.jobs.get(job) != "failure":  # a matrix fails with its first
            run.jobs[job] = entry["jobResult"]
        if "stepResult" in entry and entry.get("stage") == "Main":
            run.steps.append((job, entry["step"], entry["stepResult"]))
    return run
