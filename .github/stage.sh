#!/usr/bin/env bash
# One step of digest.yml: `install`, a stage of the pipeline, or `publish`.
#
# The inputs of the run come as environment, IN_DATE and so on, and become options here, so that no input is
# ever part of a script. Whatever goes wrong, the run's page gets one error that says what to do: a stage
# writes its own; for one that could not (killed, out of memory, refused options) it is written here.
set -uo pipefail

stage="$1"
options=(--date="${DATE:-${IN_DATE:-}}")
for name in from papers picks threshold engine; do
  variable="IN_${name^^}"
  if [ -n "${!variable:-}" ]; then options+=("--$name=${!variable}"); fi
done
if [ -n "${IN_FORCE:-}" ]; then options+=(--force); fi

run() {
  case "$stage" in
  install)
    # Hashes are asked for each package and what it needs: nothing else can come in.
    python3 -m venv .venv &&
      .venv/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
    ;;
  publish)
    # Standard library only: this job can write to the repository.
    python3 -m pipeline.writing.publish --from="$RUNNER_TEMP/reports" --branch="$GITHUB_REF_NAME" \
      --date="$DATE" --profiles="$PROFILES" ${IN_FORCE:+--force}
    ;;
  dry-run) .venv/bin/python -m pipeline run --dry-run --work=work "${options[@]}" ;;
  *) .venv/bin/python -m pipeline "$stage" --work=work "${options[@]}" ;;
  esac
}

log="$RUNNER_TEMP/$stage.log"
run 2>&1 | tee "$log"
code="${PIPESTATUS[0]}"
if [ "$code" -ne 0 ] && ! grep -q '^::error' "$log"; then
  case "$code" in
  2) todo='an input or a setting is wrong; the log above names it. Correct it and run again' ;;
  *) todo='read the end of its log, then use "Re-run failed jobs": what the jobs before it made is kept' ;;
  esac
  echo "::error title=Not published::$stage ended with exit code $code. What to do: $todo"
fi
exit "$code"
