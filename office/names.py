"""What the admin calls the rows of other packages, in the reader's language.

Not in their Meta: a name on a page is worth no migration.
"""

from django.apps import apps
from django.utils.translation import gettext_lazy as _

NAMES = {
    "accounts.User": (_("person"), _("people")),
    "detections.Session": (_("session"), _("sessions")),
    "reports.Report": (_("report"), _("reports")),
}


def apply() -> None:
    for label, (one, many) in NAMES.items():
        options = apps.get_model(label)._meta
        options.verbose_name, options.verbose_name_plural = one, many
