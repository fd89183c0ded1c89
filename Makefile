# make run   installs what the app needs and starts it
# make serve does the same for a class: a server process for each core, behind nginx where that is installed
# make static builds a folder that any file host can serve: the app then runs in each visitor's browser
# make test  installs what the checks need and runs them all
# make check runs lint, types and the quick unit tests

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8501
# One BLAS thread: two are no faster on networks of this size.
export OPENBLAS_NUM_THREADS := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1
STAMP := $(VENV)/app-is-installed
DEV_STAMP := $(VENV)/tools-are-installed

# What a unit test is: neither pages, nor a browser, nor a server.
UNIT := tests/engine tests/data tests/experiments tests/charts tests/share tests/ui tests/test_house.py
PARALLEL := -n 2 --dist worksteal

.PHONY: run serve static test check quick lint browser clean

# The page Sweep may use all cores of a machine of one's own; MBGD_WORKERS= keeps it in the app's process.
run: $(STAMP)
	@MBGD_WORKERS=$${MBGD_WORKERS-$$(getconf _NPROCESSORS_ONLN)} $(BIN)/python -m mbgd.ui.start --server.port $(PORT)

serve: $(STAMP)
	@$(BIN)/python -m deploy.serve --port $(PORT)

# make static PYODIDE=https://host/pyodide.mjs names a copy of Pyodide of your own
static: $(STAMP)
	@$(BIN)/python -m deploy.static $(if $(PYODIDE),--pyodide '$(PYODIDE)')

# While the code is linted, what the tests need is fetched; while a browser's test waits for its page, other tests run.
test:
	@$(MAKE) --no-print-directory -j 2 lint browser
	$(BIN)/python -m pytest $(PARALLEL)

check:
	@$(MAKE) --no-print-directory -j 2 lint quick

quick: $(DEV_STAMP)
	$(BIN)/python -m pytest $(PARALLEL) -m "not thorough" $(UNIT)

lint: $(DEV_STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright

browser: $(DEV_STAMP)
	@$(BIN)/python -m tests.browser.install

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "mbgd needs Python 3.11 or newer, and " \
	  "$(PYTHON) is " + sys.version.split()[0] + ": name a newer one, as in make PYTHON=python3.12 run.")'
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
	  echo "Python could not make a virtual environment. On Debian: apt-get install python3-venv"; exit 1; }

$(STAMP): $(BIN)/python requirements.txt
	@echo "Installing what the app needs into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet -r requirements.txt
	@touch $@

$(DEV_STAMP): $(STAMP) requirements-dev.txt
	@echo "Installing the development tools into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet -r requirements-dev.txt
	@touch $@

clean:
	rm -rf $(VENV) static .cache .pytest_cache .ruff_cache
