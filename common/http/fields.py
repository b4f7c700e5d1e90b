"""Serializer fields that several apps use."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from common.http.times import parse_time


class QueryDateTimeField(serializers.CharField):
    """A time in a URL's query, where an unescaped + arrives as a space."""

    def to_internal_value(self, data: Any) -> datetime:  # type: ignore[override]
        try:
            return parse_time(super().to_internal_value(data).replace(" ", "+"))
        except ValueError:
            raise serializers.ValidationError(
                _("This is not a valid time: send ISO 8601, such as 2026-11-23T09:00:00Z.")
            ) from None
