#!/usr/bin/env bash
# One step of digest.yml: `install`, a stage of the pipeline, or `publish`.
#
# The inputs of the run come as environment, IN_DATE and so on, and become options here, so that no input is
# ever part of a script. Whatever goes wrong, the run's page gets one error that says what to do: a stage
# writes its own; for one that could not (killed, out of memory, refused options) it is written here.
#
# A profile that fails costs no other one anything: a stage names those who go on, in its output `made`, and passes
# if there are any. Later stages leave the others out; the run is red in the end, since `publish` misses their reports.
set -uo pipefail

stage="$1"
# Which inputs a stage takes: `digest STAGE --help` lists them, and refuses any other.
case "$stage" in
plan) takes='from papers force' ;;
fetch) takes='work from papers force' ;;
score) takes='work engine picks threshold' ;;
texts) takes='work' ;;
analyze) takes='work engine' ;;
render) takes='work engine from papers force' ;;
*) takes='work engine from papers picks threshold force' ;;
esac
options=(--date="${DATE:-${IN_DATE:-}}")
for name in $takes; do
  variable="IN_${name^^}"
  case "$name" in
  work) options+=(--work=work) ;;
  force) if [ -n "${IN_FORCE:-}" ]; then options+=(--force); fi ;;
  *) if [ -n "${!variable:-}" ]; then options+=("--$name=${!variable}"); fi ;;
  esac
done

# Which artifact of a profile this stage reads. Of all of DIGEST_PROFILES, only those who have it take part.
case "$stage" in
score) reads=fetched ;;
texts) reads=scored ;;
analyze) reads=texts ;; # without them the program would open strangers' files, beside the key
render) reads=analyzed ;;
*) reads='' ;;
esac
if [ "${IN_FROM:-}" = render ]; then reads=''; fi # there it is the committed report
if [ -n "$reads" ]; then
  here=()
  for profile in ${DIGEST_PROFILES//,/ }; do
    if [ -f "work/$profile/$DATE/$reads.json" ]; then here+=("$profile"); fi
  done
  if [ "${#here[@]}" -eq 0 ]; then
    echo "Nobody here has anything for $stage: an earlier job says why."
    exit 0
  fi
  DIGEST_PROFILES="$(IFS=,; echo "${here[*]}")"
fi

if [ "$stage" = publish ] && [[ "$ANALYZE" = failure || "$ANALYZE" = cancelled ]] &&
  [ -z "$(ls -A "$RUNNER_TEMP/reports" 2>/dev/null)" ]; then
  echo "Nothing was handed over: the job Analyze says why."
  exit 0
fi

run() {
  case "$stage" in
  install)
    # Hashes are asked for each package and what it needs: nothing else can come in.
    python3 -m venv .venv &&
      .venv/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
    ;;
  publish)
    # Standard library only: this job can write to the repository.
    python3 -m pipeline.publish --from="$RUNNER_TEMP/reports" --branch="$GITHUB_REF_NAME" \
      --date="$DATE" --profiles="$PROFILES" ${IN_FORCE:+--force}
    ;;
  dry-run) .venv/bin/python -m pipeline run --dry-run "${options[@]}" ;;
  *) .venv/bin/python -m pipeline "$stage" "${options[@]}" ;;
  esac
}

log="$RUNNER_TEMP/$stage.log"
run 2>&1 | tee "$log"
code="${PIPESTATUS[0]}"
case "$stage" in
fetch | score | texts | analyze | render)
  made="$(sed -n '/^made<</{n;p}' "$GITHUB_OUTPUT")" # one line, between two that hold the same word
  if [ "$code" -eq 1 ] && [ -n "$made" ]; then code=0; fi
  ;;
esac
if [ "$code" -ne 0 ] && ! grep -q '^::error' "$log"; then
  case "$code" in
  2) todo='an input or a setting is wrong; the log above names it. Correct it and run again' ;;
  *) todo='read the end of its log, then use "Re-run failed jobs": what the jobs before it made is kept for 14 days, the texts of the papers for one day; after that, start a new run' ;;
  esac
  echo "::error title=Not published::$stage ended with exit code $code. What to do: $todo"
fi
exit "$code"
