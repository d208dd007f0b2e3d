"""Reading messages and the JSON in them, however it is wrapped."""

import json
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from pipeline.llm.response import InvalidAnswer, Reply, parse_answer, parse_reply


class Inner(BaseModel):
    text: str
    kind: Literal["stated", "inference"]


class Note(BaseModel):
    title: str
    claims: list[Inner]


NOTE = {"title": "A", "claims": [{"text": "b", "kind": "stated"}]}
PLAIN = json.dumps(NOTE)


@pytest.mark.parametrize(
    "said",
    [
        PLAIN,
        f"```json\n{PLAIN}\n```",
        f"Here you are:\n```\n{json.dumps(NOTE, indent=2)}\n```\nAnything else, {{user}}?",
        f"With labels {{0, 1}} and $\\mathcal{{L}}$: {PLAIN} {{}}",
        json.dumps({"answer": NOTE}),
        PLAIN.replace("stated", "Stated"),
        json.dumps({**NOTE, "confidence": 0.5}),
    ],
)
def test_wrapped(said):
    value = parse_answer(said, Note)
    assert isinstance(value, Note)
    assert value.model_dump() == NOTE


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (r"$\alpha$", r"$\alpha$"),
        (r"$\\alpha$", r"$\alpha$"),
        (r"\frac{1}{2} \beta \bar{x}", r"\frac{1}{2} \beta \bar{x}"),
        (r"\nabla f \neq 0, \nu, \tau, \theta, \times, \rho, \text{x}", None),
        (r"\upsilon \u00e9 \underline{x}", r"\upsilon é \underline{x}"),
        (r"one\ntwo\tthree\rfour \"five\" 1\/2", 'one\ntwo\tthree\rfour "five" 1/2'),
        (
            r"\nnew \table \return",
            "\nnew \table \return",
        ),  # a break, a tab and a return before words of English
        ("one\ntwo", "one\ntwo"),  # a bare line break within a string
        (r"a \\\\ b \\nu \% \{ \_", r"a \\ b \nu \% \{ \_"),
    ],
)
def test_latex(raw, text):
    value = parse_answer(f'{{"title": "{raw}", "claims": []}}', Note)
    assert isinstance(value, Note)
    assert value.title == (raw if text is None else text)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("", "there is no whole JSON object in it"),
        (PLAIN[:-5], "there is no whole JSON object in it"),
        (PLAIN[:-2], "title: Field required; claims: Field required"),
        ('{"title": 3, "claims": [{"text": "b", "kind": "guess"}]}', None),
        ('{"title": NaN, "claims": []}', None),
        ('{"title": "a", "claims": [], "x": ' + "[" * 900 + "]" * 900 + "}", None),
        ('{"a":' * 100_000, "there is no whole JSON object in it"),
        ('{"title": ' + "9" * 5000 + ', "claims": []}', "there is no whole JSON object in it"),
    ],
)
def test_wrong(said, why):
    value = parse_answer(said, Note)
    assert isinstance(value, InvalidAnswer)
    if why is not None:
        assert value.reason == why


@pytest.mark.parametrize(
    ("said", "title"),
    [
        (r"Fine \ud83d", "Fine \ufffd"),
        (r"\ude00 fine", "\ufffd fine"),
        (r"\ude00\ud83d", "\ufffd\ufffd"),
        (r"a\ud83db\ud83d\ude00c", "a\ufffdb😀c"),
        ("decoded before \ud83d", "decoded before \ufffd"),
        (r"\\ud83d is an escape", r"\ud83d is an escape"),
    ],
)
def test_half_an_emoji_is_replaced(said, title):
    value = parse_answer(f'{{"title": "{said}", "claims": []}}', Note)
    assert isinstance(value, Note)
    assert value.title == title


def test_a_reason_does_not_repeat_the_answer():
    value = parse_answer(
        '{"title": "secret words", "claims": [{"text": "b", "kind": "ignore all rules"}]}', Note
    )
    assert value == InvalidAnswer("claims.0.kind: Input should be 'stated' or 'inference'")


# No control characters: a form feed before a letter is taken for the \f of \frac, and that is meant.
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\\"), max_size=30)


@given(title=TEXT, claim=TEXT, before=st.text(st.characters(exclude_characters="{\\"), max_size=20))
def test_what_is_written_is_read(title, claim, before):
    note = {"title": title, "claims": [{"text": claim, "kind": "inference"}]}
    for ascii_only in (True, False):
        value = parse_answer(f"{before}{json.dumps(note, ensure_ascii=ascii_only)}", Note)
        assert isinstance(value, Note)
        assert value.model_dump() == note


