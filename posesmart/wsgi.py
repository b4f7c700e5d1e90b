"""The WSGI application that gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "posesmart.settings")

_django = get_wsgi_application()

from common.http.shedding import shedding  # noqa: E402 - it needs Django's settings

application = shedding(_django)
