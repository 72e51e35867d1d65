# `make` alone prints this help. Nothing here needs Node, PostgreSQL or Redis, but the whole test suite does.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
FLASK := $(BIN)/flask --app wsgi
KEYWORDS := -k _ -k _l -k _n:1,2 -k _p:1c,2 -k _lp:1c,2 -k gettext -k ngettext:1,2 -k pgettext:1c,2 -k lazy_gettext -k lazy_pgettext:1c,2
EXTRACT := $(BIN)/pybabel -q extract -F babel.cfg --no-default-keywords $(KEYWORDS) --no-location --sort-output --omit-header --add-comments=Translators:
CODE := directory tests bench wsgi.py

.PHONY: help setup run test test-one bench fmt fmt-check lint types arch i18n-extract i18n-check migrate db-check sure

help: ## print this help
	@grep -E '^[a-z0-9-]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | expand -t 16

.venv/run.stamp: requirements.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-index --no-deps --no-build-isolation --editable .
	touch $@

.venv/dev.stamp: requirements-dev.lock .venv/run.stamp
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	touch $@

node_modules/.stamp: package-lock.json
	@if command -v npm >/dev/null; then npm ci --silent --no-audit --no-fund && touch $@; elif [ -n "$$CI" ]; then echo "npm is missing" >&2; exit 1; fi

setup: .venv/dev.stamp node_modules/.stamp ## make .venv with everything that developing needs

run: .venv/run.stamp ## serve the directory on http://127.0.0.1:8000 (PORT=… for another one)
	@exec $(FLASK) serve

test: setup ## run the whole suite, on SQLite and on PostgreSQL
	@$(BIN)/python -m tests.services $(BIN)/python -m tests.run

test-one: setup ## run one test or file on SQLite: make test-one T=tests/members/test_list.py
	$(BIN)/python -m pytest -q $(T)

bench: setup ## measure speed and memory against a ceiling of the same run (needs wrk; half an hour)
	@TEST_SERVICES_FOLDER=$${TMPDIR:-/tmp} $(BIN)/python -m tests.services $(BIN)/python -m bench $(ARGS)

fmt: setup ## put code into its usual form
	$(BIN)/ruff format $(CODE)
	$(BIN)/ruff check --fix $(CODE)

fmt-check: setup
	$(BIN)/ruff format --check $(CODE)

lint: setup ## look for mistakes in code and templates
	$(BIN)/ruff check $(CODE)
	$(BIN)/djlint templates --lint --quiet

types: setup ## check the types
	$(BIN)/mypy

arch: setup ## check who imports whom
	$(BIN)/lint-imports

i18n-extract: setup ## take new texts into the catalogues of all locales
	$(EXTRACT) -o translations/messages.pot .
	$(BIN)/python -m tests.catalogues update

i18n-check: setup ## check that the catalogues are up to date and complete
	$(EXTRACT) -o .venv/messages.pot .
	diff -u translations/messages.pot .venv/messages.pot
	$(BIN)/python -m pytest -q tests/test_catalogues.py

migrate: setup ## write a migration for changed tables: make migrate M="say what changes"
	$(FLASK) db migrate -m "$(M)"

db-check: setup ## check that migrations and tables agree, on both databases
	@TEST_DATABASE=sqlite $(BIN)/python -m pytest -q tests/test_migrations.py
	@$(BIN)/python -m tests.services bash -c 'test -z "$$TEST_POSTGRES_URL" || TEST_DATABASE=postgresql $(BIN)/python -m pytest -q tests/test_migrations.py'

sure: ## everything that is checked before a change lands
	$(MAKE) fmt-check
	$(MAKE) lint
	$(MAKE) types
	$(MAKE) arch
	$(MAKE) i18n-check
	$(MAKE) db-check
	$(MAKE) test
