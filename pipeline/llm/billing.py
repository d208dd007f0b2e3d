"""What a call is billed: the most that it can be, and what to charge for it, given what the endpoint reports. No I/O.

The budget is kept against an endpoint that reports nothing or nonsense. One that reports less than it bills, but a
possible number, cannot be told from one that tells the truth.
"""

from typing import Any, Final, NamedTuple

from pipeline.core.tokens import max_tokens_of
from pipeline.llm import request
from pipeline.llm.response import MAX_BYTES_PER_TOKEN, Reply

# Above what is sent: tokens that a provider adds (an instruction for tools or for JSON, up to 700 tokens, and marks
# around each message), and tokens of output above `max_tokens`, such as the one that ends an answer.
ADDED_INPUT: Final = 2000
ADDED_OUTPUT: Final = 64

# A report below this share of the estimate is a missing or a wrong one. The estimate is right for English; tokenizers
# made for Chinese take 0.6 tokens a character, where it takes 1.
CREDIBLE_SHARE: Final = 0.5


class Tokens(NamedTuple):
    """Input and output tokens of one call."""

    input: int
    output: int


def max_tokens(body: dict[str, Any]) -> Tokens:
    """Return the most tokens that a request can be billed: one for each byte, and all the room for its answer."""
    return Tokens(max_tokens_of(request.prompt_text(body)) + ADDED_INPUT, body["max_tokens"] + ADDED_OUTPUT)


def find_usage_error(reply: Reply, body: dict[str, Any]) -> str:
    """Return why the usage that a reply reports cannot be true; an empty string if it can."""
    most = max_tokens(body)
    if reply.usage_error:
        return reply.usage_error
    if (reply.input_tokens or 0) > most.input:
        return f"{reply.input_tokens} tokens in, of {most.input} at most"
    if (reply.output_tokens or 0) > most.output:
        return f"{reply.output_tokens} tokens out, of {most.output} at most"
    if len(reply.text) > most.output * MAX_BYTES_PER_TOKEN:
        return f"the answer is longer than {most.output} tokens"
    return ""


def charged_tokens(reply: Reply, body: dict[str, Any]) -> Tokens:
    """Return the tokens to charge for a reply: those that it reports, and no fewer than its text amounts to.

    Where the real number is unknown, because nothing or nothing credible is reported, it is the most possible.
    """
    most = max_tokens(body)
    if find_usage_error(reply, body):
        return most
    # An answer that fills its room has as many tokens, whether they are shown or not; any other has one at least.
    written = body["max_tokens"] if reply.stop_reason == "max_tokens" else max(1, reply.written_tokens)
    return Tokens(
        _charged(reply.input_tokens, request.estimate_input_tokens(body), most.input),
        0 if is_free(reply) else _charged(reply.output_tokens, written, most.output),
    )


def is_free(reply: Reply) -> bool:
    """Return whether a reply is not billed: a refusal before the first token."""
    return reply.stop_reason == "refusal" and reply.output_tokens == 0 and not reply.written_tokens


def _charged(reported: int | None, floor: int, most: int) -> int:
    if reported is None or reported < floor * CREDIBLE_SHARE:
        return most
    return min(most, max(reported, floor))
