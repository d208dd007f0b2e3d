"""What has to hold after a run of the workflow, whatever happened in it.

Each function raises AssertionError with the run's log at hand. Counts are of the origin's own history, not of
what a program says about itself.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence

from pipeline.core.artifacts import Digest
from pipeline.core.store import dumps
from tests.workflow import stand_in
from tests.workflow.harness import KEY, TODAY, TOKEN, World
from tests.workflow.log import Run

DATED = 6  # reports/<profile>/YYYY/MM/<date>.<md or json> has five slashes below the root


def shapes(secret: str) -> list[bytes]:
    """A secret as it is, backwards, and as base64 from any of three offsets."""
    coded = [base64.b64encode(b"x" * skip + secret.encode())[4:-4] for skip in range(3)]
    return [secret.encode(), secret[::-1].encode(), *coded]


def leaks(world: World, runs: Sequence[Run]) -> list[str]:
    """Every place where a planted secret stands: logs, artifacts, calls of gh, the repository."""
    places = {f"log {number}": run.raw.encode() for number, run in enumerate(runs)}
    places |= {str(path): path.read_bytes() for path in world.artifacts.rglob("*") if path.is_file()}
    places |= {"gh": "\n".join(world.told()).encode(), "trace": world.trace.read_bytes()}
    places |= world.files()
    secrets = [shape for secret in (KEY, TOKEN, *addresses(world)) for shape in shapes(secret)]
    return [name for name, data in places.items() if any(secret in data for secret in secrets)]


def addresses(world: World) -> list[str]:
    """What is secret of the addresses in DIGEST_NOTIFY."""
    return [address.rpartition("://")[2] for address in world.secrets.get("DIGEST_NOTIFY", "").split()]


def ours(world: World) -> list[str]:
    """Subjects of the commits that the workflow made."""
    return [subject for subject in world.log() if subject.startswith("digest")]


def reports(world: World) -> dict[tuple[str, str], bytes]:
    """(profile, date) → JSON, of every report on the branch."""
    found = {}
    for name, data in world.files().items():
        parts = name.split("/")
        if len(parts) == DATED - 1 and name.endswith(".json") and parts[4] != "index.json":
            found[parts[1], parts[4].removesuffix(".json")] = data
    return found


def whole(world: World) -> None:
    """Nothing is partial: pages and JSON come in pairs, every report has its row, git finds nothing wrong."""
    files = world.files()
    for profile, date in reports(world):
        stem = f"reports/{profile}/{date[:4]}/{date[5:7]}/{date}"
        assert f"{stem}.md" in files, f"{stem}.json is without its page"
        digest = json.loads(files[f"{stem}.json"])
        assert (digest["profile"], digest["date"]) == (profile, date)
    for name in files:
        if name.endswith(".md") and not name.endswith("README.md"):
            assert name.removesuffix(".md") + ".json" in files, f"{name} is without its JSON"
    for profile in {profile for profile, _ in reports(world)}:
        if any(profile in subject or "profiles" in subject for subject in ours(world)):
            assert f"reports/{profile}/index.json" in files, "there is no index"
            rows = [row["date"] for row in json.loads(files[f"reports/{profile}/index.json"])["digests"]]
            dates = sorted((date for name, date in reports(world) if name == profile), reverse=True)
            assert rows == dates, f"the index has {rows}, the folder {dates}"
    assert world.sound()


def contained(world: World, *runs: Run) -> None:
    """No secret is anywhere; the key was in two steps and the token in one, and nothing was installed beside them."""
    assert not (found := leaks(world, runs)), f"a planted secret is in {found}"
    traced = [(secret, job, words.split()) for job, _, secret, words in world.traced() if secret]
    at_issues = {(job, words[1]) for secret, job, words in traced if secret == "issues"}
    assert at_issues <= {
        ("fetch", "pipeline.cli.votes"),
        ("tell", "pipeline.cli.standing_issue"),
        ("tell", "pipeline.cli.votes"),
    }, at_issues
    held = {(secret, job, words[2]) for secret, job, words in traced if secret != "issues"}
    assert held <= {
        ("key", "score", "score"),
        ("key", "analyze", "analyze"),
        ("token", "publish", "push"),
    } | {("addresses", "notify", f"--date={TODAY}")}, held


def harmless(world: World, *runs: Run, others: Sequence[str] = ()) -> None:
    """All that holds after any run: nobody's commit lost, nothing partial, nothing leaked."""
    for commit in (world.first, *others):
        assert world.contains(commit), "someone's commit is gone"
    whole(world)
    contained(world, *runs)


def published(
    world: World, run: Run, *, commits: int = 1, others: Sequence[str] = (), warnings: int = 0
) -> None:
    """Green, with so many commits of ours on the branch, and nothing to complain about."""
    assert run.green, (run.jobs, run.errors)
    assert run.errors == []
    assert len(run.warnings) == warnings, run.warnings
    assert len(ours(world)) == commits, world.log()
    harmless(world, run, others=others)


def unpublished(
    world: World, run: Run, *, says: str, job: str, commits: int = 0, others: Sequence[str] = ()
) -> None:
    """Red in that job, exactly one error, which says what is wrong or what to do; and no commit of ours more."""
    assert not run.green
    assert run.jobs[job] == "failure", run.jobs
    assert len(run.errors) == 1, run.errors
    assert says in run.errors[0], run.errors[0]
    assert len(ours(world)) == commits, world.log()
    assert "Not published" in run.summary or "Paused" in run.summary
    harmless(world, run, others=others)


def same_as_stand_in(world: World, profile: str, date: str, **given: object) -> None:
    """The report on the branch is the one that the analyze job made, serialized anew."""
    digest = stand_in.report(profile, date, **given)  # type: ignore[arg-type]
    assert reports(world)[profile, date] == dumps(Digest.model_validate(digest))
