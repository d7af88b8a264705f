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
	@echo 'make bench   measure start-up, overhead, sandboxes, the history and the dashboard; prints Markdown tables'
	@echo 'make docs    write the generated parts of docs/ and the JSON Schemas again'
	@echo 'make wheel   build the sdist and the wheel into dist/'

demo: $(VENV)/.embedded
	@$(STEP) 'demo 1 of 2: a model writes answers (llmbench)' $(BIN)/llmbench
	@$(STEP) 'demo 2 of 2: a model calls tools (llmbench agent=tools)' $(BIN)/llmbench agent=tools

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
	$(BIN)/python benchmarks/dashboard.py

docs: $(VENV)/.dev
	$(BIN)/python tools/make_schemas.py
	$(BIN)/python tools/make_docs.py

wheel: $(VENV)/.dev
	rm -rf dist
	$(BIN)/python -m build --outdir dist .

setup: $(VENV)/.dev
	@echo 'ready: $(BIN)/llmbench'

# Says what a step does and how long it took: step WORDS COMMAND.
STEP = step() { what=$$1; shift; began=$$(date +%s); printf '== %s\n' "$$what"; \
    "$$@" || { code=$$?; printf '== %s: failed\n' "$$what" >&2; return $$code; }; \
    printf '== %s: done in %s s\n' "$$what" "$$(($$(date +%s) - began))"; }; step
# Installs: on a terminal pip's words pass by in one line that changes; elsewhere only what goes wrong is told.
PIP = pip() { $(BIN)/python -m pip --disable-pip-version-check install --progress-bar off "$$@"; }; \
    install() { if test ! -t 1 || test "$${TERM:-dumb}" = dumb; then pip --quiet "$$@"; else \
    { pip "$$@" || echo '!failed'; } | { failed=0; \
    while IFS= read -r line; do test "$$line" = '!failed' && failed=1 || printf '\r\033[K   %.70s' "$$line"; done; \
    printf '\r\033[K'; return $$failed; }; fi; }

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo 'llmbench needs Python 3.11 or newer; name it: make PYTHON=/path/to/python3'; exit 1; }
	@$(STEP) 'setup 1 of 2: a virtual environment in $(VENV)' $(PYTHON) -m venv $(VENV)
	@$(PIP); install --quiet --upgrade 'pip>=25.1'

$(VENV)/.embedded: $(VENV)/bin/python pyproject.toml
	@$(PIP); $(STEP) 'setup 2 of 2: llmbench and the embedded server (a few minutes the first time)' \
	    install --editable '.[embedded]'
	@touch $@

$(VENV)/.dev: $(VENV)/bin/python pyproject.toml
	@$(PIP); $(STEP) 'setup 2 of 2: llmbench, its extras and the developers'\'' tools (a few minutes the first time)' \
	    install --editable '.[all]' --group dev
	@touch $@ $(VENV)/.embedded

clean:
	rm -rf dist build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
