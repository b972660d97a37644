# `make demo` runs the whole protocol on the bundled data; `make test` runs every check. Both set up their environment first.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
RUN := PATH="$(CURDIR)/$(BIN):$$PATH" HF_HUB_OFFLINE=1 HF_DATASETS_OFFLINE=1 TOKENIZERS_PARALLELISM=false

# All studies at demo size but selection (33 arms), two workers; what is done already is not done again.
STUDIES := size-pawsx target-size quality-quantity task-by-size english-multilingual stilts

.PHONY: demo studies test lint types fast real apertium clean

demo: $(VENV)/.cairn-base
	@echo "The demo: all stages on bundled data, minutes on two cores. Interrupt it when you like: it goes on where it was."
	$(RUN) curation repro
	@sed -n '1,40p' reports/report.md
	@echo; echo "The whole report: reports/report.html. Next: $(BIN)/curation show mini_nli"

studies: $(VENV)/.cairn-base
	for name in $(STUDIES); do $(RUN) $(BIN)/training study run $$name --jobs 2 || exit 1; done

test: lint types fast

lint: $(VENV)/.cairn-dev
	$(BIN)/ruff check . && $(BIN)/ruff format --check .

types: $(VENV)/.cairn-dev
	$(BIN)/mypy

fast: $(VENV)/.cairn-dev
	$(RUN) OMP_NUM_THREADS=1 $(BIN)/pytest -n auto

real: $(VENV)/.cairn-dev
	$(RUN) $(BIN)/pytest -m real

apertium: $(VENV)/.cairn-dev
	$(RUN) $(BIN)/pytest -m apertium

$(VENV)/.cairn-base: pyproject.toml constraints.txt
	@echo "Installing into $(VENV): torch 2.13.0, then Cairn and what it needs, at the versions of constraints.txt."
	@echo "On the disk about 1.8 GB with a CPU build of torch (0.75 GB of it), several GB more with CUDA, which Linux gets"
	@echo "unasked. To spare them, stop here (Ctrl-C) and put the CPU build there first:"
	@echo "  $(PYTHON) -m venv $(VENV) && $(BIN)/pip install torch==2.13.0 --index-url https://download.pytorch.org/whl/cpu"
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --constraint constraints.txt torch==2.13.0
	$(BIN)/python -m pip install --constraint constraints.txt --editable '.[cpu]'
	touch $@

$(VENV)/.cairn-dev: $(VENV)/.cairn-base
	$(BIN)/python -m pip install --constraint constraints.txt --editable '.[cpu,dev]'
	touch $@

clean:
	rm -rf $(VENV) .cairn
	find data models reports -mindepth 1 -type f -not -name .gitkeep -not -path reports/check.json -not -path reports/trial.json -delete
	find data models reports -mindepth 1 -type d -empty -delete
