# Everything runs inside .venv; `make` alone prints what there is.

PYTHON ?= python3
VENV := .venv
IN_VENV := $(VENV)/bin/python -m
ARGS ?=
# One more than there are processors: many tests wait for a server, a lock or the disk.
WORKERS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)

.DEFAULT_GOAL := help
.PHONY: help setup run test postgres isolation asvs parts mutants scan evil slow mta faults soak bench bench-delivery bench-sign-in bench-audit bench-pages bench-tree fuzz baseline guard check sure format layout lint types contracts catalogs lock snapshots pictures where clean

help: ## Print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(VENV)/.dev ## Create .venv and install everything, for development too

run: $(VENV)/.ok ## Serve the portal with its demo on http://127.0.0.1:8000 (PORT=… for another port)
	@grep -qs '^PORTAL_DEMO=' .env || export PORTAL_DEMO="$${PORTAL_DEMO-1}"; \
	exec $(VENV)/bin/flask --app wsgi portal run

test: $(VENV)/.dev ## Run the fast tests (ARGS=… for pytest)
	$(IN_VENV) pytest -n $(WORKERS) -m "not slow and not browser and not evil and not mta and not isolation" $(ARGS)

postgres: $(VENV)/.dev ## Run the tests of store, services, worker and journeys again on PostgreSQL (ARGS=… for pytest)
	$(IN_VENV) pytest -q -n $(WORKERS) --database postgresql -m "not slow and not browser" tests/store tests/services tests/worker tests/journeys $(ARGS)

isolation: $(VENV)/.dev ## Try every way in, for everybody, with everybody's things; then switch off every wall alone
	$(IN_VENV) tests.isolation $(ARGS)

asvs: $(VENV)/.dev ## Run the tests that answer OWASP's ASVS 5.0 and write docs/asvs.md (ARGS=… for pytest)
	$(IN_VENV) tests.asvs $(ARGS)

parts: $(VENV)/.dev ## Ask the package index for how long newer versions of our parts have been out, and note it
	$(IN_VENV) tests.asvs.parts

mutants: $(VENV)/.dev ## Spoil each line of the rules on companies and see that a test notices
	$(IN_VENV) tests.mutants

scan: $(VENV)/.dev .venv-scan/.ok .venv-schemathesis/.ok ## Let scanners look at the portal, and at one with eight holes that they have to find
	$(IN_VENV) tests.scan

evil: $(VENV)/.dev ## Meet a mail server that misbehaves, in every way of the table (ARGS=… for pytest)
	$(IN_VENV) pytest -q -n 2 tests/evil $(ARGS)

slow: $(VENV)/.dev ## Run the tests with real mail servers and a browser (ARGS=… for pytest)
	$(IN_VENV) pytest -m "slow or browser" $(ARGS)

mta: $(VENV)/.dev ## Send through a real Exim and a real Haraka, unpacked for that (ARGS=… for pytest)
	scripts/unpack_mtas.sh
	$(IN_VENV) pytest -m mta tests/mta $(ARGS)

faults: $(VENV)/.dev ## Kill and stop what delivers, cut off its database, fill its disk, turn its clock, and count what was lost
	$(IN_VENV) tests.faults kill 500
	$(IN_VENV) tests.faults kill 500 --database postgresql
	$(IN_VENV) tests.faults restart 200
	$(IN_VENV) tests.faults stop 2
	$(IN_VENV) tests.faults tarpit 10000
	$(IN_VENV) tests.faults write 60
	$(IN_VENV) tests.faults keys 100
	$(IN_VENV) tests.faults disk 20
	$(IN_VENV) tests.faults database 100 --database postgresql
	$(IN_VENV) tests.faults clock 16

SOAK_KILLS ?= 1000
soak: $(VENV)/.dev ## Kill it SOAK_KILLS times more; what all the runs came to is kept in docs/soak.jsonl
	$(IN_VENV) tests.faults kill $(SOAK_KILLS) --add-to docs/soak.jsonl

bench: .venv-bench/.ok ## Measure sending and building side by side with peers (ARGS=--write keeps it in docs/benchmarks.md)
	.venv-bench/bin/python -m benchmarks.mail $(ARGS)

bench-delivery: .venv-bench/.ok ## Measure delivery, every step of the promise in place, beside peers (ARGS=--write)
	.venv-bench/bin/python -m benchmarks.delivery $(ARGS)
	.venv-bench/bin/python -m benchmarks.idle $(ARGS)

bench-sign-in: $(VENV)/.dev ## Measure whether time tells an account from a missing one (ARGS=--write)
	$(VENV)/bin/python -m benchmarks.sign_in $(ARGS)

bench-pages: $(VENV)/.dev ## Measure what pages cost, beside a bare and a plain one, and among a million companies (ARGS=--write)
	$(VENV)/bin/python -m benchmarks.pages $(ARGS)

bench-audit: $(VENV)/.dev ## Measure how long it takes to verify 100,000 events of the audit log (ARGS=--write)
	$(VENV)/bin/python -m benchmarks.audit $(ARGS)

bench-tree: $(VENV)/.dev ## Measure the pages of a tree with a million companies (ARGS="--companies 100000 --write")
	$(VENV)/bin/python -m benchmarks.tree $(ARGS)

fuzz: $(VENV)/.dev ## Fuzz the SMTP core and the parsers (FUZZ_SECONDS=600)
	scripts/fuzz.sh

baseline: $(VENV)/.dev ## Put smtplib through the scenarios of make evil, for comparison
	$(IN_VENV) tests.evil.baseline

