# make demo · make test · make lint · make samples · make clean
# Each command sets up what it needs in .venv, once for each state of pyproject.toml.
#   make test ARGS="tests/read -k journal"      PYTHON=python3.13 make demo      CHROMIUM=/path make test

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.NOTPARALLEL:
.DELETE_ON_ERROR:
.PHONY: demo test lint samples clean

PYTHON ?= python3
ARGS ?=
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

# $(call system_package,NAME,WHAT TO DO): apt-get where root on Debian, else the instruction and a stop
define system_package
if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
  echo "Installing $(1) with apt-get …"; \
  apt-get update -qq >/dev/null && \
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(1) >/dev/null; \
else \
  echo "$(2)" >&2; exit 1; \
fi
endef

demo: .venv/sitegen.stamp
	@$(BIN)/sitegen build sample_runs --config sample_runs/sitegen.toml -o site
	@$(BIN)/python -c 'import pathlib; print("Click", pathlib.Path("site/index.html").resolve().as_uri())'

test: .venv/test.stamp
	@if [ -z "$${CHROMIUM:-}" ] && ! command -v chromium chromium-browser google-chrome >/dev/null; then \
	  $(call system_package,chromium,The browser tests need Chromium: sudo apt-get install chromium. Elsewhere name it: CHROMIUM=/path/to/chromium make test); \
	fi
	@# Browser tests have processes of their own: Playwright leaves an event loop running in its.
	@failed=0; ran=0; for suite in "not browser" browser; do code=0; \
	  $(BIN)/python -m pytest --numprocesses auto --maxprocesses 8 --dist loadgroup \
	    -m "$$suite" $(ARGS) || code=$$?; \
	  case $$code in 5) ;; 0) ran=1 ;; *) ran=1; failed=$$code ;; esac; \
	done; [ $$ran = 1 ] || { echo "No test was selected." >&2; exit 5; }; exit $$failed

lint: .venv/lint.stamp
	@$(BIN)/ruff check .
	@$(BIN)/mypy

samples: .venv/test.stamp
	@$(BIN)/python sample_runs/make_sample_runs.py

clean:
	rm -rf .venv site .sitegen-cache dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/python.stamp:
	@command -v $(PYTHON) >/dev/null || { \
	  echo "$(PYTHON) was not found; sitegen needs Python 3.11 or newer." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "$(PYTHON) is $$($(PYTHON) -V); sitegen needs Python 3.11 or newer: PYTHON=python3.13 make …" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  $(call system_package,python3-venv,Python cannot make environments: sudo apt-get install python3-venv); }
	@$(PYTHON) -m venv --clear .venv
	@touch $@

.venv/sitegen.stamp: pyproject.toml .venv/python.stamp
	@echo "Installing sitegen into .venv …"
	@$(PIP) --editable .
	@touch $@

.venv/test.stamp: pyproject.toml .venv/sitegen.stamp
	@echo "Installing what the tests need …"
	@$(PIP) --editable '.[test,samples]'
	@touch $@

.venv/lint.stamp: pyproject.toml .venv/test.stamp
	@echo "Installing ruff and mypy …"
	@$(PIP) --editable '.[lint]'
	@touch $@
