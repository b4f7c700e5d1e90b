# make run starts the service, make test tests it; both install what is missing first.

VENV := .venv
BIN := $(VENV)/bin
HOST ?= 127.0.0.1
PORT ?= 8000
MYSQL_TEST_URL ?= mysql://root@127.0.0.1:3306/posesmart
FUZZ_SECONDS ?= 300
# The number of processes of -n auto: one more than there are cores, since tests wait for servers and browsers.
export PYTEST_XDIST_AUTO_NUM_WORKERS ?= $(shell expr 1 + $$(getconf _NPROCESSORS_ONLN))
# Tests keep their bytecode even where the environment says otherwise: to compile them takes longer than to import them,
# in each of those processes.
unexport PYTHONDONTWRITEBYTECODE
# Compiles the C of ai_models; without a C compiler it says so, and dlib serves instead.
COMPILE := $(BIN)/python -m ai_models.vision.native.build
# Makes .venv if there is no working one, and installs the packages of the files that follow.
INSTALL := sh deploy/setup/install.sh
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--custom-compile-command "make lock" $(ARGS)

.PHONY: help venv address install install-mysql browser-mode office run check quick-tests coverage test test-mysql fuzz lint \
	lint-alone lock audit format openapi bench bench-load
.DEFAULT_GOAL := help

help:
	@echo "make run           start the service on http://$(HOST):$(PORT); HOST and PORT change that: PORT=9000 make run"
	@echo "make office        ask what colleagues need to reach the service, write it into .env, check it; ARGS=--check only checks"
	@echo "make browser-mode  install what users need whose pictures stay in their browser, from npm"
	@echo "make check         lint, and run the tests that need no server and no browser: in a few minutes"
	@echo "make test          run all tests, on SQLite"
	@echo "make coverage      measure which branches the tests of make check run"
	@echo "make test-mysql    run the tests on MariaDB or MySQL, at MYSQL_TEST_URL ($(MYSQL_TEST_URL))"
	@echo "make fuzz          send random requests and broken pictures, FUZZ_SECONDS ($(FUZZ_SECONDS)) of each, and 500 dear bursts"
	@echo "make lint          check the code with ruff, mypy and import-linter"
	@echo "make format        format the code with ruff"
	@echo "make lock          pin the packages of requirements/*.in, with their hashes; make lock ARGS=--upgrade takes new ones"
	@echo "make openapi       write the API's schema to docs/openapi.yaml"
	@echo "make audit         look for known vulnerabilities in the dependencies"
	@echo "make bench         measure speed and compare it with the plain pipeline; make bench ARGS=--help lists the parts"
	@echo "make bench-load    measure with 50 users for five minutes; make bench-load ARGS=--help lists the options"
	@echo "make install       only install, into $(VENV)"
	@echo "make install-mysql install the client for MariaDB and MySQL as well"
	@echo "PYTHON=/path/to/python makes $(VENV) with that Python; it must be 3.11 or newer"

venv:
	@$(INSTALL)

install:
	@$(INSTALL) requirements.txt requirements-dev.txt
	@$(COMPILE)
	@$(BIN)/python manage.py compile_texts
	@$(BIN)/python manage.py build_page

install-mysql:
	@$(INSTALL) requirements.txt requirements-dev.txt requirements-mysql.txt
	@$(COMPILE)
	@$(BIN)/python manage.py compile_texts
	@$(BIN)/python manage.py build_page

# What finds faces in the browser, for users whose pictures stay there: 17 MB, from two npm packages. Without an npm on
# this machine, one is installed in .venv.
browser-mode: venv
	@$(INSTALL) requirements.txt
	@command -v npm >/dev/null || $(INSTALL) requirements.txt requirements-browser-mode.txt
	@$(BIN)/python -m web.browser_mode

# From localhost to colleagues: the settings for that, and whether each part of it works.
office: venv
	@$(INSTALL) requirements.txt
	@$(BIN)/python deploy/setup/office_setup.py $(ARGS)

# Checked before anything is downloaded.
address: venv
	@$(BIN)/python deploy/setup/serve.py --check '$(HOST)' '$(PORT)'

# With new secrets for this machine, and without debug pages.
.env: | venv
	@umask 077 && $(BIN)/python -c 'import base64, secrets; print("DEBUG=false\nSECRET_KEY=" + secrets.token_urlsafe(50)); \
		print("FACE_KEYS=" + base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())' > $(VENV)/env
	@mv $(VENV)/env $@
	@echo "Wrote .env with new secret keys; .env.example lists all settings."

run: address .env
	@$(INSTALL) requirements.txt
	@$(COMPILE)
	@$(BIN)/python manage.py compile_texts
	@$(BIN)/python manage.py build_page
	@$(BIN)/python manage.py migrate --verbosity 0
	@$(BIN)/python manage.py prepare_archive --verbosity 0 || echo "Until MongoDB is available again, frames wait on disk."
	@exec $(BIN)/python deploy/setup/serve.py '$(HOST)' '$(PORT)'

# Lint and tests beside each other: the first mypy after a checkout takes one core half a minute.
check: install
	@$(MAKE) --no-print-directory --jobs 2 lint-alone quick-tests || \
		{ echo "make check failed: the line above that begins with *** or FAILED says where."; exit 1; }

# Without servers and browsers, in one process for each core: nothing waits.
quick-tests:
	$(BIN)/python -m pytest -n $$(getconf _NPROCESSORS_ONLN) --dist worksteal -m "not server and not alone"

# Of the processes of make check's tests; those that tests start are not measured.
coverage: install
	$(BIN)/python -m pytest -n $$(getconf _NPROCESSORS_ONLN) --dist worksteal -m "not server and not alone" --cov

# What fails among many servers and browsers runs once more without them: a busy machine is no fault of the code. pytest
# names it in both runs; what fails again fails the run.
IN_PARALLEL = $(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder -m "not alone" || { \
	[ $$? -eq 1 ] && echo "Once more, one by one:" && $(BIN)/python -m pytest --last-failed --last-failed-no-failures none -m "not alone"; }

# In parallel first, then one by one the tests that need the machine to themselves.
test: install
	$(IN_PARALLEL)
	$(BIN)/python -m pytest -m alone

# The tests create and drop a database on that server, named test_ and the name in the URL. Tests that do not use the
# database are left out.
test-mysql: install-mysql
	export DATABASE_URL="$(MYSQL_TEST_URL)" MYSQL_TEST_URL="$(MYSQL_TEST_URL)"; $(IN_PARALLEL)

# The same tests as with fixed seeds, but longer and with a random seed; FUZZ_SEED=... repeats a run.
fuzz: install
	FUZZ_SECONDS=$(FUZZ_SECONDS) $(BIN)/python -m pytest tests/hostile

lint: install
	@$(MAKE) --no-print-directory lint-alone

# The quickest first: what they find is seen at once.
lint-alone:
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -c 'from importlinter.cli import lint_imports_command; lint_imports_command()' --no-logo
	$(BIN)/python -m mypy .

# Pins what requirements/*.in need, with the hashes of the files, for every system and each Python from 3.11.
lock: install
	$(LOCK) requirements/service.in -o requirements.txt
	$(LOCK) requirements/dev.in -c requirements.txt -o requirements-dev.txt
	$(LOCK) requirements/browser_mode.in -o requirements-browser-mode.txt
	$(LOCK) requirements/mysql.in -c requirements.txt -o requirements-mysql.txt

audit: install
	$(BIN)/python -m pip_audit --disable-pip --no-deps --progress-spinner off -r requirements.txt -r requirements-mysql.txt \
		-r requirements-browser-mode.txt

format: install
	$(BIN)/python -m ruff format .
	$(BIN)/python -m ruff check --fix .

# The API's schema, as a file that shows in a commit what it changes; a test compares it with the code.
openapi: install
	$(BIN)/python manage.py spectacular --validate --file docs/openapi.yaml

bench: install
	$(BIN)/python -m benchmarks $(ARGS)

# If mysqlclient (make install-mysql) and a MariaDB server are installed, users are stored in MariaDB.
bench-load: install
	$(BIN)/python -m benchmarks.load $(ARGS)
