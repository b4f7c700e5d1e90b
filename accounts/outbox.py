"""Mails, sent by another thread: no request waits for the mail server, and the time of its response tells nothing."""

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from smtplib import SMTPException
from threading import BoundedSemaphore

from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage, get_connection
from django.core.validators import validate_email

from common.telemetry import metrics

MAX_WAITING = 100  # posts: a server that takes none must not fill the memory

_log = logging.getLogger(__name__)
sender = ThreadPoolExecutor(1, "mail")
_room = BoundedSemaphore(MAX_WAITING)


def post(mails: Sequence[EmailMessage], *, what: str) -> bool:
    """Have the mails sent over one connection; False if too many wait already. what: they are, for the log."""
    if not _room.acquire(blocking=False):
        _log.error("No room for %d more mails with %s: the mail server takes none.", len(mails), what)
        _note_failed(len(mails))
        return False
    sender.submit(_send, list(mails), what)
    return True


def first_address(*texts: str) -> str:
    """The first text that is a mail address; empty if none is. Many sign up with theirs as username."""
    for text in texts:
        try:
            validate_email(text)
        except ValidationError:
            continue
        return text
    return ""


def _send(mails: list[EmailMessage], what: str) -> None:
    failures: list[str] = []
    waiting = len(mails)
    try:
        with get_connection() as connection:
            for mail in mails:
                mail.connection = connection
                waiting -= 1
                try:
                    mail.send()
                except (SMTPException, OSError) as error:  # an address that is refused must not stop the others
                    failures.append(type(error).__name__)
                    _note_failed(1)
                else:
                    metrics.mails_sent.inc()
                    metrics.mail_last_sent.set_to_current_time()
    except (SMTPException, OSError) as error:
        failures.append(type(error).__name__)
    finally:
        _room.release()
    if waiting:  # there was no connection
        _note_failed(waiting)
    if failures:
        _log.error("A mail with %s could not be sent: %s", what, ", ".join(sorted(set(failures))))


def _note_failed(number: int) -> None:
    metrics.mails_failed.inc(number)
    metrics.mail_last_failed.set_to_current_time()
