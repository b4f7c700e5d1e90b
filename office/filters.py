"""What the list of people can be narrowed to."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from common import units
from detections.running import running_sessions

Choices = list[tuple[str, str]]
MB = 2**20


class ChoiceFilter(admin.SimpleListFilter):
    """A filter whose unknown values change nothing."""

    conditions: dict[str, Q] = {}

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        raise NotImplementedError

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        condition = self.condition(str(self.value()))
        return queryset if condition is None else queryset.filter(condition)

    def condition(self, value: str) -> Q | None:
        return self.conditions.get(value)


class SeenFilter(ChoiceFilter):
    title = gettext_lazy("last seen")
    parameter_name = "seen"
    days = {"1": 1, "7": 7, "30": 30}

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        for_days = [(key, _not_for(days)) for key, days in self.days.items()]
        return [*for_days, ("never", _("never"))]

    def condition(self, value: str) -> Q | None:
        """Not seen for so many days, of those who have had an account for as long."""
        if value == "never":
            return Q(figures__seen_at=None)
        if value not in self.days:
            return None
        since = timezone.now() - timedelta(days=self.days[value])
        return Q(date_joined__lt=since) & (Q(figures__seen_at=None) | Q(figures__seen_at__lt=since))


class RunningFilter(ChoiceFilter):
    title = gettext_lazy("session")
    parameter_name = "running"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return [("yes", _("running")), ("no", _("none"))]

    def condition(self, value: str) -> Q | None:
        running = Q(pk__in=running_sessions().values("user_id"))
        return {"yes": running, "no": ~running}.get(value)


class StorageFilter(ChoiceFilter):
    title = gettext_lazy("storage")
    parameter_name = "storage"
    megabytes = {"100": 100, "1024": 1024, "5120": 5120, "10240": 10_240}

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        over = [(key, _("over %(size)s") % {"size": units.size(size * MB)}) for key, size in self.megabytes.items()]
        return [("none", _("nothing")), *over]

    def condition(self, value: str) -> Q | None:
        if value == "none":
            return Q(figures__bytes=0) | Q(figures=None)
        return Q(figures__bytes__gt=self.megabytes[value] * MB) if value in self.megabytes else None


class StateFilter(ChoiceFilter):
    title = gettext_lazy("account")
    parameter_name = "state"
    conditions = {"active": Q(is_active=True), "off": Q(is_active=False)}

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return [("active", _("active")), ("off", _("deactivated"))]


class RoleFilter(ChoiceFilter):
    title = gettext_lazy("role")
    parameter_name = "role"
    conditions = {
        "user": Q(is_staff=False, is_superuser=False),
        "staff": Q(is_staff=True, is_superuser=False),
        "superuser": Q(is_superuser=True),
    }

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return [("user", _("no rights")), ("staff", _("staff")), ("superuser", _("all rights"))]


def _not_for(days: int) -> str:
    return ngettext("not for %(count)d day", "not for %(count)d days", days) % {"count": days}
