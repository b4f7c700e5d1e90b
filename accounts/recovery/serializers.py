from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from rest_framework import serializers

from accounts.recovery.services import link_user
from accounts.serializers import MAX_PASSWORD_LENGTH, UsernameField


class LinkRequestSerializer(serializers.Serializer[Any]):
    username = UsernameField(max_length=150)


class ResetSerializer(serializers.Serializer[Any]):
    uid = serializers.CharField(max_length=64, help_text="from the link")
    token = serializers.CharField(max_length=128, help_text="from the link")
    new_password = serializers.CharField(trim_whitespace=False, max_length=MAX_PASSWORD_LENGTH)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """The link's user and the new password. Raises LinkInvalid."""
        user = link_user(uid=attrs["uid"], token=attrs["token"])
        try:
            validate_password(attrs["new_password"], user)
        except ValidationError as error:
            raise serializers.ValidationError({"new_password": error.messages}) from error
        return {"user": user, "new_password": attrs["new_password"]}
