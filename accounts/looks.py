"""What the admin site writes to the audit log: who of the staff opened, changed or deleted a person's rows."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse

from accounts.audit.log import Action, staff_record

RIGHTS_LABELS = frozenset({"Staff status", "Superuser status", "Groups", "User permissions"})


class LoggedAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """A base for rows that belong to a person: what is shown of one person, changed or deleted is logged.

    What is shown is logged before it is sent, so that nothing is seen without it.
    """

    person_field = "user_id"
    logs_lists_of_several = False

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """Of other tables' rows a list says nothing: ?reports__gte=900 would tell who was at the desk of late."""
        name = lookup.partition("__")[0]
        own = {name for field in self.opts.concrete_fields for name in (field.name, field.attname)}
        filtered = {getattr(entry, "parameter_name", entry) for entry in self.get_list_filter(request)}
        return name in own | filtered and super().lookup_allowed(lookup, value, request)

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
        """A list that shows one person alone, as a search for a name does, is a look at them; some always are."""
        response = super().changelist_view(request, *args, **options)
        shown = getattr(response, "context_data", {}).get("cl")
        people = {self._person_of(row) for row in shown.result_list} if shown else set()
        if len(people) == 1 or self.logs_lists_of_several:
            self._log(request, people, Action.VIEWED)
        return response

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        fields = _changed_fields(message)
        what = "role" if RIGHTS_LABELS & set(fields) else str(self.opts.model_name)
        staff_record(
            request=request,
            person_ids=[self._person_of(obj)],
            action=Action.CHANGED,
            what=what,
            detail=", ".join(fields),
        )
        return super().log_change(request, obj, message)

    def log_deletions(self, request: HttpRequest, queryset: QuerySet[Any]) -> Any:
        self._log(request, map(self._person_of, queryset), Action.DELETED)
        return super().log_deletions(request, queryset)

    def _log_view(self, request: HttpRequest, object_id: str) -> None:
        row = self.get_object(request, unquote(object_id)) if request.method == "GET" else None
        if row is not None and self.has_view_or_change_permission(request, row):
            self._log(request, [self._person_of(row)], Action.VIEWED)

    def _log(self, request: HttpRequest, person_ids: Iterable[int], action: Action) -> None:
        staff_record(request=request, person_ids=person_ids, action=action, what=str(self.opts.model_name))

    def _person_of(self, row: Any) -> int:
        return int(getattr(row, self.person_field))


def _changed_fields(message: Any) -> list[str]:
    """The labels of the fields that a change touched, in English; never their values."""
    parts = message if isinstance(message, list) else []
    return [str(label) for part in parts for label in part.get("changed", {}).get("fields", [])]
