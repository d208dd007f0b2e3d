"""What is handed to the publishing job: tampered reports, odd files, hostile titles, in artifacts and logs."""

from __future__ import annotations

import json
import shutil

from tests.workflow import expect
from tests.workflow.harness import KEY, TODAY, World
from tests.workflow.registry import case

HOSTILE = (
    "$(touch pwned) `touch pwned` ; touch pwned",
    "'; touch pwned; '\" && touch pwned",
    "::stop-commands::x",
    "##[add-mask]2026 ##[error]x",
    "a title\n::error::taken over\n::set-output name=due::false",
    "${{ secrets.ANTHROPIC_API_KEY }} ${{ github.token }}",
    "<script>alert(1)</script> <img src=x onerror=alert(1)> <!-- -->",
    "[x](javascript:alert(1)) ![x](https://evil.example/x.png)",
    "@octocat fixes #1, GH-1",
    '</summary></details><details markdown="1">',
    "{{ site.secret }} {% include x %} $x$ :rocket:",
    "https://evil.example www.evil.example a@evil.example",
    "abc\u202edef\u200b\ufeff\x1b[31m\x00",
)


@case()
def hostile_titles(world: World) -> None:
    """Published as text; no command is obeyed, nothing of them is in a log line, an output or a commit message."""
    world.script["titles"] = HOSTILE
    run = world.run()
    expect.published(world, run)
    expect.same_as_stand_in(world, "cv", TODAY, titles=HOSTILE)
    assert not list(world.folder.rglob("pwned"))
    assert expect.ours(world) == ["digest(cv): 2026-01-30, 2 of 60"]
    for word in ("taken over", "octocat", "evil.example"):
        assert word not in run.raw, word
        assert word not in json.dumps(run.outputs)
    page = world.show(f"reports/cv/2026/01/{TODAY}.md").decode()
    assert "<script" not in page
    assert "](javascript" not in page


def handed_over(world: World, change: str) -> None:
    """Run a shell line in the artifact of the reports, before publish takes it over."""
    store = world.artifacts / "1" / "reports-0"
    world.env["ACT_STORE"] = str(store)
    world.env["ACT_TAMPER"] = change


REFUSED = {
    "script": "a tag",
    "comment": "a tag",
    "image": "an image",
    "foreign link": "evil.example",
    "javascript": "link",
    "relative link": "link",
    "link title": "link",
    "mention": "a mention",
    "bidi": "invisible",
    "zero-width": "invisible",
    "unclosed": "never closed",
    "bare address": "a bare address",
    "huge": "bytes",
    "empty": "bytes",
    "not UTF-8": "UTF-8",
    "missing": "together",
    "no JSON": "not JSON",
    "other date": "its date",
    "other profile": "its profile",
    "other schema": "its schema_version",
    "script in data": "a link",
}

for _how, _says in REFUSED.items():

    def _tampered(world: World, how: str = _how, says: str = _says) -> None:
        handed_over(world, f'"$ACT_PYTHON" "$ACT_STAND_INS/tampering.py" "{how}"')
        run = world.run()
        expect.unpublished(world, run, says=says, job="publish")
        assert "What to do" in run.errors[0]
        assert world.files() == {}

    case(name=f"tampered: {_how}")(_tampered)


@case()
def extra_files(world: World) -> None:
    """Files that nobody asked for are left alone, and said to be there."""
    handed_over(
        world,
        "mkdir -p .github/workflows other/2026/01 cv/2025/01; echo x > .github/workflows/evil.yml;"
        " echo x > README.md; echo x > other/2026/01/2026-01-30.md; echo x > cv/2025/01/2025-01-01.md;"
        " cp cv/2026/01/2026-01-30.json cv/2026/01/2026-01-29.json",
    )
    run = world.run()
    expect.published(world, run, warnings=1)
    assert "left alone" in run.warnings[0]
    assert set(expect.reports(world)) == {("cv", TODAY)}
    assert not any("evil" in name or "2025" in name for name in world.files())


@case()
def path_traversal(world: World) -> None:
    """A file beside the folder stays where it is; a name with dots is no report."""
    handed_over(
        world, "mkdir -p 'cv/2026/..01' && echo x > 'cv/2026/..01/2026-01-30.md' && echo x > ../evil.md"
    )
    run = world.run()
    expect.published(world, run, warnings=1)
    assert set(expect.reports(world)) == {("cv", TODAY)}


@case()
def link_for_a_report(world: World) -> None:
    """A page that is a link, to a file that exists, is refused."""
    handed_over(world, "mv cv/2026/01/2026-01-30.md page && ln -s ../../../page cv/2026/01/2026-01-30.md")
    expect.unpublished(world, world.run(), says="regular file", job="publish")


@case()
def link_for_a_folder(world: World) -> None:
    """A month that is a link to elsewhere is not entered."""
    handed_over(world, "mv cv/2026/01 month && ln -s ../../month cv/2026/01")
    expect.unpublished(world, world.run(), says="no report", job="publish")


@case()
def nothing_handed_over(world: World) -> None:
    """An empty artifact: red, since the fetch job had said that there is something new."""
    handed_over(world, "rm -r cv; echo x > x")
    expect.unpublished(world, world.run(), says="no report", job="publish")


@case()
def one_of_two_handed_over(world: World) -> None:
    """The one that is there is published; the run is red for the other."""
    world.script["active"] = ["cv", "nlp"]
    handed_over(world, "rm -r nlp")
    run = world.run()
    expect.unpublished(world, run, says="nlp", job="publish", commits=1)
    assert set(expect.reports(world)) == {("cv", TODAY)}


@case()
def artifact_gone(world: World) -> None:
    """The artifact of the scores has expired: red, and the missing artifact named."""
    world.script["faults"] = {"analyze": "crash"}
    first = world.run()
    shutil.rmtree(world.artifacts / "1" / "texts")
    world.script["faults"] = {}
    run = world.run(again=first)
    expect.unpublished(world, run, says="texts", job="analyze")


@case()
def most_that_fits(world: World) -> None:
    """1,000 candidates on one page are published."""
    world.script["papers"] = 1000
    expect.published(world, world.run())
    assert expect.ours(world) == ["digest(cv): 2026-01-30, 2 of 1000"]


@case()
def page_over_the_limit(world: World) -> None:
    """A page that GitHub would cut is not published."""
    world.script |= {"papers": 3000, "titles": ["word " * 60] * 3000}
    expect.unpublished(world, world.run(), says="bytes", job="publish")


@case()
def key_in_the_report(world: World) -> None:
    """The test of the test: a key that a stage writes into its artifact is found by `leaks`."""
    world.script["titles"] = [f"leaked {KEY}"]
    run = world.run()
    assert set(expect.leaks(world, [run])) >= {f"reports/cv/2026/01/{TODAY}.md"}


def reports_as_by_someone(world: World, dates: list[str]) -> None:
    """Commit reports of other days."""
    for date in dates:
        world.commit(world.report_files("cv", date, judged=stand_in_size(date)))


def stand_in_size(date: str) -> int:
    """Another number of papers each day."""
    return 10 + int(date[-2:])


@case()
def many_days(world: World) -> None:
    """Every old row survives a new report, over months and years."""
    dates = ["2024-12-31", "2025-06-15", "2025-12-31", "2026-01-01", "2026-01-29"]
    reports_as_by_someone(world, dates)
    expect.published(world, world.run())
    assert {date for _, date in expect.reports(world)} == {*dates, TODAY}
    feed = world.show("reports/cv/feed.xml").decode()
    assert all(date in feed for date in [*dates, TODAY])
