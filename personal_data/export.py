"""All stored data of a user, as a zip that is created while it is sent, in constant memory."""

import json
import os
from collections.abc import Generator, Iterable, Iterator
from contextlib import ExitStack, suppress
from datetime import datetime
from itertools import chain
from typing import Any, Self, TypeVar

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken

from accounts.company_login.models import CompanyIdentity
from accounts.face_keys import FaceUnreadable
from accounts.invitations.models import Invitation
from accounts.models import DataAccess, FaceProfile, User
from accounts.serializers import AlarmsSerializer
from accounts.services import FACE_COLUMNS, EnrolledFace
from accounts.sharing.serializers import SharingSerializer
from accounts.sharing.services import sharing_of
from accounts.tokens import logins_of
from common.errors import TooManyRequests
from common.file_lock import lock
from common.http.streaming import json_array, rows_of
from common.http.zip_stream import STORED, Entry, zip_stream
from common.telemetry import worker
from detections.models import Episode, Profile, Session, WrongAlarm
from mongos import archive
from mongos.listing import FrameSummary
from personal_data import export_rows
from personal_data.frame_pages import page
from personal_data.privacy_serializers import LookSerializer
from reports.models import Goal, Quarter, Report
from reports.serializers import SessionReportSerializer

Row = TypeVar("Row", bound=Model)

PAGE_SIZE = 200
RETRY_AFTER_S = 5
USER_LOCKS = 256  # files; two users who share one wait for each other
EXTENSIONS = {"image/jpeg": "jpg", "image/png": "png"}


class ExportBusy(TooManyRequests):
    """Another export is in progress."""

    message = _("Another export is under way.")


class Export:
    """The zip's bytes, to be read once and closed.

    It occupies a worker as long as its client reads, so a user has one at a time, and all users together one less than
    there are workers. Creating one raises ExportBusy and ArchiveUnavailable.
    """

    def __init__(self, *, user: User, with_pictures: bool) -> None:
        self._locks = _locks_for(user)
        self._chunks = _zip(user, with_pictures)
        try:
            page(user_id=user.pk, page_size=1)  # fail now: the status cannot change once streaming starts
        except BaseException:
            self.close()
            raise

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> bytes:
        try:
            chunk = next(self._chunks)
        except BaseException:  # also StopIteration, at the end
            self.close()
            raise
        worker.heartbeat()
        return chunk

    def close(self) -> None:
        """Let the next export start; needed even if this one was never read."""
        self._chunks.close()
        self._locks.close()


def _locks_for(user: User) -> ExitStack:
    """The lock of this user and that of a free place, held until they are closed. Raises ExportBusy."""
    settings.SPOOL_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
    with ExitStack() as held:
        _take(held, f"export-user-{user.pk % USER_LOCKS}.lock")
        for place in range(max(1, worker.count - 1)):
            with suppress(ExportBusy):
                _take(held, f"export-{place}.lock")
                return held.pop_all()
    raise ExportBusy(RETRY_AFTER_S)


def _take(held: ExitStack, name: str) -> None:
    try:
        held.callback(os.close, lock(settings.SPOOL_DIR / name))
    except BlockingIOError:
        raise ExportBusy(RETRY_AFTER_S) from None


def _zip(user: User, with_pictures: bool) -> Generator[bytes]:
    account = Entry("account.json", timezone.localtime(), _account(user))
    yield from zip_stream(chain([account], _pictures(user) if with_pictures else []))


def _last_seen(user: User) -> datetime | None:
    """As the staff's list of people has it: the rows are of a package above this one."""
    figures = getattr(user, "figures", None)
    return figures.seen_at if figures else None


