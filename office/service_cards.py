"""Is the service well? Its dependencies, this machine, and what it has judged lately."""

import platform
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common import units
from common.disk import room_for
from mongos import guard, space
from office import limits
from office.cards import Card, Level, level_of, of_check
from office.models import Sample
from office.rates import Span
from office.reading import CALLS, Reading

DATABASES = {"sqlite": "SQLite", "mysql": "MySQL"}


def dependency_cards(checks: dict[str, Any], newest: Sample | None) -> list[Card]:
    cards = [_database(checks["database"]), _archive(checks["archive"]), _spool(checks["spool"])]
    cards += _rooms(newest)
    if backlog := checks.get("erasures"):
        cards.append(_erasures(backlog))
    cards.append(_weights(checks["weights"]))
    if redis := checks.get("redis"):
        value = _("answers") if of_check(redis) is Level.GOOD else _("cannot be reached")
        cards.append(Card("Redis", value, of_check(redis), note=_("Without it, each worker counts for itself.")))
    return cards


def machine_cards(reading: Reading) -> list[Card]:
    version = str(settings.SPECTACULAR_SETTINGS["VERSION"])
    workers = ngettext("%(count)s worker", "%(count)s workers", reading.workers) % {"count": max(1, reading.workers)}
    crashed = ngettext("%(count)s crashed", "%(count)s crashed", reading.crashed) % {"count": reading.crashed}
    return [
        Card(_("Version"), version, note=f"Python {platform.python_version()}"),
        Card(
            _("Workers"),
            workers,
            Level.LOOK if reading.crashed else Level.GOOD,
            note=_("%(crashed)s since the service started, on this machine") % {"crashed": crashed},
        ),
        Card(
            _("Memory of the largest worker"),
            units.size(reading.largest_worker_bytes) if reading.largest_worker_bytes else _("not known"),
            level_of(reading.largest_worker_bytes, look=limits.WORKER_BYTES),
            limit=units.size(limits.WORKER_BYTES),
        ),
        *([_mail(reading)] if settings.EMAIL_URL else []),
    ]


def load_cards(span: Span | None) -> list[Card]:
    """What came in during the last span."""
    if span is None:
        unknown = Card(_("Pictures a second"), _("not known yet"), note=_("A sample is taken every five minutes."))
        return [unknown]
    return [
        Card(_("Pictures a second"), units.number(span.frames_per_s, 1), note=_("judged, in all five minutes")),
        *_times(span),
        _share(_("Not usable as pictures"), span.share(span.unusable, span.frames), limits.UNUSABLE_SHARE),
        _share(_("Failed requests"), span.share(span.errors, span.requests), limits.ERROR_SHARE, is_urgent=True),
        _count(_("Refused: waited too long"), span.shed, _("The machine has more pictures than it can judge.")),
        _count(_("Judged, but not kept"), span.dropped, _("The disk or the spool has no room.")),
    ]


def _mail(reading: Reading) -> Card:
    if not (reading.mail_sent_at or reading.mail_failed_at):
        return Card(_("Mail"), _("none sent yet"), note=_("since the service started, on this machine"))
    if reading.mail_failed_at <= reading.mail_sent_at:
        failed = ngettext("%(count)s was not sent", "%(count)s were not sent", reading.mails_failed)
        return Card(_("Mail"), _("is sent"), Level.GOOD, note=failed % {"count": units.number(reading.mails_failed)})
    failed_at = timezone.localtime(datetime.fromtimestamp(reading.mail_failed_at, UTC))
    note = _("%(time)s; the log says why. Links can be copied instead.")
    note %= {"time": date_format(failed_at, "SHORT_DATETIME_FORMAT")}
    return Card(_("Mail"), _("the last failed"), Level.LOOK, note=note)


def _database(check: dict[str, Any]) -> Card:
    name = DATABASES.get(connection.vendor, connection.vendor)
    is_up = of_check(check) is Level.GOOD
    value = _("answers") if is_up else _("cannot be reached")
    return Card(_("Database"), value, of_check(check), note=_("%(name)s: people, sessions, reports") % {"name": name})


