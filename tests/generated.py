"""Pages of docs/ that are made from the program; `python -m tests.generated` writes them anew."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from pipeline.engines.hosts import KNOWN
from pipeline.profiles import ProfileSettings

ROOT = Path(__file__).parents[1]
NOTES = {
    "format": "JSON by the API's own structured output",
    "tool": "JSON by a tool that the model is made to call",
    "tool_any": "JSON by a tool, `tool_choice: any`",
    "tool_auto": "JSON by a tool that the model is asked to call",
    "prompt": "the JSON schema written into the prompt",
}


def shown(value: Any) -> str:
    """A default as one would write it in YAML."""
    if isinstance(value, tuple):
        return f"`[{', '.join(value)}]`"
    if isinstance(value, BaseModel):
        return "`{}`"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value}`" if value is not None else "required"


def settings() -> str:
    """docs/settings.md: every key of a profile, every setting of digest.toml."""
    rows = ["| key | default | meaning |", "|---|---|---|"]
    for name, field in ProfileSettings.model_fields.items():
        default = "required" if field.is_required() else shown(field.default)
        rows.append(f"| `{name}` | {default} | {field.description} |")
    toml = (ROOT / "digest.toml").read_text()
    sections = [key for key in tomllib.loads(toml) if key not in {"models", "prices"}]
    return "\n".join(
        [
            "# Settings",
            "",
            "Made from the program; `make test` fails if it is out of date.",
            "",
            "## A profile: `prompts/profiles/<name>.md`",
            "",
            *rows,
            "",
            "Below the second `---` stands your text, in any language. It goes to the model word for word. Sections under a",
            "heading such as *Not wanted*, *Avoid*, *不想看* or *読みたくない* are left out of the ranking by words.",
            "",
            "## `digest.toml`",
            "",
            "The file explains itself. Any value can be overridden by an environment variable",
            "`DIGEST_<SECTION>__<KEY>`, lists as JSON, such as `DIGEST_HTTP__ATTEMPTS=2` or",
            '`DIGEST_PROFILES__ACTIVE=["mine"]`. Sections: '
            + ", ".join(f"`{name}`" for name in sections)
            + ",",
            "`models.<word>` and `prices.<model>`. `DIGEST_PROFILES=mine,yours` is short for the active profiles;",
            "`DIGEST_PAUSED` is read by the workflow alone.",
            "",
        ]
    )


def endpoints() -> str:
    """docs/endpoints.md: how each known host is asked."""
    rows = ["| host | how it is asked | thinking | calls at once |", "|---|---|---|---|"]
    for way in KNOWN:
        most = "as set" if way.most_at_once is None else str(way.most_at_once)
        thinking = "switched off" if way.thinking == "disabled" else "left to the model"
        rows.append(f"| {way.host} | {NOTES[way.structured]} | {thinking} | {most} |")
    renamed = ", ".join(way.host for way in KNOWN if way.renames)
    return "\n".join(
        [
            "# Endpoints",
            "",
            "Any endpoint that speaks the Messages API will do: set the repository variable `ANTHROPIC_BASE_URL` (without",
            "`/v1`), the secret `ANTHROPIC_API_KEY` to its key, and in your profile the names of its models:",
            "",
            "    models: {score: NAME, analyze: NAME}",
            "",
            "Endpoints ignore in silence what they do not know, so how each is asked for JSON is chosen by its host, and",
            "printed at the start of a run:",
            "",
            *rows,
            "| any other, and loopback | the JSON schema written into the prompt | left to the model | 4 |",
            "",
            "`[claude] structured` and `thinking` in `digest.toml` (or `DIGEST_CLAUDE__STRUCTURED`, `DIGEST_CLAUDE__THINKING`)",
            'overrule the table. A model without a line under `[prices]` costs "unknown", and no budget can stop it; give it',
            f"one. On {renamed} a name that begins with `claude-` stands for a model of the host's own, at its own price.",
            "",
            "All of this was tested against a stand-in on loopback that plays each kind of endpoint, and against no real one.",
            "The rows follow the companies' documentation and reports of users; expect one or another to have changed.",
            "",
        ]
    )


PAGES = {"docs/settings.md": settings, "docs/endpoints.md": endpoints}
assert set(NOTES) >= {way.structured for way in KNOWN}


def main() -> None:
    for path, make in PAGES.items():
        (ROOT / path).write_text(make())


if __name__ == "__main__":
    main()
