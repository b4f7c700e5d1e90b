from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.sharing.admin import SharedRowsAdmin
from common import units
from common.paginator import BoundedPaginator
from detections.models import Session
from detections.sessions.finish import SILENT_AFTER


class OpenFilter(admin.SimpleListFilter):
    title = gettext_lazy("sessions")
    parameter_name = "which"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("open", _("open now"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Session]) -> QuerySet[Session]:
        return queryset.filter(running__in=[True]) if self.value() == "open" else queryset  # see detections/running.py


@admin.register(Session)
class SessionAdmin(SharedRowsAdmin):
    """The sessions of people who share them, to be read only. The state, which describes a person, is not shown."""

    shared_kind = "sessions"
    list_display = ("user", "started_at", "duration", "last_frame_ago", "status")
    list_filter = (OpenFilter,)
    list_select_related = ("user",)
    search_fields = ("user__username",)
    paginator = BoundedPaginator
    list_per_page = 50
    show_full_result_count = False
    fields = ("user", "started_at", "stopped_at", "duration", "status")
    readonly_fields = fields

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        if request.GET.get(OpenFilter.parameter_name) == "open":
            return ("-received_at", "-id")  # of a few rows
        return ("user_id", "-started_at", "-id")  # the order of an index

    def get_queryset(self, request: HttpRequest) -> QuerySet[Session]:
        return super().get_queryset(request).defer("state")

    @admin.display(description=gettext_lazy("duration"))
    def duration(self, session: Session) -> str:
        """Until the last frame, if it has not been stopped."""
        spent: timedelta = (session.stopped_at or session.received_at) - session.started_at
        return units.duration(spent.total_seconds())

    @admin.display(description=gettext_lazy("last picture"))
    def last_frame_ago(self, session: Session) -> str:
        return units.ago((timezone.now() - session.received_at).total_seconds())

    @admin.display(description=gettext_lazy("state"))
    def status(self, session: Session) -> str:
        """Phases are those of the last frame: a session that nobody feeds says so."""
        is_silent = session.running and timezone.now() - session.received_at > SILENT_AFTER
        return _("open, silent") if is_silent else str(session.get_phase_display())
