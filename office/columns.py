"""What the list of people shows of each."""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from common import units
from detections.running import running_sessions
from detections.sessions.finish import SILENT_AFTER
from office.models import UserFigures


class PeopleList(ChangeList):
    """Looks up who has a running session: of the page's users, in one query."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        mark_running(self.result_list)


def mark_running(users: Any) -> None:
    """Set when the last frame of each one's running session came; None without one."""
    keys = [user.pk for user in users]
    running = dict(running_sessions().filter(user_id__in=keys).values_list("user_id", "received_at"))
    for user in users:
        user.received_at = running.get(user.pk)


def seen_at(user: User) -> datetime | None:
    """The last of what is known: the running session's frame, what housekeeping noted, the last login."""
    figures = _figures(user)
    moments = (getattr(user, "received_at", None), figures.seen_at if figures else None, user.last_login)
    return max((moment for moment in moments if moment), default=None)


class PeopleColumns:
    @admin.display(description=gettext_lazy("name"), ordering="first_name")
    def full_name(self, user: User) -> str:
        return user.get_full_name()

    @admin.display(description=gettext_lazy("last seen"), ordering="figures__seen_at")
    def seen(self, user: User) -> str:
        at = seen_at(user)
        if at is None:
            return _("never")
        text = units.ago((timezone.now() - at).total_seconds())
        full = timezone.localtime(at)
        return format_html(
            '<time datetime="{}" title="{}">{}</time>', full.isoformat(), date_format(full, "DATETIME_FORMAT"), text
        )

    @admin.display(description=gettext_lazy("session"))
    def running(self, user: User) -> str:
        received_at = getattr(user, "received_at", None)
        if received_at is None:
            return "–"
        is_silent = timezone.now() - received_at > SILENT_AFTER
        return _("open, silent") if is_silent else _("running")

    @admin.display(description=gettext_lazy("account"))
    def state(self, user: User) -> str:
        role = _("all rights") if user.is_superuser else _("staff") if user.is_staff else ""
        state = _("active") if user.is_active else _("deactivated")
        return f"{state}, {role}" if role else state

    @admin.display(description=gettext_lazy("pictures are"), ordering="privacy")
    def choice(self, user: User) -> str:
        if not user.privacy:
            return _("kept, never chosen") if user.archive_frames else _("not kept, never chosen")
        text = str(user.get_privacy_display())
        return f"{text} ({units.duration(user.keep_days * units.DAY_S)})" if user.keep_days else text

    @admin.display(description=gettext_lazy("storage"), ordering="figures__bytes")
    def storage(self, user: User) -> str:
        figures = _figures(user)
        return units.size(figures.bytes) if figures and figures.bytes else "–"

    @admin.display(description=gettext_lazy("stored pictures"), ordering="figures__frames")
    def pictures(self, user: User) -> str:
        figures = _figures(user)
        if figures is None:
            return "–"
        return _("not counted yet") if figures.frames is None else units.number(figures.frames)


def _figures(user: User) -> UserFigures | None:
    return getattr(user, "figures", None)  # RelatedObjectDoesNotExist is an AttributeError
