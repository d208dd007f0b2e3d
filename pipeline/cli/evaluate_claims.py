"""`digest eval --claims FILE`: how many false claims the gates and the second reader find, and which true ones they accuse.

    labeled claims ─┬─gates─────────────────────────────────────┬─> measure ─> table
                    └─groups without twins─> second reader (LLM) ─┘

Labels stand in a file such as `eval/claims.jsonl`, one claim a line with the sentences it cites. Claims that share
paper, section and n are variants of one claim: never two of them in a request, which would give the false one away.
"""

import asyncio
import shlex
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import Field, ValidationError, model_validator

from pipeline.cli import runtime
from pipeline.cli.estimate import usage_text
from pipeline.cli.runtime import Connections
from pipeline.cli.session import Session
from pipeline.core.errors import InputError
from pipeline.core.models import INFERRED, LIMITATIONS, Claim, ClaimKind, SectionKind, Spent, Value
from pipeline.core.progress import Say
from pipeline.core.quantity import quantity
from pipeline.grounding import gates
from pipeline.grounding.second_reader import ClaimVerdict, Item, Reading, read_again
from pipeline.grounding.source_index import Passage, SourceIndex
from pipeline.llm.interface import Model
from pipeline.llm.prompts import Prompt, one_line
from pipeline.stages.job import Job

V = TypeVar("V", bound=Value)
Outcome = Literal["contradicted", "partly", "supported", "unread"]
EXAMPLE = (
    '{"paper": "p", "section": "method", "n": 1, "kind": "stated", "text": "…", "terms": ["…"], '
    '"evidence": [{"id": 3, "section": "3 Method", "text": "…"}], "label": "true"}'
)


class CitedSentence(Value):
    """A sentence that a labeled claim cites."""

    id: int
    section: str
    text: str = Field(min_length=1)


class LabeledClaim(Value):
    """One line of a file of labeled claims; `lie` is the kind of lie, for false claims only."""

    paper: str = Field(min_length=1)
    language: str = ""
    section: str
    n: int
    kind: ClaimKind
    text: str = Field(min_length=1)
    terms: tuple[str, ...]
    evidence: tuple[CitedSentence, ...] = Field(min_length=1)
    label: Literal["true", "false"]
    lie: str = ""

    @model_validator(mode="after")
    def _lie_goes_with_false(self) -> "LabeledClaim":
        if bool(self.lie) != (self.label == "false"):
            raise ValueError("a false claim names the kind of its lie, a true one has none")
        return self

    @property
    def twins(self) -> tuple[str, str, int]:
        """What all variants of one claim have in common."""
        return self.paper, self.section, self.n


class Outcomes(Value):
    """What became of some claims; all but `gates` and `stopped` are the second reader's verdicts.

    `gates` counts failures by gate. `stopped` are claims that a gate rejects or that are contradicted or carried in
    part. `slot` is the one named most often where a claim does not agree, empty if none is named.
    """

    n: int
    gates: dict[str, int]
    contradicted: int
    partly: int
    supported: int
    unread: int
    stopped: int
    slot: str


class Both(Value):
    """The outcomes of the false and of the true claims."""

    false: Outcomes
    true: Outcomes


class Finding(Value):
    """A claim to look up: a false one that the second reader supports, or a true one that it calls contradicted."""

    paper: str
    section: str
    n: int
    text: str
    lie: str
    slot: str
    gate: str  # that rejects the claim, empty if none does


class ClaimsEvaluation(Value):
    """Outcomes in all, by language, by kind of lie (false claims) and by kind of claim (true ones)."""

    overall: Both
    languages: dict[str, Both]
    lies: dict[str, Outcomes]
    honest: dict[str, Outcomes]
    missed: tuple[Finding, ...]
    accused: tuple[Finding, ...]


