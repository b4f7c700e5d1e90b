"""Changes to an account and its enrolled face."""

from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, Self
from uuid import UUID

import numpy as np
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _
from numpy.typing import NDArray
from rest_framework_simplejwt.token_blacklist.models import OutstandingToken

from accounts import face_keys
from accounts.face_keys import MEAN_DESCRIPTOR_TYPE
from accounts.models import FaceProfile, Privacy, User
from accounts.privacy import PRIVACY_FIELDS, PicturesStayInBrowser, PrivacyChoice
from ai_models import identity
from ai_models.identity import Descriptor, Enrolment
from ai_models.templates import Confirmation, Template, Templates, agreeing, learn
from common.db.compiled import compiled, fetch_one
from common.db.reserve import require_room
from common.errors import InvalidField, Unauthenticated
from common.http import throttling

FACE_COLUMNS = ("mean_descriptor", "frame_count", "last_frame", "templates")  # as EnrolledFace.from_columns takes them


class UsernameTaken(InvalidField):
    """The username belongs to another account."""

    field = "username"
    message = _("A user with that username already exists.")


class WrongPassword(InvalidField):
    """The password given is not the account's."""

    field = "password"
    message = _("This is not the account's password.")


class AccountDeleted(Unauthenticated):
    """The account was erased while its request was being processed."""

    message = _("This account no longer exists.")


@dataclass(frozen=True)
class EnrolledFace:
    """A user's stored face; last_frame: the last one that changed it. Empty for a user with none."""

    mean_descriptor: bytes | None = None  # encrypted
    frame_count: int = 0
    last_frame: UUID | None = None
    stored_templates: bytes | None = None  # encrypted

    @classmethod
    def from_columns(cls, mean_descriptor: Any, frame_count: Any, last_frame: Any, templates: Any) -> Self:
        """From raw columns of FaceProfile, which are NULL for a user with none."""
        if mean_descriptor is None:
            return cls()
        frame = UUID(str(last_frame)) if last_frame else None
        return cls(bytes(mean_descriptor), frame_count, frame, None if templates is None else bytes(templates))

    @cached_property
    def enrolment(self) -> Enrolment | None:
        """Decrypted when it is first needed. Raises FaceUnreadable."""
        return (
            None
            if self.mean_descriptor is None
            else face_keys.decrypt_enrolment(self.mean_descriptor, self.frame_count)
        )

    @cached_property
    def templates(self) -> Templates:
        """What sessions compare with: until one has learned the face, version 1's mean. Raises FaceUnreadable."""
        if self.stored_templates is not None:
            return face_keys.decrypt_templates(self.stored_templates)
        return (Template(self.enrolment.mean),) if self.enrolment else ()


def user_create(
    *, username: str, password: str | None, time_zone: str = "", choice: PrivacyChoice | None = None
) -> User:
    """A new user; with None as password, one who cannot log in with a password.

    time_zone: its IANA name, or empty for the service's. choice: what becomes of their pictures.

    Raises UsernameTaken, NoRoom.
    """
    require_room()
    user = User(username=User.normalize_username(username), time_zone=time_zone)
    if choice:
        choice.apply_to(user)
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save(force_insert=True)
            return user
    except IntegrityError as error:
        raise UsernameTaken from error


def password_check(*, user: User, password: str) -> None:
    """Raises WrongPassword or, after too many failures, TooManyAttempts without checking the password."""
    with throttling.count_failures(throttling.password_failures(user.username), failure=WrongPassword):
        if not user.check_password(password):
            raise WrongPassword


def password_change(*, user: User, password: str, new_password: str) -> None:
    """Set a new password after checking the old one, and end all logins.

    Raises WrongPassword, TooManyAttempts, AccountDeleted.
    """
    password_check(user=user, password=password)
    user.set_password(new_password)
    with transaction.atomic():
        _save_settings(user, "password")
        OutstandingToken.objects.filter(user_id=user.pk).delete()


def user_lock(*, user_id: int) -> None:
    """Lock the user's row, so that nobody erases them before the transaction ends. Raises AccountDeleted."""
    if fetch_one(_lock_sql(), user_id) is None:
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
    """Add a descriptor to the face from user_lock_with_face, once per frame; no-op for another person."""
    if frame_id == face.last_frame:
        return
    enrolment = identity.enrol(face.enrolment, descriptor)
    if enrolment is not face.enrolment:
        _save_face(user_id, face, frame_id, enrolment, face.stored_templates)


