#!/usr/bin/env bash
# Django promises its own exceptions for every database (PEP 249), so a server that is away is an OperationalError, with
# the driver's words as its text. That is what retries, middleware, health checks and makemigrations catch.
# MongoDB's own backend raises the bare parent, DatabaseError, for whatever pymongo raises, and without any text:
# str(error) is "", so a log has an empty line; only __cause__ says what happened. A handler that answers 503 for
# OperationalError answers 500. SQLite, whose file cannot be opened, is shown beside it.
# Seen with django-mongodb-backend 5.2.4, Django 5.2.19 and pymongo 4.20.0; no server runs here.
# So: catch DatabaseError itself around what is in MongoDB, tell the kinds apart by __cause__, and log that.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"${PYTHON:-python3}" -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check Django==5.2.19 django-mongodb-backend==5.2.4 pymongo==4.20.0
"$work/venv/bin/python" - "$work" <<'PY'
import socket
import sys

import django
from django.conf import settings

with socket.socket() as unused:
    unused.bind(("127.0.0.1", 0))
    port = unused.getsockname()[1]
server = {"HOST": f"mongodb://127.0.0.1:{port}", "OPTIONS": {"serverSelectionTimeoutMS": 200}}
settings.configure(
    DATABASES={
        "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": f"{sys.argv[1]}/missing/folder.sqlite3"},
        "mongodb": {"ENGINE": "django_mongodb_backend", "NAME": "unused", **server},
    }
)
django.setup()

from django.db import DatabaseError, OperationalError, models


class Frame(models.Model):
    id = models.IntegerField(primary_key=True)

    class Meta:
        app_label = "frames"


def raised(alias):
    try:
        Frame.objects.using(alias).first()
    except DatabaseError as error:
        return error


sqlite, mongodb = raised("default"), raised("mongodb")
for name, error in (("SQLite", sqlite), ("MongoDB", mongodb)):
    print(f"{name}: {type(error).__name__}, text {str(error)!r}, cause {type(error.__cause__).__name__}")
is_usual = isinstance(sqlite, OperationalError) and str(sqlite) != ""
is_bare = type(mongodb) is DatabaseError and str(mongodb) == ""
sys.exit(not (is_usual and is_bare))
PY
