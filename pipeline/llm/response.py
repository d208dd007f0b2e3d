"""Parsing of responses: an endpoint's message into a `Reply`, and its text into the answer that was asked for.

The input is untrusted: the SDK builds its types from whatever JSON arrives, so every field is checked again here.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError

from pipeline.llm.interface import T
from pipeline.llm.json_schema import normalize_enum_case, schema_of

MAX_JSON_STARTS: Final = (
    20  # opening braces at which parsing is tried, in an answer with prose around its JSON
)
MODEL_NAME: Final = re.compile(r"[A-Za-z0-9._:/@-]{1,100}")
CATEGORY: Final = re.compile(r"[a-z_]{1,40}")


@dataclass(frozen=True)
class Reply:
    """A model's message.

    `text` is its answer, as text or JSON, without thinking; `category` is the reason of a refusal, if given.
    Token counts are None if the endpoint does not report them.
    """

    text: str
    stop_reason: str
    category: str
    model: str
    input_tokens: int | None
    output_tokens: int | None


@dataclass(frozen=True)
class InvalidAnswer:
    """The reason why a text is not a valid answer."""

    reason: str


def parse_reply(raw: Mapping[str, Any]) -> Reply | None:
    """Parse the JSON of a message; None if it is not a message."""
    content = raw.get("content")
    if isinstance(content, str):  # some endpoints send plain text instead of a list of blocks
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
    text = next(
        (call if isinstance(call, str) else json.dumps(call) for call in calls if call), "".join(texts)
    )
    details, usage = (
        value if isinstance(value, Mapping) else {} for value in (raw.get("stop_details"), raw.get("usage"))
    )
    return Reply(
        text=text,
        stop_reason=str(raw.get("stop_reason") or ""),
        category=_plain(details.get("category"), CATEGORY),
        model=_plain(raw.get("model"), MODEL_NAME),
        input_tokens=_input_tokens(usage),
        output_tokens=_count(usage.get("output_tokens")),
    )


def _plain(value: object, pattern: re.Pattern[str]) -> str:
    """The value, or an empty string if it does not match: it is shown on the page."""
    return value if isinstance(value, str) and pattern.fullmatch(value) else ""


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _input_tokens(usage: Mapping[str, Any]) -> int | None:
    """All input tokens. Cached tokens have a price of their own, but are counted here like any others."""
    uncached = _count(usage.get("input_tokens"))
    cached = (_count(usage.get(f"cache_{kind}_input_tokens")) or 0 for kind in ("creation", "read"))
    return None if uncached is None else uncached + sum(cached)


def parse_answer(text: str, answer_type: type[T]) -> T | InvalidAnswer:
    """Extract the answer from a text: JSON, possibly in a code fence or in prose, possibly with unescaped LaTeX.

    If no JSON object validates, the reason is that of the first one.
    """
    schema = schema_of(answer_type)
    invalid: InvalidAnswer | None = None
    for value in _json_objects(_escape_latex(text)):
        try:
            return answer_type.model_validate_json(json.dumps(normalize_enum_case(value, schema, schema)))
        except ValidationError as error:
            invalid = invalid or InvalidAnswer(_summarize(error))
        except RecursionError:
            invalid = invalid or InvalidAnswer("it is nested too deeply")
    return invalid or InvalidAnswer("there is no whole JSON object in it")


def _json_objects(text: str) -> Iterator[dict[str, Any]]:
    """Every JSON object that starts at one of the first opening braces, outermost first."""
    decoder = json.JSONDecoder(strict=False)
    for match, _ in zip(re.finditer(r"\{", text), range(MAX_JSON_STARTS), strict=False):
        try:
            value, _end = decoder.raw_decode(text, match.start())
        except (ValueError, RecursionError):
            continue
        yield value


def _summarize(error: ValidationError) -> str:
    """The first three validation errors, without the values, which are the model's words."""
    details = error.errors(include_url=False, include_input=False, include_context=False)
    lines = [
        f"{'.'.join(str(part) for part in detail['loc']) or 'answer'}: {detail['msg']}"
        for detail in details[:3]
    ]
    return "; ".join(lines)[:500]


# Backslashes to double: those that JSON does not allow, and those that it allows but that mean LaTeX in the summary
# of a paper (\frac is not a form feed before "rac", \beta not a backspace before "eta"). After \n, \r and \t a
# complete LaTeX command has to follow, since a line break or a tab before a letter is possible.
_COMMANDS: Final = (
    "nabla neg neq nleq norm not notin nu rangle rank rceil rfloor rho right rightarrow rm root tan tanh tau "
    "text textbf textit textrm texttt tfrac theta therefore tilde times to top tr trace triangle triangleq"
).replace(" ", "|")
_BACKSLASH: Final = re.compile(
    r"\\\\|"  # an escaped backslash is consumed, so that its second half does not match below
    rf"\\(?=(?:{_COMMANDS})(?![A-Za-z]))|"
    r"\\(?=[bf][A-Za-z])|"
    r'\\(?!["\\/bfnrtu])|'
    r"\\(?=u(?![0-9A-Fa-f]{4}))"
)


def _escape_latex(text: str) -> str:
    r"""Double single backslashes of LaTeX: `$\alpha$` is invalid JSON, and `$\frac12$` valid JSON for other text."""
    return _BACKSLASH.sub(r"\\\\", text)