def face_learn(
    *, user_id: int, face: EnrolledFace, frame_id: UUID, looks: NDArray[np.floating], confirmation: Confirmation | None
) -> None:
    """Learn the face from user_lock_with_face from a session's looks, (n, 128); no-op if they are not certainly it."""
    agreed = agreeing(looks)
    templates = learn(face.templates, agreed, confirmation)
    if templates is face.templates:
        return
    enrolment = None if confirmation == "replace" else face.enrolment
    for look in agreed:
        enrolment = identity.enrol(enrolment, look)
    if enrolment:
        _save_face(user_id, face, frame_id, enrolment, face_keys.encrypt_templates(templates))


def face_delete(*, user_id: int) -> None:
    """Delete a user's enrolled face; the next calibration enrols a new one."""
    with transaction.atomic():
        user_lock(user_id=user_id)  # waits for a frame that is being enrolled
        FaceProfile.objects.filter(user_id=user_id).delete()


def face_reencrypt(*, user_id: int) -> bool:
    """Re-encrypt a user's enrolled face with the newest key; False if there is none. Raises FaceUnreadable."""
    with transaction.atomic():
        profile = FaceProfile.objects.select_for_update().filter(pk=user_id).first()
        if profile is None:
            return False
        mean = face_keys.rotate(bytes(profile.mean_descriptor))
        templates = None if profile.templates is None else face_keys.rotate(bytes(profile.templates))
        # Not save(), which would set updated_at.
        FaceProfile.objects.filter(pk=user_id).update(mean_descriptor=mean, templates=templates)
        return True


def archive_frames_set(*, user: User, archive_frames: bool) -> User:
    """The user with frame archiving switched on or off; frames already stored stay. Raises AccountDeleted.

    Version 1's switch makes the choice that says the same, unless that was made already.
    """
    if archive_frames != user.archive_frames or not user.privacy:
        privacy_set(user=user, choice=PrivacyChoice(Privacy.KEPT if archive_frames else Privacy.FORGOTTEN))
    return user


def privacy_set(*, user: User, choice: PrivacyChoice) -> None:
    """Store what becomes of the user's pictures from now on. Raises AccountDeleted."""
    choice.apply_to(user)
    _save_settings(user, *PRIVACY_FIELDS)


def archives(*, user_id: int) -> bool:
    """Whether a user's pictures are stored, read anew: the choice may have changed while one was on its way."""
    row = fetch_one(_choice_sql(), user_id)
    return row is not None and bool(row[0])


def pictures_require(*, user_id: int) -> None:
    """The same for whether they are looked at; to be called while the user is locked. Raises PicturesStayInBrowser."""
    row = fetch_one(_choice_sql(), user_id)
    if row is not None and row[1] == Privacy.BROWSER:
        raise PicturesStayInBrowser


def alarms_update(*, user: User, **settings: Any) -> User:
    """The user with the given alarm settings, named by their columns; others stay unchanged. Raises AccountDeleted."""
    for name, value in settings.items():
        setattr(user, name, value)
    _save_settings(user, *settings)
    return user


def time_zone_set(*, user: User, time_zone: str) -> User:
    """The user with a new time zone: its IANA name, or empty for the service's. Raises AccountDeleted."""
    user.time_zone = time_zone
    _save_settings(user, "time_zone")
    return user


def _save_settings(user: User, *fields: str) -> None:
    users = User.objects.filter(pk=user.pk)
    if not (users.update(**{field: getattr(user, field) for field in fields}) if fields else users.exists()):
        raise AccountDeleted


def _save_face(
    user_id: int, face: EnrolledFace, frame_id: UUID, enrolment: Enrolment, stored_templates: bytes | None
) -> None:
    is_new = face.mean_descriptor is None
    FaceProfile(
        user_id=user_id,
        mean_descriptor=face_keys.encrypt(enrolment.mean.astype(MEAN_DESCRIPTOR_TYPE).tobytes()),
        frame_count=enrolment.frame_count,
        templates=stored_templates,
        last_frame=frame_id,
    ).save(force_insert=is_new, force_update=not is_new)


def _face(sql: str, user_id: int) -> EnrolledFace:
    row = fetch_one(sql, user_id)
    if row is None:
        raise AccountDeleted
    return EnrolledFace.from_columns(*row)


@cache
def _lock_sql() -> str:
    return compiled(User.objects.select_for_update().filter(pk=0).values_list("pk"))


@cache
def _choice_sql() -> str:
    return compiled(User.objects.filter(pk=0).values_list("archive_frames", "privacy"))


@cache
def _face_sql(*, for_update: bool) -> str:
    users = User.objects.select_for_update() if for_update else User.objects.all()
    columns = [f"face_profile__{name}" for name in FACE_COLUMNS]
    return compiled(users.filter(pk=0).values_list(*columns))
