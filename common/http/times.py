"""Parsing of times in the two formats that clients send."""

import re
from datetime import datetime, tzinfo

from django.utils import timezone
from django.utils.dateparse import parse_datetime

COMPACT = re.compile(r"[0-9]{10}")  # YYMMDDHHmm, which names no zone
ISO_8601 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?(Z|[+-][0-9]{2}:?[0-9]{2})?"
)
EARLIEST_YEAR, LATEST_YEAR = 1970, 9998  # which every database can store, in every time zone


def parse_time(text: str, zone: tzinfo | None = None) -> datetime:
    """An aware datetime from YYMMDDHHmm or ISO 8601. Raises ValueError.

    A text that names no zone is in `zone`, or by default in the service's time zone.
    """
    if COMPACT.fullmatch(text):
        moment: datetime | None = datetime.strptime(text, "%y%m%d%H%M")  # noqa: DTZ007 - the zone follows below
    elif ISO_8601.fullmatch(text):
        moment = parse_datetime(text)
    else:
        moment = None
    if moment is None or not EARLIEST_YEAR <= moment.year <= LATEST_YEAR:
        raise ValueError(f"{text!r} is not a valid time")
    return moment if timezone.is_aware(moment) else timezone.make_aware(moment, zone)
