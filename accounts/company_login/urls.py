"""Included only where a provider is configured."""

from django.urls import path

from accounts.company_login.views import CallbackView, CompanyLoginView, PersonView, StartView

urlpatterns = [
    path("", CompanyLoginView.as_view(), name="company-login"),
    path("person/", PersonView.as_view(), name="company-login-person"),
    path("start/", StartView.as_view(), name="company-login-start"),
    path("callback/", CallbackView.as_view(), name="company-login-callback"),
]
