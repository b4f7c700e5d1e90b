"""The list of people, and what the staff can do to several of them: confirmed, logged, and undone where it can be."""

import dataclasses
import time
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.admin import EnrolledFilter
from accounts.audit.log import staff_record
from accounts.models import User
from common import units
from office import erasing, filters
from office.actions import ACTIONS, BY_NAME, MAX_PEOPLE, Action, Outcome, Undo
from office.columns import PeopleColumns, PeopleList, mark_running
from personal_data.admin import ErasingUserAdmin

UNDO_KEY, ERASING_KEY = "office_undo", "office_erasing"  # in the staff's session
UNDO_FOR_S = 3600
NAMES_SHOWN = 12
LONG_TIMES = ("stretching_time", "rest_time")


class PeopleAdmin(PeopleColumns, ErasingUserAdmin):
    list_display = ("username", "full_name", "seen", "running", "state", "choice", "storage", "pictures")
    list_filter = (
        *(filters.SeenFilter, filters.RunningFilter, filters.StateFilter, filters.RoleFilter),
        *(filters.StorageFilter, "privacy", EnrolledFilter),
    )
    list_per_page = 50
    show_full_result_count = False  # a second COUNT
    show_facets = admin.ShowFacets.NEVER  # one COUNT for each choice of each filter
    search_fields = ("username", "first_name", "last_name", "email")
    ordering = ("username",)
    change_list_template = "office/people.html"
    delete_confirmation_template = "office/erase_one.html"
    actions = [action.name for action in ACTIONS]

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).select_related("figures")

    def get_object(self, request: HttpRequest, *args: Any, **options: Any) -> User | None:
        user: User | None = super().get_object(request, *args, **options)
        if user:
            mark_running([user])
        return user

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        return (*super().get_readonly_fields(request, obj), "seen", "running", "storage")

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        return [*fieldsets, (_("Use"), {"fields": ("seen", "running", "storage")})] if obj else fieldsets

    def get_form(self, request: HttpRequest, obj: User | None = None, change: bool = False, **options: Any) -> Any:
        """With the long times of alarms in words, too."""
        form = super().get_form(request, obj, change=change, **options)
        for name in LONG_TIMES if obj else ():
            if field := form.base_fields.get(name):
                field.help_text = _("seconds; now %(time)s") % {"time": units.duration(getattr(obj, name))}
        return form

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return PeopleList

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        allowed = {"change": self.has_change_permission(request), "delete": self.has_delete_permission(request)}
        return {
            action.name: (_caller(action), action.name, action.label)
            for action in ACTIONS
            if allowed[action.permission]
        }

    def get_urls(self) -> list[Any]:
        own = [
            path("undo/", self.admin_site.admin_view(self.undo_view), name="office_undo"),
            path("erasing/", self.admin_site.admin_view(self.erasing_view), name="office_erasing"),
        ]
        return own + super().get_urls()

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """No list of all rows of theirs: the template tells what goes, in numbers."""
        refused = {self.opts.verbose_name for user in objs if not self.has_delete_permission(request, user)}
        return [], {}, refused, []

    def changelist_view(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        extra = {"undo": _undo_of(request), **(options.pop("extra_context", None) or {})}
        return super().changelist_view(request, *args, extra_context=extra, **options)

    def render_delete_form(self, request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
        return super().render_delete_form(request, {**context, "losses": erasing.losses_of([context["object"].pk])})

    def undo_view(self, request: HttpRequest) -> HttpResponse:
        undo = _undo_of(request)
        if request.method != "POST" or not self.has_change_permission(request):
            raise PermissionDenied
        if undo is None:
            messages.warning(request, _("There is nothing left to take back."))
        else:
            del request.session[UNDO_KEY]
            reachable = set(self._reachable(request, User.objects.filter(pk__in=undo.user_ids)))
            undo = Undo(undo.action, [pk for pk in undo.user_ids if pk in reachable], undo.before)
            changed = undo.run()
            staff_record(
                request=request, person_ids=changed, action=BY_NAME["activate"].look, what=str(self.opts.model_name)
            )
            message = ngettext(
                "It is taken back for %(count)d person.", "It is taken back for %(count)d people.", len(changed)
            )
            messages.success(request, message % {"count": len(changed)})
        return HttpResponseRedirect(reverse("admin:accounts_user_changelist"))

    def erasing_view(self, request: HttpRequest) -> HttpResponse:
        """How far the last erasure has come; reloaded until it is done."""
        if not self.has_delete_permission(request):
            raise PermissionDenied
        order = request.session.get(ERASING_KEY)
        context = {**self.admin_site.each_context(request), "title": _("Erasing"), "opts": self.opts, "order": order}
        if order:
            progress = erasing.progress_of(order["user_ids"])
            total = len(order["user_ids"])
            done = total - progress.waiting - progress.with_pictures
            context |= {"progress": progress, "total": total, "done": done}
        return TemplateResponse(request, "office/erasing.html", context)

    def act(self, request: HttpRequest, users: QuerySet[User], action: Action) -> HttpResponse | None:
        """Confirm an action, or carry it out once that was done."""
        chosen = list(users.select_related(None).order_by("username")[: MAX_PEOPLE + 1])
        if len(chosen) > MAX_PEOPLE:
            messages.error(request, _("Choose at most %(count)d people at once.") % {"count": MAX_PEOPLE})
            return None
        reachable = set(self._reachable(request, users)) - (set() if action.includes_self else {request.user.pk})
        concerned = [user for user in chosen if user.pk in reachable]
        is_confirmed = "post" in request.POST
        form = action.form(request.POST if is_confirmed else None) if action.form else None
        if not concerned or not is_confirmed or (form and not form.is_valid()):
            return self._confirmation(request, action, concerned, len(chosen) - len(concerned), form)
        return self._carry_out(request, action, concerned, form.cleaned_data if form else {})

    def _carry_out(
        self, request: HttpRequest, action: Action, users: list[User], values: dict[str, Any]
    ) -> HttpResponse | None:
        if action.is_final:
            return self._erase(request, action, users)
        outcome = action.run(users, values)
        staff_record(request=request, person_ids=outcome.changed, action=action.look, what=action.what)
        messages.success(request, action.message_for(len(outcome.changed)))
        self._remember(request, outcome)
        return None

    def _erase(self, request: HttpRequest, action: Action, users: list[User]) -> HttpResponse:
        keys = [user.pk for user in users]
        losses = dataclasses.asdict(erasing.losses_of(keys))
        self.log_deletions(request, User.objects.filter(pk__in=keys))  # before: the log goes with its person
        action.run(users, {})
        request.session[ERASING_KEY] = {"user_ids": keys, "losses": losses}
        return HttpResponseRedirect(reverse("admin:office_erasing"))

    def _confirmation(
        self, request: HttpRequest, action: Action, users: list[User], left_out: int, form: Any
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": action.title_for(len(users)),
            "opts": self.opts,
            "action": action,
            "names": [user.username for user in users[:NAMES_SHOWN]],
            "more": max(0, len(users) - NAMES_SHOWN),
            "left_out": left_out,
            "selected": request.POST.getlist(ACTION_CHECKBOX_NAME),
            "select_across": request.POST.get("select_across", "0"),
            "checkbox_name": ACTION_CHECKBOX_NAME,
            "form": form,
            "can_run": bool(users),
            "losses": erasing.losses_of([user.pk for user in users]) if action.is_final else None,
        }
        return TemplateResponse(request, "office/confirm.html", context)

    def _remember(self, request: HttpRequest, outcome: Outcome) -> None:
        request.session.pop(UNDO_KEY, None)
        if outcome.undo and outcome.changed:
            undo = {"action": outcome.undo, "user_ids": outcome.changed, "before": outcome.before}
            request.session[UNDO_KEY] = {**undo, "until": time.time() + UNDO_FOR_S}

    def _reachable(self, request: HttpRequest, users: QuerySet[User]) -> list[int]:
        """The keys of those whom the asker may change: see UserAdmin."""
        rows = users.order_by().values_list("pk", "is_staff", "is_superuser")
        is_superuser = bool(getattr(request.user, "is_superuser", False))
        return [
            pk for pk, staff, superuser in rows if is_superuser or pk == request.user.pk or not (staff or superuser)
        ]


def _undo_of(request: HttpRequest) -> Undo | None:
    kept = request.session.get(UNDO_KEY)
    if not kept or kept["until"] < time.time():
        return None
    return Undo(kept["action"], kept["user_ids"], kept["before"])


def _caller(action: Action) -> Any:
    """As Django calls actions."""

    def call(model_admin: PeopleAdmin, request: HttpRequest, users: QuerySet[User]) -> HttpResponse | None:
        return model_admin.act(request, users, action)

    return call
