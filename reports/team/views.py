from typing import Any

from django.http import Http404
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.requests import AuthenticatedRequest
from reports.team.models import TeamWeek
from reports.team.sums import CAPS, HOUR_S, MIN_PEOPLE, PEOPLE_STEP

PERMISSION = "reports.view_teamweek"
SHOWN_WEEKS = 53
STEPS = {
    "people": PEOPLE_STEP,
    "hours": CAPS.desk_s // HOUR_S,
    "breaks": CAPS.breaks,
    "wrong_alarms": CAPS.wrong_alarms,
}


class TeamWeekSerializer(serializers.ModelSerializer[TeamWeek]):
    """A week without numbers is withheld."""

    withheld = serializers.SerializerMethodField(help_text=f"true: fewer than {MIN_PEOPLE} people were there")
    good_share = serializers.FloatField(allow_null=True, read_only=True, help_text="of the rounded hours, 0 to 1")

    class Meta:
        model = TeamWeek
        fields = (
            *("first_day", "withheld", "people", "desk_hours", "good_hours", "known_hours", "good_share"),
            *("breaks", "wrong_alarms"),
        )

    def get_withheld(self, week: TeamWeek) -> bool:
        return week.people is None


class StepsSerializer(serializers.Serializer[Any]):
    people = serializers.IntegerField(help_text="rounded down")
    hours = serializers.IntegerField()
    breaks = serializers.IntegerField()
    wrong_alarms = serializers.IntegerField()


class TeamSerializer(serializers.Serializer[Any]):
    steps = StepsSerializer(help_text="to which the figures are rounded: the most that one person adds")
    weeks = TeamWeekSerializer(many=True, help_text="newest first; each is published once, two days after its end")


WEEK = {"first_day": "2026-11-23", "withheld": False, "people": 20, "desk_hours": 520, "good_hours": 360}
WEEK |= {"known_hours": 480, "good_share": 0.75, "breaks": 750, "wrong_alarms": 40}
WITHHELD = dict.fromkeys(WEEK) | {"first_day": "2026-11-16", "withheld": True}

READ: dict[str, Any] = {
    "operation_id": "reports_team",
    "summary": "The team's sums by week, for those who run the service",
    "description": f"Sums over {MIN_PEOPLE} people or more, of whole weeks that are over, in steps as large as what "
    "one person adds at most: so no figure, and no difference of two, tells what one person did. There are no filters. "
    "404 for everybody who is neither an operator nor an owner.",
    "tags": ["reports"],
    "responses": {200: TeamSerializer, 404: OpenApiResponse(description="Not for this user")},
    "examples": [OpenApiExample("Two weeks", {"steps": STEPS, "weeks": [WEEK, WITHHELD]}, response_only=True)],
}


class TeamView(APIView):
    @extend_schema(**READ)
    def get(self, request: AuthenticatedRequest) -> Response:
        if not (request.user.is_staff and request.user.has_perm(PERMISSION)):
            raise Http404
        return Response(TeamSerializer({"steps": STEPS, "weeks": TeamWeek.objects.all()[:SHOWN_WEEKS]}).data)
