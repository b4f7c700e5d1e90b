from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DetectionsConfig(AppConfig):
    name = "detections"
    verbose_name = _("Monitoring")

    def ready(self) -> None:
        from detections import checks  # noqa: F401 - registers them
        from detections.sessions.finish import running_report
        from detections.sessions.quarters import running_quarter
        from reports import running

        running.register(running_report, running_quarter)
