"""OpenAPI descriptions of a user's day and week, their goal, and what their hours bear out."""

from typing import Any

from drf_spectacular.utils import OpenApiExample

from reports.day_query import DATE
from reports.insights.rules import MIN_DAYS, RECENT_DAYS
from reports.strip_serializers import GoalSerializer, InsightsSerializer, StripSerializer, WeekSerializer

BLINK_RATE = {"per_minute": 11.4, "low": 8.9, "high": 14.3, "watched_s": 300.0}
STRIP_TOTALS: dict[str, Any] = {
    "desk_s": 3210.5,
    "good_s": 2480.0,
    "bad_s": 520.0,
    "good_share": 0.827,
    "shares": {"closer": 0.2, "lower": 0.9, "tilted": 0.0},
    "direction": "lower",
    "worst": {"closer": 1.05, "lower": 1.6, "tilted": -0.3},
    "blink_rate": BLINK_RATE,
    "rests": 1,
    "neck": 3,
    "neck_per_hour": 3.36,
}
STRIP: dict[str, Any] = {
    "operation_id": "reports_strip",
    "summary": "A day, hour by hour",
    "description": "The hours of the user's time zone in which they were at the desk, also in a session that is still "
    "running. It is made of quarter hours; each frame counts in the one in which it was captured.",
    "tags": ["reports"],
    "parameters": [DATE],
    "responses": StripSerializer,
    "examples": [
        OpenApiExample(
            "An hour",
            {
                "date": "2026-11-25",
                "time_zone": "Asia/Seoul",
                "hours": [{"hour": 15, "starts_at": "2026-11-25T15:00:00+09:00", **STRIP_TOTALS, "outlines": [341]}],
                "total": STRIP_TOTALS,
            },
            response_only=True,
        )
    ],
}
GOAL_EXAMPLE: dict[str, Any] = {
    "good_share": 0.8,
    "this_week": {"good_share": 0.827, "is_reached": True},
    "median_good_share": 0.79,
    "streak_weeks": 2,
}
INSIGHTS: dict[str, Any] = {
    "operation_id": "reports_insights",
    "summary": "What the last weeks bear out",
    "description": f"Of the {RECENT_DAYS} days before today, the change against as many before them. Nothing is told "
    f"unless at least {MIN_DAYS} days bear it; in at most 4 of 100 people without any effect something is told. What "
    "is found on days that were not chosen at random is no proof of a cause.",
    "tags": ["reports"],
    "responses": InsightsSerializer,
    "examples": [
        OpenApiExample(
            "Afternoons",
            {
                "first_day": "2026-10-01",
                "last_day": "2026-11-25",
                "insights": [
                    {
                        "kind": "sinks_after",
                        "effect": -0.18,
                        "low": -0.26,
                        "high": -0.1,
                        "days": 17,
                        "hour": 15,
                        "breaks": None,
                        "fault": None,
                    }
                ],
                "goal": GOAL_EXAMPLE,
            },
            response_only=True,
        )
    ],
}
GOAL: dict[str, Any] = {
    "summary": "The share of good posture that the user wants to reach in a week",
    "description": "A streak is of weeks in a row that reached it, up to the last whole one; weeks with less than ten "
    "minutes of known posture neither break nor lengthen it. Nobody is compared with anybody else.",
    "tags": ["reports"],
    "responses": GoalSerializer,
    "examples": [OpenApiExample("Set and reached", GOAL_EXAMPLE, response_only=True)],
}
READ_GOAL = GOAL | {"operation_id": "reports_goal_read"}
SET_GOAL = GOAL | {
    "operation_id": "reports_goal_set",
    "request": GoalSerializer,
    "examples": [*GOAL["examples"], OpenApiExample("Set", {"good_share": 0.8}, request_only=True)],
}
WEEK: dict[str, Any] = {
    "operation_id": "reports_week",
    "summary": "The numbers of a week, to show to a doctor or physiotherapist",
    "description": "The week, from Monday, that a day is in: each day, all of them, and the medians of the eight weeks "
    "before. These are estimates from a webcam, no diagnosis.",
    "tags": ["reports"],
    "parameters": [DATE],
    "responses": WeekSerializer,
    "examples": [
        OpenApiExample(
            "A week",
            {
                "first_day": "2026-11-23",
                "last_day": "2026-11-29",
                "time_zone": "Asia/Seoul",
                "days": [{"date": "2026-11-25", **STRIP_TOTALS}],
                "total": STRIP_TOTALS,
                "before": {"weeks": 8, "desk_s": 98_000.0, "good_share": 0.79, "neck_per_hour": 2.9},
            },
            response_only=True,
        )
    ],
}
