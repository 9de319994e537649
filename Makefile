# Every command prepares what it needs by itself. `make` alone lists them.
#
# Settings, for example `make PYTHON=python3.12 test`:
#   PYTHON   the Python (3.11 or later) that .venv is made with
#   DIR      where `make demo` puts its camp; a folder of its own choice if empty
#   WORKERS  how many tests run at once
#   ARGS     more arguments for pytest or for the benchmarks
PYTHON ?= python3
DIR ?=
WORKERS ?= 2
ARGS ?=

BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help setup demo test check format bench bundle-check lock clean
MAKEFLAGS += --no-print-directory

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## make .venv from the locked requirements; a second run starts at once
	@$(PYTHON) tools/setup.py

demo: setup ## show the whole way: from microdata to a signed package that verifies offline
	@$(BIN)/datakamp demo --again $(DIR)

test: check ## check everything, then run every test; as root on Debian or Ubuntu this fetches a browser
	@$(PYTHON) tools/setup_tests.py
	@$(BIN)/python -m pytest -n $(WORKERS) $(ARGS)

check: setup ## format, lint, types and import contracts, without the tests
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

format: setup ## put the code into the form that `make check` asks for
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: setup ## measure the checked tables against plain ones and print the ratios
	@$(BIN)/python -m benchmarks $(ARGS)

bundle-check: setup ## install a bundle where there is no network, and show the product there; takes minutes
	@$(BIN)/python tools/check_bundle.py

lock: setup ## resolve the requirements anew, keeping locked versions; ARGS=--upgrade takes the newest
	@$(BIN)/uv pip compile pyproject.toml --quiet --universal --group build --group test --generate-hashes \
		--no-header --no-emit-index-url --no-emit-find-links --output-file requirements/lock.txt $(ARGS)

clean: ## remove what the set-up, the checks and the tests made; camps and packages stay
	@rm -rf .venv build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .bench
	@find . -type d -name __pycache__ -prune -exec rm -rf {} +
