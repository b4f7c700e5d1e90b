"""The WSGI application that gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "posesmart.settings")

_django = get_wsgi_application()

# They need Django's settings.
from django.db import connection, connections  # noqa: E402

from common.http.shedding import shedding  # noqa: E402

# A worker that waits for a MySQL that hangs responds before gunicorn kills it. Longer than settings.py waits for a
# lock; not for commands, since a migration's query takes as long as its table needs.
ANSWERED_WITHIN_S = 12
if connection.vendor == "mysql":
    limits = {"read_timeout": ANSWERED_WITHIN_S, "write_timeout": ANSWERED_WITHIN_S}
    connections.settings["default"]["OPTIONS"] = limits | connections.settings["default"]["OPTIONS"]

application = shedding(_django)
