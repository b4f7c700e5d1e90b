#!/usr/bin/env bash
# redis-py used to try once. redis.Redis(host=…, socket_timeout=0.1) now tries eleven times, with pauses: a server that
# is slow, not dead, gets each INCR eleven times and counts them all, and the caller waits seconds, not 0.1 s.
# retry_on_timeout=False, still accepted, changes nothing. But the "same" client from a URL, redis.from_url(…) or
# Redis(connection_pool=…), tries once, as before: which of two equal-looking lines was written decides.
# Seen with redis 8.1.0, against a server in this script that counts and never answers INCR.
# So: from_url, or Retry(NoBackoff(), 0), for counters (throttles, quotas) and wherever a time limit is meant.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"${PYTHON:-python3}" -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check --no-deps redis==8.1.0 async-timeout==5.0.1
"$work/venv/bin/python" - <<'PY'
import sys
import time
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread

import redis


class Counting(StreamRequestHandler):
    counter = 0

    def handle(self):
        for line in self.rfile:
            if line.startswith(b"INCRBY"):
                Counting.counter += 1
            elif line.startswith(b"CLIENT"):  # the client gives its name
                self.wfile.write(b"+OK\r\n")


def counted(client):
    Counting.counter, begun = 0, time.monotonic()
    try:
        client.incr("frames")
    except redis.TimeoutError:
        return Counting.counter, time.monotonic() - begun
    raise SystemExit("answered?")


with ThreadingTCPServer(("127.0.0.1", 0), Counting) as server:
    server.daemon_threads = True
    Thread(target=server.serve_forever, daemon=True).start()
    port, options = server.server_address[1], {"socket_timeout": 0.1, "protocol": 2}
    results = {
        "Redis(port)": counted(redis.Redis(port=port, **options)),
        "Redis(port, retry_on_timeout=False)": counted(redis.Redis(port=port, retry_on_timeout=False, **options)),
        "from_url": counted(redis.from_url(f"redis://127.0.0.1:{port}", **options)),
        "Redis(connection_pool)": counted(redis.Redis(connection_pool=redis.ConnectionPool(port=port, **options))),
    }
    server.shutdown()
for name, (times, seconds) in results.items():
    print(f"redis {redis.__version__}, {name}: INCR arrived {times} times, gave up after {seconds:.1f} s")
sys.exit([times for times, _ in results.values()] != [11, 11, 1, 1])
PY
