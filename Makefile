# Each target does its own set-up: a fresh machine needs Python 3.11 or newer and make.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
CELLS ?= us eu apac
# A file's tests share what stands for them; files start in order of name, which leaves short ones to the end.
PARALLEL := --numprocesses=auto --dist=loadfile --no-loadscope-reorder
# What Lambda's Python 3.13 runtime brings along: boto3 and what it needs.
IN_LAMBDA := boto3 botocore jmespath python-dateutil s3transfer six urllib3
# What each package of functions requires, without its ending.
PACKAGED := functions/requirements functions/requirements-rotation

.DEFAULT_GOAL := help
# Tests whose every process compiles the program anew take twice as long: Python keeps what it has compiled.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help build sandbox test test-slow lint types unit services bench pictures journeys fuzz lock format clean

help: ## show this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(STAMP): requirements-dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "$(PYTHON) is older than Python 3.11: run 'make PYTHON=python3.11 ...'" >&2; exit 2; }
	@if [ -L $(VENV) ]; then echo "$(VENV) is a link, and what it leads to would be emptied: take it away" >&2; exit 2; fi
	@echo "Setting up $(VENV) from requirements-dev.txt (once, about a minute)"
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

build: $(STAMP) ## the Lambda packages, the same bytes anywhere
	@$(BIN)/python -m ops build

sandbox: build ## three cells up on a local AWS, and one of them failed over and back: no account needed
	@$(BIN)/python -m ops sandbox up $(CELLS)
	@$(BIN)/python -m ops drill run failover --cell $(firstword $(CELLS)) --execute $(firstword $(CELLS)) --standing --then failback

test: lint types unit ## lint, types, and all tests but the slow ones

test-slow: $(STAMP) services ## the slow tests, each of which says why it is one
	@$(BIN)/python -m pytest -m slow $(PARALLEL) --quiet

lint: $(STAMP)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(STAMP)
	@$(BIN)/pyrefly check --python-interpreter-path $(BIN)/python --summary=none

services: ## MariaDB and Redis from Debian's packages, where they may be installed
	@tests/install-services

unit: $(STAMP) services
	@$(BIN)/python -m pytest -m 'not slow' $(PARALLEL) --quiet

format: $(STAMP) ## put the code into the house format
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format .

lock: $(STAMP) ## pin the dependencies of pyproject.toml, with hashes
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	  pyproject.toml --output-file requirements.txt
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	  --all-extras --constraints requirements.txt pyproject.toml --output-file requirements-dev.txt
	@for of in $(PACKAGED); do $(BIN)/uv pip compile --quiet --no-python-downloads --python-version 3.13 \
	  --python-platform aarch64-manylinux_2_28 --only-binary :all: --generate-hashes --no-header \
	  $(IN_LAMBDA:%=--no-emit-package %) --constraints requirements-dev.txt $$of.in \
	  --output-file $$of.txt || exit; done
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	  --constraints requirements-dev.txt policies/requirements.in --output-file policies/requirements.txt

clean: ## end what stands and take away what was built here
	@if [ -e $(STAMP) ]; then $(BIN)/python -m ops sandbox down || true; fi
	@rm -rf $(VENV) build .sandbox .pytest_cache .ruff_cache .hypothesis

bench: build services ## measure, print as ratios and keep in docs/benchmarks.md
	@$(BIN)/python -m bench

pictures: build ## draw docs/pictures anew, which the pages show
	@$(BIN)/python -m ops diagram us --write

journeys: $(STAMP) ## the starter service on this machine, with a real database and cache, for you to walk through
	@tests/install-services
	@$(BIN)/python -m bench.journeys

fuzz: $(STAMP) ## ten thousand generated configurations, refused or sound; kept in docs/fuzz.md
	@$(BIN)/python -m tests.fuzz --keep $(FUZZ)
