from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps
from django.utils.translation import gettext_lazy as _


class OfficeConfig(AppConfig):
    name = "office"
    default = True
    verbose_name = _("Office")

    def ready(self) -> None:
        from office import names

        names.apply()


class AdminConfig(admin_apps.AdminConfig):
    default = False  # OfficeConfig is this app's; this one replaces django.contrib.admin's
    default_site = "office.site.OfficeSite"
