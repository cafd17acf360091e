# Needs Python >= 3.11, git and make; everything else goes into .venv, from the hashed files in requirements/.
.DEFAULT_GOAL := run
.PHONY: run test check bench mutants fmt lock clean environment-run environment-dev environment-mutants environment-sslyze
.NOTPARALLEL:

BIN := .venv/bin
CODE := $(wildcard provserver tests benchmarks tools conftest.py)
export PROVSERVER_CONFIG ?= config/demo.toml

# The first of these that really starts, is new enough and can make environments: version managers leave names on PATH
# behind which there is nothing, and Debian keeps venv in a package of its own. `make test PYTHON=python3.12` decides.
PYTHON ?= python3.14 python3.13 python3.12 python3.11 python3

define prepare
@for python in $(PYTHON); do \
	"$$python" -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
	exec "$$python" tools/environment.py $(1); \
done; \
echo "make: needs Python >= 3.11 with venv (on Debian and Ubuntu: apt install python3-venv); tried $(PYTHON)" >&2; exit 1
endef

environment-run:
	$(call prepare,run)

environment-dev:
	$(call prepare,dev)

environment-mutants:
	$(call prepare,mutants)

environment-sslyze:
	$(call prepare,sslyze)

run: environment-run  ## the server, with a small demo tenant; the same data the second time
	@$(BIN)/provserver init --demo
	@exec $(BIN)/provserver serve

test: check environment-sslyze  ## everything: checks, then all tests
	@tools/peers.sh
	@echo "== pytest"
	@$(BIN)/python -m pytest --numprocesses auto --maxprocesses 8 --dist loadfile

check: environment-dev  ## what can be said without running it
	@echo "== ruff check"
	@$(BIN)/python -m ruff check --quiet .
	@echo "== ruff format --check"
	@$(BIN)/python -m ruff format --check --quiet .
	@echo "== mypy --strict"
	@$(BIN)/python -m mypy $(CODE)
	@echo "== import contracts"
	@$(BIN)/lint-imports

bench: environment-dev  ## benchmarks, as ratios; half an hour; writes the tables in README.md and docs/workloads.md
	@$(BIN)/python -m benchmarks --write

mutants: environment-mutants  ## which mistakes in what counts, decides and releases no test would notice; half an hour
	@$(BIN)/python -m tools.mutants

fmt: environment-dev  ## mend what can be mended by itself
	@$(BIN)/python -m ruff check --fix --quiet . || true
	@$(BIN)/python -m ruff format .

# Keeps the versions it finds; `make lock UPGRADE=--upgrade` takes the newest. For all systems and every Python >= 3.11.
COMPILE = uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	--no-emit-index-url --no-emit-find-links $(UPGRADE)

lock:  ## requirements/*.lock anew, from pyproject.toml and requirements/*.in
	@command -v uv >/dev/null || { echo "make lock: needs uv (https://docs.astral.sh/uv)" >&2; exit 1; }
	$(COMPILE) pyproject.toml requirements/build.in --output-file requirements/run.lock
	$(COMPILE) requirements/speed.in --constraint requirements/run.lock --output-file requirements/speed.lock
	$(COMPILE) pyproject.toml requirements/build.in requirements/dev.in --constraint requirements/run.lock \
		--output-file requirements/dev.lock
	$(COMPILE) pyproject.toml requirements/build.in requirements/dev.in requirements/mutants.in \
		--constraint requirements/dev.lock --output-file requirements/mutants.lock
	$(COMPILE) requirements/sslyze.in --output-file requirements/sslyze.lock

clean:  ## everything that can be made again; never the data
	rm -rf .venv build dist mutants .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .benchmarks
	find . -path ./.git -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +
