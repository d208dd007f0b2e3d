# make demo        one recorded day, no key, no network but the package registry
# make test        all tests, about ten minutes on two cores
# make test-fast   the tests of what has changed since the last commit, without the slow ones: under 30 seconds
# make check       linters, types, structure
# make fix         what the linters can mend by themselves
# make regenerate  docs, schemas, golden pages and sample reports that are made from the code
# Needs only make and Python >= 3.11; PYTHON=python3.13 make test takes another one. Where uv is installed, it is used;
# where it fails, pip is. UV= takes pip at once.
PYTHON ?= python3
BIN := .venv/bin
UV := $(shell command -v uv 2>/dev/null)

.PHONY: demo test test-fast test-long coverage check fix regenerate workflows bench lock clean
.DEFAULT_GOAL := demo

demo: .venv/.installed
	$(BIN)/digest run --sample --force --profile llm-agents --profile cv-restoration

test: .venv/.installed
	@echo "All tests: about ten minutes on two cores."
	$(BIN)/pytest $(PYTEST_ARGS)

test-fast: .venv/.installed
	$(BIN)/pytest -q -m "not slow" $$($(BIN)/python -m tests.changed)

# Branches that no test takes; CI fails below the floor. Without the tests that measure time.
coverage: .venv/.installed
	$(BIN)/pytest -q -m "not slow" --cov=pipeline --cov-branch --cov-fail-under=95 --cov-report=term-missing:skip-covered --deselect tests/extraction/test_linear.py

# The tests marked `long`, thousands of random examples, a year of digests, 30 moments to kill a run: weekly in CI.
test-long: .venv/.installed
	DIGEST_TEST_LONG=1 DIGEST_TEST_PAPERS=220 $(BIN)/pytest -q -m long
	DIGEST_TEST_LONG=1 DIGEST_TEST_EXAMPLES=20000 DIGEST_TEST_DAYS=400 DIGEST_TEST_KILLS=30 $(BIN)/pytest -q tests/report tests/archive tests/sources tests/publish tests/grounding tests/scoring tests/test_killed.py

check: .venv/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/zizmor --offline --persona=pedantic --quiet .
	$(BIN)/actionlint
	$(BIN)/digest check

fix: .venv/.installed
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Read the difference before it is committed: git diff docs tests/golden tests/llm reports
regenerate: .venv/.installed
	$(BIN)/python -m tests.generated
	$(BIN)/digest run --sample --force --profile llm-agents --profile cv-restoration

# Every fault of the workflow and every broken copy of it, run offline: about twenty minutes.
workflows: .venv/.installed
	$(BIN)/python -m tests.workflow.matrix
	$(BIN)/python -m tests.workflow.mutants

bench: .venv/.installed
	$(BIN)/python -m bench

# The lock files, with hashes; no registry's address is written into them.
lock: .venv/.installed
	@$(HAS_PIP)
	$(BIN)/python -m pip install --quiet --upgrade uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-emit-find-links --custom-compile-command "make lock" --output-file requirements.lock pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-emit-find-links --custom-compile-command "make lock" --group notify --constraint requirements.lock \
	  --output-file requirements-notify.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-emit-find-links --custom-compile-command "make lock" --group dev --constraint requirements.lock --constraint requirements-notify.lock \
	  --output-file requirements-dev.lock pyproject.toml

# The project itself is built without isolation, so that nothing is installed that the lock does not name. Where uv
# fails, pip may still work: each has settings of its own that say where packages are. Both check the hashes.
.venv/.installed: requirements-dev.lock pyproject.toml
ifeq ($(UV),)
	@$(BIN)/python $(NEW_ENOUGH) 2>/dev/null || { $(PYTHON) $(NEW_ENOUGH) && $(PYTHON) -m venv --clear .venv; }
	@$(HAS_PIP)
	@# What is imported is compiled then: a third of the time.
	$(BIN)/python -m pip install --quiet --quiet --no-compile --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@
else
	@rm -f $@
	$(UV) venv --quiet --allow-existing --python $(PYTHON) .venv && \
	$(UV) pip sync --quiet --python $(BIN)/python --require-hashes requirements-dev.lock && \
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e . && touch $@ || true
	@test -e $@ || { echo "uv failed, pip takes over. (make UV= takes pip at once.)" >&2; $(WITH_PIP); }
endif

NEW_ENOUGH := -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 …")'
# A .venv that uv has made comes without pip.
HAS_PIP := $(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip >/dev/null
# Were $(MAKE) in the recipe itself, make -n would run that line.
WITH_PIP = $(MAKE) --no-print-directory UV= $@

clean:
	rm -rf .venv .work .mypy_cache .pytest_cache .ruff_cache
