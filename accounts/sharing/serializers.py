from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from accounts.sharing.models import KINDS, Sharing

MAX_DAYS = 92


class SharingSerializer(serializers.Serializer[Any]):
    """What a person shares with the people who run the service."""

    what = serializers.MultipleChoiceField(
        choices=KINDS,
        help_text="`reports`: their numbers; `sessions`: when each began and ended, and its state. Empty: nothing",
    )
    until = serializers.DateTimeField(
        required=False,
        allow_null=True,
        default=None,
        help_text=f"then it ends; at most {MAX_DAYS} days ahead; one that names no zone is in the user's",
    )
    in_team_sums = serializers.BooleanField(
        required=False, help_text="whether the person counts in the team's weekly sums; left out: as before"
    )

    def __init__(self, *args: Any, zone: ZoneInfo | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        if zone:
            self.fields["until"].timezone = zone  # type: ignore[attr-defined]

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["what"]:
            attrs["until"] = _checked(attrs["until"])
        return attrs

    def to_representation(self, instance: Sharing) -> dict[str, Any]:
        what = instance.what(timezone.now())
        until = self.fields["until"].to_representation(instance.until) if what else None
        return {"with": "staff", "what": what, "until": until, "in_team_sums": instance.in_team_sums}


class SharingStateSerializer(serializers.Serializer[Any]):
    """For the schema: what SharingSerializer answers."""

    what = serializers.ListField(child=serializers.ChoiceField(choices=KINDS))
    until = serializers.DateTimeField(allow_null=True, help_text="null: nothing is shared")
    in_team_sums = serializers.BooleanField()

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        whom = serializers.ChoiceField(choices=["staff"], help_text="operators and owners of this service")
        return {"with": whom, **super().get_fields()}


def _checked(until: Any) -> Any:
    now = timezone.now()
    if until is None or until <= now:
        raise serializers.ValidationError({"until": [_("Say until when: a time that is still to come.")]})
    if until > now + timedelta(days=MAX_DAYS):
        raise serializers.ValidationError(
            {"until": [_("Share for at most %(days)d days; you can do it again then.") % {"days": MAX_DAYS}]}
        )
    return until
