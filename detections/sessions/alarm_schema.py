"""OpenAPI descriptions of the answers to alarms."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse

from detections.sessions.examples import SESSION
from detections.sessions.request_serializers import SnoozeSerializer
from detections.sessions.schema import ENDED, command

ALARM_ID = OpenApiParameter(
    "alarm_id",
    {"type": "integer", "minimum": 0},
    OpenApiParameter.PATH,
    description="the alarm's `id` in the session's answer",
)
NO_ALARM = OpenApiResponse(description="The user has no such session, or it no such alarm")
QUIET: dict[str, Any] = SESSION | {
    "alarms": [],
    "snoozed": [{"kind": "neck", "until": "2026-11-25T09:26:00+09:00", "reason": "snooze"}],
}

SNOOZE = command(
    "Silence alarms for a while, or for a meeting",
    example=QUIET,
    operation_id="detections_sessions_snooze",
    description="Alarms of the `kind`, or all if it is null, are silent for `seconds`, or `until` a time at most 24 "
    "hours ahead; 0 seconds end that. A later call for the same kind replaces the one before. `meeting` true silences "
    "all until it is set to false, for 12 hours at most. An open alarm ends at once. Posture, blinks and time are "
    "counted as ever. Send exactly one of `seconds`, `until` and `meeting`.",
    request=SnoozeSerializer,
    examples=[
        OpenApiExample("Five minutes", {"kind": "neck", "seconds": 300}, request_only=True),
        OpenApiExample("All for an hour", {"kind": None, "seconds": 3600}, request_only=True),
        OpenApiExample("In a meeting", {"meeting": True}, request_only=True),
        OpenApiExample("Silent", QUIET, response_only=True),
    ],
)


def _answer(summary: str, operation: str, description: str, **more: Any) -> dict[str, Any]:
    return command(
        summary,
        example=SESSION | {"alarms": []},
        operation_id=f"detections_sessions_alarm_{operation}",
        description=description,
        parameters=[ALARM_ID],
        **more,
    )


DISMISS = _answer(
    "End an open alarm",
    "dismiss",
    "The same condition raises the alarm again only after it has passed once, or after ten minutes. A dismissed rest "
    "is due again after the usual time. `accepted` is false if the alarm has ended.",
)
WRONG = _answer(
    "Say that an alarm was wrong",
    "wrong",
    "Ends it as `dismiss/` does, if it is on; it may have ended. It is kept, counts in `reports/summary/`, and tunes "
    "this person's limits: each wrong neck alarm of the last 30 days widens the limits of the faults that raised it by "
    "5 %, up to 20 %; each wrong blink alarm lengthens `blink_time` by 10 %, up to 30 %. `posture.margins` has the "
    "limits. `accepted` is false if the alarm was told wrong before.",
)
TAKE_BACK = _answer(
    "Say that an alarm was not wrong after all",
    "right",
    "Takes back `wrong/` and its tuning. `accepted` is false if the alarm was not told wrong.",
)
POSTPONE = _answer(
    "Postpone a break by five minutes",
    "postpone",
    "Of an open rest alarm, or with 0 as its id of the one that is announced as `upcoming`. Each break can be "
    "postponed twice. `accepted` is false if the alarm has ended, or none is announced.",
    responses=command("", example=SESSION)["responses"]
    | {409: OpenApiResponse(description="The session has been stopped, this is no break, or it was postponed twice")},
)
for _operation in (DISMISS, WRONG, TAKE_BACK, POSTPONE):
    _operation["responses"] = {409: ENDED} | _operation["responses"] | {404: NO_ALARM}
