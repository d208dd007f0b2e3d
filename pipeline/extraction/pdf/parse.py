"""Parse a paper's PDF to numbered sentences; the file is opened in a restricted child process, see `worker.py`."""

from collections import Counter
from typing import Annotated, Final, Literal

from pydantic import Field, TypeAdapter, ValidationError

from pipeline.core.limits import MAX_OUTPUT_BYTES, run_child
from pipeline.core.models import Text, Value
from pipeline.extraction.pdf.paragraphs import build_blocks
from pipeline.extraction.pdf.reading_order import Page, Run, reading_order
from pipeline.extraction.pdf.text_layer import unreadable
from pipeline.extraction.text import MIN_CHARACTERS, NotReadable, to_text

WORKER = "pipeline.extraction.pdf.worker"
MAX_BYTES = 60_000_000

_REASONS = {
    "encrypted": "the PDF is encrypted",
    "damaged": "the file is damaged, or no PDF",
    "memory": "the PDF needs more memory than it is given",
    "empty": "the PDF has no pages",
}

Number = Annotated[float, Field(ge=-1e6, le=1e6)]
Count = Annotated[int, Field(ge=0, le=10_000_000)]


class _WorkerPage(Value):
    """A page in the worker's output, which is validated strictly: a malicious PDF may control the worker."""

    width: Number
    height: Number
    runs: tuple[tuple[Number, Number, Number, Number, Number, bool, str], ...]


class _WorkerOutput(Value):
    """The worker's output for a PDF that it could open."""

    pages: tuple[_WorkerPage, ...]
    hidden: Count
    pictures: Count
    rotated: Count
    unread_pages: Count


class _WorkerError(Value):
    """The worker's output for a PDF that it could not open."""

    error: Literal["encrypted", "damaged", "memory", "empty"]


_ANSWER: Final = TypeAdapter[_WorkerOutput | _WorkerError](_WorkerOutput | _WorkerError)


def extract_runs(data: bytes, *, seconds: float, megabytes: int) -> bytes | NotReadable:
    """Run the worker on a PDF in a child process and return its raw output, which is not validated yet.

    `seconds` limits both the wall-clock and the CPU time of the worker, `megabytes` its memory.
    """
    if len(data) > MAX_BYTES:
        return NotReadable(f"the PDF is larger than {MAX_BYTES // 1_000_000} MB")
    if b"%PDF-" not in data[:1024]:
        return NotReadable(_REASONS["damaged"])
    try:
        output = run_child(WORKER, data=data, seconds=seconds, megabytes=megabytes)
    except TimeoutError:
        return NotReadable(f"reading the PDF took longer than {seconds:g} seconds")
    if len(output) > MAX_OUTPUT_BYTES:
        return NotReadable("the PDF holds more text than a paper")
    return output or NotReadable("the PDF could not be read within its limits of time and memory")


def parse_runs(output: bytes, url: str) -> Text | NotReadable:
    """Validate the worker's output and convert it to a `Text`.

    Anchors have the form `page=5`, so that `url#page=5` opens the page. `left_out` counts passages that nobody
    can see (`hidden`), those that may be of a figure, cut off, or hard to see (`pictures`), lines of `references`, of
    title and `authors`, running heads and page numbers (`furniture`), runs of text in another direction than the
    page's (`rotated`), `unread_pages`, and sentences past the limits (`cut`).
    """
    try:
        answer = _ANSWER.validate_json(output, strict=True)
    except ValidationError:
        return NotReadable("the program that opens PDFs gave an answer that makes no sense")
    if isinstance(answer, _WorkerError):
        return NotReadable(_REASONS[answer.error])
    if reason := unreadable(" ".join(run[-1] for run in page.runs) for page in answer.pages):
        return NotReadable(reason)
    pages = [
        Page(number, page.width, page.height, tuple(Run(*run) for run in page.runs))
        for number, page in enumerate(answer.pages, start=1)
    ]
    lines, furniture = reading_order(pages)
    blocks, omitted = build_blocks(lines)
    omitted += Counter(
        hidden=answer.hidden,
        pictures=answer.pictures,
        rotated=answer.rotated,
        unread_pages=answer.unread_pages,
        furniture=furniture,
    )
    text = to_text(blocks, basis="pdf", url=url, omitted=omitted)
    if sum(len(sentence.text) for sentence in text.sentences) < MIN_CHARACTERS:
        return NotReadable("the PDF holds hardly any text: its pages may be pictures")
    return text
