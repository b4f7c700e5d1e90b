"""Why a call about a session or a profile failed."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from common.errors import Conflict, InvalidField, NotFound


class SessionNotFound(NotFound):
    """The user has no session with this id."""


class SessionEnded(Conflict):
    """The session has been stopped."""

    message = _("This session has ended: start another.")


class SessionRunning(Conflict):
    """Another session of the user is running, and was not to be ended unasked."""

    message = _("Another session is running. End it, or take over.")

    def __init__(self, session_id: UUID, received_at: datetime) -> None:
        super().__init__()
        self.session_id, self.received_at = session_id, received_at


class AlarmNotFound(NotFound):
    """The session has no alarm with this id."""


class NotPostponable(Conflict):
    """The alarm is not that of a break."""

    message = _("Only a break can be postponed.")


class NoPostponementLeft(Conflict):
    """The break was postponed as often as it can be."""

    message = _("This break has been postponed twice: take it now.")


class NoFormerCalibration(Conflict):
    """The session is not calibrating again, so there is no earlier calibration to go back to."""

    message = _("There is no earlier calibration to go back to.")


class ProfileNotFound(NotFound):
    """The user has no profile with this id."""


class TooManyProfiles(InvalidField):
    """The user already has the maximum number of profiles."""

    field = "name"
    message = _("There are too many profiles. Delete one that you no longer need.")


class NoBaseline(Conflict):
    """The session has not been calibrated yet."""

    message = _("There is no baseline to keep yet: finish the calibration first.")
