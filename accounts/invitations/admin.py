import base64
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.invitations import mails, people_file, services
from accounts.invitations.forms import InviteForm, UploadForm
from accounts.invitations.links_file import links_csv
from accounts.invitations.models import Invitation, State
from accounts.invitations.people_file import Line, UnreadableFile
from accounts.invitations.services import NewLink

TEMPLATES = "admin/accounts/invitation"
MOST_RENEWED = 200  # at once: each takes a query
SIGN_UP_STATES = {
    "open": _("Sign-up is open: everybody who reaches this service can create an account (SIGN_UP=open)."),
    "invited": _("Only invited people can create an account (SIGN_UP=invited)."),
    "closed": _("Nobody can sign up, not even with an invitation (SIGN_UP=closed)."),
}


class StateFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(State.choices)

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[Invitation]:
        value = self.value()
        invitations: QuerySet[Invitation] = queryset.in_state(value) if value in State.values else queryset
        return invitations


@admin.register(Invitation)
class InvitationAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Invitations are made, sent again and withdrawn here, but never edited. A link is shown once, if at all."""

    list_display = ("person", "name", "state_now", "invited_by", "invited_on", "valid_until", "used_by")
    list_display_links = None
    list_filter = (StateFilter, "language", "created_at")
    list_select_related = ("invited_by", "used_by")
    list_per_page = 100
    search_fields = ("username", "email", "first_name", "last_name", "invited_by__username")
    ordering = ("-pk",)
    actions = ("send_again", "withdraw")

    def has_change_permission(self, request: HttpRequest, obj: Invitation | None = None) -> bool:
        return obj is None and super().has_change_permission(request, obj)

    def get_urls(self) -> list[URLPattern]:
        upload = path("upload/", self.admin_site.admin_view(self.upload_view), name="accounts_invitation_upload")
        return [upload, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        context = {"title": self.opts.verbose_name_plural, "sign_up": SIGN_UP_STATES[settings.SIGN_UP]}
        return super().changelist_view(request, context | (extra_context or {}))

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        self._require_add(request)
        form = InviteForm(request.POST or None, initial={"language": request.LANGUAGE_CODE})
        if request.method == "POST" and form.is_valid():
            return self._invite(request, form.lines)
        return self._render(request, "form", _("Invite people"), form=form)

    def upload_view(self, request: HttpRequest) -> HttpResponse:
        """A file is uploaded; its lines are shown, checked; its text comes back, is checked again, and is used."""
        self._require_add(request)
        if request.method == "POST" and "text" in request.POST:
            return self._confirm(request, request.POST["text"])
        form = UploadForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            return self._preview(request, form.text, form.lines)
        return self._render(request, "form", _("Invite people from a file"), form=form)

    @admin.display(description=_("invited person"), ordering="username")
    def person(self, invitation: Invitation) -> Any:
        return invitation.username or _("whoever has the link")

    @admin.display(description=_("name"))
    def name(self, invitation: Invitation) -> str:
        return f"{invitation.first_name} {invitation.last_name}".strip()

    @admin.display(description=_("state"))
    def state_now(self, invitation: Invitation) -> Any:
        return invitation.state.label

    @admin.display(description=_("invited at"), ordering="created_at")
    def invited_on(self, invitation: Invitation) -> str:
        return _day(invitation.created_at)

    @admin.display(description=_("valid until"), ordering="expires_at")
    def valid_until(self, invitation: Invitation) -> str:
        return _day(invitation.expires_at)

    @admin.action(description=_("Send again, with a new link"), permissions=["change"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[Invitation]) -> HttpResponse | None:
        renewed = [services.renew(invitation=invitation) for invitation in queryset[:MOST_RENEWED]]
        links = [link for link in renewed if link]
        if links:
            return self._hand_over(request, links)
        self.message_user(request, _("None of these can be sent again: they are used or withdrawn."), messages.ERROR)
        return None

    @admin.action(description=_("Withdraw"), permissions=["change"])
    def withdraw(self, request: HttpRequest, queryset: QuerySet[Invitation]) -> None:
        count = services.withdraw(invitation_ids=queryset.values_list("pk", flat=True))
        text = ngettext("%(count)d invitation is withdrawn.", "%(count)d invitations are withdrawn.", count)
        self.message_user(request, text % {"count": count}, messages.SUCCESS if count else messages.WARNING)

    def _require_add(self, request: HttpRequest) -> None:
        if not self.has_add_permission(request):
            raise PermissionDenied

    def _confirm(self, request: HttpRequest, text: str) -> HttpResponse:
        try:
            lines = people_file.check_text(text)
        except UnreadableFile as error:
            self.message_user(request, str(error), messages.ERROR)
            return HttpResponseRedirect(request.path)
        good = [line for line in lines if not line.problem]
        # Somebody may have signed up or been invited since the lines were shown.
        if str(len(good)) != request.POST.get("expected"):
            self.message_user(request, _("Something has changed since. Look at the lines again."), messages.WARNING)
            return self._preview(request, text, lines)
        return self._invite(request, good)

    def _preview(self, request: HttpRequest, text: str, lines: Sequence[Line]) -> HttpResponse:
        count = sum(not line.problem for line in lines)
        title = _("Nobody is invited yet: look at the lines first")
        return self._render(request, "preview", title, lines=lines, text=text, count=count, refused=len(lines) - count)

    def _invite(self, request: HttpRequest, lines: Sequence[Line]) -> HttpResponse:
        user: Any = request.user
        return self._hand_over(request, services.invite(people=[line.person for line in lines], invited_by=user))

    def _hand_over(self, request: HttpRequest, links: list[NewLink]) -> HttpResponse:
        """Mail the links; those that cannot be mailed are shown, this once."""
        page = request.build_absolute_uri(reverse("page"))
        to_copy = mails.send(links, page=page)
        mailed = len(links) - len(to_copy)
        if mailed:
            text = ngettext("%(count)d mail is on its way.", "%(count)d mails are on their way.", mailed)
            self.message_user(request, text % {"count": mailed})
        if not to_copy:
            return HttpResponseRedirect(reverse("admin:accounts_invitation_changelist"))
        file = base64.b64encode(links_csv(to_copy, page=page).encode()).decode()
        shown = [(link.invitation, link.url(page)) for link in to_copy]
        title = _("Copy these links now: they are not shown again")
        return self._render(request, "links", title, links=shown, file=file, has_mail=bool(settings.EMAIL_URL))

    def _render(self, request: HttpRequest, name: str, title: Any, **context: Any) -> HttpResponse:
        form: Form | None = context.get("form")
        shared = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": title,
            "media": self.media + form.media if form else self.media,
        }
        return TemplateResponse(request, f"{TEMPLATES}/{name}.html", shared | context)


def _day(moment: datetime) -> str:
    """Short, so that the list fits beside its filters."""
    return date_format(timezone.localtime(moment), "SHORT_DATE_FORMAT")
