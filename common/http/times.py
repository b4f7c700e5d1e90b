"""The two ways in which clients write times."""

import re
from datetime import datetime, tzinfo

from django.utils import timezone
from django.utils.dateparse import parse_datetime

COMPACT = re.compile(r"[0-9]{10}")  # YYMMDDHHmm, which names no zone
ISO_8601 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?(Z|[+-][0-9]{2}:?[0-9]{2})?"
)
EARLIEST_YEAR, LATEST_YEAR = 1970, 9998  # what every database keeps, in every time zone


def parse_time(text: str, zone: tzinfo | None = None) -> datetime:
    """The moment, with a time zone, that YYMMDDHHmm or an ISO 8601 text tells. Raises ValueError.

    One that names no zone is told by the clocks of the zone given, or else of the service's.
    """
    if COMPACT.fullmatch(text):
        moment: datetime | None = datetime.strptime(text, "%y%m%d%H%M")  # noqa: DTZ007 - the zone follows below
    elif ISO_8601.fullmatch(text):
        moment = parse_datetime(text)
    else:
        moment = None
    if moment is None or not EARLIEST_YEAR <= moment.year <= LATEST_YEAR:
        raise ValueError(f"{text!r} is no time")
    return moment if timezone.is_aware(moment) else timezone.make_aware(moment, zone)
