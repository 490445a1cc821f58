# One word a habit. `make demo` and `make test` work on a fresh machine with Python 3.11 or newer.
PYTHON ?= python3
# `make near` runs so many test files, the nearest to what changed.
FILES ?= 20
# Tests run in so many processes; each takes a core and up to 3 GB.
WORKERS ?= 2
VENV := .venv
ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
else
BIN := $(VENV)/bin
endif
RUN := $(BIN)/python

# What Python made of the tests' modules is kept, or each worker of each run makes it anew.
export PYTHONDONTWRITEBYTECODE :=

# The parallel tests, then those of real time with nothing beside them; the second run is made whatever the first gave.
run = failed=0; \
	$(RUN) -m pytest -m "$(1) and not realtime" -n $(WORKERS) --dist loadfile --no-loadscope-reorder || failed=1; \
	$(RUN) -m pytest -m "$(1) and realtime" || failed=1; \
	exit $$failed

.PHONY: demo dev near test test-all coverage docs screenshots soak soak-hour check scan audit serve bench bench-app bench-discrepancy bench-medasr bench-report bundle notebooks lock clean

demo: $(VENV)/.embedded
	$(BIN)/dictation demo

serve: $(VENV)/.app
	$(BIN)/dictation serve

test: $(VENV)/.dev
	$(RUN) tests/browser/get_chromium.py
	$(RUN) -m compileall -q dictation pipelines tests  # once, not by each of the hundreds of programs that tests start
	$(call run,not soak and not slow)

test-all: $(VENV)/.dev  # the slow tests, not the quick ones again
	$(RUN) tests/browser/get_chromium.py
	$(RUN) -m compileall -q dictation pipelines tests
	$(call run,slow and not soak)

coverage: $(VENV)/.dev  # of `make test`: lines and branches that ran in its own processes; htmlcov/index.html
	$(RUN) tests/browser/get_chromium.py
	$(RUN) -m pytest -m "not soak and not slow" -n $(WORKERS) --dist loadfile --no-loadscope-reorder \
		--cov --cov-report=html --cov-report=term:skip-covered

dev: $(VENV)/.dev  # everything, editable, and what is looked at before each commit
	$(RUN) -m pre_commit install

near: $(VENV)/.dev
	$(RUN) -m tests.near $(FILES) > $(VENV)/near.txt
	@test ! -s $(VENV)/near.txt || $(RUN) -m pytest -m "not soak" @$(VENV)/near.txt

docs: $(VENV)/.dev  # docs/_site/index.html, which opens from the folder; a warning is an error
	$(RUN) -m docs.generate
	$(RUN) -m sphinx -W --keep-going -q -b html docs docs/_site

screenshots: $(VENV)/.dev  # and the page of keys, which is made of what the browser knows
	$(RUN) tests/browser/get_chromium.py
	DICTATION_SCREENSHOTS=1 $(RUN) -m pytest tests/browser/test_screenshots.py tests/browser/test_users.py \
		tests/browser/test_keys_page.py

soak: $(VENV)/.dev
	$(RUN) tests/browser/get_chromium.py
	$(RUN) -m pytest -m soak -s

check: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/codespell *.md docs --skip "docs/_site,*.png,*.svg"

scan: $(VENV)/.dev
	$(BIN)/bandit -q -r dictation pipelines -c pyproject.toml
	$(BIN)/pip-audit -r constraints.txt --no-deps --disable-pip --dry-run > /dev/null
	@echo "The lock is whole; nothing was looked up, which make audit does, with a network."

audit: $(VENV)/.dev  # asks PyPI for what is known of each package of the lock
	$(BIN)/pip-audit -r constraints.txt --no-deps --disable-pip --strict

soak-hour: $(VENV)/.dev
	$(RUN) -m benchmarks.soak

