"""Parsing of responses: an endpoint's message into a `Reply`, and its text into the answer that was asked for.

The input is untrusted: the SDK builds its types from whatever JSON arrives, so every field is checked again here.
"""

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError

from pipeline.core import unicode
from pipeline.core.tokens import estimate_tokens
from pipeline.llm.interface import T
from pipeline.llm.json_schema import normalize_enum_case, schema_of

MAX_JSON_STARTS: Final = (
    20  # opening braces at which parsing is tried, in an answer with prose around its JSON
)
MAX_DIGITS: Final = 20  # of a number; no count of tokens, mark or id has more, and float() fails at 310
MAX_OUTPUT_TOKENS: Final = 128_000  # the most that a model can write, whatever the settings say
MAX_BYTES_PER_TOKEN: Final = 16  # of output on average; English takes 4, Chinese in escapes 10
MAX_WRONG_FIELDS: Final = 100  # of an answer; pydantic's list of a million takes a gigabyte
MODEL_NAME: Final = re.compile(r"[A-Za-z0-9._:/@-]{1,100}")
CATEGORY: Final = re.compile(r"[a-z_]{1,40}")


class NumberError(ValueError):
    """A number that cannot be used."""


def _integer(literal: str) -> int:
    if len(literal) > MAX_DIGITS:
        raise NumberError(f"there is a number of {len(literal)} digits in it")
    return int(literal)


def _float(literal: str) -> float:
    value = float(literal)
    if not math.isfinite(value):
        raise NumberError("there is a number in it that is not finite")
    return value


_NUMBERS: Final[Mapping[str, Any]] = {
    "parse_int": _integer,
    "parse_float": _float,
    "parse_constant": _float,
}


@dataclass(frozen=True)
class Reply:
    """A model's message.

    `text` is its answer, as text or JSON, without thinking; `category` is the reason of a refusal, if given.
    Token counts are None if the endpoint does not report them, or if `usage_error` says what is wrong with its report.
    `written_tokens` estimates what the message shows of its output, thinking included.
    """

    text: str
    stop_reason: str
    category: str
    model: str
    input_tokens: int | None
    output_tokens: int | None
    written_tokens: int
    usage_error: str = ""


@dataclass(frozen=True)
class InvalidAnswer:
    """The reason why a text is not a valid answer."""

    reason: str


def parse_json(text: str | bytes) -> object:
    """Parse untrusted JSON. Raises NumberError for a number that is not finite or too long, else ValueError."""
    return json.loads(text, **_NUMBERS)


def parse_reply(raw: object) -> Reply | None:
    """Parse the JSON of a message; None if it is not a message."""
    if not isinstance(raw, Mapping):
        return None
    content = raw.get("content")
    if isinstance(content, str):  # some endpoints send plain text instead of a list of blocks
        content = [{"type": "text", "text": content}]
    if not isinstance(content, list) or raw.get("type", "message") != "message":
        return None
    blocks = [block for block in content if isinstance(block, Mapping)]
    texts = _strings(blocks, "text")
    calls = [block.get("input") for block in blocks if block.get("type") == "tool_use"]
    inputs = [call if isinstance(call, str) else json.dumps(call) for call in calls if call]
    details = raw.get("stop_details")
    input_tokens, output_tokens, usage_error = _parse_usage(raw.get("usage"))
    return Reply(
        text=next(iter(inputs), "".join(texts)),
        stop_reason=str(raw.get("stop_reason") or ""),
        category=_plain(details.get("category") if isinstance(details, Mapping) else None, CATEGORY),
        model=_plain(raw.get("model"), MODEL_NAME),
        input_tokens=input_tokens,
        output_tokens=output_tokens,
        written_tokens=sum(map(estimate_tokens, (*texts, *_strings(blocks, "thinking"), *inputs))),
        usage_error=usage_error,
    )


def _strings(blocks: Iterable[Mapping[str, Any]], kind: str) -> list[str]:
    """The texts of all blocks of a type, which each has under the type's name."""
    values = (block.get(kind) for block in blocks if block.get("type") == kind)
    return [value for value in values if isinstance(value, str)]


def _plain(value: object, pattern: re.Pattern[str]) -> str:
    """The value, or an empty string if it does not match: it is shown on the page."""
    return value if isinstance(value, str) and pattern.fullmatch(value) else ""


def _parse_usage(usage: object) -> tuple[int | None, int | None, str]:
    """Input and output tokens, None if not reported, and what is wrong with the report.

    Cached input has a price of its own, but is counted here like any other.
    """
    if usage is None:
        return None, None, ""
    if not isinstance(usage, Mapping):
        return None, None, "it is no object"
    names = ("input_tokens", "output_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
    counts = [usage.get(name) for name in names]
    for name, count in zip(names, counts, strict=True):
        # `type` rather than `isinstance`, since a bool is an int.
        if count is not None and (type(count) is not int or count < 0):
            return None, None, f"{name} is no count"
    uncached, output, created, read = counts
    return None if uncached is None else uncached + (created or 0) + (read or 0), output, ""


# Half of an emoji, which no UTF-8 can hold: models cut their own texts. A whole pair of escapes is one character by then.
_LONE_SURROGATE: Final = re.compile(f"[{unicode.SURROGATES}]")


def parse_answer(text: str, answer_type: type[T]) -> T | InvalidAnswer:
    """Extract the answer from a text: JSON, possibly in a code fence or in prose, possibly with unescaped LaTeX.

    A lone surrogate becomes U+FFFD. If no JSON object validates, the reason is that of the first one.
    """
    schema = schema_of(answer_type)
    invalid: InvalidAnswer | None = None
    for value in _json_objects(_escape_latex(text)):
        try:
            normalized = json.dumps(normalize_enum_case(value, schema, schema), ensure_ascii=False)
            return answer_type.model_validate_json(
                _LONE_SURROGATE.sub("\N{REPLACEMENT CHARACTER}", normalized)
            )
        except ValidationError as error:
            invalid = invalid or InvalidAnswer(_summarize(error))
        except RecursionError:
            invalid = invalid or InvalidAnswer("it is nested too deeply")
    return invalid or InvalidAnswer("there is no whole JSON object in it")


def _json_objects(text: str) -> Iterator[dict[str, Any]]:
    """Every JSON object that starts at one of the first opening braces, outermost first."""
    decoder = json.JSONDecoder(strict=False, **_NUMBERS)
    for match, _ in zip(re.finditer(r"\{", text), range(MAX_JSON_STARTS), strict=False):
        try:
            value, _end = decoder.raw_decode(text, match.start())
        except (ValueError, RecursionError):
            continue
        yield value


def _summarize(error: ValidationError) -> str:
    """The first three validation errors, without the values, which are the model's words."""
    if error.error_count() > MAX_WRONG_FIELDS:
        return f"{error.error_count()} fields are wrong"
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
