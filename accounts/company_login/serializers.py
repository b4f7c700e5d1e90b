from typing import Any

from rest_framework import serializers

from accounts.models import Privacy
from accounts.serializers import MAX_PASSWORD_LENGTH, PrivacyChoiceSerializer, TimeZoneField

MAX_CODE_LENGTH = 64
CODE_HELP = "the last part of the page's address after the provider has sent the browser back"


class CodeSerializer(serializers.Serializer[Any]):
    code = serializers.CharField(max_length=MAX_CODE_LENGTH, help_text=CODE_HELP)


class PersonSerializer(serializers.Serializer[Any]):
    state = serializers.ChoiceField(
        choices=["known", "taken", "new"],
        help_text="taken: there is such an account, and its password connects it; new: an account will be created",
    )
    username = serializers.CharField()


class CompanyLoginSerializer(PrivacyChoiceSerializer):
    code = serializers.CharField(write_only=True, max_length=MAX_CODE_LENGTH, help_text=CODE_HELP)
    password = serializers.CharField(
        write_only=True,
        required=False,
        allow_null=True,
        default=None,
        trim_whitespace=False,
        max_length=MAX_PASSWORD_LENGTH,
        help_text="of the account that is to be connected",
    )
    privacy = serializers.ChoiceField(
        choices=Privacy.choices,
        write_only=True,
        required=False,
        allow_null=True,
        help_text="what becomes of a new user's pictures",
    )
    time_zone = TimeZoneField(write_only=True, required=False, allow_blank=True, default="")


class CompanyTokensSerializer(serializers.Serializer[Any]):
    access = serializers.CharField()
    refresh = serializers.CharField()
    username = serializers.CharField()
    has_password = serializers.BooleanField(help_text="false: the user logs in only through the company")
