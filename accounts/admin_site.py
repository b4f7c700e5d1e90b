"""The admin's login, which counts failures by address and by username."""

import math
from typing import Any

from django.contrib import admin
from django.contrib.admin.forms import AdminAuthenticationForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import ngettext

from common.http.throttling import FailureThrottle, TooManyAttempts, address_of, count_failures, password_failures


class LoginForm(AdminAuthenticationForm):
    wait_s = 0.0

    def clean(self) -> dict[str, Any]:
        by_address = FailureThrottle("admin_login", address_of(self.request))  # type: ignore[arg-type]
        by_name = password_failures(self.cleaned_data.get("username", ""))
        try:
            with count_failures(by_address, by_name, failure=ValidationError):
                return super().clean()
        except TooManyAttempts as error:
            self.wait_s = error.wait_s
            raise ValidationError(_too_many_message(math.ceil(error.wait_s / 60))) from None


class AdminSite(admin.AdminSite):
    site_header = site_title = "Pose Smart"
    login_form = LoginForm

    def get_urls(self) -> list[Any]:
        """Without the shortcut to a row's page outside the admin: no row has one, and a wrong id was an error 500."""
        return [pattern for pattern in super().get_urls() if getattr(pattern, "name", "") != "view_on_site"]

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        response = super().login(request, extra_context)
        wait_s = getattr(getattr(response, "context_data", {}).get("form"), "wait_s", 0.0)
        if wait_s:
            response.status_code = 429
            response["Retry-After"] = str(math.ceil(wait_s))
        return response


def _too_many_message(minutes: int) -> str:
    return ngettext(
        "Too many failed attempts. Try again in a minute.",
        "Too many failed attempts. Try again in %(minutes)d minutes.",
        minutes,
    ) % {"minutes": minutes}
