# Two commands matter: `make refresh` and `make test`. `make help` lists them all.
# Needed: Python 3.11 or 3.12 with venv, and make. Everything else is installed into .venv, once.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:

PYTHON ?= python3
ROWS ?= 5000000
PYTEST_FLAGS ?= -n 2

BIN := .venv/bin
PIP := $(BIN)/python -m pip -qq --disable-pip-version-check
# The checks that need a built warehouse make their own: yours is neither read nor touched.
CHECK_HOME := target/check_home

export DBT_PROFILES_DIR := .
# Nothing here reports home.
export DO_NOT_TRACK := 1
export DBT_SEND_ANONYMOUS_USAGE_STATS := false
export GX_ANALYTICS_ENABLED := false

##@ Run
.PHONY: refresh
refresh: .venv/.run-installed ## Land, build, gate and publish: the whole way from landing/ to a published warehouse
	@$(BIN)/trueup refresh

.PHONY: demo
demo: .venv/.run-installed ## Simulate a year with faults, refresh month by month, score; into target/demo
	@rm -rf target/demo
	@$(BIN)/python -m trueup.simulate.demo --out target/demo

.PHONY: docs
docs: refresh ## Write target/static_index.html: every model, column and test, with lineage
	@$(BIN)/dbt --quiet docs generate --static

.PHONY: bench
bench: .venv/.run-installed ## Measure a refresh of ROWS=5000000 rows against plain SQL
	@$(BIN)/python bench/run.py --rows $(ROWS)

##@ Check
.PHONY: test
test: check-python check-yaml check-parse check-sql check-project check-tests ## Every check, sampled where a long form exists

.PHONY: test-all
test-all: export TRUEUP_LONG := 1
test-all: test ## Every check, in its long form

.PHONY: check-python
check-python: .venv/.test-installed ## ruff and mypy
	@echo "== ruff, mypy"
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy

.PHONY: check-yaml
check-yaml: .venv/.test-installed ## yamllint
	@echo "== yamllint"
	@$(BIN)/yamllint --strict .

.PHONY: check-parse
check-parse: .venv/.test-installed ## dbt parse, where a warning is an error
	@echo "== dbt parse"
	@$(BIN)/dbt --quiet --warn-error-options '{"error": "all"}' parse --no-partial-parse

.PHONY: check-sql
check-sql: .venv/.test-installed check-home ## sqlfluff on models, tests and analyses
	@echo "== sqlfluff"
	@TRUEUP_HOME=$(CHECK_HOME) PYTHONWARNINGS=ignore:resource_tracker \
		$(BIN)/sqlfluff lint --processes 0 --disable-progress-bar $(wildcard models tests analyses)

.PHONY: check-project
check-project: .venv/.test-installed check-home ## dbt unit tests; dbt-bouncer: names, layers, descriptions, types
	@echo "== dbt unit tests"
	@TRUEUP_HOME=$(CHECK_HOME) $(BIN)/dbt --quiet test --select test_type:unit
	@echo "== dbt-bouncer"
	@TRUEUP_HOME=$(CHECK_HOME) $(BIN)/dbt --quiet docs generate
	@COLUMNS=180 $(BIN)/dbt-bouncer run --show-all-failures

.PHONY: check-tests
check-tests: .venv/.test-installed ## pytest: lands, builds, gates and publishes in homes of its own
	@echo "== pytest"
	@$(BIN)/pytest $(PYTEST_FLAGS)

.PHONY: conformance
conformance: .venv/.run-installed check-home ## Run focus-validator on the FOCUS 1.2 projection, where a Python 3.12 is installed
	@$(BIN)/python conformance/run.py --home $(CHECK_HOME)

.PHONY: check-home
check-home: .venv/.run-installed
	@echo "== trueup refresh into $(CHECK_HOME)"
	@rm -rf $(CHECK_HOME)
	@TRUEUP_HOME=$(CHECK_HOME) $(BIN)/trueup refresh --quiet > /dev/null

##@ Keep
# Pins stay unless pyproject.toml rules them out; `make lock UPGRADE=--upgrade` takes the newest.
# Running and testing are resolved as one set, then written apart: the second adds to the first.
LOCK := target/lock
COMPILE := $(LOCK)/venv/bin/uv pip compile -q pyproject.toml --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header --no-strip-extras
LOCKED_NAMES := sed -nE 's/^([a-z0-9._-]+)(\[[^]]*\])?==.*/\1/p' requirements.lock

.PHONY: lock
lock: ## Resolve pyproject.toml into requirements.lock and requirements-test.lock
	@rm -rf $(LOCK) && mkdir -p $(LOCK)
	@$(PYTHON) -m venv $(LOCK)/venv
	@$(LOCK)/venv/bin/python -m pip -qq --disable-pip-version-check install uv
	@cat requirements.lock requirements-test.lock > $(LOCK)/all.lock
	@$(COMPILE) --extra test $(UPGRADE) -o $(LOCK)/all.lock
	@cp $(LOCK)/all.lock requirements.lock
	@$(COMPILE) -o requirements.lock
	@cp $(LOCK)/all.lock requirements-test.lock
	@$(COMPILE) --extra test $$($(LOCKED_NAMES) | sed 's/^/--no-emit-package /') -o requirements-test.lock
	@sed -i '/^$$/,$$d' requirements-test.lock # uv ends with a list of what it left out

.PHONY: clean
clean: ## Remove what make, dbt and the tools wrote; the home (.trueup) stays
	@rm -rf .venv target logs python/trueup.egg-info .hypothesis .mypy_cache .pytest_cache .ruff_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: help
help: ## This list
	@awk 'BEGIN { FS = ":.*## " } \
		/^##@/ { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# The stamps: a second call installs nothing. A present .venv keeps its Python (`make clean` for another).
.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(None if (3, 11) <= sys.version_info < (3, 13) else \
		f"Trueup needs Python 3.11 or 3.12, $(PYTHON) is {sys.version.split()[0]}: make PYTHON=python3.11 ...")'
	@$(PYTHON) -m venv --clear .venv

.venv/.run-installed: requirements.lock pyproject.toml | .venv/bin/python
	@echo "Installing what running needs into .venv (once, about a minute)" >&2
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-build-isolation --no-deps --editable .
	@touch $@

.venv/.test-installed: requirements-test.lock .venv/.run-installed
	@echo "Installing what testing adds into .venv (once)" >&2
	@$(PIP) install --require-hashes -r requirements.lock -r requirements-test.lock
	@touch $@
