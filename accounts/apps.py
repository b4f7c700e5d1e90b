from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        from accounts import checks, roles  # noqa: F401 - importing checks registers them

        # The groups need permissions, which Django makes after a migration, and of each app when it comes to it.
        post_migrate.connect(roles.roles_restore, dispatch_uid="accounts.roles")
