#!/usr/bin/env bash
# One step of digest.yml: `commit`, `install`, `install-notify`, `votes`, `take`, a stage of the pipeline, `validate`,
# `validate-votes`, `push`, `comment`, `close-votes` or `notify`; or of site.yml: `install` or `site`.
#
# The inputs of the run come as environment, IN_DATE and so on, and become options here, so that no input is
# ever part of a script. Whatever goes wrong, the run's page gets one error that says what to do: a stage
# writes its own; for one that could not (killed, out of memory, refused options) it is written here.
#
# A profile that fails costs no other one anything: a stage names those who go on, in its output `made`, and passes
# if there are any. Later stages leave the others out; the run is red in the end, since `validate` misses their reports.
set -uo pipefail

stage="$1"
shift
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

# Which artifacts of a profile this stage reads. Of all of DIGEST_PROFILES, only those who have them take part.
case "$stage" in
score) reads=fetched ;;
texts) reads=scored ;;
analyze) reads='scored texts' ;; # without texts the program would open strangers' files, beside the key
render) reads=analyzed ;;
*) reads='' ;;
esac
if [ "${IN_FROM:-}" = render ]; then reads=''; fi # there it is the committed report
if [ -n "$reads" ]; then
  here=()
  for profile in ${DIGEST_PROFILES//,/ }; do
    whole=yes
    for kind in $reads; do
      if [ ! -f "work/$profile/$DATE/$kind.json" ]; then whole=''; fi
    done
    if [ -n "$whole" ]; then here+=("$profile"); fi
  done
  if [ "${#here[@]}" -eq 0 ]; then
    echo "Nobody here has anything for $stage: an earlier job says why."
    exit 0
  fi
  DIGEST_PROFILES="$(IFS=,; echo "${here[*]}")"
fi

if [ "$stage" = validate ] && [[ "$ANALYZE" = failure || "$ANALYZE" = cancelled ]] &&
  [ -z "$(ls -A "$RUNNER_TEMP/reports" 2>/dev/null)" ]; then
  echo "Nothing was handed over: the job Analyze says why."
  exit 0
fi

MOST_MIB=64 # of one artifact; the full texts of 20 papers, the most that a profile reads a day, have under 10
# Copies what was downloaded into $RUNNER_TEMP/taken/KIND to work/: of every planned profile the one regular file
# <profile>/<date>/KIND.json, if it is of a possible size. Whoever took over an earlier job may have put anything there.
take() {
  local kind="$1" from="$RUNNER_TEMP/taken/$1" profile file taken=0 all names
  if [ ! -d "$from" ]; then return 0; fi
  if ! [[ "$DATE" =~ ^[0-9]{4}-[0-9]{2}-[0-9]{2}$ ]]; then return 2; fi
  IFS=, read -ra names <<<"${PLANNED:-$DIGEST_PROFILES}"
  for profile in "${names[@]}"; do
    if ! [[ "$profile" =~ ^[A-Za-z0-9][A-Za-z0-9_-]*$ ]]; then return 2; fi
    # find enters no folder that is a link, and takes none for a file.
    file="$(find "$from" -path "$from/$profile/$DATE/$kind.json" -type f -size "-$((MOST_MIB + 1))M")"
    if [ -n "$file" ]; then
      mkdir -p "work/$profile/$DATE" && cp "$file" "work/$profile/$DATE/$kind.json" || return 1
      taken=$((taken + 1))
    fi
  done
  # Files, and folders where only files belong.
  all="$(find "$from" \( ! -type d -o -path "$from/*/*/*" \) -printf x | wc -c)"
  if [ "$taken" -eq 0 ] && [ "$all" -ne 0 ]; then
    echo "::error title=Not published::none of the files handed over as $kind is one that was expected. What to do: start a new run; if it stays so, read SECURITY.md"
    return 1
  fi
  if [ "$all" -ne "$taken" ]; then
    echo "::warning title=Odd files::$((all - taken)) other files were handed over as $kind and left alone"
  fi
}

run() {
  case "$stage" in
  commit)
    # The plan comes from a job that opens strangers' files after it. Whoever took it over could name the commit of any
    # fork, to be run beside the key: only a commit of this branch is gone to.
    # The branch's tip, which has the reports of this run if they are out, is kept for `tell` and `notify`.
    git merge-base --is-ancestor "$SHA" HEAD && git update-ref refs/digest/tip HEAD &&
      git checkout --quiet --detach "$SHA"
    ;;
  install)
    # Hashes are asked for each package and what it needs: nothing else can come in. Python compiles what a job
    # imports; to compile all of it would take half as long again.
    python3 -m venv .venv &&
      .venv/bin/pip install --quiet --disable-pip-version-check --no-compile --require-hashes -r requirements.lock
    ;;
  install-notify)
    .venv/bin/pip install --quiet --disable-pip-version-check --no-compile --require-hashes -r requirements-notify.lock
    ;;
  take) for kind in "$@"; do take "$kind" || return; done ;;
  validate)
    .venv/bin/python -m pipeline.publish validate --from="$RUNNER_TEMP/reports" --to="$RUNNER_TEMP/valid" \
      --date="$DATE" --profiles="$PROFILES"
    ;;
  validate-votes)
    .venv/bin/python -m pipeline.publish validate-votes --from="$RUNNER_TEMP/votes" --to="$RUNNER_TEMP/valid-votes" \
      --date="$DATE" --profiles=
    ;;
  push)
    .venv/bin/python -m pipeline.publish push --from="$RUNNER_TEMP/valid" --branch="$GITHUB_REF_NAME" \
      --date="$DATE" --profiles="$VALID" ${VALID_VOTES:+--votes="$RUNNER_TEMP/valid-votes"} ${IN_FORCE:+--force}
    ;;
  votes) .venv/bin/python -m pipeline.cli.votes read --work=work ;;
  close-votes) .venv/bin/python -m pipeline.cli.votes close --issues="$VOTES" --tip=refs/digest/tip ;;
  comment)
    .venv/bin/python -m pipeline.cli.standing_issue --date="$DATE" --profiles="$COMMENTS" \
      --before="$SHA" --tip=refs/digest/tip
    ;;
  notify) .venv/bin/python -m pipeline.cli.notify --date="$DATE" --profiles="$ADDED" --tip=refs/digest/tip ;;
  site) .venv/bin/python -m pipeline site --out=_site ;;
  dry-run) .venv/bin/python -m pipeline run --dry-run "${options[@]}" ;;
  *) .venv/bin/python -m pipeline "$stage" "${options[@]}" ;;
  esac
}

