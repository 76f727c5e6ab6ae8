# Everything starts here: `make help` lists the targets.
#
# Only Python >= 3.11 and make are expected on the machine. uv (pinned below) is installed into build/, Python packages
# come from uv.lock into .venv, Node comes as a Python wheel into .venv/bin, the app's packages from
# pwa/package-lock.json. Every installation leaves a stamp, so a second start takes seconds.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

UV_VERSION := 0.13.9
PORT ?= 8000
XUNKE_DATA ?= data
SEED ?= 1
STEPS ?= 1000
INPUTS ?= 20000
DATABASE ?= sqlite
ROUNDS ?= 20
ENGINES ?= sqlite,postgresql

export PATH := $(CURDIR)/.venv/bin:$(PATH)
# The project's interpreter is the one found below, never a downloaded one; certificates are the machine's.
export UV_PYTHON_DOWNLOADS := never
export UV_SYSTEM_CERTS := 1
export UV_PROJECT_ENVIRONMENT := $(CURDIR)/.venv
export NODE_USE_SYSTEM_CA := 1
export npm_config_audit := false
export npm_config_fund := false
export npm_config_update_notifier := false
# Another activated environment must not catch what is meant for .venv.
unexport VIRTUAL_ENV PYTHONHOME
ifdef CI
export UV_NO_PROGRESS := 1
export npm_config_progress := false
endif

UV := build/uv-$(UV_VERSION)/bin/uv
RUNTIME := .venv/.xunke-runtime
DEV := .venv/.xunke-dev
PACKAGES := pwa/node_modules/.package-lock.json
PWA := pwa/dist/index.html
PEERS := build/peers/.installed
XUNKE := .venv/bin/xunke
RUN := .venv/bin/python tools/steps.py

