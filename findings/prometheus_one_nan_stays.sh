#!/usr/bin/env bash
# A histogram observes measures, and a measure is NaN now and then (a ratio of an eye of no width). One expects such an
# observation to be refused, as a negative amount of a Counter is, or to count as one bad value of many.
# prometheus_client takes it: it is in no bucket and not in the count, but the sum is NaN from then on, until the
# process ends, and so is every mean and rate that is made of it. Counter.inc(nan) passes the check for negative amounts
# and has the same end; Gauge recovers with the next set(), not with inc(). Buckets and count look well all the while.
# Seen with prometheus-client 0.26.0.
# So: leave out what is not finite before observe() and inc().
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"${PYTHON:-python3}" -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check --no-deps prometheus-client==0.26.0
"$work/venv/bin/python" - <<'PY'
import math
import sys
from importlib.metadata import version

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

registry = CollectorRegistry()
ratios = Histogram("eye_aspect_ratio", "of each frame", buckets=[0.1, 0.2, 0.3], registry=registry)
seconds = Counter("eyes_closed_seconds", "of all frames", registry=registry)
newest = Gauge("newest_ratio", "of the last frame", registry=registry)
refused = False
try:
    seconds.inc(-1)
except ValueError:
    refused = True
for value in (0.25, math.nan, *[0.25] * 1000):
    ratios.observe(value)
    seconds.inc(value)
    newest.set(value)
seen = {
    "observations in the buckets": registry.get_sample_value("eye_aspect_ratio_bucket", {"le": "+Inf"}),
    "count": registry.get_sample_value("eye_aspect_ratio_count"),
    "sum": registry.get_sample_value("eye_aspect_ratio_sum"),
    "counter": registry.get_sample_value("eyes_closed_seconds_total"),
    "gauge": registry.get_sample_value("newest_ratio"),
}
print(f"prometheus-client {version('prometheus-client')}; 1001 values of 0.25 and one NaN: {seen}")
print(f"a negative amount is refused: {refused}")
buckets, count, total, counter, gauge = seen.values()
sys.exit(not (refused and buckets == count == 1001 and math.isnan(total) and math.isnan(counter) and gauge == 0.25))
PY
