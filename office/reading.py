"""What the workers of this machine have counted since they started: the same numbers as /metrics."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from prometheus_client.samples import Sample

from common.telemetry.metrics import counted

FRAME_VIEWS = frozenset({"neck", "blink", "session-frames", "session-landmarks"})
UNCOUNTED_VIEWS = frozenset({"healthz", "readyz", "metrics"})
CALLS = "calls"  # the histogram of requests with frames; all others are of a frame's stages

Histogram = dict[str, int]  # durations of at most so many seconds; the last key is +Inf


@dataclass(frozen=True, slots=True)
class Reading:
    frames: int
    unusable: int
    shed: int
    requests: int
    errors: int
    histograms: Mapping[str, Histogram]
    workers: int
    crashed: int
    largest_worker_bytes: int
    mails_failed: int
    mail_sent_at: float  # seconds since the epoch; 0: none since the service started
    mail_failed_at: float


def reading_take() -> Reading:
    samples = list(_samples())
    requests = [s for s in samples if s.name == "posesmart_requests_total" and s.labels["view"] not in UNCOUNTED_VIEWS]
    frames = [s for s in samples if s.name == "posesmart_frames_total"]
    ends = [s for s in samples if s.name == "posesmart_worker_ends_total"]
    return Reading(
        frames=_sum(frames),
        unusable=_sum(s for s in frames if s.labels["outcome"] == "refused"),
        shed=_sum(s for s in samples if s.name == "posesmart_frames_shed_total"),
        requests=_sum(requests),
        errors=_sum(s for s in requests if s.labels["status"].startswith("5")),
        histograms=_histograms(samples),
        workers=_sum(s for s in samples if s.name == "posesmart_workers"),
        crashed=_sum(s for s in ends if s.labels["how"] == "crashed"),
        largest_worker_bytes=_sum(s for s in samples if s.name == "posesmart_worker_resident_bytes"),
        mails_failed=_sum(s for s in samples if s.name == "posesmart_mails_total" and s.labels["state"] == "failed"),
        mail_sent_at=_last_mail(samples, "sent"),
        mail_failed_at=_last_mail(samples, "failed"),
    )


def _samples() -> Iterator[Sample]:
    for family in counted().collect():
        yield from family.samples


def _sum(samples: "Iterator[Sample] | list[Sample]") -> int:
    return int(sum(sample.value for sample in samples))


def _last_mail(samples: list[Sample], state: str) -> float:
    lasts = (s for s in samples if s.name == "posesmart_mail_last_timestamp_seconds" and s.labels["state"] == state)
    return max((sample.value for sample in lasts), default=0.0)


def _histograms(samples: list[Sample]) -> dict[str, Histogram]:
    found: dict[str, Counter[str]] = {}
    for sample in samples:
        if sample.name == "posesmart_request_duration_seconds_bucket" and sample.labels["view"] in FRAME_VIEWS:
            found.setdefault(CALLS, Counter())[sample.labels["le"]] += int(sample.value)
        elif sample.name == "posesmart_frame_stage_duration_seconds_bucket":
            found.setdefault(sample.labels["stage"], Counter())[sample.labels["le"]] += int(sample.value)
    return {name: dict(histogram) for name, histogram in found.items()}
