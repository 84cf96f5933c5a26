# Archiefklaar: every command a developer needs. `make` alone says what there is.
PY := .venv/bin/python

.PHONY: help set-up demo test app check lint types contracts lock screenshots clean

help:
	@echo "make demo         zet alles op en doet het hele werk op voorbeelden"
	@echo "make test         zet alles op en draait de tests (geen scherm nodig)"
	@echo "make app          opent het venster"
	@echo "make check        stijl, typen, contracten en tests"
	@echo "make lock         maakt requirements.lock opnieuw"
	@echo "make screenshots  maakt schermafdrukken in schermafdrukken/"

set-up:
	@packaging/opzetten.sh

demo: set-up
	@$(PY) -m archiver.cli demo --naar demo-uitvoer

test: set-up
	@echo "== Tests (een paar minuten)"
	@$(PY) -m pytest -q -n auto --dist loadfile -m "not heartbeat"
	@echo "== Hartslag van het venster (apart: deze tests meten of het venster vrij blijft)"
	@$(PY) -m pytest -q -m heartbeat tests/ui

app: set-up
	@$(PY) -m archiver.cli gui

check: lint types contracts test

lint: set-up
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .

types: set-up
	@$(PY) -m mypy

contracts: set-up
	@.venv/bin/lint-imports

lock: set-up
	@.venv/bin/python -m pip install --quiet pip-tools
	@.venv/bin/pip-compile --quiet --generate-hashes --extra test --extra dev --no-emit-index-url \
	  --no-emit-trusted-host --no-emit-find-links --strip-extras --no-header --allow-unsafe \
	  -o requirements.lock pyproject.toml

screenshots: set-up
	@QT_QPA_PLATFORM=offscreen $(PY) packaging/schermafdrukken.py schermafdrukken

clean:
	@rm -rf .venv demo-uitvoer schermafdrukken .pytest_cache .mypy_cache .ruff_cache .hypothesis
