# What a developer does here; `make` lists it.
VENV ?= .venv
BIN := $(VENV)/bin
GOLD ?= tests/gold

.PHONY: help install test coverage mutants lint format serve eval docs screenshots clean

help: ## list the targets
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/\1\t\2/' | expand -t 14

install: ## make the environment in .venv, with what developing needs
	python3 -m venv $(VENV)
	$(BIN)/pip install -q -c constraints.txt -e ".[dev]"

test: ## run the tests; one file: make test TESTS=tests/test_text.py
	$(BIN)/python -m pytest -q $(TESTS)

coverage: ## run the tests and tell which lines of src they run, those of child processes too
	$(BIN)/python -m pytest -q --cov --cov-report=term $(TESTS)

mutants: ## change the core in one place at a time; MODULES=text: one module (see docs/developers.md)
	$(BIN)/pip install -q -c constraints.txt -r benchmarks/requirements-mutants.txt
	$(BIN)/python benchmarks/mutants.py $(MODULES)

lint: ## check style and types
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

format: ## put imports and layout in order
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

serve: ## serve the chat at http://127.0.0.1:7860
	$(BIN)/reportqa serve

eval: ## measure the answers; other questions: make eval GOLD=directory
	$(BIN)/reportqa eval $(GOLD)

docs: ## draw the parts in docs/architecture.md anew
	$(BIN)/python docs/draw.py

screenshots: ## take the pictures in docs/images anew (needs Chromium)
	$(BIN)/python benchmarks/screenshots.py docs/images

clean: ## remove what tools leave behind; the index and the environment stay
	rm -rf build dist .coverage .coverage.* .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +
