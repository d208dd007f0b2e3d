"""Settings and profiles: what is read. What wrong ones say is in test_checking.py."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from pipeline.config.profile import load_profile
from pipeline.config.settings import Settings, load_settings
from pipeline.core.errors import InputError

LANGUAGES = frozenset({"zh-CN", "en", "ja"})
GOOD = {"title": "Mine", "language": "en", "arxiv": "[cs.CV]"}


def profile(project: Path, text: str) -> Path:
    path = project / "prompts" / "profiles" / "mine.md"
    path.write_text(text)
    return path


def with_line(line: str, body: str = "I work on restoration.") -> str:
    """A good profile but for its line 5."""
    own = {key: value for key, value in GOOD.items() if key != line.split(":")[0]}
    lines = [f"{key}: {value}" for key, value in own.items()]
    while len(lines) < 3:
        lines.append("picks: 2")
    return "---\n" + "\n".join(lines) + f"\n{line}\n---\n{body}\n"


def test_the_shipped_profile_loads(project: Path) -> None:
    found = load_profile(Path("prompts"), "cv-restoration", languages=LANGUAGES)
    assert found.settings.title == "CV 论文日报"
    assert found.settings.arxiv == ("cs.CV", "eess.IV")
    assert found.settings.sources == ("huggingface", "arxiv")
    assert "## 不想看" in found.prose


def test_an_empty_profile_body_is_refused(project: Path) -> None:
    profile(project, with_line("picks: 3", body=""))
    with pytest.raises(InputError, match="the profile has no text"):
        load_profile(Path("prompts"), "mine", languages=LANGUAGES)


@pytest.mark.parametrize("name", ["../x", "", "-x", "x" * 65])
def test_a_profile_name_is_no_path(project: Path, name: str) -> None:
    with pytest.raises(InputError, match="not the name of a profile"):
        load_profile(Path("prompts"), name, languages=LANGUAGES)


def test_a_missing_title_is_named(project: Path) -> None:
    profile(project, "---\nlanguage: en\narxiv: [cs.CV]\n---\nText")
    with pytest.raises(InputError, match="`title` is missing"):
        load_profile(Path("prompts"), "mine", languages=LANGUAGES)


def test_a_near_name_is_suggested(project: Path) -> None:
    with pytest.raises(InputError) as caught:
        load_profile(Path("prompts"), "cv-restoratoin", languages=LANGUAGES)
    assert caught.value.hint == "Did you mean `cv-restoration`?"


def test_the_shipped_settings_are_the_defaults(root: Path) -> None:
    """digest.toml shows every setting with the value that holds without it, so it cannot mislead."""
    raw = tomllib.loads((root / "digest.toml").read_text())
    shown = Settings.model_validate(raw)
    assert shown == Settings.model_validate({key: raw[key] for key in ("profiles", "models", "prices")})
    for name, field in Settings.model_fields.items():
        section = getattr(shown, name)
        if name not in {"models", "prices"}:
            assert set(raw[name]) == set(type(section).model_fields), name
        assert field is not None


def test_settings_of_a_fork_from_before_again_within_are_read(project: Path) -> None:
    path = Path("digest.toml")
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(line for line in lines if not line.startswith("again_within")))
    found = load_settings(path, {"DIGEST_SCORING__AGAIN_AT_LEAST": "6"}).scoring
    assert (found.again_within, found.most_again(1), found.most_again(2)) == (7.0, 6, 8)


def test_a_variable_overrides_a_setting(project: Path) -> None:
    environ = {
        "DIGEST_HTTP__ARXIV_INTERVAL_SECONDS": "0.25",
        "DIGEST_ENDPOINTS__ARXIV": "http://127.0.0.1:9/",
        "DIGEST_PROFILES__ACTIVE": '["a", "b"]',
        "DIGEST_HTTP__ATTEMPTS": " ",
        "DIGEST_PROFILES": "not a setting",
        "DIGEST_PAUSED": "1",
        "OTHER": "x",
    }
    settings = load_settings(Path("digest.toml"), environ)
    assert settings.http.arxiv_interval_seconds == 0.25
    assert settings.endpoints.arxiv == "http://127.0.0.1:9"
    assert settings.profiles.active == ("a", "b")
    assert settings.http.attempts == 4
    assert settings.paced_hosts == {
        "127.0.0.1:9",
        "rss.arxiv.org",
        "export.arxiv.org",
        "oaipmh.arxiv.org",
        "api.biorxiv.org",
    }


def test_settings_that_are_missing_or_broken(project: Path) -> None:
    Path("digest.toml").write_text("[http\n")
    with pytest.raises(InputError, match="is not TOML"):
        load_settings(Path("digest.toml"), {})
    Path("digest.toml").unlink()
    with pytest.raises(InputError) as caught:
        load_settings(Path("digest.toml"), {})
    assert "repository's root" in caught.value.hint
