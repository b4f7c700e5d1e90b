"""The log of looks: which of the staff opened, changed or deleted a person's rows in the admin site."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse

from accounts.models import DataAccess
from common.http.throttling import address_of

Action = DataAccess.Action


def look_record(*, request: HttpRequest, person_ids: Iterable[int], action: Action, what: str) -> None:
    """Log what somebody of the staff does to rows of these people; their own are no secret to them."""
    DataAccess.objects.bulk_create(
        DataAccess(user_id=person_id, staff_id=request.user.pk, action=action, what=what, address=address_of(request))
        for person_id in sorted(set(person_ids))
        if person_id != request.user.pk
    )


class LoggedAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """A base for rows that belong to a person: what is shown of one person, changed or deleted is logged.

    What is shown is logged before it is sent, so that nothing is seen without it.
    """

    person_field = "user_id"

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **options: Any) -> HttpResponse:
        self._log_view(request, object_id)
        return super().change_view(request, object_id, *args, **options)

    def delete_view(self, request: HttpRequest, object_id: str, *args: Any, **options: Any) -> HttpResponse:
        self._log_view(request, object_id)
        return super().delete_view(request, object_id, *args, **options)

    def history_view(self, request: HttpRequest, object_id: str, *args: Any, **options: Any) -> HttpResponse:
        self._log_view(request, object_id)
        return super().history_view(request, object_id, *args, **options)

    def changelist_view(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        """A list that shows one person alone, as a search for a name does, is a look at them."""
        response = super().changelist_view(request, *args, **options)
        shown = getattr(response, "context_data", {}).get("cl")
        people = {self._person_of(row) for row in shown.result_list} if shown else set()
        if len(people) == 1:
            self._log(request, people, Action.VIEWED)
        return response

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        self._log(request, [self._person_of(obj)], Action.CHANGED)
        return super().log_change(request, obj, message)

    def log_deletions(self, request: HttpRequest, queryset: QuerySet[Any]) -> Any:
        self._log(request, map(self._person_of, queryset), Action.DELETED)
        return super().log_deletions(request, queryset)

    def _log_view(self, request: HttpRequest, object_id: str) -> None:
        row = self.get_object(request, unquote(object_id)) if request.method == "GET" else None
        if row is not None and self.has_view_or_change_permission(request, row):
            self._log(request, [self._person_of(row)], Action.VIEWED)

    def _log(self, request: HttpRequest, person_ids: Iterable[int], action: Action) -> None:
        look_record(request=request, person_ids=person_ids, action=action, what=str(self.opts.model_name))

    def _person_of(self, row: Any) -> int:
        return int(getattr(row, self.person_field))
