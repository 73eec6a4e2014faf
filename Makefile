# The verbs of the project. `make demo` and `make test` each do everything, installation included.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help demo serve test lint types bench install clean lock

help: ## Show this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

demo: $(VENV)/.runtime ## Play the whole journey on recorded sources, then serve it on loopback
	$(BIN)/hub demo $(DEMO)

serve: $(VENV)/.runtime ## Editors' web app, published site and scheduler
	$(BIN)/hub serve

install: $(VENV)/.runtime ## Install what running the hub needs, from locked versions

test: $(VENV)/.dev ## Run every test
	$(BIN)/python -m pytest -n auto --dist loadgroup $(TESTS)

lint: $(VENV)/.dev ## Style and formatting
	$(BIN)/ruff check . && $(BIN)/ruff format --check .

types: $(VENV)/.dev ## Strict types
	$(BIN)/mypy

bench: $(VENV)/.dev ## Speed, size and memory, beside our peers and the limits we set
	$(BIN)/python -m benchmarks $(BENCH)

clean: ## Remove what was built and the demonstration's data (never var/)
	rm -rf site site.builds build dist .cache .mypy_cache .pytest_cache .ruff_cache var/demo

lock: $(VENV)/.dev ## Write the lock files again after a change of pyproject.toml
	$(PIP) uv
	$(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
	  --no-header --group build -o requirements.lock -q
	$(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
	  --no-header --group build --group test --group lint -o requirements-dev.lock -q

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements.lock pyproject.toml | $(VENV)/bin/python
	$(PIP) --require-hashes -r requirements.lock
	$(PIP) --no-build-isolation --no-deps --editable .
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.runtime
	$(PIP) --require-hashes -r requirements-dev.lock
	@touch $@
