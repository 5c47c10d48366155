# Two commands for everybody: `make demo` and `make test`. Each sets everything up first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=

.PHONY: setup demo test check bench soak screens clean

setup: $(VENV)/ready

$(VENV)/ready: pyproject.toml constraints.txt $(wildcard hatch_build.py dashboard/web/package-lock.json)
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[dev]"
	touch $@

demo: setup
	@$(BIN)/fieldlab demo $(ARGS)

test: setup
	$(BIN)/python -m pytest -n auto --dist loadfile $(ARGS)

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python hatch_build.py check

bench: setup
	@$(BIN)/fieldlab bench $(ARGS)

soak: setup
	FIELDLAB_SOAK=1 $(BIN)/python -m pytest tests $(ARGS)

screens: setup
	$(BIN)/python -m tests.browser.screens $(ARGS)

clean:
	rm -rf $(VENV) dashboard/static
