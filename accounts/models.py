"""Users with their alarm settings, and their enrolled faces."""

from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import face_keys
from accounts.audit.models import AuditHead as AuditHead
from accounts.audit.models import AuditSeal as AuditSeal
from accounts.audit.models import DataAccess as DataAccess
from accounts.company_login.models import CompanyIdentity as CompanyIdentity
from accounts.invitations.models import Invitation as Invitation
from accounts.sharing.models import Sharing as Sharing
from accounts.typed import UsernameValidator, password_forms
from ai_models.identity import Enrolment

# Sensible ones, for the page and for administrators. Version 1's own call takes what its contract says.
WATCHED_S = (3, 600)  # of bad posture, or without a blink
BREAKS_S = (300, 43_200)  # between stretches, or rests
MAX_VOLUME = 100
MAX_BREAK_NOTICE_S = 120
ALARM_STEPS = ("figure", "edge", "banner")
MAX_STEPS_LENGTH = 32


def bounds(limits: tuple[int, int]) -> list[MinValueValidator | MaxValueValidator]:
    """Validators of a number between two, both included."""
    return [MinValueValidator(limits[0]), MaxValueValidator(limits[1])]


class AlarmSound(models.IntegerChoices):
    MAN = 1, _("man's voice")
    WOMAN = 2, _("woman's voice")
    BOY = 3, _("boy's voice")
    GIRL = 4, _("girl's voice")


class Sound(models.TextChoices):
    OFF = "off", _("off")
    TONES = "tones", _("tones")
    VOICE = "voice", _("voice")


class Sensitivity(models.TextChoices):
    LOW = "low", _("low")
    NORMAL = "normal", _("normal")
    HIGH = "high", _("high")


class Privacy(models.TextChoices):
    """What becomes of a user's pictures."""

    BROWSER = "browser", _("they stay in the browser")
    FORGOTTEN = "forgotten", _("judged and forgotten")
    KEPT = "kept", _("kept for some days")


