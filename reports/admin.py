from django.contrib import admin
from django.http import HttpRequest

from accounts.looks import LoggedAdmin
from common.paginator import BoundedPaginator
from reports.models import Report


@admin.register(Report)
class ReportAdmin(LoggedAdmin):
    """For viewing and deleting only: a report is a session's result, never written by hand."""

    list_display = ("user", "started_at", "neck_cnt", "blink_cnt", "stretching_cnt", "ended_at")
    list_filter = ("day",)
    list_select_related = ("user",)
    search_fields = ("user__username",)
    ordering = ("-pk",)  # by an index, of a million rows
    paginator = BoundedPaginator
    list_per_page = 50
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Report | None = None) -> bool:
        return False
