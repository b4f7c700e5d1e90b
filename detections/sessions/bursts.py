"""One burst of a user at a time: each may hold a worker for a second and a half."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from common.errors import TooManyRequests
from common.file_lock import lock_place

RETRY_AFTER_S = 1.0


class BurstUnderWay(TooManyRequests):
    """Another burst of this user is being analysed."""

    message = _("Your last burst is still being looked at.")


@contextmanager
def only_one_burst(user_id: int) -> Iterator[None]:
    """Raises BurstUnderWay if a worker of this machine is in this block for the same user."""
    settings.SPOOL_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        descriptor = lock_place(settings.SPOOL_DIR / "bursts.lock", user_id)
    except BlockingIOError:
        raise BurstUnderWay(RETRY_AFTER_S) from None
    except OSError:  # a disk that is full or missing refuses nobody
        yield
        return
    try:
        yield
    finally:
        os.close(descriptor)
