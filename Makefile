# Two commands matter: `make run` starts the product, `make test` proves it. Both set up what they need first.
PYTHON ?= python3
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help setup run test lint services screenshots bench lock clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## create .venv and install the locked versions (instant when nothing changed)
	@$(PYTHON) deploy/setup.py

run: ## start web server, workers and beat with demo data; Ctrl-C stops them
	@$(PYTHON) deploy/ports.py
	@$(PYTHON) deploy/setup.py
	@BUSREPORT_DEMO=$${BUSREPORT_DEMO:-yes} exec $(BIN)/busreport run

# All tests: in two processes or more, each begins with its half and helps the slower one. Some: in this one.
ALL_TESTS := --numprocesses auto --maxprocesses 4 --dist worksteal

test: ## set up with the development tools and run the tests (ARGS="tests/scheme -x": some of them)
	@$(PYTHON) deploy/setup.py --dev
	$(BIN)/python -m pytest $(or $(ARGS),$(ALL_TESTS))

lint: ## ruff, mypy strict and the directions between rooms
	@$(PYTHON) deploy/setup.py --dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

services: ## install what tests need from the system (Chromium, a font, PostgreSQL, bubblewrap); needs root or sudo
	@sh deploy/services.sh

screenshots: ## draw the pictures of the documentation from the running product
	@$(PYTHON) deploy/setup.py --dev
	$(BIN)/python -m samples.screenshots

bench: ## list the benchmarks, each is run by its own line
	@$(PYTHON) deploy/setup.py --dev
	$(BIN)/python -m benchmarks

lock: ## resolve the dependencies anew and write deploy/*.lock (maintainers)
	@$(PYTHON) deploy/setup.py --dev
	$(BIN)/python deploy/lock.py

clean: ## remove what set-up, tests and linters made; data in var/ stays
	rm -rf .venv build *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis api/static/vendor
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
