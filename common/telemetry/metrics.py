"""The counters and timers for Prometheus; /metrics (posesmart/metrics_view.py) adds values that it looks up.

A new metric takes a few lines here and one where the event happens. Its label values come from a short fixed list,
never from a user. It needs a graph or an alert in deploy/monitoring, or a test fails.
"""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics, values
from prometheus_client.context_managers import Timer
from prometheus_client.multiprocess import MultiProcessCollector

from ai_models.monitoring.alarm_kinds import ALARM_KINDS
from common.telemetry import metric_files, worker

disable_created_metrics()  # they would double the series without adding information
if metric_files.folder():
    values.ValueClass = values.MultiProcessValue(lambda: worker.slot)

registry = CollectorRegistry()

STAGE_BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1)
REQUEST_BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

requests = Counter(
    "posesmart_requests_total",
    "Requests answered. view: the route's name, or unknown if there is none.",
    ["view", "method", "status"],
    registry=registry,
)
request_seconds = Histogram(
    "posesmart_request_duration_seconds",
    "From a worker's reading of a request to the first byte of its response.",
    ["view", "method"],
    buckets=REQUEST_BUCKETS_S,
    registry=registry,
)

_frames = Counter(
    "posesmart_frames_total",
    "Frames by outcome: detected (a face), no_face, refused (not a usable picture).",
    ["outcome"],
    registry=registry,
)
frames_detected = _frames.labels("detected")
frames_without_face = _frames.labels("no_face")
frames_refused = _frames.labels("refused")

_stage_seconds = Histogram(
    "posesmart_frame_stage_duration_seconds",
    "A frame's stages: decode, find (face and landmarks), count (faces), describe, judge, enrol or session "
    "(with the database), store.",
    ["stage"],
    buckets=STAGE_BUCKETS_S,
    registry=registry,
)
_stages = {
    name: _stage_seconds.labels(name)
    for name in ("decode", "find", "count", "describe", "judge", "enrol", "session", "store")
}

_sessions = Counter("posesmart_sessions_total", "Monitoring sessions started and stopped.", ["what"], registry=registry)
sessions_started = _sessions.labels("started")
sessions_stopped = _sessions.labels("stopped")
bursts = Counter("posesmart_bursts_total", "Bursts of frames that sessions took.", registry=registry)
_alarms = Counter("posesmart_alarms_total", "Alarms that sessions raised.", ["kind"], registry=registry)
alarms: dict[str, Counter] = {kind: _alarms.labels(kind) for kind in ALARM_KINDS}

_alarms_wrong = Counter(
    "posesmart_alarms_wrong_total",
    "Alarms that users told were wrong, including those they took back.",
    ["kind"],
    registry=registry,
)
alarms_wrong: dict[str, Counter] = {kind: _alarms_wrong.labels(kind) for kind in ALARM_KINDS}

frames_shed = Counter(
    "posesmart_frames_shed_total",
    "Frames refused with 503 because they had waited too long for a worker.",
    registry=registry,
)
quota_deleted_frames = Counter(
    "posesmart_quota_deleted_frames_total",
    "Frames deleted because their user had more than ARCHIVE_MAX_MB_PER_USER.",
    registry=registry,
)

_mails = Counter("posesmart_mails_total", "Mails that the mail server took, or did not.", ["state"], registry=registry)
mails_sent, mails_failed = _mails.labels("sent"), _mails.labels("failed")
_mail_last = Gauge(
    "posesmart_mail_last_timestamp_seconds",
    "When the mail server last took a mail, and last did not; 0: never since the service started.",
    ["state"],
    multiprocess_mode="max",
    registry=registry,
)
mail_last_sent, mail_last_failed = _mail_last.labels("sent"), _mail_last.labels("failed")

archive_breaker_open = Gauge(
    "posesmart_archive_breaker_open",
    "1 if a worker has found MongoDB unavailable and frames go to the spool.",
    multiprocess_mode="livemax",
    registry=registry,
)

workers = Gauge(
    "posesmart_workers",
    "Running worker processes.",
    multiprocess_mode="livesum",
    registry=registry,
)
worker_resident_bytes = Gauge(
    "posesmart_worker_resident_bytes",
    "Memory of the largest worker, including what all workers share.",
    multiprocess_mode="livemax",
    registry=registry,
)
_worker_ends = Counter(
    "posesmart_worker_ends_total",
    "Workers that ended: replaced (after MAX_REQUESTS, a reload or a stop), or crashed (killed, timed out, failed).",
    ["how"],
    registry=registry,
)
workers_replaced = _worker_ends.labels("replaced")
workers_crashed = _worker_ends.labels("crashed")


def timed(stage: str) -> Timer:
    """A context manager that times a stage of a frame's processing."""
    return _stages[stage].time()


def counted() -> CollectorRegistry:
    """What all workers of this machine have counted so far."""
    together = CollectorRegistry()
    if folder := metric_files.folder():
        MultiProcessCollector(together, folder)
    else:
        together.register(registry)
    return together
