# kursnav: `make help` lists what there is. Every target installs what it needs into .venv by itself.
PYTHON ?= python3
KURSNAV := .venv/bin/kursnav
PY := .venv/bin/python
PACKAGES := services shared infra tests
export PYTHON

.PHONY: help install demo up down status reset test chaos check format bench pictures lock lock-assets contracts clean
.DEFAULT_GOAL := help

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

install: ## the libraries, hash-locked, into .venv
	@requirements/install.sh

demo: install ## start everything and enter Kompetensnavet's year 2025 (SMALL=1: a tenth of it, 30 s)
	@$(KURSNAV) demo $(if $(SMALL),--small)

up: install ## start the stack without data and leave it running
	@$(KURSNAV) up --detach

down: install ## stop the stack; data stays
	@$(KURSNAV) down

status: install ## what runs, where, and whether everything has arrived
	@$(KURSNAV) status

reset: install ## stop the stack and delete its data
	@$(KURSNAV) reset

# Files go to the workers in their own order: the long ones (browser, faults) come before the many short ones.
test: install ## all tests, in two processes with a broker and a database each (ARGS="-k seats" for some, WORKERS=0: in one)
	@$(PY) -m pytest -n $(or $(WORKERS),2) --dist loadfile --no-loadscope-reorder $(ARGS)

chaos: install ## rounds of faults under load, and what was lost or doubled (ROUNDS=10 SEED=1)
	@$(PY) -m tests.faults.chaos --rounds $(or $(ROUNDS),10) --seed $(or $(SEED),1)


check: install ## style, types, imports, contracts, house rules
	@$(PY) -m ruff check $(PACKAGES)
	@$(PY) -m ruff format --check $(PACKAGES)
	@$(PY) -m mypy
	@.venv/bin/lint-imports
	@$(PY) -m infra.contracts --check
	@$(PY) -m pytest -q tests/architecture

format: install ## let ruff mend style and format
	@$(PY) -m ruff check --fix $(PACKAGES)
	@$(PY) -m ruff format $(PACKAGES)

bench: install ## bookings per second against a bare application, events per second, latency, memory (JSON=1: as JSON)
	@$(KURSNAV) bench $(if $(JSON),--json)

contracts: install ## write what is generated: JSON Schemas, AsyncAPI, OpenAPI, docs/configuration.md
	@$(PY) -m infra.contracts
	@$(PY) -m infra.configuration_page

pictures: install ## screenshots of the running demo's pages into docs/pictures
	@$(PY) -m tests.browser.pictures

COMPILE = .tools/bin/uv pip compile -q --universal --generate-hashes --python-version 3.11 --no-emit-index-url \
	--custom-compile-command "make lock" $(if $(UPGRADE),--upgrade)

lock: lock-assets install ## resolve requirements/*.txt, requirements/assets and kafka.lock anew (UPGRADE=1: newest versions)
	@printf 'uv>=0.8,<1\nnodejs-wheel-binaries>=24,<25\n' | $(COMPILE) - -o requirements/bootstrap.txt
	@$(COMPILE) pyproject.toml -o requirements/run.txt
	@$(COMPILE) pyproject.toml --extra local --extra test -o requirements/test.txt
	@$(PY) -m infra.local.maven

# Before `install`, which refuses a package.json that its lock does not match. A lock names no addresses: npm's `funding` goes.
lock-assets:
	@[ -x .tools/bin/uv ] || requirements/install.sh
	@requirements/assets/npm $(if $(UPGRADE),update,install) --prefix requirements/assets --package-lock-only --omit-lockfile-registry-resolved
	@.tools/bin/python -c 'import json, sys; path = sys.argv[1]; lock = json.load(open(path)); [part.pop("funding", None) for part in lock["packages"].values()]; open(path, "w").write(json.dumps(lock, indent=2, ensure_ascii=False) + "\n")' requirements/assets/package-lock.json

clean: ## remove .venv, .tools and caches (not .data: make reset)
	rm -rf .venv .tools .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
