"""The audit log and the roles in the admin site."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.auth.admin import GroupAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from accounts import roles
from accounts.audit.log import AUDIT, Action, general_record
from accounts.audit.models import DataAccess
from common.http.spreadsheets import csv_lines
from common.http.streaming import rows_of

COLUMNS = ("number", "time", "who", "action", "what", "person", "details", "address")
BATCH_SIZE = 500


@admin.register(DataAccess)
class DataAccessAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """To be read, and downloaded, by those who may; nobody adds, changes or deletes an entry."""

    list_display = ("at", "staff", "action", "what", "user", "detail", "address")
    list_filter = ("action", "what", "at")
    list_select_related = ("user", "staff")
    search_fields = ("user__username", "staff__username", "detail", "address")
    ordering = ("-at", "-pk")
    change_list_template = "admin/accounts/dataaccess/change_list.html"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: DataAccess | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: DataAccess | None = None) -> bool:
        return False

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        own = {field.name for field in self.opts.concrete_fields if not field.is_relation}
        return lookup.partition("__")[0] in own and super().lookup_allowed(lookup, value, request)

    def get_urls(self) -> list[URLPattern]:
        download = path("download/", self.admin_site.admin_view(self.download), name="accounts_dataaccess_download")
        return [download, *super().get_urls()]

    def download(self, request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
        """What the list shows with the same search and filters, all pages of it, as CSV."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            found = self.get_changelist_instance(request).get_queryset(request)
        except IncorrectLookupParameters:
            return HttpResponseRedirect(reverse("admin:accounts_dataaccess_changelist"))
        rows = _newest_first(found)  # reads the first of them, without the entry that follows
        general_record(request=request, action=Action.EXPORTED, what=AUDIT, detail=request.GET.urlencode()[:1000])
        headers = {
            "Content-Disposition": 'attachment; filename="pose-smart-audit.csv"',
            "Cache-Control": "private, no-store",
        }
        return StreamingHttpResponse(
            csv_lines(COLUMNS, map(_cells, rows)),
            content_type="text/csv; charset=utf-8",
            headers=headers,
        )


def _newest_first(found: Any) -> Iterator[DataAccess]:
    def page_after(last: int | None) -> tuple[list[DataAccess], int | None]:
        rows = found if last is None else found.filter(pk__lt=last)
        page = list(rows.order_by("-pk")[:BATCH_SIZE])
        return page, page[-1].pk if len(page) == BATCH_SIZE else None

    return rows_of(page_after)


def _cells(entry: DataAccess) -> list[Any]:
    who, person = (user.get_username() if user else "" for user in (entry.staff, entry.user))
    at = timezone.localtime(entry.at).isoformat(timespec="seconds")
    return [entry.pk, at, who, entry.action, entry.what, person, entry.detail, entry.address]


admin.site.unregister(Group)


@admin.register(Group)
class RoleAdmin(GroupAdmin):
    """Other groups are Django's; the roles' permissions are fixed, and restored after each migration."""

    def has_change_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return super().has_change_permission(request, obj) and not _is_role(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return super().has_delete_permission(request, obj) and not _is_role(obj)


def _is_role(group: Group | None) -> bool:
    return group is not None and group.name in roles.PERMISSIONS
