#!/usr/bin/env bash
# An OpenAPI document is made from models and serializers, so one expects the same text from the same code. But Django's
# integer fields get their limits from the default connection's engine, without connecting: SQLite says 64 bits for all
# of them, MySQL 32 (16 for the small ones), MongoDB 64 and 32. REST framework validates by these limits and
# drf-spectacular writes them down: maximum and format change with DATABASES, and so does what a request may contain.
# Seen with drf-spectacular 0.30.0, Django 5.2.19, djangorestframework 3.18.3, django-mongodb-backend 5.2.4.
# So: give each integer of an API its limits in the serializer; otherwise a snapshot test fails on the other database,
# a client generated from SQLite's document is wrong on MySQL, and what tests accept is a 400 in production.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"${PYTHON:-python3}" -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check Django==5.2.19 djangorestframework==3.18.3 \
    drf-spectacular==0.30.0 django-mongodb-backend==5.2.4 pymongo==4.20.0 PyMySQL==1.2.4
cat >"$work/document.py" <<'PY'
import sys
import warnings

import django
import pymysql
from django.conf import settings

warnings.simplefilter("ignore")
pymysql.install_as_MySQLdb()
database = {"ENGINE": sys.argv[1], "NAME": "unused", "HOST": sys.argv[2]}
settings.configure(SECRET_KEY="unused" * 9, ROOT_URLCONF=__name__, DATABASES={"default": database},
                   INSTALLED_APPS=["rest_framework", "drf_spectacular"],
                   REST_FRAMEWORK={"DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
                                   "DEFAULT_AUTHENTICATION_CLASSES": [], "UNAUTHENTICATED_USER": None})
django.setup()

from django.db import models
from django.urls import path
from drf_spectacular.generators import SchemaGenerator
from rest_framework import generics, serializers


class Report(models.Model):
    blinks = models.PositiveIntegerField()
    alarms = models.PositiveSmallIntegerField()

    class Meta:
        app_label = "reports"


class ReportSerializer(serializers.ModelSerializer):
    class Meta:
        model, fields = Report, ["blinks", "alarms"]


class Reports(generics.CreateAPIView):
    queryset, serializer_class = Report.objects.all(), ReportSerializer


urlpatterns = [path("reports/", Reports.as_view())]
schema = SchemaGenerator().get_schema(public=True)["components"]["schemas"]["Report"]["properties"]
limits = {name: (field["maximum"], field.get("format", "-")) for name, field in schema.items()}
print(limits, "5e9 blinks are valid:", ReportSerializer(data={"blinks": 5_000_000_000, "alarms": 1}).is_valid())
PY
document() { "$work/venv/bin/python" "$work/document.py" "$@"; }
sqlite=$(document django.db.backends.sqlite3 "")
mysql=$(document django.db.backends.mysql "")
mongodb=$(document django_mongodb_backend mongodb://127.0.0.1)
printf '%s\n' "SQLite:  $sqlite" "MySQL:   $mysql" "MongoDB: $mongodb"
big="(9223372036854775807, 'int64')"
[ "$sqlite" = "{'blinks': $big, 'alarms': $big} 5e9 blinks are valid: True" ]
[ "$mysql" = "{'blinks': (4294967295, 'int64'), 'alarms': (65535, '-')} 5e9 blinks are valid: False" ]
[ "$mongodb" = "{'blinks': $big, 'alarms': (2147483647, '-')} 5e9 blinks are valid: True" ]
