"""Why a call about a session or a profile failed."""

from django.utils.translation import gettext_lazy as _

from common.errors import Conflict, InvalidField, NotFound


class SessionNotFound(NotFound):
    """The user has no session with this id."""


class SessionEnded(Conflict):
    """The session has been stopped."""

    message = _("This session has ended: start another.")


class ProfileNotFound(NotFound):
    """The user has no profile with this id."""


class TooManyProfiles(InvalidField):
    """The user already has the maximum number of profiles."""

    field = "name"
    message = _("There are too many profiles. Delete one that you no longer need.")


class NoBaseline(Conflict):
    """The session has not been calibrated yet."""

    message = _("There is no baseline to keep yet: finish the calibration first.")
