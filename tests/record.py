"""Record a model's answers to the recorded day, for `digest run --sample` to replay; `digest.toml` and prompts as they are.

    ANTHROPIC_API_KEY=… python -m tests.record claude-sonnet-5-5 --said "Claude Sonnet, over the API"

Answers that are recorded already, to questions that have not changed, are kept and not paid for again; `--anew`
asks for all of them. What is asked for no longer is dropped at the end, and the file is written as answers come in.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import os
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from pipeline.cli.console import Console
from pipeline.cli.options import Options
from pipeline.cli.session import open_session
from pipeline.core.atomic import write_atomic
from pipeline.core.errors import DigestError
from pipeline.core.models import Spent
from pipeline.llm.client import Claude
from pipeline.llm.interface import Answer, Model, NoAnswer, Question, T
from pipeline.llm.recorded import (
    Head,
    RecordedAnswer,
    Recording,
    dump_recording,
    load_recording,
    question_key,
)
from pipeline.sources import sample
from pipeline.stages import runner
from pipeline.stages.job import Job

PROFILES = ("llm-agents", "cv-restoration")


class Recorder:
    """A model that keeps every answer of another in `answers`, and asks it only what is not in there.

    `used` are the keys that were asked for. Raises DigestError for a question without an answer.
    """

    def __init__(self, model: Model, answers: dict[str, RecordedAnswer], path: Path, head: Head) -> None:
        self.model, self.answers, self.path, self.head = model, answers, path, head
        self.used: set[str] = set()

    async def ask(self, question: Question[T]) -> Answer[T] | NoAnswer:
        key = question_key(question)
        self.used.add(key)
        known = self.answers.get(key)
        if known is not None:
            value = question.answer.model_validate(known.answer)
            return Answer(value, self.head.name, Spent())
        answer = await self.model.ask(question)
        if isinstance(answer, NoAnswer):
            raise DigestError(f"{question.stage} {question.about} got no answer: {answer.reason}")
        self.answers[key] = RecordedAnswer(
            key=key,
            about=f"{question.stage} {question.about}",
            calls=answer.spent.calls,
            input_tokens=answer.spent.input_tokens,
            output_tokens=answer.spent.output_tokens,
            answer=answer.value.model_dump(mode="json"),
        )
        write_atomic(self.path, dump_recording(self.head, self.answers.values()))
        return Answer(answer.value, self.head.name, answer.spent)


def record(
    path: Path,
    *,
    model: str,
    said: str,
    on: dt.date,
    environ: Mapping[str, str],
    profiles: tuple[str, ...] = PROFILES,
    anew: bool = False,
) -> Recording:
    """Run the recorded day for all profiles with the model of the environment, and write what it answered."""
    with tempfile.TemporaryDirectory() as folder:
        options = Options(
            profiles=profiles, sample=True, force=True, reports=f"{folder}/reports", work=f"{folder}/work"
        )
        session = open_session(options, environ, Console(terminal=False, actions=False, as_json=False))
        jobs = [replace(job, engine="claude") for job in session.jobs()]
        versions = {job.name: session.question_versions(job) for job in jobs}
        head = Head(model=model, answered_by=said, recorded_on=on, versions=versions)
        answers = {} if anew or not path.exists() else dict(load_recording(path).answers)
        used: set[str] = set()

        async def one(job: Job) -> None:
            claude = Claude.open(job.settings, job.profile, environ)
            recorder = Recorder(claude, answers, path, head)
            try:
                await runner.run(job, sample.get, recorder, session.console.plain_lines(job.name))
            finally:
                await claude.aclose()
            used.update(recorder.used)

        async def run_all() -> None:
            async with asyncio.TaskGroup() as group:
                for job in jobs:
                    group.create_task(one(job))

        asyncio.run(run_all())
    write_atomic(path, dump_recording(head, (answers[key] for key in sorted(used))))
    return load_recording(path)


def main() -> None:
    """Parse the command line, record, and say how much."""
    parser = argparse.ArgumentParser(prog="python -m tests.record", description=__doc__)
    parser.add_argument("model", help="the name that pages show, such as claude-sonnet-5-5")
    parser.add_argument("--said", required=True, help="a sentence: what answered, and how it was asked")
    parser.add_argument("--on", type=dt.date.fromisoformat, default=dt.datetime.now(dt.UTC).date())
    parser.add_argument("--anew", action="store_true")
    parser.add_argument("--profile", action="append")
    parser.add_argument("--file", type=Path, default=sample.ANSWERS)
    given = parser.parse_args()
    recording = record(
        given.file,
        model=given.model,
        said=given.said,
        on=given.on,
        environ=dict(os.environ),
        profiles=tuple(given.profile or PROFILES),
        anew=given.anew,
    )
    print(f"{len(recording.answers)} answers in {given.file}: now `make regenerate`, and read the pages")


if __name__ == "__main__":
    main()