bench-medasr: $(VENV)/.dev
	$(RUN) -m benchmarks.medasr.throughput --out benchmarks/results/medasr_throughput
	$(RUN) -m benchmarks.medasr.throughput --lengths 120 --pause 2.5 --systems ours voice pipeline \
		--out benchmarks/results/medasr_throughput_pauses
	$(RUN) -m benchmarks.medasr.windows --out benchmarks/results/medasr_windows
	$(RUN) -m benchmarks.medasr.decoding --out benchmarks/results/medasr_decoding.json
	PYTHONPATH=. $(RUN) -m benchmarks.live --minutes 60 --name hour
	PYTHONPATH=. $(RUN) -m benchmarks.live --streams 4 --name streams
	PYTHONPATH=. $(RUN) -m benchmarks.live --second-voice --name second_voice
	PYTHONPATH=. $(RUN) -m benchmarks.live --ear whisper --name whisper

bench-discrepancy: $(VENV)/.dev
	$(RUN) -m benchmarks.discrepancy --split dev --out benchmarks/results/discrepancy_dev \
		--ranking dictation/lexicon/data/measured_precision.tsv
	$(RUN) -m benchmarks.discrepancy --split test --out benchmarks/results/discrepancy_test

bench-app: $(VENV)/.dev
	$(RUN) tests/browser/get_chromium.py
	$(RUN) -m benchmarks.app

bench-report: $(VENV)/.dev
	$(RUN) -m benchmarks.report.generation --out benchmarks/results/report_generation
	$(RUN) -m benchmarks.report.memory

bench: bench-discrepancy bench-report
	$(RUN) -m benchmarks.extraction --split dev --peers $(VENV)/peers
	$(RUN) -m benchmarks.extraction --split test --peers $(VENV)/peers
	$(RUN) -m benchmarks.speech_wer --split test --count 100 --seed 2026 --out benchmarks/results/speech_wer
	$(RUN) -m benchmarks.batch --count 500 --kills 3 --out benchmarks/results/batch
	$(RUN) -m benchmarks.day --split dev --count 60 --seed 3 --work $(VENV)/day --out benchmarks/results/day

# Everything that a machine without a network needs, in one archive in dist/.
bundle: $(VENV)/.dev
	$(RUN) -m deploy.bundle --out dist

notebooks: $(VENV)/.dev
	cd notebooks && HF_HUB_OFFLINE=1 PYTHONWARNINGS=ignore ../$(BIN)/jupyter execute --inplace quickstart.ipynb wer_evaluation.ipynb

lock: $(VENV)/.dev
	$(RUN) -m pip freeze --exclude-editable > $(VENV)/frozen.txt
	$(RUN) -c "import pathlib; print(*sorted(l for l in pathlib.Path('$(VENV)/frozen.txt').read_text().split('\n') if '==' in l and not l.startswith(('torch==', 'torchvision==', 'nvidia', 'triton'))), sep='\n')" > constraints.txt

# Modules are compiled when they are first imported: of four gigabytes most never are, and it took two thirds of the time.
$(VENV)/.made:
	$(PYTHON) -m venv $(VENV)
	$(RUN) -m pip install -q --upgrade pip
	@echo made > $@

$(VENV)/.embedded: $(VENV)/.made pyproject.toml constraints.txt
	$(RUN) -m pip install -q --no-compile -c constraints.txt -e ".[embedded]"
	@echo done > $@

$(VENV)/.app: $(VENV)/.embedded
	$(RUN) -m pip install -q --no-compile -c constraints.txt -e ".[embedded,app]"
	@echo done > $@

$(VENV)/.dev: $(VENV)/.made Makefile pyproject.toml constraints.txt
	$(RUN) -m pip install -q --no-compile -c constraints.txt -e ".[embedded,app,hospital,medasr,medgemma-4bit,medsiglip,xrv,endpoint,postgres,cluster,notebooks,docs,dev]"
	$(RUN) -m pip install -q --no-compile -c constraints.txt -e ".[lm]" || echo "kenlm was not built (it needs a C++ compiler and cmake): its tests will be skipped."
	$(RUN) -m pip install -q --no-compile --no-deps pyctcdecode==0.5.0 pygtrie==2.6.2  # the peer in a test; it asks for numpy 1 without need
	@echo done > $@
	@echo done > $(VENV)/.embedded
	@echo done > $(VENV)/.app

clean:
	rm -rf build dist docs/_site .pytest_cache .ruff_cache .mypy_cache
