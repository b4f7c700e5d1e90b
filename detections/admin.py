from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.looks import LoggedAdmin
from detections.models import Session


@admin.register(Session)
class SessionAdmin(LoggedAdmin):
    """Read and delete only. The state, which describes a person, is not shown."""

    list_display = ("user", "started_at", "stopped_at", "phase")
    list_filter = ("phase", "started_at")
    list_select_related = ("user",)
    search_fields = ("user__username",)
    ordering = ("-started_at",)
    fields = ("user", "started_at", "stopped_at", "phase", "report")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Session]:
        return super().get_queryset(request).defer("state")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Session | None = None) -> bool:
        return False
