from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from accounts import checks, roles  # noqa: F401 - importing checks registers them

        # The groups need permissions, which Django makes after a migration, and of each app when it comes to it.
        post_migrate.connect(roles.roles_restore, dispatch_uid="accounts.roles")


class AdminConfig(admin_apps.AdminConfig):
    default = False  # AccountsConfig is this app's; this one replaces django.contrib.admin's
    default_site = "accounts.admin_site.AdminSite"
