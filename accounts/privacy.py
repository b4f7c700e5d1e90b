"""A user's choice of what becomes of their pictures."""

from dataclasses import dataclass

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Privacy, User
from common.errors import Conflict

MAX_KEEP_DAYS = 24_855  # as for FRAME_RETENTION_DAYS
PRIVACY_FIELDS = ("privacy", "privacy_chosen_at", "privacy_wording", "keep_days", "archive_frames")


class PicturesStayInBrowser(Conflict):
    """A picture was sent for a user who chose that none is."""

    message = _(
        "Your pictures stay in the browser: this one was not looked at. Send landmarks "
        "(POST /api/detections/sessions/{id}/landmarks/), or choose otherwise (PUT /api/accounts/privacy/)."
    )


@dataclass(frozen=True, slots=True)
class PrivacyChoice:
    """keep_days: None for as long as the service keeps any. wording: the version of the text that was shown."""

    privacy: Privacy
    keep_days: int | None = None
    wording: str = ""

    def apply_to(self, user: User) -> None:
        """Set the user's columns, that of version 1's switch among them."""
        user.privacy = self.privacy
        user.keep_days = self.keep_days if self.privacy == Privacy.KEPT else None
        user.privacy_wording = self.wording
        user.privacy_chosen_at = timezone.now()
        user.archive_frames = self.privacy == Privacy.KEPT


def days_kept(user: User) -> int | None:
    """For how many days the user's pictures are kept: 0 for ever, None if none are."""
    if not user.archive_frames:
        return None
    limit: int = settings.FRAME_RETENTION_DAYS
    days = user.keep_days or limit
    return min(days, limit) if limit else days
