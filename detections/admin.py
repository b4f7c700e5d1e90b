from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.sharing.admin import SharedRowsAdmin
from detections.models import Session


@admin.register(Session)
class SessionAdmin(SharedRowsAdmin):
    """The sessions of people who share them, to be read only. The state, which describes a person, is not shown."""

    shared_kind = "sessions"
    list_display = ("user", "started_at", "stopped_at", "phase")
    list_filter = ("phase", "started_at")
    list_select_related = ("user",)
    search_fields = ("user__username",)
    ordering = ("-started_at",)
    fields = ("user", "started_at", "stopped_at", "phase")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Session]:
        return super().get_queryset(request).defer("state")
