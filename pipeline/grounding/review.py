"""Review an analysis before it is published: exact gates, then a second reader, then one repair of what does not hold.

    claims ─gates─> ─second reader─┬─> supported
                                   ├─> partly ─more sentences, second reader─> supported | partly
                                   └─> contradicted ─┐
             └─> failed a gate ──────────────────────┴─repair─> gates ─> second reader ─> published | dropped

There is one look for more sentences and one repair. A claim that is contradicted or fails a gate in the end is dropped and counted; one that
is carried in part is published with a mark; one that the second reader did not answer is published as unread.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import get_args

from pipeline.core.models import Analysis, Claim, Paper, SecondReading, Section, Spent
from pipeline.core.stage_names import Call
from pipeline.grounding.claims import FailedClaim, repair_claims
from pipeline.grounding.gates import check, check_line, evidence_candidates, is_absence
from pipeline.grounding.limitations import admits_limitation
from pipeline.grounding.second_reader import MAX_MISSING, ClaimVerdict, Item, Slot, read_again
from pipeline.grounding.source_index import Passage, SourceIndex
from pipeline.llm.interface import Model
from pipeline.llm.prompts import DeclaredSection, Prompt

# Characters of a headline or hook. A longer one fails, since truncation could change its meaning.
LONGEST_LINE = 160
MAX_EVIDENCE = 5  # sentences of a claim after a missing detail was looked up
SLOTS = frozenset(get_args(Slot))
LINE_SENTENCES = 16  # to which a headline and a hook are tied


@dataclass(frozen=True)
class Prompts:
    """The prompts of a review."""

    repair: Prompt
    verify: Prompt


@dataclass(frozen=True)
class Reviewed:
    """The analysis without what did not hold, the counts of its claims, and the cost by kind of call."""

    analysis: Analysis
    numbers: int  # in the claims that were kept
    second_reader: SecondReading
    spent: Mapping[Call, Spent]


@dataclass(frozen=True)
class _Entry:
    """A claim under review. `fault` is the gate or slot that it fails, or empty; `reason` is for the repair."""

    section: int  # index in the analysis
    claim: Claim
    fault: str = ""
    reason: str = ""
    numbers: int = 0


async def review(
    claimed: Analysis,
    declared: Sequence[DeclaredSection],
    source: SourceIndex,
    *,
    paper: Paper,
    model: Model,
    prompts: Prompts,
    language: str,
) -> Reviewed:
    """Review the claims, the headline and the hook of one paper. Raises CredentialsError."""
    one = _Review(declared, source, paper=paper, model=model, prompts=prompts, language=language)
    return await one.run(claimed)


@dataclass
class _Review:
    """One paper's review; counts the cost and remembers who read."""

    declared: Sequence[DeclaredSection]
    source: SourceIndex
    paper: Paper
    model: Model
    prompts: Prompts
    language: str
    spent: dict[Call, Spent] = field(default_factory=lambda: {"analyze": Spent(), "verify": Spent()})
    reader: str = ""

    async def run(self, claimed: Analysis) -> Reviewed:
        entries = [
            self._gated(_Entry(index, claim))
            for index, section in enumerate(claimed.sections)
            for claim in section.claims
        ]
        entries = _one_absence(entries)
        headline, hook = (self._line(line) for line in (claimed.headline, claimed.hook))
        entries, headline, hook = await self._read_all(entries, headline, hook)
        entries = await self._look_up(entries)
        entries = await self._repair(entries, claimed.sections)
        kept = [entry for entry in entries if not entry.fault]
        sections = tuple(
            section.model_copy(update={"claims": tuple(e.claim for e in kept if e.section == index)})
            for index, section in enumerate(claimed.sections)
        )
        readings = Counter(entry.claim.reading for entry in kept)
        return Reviewed(
            Analysis(headline=headline or self.paper.title, hook=hook, sections=sections),
            sum(entry.numbers for entry in kept),
            SecondReading(
                model=self.reader,
                prompt=self.prompts.verify.version,
                supported=readings["supported"],
                partly=readings["partly"],
                dropped=dict(sorted(Counter(entry.fault for entry in entries if entry.fault).items())),
            ),
            self.spent,
        )

    def _gated(self, entry: _Entry, *written: str) -> _Entry:
        """The entry after the gates, with the kind of limitation that its sentences allow."""
        section = self.declared[entry.section]
        result = check(entry.claim, section.reported_kind, self.source, written=written)
        claim, failure = result.claim, result.failure
        if failure is not None:
            return replace(entry, fault=failure.gate, reason=failure.reason, numbers=result.numbers)
        if section.is_limitations:
            claim = self._limitation(claim)
        return replace(entry, claim=claim, fault="", reason="", numbers=result.numbers)

    def _limitation(self, claim: Claim) -> Claim:
        """The claim as a limitation: admitted only if a cited sentence reads like the authors' own admission."""
        if claim.kind in {"inference", "own"}:
            return claim.model_copy(update={"kind": "own"})
        admitted = any(admits_limitation(s.section, s.text) for s in self.source.cited(claim))
        return claim.model_copy(update={"kind": "admitted" if admitted else "reported"})

    def _line(self, line: str) -> str:
        return line if len(line) <= LONGEST_LINE and check_line(line, self.source) is None else ""

    async def _read_all(
        self, entries: Sequence[_Entry], headline: str, hook: str
    ) -> tuple[list[_Entry], str, str]:
        """Have everything that passed the gates read a second time; a contradicted headline or hook is emptied."""
        tied = self._line_sentences(entries)
        lines = [Item(headline, "stated", tied), Item(hook, "inference", tied)]
        read, verdicts = await self._read(entries, [line for line in lines if line.text and tied], "first")
        wrong = {line.text for line, verdict in verdicts if _fault_of(verdict)}
        return read, "" if headline in wrong else headline, "" if hook in wrong else hook

    async def _read(
        self, entries: Sequence[_Entry], lines: Sequence[Item], seed: str
    ) -> tuple[list[_Entry], list[tuple[Item, ClaimVerdict]]]:
        """The entries with the second reader's verdicts, and the verdicts on lines."""
        readable = [i for i, entry in enumerate(entries) if not entry.fault and not is_absence(entry.claim)]
        claims = [entries[i].claim for i in readable]
        items = [Item(claim.text, claim.kind, tuple(self.source.cited(claim))) for claim in claims]
        verdicts = await self._ask([*items, *lines], seed)
        read = list(entries)
        for index, position in enumerate(readable):
            read[position] = _judged(entries[position], verdicts.get(index))
        found = [(line, verdicts.get(i)) for i, line in enumerate(lines, start=len(items))]
        return read, [(line, verdict) for line, verdict in found if verdict is not None]

    async def _ask(self, items: Sequence[Item], seed: str) -> Mapping[int, ClaimVerdict]:
        if not items:
            return {}
        key = self.paper.id
        reading = await read_again(self.model, self.prompts.verify, items, about=key, seed=f"{key} {seed}")
        self.spent["verify"] += reading.spent
        self.reader = self.reader or reading.model
        return reading.verdicts

    def _line_sentences(self, entries: Iterable[_Entry]) -> tuple[Passage, ...]:
        """The sentences that carry a headline and a hook: those of the first section's claims, and the abstract."""
        first = [entry.claim for entry in entries if not entry.fault and entry.section == 0]
        cited = {s.id: s for claim in first for s in self.source.cited(claim)}
        abstract = {s.id: s for s in self.source.sentences.values() if s.section.lower() == "abstract"}
        if not abstract and self.source.abstract.text:
            abstract = {0: self.source.abstract}
        tied = dict(sorted([*cited.items(), *abstract.items()])[:LINE_SENTENCES])
        return tuple(tied.values())

    async def _look_up(self, entries: Sequence[_Entry]) -> list[_Entry]:
        """Read claims that are carried in part again, with more sentences; those that carry them become evidence."""
        partly = [i for i, entry in enumerate(entries) if entry.claim.reading == "partly"]
        items = [
            Item(claim.text, claim.kind, self._with_neighbors(claim))
            for claim in (entries[i].claim for i in partly)
        ]
        verdicts = await self._ask(items, "more")
        read = list(entries)
        for index, position in enumerate(partly):
            if (verdict := verdicts.get(index)) is not None:
                offered = {sentence.id for sentence in items[index].sentences}
                read[position] = _completed(entries[position], verdict, offered)
        return read

    def _with_neighbors(self, claim: Claim) -> tuple[Passage, ...]:
        """The cited sentences, those beside them, and others that share terms, numbers or names with the claim."""
        beside = {near for key in claim.evidence for near in (key - 1, key + 1)}
        ids = {*claim.evidence, *beside, *evidence_candidates(claim, self.source)}
        return tuple(self.source.sentences[key] for key in sorted(ids & self.source.sentences.keys()))

    async def _repair(self, entries: Sequence[_Entry], sections: Sequence[Section]) -> list[_Entry]:
        """Have what does not hold repaired once; gates and second reader decide on the result."""
        failed = [i for i, entry in enumerate(entries) if entry.fault]
        if not failed:
            return list(entries)
        material = [
            FailedClaim(sections[e.section].id, e.claim, e.reason, self._with_neighbors(e.claim))
            for e in (entries[i] for i in failed)
        ]
        repaired, spent = await repair_claims(
            self.model, self.paper, self.prompts.repair, material, language=self.language
        )
        self.spent["analyze"] += spent
        done = list(entries)
        again = {failed[index]: mended for index, mended in repaired.items()}
        for position, mended in again.items():
            done[position] = self._gated(replace(entries[position], claim=mended.claim), mended.written)
        read, _ = await self._read([done[position] for position in again], (), "repaired")
        for position, entry in zip(again, read, strict=True):
            # A contradiction stands until another reading lifts it, in whatever words the claim is given again.
            unread = entry.claim.reading == "unread" and entries[position].fault in SLOTS
            done[position] = entries[position] if unread else entry
        return _one_absence(done)


