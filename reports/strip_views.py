from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

from drf_spectacular.utils import extend_schema
from msgspec import structs
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from accounts.requests import AuthenticatedRequest
from reports import goals, strip_schema
from reports.day_query import day_of, today_of
from reports.days import Span, first_day
from reports.strip_serializers import GoalSerializer
from reports.strips import StripHour, strips_of, total_of
from reports.user_insights import insights_for

NOTHING: dict[str, Any] = {
    "desk_s": 0.0,
    "good_s": 0.0,
    "bad_s": 0.0,
    "good_share": None,
    "shares": None,
    "direction": None,
    "worst": None,
    "blink_rate": None,
    "rests": 0,
    "neck": 0,
    "neck_per_hour": None,
}


class StripView(APIView):
    @extend_schema(**strip_schema.STRIP)
    def get(self, request: AuthenticatedRequest) -> Response:
        user, day = request.user, day_of(request)
        hours = strips_of(user=user, span=Span(day, day), zone=user.zone).get(day, [])
        return Response(
            {
                "date": day,
                "time_zone": user.zone.key,
                "hours": [_hour(hour) for hour in hours],
                "total": _totals(total_of(hours)),
            }
        )


class WeekView(APIView):
    @extend_schema(**strip_schema.WEEK)
    def get(self, request: AuthenticatedRequest) -> Response:
        user = request.user
        first = first_day(day_of(request), "week")
        last = first + timedelta(days=6)
        days = strips_of(user=user, span=Span(first, last), zone=user.zone)
        return Response(
            {
                "first_day": first,
                "last_day": last,
                "time_zone": user.zone.key,
                "days": [{"date": day, **_totals(total_of(hours))} for day, hours in days.items()],
                "total": _totals(total_of([hour for hours in days.values() for hour in hours])),
                "before": asdict(goals.before_week(user=user, first=first, zone=user.zone)),
            }
        )


class InsightsView(APIView):
    @extend_schema(**strip_schema.INSIGHTS)
    def get(self, request: AuthenticatedRequest) -> Response:
        user, today = request.user, today_of(request)
        found = insights_for(user=user, today=today, zone=user.zone)
        return Response(
            {
                "first_day": found.span.first,
                "last_day": found.span.last,
                "insights": [asdict(insight) for insight in found.insights],
                "goal": _goal(user, today),
            }
        )


class GoalView(APIView):
    @extend_schema(**strip_schema.READ_GOAL)
    def get(self, request: AuthenticatedRequest) -> Response:
        return Response(_goal(request.user, today_of(request)))

    @extend_schema(**strip_schema.SET_GOAL)
    def put(self, request: AuthenticatedRequest) -> Response:
        serializer = GoalSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        goals.goal_set(user=request.user, **serializer.validated_data)
        return Response(_goal(request.user, today_of(request)))


def _hour(hour: StripHour) -> dict[str, Any]:
    return {
        "hour": hour.starts_at.hour,
        "starts_at": hour.starts_at,
        **_totals(hour),
        "outlines": list(hour.outlines),
    }


def _totals(hours: StripHour | None) -> Mapping[str, Any]:
    if hours is None:
        return NOTHING
    sums, rate = hours.sums, hours.blink_rate
    return {
        "desk_s": sums.desk_s,
        "good_s": sums.good_s,
        "bad_s": sums.bad_s,
        "good_share": sums.good_share,
        "shares": hours.shares,
        "direction": hours.direction,
        "worst": hours.worst,
        "blink_rate": structs.asdict(rate) if rate else None,
        "rests": sums.rests,
        "neck": sums.neck,
        "neck_per_hour": hours.neck_per_hour,
    }


def _goal(user: User, today: date) -> dict[str, Any]:
    standing = goals.standing_of(user=user, today=today, zone=user.zone)
    return {
        "good_share": standing.good_share,
        "this_week": {"good_share": standing.this_week, "is_reached": standing.is_reached},
        "median_good_share": standing.median_good_share,
        "streak_weeks": standing.streak_weeks,
    }
