from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from accounts import checks  # noqa: F401 - registers them


class AdminConfig(admin_apps.AdminConfig):
    default = False  # Django takes AccountsConfig for this app; this one stands in place of its own admin's
    default_site = "accounts.admin_site.AdminSite"
