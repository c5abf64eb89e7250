# Every target sets up what it needs; no virtual environment has to be activated.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PEERS := .venv-peers
SECONDS_TO_RUN ?= 60
WORKERS ?= 2
TESTS ?=

# The tests start some hundred processes: without bytecode each would compile all that it imports.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup demo test lint bench up down lock clean

help: ## Show the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(VENV)/ready ## Make .venv with everything pinned

$(VENV)/ready: requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; set PYTHON=/path/to/python3.11"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

# What the benchmarks run beside ours and does not fit our versions has a Python of its own.
$(PEERS)/ready: requirements-peers.lock
	test -x $(PEERS)/bin/python || $(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-peers.lock
	@touch $@

demo: setup ## Run the whole system for a minute and write a report
	$(BIN)/tickstream demo --seconds $(SECONDS_TO_RUN)

test: export OPENBLAS_NUM_THREADS := 1 # as commands set it; several processes share the processors
test: setup ## Run every test, or those of TESTS=tests/folder
	$(BIN)/python -m tests.compile_kernels
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(TESTS)

lint: setup ## Check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: setup $(PEERS)/ready ## Run the benchmarks; JSON on stdout
	$(BIN)/python -m tests.benchmarks

up: ## Start the containers (Redpanda, ClickHouse, Prometheus, Grafana, the application)
	docker compose up --build --detach --wait

down: ## Stop them
	docker compose down

lock: ## Resolve the dependencies anew
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
		--no-annotate --no-emit-index-url --custom-compile-command "make lock" -o requirements.lock
	uv pip compile pyproject.toml --extra dev --extra embedded --extra train --universal --python-version 3.11 \
		--generate-hashes --no-annotate --no-emit-index-url --custom-compile-command "make lock" \
		-o requirements-dev.lock
	echo hftbacktest | uv pip compile - --universal --python-version 3.11 --generate-hashes \
		--no-annotate --no-emit-index-url --custom-compile-command "make lock" \
		-o requirements-peers.lock

clean: ## Remove what can be made again
	rm -rf $(VENV) $(PEERS) var build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
