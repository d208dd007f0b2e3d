"""Pydantic's complaints in our words: nested groups, lists of them, tables by name."""

from __future__ import annotations

import pytest
from pydantic import Field, ValidationError

from pipeline.config.validation_errors import did_you_mean, explain, unknown_key
from pipeline.core.models import Value


class Inner(Value):
    count: int = Field(1, ge=1, le=9)


class Outer(Value):
    inner: Inner = Inner()
    several: tuple[Inner, ...] = ()
    named: dict[str, Inner] = {}


@pytest.mark.parametrize(
    ("given", "where", "message", "hint"),
    [
        ({"inner": {"count": "x"}}, ("inner", "count"), 'inner.count: "x" is not a whole number from 1 to 9', "Try: count: 2"),
        ({"inner": {"cout": 1}}, ("inner", "cout"), "`inner.cout` is not a setting", "Did you mean `inner.count`?"),
        ({"several": [{}, {"count": 0}]}, ("several", 1, "count"), "several.1.count: 0 is less than 1", ""),
        ({"several": [{"zzz": 0}]}, ("several", 0, "zzz"), "`several.0.zzz` is not a setting", "Known keys: several.0.count"),
        ({"named": {"a": {"count": 1.5}}}, ("named", "a", "count"), "named.a.count: 1.5 is not a whole number from 1 to 9", "Try: named"),
        ({"named": {"a": {"cuont": 1}}}, ("named", "a", "cuont"), "`named.a.cuont` is not a setting", "Did you mean `named.a.count`?"),
        ({"named": 3}, ("named",), "named: 3 is not a group such as {key: value}", "Try: named"),
    ],
)  # fmt: skip
def test_the_place_the_reason_and_the_remedy(
    given: dict[str, object], where: tuple[object, ...], message: str, hint: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        Outer.model_validate(given)
    fault = explain(caught.value, Outer, examples={"inner.count": "count: 2", "named": "named"})
    assert (fault.location, fault.message, fault.hint) == (where, message, hint)


def test_a_member_of_a_list_is_called_by_its_id() -> None:
    given = {"several": [{"id": "first"}, {"id": "second", "count": 0}]}
    with pytest.raises(ValidationError) as caught:
        Outer.model_validate({"several": [{}, {"count": 0}]})
    fault = explain(caught.value, Outer, examples={"several": "several: []"}, given=given)
    assert fault.message == "several.second.count: 0 is less than 1"
    assert (fault.location, fault.hint) == (("several", 1, "count"), "Try: several: []")


def test_what_is_like_nothing_is_not_guessed() -> None:
    assert did_you_mean("zzz", ["title"]) == ""
    assert did_you_mean("CS.CV", ["cs.CV", "cs.CL"]) == "Did you mean `cs.CV`?"
    assert unknown_key("zzz", ["b", "a"]) == ("`zzz` is not a setting", "Known keys: a, b")
