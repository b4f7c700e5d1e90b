"""What changes an account."""

from functools import cache

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, connection, transaction

from accounts.models import MEAN_DESCRIPTOR_TYPE, FaceProfile, User, enrolment_of
from ai_models import identity
from ai_models.identity import Descriptor, Enrolment
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


def user_lock(*, user_id: int) -> Enrolment | None:
    """The user's enrolled face, if any, with the user held until the transaction ends. Raises AccountGone.

    One frame of a user changes things at a time.
    """
    with connection.cursor() as cursor:
        cursor.execute(_lock_sql(), [user_id])
        row = cursor.fetchone()
    if row is None:
        raise AccountGone
    mean, frame_count = row
    return None if mean is None else enrolment_of(mean, frame_count)


@cache
def _lock_sql() -> str:
    # Each frame runs this query, and the ORM takes ten times as long to write it as the database to answer it.
    held = User.objects.select_for_update().filter(pk=0)
    sql, _ = held.values_list("face_profile__mean_descriptor", "face_profile__frame_count").query.sql_with_params()
    return sql


def face_enrol(*, user_id: int, enrolment: Enrolment | None, descriptor: Descriptor) -> None:
    """Take a descriptor into the enrolment that user_lock gave; somebody else's changes nothing."""
    after = identity.enrol(enrolment, descriptor)
    if after is not enrolment:
        mean = after.mean.astype(MEAN_DESCRIPTOR_TYPE).tobytes()
        FaceProfile(user_id=user_id, mean_descriptor=mean, frame_count=after.frame_count).save()


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
