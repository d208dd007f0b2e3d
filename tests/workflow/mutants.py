"""Workflows and publishing programs that are broken on purpose, each with the case that has to notice it.

`python -m tests.workflow.mutants` plays them all; the exit code is the number of those that went unnoticed.
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.workflow.cases import CASES
from tests.workflow.harness import ROOT, World

DIGEST = ".github/workflows/digest.yml"
STAGE = ".github/stage.sh"
CHECK = ".github/workflows/check.yml"
SITE = ".github/workflows/site.yml"
MAIN = "pipeline/publish/__main__.py"
PUSH = "pipeline/publish/push.py"
GIT = "pipeline/publish/git.py"
HANDOVER = "pipeline/publish/handover.py"
TELLING = "pipeline/cli/standing_issue.py"
VALIDATE = "pipeline/publish/validate.py"
VOTING = "pipeline/cli/votes.py"
WHO_COUNTS = "pipeline/core/vote_issues.py"
VOTES = "pipeline/publish/votes.py"


@dataclass(frozen=True)
class Mutant:
    """One thing broken: in `file`, `old` becomes `new`. `case` has to fail; no case = the static checks have to."""

    name: str
    file: str
    old: str
    new: str
    case: str = ""

    def text(self) -> str:
        """The broken file."""
        whole = (ROOT / self.file).read_text("utf-8")
        assert self.old in whole, f"{self.name}: {self.file} has changed, mend the mutant"
        return whole.replace(self.old, self.new)


PLAYED = [
    Mutant("force push", PUSH, '"push", "--quiet",', '"push", "--quiet", "--force",', "race between fetch and push"),
    Mutant("no retry", PUSH, "MAX_ATTEMPTS = 6", "MAX_ATTEMPTS = 1", "race with another file, 1 times"),
    Mutant("no fetch before a try", PUSH, 'tip = self.repository("rev-parse", "FETCH_HEAD")', "tip = self.start", "race with another file, 1 times"),
    Mutant("no escaping", "pipeline/report/escape.py", "def escape(text: str) -> str:\n", "def escape(text: str) -> str:\n    return text\n", "tampered words"),
    Mutant("publishes the page that was handed over", PUSH, "_page(report), data_file", "Path(os.environ['RUNNER_TEMP'], 'reports', f'{report.stem}.md').read_bytes(), data_file", "extra files"),
    Mutant("no link check", VALIDATE, "if not allowed.permits(url):", "if False:", "tampered: foreign link"),
    Mutant("no check of the data", VALIDATE, 'if reason := next(_reasons(digest, expected), ""):', 'if reason := "":', "tampered: other date"),
    Mutant("no limit of size", VALIDATE, "MAX_BYTES = 10_000_000", "MAX_BYTES = 10_000_000_000", "tampered: huge"),
    Mutant("follows links", HANDOVER, "any(part.is_symlink() for part in (path, *path.parents[:3])) or not path.is_file()", "not path.is_file()", "link for a report"),
    Mutant("takes every file", HANDOVER, "for profile in sorted(profiles)}", "for profile in sorted(path.name for path in folder.iterdir())}", "extra files"),
    Mutant("commits when nothing changed", PUSH, "        if changed:\n            subject", '        if True:\n            tree("commit", "--quiet", "--allow-empty", "-m", "digest")\n        if changed:\n            subject', "rerun of a published run"),
    Mutant("writes over another's report", PUSH, "conflicts.check_unchanged(", "(lambda *_: None)(", "race with the same report"),
    Mutant("publishes what was judged since", PUSH, "conflicts.check_not_judged(", "(lambda *_: None)(", "a late rerun"),
    Mutant("does not make the indexes anew", PUSH, "*build.rebuild(reports, report.profile, report.date)", "*()", "race with another date"),
    Mutant("tries on against a branch rule", PUSH, "if BRANCH_RULE_ERROR.search(error):", "if False:", "protected branch"),
    Mutant("failure exits 0", MAIN, "return error.exit_code", "return 0", "server down"),
    Mutant("no word of what is pending", MAIN, "        if pending:\n", "        if False:\n", "published with pending"),
    Mutant("a missing report is fine", MAIN, "return 1 if received.refused or received.missing else 0", "return 1 if received.refused else 0", "nothing handed over"),
    Mutant("a missing report is not said", MAIN, "if received.missing:", "if False:", "one of two handed over"),
    Mutant("prints what the report says", MAIN, "        _print_summary(result, branch, self.environ)\n", "        print(result.published[0].digest.candidates[8].title)\n        _print_summary(result, branch, self.environ)\n", "hostile titles"),
    Mutant("pushes without the token", GIT, "    if not token:\n", "    if token:\n", "schedule"),
    Mutant("the token where reports are read", DIGEST, "        id: validate\n", "        id: validate\n        env:\n          PUSH_TOKEN: ${{ github.token }}\n", "schedule"),
    Mutant("takes whatever lies in an artifact", STAGE, "  take) for kind", '  take) mkdir -p work && cp -r "$RUNNER_TEMP/taken"/*/. work ;;\n  -) for kind', "planted in fetched for score"),
    Mutant("takes another stage's result from an artifact", DIGEST, "stage.sh take scored texts", "stage.sh take scored texts && cp -r $RUNNER_TEMP/taken/texts/. work", "planted in texts for analyze"),
    Mutant("takes a link", STAGE, '-type f -size "-$((MOST_MIB + 1))M")', '-size "-$((MOST_MIB + 1))M")', "fetched for score is a link"),
    Mutant("enters a linked folder", STAGE, 'file="$(find "$from"', 'file="$(find -L "$from"', "fetched for score is a linked folder"),
    Mutant("takes any size", STAGE, "MOST_MIB=64", "MOST_MIB=6400", "fetched for score is too large"),
    Mutant("silent about odd files", STAGE, '  if [ "$all" -ne "$taken" ]; then', "  if false; then", "planted in scored-0 for texts"),
    Mutant("silent where nothing is taken", STAGE, 'if [ "$taken" -eq 0 ] && [ "$all" -ne 0 ]; then', "if false; then", "fetched for score is a folder"),
    Mutant("runs any commit", STAGE, 'git merge-base --is-ancestor "$SHA" HEAD &&', 'git fetch --quiet "file://$ACT_ORIGIN" "$SHA" &&', "commit of a stranger"),
    Mutant("one red report keeps the others back", DIGEST, "!cancelled() && (steps.validate.outputs.valid != ''", "(steps.validate.outputs.valid != ''", "one of two is refused"),
    Mutant("input inside a script", DIGEST, "run: bash .github/stage.sh plan", "run: bash .github/stage.sh plan --date=${{ inputs.date }}", "bad input: a shell in the date"),
    Mutant("key error swallowed", DIGEST, "run: bash .github/stage.sh score", "run: bash .github/stage.sh score || true", "no key"),
    Mutant("key in an artifact", STAGE, "  *) .venv/bin/python", '  score) .venv/bin/python -m pipeline score --work=work "${options[@]}" && for f in work/*/*/scored.json; do env >> "$f"; done ;;\n  *) .venv/bin/python', "crash in texts"),
    Mutant("key in the log, backwards", STAGE, 'code="${PIPESTATUS[0]}"', 'code="${PIPESTATUS[0]}"; rev <<< "${ANTHROPIC_API_KEY:-}"', "schedule"),
    Mutant("key for the whole job", DIGEST, "      DIGEST_PROFILES: ${{ matrix.chunk.profiles }}\n", "      DIGEST_PROFILES: ${{ matrix.chunk.profiles }}\n      ANTHROPIC_API_KEY: ${{ secrets.ANTHROPIC_API_KEY }}\n", "schedule"),
    Mutant("publishes after a failure", DIGEST, "if: ${{ !cancelled() && (needs.analyze.result != 'skipped' || needs.fetch.result != 'skipped' && needs.fetch.outputs.new_votes != '') }}", "if: ${{ always() }}", "no key"),
    Mutant("a red chunk keeps the others back", DIGEST, "if: ${{ !cancelled() && (needs.analyze.result != 'skipped' || needs.fetch.result != 'skipped' && needs.fetch.outputs.new_votes != '') }}", "if: ${{ !cancelled() && needs.analyze.result == 'success' }}", "kill in one chunk of analyze"),
    Mutant("a red chunk of scores keeps the others back", DIGEST, "if: ${{ !cancelled() && needs.score.result != 'skipped' }}", "if: ${{ needs.score.result == 'success' }}", "kill in one chunk of score"),
    Mutant("one failed profile fails the stage", STAGE, 'if [ "$code" -eq 1 ] && [ -n "$made" ]; then code=0; fi', "true", "fetch fails for one profile"),
    Mutant("a failure is forgotten", DIGEST, "format('{0},{1}', needs.fetch.outputs.news, needs.fetch.outputs.failed)", "needs.fetch.outputs.news", "fetch fails for one profile"),
    Mutant("half a report is collected", DIGEST, "for profile in ${MADE//,/ }; do", "for profile in ${DIGEST_PROFILES//,/ }; do", "half a report over a whole one"),
    Mutant("analyzes without the texts", STAGE, "analyze) reads='scored texts' ;;", "analyze) reads=scored ;;", "texts fails for one profile"),
    Mutant("one refused report keeps the others back", HANDOVER, "            refused.append(error)\n", "            raise error from None\n", "one of two is refused"),
    Mutant("keeps the full texts", DIGEST, "mkdir -p out\n", "mkdir -p out; cp -r work out\n", "keeps the texts apart"),
    Mutant("no switch", DIGEST, "if: ${{ vars.DIGEST_PAUSED == '' || vars.DIGEST_PAUSED == 'false' }}\n", "if: ${{ true }}\n", "paused"),
    Mutant("starts from the trigger's commit", DIGEST, "          ref: ${{ github.ref }} # the branch's tip; the default is the commit of the trigger\n", "", "queued behind a commit"),
    Mutant("silent when killed", STAGE, '  echo "::error title=Not published', '  echo "title=Not published', "kill in score"),
    Mutant("exit code of the wrong program", STAGE, "PIPESTATUS[0]", "PIPESTATUS[1]", "crash in fetch"),
    Mutant("an issue every night", DIGEST, 'if [ -n "$number" ]; then gh issue comment "$number" --body "$body"', "if false; then true", "issue over three nights"),
    Mutant("a step more in the README", "README.md", "4. *Actions*", "4. Run `make lock`.\n5. *Actions*", "the readme has four steps"),
    Mutant("a step less in the Chinese README", "README.zh-CN.md", "2. 加一个 secret：`ANTHROPIC_API_KEY`；\n", "", "the readme has four steps"),
    Mutant("another secret in the README", "README.md", "2. Add the secret `ANTHROPIC_API_KEY`", "2. Add the secret `CLAUDE_KEY`", "the readme has four steps"),
    Mutant("no click by click", "docs/fork.md", "*Run workflow*. A few", "A few", "the readme has four steps"),
    Mutant("installs beyond the lock", STAGE, "-r requirements.lock\n", "-r requirements.lock another\n", "four steps"),
    Mutant("Check does not miss the key", CHECK, "&& 'no' ||", "&& 'yes' ||", "four steps"),
    Mutant("Check sleeps through an edit", CHECK, "paths: [prompts/**, digest.toml, ", "paths: [eval/**, ", "four steps"),
    Mutant("a program that cannot start, in the fork alone", "pipeline/__main__.py", "from pipeline.cli.app", "from pipeline.nothing", "four steps"),
    Mutant("publishes after a cancel", DIGEST, "if: ${{ !cancelled() && (needs.analyze.result", "if: ${{ always() && (needs.analyze.result"),
    Mutant("reads on after a cancel", DIGEST, "if: ${{ !cancelled() && needs.score.result", "if: ${{ (success() || failure() || cancelled()) && needs.score.result"),
    Mutant("credentials for everybody", DIGEST, "          persist-credentials: false\n", "          persist-credentials: true\n"),
    Mutant("a job that can write more", DIGEST, "contents: read # to check out the code\n    strategy", "contents: write\n    strategy"),
    Mutant("all rights", DIGEST, "permissions: {} # every job asks for what it needs", "permissions: write-all"),
    Mutant("a tag for a commit", DIGEST, "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1", "actions/checkout@v7"),
    Mutant("cancels the run before", DIGEST, "cancel-in-progress: false", "cancel-in-progress: true"),
    Mutant("drops waiting runs", DIGEST, "  queue: max", "  # queue: max"),
    Mutant("no time-out", DIGEST, "    timeout-minutes: 20\n", ""),
    Mutant("installs beside the token", DIGEST, "        run: bash .github/stage.sh push", "        run: pip install yaml && bash .github/stage.sh push"),
    Mutant("the token for all of a job", DIGEST, "      ANALYZE: ${{ needs.analyze.result }}\n      # Whose", "      ANALYZE: ${{ needs.analyze.result }}\n      PUSH_TOKEN: ${{ github.token }}\n      # Whose"),
    Mutant("the token in one step more", DIGEST, "        id: validate\n", "        id: validate\n        env:\n          PUSH_TOKEN: ${{ github.token }}\n"),
    Mutant("checks out the commit that a job names", DIGEST, "          ref: ${{ github.ref }}\n", "          ref: ${{ needs.fetch.outputs.sha }}\n"),
    Mutant("a download over the checkout", DIGEST, "          path: ${{ runner.temp }}/taken/texts\n", "          path: work\n"),
    Mutant("a job more", DIGEST, "  # Says what became", "  more:\n    runs-on: ubuntu-24.04\n    timeout-minutes: 5\n    permissions: {}\n    steps: [{run: 'true'}]\n\n  # Says what became"),
    Mutant("Check enters the environment on every branch", CHECK, "    environment: ${{ github.ref == format('refs/heads/{0}', github.event.repository.default_branch) && 'llm' || '' }}", "    environment: llm"),
    Mutant("key in one step more", DIGEST, "          VOTE_LINKS: ${{", "          KEY: ${{ secrets.ANTHROPIC_API_KEY }}\n          VOTE_LINKS: ${{"),
    Mutant("runs a stranger's code", DIGEST, "  workflow_dispatch:\n", "  pull_request_target:\n  workflow_dispatch:\n"),
    Mutant("tells a date twice", TELLING, "    if told is None:\n", "    if True:\n", "told once"),
    Mutant("tells on a stranger's issue", TELLING, "all(author.get(key) == value for key, value in BOT.items()) and ", "", "told beside a strangers issue"),
    Mutant("tells without being asked", "pipeline/publish/__main__.py", ".delivery.issue:\n", ".delivery is not None:\n", "not told unless asked"),
    Mutant("installs beside the token of issues", DIGEST, "        run: bash .github/stage.sh comment\n", "        run: pip install yaml && bash .github/stage.sh comment\n"),
    Mutant("the token in one more step of tell", DIGEST, "        id: install\n", "        id: install\n        env:\n          GH_TOKEN: ${{ github.token }}\n"),
    Mutant("addresses in one step more", DIGEST, "        run: bash .github/stage.sh install-notify\n", "        env:\n          DIGEST_NOTIFY: ${{ secrets.DIGEST_NOTIFY }}\n        run: bash .github/stage.sh install-notify\n"),
    Mutant("a channel that is down makes the night red", "pipeline/cli/notify.py", "        except Exception:", "        except ValueError:", "sent to whoever can be reached"),
    Mutant("counts a stranger's vote", WHO_COUNTS, "return issue.author_association in COUNTED or named", "return True", "voted today"),
    Mutant("votes of another run are lost", VOTES, "votes.merged(committed, rows)", "tuple(rows)", "two nights and a manual run at once"),
    Mutant("votes for a profile that is none", VOTES, 'if not all((repository / "prompts/profiles"', 'if all((repository / "prompts/profiles"', "artifact of votes is of a profile that is none"),
    Mutant("half an answer is a whole one", VOTING, "    except ValidationError as error:\n        raise", "    except ValidationError as error:\n        return kind.validate_json(b'[]')\n        raise", "votes while github is down"),
    Mutant("asks GitHub without being asked to", DIGEST, "if: ${{ steps.plan.outputs.votes == 'true' && !inputs.dry_run }}", "if: ${{ !inputs.dry_run }}"),
    Mutant("votes keep the night back", DIGEST, "        id: votes\n        continue-on-error: true\n", "        id: votes\n"),
    Mutant("the token of votes beside the feeds", DIGEST, "        id: fetch\n        env:\n", "        id: fetch\n        env:\n          GH_TOKEN: ${{ github.token }}\n"),
    Mutant("the job that reads votes may write issues", DIGEST, "issues: read # to read", "issues: write # to read"),
    Mutant("a site without being asked", SITE, "    if: ${{ vars.DIGEST_SITE == 'true' }}\n", "", "site by hand"),
    Mutant("a site of the commit of the trigger", SITE, "          ref: ${{ github.ref }} #", "          #", "site of what was pushed"),
    Mutant("a site only of a new date", DIGEST, "needs.publish.outputs.pushed &&", "needs.publish.outputs.added &&", "site of what was pushed"),
    Mutant("a site though nothing was pushed", DIGEST, "needs.publish.outputs.pushed &&", "true &&", "site of what was pushed"),
    Mutant("says that it has pushed what it has not", MAIN, 'result.commit or "")', 'result.commit or "nothing")', "site of what was pushed"),
    Mutant("a red profile keeps the site back", DIGEST, "if: ${{ !cancelled() && vars.DIGEST_SITE", "if: ${{ success() && vars.DIGEST_SITE", "site of the one that was published"),
    Mutant("tell waits for the site", DIGEST, "    needs: [fetch, score, texts, analyze, publish]\n", "    needs: [fetch, score, texts, analyze, publish, site]\n"),
    Mutant("a site that cannot be built is fine", STAGE, "  site) .venv/bin/python -m pipeline site --out=_site ;;", "  site) .venv/bin/python -m pipeline site --out=_site || mkdir -p _site ;;", "site that cannot be built"),
    Mutant("attempts share an artifact", SITE, "github-pages-${{ github.run_attempt }}", "github-pages", "site built in two attempts"),
    Mutant("deploys what this attempt has not built", SITE, "${{ needs.build.outputs.artifact }}", "github-pages-${{ github.run_attempt }}", "site without pages"),
    Mutant("every branch has the site", DIGEST, "(github.event_name == 'schedule' || github.ref_name == github.event.repository.default_branch)", "true", "no site of another branch"),
    Mutant("calls the site without being asked", DIGEST, "!cancelled() && vars.DIGEST_SITE == 'true' && ", "!cancelled() && "),
    Mutant("a site after a cancel", DIGEST, "if: ${{ !cancelled() && vars.DIGEST_SITE", "if: ${{ always() && vars.DIGEST_SITE"),
    Mutant("secrets for the site", DIGEST, "    uses: $/.github/workflows/site.yml\n", "    uses: $/.github/workflows/site.yml\n    secrets: inherit\n"),
    Mutant("the site may write", DIGEST, "      contents: read # to check out the code and the reports\n      pages", "      contents: write # to check out the code and the reports\n      pages"),
    Mutant("the right to deploy beside the program", SITE, "      contents: read # to check out the code and the reports\n", "      contents: read # to check out the code and the reports\n      pages: write\n"),
    Mutant("the program beside the right to deploy", SITE, "    steps:\n      - name: Deploy\n", "    steps:\n      - run: 'true'\n      - name: Deploy\n"),
    Mutant("a tag for the deployment", SITE, "actions/deploy-pages@cd2ce8fcbc39b97be8ca5fce6e763baed58fa128 # v5.0.0", "actions/deploy-pages@v5"),
    Mutant("deploys at every push", SITE, "  workflow_dispatch:\n", "  workflow_dispatch:\n  push:\n"),
    Mutant("cancels a deployment", SITE, "cancel-in-progress: false", "cancel-in-progress: true"),
    Mutant("second attempt meets its artifact", DIGEST, "          overwrite: true\n", ""),
]  # fmt: skip


def noticed(mutant: Mutant, folder: Path) -> bool:
    """Whether its case fails when it is played on the broken file, as it has to."""
    world = World(folder, changed={mutant.file: mutant.text()})
    try:
        CASES[mutant.case].play(world)
    except AssertionError:
        return True
    return False


def main(words: list[str]) -> int:
    """Play those that have a case, or those whose name holds a word."""
    played = [one for one in PLAYED if one.case and (not words or any(word in one.name for word in words))]
    unnoticed = []
    for one in played:
        with tempfile.TemporaryDirectory(prefix="mutant-") as folder:
            seen = noticed(one, Path(folder))
        print(f"{'noticed  ' if seen else 'UNNOTICED'}  {one.name} (by: {one.case})", flush=True)
        unnoticed += [] if seen else [one.name]
    print(f"{len(played) - len(unnoticed)} of {len(played)} noticed")
    return len(unnoticed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
