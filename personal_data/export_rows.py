"""A user's stored rows as they are exported."""

import json
from typing import Any

from accounts.company_login.models import CompanyIdentity
from accounts.invitations.models import Invitation
from ai_models.outlines import Outline, unpack_outline
from detections.models import Episode, Profile, Session, WrongAlarm
from detections.sessions import codec
from reports.models import Quarter

MEASURED = (
    *("desk_s", "good_s", "bad_s", "closer_s", "lower_s", "tilted_s", "worst_closer", "worst_lower", "worst_tilted"),
    *("watched_s", "blinks", "rests", "neck"),
)


def invitation_row(invitation: Invitation) -> dict[str, Any]:
    names = ("username", "email", "first_name", "last_name", "language", "created_at", "used_at")
    return {name: getattr(invitation, name) for name in names}


def company_login_row(identity: CompanyIdentity) -> dict[str, Any]:
    return {"issuer": identity.issuer, "connected_at": identity.connected_at}


def profile_row(profile: Profile) -> dict[str, Any]:
    return {
        "id": profile.pk,
        "name": profile.name,
        "quality": profile.quality,
        "camera": profile.camera,
        "updated_at": profile.updated_at,
        "baseline": json.loads(profile.baseline),
    }


def session_row(session: Session) -> dict[str, Any]:
    return {
        "id": session.pk,
        "state": session.phase,
        "started_at": session.started_at,
        "stopped_at": session.stopped_at,
        "profile": session.profile_id,
        "report": session.report_id,
        "measured": codec.state_fields(session.state),
    }


def episode_row(episode: Episode) -> dict[str, Any]:
    return {
        "session": episode.session_id,
        "id": episode.number,
        "kind": episode.kind,
        "started_at": episode.started_at,
        "ended_at": episode.ended_at,
        "outline": _outline(episode.outline),
    }


def wrong_alarm_row(alarm: WrongAlarm) -> dict[str, Any]:
    return {
        "session": alarm.session_id,
        "id": alarm.number,
        "kind": alarm.kind,
        "faults": alarm.faults.split(",") if alarm.faults else [],
        "started_at": alarm.started_at,
        "told_at": alarm.told_at,
    }


def quarter_row(quarter: Quarter) -> dict[str, Any]:
    return {
        "session": quarter.session_id,
        "starts_at": quarter.starts_at,
        **{name: getattr(quarter, name) for name in MEASURED},
        "outline": _outline(quarter.outline),
    }


def _outline(packed: Any) -> Outline | None:
    return None if packed is None else unpack_outline(bytes(packed))
