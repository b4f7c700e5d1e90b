from typing import Any

from rest_framework import serializers

from accounts.invitations.models import Invitation

MAX_TOKEN_LENGTH = 64


class TokenSerializer(serializers.Serializer[Any]):
    invitation = serializers.CharField(max_length=MAX_TOKEN_LENGTH, help_text="the link's last part")


class InvitationSerializer(serializers.Serializer[Invitation]):
    username = serializers.CharField(help_text="the new account's; empty: whoever signs up chooses one")
    first_name = serializers.CharField()
    expires_at = serializers.DateTimeField()