def execute(session: Session, path: Path) -> int:
    """`digest eval --claims FILE`: with the model and the budget of the first profile that is asked for."""
    if session.options.labels:
        raise InputError("--claims and --labels measure different things", hint="give one of the two")
    claims = read_claims(path)

    async def work(job: Job, connections: Connections, _say: Say) -> int:
        model = connections.model(job)
        if model is None:
            hint = f"Try: digest eval --engine claude --claims {shlex.quote(str(path))}"
            raise InputError("--claims: the local engine has no second reader", hint=hint)
        prompt = job.prompt("verify")
        reading = await read_apart(model, prompt, claims)
        evaluation = measure(claims, failed_gates(claims), reading.verdicts)
        heading = f"{path}, read by {reading.model or 'no model'}, {prompt.version}, profile {job.name}"
        text = "\n".join([heading, usage_text(reading.spent), "", *lines(evaluation)])
        data = {
            "profile": job.name,
            "model": reading.model,
            "prompt": prompt.version,
            "spent": reading.spent.model_dump(mode="json"),
            **evaluation.model_dump(mode="json"),
        }
        session.console.result(text, data)
        return 0

    return runtime.each_profile(session, session.checked_jobs()[:1], work, lock=False)


def values_of_lines(path: Path, kind: type[V], *, missing: str, hint: str) -> Iterator[tuple[int, V]]:
    """Each line of a file of JSON lines as a value, with its number. Raises InputError with the line that is wrong."""
    try:
        rows = path.read_text("utf-8-sig").split("\n")
    except OSError:
        raise InputError(missing, path=str(path), hint=hint) from None
    except UnicodeDecodeError:
        raise InputError("is not UTF-8", path=str(path), hint="save it as UTF-8") from None
    for number, row in enumerate(rows, start=1):
        if not row.strip():
            continue
        try:
            yield number, kind.model_validate_json(row)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            message = f"{where}: {first['msg'].removeprefix('Value error, ')}".lstrip(": ")
            raise InputError(message, path=str(path), line=number) from None


def read_claims(path: Path) -> tuple[LabeledClaim, ...]:
    """Read a file of labeled claims. Raises InputError with the line that is wrong, or if there are no claims."""
    missing, hint = "there are no labeled claims", f"write lines such as {EXAMPLE}"
    claims: dict[tuple[object, ...], LabeledClaim] = {}
    sentences: dict[tuple[str, int], CitedSentence] = {}
    for number, claim in values_of_lines(path, LabeledClaim, missing=missing, hint=hint):
        key = (*claim.twins, claim.language, claim.text)
        if key in claims:
            raise InputError("the claim stands twice", path=str(path), line=number)
        for sentence in claim.evidence:
            if sentences.setdefault((claim.paper, sentence.id), sentence) != sentence:
                message = f"sentence {sentence.id} of {claim.paper} reads otherwise on an earlier line"
                raise InputError(message, path=str(path), line=number)
        claims[key] = claim
    if not claims:
        raise InputError(missing, path=str(path), hint=hint)
    return tuple(claims.values())


def failed_gates(claims: Sequence[LabeledClaim]) -> dict[int, str]:
    """The gate that rejects a claim, by index. A paper is known by the sentences that its claims cite, and no others."""
    nothing = Passage(0, "", "")
    sources: dict[tuple[str, str], SourceIndex] = {}
    for paper, language in {(claim.paper, claim.language) for claim in claims}:
        cited = {s.id: _passage(s) for claim in claims if claim.paper == paper for s in claim.evidence}
        sources[paper, language] = SourceIndex(
            cited, title=nothing, abstract=nothing, profile=nothing, language=language
        )
    failed: dict[int, str] = {}
    for index, claim in enumerate(claims):
        evidence = tuple(sentence.id for sentence in claim.evidence)
        checked = Claim(text=claim.text, terms=claim.terms, kind=claim.kind, evidence=evidence)
        failure = gates.check(checked, _section_kind(claim), sources[claim.paper, claim.language]).failure
        if failure is not None:
            failed[index] = failure.gate
    return failed


