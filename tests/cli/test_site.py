"""`digest site`, as a person runs it."""

from __future__ import annotations

import json
from pathlib import Path

from tests.archive.site import made
from tests.cli.test_app import digest


def test_it_writes_the_site_and_says_how_much(project: Path) -> None:
    made.reports(Path("reports"))
    told = json.loads(digest("site", "--out", "public", "--json").stdout)
    files = [path for path in Path("public").rglob("*") if path.is_file()]
    assert told == {
        "out": "public",
        "pages": len([path for path in files if path.suffix == ".html"]),
        "files": len(files),
        "bytes": sum(path.stat().st_size for path in files),
    }
    assert digest("site", "--out", "public").stdout.startswith(f"public: {told['pages']} pages, ")


def test_only_the_profiles_that_are_asked_for(project: Path) -> None:
    made.reports(Path("reports"), ["alpha", "beta"])
    digest("site", "--out", "public", "--profile", "beta")
    assert Path("public/beta/index.html").is_file()
    assert not Path("public/alpha").exists()


def test_wrong_input_ends_with_the_remedy(project: Path) -> None:
    made.reports(Path("reports"), ["alpha"])
    refused = digest("site", "--out", "prompts", code=2)
    assert "prompts: is not empty, and is no earlier site" in refused.stderr
    assert "hint: give a folder" in refused.stderr
    nobody = digest("site", "--out", "public", "--profile", "nobody", code=2)
    assert "nobody: there is no report" in nobody.stderr
    assert "hint: Try: --out public" in digest("site", code=2).stderr
    assert not Path("public").exists()
