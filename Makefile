PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet

.PHONY: help preview test lint bench schema lock clean

help: ## Show these commands
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

preview: $(VENV)/.program ## Preview all stacks of stacks/ offline
	@$(BIN)/fleet preview

test: $(VENV)/.development ## Run all tests
	$(BIN)/pytest --numprocesses 2

lint: $(VENV)/.development ## Check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/.program ## Time the offline preview
	$(BIN)/python -m fleet.bench

schema: $(VENV)/.program ## Write the JSON Schemas of stack files and of the preview's JSON
	$(BIN)/python -m fleet.schema

lock: $(VENV)/.development ## Pin all requirements anew from pyproject.toml
	$(BIN)/pip-compile $(LOCK) --output-file requirements.txt pyproject.toml
	$(BIN)/pip-compile $(LOCK) --output-file requirements-dev.txt --constraint requirements.txt \
		--extra aws --extra dev pyproject.toml

LOCK := --quiet --strip-extras --no-header --no-annotate --no-emit-index-url --no-emit-find-links --no-emit-trusted-host \
	--no-emit-options --allow-unsafe

clean: ## Remove what the other commands made
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis *.egg-info

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "elastic-spark needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version). Set PYTHON=..." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.program: requirements.txt pyproject.toml | $(VENV)/bin/python
	@echo "Installing what the program needs into $(VENV) ..."
	@$(PIP) --requirement requirements.txt
	@$(PIP) --no-deps --editable .
	@touch $@

$(VENV)/.development: requirements-dev.txt $(VENV)/.program
	@echo "Installing the development tools into $(VENV) ..."
	@$(PIP) --requirement requirements-dev.txt
	@touch $@
