"""The admin site: its first page, its policy, and the time zone of whoever reads it."""

from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.admin_site import AdminSite
from office.overview import overview

# Django's admin keeps to this by itself: no script, style or picture of another origin, and none inline.
POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


class OfficeSite(AdminSite):
    index_title = _("Overview")

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        inner = super().admin_view(view, cacheable)

        @wraps(inner)
        def in_readers_zone(request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
            with timezone.override(getattr(request.user, "zone", None)):
                return _rendered(inner(request, *args, **options))

        return in_readers_zone

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return _rendered(super().login(request, extra_context))

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """The overview, for those who may see people; for others, what they may do."""
        if not request.user.has_perm("accounts.view_user"):
            return super().index(request, extra_context)
        context = {**self.each_context(request), "title": self.index_title, "subtitle": None}
        context |= {"app_list": self.get_app_list(request), **overview(), **(extra_context or {})}
        request.current_app = self.name
        return TemplateResponse(request, "office/overview.html", context)


def _rendered(response: HttpResponse) -> HttpResponse:
    """With the policy, and written now: afterwards, the time zone is another one."""
    if isinstance(response, TemplateResponse):
        response.render()
    response.headers.setdefault("Content-Security-Policy", POLICY)
    return response
