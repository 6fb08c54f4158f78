PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet

.PHONY: help aws capacity demo preview test test-airflow test-cluster test-door test-end-to-end test-engine lint bench bench-cluster bench-rules bench-client schema dashboards demo-picture policies arn-kinds force-new spark-settings job-schema lock clean

help: ## Show these commands
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 17

# Where a stack is wrong, make's own last line is "Error 1", which no setting of make silences: what to mend stands above it.
preview: $(VENV)/.program ## Preview all stacks of stacks/ offline
	@$(BIN)/fleet preview

test: $(VENV)/.development ## Run all tests but those of the other commands
	@$(BIN)/python -m tests.observability.setup
	$(BIN)/pytest --numprocesses 2

test-airflow: $(VENV)/.development ## Run the tests of the client in a real Airflow, installed when first needed
	@$(BIN)/python -m tests.airflow.setup
	$(BIN)/pytest tests/airflow

test-cluster: $(VENV)/.development ## Run the tests that need a real API server, built when first needed, or a real Spark
	@$(BIN)/python -m tests.cluster.setup
	$(BIN)/pytest tests/cluster tests/spark tests/end_to_end/test_parts.py

test-door: $(VENV)/.development ## Run the tests of the door on a real Envoy Gateway, built when first needed, and Envoy
	@$(BIN)/python -m tests.door.setup
	@$(BIN)/python -m tests.cluster.setup
	$(BIN)/pytest tests/door

test-end-to-end: $(VENV)/.development ## Run jobs from submission to end on the programs that variables name (docs/development.md)
	@$(BIN)/python -m tests.cluster.setup
	@$(BIN)/python -m tests.airflow.setup
	$(BIN)/pytest tests/end_to_end

test-engine: $(VENV)/.development ## Run the tests on the real Pulumi engine, built when first needed; ENGINE_TESTS='-m "not slow"' leaves out the long ones
	@$(BIN)/python -m tests.engine.cli
	$(BIN)/pytest --numprocesses 2 --dist loadfile tests/engine $(ENGINE_TESTS)

lint: $(VENV)/.development ## Check style, types, what imports what, and workflows
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python -m tests.workflows.lint

bench: $(VENV)/.development ## Time the command's start, the offline preview, the policy pack, the import of event logs, the replay, the demo and the door
	$(BIN)/python -m tests.benchmarks.start
	$(BIN)/python -m tests.benchmarks.preview
	$(BIN)/python -m tests.benchmarks.policies
	$(BIN)/python -m tests.benchmarks.traces
	$(BIN)/python -m tests.benchmarks.replay
	$(BIN)/python -m tests.benchmarks.demo
	$(BIN)/python -m tests.benchmarks.recommendation
	@$(BIN)/python -m tests.door.setup
	$(BIN)/python -m tests.benchmarks.door
	@$(BIN)/python -m tests.cluster.setup
	$(BIN)/python -m tests.benchmarks.door_routes

bench-cluster: $(VENV)/.development ## Time a real API server with the policies
	@$(BIN)/python -m tests.cluster.setup
	@$(BIN)/python -m tests.cluster.bench
	@$(BIN)/python -m tests.cluster.bench_applications

bench-client: $(VENV)/.development ## Time the command skate, and count what installing it brings along
	@$(BIN)/python -m tests.benchmarks.client

bench-rules: $(VENV)/.development ## Time the monitoring rules on a real Prometheus under load
	@$(BIN)/python -m tests.observability.setup
	@$(BIN)/python -m tests.observability.bench

capacity: $(VENV)/.capacity ## Install what `fleet capacity` needs

demo: $(VENV)/.capacity ## Compare the sample queues on made-up jobs, and write the report to capacity-demo/
	@$(BIN)/fleet capacity demo

aws: $(VENV)/.aws ## Install what fleet commands need that ask AWS: pools patch, refresh-instances, cost --source aws

demo-picture: $(VENV)/.development ## Write the README's picture of what make demo shows, with chromium
	@$(BIN)/python -m tests.fleet.commands.capacity.demo_picture

schema: $(VENV)/.program ## Write the JSON Schemas of stack files and of the preview's JSON
	$(BIN)/python -m fleet.formats.schema

dashboards: $(VENV)/.development ## Write the JSON of the Grafana dashboards from their definitions
	$(BIN)/python -m components.observability.dashboards.definitions

policies: $(VENV)/.program ## Write the catalogue of the policy pack and the schema of its configuration
	$(BIN)/python -m policies.catalogue

arn-kinds: $(VENV)/.development ## Write the table of what kinds of resources are called in ARNs
	$(BIN)/python -m tests.aws.arn_kinds

force-new: $(VENV)/.program ## Write the table of properties that force a new resource
	$(BIN)/python -m fleet.offline.changes.force_new_table

spark-settings: $(VENV)/.program ## Write the page of the settings that jobs may make
	$(BIN)/python -m components.admission.spark_settings_page

job-schema: $(VENV)/.development ## Write the JSON Schema of job files from the Spark operator's own definition
	$(BIN)/python -m tests.client.job_schema

lock: $(VENV)/.development ## Pin all requirements anew from pyproject.toml
	$(BIN)/pip-compile $(LOCK) --output-file requirements.txt pyproject.toml
	$(BIN)/pip-compile $(LOCK) --output-file requirements-dev.txt --constraint requirements.txt \
		--extra aws --extra capacity --extra dev pyproject.toml

LOCK := --quiet --strip-extras --no-header --no-annotate --no-emit-index-url --no-emit-find-links --no-emit-trusted-host \
	--no-emit-options --allow-unsafe

clean: ## Remove what the other commands made
	rm -rf $(VENV) .import_linter_cache .mypy_cache .pytest_cache .ruff_cache .hypothesis *.egg-info

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "elastic-spark needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version). Set PYTHON=..." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.program: requirements.txt pyproject.toml | $(VENV)/bin/python
	@echo "Installing what the program needs into $(VENV) ..."
	@$(PIP) --requirement requirements.txt
	@$(PIP) --no-deps --editable .
	@$(BIN)/python -m fleet.offline.sdks
	@touch $@

$(VENV)/.aws: requirements-dev.txt $(VENV)/.program
	@echo "Installing what commands need that ask AWS into $(VENV) ..."
	@$(PIP) --constraint requirements-dev.txt --editable ".[aws]"
	@touch $@

$(VENV)/.capacity: requirements-dev.txt $(VENV)/.program
	@echo "Installing what fleet capacity needs into $(VENV) ..."
	@$(PIP) --constraint requirements-dev.txt --editable ".[capacity]"
	@$(BIN)/python -m capacity.compiling
	@touch $@

$(VENV)/.development: requirements-dev.txt client/pyproject.toml $(VENV)/.program
	@echo "Installing the development tools into $(VENV) ..."
	@$(PIP) --requirement requirements-dev.txt
	@$(PIP) --no-deps --editable ./client
	@touch $@