log="$RUNNER_TEMP/$stage.log"
run "$@" 2>&1 | tee "$log"
code="${PIPESTATUS[0]}"
case "$stage" in
fetch | score | texts | analyze | render)
  made="$(sed -n '/^made<</{n;p}' "$GITHUB_OUTPUT")" # one line, between two that hold the same word
  if [ "$code" -eq 1 ] && [ -n "$made" ]; then code=0; fi
  ;;
esac
if [ "$code" -ne 0 ] && [[ "$stage" = votes || "$stage" = close-votes ]]; then
  echo "::warning title=Votes::$stage ended with exit code $code; the digest goes on without. What to do: read the end of its log"
elif [ "$code" -ne 0 ] && ! grep -q '^::error' "$log"; then
  title='Not published'
  case "$stage $code" in
  site*)
    title='No new site'
    todo='the digests are published, and the site stays as it was. Read the end of its log; then start the workflow Site by hand'
    ;;
  commit*) todo='the commit that this run began with is not among the last 100 of the branch: start a new run' ;;
  *' 2') todo='an input or a setting is wrong; the log above names it. Correct it and run again' ;;
  *) todo='read the end of its log, then use "Re-run failed jobs": what the jobs before it made is kept for 14 days, the texts of the papers for one day; after that, start a new run' ;;
  esac
  echo "::error title=$title::$stage ended with exit code $code. What to do: $todo"
fi
exit "$code"