def groups(claims: Sequence[LabeledClaim]) -> list[list[int]]:
    """Indices of the claims in as few groups per paper as keep the variants of a claim apart.

    True and false claims are spread evenly over a paper's groups.
    """
    papers = dict.fromkeys(claim.paper for claim in claims)
    return [
        group
        for paper in papers
        for group in _apart(claims, [i for i, claim in enumerate(claims) if claim.paper == paper])
    ]


def _apart(claims: Sequence[LabeledClaim], of_paper: Iterable[int]) -> list[list[int]]:
    """The groups of one paper: a claim goes where the fewest of its label are, and no variant of it is."""
    variants: dict[tuple[str, str, int], list[int]] = {}
    for index in of_paper:
        variants.setdefault(claims[index].twins, []).append(index)
    parts: list[list[int]] = [[] for _ in range(max(map(len, variants.values())))]

    def load(label: str, number: int) -> tuple[int, int]:
        return sum(claims[i].label == label for i in parts[number]), len(parts[number])

    for members in variants.values():
        free = list(range(len(parts)))
        for index in members:
            chosen = min(free, key=partial(load, claims[index].label))
            free.remove(chosen)
            parts[chosen].append(index)
    return parts


async def read_apart(model: Model, prompt: Prompt, claims: Sequence[LabeledClaim]) -> Reading:
    """The second reader's verdicts on all claims, one call per group, side by side. Raises CredentialsError."""
    parts = groups(claims)
    items = [
        Item(claim.text, claim.kind, tuple(_passage(sentence) for sentence in claim.evidence))
        for claim in claims
    ]
    async with asyncio.TaskGroup() as together:
        tasks = [
            together.create_task(
                read_again(
                    model,
                    prompt,
                    [items[index] for index in part],
                    about=claims[part[0]].paper,
                    seed=f"{claims[part[0]].paper} {number}",
                )
            )
            for number, part in enumerate(parts)
        ]
    readings = [task.result() for task in tasks]
    return Reading(
        verdicts={
            part[position]: verdict
            for part, reading in zip(parts, readings, strict=True)
            for position, verdict in reading.verdicts.items()
        },
        model=next((reading.model for reading in readings if reading.model), ""),
        spent=sum((reading.spent for reading in readings), Spent()),
    )


def measure(
    claims: Sequence[LabeledClaim],
    gate_failures: Mapping[int, str],
    verdicts: Mapping[int, ClaimVerdict],
) -> ClaimsEvaluation:
    """Count what became of the claims; gate failures and verdicts are by index of the claim."""

    def counted(indices: Iterable[int]) -> Outcomes:
        chosen = list(indices)
        found = Counter(_outcome(verdicts.get(i)) for i in chosen)
        slots = Counter(verdicts[i].slot for i in chosen if i in verdicts and verdicts[i].slot != "none")
        return Outcomes(
            n=len(chosen),
            gates=dict(Counter(gate_failures[i] for i in chosen if i in gate_failures).most_common()),
            contradicted=found["contradicted"],
            partly=found["partly"],
            supported=found["supported"],
            unread=found["unread"],
            stopped=sum(
                i in gate_failures or _outcome(verdicts.get(i)) in {"contradicted", "partly"} for i in chosen
            ),
            slot=slots.most_common(1)[0][0] if slots else "",
        )

    def both(indices: Sequence[int]) -> Both:
        false = [i for i in indices if claims[i].lie]
        return Both(false=counted(false), true=counted(i for i in indices if not claims[i].lie))

    def finding(index: int) -> Finding:
        claim, verdict = claims[index], verdicts[index]
        return Finding(
            **claim.model_dump(include={"paper", "section", "n", "text", "lie"}),
            slot=verdict.slot,
            gate=gate_failures.get(index, ""),
        )

    everything = range(len(claims))
    outcomes = [_outcome(verdicts.get(i)) for i in everything]
    languages = sorted({claim.language for claim in claims})
    lies = sorted({claim.lie for claim in claims if claim.lie})
    return ClaimsEvaluation(
        overall=both(everything),
        languages={one: both([i for i in everything if claims[i].language == one]) for one in languages},
        lies={lie: counted(i for i in everything if claims[i].lie == lie) for lie in lies},
        honest={
            kind: counted(i for i in everything if not claims[i].lie and _said_as(claims[i]) == kind)
            for kind in ("stated", "inference")
        },
        missed=tuple(finding(i) for i in everything if claims[i].lie and outcomes[i] == "supported"),
        accused=tuple(finding(i) for i in everything if not claims[i].lie and outcomes[i] == "contradicted"),
    )


