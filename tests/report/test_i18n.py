from __future__ import annotations

import re
import string
import tomllib
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest

from pipeline.core.artifacts import Digest
from pipeline.core.models import Basis, Engine, Flag, Outcome, Reading, SourceState
from pipeline.core.stage_names import Call, Stage
from pipeline.grounding.gates import Failure
from pipeline.grounding.second_reader import Slot
from pipeline.report import i18n
from pipeline.report.i18n import FOLDER, LANGUAGES, load

PIPELINE = Path(i18n.__file__).parents[1]
GATES = get_args(get_type_hints(Failure)["gate"])


def raw(language: str) -> dict[str, Any]:
    found = tomllib.loads((FOLDER / f"{language}.toml").read_text("utf-8"))
    return {
        f"{section}.{key}": word
        for section, keys in found.items()
        for key, word in keys.items()
        if section != i18n.RULES
    }


def fields(word: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(word) if name}


def forms(word: str | dict[str, str]) -> list[str]:
    return [word] if isinstance(word, str) else list(word.values())


def test_the_languages_are_the_files() -> None:
    assert {"zh-CN", "en", "ja"} <= LANGUAGES
    assert {path.name for path in FOLDER.iterdir()} == {f"{language}.toml" for language in LANGUAGES}


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_all_languages_have_the_same_words_with_the_same_places(language: str) -> None:
    ours, english = raw(language), raw("en")
    assert sorted(ours) == sorted(english)
    for key, word in ours.items():
        # A language may leave out a number that its grammar swallows, as English does in "1 paper", but
        # never ask for a value that the program does not give.
        given = set().union(*map(fields, forms(english[key]))) | {"n", "total"}
        for form in forms(word):
            assert fields(form) <= given, key
            assert form.strip(), key
        if isinstance(word, dict):
            assert "other" in word, key
            assert set(word) <= {*load(language).plural, "other"}, key


def test_no_word_is_missing_and_none_is_left_over() -> None:
    code = "\n".join(
        path.read_text("utf-8") for path in (*PIPELINE.rglob("*.py"), *PIPELINE.rglob("templates/*"))
    )
    asked = set(re.findall(r"""["']([a-z_]+\.[a-z_]+)["']""", code)) - {"index.json", "index.html"}
    families = {
        "weekday": {"mon", "tue", "wed", "thu", "fri", "sat", "sun"},
        "band": {"must", "recommended", "look"},
        "outcome": set(get_args(Outcome)),
        "flag": set(get_args(Flag)),
        "flag_short": set(get_args(Flag)),
        "basis": {*get_args(Basis), "incomplete"},
        "reading": set(get_args(Reading)),
        "legend": set(get_args(Reading)) - {"supported"},
        "dropped": {*GATES, *get_args(Slot), "omitted"} - {"none"},
        "status": set(get_args(SourceState)),
        "stage": {*get_args(Stage), *get_args(Call)},
        "about": {f"{kind}_{engine}" for kind in ("bands", "promise") for engine in get_args(Engine)},
        "source": {"arxiv", "arxiv-oai", "huggingface"},
        "notice": {"unscored", "unread", "given_up"},
        "link": {"page", "other_page"},
        "vote": {"more", "less"},
        "followed": {"name", "perhaps", "perhaps_written"},
        "shortlist": {f"passed_{engine}" for engine in get_args(Engine)},
        "pick": {"pending", "pending_short", "given_up", "given_up_short"}
        | {"none_stated", "none_stated_passed", "empty", "empty_passed"}
        | {f"{kind}_title" for kind in ("stated", "reported", "inferred", "own")},
    }
    made = {f"{section}.{name}" for section, names in families.items() for name in names}
    known = set(raw("en"))
    assert made <= known
    assert {key for key in asked if key.split(".")[0] in {k.split(".")[0] for k in known}} <= known
    assert known <= asked | made


def test_numbers_choose_a_form() -> None:
    t = load("en")
    assert t("notice.given_up", n=1) == "1 paper failed for 7 days and was given up."
    assert t("notice.given_up", n=0) == "0 papers failed for 7 days and were given up."
    assert load("ja")("notice.given_up", n=1) == "1 本は 7 日続けて失敗し、処理を打ち切りました。"


def test_names_without_a_word_stay() -> None:
    assert load("zh-CN").lookup("source", "arxiv") == "arXiv"
    assert load("zh-CN").lookup("source", "somewhere") == "somewhere"


def test_a_language_that_has_gone_reads_as_english() -> None:
    assert load("tlh").language == "en"
    assert load("../en").language == "en"
    with pytest.raises(KeyError):
        load("en")("verdict.unheard_of")


def test_digest_languages_are_free_text_so_a_fork_can_add_one() -> None:
    assert Digest.model_fields["language"].annotation is str
