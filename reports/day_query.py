"""The day that a request is about."""

from datetime import date
from typing import Any

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from accounts.requests import AuthenticatedRequest
from reports.serializers import DayField

DATE = OpenApiParameter("date", OpenApiTypes.DATE, description="in the user's time zone; today if it is left out")


class DateQuerySerializer(serializers.Serializer[Any]):
    date = DayField(required=False)


def today_of(request: AuthenticatedRequest) -> date:
    """Today, in the user's time zone."""
    return timezone.localdate(timezone=request.user.zone)


def day_of(request: AuthenticatedRequest) -> date:
    """The day that a request asks for; today if it names none. Raises ValidationError."""
    query = DateQuerySerializer(data=request.query_params.dict())
    query.is_valid(raise_exception=True)
    day: date = query.validated_data.get("date", today_of(request))
    return day