def _account(user: User) -> Iterator[bytes]:
    profile = FaceProfile.objects.filter(user=user).first()
    account = {
        "account": {
            name: getattr(user, name)
            for name in ("id", "username", "email", "first_name", "last_name", "date_joined", "last_login")
        }
        | {"last_seen": _last_seen(user)},
        "alarms": AlarmsSerializer(user).data,
        "time_zone": user.zone.key,
        "archive_frames": user.archive_frames,
        "privacy": {
            name: getattr(user, name) for name in ("privacy", "privacy_chosen_at", "privacy_wording", "keep_days")
        },
        "sharing": SharingSerializer(sharing_of(user=user)).data,
        "goal": Goal.objects.filter(user=user).values("good_share", "set_at").first(),
        # Without the descriptors themselves: they are biometric, useful to this service only, and never leave it.
        "face": _face(profile) if profile else None,
    }
    yield _json(account).removesuffix("\n}").encode()
    yield from _list("seat_profiles", map(export_rows.profile_row, _in_order(Profile.objects.filter(user=user))))
    yield from _list("sessions", map(export_rows.session_row, _in_order(Session.objects.filter(user=user))))
    yield from _list("episodes", map(export_rows.episode_row, _in_order(Episode.objects.filter(session__user=user))))
    yield from _list("wrong_alarms", map(export_rows.wrong_alarm_row, _in_order(WrongAlarm.objects.filter(user=user))))
    yield from _list("quarters", map(export_rows.quarter_row, _in_order(Quarter.objects.filter(user=user))))
    reports = _in_order(Report.objects.filter(user=user))
    yield from _list("reports", (SessionReportSerializer(report).data for report in reports))
    yield from _list("logins", map(_login, _logins(user)))
    invitations = _in_order(Invitation.objects.filter(used_by=user))
    yield from _list("invitations", map(export_rows.invitation_row, invitations))
    identities = _in_order(CompanyIdentity.objects.filter(user=user))
    yield from _list("company_logins", map(export_rows.company_login_row, identities))
    looks = _in_order(DataAccess.objects.filter(user=user).select_related("staff"))
    yield from _list("looks", (LookSerializer(look).data | {"detail": look.detail} for look in looks))
    yield from _list("frames", map(_frame, _frames(user)))
    yield b"\n}\n"


def _face(profile: FaceProfile) -> dict[str, Any]:
    face = EnrolledFace.from_columns(*(getattr(profile, name) for name in FACE_COLUMNS))
    sittings: list[int] | None = None
    with suppress(FaceUnreadable):
        sittings = [template.sittings for template in face.templates]
    return {"frame_count": profile.frame_count, "updated_at": profile.updated_at, "template_sittings": sittings}


def _list(name: str, rows: Iterable[Any]) -> Iterator[bytes]:
    yield f',\n  "{name}": '.encode()
    for text in json_array(rows, indent=4):
        yield text.encode()


def _pictures(user: User) -> Iterator[Entry]:
    for frame in _frames(user):
        stored = archive.read(user_id=user.pk, frame_id=frame.id)
        if stored:  # otherwise deleted in the meantime
            yield Entry(_name(frame), timezone.localtime(frame.captured_at), [bytes(stored.image)], STORED)


def _frames(user: User) -> Iterator[FrameSummary]:
    return rows_of(lambda cursor: page(user_id=user.pk, since=user.date_joined, cursor=cursor, page_size=PAGE_SIZE))


def _logins(user: User) -> Iterator[OutstandingToken]:
    logins = logins_of(user_id=user.pk).filter(created_at__isnull=False)  # without the rows of used tokens
    yield from logins.select_related("blacklistedtoken").order_by("pk").iterator(PAGE_SIZE)


def _in_order(rows: QuerySet[Row]) -> Iterator[Row]:
    """The rows by primary key."""

    def page_after(key: Any) -> tuple[list[Row], Any]:
        page = list((rows if key is None else rows.filter(pk__gt=key)).order_by("pk")[:PAGE_SIZE])
        return page, page[-1].pk if len(page) == PAGE_SIZE else None

    return rows_of(page_after)


def _login(login: OutstandingToken) -> dict[str, Any]:
    end: BlacklistedToken | None = getattr(login, "blacklistedtoken", None)
    return {
        "logged_in_at": login.created_at,
        "expires_at": login.expires_at,
        "logged_out_at": end.blacklisted_at if end else None,
    }


def _frame(frame: FrameSummary) -> dict[str, Any]:
    return {
        "id": frame.id,
        "captured_at": frame.captured_at,
        "content_type": frame.content_type,
        "size": frame.size,
        "face_found": frame.face_found,
        "name": _name(frame),
    }


def _name(frame: FrameSummary) -> str:
    captured_at = timezone.localtime(frame.captured_at)
    moment = f"{captured_at:%Y-%m-%d/%H-%M-%S}.{captured_at.microsecond // 1000:03}"
    return f"frames/{moment}-{frame.id.hex[:8]}.{EXTENSIONS[frame.content_type]}"


def _json(data: Any) -> str:
    return json.dumps(data, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)
