# Every target makes what it needs: `make book` or `make test` alone is enough on a fresh clone.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
HTML := _build/html

# The kernels use one thread each: tests and chapters already run on as many processes as there are cores.
export NUMBA_NUM_THREADS ?= 1
export NUMBA_CACHE_DIR := $(CURDIR)/_build/numba
export JUPYTER_PLATFORM_DIRS := 1
# a notebook that prints on stderr fails, and kernels may have to be compiled in it
export CEDRAG_QUIET := 1
unexport PYTHONPATH MPLBACKEND
# setuptools would otherwise ask pip for the newest version of itself
AS_ROOT := $(if $(filter 0,$(shell id -u)),--allow-root)
PIP := $(BIN)/python -m pip --disable-pip-version-check

.PHONY: help setup results book pdf test oldest lint spell linkcheck examples chapters notebooks bench lab edit requirements clean distclean mutation campaign

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' Makefile

$(READY): requirements.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("cedrag needs Python 3.11 or newer: make PYTHON=python3.11 ...")'
	test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV)
	$(PIP) install --quiet -r requirements.txt
	$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	$(PIP) check
	touch $@

setup: $(READY) ## .venv with the pinned requirements and cedrag (every other target does this by itself)

# The kept results are computed again beside the pages, which leave one core idle.
book: $(READY) ## execute the chapters that need it, build the book, check it
	$(BIN)/python tools/executed_chapters.py
	$(BIN)/python tools/results.py --check & kept=$$!; status=0; \
	{ $(BIN)/jupyter-book build . -W -n --keep-going && $(BIN)/python tools/check_book.py $(HTML); } || status=1; \
	wait $$kept || status=1; exit $$status
	@echo "The book is ready. Open it in a browser: file://$(CURDIR)/$(HTML)/index.html"

pdf: book ## the whole book as one file that looks like a paper: _build/cedrag.pdf (REFERENCE=1: and the package)
	$(BIN)/python tools/make_pdf.py $(HTML) _build/cedrag.pdf $(if $(REFERENCE),--reference)

# A wrong kernel shows in every chapter, so the kernels are compared first and alone.
# The other tests run even when the linters complain, and pytest speaks last.
test: $(READY) ## ruff, codespell, mypy, then all tests and every notebook against its stored output
	$(BIN)/python -m pytest -q --tb=line tests/test_integrands.py
	status=0; \
	$(MAKE) --no-print-directory lint || status=1; \
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder --nbval-lax --nbval-current-env tests chapters || status=1; \
	if ((status)); then echo "make test: failed, see above" >&2; fi; \
	exit $$status

# Tests of the numbers and of the boundary; the book, the browser and the linters do not depend on these.
OLDEST_TESTS := tests/test_units.py tests/test_results.py tests/test_bilayer.py tests/test_condensate.py \
	tests/test_diode.py tests/test_common_case.py tests/test_pair_integrals.py tests/test_materials.py tests/test_two_body.py

oldest: ## the unit tests once more, with the oldest versions that pyproject.toml allows
	$(PYTHON) -m venv --clear _build/oldest
	_build/oldest/bin/python -m pip --disable-pip-version-check install --quiet \
		$$($(PYTHON) tools/oldest.py) pytest pytest-xdist hypothesis mpmath
	_build/oldest/bin/python -m pytest -n 2 --dist loadfile -W ignore::DeprecationWarning $(OLDEST_TESTS)

lint: $(READY) ## only ruff, codespell and mypy
	status=0; \
	$(BIN)/ruff check . || status=1; \
	$(BIN)/ruff format --check . || status=1; \
	$(BIN)/codespell || status=1; \
	$(BIN)/mypy || status=1; \
	exit $$status

spell: $(READY) ## only codespell
	$(BIN)/codespell

# `book` has checked the links and anchors inside.
linkcheck: book ## the book, then every address outside it (skipped without a network)
	if $(BIN)/python -c 'import socket; socket.create_connection(("arxiv.org", 443), 5)' 2>/dev/null; \
	then $(BIN)/jupyter-book build . --builder linkcheck; \
	else echo "make linkcheck: no network, so no address outside the book was asked"; fi

examples: $(READY) ## write the computed parts of README.md and of the page on the command anew
	$(BIN)/python tools/examples.py

chapters: $(READY) ## execute chapters/*.ipynb in place and strip what changes at every run (CHAPTER=diode for one)
	$(BIN)/python tools/execute_chapters.py $(CHAPTER)
	$(BIN)/python tools/clean_notebooks.py

notebooks: $(READY) ## write notebooks/ anew from chapters/ (after an edit in the prose alone)
	$(BIN)/python tools/clean_notebooks.py

results: $(READY) ## compute the long results whose code has changed, and keep their numbers (RESULT=name for one)
	$(BIN)/python tools/results.py $(RESULT)

bench: $(READY) ## time what was promised, next to C, numpy and scipy (and pyqula, if it is in .venv)
	$(BIN)/python benchmarks/run.py

lab: $(READY) ## read the chapters in JupyterLab, with live sliders
	$(BIN)/jupyter lab $(AS_ROOT) notebooks/summary.ipynb

edit: $(READY) ## change the chapters in JupyterLab: their source, with its markup
	$(BIN)/jupyter lab $(AS_ROOT) --notebook-dir=chapters

mutation: $(READY) ## change one operator at a time: does a test notice? (MUTATION='--sample 10 --module drag/ratio')
	$(BIN)/python tools/mutation.py $(MUTATION)

campaign: $(READY) ## random bilayers: is every answer a minimum? goes on where it stopped (SETS=3000)
	$(BIN)/python tools/campaign.py $(or $(SETS),3000)

requirements: ## resolve requirements.in anew into requirements.txt
	rm -rf _build/resolve
	$(PYTHON) -m venv _build/resolve
	_build/resolve/bin/pip install --quiet -r requirements.in
	{ echo "# Written by 'make requirements' from requirements.in: everything that is installed, pinned."; \
	  _build/resolve/bin/pip freeze --all --exclude pip; } > requirements.txt.new
	mv requirements.txt.new requirements.txt
	rm -rf _build/resolve

clean: ## remove what was built
	rm -rf _build .pytest_cache .ruff_cache .hypothesis

distclean: clean ## and the environment
	rm -rf $(VENV) *.egg-info