guard: $(VENV)/.dev ## Run the tests that look at the whole building
	$(IN_VENV) pytest tests/guards $(ARGS)

check: layout lint types contracts ## Check layout, lint, types and contracts

sure: check test ## Check everything, then run the fast tests

format: $(VENV)/.dev ## Rewrite the layout of every Python file
	$(IN_VENV) ruff format .
	$(IN_VENV) ruff check --select I --fix .

layout: $(VENV)/.dev ## Check the layout of every Python file
	$(IN_VENV) ruff format --check .

lint: $(VENV)/.dev ## Look for what is probably wrong
	$(IN_VENV) ruff check .

types: $(VENV)/.dev ## Check the types, strictly
	$(IN_VENV) mypy

catalogs: $(VENV)/.dev ## Bring every catalogue in line with the strings that there are (ARGS=--ignore-obsolete drops what is said no more)
	@strings=$$(mktemp) && trap 'rm -f $$strings' EXIT && \
	$(VENV)/bin/pybabel --quiet extract --mapping-file babel.cfg --keywords "_l lazy_gettext" --no-location --sort-output \
		--width 110 --project Relaytree --output-file $$strings . && \
	for catalog in portal/i18n/catalogs/*.po; do \
		$(VENV)/bin/pybabel --quiet update --no-fuzzy-matching --ignore-pot-creation-date --width 110 --locale $$(basename $$catalog .po) \
			--input-file $$strings --output-file $$catalog $(ARGS) || exit 1; \
	done
	$(IN_VENV) pytest -q tests/guards/test_catalogs.py

contracts: $(VENV)/.dev ## Check which shelf may import which
	$(VENV)/bin/lint-imports

lock: $(VENV)/.dev ## Compile the requirements with hashes (ARGS=--upgrade for newer versions)
	$(LOCK) requirements.in --output-file requirements.txt
	$(LOCK) requirements-dev.in --output-file requirements-dev.txt
	$(LOCK) benchmarks/requirements.in --output-file benchmarks/requirements.txt
	$(LOCK) tests/fuzz/requirements.in --output-file tests/fuzz/requirements.txt
	$(LOCK) tests/scan/requirements.in --output-file tests/scan/requirements.txt
	$(LOCK) tests/scan/schemathesis.in --output-file tests/scan/schemathesis.txt
	$(IN_VENV) tests.asvs.parts

snapshots: $(VENV)/.dev ## Keep how the key screens look now, after a change of their looks (needs chromium)
	SNAPSHOTS=renew $(IN_VENV) pytest -q tests/slow/test_every_screen_in_a_browser.py -p no:randomly -k "snapshots_are_compared or key_screen" $(ARGS)

pictures: $(VENV)/.dev ## Take the documentation's pictures anew from a running demo (needs chromium)
	$(VENV)/bin/python scripts/take_pictures.py

where: ## List every file of one noun: make where NAME=mail_config
	@test -n "$(NAME)" || { echo 'Say which noun: make where NAME=mail_config'; exit 2; }
	@find portal templates static migrations tests docs -type f -not -path '*/__pycache__/*' \
		\( -path '*$(NAME)*' -o -path '*$(subst _,-,$(NAME))*' \) | sort

clean: ## Remove caches and reports (.venv and instance/ stay)
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage htmlcov test-results
	find . -path ./$(VENV) -prune -o -name __pycache__ -type d -exec rm -rf {} +

LOCK = $(IN_VENV) uv pip compile --quiet --universal --generate-hashes --no-header --no-strip-extras --python-version 3.11 $(ARGS)
PIP = $(IN_VENV) pip --disable-pip-version-check install --quiet --require-hashes

.venv-bench/.ok: requirements.txt benchmarks/requirements.txt benchmarks/package.json
	@test -x .venv-bench/bin/python || $(PYTHON) -m venv .venv-bench
	.venv-bench/bin/python -m pip --disable-pip-version-check install --quiet --require-hashes -r requirements.txt -r benchmarks/requirements.txt
	@command -v npm >/dev/null && npm install --prefix benchmarks --no-audit --no-fund --no-package-lock --silent || echo 'nodemailer is not measured: npm is missing or failed'
	@touch $@

.venv-scan/.ok: tests/scan/requirements.txt
	@test -x .venv-scan/bin/python || $(PYTHON) -m venv .venv-scan
	.venv-scan/bin/python -m pip --disable-pip-version-check install --quiet --require-hashes -r tests/scan/requirements.txt
	@touch $@

.venv-schemathesis/.ok: tests/scan/schemathesis.txt
	@test -x .venv-schemathesis/bin/python || $(PYTHON) -m venv .venv-schemathesis
	.venv-schemathesis/bin/python -m pip --disable-pip-version-check install --quiet --require-hashes -r tests/scan/schemathesis.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.ok
	$(PIP) -r requirements-dev.txt
	@touch $@

$(VENV)/.ok: requirements.txt | $(VENV)/bin/python
	$(PIP) -r requirements.txt
	@touch $@

$(VENV)/bin/python:
	@command -v "$(PYTHON)" >/dev/null || { \
		echo '$(PYTHON) is not found. Install Python 3.11 or newer, or name it: make PYTHON=…'; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Python 3.11 or newer is needed; $(PYTHON) is $$($(PYTHON) -V 2>&1). Name another: make PYTHON=…"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo 'Python lacks its venv module. On Debian and Ubuntu: apt install python3-venv'; exit 1; }
	rm -rf $(VENV)
	$(PYTHON) -m venv $(VENV)
