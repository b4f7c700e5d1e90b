# make run serves the product, make test proves it; both install what is missing first.

PYTHON ?= $(shell for python in python3.11 python3.12 python3.13 python3; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
VENV := .venv
BIN := $(VENV)/bin
HOST ?= 127.0.0.1
PORT ?= 8000
MYSQL_TEST_URL ?= mysql://root@127.0.0.1:3306/posesmart
FUZZ_SECONDS ?= 300
# What -n auto takes: two more than there are cores, since servers and browsers make tests wait.
export PYTEST_XDIST_AUTO_NUM_WORKERS ?= $(shell $(PYTHON) -c 'import os; print(2 + (os.cpu_count() or 1))')

.PHONY: help install install-mysql run test test-mysql fuzz lint audit format bench bench-load
.DEFAULT_GOAL := help

help:
	@echo "make run           serve on http://$(HOST):$(PORT) (PORT=9000 make run for another port)"
	@echo "make test          run the tests, on SQLite"
	@echo "make test-mysql    run them on MariaDB or MySQL, at MYSQL_TEST_URL ($(MYSQL_TEST_URL))"
	@echo "make fuzz          requests and pictures at random, FUZZ_SECONDS ($(FUZZ_SECONDS)) each (DATABASE_URL=... make fuzz: on MySQL)"
	@echo "make lint          ruff, mypy and import-linter"
	@echo "make audit         ask whether a dependency has a known vulnerability"
	@echo "make bench         measure against the plain pipeline, reports and the archive (ARGS=--reports, --archive: only that; ARGS=--quick: sooner; ARGS=--help lists all)"
	@echo "make bench-load    measure under load: 50 people for five minutes, then a worker's memory (ARGS=--help lists all)"
	@echo "make format        let ruff tidy the code"
	@echo "make install       only install, into $(VENV)"
	@echo "make install-mysql the same, and what MariaDB or MySQL needs"

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Pose Smart needs Python 3.11 or newer; none was found. PYTHON=/path/to/python make run uses yours."; exit 1; }
	$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "Python's venv module is missing. On Debian and Ubuntu: apt install python3-venv"; exit 1; }

$(VENV)/installed-run: requirements.txt | $(BIN)/python
	$(BIN)/python -m pip install --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/installed-dev: requirements-dev.txt $(VENV)/installed-run
	$(BIN)/python -m pip install --disable-pip-version-check -r requirements-dev.txt
	@touch $@

$(VENV)/installed-mysql: requirements-mysql.txt $(VENV)/installed-dev
	$(BIN)/python -m pip install --disable-pip-version-check -r requirements-mysql.txt
	@touch $@

install: $(VENV)/installed-dev
	@$(BIN)/python manage.py compile_texts

install-mysql: $(VENV)/installed-mysql

# Secrets of this machine's own, and no debug pages.
.env: | $(BIN)/python
	@$(BIN)/python -c 'import base64, secrets; print("DEBUG=false\nSECRET_KEY=" + secrets.token_urlsafe(50)); \
		print("FACE_KEYS=" + base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())' > $@
	@chmod 600 $@
	@echo "Wrote .env with new secret keys; .env.example lists all settings."

run: $(VENV)/installed-run .env
	@$(BIN)/python manage.py compile_texts
	@$(BIN)/python manage.py migrate --verbosity 0
	@$(BIN)/python manage.py prepare_archive --verbosity 0 || echo "Frames wait on disk until it is back."
	@echo "Pose Smart is on http://$(HOST):$(PORT) (Ctrl-C stops it)"
	@exec $(BIN)/gunicorn posesmart.wsgi --bind $(HOST):$(PORT)

# Side by side, and then one after the other what would suffer from that.
test: install
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder -m "not alone"
	$(BIN)/python -m pytest -m alone

# The tests make and drop a database there: test_ and the name in the URL. Those that ask nothing of it are left out.
test-mysql: install-mysql
	DATABASE_URL="$(MYSQL_TEST_URL)" MYSQL_TEST_URL="$(MYSQL_TEST_URL)" \
		$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder -m "not alone"

# What the tests do with fixed seeds, longer and at random; FUZZ_SEED=... repeats what a seed has found.
fuzz: install
	FUZZ_SECONDS=$(FUZZ_SECONDS) $(BIN)/python -m pytest tests/hostile

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy .
	$(BIN)/lint-imports --no-logo

audit: install
	$(BIN)/pip-audit --disable-pip --no-deps --progress-spinner off -r requirements.txt -r requirements-mysql.txt

format: install
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: install
	$(BIN)/python -m benchmarks $(ARGS)

# With mysqlclient and a MariaDB server the users are in MariaDB: make install-mysql.
bench-load: install
	$(BIN)/python -m benchmarks.load $(ARGS)
