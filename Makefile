# The daily commands. `make demo` and `make test` work on a fresh Debian or Ubuntu machine.

python := .venv/bin/python
SECONDS_PER_TARGET ?= 60

.PHONY: demo check test golden index bench fuzz docs wheel snapshot setup clean

setup:
	@scripts/setup

demo: setup            ## judge a small application image, this machine, recorded system calls, and what happens now
	@demo/run

check: setup           ## formatting, lint, types, import layers
	.venv/bin/ruff format --check src tests benches demo docs crates
	.venv/bin/ruff check src tests benches demo docs crates
	.venv/bin/mypy
	.venv/bin/python -m mypy.stubtest vigie._core
	.venv/bin/lint-imports
	cargo fmt --all --check
	cargo clippy --quiet --release --workspace --all-targets -- -D warnings

test:                  ## everything that can run here; what was skipped is listed with the reason
	@scripts/setup test
	@$(MAKE) --no-print-directory check
	cargo test --quiet --profile checked --workspace --exclude vigie-python
	$(python) -m pytest

golden: setup          ## rewrite expected files; the diff is the review
	VIGIE_GOLDEN=1 $(python) -m pytest -q tests/unit tests/cli tests/project

index: setup           ## rewrite the indexes of plug-ins, checks and rules for secrets from their declarations
	$(python) -m vigie.plugs
	$(python) -m vigie.misconfig.catalog
	$(python) -m vigie.secrets.rules

bench: setup           ## side by side with the peers that are installed: CPU seconds, wall seconds, peak memory
	$(python) benches/run.py
	$(python) benches/config.py
	$(python) benches/secrets.py
	$(python) benches/secrets_history.py
	$(python) benches/secrets_quality.py
	$(python) benches/watch.py
	$(python) benches/live.py

fuzz: setup            ## each reader of hostile bytes for SECONDS_PER_TARGET
	crates/fuzz/run $(SECONDS_PER_TARGET)

docs: setup            ## rewrite the generated reference pages
	$(python) docs/generate.py

wheel: setup           ## an abi3 wheel in dist/
	.venv/bin/maturin build --release --out dist

snapshot: setup        ## rebuild the shipped database: make snapshot FROM=folder-of-advisories
	$(python) -m vigie.vulnerabilities.database.build --snapshot --from $(FROM)

clean:
	rm -rf .venv target build dist
