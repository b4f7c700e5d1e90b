"""The URLs of a service with a company login; accounts/urls.py decides when it is imported."""

from django.urls import include, path

from posesmart import urls

urlpatterns = [path("api/accounts/company-login/", include("accounts.company_login.urls")), *urls.urlpatterns]
handler400, handler404, handler500 = urls.handler400, urls.handler404, urls.handler500
