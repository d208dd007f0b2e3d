"""Reading what came back: an endpoint's message as a value, and its text as the answer that was asked for.

Nothing is trusted here. The SDK builds its types from whatever JSON arrives, so every field is looked at again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, NoReturn, TypeVar

from pydantic import BaseModel, ValidationError

from pipeline.llm.json_schema import recased, schema_of

T = TypeVar("T", bound=BaseModel)

MOST_STARTS: Final = 20  # braces at which reading is tried, in an answer that talks around its JSON
MODEL_NAME: Final = re.compile(r"[A-Za-z0-9._:/@-]{1,100}")
CATEGORY: Final = re.compile(r"[a-z_]{1,40}")


@dataclass(frozen=True)
class Reply:
    """A model's message. `said` is its answer as text or JSON, without its thinking; tokens are None if not told."""

    said: str
    stop: str
    category: str
    model: str
    input_tokens: int | None
    output_tokens: int | None


@dataclass(frozen=True)
class Wrong:
    """What keeps a text from being the answer."""

    why: str


def read(raw: Mapping[str, Any]) -> Reply | None:
    """A message as a reply; None if it is no message."""
    content = raw.get("content")
    if isinstance(content, str):  # some endpoints send a lone text
        content = [{"type": "text", "text": content}]
    if not isinstance(content, list) or raw.get("type", "message") != "message":
        return None
    blocks = [block for block in content if isinstance(block, Mapping)]
    texts = [
        block["text"]
        for block in blocks
        if block.get("type") == "text" and isinstance(block.get("text"), str)
    ]
    calls = [block.get("input") for block in blocks if block.get("type") == "tool_use"]
    said = next(
        (call if isinstance(call, str) else json.dumps(call) for call in calls if call), "".join(texts)
    )
    details = raw.get("stop_details")
    category = details.get("category") if isinstance(details, Mapping) else None
    usage = raw.get("usage")
    return Reply(
        said=said,
        stop=str(raw.get("stop_reason") or ""),
        category=category if isinstance(category, str) and CATEGORY.fullmatch(category) else "",
        model=_model(raw.get("model")),
        input_tokens=_input(usage) if isinstance(usage, Mapping) else None,
        output_tokens=_count(usage.get("output_tokens")) if isinstance(usage, Mapping) else None,
    )


def _model(name: object) -> str:
    """The name of the model that answered, if it is one: it goes onto the page."""
    return name if isinstance(name, str) and MODEL_NAME.fullmatch(name) else ""


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _input(usage: Mapping[str, Any]) -> int | None:
    """All input tokens; those of a cache are billed apart, and counted here as if they were not."""
    plain = _count(usage.get("input_tokens"))
    cached = (_count(usage.get(f"cache_{kind}_input_tokens")) or 0 for kind in ("creation", "read"))
    return None if plain is None else plain + sum(cached)


def parse(said: str, kind: type[T]) -> T | Wrong:
    """The answer in a text: JSON, perhaps in a fence or in talk, perhaps with LaTeX in it.

    If nothing fits, the reason is that of the first JSON object found.
    """
    schema = schema_of(kind)
    reason: Wrong | None = None
    for value in _objects(_latex_kept(said)):
        try:
            return kind.model_validate_json(json.dumps(recased(value, schema, schema)))
        except ValidationError as error:
            reason = reason or Wrong(_first(error))
        except RecursionError:
            reason = reason or Wrong("it is nested too deeply")
    return reason or Wrong("there is no whole JSON object in it")


def _objects(said: str) -> Iterator[dict[str, Any]]:
    """Every JSON object that begins at one of the first braces, the outermost first."""
    decoder = json.JSONDecoder(strict=False, parse_constant=_no_number)
    for match, _ in zip(re.finditer(r"\{", said), range(MOST_STARTS), strict=False):
        try:
            value, _end = decoder.raw_decode(said, match.start())
        except (ValueError, RecursionError):
            continue
        yield value


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _first(error: ValidationError) -> str:
    """The first things that are off, without the values: they are the model's words."""
    found = error.errors(include_url=False, include_input=False, include_context=False)
    lines = [f"{'.'.join(str(part) for part in one['loc']) or 'answer'}: {one['msg']}" for one in found[:3]]
    return "; ".join(lines)[:500]


# A backslash that JSON cannot mean, and one that it could but a summary of a paper does not: \frac is no form feed
# before "rac", \beta no backspace before "eta". After \n, \r and \t a whole command of LaTeX has to follow, since a
# line break or a tab before a letter is possible.
_COMMANDS: Final = (
    "nabla neg neq nleq norm not notin nu rangle rank rceil rfloor rho right rightarrow rm root tan tanh tau "
    "text textbf textit textrm texttt tfrac theta therefore tilde times to top tr trace triangle triangleq"
).replace(" ", "|")
_BACKSLASH: Final = re.compile(
    r"\\\\|"  # an escaped backslash is well as it is
    rf"\\(?=(?:{_COMMANDS})(?![A-Za-z]))|"
    r"\\(?=[bf][A-Za-z])|"
    r'\\(?!["\\/bfnrtu])|'
    r"\\(?=u(?![0-9A-Fa-f]{4}))"
)


def _latex_kept(text: str) -> str:
    r"""JSON in which a single backslash of LaTeX is doubled: `$\alpha$` is no JSON, and `$\frac12$` other JSON."""
    return _BACKSLASH.sub(r"\\\\", text)
