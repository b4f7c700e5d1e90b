"""/metrics: the counts of all workers, and values that are looked up for each scrape."""

import platform
from collections.abc import Iterator
from contextlib import suppress

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, Metric, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from common.disk import room_for
from common.telemetry.metrics import counted
from mongos import archive, space
from office.readiness import erasures_pending


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    scraped = counted()
    scraped.register(LiveCollector())
    return HttpResponse(generate_latest(scraped), content_type=CONTENT_TYPE_PLAIN_0_0_4)


class LiveCollector(Collector):
    """Values that are looked up, and so are the same in every worker."""

    def collect(self) -> Iterator[Metric]:
        yield _build()
        with suppress(OSError):  # /readyz reports it
            yield from _spool()
            yield from _disks()
        yield from _database()


def _build() -> Metric:
    build = GaugeMetricFamily("posesmart_build_info", "Always 1.", labels=["version", "python"])
    build.add_metric([str(settings.SPECTACULAR_SETTINGS["VERSION"]), platform.python_version()], 1)
    return build


def _spool() -> Iterator[Metric]:
    state = archive.spool().state()
    frames = GaugeMetricFamily(
        "posesmart_spool_frames",
        "Frames on disk: waiting for MongoDB, or permanently refused by it and set aside.",
        labels=["state"],
    )
    frames.add_metric(["waiting"], state.waiting)
    frames.add_metric(["refused"], state.refused)
    yield frames
    yield GaugeMetricFamily("posesmart_spool_bytes", "Size of the frames on disk.", state.bytes)
    yield GaugeMetricFamily("posesmart_spool_limit_bytes", "SPOOL_MAX_MB in bytes.", settings.SPOOL_MAX_MB * 2**20)
    yield CounterMetricFamily(
        "posesmart_spool_dropped_frames", "Frames that were judged but not kept, for lack of space.", state.dropped
    )


def _disks() -> Iterator[Metric]:
    free = GaugeMetricFamily("posesmart_disk_free_bytes", "Room on the disks that frames fill.", labels=["place"])
    mark = GaugeMetricFamily(
        "posesmart_disk_mark_bytes", "With less room than this, frames are judged but not kept.", labels=["place"]
    )
    for place, folder in space.places().items():
        room = room_for(folder)
        free.add_metric([place], room.free)
        mark.add_metric([place], space.mark(room))
    yield from (free, mark)


def _database() -> Iterator[Metric]:
    backlog = erasures_pending()
    yield GaugeMetricFamily("posesmart_database_up", "1 if the database answers.", backlog is not None)
    if backlog:
        pending, oldest_s = backlog
        yield GaugeMetricFamily("posesmart_erasures_pending", "Erasures not carried out yet.", pending)
        yield GaugeMetricFamily("posesmart_erasure_oldest_pending_seconds", "Age of the oldest of them.", oldest_s)
