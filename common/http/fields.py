"""Times as clients send them, and the serializer fields that read them."""

import re
from datetime import datetime, tzinfo
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

COMPACT = re.compile(r"[0-9]{10}")  # YYMMDDHHmm, which names no zone
ISO_8601 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?(Z|[+-][0-9]{2}:?[0-9]{2})?"
)
WITH_ZONE = re.compile(r"(Z|[+ -][0-9]{2}:?[0-9]{2})$")  # a bare + in an address is a space
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


class QueryDateTimeField(serializers.CharField):
    """A time in a URL's query, where an unescaped + arrives as a space.

    One that names no zone is in the context's `zone`, or by default in the service's time zone.
    """

    def to_internal_value(self, data: Any) -> datetime:  # type: ignore[override]
        try:
            return parse_time(super().to_internal_value(data).replace(" ", "+"), self.context.get("zone"))
        except ValueError:
            raise serializers.ValidationError(
                _("This is not a valid time: send ISO 8601, such as 2026-11-23T09:00:00Z.")
            ) from None


class CapturedAtField(QueryDateTimeField):
    """A time by the client's clock, which may be in any time zone."""

    default_error_messages = {"no_zone": _("Add the time zone: 2026-11-23T09:00:00Z, or +09:00 instead of Z.")}

    def to_internal_value(self, data: Any) -> datetime:  # type: ignore[override]
        moment = super().to_internal_value(data)
        if not WITH_ZONE.search(str(data)):
            self.fail("no_zone")
        return moment


class NumberedField(serializers.ListField):
    """A list whose errors name the item by its number, counted from 1."""

    def run_child_validation(self, data: Any) -> Any:
        try:
            return super().run_child_validation(data)
        except serializers.ValidationError as error:
            items: Any = error.detail
            problems = [f"{index + 1}: {message}" for index, messages in items.items() for message in messages]
            raise serializers.ValidationError(problems) from None
