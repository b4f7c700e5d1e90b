"""What the page offers a user to become of their pictures, and the version of the words in which it does."""

from django.conf import settings
from django.contrib.staticfiles import finders

WORDING = "2026-11-30"  # of web/choices.html: stored with each choice, so it changes with the text
OFFERED_DAYS = (1, 3, 7, 14, 30, 90, 365)
USUAL_DAYS = 7
# Left behind by the installation of what finds landmarks in the browser.
INSTALLED = "web/landmarks/installed.json"


def is_browser_mode_installed() -> bool:
    return finders.find(INSTALLED) is not None


def keep_days_offered() -> list[int]:
    """For how many days pictures may be kept, 0 for ever: never longer than the service keeps any."""
    limit: int = settings.FRAME_RETENTION_DAYS
    if not limit:
        return [*OFFERED_DAYS, 0]
    return [*(days for days in OFFERED_DAYS if days < limit), limit]
