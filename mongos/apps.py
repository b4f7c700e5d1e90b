from django.apps import AppConfig


class MongosConfig(AppConfig):
    name = "mongos"
    verbose_name = "Frame archive"

    def ready(self) -> None:
        from mongos import checks  # noqa: F401 - registers the checks
