# Everything here works in a fresh clone with Python 3.11 or newer, make and git.

PYTHON ?= $(firstword $(foreach name,python3.13 python3.12 python3.11 python3 python3.14,\
	$(shell $(name) -c 'import sys, ensurepip; sys.exit(sys.version_info < (3, 11))' \
	2>/dev/null && echo $(name))))
UV_VERSION := 0.13.9
UV := $(shell command -v uv 2>/dev/null || echo .tools/uv/bin/uv)
RUN := .venv/bin/
# Each folder of snippets by itself: a snippet imports its neighbours by plain name.
SNIPPETS := $(subst $() ,:,$(wildcard snippets/*))

.DEFAULT_GOAL := help
.PHONY: help demo test lint types unit streams site dist run sync bench soak redis drift format clean

help:  ## show this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

demo: .venv/ready  ## the production patterns, live against the mocked venue
	$(RUN)python -m demo

test: lint types unit streams site  ## everything that CI checks

lint: .venv/ready  ## ruff: rules and format
	$(RUN)ruff check .
	$(RUN)ruff format --check .

types: .venv/ready  ## mypy, strict: the venue, the demo, the snippets, the scripts, the graders
	MYPYPATH=$(SNIPPETS) $(RUN)mypy mock_clob demo scripts snippets/*/*.py evals/*.py \
		evals/tasks/*/check.py

# The blocks by themselves: one process counts them all.
JOBS := 2
unit: .venv/ready .tools/redis-server .tools/chromium  ## blocks, snippets, venue; snippets covered to the last branch
	$(RUN)pytest --cov --cov-report= tests/skill
	$(RUN)pytest --cov --cov-report= --cov-append -n $(JOBS) --dist loadfile tests --ignore=tests/skill
	$(RUN)coverage report --include='mock_clob/*' --skip-covered
	$(RUN)coverage report --include='snippets/*' --fail-under=100 --skip-covered --show-missing

# polymarket-client holds websockets below 16; who does not need it gets the newest.
WEBSOCKETS := 17.4
streams: .venv/ready .tools/websockets-$(WEBSOCKETS)/ready  ## the streams' tests, on newest websockets
	PYTHONPATH=.tools/websockets-$(WEBSOCKETS) $(RUN)python -c \
		"import websockets; assert websockets.__version__ == '$(WEBSOCKETS)'"
	PYTHONPATH=.tools/websockets-$(WEBSOCKETS) $(RUN)pytest -q tests/snippets/test_market_stream.py \
		tests/snippets/test_user_stream.py tests/snippets/test_streams_at_the_venue.py \
		tests/snippets/test_sharded_stream.py tests/snippets/test_book_check.py

# Never with --quiet: it silences the warnings before --strict counts them.
SITE_URL ?= http://127.0.0.1:8000/
site: .venv/ready  ## build the site, strictly, with raw Markdown, llms.txt and archives
	NO_MKDOCS_2_WARNING=1 SITE_URL=$(SITE_URL) $(RUN)mkdocs build --strict
	$(RUN)python -m scripts.publish site $(SITE_URL)

dist: .venv/ready  ## what a release carries: archives of the skill, wheel and sdist of mock-clob, checksums
	rm -rf dist
	$(RUN)python -m hatchling build --directory dist
	$(RUN)python -m scripts.dist dist

run: .venv/ready  ## one snippet against the venue: make run FILE=snippets/... ARGS=--exchange=1
	PYTHONPATH=$(SNIPPETS) $(RUN)mock-clob run $(ARGS) $(FILE)

sync: .venv/ready .tools/redis-server  ## copy every snippet, and what it prints, into the blocks that show it
	$(RUN)pytest -q --update-examples tests/skill/test_blocks.py tests/skill/test_checked.py

bench: .venv/ready .tools/redis-server  ## the measurements of benchmarks/, beside what others do
	$(UV) sync --frozen --inexact --group bench --python $(or $(PYTHON),3.11)
	for file in benchmarks/*.py; do PYTHONPATH=$(SNIPPETS) $(RUN)python $$file || exit 1; done

SEED :=
HOURS := 10
soak: .venv/ready .tools/redis-server  ## hours of venue time under faults: make soak SEED=5 HOURS=24
	$(RUN)python -m tests.soak $(if $(SEED),--seed $(SEED)) --hours $(HOURS)

redis: .tools/redis-server  ## a redis-server for the tests, installed where that is allowed

drift: .venv/ready .tools/redis-server  ## the guides on the newest releases of what they import; facts that have aged
	$(RUN)python scripts/drift.py --uv $(UV)

format: .venv/ready  ## let ruff mend and format
	$(RUN)ruff check --fix .
	$(RUN)ruff format .

clean:  ## remove what make has made
	rm -rf .venv .tools site dist .coverage .mypy_cache .ruff_cache .hypothesis

.venv/ready: pyproject.toml uv.lock | $(UV)
	$(UV) sync --frozen --python $(or $(PYTHON),3.11)
	@touch $@

# Several processes share a limiter through Redis. Debian and Ubuntu keep the server's program in
# redis-tools, where it checks a dump unless it is called redis-server; their package redis-server
# would start a service.
.tools/redis-server:
	@mkdir -p $(@D)
	@if ! command -v redis-server >/dev/null && command -v apt-get >/dev/null \
		&& [ "$$(id -u)" = 0 ]; then \
		command -v redis-check-rdb >/dev/null || { apt-get update -qq && \
			DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends \
			redis-tools; } >$@.log 2>&1 || cat $@.log >&2; \
	fi
	@ln -sf "$$(command -v redis-server || command -v redis-check-rdb)" $@ 2>/dev/null && \
		$@ --version 2>/dev/null | grep -q 'Redis server' || { rm -f $@; \
		echo "make: no redis-server was found and none could be installed." \
		"Install Redis (as root on Debian and Ubuntu: apt-get install redis-tools;" \
		"on macOS: brew install redis), then run make again." >&2; exit 1; }

# The tests read the site in it.
FIND_CHROMIUM := for name in chromium chromium-browser google-chrome google-chrome-stable; do \
	command -v $$name && break; done
.tools/chromium:
	@mkdir -p $(@D)
	@if [ -z "$$($(FIND_CHROMIUM))" ] && command -v apt-get >/dev/null \
		&& [ "$$(id -u)" = 0 ]; then \
		{ apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
			apt-get install -qq --no-install-recommends chromium; } >$@.log 2>&1 || cat $@.log >&2; \
	fi
	@ln -sf "$$($(FIND_CHROMIUM))" $@ 2>/dev/null && \
		$@ --version >/dev/null 2>&1 || { rm -f $@; \
		echo "make: no Chromium was found and none could be installed." \
		"Install it or Chrome (as root on Debian: apt-get install chromium)," \
		"or link yours as $@, then run make again." >&2; exit 1; }

.tools/websockets-%/ready: | .venv/ready $(UV)
	$(UV) pip install --quiet --python .venv/bin/python --target $(@D) websockets==$*
	@touch $@

.tools/uv/bin/uv:
	@test -n "$(PYTHON)" || { echo "make: no Python 3.11 or newer with venv and pip was found." \
		"Install one (on Debian and Ubuntu: python3 and python3-venv)," \
		"or name it: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	$(PYTHON) -m venv .tools/uv
	.tools/uv/bin/pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