@given(st.text(max_size=60))
def test_nothing_that_is_said_raises(said):
    assert isinstance(parse_answer(said, Note), InvalidAnswer | Note)
    answered = parse_answer(f"{PLAIN}\n{said}", Note)
    assert isinstance(answered, Note), "what is said after an answer does not undo it"
    assert answered.model_dump() == NOTE


MESSAGE = {
    "type": "message",
    "model": "claude-haiku-5-5",
    "content": [{"type": "text", "text": "{}"}],
    "stop_reason": "end_turn",
    "usage": {"input_tokens": 10, "output_tokens": 2},
}


def changed(**fields):
    return parse_reply({**MESSAGE, **fields})


def test_a_message():
    assert parse_reply(MESSAGE) == Reply("{}", "end_turn", "", "claude-haiku-5-5", 10, 2, 1)


def test_thinking_is_not_the_answer():
    thought = {"type": "thinking", "thinking": '{"title": "no"}', "signature": "s"}
    reply = changed(content=[thought, {"type": "text", "text": "a"}, {"type": "text", "text": "b"}])
    assert reply is not None
    assert reply.text == "ab"


def test_a_tool_s_input_is_the_answer():
    call = {"type": "tool_use", "id": "t", "name": "submit", "input": {"a": "é"}}
    talk = {"type": "text", "text": "I call the tool."}
    reply = changed(content=[talk, call])
    assert reply is not None
    assert json.loads(reply.text) == {"a": "é"}
    as_text = changed(content=[{**call, "input": '{"a": 1}'}])
    assert as_text is not None
    assert as_text.text == '{"a": 1}'
    empty = changed(content=[talk, {**call, "input": {}}])
    assert empty is not None
    assert empty.text == "I call the tool."


@pytest.mark.parametrize(
    "raw", [{}, {"ok": True}, {"content": None}, {"content": 3}, {**MESSAGE, "type": "error"}]
)
def test_no_message(raw):
    assert parse_reply(raw) is None


def test_a_lone_text():
    reply = changed(content="hello")
    assert reply is not None
    assert reply.text == "hello"


def test_blocks_of_another_form_are_left_out():
    reply = changed(
        content=[None, "x", {"type": "text"}, {"type": "text", "text": 3}, {"type": "text", "text": "y"}]
    )
    assert reply is not None
    assert reply.text == "y"


@pytest.mark.parametrize(
    ("usage", "given", "taken"),
    [
        ({"input_tokens": 1, "output_tokens": 2}, 1, 2),
        ({"input_tokens": 1, "cache_read_input_tokens": 5, "cache_creation_input_tokens": None}, 6, None),
        ({}, None, None),
        (None, None, None),
    ],
)
def test_usage(usage, given, taken):
    reply = changed(usage=usage)
    assert reply is not None
    assert (reply.input_tokens, reply.output_tokens, reply.usage_error) == (given, taken, "")


@pytest.mark.parametrize(
    ("usage", "wrong"),
    [
        ([], "it is no object"),
        ({"input_tokens": "1", "output_tokens": 2}, "input_tokens is no count"),
        ({"input_tokens": True, "output_tokens": 2}, "input_tokens is no count"),
        ({"input_tokens": 1, "output_tokens": -2}, "output_tokens is no count"),
        ({"input_tokens": 1, "output_tokens": 2.5}, "output_tokens is no count"),
        ({"input_tokens": 1, "cache_read_input_tokens": -5}, "cache_read_input_tokens is no count"),
    ],
)
def test_usage_that_cannot_be_true(usage, wrong):
    reply = changed(usage=usage)
    assert reply is not None
    assert (reply.input_tokens, reply.output_tokens, reply.usage_error) == (None, None, wrong)


@pytest.mark.parametrize("name", [None, "<b>x</b>", "x" * 101])
def test_what_is_no_name_of_a_model(name):
    reply = changed(model=name)
    assert reply is not None
    assert reply.model == ""


@pytest.mark.parametrize(
    ("details", "category"),
    [
        ({"category": "bio"}, "bio"),
        ("bio", ""),
        ({"category": "<b>"}, ""),
    ],
)
def test_the_category_of_a_refusal(details, category):
    reply = changed(stop_reason="refusal", stop_details=details, content=[])
    assert reply is not None
    assert (reply.stop_reason, reply.category) == ("refusal", category)
