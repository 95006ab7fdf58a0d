# Everything starts here: `make run`. A machine needs Python 3.11 or newer and make.
.DEFAULT_GOAL := help

PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; \
	done)
VENV := .venv
BIN := $(VENV)/bin
UV := UV_CUSTOM_COMPILE_COMMAND='make lock' uv
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
PROVE_SECONDS ?= 3600
N ?= 20
SECONDS ?= 60

# An environment whose Python has gone is made again.
_ := $(shell $(BIN)/python -c 'import pip' 2>/dev/null || rm -f $(VENV)/.python)

.PHONY: help run setup test check prove chaos outages sdk-suite bench-engine bench-sync bench-noon bench-crawl bench-api load lock clean

help:  ## List what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: setup  ## Start everything and show where to open it; Ctrl-C ends it
	@exec $(BIN)/showroom up

setup: $(VENV)/.runtime  ## Make the environment in .venv

# A stamp is written when its step is whole: what failed half-way is done again.
$(VENV)/.python:
	@if [ -z "$(PYTHON)" ] || ! $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then \
		echo "Showroom needs Python 3.11 or newer; name one: make PYTHON=/path/to/python3 …" >&2; exit 1; fi
	@$(PYTHON) -m venv --clear $(VENV) || { \
		echo "$(PYTHON) cannot make an environment; on Debian or Ubuntu install python3-venv." >&2; exit 1; }
	@touch $@

$(VENV)/.runtime: $(VENV)/.python requirements.lock pyproject.toml
	@echo "Installing what Showroom needs …"
	@$(PIP) install --quiet --require-hashes -r requirements.lock
	@$(PIP) install --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements-dev.lock
	@echo "Installing what the tests need …"
	@$(PIP) install --quiet --require-hashes -r requirements-dev.lock
	@touch $@

check: $(VENV)/.dev  ## Lint, format, types and the table of imports
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

test: check  ## All checks, and the tests against real servers (minutes)
	@$(BIN)/pytest -n 2 -m "not prove" --cov --cov-branch --cov-report=term --cov-fail-under=85

prove: $(VENV)/.dev  ## What takes longer: kills, outages, browsers (PROVE_SECONDS bounds it)
	@PROVE_SECONDS=$(PROVE_SECONDS) $(BIN)/pytest -n 0 -m prove

chaos: $(VENV)/.dev  ## Break everything at random and compare the index (N rounds, SEED)
	@$(BIN)/python -m tests.chaos --rounds $(N) $(if $(SEED),--seed $(SEED))

outages: $(VENV)/.dev  ## Let each server be away for a minute under load (SECONDS) and compare
	@$(BIN)/python -m tests.chaos.outages --seconds $(SECONDS)

sdk-suite: $(VENV)/.dev  ## Run the tests of meilisearch-python-sdk against the search server
	@$(BIN)/python -m tests.meililite.sdk_suite

bench-engine: $(VENV)/.dev  ## Time the search server on 100,000 cars (ARGS=--growth for more)
	@$(BIN)/python -m loadtests.bench_engine $(ARGS)

bench-sync: $(VENV)/.dev  ## Measure what keeping the index in step costs (ARGS="--cars 100000")
	@$(BIN)/python -m loadtests.bench_sync $(ARGS)

load: $(VENV)/.dev  ## Let many people search at once, with a report (ARGS="--users 40 --seconds 60")
	@$(BIN)/python -m loadtests.load $(ARGS)

bench-noon: $(VENV)/.dev  ## Reindex 100,000 cars while 200 changes and 50 searches a second go on
	@$(BIN)/python -m loadtests.bench_noon $(ARGS)

bench-crawl: $(VENV)/.dev  ## Crawl the demo market's 12,000 cars at full speed with two workers
	@$(BIN)/python -m loadtests.bench_crawl $(ARGS)

bench-api: $(VENV)/.dev  ## Time the API beside the search server, and its cache (100,000 cars)
	@$(BIN)/python -m loadtests.bench_api $(ARGS)

lock:  ## Choose the versions of all dependencies again (needs uv)
	@command -v uv >/dev/null || { echo "Locking needs uv; see https://docs.astral.sh/uv/." >&2; exit 1; }
	@$(UV) pip compile --quiet --universal --generate-hashes --no-emit-index-url \
		pyproject.toml -o requirements.lock
	@$(UV) pip compile --quiet --universal --generate-hashes --no-emit-index-url \
		--group dev pyproject.toml -c requirements.lock -o requirements-dev.lock

clean:  ## Remove the environment and what tools left; data stays
	@rm -rf $(VENV) build *.egg-info .coverage .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
