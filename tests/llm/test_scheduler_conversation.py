"""One question on its way to an answer: one doubling of the room, one repair, and what each of them costs."""

import pytest

from pipeline.llm.interface import Answer, NoAnswer
from tests.llm.endpoint import ask, question
from tests.stubs.messages import MessagesStub


@pytest.mark.parametrize(
    ("fault", "rooms", "kind"),
    [
        (["truncated"], [8000, 16000], "answered"),
        (["truncated", "truncated"], [8000, 16000], "truncated"),
        (["thinking_only"], [8000, 16000], "answered"),
        (["truncated", "out_of_range"], [8000, 16000, 16000], "answered"),
        (["out_of_range", "truncated"], [8000, 8000, 16000], "answered"),
        (["out_of_range", "out_of_range"], [8000, 8000], "invalid"),
        (["unlike", "out_of_range"], [8000, 8000], "invalid"),
        (["out_of_range", "refused"], [8000, 8000], "refused"),
    ],
)
def test_one_doubling_and_one_repair(fault, rooms, kind):
    with MessagesStub(script=fault) as stub:
        [outcome] = ask(stub)
    assert [call.body["max_tokens"] for call in stub.asked] == rooms
    assert (outcome.kind if isinstance(outcome, NoAnswer) else "answered") == kind
    assert outcome.spent.calls == len(rooms)
    assert outcome.spent.output_tokens == sum(call.usage["output_tokens"] for call in stub.asked)


def test_a_cut_answer_of_sixteen_thousand_tokens_is_asked_again_without_streaming():
    with MessagesStub(script=["truncated"]) as stub:
        [answer] = ask(stub, question(stage="analyze"))
    assert isinstance(answer, Answer)
    assert [call.body["max_tokens"] for call in stub.asked] == [16000, 32000]


def test_a_repair_says_what_was_wrong():
    with MessagesStub(script=["out_of_range", None, "unlike"]) as stub:
        ask(stub, question(0))
        ask(stub, question(1))
    first, again, other, last = [call.body["messages"][0]["content"] for call in stub.asked]
    reason = "Your last answer could not be used: score is not between 0 and 5"
    assert again == f"{first}\n\n{reason}\nAnswer again, in full, with that put right."
    assert "id: Field required; score: Field required; tag: Field required" in last.removeprefix(other)


def test_unbilled_refusals_cost_nothing_and_others_what_they_say():
    with MessagesStub(script=["refused", "refused_in_words", "refused_untold"]) as stub:
        before, during, untold = (ask(stub)[0] for _ in range(3))
    assert (before.spent.calls, before.spent.output_tokens, before.spent.usd) == (1, 0, 0.0)
    assert during.spent.output_tokens == 12
    assert during.spent.usd == round((during.spent.input_tokens * 0.10 + 12 * 0.50) / 1_000_000, 6)
    assert (before.reason, untold.reason) == ("the model declined (cyber)", "the model declined")
