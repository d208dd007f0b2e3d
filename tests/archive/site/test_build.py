"""The folder that `digest site` writes: what is in it, what it replaces, and that its pages hold together."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser as Parser

from pipeline.archive.site import build
from pipeline.core.errors import DigestError, InputError
from pipeline.report import page as markdown
from tests.archive.folders import tree
from tests.archive.site import made
from tests.report import days

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'"
)


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    build.site(made.reports(folder / "reports"), folder / "out")
    return folder / "out"


def pages(out: Path) -> dict[Path, Parser]:
    return {path: Parser(path.read_text("utf-8")) for path in sorted(out.rglob("*.html"))}


def test_there_is_a_page_for_every_day_and_month(out: Path) -> None:
    for profile in made.PROFILES:
        days = [f"{date:%Y/%m}/{date}.html" for date in made.DATES.values()]
        months = ["2025/12/index.html", "2026/01/index.html"]
        found = {path.relative_to(out / profile).as_posix() for path in (out / profile).rglob("*.html")}
        assert found == {"index.html", "search.html", *days, *months}
    assert (out / ".nojekyll").read_bytes() == b""


def test_all_links_and_files_lead_somewhere(out: Path) -> None:
    ids = {path: {node.attributes["id"] for node in page.css("[id]")} for path, page in pages(out).items()}
    count = 0
    for path, page in pages(out).items():
        named = [(node, "href") for node in page.css("[href]")] + [
            (node, "src") for node in page.css("[src]")
        ]
        for node, attribute in named:
            address = node.attributes[attribute] or ""
            if address.startswith("https://"):
                continue
            file, _, anchor = address.partition("#")
            target = (path.parent / file).resolve() if file else path
            assert target.is_file(), (path, address)
            assert not anchor or anchor in ids[target], (path, address)
            count += 1
    assert count > 300


def test_every_page_is_built_alike_and_holds_no_script_or_style(out: Path) -> None:
    for path, page in pages(out).items():
        root = made.one(page, "html")
        profile = path.relative_to(out).parts[0]
        assert root.attributes["lang"] == made.PROFILES.get(profile, "en"), path
        policy = made.one(page, "meta[http-equiv]")
        assert policy.attributes["content"] == POLICY
        first = [node.tag for node in page.css("head > *")][:3]
        assert first == ["meta", "meta", "meta"]  # before anything that the policy is about
        assert len(page.css("h1")) == len(page.css("main")) == len(page.css("body > header")) == 1
        assert made.one(page, "a.skip").attributes["href"] == "#main"
        assert made.one(page, "title").text().strip()
        ids = [node.attributes["id"] for node in page.css("[id]")]
        assert len(ids) == len(set(ids)), path
        assert not page.css("style, [style], iframe, object, embed, base, svg style")
        for script in page.css("script"):
            assert script.attributes["src"]
            assert not script.text()
        attributes = {name for node in page.css("*") for name in node.attributes}
        assert not [name for name in attributes if name.startswith("on")]


def test_a_claim_opens_to_the_sentences_it_rests_on(out: Path) -> None:
    raw = json.loads((out.parent / "reports/alpha/2025/12/2025-12-05.json").read_bytes())
    page = Parser((out / "alpha/2025/12/2025-12-05.html").read_text("utf-8"))
    told = {
        re.sub(r"\s+", " ", made.one(claim, "summary").text().split("  ")[0]): [
            (made.one(quote, "q").text(), made.one(quote, "a").attributes["href"])
            for quote in claim.css("blockquote")
        ]
        for claim in page.css("article ol details")
    }
    claims = [c for pick in raw["picks"] for section in pick["sections"] for c in section["claims"]]
    cited = [claim for claim in claims if claim["evidence"]]
    assert len(cited) > 10
    for claim in cited:
        quotes = next(quotes for text, quotes in told.items() if text.startswith(claim["text"]))
        assert [url for _, url in quotes] == [e["url"] for e in claim["evidence"]], claim["text"]
        for (text, _), evidence in zip(quotes, claim["evidence"], strict=True):
            assert text == f"“{evidence['quote']}”" or "$" in evidence["quote"]  # a formula becomes text


def test_all_candidates_are_on_the_page_with_an_anchor(out: Path) -> None:
    for profile in made.PROFILES:
        for path in sorted((out.parent / "reports" / profile).rglob("*.json")):
            raw = json.loads(path.read_bytes())
            page = Parser((out / path.relative_to(out.parent / "reports").with_suffix(".html")).read_text())
            for candidate in raw["candidates"]:
                block = page.css_first("#arxiv-" + candidate["id"].replace(".", "-"))
                assert block is not None, (path, candidate["id"])
                assert candidate["title"] in block.text(), (path, candidate["id"])


def test_links_to_vote_are_those_of_the_markdown_page(tmp_path: Path) -> None:
    digest = days.full("en").model_copy(update={"profile": "alpha", "vote_links": True})
    out = made.rebuilt(tmp_path, digest)
    text = (out / "alpha/2026/01/2026-01-30.html").read_text("utf-8")
    links = [node.attributes["href"] or "" for node in Parser(text).css("a")]
    votes = [address for address in links if "/issues/new" in address]
    written = [
        html.unescape(address) for address in re.findall(r"\]\((\S+/issues/new\S+)\)", markdown.page(digest))
    ]
    assert len(votes) == len(set(votes)) == len(written) == 10  # two picks, three more papers that passed
    assert sorted(votes) == sorted(written)
    assert text.count("&amp;template=BLANK_ISSUE") == len(votes)


def test_papers_whose_ids_make_the_same_anchor_leave_it_to_the_first(tmp_path: Path) -> None:
    digest = days.quiet("en").model_copy(update={"profile": "alpha"})
    first, second, *rest = digest.candidates
    alike = second.model_copy(update={"id": first.id.replace(".", "-")})
    out = made.rebuilt(tmp_path, digest.model_copy(update={"candidates": (first, alike, *rest)}))
    page = Parser((out / "alpha/2026/01/2026-01-30.html").read_text("utf-8"))
    ids = [node.attributes["id"] for node in page.css("[id]")]
    assert len(ids) == len(set(ids))
    assert len(page.css(".rows li")) == len(digest.candidates)


def test_the_same_reports_give_the_same_bytes(out: Path, tmp_path: Path) -> None:
    build.site(out.parent / "reports", tmp_path / "again")
    assert tree(tmp_path / "again") == tree(out)


def test_only_a_new_an_empty_or_an_earlier_site_is_written(tmp_path: Path) -> None:
    reports = made.reports(tmp_path / "reports", ["alpha"])
    build.site(reports, tmp_path / "deep/new")
    (tmp_path / "empty").mkdir()
    build.site(reports, tmp_path / "empty")
    (tmp_path / "empty/left over").write_text("from an earlier version")
    build.site(reports, tmp_path / "empty")
    assert tree(tmp_path / "empty") == tree(tmp_path / "deep/new")
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["deep", "empty", "reports"]

    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/thesis.tex").write_text("years of work")
    (tmp_path / "file").write_text("x")
    for folder in ("mine", "file", "reports", "reports/site"):
        before = tree(tmp_path)
        with pytest.raises(InputError) as raised:
            build.site(reports, tmp_path / folder)
        assert raised.value.hint
        assert tree(tmp_path) == before


def test_a_damaged_report_leaves_the_earlier_site(tmp_path: Path) -> None:
    reports = made.reports(tmp_path / "reports", ["alpha"])
    build.site(reports, tmp_path / "out")
    before = tree(tmp_path / "out")
    path = reports / "alpha/2026/01/2026-01-08.json"
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(DigestError) as raised:
        build.site(reports, tmp_path / "out")
    assert raised.value.path == str(path)
    assert "git checkout" in raised.value.hint
    assert tree(tmp_path / "out") == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "reports"]


def test_no_report_is_no_site(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        build.site(tmp_path / "reports", tmp_path / "out")
    reports = made.reports(tmp_path / "reports", ["alpha"])
    with pytest.raises(InputError, match="beta"):
        build.site(reports, tmp_path / "out", ["alpha", "beta"])
    assert not (tmp_path / "out").exists()


def test_a_profile_cannot_have_the_name_of_a_folder_of_the_site(tmp_path: Path) -> None:
    reports = made.reports(tmp_path / "reports", ["alpha"])
    (reports / "alpha").rename(reports / "data")
    with pytest.raises(InputError, match="data"):
        build.site(reports, tmp_path / "out")
