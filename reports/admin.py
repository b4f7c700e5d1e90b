from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext, gettext_lazy

from accounts.sharing.admin import SharedRowsAdmin
from common.paginator import BoundedPaginator
from reports.models import Report, TeamWeek


@admin.register(Report)
class ReportAdmin(SharedRowsAdmin):
    """The reports of people who share them, to be read only: a report is a session's result, never written by hand."""

    shared_kind = "reports"
    list_display = ("user", "started_at", "neck_cnt", "blink_cnt", "stretching_cnt", "ended_at")
    list_filter = ("day",)
    list_select_related = ("user",)
    search_fields = ("user__username",)
    ordering = ("-pk",)  # by an index, of a million rows
    paginator = BoundedPaginator
    list_per_page = 50
    show_full_result_count = False


@admin.register(TeamWeek)
class TeamWeekAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """The team's published weeks, to be read only. There are no filters: see reports/team/sums.py."""

    list_display = ("first_day", "people", "desk_hours", "good_share", "breaks", "wrong_alarms")
    list_display_links = None
    sortable_by = ("first_day",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: TeamWeek | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: TeamWeek | None = None) -> bool:
        return False

    @admin.display(description=gettext_lazy("good posture"))
    def good_share(self, week: TeamWeek) -> str:
        if week.people is None:
            return gettext("withheld: fewer than five people")
        return "–" if week.good_share is None else f"{week.good_share:.0%}"