def _one_absence(entries: Sequence[_Entry]) -> list[_Entry]:
    """Keep the first claim of what was not found: nothing can carry such a claim, so one is enough."""
    absences = [i for i, entry in enumerate(entries) if not entry.fault and is_absence(entry.claim)]
    reason = "only one claim may name what the text does not give"
    return [
        replace(entry, fault="omitted", reason=reason) if i in absences[1:] else entry
        for i, entry in enumerate(entries)
    ]


def _fault_of(verdict: ClaimVerdict) -> str:
    """The slot in which a claim is contradicted, else empty."""
    if verdict.outcome != "contradicted":
        return ""
    return "relation" if verdict.slot == "none" else verdict.slot


def _judged(entry: _Entry, verdict: ClaimVerdict | None) -> _Entry:
    """The entry with a verdict; without one it is unread."""
    if verdict is None:
        return replace(entry, claim=entry.claim.model_copy(update={"reading": "unread"}))
    if fault := _fault_of(verdict):
        reason = f"a second reader finds that the sentences say otherwise: {fault.replace('_', ' ')}"
        return replace(entry, fault=fault, reason=reason)
    if verdict.outcome == "supported":
        return replace(entry, claim=entry.claim.model_copy(update={"reading": "supported"}))
    missing = verdict.missing[:MAX_MISSING]
    return replace(entry, claim=entry.claim.model_copy(update={"reading": "partly", "missing": missing}))


def _completed(entry: _Entry, verdict: ClaimVerdict, offered: Iterable[int]) -> _Entry:
    """The entry after a reading with more sentences: supported only if the reader names one that was not cited."""
    judged = _judged(entry, verdict)
    if judged.fault or judged.claim.reading != "supported":
        return judged
    cited = entry.claim.evidence
    named = sorted(set(verdict.sentences).intersection(offered).difference(cited))
    if not named or len(cited) + len(named) > MAX_EVIDENCE:
        return entry
    update = {"evidence": (*cited, *named), "reading": "supported", "missing": ""}
    return replace(entry, claim=entry.claim.model_copy(update=update))
