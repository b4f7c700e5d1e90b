"""The base of the admin's lists of what people measured: it has only what they share, for owners as for everybody."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.looks import LoggedAdmin
from accounts.sharing.models import sharing_people


class SharedRowsAdmin(LoggedAdmin):
    """To be read only. Rows go with their person's erasure, or when the person deletes them, never one by one here."""

    shared_kind = ""  # of KINDS
    logs_lists_of_several = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).filter(user__in=sharing_people(self.shared_kind))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
