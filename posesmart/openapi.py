"""How drf-spectacular writes the OpenAPI schema and shows it."""

from typing import Any

SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Pose Smart",
    "DESCRIPTION": "Watches a person at a desk through the webcam and protects neck and eyes. "
    "Sign up, log in, then press Authorize and paste the access token.",
    "VERSION": "1.0.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_AUTHENTICATION": [],
    "ENFORCE_NON_BLANK_FIELDS": True,
    "ENUM_NAME_OVERRIDES": {
        "PrivacyEnum": "accounts.models.Privacy",
        "FoundEnum": ["detected"],
        "DetectionEnum": ["detected", "false"],
        "SessionStateEnum": "detections.sessions.serializers.SESSION_STATES",
        "PostureStateEnum": "detections.sessions.serializers.POSTURE_STATES",
        "PostureReasonEnum": "detections.sessions.serializers.POSTURE_REASONS",
        "HintEnum": "detections.sessions.serializers.HINTS",
        "FaultsEnum": "ai_models.monitoring.posture_filter.FAULTS",
        "EyeStateEnum": "detections.sessions.serializers.EYE_STATES",
        "EyeReasonEnum": "detections.sessions.serializers.EYE_REASONS",
        "IdentityStateEnum": "detections.sessions.serializers.IDENTITY_STATES",
        "EndedByEnum": "detections.sessions.serializers.ENDED_BY",
        "SilenceReasonEnum": "detections.sessions.serializers.SILENCE_REASONS",
        "AlarmKindEnum": "detections.sessions.serializers.ALARMS",
        "EpisodeKindEnum": "detections.sessions.serializers.EPISODES",
    },
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {"persistAuthorization": True, "displayRequestDuration": True},
}