class User(AbstractUser):
    """A person whom the service watches, or an administrator."""

    username = models.CharField(
        _("username"),
        max_length=150,
        unique=True,
        help_text=_("At most 150 characters: letters, digits and the signs of an e-mail address."),
        validators=[UsernameValidator()],
        error_messages={"unique": _("A user with that username already exists.")},
    )
    blink_time = models.PositiveIntegerField(
        _("blink alarm after"), default=20, validators=bounds(WATCHED_S), help_text=_("seconds without a blink")
    )
    neck_time = models.PositiveIntegerField(
        _("neck alarm after"), default=20, validators=bounds(WATCHED_S), help_text=_("seconds of bad posture")
    )
    stretching_time = models.PositiveIntegerField(
        _("stretching alarm every"), default=18_000, validators=bounds(BREAKS_S), help_text=_("seconds")
    )
    alarm_sound = models.PositiveSmallIntegerField(
        _("alarm sound"),
        default=AlarmSound.MAN,
        choices=AlarmSound.choices,
    )
    # With defaults in the database, so that the previous release can still create users in this table.
    rest_time = models.PositiveIntegerField(
        _("rest alarm every"), default=3000, db_default=3000, validators=bounds(BREAKS_S), help_text=_("seconds")
    )
    sensitivity = models.CharField(
        _("sensitivity"),
        max_length=6,
        default=Sensitivity.NORMAL,
        db_default=Sensitivity.NORMAL,
        choices=Sensitivity.choices,
    )
    neck_on = models.BooleanField(_("neck alarm"), default=True, db_default=True)
    blink_on = models.BooleanField(_("blink alarm"), default=True, db_default=True)
    stretching_on = models.BooleanField(_("stretching alarm"), default=True, db_default=True)
    rest_on = models.BooleanField(_("rest alarm"), default=True, db_default=True)
    stranger_on = models.BooleanField(_("alarm for somebody else"), default=True, db_default=True)
    someone_behind_on = models.BooleanField(_("alarm for someone behind"), default=True, db_default=True)
    # Who signed up before alarms could be silent goes on hearing the voice: db_default, which fills their rows.
    sound = models.CharField(_("sound"), max_length=5, default=Sound.OFF, db_default=Sound.VOICE, choices=Sound.choices)
    volume = models.PositiveSmallIntegerField(
        _("volume"), default=MAX_VOLUME, db_default=MAX_VOLUME, validators=[MaxValueValidator(MAX_VOLUME)]
    )
    steps = models.CharField(
        max_length=MAX_STEPS_LENGTH,
        default=",".join(ALARM_STEPS),
        db_default=",".join(ALARM_STEPS),
        help_text=_("how an alarm shows: names with commas between them"),
    )
    quiet_from = models.TimeField(_("quiet hours from"), null=True, blank=True)
    quiet_to = models.TimeField(_("quiet hours to"), null=True, blank=True)
    break_notice_s = models.PositiveSmallIntegerField(
        _("breaks are announced before"),
        default=30,
        db_default=30,
        validators=[MaxValueValidator(MAX_BREAK_NOTICE_S)],
        help_text=_("seconds; 0: not at all"),
    )
    time_zone = models.CharField(
        _("time zone"), max_length=64, blank=True, default="", db_default="", help_text=_("empty: the service's")
    )
    archive_frames = models.BooleanField(
        _("archive frames"), default=True, help_text=_("keep the pictures that are posted, until they are too old")
    )
    privacy = models.CharField(
        _("pictures"),
        max_length=9,
        blank=True,
        default="",
        db_default="",
        choices=Privacy.choices,
        help_text=_("the user's own choice; empty: never chosen, so archive_frames alone decides"),
    )
    privacy_chosen_at = models.DateTimeField(_("chosen at"), null=True)
    privacy_wording = models.CharField(
        max_length=32, blank=True, default="", db_default="", help_text=_("the version of the text that was shown")
    )
    keep_days = models.PositiveSmallIntegerField(
        _("days kept"),
        null=True,
        db_index=True,
        help_text=_("for which pictures are kept; null: for as long as any are"),
    )
    token_version = models.PositiveIntegerField(
        db_column="login_round", default=0, editable=False, help_text=_("raised each time all logins are ended")
    )

    @property
    def zone(self) -> ZoneInfo:
        """The time zone in which the user's days start and end."""
        return ZoneInfo(self.time_zone or settings.TIME_ZONE)

    def set_password(self, raw_password: str | None) -> None:
        super().set_password(raw_password and password_forms(raw_password)[0])

    def check_password(self, raw_password: str | None) -> bool:
        forms = password_forms(raw_password) if raw_password else [raw_password]
        return any(super(User, self).check_password(form) for form in forms)

    def get_session_auth_hash(self) -> str:
        """The hash that an admin session must have been started with; it changes when all logins are ended."""
        return f"{super().get_session_auth_hash()}{self.token_version}"


class FaceProfile(models.Model):
    """The mean descriptor of a user's enrolled frames, by which version 1 knows them, and the templates by which
    sessions do: biometric, therefore encrypted and never shown."""

    user = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="face_profile")
    mean_descriptor = models.BinaryField(help_text=_("128 float64, little-endian, encrypted"))
    frame_count = models.PositiveIntegerField()
    templates = models.BinaryField(
        null=True, help_text=_("up to three means of a session's looks, encrypted; null: the mean is the only one")
    )
    last_frame = models.UUIDField(null=True, help_text=_("of those enrolled: repeated, it counts once"))
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"face profile of user {self.user_id}"

    @property
    def enrolment(self) -> Enrolment:
        return face_keys.decrypt_enrolment(self.mean_descriptor, self.frame_count)


class Erasure(models.Model):
    """Frames to be erased: those of a span of time or, if `until` is null, all of a user who withdrew.

    The row stays until the archive has deleted the frames, and for as long as a late one may still arrive.
    """

    user_id = models.BigIntegerField(db_index=True)
    since = models.DateTimeField(null=True)
    until = models.DateTimeField(null=True)
    requested_at = models.DateTimeField(default=timezone.now)
    carried_out_at = models.DateTimeField(null=True)
    is_settled = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"erasure of frames of user {self.user_id}"