def _archive(check: dict[str, Any]) -> Card:
    if not guard.is_remote():
        return Card(_("Archive of pictures"), _("in the database"), of_check(check))
    is_up = of_check(check) is Level.GOOD
    value = _("answers") if is_up else _("cannot be reached")
    note = "MongoDB" if is_up else _("MongoDB: pictures are judged all the same, and wait on disk.")
    return Card(_("Archive of pictures"), value, Level.GOOD if is_up else Level.ACT, note=note)


def _spool(check: dict[str, Any]) -> Card:
    limit = _("%(share)s of %(size)s") % {
        "share": units.percent(limits.SPOOL_SHARE),
        "size": units.size(settings.SPOOL_MAX_MB * 2**20),
    }
    if "waiting" not in check:
        return Card(_("Waiting on disk"), _("cannot be read"), Level.LOOK, limit)
    refused = check["refused"]
    note = _("%(share)s full") % {"share": units.percent(check["used_share"])}
    if refused:
        note += "; " + _("%(count)s refused by MongoDB for good") % {"count": units.number(refused)}
    level = Level.ACT if check["used_share"] > limits.SPOOL_SHARE else of_check(check)
    return Card(_("Waiting on disk"), units.pictures(check["waiting"]), level, limit, note)


def _rooms(newest: Sample | None) -> list[Card]:
    names = {"database": _("Free for the database"), "spool": _("Free for waiting pictures")}
    cards = []
    for place, folder in space.places().items():
        try:
            room = room_for(folder)
        except OSError:
            cards.append(Card(names[place], _("cannot be read"), Level.LOOK))
            continue
        mark = space.mark(room)
        level = level_of(-room.free, look=-limits.DISK_MARKS * mark, act=-mark)
        limit = _("%(size)s; below %(mark)s none are kept") % {
            "size": units.size(limits.DISK_MARKS * mark),
            "mark": units.size(mark),
        }
        cards.append(Card(names[place], units.size(room.free), level, limit, _of(room.total)))
    if guard.is_remote() and newest and newest.free_bytes is not None:
        cards.append(Card(_("Free for MongoDB"), units.size(newest.free_bytes), note=_("as it was in the last sample")))
    return cards


def _of(total: int) -> str:
    return _("of %(size)s") % {"size": units.size(total)}


def _erasures(check: dict[str, Any]) -> Card:
    is_late = of_check(check) is not Level.GOOD
    note = _("The archive has not carried out one for too long.") if is_late else ""
    return Card(
        _("Erasures under way"),
        units.number(check["pending"]),
        of_check(check),
        limit=_("none for longer than %(time)s") % {"time": units.duration(limits.ERASURE_LATE_S)},
        note=note,
    )


def _weights(check: dict[str, Any]) -> Card:
    is_there = of_check(check) is Level.GOOD
    value = _("installed") if is_there else _("missing: no picture can be judged")
    return Card(_("Weights of the networks"), value, of_check(check))


def _times(span: Span) -> list[Card]:
    calls, stage = span.quantile_ms(CALLS, 0.95), span.slowest_stage(0.99)
    cards = []
    if calls is not None:
        note = _("95 of 100 calls with pictures take no longer; one call may carry 75 pictures")
        cards.append(Card(_("Time to answer"), _milliseconds(calls), note=note))
    if stage is not None:
        name, ms = stage
        note = _("%(stage)s: 99 of 100 pictures take no longer") % {"stage": name}
        level = level_of(ms, look=limits.STAGE_P99_MS)
        cards.append(
            Card(_("Slowest step"), _milliseconds(ms), level, limit=_milliseconds(limits.STAGE_P99_MS), note=note)
        )
    return cards


def _share(label: str, share: float, limit: float, *, is_urgent: bool = False) -> Card:
    level = level_of(share, look=limit, act=limit if is_urgent else float("inf"))
    return Card(label, units.percent(share), level, limit=units.percent(limit))


def _count(label: str, count: int, reason: str) -> Card:
    return Card(label, units.number(count), Level.ACT if count else Level.GOOD, limit="0", note=reason if count else "")


def _milliseconds(value: float) -> str:
    return _("%(count)s ms") % {"count": units.number(value)}
