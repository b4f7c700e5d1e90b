#!/usr/bin/env bash
# Django answers HEAD by running the view of GET, and leaves it to the server to keep the body back: its own test client
# does so, and so one expects of gunicorn. gunicorn sends no body either, but it now takes the body for the
# application's mistake and logs a warning for each such request, at the default level. A monitor that asks with HEAD
# every few seconds fills the log with warnings about a service that is well.
# Seen with gunicorn 27.0.1 and Django 5.2.19. So: empty the body of HEAD in the outermost middleware, after its length
# was noted.
set -euo pipefail
work=$(mktemp -d)
pid=
trap '[ -z "$pid" ] || kill "$pid" 2>/dev/null || true; wait; rm -rf "$work"' EXIT
"${PYTHON:-python3}" -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check Django==5.2.19 gunicorn==27.0.1
cat >"$work/app.py" <<'PY'
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.urls import path

settings.configure(
    ROOT_URLCONF=__name__, ALLOWED_HOSTS=["localhost"], MIDDLEWARE=["django.middleware.common.CommonMiddleware"]
)
urlpatterns = [path("health", lambda request: HttpResponse("well"))]
app = get_wsgi_application()
PY
cat >"$work/ask.py" <<'PY'
import http.client
import socket
import sys


def ask(method):
    connection = http.client.HTTPConnection("localhost")
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.connect(sys.argv[1])
    connection.request(method, "/health")
    response = connection.getresponse()
    return response.status, response.headers["Content-Length"], response.read().decode()


print("GET", *ask("GET"))
for _ in range(3):
    print("HEAD", *ask("HEAD"))
PY
cd "$work"
export HOME="$work"
unset GUNICORN_CMD_ARGS
venv/bin/gunicorn --no-control-socket --bind "unix:$work/socket" app:app >log 2>&1 &
pid=$!
for _ in $(seq 100); do
    grep -q "Booting worker" log && break
    sleep 0.1
done
venv/bin/python ask.py "$work/socket" | sort | uniq -c | tee answers
warnings=$(grep -c "no-body response" log || true)
echo "$(venv/bin/gunicorn --version), warnings in its log: $warnings"
sed -n 's/.*\[WARNING\] //p' log | head -1
grep -qx " *1 GET 200 4 well" answers && grep -qx " *3 HEAD 200 4 *" answers && [ "$warnings" = 3 ]
