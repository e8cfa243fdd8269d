# Parley: `make` lists the targets. Everything lives in .venv, made from pinned requirements.
PYTHON ?= python3
BENCHES := ack language store export
NEEDS := Parley needs make and Python 3.11 to 3.13 with venv: apt install make python3 python3-venv
.DEFAULT_GOAL := help
.PHONY: help setup demo test test-fast soak check fix bench browser sdk serve clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z%-]+:.*## / {printf "  %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: .venv/.ok ## make .venv from the pinned requirements
.venv/.ok: requirements-dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null || { echo '$(NEEDS)'; exit 1; }
	test -x .venv/bin/python || $(PYTHON) -m venv .venv; .venv/bin/python -m pip install -q --require-hashes -r requirements-dev.txt
	.venv/bin/python -m pip install -qq --no-deps --no-build-isolation -e . && touch $@

sdk: .venv-sdk/.ok ## make .venv-sdk with Zoho's own client, for its tests
.venv-sdk/.ok: requirements-sdk.txt | .venv/.ok
	test -x .venv-sdk/bin/python || $(PYTHON) -m venv .venv-sdk; .venv-sdk/bin/python -m pip install -q --require-hashes -r requirements-sdk.txt
	touch $@

demo: setup ## tell the journeys as a conversation, against the sandbox
	.venv/bin/parley demo

test: setup sdk ## run all tests
	.venv/bin/pytest

test-fast: setup ## run the quick tests of bot
	.venv/bin/pytest -m 'not slow' tests/bot

soak: setup sdk ## run all tests with the large counts
	PARLEY_SOAK=1 .venv/bin/pytest -o faulthandler_timeout=0

check: setup ## check format, lint, types and import contracts
	.venv/bin/ruff format --check . && .venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports

fix: setup ## format, and mend what the linter can mend
	.venv/bin/ruff check --fix . && .venv/bin/ruff format .

bench: $(BENCHES:%=bench-%) ## run every bench
bench-%: setup ## run one bench: ack, language, store, export
	@test -f tests/bench/$*.py || { echo 'There is no bench tests/bench/$*.py'; exit 1; }
	.venv/bin/python -m tests.bench.$*

browser: ## install Debian's Chromium (as root; else print the command)
	@if test -x /usr/bin/chromium; then echo 'Chromium is here'; elif test "$$(id -u)" = 0; then apt-get install -y chromium; \
	else echo 'Run as root: apt-get install -y chromium'; fi

serve: setup ## serve Slack and the web with the settings in .env
	.venv/bin/parley serve

clean: ## remove the environments and the caches
	rm -rf .venv .venv-sdk build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find bot store handlers tests -name __pycache__ -prune -exec rm -rf {} +
