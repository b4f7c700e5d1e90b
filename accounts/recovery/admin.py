from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _

from accounts import outbox
from accounts.audit.log import Action, staff_record
from accounts.models import User
from accounts.recovery import services

TEMPLATE = "admin/accounts/user/password_link.html"


class PasswordLinkAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """For the admin of users: a link with which somebody chooses a new password, so that no one else knows it.

    Who sees it could use it and read everything as that person: only owners are shown one. Others of the staff have it
    mailed to the person, whose address they cannot change.
    """

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.password_link_view)
        return [path("<int:user_id>/password-link/", view, name="accounts_user_password_link"), *super().get_urls()]

    def password_link_view(self, request: HttpRequest, user_id: int) -> HttpResponse:
        user = self.get_queryset(request).filter(pk=user_id).first()
        if user is None:
            raise Http404
        if not self.has_change_permission(request, user) or (user.is_superuser and not _is_superuser(request)):
            raise PermissionDenied
        address = outbox.first_address(user.email, user.username) if settings.EMAIL_URL else ""
        may_see = _is_superuser(request)
        if request.method != "POST" or not user.is_active:
            return self._render(request, user, address=address, may_see=may_see)
        if "mail" not in request.POST and not may_see:
            raise PermissionDenied
        staff_record(request=request, person_ids=[user.pk], action=Action.CHANGED, what="password_link")
        page = request.build_absolute_uri(reverse("page"))
        if "mail" not in request.POST:
            return self._render(request, user, address=address, link=services.link_of(user=user, page=page))
        return self._mail(request, user, address, page)

    def _mail(self, request: HttpRequest, user: User, address: str, page: str) -> HttpResponse:
        if address and services.link_mail(user=user, address=address, page=page):
            self.message_user(request, _("A mail to %(address)s is on its way.") % {"address": address})
        else:
            text = _("The mail could not be sent. An owner can make a link to hand over.")
            self.message_user(request, text, messages.ERROR)
        return HttpResponseRedirect(reverse("admin:accounts_user_change", args=[user.pk]))

    def _render(self, request: HttpRequest, user: User, **context: Any) -> HttpResponse:
        shared = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "media": self.media,
            "title": _("A new password for %(username)s") % {"username": user.username},
            "person": user,
            "minutes": settings.PASSWORD_RESET_TIMEOUT // 60,
        }
        return TemplateResponse(request, TEMPLATE, shared | context)


def _is_superuser(request: HttpRequest) -> bool:
    return bool(getattr(request.user, "is_superuser", False))
