# Everything starts from git, make and Python >= 3.10; the first target to run makes the environment.
PYTHON ?= python3
VENV ?= .venv
LANGUAGES = en zh_CN

BIN = $(VENV)/bin
OUT = docs/_build
# Without -j, which only the examples need: Sphinx 9.0 passes over a failure in a parallel writer.
SPHINX = "$(BIN)/sphinx-build" -n -W --keep-going
export OMP_NUM_THREADS = 1
export MPLBACKEND = Agg

.DELETE_ON_ERROR:
.PHONY: html site.zip test test-slow test-all lint bench pdf gettext clean help

help:
	@echo "make html      build the site, both languages, into $(OUT)/html"
	@echo "make site.zip  pack the site as one file, to be read without a network"
	@echo "make test      run the tests but for the slow ones;  make test-all: those as well"
	@echo "make lint      formatter, linter, types"
	@echo "make bench     measure what the project claims about speed"
	@echo "make pdf       the site as one PDF for each language (needs LaTeX)"
	@echo "make gettext   bring docs/locale up to date with the English text"
	@echo "make clean     remove what the build made, but not $(VENV)"

$(VENV)/.installed: setup.cfg constraints.txt
	test -x "$(BIN)/python" || $(PYTHON) -m venv "$(VENV)"
	"$(BIN)/python" -m pip install -c constraints.txt torch
	"$(BIN)/python" -m pip install -c constraints.txt -e ".[dev]"
	touch "$@"

# What the site is made of. Its first language runs the examples; the others find the gallery made.
SOURCES := $(shell find CHANGELOG.md benchmarks d2l_ch7 data docs examples -type f \
  -not -path "*/__pycache__/*" -not -path "*/_build/*" -not -path "*/auto_*/*" -not -name "*.mo") \
  $(wildcard $(OUT)/pdf/*.pdf)
PAGES = $(LANGUAGES:%=$(OUT)/html/%/index.html)

html: $(PAGES) $(OUT)/html/index.html
	@echo "The site is at $(OUT)/html/index.html"

$(filter-out $(firstword $(PAGES)),$(PAGES)): $(firstword $(PAGES))

$(PAGES): $(OUT)/html/%/index.html: $(VENV)/.installed $(SOURCES)
	$(SPHINX) -D language=$* -d $(OUT)/doctrees/$* -b html docs $(OUT)/html/$*
	touch $@

$(OUT)/html/index.html: $(PAGES)
	"$(BIN)/python" docs/_ext/site_root.py $(OUT)/html

site.zip: html
	"$(BIN)/python" docs/_ext/site_root.py $(OUT)/html --pack

PYTEST = "$(BIN)/python" -m pytest -n 2 --dist loadfile --no-loadscope-reorder

test: $(VENV)/.installed
	$(PYTEST) -m "not slow"

test-slow: $(VENV)/.installed
	$(PYTEST) -m slow

test-all: test test-slow

lint: $(VENV)/.installed
	"$(BIN)/ruff" check
	"$(BIN)/ruff" format --check --exclude examples
	"$(BIN)/ruff" format --check --line-length 76 examples
	"$(BIN)/mypy"
	@if [ -d node_modules ]; then npm run --silent lint; else \
	  echo "The playground's scripts are not linted: that needs Node, and npm install once."; fi

bench: $(VENV)/.installed
	"$(BIN)/python" benchmarks/run.py
	"$(BIN)/python" benchmarks/browser.py

# One after the other: the first runs the examples.
pdf: $(VENV)/.installed
	@command -v latexmk >/dev/null && command -v xelatex >/dev/null && command -v rsvg-convert >/dev/null \
	  || { echo "make pdf needs LaTeX and rsvg-convert. On Debian or Ubuntu: apt install latexmk" \
	  "texlive-xetex texlive-latex-extra texlive-fonts-recommended texlive-lang-chinese" \
	  "fonts-freefont-otf fonts-noto-cjk librsvg2-bin"; exit 1; }
	mkdir -p $(OUT)/pdf
	set -e; for language in $(LANGUAGES); do \
	  $(SPHINX) -D language=$$language -d $(OUT)/doctrees/latex-$$language -b latex docs $(OUT)/latex/$$language; \
	  $(MAKE) -C $(OUT)/latex/$$language; \
	  cp $(OUT)/latex/$$language/d2l_ch7.pdf $(OUT)/pdf/d2l_ch7-$$language.pdf; done
	@echo "The PDFs are in $(OUT)/pdf; the next \"make html\" offers them"

gettext: $(VENV)/.installed
	rm -rf $(OUT)/gettext
	$(SPHINX) -D language=en -d $(OUT)/doctrees/gettext -b gettext docs $(OUT)/gettext
	"$(BIN)/sphinx-intl" update -p $(OUT)/gettext -d docs/locale -l zh_CN -w 0
	"$(BIN)/python" docs/_ext/translations.py $(OUT)/gettext

clean:
	rm -rf docs/_build docs/auto_examples docs/auto_speed docs/auto_playground build dist .pytest_cache .ruff_cache .mypy_cache .hypothesis
	find docs/locale -name "*.mo" -delete
