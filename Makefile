# `make run` and `make test` work from a bare clone: python3, make and git are enough.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
export PORT ?= 8000
export HOST ?= 127.0.0.1
# Every process of a run would compile every module anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help run test check bench soak backup restore messages setup setup-test lock format clean

help:
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

# --- Set-up: a stamp per lock file, so that nothing is done twice --------------------------------

$(VENV)/bin/uv:
	$(PYTHON) -m venv $(VENV)
	$(PY) -m pip install --quiet --disable-pip-version-check uv || echo "without uv, pip installs (slower)"
	@touch $(VENV)/bin/activate

# uv installs in a few seconds; where it cannot (or is not there), pip does the same more slowly.
# uv trusts the machine's certificates, as pip does, when it is told to: by one name or, in older ones, the other.
INSTALL = UV_SYSTEM_CERTS=1 UV_NATIVE_TLS=1 $(VENV)/bin/uv pip install --quiet --python $(PY) --require-hashes -r $(1) \
	|| $(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r $(1)

$(VENV)/.base: requirements/base.lock | $(VENV)/bin/uv
	@echo "installing what the product needs"
	@$(call INSTALL,requirements/base.lock)
	@touch $@

$(VENV)/.test: requirements/test.lock $(VENV)/.base
	@echo "installing what the tests need"
	@$(call INSTALL,requirements/test.lock)
	@touch $@

# On a development machine the settings that production must be told are made up (see config/env.py).
.env:
	@echo "DEBUG=true" > .env

node_modules/.ready: $(wildcard package-lock.json) | $(VENV)/.base
	@$(PY) -m config.assets npm
	@mkdir -p node_modules && touch $@

var/.languages: $(wildcard locale/*/LC_MESSAGES/*.po) | $(VENV)/.base
	@$(PY) -m config.assets languages
	@mkdir -p var && touch $@

setup: $(VENV)/.base node_modules/.ready var/.languages | .env

setup-test: setup $(VENV)/.test

# --- What there is to do ---------------------------------------------------------------------------

run: setup  ## web, worker and beat on one terminal, with a demo; PORT and HOST can be set
	@exec $(PY) -m config.run

test: setup-test  ## the whole suite on both databases; ARGS="tests/config -x" is handed on, REQUIRE_ALL=1 forgives nothing
	@$(PY) -m tests.both $(ARGS)

CHECKS = check-format check-lint check-types check-imports check-templates check-migrations check-deploy check-security

check: setup-test  ## format, lint, types, imports, templates, migrations, deployment, security
	@$(MAKE) --no-print-directory --keep-going $(CHECKS)

.PHONY: $(CHECKS)
check-format:
	@$(VENV)/bin/ruff format --check --quiet .
check-lint:
	@$(VENV)/bin/ruff check --quiet .
check-types:
	@DEBUG=true $(VENV)/bin/mypy
check-imports:
	@$(VENV)/bin/lint-imports
check-templates:
	@$(VENV)/bin/djlint templates --lint --quiet
check-migrations:
	@$(PY) manage.py makemigrations --check --dry-run
check-deploy:
	@DEBUG=false SECRET_KEY="$$($(PY) -c 'import secrets; print(secrets.token_urlsafe(64))')" \
		BASE_URL=https://book.example.com ALLOWED_HOSTS=book.example.com EMAIL_URL=smtp://localhost \
		$(PY) manage.py check --deploy --fail-level WARNING
check-security:
	@$(VENV)/bin/bandit --quiet --recursive --configfile pyproject.toml --severity-level medium \
		config booking policies payments reminders

bench: setup-test  ## the measurements of docs and bench/RESULTS.md; ARGS are handed on
	@$(PY) -m bench $(ARGS)

soak: setup-test  ## every clock change of every zone, races, kills and the proofs of money at full size; ARGS="--rounds 100", say
	@$(PY) -m tests.soak $(ARGS)

backup: setup  ## the whole installation as one file: make backup FILE=kept.backup
	@test -n "$(FILE)" || { echo "say where to: make backup FILE=kept.backup"; exit 2; }
	@$(PY) manage.py backup "$(FILE)"

restore: setup  ## make restore FILE=kept.backup
	@test -n "$(FILE)" || { echo "say which: make restore FILE=kept.backup"; exit 2; }
	@$(PY) manage.py restore "$(FILE)"

format:  ## format the code and mend what can be mended
	@$(VENV)/bin/ruff format --quiet .
	@$(VENV)/bin/ruff check --quiet --fix .

clean:  ## everything that make made, but for var/, where the data is
	rm -rf $(VENV) node_modules staticfiles .mypy_cache .pytest_cache .ruff_cache .import_linter_cache

lock:  ## make requirements/*.lock anew from pyproject.toml
	$(VENV)/bin/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header \
		--python-version 3.11 pyproject.toml -o requirements/base.lock
	$(VENV)/bin/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header \
		--python-version 3.11 pyproject.toml --extra test -c requirements/base.lock -o requirements/test.lock

messages: setup  ## collect the words that people read into locale/ (needs gettext)
	@$(PY) manage.py makemessages -l it -l th --no-location --no-wrap --no-obsolete \
		--ignore node_modules --ignore .venv --ignore tests --ignore var --ignore staticfiles --ignore bench
