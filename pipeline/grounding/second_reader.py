"""Have a second reader compare claims with the sentences they cite, and nothing else.

    claims ─shuffled, fenced─> model ─> supported | partly | contradicted (and the slot that disagrees)

The gates stop invented numbers, ids, terms and names; they cannot see a reversed comparison, swapped roles, a dropped
negation or a wrong condition. The second reader can only demote: an item that it does not answer stays unread.
"""

import logging
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel

from pipeline.core.models import INFERRED, ClaimKind, Spent
from pipeline.core.tokens import estimate_tokens
from pipeline.grounding.source_index import Passage
from pipeline.llm.interface import Answer, Model, Question
from pipeline.llm.prompts import Prompt, fence, one_line

log = logging.getLogger(__name__)
MAX_PROMPT_TOKENS = 20_000  # of the claims of one call; a paper's claims take 3,000 to 6,000
MAX_MISSING = 200  # characters of what it says is missing that are published
Slot = Literal[
    "none",
    "subject",
    "relation",
    "direction",
    "comparator",
    "quantity",
    "condition",
    "quantifier",
    "polarity",
    "done_or_planned",
]


# The docstrings and field names of the two answer types are in the JSON schema that is sent to the model. The verdict
# comes last, so that the slots are compared before it is written.
class ClaimVerdict(BaseModel):
    """The comparison of one claim with its sentences."""

    number: int
    sentences: list[int]
    slot: Slot
    missing: str
    verdict: Literal["supported", "partly", "contradicted"]

    @property
    def outcome(self) -> Literal["supported", "partly", "contradicted"]:
        """The verdict, but `supported` with a slot that disagrees counts as partly."""
        return "partly" if self.verdict == "supported" and self.slot != "none" else self.verdict


class Verdicts(BaseModel):
    """The answer: every number exactly once."""

    verdicts: list[ClaimVerdict]


@dataclass(frozen=True)
class Item:
    """A claim, headline or hook as the second reader sees it."""

    text: str
    kind: ClaimKind
    sentences: tuple[Passage, ...]


@dataclass(frozen=True)
class Reading:
    """The second readings by index of the item, the model that read, and the cost; an unread item has no entry."""

    verdicts: Mapping[int, ClaimVerdict]
    model: str
    spent: Spent


async def read_again(
    model: Model, prompt: Prompt, items: Sequence[Item], *, about: str, seed: str
) -> Reading:
    """Ask for a verdict on every item, in as few calls as fit, in an order drawn from `seed`.

    An endpoint that fails, a refusal or a spent budget leaves items unread. Raises CredentialsError.
    """
    verdicts: dict[int, ClaimVerdict] = {}
    readers: list[str] = []
    spent = Spent()
    for batch in _batches(items, seed):
        answer = await model.ask(_question(prompt, [items[index] for index in batch], about))
        spent += answer.spent
        if isinstance(answer, Answer):
            verdicts |= _by_index(answer.value.verdicts, batch)
            readers.append(answer.model)
        else:
            log.warning("%s: %d claims were not read: %s", about, len(batch), answer.reason)
    return Reading(verdicts, readers[0] if readers else "", spent)


def _question(prompt: Prompt, items: Sequence[Item], about: str) -> Question[Verdicts]:
    blocks = [_block(number, item) for number, item in enumerate(items, start=1)]
    all_text = "\n".join(line for block in blocks for line in block)
    fenced = [fence(str(number), block, other_text=all_text) for number, block in enumerate(blocks, start=1)]
    system, user = prompt.render(claims="\n\n".join(fenced))
    return Question(
        stage="verify", about=f"{about} (second reading)", system=system, user=user, answer=Verdicts
    )


def _block(number: int, item: Item) -> list[str]:
    """The lines of one item: the claim with its number and kind, then its sentences."""
    kind = "inference" if item.kind in INFERRED else "stated"
    claim = f"{number}. ({kind}) {one_line(item.text)}"
    return [claim, *(f"[{sentence.id}] {one_line(sentence.text)}" for sentence in item.sentences)]


def _batches(items: Sequence[Item], seed: str) -> Iterable[list[int]]:
    """Indices of the items, shuffled, in groups of at most MAX_PROMPT_TOKENS."""
    order = list(range(len(items)))
    random.Random(seed).shuffle(order)  # noqa: S311 - an order, not a secret
    batch: list[int] = []
    tokens = 0
    for index in order:
        size = estimate_tokens("\n".join(_block(index, items[index])))
        if batch and tokens + size > MAX_PROMPT_TOKENS:
            yield batch
            batch, tokens = [], 0
        batch.append(index)
        tokens += size
    if batch:
        yield batch


def _by_index(verdicts: Iterable[ClaimVerdict], batch: Sequence[int]) -> dict[int, ClaimVerdict]:
    """Verdicts by index of the item; unknown numbers are ignored, and contradictory answers to a number count as none."""
    found: dict[int, ClaimVerdict] = {}
    doubtful: set[int] = set()
    for verdict in verdicts:
        if not 1 <= verdict.number <= len(batch):
            continue
        index = batch[verdict.number - 1]
        if index in found and (found[index].verdict, found[index].slot) != (verdict.verdict, verdict.slot):
            doubtful.add(index)
        found[index] = verdict
    return {index: verdict for index, verdict in found.items() if index not in doubtful}
