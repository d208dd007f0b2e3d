# make demo    one recorded day, no key, no network but the package registry
# make test    all tests
# make check   linters, types, structure
# Needs only make and Python >= 3.11; PYTHON=python3.13 make test takes another one. Where uv is installed, it is used.
PYTHON ?= python3
BIN := .venv/bin
UV := $(shell command -v uv 2>/dev/null)

.PHONY: demo test check workflows bench lock clean
.DEFAULT_GOAL := demo

demo: .venv/.installed
	$(BIN)/digest run --sample --force --profile llm-agents --profile cv-restoration

test: .venv/.installed
	$(BIN)/pytest

check: .venv/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/zizmor --offline --persona=pedantic --quiet .
	$(BIN)/actionlint
	$(BIN)/digest check

# Every fault of the workflow and every broken copy of it, run offline: about twenty minutes.
workflows: .venv/.installed
	$(BIN)/python -m tests.workflow.matrix
	$(BIN)/python -m tests.workflow.mutants

bench: .venv/.installed
	$(BIN)/python -m bench

# Both lock files, with hashes; no registry's address is written into them.
lock: .venv/.installed
	$(BIN)/python -m pip install --quiet --upgrade uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-emit-find-links --custom-compile-command "make lock" --output-file requirements.lock pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-emit-find-links --custom-compile-command "make lock" --group dev --constraint requirements.lock \
	  --output-file requirements-dev.lock pyproject.toml

# The project itself is built without isolation, so that nothing is installed that the lock does not name.
.venv/.installed: requirements-dev.lock pyproject.toml
ifeq ($(UV),)
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 …")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
else
	uv venv --quiet --allow-existing --python $(PYTHON) .venv
	uv pip sync --quiet --python $(BIN)/python --require-hashes requirements-dev.lock
	uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
endif
	touch $@

clean:
	rm -rf .venv .work .mypy_cache .pytest_cache .ruff_cache
