"""What changes an account."""

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, transaction

from accounts.models import FaceProfile, User
from ai_models import identity
from ai_models.identity import Descriptor
from mongos import archive


class UsernameTaken(Exception):
    """Somebody has this username already."""


class WrongPassword(Exception):
    """The password given is not the account's."""


class AccountGone(Exception):
    """The account was withdrawn while its request was under way."""


def user_create(*, username: str, password: str) -> User:
    """A new user. Raises UsernameTaken."""
    try:
        with transaction.atomic():
            return User.objects.create_user(username=username, password=password)
    except IntegrityError as error:
        raise UsernameTaken from error


def user_withdraw(*, user: User, password: str | None) -> None:
    """Erase a user at their own wish, after the password where one is given. Raises WrongPassword."""
    if password is not None and not user.check_password(password):
        raise WrongPassword
    user_erase(user_id=user.pk)


def user_erase(*, user_id: int) -> None:
    """Delete a user and everything kept of them, in both databases."""
    with transaction.atomic():
        # The lock makes a frame that is being stored this moment finish first, and a later one find nobody.
        User.objects.select_for_update().filter(pk=user_id).first()
        archive.delete_all(user_id=user_id)
        User.objects.filter(pk=user_id).delete()
        _forget_name_in_admin_log(user_id)


def user_lock(*, user_id: int) -> User:
    """The user, held until the transaction ends: one frame of a user changes things at a time. Raises AccountGone."""
    held = User.objects.select_for_update().select_related("face_profile").filter(pk=user_id)
    user = held.only(*(f"face_profile__{name}" for name in ("mean_descriptor", "frame_count", "updated_at"))).first()
    if user is None:
        raise AccountGone
    return user


def face_enrol(*, user: User, descriptor: Descriptor) -> None:
    """Take a descriptor into the face profile of a user held by user_lock; somebody else's changes nothing."""
    profile: FaceProfile | None = getattr(user, "face_profile", None)
    before = profile.enrolment if profile else None
    after = identity.enrol(before, descriptor)
    if after is before:
        return
    profile = profile or FaceProfile(user=user)
    profile.mean_descriptor = after.mean.astype("<f8").tobytes()
    profile.frame_count = after.frame_count
    profile.save()


def alarm_times_update(*, user: User, blink_time: int, neck_time: int, stretching_time: int, alarm_sound: int) -> User:
    """The user with new alarm settings; times in seconds."""
    user.blink_time = blink_time
    user.neck_time = neck_time
    user.stretching_time = stretching_time
    user.alarm_sound = alarm_sound
    user.save(update_fields=["blink_time", "neck_time", "stretching_time", "alarm_sound"])
    return user


def _forget_name_in_admin_log(user_id: int) -> None:
    about_user = LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(User), object_id=str(user_id))
    about_user.update(object_repr=f"user {user_id}", change_message="")
