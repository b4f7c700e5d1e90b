"""What changes an account."""

from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, Self
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext_lazy as _
from rest_framework_simplejwt.token_blacklist.models import OutstandingToken

from accounts import face_keys
from accounts.models import MEAN_DESCRIPTOR_TYPE, FaceProfile, User, enrolment_of
from ai_models import identity
from ai_models.identity import Descriptor, Enrolment
from common.db.compiled import compiled
from common.errors import InvalidField, Unauthenticated
from common.http import throttling


class UsernameTaken(InvalidField):
    """Somebody has this username already."""

    field = "username"
    message = _("A user with that username already exists.")


class WrongPassword(InvalidField):
    """The password given is not the account's."""

    field = "password"
    message = _("This is not the account's password.")


class AccountDeleted(Unauthenticated):
    """The account was withdrawn while its request was under way."""

    message = _("This account does not exist any more.")


@dataclass(frozen=True)
class EnrolledFace:
    """What is stored of a user's face; last_frame: the last one that changed it. Empty for a user with none."""

    mean_descriptor: bytes | None = None  # encrypted
    frame_count: int = 0
    last_frame: UUID | None = None

    @classmethod
    def from_columns(cls, mean_descriptor: Any, frame_count: Any, last_frame: Any) -> Self:
        """From raw columns of FaceProfile, which are NULL for a user with none."""
        if mean_descriptor is None:
            return cls()
        return cls(bytes(mean_descriptor), frame_count, UUID(str(last_frame)) if last_frame else None)

    @cached_property
    def enrolment(self) -> Enrolment | None:
        """Decrypted when it is first needed. Raises FaceUnreadable."""
        return None if self.mean_descriptor is None else enrolment_of(self.mean_descriptor, self.frame_count)


def user_create(*, username: str, password: str) -> User:
    """A new user. Raises UsernameTaken."""
    try:
        with transaction.atomic():
            return User.objects.create_user(username=username, password=password)
    except IntegrityError as error:
        raise UsernameTaken from error


def password_check(*, user: User, password: str) -> None:
    """Raises WrongPassword; after too many of those TooManyAttempts, before it looks."""
    with throttling.count_failures(throttling.password_failures(user.username), failure=WrongPassword):
        if not user.check_password(password):
            raise WrongPassword


def password_change(*, user: User, password: str, new_password: str) -> None:
    """Give a user a new password, after the old one; all logins end.

    Raises WrongPassword, TooManyAttempts, AccountDeleted.
    """
    password_check(user=user, password=password)
    user.set_password(new_password)
    with transaction.atomic():
        _save_settings(user, "password")
        OutstandingToken.objects.filter(user_id=user.pk).delete()


def user_lock(*, user_id: int) -> None:
    """Hold the user until the transaction ends: nobody erases them meanwhile. Raises AccountDeleted."""
    if not User.objects.select_for_update().filter(pk=user_id).values_list("pk"):
        raise AccountDeleted


def face_get(*, user_id: int) -> EnrolledFace:
    """A user's enrolled face. Raises AccountDeleted."""
    return _face(_face_sql(for_update=False), user_id)


def user_lock_with_face(*, user_id: int, known: EnrolledFace | None = None) -> EnrolledFace:
    """A user's enrolled face, with the user locked until the transaction ends, so that one frame at a time changes it.

    known: as it was read before; it comes back if it is unchanged, decrypted or not. Raises AccountDeleted.
    """
    face = _face(_face_sql(for_update=True), user_id)
    return known if known == face else face


def face_enrol(*, user_id: int, face: EnrolledFace, frame_id: UUID, descriptor: Descriptor) -> None:
    """Take a frame's descriptor into the face that user_lock_with_face gave, once; somebody else's changes nothing."""
    if frame_id == face.last_frame:
        return
    after = identity.enrol(face.enrolment, descriptor)
    if after is not face.enrolment:
        mean = face_keys.encrypt(after.mean.astype(MEAN_DESCRIPTOR_TYPE).tobytes())
        profile = FaceProfile(user_id=user_id, mean_descriptor=mean, frame_count=after.frame_count, last_frame=frame_id)
        profile.save(force_insert=face.enrolment is None, force_update=face.enrolment is not None)


def face_delete(*, user_id: int) -> None:
    """Delete a user's enrolled face; the next calibration enrols anew."""
    with transaction.atomic():
        user_lock(user_id=user_id)  # a frame that is enrolling is finished first
        FaceProfile.objects.filter(user_id=user_id).delete()


def face_reencrypt(*, user_id: int) -> bool:
    """Encrypt a user's enrolled face under the newest key; whether there was one. Raises FaceUnreadable."""
    with transaction.atomic():
        profile = FaceProfile.objects.select_for_update().filter(pk=user_id).first()
        if profile is None:
            return False
        token = face_keys.rotate(bytes(profile.mean_descriptor))
        FaceProfile.objects.filter(pk=user_id).update(mean_descriptor=token)  # not save(): nothing was enrolled now
        return True


def archive_frames_set(*, user: User, archive_frames: bool) -> User:
    """The user with frame archiving on or off; frames kept so far stay."""
    user.archive_frames = archive_frames
    _save_settings(user, "archive_frames")
    return user


def alarms_update(*, user: User, **settings: Any) -> User:
    """The user with these alarm settings, by the names of their columns; the others stay. Raises AccountDeleted."""
    for name, value in settings.items():
        setattr(user, name, value)
    _save_settings(user, *settings)
    return user


def time_zone_set(*, user: User, time_zone: str) -> User:
    """The user in another time zone, by IANA's name; empty: in the service's. Raises AccountDeleted."""
    user.time_zone = time_zone
    _save_settings(user, "time_zone")
    return user


def _save_settings(user: User, *fields: str) -> None:
    users = User.objects.filter(pk=user.pk)
    if not (users.update(**{field: getattr(user, field) for field in fields}) if fields else users.exists()):
        raise AccountDeleted


def _face(sql: str, user_id: int) -> EnrolledFace:
    with connection.cursor() as cursor:
        cursor.execute(sql, [user_id])
        row = cursor.fetchone()
    if row is None:
        raise AccountDeleted
    return EnrolledFace.from_columns(*row)


@cache
def _face_sql(*, for_update: bool) -> str:
    users = User.objects.select_for_update() if for_update else User.objects.all()
    columns = [f"face_profile__{name}" for name in ("mean_descriptor", "frame_count", "last_frame")]
    return compiled(users.filter(pk=0).values_list(*columns))