def lines(evaluation: ClaimsEvaluation) -> list[str]:
    """The evaluation as text lines."""
    overall = evaluation.overall
    rows = [
        *_table("false claims", {**evaluation.lies, "all": overall.false}),
        "",
        *_table("true claims", {**evaluation.honest, "all": overall.true}),
        "",
        *_shares("", overall),
    ]
    if len(evaluation.languages) > 1:
        for language, both in evaluation.languages.items():
            rows += _shares(f"{language or 'no language'}: ", both)
    if unread := overall.false.unread + overall.true.unread:
        rows.append(
            f"{quantity(unread, 'claim was', 'claims were')} not read, and counted as not found and not accused"
        )
    rows += [f"missed: {_finding_text(one)}" for one in evaluation.missed]
    return rows + [f"contradicted, though true: {_finding_text(one)}" for one in evaluation.accused]


def _table(title: str, kinds: Mapping[str, Outcomes]) -> list[str]:
    """A Markdown table, since the console keeps one space of several."""
    rows: list[tuple[object, ...]] = [
        (title, "n", "gates", "contradicted", "partly", "supported", "unread", "slot most often"),
        ("---",) * 8,
    ]
    for kind, found in kinds.items():
        by_name = ", ".join(f"{gate} {count}" for gate, count in found.gates.items())
        stopped = f"{sum(found.gates.values())} ({by_name})" if by_name else 0
        read = found.contradicted, found.partly, found.supported, found.unread
        rows.append((kind, found.n, stopped, *read, found.slot or "-"))
    return [f"| {' | '.join(map(str, row))} |" for row in rows]


def _shares(prefix: str, both: Both) -> list[str]:
    """Two lines: the false claims that are found, and the true ones that are accused."""

    def row(name: str, found: Outcomes) -> str:
        def share(count: int) -> str:
            return f"{count} of {found.n} ({count / found.n:.0%})" if found.n else "0 of 0"

        return (
            f"{prefix}{name}: second reader {share(found.contradicted + found.partly)}, contradicted alone "
            f"{share(found.contradicted)}; gates {share(sum(found.gates.values()))}; either {share(found.stopped)}"
        )

    return [row("recall", both.false), row("false alarms", both.true)]


def _finding_text(one: Finding) -> str:
    gate = f" (stopped by the gate {one.gate})" if one.gate else ""
    lie = f", {one.lie}" if one.lie else ""
    return f"{one.paper}, {one.section} {one.n}{lie}, slot {one.slot}{gate}: {one_line(one.text)}"


def _outcome(verdict: ClaimVerdict | None) -> Outcome:
    """What a verdict does to a claim in a run."""
    return "unread" if verdict is None else verdict.outcome


def _said_as(claim: LabeledClaim) -> Literal["stated", "inference"]:
    """The kind of a claim as the second reader sees it."""
    return "inference" if claim.kind in INFERRED else "stated"


def _section_kind(claim: LabeledClaim) -> SectionKind:
    """The kind of section by which the gates judge a claim; a limitation is judged as a claim about the paper."""
    if claim.kind == "inference" and claim.section != LIMITATIONS:
        return "inference"
    return "setup" if claim.section == "setup" else "claims"


def _passage(sentence: CitedSentence) -> Passage:
    return Passage(sentence.id, sentence.section, sentence.text)