# Directories are listed too: their time changes when a file is removed.
PWA_SOURCES := $(shell find pwa/src pwa/public pwa/build pwa/scripts -not -name '.*' 2>/dev/null) \
               $(wildcard pwa/*.ts pwa/*.js pwa/*.mjs pwa/*.json pwa/*.html)

# ---------------------------------------------------------------------------------------------------------------- use

demo demo-reset: export PORT := $(PORT)
demo demo-reset: export XUNKE_DATA := $(XUNKE_DATA)

demo: $(RUNTIME) $(PWA) ## Install, build the app, create a demo company and serve it (PORT=8000 XUNKE_DATA=data)
	@$(XUNKE) demo
	@exec $(XUNKE) serve

demo-reset: $(RUNTIME) ## Throw the demo company away; the next `make demo` starts over
	@$(XUNKE) demo --reset

install: $(RUNTIME) $(PWA) ## Install and build what the server needs, without starting it

# ------------------------------------------------------------------------------------------------------------- change

check: $(DEV) $(PACKAGES) ## The fast loop: format, lint, types, read rule, unit tests (ONLY="types vitest" picks steps)
	@$(RUN) check $(ONLY)

test: $(DEV) $(PACKAGES) ## Everything: check, PostgreSQL, first-load size, end to end in a browser (ONLY= as above)
	@$(RUN) test $(ONLY)

format: $(DEV) $(PACKAGES) ## Rewrite Python and TypeScript the way `make check` wants them
	@ruff check --fix --quiet . ; ruff format .
	@npm --prefix pwa run --silent format

generate: $(DEV) $(PACKAGES) ## Regenerate what the app takes from the server: declarations, labels, API types
	@$(XUNKE) generate
	@npm --prefix pwa run --silent types

bench: $(DEV) $(PACKAGES) $(PWA) ## Measure sync, commands, photos and first load, each beside its reference
	@.venv/bin/python -m tests.bench

bench-peers: $(DEV) $(PEERS) ## Measure PouchDB and Kinto with the same customers on this machine (installs them into build/peers)
	@.venv/bin/python -m tests.bench.peers build/peers

$(PEERS): tests/bench/peers/package.json tests/bench/peers/requirements.txt | $(DEV)
	@echo 'Installing PouchDB and Kinto into build/peers ...'
	@mkdir -p build/peers && cp tests/bench/peers/package.json build/peers/
	@npm --prefix build/peers install --no-save --loglevel=error
	@$(UV) venv --quiet --clear --python .venv/bin/python build/peers/kinto
	@$(UV) pip install --quiet --python build/peers/kinto/bin/python -r tests/bench/peers/requirements.txt
	@touch $@

fuzz: $(DEV) ## Mutated pictures through the intake checks, summary in docs/fuzzing.md (INPUTS=20000 SEED=1)
	@.venv/bin/python -m tools.fuzz --inputs $(INPUTS) --seed $(SEED)

simulate: $(DEV) $(PACKAGES) ## Phones, desk and faults by chance against the real server (SEED=1 STEPS=1000 DATABASE=sqlite|postgresql)
	@.venv/bin/python -m tests.sim --seed $(SEED) --steps $(STEPS) --database $(DATABASE) --shrink

crash: $(DEV) ## SIGKILL under load, again and again: what was acknowledged is there (ROUNDS=20 SEED=1 ENGINES=sqlite,postgresql)
	@.venv/bin/python -m tests.crash --rounds $(ROUNDS) --seed $(SEED) --database $(ENGINES)

screenshots: $(DEV) $(PACKAGES) $(PWA) ## Remake the pictures in docs/images from a fresh demo company
	@.venv/bin/python -m pytest -q tests/e2e/screenshots.py

clean: ## Remove everything that make installed or built; data stays
	rm -rf .venv build pwa/node_modules pwa/dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +

help: ## This list
	@echo 'Xunke 巡客. Needs Python 3.11 or newer and make; everything else is installed by itself.'
	@echo
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | while IFS="$$(printf '\t')" read -r name text; do \
	  printf '  make %-12s %s\n' "$$name" "$$text"; done

# ------------------------------------------------------------------------------------------------------- installation

$(UV):
	@for python in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	  if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then found=$$python; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
	  echo 'Xunke needs Python 3.11 or newer; none is on the PATH as python3, python3.11 ... python3.14.' >&2; exit 1; fi; \
	if ! $$found -c 'import venv, ensurepip' >/dev/null 2>&1; then \
	  echo "$$found cannot make virtual environments (on Debian and Ubuntu: apt install python3-venv)." >&2; exit 1; fi; \
	echo "Installing uv $(UV_VERSION) with $$($$found --version) ..."; \
	mkdir -p build && rm -rf build/uv-$(UV_VERSION) && $$found -m venv build/uv-$(UV_VERSION) && \
	build/uv-$(UV_VERSION)/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

# --inexact: the runtime set must not remove what `make check` installed, and the other way round.
$(RUNTIME): uv.lock pyproject.toml | $(UV)
	@test -x .venv/bin/python || $(UV) venv --quiet --python build/uv-$(UV_VERSION)/bin/python .venv
	@echo 'Installing Python packages ...'
	@$(UV) sync --quiet --frozen --inexact --group build
	@touch $@

$(DEV): uv.lock pyproject.toml | $(UV)
	@test -x .venv/bin/python || $(UV) venv --quiet --python build/uv-$(UV_VERSION)/bin/python .venv
	@echo 'Installing Python packages for development ...'
	@$(UV) sync --quiet --frozen --inexact --group build --group dev
	@touch $@ $(RUNTIME)

# npm writes this file itself, so packages installed by hand count as installed. Not `npm ci`: that refuses a lock which
# lacks binaries of other platforms (a registry mirror may not have them); `--no-save` takes the locked versions as well.
$(PACKAGES): pwa/package-lock.json | $(RUNTIME)
	@echo 'Installing the packages of the app ...'
	@npm --prefix pwa install --no-save --loglevel=error
	@touch $@

$(PWA): $(PWA_SOURCES) $(PACKAGES)
	@echo 'Building the app ...'
	@npm --prefix pwa run --silent build
	@touch $@

.PHONY: demo demo-reset install check test format generate bench bench-peers fuzz simulate crash screenshots clean help
