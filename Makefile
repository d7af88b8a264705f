# The same targets serve people and CI. Needs Python 3.11 or newer, git and make.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
    $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV ?= .venv
BIN := $(VENV)/bin
PYTEST_ARGS ?=

.PHONY: help demo test check bench docs wheel setup clean

help:
	@echo 'make demo    set up, and run llmbench for real, plain and with tools: a model server, a sandbox, reports'
	@echo 'make test    set up, and run the tests on all cores; what this machine lacks is skipped, with the reason'
	@echo 'make check   lint, types, imports, generated docs and schemas'
	@echo 'make bench   measure start-up, overhead, sandboxes and the history; prints Markdown tables'
	@echo 'make docs    write the generated parts of docs/ and the JSON Schemas again'
	@echo 'make wheel   build the sdist and the wheel into dist/'

demo: $(VENV)/.embedded
	$(BIN)/llmbench
	$(BIN)/llmbench agent=tools

test: $(VENV)/.dev
	$(BIN)/python -m pytest -n auto --dist loadgroup --durations=15 $(PYTEST_ARGS)

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tools/make_docs.py --check

bench: $(VENV)/.dev
	$(BIN)/python -m compileall -q $(VENV)/lib llmbench plugins
	$(BIN)/python benchmarks/startup.py
	$(BIN)/python benchmarks/overhead.py
	$(BIN)/python benchmarks/sandboxes.py
	$(BIN)/python benchmarks/monitors.py
	$(BIN)/python benchmarks/history.py

docs: $(VENV)/.dev
	$(BIN)/python tools/make_schemas.py
	$(BIN)/python tools/make_docs.py

wheel: $(VENV)/.dev
	rm -rf dist
	$(BIN)/python -m build --outdir dist .

setup: $(VENV)/.dev

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo 'llmbench needs Python 3.11 or newer; name it: make PYTHON=/path/to/python3'; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'

$(VENV)/.embedded: $(VENV)/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --editable '.[embedded]'
	touch $@

$(VENV)/.dev: $(VENV)/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --editable '.[all]' --group dev
	touch $@ $(VENV)/.embedded

clean:
	rm -rf dist build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
