from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from accounts import checks  # noqa: F401 - registers the checks


class AdminConfig(admin_apps.AdminConfig):
    default = False  # AccountsConfig is this app's; this one replaces django.contrib.admin's
    default_site = "accounts.admin_site.AdminSite"
