from typing import Any

from rest_framework import serializers

from accounts.models import DataAccess, Privacy


class PrivacySerializer(serializers.Serializer[Any]):
    """What becomes of a user's pictures."""

    privacy = serializers.ChoiceField(
        choices=Privacy.choices, allow_null=True, help_text="null: never chosen, so `archive_frames` decides"
    )
    chosen_at = serializers.DateTimeField(allow_null=True)
    wording = serializers.CharField(
        allow_blank=True, help_text="the version of the text that the user was shown; may be empty"
    )
    keep_days = serializers.IntegerField(
        allow_null=True, help_text="for how long pictures are kept; 0: until they are deleted; null: none are kept"
    )
    max_keep_days = serializers.IntegerField(help_text="the longest that this service keeps any; 0: no limit")


class PrivacyChangedSerializer(PrivacySerializer):
    deleted = serializers.IntegerField(help_text="pictures deleted so far that the choice would not have kept")
    pending = serializers.BooleanField(help_text="the rest is deleted as soon as the archive can be reached")


class LookSerializer(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    by = serializers.CharField(
        source="staff.username", default=None, allow_null=True, help_text="null: an account that no longer exists"
    )
    action = serializers.ChoiceField(choices=DataAccess.Action.choices)
    what = serializers.CharField(
        help_text="user: the account and its settings; report, session; role; and of the user's own doing: export, "
        "frames, privacy, sharing"
    )


class LookPageSerializer(serializers.Serializer[Any]):
    next = serializers.URLField(allow_null=True, help_text="the address of the next page; null on the last")
    results = LookSerializer(many=True)
