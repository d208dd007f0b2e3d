"""What is handed to the publishing job: tampered reports, odd files, hostile titles, in artifacts and logs."""

from __future__ import annotations

import json
import shutil
from html.parser import HTMLParser

from tests.report import github
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


def handed_over(world: World, change: str, artifact: str = "reports-0", to: str = "publish") -> None:
    """Run a shell line in an artifact, before this job takes it over."""
    store = world.artifacts / "1" / artifact
    world.env |= {"ACT_STORE": str(store), "ACT_TAMPER": change, "ACT_TAMPER_JOB": to}


def tampering(how: str) -> str:
    """The shell line that changes the report of cv."""
    return f'"$ACT_PYTHON" "$ACT_STAND_INS/tampering.py" {how}'


REFUSED = {
    "other date": "another date",
    "other profile": "another profile",
    "other schema": "schema_version",
    "another field": "Extra inputs",
    "another repository's run": "none of this repository",
    "a language that is none": "language",
    "a time to come": "to come",
    "empty": "bytes",
    "not UTF-8": "not JSON",
    "not JSON": "not JSON",
    "deep": "not JSON",
    "huge": "bytes",
    "long words": "characters",
    "foreign link": "evil.example",
    "javascript": "a link",
    "link with a user": "a link",
    "a paper twice": "twice",
    "a score past the scale": "score",
}

for _how, _says in REFUSED.items():

    def _tampered(world: World, how: str = _how, says: str = _says) -> None:
        handed_over(world, tampering(f'"{how}"'))
        run = world.run()
        expect.unpublished(world, run, says=says, job="publish")
        assert "What to do" in run.errors[0]
        assert world.files() == {}

    case(name=f"tampered: {_how}")(_tampered)


def structure(page: str) -> list[tuple[str, str, str]]:
    """The tags of a page as GitHub shows it, in their order, with where they lead and what they are called."""
    found: list[tuple[str, str, str]] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            given = dict(attrs)
            if tag != "span":  # breaks up what would be a mention or an address; it is not seen
                found.append((tag, given.get("href") or given.get("src") or "", given.get("id") or ""))

    Reader().feed(github.render(page))
    return found


@case()
def tampered_words(world: World) -> None:
    """Whatever the texts of a report say, the page has the tags and the links that it has with plain words."""
    files = []
    for name, words in {"plain": "plain words", "hostile": " ".join(HOSTILE)}.items():
        here = World(world.folder / name, changed=world.changed)
        (here.folder / "words.txt").write_text(words)
        handed_over(here, tampering(f'words "{here.folder}/words.txt"'))
        run = here.run()
        expect.published(here, run)
        assert expect.ours(here) == ["digest(cv): 2026-01-30, 2 of 60"]
        assert "taken over" not in "".join(run.errors)
        files.append(here.files())
    plain, hostile = files
    page = f"reports/cv/2026/01/{TODAY}.md"
    assert plain.keys() == hostile.keys()
    assert len(structure(plain[page].decode())) > 100
    assert structure(plain[page].decode()) == structure(hostile[page].decode())


@case()
def extra_files(world: World) -> None:
    """Files that nobody asked for are left alone, and said to be there: a page, other dates and profiles, a workflow."""
    handed_over(
        world,
        "mkdir -p .github/workflows other/2026/01 cv/2025/01; echo x > .github/workflows/evil.yml;"
        " echo x > README.md; cp cv/2026/01/2026-01-30.json other/2026/01/; echo x > cv/2025/01/2025-01-01.json;"
        " cp cv/2026/01/2026-01-30.json cv/2026/01/2026-01-29.json; echo '<script>' > cv/2026/01/2026-01-30.md;"
        " echo x > cv/2026/01/analyzed.json; echo x > cv/feed.xml; echo x > cv/2026/01/README.md",
    )
    run = world.run()
    expect.published(world, run, warnings=1)
    assert "9 other files were handed over and left alone" in run.warnings[0]
    assert set(expect.reports(world)) == {("cv", TODAY)}
    expect.same_as_stand_in(world, "cv", TODAY)
    plain = World(world.folder / "plain")
    plain.run()
    assert world.files() == plain.files()


ODD_NAMES = (
    "mkdir -p 'cv/2026/..01' 'cv/2026/01 ' 'CV/2026/01' './-rf'; for name in 'cv/2026/..01/2026-01-30.json'"
    " 'cv/2026/01 /2026-01-30.json' 'CV/2026/01/2026-01-30.json' 'cv/2026/01/2026-01-30.json ' '-rf/*'"
    " $'cv/2026/01/2026-01-30.json\\n::error::x' 'cv/2026/01/2026-01-30.JSON' '..\\..\\evil'; do echo x > \"./$name\"; done;"
    " echo x > ../evil.json"
)


@case()
def odd_names(world: World) -> None:
    """Names with dots, blanks, a new line, wildcards or capitals are no report's; a file beside the folder stays there."""
    handed_over(world, ODD_NAMES)
    run = world.run()
    expect.published(world, run, warnings=1)
    assert "8 other files" in run.warnings[0]
    expect.same_as_stand_in(world, "cv", TODAY)


@case()
def report_in_two_artifacts(world: World) -> None:
    """A second artifact with a report of the same name: one of both is published, whole, or none; both are plain text."""
    store = world.artifacts / "1"
    handed_over(
        world, f"cp -r {store}/reports-0 {store}/reports-9; cd ../reports-9; {tampering('javascript')}"
    )
    run = world.run()
    expect.unpublished(world, run, says="a link", job="publish")


@case()
def link_for_a_report(world: World) -> None:
    """A report that is a link, to a file that exists, is refused."""
    handed_over(world, "mv cv/2026/01/2026-01-30.json data && ln -s ../../../data cv/2026/01/2026-01-30.json")
    run = world.run()
    assert len(run.warnings) == 1
    expect.unpublished(world, run, says="regular file", job="publish")


@case()
def link_for_a_folder(world: World) -> None:
    """A month that is a link to elsewhere is not entered."""
    handed_over(world, "mv cv/2026/01 month && ln -s ../../month cv/2026/01")
    expect.unpublished(world, world.run(), says="no report", job="publish")


@case()
def folder_for_a_report(world: World) -> None:
    """A folder with a report's name is none."""
    handed_over(world, "rm cv/2026/01/2026-01-30.json && mkdir cv/2026/01/2026-01-30.json")
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
def a_large_day(world: World) -> None:
    """3,000 candidates with long titles are published: the data has them all, the page as many as can be shown."""
    world.script |= {"papers": 3000, "titles": ["word " * 60] * 3000}
    expect.published(world, world.run())
    assert expect.ours(world) == ["digest(cv): 2026-01-30, 2 of 3000"]
    assert len(world.show(f"reports/cv/2026/01/{TODAY}.md")) < 512_000


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
