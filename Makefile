# The only entry: `make help` lists what there is.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
BIN := $(CURDIR)/.venv/bin
RUN := PATH="$(BIN):$$PATH"
# Compiled modules are kept: a process starts in half the time, and tests start hundreds.
unexport PYTHONDONTWRITEBYTECODE
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: help
help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 22

# ---------------------------------------------------------------- set-up: each stamp is redone only when what it is made from changes
.PHONY: setup preflight
preflight:
	@tools/preflight.sh

setup: preflight ## everything a run needs (Python, native core, contract tools); a second time needs no network
	@$(MAKE) --no-print-directory --silent -j3 .venv/.python .venv/.native .venv/.contracts

.venv/.venv:
	@echo "… Python の環境を作っています / creating the Python environment" >&2
	@$(PYTHON) -m venv .venv
	@$(PIP) install --upgrade "pip==26.3" "setuptools==84.2.1" "wheel==0.48.0" "maturin==1.16.0"
	@touch $@

.venv/.native: .venv/.venv $(shell find native/core native/shim native/python native/Cargo.* native/pyproject.toml -name '*.rs' -o -name '*.toml' -o -name 'Cargo.lock' -o -name '*.py*' 2>/dev/null)
	@echo "… Rust の計算部を作っています / building the native core" >&2
	@$(RUN) $(BIN)/python -m pip --disable-pip-version-check --quiet install --no-build-isolation --no-deps --force-reinstall ./native
	@touch $@

.venv/.python: .venv/.venv pyproject.toml constraints.txt
	@echo "… Python のパッケージを入れています / installing Python packages" >&2
	@$(PIP) install --constraint constraints.txt --requirement <($(BIN)/python tools/requirements.py)
	@$(PIP) install --no-build-isolation --no-deps --editable . 2> .venv/editable.log || { cat .venv/editable.log; exit 1; }
	@touch $@

.venv/.contracts: .venv/.venv package.json package-lock.json
	@echo "… コントラクトの道具を入れています / installing the contract tools" >&2
	@PATH="$(BIN):$$PATH" tools/npm-ci.sh
	@touch $@

# ---------------------------------------------------------------- the commands of the README
.PHONY: demo serve serve-anew test test-all
demo: setup ## set up by itself and run the whole line: charge, pay by QR, settle, reconcile
	@$(BIN)/python -m demo

serve: setup ## a demo town of this fiscal year, left running; kept over restarts (PORT=8730)
	@$(BIN)/python -m demo.serve $(if $(PORT),--port $(PORT))

serve-anew: setup ## the same from nothing: deletes what was kept
	@$(BIN)/python -m demo.serve --anew $(if $(PORT),--port $(PORT))

# With the wheel's own features, so that what the set-up compiled serves the tests too.
CARGO_TEST := cargo test --release --locked --quiet --workspace --exclude bandai-coin-bench --features bandai-coin-native/extension-module
test: setup ## set up by itself and run the tests (minutes)
	@cd native && $(CARGO_TEST)
	@$(RUN) $(BIN)/python -m pytest -n 3 -m "not slow" tests

test-all: setup lint ## the tests that need longer, and what `make lint` checks
	@$(RUN) $(BIN)/python -m pytest -n 2 -m slow tests
	@cd native && $(CARGO_TEST) -- --ignored

# ---------------------------------------------------------------- the core: measured, and attacked
.PHONY: bench-core fuzz
BENCH := native/target/bench/release/bandai-coin-bench
ROUNDS ?= 9
bench-core: setup ## the core against libsecp256k1, eth-account and coincurve: one JSON line (ROUNDS=9)
	@cd native && CFLAGS="-O3 -march=native" cargo build --release --locked --quiet --target-dir target/bench -p bandai-coin-bench
	@$(BIN)/python -m bench.core $(BENCH) $(ROUNDS)

MINUTES ?= 5
FUZZ_TOOL := native/target/tools/bin/cargo-fuzz
ASAN := RUSTC_BOOTSTRAP=1 RUSTFLAGS="-Zsanitizer=address -Coverflow-checks=yes" ASAN_OPTIONS=detect_leaks=0
$(FUZZ_TOOL):
	@echo "… cargo-fuzz を入れています / installing cargo-fuzz" >&2
	@cd native && cargo install cargo-fuzz --version 0.13.1 --locked --quiet --root target/tools

fuzz: setup $(FUZZ_TOOL) ## the core's tests under AddressSanitizer, then fuzzing against libsecp256k1 (MINUTES=5)
	@cd native && $(ASAN) cargo test --release --locked --quiet -p bandai-coin-core --target x86_64-unknown-linux-gnu --target-dir target/asan
	@mkdir -p native/target/fuzz-corpus native/target/fuzz-found
	@cd native && PATH="$$PWD/target/tools/bin:$$PATH" RUSTC_BOOTSTRAP=1 cargo fuzz run --fuzz-dir fuzz --target-dir target/fuzz \
		batches target/fuzz-corpus -- -max_total_time=$$((60 * $(MINUTES))) -max_len=646 -print_final_stats=1 -artifact_prefix=target/fuzz-found/

# ---------------------------------------------------------------- habits
.PHONY: lint format contracts contract-size errors examples layers clean
lint: setup ## ruff, mypy --strict, import-linter, forge fmt, cargo fmt and clippy
	@$(BIN)/ruff check --quiet . && $(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy --no-error-summary
	@$(RUN) $(BIN)/python -m tools.forge fmt --check contracts
	@$(BIN)/lint-imports --no-cache > .venv/imports.log || { cat .venv/imports.log; exit 1; }
	@cd native && cargo fmt --check && cargo clippy --release --quiet --all-targets -- -D warnings

format: setup ## format the sources
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format --quiet .
	@$(RUN) $(BIN)/python -m tools.forge fmt contracts > /dev/null
	@cd native && cargo fmt

contracts: setup ## compile the contract and write the artifact that ships with the package
	@$(RUN) $(BIN)/python -m tools.contracts

contract-size: setup ## what the contract weighs, and what is left when the missing kinds stand beside it: one JSON line
	@$(RUN) $(BIN)/python -m tools.contract_size

errors: setup ## write docs/errors.md from api/pages/errors.toml
	@$(BIN)/python -m api.catalogue

examples: setup ## record the exchanges of the API's page from a real gateway
	@BANDAI_WRITE_EXAMPLES=1 $(BIN)/python -m pytest -q tests/api/test_examples_of_the_page.py

layers: setup ## draw docs/layers.svg from the import rules
	@$(BIN)/python -m tools.layers

clean: ## delete what was built and what the demos stored
	@rm -rf .venv node_modules native/target var cache out *.egg-info
